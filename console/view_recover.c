/* view_recover.c - the guests' door: an account whose key is lost. */
#include <stdio.h>
#include <string.h>

#include "console/steps.h"
#include "core/base/clock.h"
#include "core/base/text.h"

enum stage { STAGE_NAME, STAGE_CODE, STAGE_WAITING };

struct state {
	struct steps steps;		/* must stand first */
	enum stage stage;
	struct form name, code;
	struct recovery recovery;
	bool sent;
};

static void
waiting_fill(struct ui *ui, struct state *st)
{
	const struct recovery *r = &st->recovery;
	struct pager *p = &st->steps.page;
	char when[WHEN_SIZE], line[512];

	pager_text(p, LOOK_STRONG, "The recovery of %s: %s", r->account,
	    word_of(&recovery_state_words, r->state));
	pager_gap(p);
	pager_field(p, "new key", LOOK_PLAIN, "%s", r->fingerprint);
	if (r->state != RECOVERY_WAITING)
		return;
	time_both(when, r->due, clock_now());
	pager_field(p, "opens at", LOOK_STRONG, "%s", when);
	if (r->needs_approval)
		pager_field(p, "approved by", LOOK_WARN, "%s",
		    r->approved_by[0] ? r->approved_by :
		    "nobody yet; somebody of the staff must");
	pager_gap(p);
	pager_text(p, LOOK_PLAIN,
	    "All addresses of the account hear of it now, and can stop it. When its time has come, log in with this key:");
	snprintf(line, sizeof line, "%s %s@%s", ui->me.ssh[0] ? ui->me.ssh :
	    "ssh", r->account, ui->me.service[0] ? ui->me.service : "HOST");
	pager_gap(p);
	pager_text(p, LOOK_STRONG, "  %s", line);
}

static void
intro_fill(struct ui *ui, struct state *st)
{
	struct pager *p = &st->steps.page;

	pager_again(p);
	p->label_cols = 12;
	switch (st->stage) {
	case STAGE_NAME:
		pager_text(p, LOOK_STRONG, "Recover an account");
		pager_text(p, LOOK_PLAIN,
		    "Your key is lost? A code goes to the account's address. After you entered it time passes, in which any address of the account can stop you; then the key that you came with opens the account, in place of all others.");
		pager_gap(p);
		pager_field(p, "key", LOOK_PLAIN, "%s",
		    ui->me.key.fingerprint);
		break;
	case STAGE_CODE:
		pager_text(p, LOOK_STRONG, "Enter the code");
		pager_text(p, LOOK_PLAIN, st->sent ?
		    "If there is such an account, a letter with a code goes to its address. You may also leave now and come back with the same key: ^T on the first page." :
		    "Type the name of the account and the code from the letter.");
		break;
	case STAGE_WAITING:
		waiting_fill(ui, st);
		break;
	}
}

static void code_ask(struct ui *ui, void *state);
static void code_send(struct ui *ui, void *state);

static void
stage_set(struct ui *ui, struct state *st, enum stage stage)
{
	st->stage = stage;
	st->steps.form = stage == STAGE_NAME ? &st->name :
	    stage == STAGE_CODE ? &st->code : NULL;
	st->steps.go = stage == STAGE_NAME ? code_ask : code_send;
	intro_fill(ui, st);
}

static int
recover_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref, (void)e;
	form_line(&st->name, "Name", "of the account: you logged in with it",
	    32);
	st->name.go = "Mail a code";
	form_line(&st->code, "Name", "of the account", 32);
	form_line(&st->code, "Code", "from the letter; case and - don't matter",
	    127);
	form_tick(&st->code, "Stop",
	    "the code is of the letter that told of a recovery: stop it",
	    false);
	st->code.go = "Send";
	stage_set(ui, st, STAGE_NAME);
	return 0;
}

static void
code_ask(struct ui *ui, void *state)
{
	struct state *st = state;
	struct recovery_wish w = { 0 };
	struct recovery r = { 0 };
	struct err e;

	str_copy(w.name, sizeof w.name, form_text(&st->name, 0));
	if (w.name[0] == '\0') {
		ui_say(ui, LOOK_WARN, "Please type the name first.");
		return;
	}
	if (ask_account_recover(ui->line, &w, &r, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	st->sent = true;
	edit_set(&st->code.inputs[0].edit, w.name);
	st->code.at = 1;
	stage_set(ui, st, STAGE_CODE);
}

static void
code_send(struct ui *ui, void *state)
{
	struct state *st = state;
	struct recovery_wish w = { .stop = st->code.inputs[2].ticked };
	struct err e;

	str_copy(w.name, sizeof w.name, form_text(&st->code, 0));
	str_copy(w.code, sizeof w.code, form_text(&st->code, 1));
	if (w.name[0] == '\0' || w.code[0] == '\0') {
		ui_say(ui, LOOK_WARN, "Please type the name and the code.");
		return;
	}
	memset(&st->recovery, 0, sizeof st->recovery);
	if (ask_account_recover(ui->line, &w, &st->recovery, &e) < 0)
		ui_error(ui, &e);
	else
		stage_set(ui, st, STAGE_WAITING);
}

/* ---- keys ---- */

static bool
recover_key(struct ui *ui, void *state, int key)
{
	struct state *st = state;

	if (key == K_ESC && st->stage == STAGE_CODE) {
		stage_set(ui, st, STAGE_NAME);
		return true;
	}
	return steps_key(ui, state, key);
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
at_name(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->stage == STAGE_NAME;
}

static void
recover_close(void *state)
{
	struct state *st = state;

	form_clear(&st->name);
	form_clear(&st->code);
	pager_clear(&st->steps.page);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "go on", NULL, steps_enter, steps_at_form, "recover" },
	{ K_TAB, "Tab", "next field", NULL, steps_tab, steps_at_form, KEY_MOVES },
	{ 20, "^T", "I have a code", "Enter the code of a letter, or stop a recovery with one",
	    have_code, at_name, KEY_MOVES },
	{ 0 },
};

const struct view view_recover = {
	.name = "recover", .title = "Recover", .brief = "Recover",
	.help = "An account whose key is lost: a code goes to its address, time passes in which it can be stopped, then the key that you came with opens it.",
	.size = sizeof(struct state), .keys = keys,
	.open = recover_open, .draw = steps_draw, .key = recover_key,
	.paste = steps_paste, .typing = steps_typing,
	.close = recover_close,
};
