/* view_requests.c - own requests; everybody's for staff and auditors. */
#include <stdio.h>

#include "console/view_parts.h"
#include "console/view_rows.h"

struct state {
	struct list list;		/* must stand first */
};

static const struct column own[] = {
	{ "Nr", 6, 0, true, cell_row_number },
	{ "Domain", 0, 0, false, cell_row_domains },
	{ "State", 9, 0, false, cell_row_state },
	{ "Asked", 10, 2, false, cell_row_created },
	{ "Profile", 13, 3, false, cell_row_profile },
};

static const struct column all[] = {
	{ "Nr", 6, 0, true, cell_row_number },
	{ "Domain", 0, 0, false, cell_row_domains },
	{ "State", 9, 0, false, cell_row_state },
	{ "Member", 14, 1, false, cell_row_account },
	{ "Asked", 10, 2, false, cell_row_created },
	{ "Profile", 13, 3, false, cell_row_profile },
};

static int
requests_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;
	bool reader = (READERS & ROLE_BIT(ui_role(ui))) != 0;

	(void)ref;
	list_init(&st->list, OP_request_list, reader ? all : own, reader ?
	    sizeof all / sizeof all[0] : sizeof own / sizeof own[0],
	    op_allows(OP_request_submit, ui_role(ui)) ?
	    "No request yet. Press n to paste a CSR and ask for a certificate." :
	    reader ? "No request yet." :
	    "You have none: requests are for members, staff and the director.");
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	list_view_open(ui, state, "request");
}

static void
new_request(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "request_new", "");
}

static bool
may_request(const struct ui *ui, const void *state)
{
	(void)state;
	return (OWNERS & ROLE_BIT(ui_role(ui))) != 0;
}

static void
cycle(struct ui *ui, void *state)
{
	static const char *const words[] = { "awaiting", "issued", "refused",
		"withdrawn" };

	list_view_cycle(ui, state, words, 4);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", NULL, enter, list_view_any, ">request" },
	{ 'n', "n", "new request", "Paste a CSR and ask for a certificate",
	    new_request, may_request, ">request_new" },
	{ 'f', "f", "by state", "Show one state only; again for the next",
	    cycle, NULL, KEY_MOVES },
	LIST_KEYS,
	{ 0 },
};

const struct view view_requests = {
	.name = "requests", .title = "Requests", .brief = "Requests",
	.shows = "status",
	.help = "Requests, the newest first, and what became of them.",
	.size = sizeof(struct state), .keys = keys,
	.open = requests_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
