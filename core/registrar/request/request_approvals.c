/* request_approvals.c - how many approvals a request needs, and which of those
 * that it has count. */
#include "core/registrar/request/request.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/signing.h"
#include "core/registrar/db.h"
#include "core/x509/statement.h"
#include "core/registrar/policy.h"
#include "core/x509/names.h"

#define HIGH_VALUE_APPROVALS 2

enum { Q_COUNT_APPROVALS, Q_DOMAINS, Q_RENEWED, Q_SAME_DOMAINS };

static const char *const sql[] = {
	[Q_COUNT_APPROVALS] = "SELECT a.name, p.number FROM approval p"
	    " JOIN account a ON a.number = p.account WHERE p.request = ?1"
	    " AND p.account <> ?2 AND p.digest = ?3 AND (?4 = 0"
	    " OR (a.role = 'staff' AND a.state = 'active'))",
	[Q_DOMAINS] = "SELECT domain FROM request_domain"
	    " WHERE request = ?1 ORDER BY place",
	[Q_RENEWED] = "SELECT c.request, r.profile FROM certificate c"
	    " JOIN request r ON r.number = c.request WHERE c.serial = ?1"
	    " AND c.account = ?2 AND c.state = 'good' AND c.not_after > ?3",
	/* as many here as there, and all of them in both */
	[Q_SAME_DOMAINS] = "SELECT"
	    " (SELECT count(*) FROM request_domain x WHERE x.request = ?1),"
	    " (SELECT count(*) FROM request_domain y WHERE y.request = ?2),"
	    " (SELECT count(*) FROM request_domain x JOIN request_domain y"
	    " ON y.domain = x.domain WHERE x.request = ?1"
	    " AND y.request = ?2)",
};
DB_STATEMENTS(request_approvals, sql)

/* 1 when the request renews a good certificate and asks for nothing else. */
static int
is_plain_renewal(const struct request_head *h, struct err *e)
{
	struct query *q = NULL;
	char profile[32];
	int64_t old, here, there, both;
	int r;

	if (h->renews[0] == '\0' || !conf.policy_renew_without_staff)
		return 0;
	q = db_query(request_approvals_prepared[Q_RENEWED]);
	q_str(q, 1, h->renews);
	q_i64(q, 2, h->account);
	q_i64(q, 3, clock_now());
	if ((r = q_next(q, e)) != 1)
		return r;
	old = q_col_i64(q, 0);
	q_col_str(q, 1, profile, sizeof profile);
	q_end(q);
	if (strcmp(profile, h->profile) != 0)
		return 0;
	q = db_query(request_approvals_prepared[Q_SAME_DOMAINS]);
	q_i64(q, 1, h->number);
	q_i64(q, 2, old);
	if ((r = q_next(q, e)) != 1)
		return r;
	here = q_col_i64(q, 0);
	there = q_col_i64(q, 1);
	both = q_col_i64(q, 2);
	q_end(q);
	return here == there && here == both;
}

/* 1 when one of its domains is of those that two people look at. */
static int
is_high_value(int64_t number, struct err *e)
{
	struct query *q = db_query(request_approvals_prepared[Q_DOMAINS]);
	char domain[DOMAIN_SIZE];
	int r;

	q_i64(q, 1, number);
	while ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, domain, sizeof domain);
		if (!policy_is_high_value(domain))
			continue;
		q_end(q);
		return 1;
	}
	return r;
}

int
request_approvals_needed(const struct request_head *h, int64_t *needed,
    struct err *e)
{
	int plain = is_plain_renewal(h, e), high;

	if (plain < 0)
		return -1;
	/* what must be signed by a person is signed by a person */
	if (signing_for_profile(conf.policy_signed_approvals, h->profile)) {
		plain = 0;
		*needed = conf.policy_approvals < 1 ? 1 :
		    conf.policy_approvals;
	} else {
		*needed = plain ? 0 : conf.policy_approvals;
	}
	if (plain || *needed >= HIGH_VALUE_APPROVALS)
		return 0;
	if ((high = is_high_value(h->number, e)) == 1)
		*needed = HIGH_VALUE_APPROVALS;
	return high < 0 ? -1 : 0;
}

int
request_approvals(const struct request_head *h, bool of_now, int64_t *count,
    char last_approver[33], struct err *e)
{
	struct query *q = db_query(request_approvals_prepared[Q_COUNT_APPROVALS]);
	int64_t last = 0;
	int r;

	*count = 0;
	last_approver[0] = '\0';
	q_i64(q, 1, h->number);
	q_i64(q, 2, h->account);
	q_blob(q, 3, h->digest, sizeof h->digest);
	q_i64(q, 4, of_now);
	while ((r = q_next(q, e)) == 1) {
		++*count;
		if (q_col_i64(q, 1) < last)
			continue;
		last = q_col_i64(q, 1);
		q_col_str(q, 0, last_approver, 33);
	}
	return r;
}
