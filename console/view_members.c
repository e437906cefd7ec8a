/* view_members.c - the members, for staff and auditors. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"

struct state {
	struct list list;		/* must stand first */
};

static enum look
cell_name(const struct ui *ui, const void *row, char *dst, size_t size)
{
	(void)ui;
	cell_text(dst, size, ((const struct account *)row)->name);
	return LOOK_PLAIN;
}

static enum look
cell_email(const struct ui *ui, const void *row, char *dst, size_t size)
{
	(void)ui;
	cell_text(dst, size, ((const struct account *)row)->email);
	return LOOK_PLAIN;
}

static enum look
cell_role(const struct ui *ui, const void *row, char *dst, size_t size)
{
	(void)ui;
	cell_text(dst, size, word_of(&role_words,
	    ((const struct account *)row)->role));
	return LOOK_DIM;
}

static enum look
cell_account_state(const struct ui *ui, const void *row, char *dst,
    size_t size)
{
	(void)ui;
	return cell_state(word_of(&account_state_words,
	    ((const struct account *)row)->state), dst, size);
}

static enum look
cell_domains(const struct ui *ui, const void *row, char *dst, size_t size)
{
	(void)ui;
	cell_number(dst, size, ((const struct account *)row)->domains);
	return LOOK_PLAIN;
}

static enum look
cell_certificates(const struct ui *ui, const void *row, char *dst,
    size_t size)
{
	(void)ui;
	cell_number(dst, size, ((const struct account *)row)->certificates);
	return LOOK_PLAIN;
}

static enum look
cell_login(const struct ui *ui, const void *row, char *dst, size_t size)
{
	char when[WHEN_SIZE];

	(void)ui;
	time_relative(when, ((const struct account *)row)->last_login,
	    clock_now());
	cell_text(dst, size, when);
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "Name", 18, 0, false, cell_name },
	{ "State", 9, 0, false, cell_account_state },
	{ "E-mail", 0, 1, false, cell_email },
	{ "Role", 8, 3, false, cell_role },
	{ "Domains", 7, 4, true, cell_domains },
	{ "Certs", 5, 4, true, cell_certificates },
	{ "Last login", 14, 5, false, cell_login },
};

static int
members_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_account_list, columns,
	    sizeof columns / sizeof columns[0], "No members yet.");
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	const struct account *a = list_row(state);

	if (a != NULL)
		ui_open(ui, "member", a->name);
}

static void
recoveries(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "recoveries", "");
}

static void
breach(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "breach", "");
}

static bool
may_breach(const struct ui *ui, const void *state)
{
	return op_allows(OP_breach_report, ui_role(ui)) &&
	    !list_view_filtering(ui, state);
}

static void
cycle(struct ui *ui, void *state)
{
	static const char *const words[] = { "active", "pending", "suspended",
		"closed" };

	list_view_cycle(ui, state, words, 4);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", NULL, enter, list_view_any, ">member" },
	{ 'f', "f", "by state", "Show one state only; again for the next",
	    cycle, NULL, KEY_MOVES },
	LIST_KEYS,
	{ 'o', "o", "recoveries", "Accounts whose key is lost, and a second person's yes",
	    recoveries, NULL, ">recoveries" },
	{ 'b', "b", "breach", "Whose data was held in a time range", breach,
	    may_breach, ">breach" },
	{ 0 },
};

const struct view view_members = {
	.name = "members", .title = "Members", .brief = "Members",
	.shows = "member list",
	.help = "All accounts, the newest first.",
	.size = sizeof(struct state), .keys = keys,
	.open = members_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
