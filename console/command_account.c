/* command_account.c - registering, who one is, keys and the agreement. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/clock.h"
#include "core/base/text.h"

/* The same from standard input, or the dialogue: its first line. */
static int
key_from_input(struct call *call, char *dst, size_t size)
{
	struct console *c = call->c;
	struct blob in = { 0 };
	size_t len;
	bool more;

	if (c->dialogue) {
		if (typing_line(c->in, "Public key, one line, as in id_ed25519.pub: ",
		    dst, size) <= 0)
			return err_set(&call->err, ERR_BAD_INPUT,
			    "interrupted", "no key was given; nothing was sent");
		return 0;
	}
	if (csr_collect(c->in->fd, c->in->terminal, &in, NULL) < 0)
		return call_usage(call, "no key came: give it in the line, or on standard input (< ~/.ssh/id_ed25519.pub)");
	for (len = 0; len < in.size && in.data[len] != '\n'; len++)
		;
	if (len >= size || memchr(in.data, '\0', len) != NULL) {
		blob_clear(&in);
		return err_set(&call->err, ERR_BAD_INPUT, "key-form",
		    "that is no line of a public key file (ssh-ed25519 AAAA... name); nothing was sent");
	}
	memcpy(dst, in.data, len);
	dst[len] = '\0';
	while (len < in.size && strchr(" \t\r\n", in.data[len]) != NULL &&
	    in.data[len] != '\0')
		len++;
	more = len < in.size && strncmp(dst, "-----BEGIN", 10) != 0;
	blob_clear(&in);
	if (more)
		return err_set(&call->err, ERR_BAD_INPUT, "key-form",
		    "more than one line came: add one key at a time; nothing was sent");
	return 0;
}

int
command_register(struct call *call)
{
	struct agreement agreement = { 0 };
	struct registration r = { 0 };
	struct none nothing = { 0 };

	if (call_ref(call, 0, r.name, sizeof r.name) < 0 ||
	    call_ref(call, 1, r.email, sizeof r.email) < 0)
		return -1;
	if (ask_agreement_get(call->c->line, &nothing, &agreement,
	    &call->err) < 0)
		return -1;
	str_copy(r.agreement, sizeof r.agreement, agreement.version);
	NOUN_CLEAR(agreement, &agreement);
	if (call->c->me.account.role == ROLE_WEBSITE &&
	    key_from_input(call, r.line, sizeof r.line) < 0)
		return -1;
	if (strstr(r.line, "PRIVATE KEY") != NULL) {
		secret_wipe(&r, sizeof r);
		return err_set(&call->err, ERR_REFUSED, "key-private",
		    "that is a private key; it was not sent: give the file that ends in .pub");
	}
	if (ask_account_register(call->c->line, &r, &nothing, &call->err) < 0)
		return -1;
	if (call_json(call, &nothing))
		return 0;
	say(&call->c->out, "You accepted the member agreement, version %s.",
	    r.agreement);
	say(&call->c->out, "A letter with a code goes to %s.", r.email);
	say(&call->c->out, "When it has come: confirm %s CODE", r.name);
	return 0;
}

int
command_confirm(struct call *call)
{
	struct confirmation k = { 0 };
	struct account a = { 0 };

	if (call_ref(call, 0, k.name, sizeof k.name) < 0 ||
	    call_ref(call, 1, k.code, sizeof k.code) < 0)
		return -1;
	if (ask_account_confirm(call->c->line, &k, &a, &call->err) < 0)
		return -1;
	if (call_json(call, &a))
		return 0;
	say(&call->c->out, "The account %s is %s, and the key of this session opens it.",
	    a.name, word_of(&account_state_words, a.state));
	say(&call->c->out, "From now on: %s %s@%s",
	    call->c->me.ssh[0] ? call->c->me.ssh : "ssh", a.name,
	    call->c->me.service);
	say(&call->c->out, "The first step there: domain add DOMAIN");
	return 0;
}

int
command_whoami(struct call *call)
{
	struct output *o = &call->c->out;
	struct none nothing = { 0 };
	struct whoami w = { 0 };
	char line[512], when[WHEN_SIZE];

	if (ask_whoami(call->c->line, &nothing, &w, &call->err) < 0)
		return -1;
	call->c->me = w;
	if (call_json(call, &w))
		return 0;
	out_fact(o, "Name", "%s", w.account.role == ROLE_GUEST ?
	    "guest, without an account" : w.account.name);
	out_fact(o, "Role", "%s", word_of(&role_words, w.account.role));
	if (w.account.role != ROLE_GUEST) {
		out_fact(o, "State", "%s",
		    word_of(&account_state_words, w.account.state));
		out_fact(o, "Mail", "%s", w.account.email);
		time_both(when, w.account.last_login, w.now);
		out_fact(o, "Last login", "%s", w.account.last_login != 0 ?
		    when : "this is the first");
		out_fact(o, "Agreement", "%s", w.account.agreement[0] ?
		    w.account.agreement : "not accepted");
		out_fact(o, "Domains proven", "%lld",
		    (long long)w.account.domains);
		out_fact(o, "Certificates good", "%lld",
		    (long long)w.account.certificates);
	}
	out_fact(o, "Key", "%s %s", w.key.fingerprint, w.key.type);
	out_fact(o, "Service", "%s", w.service);
	unseen_tell(call->c);
	w.revoked_unseen = 0;
	for (unsigned i = 0; greeting_line(line, sizeof line, &w, i); i++)
		say(o, "%s.", line);
	return 0;
}

int
command_agreement(struct call *call)
{
	struct none nothing = { 0 };
	struct agreement a = { 0 };
	struct ref version = { 0 };

	if (ask_agreement_get(call->c->line, &nothing, &a, &call->err) < 0)
		return -1;
	if (call_option(call, "--accept") != NULL) {
		enum role role = call->c->me.account.role;

		if (!op_allows(OP_agreement_accept, role)) {
			NOUN_CLEAR(agreement, &a);
			return err_set(&call->err, ERR_REFUSED, "role", "%s",
			    role == ROLE_GUEST ?
			    "a guest accepts it with: register NAME EMAIL --accept" :
			    "only who may hold certificates accepts the agreement");
		}
		str_copy(version.ref, sizeof version.ref, a.version);
		if (ask_agreement_accept(call->c->line, &version, &nothing,
		    &call->err) < 0) {
			NOUN_CLEAR(agreement, &a);
			return -1;
		}
		str_copy(a.accepted, sizeof a.accepted, a.version);
		str_copy(call->c->me.account.agreement,
		    sizeof call->c->me.account.agreement, a.version);
	}
	if (!call_json(call, &a)) {
		if (call_option(call, "--accept") == NULL)
			out_lines(&call->c->out, a.text.data, a.text.size);
		if (strcmp(a.accepted, a.version) == 0)
			say(&call->c->out, "Version %s, accepted by you.",
			    a.version);
		else
			say(&call->c->out, "Version %s, not accepted by you yet; to accept it: %s",
			    a.version, call->c->me.account.role == ROLE_GUEST ?
			    "register NAME EMAIL --accept" :
			    "agreement --accept");
	}
	NOUN_CLEAR(agreement, &a);
	return 0;
}

int
command_key_list(struct call *call)
{
	struct none nothing = { 0 };
	struct key_list list = { 0 };
	struct table t;

	if (ask_key_list(call->c->line, &nothing, &list, &call->err) < 0)
		return -1;
	if (!call_json(call, &list)) {
		table_init(&t, 6, "NUMBER", "TYPE", "FINGERPRINT", "NAME",
		    "ADDED", "LAST USED");
		for (size_t i = 0; i < list.n_rows; i++) {
			const struct key *k = &list.rows[i];
			char number[24], added[11], used[WHEN_SIZE];

			snprintf(number, sizeof number, "%lld",
			    (long long)k->number);
			time_date(added, k->added);
			time_relative(used, k->last_used, clock_now());
			table_add(&t, number, k->type, k->fingerprint,
			    k->name, added, used);
		}
		table_print(&call->c->out, &t);
	}
	NOUN_CLEAR(key_list, &list);
	return 0;
}

/* The key's line from the words of the command. */
static int
key_from_words(struct call *call, char *dst, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < call->n_args; i++) {
		len += (size_t)snprintf(dst + len, len < size ? size - len : 0,
		    "%s%s", i ? " " : "", call->args[i]);
		if (len >= size)
			return call_usage(call, "the key is too long: %zu bytes are the most",
			    size - 1);
	}
	return 0;
}

int
command_key_add(struct call *call)
{
	const char *name = call_option(call, "--name");
	struct key_new k = { 0 };
	struct key added = { 0 };

	if (call->n_args > 0 ?
	    key_from_words(call, k.line, sizeof k.line) < 0 :
	    key_from_input(call, k.line, sizeof k.line) < 0)
		return -1;
	if (strstr(k.line, "PRIVATE KEY") != NULL) {
		secret_wipe(&k, sizeof k);
		return err_set(&call->err, ERR_REFUSED, "key-private",
		    "that is a private key; it was not sent: give the file that ends in .pub");
	}
	if (name != NULL && !str_copy(k.name, sizeof k.name, name))
		return call_usage(call, "--name takes at most %zu bytes",
		    sizeof k.name - 1);
	if (ask_key_add(call->c->line, &k, &added, &call->err) < 0)
		return -1;
	if (!call_json(call, &added))
		say(&call->c->out, "Added key %lld, %s %s; it opens this account from now on.",
		    (long long)added.number, added.type, added.fingerprint);
	return 0;
}

int
command_key_remove(struct call *call)
{
	struct none nothing = { 0 };
	struct ref r = { 0 };

	if (call_ref(call, 0, r.ref, sizeof r.ref) < 0 ||
	    ask_key_remove(call->c->line, &r, &nothing, &call->err) < 0)
		return -1;
	if (!call_json(call, &nothing))
		say(&call->c->out, "Removed key %s; it opens nothing here any more.",
		    r.ref);
	return 0;
}
