/* view_alarms.c - alarms: what is not well, since when, who looks after it. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"

struct state {
	struct list list;		/* must stand first */
};

#define CELL(name) \
static enum look \
cell_alarm_##name(const struct ui *ui, const void *data, char *dst, size_t size) \
{ \
	const struct alarm *row = data; \
	(void)ui;

CELL(nr)
	cell_number(dst, size, row->number);
	return LOOK_DIM;
}

CELL(kind)
	cell_text(dst, size, word_of(&alarm_kind_words, row->kind));
	return row->state == ALARM_OVER ? LOOK_PLAIN : LOOK_STRONG;
}

CELL(state)
	cell_text(dst, size, word_of(&alarm_state_words, row->state));
	return row->state == ALARM_OVER ? LOOK_GOOD :
	    row->state == ALARM_SEEN ? LOOK_WARN : LOOK_BAD;
}

CELL(since)
	char when[WHEN_SIZE];

	time_relative(when, row->raised, clock_now());
	cell_text(dst, size, when);
	return LOOK_DIM;
}

CELL(object)
	cell_text(dst, size, row->object);
	return LOOK_PLAIN;
}

CELL(text)
	cell_text(dst, size, row->text);
	return LOOK_PLAIN;
}

static const struct column columns[] = {
	{ "Nr", 5, 1, true, cell_alarm_nr },
	{ "State", 6, 0, false, cell_alarm_state },
	{ "Alarm", 15, 0, false, cell_alarm_kind },
	{ "About", 14, 3, false, cell_alarm_object },
	{ "Since", 14, 2, false, cell_alarm_since },
	{ "What is wrong", 0, 0, false, cell_alarm_text },
};

static int
alarm_view_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_alarm_list, columns,
	    sizeof columns / sizeof columns[0], "No alarm was ever raised.");
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	const struct alarm *a = list_row(state);
	struct dialog *d = ui_dialog(ui, "Alarm", NULL, "OK", NULL);
	char when[WHEN_SIZE];
	int64_t now = clock_now();

	d->text.label_cols = 12;
	pager_field(&d->text, "alarm", LOOK_STRONG, "%s",
	    word_of(&alarm_kind_words, a->kind));
	if (a->object[0] != '\0')
		pager_field(&d->text, "about", LOOK_PLAIN, "%s", a->object);
	pager_field(&d->text, "state", a->state == ALARM_OVER ? LOOK_GOOD :
	    LOOK_BAD, "%s", word_of(&alarm_state_words, a->state));
	time_both(when, a->raised, now);
	pager_field(&d->text, "since", LOOK_PLAIN, "%s", when);
	time_both(when, a->over ? a->over : a->last, now);
	pager_field(&d->text, a->over ? "over" : "last found", LOOK_PLAIN,
	    "%s", when);
	if (a->seen_by[0] != '\0') {
		time_both(when, a->seen, now);
		pager_field(&d->text, "looked after", LOOK_PLAIN,
		    "by %s, %s", a->seen_by, when);
	}
	pager_gap(&d->text);
	pager_text(&d->text, LOOK_PLAIN, "%s", a->text);
}

static bool
may_see(const struct ui *ui, const void *state)
{
	return list_view_any(ui, state) &&
	    op_allows(OP_alarm_see, ui_role(ui));
}

static void
see(struct ui *ui, void *state)
{
	const struct alarm *a = list_row(state);
	struct ref r = { 0 };
	struct alarm answer = { 0 };
	struct err e;

	snprintf(r.ref, sizeof r.ref, "%lld", (long long)a->number);
	if (ask_alarm_see(ui->line, &r, &answer, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "Alarm %s: %s looks after it.", r.ref,
	    answer.seen_by);
}

static void
cycle(struct ui *ui, void *state)
{
	static const char *const words[] = { "open", "seen", "over" };

	list_view_cycle(ui, state, words, 3);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", NULL, enter, list_view_any, KEY_MOVES },
	{ 's', "s", "I look after it",
	    "Say that you look after the marked alarm; others see it", see,
	    may_see, "alarms" },
	{ 'f', "f", "by state", "Show one state only; again for the next",
	    cycle, NULL, KEY_MOVES },
	LIST_KEYS,
	{ 0 },
};

const struct view view_alarms = {
	.name = "alarms", .title = "Alarms", .brief = "Alarms",
	.shows = "alarms",
	.help = "What is not well, newest first. An alarm stays open until its cause is gone; s tells the others that you look after it.",
	.size = sizeof(struct state), .keys = keys,
	.open = alarm_view_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
