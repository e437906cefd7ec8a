/* list_draw.c - the keys of a list, its columns and cells. */
#include "console/list.h"

#include <stdio.h>
#include <string.h>

#include "console/ui.h"
#include "console/ui_paste.h"
#include "core/base/text.h"

#define COUNTED 1000		/* a filter's hits: the registrar stops counting there */

static bool
filter_shown(const struct list *l)
{
	return l->filtering || l->filter.len > 0 || l->state[0] != '\0';
}

static int
rows_room(const struct list *l, struct area a)
{
	int room = a.rows - 1 - filter_shown(l);

	return room > 1 ? room : 1;
}

/* The first row to draw so that the cursor is seen. */
static size_t
top_now(const struct list *l, int room)
{
	size_t top = l->top, r = (size_t)room;

	if (top + r > l->n_rows)
		top = l->n_rows > r ? l->n_rows - r : 0;
	if (l->at < top)
		top = l->at;
	if (l->at >= top + r)
		top = l->at - r + 1;
	return top;
}

static void
ask_again(struct ui *ui, struct list *l)
{
	struct err e;

	if (list_load(ui, l, &e) < 0)
		ui_error(ui, &e);
}

void
list_filter_start(struct ui *ui, struct list *l)
{
	(void)ui;
	l->filtering = true;
	l->filter.at = l->filter.len;
}

void
list_state_set(struct ui *ui, struct list *l, const char *state)
{
	str_copy(l->state, sizeof l->state, state);
	ask_again(ui, l);
}

static bool
filter_key(struct ui *ui, struct list *l, int key)
{
	char before[EDIT_MAX];

	switch (key) {
	case K_ESC:
		l->filtering = false;
		edit_set(&l->filter, "");
		ask_again(ui, l);
		return true;
	case K_ENTER:
		l->filtering = false;
		return true;
	case K_UP: case K_DOWN: case K_PGUP: case K_PGDN:
		return false;
	default:
		break;
	}
	memcpy(before, l->filter.text, sizeof before);
	if (key == K_PASTE)
		ui_paste_line(ui, &l->filter);
	else if (!edit_key(&l->filter, key))
		return false;
	if (strcmp(before, l->filter.text) != 0)
		ask_again(ui, l);
	return true;
}

static void
move_down(struct ui *ui, struct list *l, size_t by)
{
	if (l->at + by >= l->n_rows)
		list_page_down(ui, l);
	l->at += by;
	if (l->at >= l->n_rows)
		l->at = l->n_rows ? l->n_rows - 1 : 0;
}

static void
move_up(struct ui *ui, struct list *l, size_t by)
{
	if (l->at < by)
		list_page_up(ui, l);
	l->at = l->at > by ? l->at - by : 0;
}

static bool
move_key(struct ui *ui, struct list *l, int key, size_t page)
{
	switch (key) {
	case K_UP: case 'k': move_up(ui, l, 1); return true;
	case K_DOWN: case 'j': move_down(ui, l, 1); return true;
	case K_PGUP: case 'b': move_up(ui, l, page); return true;
	case K_PGDN: case ' ': move_down(ui, l, page); return true;
	case K_HOME: case 'g':
		if (l->first > 0)
			ask_again(ui, l);
		l->at = 0;
		return true;
	case K_END: case 'G':
		list_page_last(ui, l);
		l->at = l->n_rows ? l->n_rows - 1 : 0;
		return true;
	case 'n': case 'N':	/* all rows here match */
		if (l->filter.len == 0)
			return false;
		if (key == 'n')
			move_down(ui, l, 1);
		else
			move_up(ui, l, 1);
		return true;
	default:
		return false;
	}
}

bool
list_key(struct ui *ui, struct list *l, int key)
{
	int room = rows_room(l, ui_body(ui));
	bool taken;

	l->top = top_now(l, room);
	if (l->filtering && filter_key(ui, l, key))
		return true;
	if (key == K_ESC && filter_shown(l)) {	/* first out of the filter */
		edit_set(&l->filter, "");
		l->state[0] = '\0';
		ask_again(ui, l);
		return true;
	}
	taken = move_key(ui, l, key, (size_t)room);
	l->top = top_now(l, room);
	return taken;
}

/* ---- drawing ---- */

#define COLUMNS_MAX 12
#define BETWEEN 2
#define NUMBER_MOST 20		/* digits of an int64_t, and its sign */
#define LEAST 24		/* columns of one that shares what is left */

static int
widths_sum(const struct list *l, const int *w)
{
	int sum = 1;

	for (size_t i = 0; i < l->n_columns; i++)
		if (w[i] >= 0)
			sum += w[i] + BETWEEN;
	return sum - BETWEEN;
}

/* Numbers grow beyond their column some day, and one that is cut off at the
 * end is another one; the rows go by number: the first or last is widest. */
static int
width_of_numbers(const struct ui *ui, const struct list *l,
    const struct column *c)
{
	const char *last = l->n_rows == 0 ? NULL :
	    l->rows + (l->n_rows - 1) * l->row_size;
	char text[1024] = "";
	int w = c->cols;

	for (const char *row = l->rows; last != NULL; row = last) {
		c->cell(ui, row, text, sizeof text);
		if (screen_width(text) > w)
			w = screen_width(text);
		if (row == last)
			break;
	}
	return w < NUMBER_MOST ? w : NUMBER_MOST;
}

/* Width of each column; -1: there is no room for it. */
static void
widths(const struct ui *ui, const struct list *l, int cols,
    int w[COLUMNS_MAX])
{
	int flexible = 0, left;

	for (size_t i = 0; i < l->n_columns; i++)
		w[i] = l->columns[i].cols < 0 ? -l->columns[i].cols :
		    l->columns[i].cols == 0 ? LEAST : l->columns[i].right ?
		    width_of_numbers(ui, l, &l->columns[i]) :
		    l->columns[i].cols;
	while (widths_sum(l, w) > cols) {
		size_t worst = 0;
		int rank = 0;

		for (size_t i = 0; i < l->n_columns; i++)
			if (w[i] >= 0 && l->columns[i].rank > rank) {
				rank = l->columns[i].rank;
				worst = i;
			}
		if (rank == 0)
			break;		/* the last ones are cut instead */
		w[worst] = -1;
	}
	for (size_t i = 0; i < l->n_columns; i++)
		flexible += w[i] >= 0 && l->columns[i].cols <= 0;
	left = cols - widths_sum(l, w);
	for (size_t i = 0; i < l->n_columns && flexible > 0; i++)
		if (w[i] >= 0 && l->columns[i].cols <= 0) {
			int more = left / flexible--;

			if (more > 60 && flexible > 0)
				more = 60;
			w[i] += more > 0 ? more : 0;
			left -= more;
		}
}

static void
cell_draw(const struct area *a, int y, int x, int width, bool right,
    enum look look, const char *text)
{
	int used = screen_width(text);

	if (right && used < width)
		x += width - used;
	screen_put(a, y, x, width, look, text);
}

static void
heads_draw(const struct list *l, const struct area *a, int y, const int *w)
{
	int x = 1;

	for (size_t i = 0; i < l->n_columns; i++) {
		if (w[i] < 0)
			continue;
		cell_draw(a, y, x, w[i], l->columns[i].right, LOOK_HEAD,
		    l->columns[i].title);
		x += w[i] + BETWEEN;
	}
}

static void
row_draw(const struct ui *ui, const struct list *l, const struct area *a,
    int y, const int *w, size_t row, bool on)
{
	char text[1024];
	enum look look;
	int x = 1;

	if (on)
		screen_fill(a, y, 0, a->cols, LOOK_SELECTED);
	for (size_t i = 0; i < l->n_columns; i++) {
		if (w[i] < 0)
			continue;
		text[0] = '\0';
		look = l->columns[i].cell(ui, l->rows + row * l->row_size,
		    text, sizeof text);
		cell_draw(a, y, x, w[i], l->columns[i].right,
		    on ? LOOK_SELECTED : look, text);
		x += w[i] + BETWEEN;
	}
}

static void
filter_draw(const struct list *l, const struct area *a)
{
	int x = 1;

	if (l->state[0] != '\0')
		x += screen_printf(a, 0, x, LOOK_STRONG, "only %s", l->state)
		    + 2;
	if (!l->filtering && l->filter.len == 0)
		return;
	x += screen_put(a, 0, x, 8, LOOK_KEY, "/");
	if (l->filtering)
		edit_draw(&l->filter, a, 0, x, a->cols - x > 40 ? 40 :
		    a->cols - x, true);
	else
		screen_put(a, 0, x, a->cols, LOOK_STRONG, l->filter.text);
}

void
list_draw(const struct ui *ui, const struct list *l, struct area a)
{
	int w[COLUMNS_MAX], room = rows_room(l, a), y = filter_shown(l);
	size_t top = top_now(l, room);
	struct area text = a;

	if (a.x > 0) {		/* the bar of the cursor goes to the edges */
		a.x--;
		a.cols += 2;
	}
	if (filter_shown(l))
		filter_draw(l, &a);
	if (l->n_rows == 0) {
		struct pager p = { 0 };

		text.y += y;
		text.rows -= y;
		pager_text(&p, LOOK_DIM, "%s", filter_shown(l) ?
		    "Nothing here matches. Esc shows all again." : l->empty);
		pager_draw(&p, text);
		pager_clear(&p);
		return;
	}
	widths(ui, l, a.cols - 1, w);
	heads_draw(l, &a, y++, w);
	for (size_t i = top; i < l->n_rows && i - top < (size_t)room; i++)
		row_draw(ui, l, &a, y++, w, i, i == l->at);
}

void
list_where(const struct list *l, char *dst, size_t size)
{
	if (l->n_rows == 0)
		snprintf(dst, size, "%s", l->refine ? "say more to find it" :
		    "");
	else if (l->total == 0)		/* not counted: as many as are here */
		snprintf(dst, size, "%lld of %lld%s",
		    (long long)(l->first + (int64_t)l->at + 1),
		    (long long)(l->first + (int64_t)l->n_rows),
		    l->more ? "+" : "");
	else
		snprintf(dst, size, "%lld of %lld%s",
		    (long long)(l->first + (int64_t)l->at + 1),
		    (long long)l->total, l->total == COUNTED ? "+" : "");
}

/* ---- cells ---- */

enum look
look_of_state(const char *word)
{
	static const struct {
		const char *word;
		enum look look;
	} looks[] = {
		{ "good", LOOK_GOOD }, { "proven", LOOK_GOOD },
		{ "active", LOOK_GOOD }, { "sent", LOOK_GOOD },
		{ "done", LOOK_PLAIN }, { "issued", LOOK_GOOD },
		{ "awaiting", LOOK_WARN }, { "approved", LOOK_WARN },
		{ "claimed", LOOK_WARN }, { "waiting", LOOK_WARN },
		{ "leased", LOOK_WARN }, { "lapsed", LOOK_WARN },
		{ "pending", LOOK_WARN }, { "revoked", LOOK_BAD },
		{ "refused", LOOK_BAD }, { "failed", LOOK_BAD },
		{ "suspended", LOOK_BAD }, { "conflict", LOOK_BAD },
		{ "expired", LOOK_DIM }, { "withdrawn", LOOK_DIM },
		{ "dropped", LOOK_DIM }, { "closed", LOOK_DIM },
	};

	for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
		if (strcmp(word, looks[i].word) == 0)
			return looks[i].look;
	return LOOK_PLAIN;
}

enum look
cell_state(const char *word, char *dst, size_t size)
{
	snprintf(dst, size, "%s", word);
	return look_of_state(word);
}

void
cell_text(char *dst, size_t size, const char *src)
{
	render_untrusted(dst, size, src, strlen(src));
}

void
cell_number(char *dst, size_t size, int64_t n)
{
	snprintf(dst, size, "%lld", (long long)n);
}
