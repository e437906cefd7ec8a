/* audit_list.c - the audit log as auditors read it; that they read it is
 * logged too. */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/registrar/db.h"
#include "core/registrar/page.h"

#define COLUMNS "SELECT number, at, actor, role, key, source, action, noun," \
	" object, outcome, detail, hash FROM audit WHERE at >= ?2" \
	" AND (?3 = '' OR noun = ?3) AND (?4 = ''" \
	" OR object LIKE ?4 ESCAPE '!'" \
	" OR action LIKE ?4 ESCAPE '!'" \
	" OR actor LIKE ?4 ESCAPE '!'" \
	" OR detail LIKE ?4 ESCAPE '!')"

enum { Q_NEWEST, Q_OLDEST, Q_LAST };
static const char *const sql[] = {
	[Q_NEWEST] = COLUMNS " AND number < ?1 ORDER BY number DESC LIMIT ?5",
	[Q_OLDEST] = COLUMNS " AND number > ?1 ORDER BY number LIMIT ?5",
	[Q_LAST] = "SELECT max(number) FROM audit",
};
DB_STATEMENTS(audit_list, sql)

static void
row_take(struct query *q, struct audit_entry *n)
{
	char word[16];
	int v;

	n->number = q_col_i64(q, 0);
	n->at = q_col_i64(q, 1);
	q_col_str(q, 2, n->actor, sizeof n->actor);
	q_col_str(q, 3, word, sizeof word);
	v = word_parse(&role_words, word);
	n->role = v < 0 ? ROLE_SYSTEM : (enum role)v;
	q_col_str(q, 4, n->key, sizeof n->key);
	q_col_str(q, 5, n->source, sizeof n->source);
	q_col_str(q, 6, n->action, sizeof n->action);
	q_col_str(q, 7, n->noun, sizeof n->noun);
	q_col_str(q, 8, n->object, sizeof n->object);
	q_col_str(q, 9, word, sizeof word);
	v = word_parse(&outcome_words, word);
	n->outcome = v < 0 ? OUTCOME_FAILED : (enum outcome)v;
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

static int
total_read(int64_t *total, struct err *e)
{
	struct query *q = db_query(audit_list_prepared[Q_LAST]);
	int have = q_next(q, e);

	if (have == 1)
		*total = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : 0;
}

int
serve_audit_list(struct seat *s, const struct audit_wish *a,
    struct audit_page *r, struct err *e)
{
	int64_t limit = page_limit(a->limit);
	char pattern[PATTERN_SIZE];
	struct query *q = NULL;
	int have;

	if (reading_keep(s, a, e) < 0 || total_read(&r->total, e) < 0)
		return -1;
	page_pattern(pattern, a->filter);
	q = db_query(audit_list_prepared[a->oldest_first ? Q_OLDEST :
	    Q_NEWEST]);
	q_i64(q, 1, a->oldest_first || a->before > 0 ? a->before :
	    INT64_MAX);
	q_i64(q, 2, a->since);
	q_str(q, 3, a->noun);
	q_str(q, 4, pattern);
	q_i64(q, 5, limit + 1);
	while ((have = q_next(q, e)) == 1) {
		if ((int64_t)r->n_rows == limit) {
			r->more = true;
			break;
		}
		row_take(q, LIST_ADD(r, rows));
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

int
serve_audit_verify(struct seat *s, const struct none *a,
    struct audit_check *r, struct err *e)
{
	(void)a;
	if (audit_walk(r, e) < 0)
		return -1;
	return audit_add(s, "audit.verify", "audit", "", r->good ?
	    OUTCOME_DONE : OUTCOME_FAILED, e, "%s", r->text);
}
