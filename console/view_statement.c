/* view_statement.c - a statement to be signed with one's own SSH key, the line
 * that signs it, and the signature pasted: what is signed stands on the screen
 * before anything is refused for want of it. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/text.h"
#include "core/model/signing.h"

#define SIGNATURE_MAX 8192
#define ARMOUR "-----BEGIN SSH SIGNATURE-----"

struct state {
	struct pager page;		/* must stand first */
	char kind[16], object[64];	/* "approve" or a deed's; its number */
	struct text text;
	char line[1024];		/* what signs it and hands it in */
	struct buf signature;
};

/* What is typed to confirm it; view: `approve 17`. */
static const struct way {
	const char *kind, *verb, *option;
} ways[] = {
	{ "approve", "approve", NULL },
	{ "revoke-many", "revoke-many", "--confirm" },
	{ "grant", "grant", "--confirm" },
	{ "policy", "policy", "acknowledge" },
	{ "resume", "resume", NULL },
	{ "issuer", "issuer", "confirm" },
};

static const struct way *
way_of(const char *kind)
{
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (strcmp(ways[i].kind, kind) == 0)
			return &ways[i];
	return NULL;
}

bool
part_must_sign(const struct ui *ui, const char *profile)
{
	const char *list = ui->me.signs;

	return profile != NULL ? signing_for_profile(list, profile) :
	    signing_for_role(list, ui_role(ui));
}

bool
part_may_sign(const struct ui *ui)
{
	return ui->me.signs[0] != '\0' && strcmp(ui->me.signs, "no") != 0;
}

/* ---- what is shown ---- */

static void
line_of(const struct ui *ui, const struct state *st, const char *last,
    char *dst, size_t size)
{
	const struct way *w = way_of(st->kind);
	const char *words[4] = { NULL };
	size_t n = 0;

	if (w->option != NULL)
		words[n++] = w->option;
	if (st->object[0] != '\0')
		words[n++] = st->object;
	words[n++] = last;
	exec_line(dst, size, &ui->me, w->verb, words[0], words[1], words[2],
	    NULL);
}

static void
line_make(const struct ui *ui, struct state *st)
{
	char first[400], last[400];

	line_of(ui, st, "--statement", first, sizeof first);
	line_of(ui, st, "--signed", last, sizeof last);
	snprintf(st->line, sizeof st->line,
	    "%s | ssh-keygen -Y sign -n approve@xmpp-ica -f KEY | %s", first,
	    last);
}

static void
statement_fill(struct ui *ui, struct state *st)
{
	struct pager *p = &st->page;

	pager_again(p);
	line_make(ui, st);
	pager_text(p, LOOK_STRONG, "Sign this with your own SSH key");
	part_command(p, "In a shell on your own machine, where KEY is your SSH key; y copies it:",
	    st->line);
	if (st->signature.size > 0)
		pager_item(p, sign(SIGN_DONE), LOOK_GOOD,
		    "The signature is here: Enter hands it in.");
	else
		pager_text(p, LOOK_DIM,
		    "Or leave its last part out, paste here what it prints, and press Enter.");
	pager_gap(p);
	pager_lines(p, LOOK_PLAIN, st->text.text.data, st->text.text.size);
	ui->dirty = true;
}

static int
statement_ask(struct ui *ui, struct state *st, struct err *e)
{
	struct deed_word w = { .kind = "" };
	struct text new = { 0 };
	struct ref r = { 0 };
	int done;

	str_copy(r.ref, sizeof r.ref, st->object);
	str_copy(w.kind, sizeof w.kind, st->kind);
	str_copy(w.object, sizeof w.object, st->object);
	done = strcmp(st->kind, "approve") == 0 ?
	    ask_request_statement(ui->line, &r, &new, e) :
	    ask_deed_statement(ui->line, &w, &new, e);
	if (done < 0)
		return -1;
	NOUN_CLEAR(text, &st->text);
	st->text = new;
	statement_fill(ui, st);
	return 0;
}

static int
statement_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;
	const char *space = strchr(ref, ' ');
	size_t n = space != NULL ? (size_t)(space - ref) : strlen(ref);

	if (n < sizeof st->kind)
		memcpy(st->kind, ref, n);
	if (space != NULL)
		str_copy(st->object, sizeof st->object, space + 1);
	if (way_of(st->kind) == NULL)
		return err_set(e, ERR_BAD_INPUT, "statement-form",
		    "There is no statement about that.");
	return statement_ask(ui, st, e);
}

/* ---- handed in ---- */

/* The digest that stands in the statement is the one that is approved. */
static void
digest_take(const struct state *st, uint8_t digest[32])
{
	const char *at = memmem(st->text.text.data, st->text.text.size,
	    "\ndigest ", 8);
	char hex[65] = "";

	if (at != NULL && st->text.text.size - (size_t)(at -
	    (const char *)st->text.text.data) > 72)
		memcpy(hex, at + 8, 64);
	hex_decode(digest, 32, hex);
}

static int
approve(struct ui *ui, const struct state *st, struct err *e)
{
	struct decision d = { .number = 0 };
	struct request r = { .note = "" };
	int done;

	number_parse(st->object, INT64_MAX, &d.number);
	digest_take(st, d.digest);
	blob_set(&d.signature, st->signature.data, st->signature.size);
	done = ask_request_approve(ui->line, &d, &r, e);
	NOUN_CLEAR(decision, &d);
	NOUN_CLEAR(request, &r);
	return done;
}

/* The confirmation that the signature was given for. */
static int
confirm(struct ui *ui, const struct state *st, struct err *e)
{
	struct revocation_plan_word word = { .number = 0 };
	struct revocation_plan plan = { .number = 0 };
	struct role_grant grant = { .number = 0 };
	struct policy_state policy = { .version = "" };
	struct policy_word hash = { .sha256 = "" };
	struct halt_state halt = { .halted = false };
	struct issuer_wish wish = { .number = 0 };
	struct none none = { false };
	struct ref ref = { "" };
	int r;

	str_copy(ref.ref, sizeof ref.ref, st->object);
	number_parse(st->object, INT64_MAX, &word.number);
	if (strcmp(st->kind, "revoke-many") == 0)
		r = ask_revocation_plan_confirm(ui->line, &word, &plan, e);
	else if (strcmp(st->kind, "grant") == 0)
		r = ask_role_grant_confirm(ui->line, &ref, &grant, e);
	else if (strcmp(st->kind, "policy") == 0)
		r = ask_policy_acknowledge(ui->line, &hash, &policy, e);
	else if (strcmp(st->kind, "resume") == 0)
		r = ask_halt_resume(ui->line, &none, &halt, e);
	else
		r = ask_issuer_confirm(ui->line, &ref, &wish, e);
	NOUN_CLEAR(revocation_plan, &plan);
	NOUN_CLEAR(policy_state, &policy);
	return r;
}

static int
deed(struct ui *ui, const struct state *st, struct err *e)
{
	struct deed_word w = { .kind = "" };
	struct none none = { false };
	int r;

	str_copy(w.kind, sizeof w.kind, st->kind);
	str_copy(w.object, sizeof w.object, st->object);
	blob_set(&w.signature, st->signature.data, st->signature.size);
	r = ask_deed_sign(ui->line, &w, &none, e);
	NOUN_CLEAR(deed_word, &w);
	return r < 0 ? -1 : confirm(ui, st, e);
}

static void
hand_in(struct ui *ui, void *state)
{
	struct state *st = state;
	struct err e = { 0 };
	bool approves = strcmp(st->kind, "approve") == 0, kept = false;

	if ((approves ? approve(ui, st, &e) : deed(ui, st, &e)) < 0) {
		/* who asked for a role signs too; another confirms it */
		kept = strcmp(e.clause, "grant-second") == 0;
		if (!kept) {
			buf_clear(&st->signature);
			statement_fill(ui, st);
			ui_error(ui, &e);
			return;
		}
	}
	ui->changed = true;
	ui_back(ui);
	ui_say(ui, LOOK_GOOD, kept ?
	    "Your signature is kept; a second person signs and confirms." :
	    "Signed and done.");
}

static void
statement_paste(struct ui *ui, void *state, const struct buf *paste)
{
	struct state *st = state;
	const char *at = memmem(paste->data, paste->size, ARMOUR,
	    sizeof ARMOUR - 1);

	if (memmem(paste->data, paste->size, "PRIVATE KEY", 11) != NULL) {
		ui_say(ui, LOOK_BAD,
		    "That is a private key. It was not sent and is forgotten; paste what the command prints.");
		return;
	}
	if (at == NULL || paste->size > SIGNATURE_MAX) {
		ui_say(ui, LOOK_WARN,
		    "That is no SSH signature: it begins with %s", ARMOUR);
		return;
	}
	buf_clear(&st->signature);
	buf_put(&st->signature, at, paste->size - (size_t)(at -
	    (const char *)paste->data));
	statement_fill(ui, st);
	ui_say(ui, LOOK_PLAIN, "Enter hands the signature in.");
}

/* ---- keys ---- */

static bool
has_signature(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->signature.size > 0;
}

static void
copy(struct ui *ui, void *state)
{
	const struct state *st = state;

	ui_copy(ui, "the line", st->line, strlen(st->line));
}

static const char *
statement_unsaved(const void *state)
{
	return has_signature(NULL, state) ? "The signature" : NULL;
}

static void
statement_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	NOUN_CLEAR(text, &st->text);
	buf_clear(&st->signature);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "hand in", "Hand the pasted signature in: what it says is done",
	    hand_in, has_signature,
	    "approve, revoke-many, grant, policy acknowledge, resume, issuer confirm" },
	{ 'y', "y", "copy line", "Copy the line to the clipboard", copy, NULL,
	    KEY_MOVES },
	{ 0 },
};

const struct view view_statement = {
	.name = "statement", .title = "Statement", .brief = "Statement",
	.help = "What you sign with your own SSH key before it is done. The signer itself looks at the signature; it counts for a day, once, and for nothing else. Read it where you sign it. What is not signed is not done.",
	.size = sizeof(struct state), .keys = keys,
	.open = statement_open, .draw = pager_view_draw,
	.key = pager_view_key, .paste = statement_paste,
	.unsaved = statement_unsaved, .where = pager_view_where,
	.close = statement_close,
};
