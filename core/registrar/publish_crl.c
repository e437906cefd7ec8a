/* publish_crl.c - a CRL for each issuer, with a number that only rises. */
#include "core/registrar/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/wire/ask.h"

#define DAY 86400
#define ENTRIES_MAX 20000	/* of one frame to the signer */
#define ISSUERS_MAX 16
#define LATE 3600		/* overdue by so much is told */

enum { Q_DUE, Q_NUMBER, Q_ENTRIES, Q_REMOVED, Q_DONE, Q_ALL, Q_LOST };

static const char *const sql[] = {
	[Q_DUE] = "SELECT name, crl_number, crl_at FROM issuer"
	    " WHERE state <> 'pending' AND crl_due <= ?1 ORDER BY name"
	    " LIMIT ?2",
	[Q_NUMBER] = "UPDATE issuer SET crl_number = ?2 WHERE name = ?1"
	    " AND crl_number < ?2",
	/* S8.4: until its expiry plus one CRL */
	[Q_ENTRIES] = "SELECT serial, revoked, reason FROM certificate"
	    " WHERE issuer = ?1 AND state <> 'good' AND not_after > ?2"
	    " ORDER BY number LIMIT ?3",
	[Q_REMOVED] = "SELECT count(*) FROM certificate WHERE issuer = ?1"
	    " AND state <> 'good' AND not_after > ?2 AND not_after <= ?3",
	[Q_DONE] = "UPDATE issuer SET crl_at = ?2, crl_due = ?3"
	    " WHERE name = ?1",
	[Q_ALL] = "SELECT name, crl_number, crl_at, crl_due FROM issuer"
	    " WHERE state <> 'pending' ORDER BY name",
	[Q_LOST] = "UPDATE issuer SET crl_due = 0 WHERE name = ?1",
};
DB_STATEMENTS(publish_crl, sql)

struct due {
	char name[64];
	int64_t number, at;
};

static int64_t
life(void)
{
	return conf.publish_crl_days * DAY;
}

/* The next one comes as configured, and well before this one ends (S8.2). */
static int64_t
period(void)
{
	int64_t wanted = conf.publish_crl_hours * 3600;

	return wanted < life() / 2 ? wanted : life() / 2;
}

static int
due_find(struct due list[ISSUERS_MAX], int *n, struct err *e)
{
	struct query *q = db_query(publish_crl_prepared[Q_DUE]);
	int r;

	*n = 0;
	q_i64(q, 1, clock_now());
	q_i64(q, 2, ISSUERS_MAX);
	while ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, list[*n].name, sizeof list[*n].name);
		list[*n].number = q_col_i64(q, 1);
		list[*n].at = q_col_i64(q, 2);
		++*n;
	}
	return r;
}

static int
entries_load(const char *issuer, int64_t now, struct crl_wish *w,
    struct err *e)
{
	struct query *q = db_query(publish_crl_prepared[Q_ENTRIES]);
	int r;

	q_str(q, 1, issuer);
	q_i64(q, 2, now - life());
	q_i64(q, 3, ENTRIES_MAX + 1);
	while ((r = q_next(q, e)) == 1) {
		struct status *s = LIST_ADD(w, entries);

		q_col_str(q, 0, s->serial, sizeof s->serial);
		s->state = CERTIFICATE_REVOKED;
		s->revoked = q_col_i64(q, 1);
		s->reason = (enum reason)q_col_i64(q, 2);
	}
	if (r == 0 && w->n_entries > ENTRIES_MAX)
		return err_set(e, ERR_BROKEN, "crl",
		    "more than %d revoked certificates of %s: too many for one CRL",
		    ENTRIES_MAX, issuer);
	return r;
}

/* Stored before it is signed: no number is ever used twice. */
static int
number_take(const struct due *d, struct err *e)
{
	struct query *q = NULL;

	if (db_begin(e) < 0)
		return -1;
	q = db_query(publish_crl_prepared[Q_NUMBER]);
	q_str(q, 1, d->name);
	q_i64(q, 2, d->number + 1);
	if (q_run(q, e) == 0 && db_changes() == 1)
		return db_commit(e);
	db_rollback();
	if (e->kind == ERR_NONE)
		err_set(e, ERR_CONFLICT, "crl", "the CRL number has moved");
	return -1;
}

static void
pem_put(struct buf *b, const struct blob *der)
{
	char *text = base64_encode(der->data, der->size);

	buf_printf(b, "-----BEGIN X509 CRL-----\n");
	for (size_t n = strlen(text), i = 0; i < n; i += 64)
		buf_printf(b, "%.64s\n", text + i);
	buf_printf(b, "-----END X509 CRL-----\n");
	free(text);
}

static int
files_write(const char *name, const struct blob *der, struct err *e)
{
	char path[CONF_PATH_SIZE];
	struct buf pem = { 0 };
	int r;

	published_path(path, "crl", name, ".crl");
	if (file_replace(path, der->data, der->size, 0644, e) < 0)
		return -1;
	pem_put(&pem, der);
	published_path(path, "crl", name, ".pem");
	r = file_replace(path, pem.data, pem.size, 0644, e);
	buf_clear(&pem);
	return r;
}

static int
removed_count(const struct due *d, int64_t now, int64_t *n, struct err *e)
{
	struct query *q = db_query(publish_crl_prepared[Q_REMOVED]);
	int r;

	q_str(q, 1, d->name);
	q_i64(q, 2, d->at - life());
	q_i64(q, 3, now - life());
	if ((r = q_next(q, e)) == 1)
		*n = q_col_i64(q, 0);
	q_end(q);
	return r < 0 ? -1 : 0;
}

static int
done_store(const struct due *d, const struct crl_wish *w, struct err *e)
{
	struct query *q = NULL;
	int64_t removed = 0;

	if (db_begin(e) < 0)
		return -1;
	q = db_query(publish_crl_prepared[Q_DONE]);
	q_str(q, 1, d->name);
	q_i64(q, 2, w->this_update);
	q_i64(q, 3, w->this_update + period());
	if (q_run(q, e) == 0 &&
	    removed_count(d, w->this_update, &removed, e) == 0 &&
	    audit_add(NULL, "crl.publish", "issuer", d->name, OUTCOME_DONE, e,
	    "number %lld, %zu entries, %lld removed after their expiry",
	    (long long)w->number, w->n_entries, (long long)removed) == 0)
		return db_commit(e);
	db_rollback();
	return -1;
}

static int
crl_make(const struct due *d, struct err *e)
{
	struct crl_wish w = { .number = d->number + 1,
		.this_update = clock_now() };
	struct text der = { 0 };
	struct line *l = signer_line(e);
	int r = -1;

	if (l == NULL)
		return -1;
	memcpy(w.issuer, d->name, sizeof w.issuer);
	w.next_update = w.this_update + life();
	l->timeout_ms = SIGNER_PUBLISH_MS;
	if (entries_load(d->name, w.this_update, &w, e) == 0 &&
	    number_take(d, e) == 0 && ask_sign_crl(l, &w, &der, e) == 0 &&
	    files_write(d->name, &der.text, e) == 0)
		r = done_store(d, &w, e);
	if (r == 0)
		log_info("crl issuer=%s number=%lld entries=%zu", d->name,
		    (long long)w.number, w.n_entries);
	NOUN_CLEAR(text, &der);
	NOUN_CLEAR(crl_wish, &w);
	return r;
}

int
crls_round(bool *made, struct err *e)
{
	struct due list[ISSUERS_MAX];
	int n = 0;

	if (due_find(list, &n, e) < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		if (crl_make(&list[i], e) < 0)
			return -1;
		*made = true;
	}
	return 0;
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
		time_text(until, at == 0 ? 0 : at + life());
		snprintf(f->what, sizeof f->what, "CRL of %.38s", name);
		f->good = at != 0 && q_col_i64(q, 3) + LATE > now;
		snprintf(f->text, sizeof f->text,
		    "number %lld, made %s, counts until %s",
		    (long long)q_col_i64(q, 1), made, until);
	}
}
