/* list.c - a window over a long list: asking for its pages by number. */
#include "console/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/client.h"
#include "console/ui.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define PAGE 100		/* rows asked for at once */
#define ROWS_MAX 1000		/* kept; then the far end is dropped */

/* ---- asking ---- */

static const struct shape *
page_shape(const struct list *l)
{
	return ops[l->op].answer;
}

static const struct field *
rows_field(const struct list *l)
{
	return shape_field(page_shape(l), "rows");
}

static int64_t
row_number(const struct list *l, const char *row)
{
	const struct field *f = shape_field(rows_field(l)->shape, "number");

	return *(const int64_t *)(const void *)(row + f->offset);
}

/* A position in the order of the list: greater is further down. */
static int64_t
position(const struct list *l, int64_t number)
{
	return l->oldest_first ? number : -number;
}

struct page {
	char *rows;
	size_t n;
	bool more, refine;
	int64_t total;
};

static void
rows_free(const struct list *l, char *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		shape_clear(rows_field(l)->shape, rows + i * l->row_size);
	free(rows);
}

/* The page behind a number (0: the first page). */
static int
page_ask(struct ui *ui, struct list *l, int64_t behind, int64_t limit,
    struct page *page, struct err *e)
{
	const struct shape *shape = page_shape(l);
	struct audit_wish aw = { .before = behind, .limit = limit,
		.since = l->since };
	struct wish w = { .before = behind, .limit = limit,
		.since = l->since, .until = l->until };
	const struct field *f = rows_field(l);
	char *answer = xcalloc(1, shape->size);
	const void *arg = &w;

	str_copy(w.filter, sizeof w.filter, l->filter.text);
	str_copy(w.state, sizeof w.state, l->state);
	if (ops[l->op].argument == &audit_wish_shape) {
		str_copy(aw.filter, sizeof aw.filter, l->filter.text);
		str_copy(aw.noun, sizeof aw.noun, l->state);
		arg = &aw;
	}
	if (line_ask(ui->line, l->op, arg, answer, e) < 0) {
		free(answer);
		return -1;
	}
	/* the rows go over to the page */
	memcpy(&page->rows, answer + f->offset, sizeof page->rows);
	memcpy(&page->n, answer + f->count_offset, sizeof page->n);
	memcpy(&page->more, answer + shape_field(shape, "more")->offset,
	    sizeof page->more);
	if (shape_field(shape, "refine") != NULL)
		memcpy(&page->refine, answer +
		    shape_field(shape, "refine")->offset,
		    sizeof page->refine);
	memcpy(&page->total, answer + shape_field(shape, "total")->offset,
	    sizeof page->total);
	/* what else came, as the totals of the ledger, does not */
	memset(answer + f->offset, 0, sizeof(void *));
	memset(answer + f->count_offset, 0, sizeof page->n);
	shape_clear(shape, answer);
	free(answer);
	return 0;
}

static void
rows_set(struct list *l, const struct page *page)
{
	rows_free(l, l->rows, l->n_rows);
	l->rows = page->rows;
	l->n_rows = page->n;
	l->more = page->more;
	l->total = page->total;
	l->refine = page->refine;
	if (l->at >= l->n_rows)
		l->at = l->n_rows ? l->n_rows - 1 : 0;
}

void
list_init(struct list *l, enum op op, const struct column *columns,
    size_t n_columns, const char *empty)
{
	memset(l, 0, sizeof *l);
	l->op = op;
	l->columns = columns;
	l->n_columns = n_columns;
	l->empty = empty;
	l->filter.max = 200;
	l->row_size = rows_field(l)->shape->size;
}

void
list_clear(struct list *l)
{
	if (l->row_size != 0)
		rows_free(l, l->rows, l->n_rows);
	l->rows = NULL;
	l->n_rows = 0;
}

static int
load_first(struct ui *ui, struct list *l, struct err *e)
{
	struct page page = { 0 };

	if (page_ask(ui, l, 0, PAGE, &page, e) < 0)
		return -1;
	rows_set(l, &page);
	l->first = 0;
	l->newest = l->n_rows ? row_number(l, l->rows) : 0;
	return 0;
}

int
list_load(struct ui *ui, struct list *l, struct err *e)
{
	if (load_first(ui, l, e) < 0)
		return -1;
	l->at = l->top = 0;
	return 0;
}

const void *
list_row(const struct list *l)
{
	return l->at < l->n_rows ? l->rows + l->at * l->row_size : NULL;
}

int64_t
list_number(const struct list *l)
{
	const char *row = list_row(l);

	return row != NULL ? row_number(l, row) : 0;
}

/* Put the cursor on the row with this number, if it is there. */
static bool
cursor_to(struct list *l, int64_t number)
{
	for (size_t i = 0; i < l->n_rows; i++)
		if (row_number(l, l->rows + i * l->row_size) == number) {
			l->at = i;
			return true;
		}
	return false;
}

void
list_refresh(struct ui *ui, struct list *l)
{
	struct page page = { 0 };
	int64_t here = list_number(l), behind = 0;
	size_t want = l->n_rows < PAGE ? PAGE : l->n_rows, at = l->at;
	struct err e;

	if (l->first > 0)
		behind = row_number(l, l->rows) + (l->oldest_first ? -1 : 1);
	if (want > 500)
		want = 500;
	if (page_ask(ui, l, behind, (int64_t)want, &page, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	rows_set(l, &page);
	if (l->first == 0)
		l->newest = l->n_rows ? row_number(l, l->rows) : 0;
	/* at the top of the newest one stays at the top, and sees what came */
	if ((at == 0 && l->first == 0 && !l->oldest_first) ||
	    !cursor_to(l, here))
		l->at = at < l->n_rows ? at : l->n_rows ? l->n_rows - 1 : 0;
}

/* ---- paging ---- */

static void
rows_drop(struct list *l, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++)
		shape_clear(rows_field(l)->shape, l->rows + i * l->row_size);
	memmove(l->rows + from * l->row_size,
	    l->rows + (from + n) * l->row_size,
	    (l->n_rows - from - n) * l->row_size);
	l->n_rows -= n;
}

void
list_page_down(struct ui *ui, struct list *l)
{
	struct page page = { 0 };
	size_t drop;
	struct err e;

	if (!l->more || l->n_rows == 0)
		return;
	if (page_ask(ui, l, row_number(l, l->rows + (l->n_rows - 1) *
	    l->row_size), PAGE, &page, &e) < 0) {
		ui_error(ui, &e);
		return;
	}
	l->rows = xrealloc_array(l->rows, l->n_rows + page.n + 1,
	    l->row_size);
	if (page.n > 0)
		memcpy(l->rows + l->n_rows * l->row_size, page.rows,
		    page.n * l->row_size);
	l->n_rows += page.n;
	l->more = page.more;
	free(page.rows);
	if (l->n_rows > ROWS_MAX && l->at > ROWS_MAX / 2) {
		drop = l->n_rows - ROWS_MAX;
		rows_drop(l, 0, drop);
		l->first += (int64_t)drop;
		l->at -= drop;
		l->top = l->top > drop ? l->top - drop : 0;
	}
}

/* Does the page behind x end before `end` (all are positions), and is it
 * whole?  1, 0, or -1.  The page is kept in *page when it does. */
static int
page_ends_before(struct ui *ui, struct list *l, int64_t x, int64_t end,
    struct page *page, struct err *e)
{
	struct page new = { 0 };
	bool good;

	if (page_ask(ui, l, l->oldest_first ? x : -x, PAGE, &new, e) < 0)
		return -1;
	good = new.n == PAGE && position(l, row_number(l, new.rows +
	    (new.n - 1) * l->row_size)) < end;
	if (!good) {
		rows_free(l, new.rows, new.n);
		return 0;
	}
	rows_free(l, page->rows, page->n);
	*page = new;
	return 1;
}

/* The page that ends just above the first row here: the op knows only pages
 * behind a number, so the number is found by halving. */
void
list_page_up(struct ui *ui, struct list *l)
{
	int64_t end, low, high, middle;
	struct page page = { 0 };
	struct err e;
	int r;

	if (l->first == 0 || l->n_rows == 0)
		return;
	end = high = position(l, row_number(l, l->rows));
	low = position(l, l->newest) - 1;
	r = page_ends_before(ui, l, low, end, &page, &e);
	while (r == 1 && high - low > 1) {
		middle = low + (high - low) / 2;
		r = page_ends_before(ui, l, middle, end, &page, &e);
		if (r == 1)
			low = middle;
		else if (r == 0) {
			high = middle;
			r = 1;
		}
	}
	if (r < 0 || page.n == 0) {
		/* less than a page above: from the start, same row */
		int64_t here = list_number(l);

		if (r < 0 || load_first(ui, l, &e) < 0)
			ui_error(ui, &e);
		else
			cursor_to(l, here);
		rows_free(l, page.rows, page.n);
		return;
	}
	page.rows = xrealloc_array(page.rows, page.n + l->n_rows,
	    l->row_size);
	memcpy(page.rows + page.n * l->row_size, l->rows,
	    l->n_rows * l->row_size);
	free(l->rows);
	l->rows = page.rows;
	l->n_rows += page.n;
	l->at += page.n;
	l->top += page.n;
	l->first = l->first > (int64_t)page.n ? l->first - (int64_t)page.n :
	    1;
	if (row_number(l, l->rows) == l->newest)
		l->first = 0;
	if (l->n_rows > ROWS_MAX) {
		rows_drop(l, ROWS_MAX, l->n_rows - ROWS_MAX);
		l->more = true;
	}
}

/* The last page: the first one behind which there is no more. */
void
list_page_last(struct ui *ui, struct list *l)
{
	struct page page = { 0 }, best = { 0 };
	int64_t low, high, middle;
	struct err e;

	if (!l->more)
		return;
	if (l->oldest_first) {		/* queues are short */
		for (int i = 0; l->more && i < 50; i++)
			list_page_down(ui, l);
		return;
	}
	low = position(l, row_number(l, l->rows + (l->n_rows - 1) *
	    l->row_size));
	high = -1;			/* behind number 1: nothing */
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (page_ask(ui, l, -middle, PAGE, &page, &e) < 0) {
			ui_error(ui, &e);
			rows_free(l, best.rows, best.n);
			return;
		}
		if (page.more || page.n == 0) {
			if (page.more)
				low = middle;
			else
				high = middle;
			rows_free(l, page.rows, page.n);
		} else {
			high = middle;
			rows_free(l, best.rows, best.n);
			best = page;
		}
	}
	if (best.n == 0)
		return;
	best.total = l->total;
	rows_set(l, &best);
	l->first = l->total > (int64_t)best.n ? l->total - (int64_t)best.n : 1;
}
