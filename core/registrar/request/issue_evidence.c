/* issue_evidence.c - a row alone yields no certificate (J3.2): who approved, what
 * the audit log knows of it, and is the key the one that was submitted? */
#include "core/registrar/request/issue.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/x509/hash.h"

enum { Q_EVIDENCE, Q_SPKI };

static const char *const sql[] = {
	[Q_EVIDENCE] = "SELECT total(action = 'request.submit'),"
	    " total(action = 'request.approve') FROM audit"
	    " WHERE noun = 'request' AND object = ?1 AND outcome = 'done'",
	[Q_SPKI] = "SELECT spki FROM request_body WHERE request = ?1",
};
DB_STATEMENTS(issue_evidence, sql)

static int
audit_count(int64_t request, int64_t *submitted, int64_t *approved,
    struct err *e)
{
	struct query *q = db_query(issue_evidence_prepared[Q_EVIDENCE]);
	char object[24];
	int r;

	*submitted = *approved = 0;
	snprintf(object, sizeof object, "%lld", (long long)request);
	q_str(q, 1, object);
	while ((r = q_next(q, e)) == 1) {
		*submitted = q_col_i64(q, 0);
		*approved = q_col_i64(q, 1);
	}
	return r;
}

/* Who answers for it: the last approver, or the rule that asks for none. */
int
issue_approver(const struct request_head *h, char approver[33], struct err *e)
{
	int64_t have, needed, submitted, approved;

	if (request_approvals(h, false, &have, approver, e) < 0 ||
	    audit_count(h->number, &submitted, &approved, e) < 0)
		return -1;
	if (have == 0) {
		if (request_approvals_needed(h, &needed, e) < 0)
			return -1;
		if (needed > 0)
			return err_set(e, ERR_REFUSED, "issue-evidence",
			    "request %lld was approved by nobody; submit it again",
			    (long long)h->number);
		str_copy(approver, 33, word_of(&role_words, ROLE_SYSTEM));
	}
	if (submitted < 1 || approved < have)
		return err_set(e, ERR_REFUSED, "issue-evidence",
		    "the audit log does not know how request %lld came to be approved; submit it again",
		    (long long)h->number);
	return 0;
}

int
issue_spki(const struct request_head *h, struct blob *spki, struct err *e)
{
	struct query *q = db_query(issue_evidence_prepared[Q_SPKI]);
	const uint8_t *p = NULL;
	uint8_t hash[32];
	size_t size = 0;
	int r;

	q_i64(q, 1, h->number);
	if ((r = q_next(q, e)) < 0)
		return -1;
	if (r == 1) {
		p = q_col_blob(q, 0, &size);
		blob_set(spki, p, size);
		q_end(q);
	}
	sha256(hash, spki->data, spki->size);
	if (memcmp(hash, h->spki_sha256, sizeof hash) != 0)
		return err_set(e, ERR_REFUSED, "issue-evidence",
		    "the key of request %lld is not the one that was submitted",
		    (long long)h->number);
	return 0;
}
