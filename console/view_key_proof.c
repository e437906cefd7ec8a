/* view_key_proof.c - revoking a certificate by its private key, account or
 * not: the text to sign, one command, the signature, a yes in words. */
#include <stdio.h>
#include <string.h>

#include "console/steps.h"
#include "core/base/text.h"

enum stage { STAGE_SERIAL, STAGE_SIGN, STAGE_DONE };
enum { IN_SIGNATURE, IN_REASON, IN_ALL };

#define KEY_COPY 25		/* ^Y: letters are text while one types */
#define KEY_PLAIN 16		/* ^P */

struct state {
	struct steps steps;		/* must stand first */
	enum stage stage;
	struct form serial, answer;
	struct text challenge;
	struct revocation done;
	char command[1024];
};

static void
serial_stage(struct ui *ui, struct state *st)
{
	struct pager *p = &st->steps.page;

	(void)ui;
	pager_text(p, LOOK_STRONG, "Revoke a certificate by its key");
	pager_text(p, LOOK_PLAIN,
	    "You hold the private key of a certificate of this authority, yours or one that you found? Whoever can sign with it may revoke it. No account is needed, and the key never leaves your hands: you sign a line of text that comes next.");
	pager_gap(p);
	pager_text(p, LOOK_DIM, "Its serial:  openssl x509 -in cert.pem -noout -serial");
}

static void
sign_stage(struct state *st)
{
	struct pager *p = &st->steps.page;

	pager_text(p, LOOK_STRONG, "Sign this line within 10 minutes");
	pager_lines(p, LOOK_PLAIN, st->challenge.text.data,
	    st->challenge.text.size);
	pager_gap(p);
	pager_text(p, LOOK_PLAIN, "In a shell, where KEY.pem is the private key; ^Y copies it, ^P shows it without frames:");
	pager_text(p, LOOK_KEY, "%s", st->command);
}

static void
done_stage(struct state *st)
{
	const struct revocation *r = &st->done;
	struct pager *p = &st->steps.page;
	bool over = r->state == REVOCATION_EFFECTIVE;

	pager_text(p, over ? LOOK_GOOD : LOOK_WARN, over ?
	    "%s Revoked." : "%s The revocation is noted.", over ?
	    sign(SIGN_DONE) : sign(SIGN_NOW));
	pager_gap(p);
	pager_field(p, "certificate", LOOK_PLAIN, "%s", r->serial);
	pager_field(p, "reason", LOOK_PLAIN, "%s",
	    word_of(&reason_words, r->reason));
	pager_field(p, "revocation", LOOK_PLAIN, "%lld, %s",
	    (long long)r->number, word_of(&revocation_state_words,
	    r->state));
	pager_gap(p);
	if (over)
		pager_text(p, LOOK_PLAIN,
		    "OCSP and the next CRL say so; its member is told by mail.");
	if (r->revoked_too > 0)
		pager_text(p, LOOK_WARN, "%lld more with the same key were revoked too.",
		    (long long)r->revoked_too);
	else if (r->n_same_key > 0)
		pager_head(p, "Good certificates that have the same key");
	for (size_t i = 0; i < r->n_same_key; i++)
		pager_item(p, sign(SIGN_BULLET), LOOK_PLAIN, "%s for %s, %s",
		    r->same_key[i].serial, r->same_key[i].first,
		    word_of(&certificate_state_words, r->same_key[i].state));
}

static void challenge_ask(struct ui *ui, void *state);
static void revoke_ask(struct ui *ui, void *state);

static void
stage_set(struct ui *ui, struct state *st, enum stage stage)
{
	st->stage = stage;
	st->steps.form = stage == STAGE_SERIAL ? &st->serial :
	    stage == STAGE_SIGN ? &st->answer : NULL;
	st->steps.go = stage == STAGE_SERIAL ? challenge_ask : revoke_ask;
	pager_clear(&st->steps.page);
	if (stage == STAGE_SERIAL)
		serial_stage(ui, st);
	else if (stage == STAGE_SIGN)
		sign_stage(st);
	else
		done_stage(st);
	ui->dirty = true;
}

static int
key_proof_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;
	const struct choice *reasons;
	size_t n, at = 0;

	(void)e;
	form_line(&st->serial, "Serial", "in hex, with or without colons", 128);
	edit_set(&st->serial.inputs[0].edit, ref);
	st->serial.go = "Give me a text to sign";
	reasons = reason_choices(ROLE_MEMBER, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(reasons[i].word,
		    word_of(&reason_words, REASON_KEY_COMPROMISE)) == 0)
			at = i;
	form_line(&st->answer, "Signature",
	    "paste what the command printed", EDIT_MAX - 1);
	form_choice(&st->answer, "Reason", reasons, n, at);
	form_tick(&st->answer, "Others too",
	    "every good certificate that has this key", false);
	st->answer.go = "Go on";
	stage_set(ui, st, STAGE_SERIAL);
	return 0;
}

/* ---- what is sent ---- */

static void
challenge_ask(struct ui *ui, void *state)
{
	struct state *st = state;
	struct text new = { 0 };
	struct ref r = { 0 };
	struct err e = { 0 };
	size_t n;

	if (!str_copy(r.ref, sizeof r.ref, form_text(&st->serial, 0)) ||
	    r.ref[0] == '\0') {
		ui_say(ui, LOOK_WARN, "Please type the serial first.");
		return;
	}
	if (ask_revocation_challenge(ui->line, &r, &new, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	NOUN_CLEAR(text, &st->challenge);
	st->challenge = new;
	n = new.text.size;
	while (n > 0 && new.text.data[n - 1] == '\n')
		n--;
	snprintf(st->command, sizeof st->command,
	    "printf '%%s\\n' '%.*s' | openssl dgst -sha256 -sign KEY.pem | openssl base64 -A; echo",
	    (int)n, (const char *)new.text.data);
	edit_set(&st->answer.inputs[IN_SIGNATURE].edit, "");
	st->answer.at = IN_SIGNATURE;
	stage_set(ui, st, STAGE_SIGN);
}

static int
revoke_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct state *st = state;
	struct revocation_proof p = { 0 };
	const char *text = form_text(&st->answer, IN_SIGNATURE);
	int reason = reason_parse(ROLE_MEMBER,
	    form_word(&st->answer, IN_REASON));
	int r;

	if (strcmp(form_text(f, 0), "REVOKE") != 0)
		return err_set(e, ERR_BAD_INPUT, "",
		    "Type REVOKE, in capitals, to revoke it; nothing was revoked yet.");
	str_copy(p.serial, sizeof p.serial, form_text(&st->serial, 0));
	p.reason = reason < 0 ? REASON_UNSPECIFIED : (enum reason)reason;
	p.all_with_key = st->answer.inputs[IN_ALL].ticked;
	blob_set(&p.signature, text, strlen(text));
	NOUN_CLEAR(revocation, &st->done);
	r = ask_revocation_prove(ui->line, &p, &st->done, e);
	NOUN_CLEAR(revocation_proof, &p);
	if (r == 0)
		stage_set(ui, st, STAGE_DONE);
	return r;
}

static void
revoke_ask(struct ui *ui, void *state)
{
	struct state *st = state;
	struct dialog *d;

	if (form_text(&st->answer, IN_SIGNATURE)[0] == '\0') {
		st->answer.at = IN_SIGNATURE;
		ui_say(ui, LOOK_WARN, "Please paste the signature first.");
		return;
	}
	d = ui_dialog(ui, "Revoke a certificate?", "Revoke it for ever",
	    "Keep it", revoke_done);
	pager_text(&d->text, LOOK_PLAIN,
	    "Revoke the certificate %s, reason %s%s? Servers that check will refuse it within minutes. This cannot be taken back.",
	    form_text(&st->serial, 0), form_word(&st->answer, IN_REASON),
	    st->answer.inputs[IN_ALL].ticked ?
	    ", and all others with this key" : "");
	form_line(&d->form, "Confirm", "type REVOKE", 16);
}

/* ---- keys ---- */

static bool
key_proof_key(struct ui *ui, void *state, int key)
{
	struct state *st = state;

	if (key == K_ESC && st->stage == STAGE_SIGN) {
		stage_set(ui, st, STAGE_SERIAL);
		return true;
	}
	return steps_key(ui, state, key);
}

/* A private key is what must not be sent; it came by mistake. */
static void
key_proof_paste(struct ui *ui, void *state, const struct buf *paste)
{
	if (steps_at_form(ui, state) && memmem(paste->data, paste->size,
	    "PRIVATE KEY", 11) != NULL) {
		ui_say(ui, LOOK_BAD,
		    "That is a private key. It was not sent and is forgotten; paste what the command prints.");
		return;
	}
	steps_paste(ui, state, paste);
}

static const char *
key_proof_unsaved(const void *state)
{
	const struct state *st = state;

	return st->stage == STAGE_SIGN &&
	    form_text(&st->answer, IN_SIGNATURE)[0] != '\0' ?
	    "The signature" : NULL;
}

static bool
at_sign(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->stage == STAGE_SIGN;
}

static void
copy(struct ui *ui, void *state)
{
	const struct state *st = state;

	ui_copy(ui, "the command", st->command, strlen(st->command));
}

static void
plain(struct ui *ui, void *state)
{
	const struct state *st = state;
	struct buf b = { 0 };

	buf_printf(&b, "Run this where the private key is, KEY.pem:\n\n%s\n\nCopy what it prints, come back here with Enter, and paste it.\n",
	    st->command);
	ui_plain(ui, b.data, b.size);
	buf_clear(&b);
}

/* ---- drawing ---- */

static void
key_proof_where(const struct ui *ui, const void *state, char *dst,
    size_t size)
{
	const struct state *st = state;

	(void)ui;
	if (st->stage != STAGE_DONE)
		snprintf(dst, size, "step %d of 2",
		    st->stage == STAGE_SERIAL ? 1 : 2);
}

static void
key_proof_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->steps.page);
	form_clear(&st->serial);
	form_clear(&st->answer);
	NOUN_CLEAR(text, &st->challenge);
	NOUN_CLEAR(revocation, &st->done);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "go on", NULL, steps_enter, steps_at_form,
	    "revoke-by-key" },
	{ K_TAB, "Tab", "next field", NULL, steps_tab, at_sign, KEY_MOVES },
	{ KEY_COPY, "^Y", "copy command", "Copy the command to the clipboard",
	    copy, at_sign, KEY_MOVES },
	{ KEY_PLAIN, "^P", "plain", "Show the command without frames, to mark with the mouse",
	    plain, at_sign, KEY_MOVES },
	{ 0 },
};

const struct view view_key_proof = {
	.name = "key_proof", .title = "Revoke by key", .brief = "Revoke",
	.help = "Whoever holds the private key of a certificate may revoke it. You get a line of text, sign it with the key by one openssl command, and paste the signature. The key itself is never asked for.",
	.size = sizeof(struct state), .keys = keys,
	.open = key_proof_open, .draw = steps_draw, .key = key_proof_key,
	.paste = key_proof_paste, .typing = steps_typing,
	.unsaved = key_proof_unsaved, .where = key_proof_where,
	.close = key_proof_close,
};
