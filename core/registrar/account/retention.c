/*
 * retention.c - what has been kept for long enough is erased (S4.4), a slice
 * at a time: letters, what refused requests held, and the openings of the
 * log's commitments; the chain goes on holding.
 *
 * Requests and log entries are walked by number; a mark in `setting` says how
 * far.
 */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/clock_watch.h"
#include "core/registrar/db.h"
#include "core/registrar/kept.h"
#include "core/registrar/letter/reminder.h"

#define DAY 86400
#define SLICE 1000

enum { Q_LETTERS, Q_RECOVERIES, Q_REQUESTS_TO, Q_REQUESTS, Q_BODIES,
	Q_LOG_TO, Q_LOG };
static const char *const sql[] = {
	[Q_LETTERS] = "UPDATE notice SET recipient = '', subject = '',"
	    " blanks = x'', calendar = '', reply = '' WHERE number IN"
	    " (SELECT number FROM notice WHERE recipient <> ''"
	    " AND created < ?1 AND state IN ('sent', 'failed')"
	    " ORDER BY created LIMIT ?2)",
	[Q_RECOVERIES] = "UPDATE recovery SET source = '', fingerprint = ''"
	    " WHERE state IN ('done', 'stopped', 'expired') AND ended < ?1"
	    " AND source <> ''",
	/* up to the first that is too young, or still waits */
	[Q_REQUESTS_TO] = "SELECT max(number) FROM (SELECT number, created,"
	    " state FROM request WHERE number > ?1 ORDER BY number LIMIT ?2)"
	    " WHERE created < ?3 AND number < coalesce((SELECT min(number)"
	    " FROM request WHERE number > ?1"
	    " AND state IN ('awaiting', 'approved')), 9223372036854775807)",
	[Q_REQUESTS] = "UPDATE request SET note = '', refusal = ''"
	    " WHERE number > ?1 AND number <= ?2"
	    " AND state IN ('refused', 'withdrawn')",
	[Q_BODIES] = "UPDATE request_body SET csr = x'',"
	    " findings = x'00000000' WHERE request > ?1 AND request <= ?2"
	    " AND EXISTS (SELECT 1 FROM request r WHERE r.number ="
	    " request_body.request AND r.state IN ('refused', 'withdrawn'))",
	[Q_LOG_TO] = "SELECT max(number) FROM (SELECT number, at FROM audit"
	    " WHERE number > ?1 ORDER BY number LIMIT ?2) WHERE at < ?3",
	[Q_LOG] = "UPDATE audit SET actor = NULL, key = NULL, source = NULL,"
	    " detail = NULL, salt = NULL WHERE number > ?1 AND number <= ?2"
	    " AND salt IS NOT NULL",
};
DB_STATEMENTS(retention, sql)

static int
letters_erase(struct err *e)
{
	int64_t before = clock_now() - conf.policy_retention_letter_days * DAY;
	struct query *q = db_query(retention_prepared[Q_LETTERS]);

	q_i64(q, 1, before);
	q_i64(q, 2, SLICE);
	if (q_run(q, e) < 0)
		return -1;
	q = db_query(retention_prepared[Q_RECOVERIES]);
	q_i64(q, 1, before);
	return q_run(q, e);
}

/* The last number of this slice; 0: nothing is old enough. */
static int
slice_end(int which, int64_t from, int64_t before, int64_t *to,
    struct err *e)
{
	struct query *q = db_query(retention_prepared[which]);
	int have;

	*to = 0;
	q_i64(q, 1, from);
	q_i64(q, 2, SLICE);
	q_i64(q, 3, before);
	if ((have = q_next(q, e)) == 1 && !q_col_null(q, 0))
		*to = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : 0;
}

static int
range_run(int which, int64_t from, int64_t to, struct err *e)
{
	struct query *q = db_query(retention_prepared[which]);

	q_i64(q, 1, from);
	q_i64(q, 2, to);
	return q_run(q, e);
}

static int
requests_erase(struct err *e)
{
	static const char name[] = "retention.request";
	int64_t before = clock_now() - conf.policy_retention_refused_days *
	    DAY, from, to;

	if (kept_number(name, &from, e) < 0 ||
	    slice_end(Q_REQUESTS_TO, from, before, &to, e) < 0)
		return -1;
	if (to == 0)
		return 0;
	if (range_run(Q_REQUESTS, from, to, e) < 0 ||
	    range_run(Q_BODIES, from, to, e) < 0)
		return -1;
	return kept_number_set(name, to, e);
}

static int
log_erase(struct err *e)
{
	static const char name[] = "retention.log";
	int64_t before = clock_now() - conf.policy_retention_log_days * DAY;
	int64_t from, to;

	if (kept_number(name, &from, e) < 0 ||
	    slice_end(Q_LOG_TO, from, before, &to, e) < 0)
		return -1;
	if (to == 0)
		return 0;
	return range_run(Q_LOG, from, to, e) < 0 ? -1 :
	    kept_number_set(name, to, e);
}

void
retention_run(void)
{
	static int (*const steps[])(struct err *) = { letters_erase,
		requests_erase, log_erase };

	if (clock_sure(NULL) < 0)
		return;		/* what is erased does not come back */
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct err e = { 0 };

		if (db_savepoint(&e) < 0)
			return;
		if (steps[i](&e) == 0) {
			db_savepoint_release();
			continue;
		}
		db_savepoint_undo();
		log_warn("retention: %s", e.text);
	}
}
LOOP_TIMER(retention, 60, retention_run)
