/* screen_rows.c - which rows of a frame differ from the frame before. */
#include "console/screen_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

/* Runs, each a struct run and its text, of one row: of the frame being drawn,
 * and of the one that stands on the screen. */
struct row {
	struct buf now, shown;
	size_t kept;		/* bytes of now, later of shown, that stay */
};

static struct row *rows;
static int n_rows;

void
rows_close(void)
{
	for (int y = 0; y < n_rows; y++) {
		buf_clear(&rows[y].now);
		buf_clear(&rows[y].shown);
	}
	free(rows);
	rows = NULL;
	n_rows = 0;
}

void
rows_open(int count)
{
	rows_close();
	rows = xcalloc((size_t)count, sizeof *rows);
	n_rows = count;
}

void
rows_start(void)
{
	for (int y = 0; y < n_rows; y++)
		rows[y].now.size = rows[y].kept = 0;
}

void
rows_keep(void)
{
	for (int y = 0; y < n_rows; y++)
		rows[y].kept = rows[y].now.size;
}

void
rows_again(void)
{
	for (int y = 0; y < n_rows; y++) {
		rows[y].now.size = 0;
		buf_put(&rows[y].now, rows[y].shown.data, rows[y].kept);
	}
}

static void
run_put(int y, const struct run *r, const char *text)
{
	if (y < 0 || y >= n_rows)
		return;
	buf_put(&rows[y].now, r, sizeof *r);
	if (r->n > 0)
		buf_put(&rows[y].now, text, (size_t)r->n);
}

void
rows_text(int y, int x, enum look look, const char *text, size_t len)
{
	const struct run r = { (short)x, (short)look, (int)len };

	if (len > 0)
		run_put(y, &r, text);
}

void
rows_blank(int y, int x, int cols, enum look look)
{
	const struct run r = { (short)x, (short)look, -cols };

	if (cols > 0)
		run_put(y, &r, NULL);
}

static bool
row_changed(const struct row *row)
{
	return row->now.size != row->shown.size || (row->now.size > 0 &&
	    memcmp(row->now.data, row->shown.data, row->now.size) != 0);
}

static void
row_end(int y, void (*draw)(int y, const struct run *r, const char *text))
{
	struct row *row = &rows[y];
	struct buf old = row->shown;
	struct run r;

	for (size_t at = 0; at < row->now.size; ) {
		memcpy(&r, row->now.data + at, sizeof r);
		at += sizeof r;
		draw(y, &r, (const char *)row->now.data + at);
		at += r.n > 0 ? (size_t)r.n : 0;
	}
	row->shown = row->now;
	row->now = old;
}

int
rows_end(void (*erase)(int y),
    void (*draw)(int y, const struct run *r, const char *text))
{
	int changed = 0;

	for (int y = 0; y < n_rows; y++) {
		if (!row_changed(&rows[y]))
			continue;
		erase(y);
		row_end(y, draw);
		changed++;
	}
	return changed;
}
