/* report_list.c - every quarter since the log began: open, due, late, or
 * submitted (P5.5). */
#include "core/registrar/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/list/page.h"
#include "core/registrar/report/quarter.h"

#define DAY 86400

enum { Q_LIST };

static const char *const sql[] = {
	/* those that were submitted; the others follow from the clock */
	[Q_LIST] = "SELECT r.quarter, r.at, a.name, r.sha256,"
	    " (SELECT count(*) FROM report_addendum d"
	    "  WHERE d.quarter = r.quarter) FROM report r"
	    " JOIN account a ON a.number = r.account",
};
DB_STATEMENTS(report_list, sql)

static void
row_fill(struct report_row *r, int64_t quarter)
{
	r->number = quarter;
	quarter_text(r->quarter, quarter);
	r->until = quarter_begin(quarter + 1);
	r->due = r->until + conf.costs_report_days * DAY;
	str_copy(r->state, sizeof r->state, clock_now() < r->until ? "open" :
	    clock_now() < r->due ? "due" : "late");
}

static int
submitted_mark(struct report_page *all, struct err *e)
{
	struct query *q = db_query(report_list_prepared[Q_LIST]);
	int have;

	while ((have = q_next(q, e)) == 1) {
		int64_t quarter = q_col_i64(q, 0);
		struct report_row *r = NULL;

		for (size_t i = 0; i < all->n_rows && r == NULL; i++)
			if (all->rows[i].number == quarter)
				r = &all->rows[i];
		if (r == NULL)
			row_fill(r = LIST_ADD(all, rows), quarter);
		str_copy(r->state, sizeof r->state, "submitted");
		r->submitted = q_col_i64(q, 1);
		q_col_str(q, 2, r->submitted_by, sizeof r->submitted_by);
		q_col_bytes(q, 3, r->sha256, sizeof r->sha256);
		r->addenda = q_col_i64(q, 4);
	}
	return have;
}

static int
newest_first(const void *a, const void *b)
{
	int64_t x = ((const struct report_row *)a)->number;
	int64_t y = ((const struct report_row *)b)->number;

	return x < y ? 1 : x > y ? -1 : 0;
}

int
reports_load(struct report_page *all, struct err *e)
{
	int64_t first = quarter_of(report_first_entry()), now;

	now = quarter_of(clock_now());
	for (int64_t k = now; k >= first && k > now - 400; k--)
		row_fill(LIST_ADD(all, rows), k);
	if (submitted_mark(all, e) < 0)
		return -1;
	if (all->n_rows > 1)
		qsort(all->rows, all->n_rows, sizeof *all->rows,
		    newest_first);
	return 0;
}

int
serve_report_list(struct seat *s, const struct wish *a,
    struct report_page *r, struct err *e)
{
	struct report_page all = { 0 };
	int64_t limit = page_limit(a->limit);
	int done = reports_load(&all, e);

	(void)s;
	r->total = (int64_t)all.n_rows;
	for (size_t i = 0; done == 0 && i < all.n_rows; i++) {
		if ((a->before > 0 && all.rows[i].number >= a->before) ||
		    strstr(all.rows[i].quarter, a->filter) == NULL)
			continue;
		if ((int64_t)r->n_rows == limit) {
			r->more = true;
			break;
		}
		*LIST_ADD(r, rows) = all.rows[i];
	}
	NOUN_CLEAR(report_page, &all);
	return done;
}
