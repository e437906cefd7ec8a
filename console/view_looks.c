/* view_looks.c - who of the staff and auditors looked at one's own record
 * (S4.6). */
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
	const struct glance *row = data; \
	(void)ui;

CELL(at)
	char at[TIME_TEXT_SIZE];

	time_text(at, row->at);
	cell_text(dst, size, at);
	return LOOK_DIM;
}

CELL(by)
	cell_text(dst, size, row->by[0] ? row->by : "(erased)");
	return LOOK_PLAIN;
}

CELL(role)
	cell_text(dst, size, word_of(&role_words, row->role));
	return LOOK_DIM;
}

CELL(what)
	cell_text(dst, size, row->what);
	return LOOK_PLAIN;
}

CELL(reason)
	cell_text(dst, size, row->reason[0] ? row->reason : "-");
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "When", 20, 0, false, cell_at },
	{ "Who", 12, 0, false, cell_by },
	{ "Role", 8, 3, false, cell_role },
	{ "What", 16, 2, false, cell_what },
	{ "Reason given", 0, 1, false, cell_reason },
};

static int
looks_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_account_looks, columns,
	    sizeof columns / sizeof columns[0],
	    "Nobody of the staff or the auditors has looked at your record.");
	return list_load(ui, &st->list, e);
}

static const struct key_row keys[] = {
	LIST_KEYS,
	{ 0 },
};

const struct view view_looks = {
	.name = "looks", .title = "Looks", .brief = "Looks",
	.shows = "account looks",
	.help = "Each time somebody of the staff or an auditor looked at your record: who, when, at what, and the reason that was given.",
	.size = sizeof(struct state), .keys = keys,
	.open = looks_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
