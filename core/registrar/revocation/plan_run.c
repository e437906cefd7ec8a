/* plan_run.c - confirmed mass revocations, worked off slice by slice between
 * the bursts; a cursor in the plan's row says where to go on after a fall. */
#include "core/registrar/revocation/plan.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/revocation/revocation.h"

#define SLICE 250		/* certificates in one transaction */
#define SLICE_MS 60		/* and so long at most, for those who wait */
#define AGAIN_MS 1000		/* after a slice that was not kept */

enum { Q_RUNNING, Q_ROWS, Q_STEP, Q_MAKER, Q_ISSUERS };

static const char *const sql[] = {
	[Q_RUNNING] = "SELECT number, cursor, account FROM revocation_plan"
	    " WHERE state = 'running' ORDER BY number LIMIT 1",
	[Q_ROWS] = "SELECT certificate FROM revocation_plan_row"
	    " WHERE plan = ?1 AND certificate > ?2"
	    " ORDER BY certificate LIMIT ?3",
	[Q_STEP] = "UPDATE revocation_plan SET cursor = ?2, done = done + ?3,"
	    " failed = failed + ?4 WHERE number = ?1",
	[Q_MAKER] = "SELECT name FROM account WHERE number = ?1",
	[Q_ISSUERS] = "SELECT max(c.number) FROM revocation_plan_row p"
	    " JOIN certificate c ON c.number = p.certificate"
	    " WHERE p.plan = ?1 AND c.state = 'revoked' GROUP BY c.issuer",
};
DB_STATEMENTS(plan_run, sql)

struct slice {
	int64_t plan, cursor, account;
	struct seat maker;		/* in whose name it is done */
	enum reason reason;
	int64_t certificates[SLICE];
	size_t n;
	int64_t done, failed;
	struct target told[SLICE];	/* whose owners sit here now */
	size_t n_told;
};

static bool idle;
static int64_t next_ms;

void
plan_wake(void)
{
	idle = false;
}

int
plan_wait_ms(void)
{
	int64_t left = next_ms - clock_mono_ms();

	if (idle)
		return 60000;
	return left <= 0 ? 0 : (int)left;
}

/* ---- reading ---- */

static int
running_find(struct slice *s, struct err *e)
{
	struct query *q = db_query(plan_run_prepared[Q_RUNNING]);
	int have;

	if ((have = q_next(q, e)) == 1) {
		s->plan = q_col_i64(q, 0);
		s->cursor = q_col_i64(q, 1);
		s->account = q_col_i64(q, 2);
	}
	q_end(q);
	return have;
}

static int
maker_seat(struct slice *s, struct err *e)
{
	struct query *q = db_query(plan_run_prepared[Q_MAKER]);
	int have;

	seat_init(&s->maker, -1, ROLE_STAFF);
	s->maker.account = s->account;
	q_i64(q, 1, s->account);
	if ((have = q_next(q, e)) == 1)
		q_col_str(q, 0, s->maker.account_name,
		    sizeof s->maker.account_name);
	q_end(q);
	return have < 0 ? -1 : 0;
}

static int
slice_load(struct slice *s, struct err *e)
{
	struct revocation_plan plan = { 0 };
	struct query *q = NULL;
	int have;

	if (plan_load(s->plan, &plan, e) < 0 || maker_seat(s, e) < 0)
		return -1;
	s->reason = plan.criteria.reason;
	q = db_query(plan_run_prepared[Q_ROWS]);
	q_i64(q, 1, s->plan);
	q_i64(q, 2, s->cursor);
	q_i64(q, 3, SLICE);
	while ((have = q_next(q, e)) == 1)
		s->certificates[s->n++] = q_col_i64(q, 0);
	return have;
}

/* ---- working ---- */

/* 1 done, 0 it could not be, -1 the slice is lost. */
static int
one_revoke(struct slice *s, int64_t certificate, struct err *e)
{
	const struct revoker d = { .seat = &s->maker, .as = ROLE_STAFF,
		.reason = s->reason, .plan = s->plan };
	struct target t = { 0 };
	int have = target_load(certificate, &t, e);

	if (have == 1 && !t.good)
		return 1;	/* somebody was quicker */
	if (have == 1 && db_savepoint(e) == 0) {
		if (certificate_revoke(&d, &t, e) == 0) {
			db_savepoint_release();
			if (seats_of(t.account) > 0)
				s->told[s->n_told++] = t;
			return 1;
		}
		db_questions_end();
		db_savepoint_undo();
	}
	if (db_doomed())
		return -1;
	log_warn("plan %lld: certificate %lld is not revoked: %s",
	    (long long)s->plan, (long long)certificate, e->text);
	return audit_add(&s->maker, "revocation.request", "certificate",
	    t.serial, OUTCOME_FAILED, e, "plan %lld", (long long)s->plan) < 0 ?
	    -1 : 0;
}

static int
slice_work(struct slice *s, struct err *e)
{
	int64_t start = clock_mono_ms();
	size_t mark = changes_mark();

	for (size_t i = 0; i < s->n; i++) {
		int r = one_revoke(s, s->certificates[i], e);

		if (r < 0)
			return -1;
		s->done += r;
		s->failed += r == 0;
		s->cursor = s->certificates[i];
		if (clock_mono_ms() - start >= SLICE_MS) {
			s->n = i + 1;
			break;
		}
	}
	/* each letter and certificate was pushed: once for all is enough */
	changes_undo(mark);
	change_push("notice", 0, 0, "");
	change_push("revocation_plan", s->plan, 0, "");
	for (size_t i = 0; i < s->n_told; i++)
		change_push("certificate", s->told[i].request,
		    s->told[i].account, "One of your certificates was revoked.");
	return 0;
}

int
plan_publish(int64_t plan, struct err *e)
{
	struct query *q = db_query(plan_run_prepared[Q_ISSUERS]);
	int64_t last[16];
	size_t n = 0;
	int have;

	q_i64(q, 1, plan);
	while ((have = q_next(q, e)) == 1 && n < 16)
		last[n++] = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (publish_due(last[i], true, e) < 0)
			return -1;
	return 0;
}

static int
plan_finish(const struct slice *s, struct err *e)
{
	struct revocation_plan r = { 0 };
	char detail[96];

	if (plan_move(s->plan, PLAN_RUNNING, PLAN_DONE, e) < 0 ||
	    plan_load(s->plan, &r, e) < 0 ||
	    plan_publish(s->plan, e) < 0)
		return -1;
	snprintf(detail, sizeof detail, "%lld done, %lld failed, of %lld",
	    (long long)r.done, (long long)r.failed, (long long)r.total);
	return plan_audit(&s->maker, "revocation.plan_done", s->plan, detail,
	    e);
}

static int
slice_keep(struct slice *s, struct err *e)
{
	struct query *q = db_query(plan_run_prepared[Q_STEP]);

	q_i64(q, 1, s->plan);
	q_i64(q, 2, s->cursor);
	q_i64(q, 3, s->done);
	q_i64(q, 4, s->failed);
	return q_run(q, e);
}

/* 1 there may be more, 0 nothing runs, -1 with *e. */
static int
slice_run(struct err *e)
{
	static struct slice s;
	int have;

	memset(&s, 0, sizeof s);
	if ((have = running_find(&s, e)) <= 0)
		return have;
	if (slice_load(&s, e) < 0)
		return -1;
	if (s.n == 0)
		return plan_finish(&s, e) < 0 ? -1 : 1;
	return slice_work(&s, e) < 0 || slice_keep(&s, e) < 0 ? -1 : 1;
}

void
plan_run(void)
{
	struct err e = { 0 };
	int r;

	if (plan_wait_ms() > 0 || db_begin(&e) < 0)
		return;
	r = slice_run(&e);
	db_questions_end();
	if (r < 0)
		db_rollback();
	else if (db_commit(&e) < 0)
		r = -1;
	if (r < 0) {
		changes_undo(0);
		next_ms = clock_mono_ms() + AGAIN_MS;
		log_warn("mass revocation: a slice was not kept: %s", e.text);
		return;
	}
	idle = r == 0;
	changes_send();
}
