/* view_register.c - a guest becomes a member: details, agreement, code. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/text.h"

enum stage { STAGE_DETAILS, STAGE_AGREEMENT, STAGE_CODE, STAGE_DONE };

struct state {
	enum stage stage;
	struct form details;		/* name, e-mail */
	struct form code;		/* name, code */
	struct pager intro, page;	/* page: agreement, or what is done */
	struct agreement agreement;
	bool sent;			/* a code is on its way */
	bool code_only;			/* opened to enter a code */
};

static void
details_form(struct state *st)
{
	form_line(&st->details, "Name",
	    "1 to 32 of a-z 0-9 . _ -   you log in with it", 32);
	form_line(&st->details, "E-mail",
	    "a code goes there, later letters about your certificates", 254);
	st->details.go = "Go on";
	form_line(&st->code, "Name", "the one that you registered", 32);
	form_line(&st->code, "Code", "from the letter; case and - don't matter",
	    127);
	st->code.go = "Open the account";
}

static void
intro_fill(struct ui *ui, struct state *st)
{
	struct pager *p = &st->intro;
	char line[512];

	pager_again(p);
	p->label_cols = 8;
	switch (st->stage) {
	case STAGE_DETAILS:
		pager_text(p, LOOK_STRONG, "Become a member");
		pager_text(p, LOOK_PLAIN,
		    "Three steps: your name and address, the member agreement, a code by mail. The SSH key that you came with will open the account.");
		pager_gap(p);
		pager_field(p, "key", LOOK_PLAIN, "%s",
		    ui->me.key.fingerprint);
		break;
	case STAGE_CODE:
		pager_text(p, LOOK_STRONG, st->sent ?
		    "A code is on its way" : "Enter the code");
		pager_text(p, LOOK_PLAIN, st->sent ?
		    "A letter with a code goes to %s. Type it here. You may also leave now and come back with the same key: c on the first page." :
		    "Type the name that you registered and the code from the letter.%s",
		    st->sent ? form_text(&st->details, 1) : "");
		break;
	case STAGE_DONE:
		pager_text(p, LOOK_GOOD, "%s Your account is open.",
		    sign(SIGN_DONE));
		pager_gap(p);
		pager_text(p, LOOK_PLAIN,
		    "Leave with Q, and log in with your new name and the same key:");
		snprintf(line, sizeof line, "%s %s@%s",
		    ui->me.ssh[0] ? ui->me.ssh : "ssh",
		    form_text(&st->code, 0), ui->me.service[0] ?
		    ui->me.service : "HOST");
		pager_gap(p);
		pager_text(p, LOOK_STRONG, "  %s", line);
		break;
	case STAGE_AGREEMENT:
		break;
	}
}

static void
stage_set(struct ui *ui, struct state *st, enum stage stage)
{
	st->stage = stage;
	intro_fill(ui, st);
}

static int
register_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)e;
	details_form(st);
	st->code_only = strcmp(ref, "code") == 0;
	stage_set(ui, st, st->code_only ? STAGE_CODE : STAGE_DETAILS);
	return 0;
}

/* ---- what is sent ---- */

static void
agreement_ask(struct ui *ui, struct state *st)
{
	struct none none = { 0 };
	struct err e;

	NOUN_CLEAR(agreement, &st->agreement);
	if (ask_agreement_get(ui->line, &none, &st->agreement, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	pager_clear(&st->page);
	pager_text(&st->page, LOOK_STRONG,
	    "Member agreement, version %s", st->agreement.version);
	pager_text(&st->page, LOOK_DIM,
	    "Read it, then press a to accept it and register. Esc goes back.");
	pager_gap(&st->page);
	pager_lines(&st->page, LOOK_PLAIN, st->agreement.text.data,
	    st->agreement.text.size);
	stage_set(ui, st, STAGE_AGREEMENT);
}

static void
accept_it(struct ui *ui, void *state)
{
	struct state *st = state;
	struct registration r = { 0 };
	struct none none = { 0 };
	struct err e;

	str_copy(r.name, sizeof r.name, form_text(&st->details, 0));
	str_copy(r.email, sizeof r.email, form_text(&st->details, 1));
	memcpy(r.agreement, st->agreement.version, sizeof r.agreement);
	if (ask_account_register(ui->line, &r, &none, &e) < 0) {
		stage_set(ui, st, STAGE_DETAILS);
		ui_error(ui, &e);
		return;
	}
	st->sent = true;
	edit_set(&st->code.inputs[0].edit, r.name);
	st->code.at = 1;
	stage_set(ui, st, STAGE_CODE);
}

static void
code_send(struct ui *ui, struct state *st)
{
	struct confirmation c = { 0 };
	struct account a = { 0 };
	struct err e;

	str_copy(c.name, sizeof c.name, form_text(&st->code, 0));
	str_copy(c.code, sizeof c.code, form_text(&st->code, 1));
	if (ask_account_confirm(ui->line, &c, &a, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	stage_set(ui, st, STAGE_DONE);
}

static void
details_done(struct ui *ui, struct state *st)
{
	if (form_text(&st->details, 0)[0] == '\0') {
		st->details.at = 0;
		ui_say(ui, LOOK_WARN, "Please type a name first.");
	} else if (form_text(&st->details, 1)[0] == '\0') {
		st->details.at = 1;
		ui_say(ui, LOOK_WARN, "Please type your e-mail address.");
	} else {
		agreement_ask(ui, st);
	}
}

/* ---- keys ---- */

static struct form *
form_now(struct state *st)
{
	return st->stage == STAGE_DETAILS ? &st->details :
	    st->stage == STAGE_CODE ? &st->code : NULL;
}

static bool
register_key(struct ui *ui, void *state, int key)
{
	struct state *st = state;
	struct form *f = form_now(st);

	if (key == K_ESC && (st->stage == STAGE_AGREEMENT ||
	    (st->stage == STAGE_CODE && !st->code_only))) {
		stage_set(ui, st, STAGE_DETAILS);
		return true;
	}
	if (st->stage == STAGE_AGREEMENT)
		return pager_key(&st->page, ui_body(ui), key);
	if (f == NULL || key == K_ESC || key == K_CTRL_C)
		return false;
	switch (form_key(f, key)) {
	case FORM_GO:
		if (st->stage == STAGE_DETAILS)
			details_done(ui, st);
		else
			code_send(ui, st);
		return true;
	case FORM_TAKEN:
		return true;
	default:
		return false;
	}
}

static void
register_paste(struct ui *ui, void *state, const struct buf *paste)
{
	struct form *f = form_now(state);

	(void)ui;
	if (f != NULL)
		form_paste(f, paste);
}

static bool
register_typing(const void *state)
{
	const struct state *st = state;

	return (st->stage == STAGE_DETAILS && form_on_line(&st->details)) ||
	    (st->stage == STAGE_CODE && form_on_line(&st->code));
}

static const char *
register_unsaved(const void *state)
{
	const struct state *st = state;

	return st->stage < STAGE_CODE && st->details.touched ?
	    "What you typed here" : NULL;
}

static void
have_code(struct ui *ui, void *state)
{
	struct state *st = state;

	if (!st->sent)
		st->code.at = 0;
	stage_set(ui, st, STAGE_CODE);
}

static bool
at_button(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->stage == STAGE_DETAILS;
}

static bool
at_agreement(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->stage == STAGE_AGREEMENT;
}

static bool
at_form(const struct ui *ui, const void *state)
{
	const struct state *st = state;

	(void)ui;
	return st->stage == STAGE_DETAILS || st->stage == STAGE_CODE;
}

static void
tab_key(struct ui *ui, void *state)
{
	register_key(ui, state, K_TAB);
}

static void
enter_key(struct ui *ui, void *state)
{
	register_key(ui, state, K_ENTER);
}

static void
escape_key(struct ui *ui, void *state)
{
	register_key(ui, state, K_ESC);
}

static bool
at_later(const struct ui *ui, const void *state)
{
	const struct state *st = state;

	(void)ui;
	return st->stage == STAGE_AGREEMENT ||
	    (st->stage == STAGE_CODE && !st->code_only);
}

static void
have_code_key(struct ui *ui, void *state)
{
	have_code(ui, state);
}

/* ---- drawing ---- */

static void
register_draw(const struct ui *ui, const void *state, struct area a)
{
	const struct state *st = state;
	struct area in = a;
	int above;

	(void)ui;
	if (st->stage == STAGE_AGREEMENT) {
		pager_draw(&st->page, a);
		return;
	}
	above = pager_height(&st->intro, a.cols);
	if (st->stage == STAGE_DONE || above + 8 <= a.rows) {
		pager_draw(&st->intro, a);
		in.y += above + 1;
		in.rows -= above + 1;
	}
	if (in.rows < 1)
		return;
	if (st->stage == STAGE_DETAILS)
		form_draw(&st->details, in, true);
	else if (st->stage == STAGE_CODE)
		form_draw(&st->code, in, true);
}

static void
register_where(const struct ui *ui, const void *state, char *dst,
    size_t size)
{
	const struct state *st = state;

	if (st->stage == STAGE_AGREEMENT)
		pager_where(&st->page, ui_body(ui), dst, size);
	else if (st->stage != STAGE_DONE)
		snprintf(dst, size, "step %d of 3",
		    st->stage == STAGE_DETAILS ? 1 : 3);
}

static void
register_close(void *state)
{
	struct state *st = state;

	form_clear(&st->details);
	form_clear(&st->code);
	pager_clear(&st->intro);
	pager_clear(&st->page);
	NOUN_CLEAR(agreement, &st->agreement);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "go on", NULL, enter_key, at_form },
	{ K_TAB, "Tab", "next field", NULL, tab_key, at_form },
	{ 20, "^T", "I have a code", "Enter the code of an earlier registration",
	    have_code_key, at_button },
	{ 'a', "a", "accept and register", NULL, accept_it, at_agreement },
	{ K_ESC, "Esc", "back", NULL, escape_key, at_later },
	{ 0 },
};

const struct view view_register = {
	.name = "register", .title = "Register", .brief = "Register",
	.help = "Give a name and an address, accept the agreement, enter the code that comes by mail.",
	.size = sizeof(struct state), .keys = keys,
	.open = register_open, .draw = register_draw, .key = register_key,
	.paste = register_paste, .typing = register_typing,
	.unsaved = register_unsaved, .where = register_where,
	.close = register_close,
};
