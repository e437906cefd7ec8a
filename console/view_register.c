/* view_register.c - a guest becomes a member: details, agreement, code. */
#include <stdio.h>
#include <string.h>

#include "console/steps.h"
#include "core/base/text.h"

enum stage { STAGE_DETAILS, STAGE_AGREEMENT, STAGE_CODE, STAGE_DONE };

struct state {
	struct steps steps;		/* must stand first */
	enum stage stage;
	struct form details;		/* name, e-mail */
	struct form code;		/* name, code */
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
	struct pager *p = &st->steps.page;
	char line[512];

	pager_clear(p);
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
		pager_text(p, LOOK_STRONG, "Member agreement, version %s",
		    st->agreement.version);
		pager_text(p, LOOK_DIM,
		    "Read it, then press a to accept it and register. Esc goes back.");
		pager_gap(p);
		pager_lines(p, LOOK_PLAIN, st->agreement.text.data,
		    st->agreement.text.size);
		break;
	}
}

static void details_done(struct ui *ui, void *state);
static void code_send(struct ui *ui, void *state);

static void
stage_set(struct ui *ui, struct state *st, enum stage stage)
{
	st->stage = stage;
	st->steps.form = stage == STAGE_DETAILS ? &st->details :
	    stage == STAGE_CODE ? &st->code : NULL;
	st->steps.go = stage == STAGE_DETAILS ? details_done : code_send;
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
code_send(struct ui *ui, void *state)
{
	struct state *st = state;
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
details_done(struct ui *ui, void *state)
{
	struct state *st = state;

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

static bool
at_later(const struct ui *ui, const void *state)
{
	const struct state *st = state;

	(void)ui;
	return st->stage == STAGE_AGREEMENT ||
	    (st->stage == STAGE_CODE && !st->code_only);
}

static bool
register_key(struct ui *ui, void *state, int key)
{
	if (key == K_ESC && at_later(ui, state)) {
		stage_set(ui, state, STAGE_DETAILS);
		return true;
	}
	return steps_key(ui, state, key);
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

static void
escape_key(struct ui *ui, void *state)
{
	register_key(ui, state, K_ESC);
}

/* ---- drawing ---- */

static void
register_where(const struct ui *ui, const void *state, char *dst,
    size_t size)
{
	const struct state *st = state;

	if (st->stage == STAGE_AGREEMENT)
		pager_where(&st->steps.page, ui_body(ui), dst, size);
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
	pager_clear(&st->steps.page);
	NOUN_CLEAR(agreement, &st->agreement);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "go on", NULL, steps_enter, steps_at_form,
	    "register, confirm" },
	{ K_TAB, "Tab", "next field", NULL, steps_tab, steps_at_form, KEY_MOVES },
	{ 20, "^T", "I have a code", "Enter the code of an earlier registration",
	    have_code, at_button, KEY_MOVES },
	{ 'a', "a", "accept and register", NULL, accept_it, at_agreement,
	    "register" },
	{ K_ESC, "Esc", "back", NULL, escape_key, at_later, KEY_MOVES },
	{ 0 },
};

const struct view view_register = {
	.name = "register", .title = "Register", .brief = "Register",
	.shows = "agreement",
	.help = "Give a name and an address, accept the agreement, enter the code that comes by mail.",
	.size = sizeof(struct state), .keys = keys,
	.open = register_open, .draw = steps_draw, .key = register_key,
	.paste = steps_paste, .typing = steps_typing,
	.unsaved = register_unsaved, .where = register_where,
	.close = register_close,
};
