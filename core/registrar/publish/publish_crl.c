/* publish_crl.c - which CRL is due, its number that only rises, and what is
 * told of it. */
#include "core/registrar/publish/publish.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/publish/crl_ahead.h"
#include "core/registrar/publish/crl_job.h"
#include "core/registrar/publish/crl_list.h"
#include "core/registrar/db.h"

#define LATE 3600		/* overdue by so much is told */
#define NEVER 253402300799	/* 31 December 9999 */

enum { Q_DUE, Q_NUMBER, Q_NUMBER_SHARD, Q_DONE, Q_DONE_SHARD, Q_ALL, Q_LOST,
	Q_LOST_SHARD, Q_SHARD_ADD };

/* The whole list has its state in the issuer's row, a shard in its own; the
 * view crl shows both. */
static const char *const sql[] = {
	[Q_DUE] = "SELECT issuer, shard, crl_number, state, not_after"
	    " FROM crl WHERE crl_due <= ?1 ORDER BY crl_due, issuer, shard"
	    " LIMIT 1",
	[Q_NUMBER] = "UPDATE issuer SET crl_number = ?3 WHERE name = ?1"
	    " AND ?2 = 0 AND crl_number < ?3",
	[Q_NUMBER_SHARD] = "UPDATE crl_shard SET crl_number = ?3"
	    " WHERE issuer = ?1 AND shard = ?2 AND crl_number < ?3",
	/* revoked or closed meanwhile: it stays due; after the last one of a
	 * closed issuer there is none */
	[Q_DONE] = "UPDATE issuer SET crl_at = ?3, crl_due = CASE WHEN"
	    " EXISTS (SELECT 1 FROM crl_new n CROSS JOIN certificate c"
	    " ON c.number = n.certificate WHERE c.issuer = ?1"
	    " AND n.shard = 0) THEN ?3 WHEN state <> 'closed' THEN ?4"
	    " WHEN not_after > ?5 THEN ?3 ELSE ?6 END"
	    " WHERE name = ?1 AND ?2 = 0",
	[Q_DONE_SHARD] = "UPDATE crl_shard SET crl_at = ?3, crl_due = CASE"
	    " WHEN EXISTS (SELECT 1 FROM crl_new n CROSS JOIN certificate c"
	    " ON c.number = n.certificate WHERE c.issuer = ?1"
	    " AND n.shard = ?2) THEN ?3 ELSE (SELECT CASE WHEN"
	    " i.state <> 'closed' THEN ?4 WHEN i.not_after > ?5 THEN ?3"
	    " ELSE ?6 END FROM issuer i WHERE i.name = ?1) END"
	    " WHERE issuer = ?1 AND shard = ?2",
	[Q_ALL] = "SELECT issuer, shard, crl_number, crl_at, crl_due, state,"
	    " not_after FROM crl ORDER BY issuer, shard",
	[Q_LOST] = "UPDATE issuer SET crl_due = 0 WHERE name = ?1"
	    " AND ?2 = 0",
	[Q_LOST_SHARD] = "UPDATE crl_shard SET crl_due = 0 WHERE issuer = ?1"
	    " AND shard = ?2",
	[Q_SHARD_ADD] = "INSERT OR IGNORE INTO crl_shard (issuer, shard)"
	    " VALUES (?1, ?2)",
};
DB_STATEMENTS(publish_crl, sql)

/* The statement for the whole list, or the one behind it for a shard. */
static struct query *
row_query(int which, const char *issuer, int64_t shard)
{
	struct query *q = db_query(publish_crl_prepared[which +
	    (shard > 0)]);

	q_str(q, 1, issuer);
	q_i64(q, 2, shard);
	return q;
}

/* The next one comes as configured, and well before this one ends (S8.2). */
int64_t
crl_period(void)
{
	int64_t wanted = conf.publish_crl_hours * 3600;

	return wanted < crl_life() / 2 ? wanted : crl_life() / 2;
}

int64_t
crl_life(void)
{
	return conf.publish_crl_days * 86400;
}

/* A closed issuer's last CRL counts until the issuer ends: nothing follows. */
static void
dates_set(struct crl_begin *w, const char *state, int64_t not_after)
{
	w->this_update = clock_now();
	w->next_update = w->this_update + crl_life();
	if (strcmp(state, "closed") == 0 && not_after > w->next_update) {
		w->last = true;
		w->next_update = not_after;
	}
}

/* 1: *w but for its entries, 0: none is due. */
static int
due_find(struct crl_begin *w, struct err *e)
{
	struct query *q = db_query(publish_crl_prepared[Q_DUE]);
	char state[16];
	int r;

	q_i64(q, 1, clock_now());
	if ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, w->issuer, sizeof w->issuer);
		w->shard = q_col_i64(q, 1);
		w->number = q_col_i64(q, 2) + 1;
		q_col_str(q, 3, state, sizeof state);
		dates_set(w, state, q_col_i64(q, 4));
	}
	q_end(q);
	return r;
}

int
crl_number_take(const struct crl_begin *w, struct err *e)
{
	struct query *q = row_query(Q_NUMBER, w->issuer, w->shard);

	q_i64(q, 3, w->number);
	if (q_run(q, e) < 0)
		return -1;
	return db_changes() == 1 ? 0 : err_set(e, ERR_CONFLICT, "crl",
	    "the CRL number has moved");
}

/* Stored before it is signed: no number is ever used twice. */
static int
number_store(const struct crl_begin *w, struct err *e)
{
	if (db_begin(e) < 0)
		return -1;
	if (crl_number_take(w, e) == 0)
		return db_commit(e);
	db_rollback();
	return -1;
}

static int
done_put(const struct crl_begin *w, struct err *e)
{
	struct query *q = row_query(Q_DONE, w->issuer, w->shard);

	q_i64(q, 3, w->this_update);
	q_i64(q, 4, w->this_update + crl_period());
	q_i64(q, 5, w->next_update);
	q_i64(q, 6, NEVER);
	return q_run(q, e);
}

int
crl_done_store(const struct crl_begin *w, int64_t removed, struct err *e)
{
	char stem[72];

	crl_stem(stem, w->issuer, w->shard);
	if (db_begin(e) < 0)
		return -1;
	if (done_put(w, e) == 0 && audit_add(NULL, "crl.publish", "issuer", stem,
	    OUTCOME_DONE, e,
	    "number %lld, %lld entries, %lld removed after their expiry%s",
	    (long long)w->number, (long long)w->entries,
	    (long long)removed, w->last ? "; the last one" : "") == 0 &&
	    crl_list_told(w->issuer, w->shard, e) == 0 &&
	    crl_ahead_void(w, e) == 0)
		return db_commit(e);
	db_rollback();
	return -1;
}

int
crl_released_store(const struct crl_begin *w, struct err *e)
{
	char stem[72];

	crl_stem(stem, w->issuer, w->shard);
	/* with the signer back there is a newer one at once */
	return done_put(w, e) < 0 ? -1 :
	    audit_add(NULL, "crl.release", "issuer", stem, OUTCOME_DONE, e,
	    "number %lld, made ahead", (long long)w->number);
}

int
crl_shards_make(const char *issuer, struct err *e)
{
	for (int64_t k = 1; conf.publish_crl_shards > 1 &&
	    k <= conf.publish_crl_shards; k++) {
		struct query *q = db_query(publish_crl_prepared[Q_SHARD_ADD]);

		q_str(q, 1, issuer);
		q_i64(q, 2, k);
		if (q_run(q, e) < 0)
			return -1;
	}
	return 0;
}

int
crls_round(bool *made, bool *more, struct err *e)
{
	struct crl_begin w = { 0 };
	int r;

	*more = true;
	if (crl_job_runs())
		return crl_job_run(made, e);
	r = due_find(&w, e);
	if (r == 1 && (signer_line(e) == NULL || number_store(&w, e) < 0))
		return -1;		/* no number for an attempt in vain */
	if (r == 0 && (r = crl_ahead_next(&w, e)) == 1) {
		crl_job_start(&w, true);
		return crl_job_run(made, e);
	}
	if (r == 0)
		*more = false;
	if (r <= 0)
		return r;
	crl_job_start(&w, false);
	return crl_job_run(made, e);
}

int
crls_requeue_if_lost(struct err *e)
{
	struct query *q = db_query(publish_crl_prepared[Q_ALL]);
	char path[CONF_PATH_SIZE], name[64], stem[72];
	int r;

	while ((r = q_next(q, e)) == 1) {
		int64_t shard = q_col_i64(q, 1);

		q_col_str(q, 0, name, sizeof name);
		crl_stem(stem, name, shard);
		published_path(path, "crl", stem, ".crl");
		if (access(path, R_OK) == 0)
			continue;
		if (q_run(row_query(Q_LOST, name, shard), e) < 0) {
			q_end(q);
			return -1;
		}
	}
	return r;
}

static void
crl_fact(struct fact_list *list, struct query *q, int64_t now)
{
	struct fact *f = LIST_ADD(list, rows);
	char name[64], stem[72], made[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
	int64_t at = q_col_i64(q, 3), due = q_col_i64(q, 4);

	q_col_str(q, 0, name, sizeof name);
	crl_stem(stem, name, q_col_i64(q, 1));
	time_text(made, at);
	time_text(until, at == 0 ? 0 : due >= NEVER ? q_col_i64(q, 6) :
	    at + crl_life());
	snprintf(f->what, sizeof f->what, "CRL of %.38s", stem);
	f->good = at != 0 && due + LATE > now;
	snprintf(f->text, sizeof f->text,
	    "number %lld, made %s, counts until %s",
	    (long long)q_col_i64(q, 2), made, until);
}

void
crl_facts(struct fact_list *list)
{
	struct query *q = db_query(publish_crl_prepared[Q_ALL]);
	int64_t now = clock_now();

	while (q_next(q, NULL) == 1)
		crl_fact(list, q, now);
	crl_job_fact(list);
}
