/* throttle.c - how often something was done today, and when it is enough. */
#include "core/registrar/registrar.h"

#include <stdio.h>

#include "core/base/clock.h"
#include "core/registrar/db.h"

#define DAY 86400
#define DAYS_KEPT 2

enum { Q_TAKE, Q_SWEEP };
static const char *const sql[] = {
	/* no row changes when the bound is reached */
	[Q_TAKE] = "INSERT INTO throttle (kind, whose, day, count)"
	    " VALUES (?1, ?2, ?3, 1)"
	    " ON CONFLICT (kind, whose, day) DO UPDATE"
	    " SET count = throttle.count + 1 WHERE throttle.count < ?4",
	[Q_SWEEP] = "DELETE FROM throttle WHERE day < ?1",
};
DB_STATEMENTS(throttle, sql)

int
throttle_take(const char *kind, const char *whose, int64_t most,
    struct err *e)
{
	struct query *q = NULL;
	int64_t now = clock_now(), before;
	char clause[ERR_CLAUSE_SIZE];

	snprintf(clause, sizeof clause, "limit-%s", kind);
	if (most > 0) {
		q = db_query(throttle_prepared[Q_TAKE]);
		q_str(q, 1, kind);
		q_str(q, 2, whose);
		q_i64(q, 3, now / DAY);
		q_i64(q, 4, most);
		before = db_total_changes();
		if (q_run(q, e) < 0)
			return -1;
		if (db_total_changes() > before)
			return 0;
	}
	return err_set(e, ERR_REFUSED, clause,
	    "the daily limit of %lld is reached; try again in %lld hours",
	    (long long)most, (long long)((DAY - now % DAY) / 3600 + 1));
}

static void
throttle_sweep(void)
{
	struct query *q = db_query(throttle_prepared[Q_SWEEP]);

	q_i64(q, 1, clock_now() / DAY - DAYS_KEPT);
	q_run(q, NULL);
}
LOOP_TIMER(throttle, 3600, throttle_sweep)
