/* view_roles.c - roles granted: asked for by the director, confirmed by a
 * second person, taken away. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/signing.h"

struct state {
	struct list list;		/* must stand first */
};

#define CELL(name) \
static enum look \
cell_grant_##name(const struct ui *ui, const void *data, char *dst, \
    size_t size) \
{ \
	const struct role_grant *row = data; \
	(void)ui;

CELL(nr)
	cell_number(dst, size, row->number);
	return LOOK_DIM;
}

CELL(state)
	cell_text(dst, size, word_of(&grant_state_words, row->state));
	return row->state == GRANT_HELD ? LOOK_GOOD :
	    row->state == GRANT_WAITING ? LOOK_WARN : LOOK_DIM;
}

CELL(account)
	cell_text(dst, size, row->account);
	return LOOK_PLAIN;
}

CELL(role)
	cell_text(dst, size, word_of(&role_words, row->role));
	return LOOK_STRONG;
}

CELL(until)
	char date[11];

	if (row->until == 0) {
		cell_text(dst, size, "no end");
		return LOOK_DIM;
	}
	time_date(date, row->until);
	cell_text(dst, size, date);
	return LOOK_PLAIN;
}

CELL(asked)
	cell_text(dst, size, row->asked_by);
	return LOOK_PLAIN;
}

CELL(second)
	cell_text(dst, size, row->confirmed_by);
	return LOOK_PLAIN;
}

CELL(reason)
	cell_text(dst, size, row->reason);
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "Nr", 5, 1, true, cell_grant_nr },
	{ "State", 7, 0, false, cell_grant_state },
	{ "Account", 0, 0, false, cell_grant_account },
	{ "Role", 8, 0, false, cell_grant_role },
	{ "Until", 10, 2, false, cell_grant_until },
	{ "Asked by", 12, 1, false, cell_grant_asked },
	{ "Second", 12, 0, false, cell_grant_second },
	{ "Reason", 30, 4, false, cell_grant_reason },
};

static int
roles_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_role_grant_list, columns,
	    sizeof columns / sizeof columns[0],
	    "No role was granted here; r shows those that the operator gave.");
	return list_load(ui, &st->list, e);
}

/* ---- a new one ---- */

enum { F_NAME, F_ROLE, F_UNTIL, F_REASON };

static int
new_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct role_wish w = { 0 };
	struct role_grant g = { 0 };
	int role = word_parse(&role_words, form_word(f, F_ROLE));
	const char *until = form_text(f, F_UNTIL);

	(void)state;
	w.role = role < 0 ? ROLE_MEMBER : (enum role)role;
	if (!str_copy(w.name, sizeof w.name, form_text(f, F_NAME)) ||
	    !str_copy(w.reason, sizeof w.reason, form_text(f, F_REASON)))
		return err_set(e, ERR_BAD_INPUT, "", "That is too long.");
	if (until[0] != '\0' &&
	    (time_parse(until, &w.until) < 0 || w.until <= 0))
		return err_set(e, ERR_BAD_INPUT, "",
		    "The end is a day, as 2027-01-31; empty: without end.");
	if (ask_role_grant_add(ui->line, &w, &g, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_WARN, "Grant %lld waits for a second person.",
	    (long long)g.number);
	return 0;
}

static void
new(struct ui *ui, void *state)
{
	static const struct choice roles[] = {
		{ "staff", "approves, refuses, revokes" },
		{ "auditor", "reads everything, changes nothing" },
		{ "finance", "costs and income" },
		{ "director", "grants roles, halts issuing" },
	};
	struct dialog *d = ui_dialog(ui, "Grant a role", "Ask for it",
	    "Cancel", new_done);

	(void)state;
	pager_text(&d->text, LOOK_PLAIN,
	    "A second person, who is neither you nor the one who gets the role, must confirm it within seven days.");
	form_line(&d->form, "Account", "its name", 32);
	form_choice(&d->form, "Role", roles, 4, 0);
	form_line(&d->form, "Until", "2027-01-31; empty: without end", 21);
	form_line(&d->form, "Reason", "", 255);
	ui_dialog_draft(ui, d, "grant");
}

/* ---- the one under the cursor ---- */

static bool
waits(const struct ui *ui, const void *state)
{
	const struct role_grant *g = NULL;

	if (!list_view_any(ui, state))
		return false;
	g = list_row(state);
	return g->state == GRANT_WAITING;
}

static bool
may_confirm(const struct ui *ui, const void *state)
{
	return op_allows(OP_role_grant_confirm, ui_role(ui)) &&
	    waits(ui, state);
}

static bool
may_drop(const struct ui *ui, const void *state)
{
	return op_allows(OP_role_grant_drop, ui_role(ui)) &&
	    waits(ui, state);
}

static bool
may_grant(const struct ui *ui, const void *state)
{
	(void)state;
	return op_allows(OP_role_grant_add, ui_role(ui));
}

static bool
may_end(const struct ui *ui, const void *state)
{
	const struct role_grant *g = NULL;

	if (!op_allows(OP_role_end, ui_role(ui)) ||
	    !list_view_any(ui, state))
		return false;
	g = list_row(state);
	return g->state == GRANT_HELD;
}

static int
confirm_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct role_grant g = { 0 };
	struct ref r = { 0 };

	(void)state;
	if (strcmp(form_text(f, 0), ui->dialog->subject) != 0)
		return err_set(e, ERR_BAD_INPUT, "",
		    "Type the name of the account to confirm; nothing was changed yet.");
	snprintf(r.ref, sizeof r.ref, "%lld",
	    (long long)((const struct role_grant *)list_row(state))->number);
	if (ask_role_grant_confirm(ui->line, &r, &g, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "%s has the role %s now.", g.account,
	    word_of(&role_words, g.role));
	return 0;
}

static void
sign_it(struct ui *ui, void *state)
{
	char ref[32];

	snprintf(ref, sizeof ref, "grant %lld",
	    (long long)((const struct role_grant *)list_row(state))->number);
	ui_open(ui, "statement", ref);
}

static bool
may_sign(const struct ui *ui, const void *state)
{
	return part_may_sign(ui) && may_confirm(ui, state);
}

/* Both sign when the director must. */
static bool
must_sign(const struct ui *ui)
{
	return part_must_sign(ui, NULL) ||
	    signing_for_role(ui->me.signs, ROLE_DIRECTOR);
}

static void
confirm(struct ui *ui, void *state)
{
	const struct role_grant *g = list_row(state);
	struct dialog *d = NULL;

	if (must_sign(ui)) {
		sign_it(ui, state);
		return;
	}
	d = ui_dialog(ui, "Confirm a role?", "Confirm", "Not now",
	    confirm_done);
	d->state = state;
	str_copy(d->subject, sizeof d->subject, g->account);
	pager_text(&d->text, LOOK_WARN,
	    "%s asks that %s gets the role %s%s%s. Its sessions end; the role counts from now on.",
	    g->asked_by, g->account, word_of(&role_words, g->role),
	    g->reason[0] ? ": " : "", g->reason);
	form_line(&d->form, "Account", "type its name", 32);
}

static void
drop(struct ui *ui, void *state)
{
	struct role_grant g = { 0 };
	struct ref r = { 0 };
	struct err e;

	snprintf(r.ref, sizeof r.ref, "%lld",
	    (long long)((const struct role_grant *)list_row(state))->number);
	if (ask_role_grant_drop(ui->line, &r, &g, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	ui->changed = true;
	ui_say(ui, LOOK_WARN, "Grant %s is dropped.", r.ref);
}

static int
end_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct role_wish w = { 0 };
	struct account a = { 0 };

	(void)state;
	if (strcmp(form_text(f, 0), ui->dialog->subject) != 0)
		return err_set(e, ERR_BAD_INPUT, "",
		    "Type the name of the account; nothing was changed yet.");
	str_copy(w.name, sizeof w.name, ui->dialog->subject);
	if (!str_copy(w.reason, sizeof w.reason, form_text(f, 1)))
		return err_set(e, ERR_BAD_INPUT, "", "That is too long.");
	if (ask_role_end(ui->line, &w, &a, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_WARN, "%s is a member now.", a.name);
	return 0;
}

static void
end(struct ui *ui, void *state)
{
	const struct role_grant *g = list_row(state);
	struct dialog *d = ui_dialog(ui, "Take the role away?",
	    "Take it away", "Cancel", end_done);

	str_copy(d->subject, sizeof d->subject, g->account);
	pager_text(&d->text, LOOK_WARN,
	    "%s loses the role %s at once, and its sessions end.",
	    g->account, word_of(&role_words, g->role));
	form_line(&d->form, "Account", "type its name", 32);
	form_line(&d->form, "Reason", "", 255);
}

static void
review(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "access", "");
}

static const struct key_row keys[] = {
	{ 'n', "n", "grant", "Ask for a role for an account", new,
	    may_grant, "grant" },
	{ 'c', "c", "confirm", "Confirm the marked grant, as the second person",
	    confirm, may_confirm, "grant, >statement" },
	{ 's', "s", "sign", "Sign for the marked grant with your SSH key, as its asker or the second person",
	    sign_it, may_sign, ">statement" },
	{ 'x', "x", "drop", "Drop the marked grant", drop, may_drop, "grant" },
	{ 't', "t", "take away", "Take the role away, at once", end,
	    may_end, "ungrant" },
	{ 'r', "r", "access review", "Who has which role, and when last used",
	    review, NULL, ">access" },
	LIST_KEYS,
	{ 0 },
};

const struct view view_roles = {
	.name = "roles", .title = "Roles", .brief = "Roles",
	.shows = "grant",
	.help = "Roles that the director asked for, and who confirmed them. Two people are needed to give a role, one to take it away.",
	.size = sizeof(struct state), .keys = keys,
	.open = roles_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
