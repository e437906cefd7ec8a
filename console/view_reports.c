/* view_reports.c - the quarters, and whether their reports went to the Board. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/text.h"

struct state {
	struct list list;		/* must stand first */
};

#define CELL(name) \
static enum look \
cell_##name(const struct ui *ui, const void *data, char *dst, size_t size) \
{ \
	const struct report_row *row = data; \
	(void)ui;

CELL(quarter)
	cell_text(dst, size, row->quarter);
	return LOOK_PLAIN;
}

CELL(progress)
	cell_text(dst, size, row->state);
	return row->submitted ? LOOK_GOOD : strcmp(row->state, "late") == 0 ?
	    LOOK_BAD : strcmp(row->state, "due") == 0 ? LOOK_WARN : LOOK_DIM;
}

CELL(due)
	char date[11];

	time_date(date, row->due);
	cell_text(dst, size, date);
	return LOOK_PLAIN;
}

CELL(sent)
	char date[11];

	time_date(date, row->submitted);
	cell_text(dst, size, date);
	return LOOK_PLAIN;
}

CELL(by)
	cell_text(dst, size, row->submitted_by[0] ? row->submitted_by : "-");
	return LOOK_PLAIN;
}

CELL(addenda)
	cell_number(dst, size, row->addenda);
	return row->addenda ? LOOK_PLAIN : LOOK_DIM;
}

static const struct column columns[] = {
	{ "Quarter", 8, 0, false, cell_quarter },
	{ "State", 10, 0, false, cell_progress },
	{ "Due", 10, 1, false, cell_due },
	{ "Submitted", 10, 2, false, cell_sent },
	{ "By", 14, 3, false, cell_by },
	{ "Addenda", 7, 4, true, cell_addenda },
};

static int
reports_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_report_list, columns,
	    sizeof columns / sizeof columns[0], "No quarter yet.");
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	const struct report_row *r = list_row(state);

	ui_open(ui, "report", r->quarter);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", NULL, enter, list_view_any, ">report" },
	LIST_KEYS,
	{ 0 },
};

const struct view view_reports = {
	.name = "reports", .title = "Reports", .brief = "Reports",
	.shows = "report list",
	.help = "The quarters, the newest first: open while they run, due when they are over, submitted when the director has said that the report went to the Board.",
	.size = sizeof(struct state), .keys = keys,
	.open = reports_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
