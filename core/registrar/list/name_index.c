/* name_index.c - trigram indexes over names: filled in slices by the clock,
 * walked from the newest number down, for as long as a person waits. */
#include "core/registrar/list/name_index.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/kept.h"
#include "core/registrar/list/name_grams.h"
#include "core/registrar/registrar.h"

#define TIME_MS 30		/* a walk; all others wait as long */
#define WINDOW 2048		/* numbers looked through at once */
#define HIT 32			/* numbers whose rows cost as one hit's row */
#define SURE 6144		/* looked through whatever the clock says: on a busy
				 * host time passes without work, and a small
				 * authority is found whole all the same */
#define ROWS_WALKED 8192	/* of a common text, before the index is asked */
#define SLICE 1000		/* rows filled at once: about 10 ms */
#define SLICE_BUSY 250
#define REST_MS 1000		/* between slices when all is in */
#define PAUSE_MS 5
#define PAUSE_BUSY_MS 250
#define TEXT_SIZE 4096		/* of one row; the rest is found by its beginning */

/* The engine's own words for a trigram index stand in this file alone. */
enum { Q_HIGHEST, Q_BELOW, Q_ROWS, Q_ADD, Q_FIND, Q_OF_INDEX };
#define AT(index, which) [(index) * Q_OF_INDEX + (which)]
static const char *const sql[] = {
	AT(NAMES_OF_REQUESTS, Q_HIGHEST) = "SELECT max(number) FROM request",
	AT(NAMES_OF_REQUESTS, Q_BELOW) = "SELECT max(number) FROM request"
	    " WHERE number < ?1",
	/* columns: number, then names */
	AT(NAMES_OF_REQUESTS, Q_ROWS) = "SELECT r.number, a.name,"
	    " r.subject_cn, d.domain FROM (SELECT number, account, subject_cn"
	    " FROM request WHERE number > ?1 ORDER BY number LIMIT ?2) AS r"
	    " JOIN account a ON a.number = r.account"
	    " LEFT JOIN request_domain d ON d.request = r.number"
	    " ORDER BY r.number, d.place",
	AT(NAMES_OF_REQUESTS, Q_ADD) = "INSERT INTO request_fts (rowid, names)"
	    " VALUES (?1, ?2)",
	AT(NAMES_OF_REQUESTS, Q_FIND) = "SELECT rowid FROM request_fts"
	    " WHERE request_fts MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC",
	AT(NAMES_OF_DOMAINS, Q_HIGHEST) = "SELECT max(number) FROM domain",
	AT(NAMES_OF_DOMAINS, Q_BELOW) = "SELECT max(number) FROM domain"
	    " WHERE number < ?1",
	AT(NAMES_OF_DOMAINS, Q_ROWS) = "SELECT number, name, shown, NULL"
	    " FROM domain WHERE number > ?1 ORDER BY number LIMIT ?2",
	AT(NAMES_OF_DOMAINS, Q_ADD) = "INSERT INTO domain_fts (rowid, names)"
	    " VALUES (?1, ?2)",
	AT(NAMES_OF_DOMAINS, Q_FIND) = "SELECT rowid FROM domain_fts"
	    " WHERE domain_fts MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC",
};
DB_STATEMENTS(name_index, sql)

static const char *const done_name[] = {
	[NAMES_OF_REQUESTS] = "names.request",
	[NAMES_OF_DOMAINS] = "names.domain",
};
static struct grams grams[NAME_INDEXES];
static bool sampled[NAME_INDEXES];
static int64_t due;		/* of the next slice, clock_mono_ms() */

static struct query *
query_of(enum name_index which, int q)
{
	return db_query(name_index_prepared[(int)which * Q_OF_INDEX + q]);
}

static int
number_read(struct query *q, int64_t *n, struct err *e)
{
	int have = q_next(q, e);

	*n = have == 1 ? q_col_i64(q, 0) : 0;
	q_end(q);
	return have < 0 ? -1 : 0;
}

static int
done_read(enum name_index which, int64_t *n, struct err *e)
{
	return kept_number(done_name[which], n, e) < 0 ? -1 : 0;
}

static int
done_write(enum name_index which, int64_t n, struct err *e)
{
	return kept_number_set(done_name[which], n, e);
}

/* ---- filling ---- */

struct row {
	int64_t number;		/* 0: none yet */
	size_t n;
	char text[TEXT_SIZE];
};

static void
name_append(struct row *row, struct query *q, int column)
{
	char name[1024];
	size_t n;

	if (q_col_null(q, column))
		return;
	q_col_str(q, column, name, sizeof name);
	n = strlen(name);
	if (n == 0 || row->n + n + 2 > sizeof row->text)
		return;
	row->text[row->n++] = ' ';
	memcpy(row->text + row->n, name, n + 1);
	row->n += n;
}

/* Rows of one number come one after another: its names are put together. */
static int
row_next(struct query *q, bool *have, struct row *row, struct err *e)
{
	int r = 1;

	if (!*have)
		return 0;
	row->number = q_col_i64(q, 0);
	row->n = 0;
	row->text[0] = '\0';
	name_append(row, q, 1);
	name_append(row, q, 2);
	do {
		name_append(row, q, 3);
		r = q_next(q, e);
	} while (r == 1 && q_col_i64(q, 0) == row->number);
	*have = r == 1;
	return r < 0 ? -1 : 1;
}

/* The rows above `from`: into the index, or only into what is known of how
 * common trigrams are. */
static int
rows_take(enum name_index which, int64_t from, int64_t many, bool add,
    int64_t *last, struct err *e)
{
	static struct row row;
	struct query *q = query_of(which, Q_ROWS), *add_q = NULL;
	int n = 0, r;
	bool have;

	q_i64(q, 1, from);
	q_i64(q, 2, many);
	if ((r = q_next(q, e)) < 0)
		return -1;
	have = r == 1;
	while ((r = row_next(q, &have, &row, e)) == 1) {
		grams_count(&grams[which], row.text);
		*last = row.number;
		n++;
		if (!add)
			continue;
		add_q = query_of(which, Q_ADD);
		q_i64(add_q, 1, row.number);
		q_str_held(add_q, 2, row.text);
		if ((r = q_run(add_q, e)) < 0)
			break;
	}
	q_end(q);
	return r < 0 ? -1 : n;
}

int
name_index_fill(int64_t rows, struct err *e)
{
	int all = 0;

	for (int i = 0; i < NAME_INDEXES; i++) {
		enum name_index which = (enum name_index)i;
		int64_t done, highest, last;
		int n;

		if (done_read(which, &done, e) < 0 ||
		    number_read(query_of(which, Q_HIGHEST), &highest, e) < 0)
			return -1;
		if (highest <= done)
			continue;
		last = done;
		if ((n = rows_take(which, done, rows, true, &last, e)) < 0 ||
		    done_write(which, last, e) < 0)
			return -1;
		all += n;
	}
	return all;
}

/* Is there anything to fill?  Outside any transaction, so that nothing is
 * written while nothing happens. */
static bool
behind(void)
{
	struct err e = { 0 };
	int64_t done, highest;

	for (int i = 0; i < NAME_INDEXES; i++)
		if (done_read((enum name_index)i, &done, &e) == 0 &&
		    number_read(query_of((enum name_index)i, Q_HIGHEST),
		    &highest, &e) == 0 && highest > done)
			return true;
	return false;
}

int
name_index_wait_ms(void)
{
	int64_t left = due - clock_mono_ms();

	return left <= 0 ? 0 : left > REST_MS ? REST_MS : (int)left;
}

void
name_index_run(void)
{
	int64_t rows = loop_quiet() ? SLICE : SLICE_BUSY;
	struct err e = { 0 };
	int n = 0;

	if (name_index_wait_ms() > 0)
		return;
	due = clock_mono_ms() + REST_MS;
	if (db_low() || !behind() || db_begin(&e) < 0)
		return;
	if ((n = name_index_fill(rows, &e)) < 0) {
		log_warn("names: %s", e.text);
		db_rollback();
		return;
	}
	if (db_commit(&e) < 0)
		log_warn("names: %s", e.text);
	else if (n >= rows)
		due = clock_mono_ms() + (loop_quiet() ? PAUSE_MS :
		    PAUSE_BUSY_MS);
}

void
name_index_forget_for_test(void)
{
	memset(grams, 0, sizeof grams);
	memset(sampled, 0, sizeof sampled);
	due = 0;
}

/* ---- walking ---- */

/* Before the first walk: how common trigrams are among the newest rows. */
static int
sample(enum name_index which, int64_t highest, struct err *e)
{
	int64_t from = highest > GRAMS_SAMPLE ? highest - GRAMS_SAMPLE : 0;
	int64_t last;

	if (sampled[which])
		return 0;
	if (rows_take(which, from, GRAMS_SAMPLE, false, &last, e) < 0)
		return -1;
	sampled[which] = true;
	return 0;
}

int
name_walk_begin(struct name_walk *w, enum name_index which, const char *text,
    int64_t before, struct err *e)
{
	int64_t highest;

	memset(w, 0, sizeof *w);
	w->which = which;
	w->until = clock_mono_ms() + TIME_MS;
	if (number_read(query_of(which, Q_HIGHEST), &highest, e) < 0 ||
	    done_read(which, &w->indexed, e) < 0 ||
	    sample(which, highest, e) < 0)
		return -1;
	w->at = before > 0 && before <= highest ? before : highest + 1;
	w->indexed_text = grams_match(&grams[which], text, w->match,
	    sizeof w->match, &w->rows_first);
	return 0;
}

/* Row by row: the next numbers, not below `floor`; gaps are jumped over. */
static int
window(struct name_walk *w, int64_t floor, int64_t *low, int64_t *high,
    struct err *e)
{
	struct query *q = query_of(w->which, Q_BELOW);
	int64_t next;

	q_i64(q, 1, w->at);
	if (number_read(q, &next, e) < 0)
		return -1;
	if (next + 1 < w->at)
		w->at = next + 1 > floor ? next + 1 : floor;
	*high = w->at;
	*low = w->at - WINDOW > floor ? w->at - WINDOW : floor;
	w->walked += *high - *low;
	w->given += WINDOW;
	w->at = *low;
	return 1;
}

static int
index_next(struct name_walk *w, int64_t *low, int64_t *high, struct err *e)
{
	struct query *q = NULL;
	int r;

	if (!w->listening) {
		q = query_of(w->which, Q_FIND);
		q_str(q, 1, w->match);
		q_i64(q, 2, w->at);
		w->listening = true;
	} else {
		q = name_index_prepared[(int)w->which * Q_OF_INDEX + Q_FIND];
	}
	if ((r = q_next(q, e)) != 1) {
		w->listening = false;
		w->at = 0;
		return r;
	}
	w->at = *low = q_col_i64(q, 0);
	*high = *low + 1;
	w->given += HIT;
	return 1;
}

int
name_walk_next(struct name_walk *w, int64_t *low, int64_t *high,
    struct err *e)
{
	if (w->at <= 1)
		return 0;
	if (w->given >= SURE && clock_mono_ms() >= w->until) {
		w->refine = true;
		return 0;
	}
	if (!w->indexed_text)
		return window(w, 1, low, high, e);
	if (w->at > w->indexed + 1)
		return window(w, w->indexed + 1, low, high, e);
	if (w->rows_first && w->walked < ROWS_WALKED)
		return window(w, 1, low, high, e);
	return index_next(w, low, high, e);
}

void
name_walk_end(struct name_walk *w)
{
	if (w->listening)
		q_end(name_index_prepared[(int)w->which * Q_OF_INDEX +
		    Q_FIND]);
	w->listening = false;
}
