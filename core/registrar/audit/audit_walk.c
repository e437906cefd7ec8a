/* audit_walk.c - the audit chain checked row by row: what was changed, taken
 * out, put in or swapped is found, and the first bad row is named (S11.2). */
#include "core/registrar/registrar.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/registrar/db.h"
#include "core/registrar/audit/log.h"
#include "core/x509/hash.h"

enum { Q_WALK, Q_LAST };
static const char *const sql[] = {
	[Q_WALK] = "SELECT " LEAF_COLUMNS
	    ", actor, key, source, detail, salt, commitment FROM audit"
	    " WHERE number >= ?1 ORDER BY number",
	[Q_LAST] = "SELECT max(number) FROM audit",
};
DB_STATEMENTS(audit_walk, sql)

/* Columns of Q_WALK; C_: its cells behind number and at. */
enum { COLUMN_NUMBER, COLUMN_AT, COLUMN_CELLS };
enum { C_ROLE, C_OUTCOME = LEAF_OUTCOME, C_PREVIOUS, C_HASH, C_ACTOR, C_KEY,
	C_SOURCE, C_DETAIL, C_SALT, C_COMMITMENT, C_CELLS };

bool audit_is_bad;

/* One row, each column taken once. */
struct row {
	int64_t number, at;
	struct cell c[C_CELLS];
	size_t size;		/* of all its cells */
};

static void
row_take(struct query *q, struct row *r)
{
	r->number = q_col_i64(q, COLUMN_NUMBER);
	r->at = q_col_i64(q, COLUMN_AT);
	r->size = q_cells(q, COLUMN_CELLS, C_CELLS, r->c);
}

/* ---- the bytes of an entry, as audit.c has hashed them ---- */

static uint8_t *
u32_put(uint8_t *at, uint32_t v)
{
	v = htobe32(v);
	memcpy(at, &v, 4);
	return at + 4;
}

static uint8_t *
i64_put(uint8_t *at, int64_t v)
{
	uint64_t u = htobe64((uint64_t)v);

	memcpy(at, &u, 8);
	return at + 8;
}

/* The bytes of a column as the row has them, whatever they are. */
static inline uint8_t *
bytes_put(uint8_t *at, const uint8_t *p, size_t n)
{
	at = u32_put(at, (uint32_t)n);
	if (n > 0)
		memcpy(at, p, n);
	return at + n;
}

/* Room for all that is hashed of a row. */
static uint8_t *
room_make(struct buf *b, const struct row *r)
{
	b->size = 0;
	buf_reserve(b, 128 + 4 * C_CELLS + r->size);
	return b->data;
}

static bool
cell_equals(const struct cell *c, const uint8_t want[32])
{
	return c->size == 32 && memcmp(c->data, want, 32) == 0;
}

/* Erased is erased whole: no salt, nothing behind the commitment. */
static const char *
commitment_check(const struct row *r, struct buf *b)
{
	const struct cell *c = r->c;
	uint8_t want[32], *at = b->data;

	for (int i = C_ACTOR; i <= C_DETAIL; i++)
		if (c[i].null != c[C_SALT].null)
			return "is erased only in part";
	if (c[C_SALT].null)
		return NULL;
	at = bytes_put(at, c[C_SALT].data, c[C_SALT].size);
	for (int i = C_ACTOR; i <= C_DETAIL; i++)
		at = bytes_put(at, c[i].data, c[i].size);
	sha256(want, b->data, (size_t)(at - b->data));
	return cell_equals(&c[C_COMMITMENT], want) ? NULL :
	    "was changed: actor, key, source or detail";
}

/* NULL, or what is wrong with the row; the hash of a good one is in `last`. */
static const char *
row_check(const struct row *r, struct buf *b, uint8_t last[32])
{
	const char *wrong = NULL;
	uint8_t want[32], *at = room_make(b, r);

	if (!cell_equals(&r->c[C_PREVIOUS], last))
		return "does not follow the entry before it";
	at = bytes_put(at, last, 32);
	at = i64_put(at, r->number);
	at = i64_put(at, r->at);
	for (int i = C_ROLE; i <= C_OUTCOME; i++)
		at = bytes_put(at, r->c[i].data, r->c[i].size);
	at = bytes_put(at, r->c[C_COMMITMENT].data, r->c[C_COMMITMENT].size);
	sha256(want, b->data, (size_t)(at - b->data));
	if (!cell_equals(&r->c[C_HASH], want))
		return "was changed";
	if ((wrong = commitment_check(r, b)) != NULL)
		return wrong;
	memcpy(last, want, 32);
	return NULL;
}

/* What a walk carries along. */
struct walk {
	struct audit_check *r;
	struct row row;
	struct buf b;
	int64_t expected;
	struct log_walk *tree;		/* NULL: the chain alone */
};

static bool
walk_bad(struct walk *w, int64_t row, const char *text)
{
	w->r->bad_row = row != 0 ? row : -1;
	snprintf(w->r->text, sizeof w->r->text, "%s", text);
	return false;
}

/* Entries that this database has lost stand in log_lost. */
static void
lost_skip(struct walk *w, int64_t until)
{
	while (w->expected < until && log_walk_lost(w->tree, w->expected,
	    w->r->head, &w->r->head_at)) {
		w->expected++;
		w->r->entries++;
	}
}

static bool
entry_bad(struct walk *w, int64_t number, const char *behind)
{
	char text[256];

	snprintf(text, sizeof text, "entry %lld %s", (long long)number,
	    behind);
	return walk_bad(w, number, text);
}

/* One row of the walk; false when the walk is to stop. */
static bool
row_walk(struct walk *w, struct query *q)
{
	const char *wrong = NULL;
	struct row *r = &w->row;
	int64_t row;

	row_take(q, r);
	if (r->number > w->expected)
		lost_skip(w, r->number);
	if (r->number < w->expected)
		return entry_bad(w, r->number, "was put in");
	if (r->number > w->expected)
		return entry_bad(w, w->expected, "is missing");
	if ((wrong = row_check(r, &w->b, w->r->head)) != NULL)
		return entry_bad(w, r->number, wrong);
	w->r->head_at = r->at;
	w->r->entries++;
	w->expected++;
	row = r->number;
	if (w->tree != NULL && (wrong = log_walk_row(w->tree, r->number,
	    r->at, r->c, &row)) != NULL)
		return walk_bad(w, row, wrong);
	return true;
}

/* The hash of the entry before the first, to start from. */
static void
start_take(struct walk *w, struct query *q)
{
	size_t n;
	const uint8_t *p = q_col_blob(q, COLUMN_CELLS + C_HASH, &n);

	if (n == 32)
		memcpy(w->r->head, p, 32);
}

static void
walk_close(struct walk *w)
{
	const char *wrong = NULL;
	int64_t row = 0;

	lost_skip(w, INT64_MAX);
	if (w->tree != NULL &&
	    (wrong = log_walk_end(w->tree, &row)) != NULL)
		walk_bad(w, row, wrong);
}

/* All rows were seen (going), or a bad one. */
static void
walk_said(struct walk *w, bool going)
{
	struct audit_check *r = w->r;

	if (going)
		walk_close(w);
	r->good = r->bad_row == 0;
	if (r->good)
		snprintf(r->text, sizeof r->text,
		    "%lld entries, the chain is whole",
		    (long long)r->entries);
	else
		audit_is_bad = true;
}

static int
walk_from(int64_t first, struct walk *w, struct err *e)
{
	struct audit_check *r = w->r;
	struct query *q = NULL;
	bool going = true;
	int have;

	r->good = false;
	w->expected = first;
	if (first > 1)
		log_walk_lost(NULL, first - 1, r->head, NULL);
	q = db_query(audit_walk_prepared[Q_WALK]);
	q_i64(q, 1, first > 1 ? first - 1 : INT64_MIN);
	while (going && (have = q_next(q, e)) == 1) {
		if (q_col_i64(q, COLUMN_NUMBER) == first - 1 && first > 1)
			start_take(w, q);
		else
			going = row_walk(w, q);
	}
	q_end(q);
	buf_clear(&w->b);
	if (have < 0)
		return -1;
	walk_said(w, going);
	return 0;
}

int
audit_walk_against(const struct checkpoint *anchor, const char *folder,
    struct audit_check *r, struct err *e)
{
	struct walk w = { .r = r };
	int done;

	memset(r, 0, sizeof *r);
	if ((w.tree = log_walk_new(e)) == NULL)
		return -1;
	if (anchor != NULL)
		log_walk_anchor(w.tree, anchor, folder);
	done = walk_from(1, &w, e);
	log_walk_free(w.tree);
	return done;
}

int
audit_walk(struct audit_check *r, struct err *e)
{
	return audit_walk_against(NULL, "", r, e);
}

int
audit_walk_tail(int64_t entries, struct audit_check *r, struct err *e)
{
	struct walk w = { .r = r };
	struct query *q = NULL;
	int64_t last = 0;
	int have;

	memset(r, 0, sizeof *r);
	q = db_query(audit_walk_prepared[Q_LAST]);
	if ((have = q_next(q, e)) == 1)
		last = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : walk_from(last > entries ? last - entries + 1 :
	    1, &w, e);
}

/* ---- in slices ---- */

struct audit_walker {
	struct audit_check r;
	struct walk w;
};

struct audit_walker *
audit_walker_new(struct err *e)
{
	struct audit_walker *a = xcalloc(1, sizeof *a);

	a->w.r = &a->r;
	a->w.expected = 1;
	if ((a->w.tree = log_walk_new(e)) == NULL) {
		free(a);
		return NULL;
	}
	log_walk_pause(a->w.tree);
	return a;
}

void
audit_walker_free(struct audit_walker *a)
{
	if (a == NULL)
		return;
	log_walk_free(a->w.tree);
	buf_clear(&a->w.b);
	free(a);
}

const struct audit_check *
audit_walker_check(const struct audit_walker *a)
{
	return &a->r;
}

int
audit_walker_go(struct audit_walker *a, int64_t rows, struct err *e)
{
	struct query *q = NULL;
	bool going = true;
	int have = 0;

	if (log_walk_resume(a->w.tree, e) < 0)
		return -1;
	q = db_query(audit_walk_prepared[Q_WALK]);
	q_i64(q, 1, a->w.expected > 1 ? a->w.expected : INT64_MIN);
	while (going && rows > 0 && (have = q_next(q, e)) == 1) {
		going = row_walk(&a->w, q);
		rows--;
	}
	q_end(q);
	if (have >= 0 && (!going || rows > 0))
		walk_said(&a->w, going);
	log_walk_pause(a->w.tree);
	return have < 0 ? -1 : going && rows == 0;
}
