/* issuer.c - the issuers that the signer holds keys for, as rows. */
#include "core/registrar/issuer/issuer.h"
#include "core/registrar/issuer/issuer_wish.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/publish/publish.h"
#include "core/wire/ask.h"

#define SIGNER_MS 5000
#define DAY 86400

enum { Q_ONE, Q_STATES, Q_ADD, Q_UPDATE, Q_ALL };

static const char *const sql[] = {
	[Q_ONE] = "SELECT name, purpose, state, der, root, not_after, revoked"
	    " FROM issuer WHERE name = ?1",
	[Q_STATES] = "SELECT state, not_after, revoked FROM issuer"
	    " WHERE purpose = ?1",
	[Q_ADD] = "INSERT INTO issuer (name, purpose, state, der, root,"
	    " not_after, crl_due, revoked, reason, journal_seen) VALUES (?1,"
	    " ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
	    " (SELECT coalesce(max(journal_seen), 0) FROM issuer))",
	[Q_UPDATE] = "UPDATE issuer SET purpose = ?2, state = ?3, der = ?4,"
	    " root = ?5, not_after = ?6, crl_due = ?7, revoked = ?8,"
	    " reason = ?9 WHERE name = ?1",
	[Q_ALL] = "SELECT name, purpose, state, not_after FROM issuer"
	    " ORDER BY name",
};
DB_STATEMENTS(issuer, sql)

static void
row_take(struct query *q, struct issuer *i)
{
	const uint8_t *p = NULL;
	size_t size;

	q_col_str(q, 0, i->name, sizeof i->name);
	q_col_str(q, 1, i->purpose, sizeof i->purpose);
	q_col_str(q, 2, i->state, sizeof i->state);
	p = q_col_blob(q, 3, &size);
	blob_set(&i->der, p, size);
	p = q_col_blob(q, 4, &size);
	blob_set(&i->root, p, size);
	i->not_after = q_col_i64(q, 5);
	i->revoked = q_col_i64(q, 6);
}

/* 1 and *out, 0 none, -1. */
static int
row_load(struct query *q, struct issuer *out, struct err *e)
{
	int r = q_next(q, e);

	if (r == 1) {
		NOUN_CLEAR(issuer, out);
		row_take(q, out);
		q_end(q);
	}
	return r;
}

int
issuer_load(const char *name, struct issuer *out, struct err *e)
{
	struct query *q = db_query(issuer_prepared[Q_ONE]);
	int r;

	q_str(q, 1, name);
	if ((r = row_load(q, out, e)) < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_NOT_FOUND, "issuer",
		    "there is no issuer %.63s", name);
	return 0;
}

/* Active before ready before pending before what was. */
static int
state_rank(const char *state)
{
	return strcmp(state, "active") == 0 ? 3 :
	    strcmp(state, "ready") == 0 ? 2 : strcmp(state, "pending") == 0;
}

/* The best issuer of a purpose, the one that lasts longest of several: 1, 0
 * there is none, -1.  (SQLite would sort one row in a tree of its own.) */
static int
state_best(const char *purpose, char state[16], int64_t *ends, bool *revoked,
    struct err *e)
{
	struct query *q = db_query(issuer_prepared[Q_STATES]);
	char one[16];
	int r, best = -1;

	q_str(q, 1, purpose);
	while ((r = q_next(q, e)) == 1) {
		int64_t until = q_col_i64(q, 1);

		*revoked = *revoked || q_col_i64(q, 2) != 0;
		q_col_str(q, 0, one, sizeof one);
		if (state_rank(one) < best ||
		    (state_rank(one) == best && until <= *ends))
			continue;
		best = state_rank(one);
		memcpy(state, one, sizeof one);
		*ends = until;
	}
	return r < 0 ? -1 : best >= 0;
}

int
issuer_check(const char *purpose, int64_t not_after, struct err *e)
{
	char state[16] = "", when[TIME_TEXT_SIZE];
	int64_t ends = 0;
	bool revoked = false;
	int r = state_best(purpose, state, &ends, &revoked, e);

	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_UNAVAILABLE, "issuer-none",
		    "there is no %s issuer yet; the operator makes one with `xmpp-icactl %s`",
		    purpose, strcmp(purpose, "person") == 0 ?
		    "issuer new --person" : "init");
	if (revoked && strcmp(state, "active") != 0)
		return err_set(e, ERR_UNAVAILABLE, "issuer-revoked",
		    "the %s issuer was revoked by its root; nothing can be issued until there is a new one",
		    purpose);
	if (strcmp(state, "pending") == 0)
		return err_set(e, ERR_UNAVAILABLE, "issuer-pending",
		    "the %s issuer waits for its certificate from the root; the operator takes it in with `xmpp-icactl import`",
		    purpose);
	if (strcmp(state, "active") != 0 && ends > clock_now())
		return err_set(e, ERR_UNAVAILABLE, "issuer-none",
		    "no %s issuer is active; the operator chooses one with `xmpp-icactl issuer activate`",
		    purpose);
	time_text(when, ends);
	if (strcmp(state, "active") != 0 || ends <= clock_now())
		return err_set(e, ERR_UNAVAILABLE, "issuer-expired",
		    "the %s issuer ended at %s; nothing can be issued until there is a new one",
		    purpose, when);
	if (not_after > ends)
		return err_set(e, ERR_UNAVAILABLE, "issuer-not-after",
		    "the certificate would outlast its issuer, which ends at %s; the operator renews the issuer or lowers policy.days",
		    when);
	return 0;
}

/* ---- storing ---- */

static bool
blobs_equal(const struct blob *a, const struct blob *b)
{
	return a->size == b->size &&
	    (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* A revoked issuer signs no more certificates, but still CRLs and answers, as
 * a superseded one does. */
static const char *
state_kept(const char *state)
{
	return strcmp(state, "revoked") == 0 ? "superseded" : state;
}

static int
row_put(int which, const struct issuer *i, int64_t crl_due, struct err *e)
{
	struct query *q = db_query(issuer_prepared[which]);

	q_str(q, 1, i->name);
	q_str(q, 2, i->purpose);
	q_str(q, 3, state_kept(i->state));
	q_blob(q, 4, i->der.data, i->der.size);
	q_blob(q, 5, i->root.data, i->root.size);
	q_i64(q, 6, i->not_after);
	q_i64(q, 7, crl_due);
	q_i64(q, 8, i->revoked);
	q_i64(q, 9, (int64_t)i->reason);
	return q_run(q, e);
}

/* ---- when they begin, as the signer says ---- */

static struct {
	char purpose[32];
	int64_t not_before;
} begins[2];

int64_t
issuer_begins(const char *purpose)
{
	for (size_t k = 0; k < sizeof begins / sizeof begins[0]; k++)
		if (strcmp(begins[k].purpose, purpose) == 0)
			return begins[k].not_before;
	return 0;
}

static void
begin_keep(const struct issuer *i)
{
	if (strcmp(i->state, "active") != 0)
		return;
	/* an older one may be active again: the last word counts */
	for (size_t k = 0; k < sizeof begins / sizeof begins[0]; k++) {
		if (begins[k].purpose[0] != '\0' &&
		    strcmp(begins[k].purpose, i->purpose) != 0)
			continue;
		str_copy(begins[k].purpose, sizeof begins[k].purpose,
		    i->purpose);
		begins[k].not_before = i->not_before;
		return;
	}
}

/* Store what the signer says of an issuer; a new active one is published. */
static int
issuer_store(const struct issuer *i, struct err *e)
{
	struct query *q = db_query(issuer_prepared[Q_ONE]);
	struct issuer old = { 0 };
	bool same, closed;
	int r;

	begin_keep(i);
	q_str(q, 1, i->name);
	if ((r = row_load(q, &old, e)) < 0)
		return -1;
	/* what is closed stays so, whatever the signer thinks of it */
	closed = r == 1 && strcmp(old.state, "closed") == 0;
	same = r == 1 && (closed ||
	    strcmp(old.state, state_kept(i->state)) == 0) &&
	    (old.revoked != 0) == (i->revoked != 0) &&
	    blobs_equal(&old.der, &i->der) && blobs_equal(&old.root, &i->root);
	NOUN_CLEAR(issuer, &old);
	if (same || closed)
		return 0;
	/* a CRL exists from the activation on */
	if (row_put(r == 1 ? Q_UPDATE : Q_ADD, i, clock_now(), e) < 0)
		return -1;
	if (strcmp(i->state, "pending") != 0 &&
	    crl_shards_make(i->name, e) < 0)
		return -1;
	change_push("issuer", 0, 0, "");
	return audit_add(NULL, "issuer.state", "issuer", i->name,
	    OUTCOME_DONE, e, "%s, for %s", i->state, i->purpose);
}

/* [publish] crl_shards may have grown since the last start. */
static int
shards_look(const struct issuer *i, struct err *e)
{
	return strcmp(i->state, "active") == 0 ? crl_shards_make(i->name, e) :
	    0;
}

/* S12.6: one that is not known yet was made with the director's word. */
static int
newcomer_tell(const struct issuer *i, struct err *e)
{
	struct query *q = db_query(issuer_prepared[Q_ONE]);
	int have;

	q_str(q, 1, i->name);
	have = q_next(q, e);
	q_end(q);
	return have != 0 ? (have < 0 ? -1 : 0) :
	    issuer_wish_made(i->purpose, i->name, e);
}

/* Under a name that we know the signer has another certificate than the one
 * that was taken in here: his folder was changed behind our back.  It stays
 * told until somebody has looked. */
static int
key_compare(const struct issuer *i, struct err *e)
{
	struct query *q = db_query(issuer_prepared[Q_ONE]);
	struct issuer known = { 0 };
	bool seen = false, same;
	int r;

	q_str(q, 1, i->name);
	if ((r = row_load(q, &known, e)) != 1)
		return r;
	same = known.der.size == 0 || (known.der.size == i->der.size &&
	    memcmp(known.der.data, i->der.data, i->der.size) == 0);
	NOUN_CLEAR(issuer, &known);
	if (!same)
		return alarm_raise(ALARM_KEY_MISMATCH, i->name, e,
		    "The signer has another certificate for %s than the one taken in: who changed ca/? Compare it with the published one before anything else is signed",
		    i->name);
	r = alarm_is_seen(ALARM_KEY_MISMATCH, i->name, &seen, e);
	return r == 0 && seen ? alarm_clear(ALARM_KEY_MISMATCH, i->name, e) :
	    r;
}

int
issuers_ask(struct line *l, struct err *e)
{
	struct issuer_list list = { 0 };
	struct none nothing = { 0 };
	bool begun;
	int r;

	l->timeout_ms = SIGNER_MS;
	if ((r = issuers_begun(&begun, e)) == 0)
		r = ask_sign_issuers(l, &nothing, &list, e);
	for (size_t k = 0; k < list.n_rows && r == 0; k++)
		if ((r = key_compare(&list.rows[k], e)) == 0 &&
		    (!begun || (r = newcomer_tell(&list.rows[k], e)) == 0) &&
		    (r = issuer_store(&list.rows[k], e)) == 0 &&
		    (r = shards_look(&list.rows[k], e)) == 0 &&
		    publish_chain(&list.rows[k], e) < 0) {
			/* the rows are true all the same */
			log_warn("chain not published: %s", e->text);
			err_clear(e);
		}
	NOUN_CLEAR(issuer_list, &list);
	return r;
}

void
issuer_refresh(void)
{
	struct err e = { 0 };
	struct line *l = signer_line(&e);

	root_crl_again();		/* it may have other roots now */
	if (l == NULL) {
		log_warn("issuers not known afresh: %s", e.text);
		return;
	}
	if (db_begin(&e) < 0) {
		log_warn("issuers: %s", e.text);
		return;
	}
	if (issuers_ask(l, &e) == 0 && journal_reconcile(l, &e) == 0 &&
	    db_commit(&e) == 0)
		return;
	db_rollback();
	log_warn("issuers: %s", e.text);
}

/* ---- the operator's import (S1.2: the signer checks) ---- */

int
serve_operator_issuer_import(struct seat *s, const struct import_wish *a,
    struct issuer *r, struct err *e)
{
	const struct issuer_ask ask = { .deed = "import", .issuer = "",
		.note = "", .certificate = &a->certificate,
		.roots = &a->roots };
	int may = issuer_may(s, &ask, &r->waits, r->text, sizeof r->text, e);

	return may == 1 ? issuer_import_do(s, a, r, e) : may;
}

int
issuer_import_do(const struct seat *s, const struct import_wish *a,
    struct issuer *r, struct err *e)
{
	struct line *l = signer_line(e);
	struct err why = { 0 };

	if (l == NULL)
		return -1;
	l->timeout_ms = SIGNER_MS;
	if (ask_sign_import(l, a, r, e) < 0) {
		audit_refusal(s, "issuer.import", "issuer", "", "%s: %s",
		    e->clause, e->text);
		return -1;
	}
	if (issuer_store(r, e) < 0 ||
	    audit_add(s, "issuer.import", "issuer", r->name, OUTCOME_DONE, e,
	    "certificate of %zu bytes", r->der.size) < 0)
		return -1;
	if (publish_chain(r, &why) < 0)
		log_warn("chain not published: %s", why.text);
	return 0;
}

/* ---- facts ---- */

static void
issuer_fact(struct fact_list *list, struct query *q)
{
	struct fact *f = LIST_ADD(list, rows);
	char name[64], purpose[16], state[16], when[TIME_TEXT_SIZE];
	int64_t ends = q_col_i64(q, 3);

	q_col_str(q, 0, name, sizeof name);
	q_col_str(q, 1, purpose, sizeof purpose);
	q_col_str(q, 2, state, sizeof state);
	time_text(when, ends);
	snprintf(f->what, sizeof f->what, "issuer %.40s", name);
	f->good = (strcmp(state, "active") != 0 &&
	    strcmp(state, "pending") != 0) || (strcmp(state, "active") == 0 &&
	    ends > clock_now() + (conf.policy_days + 30) * DAY);
	snprintf(f->text, sizeof f->text, "%s, for %s, until %s", state,
	    purpose, when);
}

void
issuer_facts(struct fact_list *list)
{
	struct query *q = db_query(issuer_prepared[Q_ALL]);
	bool any = false;

	while (q_next(q, NULL) == 1) {
		issuer_fact(list, q);
		any = true;
	}
	if (!any) {
		struct fact *f = LIST_ADD(list, rows);

		str_copy(f->what, sizeof f->what, "issuer");
		str_copy(f->text, sizeof f->text,
		    "none is known: has the signer been reached?");
	}
	reconcile_facts(list);
}
