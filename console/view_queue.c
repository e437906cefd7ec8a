/* view_queue.c - requests that wait for a decision, the oldest first. */
#include <stdio.h>

#include "console/view_parts.h"
#include "console/view_rows.h"

struct state {
	struct list list;		/* must stand first */
};

static const struct column columns[] = {
	{ "Nr", 6, 0, true, cell_row_number },
	{ "Domain", 0, 0, false, cell_row_domains },
	{ "Member", 14, 0, false, cell_row_account },
	{ "Asked", 14, 1, false, cell_row_waits },
	{ "Profile", 13, 2, false, cell_row_profile },
};

static int
queue_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_queue_list, columns,
	    sizeof columns / sizeof columns[0],
	    "Nothing waits for a decision.");
	st->list.oldest_first = true;
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	list_view_open(ui, state, "review");
}

static void
disputes(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "conflicts", "");
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "review", "See the evidence and decide", enter,
	    list_view_any, ">review" },
	{ 'd', "d", "disputes", "Domains that two members have proven",
	    disputes, NULL, ">conflicts" },
	LIST_KEYS,
	{ 0 },
};

const struct view view_queue = {
	.name = "queue", .title = "Queue", .brief = "Queue",
	.shows = "queue",
	.help = "Requests that wait for a decision. Nobody decides about a request of his own.",
	.size = sizeof(struct state), .keys = keys,
	.open = queue_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
