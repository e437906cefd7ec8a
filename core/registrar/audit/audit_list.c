/* audit_list.c - the audit log as auditors read it; that they read it is
 * logged too. */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/page.h"
#include "core/registrar/account/privacy.h"
#include "core/registrar/audit/audit_watch.h"

#define WINDOW 4096		/* entries looked through at once: 2 to 8 ms */
#define TIME_MS 30		/* all others wait as long */
#define CLOCK_SLACK 7200	/* entries are in the order of time but for this */

#define COLUMNS "SELECT number, at, actor, role, key, source, action, noun," \
	" object, outcome, detail, hash FROM audit WHERE number > ?1" \
	" AND number < ?6 AND at >= ?2" \
	" AND (?3 = '' OR noun = ?3) AND (?4 = ''" \
	" OR object LIKE ?4 ESCAPE '!'" \
	" OR action LIKE ?4 ESCAPE '!'" \
	" OR actor LIKE ?4 ESCAPE '!'" \
	" OR detail LIKE ?4 ESCAPE '!')"

enum { Q_NEWEST, Q_OLDEST, Q_LAST, Q_AT, Q_OBJECT };
static const char *const sql[] = {
	/* the entries between ?1 and ?6, without both */
	[Q_NEWEST] = COLUMNS " ORDER BY number DESC LIMIT ?5",
	[Q_OLDEST] = COLUMNS " ORDER BY number LIMIT ?5",
	[Q_LAST] = "SELECT max(number) FROM audit",
	[Q_AT] = "SELECT at FROM audit WHERE number >= ?1"
	    " ORDER BY number LIMIT 1",
	[Q_OBJECT] = "SELECT number FROM audit WHERE noun = ?1"
	    " AND object = ?2 AND number < ?3 ORDER BY number DESC",
};
DB_STATEMENTS(audit_list, sql)

static void
row_take(struct query *q, struct audit_entry *n)
{
	n->number = q_col_i64(q, 0);
	n->at = q_col_i64(q, 1);
	q_col_str(q, 2, n->actor, sizeof n->actor);
	n->role = q_col_word(q, 3, &role_words, ROLE_SYSTEM);
	q_col_str(q, 4, n->key, sizeof n->key);
	q_col_str(q, 5, n->source, sizeof n->source);
	q_col_str(q, 6, n->action, sizeof n->action);
	q_col_str(q, 7, n->noun, sizeof n->noun);
	q_col_str(q, 8, n->object, sizeof n->object);
	n->outcome = q_col_word(q, 9, &outcome_words, OUTCOME_FAILED);
	q_col_str(q, 10, n->detail, sizeof n->detail);
	q_col_bytes(q, 11, n->hash, sizeof n->hash);
}

/* One entry an hour and reader: a page turned is no new deed. */
static int
reading_keep(const struct seat *s, const struct audit_wish *a, struct err *e)
{
	static struct {
		int64_t account, hour;
	} readers[64];
	int64_t hour = clock_now() / 3600;
	size_t place = (size_t)(s->account % 64);

	if (readers[place].account == s->account &&
	    readers[place].hour == hour)
		return 0;
	readers[place].account = s->account;
	readers[place].hour = hour;
	return audit_add(s, "audit.read", "audit", "", OUTCOME_DONE, e,
	    "%s%s", a->noun, a->filter);
}

int
audit_entries(int64_t *total, struct err *e)
{
	struct query *q = db_query(audit_list_prepared[Q_LAST]);
	int have = q_next(q, e);

	if (have == 1)
		*total = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* The entry before which all are older than `since`: by halving, as numbers
 * go with the time. */
static int
since_find(int64_t since, int64_t last, int64_t *before, struct err *e)
{
	int64_t low = 0, high = last + 1;

	while (since > 0 && high - low > 1) {
		int64_t middle = low + (high - low) / 2, at = 0;
		struct query *q = db_query(audit_list_prepared[Q_AT]);
		int have;

		q_i64(q, 1, middle);
		if ((have = q_next(q, e)) == 1)
			at = q_col_i64(q, 0);
		q_end(q);
		if (have < 0)
			return -1;
		if (at < since - CLOCK_SLACK)
			low = middle;
		else
			high = middle;
	}
	*before = low;
	return 0;
}

struct listing {
	const struct seat *seat;
	const struct audit_wish *w;
	int64_t limit;
	char pattern[PATTERN_SIZE];
};

/* The entries between two numbers that fit: 1 the page is full, 0, -1. */
static int
range_take(const struct listing *l, int64_t above, int64_t below,
    struct audit_page *r, struct err *e)
{
	struct query *q = db_query(audit_list_prepared[l->w->oldest_first ?
	    Q_OLDEST : Q_NEWEST]);
	int have;

	q_i64(q, 1, above);
	q_i64(q, 2, l->w->since);
	q_str_held(q, 3, l->w->noun);
	q_str_held(q, 4, l->pattern);
	q_i64(q, 5, l->limit + 1 - (int64_t)r->n_rows);
	q_i64(q, 6, below);
	while ((have = q_next(q, e)) == 1) {
		if ((int64_t)r->n_rows == l->limit) {
			r->more = true;
			q_end(q);
			return 1;
		}
		row_take(q, LIST_ADD(r, rows));
		if (reads_redacted(l->seat))
			addresses_redact(r->rows[r->n_rows - 1].detail);
	}
	return have;
}

/* A noun and the very name of one of them: what an index knows. */
static int
object_take(const struct listing *l, int64_t below, struct audit_page *r,
    struct err *e)
{
	struct query *q = db_query(audit_list_prepared[Q_OBJECT]);
	int have, full = 0;

	q_str(q, 1, l->w->noun);
	q_str(q, 2, l->w->filter);
	q_i64(q, 3, below);
	while (full == 0 && (have = q_next(q, e)) == 1)
		full = range_take(l, q_col_i64(q, 0) - 1, q_col_i64(q, 0) + 1,
		    r, e);
	q_end(q);
	return full < 0 || (full == 0 && have < 0) ? -1 : 0;
}

/* Window after window, as long as somebody may be let wait. */
static int
windows_take(const struct listing *l, int64_t above, int64_t below,
    struct audit_page *r, struct err *e)
{
	int64_t until = clock_mono_ms() + TIME_MS, low = above, high = below;
	int have = 0, looked = 0;

	while (have == 0 && low + 1 < high) {
		/* the first window on the busiest host, too */
		if (looked++ > 0 && clock_mono_ms() >= until) {
			r->refine = r->more = true;
			r->looked = l->w->oldest_first ? low : high;
			return 0;
		}
		if (l->w->oldest_first) {
			int64_t end = low + WINDOW < high ? low + WINDOW : high;

			have = range_take(l, low, end, r, e);
			low = end - 1;
		} else {
			int64_t end = high - WINDOW > low ? high - WINDOW : low;

			have = range_take(l, end, high, r, e);
			high = end + 1;
		}
	}
	return have < 0 ? -1 : 0;
}

int
serve_audit_list(struct seat *s, const struct audit_wish *a,
    struct audit_page *r, struct err *e)
{
	struct listing l = { .seat = s, .w = a,
		.limit = page_limit(a->limit) };
	int64_t above, below;

	if (reading_keep(s, a, e) < 0 || audit_entries(&r->total, e) < 0 ||
	    since_find(a->since, r->total, &above, e) < 0)
		return -1;
	below = r->total + 1;
	if (a->noun[0] != '\0' || a->filter[0] != '\0' || a->since != 0)
		r->total = 0;		/* all that match were not counted */
	page_pattern(l.pattern, a->filter);
	if (a->oldest_first)
		above = a->before > above ? a->before : above;
	else if (a->before > 0 && a->before < below)
		below = a->before;
	if (a->noun[0] != '\0' && a->filter[0] != '\0' && !a->oldest_first) {
		if (object_take(&l, below, r, e) < 0)
			return -1;
		if (r->n_rows > 0)
			return 0;
	}
	/* unfiltered rows are all taken: one window is the page */
	if (a->filter[0] == '\0' && a->noun[0] == '\0')
		return range_take(&l, above, below, r, e) < 0 ? -1 : 0;
	return windows_take(&l, above, below, r, e);
}

int
serve_audit_verify(struct seat *s, const struct audit_job *a,
    struct audit_check *r, struct err *e)
{
	int done = audit_watch_ask(a->job, r, e);

	if (done <= 0)
		return done;
	return audit_add(s, "audit.verify", "audit", "", r->good ?
	    OUTCOME_DONE : OUTCOME_FAILED, e, "%s", r->text);
}
