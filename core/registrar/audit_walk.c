/* audit_walk.c - the audit chain checked row by row: what was changed, taken
 * out, put in or swapped is found, and the first bad row is named (S11.2). */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/registrar/db.h"
#include "core/x509/hash.h"

enum { Q_WALK, Q_LAST, Q_HASH };
static const char *const sql[] = {
	[Q_WALK] = "SELECT number, at, role, action, noun, object, outcome,"
	    " actor, key, source, detail, salt, commitment, previous, hash"
	    " FROM audit WHERE number >= ?1 ORDER BY number",
	[Q_LAST] = "SELECT max(number) FROM audit",
	[Q_HASH] = "SELECT hash FROM audit WHERE number = ?1",
};
DB_STATEMENTS(audit_walk, sql)

/* Columns of Q_WALK. */
enum { C_NUMBER, C_AT, C_ROLE, C_ACTION, C_NOUN, C_OBJECT, C_OUTCOME,
	C_ACTOR, C_KEY, C_SOURCE, C_DETAIL, C_SALT, C_COMMITMENT, C_PREVIOUS,
	C_HASH };

bool audit_is_bad;

/* The bytes of a column as the row has them, whatever they are. */
static void
column_put(struct buf *b, struct query *q, int column)
{
	size_t n;
	const uint8_t *p = q_col_blob(q, column, &n);

	buf_put_bytes(b, p, n);
}

static bool
column_equals(struct query *q, int column, const uint8_t want[32])
{
	size_t n;
	const uint8_t *p = q_col_blob(q, column, &n);

	return n == 32 && memcmp(p, want, 32) == 0;
}

/* Erased is erased whole: no salt, nothing behind the commitment. */
static const char *
commitment_check(struct query *q, struct buf *b)
{
	uint8_t want[32];

	if (q_col_null(q, C_SALT)) {
		for (int c = C_ACTOR; c <= C_DETAIL; c++)
			if (!q_col_null(q, c))
				return "is erased only in part";
		return NULL;
	}
	b->size = 0;
	column_put(b, q, C_SALT);
	for (int c = C_ACTOR; c <= C_DETAIL; c++) {
		if (q_col_null(q, c))
			return "is erased only in part";
		column_put(b, q, c);
	}
	sha256(want, b->data, b->size);
	return column_equals(q, C_COMMITMENT, want) ? NULL :
	    "was changed: actor, key, source or detail";
}

/* NULL, or what is wrong with the row; the hash of a good one is in `last`. */
static const char *
row_check(struct query *q, struct buf *b, uint8_t last[32])
{
	const char *wrong = NULL;
	uint8_t want[32];

	if (!column_equals(q, C_PREVIOUS, last))
		return "does not follow the entry before it";
	b->size = 0;
	buf_put_bytes(b, last, 32);
	buf_put_i64(b, q_col_i64(q, C_NUMBER));
	buf_put_i64(b, q_col_i64(q, C_AT));
	for (int c = C_ROLE; c <= C_OUTCOME; c++)
		column_put(b, q, c);
	column_put(b, q, C_COMMITMENT);
	sha256(want, b->data, b->size);
	if (!column_equals(q, C_HASH, want))
		return "was changed";
	if ((wrong = commitment_check(q, b)) != NULL)
		return wrong;
	memcpy(last, want, 32);
	return NULL;
}

/* One row of the walk; false when the walk is to stop. */
static bool
row_walk(struct query *q, struct buf *b, int64_t expected,
    struct audit_check *r)
{
	int64_t number = q_col_i64(q, C_NUMBER);
	const char *wrong = NULL;

	if (number < expected) {
		r->bad_row = number != 0 ? number : -1;
		snprintf(r->text, sizeof r->text, "entry %lld was put in",
		    (long long)number);
	} else if (number > expected) {
		r->bad_row = expected;
		snprintf(r->text, sizeof r->text, "entry %lld is missing",
		    (long long)expected);
	} else if ((wrong = row_check(q, b, r->head)) != NULL) {
		r->bad_row = number;
		snprintf(r->text, sizeof r->text, "entry %lld %s",
		    (long long)number, wrong);
	} else {
		r->head_at = q_col_i64(q, C_AT);
		r->entries++;
		return true;
	}
	return false;
}

static int
walk_from(int64_t first, struct audit_check *r, struct err *e)
{
	struct query *q = NULL;
	struct buf b = { 0 };
	int64_t expected = first;
	int have;

	r->good = false;
	q = db_query(audit_walk_prepared[Q_WALK]);
	/* the entry before gives the hash to start from */
	q_i64(q, 1, first > 1 ? first - 1 : INT64_MIN);
	while ((have = q_next(q, e)) == 1) {
		if (q_col_i64(q, C_NUMBER) == first - 1 && first > 1) {
			size_t n;
			const uint8_t *p = q_col_blob(q, C_HASH, &n);

			if (n == 32)
				memcpy(r->head, p, 32);
			continue;
		}
		if (!row_walk(q, &b, expected++, r))
			break;
	}
	q_end(q);
	buf_clear(&b);
	if (have < 0)
		return -1;
	r->good = r->bad_row == 0;
	if (r->good)
		snprintf(r->text, sizeof r->text,
		    "%lld entries, the chain is whole",
		    (long long)r->entries);
	else
		audit_is_bad = true;
	return 0;
}

int
audit_walk(struct audit_check *r, struct err *e)
{
	memset(r, 0, sizeof *r);
	return walk_from(1, r, e);
}

int
audit_walk_tail(int64_t entries, struct audit_check *r, struct err *e)
{
	struct query *q = NULL;
	int64_t last = 0;
	int have;

	memset(r, 0, sizeof *r);
	q = db_query(audit_walk_prepared[Q_LAST]);
	if ((have = q_next(q, e)) == 1)
		last = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : walk_from(last > entries ? last - entries + 1 :
	    1, r, e);
}

/* A chain that was cut, or made anew as a whole, is whole: only a hash that
 * was kept elsewhere tells. */
int
audit_anchor(int64_t number, const uint8_t hash[32], struct audit_check *r,
    struct err *e)
{
	struct query *q = NULL;
	bool same = false;
	int have;

	if (number > r->entries) {
		r->good = false;
		r->bad_row = r->entries + 1;
		snprintf(r->text, sizeof r->text,
		    "is not there; the anchor knows %lld entries",
		    (long long)number);
		return 0;
	}
	q = db_query(audit_walk_prepared[Q_HASH]);
	q_i64(q, 1, number);
	if ((have = q_next(q, e)) == 1)
		same = column_equals(q, 0, hash);
	q_end(q);
	if (have < 0)
		return -1;
	if (!same) {
		r->good = false;
		r->bad_row = number;
		snprintf(r->text, sizeof r->text,
		    "is not the one that the anchor knows: the log was made anew up to it");
	}
	return 0;
}
