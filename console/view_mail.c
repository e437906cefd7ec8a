/* view_mail.c - letters: waiting, sent, failed. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"

struct state {
	struct list list;		/* must stand first */
};

static enum look
cell_letter(const struct ui *ui, const void *row, char *dst, size_t size)
{
	(void)ui;
	cell_number(dst, size, ((const struct notice *)row)->number);
	return LOOK_DIM;
}

static enum look
cell_to(const struct ui *ui, const void *row, char *dst, size_t size)
{
	(void)ui;
	cell_text(dst, size, ((const struct notice *)row)->to);
	return LOOK_PLAIN;
}

static enum look
cell_kind(const struct ui *ui, const void *row, char *dst, size_t size)
{
	(void)ui;
	cell_text(dst, size, ((const struct notice *)row)->kind);
	return LOOK_PLAIN;
}

static enum look
cell_letter_state(const struct ui *ui, const void *row, char *dst,
    size_t size)
{
	(void)ui;
	return cell_state(word_of(&notice_state_words,
	    ((const struct notice *)row)->state), dst, size);
}

static enum look
cell_tries(const struct ui *ui, const void *row, char *dst, size_t size)
{
	const struct notice *n = row;

	(void)ui;
	cell_number(dst, size, n->attempts);
	return n->attempts > 1 ? LOOK_WARN : LOOK_PLAIN;
}

static enum look
cell_when(const struct ui *ui, const void *row, char *dst, size_t size)
{
	char when[WHEN_SIZE];

	(void)ui;
	time_relative(when, ((const struct notice *)row)->created,
	    clock_now());
	cell_text(dst, size, when);
	return LOOK_DIM;
}

static const struct column columns[] = {
	{ "Nr", 6, 0, true, cell_letter },
	{ "To", 0, 0, false, cell_to },
	{ "Letter", 18, 2, false, cell_kind },
	{ "State", 8, 0, false, cell_letter_state },
	{ "Tries", 5, 3, true, cell_tries },
	{ "Written", 14, 4, false, cell_when },
};

static int
mail_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_notice_list, columns,
	    sizeof columns / sizeof columns[0], "No letters.");
	return list_load(ui, &st->list, e);
}

static void
enter(struct ui *ui, void *state)
{
	const struct notice *n = list_row(state);
	struct dialog *d = ui_dialog(ui, "Letter", NULL, "OK", NULL);
	const char *word = word_of(&notice_state_words, n->state);
	char when[WHEN_SIZE];
	int64_t now = clock_now();

	d->text.label_cols = 10;
	pager_field(&d->text, "to", LOOK_PLAIN, "%s", n->to);
	pager_field(&d->text, "subject", LOOK_PLAIN, "%s", n->subject);
	pager_field(&d->text, "state", look_of_state(word), "%s", word);
	time_both(when, n->created, now);
	pager_field(&d->text, "written", LOOK_PLAIN, "%s", when);
	time_both(when, n->sent, now);
	pager_field(&d->text, "sent", LOOK_PLAIN, "%s", when);
	if (n->state == NOTICE_WAITING || n->state == NOTICE_LEASED) {
		time_both(when, n->next, now);
		pager_field(&d->text, "next try", LOOK_PLAIN, "%s", when);
	}
	pager_field(&d->text, "tries", LOOK_PLAIN, "%lld",
	    (long long)n->attempts);
	if (n->reply[0] != '\0')
		pager_field(&d->text, "reply", LOOK_PLAIN, "%s", n->reply);
}

static void
cycle(struct ui *ui, void *state)
{
	static const char *const words[] = { "waiting", "failed", "sent" };

	list_view_cycle(ui, state, words, 3);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", NULL, enter, list_view_any, KEY_MOVES },
	{ 'f', "f", "by state", "Show one state only; again for the next",
	    cycle, NULL, KEY_MOVES },
	LIST_KEYS,
	{ 0 },
};

const struct view view_mail = {
	.name = "mail", .title = "Mail", .brief = "Mail",
	.shows = "mail",
	.help = "Letters that wait, were sent, or failed, with the last words of the mail server.",
	.size = sizeof(struct state), .keys = keys,
	.open = mail_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
