/* view_access.c - the access review, to be read from top to bottom. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"

static void
person_add(struct pager *p, const struct access *a, int64_t now)
{
	char when[WHEN_SIZE];

	pager_gap(p);
	pager_text(p, LOOK_STRONG, "%s, %s", a->account,
	    word_of(&role_words, a->role));
	if (a->text[0] != '\0')
		pager_field(p, "look at", LOOK_WARN, "%s", a->text);
	if (a->granted_by[0] != '\0') {
		time_both(when, a->since, now);
		pager_field(p, "since", LOOK_PLAIN, "%s, asked by %s, confirmed by %s",
		    when, a->granted_by, a->confirmed_by);
	} else {
		pager_field(p, "since", LOOK_PLAIN, "given by the operator");
	}
	if (a->until != 0) {
		time_both(when, a->until, now);
		pager_field(p, "until", LOOK_PLAIN, "%s", when);
	}
	time_both(when, a->last_login, now);
	pager_field(p, "last here", LOOK_PLAIN, "%s", a->last_login ? when :
	    "never");
	pager_field(p, "keys", LOOK_PLAIN, "%lld, of them %lld in hardware",
	    (long long)a->keys, (long long)a->hardware_keys);
}

static int
access_fill(struct ui *ui, struct pager *p, struct err *e)
{
	struct none none = { 0 };
	struct access_list list = { 0 };
	char line[512];
	int64_t now = clock_now();

	if (ask_access_list(ui->line, &none, &list, e) < 0)
		return -1;
	pager_again(p);
	p->label_cols = 12;
	pager_head(p, "Access review");
	for (size_t i = 0; i < list.n_rows; i++)
		person_add(p, &list.rows[i], now);
	NOUN_CLEAR(access_list, &list);
	pager_gap(p);
	exec_line(line, sizeof line, &ui->me, "access", NULL);
	part_command(p, "The same by command:", line);
	return 0;
}

static int
access_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	(void)ref;
	return access_fill(ui, state, e);
}

static void
access_changed(struct ui *ui, void *state)
{
	struct err e;

	if (access_fill(ui, state, &e) < 0)
		ui_error(ui, &e);
}

static void
access_close(void *state)
{
	pager_clear(state);
}

static const struct key_row keys[] = {
	{ 0 },
};

const struct view view_access = {
	.name = "access", .title = "Access review", .brief = "Access",
	.shows = "access",
	.help = "Everybody with a role: since when and by whom, when last here, and what should be looked at.",
	.size = sizeof(struct pager), .keys = keys,
	.open = access_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = access_changed, .where = pager_view_where,
	.close = access_close,
};
