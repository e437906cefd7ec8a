/* revocation_key.c - a certificate taken back together with its key: the other
 * good certificates that have it, and the key blocked (S7.3, S7.6). */
#include "core/registrar/revocation/revocation.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/registrar/db.h"
#include "core/registrar/request/request.h"

#define SAME_KEY_ROWS 500	/* shown, or revoked in one step */

enum { Q_SAME, Q_BLOCKED };

static const char *const sql[] = {
	/* ?4: only those of this account; 0 all */
	[Q_SAME] = "SELECT c.request, c.serial, a.name, r.first, c.issued,"
	    " c.not_after, c.number FROM request r"
	    " JOIN certificate c ON c.request = r.number"
	    " JOIN account a ON a.number = c.account"
	    " WHERE r.spki_sha256 = ?1 AND c.number <> ?2"
	    " AND c.state = 'good' AND c.not_after > ?3"
	    " AND (?4 = 0 OR c.account = ?4) ORDER BY r.number LIMIT ?5",
	[Q_BLOCKED] = "SELECT 1 FROM blocked_key WHERE spki_sha256 = ?1",
};
DB_STATEMENTS(revocation_key, sql)

/* Who proved that he holds the key speaks for all of its certificates; a
 * member for his own; staff for all. */
static int64_t
sees_only(const struct revoker *d)
{
	return d->as == ROLE_STAFF || d->as == ROLE_GUEST ? 0 :
	    d->seat->account;
}

/* Their numbers too, when `numbers` is given (to be freed). */
static int
same_key_load(const struct revoker *d, const struct target *t,
    struct revocation *r, int64_t **numbers, struct err *e)
{
	struct query *q = db_query(revocation_key_prepared[Q_SAME]);
	size_t n = 0;
	int have;

	q_blob(q, 1, t->spki_sha256, sizeof t->spki_sha256);
	q_i64(q, 2, t->number);
	q_i64(q, 3, clock_now());
	q_i64(q, 4, sees_only(d));
	q_i64(q, 5, SAME_KEY_ROWS);
	while ((have = q_next(q, e)) == 1) {
		struct certificate_row *c = LIST_ADD(r, same_key);

		c->request = q_col_i64(q, 0);
		q_col_str(q, 1, c->serial, sizeof c->serial);
		q_col_str(q, 2, c->account, sizeof c->account);
		q_col_str(q, 3, c->first, sizeof c->first);
		c->issued = q_col_i64(q, 4);
		c->not_after = q_col_i64(q, 5);
		c->state = CERTIFICATE_GOOD;
		if (numbers != NULL) {
			*numbers = list_grow(*numbers, &n, sizeof **numbers);
			(*numbers)[n - 1] = q_col_i64(q, 6);
		}
	}
	return have;
}

static int
same_key_revoke(const struct revoker *d, struct revocation *r,
    const int64_t *numbers, struct err *e)
{
	for (size_t i = 0; i < r->n_same_key; i++) {
		struct target t = { 0 };

		if (target_load(numbers[i], &t, e) < 0 ||
		    certificate_revoke(d, &t, e) < 0)
			return -1;
		r->same_key[i].state = CERTIFICATE_REVOKED;
		r->revoked_too++;
	}
	return 0;
}

/* A compromise counts for the key also when another reason came first. */
static int
key_block_late(const struct revoker *d, const struct target *t, struct err *e)
{
	struct query *q = db_query(revocation_key_prepared[Q_BLOCKED]);
	int have;

	q_blob(q, 1, t->spki_sha256, sizeof t->spki_sha256);
	have = q_next(q, e);
	q_end(q);
	if (have != 0)
		return have < 0 ? -1 : 0;
	if (key_block(t->spki_sha256, "reported as compromised", e) < 0)
		return -1;
	return audit_add(d->seat, "key.block", "certificate", t->serial,
	    OUTCOME_DONE, e, "compromised, said by %s; revoked before",
	    revoker_shown(d));
}

int
certificate_take_back(const struct revoker *d, const struct target *t, bool all,
    struct revocation *r, struct err *e)
{
	int64_t *numbers = NULL;
	int have = revocation_first(t->number, r, e), rc = -1;

	if (have < 0)
		return -1;
	if (have == 0 && certificate_revoke(d, t, e) < 0)
		return -1;
	if (have == 1 && d->reason == REASON_KEY_COMPROMISE &&
	    key_block_late(d, t, e) < 0)
		return -1;
	if (have == 0 && revocation_first(t->number, r, e) < 0)
		return -1;
	if (!all && d->reason != REASON_KEY_COMPROMISE)
		return 0;
	if (same_key_load(d, t, r, &numbers, e) < 0)
		goto out;
	if (all && same_key_revoke(d, r, numbers, e) < 0)
		goto out;
	rc = 0;
out:
	free(numbers);
	return rc;
}
