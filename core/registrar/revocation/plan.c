/* plan.c - plans to revoke many: shown, confirmed by a second person, dropped;
 * plan_make.c makes them and plan_run.c works them off. */
#include "core/registrar/revocation/plan.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/state.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/deed.h"
#include "core/registrar/list/page.h"
#include "core/registrar/revocation/revocation.h"
#include "core/x509/hash.h"
#include "core/x509/names.h"

#define FIRST_ROWS 20

#define ROW \
	"SELECT p.number, p.state, p.domain, p.owner, p.method," \
	" p.issued_after, p.issued_before, p.spki_sha256, p.reason, a.name," \
	" p.made, p.expires, b.name, p.confirmed, p.ended, p.total, p.done," \
	" p.failed, p.digest FROM revocation_plan p" \
	" JOIN account a ON a.number = p.account" \
	" LEFT JOIN account b ON b.number = p.confirmed_by "

enum { Q_ONE, Q_LIST, Q_TOTAL, Q_SERIALS, Q_FIRST, Q_CONFIRM, Q_MOVE, Q_FORGET,
	Q_EXPIRED };

static const char *const sql[] = {
	[Q_ONE] = ROW "WHERE p.number = ?1",
	[Q_LIST] = ROW "WHERE p.number < ?1 AND (?2 = '' OR p.state = ?2)"
	    " ORDER BY p.number DESC LIMIT ?4",
	[Q_TOTAL] = "SELECT coalesce(max(number), 0) FROM revocation_plan",
	[Q_SERIALS] = "SELECT c.serial FROM revocation_plan_row p"
	    " JOIN certificate c ON c.number = p.certificate"
	    " WHERE p.plan = ?1 ORDER BY p.certificate",
	[Q_FIRST] = "SELECT c.request, c.serial, a.name, r.first, c.issued,"
	    " c.not_after, c.state FROM revocation_plan_row p"
	    " JOIN certificate c ON c.number = p.certificate"
	    " JOIN request r ON r.number = c.request"
	    " JOIN account a ON a.number = c.account"
	    " WHERE p.plan = ?1 ORDER BY p.certificate LIMIT ?2",
	[Q_CONFIRM] = "UPDATE revocation_plan SET confirmed_by = ?2,"
	    " confirmed = ?3 WHERE number = ?1",
	[Q_MOVE] = "UPDATE revocation_plan SET state = ?3, ended = ?4"
	    " WHERE number = ?1 AND state = ?2",
	[Q_FORGET] = "DELETE FROM revocation_plan_row WHERE plan = ?1"
	    " AND certificate > ?2",
	[Q_EXPIRED] = "SELECT number FROM revocation_plan"
	    " WHERE state = 'waiting' AND expires <= ?1 LIMIT 1",
};
DB_STATEMENTS(plan, sql)

/* ---- rows ---- */

static void
row_take(struct query *q, struct revocation_plan *r)
{
	struct revocation_criteria *c = &r->criteria;

	r->number = q_col_i64(q, 0);
	r->state = q_col_word(q, 1, &plan_state_words, PLAN_WAITING);
	q_col_str(q, 2, c->domain, sizeof c->domain);
	q_col_str(q, 3, c->account, sizeof c->account);
	q_col_str(q, 4, c->method, sizeof c->method);
	c->issued_after = q_col_i64(q, 5);
	c->issued_before = q_col_i64(q, 6);
	q_col_str(q, 7, c->key, sizeof c->key);
	c->reason = (enum reason)q_col_i64(q, 8);
	q_col_str(q, 9, r->by, sizeof r->by);
	r->made = q_col_i64(q, 10);
	r->expires = q_col_i64(q, 11);
	q_col_str(q, 12, r->confirmed_by, sizeof r->confirmed_by);
	r->confirmed = q_col_i64(q, 13);
	r->ended = q_col_i64(q, 14);
	r->total = q_col_i64(q, 15);
	r->done = q_col_i64(q, 16);
	r->failed = q_col_i64(q, 17);
	q_col_bytes(q, 18, r->digest, sizeof r->digest);
	if (r->state == PLAN_WAITING && r->expires <= clock_now())
		r->state = PLAN_EXPIRED;
}

int
plan_load(int64_t number, struct revocation_plan *r, struct err *e)
{
	struct query *q = db_query(plan_prepared[Q_ONE]);
	int have;

	q_i64(q, 1, number);
	if ((have = q_next(q, e)) == 1)
		row_take(q, r);
	q_end(q);
	if (have == 0)
		return err_set(e, ERR_NOT_FOUND, "revocation-plan",
		    "there is no plan %lld; to list them: revoke-many",
		    (long long)number);
	return have < 0 ? -1 : 0;
}

int
plan_move(int64_t number, enum plan_state from, enum plan_state to,
    struct err *e)
{
	struct query *q = db_query(plan_prepared[Q_MOVE]);

	q_i64(q, 1, number);
	q_str(q, 2, word_of(&plan_state_words, from));
	q_str(q, 3, word_of(&plan_state_words, to));
	q_i64(q, 4, to == PLAN_RUNNING ? 0 : clock_now());
	if (q_run(q, e) < 0)
		return -1;
	if (!plan_may_become(from, to) || db_changes() != 1)
		return err_set(e, ERR_CONFLICT, "revocation-plan",
		    "plan %lld is not %s any more; look at it again",
		    (long long)number, word_of(&plan_state_words, from));
	return 0;
}

int
plan_first_load(struct revocation_plan *r, struct err *e)
{
	struct query *q = db_query(plan_prepared[Q_FIRST]);
	char state[16];
	int have;

	q_i64(q, 1, r->number);
	q_i64(q, 2, FIRST_ROWS);
	while ((have = q_next(q, e)) == 1) {
		struct certificate_row *c = LIST_ADD(r, first);

		c->request = q_col_i64(q, 0);
		q_col_str(q, 1, c->serial, sizeof c->serial);
		q_col_str(q, 2, c->account, sizeof c->account);
		q_col_str(q, 3, c->first, sizeof c->first);
		c->issued = q_col_i64(q, 4);
		c->not_after = q_col_i64(q, 5);
		q_col_str(q, 6, state, sizeof state);
		c->state = strcmp(state, "good") != 0 ? CERTIFICATE_REVOKED :
		    c->not_after <= clock_now() ? CERTIFICATE_EXPIRED :
		    CERTIFICATE_GOOD;
	}
	return have;
}

int
plan_digest(const struct revocation_plan *r, uint8_t digest[32],
    struct err *e)
{
	struct query *q = NULL;
	struct buf b = { 0 };
	char link[32 + 42];
	int have;

	buf_put_str(&b, "xmpp-ica revocation plan v1");
	buf_put_i64(&b, r->number);
	shape_encode(&revocation_criteria_shape, &r->criteria, &b);
	sha256(digest, b.data, b.size);
	buf_clear(&b);
	q = db_query(plan_prepared[Q_SERIALS]);
	q_i64(q, 1, r->number);
	while ((have = q_next(q, e)) == 1) {
		memset(link, 0, sizeof link);
		memcpy(link, digest, 32);
		q_col_str(q, 0, link + 32, sizeof link - 32);
		sha256(digest, link, sizeof link);
	}
	return have;
}

/* ---- words ---- */

int
plan_audit(const struct seat *s, const char *action, int64_t number,
    const char *detail, struct err *e)
{
	char object[24];

	snprintf(object, sizeof object, "%lld", (long long)number);
	change_push("revocation_plan", number, 0, "");
	return audit_add(s, action, "revocation_plan", object, OUTCOME_DONE,
	    e, "%s", detail);
}

/* ---- a second person ---- */

/* Whose role is gone is not the first of two people any more. */
int
plan_maker_check(const struct revocation_plan *r, struct err *e)
{
	struct account a = { 0 };
	int known = account_load_by_name(r->by, &a, e);

	if (known < 0 && e->kind != ERR_NOT_FOUND)
		return -1;
	if (known == 0 && a.state == ACCOUNT_ACTIVE &&
	    op_allows(OP_revocation_plan_add, a.role))
		return 0;
	return err_set(e, ERR_REFUSED, "revocation-plan",
	    "who made plan %lld is not of the staff any more; drop it and make a new one: revoke-many --drop %lld",
	    (long long)r->number, (long long)r->number);
}

static int
word_check(const struct seat *s, const struct revocation_plan_word *a,
    const struct revocation_plan *r, struct err *e)
{
	static const uint8_t none[32];
	uint8_t digest[32];

	if (r->state != PLAN_WAITING)
		return err_set(e, ERR_CONFLICT, "revocation-plan",
		    "plan %lld is %s; only one that waits can be confirmed",
		    (long long)r->number, word_of(&plan_state_words,
		    r->state));
	if (strcmp(r->by, s->account_name) == 0)
		return err_set(e, ERR_REFUSED, "revocation-plan-own",
		    "nobody confirms his own plan; another person of the staff, or a director, must look at it: revoke-many --show %lld",
		    (long long)r->number);
	if (plan_maker_check(r, e) < 0 || plan_digest(r, digest, e) < 0)
		return -1;
	if (memcmp(digest, r->digest, 32) != 0 ||
	    (memcmp(a->digest, none, 32) != 0 &&
	    memcmp(a->digest, r->digest, 32) != 0))
		return err_set(e, ERR_CONFLICT, "revocation-plan-digest",
		    "plan %lld is not what was on your screen; look at it again: revoke-many --show %lld",
		    (long long)r->number, (long long)r->number);
	return 0;
}

int
serve_revocation_plan_confirm(struct seat *s,
    const struct revocation_plan_word *a, struct revocation_plan *r,
    struct err *e)
{
	struct query *q = NULL;
	char object[24], detail[160], digest[65];

	if (plan_load(a->number, r, e) < 0)
		return -1;
	snprintf(object, sizeof object, "%lld", (long long)a->number);
	if (word_check(s, a, r, e) < 0 ||
	    deed_settle(s, "revoke-many", object, e) < 0) {
		audit_refusal(s, "revocation.plan_confirm", "revocation_plan",
		    object, "%s", e->clause);
		return -1;
	}
	q = db_query(plan_prepared[Q_CONFIRM]);
	q_i64(q, 1, r->number);
	q_i64(q, 2, s->account);
	q_i64(q, 3, clock_now());
	if (q_run(q, e) < 0 ||
	    plan_move(r->number, PLAN_WAITING, PLAN_RUNNING, e) < 0 ||
	    plan_load(a->number, r, e) < 0 || plan_first_load(r, e) < 0)
		return -1;
	hex_encode(digest, r->digest, sizeof r->digest);
	snprintf(detail, sizeof detail, "%lld certificates, digest %s",
	    (long long)r->total, digest);
	plan_wake();
	return plan_audit(s, "revocation.plan_confirm", r->number, detail, e);
}

/* ---- dropping ---- */

/* Rows that were never reached are of no more use. */
static int
rows_forget(const struct revocation_plan *r, struct err *e)
{
	struct query *q = NULL;

	if (r->confirmed != 0)
		return 0;
	q = db_query(plan_prepared[Q_FORGET]);
	q_i64(q, 1, r->number);
	q_i64(q, 2, 0);
	return q_run(q, e);
}

int
serve_revocation_plan_drop(struct seat *s, const struct ref *a,
    struct revocation_plan *r, struct err *e)
{
	char detail[96];
	int64_t number;

	if (!number_parse(a->ref, INT64_MAX, &number))
		return err_set(e, ERR_BAD_INPUT, "revocation-plan",
		    "a plan goes by its number; to list them: revoke-many");
	if (plan_load(number, r, e) < 0)
		return -1;
	if (r->state != PLAN_WAITING && r->state != PLAN_RUNNING)
		return err_set(e, ERR_CONFLICT, "revocation-plan",
		    "plan %lld is %s already", (long long)number,
		    word_of(&plan_state_words, r->state));
	if (plan_move(number, r->state, PLAN_DROPPED, e) < 0 || rows_forget(r, e) < 0)
		return -1;
	if (r->confirmed != 0 && plan_publish(number, e) < 0)
		return -1;
	snprintf(detail, sizeof detail, "%lld of %lld were worked off",
	    (long long)r->done, (long long)r->total);
	if (plan_load(number, r, e) < 0)
		return -1;
	return plan_audit(s, "revocation.plan_drop", number, detail, e);
}

static void
plans_sweep(void)
{
	struct query *q = db_query(plan_prepared[Q_EXPIRED]);
	struct revocation_plan r = { 0 };
	struct err e = { 0 };
	int64_t number = 0;

	q_i64(q, 1, clock_now());
	if (q_next(q, &e) == 1)
		number = q_col_i64(q, 0);
	q_end(q);
	if (number == 0)
		return;
	if (plan_load(number, &r, &e) < 0 ||
	    plan_move(number, PLAN_WAITING, PLAN_EXPIRED, &e) < 0 ||
	    rows_forget(&r, &e) < 0 ||
	    plan_audit(NULL, "revocation.plan_expired", number,
	    "nobody confirmed it", &e) < 0)
		log_warn("revocation plan %lld: %s", (long long)number,
		    e.text);
}
LOOP_TIMER(plan, 60, plans_sweep)

/* ---- shown ---- */

int
serve_revocation_plan_get(struct seat *s, const struct ref *a,
    struct revocation_plan *r, struct err *e)
{
	int64_t number;

	(void)s;
	if (!number_parse(a->ref, INT64_MAX, &number))
		return err_set(e, ERR_BAD_INPUT, "revocation-plan",
		    "a plan goes by its number; to list them: revoke-many");
	if (plan_load(number, r, e) < 0)
		return -1;
	return plan_first_load(r, e);
}

int
serve_revocation_plan_list(struct seat *s, const struct wish *a,
    struct revocation_plan_page *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	(void)s;
	if (page_total(db_query(plan_prepared[Q_TOTAL]), &r->total, e) < 0)
		return -1;
	q = db_query(plan_prepared[Q_LIST]);
	page_bind(q, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}
