/* view_revocations.c - revocations, and whether they are in force. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"

struct state {
	struct list list;		/* must stand first */
};

#define CELL(name) \
static enum look \
cell_##name(const struct ui *ui, const void *data, char *dst, size_t size) \
{ \
	const struct revocation *row = data; \
	(void)ui;

CELL(nr)
	cell_number(dst, size, row->number);
	return LOOK_DIM;
}

CELL(request)
	cell_number(dst, size, row->request);
	return LOOK_PLAIN;
}

CELL(serial)
	cell_text(dst, size, row->serial);
	return LOOK_PLAIN;
}

CELL(owner)
	cell_text(dst, size, row->account);
	return LOOK_PLAIN;
}

CELL(reason)
	cell_text(dst, size, word_of(&reason_words, row->reason));
	return LOOK_PLAIN;
}

CELL(progress)
	cell_text(dst, size, word_of(&revocation_state_words, row->state));
	return row->state == REVOCATION_EFFECTIVE ? LOOK_GOOD :
	    row->state == REVOCATION_REFUSED ? LOOK_BAD : LOOK_WARN;
}

CELL(date)
	char date[11];

	time_date(date, row->requested);
	cell_text(dst, size, date);
	return LOOK_PLAIN;
}

CELL(by)
	if (row->by_role == ROLE_GUEST)
		snprintf(dst, size, "holder of the key %s", row->by);
	else
		snprintf(dst, size, "%s %s", word_of(&role_words,
		    row->by_role), row->by);
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "Nr", 6, 0, true, cell_nr },
	{ "Cert", 7, 0, true, cell_request },
	{ "Member", 14, 1, false, cell_owner },
	{ "State", 9, 0, false, cell_progress },
	{ "Reason", -20, 0, false, cell_reason },
	{ "Asked", 10, 2, false, cell_date },
	{ "By", 20, 3, false, cell_by },
	{ "Serial", 34, 4, false, cell_serial },
};

static int
revocations_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_revocation_list, columns,
	    sizeof columns / sizeof columns[0], "Nothing was revoked.");
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	const struct revocation *r = list_row(state);

	ui_open(ui, "certificate", r->serial);
}

static void
plans(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "plans", "");
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "the certificate", NULL, enter, list_view_any,
	    ">certificate" },
	{ 'm', "m", "many at once", "Plans to revoke many certificates", plans,
	    NULL, ">plans" },
	LIST_KEYS,
	{ 0 },
};

const struct view view_revocations = {
	.name = "revocations", .title = "Revocations", .brief = "Revoked",
	.shows = "revocations",
	.help = "Revocations, the newest first: received, confirmed by the signer, and in force once the CRL and the OCSP answer say so. m shows plans to revoke many at once.",
	.size = sizeof(struct state), .keys = keys,
	.open = revocations_open, .draw = list_view_draw,
	.key = list_view_key, .changed = list_view_changed,
	.typing = list_view_typing, .where = list_view_where,
	.close = list_view_close,
};
