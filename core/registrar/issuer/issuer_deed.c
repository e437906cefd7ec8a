/* issuer_deed.c - what the operator does with issuers (S1.4): list, activate,
 * retire, revoke; and the closing of one whose last certificate has ended. */
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
#define CLOSE_SECONDS 30	/* a look at few rows; the signer may be away once */

enum { Q_LIST, Q_CLOSABLE, Q_CLOSE, Q_DUE_SHARDS };

static const char *const sql[] = {
	[Q_LIST] = "SELECT i.name, i.purpose, i.state, i.not_after, i.der,"
	    " i.revoked, i.reason, i.crl_number, i.crl_at,"
	    " (SELECT coalesce(sum(d.good), 0) FROM certificate_day d"
	    " WHERE d.issuer = i.name AND d.day >= ?1 / 86400),"
	    " (SELECT max(d.last) FROM certificate_day d"
	    " WHERE d.issuer = i.name AND d.total > 0)"
	    " FROM issuer i ORDER BY i.name",
	/* one CRL more than the certificates (S8.4) */
	[Q_CLOSABLE] = "SELECT i.name FROM issuer i"
	    " WHERE i.state = 'superseded' AND NOT EXISTS (SELECT 1"
	    " FROM certificate_day d WHERE d.issuer = i.name"
	    " AND d.total > 0 AND d.last > ?1) LIMIT 1",
	[Q_CLOSE] = "UPDATE issuer SET state = 'closed', crl_due = ?2"
	    " WHERE name = ?1 AND state = 'superseded'",
	[Q_DUE_SHARDS] = "UPDATE crl_shard SET crl_due = ?2"
	    " WHERE issuer = ?1",
};
DB_STATEMENTS(issuer_deed, sql)

/* ---- the list ---- */

static void
row_take(struct query *q, struct issuer *i)
{
	const uint8_t *p;
	size_t size;

	q_col_str(q, 0, i->name, sizeof i->name);
	q_col_str(q, 1, i->purpose, sizeof i->purpose);
	q_col_str(q, 2, i->state, sizeof i->state);
	i->not_after = q_col_i64(q, 3);
	p = q_col_blob(q, 4, &size);
	blob_set(&i->der, p, size);
	i->revoked = q_col_i64(q, 5);
	i->reason = (enum reason)q_col_i64(q, 6);
	i->crl_number = q_col_i64(q, 7);
	i->crl_at = q_col_i64(q, 8);
	i->good = q_col_i64(q, 9);
	i->last = q_col_i64(q, 10);
	if (i->revoked != 0 && strcmp(i->state, "closed") != 0)
		str_copy(i->state, sizeof i->state, "revoked");
}

int
issuers_count(struct issuer_list *list, struct err *e)
{
	struct query *q = db_query(issuer_deed_prepared[Q_LIST]);
	int have;

	q_i64(q, 1, clock_now());
	while ((have = q_next(q, e)) == 1)
		row_take(q, LIST_ADD(list, rows));
	return have;
}

int
serve_operator_issuer_list(struct seat *s, const struct none *a,
    struct issuer_list *r, struct err *e)
{
	(void)s;
	(void)a;
	return issuers_count(r, e);
}

/* ---- deeds ---- */

/* What cannot become anything need not wait for the director either. */
static int
deed_check(const struct issuer_deed *a, struct err *e)
{
	struct issuer i = { 0 };
	int r = issuer_load(a->name, &i, e);

	if (r == 0 && strcmp(a->deed, "activate") == 0 &&
	    (i.revoked != 0 || strcmp(i.state, "closed") == 0 ||
	    strcmp(i.state, "pending") == 0))
		r = err_set(e, ERR_CONFLICT, "issuer-state",
		    "%.63s is %s; it cannot be activated", a->name,
		    i.revoked != 0 ? "revoked" : i.state);
	NOUN_CLEAR(issuer, &i);
	return r;
}

/*
 * May this deed be done now?  The host's operator alone asks (ops.def), and
 * xmpp-icactl has him type the issuer's name; the second person's word
 * (S12.6) is issuer_may()'s.  1, 0 it waits, -1.
 */
static int
deed_allowed(const struct seat *s, const struct issuer_deed *a,
    struct issuer_list *r, struct err *e)
{
	const struct issuer_ask ask = { .deed = a->deed, .issuer = a->name,
		.reason = a->reason, .note = a->note };

	if (strcmp(a->deed, "reload") == 0)
		return 1;	/* the signer reads what it has */
	if (strcmp(a->deed, "new") == 0 && (strcmp(a->name, "server") == 0 ||
	    strcmp(a->name, "person") == 0))
		return issuer_may(s, &ask, &r->waits, r->text,
		    sizeof r->text, e);
	if (strcmp(a->deed, "activate") != 0 &&
	    strcmp(a->deed, "retire") != 0 && strcmp(a->deed, "revoke") != 0)
		return err_set(e, ERR_BAD_INPUT, "issuer-deed",
		    "an issuer is made, activated, retired or revoked");
	return deed_check(a, e) < 0 ? -1 : issuer_may(s, &ask, &r->waits,
	    r->text, sizeof r->text, e);
}

/* by: what people have signed for it, or NULL. */
static int
deed_ask(const struct issuer_deed *a, const struct deed *by, struct err *e)
{
	struct line *l = signer_line(e);
	struct issuer_signed both;
	struct none nothing = { 0 };

	if (l == NULL)
		return -1;
	l->timeout_ms = SIGNER_MS;
	if (by != NULL) {
		both.what = *a;
		both.deed = *by;	/* borrowed */
		if (ask_sign_issuer_signed(l, &both, &nothing, e) < 0)
			return -1;
	} else if (ask_sign_issuer_deed(l, a, &nothing, e) < 0) {
		return -1;
	}
	if (strcmp(a->deed, "reload") != 0)
		return issuers_ask(l, e);
	signer_line_again();
	return 0;
}

/* Nobody was asked before; so everybody is told. */
static int
revoked_tell(const struct seat *s, const struct issuer_deed *a,
    struct err *e)
{
	publish_roots_soon();
	if (s->role != ROLE_OPERATOR || !conf.policy_issuer_second)
		return 0;
	return alarm_raise(ALARM_ISSUER, a->name, e,
	    "the operator has revoked %s, at once, because its key is compromised; the director finds out what happened: audit --noun issuer",
	    a->name);
}

int
issuer_deed_do(const struct seat *s, const struct issuer_deed *a,
    const struct deed *by, struct err *e)
{
	bool revoke = strcmp(a->deed, "revoke") == 0;
	char action[32];

	snprintf(action, sizeof action, "issuer.%s", a->deed);
	if (deed_ask(a, by, e) < 0) {
		audit_refusal(s, action, "issuer", a->name, "%s: %s",
		    e->clause, e->text);
		return -1;
	}
	if (audit_add(s, action, "issuer", a->name, OUTCOME_DONE, e,
	    "%s%s%s", revoke ? word_of(&reason_words, a->reason) : "",
	    revoke && a->note[0] ? ": " : "", a->note) < 0)
		return -1;
	return revoke ? revoked_tell(s, a, e) : 0;
}

int
serve_operator_issuer_deed(struct seat *s, const struct issuer_deed *a,
    struct issuer_list *r, struct err *e)
{
	int may = deed_allowed(s, a, r, e);

	/* a key is made by the signer's own program, on the host */
	if (may < 0 || (may == 1 && strcmp(a->deed, "new") != 0 &&
	    issuer_deed_do(s, a, NULL, e) < 0))
		return -1;
	return issuers_count(r, e);
}

/* ---- closing ---- */

/* The signer must know it as retired, or it signs no last CRL. */
static int
issuer_close(const char *name, struct err *e)
{
	struct issuer_deed d = { .deed = "retire" };
	struct query *q = NULL;

	str_copy(d.name, sizeof d.name, name);
	if (deed_ask(&d, NULL, e) < 0)
		return -1;
	for (int k = Q_CLOSE; k <= Q_DUE_SHARDS; k++) {
		q = db_query(issuer_deed_prepared[k]);
		q_str(q, 1, name);
		q_i64(q, 2, clock_now());
		if (q_run(q, e) < 0)
			return -1;
	}
	publish_soon();
	log_info("issuer closed name=%s", name);
	return audit_add(NULL, "issuer.close", "issuer", name, OUTCOME_DONE,
	    e, "its last certificate has ended; its last CRL counts until the issuer ends");
}

/* One that can be closed: 1 when it was, 0 none, -1. */
static int
close_one(struct err *e)
{
	struct query *q = db_query(issuer_deed_prepared[Q_CLOSABLE]);
	char name[64] = "";

	q_i64(q, 1, clock_now() - crl_life());
	if (q_next(q, NULL) == 1)
		q_col_str(q, 0, name, sizeof name);
	q_end(q);
	if (name[0] == '\0')
		return 0;
	if (db_savepoint(e) < 0)
		return -1;
	if (issuer_close(name, e) == 0) {
		db_savepoint_release();
		return 1;
	}
	db_savepoint_undo();
	return -1;
}

static void
close_sweep(void)
{
	struct err e = { 0 };
	int r;

	while ((r = close_one(&e)) == 1)
		;
	if (r < 0)
		log_warn("an issuer is not closed yet: %s", e.text);
}

LOOP_TIMER(issuer_close, CLOSE_SECONDS, close_sweep)
