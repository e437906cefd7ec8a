/* view_help.c - the keys of the view at hand, from its own table. */
#include <string.h>

#include "console/view_parts.h"
#include "core/base/version.h"

static void
key_line(struct pager *p, const char *key, const char *words)
{
	pager_field(p, key, LOOK_PLAIN, "%s", words);
}

static int
help_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct pager *p = state;
	const struct view *v = NULL;
	const void *vs = ui->depth > 0 ? ui->stack[ui->depth - 1].state : NULL;
	char line[512];

	(void)e;
	for (size_t i = 0; i < view_count; i++)
		if (strcmp(views[i].view->name, ref) == 0)
			v = views[i].view;
	if (v != NULL) {
		pager_text(p, LOOK_STRONG, "%s", v->title);
		pager_text(p, LOOK_PLAIN, "%s", v->help);
		if (v->keys[0].key != 0)
			pager_head(p, "Keys here");
		for (const struct key_row *k = v->keys; k->key != 0; k++)
			if (k->when == NULL || (vs != NULL &&
			    k->when(ui, vs)))
				key_line(p, k->name, k->help ? k->help :
				    k->words);
	}
	pager_head(p, "Keys everywhere");
	key_line(p, "1 2 3 ...", "open the view with that number");
	key_line(p, "Tab", "the next view; in a form the next field");
	key_line(p, "up down j k", "move by a line");
	key_line(p, "PgUp PgDn", "move by a page; Space and b too");
	key_line(p, "Home End g G", "to the start, to the end");
	key_line(p, "{ }", "to the part of a page before, to the next one");
	key_line(p, "/ n N", "look for a text; the next one, the one before");
	key_line(p, ":", "type any command; Tab completes, up brings it back");
	key_line(p, "Esc or q", "back; q leaves at the first level");
	key_line(p, "Q or ^C", "leave from anywhere");
	key_line(p, "^L", "draw the screen again");
	pager_head(p, "Without screens");
	pager_text(p, LOOK_PLAIN,
	    "Every action is also a command, for scripts and for screen readers:");
	exec_line(line, sizeof line, &ui->me, "help", NULL);
	pager_text(p, LOOK_PLAIN, "  %s", line);
	exec_line(line, sizeof line, &ui->me, "plain", NULL);
	pager_text(p, LOOK_PLAIN, "  %s", line);
	pager_gap(p);
	pager_text(p, LOOK_DIM, "xmpp-ica-console %s", XMPP_ICA_VERSION);
	return 0;
}

static void
help_close(void *state)
{
	pager_clear(state);
}

static void
by_lines(struct ui *ui, void *state)
{
	(void)state;
	ui_leave_by_lines(ui);
}

static void
all(struct ui *ui, void *state)
{
	(void)state;
	ui_command(ui, "help", NULL);
}

static const struct key_row keys[] = {
	{ 'c', "c", "all commands", "Every command, by what it is for", all,
	    NULL, "help" },
	{ 'p', "p", "by lines", "Go on in the dialogue by lines, without screens",
	    by_lines, NULL, "plain" },
	{ 0 },
};

const struct view view_help = {
	.name = "help", .title = "Help", .brief = "Help",
	.shows = "help, version",
	.help = "", .size = sizeof(struct pager), .keys = keys,
	.open = help_open, .draw = pager_view_draw, .key = pager_view_key,
	.where = pager_view_where, .close = help_close,
};
