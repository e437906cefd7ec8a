/* crl_ahead.c - CRLs for the time when the signer is away: planned, made,
 * released when their time comes. */
#include "core/registrar/publish/crl_ahead.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/publish/crl_file.h"
#include "core/registrar/publish/crl_list.h"
#include "core/registrar/db.h"
#include "core/registrar/publish/publish.h"

#define COUNT_MAX 400
#define PIECE (256 << 10)

enum { Q_CRLS, Q_PLAN, Q_NEXT, Q_MADE, Q_OLD, Q_VOID, Q_DUE, Q_DROP, Q_KEPT,
	Q_OWED };

static const char *const sql[] = {
	[Q_CRLS] = "SELECT issuer, shard, crl_number FROM crl"
	    " WHERE state IN ('ready', 'active', 'superseded')"
	    " ORDER BY issuer, shard",
	[Q_PLAN] = "INSERT INTO crl_ahead (issuer, shard, number,"
	    " this_update, next_update) VALUES (?1, ?2, ?3, ?4, ?5)",
	[Q_NEXT] = "SELECT issuer, shard, number, this_update, next_update"
	    " FROM crl_ahead WHERE made = 0"
	    " ORDER BY issuer, shard, number LIMIT 1",
	[Q_MADE] = "UPDATE crl_ahead SET made = ?4 WHERE issuer = ?1"
	    " AND shard = ?2 AND number = ?3",
	[Q_OLD] = "SELECT number FROM crl_ahead WHERE issuer = ?1"
	    " AND shard = ?2 AND number < ?3",
	[Q_VOID] = "DELETE FROM crl_ahead WHERE issuer = ?1 AND shard = ?2"
	    " AND number < ?3",
	/* of several that are due the last one: it is the newest word */
	[Q_DUE] = "SELECT issuer, shard, number, this_update, next_update"
	    " FROM crl_ahead WHERE made > 0 AND this_update <= ?1"
	    " ORDER BY number DESC LIMIT 1",
	[Q_DROP] = "DELETE FROM crl_ahead WHERE issuer = ?1 AND shard = ?2"
	    " AND number = ?3",
	[Q_KEPT] = "SELECT issuer, shard, total(made > 0), count(*),"
	    " min(this_update), max(next_update) FROM crl_ahead"
	    " GROUP BY issuer, shard ORDER BY issuer, shard",
	[Q_OWED] = "SELECT count(*) FROM crl_new n CROSS JOIN certificate c"
	    " ON c.number = n.certificate WHERE c.issuer = ?1"
	    " AND n.shard = ?2",
};
DB_STATEMENTS(crl_ahead, sql)

static struct query *
row_query(int which, const struct crl_begin *w)
{
	struct query *q = db_query(crl_ahead_prepared[which]);

	q_str(q, 1, w->issuer);
	q_i64(q, 2, w->shard);
	q_i64(q, 3, w->number);
	return q;
}

/* 1 and *w, 0, -1. */
static int
row_take(struct query *q, struct crl_begin *w, struct err *e)
{
	int r = q_next(q, e);

	if (r == 1) {
		q_col_str(q, 0, w->issuer, sizeof w->issuer);
		w->shard = q_col_i64(q, 1);
		w->number = q_col_i64(q, 2);
		w->this_update = q_col_i64(q, 3);
		w->next_update = q_col_i64(q, 4);
	}
	q_end(q);
	return r;
}

int
crl_ahead_next(struct crl_begin *w, struct err *e)
{
	return row_take(db_query(crl_ahead_prepared[Q_NEXT]), w, e);
}

int
crl_ahead_store(const struct crl_begin *w, struct err *e)
{
	struct query *q = NULL;
	char stem[72];

	crl_stem(stem, w->issuer, w->shard);
	if (db_begin(e) < 0)
		return -1;
	q = row_query(Q_MADE, w);
	q_i64(q, 4, clock_now());
	if (q_run(q, e) == 0 && audit_add(NULL, "crl.ahead", "issuer", stem,
	    OUTCOME_DONE, e, "number %lld, %lld entries, kept",
	    (long long)w->number, (long long)w->entries) == 0)
		return db_commit(e);
	db_rollback();
	return -1;
}

static void
files_remove(const char *stem, int64_t number)
{
	char path[CONF_PATH_SIZE];

	crl_ahead_path(path, stem, number, ".crl");
	unlink(path);
	crl_ahead_path(path, stem, number, ".pem");
	unlink(path);
}

/* Files go before their rows are gone for certain: a row without a file is
 * found out at its release, and dropped. */
int
crl_ahead_void(const struct crl_begin *w, struct err *e)
{
	struct query *q = row_query(Q_OLD, w);
	char stem[72];
	bool any = false;
	int r;

	crl_stem(stem, w->issuer, w->shard);
	while ((r = q_next(q, e)) == 1) {
		files_remove(stem, q_col_i64(q, 0));
		any = true;
	}
	return r < 0 || (any && q_run(row_query(Q_VOID, w), e) < 0) ? -1 : 0;
}

/* ---- release ---- */

static int
file_copy(struct crl_file *to, const char *path, struct err *e)
{
	uint8_t *piece = xmalloc(PIECE);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), r = 0;
	ssize_t n = -1;

	while (r == 0 && fd >= 0 && (n = read(fd, piece, PIECE)) > 0)
		r = crl_file_put(to, piece, (size_t)n, e);
	if (r == 0 && n < 0)
		r = err_set(e, ERR_NOT_FOUND, "crl-ahead",
		    "%s cannot be read", path);
	if (fd >= 0)
		close(fd);
	free(piece);
	return r == 0 ? crl_file_finish(to, e) : -1;
}

static int
file_publish(const struct crl_begin *w, const char *stem, struct err *e)
{
	char path[CONF_PATH_SIZE];
	struct crl_file *f = crl_file_new(stem, 0, e);
	int r;

	if (f == NULL)
		return -1;
	crl_ahead_path(path, stem, w->number, ".crl");
	r = file_copy(f, path, e);
	crl_file_free(f);
	return r;
}

/* Revoked since it was made: the CRL cannot say it, the staff must know. */
static int
owed_tell(const struct crl_begin *w, const char *stem, struct err *e)
{
	struct query *q = db_query(crl_ahead_prepared[Q_OWED]);
	int64_t owed = 0;
	int r;

	q_str(q, 1, w->issuer);
	q_i64(q, 2, w->shard);
	if ((r = q_next(q, e)) == 1)
		owed = q_col_i64(q, 0);
	q_end(q);
	if (r < 0)
		return -1;
	return owed == 0 ? 0 : alarm_raise(ALARM_SIGNER, stem, e,
	    "the CRL of %s was released without %lld revocation%s that came while the signer was away: bring the signer back",
	    stem, (long long)owed, owed == 1 ? "" : "s");
}

static int
release(const struct crl_begin *w, struct err *e)
{
	struct crl_begin older = *w;
	struct err why = { 0 };
	char stem[72];
	bool lost = false;

	crl_stem(stem, w->issuer, w->shard);
	if (file_publish(w, stem, &why) < 0) {
		if (why.kind != ERR_NOT_FOUND) {
			*e = why;
			return -1;
		}
		lost = true;
		log_warn("crl ahead: %s", why.text);
	}
	if (db_begin(e) < 0)
		return -1;
	older.number++;			/* this one is used up as well */
	if ((lost ? q_run(row_query(Q_DROP, w), e) : crl_released_store(w,
	    e) < 0 || owed_tell(w, stem, e) < 0 ? -1 :
	    crl_ahead_void(&older, e)) == 0)
		return db_commit(e);
	db_rollback();
	return -1;
}

int
crl_ahead_round(bool *made, struct err *e)
{
	struct crl_begin w = { 0 };
	struct query *q = db_query(crl_ahead_prepared[Q_DUE]);
	int r;

	q_i64(q, 1, clock_now());
	while ((r = row_take(q, &w, e)) == 1) {
		if (release(&w, e) < 0)
			return -1;
		*made = true;
		log_info("crl issuer=%s shard=%lld number=%lld released",
		    w.issuer, (long long)w.shard, (long long)w.number);
		q = db_query(crl_ahead_prepared[Q_DUE]);
		q_i64(q, 1, clock_now());
	}
	return r;
}

/* ---- the operator's wish ---- */

static int
row_plan(const struct crl_begin *w, struct err *e)
{
	struct query *q = row_query(Q_PLAN, w);

	q_i64(q, 4, w->this_update);
	q_i64(q, 5, w->next_update);
	return q_run(q, e);
}

/* Numbers are taken at once: what is made otherwise has a higher one. */
static int
crl_plan(const struct crl_begin *last, const struct crl_ahead_wish *a,
    struct err *e)
{
	struct crl_begin w = *last;
	int64_t now = clock_now();

	for (int64_t k = 1; k <= a->count; k++) {
		w.number = last->number + k;
		w.this_update = now + k * a->hours * 3600;
		w.next_update = w.this_update + crl_life();
		if (row_plan(&w, e) < 0)
			return -1;
	}
	w.number = last->number + 1;
	if (crl_ahead_void(&w, e) < 0)		/* those of an earlier wish */
		return -1;
	w.number = last->number + a->count;
	return crl_number_take(&w, e);
}

static int
wish_check(const struct crl_ahead_wish *a, struct err *e)
{
	int64_t days = conf.publish_crl_ahead_days;

	if (days == 0)
		return err_set(e, ERR_REFUSED, "crl-ahead",
		    "this signer signs no CRL ahead: set [publish] crl_ahead_days, and restart xmpp-icad");
	if (a->count < 1 || a->count > COUNT_MAX || a->hours < 1 ||
	    a->hours > 24 * days || a->count * a->hours > 24 * days)
		return err_set(e, ERR_BAD_INPUT, "crl-ahead",
		    "%lld CRLs every %lld hours: they must begin within %lld days ([publish] crl_ahead_days), and be at most %d",
		    (long long)a->count, (long long)a->hours,
		    (long long)days, COUNT_MAX);
	if (a->hours * 3600 >= crl_life())
		return err_set(e, ERR_BAD_INPUT, "crl-ahead",
		    "a CRL counts for %lld days; every %lld hours would leave gaps",
		    (long long)conf.publish_crl_days, (long long)a->hours);
	return 0;
}

static int
all_plan(const struct crl_ahead_wish *a, struct err *e)
{
	struct query *q = db_query(crl_ahead_prepared[Q_CRLS]);
	struct crl_begin *all = NULL;
	size_t n = 0;
	int r;

	while ((r = q_next(q, e)) == 1) {
		struct crl_begin *w;

		all = list_grow(all, &n, sizeof *all);
		w = &all[n - 1];
		q_col_str(q, 0, w->issuer, sizeof w->issuer);
		w->shard = q_col_i64(q, 1);
		w->number = q_col_i64(q, 2);
	}
	for (size_t i = 0; i < n && r == 0; i++)
		r = crl_plan(&all[i], a, e);
	free(all);
	return r;
}

void
crl_ahead_facts(struct fact_list *list)
{
	struct query *q = db_query(crl_ahead_prepared[Q_KEPT]);
	char name[64], stem[72], from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];

	while (q_next(q, NULL) == 1) {
		struct fact *f = LIST_ADD(list, rows);

		q_col_str(q, 0, name, sizeof name);
		crl_stem(stem, name, q_col_i64(q, 1));
		time_text(from, q_col_i64(q, 4));
		time_text(until, q_col_i64(q, 5));
		f->good = q_col_i64(q, 2) == q_col_i64(q, 3);
		snprintf(f->what, sizeof f->what, "CRLs ahead of %.32s",
		    stem);
		snprintf(f->text, sizeof f->text,
		    "%lld of %lld made, the first begins %s, the last counts until %s",
		    (long long)q_col_i64(q, 2), (long long)q_col_i64(q, 3),
		    from, until);
	}
}

int
serve_operator_crl_ahead(struct seat *s, const struct crl_ahead_wish *a,
    struct fact_list *r, struct err *e)
{
	if (a->count != 0 && (wish_check(a, e) < 0 || all_plan(a, e) < 0 ||
	    audit_add(s, "crl.plan", "issuer", "", OUTCOME_DONE, e,
	    "%lld CRLs ahead, every %lld hours", (long long)a->count,
	    (long long)a->hours) < 0))
		return -1;
	if (a->count != 0)
		publish_soon();
	crl_ahead_facts(r);
	return 0;
}
