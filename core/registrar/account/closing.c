/*
 * closing.c - a member leaves: certificates are revoked or stand in the way,
 * then everything personal goes.
 *
 * What stays: the row of the account with its name and nothing else, so that
 * no other member ever gets the name, and so that the log, which has it in
 * the clear as the object of entries, can be read; certificates, their
 * requests and proven names, which are public; approvals, which prove that
 * two people stood behind each certificate.  Of the log the openings of the
 * commitments go (actor, key, source, detail, salt): the chain still holds,
 * as it hangs on the commitments.
 */
#include "core/registrar/account/contact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/account/recover.h"
#include "core/registrar/request/request.h"
#include "core/registrar/revocation/revocation.h"
#include "core/registrar/sitting.h"
#include "core/registrar/letter/reminder.h"

#define LISTED 50		/* certificates named when they stand in the way */

enum { Q_LIVE, Q_SIGNING, Q_ENDING, Q_WAITING, Q_ROW, Q_ERASE_FIRST,
	Q_KEYS = Q_ERASE_FIRST, Q_CONTACTS, Q_MUTED, Q_UNSEEN, Q_ACCEPTANCE,
	Q_RECOVERY, Q_INVITATIONS, Q_LOOKUPS, Q_CHALLENGES, Q_DOMAINS, Q_REQUESTS, Q_BODIES, Q_LETTERS,
	Q_THROTTLE, Q_LOG_OWN, Q_LOG_OBJECT, Q_LOG_LETTERS, Q_LOG_REFUSED,
	Q_ERASE_LAST = Q_LOG_REFUSED, Q_LOG_SENT, Q_SENT, Q_REFUSERS };
#define OPENINGS "UPDATE audit SET actor = NULL, key = NULL, source = NULL," \
    " detail = NULL, salt = NULL WHERE salt IS NOT NULL AND "
#define OFFICERS "('staff', 'auditor', 'finance', 'director')"
#define REFUSED_OF(actions) "noun = 'request' AND action IN (" actions ")" \
    " AND object IN (SELECT CAST(number AS TEXT) FROM request" \
    " WHERE account = ?1)"
#define LEFT_SINCE " WHERE state IN ('sent', 'failed')" \
    " AND recipient <> '' AND account IN" \
    " (SELECT number FROM account WHERE state = 'closed')"
/* ?1 is the account, ?2 its name. */
static const char *const sql[] = {
	[Q_LIVE] = "SELECT c.number, c.request, c.serial, c.issued,"
	    " c.not_after, r.first FROM certificate c"
	    " JOIN request r ON r.number = c.request"
	    " WHERE c.account = ?1 AND c.state = 'good'"
	    " AND c.not_after > ?2 ORDER BY c.number",
	[Q_SIGNING] = "SELECT number FROM request WHERE account = ?1"
	    " AND state = 'approved' LIMIT 1",
	[Q_ENDING] = "SELECT 'request', CAST(number AS TEXT) FROM request"
	    " WHERE account = ?1 AND state = 'awaiting' UNION ALL"
	    " SELECT 'domain', name FROM domain WHERE account = ?1"
	    " AND state = 'proven'",
	[Q_WAITING] = "UPDATE request SET state = 'withdrawn', decided = ?2"
	    " WHERE account = ?1 AND state = 'awaiting'",
	[Q_ROW] = "UPDATE account SET email = '', last_login = 0,"
	    " code_hash = NULL, code_expires = 0, code_tries = 0, plain = 0"
	    " WHERE number = ?1",
	[Q_KEYS] = "DELETE FROM ssh_key WHERE account = ?1",
	[Q_CONTACTS] = "DELETE FROM contact WHERE account = ?1",
	[Q_MUTED] = "DELETE FROM muted WHERE account = ?1",
	[Q_UNSEEN] = "DELETE FROM revocation_unseen WHERE account = ?1",
	[Q_ACCEPTANCE] = "UPDATE acceptance SET fingerprint = ''"
	    " WHERE account = ?1",
	[Q_RECOVERY] = "DELETE FROM recovery WHERE account = ?1",
	[Q_INVITATIONS] = "DELETE FROM invitation WHERE account = ?1",
	[Q_LOOKUPS] = "DELETE FROM lookup WHERE account = ?1",
	[Q_CHALLENGES] = "UPDATE challenge SET mailbox = '', state ="
	    " CASE WHEN state IN ('waiting', 'sent') THEN 'replaced'"
	    " ELSE state END WHERE domain IN"
	    " (SELECT number FROM domain WHERE account = ?1)",
	[Q_DOMAINS] = "UPDATE domain SET state = 'dropped', mailbox = ''"
	    " WHERE account = ?1",
	[Q_REQUESTS] = "UPDATE request SET note = '', refusal = ''"
	    " WHERE account = ?1",
	/* four zero bytes: a list of no findings */
	[Q_BODIES] = "UPDATE request_body SET csr = x'',"
	    " findings = x'00000000' WHERE request IN"
	    " (SELECT number FROM request WHERE account = ?1)",
	/* those that wait still leave; Q_SENT takes them then */
	[Q_LETTERS] = "UPDATE notice SET recipient = '', subject = '',"
	    " blanks = x'', calendar = '', reply = '' WHERE account = ?1"
	    " AND state IN ('sent', 'failed')",
	[Q_THROTTLE] = "DELETE FROM throttle WHERE whose = ?2"
	    " OR (whose = ?3 AND kind NOT LIKE '%source')",
	/* what somebody did in a role is the authority's to answer for */
	[Q_LOG_OWN] = OPENINGS "actor = ?2 AND role IN ('member', 'guest')",
	[Q_LOG_OBJECT] = OPENINGS "noun = 'account' AND object = ?2"
	    " AND (actor = ?2 OR role NOT IN " OFFICERS ")",
	[Q_LOG_LETTERS] = OPENINGS "noun = 'notice' AND object IN (SELECT"
	    " CAST(number AS TEXT) FROM notice WHERE account = ?1)",
	[Q_LOG_REFUSED] = OPENINGS
	    REFUSED_OF("'request.refuse', 'request.withdraw'"),
	[Q_REFUSERS] = "SELECT number, object, actor, role, key FROM audit"
	    " WHERE salt IS NOT NULL AND role IN " OFFICERS " AND "
	    REFUSED_OF("'request.refuse'"),
	/* letters of closed accounts that have left since, and their entries */
	[Q_LOG_SENT] = OPENINGS "noun = 'notice' AND object IN (SELECT"
	    " CAST(number AS TEXT) FROM notice" LEFT_SINCE ")",
	[Q_SENT] = "UPDATE notice SET recipient = '', subject = '',"
	    " blanks = x'', calendar = '', reply = ''" LEFT_SINCE,
};
DB_STATEMENTS(closing, sql)

/* ---- certificates ---- */

static int
live_load(int64_t account, int64_t **numbers, struct closing *r,
    struct err *e)
{
	struct query *q = db_query(closing_prepared[Q_LIVE]);
	size_t n = 0;
	int have;

	q_i64(q, 1, account);
	q_i64(q, 2, clock_now());
	while ((have = q_next(q, e)) == 1) {
		struct certificate_row *c = NULL;

		*numbers = list_grow(*numbers, &n, sizeof **numbers);
		(*numbers)[n - 1] = q_col_i64(q, 0);
		if (n > LISTED)
			continue;
		c = LIST_ADD(r, certificates);
		c->request = q_col_i64(q, 1);
		q_col_str(q, 2, c->serial, sizeof c->serial);
		c->issued = q_col_i64(q, 3);
		c->not_after = q_col_i64(q, 4);
		q_col_str(q, 5, c->first, sizeof c->first);
		c->state = CERTIFICATE_GOOD;
	}
	r->good = (int64_t)n;
	return have;
}

static int
all_revoke(const struct seat *s, const int64_t *numbers, struct closing *r,
    struct err *e)
{
	const struct revoker d = { .seat = s, .as = ROLE_MEMBER,
		.reason = REASON_CESSATION };

	for (int64_t i = 0; i < r->good; i++) {
		struct target t = { 0 };
		int have = target_load(numbers[i], &t, e);

		if (have < 0 || (have == 1 && t.good &&
		    certificate_revoke(&d, &t, e) < 0))
			return -1;
		r->revoked++;
	}
	return 0;
}

/* The signer has it in hand: its certificate would come to nobody. */
static int
signing_check(int64_t account, struct err *e)
{
	struct query *q = db_query(closing_prepared[Q_SIGNING]);
	int64_t number = 0;
	int have;

	q_i64(q, 1, account);
	if ((have = q_next(q, e)) == 1)
		number = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	return have == 0 ? 0 : err_set(e, ERR_CONFLICT, "close-signing",
	    "Request %lld is approved and waits for the signer; close the account when its certificate has come.",
	    (long long)number);
}

/* ---- erasing ---- */

static int
letter_last(const struct seat *s, const struct closing *r, struct err *e)
{
	char revoked[24];
	const struct blank blanks[] = {
		{ "NAME", s->account_name }, { "REVOKED", revoked },
		{ "FINGERPRINT", s->fingerprint },
	};

	snprintf(revoked, sizeof revoked, "%lld", (long long)r->revoked);
	return account_tell("closed", s->account, false, blanks,
	    sizeof blanks / sizeof blanks[0], e);
}

static int
personal_erase(const struct seat *s, struct err *e)
{
	struct account own = { 0 };
	char account[24];

	snprintf(account, sizeof account, "%lld", (long long)s->account);
	if (account_load(s->account, &own, e) < 0)
		return -1;
	for (int i = Q_ERASE_FIRST; i <= Q_ERASE_LAST; i++) {
		struct query *q = db_query(closing_prepared[i]);

		if (i == Q_LOG_OWN || i == Q_LOG_OBJECT) {
			q_str(q, 2, s->account_name);
		} else if (i == Q_THROTTLE) {
			q_str(q, 2, own.email);
			q_str(q, 3, account);
		} else {
			q_i64(q, 1, s->account);
		}
		if (q_run(q, e) < 0)
			return -1;
	}
	return 0;
}

/* What ends with the account, so that the log alone can count what is left. */
static int
endings_keep(int64_t account, struct err *e)
{
	struct query *q = db_query(closing_prepared[Q_ENDING]);
	char noun[16], object[256];
	int have;

	q_i64(q, 1, account);
	while ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, noun, sizeof noun);
		q_col_str(q, 1, object, sizeof object);
		if (audit_add(NULL, strcmp(noun, "request") == 0 ?
		    "request.withdraw" : "domain.end", noun, object,
		    OUTCOME_DONE, e, "the account was closed") < 0) {
			q_end(q);
			return -1;
		}
	}
	return have;
}

/* Whose refusals they were whose words are erased. */
static int
refusers_keep(int64_t account, struct err *e)
{
	struct query *q = db_query(closing_prepared[Q_REFUSERS]);
	char object[96], actor[33], role[16], key[64];
	int have;

	q_i64(q, 1, account);
	while ((have = q_next(q, e)) == 1) {
		int64_t number = q_col_i64(q, 0);

		q_col_str(q, 1, object, sizeof object);
		q_col_str(q, 2, actor, sizeof actor);
		q_col_str(q, 3, role, sizeof role);
		q_col_str(q, 4, key, sizeof key);
		if (audit_add(NULL, "request.refuser", "request", object,
		    OUTCOME_DONE, e, "entry %lld was by %s (%s), key %s",
		    (long long)number, actor, role, key) < 0) {
			q_end(q);
			return -1;
		}
	}
	return have;
}

static int
account_shut(struct seat *s, const struct closing *r, struct err *e)
{
	struct seat nobody = { .role = s->role };
	struct waiting_recovery w;
	struct account own = { 0 };
	struct query *q = NULL;
	int have;

	if (account_load(s->account, &own, e) < 0 ||
	    (have = recovery_waiting_load(s->account, &w, e)) < 0 ||
	    (have == 1 && recovery_end(&w, RECOVERY_STOPPED, e) < 0) ||
	    letter_last(s, r, e) < 0)
		return -1;
	if (endings_keep(s->account, e) < 0 ||
	    refusers_keep(s->account, e) < 0)
		return -1;
	q = db_query(closing_prepared[Q_WAITING]);
	q_i64(q, 1, s->account);
	q_i64(q, 2, clock_now());
	if (q_run(q, e) < 0 || account_move(s->account, own.state,
	    ACCOUNT_CLOSED, e) < 0 || personal_erase(s, e) < 0)
		return -1;
	q = db_query(closing_prepared[Q_ROW]);
	q_i64(q, 1, s->account);
	if (q_run(q, e) < 0)
		return -1;
	/* the entry itself says nothing that would have to be erased */
	return audit_add(&nobody, "account.close", "account",
	    s->account_name, OUTCOME_DONE, e, "%lld certificates revoked",
	    (long long)r->revoked);
}

int
serve_account_close(struct seat *s, const struct closing_wish *a,
    struct closing *r, struct err *e)
{
	int64_t *numbers = NULL;
	int rc = -1;

	if (strcmp(a->name, s->account_name) != 0)
		return err_set(e, ERR_BAD_INPUT, "close-confirm",
		    "To close this account type its name: close-account --confirm %s",
		    s->account_name);
	if (s->role != ROLE_MEMBER)
		return err_set(e, ERR_REFUSED, "close-role",
		    "Your account has the role %s; who acts for the authority first gives the role back: a director says ungrant %s, on the host it is xmpp-icactl account role",
		    word_of(&role_words, s->role), s->account_name);
	if (signing_check(s->account, e) < 0 ||
	    live_load(s->account, &numbers, r, e) < 0)
		goto out;
	if (r->good > 0 && !a->revoke) {
		rc = audit_add(s, "account.close", "account",
		    s->account_name, OUTCOME_REFUSED, e,
		    "%lld good certificates", (long long)r->good);
		goto out;
	}
	if (all_revoke(s, numbers, r, e) < 0 || account_shut(s, r, e) < 0)
		goto out;
	r->closed = true;
	change_push("account", s->account, 0, "");
	seats_forget(s->account);
	rc = 0;
out:
	free(numbers);
	return rc;
}

void
closing_sweep(void)
{
	struct query *q = db_query(closing_prepared[Q_LOG_SENT]);
	struct err e = { 0 };

	if (q_run(q, &e) < 0 ||
	    q_run(db_query(closing_prepared[Q_SENT]), &e) < 0)
		log_warn("letters of closed accounts stay: %s", e.text);
}
LOOP_TIMER(closing, 10, closing_sweep)
