/* command_revocation.c - taking certificates back: one's own, any for staff,
 * and by whoever holds the certified key. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/text.h"

#define SIGNATURE_MAX 4096	/* bytes, with base64 */
#define PEEK_MS 400		/* for a signature that is on its way */

static bool
unseen_any(const struct console *c)
{
	return c->me.revoked_unseen > 0 &&
	    op_allows(OP_revocation_seen, c->me.account.role);
}

void
unseen_done(struct console *c)
{
	struct seen seen = { .revoked = c->me.revoked_unseen };
	struct none nothing = { 0 };

	if (unseen_any(c) &&
	    ask_revocation_seen(c->line, &seen, &nothing, NULL) == 0)
		c->me.revoked_unseen = 0;
}

void
unseen_tell(struct console *c)
{
	if (!unseen_any(c))
		return;
	say(&c->out, "Revoked since you were told last: %lld of your certificates; to see them: list --state revoked",
	    (long long)c->me.revoked_unseen);
	unseen_done(c);
}

/* ---- what came of it ---- */

static void
print_same_key(struct call *call, const struct revocation *r, bool all,
    const char *again)
{
	struct output *o = &call->c->out;

	if (r->n_same_key == 0)
		return;
	for (size_t i = 0; i < r->n_same_key; i++) {
		const struct certificate_row *c = &r->same_key[i];

		say(o, "Same key: certificate %s%s%s, for %s, %s.",
		    c->serial, c->account[0] ? " of " : "", c->account,
		    c->first, word_of(&certificate_state_words, c->state));
	}
	if (all)
		say(o, "%lld certificates with the same key were revoked too.",
		    (long long)r->revoked_too);
	else
		say(o, "%zu good certificates have the same key; to revoke them too: %s",
		    r->n_same_key, again);
}

static void
print_revoked(struct call *call, const struct revocation *r)
{
	struct output *o = &call->c->out;

	if (r->state == REVOCATION_EFFECTIVE)
		say(o, "The certificate %s is revoked (revocation %lld, %s); OCSP and the next CRL say so.",
		    r->serial, (long long)r->number,
		    word_of(&reason_words, r->reason));
	else
		say(o, "The revocation %lld of certificate %s is %s.",
		    (long long)r->number, r->serial,
		    word_of(&revocation_state_words, r->state));
}

int
reason_take(struct call *call, enum role role, const char *typed)
{
	const struct choice *list;
	char words[256] = "";
	size_t many, used = 0;
	int reason = reason_parse(role, typed);

	if (reason >= 0)
		return reason;
	list = reason_choices(role, &many);
	for (size_t i = 0; i < many; i++)
		used += (size_t)snprintf(words + used, sizeof words - used,
		    "%s%s", i ? ", " : "", list[i].word);
	return call_usage(call, "'%.64s' is no reason that may be given here; one of: %s",
	    typed, words);
}

int
command_revoke(struct call *call)
{
	struct revocation_new n = { 0 };
	struct revocation r = { 0 };
	int reason = reason_take(call, call->c->me.account.role,
	    call->args[1]);
	char again[256];

	if (reason < 0)
		return -1;
	n.reason = (enum reason)reason;
	n.all_with_key = call_option(call, "--all-with-key") != NULL;
	if (call_ref(call, 0, n.ref, sizeof n.ref) < 0 ||
	    ask_revocation_add(call->c->line, &n, &r, &call->err) < 0)
		return -1;
	if (!call_json(call, &r)) {
		snprintf(again, sizeof again, "revoke %s %s --all-with-key",
		    n.ref, word_of(&reason_words, n.reason));
		print_revoked(call, &r);
		print_same_key(call, &r, n.all_with_key, again);
	}
	NOUN_CLEAR(revocation, &r);
	return 0;
}

/* ---- by the key ---- */

/* Does something stand on standard input?  Its end alone is nothing. */
static bool
input_waits(struct console *c)
{
	struct pollfd p = { .fd = c->in->fd, .events = POLLIN };
	int n;

	if (c->dialogue || c->in->terminal)
		return false;
	do
		n = poll(&p, 1, PEEK_MS);
	while (n < 0 && errno == EINTR);
	return n > 0 && (p.revents & POLLIN) != 0;
}

static int
signature_refuse(struct call *call, const char *why)
{
	return err_set(&call->err, ERR_BAD_INPUT, "key-proof-form", "%s", why);
}

/* 1 there is one, 0 the input was empty, -1. */
static int
signature_take(struct call *call, struct blob *out)
{
	struct console *c = call->c;
	char line[SIGNATURE_MAX];
	struct err why = { 0 };

	if (c->dialogue) {
		if (typing_line(c->in, "Signature, base64 in one line: ",
		    line, sizeof line) <= 0)
			return signature_refuse(call,
			    "no signature was given; nothing was sent");
		blob_set(out, line, strlen(line));
	} else if (csr_collect(c->in->fd, c->in->terminal, out, &why) < 0) {
		return strcmp(why.clause, "csr-size") != 0 ? 0 :
		    signature_refuse(call,
		    "that is too long for a signature; nothing was sent");
	}
	if (out->size > 0 && memmem(out->data, out->size, "PRIVATE KEY",
	    11) != NULL) {
		secret_wipe(out->data, out->size);
		return signature_refuse(call,
		    "that is a private key; it was not sent: send what openssl dgst -sha256 -sign KEY.pem challenge.txt writes");
	}
	if (out->size > SIGNATURE_MAX)
		return signature_refuse(call,
		    "that is too long for a signature; nothing was sent");
	return out->size > 0;
}

/* Step 1: the text on stdout, what to do with it on stderr. */
static int
challenge_give(struct call *call, const char *serial)
{
	struct output *o = &call->c->out;
	struct text text = { 0 };
	struct ref r = { 0 };
	char first[512], second[512];

	str_copy(r.ref, sizeof r.ref, serial);
	if (ask_revocation_challenge(call->c->line, &r, &text,
	    &call->err) < 0)
		return -1;
	if (call->json) {
		json_answer(o, call->command->name, &text_shape, &text);
	} else {
		exec_line(first, sizeof first, &call->c->me, "revoke-by-key",
		    serial, NULL);
		exec_line(second, sizeof second, &call->c->me,
		    "revoke-by-key", serial, "--answer", NULL);
		out_lines(o, text.text.data, text.text.size);
		say(o, "Sign this line with the certificate's private key within 10 minutes. In a shell, where KEY.pem is that key:");
		say(o, "    %s > challenge.txt", first);
		say(o, "    openssl dgst -sha256 -sign KEY.pem challenge.txt | %s",
		    second);
		say(o, "The reason is keyCompromise; for another one add, as an example: --reason superseded");
	}
	NOUN_CLEAR(text, &text);
	return 0;
}

/* Step 2: the signature from stdin. */
static int
signature_give(struct call *call, struct revocation_proof *p)
{
	struct revocation r = { 0 };
	char again[160];
	int done = ask_revocation_prove(call->c->line, p, &r, &call->err);

	if (done == 0 && !call_json(call, &r)) {
		snprintf(again, sizeof again,
		    "revoke-by-key SERIAL for each, or --all-with-key at once");
		print_revoked(call, &r);
		print_same_key(call, &r, p->all_with_key, again);
	}
	NOUN_CLEAR(revocation, &r);
	return done;
}

int
command_revoke_by_key(struct call *call)
{
	const char *reason = call_option(call, "--reason");
	bool answer = call_option(call, "--answer") != NULL;
	struct revocation_proof p = { .reason = REASON_KEY_COMPROMISE };
	int r;

	if (call_ref(call, 0, p.serial, sizeof p.serial) < 0)
		return -1;
	if (reason != NULL) {
		if ((r = reason_take(call, ROLE_MEMBER, reason)) < 0)
			return -1;
		p.reason = (enum reason)r;
	}
	p.all_with_key = call_option(call, "--all-with-key") != NULL;
	if (!answer && !input_waits(call->c))
		return challenge_give(call, p.serial);
	r = signature_take(call, &p.signature);
	if (r == 0 && answer)
		r = signature_refuse(call,
		    "no signature came on standard input; nothing was sent");
	else if (r == 0)
		r = challenge_give(call, p.serial);
	else if (r > 0)
		r = signature_give(call, &p);
	NOUN_CLEAR(revocation_proof, &p);
	return r;
}
