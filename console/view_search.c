/* view_search.c - one text looked for in requests, certificates, accounts and
 * domains; Enter opens what was found.
 *
 * It asks on Enter and not while one types: each search for members stands in
 * the audit log (S4.6). */
#include <stdio.h>
#include <string.h>

#include "console/ui_paste.h"
#include "console/view_parts.h"
#include "core/base/text.h"

#define HITS_MOST 200

struct state {
	struct edit line;
	bool typing, asked;
	struct hit_list hits;
	size_t at;
};

static int
search_ask(struct ui *ui, struct state *st, struct err *e)
{
	struct wish w = { .limit = HITS_MOST };
	struct hit_list hits = { 0 };

	str_copy(w.filter, sizeof w.filter, st->line.text);
	if (ask_search(ui->line, &w, &hits, e) < 0)
		return -1;
	NOUN_CLEAR(hit_list, &st->hits);
	st->hits = hits;
	if (st->at >= hits.n_rows)
		st->at = hits.n_rows > 0 ? hits.n_rows - 1 : 0;
	st->asked = true;
	return 0;
}

static int
search_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ui, (void)ref, (void)e;
	st->line.max = 200;
	st->typing = true;
	return 0;
}

static void
search_go(struct ui *ui, void *state)
{
	struct state *st = state;
	struct err e = { 0 };

	if (st->line.len == 0) {
		ui_say(ui, LOOK_DIM, "Type a part of a name, a serial, an account or a domain.");
		return;
	}
	st->at = 0;
	if (search_ask(ui, st, &e) < 0)
		ui_error(ui, &e);
	else
		st->typing = st->hits.n_rows == 0;
}

static const struct hit *
hit_here(const struct state *st)
{
	return st->at < st->hits.n_rows ? &st->hits.rows[st->at] : NULL;
}

/* What is whose: a domain is shown with the account that has it. */
static void
enter(struct ui *ui, void *state)
{
	const struct hit *h = hit_here(state);
	struct hit found = *h;

	if (strcmp(found.noun, "certificate") == 0)
		ui_open(ui, "certificate", found.ref);
	else if (strcmp(found.noun, "request") == 0)
		ui_open(ui, "request", found.ref);
	else
		ui_open(ui, "member", found.account[0] ? found.account :
		    found.ref);
}

static void
again(struct ui *ui, void *state)
{
	(void)ui;
	((struct state *)state)->typing = true;
}

static void
to_hits(struct ui *ui, void *state)
{
	(void)ui;
	((struct state *)state)->typing = false;
}

static bool
is_typing(const struct ui *ui, const void *state)
{
	(void)ui;
	return ((const struct state *)state)->typing;
}

static bool
at_hit(const struct ui *ui, const void *state)
{
	return !is_typing(ui, state) && hit_here(state) != NULL;
}

static bool
not_typing(const struct ui *ui, const void *state)
{
	return !is_typing(ui, state);
}

static bool
may_leave_line(const struct ui *ui, const void *state)
{
	return is_typing(ui, state) && hit_here(state) != NULL;
}

static bool
search_typing(const void *state)
{
	return is_typing(NULL, state);
}

static bool
search_key(struct ui *ui, void *state, int key)
{
	struct state *st = state;
	size_t page = (size_t)(ui_body(ui).rows > 4 ? ui_body(ui).rows - 3 : 1);
	size_t last = st->hits.n_rows > 0 ? st->hits.n_rows - 1 : 0;

	if (st->typing)
		return key != K_ENTER && key != K_ESC && key != K_CTRL_C &&
		    edit_key(&st->line, key);
	switch (key) {
	case K_DOWN: case 'j': st->at += st->at < last; break;
	case K_UP: case 'k': st->at -= st->at > 0; break;
	case K_PGDN: case ' ': st->at = last - st->at < page ? last :
		st->at + page; break;
	case K_PGUP: case 'b': st->at -= st->at < page ? st->at : page; break;
	case K_HOME: case 'g': st->at = 0; break;
	case K_END: case 'G': st->at = last; break;
	default: return false;
	}
	return true;
}

static void
search_paste(struct ui *ui, void *state, const struct buf *paste)
{
	struct state *st = state;

	(void)paste;		/* ui->keys has it */
	st->typing = true;
	ui_paste_line(ui, &st->line);
}

static void
search_changed(struct ui *ui, void *state)
{
	/* not asked again: each search is an entry of the audit log */
	(void)ui, (void)state;
}

static void
hit_draw(const struct area *a, int y, const struct hit *h, bool on)
{
	char text[1024];
	int x = 1, wide = a->cols >= 70;

	if (on)
		screen_fill(a, y, 0, a->cols, LOOK_SELECTED);
	screen_put(a, y, x, 12, on ? LOOK_SELECTED : LOOK_DIM, h->noun);
	x += 13;
	if (wide) {
		cell_text(text, sizeof text, h->account);
		screen_put(a, y, x, 14, on ? LOOK_SELECTED : LOOK_PLAIN, text);
		x += 15;
	}
	screen_put(a, y, x, 10, on ? LOOK_SELECTED : look_of_state(h->state),
	    h->state);
	x += 11;
	if (h->text[0] == '\0' || strcmp(h->text, h->ref) == 0)
		snprintf(text, sizeof text, "%s", h->ref);
	else if (strcmp(h->noun, "certificate") == 0)	/* a serial says less */
		snprintf(text, sizeof text, "%s  %s", h->text, h->ref);
	else
		snprintf(text, sizeof text, "%s  %s", h->ref, h->text);
	screen_put(a, y, x, a->cols - x, on ? LOOK_SELECTED : LOOK_PLAIN,
	    text);
}

static void
search_draw(const struct ui *ui, const void *state, struct area a)
{
	const struct state *st = state;
	size_t room = a.rows > 2 ? (size_t)a.rows - 2 : 0, top = 0;
	int x = screen_put(&a, 0, 0, a.cols, LOOK_HEAD, "Text") + 1, y = 2;

	(void)ui;
	edit_draw(&st->line, &a, 0, x, a.cols - x > 60 ? 60 : a.cols - x,
	    st->typing);
	if (a.x > 0) {		/* the bar of the cursor goes to the edges */
		a.x--;
		a.cols += 2;
	}
	if (!st->asked)
		screen_put(&a, y, 1, a.cols - 1, LOOK_DIM,
		    "A part of a name, a serial, an account or a domain.");
	if (st->asked && st->hits.n_rows == 0)
		screen_put(&a, y, 1, a.cols - 1, LOOK_DIM, st->hits.refine ?
		    "The search took too long and ended: a longer text is found faster." :
		    "Nothing found.");
	if (room > 0 && st->at >= room)
		top = st->at - room + 1;
	for (size_t i = top; i < st->hits.n_rows && i - top < room; i++)
		hit_draw(&a, y++, &st->hits.rows[i], !st->typing &&
		    i == st->at);
}

static void
search_where(const struct ui *ui, const void *state, char *dst, size_t size)
{
	const struct state *st = state;

	(void)ui;
	if (st->hits.n_rows > 0)
		snprintf(dst, size, "%zu of %zu%s", st->at + 1,
		    st->hits.n_rows, st->hits.more || st->hits.refine ?
		    "+" : "");
}

static void
search_close(void *state)
{
	NOUN_CLEAR(hit_list, &((struct state *)state)->hits);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "search", NULL, search_go, is_typing, "search" },
	{ K_ENTER, "Enter", "open", NULL, enter, at_hit,
	    ">certificate, >request, >member" },
	{ '/', "/", "another text", NULL, again, not_typing, KEY_MOVES },
	{ K_ESC, "Esc", "to what was found", NULL, to_hits, may_leave_line,
	    KEY_MOVES },
	{ 0 },
};

const struct view view_search = {
	.name = "search", .title = "Search", .brief = "Search",
	.help = "A text is looked for in the names of requests and certificates, in serials, accounts and domains. Enter opens what was found; a domain opens the account that has it. That you looked stands in the audit log.",
	.size = sizeof(struct state), .keys = keys,
	.open = search_open, .draw = search_draw, .key = search_key,
	.paste = search_paste, .changed = search_changed,
	.typing = search_typing, .where = search_where,
	.close = search_close,
};
