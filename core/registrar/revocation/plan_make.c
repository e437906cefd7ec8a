/* plan_make.c - a plan to revoke many is made: its criteria, the certificates
 * that fit them just now, and the digest over both. */
#include "core/registrar/revocation/plan.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/list/page.h"
#include "core/registrar/revocation/revocation.h"
#include "core/x509/names.h"

#define PLAN_SECONDS 86400	/* for the second person's word */
#define WAITING_MOST 20

enum { Q_WAITING, Q_ADD, Q_FILL, Q_FIX };

static const char *const sql[] = {
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
};
DB_STATEMENTS(plan_make, sql)

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
	struct query *q = db_query(plan_make_prepared[Q_WAITING]);
	int64_t n;

	q_i64(q, 1, clock_now());
	if (page_total(q, &n, e) < 0)
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
	struct query *q = db_query(plan_make_prepared[Q_ADD]);

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
	struct query *q = db_query(plan_make_prepared[Q_FILL]);

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

	if (plan_load(number, &r, e) < 0 || plan_digest(&r, digest, e) < 0)
		return -1;
	q = db_query(plan_make_prepared[Q_FIX]);
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
	    plan_first_load(r, e) < 0)
		return -1;
	criteria_text(words, sizeof words, &c);
	hex_encode(digest, r->digest, sizeof r->digest);
	snprintf(detail, sizeof detail, "%lld certificates, digest %s, %s",
	    (long long)total, digest, words);
	return plan_audit(s, "revocation.plan", number, detail, e);
}
