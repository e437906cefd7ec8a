/* decision.c - staff approve or refuse a request. */
#include "core/registrar/request/request.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/account/contact.h"
#include "core/registrar/domain/caa.h"
#include "core/registrar/db.h"
#include "core/registrar/request/statement.h"

enum { Q_APPROVE, Q_TWICE, Q_REASON };

static const char *const sql[] = {
	[Q_APPROVE] = "INSERT INTO approval (request, account, at, digest,"
	    " note) VALUES (?1, ?2, ?3, ?4, ?5)",
	[Q_TWICE] = "SELECT 1 FROM approval WHERE request = ?1"
	    " AND account = ?2",
	[Q_REASON] = "UPDATE request SET refusal = ?2 WHERE number = ?1",
};
DB_STATEMENTS(decision, sql)

static int
refuse_decision(const struct seat *s, const char *action, int64_t number,
    const struct err *e)
{
	char object[24];

	snprintf(object, sizeof object, "%lld", (long long)number);
	audit_refusal(s, action, "request", object, "%s", e->clause);
	return -1;
}

/* The digest on the decider's screen; all zero: none was shown. */
static bool
digest_fits(const struct decision *a, const struct request_head *h)
{
	static const uint8_t none[32];

	return memcmp(a->digest, none, sizeof none) == 0 ||
	    memcmp(a->digest, h->digest, sizeof none) == 0;
}

static int
open_check(const struct request_head *h, const struct decision *a,
    struct err *e)
{
	if (h->state != REQUEST_AWAITING)
		return err_set(e, ERR_CONFLICT, "request-state",
		    "request %lld is %s already; `show %lld` has the whole",
		    (long long)h->number,
		    word_of(&request_state_words, h->state),
		    (long long)h->number);
	if (!digest_fits(a, h))
		return err_set(e, ERR_CONFLICT, "approval-digest",
		    "request %lld is not what was on your screen; look at it again before you decide",
		    (long long)h->number);
	return 0;
}

static int
approval_check(const struct seat *s, const struct decision *a,
    const struct request_head *h, struct err *e)
{
	struct query *q = NULL;
	int r;

	if (h->account == s->account)
		return err_set(e, ERR_REFUSED, "approval-own",
		    "nobody approves his own request; somebody else of the staff must look at %lld",
		    (long long)h->number);
	if (open_check(h, a, e) < 0)
		return -1;
	q = db_query(decision_prepared[Q_TWICE]);
	q_i64(q, 1, h->number);
	q_i64(q, 2, s->account);
	r = q_next(q, e);
	q_end(q);
	if (r < 0)
		return -1;
	if (r == 1)
		return err_set(e, ERR_CONFLICT, "approval-twice",
		    "you have approved %lld already; it waits for somebody else",
		    (long long)h->number);
	if (account_may_issue(h->account, e) < 0 ||
	    request_proofs_check(h->number, h->account, e) < 0)
		return -1;
	return caa_approvable(h->number, e);
}

static int
approval_add(const struct seat *s, const struct decision *a,
    const struct request_head *h, bool last, struct err *e)
{
	struct query *q = db_query(decision_prepared[Q_APPROVE]);
	char object[24], digest[65];

	q_i64(q, 1, h->number);
	q_i64(q, 2, s->account);
	q_i64(q, 3, clock_now());
	q_blob_held(q, 4, h->digest, sizeof h->digest);
	q_str_held(q, 5, a->text);
	if (q_run(q, e) < 0)
		return -1;
	snprintf(object, sizeof object, "%lld", (long long)h->number);
	hex_encode(digest, h->digest, sizeof h->digest);
	return audit_add(s, "request.approve", "request", object,
	    OUTCOME_DONE, e, "digest %s%s%s%s", digest,
	    last ? ", the last one" : "", a->text[0] ? ", note: " : "",
	    a->text);
}

int
serve_request_approve(struct seat *s, const struct decision *a,
    struct request *r, struct err *e)
{
	struct request_head h;
	char last[33];
	int64_t needed, have;
	bool enough;

	/* all that can be refused comes before the first row: dispatch.c gives
	 * this question no savepoint of its own */
	if (request_head_load(a->number, &h, e) < 0)
		return -1;
	if (approval_check(s, a, &h, e) < 0 ||
	    statement_check(s, a, &h, e) < 0)
		return refuse_decision(s, "request.approve", h.number, e);
	if (request_approvals_needed(&h, &needed, e) < 0 ||
	    request_approvals(&h, true, &have, last, e) < 0)
		return -1;
	enough = have + 1 >= needed;
	if (enough && issue_possible(&h, e) < 0)
		return refuse_decision(s, "request.approve", h.number, e);
	if (approval_add(s, a, &h, enough, e) < 0 ||
	    statement_keep(s, a, &h, e) < 0 ||
	    (enough && issue_begin(&h, e) < 0))
		return -1;
	change_push("request", h.number, h.account, enough ? "" :
	    "One approval more of your request");
	if (!enough)
		return request_reload(h.number, r, e);
	NOUN_CLEAR(request, r);
	r->row.number = h.number;
	r->row.state = REQUEST_APPROVED;
	return 0;
}

/* ---- refusing ---- */

int
request_refused(int64_t number, const char *why, struct err *e)
{
	struct request_head h;
	struct query *q = db_query(decision_prepared[Q_REASON]);
	char n[24], text[256];
	const struct blank blanks[] = {
		{ "NUMBER", n }, { "DOMAIN", h.first }, { "REASON", why },
		{ "ACCOUNT", h.account_name },
	};

	q_i64(q, 1, number);
	q_str(q, 2, why);
	if (q_run(q, e) < 0 || request_head_load(number, &h, e) < 0 ||
	    request_move(number, h.state, REQUEST_REFUSED, e) < 0)
		return -1;
	snprintf(n, sizeof n, "%lld", (long long)number);
	snprintf(text, sizeof text, "Request %s was refused", n);
	change_push("request", number, h.account, text);
	return account_tell("refused", h.account, false, blanks,
	    sizeof blanks / sizeof blanks[0], e);
}

int
serve_request_refuse(struct seat *s, const struct decision *a,
    struct request *r, struct err *e)
{
	struct request_head h;
	char object[24];

	if (a->text[strspn(a->text, " \t\r\n")] == '\0')
		return err_set(e, ERR_BAD_INPUT, "refuse-reason",
		    "a refusal says why: `refuse %lld --reason TEXT`",
		    (long long)a->number);
	if (request_head_load(a->number, &h, e) < 0)
		return -1;
	if (open_check(&h, a, e) < 0)
		return refuse_decision(s, "request.refuse", h.number, e);
	snprintf(object, sizeof object, "%lld", (long long)h.number);
	if (request_refused(h.number, a->text, e) < 0 ||
	    audit_add(s, "request.refuse", "request", object, OUTCOME_DONE, e,
	    "reason: %s", a->text) < 0)
		return -1;
	return request_reload(h.number, r, e);
}
