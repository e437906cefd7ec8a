/* halt_deed.c - what people sign before issuing goes on, and the director for
 * the policy in force. */
#include "core/registrar/deed.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/halt.h"
#include "core/x509/statement.h"

enum { Q_HALT, Q_READ };
static const char *const sql[] = {
	[Q_HALT] = "SELECT h.number, h.at, a.name, h.reason FROM halt h"
	    " JOIN account a ON a.number = h.account WHERE h.resumed = 0",
	[Q_READ] = "SELECT 1 FROM acknowledgement WHERE policy = ?1 LIMIT 1",
};
DB_STATEMENTS(halt_deed, sql)

/* The object is the halt's own number, so that a signature for one is none
 * for the next. */
int
resume_deed(const struct seat *s, const char *object, struct deed *d,
    char asker[33], struct err *e)
{
	struct query *q = db_query(halt_deed_prepared[Q_HALT]);
	char at[TIME_TEXT_SIZE], by[33], reason[256];
	int have;

	(void)s;
	(void)object;
	(void)asker;
	if ((have = q_next(q, e)) == 1) {
		snprintf(d->object, sizeof d->object, "%lld",
		    (long long)q_col_i64(q, 0));
		time_text(at, q_col_i64(q, 1));
		q_col_str(q, 2, by, sizeof by);
		q_col_str(q, 3, reason, sizeof reason);
		deed_put(d, "halted-since", "%s", at);
		deed_put(d, "halted-by", "%s", by);
		deed_put(d, "reason", "%s", reason);
	}
	q_end(q);
	return have == 1 ? 0 : have < 0 ? -1 : err_set(e, ERR_CONFLICT,
	    "halt", "issuing is not halted");
}

int
policy_deed(const struct seat *s, const char *object, struct deed *d,
    char asker[33], struct err *e)
{
	struct query *q = db_query(halt_deed_prepared[Q_READ]);
	int have;

	(void)s;
	(void)object;
	(void)asker;
	q_str(q, 1, policy_hash());
	have = q_next(q, e);
	q_end(q);
	if (have != 0)
		return have < 0 ? -1 : err_set(e, ERR_CONFLICT,
		    "policy-hash", "policy %s is acknowledged already",
		    conf.policy_version);
	str_copy(d->object, sizeof d->object, conf.policy_version);
	deed_put(d, "version", "%s", conf.policy_version);
	deed_put(d, "sha256", "%s", policy_hash());
	return 0;
}
