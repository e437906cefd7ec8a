/* publish_answers.c - OCSP answers signed ahead and put where the publisher
 * finds them; renewed before half their life. */
#include "core/registrar/publish/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/x509.h>

#include "core/base/buf.h"
#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/kept.h"
#include "core/registrar/issuer/issuer.h"
#include "core/wire/ask.h"
#include "core/x509/hash.h"

#define DAY 86400
#define BATCH 200
#define SLICE 50		/* while people ask: they wait no longer than for this */
#define WITHDRAWN_AT_ONCE 2000	/* a few milliseconds */
#define GENERATIONS 4		/* responder rows of an issuer, taken in turn */
#define CHUNK 50		/* made together, due together: neighbours on the disk */
#define AGAIN_ROWS 1000		/* of a round, when all are made again */
#define AGAIN "answers.again"	/* from which certificate on; 0: none */
#define AGAIN_SECONDS 60	/* for a serial that got no answer */

enum { Q_DUE, Q_NEXT, Q_DROP, Q_AGAIN, Q_AGAIN_LAST, Q_GOOD,
	Q_UNTRUE };

static const char *const sql[] = {
	[Q_DUE] = "SELECT d.certificate, c.serial, c.issuer, c.state,"
	    " c.revoked, c.reason, c.not_after FROM answer_due d"
	    " JOIN certificate c ON c.number = d.certificate"
	    " WHERE d.due <= ?1 ORDER BY d.due LIMIT ?2",
	[Q_NEXT] = "UPDATE answer_due SET due = ?2 WHERE certificate = ?1",
	[Q_DROP] = "DELETE FROM answer_due WHERE certificate = ?1",
	[Q_AGAIN] = "INSERT INTO answer_due (certificate, due)"
	    " SELECT number, ?1 FROM certificate WHERE number >= ?2"
	    " AND number <= ?3 AND not_after > ?1 ON CONFLICT (certificate)"
	    " DO UPDATE SET due = min(due, excluded.due)",
	[Q_GOOD] = "SELECT coalesce(sum(good), 0) FROM certificate_day",
	[Q_AGAIN_LAST] = "SELECT number FROM certificate WHERE number >= ?1"
	    " ORDER BY number LIMIT ?2",
	/* publish_due(): what was revoked is due at 0 */
	[Q_UNTRUE] = "SELECT d.certificate, c.serial FROM answer_due d"
	    " CROSS JOIN certificate c ON c.number = d.certificate"
	    " WHERE d.due = 0 AND d.certificate > ?1"
	    " AND c.state = 'revoked' ORDER BY d.certificate LIMIT ?2",
};
DB_STATEMENTS(publish_answers, sql)

struct batch {
	struct answer_wish ask;
	int64_t certificates[BATCH], next[BATCH];
	bool last[BATCH];	/* the certificate ends before the answer */
	int64_t expired[BATCH];
	size_t n_expired;
	bool more;
};

static struct answers *open_writer;
static bool again_asked;	/* all are to be made again */

struct answers *
answers_writer(struct err *e)
{
	char path[CONF_PATH_SIZE];

	if (open_writer == NULL) {
		conf_path(&conf, path, FILE_ANSWERS);
		open_writer = answers_open_writer(path, e);
	}
	return open_writer;
}

void
answers_writer_close(void)
{
	struct err e = { 0 };

	if (open_writer != NULL && answers_unsettled(open_writer) &&
	    answers_sync(open_writer, &e) < 0)
		log_warn("%s", e.text);
	if (open_writer != NULL)
		answers_close(open_writer);
	open_writer = NULL;
}

int64_t
answers_life(void)
{
	return conf.publish_answer_days * DAY;
}

/* Between a quarter and a half of the life, spread by the serial (of the first
 * of those that go together). */
static int64_t
next_of(const char *serial, int64_t now)
{
	uint32_t hash = 2166136261u;

	for (; *serial != '\0'; serial++)
		hash = (hash ^ (uint8_t)*serial) * 16777619u;
	return now + answers_life() / 4 + hash % (uint32_t)(answers_life() / 4);
}

/* ---- what is due ---- */

static void
entry_take(struct query *q, struct batch *b)
{
	size_t n = b->ask.n_entries;
	struct status *s = LIST_ADD(&b->ask, entries);
	char state[16];

	b->certificates[n] = q_col_i64(q, 0);
	q_col_str(q, 1, s->serial, sizeof s->serial);
	q_col_str(q, 3, state, sizeof state);
	s->state = strcmp(state, "good") == 0 ? CERTIFICATE_GOOD :
	    CERTIFICATE_REVOKED;
	s->revoked = q_col_i64(q, 4);
	s->reason = (enum reason)q_col_i64(q, 5);
	b->next[n] = n % CHUNK > 0 ? b->next[n - 1] :
	    next_of(s->serial, b->ask.this_update);
	b->last[n] = q_col_i64(q, 6) <= b->ask.next_update;
}

/* Answers of one issuer are signed together; others wait for the next round. */
static int
due_load(struct batch *b, struct err *e)
{
	struct query *q = db_query(publish_answers_prepared[Q_DUE]);
	char issuer[64];
	int most = loop_quiet() ? BATCH : SLICE, rows = 0, r;

	b->ask.this_update = clock_now();
	b->ask.next_update = b->ask.this_update + answers_life();
	q_i64(q, 1, b->ask.this_update);
	q_i64(q, 2, most);
	while ((r = q_next(q, e)) == 1) {
		rows++;
		q_col_str(q, 2, issuer, sizeof issuer);
		if (q_col_i64(q, 6) <= b->ask.this_update) {
			b->expired[b->n_expired++] = q_col_i64(q, 0);
			continue;
		}
		if (b->ask.issuer[0] == '\0')
			memcpy(b->ask.issuer, issuer, sizeof issuer);
		if (strcmp(b->ask.issuer, issuer) == 0)
			entry_take(q, b);
		else
			b->more = true;
	}
	b->more = b->more || rows == most;
	return r;
}

/* ---- the responder's row in the file ---- */

static X509 *
certificate_of(const struct blob *der)
{
	const uint8_t *p = der->data;

	return der->size == 0 ? NULL : d2i_X509(NULL, &p, (long)der->size);
}

static int
hashes_read(const struct issuer *i, const struct blob *responder,
    struct ocsp_issuer *out, struct err *e)
{
	X509 *ica = certificate_of(&i->der), *r = certificate_of(responder);
	int rc = -1;

	if (ica == NULL || r == NULL)
		err_set(e, ERR_BROKEN, "answers",
		    "the certificate of %s or its responder cannot be read",
		    i->name);
	else
		rc = ocsp_issuer_from(out, ica, r, e);
	X509_free(ica);
	X509_free(r);
	return rc;
}

/* From both certificates; what was read last is kept while they stay. */
static int
hashes_make(const char *issuer, const struct blob *responder,
    struct ocsp_issuer *out, struct err *e)
{
	static struct ocsp_issuer last;
	static uint8_t last_of[64];
	uint8_t of[64];
	struct issuer i = { 0 };
	int rc = issuer_load(issuer, &i, e);

	if (rc == 0) {
		sha256(of, i.der.data, i.der.size);
		sha256(of + 32, responder->data, responder->size);
		if (memcmp(of, last_of, sizeof of) != 0 &&
		    (rc = hashes_read(&i, responder, &last, e)) == 0)
			memcpy(last_of, of, sizeof of);
		else if (rc < 0)
			memset(last_of, 0, sizeof last_of);
		*out = last;
	}
	NOUN_CLEAR(issuer, &i);
	return rc;
}

/*
 * A new responder certificate gets a row of its own, so that answers signed by
 * the old one stay right until they are renewed.  The setting says which row
 * the newest one has: "GENERATION KEYID".
 */
static int
generation_of(const char *issuer, const struct ocsp_issuer *o, int *g,
    struct err *e)
{
	char name[96], value[96], now[96], key[41];
	int r;

	snprintf(name, sizeof name, "responder.%s", issuer);
	hex_encode(key, o->responder_key_sha1, 20);
	if ((r = kept_text(name, value, sizeof value, e)) < 0)
		return -1;
	*g = value[0] >= '0' && value[0] < '0' + GENERATIONS ?
	    value[0] - '0' : 0;
	if (r == 1 && strlen(value) > 2 && strcmp(value + 2, key) == 0)
		return 0;
	if (r == 1)
		*g = (*g + 1) % GENERATIONS;
	snprintf(now, sizeof now, "%d %s", *g, key);
	return kept_text_set(name, now, e);
}

static int
issuer_row(struct answers *a, const struct batch *b,
    const struct answer_batch *got, struct err *e)
{
	struct ocsp_issuer o;
	char name[80];
	int g = 0;

	if (hashes_make(b->ask.issuer, &got->responder, &o, e) < 0 ||
	    generation_of(b->ask.issuer, &o, &g, e) < 0)
		return -1;
	snprintf(name, sizeof name, "%.60s.%d", b->ask.issuer, g);
	return answers_issuer_put(a, name, &o, got->responder.data,
	    got->responder.size, e);
}

/* ---- putting ---- */

static int
answer_put(struct answers *a, int issuer, const struct answer_wish *w,
    const struct status *s, bool last, const struct answer_item *item,
    struct err *e)
{
	struct answer x = { .status = *s, .issuer = (uint8_t)issuer,
		.this_update = w->this_update,
		.next_update = w->next_update, .last = last };
	const struct blob *signatures[2];
	uint8_t serial[SERIAL_MAX];
	int n = hex_decode(serial, sizeof serial, s->serial);

	signatures[CERTID_SHA1] = &item->sha1;
	signatures[CERTID_SHA256] = &item->sha256;
	if (n <= 0 || strcmp(item->serial, s->serial) != 0)
		return err_set(e, ERR_BROKEN, "answers",
		    "the signer answered for serial %.41s, not %.41s",
		    item->serial, s->serial);
	for (int k = 0; k < 2; k++) {
		if (signatures[k]->size > sizeof x.signature[k])
			return err_set(e, ERR_BROKEN, "answers",
			    "a signature of %zu bytes", signatures[k]->size);
		x.signature_size[k] = (uint8_t)signatures[k]->size;
		memcpy(x.signature[k], signatures[k]->data,
		    signatures[k]->size);
	}
	return answers_put(a, serial, (size_t)n, &x, e);
}

static int
all_put(struct batch *b, const struct answer_batch *got, struct err *e)
{
	struct answers *a = answers_writer(e);
	int issuer;

	if (a == NULL)
		return -1;
	if (got->n_items != b->ask.n_entries)
		return err_set(e, ERR_BROKEN, "answers",
		    "the signer gave %zu answers for %zu serials",
		    got->n_items, b->ask.n_entries);
	if ((issuer = issuer_row(a, b, got, e)) < 0)
		return -1;
	for (size_t k = 0; k < got->n_items; k++) {
		if (got->items[k].sha1.size == 0) {
			b->next[k] = clock_now() + AGAIN_SECONDS;
			continue;
		}
		if (answer_put(a, issuer, &b->ask, &b->ask.entries[k],
		    b->last[k], &got->items[k], e) < 0)
			return -1;
	}
	return 0;
}

static int
rows_settle(const struct batch *b, struct err *e)
{
	struct query *q = NULL;

	for (size_t k = 0; k < b->ask.n_entries; k++) {
		q = db_query(publish_answers_prepared[Q_NEXT]);
		q_i64(q, 1, b->certificates[k]);
		q_i64(q, 2, b->next[k]);
		if (q_run(q, e) < 0)
			return -1;
	}
	for (size_t k = 0; k < b->n_expired; k++) {
		q = db_query(publish_answers_prepared[Q_DROP]);
		q_i64(q, 1, b->expired[k]);
		if (q_run(q, e) < 0)
			return -1;
	}
	return 0;
}

static int
batch_sign(struct batch *b, struct answer_batch *got, struct err *e)
{
	struct line *l = NULL;

	if (b->ask.n_entries == 0)
		return 0;
	if ((l = signer_line(e)) == NULL)
		return -1;
	l->timeout_ms = SIGNER_PUBLISH_MS;
	return ask_sign_answers(l, &b->ask, got, e);
}

/* ---- while the signer is away ---- */

/* Its answer ends now, so that the publisher says "try later" rather than
 * "good" until the signer has made the right one. */
static int
answer_end(struct answers *a, const char *hex, int64_t now, struct err *e)
{
	uint8_t serial[SERIAL_MAX];
	struct answer x;
	int n = hex_decode(serial, sizeof serial, hex);

	if (n <= 0 || answers_find(a, serial, (size_t)n, &x) != 1 ||
	    x.status.state != CERTIFICATE_GOOD || x.next_update <= now)
		return 0;
	x.next_update = now;
	x.last = false;
	return answers_put(a, serial, (size_t)n, &x, e);
}

void
answers_withdraw(void)
{
	static int64_t cursor;		/* begins anew at the end: it is cheap */
	struct query *q = db_query(publish_answers_prepared[Q_UNTRUE]);
	struct answers *a = answers_writer(NULL);
	int64_t now = clock_now(), rows = 0;
	char serial[42];
	int r = 0;

	q_i64(q, 1, cursor);
	q_i64(q, 2, WITHDRAWN_AT_ONCE);
	while (a != NULL && r == 0 && q_next(q, NULL) == 1) {
		rows++;
		cursor = q_col_i64(q, 0);
		q_col_str(q, 1, serial, sizeof serial);
		r = answer_end(a, serial, now, NULL);
	}
	q_end(q);
	if (rows < WITHDRAWN_AT_ONCE)
		cursor = 0;
}

/* How many answers were made since there was nothing to make. */
static struct {
	int64_t since, made;		/* since 0: nothing is due */
} run;

static void
run_count(const struct batch *b)
{
	if (run.since == 0)
		run.since = b->ask.this_update;
	run.made += (int64_t)(b->ask.n_entries + b->n_expired);
	if (!b->more)
		memset(&run, 0, sizeof run);
}

int64_t
answers_made(int64_t *since)
{
	*since = run.since;
	return run.made;
}

/* ---- all again ---- */

/* The last certificate of the slice that begins at `from`, and how many. */
static int
again_last(int64_t from, int64_t *last, int *n, struct err *e)
{
	struct query *q = db_query(publish_answers_prepared[Q_AGAIN_LAST]);
	int r;

	*n = 0;
	q_i64(q, 1, from);
	q_i64(q, 2, AGAIN_ROWS);
	while ((r = q_next(q, e)) == 1) {
		*last = q_col_i64(q, 0);
		++*n;
	}
	return r;
}

static int
again_write(int64_t from, int64_t *next, struct err *e)
{
	struct query *q = NULL;
	int64_t last = from;
	int n;

	if (again_last(from, &last, &n, e) < 0)
		return -1;
	q = db_query(publish_answers_prepared[Q_AGAIN]);
	q_i64(q, 1, clock_now());
	q_i64(q, 2, from);
	q_i64(q, 3, last);
	if (q_run(q, e) < 0)
		return -1;
	*next = n < AGAIN_ROWS ? 0 : last + 1;
	return kept_number_set(AGAIN, *next, e);
}

/* A slice of the certificates is due now; which one comes next is kept. */
static int
again_round(bool *more, struct err *e)
{
	static int64_t next = -1;	/* not known */
	static int64_t of;		/* the database's generation then */

	if (next < 0 || again_asked || of != db_generation()) {
		if (kept_number(AGAIN, &next, e) < 0)
			return -1;
		again_asked = false;
		of = db_generation();
	}
	if (next == 0)
		return 0;
	if (db_begin(e) < 0)
		return -1;
	if (again_write(next, &next, e) < 0 || db_commit(e) < 0) {
		db_rollback();
		next = -1;
		return -1;
	}
	*more = *more || next > 0;
	return 0;
}

int
answers_settle_round(bool *more, struct err *e)
{
	*more = false;
	if (open_writer == NULL || run.since != 0)
		return 0;
	return answers_settle(open_writer, more, e);
}

int
answers_round(bool *more, bool *worked, struct err *e)
{
	struct answer_batch got = { 0 };
	struct batch *b = xcalloc(1, sizeof *b);
	int r = again_round(&b->more, e);

	if (r == 0)
		r = due_load(b, e);
	*more = b->more;
	if (r < 0 || (b->ask.n_entries == 0 && b->n_expired == 0))
		goto out;
	*worked = true;
	if ((r = batch_sign(b, &got, e)) < 0 || (r = db_begin(e)) < 0)
		goto out;
	if ((b->ask.n_entries == 0 || all_put(b, &got, e) == 0) &&
	    rows_settle(b, e) == 0) {
		if ((r = db_commit(e)) == 0)
			run_count(b);
	} else {
		db_rollback();
		r = -1;
	}
out:
	NOUN_CLEAR(answer_batch, &got);
	NOUN_CLEAR(answer_wish, &b->ask);
	free(b);
	return r;
}

int
answers_requeue_if_lost(struct err *e)
{
	struct answers *a = answers_writer(e);
	struct query *q = NULL;
	int64_t soonest, good = 0;
	size_t used = 0;

	if (a == NULL)
		return -1;
	answers_health(a, &soonest, &used);
	if (used > 0 && answers_lost(a) == 0)
		return 0;
	q = db_query(publish_answers_prepared[Q_GOOD]);
	if (q_next(q, e) == 1)
		good = q_col_i64(q, 0);
	q_end(q);
	if (answers_reserve(a, (size_t)good, e) < 0) {
		log_warn("%s", e->text);	/* it grows when it must */
		err_clear(e);
	}
	again_asked = true;
	return kept_number_set(AGAIN, 1, e);
}
