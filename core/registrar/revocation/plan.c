/* plan.c - plans to revoke many: made by one person, confirmed by another,
 * shown while plan_run.c works them off. */
#include "core/registrar/revocation/plan.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/state.h"
#include "core/registrar/db.h"
#include "core/registrar/list/page.h"
#include "core/registrar/revocation/revocation.h"
#include "core/x509/hash.h"
#include "core/x509/names.h"

#define PLAN_SECONDS 86400
#define WAITING_MOST 20
#define FIRST_ROWS 20

#define ROW \
	"SELECT p.number, p.state, p.domain, p.owner, p.method," \
	" p.issued_after, p.issued_before, p.spki_sha256, p.reason, a.name," \
	" p.made, p.expires, b.name, p.confirmed, p.ended, p.total, p.done," \
	" p.failed, p.digest FROM revocation_plan p" \
	" JOIN account a ON a.number = p.account" \
	" LEFT JOIN account b ON b.number = p.confirmed_by "

enum { Q_ONE, Q_LIST, Q_TOTAL, Q_WAITING, Q_ADD, Q_FILL, Q_FIX, Q_SERIALS,
	Q_FIRST, Q_CONFIRM, Q_MOVE, Q_FORGET, Q_EXPIRED };

static const char *const sql[] = {
	[Q_ONE] = ROW "WHERE p.number = ?1",
	[Q_LIST] = ROW "WHERE p.number < ?1 AND (?2 = '' OR p.state = ?2)"
	    " ORDER BY p.number DESC LIMIT ?3",
	[Q_TOTAL] = "SELECT count(*) FROM revocation_plan",
	[Q_WAITING] = "SELECT count(*) FROM revocation_plan"
	    " WHERE state = 'waiting' AND expires > ?1",
	[Q_ADD] = "INSERT INTO revocation_plan (state, account, made,"
	    " expires, domain, owner, method, issued_after, issued_before,"
	    " spki_sha256, reason, digest) VALUES ('waiting', ?1, ?2, ?3,"
	    " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
	[Q_FILL] = "INSERT INTO revocation_plan_row (plan, certificate)"
	    " SELECT ?1, c.number FROM certificate c"
	    " WHERE c.state = 'good' AND c.not_after > ?2"
	    " AND c.request IS NOT NULL"
	    " AND (?3 = '' OR EXISTS (SELECT 1 FROM request_domain d"
	    "  WHERE d.request = c.request AND (d.domain = ?3"
	    "  OR d.domain LIKE '%.' || ?3)))"
	    " AND (?4 = 0 OR c.account = ?4)"
	    " AND (?5 = '' OR EXISTS (SELECT 1 FROM request_domain d"
	    "  JOIN domain m ON m.account = c.account"
	    "  AND (m.name = d.domain OR d.domain LIKE '%.' || m.name)"
	    "  WHERE d.request = c.request AND m.method = ?5))"
	    " AND (?6 = 0 OR c.issued >= ?6)"
	    " AND (?7 = 0 OR c.issued < ?7)"
	    " AND (?8 IS NULL OR c.spki_sha256 = ?8)",
	[Q_FIX] = "UPDATE revocation_plan SET total = ?2, digest = ?3"
	    " WHERE number = ?1",
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
	char state[16];
	int v;

	r->number = q_col_i64(q, 0);
	q_col_str(q, 1, state, sizeof state);
	v = word_parse(&plan_state_words, state);
	r->state = v < 0 ? PLAN_WAITING : (enum plan_state)v;
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

static int
first_load(struct revocation_plan *r, struct err *e)
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

/* A chain of hashes, so that a million serials need no room. */
static int
digest_make(const struct revocation_plan *r, uint8_t digest[32],
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

static void
criteria_text(char *dst, size_t size, const struct revocation_criteria *c)
{
	char after[TIME_TEXT_SIZE], before[TIME_TEXT_SIZE];
	char when[96] = "";

	time_text(after, c->issued_after);
	time_text(before, c->issued_before);
	if (c->issued_after != 0 || c->issued_before != 0)
		snprintf(when, sizeof when, ", issued %s%s%s%s",
		    c->issued_after ? "from " : "", c->issued_after ? after :
		    "", c->issued_before ? " before " : "",
		    c->issued_before ? before : "");
	snprintf(dst, size, "reason %s%s%.253s%s%s%s%s%s%s%s",
	    word_of(&reason_words, c->reason),
	    c->domain[0] ? ", domain " : "", c->domain,
	    c->account[0] ? ", account " : "", c->account,
	    c->method[0] ? ", proof by " : "", c->method,
	    c->key[0] ? ", key " : "", c->key, when);
}

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

/* ---- making one ---- */

/* In the form of the rows; *account its number. */
static int
criteria_check(struct revocation_criteria *c, int64_t *account,
    uint8_t key[32], struct err *e)
{
	struct account a = { 0 };
	struct domain_form f;

	if (reason_check(true, c->reason, e) < 0)
		return -1;
	if (c->domain[0] == '\0' && c->account[0] == '\0' &&
	    c->method[0] == '\0' && c->key[0] == '\0' &&
	    c->issued_after == 0 && c->issued_before == 0)
		return err_set(e, ERR_BAD_INPUT, "revocation-plan",
		    "Say which certificates: by domain, account, method of proof, time of issue or key.");
	if (c->domain[0] != '\0') {
		if (domain_parse(c->domain, strlen(c->domain), true, &f,
		    e) < 0)
			return -1;
		str_copy(c->domain, sizeof c->domain, f.ascii);
	}
	if (c->account[0] != '\0') {
		if (account_load_by_name(c->account, &a, e) < 0)
			return -1;
		*account = a.number;
	}
	if (c->method[0] != '\0' &&
	    word_parse(&proof_method_words, c->method) < 0)
		return err_set(e, ERR_BAD_INPUT, "revocation-plan",
		    "A domain is proven by mail or by dns.");
	if (c->key[0] != '\0' && (strlen(c->key) != 64 ||
	    hex_decode(key, 32, c->key) != 32))
		return err_set(e, ERR_BAD_INPUT, "revocation-plan",
		    "A key is named by the SHA-256 of its public key (SubjectPublicKeyInfo): 64 hexadecimal digits.");
	if (c->key[0] != '\0')
		hex_encode(c->key, key, 32);
	return 0;
}

static int
waiting_limit(struct err *e)
{
	struct query *q = db_query(plan_prepared[Q_WAITING]);
	int64_t n = 0;
	int have;

	q_i64(q, 1, clock_now());
	if ((have = q_next(q, e)) == 1)
		n = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	if (n >= WAITING_MOST)
		return err_set(e, ERR_CONFLICT, "revocation-plan",
		    "%lld plans wait for a second person; confirm or drop one first: revoke-many",
		    (long long)n);
	return 0;
}

static int
row_add(const struct seat *s, const struct revocation_criteria *c,
    int64_t *number, struct err *e)
{
	static const uint8_t not_yet[32];
	struct query *q = db_query(plan_prepared[Q_ADD]);

	q_i64(q, 1, s->account);
	q_i64(q, 2, clock_now());
	q_i64(q, 3, clock_now() + PLAN_SECONDS);
	q_str(q, 4, c->domain);
	q_str(q, 5, c->account);
	q_str(q, 6, c->method);
	q_i64(q, 7, c->issued_after);
	q_i64(q, 8, c->issued_before);
	q_str(q, 9, c->key);
	q_i64(q, 10, c->reason);
	q_blob(q, 11, not_yet, sizeof not_yet);
	if (q_run(q, e) < 0)
		return -1;
	*number = db_last_number();
	return 0;
}

static int
rows_fill(int64_t number, const struct revocation_criteria *c,
    int64_t account, const uint8_t key[32], int64_t *total, struct err *e)
{
	struct query *q = db_query(plan_prepared[Q_FILL]);

	q_i64(q, 1, number);
	q_i64(q, 2, clock_now());
	q_str(q, 3, c->domain);
	q_i64(q, 4, account);
	q_str(q, 5, c->method);
	q_i64(q, 6, c->issued_after);
	q_i64(q, 7, c->issued_before);
	if (c->key[0] != '\0')
		q_blob(q, 8, key, 32);
	else
		q_null(q, 8);
	if (q_run(q, e) < 0)
		return -1;
	*total = db_changes();
	if (*total == 0)
		return err_set(e, ERR_NOT_FOUND, "revocation-plan",
		    "No good certificate fits; nothing was planned.");
	return 0;
}

static int
plan_fix(int64_t number, int64_t total, struct err *e)
{
	struct revocation_plan r = { 0 };
	uint8_t digest[32];
	struct query *q = NULL;

	if (plan_load(number, &r, e) < 0 || digest_make(&r, digest, e) < 0)
		return -1;
	q = db_query(plan_prepared[Q_FIX]);
	q_i64(q, 1, number);
	q_i64(q, 2, total);
	q_blob(q, 3, digest, sizeof digest);
	return q_run(q, e);
}

int
serve_revocation_plan_add(struct seat *s, const struct revocation_criteria *a,
    struct revocation_plan *r, struct err *e)
{
	struct revocation_criteria c = *a;
	int64_t account = 0, number = 0, total = 0;
	char words[640], digest[65], detail[800];
	uint8_t key[32];

	if (criteria_check(&c, &account, key, e) < 0 || waiting_limit(e) < 0 ||
	    row_add(s, &c, &number, e) < 0 ||
	    rows_fill(number, &c, account, key, &total, e) < 0 ||
	    plan_fix(number, total, e) < 0 || plan_load(number, r, e) < 0 ||
	    first_load(r, e) < 0)
		return -1;
	criteria_text(words, sizeof words, &c);
	hex_encode(digest, r->digest, sizeof r->digest);
	snprintf(detail, sizeof detail, "%lld certificates, digest %s, %s",
	    (long long)total, digest, words);
	return plan_audit(s, "revocation.plan", number, detail, e);
}

/* ---- a second person ---- */

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
	if (digest_make(r, digest, e) < 0)
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
	if (word_check(s, a, r, e) < 0) {
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
	    plan_load(a->number, r, e) < 0 || first_load(r, e) < 0)
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
	return first_load(r, e);
}

int
serve_revocation_plan_list(struct seat *s, const struct wish *a,
    struct revocation_plan_page *r, struct err *e)
{
	int64_t limit = page_limit(a->limit);
	struct query *q = db_query(plan_prepared[Q_TOTAL]);
	int have;

	(void)s;
	if ((have = q_next(q, e)) == 1)
		r->total = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	q = db_query(plan_prepared[Q_LIST]);
	q_i64(q, 1, a->before > 0 ? a->before : INT64_MAX);
	q_str(q, 2, a->state);
	q_i64(q, 3, limit + 1);
	while ((have = q_next(q, e)) == 1) {
		if ((int64_t)r->n_rows == limit) {
			r->more = true;
			break;
		}
		row_take(q, LIST_ADD(r, rows));
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}
