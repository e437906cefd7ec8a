/* view_recoveries.c - recoveries of accounts, and a second person's yes to
 * that of an account with a role. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct list list;		/* must stand first */
	char fingerprint[64];		/* that stands in the box */
};

#define CELL(name) \
static enum look \
cell_##name(const struct ui *ui, const void *data, char *dst, size_t size) \
{ \
	const struct recovery *row = data; \
	(void)ui;

CELL(account)
	cell_text(dst, size, row->account);
	return LOOK_PLAIN;
}

CELL(recovery_state)
	return cell_state(word_of(&recovery_state_words, row->state), dst,
	    size);
}

CELL(due)
	char when[WHEN_SIZE];

	time_relative(when, row->due, clock_now());
	cell_text(dst, size, row->state == RECOVERY_WAITING ? when : "-");
	return LOOK_PLAIN;
}

CELL(approved)
	bool missing = row->needs_approval && row->approved_by[0] == '\0';

	cell_text(dst, size, row->approved_by[0] ? row->approved_by :
	    !row->needs_approval ? "not needed" :
	    row->state == RECOVERY_WAITING ? "nobody yet" : "nobody");
	return missing && row->state == RECOVERY_WAITING ? LOOK_WARN :
	    LOOK_DIM;
}

CELL(key)
	cell_text(dst, size, row->fingerprint);
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "Account", 16, 0, false, cell_account },
	{ "State", 8, 0, false, cell_recovery_state },
	{ "Opens", 12, 1, false, cell_due },
	{ "Approved by", 12, 2, false, cell_approved },
	{ "New key", 0, 3, false, cell_key },
};

static int
recoveries_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_recovery_list, columns,
	    sizeof columns / sizeof columns[0],
	    "Nobody has asked to have an account recovered.");
	return list_load(ui, &st->list, e);
}

/* ---- a second person's yes ---- */

static int
approve_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	const struct state *st = state;
	struct recovery_word w = { 0 };
	struct recovery r = { 0 };

	if (strcmp(form_text(f, 0), ui->dialog->subject) != 0)
		return err_set(e, ERR_BAD_INPUT, "",
		    "Type %.64s to say yes; nothing was approved yet.",
		    ui->dialog->subject);
	str_copy(w.name, sizeof w.name, ui->dialog->subject);
	str_copy(w.fingerprint, sizeof w.fingerprint, st->fingerprint);
	if (ask_recovery_approve(ui->line, &w, &r, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_GOOD,
	    "Approved: the new key opens %s when its time has come.",
	    r.account);
	return 0;
}

static void
approve(struct ui *ui, void *state)
{
	struct state *st = state;
	const struct recovery *r = list_row(&st->list);
	struct dialog *d = ui_dialog(ui, "Approve a recovery?", "Approve it",
	    "Not now", approve_done);
	char when[WHEN_SIZE];

	str_copy(d->subject, sizeof d->subject, r->account);
	memcpy(st->fingerprint, r->fingerprint, sizeof st->fingerprint);
	time_both(when, r->due, clock_now());
	pager_text(&d->text, LOOK_WARN,
	    "A key that is not known will open %s, an account with a role, in place of all its keys. Ask the person, by a way that you trust, to read this to you:",
	    r->account);
	pager_text(&d->text, LOOK_STRONG, "%s", r->fingerprint);
	pager_text(&d->text, LOOK_PLAIN, "It opens at %s. Never your own.",
	    when);
	form_line(&d->form, "Name", "type the account's name to say yes", 32);
}

/* ---- or a no ---- */

static int
stop_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ref ref = { 0 };
	struct recovery r = { 0 };

	(void)state, (void)f;
	str_copy(ref.ref, sizeof ref.ref, ui->dialog->subject);
	if (ask_recovery_stop(ui->line, &ref, &r, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_PLAIN, "Stopped: %s stays with the keys that it has.",
	    r.account);
	return 0;
}

static void
stop(struct ui *ui, void *state)
{
	const struct recovery *r = list_row(state);
	struct dialog *d = ui_dialog(ui, "Stop a recovery?", "Stop it",
	    "Cancel", stop_done);

	str_copy(d->subject, sizeof d->subject, r->account);
	pager_text(&d->text, LOOK_PLAIN,
	    "The new key will not open %s. Its owner can begin again with a new code.",
	    r->account);
	d->form.at = 1;
}

static void
member(struct ui *ui, void *state)
{
	ui_open(ui, "member",
	    ((const struct recovery *)list_row(state))->account);
}

static void
cycle(struct ui *ui, void *state)
{
	static const char *const words[] = { "waiting", "done", "stopped",
		"expired" };

	list_view_cycle(ui, state, words, 4);
}

static bool
waits(const struct ui *ui, const void *state)
{
	return list_view_any(ui, state) &&
	    ((const struct recovery *)list_row(state))->state ==
	    RECOVERY_WAITING;
}

static bool
may_approve(const struct ui *ui, const void *state)
{
	const struct recovery *r = list_row(state);

	return waits(ui, state) && r->needs_approval &&
	    r->approved_by[0] == '\0' &&
	    op_allows(OP_recovery_approve, ui_role(ui)) &&
	    strcmp(r->account, ui->me.account.name) != 0;
}

static bool
may_stop(const struct ui *ui, const void *state)
{
	return waits(ui, state) && (ui_role(ui) == ROLE_STAFF ||
	    strcmp(((const struct recovery *)list_row(state))->account,
	    ui->me.account.name) == 0);
}

static const struct key_row keys[] = {
	{ 'a', "a", "approve", "Say yes to the recovery of an account with a role",
	    approve, may_approve, "recovery approve" },
	{ 'x', "x", "stop", "Stop this recovery", stop, may_stop,
	    "recovery stop" },
	{ 'm', "m", "member", "See the account, and the keys that it has",
	    member, list_view_any, ">member" },
	{ 'f', "f", "by state", "Show one state only; again for the next",
	    cycle, NULL, KEY_MOVES },
	LIST_KEYS,
	{ 0 },
};

const struct view view_recoveries = {
	.name = "recoveries", .title = "Recoveries", .brief = "Recover",
	.shows = "recovery list",
	.help = "Accounts whose key is lost. A code of the account's mail begins it, then time passes in which every address of the account can stop it. For an account with a role a second person must say yes as well.",
	.size = sizeof(struct state), .keys = keys,
	.open = recoveries_open, .draw = list_view_draw,
	.key = list_view_key, .changed = list_view_changed,
	.typing = list_view_typing, .where = list_view_where,
	.close = list_view_close,
};
