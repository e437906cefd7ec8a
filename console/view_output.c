/* view_output.c - what a command typed behind `:` has written. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"

struct state {
	struct pager page;		/* must stand first */
	struct buf text;
};

static int
output_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)e;
	st->text = ui->output.text;
	memset(&ui->output.text, 0, sizeof ui->output.text);
	pager_text(&st->page, ui->output.status == 0 ? LOOK_STRONG :
	    LOOK_WARN, ":%s", ref);
	pager_gap(&st->page);
	pager_lines(&st->page, LOOK_PLAIN, st->text.data, st->text.size);
	if (ui->output.status != 0) {
		pager_gap(&st->page);
		pager_text(&st->page, LOOK_DIM, "Exit status %d",
		    ui->output.status);
	}
	return 0;
}

static void
output_close(void *state)
{
	struct state *st = state;

	pager_clear(&st->page);
	buf_clear(&st->text);
}

static void
copy(struct ui *ui, void *state)
{
	const struct state *st = state;

	ui_copy(ui, "the output", st->text.data, st->text.size);
}

static void
plain(struct ui *ui, void *state)
{
	const struct state *st = state;

	ui_plain(ui, st->text.data, st->text.size);
}

static const struct key_row keys[] = {
	{ 'y', "y", "copy", "Copy the output to the clipboard", copy, NULL,
	    KEY_MOVES },
	{ 'p', "p", "plain", "Show it without frames, to mark with the mouse",
	    plain, NULL, KEY_MOVES },
	{ 0 },
};

const struct view view_output = {
	.name = "output", .title = "Output", .brief = "Output",
	.help = "What the command behind : has written. : types another one; arrow up in its line brings earlier ones back.",
	.size = sizeof(struct state), .keys = keys,
	.open = output_open, .draw = pager_view_draw, .key = pager_view_key,
	.where = pager_view_where, .close = output_close,
};
