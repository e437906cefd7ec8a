/* view_audit.c - the audit log: reading, filtering, verifying the chain. */
#include <stdio.h>
#include <string.h>

#include "console/ui_walk.h"
#include "console/view_parts.h"
#include "core/base/text.h"

struct state {
	struct list list;		/* must stand first */
};

#define CELL(name) \
static enum look \
cell_##name(const struct ui *ui, const void *row, char *dst, size_t size) \
{ \
	const struct audit_entry *entry = row; \
	(void)ui;

CELL(entry)
	cell_number(dst, size, entry->number);
	return LOOK_DIM;
}

CELL(at)
	char at[TIME_TEXT_SIZE];

	time_text(at, entry->at);
	at[16] = '\0';		/* to the minute; the entry has it all */
	cell_text(dst, size, at);
	return LOOK_PLAIN;
}

CELL(actor)
	cell_text(dst, size, entry->actor[0] ? entry->actor :
	    entry->role == ROLE_SYSTEM ? "-" : "(erased)");
	return LOOK_PLAIN;
}

CELL(role)
	cell_text(dst, size, word_of(&role_words, entry->role));
	return LOOK_DIM;
}

CELL(action)
	cell_text(dst, size, entry->action);
	return LOOK_STRONG;
}

CELL(object)
	cell_text(dst, size, entry->object);
	return LOOK_PLAIN;
}

CELL(outcome)
	return cell_state(word_of(&outcome_words, entry->outcome), dst, size);
}

static const struct column columns[] = {
	{ "Nr", 6, 0, true, cell_entry },
	{ "Time", 16, 2, false, cell_at },
	{ "Actor", 10, 1, false, cell_actor },
	{ "Role", 9, 4, false, cell_role },
	{ "Action", 20, 0, false, cell_action },
	{ "Object", -9, 3, false, cell_object },
	{ "Outcome", 7, 2, false, cell_outcome },
};

static int
audit_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_audit_list, columns,
	    sizeof columns / sizeof columns[0], "The log is empty.");
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	list_view_open(ui, state, "audit_entry");
}

static void
cycle(struct ui *ui, void *state)
{
	static const char *const words[] = { "account", "domain", "request",
		"certificate", "key", "authority" };

	list_view_cycle(ui, state, words, 6);
}

static void
verify(struct ui *ui, void *state)
{
	(void)state;
	ui_say(ui, LOOK_PLAIN, "Checking every entry of the chain ...");
	ui_draw(ui);
	ui_walk_start(ui);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", NULL, enter, list_view_any,
	    ">audit_entry" },
	{ 'v', "v", "verify", "Check the hash chain from the first entry to the last",
	    verify, NULL, "audit verify" },
	{ 'f', "f", "by noun", "Entries about one kind of thing; again for the next",
	    cycle, NULL, KEY_MOVES },
	LIST_KEYS,
	{ 0 },
};

const struct view view_audit = {
	.name = "audit", .title = "Audit", .brief = "Audit",
	.shows = "audit",
	.help = "The audit log, the newest entry first. It is read here, never changed.",
	.size = sizeof(struct state), .keys = keys,
	.open = audit_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
