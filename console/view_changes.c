/* view_changes.c - what was pushed in this session, line by line as `watch`
 * prints it. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/text.h"

static void
change_add(struct pager *p, const struct heard *s)
{
	char at[TIME_TEXT_SIZE];

	time_text(at, s->at);
	if (s->change.number != 0)
		pager_field(p, at, LOOK_PLAIN, "%s %lld  %s", s->change.noun,
		    (long long)s->change.number, s->change.text);
	else
		pager_field(p, at, LOOK_PLAIN, "%s  %s", s->change.noun,
		    s->change.text);
}

static void
changes_fill(struct ui *ui, struct pager *p)
{
	size_t n = ui->n_heard < UI_HEARD ? ui->n_heard : UI_HEARD;

	pager_again(p);
	p->label_cols = TIME_TEXT_SIZE;
	pager_head(p, "What changed while you are here");
	if (n == 0)
		pager_text(p, LOOK_DIM,
		    "Nothing yet. What changes shows here, and on every screen, by itself.");
	for (size_t i = 1; i <= n; i++)		/* the newest first */
		change_add(p, &ui->heard[(ui->n_heard - i) % UI_HEARD]);
}

static int
changes_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	(void)ref, (void)e;
	changes_fill(ui, state);
	return 0;
}

static void
changes_changed(struct ui *ui, void *state)
{
	changes_fill(ui, state);
}

static void
changes_close(void *state)
{
	pager_clear(state);
}

static const struct key_row keys[] = {
	{ 0 },
};

const struct view view_changes = {
	.name = "changes", .title = "Changes", .brief = "Changes",
	.shows = "watch",
	.help = "Each change that the authority told this session, the newest first. To have them one by one in a shell: watch.",
	.size = sizeof(struct pager), .keys = keys,
	.open = changes_open, .draw = pager_view_draw, .key = pager_view_key,
	.changed = changes_changed, .where = pager_view_where,
	.close = changes_close,
};
