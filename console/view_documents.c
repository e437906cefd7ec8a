/* view_documents.c - the documents that rule what is done here: their versions
 * and dates, who said yes to them, and the way to each text. */
#include <stdio.h>
#include <string.h>

#include "console/document_show.h"
#include "console/view_parts.h"
#include "core/base/text.h"

struct state {
	struct list list;		/* must stand first */
};

#define CELL(name) \
static enum look \
cell_##name(const struct ui *ui, const void *data, char *dst, size_t size) \
{ \
	const struct document *row = data; \
	(void)ui;

CELL(kind)
	cell_text(dst, size, word_of(&document_kind_words, row->kind));
	return row->current ? LOOK_STRONG : LOOK_PLAIN;
}

CELL(version)
	cell_text(dst, size, row->version);
	return LOOK_PLAIN;
}

CELL(how)
	cell_text(dst, size, !row->good ? "DAMAGED" : row->number == 0 ?
	    "in force" : row->current ? "rules" : "-");
	return !row->good ? LOOK_BAD : row->current ? LOOK_GOOD : LOOK_DIM;
}

CELL(from)
	time_date(dst, row->since);
	if (row->since == 0 || size < 11)
		cell_text(dst, size, "-");
	return LOOK_DIM;
}

CELL(until)
	time_date(dst, row->until);
	if (row->until == 0 || size < 11)
		cell_text(dst, size, "-");
	return LOOK_DIM;
}

CELL(yes)
	document_yes(dst, size, row);
	if (dst[0] == '\0')
		cell_text(dst, size, "-");
	return row->number == 0 && row->word_at == 0 ? LOOK_WARN : LOOK_PLAIN;
}

static const struct column columns[] = {
	{ "Document", 20, 0, false, cell_kind },
	{ "Version", 10, 0, false, cell_version },
	{ "State", 9, 0, false, cell_how },
	{ "From", 11, 2, false, cell_from },
	{ "Until", 11, 1, false, cell_until },
	{ "Who said yes", 0, 0, false, cell_yes },
};

static int
documents_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_document_list, columns,
	    sizeof columns / sizeof columns[0], "No document rules here yet.");
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	const struct document *d = list_row(state);
	char ref[64];

	snprintf(ref, sizeof ref, "%s %s", word_of(&document_kind_words,
	    d->kind), d->version);
	ui_open(ui, "document", ref);
}

/* The policy and the agreement in force have screens of their own, where they
 * are read and said yes to. */
static void
yes(struct ui *ui, void *state)
{
	const struct document *d = list_row(state);

	ui_open(ui, d->kind == DOCUMENT_CA_POLICY ? "policy" : "agreement",
	    "");
}

static bool
may_yes(const struct ui *ui, const void *state)
{
	const struct document *d = list_row(state);

	if (d == NULL || d->number != 0 || d->word_at != 0)
		return false;
	return d->kind == DOCUMENT_CA_POLICY ?
	    op_allows(OP_policy_acknowledge, ui_role(ui)) :
	    op_allows(OP_agreement_accept, ui_role(ui));
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "read", NULL, enter, list_view_any, ">document" },
	{ 'a', "a", "say yes", "Acknowledge the policy, accept the agreement: where it is read",
	    yes, may_yes, ">policy, >agreement" },
	{ 0 },
};

const struct view view_documents = {
	.name = "documents", .title = "Documents", .brief = "Documents",
	.shows = "documents",
	.help = "The documents that rule what is done here: each version with its dates, and the policy and the agreement in force. Each issuance names the hash over those that ruled then.",
	.size = sizeof(struct state), .keys = keys,
	.open = documents_open, .draw = list_view_draw,
	.key = list_view_key, .changed = list_view_changed,
	.typing = list_view_typing, .where = list_view_where,
	.close = list_view_close,
};
