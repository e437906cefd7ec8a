/* publish_crl.c - which CRL is due, its number that only rises, and what is
 * told of it. */
#include "core/registrar/publish.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/crl_job.h"
#include "core/registrar/crl_list.h"
#include "core/registrar/db.h"

#define LATE 3600		/* overdue by so much is told */

enum { Q_DUE, Q_NUMBER, Q_DONE, Q_ALL, Q_LOST };

static const char *const sql[] = {
	[Q_DUE] = "SELECT name, crl_number FROM issuer"
	    " WHERE state <> 'pending' AND crl_due <= ?1"
	    " ORDER BY crl_due, name LIMIT 1",
	[Q_NUMBER] = "UPDATE issuer SET crl_number = ?2 WHERE name = ?1"
	    " AND crl_number < ?2",
	/* revoked meanwhile: it stays due */
	[Q_DONE] = "UPDATE issuer SET crl_at = ?2, crl_due = CASE WHEN"
	    " EXISTS (SELECT 1 FROM crl_new n JOIN certificate c"
	    " ON c.number = n.certificate WHERE c.issuer = ?1)"
	    " THEN ?2 ELSE ?3 END WHERE name = ?1",
	[Q_ALL] = "SELECT name, crl_number, crl_at, crl_due FROM issuer"
	    " WHERE state <> 'pending' ORDER BY name",
	[Q_LOST] = "UPDATE issuer SET crl_due = 0 WHERE name = ?1",
};
DB_STATEMENTS(publish_crl, sql)

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

/* 1: *name and *number, 0: none is due. */
static int
due_find(char name[64], int64_t *number, struct err *e)
{
	struct query *q = db_query(publish_crl_prepared[Q_DUE]);
	int r;

	q_i64(q, 1, clock_now());
	if ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, name, 64);
		*number = q_col_i64(q, 1);
	}
	q_end(q);
	return r;
}

/* Stored before it is signed: no number is ever used twice. */
static int
number_take(const char *name, int64_t number, struct err *e)
{
	struct query *q = NULL;

	if (db_begin(e) < 0)
		return -1;
	q = db_query(publish_crl_prepared[Q_NUMBER]);
	q_str(q, 1, name);
	q_i64(q, 2, number);
	if (q_run(q, e) == 0 && db_changes() == 1)
		return db_commit(e);
	db_rollback();
	if (e->kind == ERR_NONE)
		err_set(e, ERR_CONFLICT, "crl", "the CRL number has moved");
	return -1;
}

int
crl_done_store(const char *name, const struct crl_begin *w, int64_t removed,
    struct err *e)
{
	struct query *q = NULL;

	if (db_begin(e) < 0)
		return -1;
	q = db_query(publish_crl_prepared[Q_DONE]);
	q_str(q, 1, name);
	q_i64(q, 2, w->this_update);
	q_i64(q, 3, w->this_update + crl_period());
	if (q_run(q, e) == 0 &&
	    audit_add(NULL, "crl.publish", "issuer", name, OUTCOME_DONE, e,
	    "number %lld, %lld entries, %lld removed after their expiry",
	    (long long)w->number, (long long)w->entries,
	    (long long)removed) == 0 && crl_list_told(name, e) == 0)
		return db_commit(e);
	db_rollback();
	return -1;
}

int
crls_round(bool *made, bool *more, struct err *e)
{
	char name[64];
	int64_t number = 0;
	int r;

	*more = true;
	if (crl_job_runs())
		return crl_job_run(made, e);
	r = due_find(name, &number, e);
	if (r == 0)
		*more = false;
	if (r <= 0)
		return r;
	if (number_take(name, number + 1, e) < 0)
		return -1;
	crl_job_start(name, number + 1);
	return crl_job_run(made, e);
}

int
crls_requeue_if_lost(struct err *e)
{
	struct query *q = db_query(publish_crl_prepared[Q_ALL]);
	char path[CONF_PATH_SIZE], name[64];
	int r;

	while ((r = q_next(q, e)) == 1) {
		struct query *lost = NULL;

		q_col_str(q, 0, name, sizeof name);
		published_path(path, "crl", name, ".crl");
		if (access(path, R_OK) == 0)
			continue;
		lost = db_query(publish_crl_prepared[Q_LOST]);
		q_str(lost, 1, name);
		if (q_run(lost, e) < 0) {
			q_end(q);
			return -1;
		}
	}
	return r;
}

void
crl_facts(struct fact_list *list)
{
	struct query *q = db_query(publish_crl_prepared[Q_ALL]);
	int64_t now = clock_now();
	char name[64], made[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];

	while (q_next(q, NULL) == 1) {
		struct fact *f = LIST_ADD(list, rows);
		int64_t at = q_col_i64(q, 2);

		q_col_str(q, 0, name, sizeof name);
		time_text(made, at);
		time_text(until, at == 0 ? 0 : at + crl_life());
		snprintf(f->what, sizeof f->what, "CRL of %.38s", name);
		f->good = at != 0 && q_col_i64(q, 3) + LATE > now;
		snprintf(f->text, sizeof f->text,
		    "number %lld, made %s, counts until %s",
		    (long long)q_col_i64(q, 1), made, until);
	}
	crl_job_fact(list);
}
