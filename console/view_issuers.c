/* view_issuers.c - what the operator wants done with issuers: the director
 * confirms it or drops it (S12.6). */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

struct state {
	struct list list;		/* must stand first */
	int64_t asked;			/* which one the dialog is about */
};

#define CELL(name) \
static enum look \
cell_wish_##name(const struct ui *ui, const void *data, char *dst, \
    size_t size) \
{ \
	const struct issuer_wish *row = data; \
	(void)ui;

CELL(nr)
	cell_number(dst, size, row->number);
	return LOOK_DIM;
}

CELL(state)
	cell_text(dst, size, word_of(&issuer_wish_state_words, row->state));
	return row->state == ISSUER_WISH_DONE ? LOOK_GOOD :
	    row->state == ISSUER_WISH_WAITING ||
	    row->state == ISSUER_WISH_CONFIRMED ? LOOK_WARN : LOOK_DIM;
}

CELL(what)
	cell_text(dst, size, row->deed);
	return LOOK_STRONG;
}

CELL(issuer)
	cell_text(dst, size, row->issuer);
	return LOOK_PLAIN;
}

CELL(asked)
	char date[11];

	time_date(date, row->asked);
	cell_text(dst, size, date);
	return LOOK_PLAIN;
}

CELL(second)
	cell_text(dst, size, row->confirmed_by);
	return LOOK_PLAIN;
}

CELL(note)
	cell_text(dst, size, row->note);
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "Nr", 5, 0, true, cell_wish_nr },
	{ "State", 9, 0, false, cell_wish_state },
	{ "What", 8, 0, false, cell_wish_what },
	{ "Issuer", 0, 0, false, cell_wish_issuer },
	{ "Asked", 10, 1, false, cell_wish_asked },
	{ "Confirmed by", 12, 2, false, cell_wish_second },
	{ "Note", 30, 3, false, cell_wish_note },
};

static int
issuers_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_issuer_wishes, columns,
	    sizeof columns / sizeof columns[0],
	    "The operator has asked for nothing. The issuers in use stand under System.");
	return list_load(ui, &st->list, e);
}

static const struct issuer_wish *
marked(const void *state)
{
	const struct state *st = state;

	return list_row(&st->list);
}

static bool
may_confirm(const struct ui *ui, const void *state)
{
	return op_allows(OP_issuer_confirm, ui_role(ui)) &&
	    list_view_any(ui, state) &&
	    marked(state)->state == ISSUER_WISH_WAITING;
}

static bool
may_drop(const struct ui *ui, const void *state)
{
	return op_allows(OP_issuer_drop, ui_role(ui)) &&
	    list_view_any(ui, state) &&
	    (marked(state)->state == ISSUER_WISH_WAITING ||
	    marked(state)->state == ISSUER_WISH_CONFIRMED);
}

static int
confirm_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	const struct state *st = state;
	struct issuer_wish w = { 0 };
	struct ref r = { 0 };

	if (strcmp(form_text(f, 0), ui->dialog->subject) != 0)
		return err_set(e, ERR_BAD_INPUT, "",
		    "Type the word to confirm; nothing was changed yet.");
	snprintf(r.ref, sizeof r.ref, "%lld",
	    (long long)st->asked);
	if (ask_issuer_confirm(ui->line, &r, &w, e) < 0)
		return -1;
	ui->changed = true;
	if (w.state == ISSUER_WISH_CONFIRMED)
		ui_say(ui, LOOK_GOOD, "Confirmed: the operator may make it now, by the same command.");
	else
		ui_say(ui, LOOK_GOOD, "Done: %s %s.", w.deed, w.issuer);
	return 0;
}

static void
confirm(struct ui *ui, void *state)
{
	const struct issuer_wish *w = marked(state);
	struct dialog *d = NULL;
	char ref[32];

	if (part_must_sign(ui, NULL)) {
		snprintf(ref, sizeof ref, "issuer %lld",
		    (long long)w->number);
		ui_open(ui, "statement", ref);
		return;
	}
	d = ui_dialog(ui, "Confirm what the operator wants?", "Confirm",
	    "Not now", confirm_done);
	d->state = state;
	((struct state *)state)->asked = w->number;
	str_copy(d->subject, sizeof d->subject, w->issuer[0] ? w->issuer :
	    w->deed);
	pager_text(&d->text, LOOK_WARN,
	    "The operator on the host wants to %s %s%s%s%s%s. You are the second person: confirm it only when you know why.",
	    strcmp(w->deed, "new") == 0 ? "make a new issuer for" : w->deed,
	    w->issuer[0] ? w->issuer : "a certificate of the root",
	    w->sha256[0] ? ", SHA-256 " : "", w->sha256,
	    w->note[0] ? ": " : "", w->note);
	form_line(&d->form, "Word", w->issuer[0] ?
	    "type the name of the issuer" : "type: import", 63);
}

static void
drop(struct ui *ui, void *state)
{
	struct issuer_wish w = { 0 };
	struct ref r = { 0 };
	struct err e;

	snprintf(r.ref, sizeof r.ref, "%lld",
	    (long long)marked(state)->number);
	if (ask_issuer_drop(ui->line, &r, &w, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	ui->changed = true;
	ui_say(ui, LOOK_WARN, "Operation %s is dropped.", r.ref);
}

static const struct key_row keys[] = {
	{ 'c', "c", "confirm", "Confirm the marked operation, as the second person",
	    confirm, may_confirm, "issuer confirm, >statement" },
	{ 'x', "x", "drop", "Drop the marked operation", drop, may_drop,
	    "issuer drop" },
	LIST_KEYS,
	{ 0 },
};

const struct view view_issuers = {
	.name = "issuers", .title = "Issuers", .brief = "Issuers",
	.shows = "issuer list",
	.help = "What the operator on the host wants done with an issuer: make, take in, activate, retire, revoke. It is done when the director has confirmed it; after seven days it expires. A revocation for a compromised key does not wait.",
	.size = sizeof(struct state), .keys = keys,
	.open = issuers_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
