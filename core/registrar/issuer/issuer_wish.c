/* issuer_wish.c - what the operator wants done with an issuer waits for the
 * director's word; the director's questions about it (S12.6). */
#include "core/registrar/issuer/issuer_wish.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/state.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/deed.h"
#include "core/registrar/list/page.h"
#include "core/x509/ca.h"

#define WAITING_SECONDS (7 * 86400)

enum { Q_BEGUN, Q_OPEN, Q_ADD, Q_ONE, Q_LIST, Q_LAST, Q_FILES, Q_MOVE,
	Q_CONFIRM, Q_STALE, Q_DIRECTOR };

#define ROW \
	"SELECT w.number, w.deed, w.issuer, w.state, w.reason, w.note," \
	" w.sha256, w.asked, coalesce(a.name, ''), w.confirmed, w.ended" \
	" FROM issuer_wish w LEFT JOIN account a ON a.number = w.confirmed_by "

static const char *const sql[] = {
	[Q_BEGUN] = "SELECT 1 FROM issuer WHERE state <> 'pending' LIMIT 1",
	[Q_OPEN] = "SELECT number, state FROM issuer_wish WHERE deed = ?1"
	    " AND issuer = ?2 AND sha256 = ?3"
	    " AND state IN ('waiting', 'confirmed')",
	[Q_ADD] = "INSERT INTO issuer_wish (deed, issuer, state, reason, note,"
	    " certificate, roots, sha256, asked) VALUES (?1, ?2, 'waiting',"
	    " ?4, ?5, ?6, ?7, ?3, ?8)",
	[Q_ONE] = ROW "WHERE w.number = ?1",
	[Q_LIST] = ROW "WHERE w.number < ?1 AND (?2 = '' OR w.state = ?2)"
	    " AND (?3 = '' OR w.issuer LIKE ?3 ESCAPE '!'"
	    " OR w.deed LIKE ?3 ESCAPE '!' OR w.note LIKE ?3 ESCAPE '!')"
	    " ORDER BY w.number DESC LIMIT ?4",
	[Q_LAST] = "SELECT coalesce(max(number), 0) FROM issuer_wish",
	[Q_FILES] = "SELECT certificate, roots FROM issuer_wish"
	    " WHERE number = ?1",
	[Q_MOVE] = "UPDATE issuer_wish SET state = ?3, ended = ?4,"
	    " certificate = CASE WHEN ?4 = 0 THEN certificate ELSE x'' END,"
	    " roots = CASE WHEN ?4 = 0 THEN roots ELSE x'' END"
	    " WHERE number = ?1 AND state = ?2",
	[Q_CONFIRM] = "UPDATE issuer_wish SET confirmed_by = ?2,"
	    " confirmed = ?3 WHERE number = ?1",
	[Q_STALE] = "SELECT number FROM issuer_wish"
	    " WHERE state IN ('waiting', 'confirmed')"
	    " AND max(asked, confirmed) <= ?1 LIMIT 1",
	[Q_DIRECTOR] = "SELECT name FROM account WHERE role = 'director'"
	    " AND role <> 'member' AND state = 'active' ORDER BY number LIMIT 1",
};
DB_STATEMENTS(issuer_wish, sql)

/* ---- rows ---- */

static void
row_take(struct query *q, struct issuer_wish *w)
{
	w->number = q_col_i64(q, 0);
	q_col_str(q, 1, w->deed, sizeof w->deed);
	q_col_str(q, 2, w->issuer, sizeof w->issuer);
	w->state = q_col_word(q, 3, &issuer_wish_state_words,
	    ISSUER_WISH_EXPIRED);
	w->reason = (enum reason)q_col_i64(q, 4);
	q_col_str(q, 5, w->note, sizeof w->note);
	q_col_str(q, 6, w->sha256, sizeof w->sha256);
	w->asked = q_col_i64(q, 7);
	q_col_str(q, 8, w->confirmed_by, sizeof w->confirmed_by);
	w->confirmed = q_col_i64(q, 9);
	w->ended = q_col_i64(q, 10);
}

static int
wish_load(int64_t number, struct issuer_wish *w, struct err *e)
{
	struct query *q = db_query(issuer_wish_prepared[Q_ONE]);
	int have;

	q_i64(q, 1, number);
	if ((have = q_next(q, e)) == 1)
		row_take(q, w);
	q_end(q);
	if (have == 0)
		return err_set(e, ERR_NOT_FOUND, "issuer-wish",
		    "there is no operation %lld; `issuer list` has them",
		    (long long)number);
	return have < 0 ? -1 : 0;
}

static int
wish_by_ref(const struct ref *a, struct issuer_wish *w, struct err *e)
{
	int64_t number;

	if (!number_parse(a->ref, INT64_MAX, &number))
		return err_set(e, ERR_BAD_INPUT, "issuer-wish",
		    "\"%s\" is not the number of an operation; `issuer list` has them",
		    a->ref);
	return wish_load(number, w, e);
}

/* The alarm about it goes when nobody needs to look any more. */
static int
wish_move(struct issuer_wish *w, enum issuer_wish_state to, struct err *e)
{
	struct query *q = NULL;
	char object[32];

	snprintf(object, sizeof object, "wish %lld", (long long)w->number);
	if (issuer_wish_may_become(w->state, to)) {
		q = db_query(issuer_wish_prepared[Q_MOVE]);
		q_i64(q, 1, w->number);
		q_str(q, 2, word_of(&issuer_wish_state_words, w->state));
		q_str(q, 3, word_of(&issuer_wish_state_words, to));
		q_i64(q, 4, to == ISSUER_WISH_CONFIRMED ? 0 : clock_now());
		if (q_run(q, e) < 0)
			return -1;
		if (db_changes() == 1) {
			w->state = to;
			change_push("issuer", w->number, 0, "");
			return alarm_clear(ALARM_ISSUER, object, e);
		}
	}
	return err_set(e, ERR_CONFLICT, "issuer-wish-state",
	    "operation %lld is %s already", (long long)w->number,
	    word_of(&issuer_wish_state_words, w->state));
}

/* ---- the operator asks ---- */

int
issuers_begun(bool *begun, struct err *e)
{
	int64_t n;
	int r = page_total(db_query(issuer_wish_prepared[Q_BEGUN]), &n, e);

	*begun = n != 0;
	return r;
}

/* An issuer whose key somebody else has must not wait for anybody. */
static bool
is_emergency(const struct issuer_ask *a)
{
	return strcmp(a->deed, "revoke") == 0 &&
	    a->reason == REASON_KEY_COMPROMISE;
}

static int
director_name(char name[33], struct err *e)
{
	struct query *q = db_query(issuer_wish_prepared[Q_DIRECTOR]);
	int have = q_next(q, e);

	if (have == 1)
		q_col_str(q, 0, name, 33);
	q_end(q);
	return have == 0 ? err_set(e, ERR_REFUSED, "issuer-second",
	    "two people are needed for this, and there is no director who could confirm it; make the account first: xmpp-icactl account add NAME --email ADDRESS --role director --key FILE") :
	    have < 0 ? -1 : 0;
}

/* One that is open for the same: 1, 0 none, -1. */
static int
wish_open(const struct issuer_ask *a, const char *hex, int64_t *number,
    bool *confirmed, struct err *e)
{
	struct query *q = db_query(issuer_wish_prepared[Q_OPEN]);
	char state[16];
	int have;

	q_str(q, 1, a->deed);
	q_str(q, 2, a->issuer);
	q_str(q, 3, hex);
	if ((have = q_next(q, e)) == 1) {
		*number = q_col_i64(q, 0);
		q_col_str(q, 1, state, sizeof state);
		*confirmed = strcmp(state, "confirmed") == 0;
	}
	q_end(q);
	return have;
}

static int
wish_add(const struct seat *s, const struct issuer_ask *a, const char *hex,
    int64_t *number, struct err *e)
{
	struct query *q = db_query(issuer_wish_prepared[Q_ADD]);
	static const struct blob none;
	const struct blob *c = a->certificate ? a->certificate : &none;
	const struct blob *r = a->roots ? a->roots : &none;
	char object[32];

	q_str(q, 1, a->deed);
	q_str(q, 2, a->issuer);
	q_str(q, 3, hex);
	q_i64(q, 4, (int64_t)a->reason);
	q_str(q, 5, a->note);
	q_blob(q, 6, c->size ? (const void *)c->data : "", c->size);
	q_blob(q, 7, r->size ? (const void *)r->data : "", r->size);
	q_i64(q, 8, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	*number = db_last_number();
	change_push("issuer", *number, 0, "");
	snprintf(object, sizeof object, "wish %lld", (long long)*number);
	if (alarm_raise(ALARM_ISSUER, object, e,
	    "the operator wants to %s %s; the director looks at it and confirms or drops it: issuer confirm %lld, issuer drop %lld",
	    strcmp(a->deed, "new") == 0 ? "make a new issuer for" : a->deed,
	    a->issuer[0] ? a->issuer : "an issuer's certificate",
	    (long long)*number, (long long)*number) < 0)
		return -1;
	return audit_add(s, "issuer.ask", "issuer", a->issuer, OUTCOME_DONE,
	    e, "operation %lld: %s%s%s", (long long)*number, a->deed,
	    a->note[0] ? ": " : "", a->note);
}

/* Its fingerprint, the same for PEM and DER: what the director compares. */
static int
certificate_sum(const struct blob *b, char hex[65], struct err *e)
{
	X509 *x = ca_certificate_parse(b);
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	bool good = x != NULL && X509_digest(x, EVP_sha256(), sum, &n) == 1 &&
	    n == 32;

	X509_free(x);
	if (!good)
		return err_set(e, ERR_BAD_INPUT, "import-form",
		    "this is no certificate: give the signed ICA certificate as PEM or DER");
	hex_encode(hex, sum, n);
	return 0;
}

int
issuer_may(const struct seat *s, const struct issuer_ask *a, int64_t *number,
    char *text, size_t size, struct err *e)
{
	char director[33], hex[65] = "";
	bool begun, confirmed = false;
	int have;

	*number = 0;
	if (issuers_begun(&begun, e) < 0)
		return -1;
	if (!begun || !conf.policy_issuer_second || is_emergency(a))
		return 1;
	if (a->certificate != NULL && certificate_sum(a->certificate, hex,
	    e) < 0)
		return -1;
	if (director_name(director, e) < 0 ||
	    (have = wish_open(a, hex, number, &confirmed, e)) < 0)
		return -1;
	if (have == 1 && confirmed) {
		*number = 0;	/* nothing waits any more */
		return 1;
	}
	if (have == 0 && wish_add(s, a, hex, number, e) < 0)
		return -1;
	snprintf(text, size,
	    "waits for the director: %s %s@%s issuer confirm %lld",
	    ssh_words(), director, conf.service_name, (long long)*number);
	return 0;
}

int
issuer_wish_made(const char *purpose, const char *name, struct err *e)
{
	struct issuer_ask a = { .deed = "new", .issuer = purpose };
	struct issuer_wish w = { 0 };
	bool confirmed = false;
	int64_t number;
	int have;

	if (!conf.policy_issuer_second)
		return 0;
	if ((have = wish_open(&a, "", &number, &confirmed, e)) < 0)
		return -1;
	if (have == 1 && confirmed)
		return wish_load(number, &w, e) < 0 ? -1 :
		    wish_move(&w, ISSUER_WISH_DONE, e);
	return alarm_raise(ALARM_ISSUER, name, e,
	    "the signer has a new issuer, %s, and the director did not confirm that one is made; find out who did that, before it is activated",
	    name);
}

/* ---- the director answers ---- */

static int
import_run(const struct seat *s, const struct issuer_wish *w, struct err *e)
{
	struct query *q = db_query(issuer_wish_prepared[Q_FILES]);
	struct import_wish files = { 0 };
	struct issuer made = { 0 };
	const uint8_t *p = NULL;
	size_t size;
	int r;

	q_i64(q, 1, w->number);
	if ((r = q_next(q, e)) == 1) {
		p = q_col_blob(q, 0, &size);
		blob_set(&files.certificate, p, size);
		p = q_col_blob(q, 1, &size);
		blob_set(&files.roots, p, size);
	}
	q_end(q);
	r = r == 1 ? issuer_import_do(s, &files, &made, e) : -1;
	NOUN_CLEAR(import_wish, &files);
	NOUN_CLEAR(issuer, &made);
	return r;
}

static int
deed_run(const struct seat *s, const struct issuer_wish *w,
    const struct deed *by, struct err *e)
{
	struct issuer_deed d = { .reason = w->reason };

	str_copy(d.name, sizeof d.name, w->issuer);
	str_copy(d.deed, sizeof d.deed, w->deed);
	str_copy(d.note, sizeof d.note, w->note);
	return issuer_deed_do(s, &d, by, e);
}

/* With the director's signature, where there is one: an issuer's deed goes to
 * the signer together with it. */
static int
wish_run(const struct seat *s, const char *ref, const struct issuer_wish *w,
    struct err *e)
{
	bool imports = strcmp(w->deed, "import") == 0;
	bool is_deed = !imports && strcmp(w->deed, "new") != 0;
	struct deed by = { 0 };
	int r = deed_gather(s, "issuer", ref, &by, e), is_signed = r;

	if (r == 1)
		r = is_deed ? 0 : deed_spend(&by, e);
	/* the files go with the last move: before that they are read */
	if (r == 0 && imports)
		r = import_run(s, w, e);
	else if (r == 0 && is_deed)
		r = deed_run(s, w, is_signed ? &by : NULL, e);
	NOUN_CLEAR(deed, &by);
	return r;
}

/* The signer is asked last: what it has done is not unmade by a rollback, and
 * asking it for the same again changes nothing there. */
int
serve_issuer_confirm(struct seat *s, const struct ref *a,
    struct issuer_wish *r, struct err *e)
{
	struct query *q = NULL;
	bool is_new;

	if (wish_by_ref(a, r, e) < 0)
		return -1;
	is_new = strcmp(r->deed, "new") == 0;
	if (r->state != ISSUER_WISH_WAITING)
		return err_set(e, ERR_CONFLICT, "issuer-wish-state",
		    "operation %lld is %s already", (long long)r->number,
		    word_of(&issuer_wish_state_words, r->state));
	q = db_query(issuer_wish_prepared[Q_CONFIRM]);
	q_i64(q, 1, r->number);
	q_i64(q, 2, s->account);
	q_i64(q, 3, clock_now());
	if (q_run(q, e) < 0 || audit_add(s, "issuer.confirm", "issuer",
	    r->issuer, OUTCOME_DONE, e, "operation %lld of the operator: %s",
	    (long long)r->number, r->deed) < 0)
		return -1;
	if (wish_run(s, a->ref, r, e) < 0)
		return -1;
	if (wish_move(r, is_new ? ISSUER_WISH_CONFIRMED : ISSUER_WISH_DONE,
	    e) < 0)
		return -1;
	return wish_load(r->number, r, e);
}

static int
wish_drop(const struct seat *s, const struct ref *a, struct issuer_wish *r,
    struct err *e)
{
	if (wish_by_ref(a, r, e) < 0 ||
	    wish_move(r, ISSUER_WISH_DROPPED, e) < 0)
		return -1;
	return audit_add(s, "issuer.drop", "issuer", r->issuer, OUTCOME_DONE,
	    e, "operation %lld: %s", (long long)r->number, r->deed) < 0 ?
	    -1 : wish_load(r->number, r, e);
}

int
serve_issuer_drop(struct seat *s, const struct ref *a, struct issuer_wish *r,
    struct err *e)
{
	return wish_drop(s, a, r, e);
}

static void
issuer_show(const struct issuer *i, struct issuer_row *r)
{
	str_copy(r->name, sizeof r->name, i->name);
	str_copy(r->purpose, sizeof r->purpose, i->purpose);
	str_copy(r->state, sizeof r->state, i->state);
	r->not_after = i->not_after;
	r->good = i->good;
	r->last = i->last;
	r->crl_number = i->crl_number;
	r->crl_at = i->crl_at;
}

static int
issuers_show(struct issuer_wish_page *r, struct err *e)
{
	struct issuer_list list = { 0 };
	int have = issuers_count(&list, e);

	for (size_t i = 0; i < list.n_rows; i++)
		issuer_show(&list.rows[i], LIST_ADD(r, issuers));
	NOUN_CLEAR(issuer_list, &list);
	return have;
}

int
serve_issuer_wishes(struct seat *s, const struct wish *a,
    struct issuer_wish_page *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	(void)s;
	if (page_total(db_query(issuer_wish_prepared[Q_LAST]), &r->total,
	    e) < 0 || (a->before <= 0 && issuers_show(r, e) < 0))
		return -1;
	q = db_query(issuer_wish_prepared[Q_LIST]);
	page_bind(q, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}

/* ---- by the clock ---- */

void
issuer_wish_sweep(void)
{
	struct issuer_wish w = { 0 };
	struct query *q = NULL;
	int64_t number = 0;

	do {
		q = db_query(issuer_wish_prepared[Q_STALE]);
		q_i64(q, 1, clock_now() - WAITING_SECONDS);
		if (page_total(q, &number, NULL) < 0 || number == 0 ||
		    wish_load(number, &w, NULL) < 0 ||
		    wish_move(&w, ISSUER_WISH_EXPIRED, NULL) < 0)
			return;
	} while (audit_add(NULL, "issuer.expire", "issuer", w.issuer,
	    OUTCOME_DONE, NULL, "operation %lld: %s", (long long)w.number,
	    w.deed) == 0);
}

LOOP_TIMER(issuer_wish, 60, issuer_wish_sweep)
