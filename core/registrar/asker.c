/* asker.c - may who asks ask this now?  Role and state count at each question,
 * and with a full disk only what must go on does. */
#include "core/registrar/asker.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/registrar.h"

enum { Q_SITTER };
static const char *const sql[] = {
	/* a role that is given for a time ends to the second */
	[Q_SITTER] = "SELECT CASE WHEN EXISTS (SELECT 1 FROM role_grant g"
	    " WHERE g.account = a.number AND g.state = 'held'"
	    " AND g.until <> 0 AND g.until <= ?3) THEN 'member'"
	    " ELSE a.role END, a.state FROM ssh_key k"
	    " JOIN account a ON a.number = k.account"
	    " WHERE k.fingerprint = ?1 AND a.number = ?2",
};
DB_STATEMENTS(asker, sql)

/* Suspended: what is one's own may be seen and revoked, nothing else. */
static bool
allowed_suspended(enum op op)
{
	switch (op) {
	case OP_whoami:
	case OP_agreement_get:
	case OP_key_list:
	case OP_contact_list:
	case OP_recovery_stop:
	case OP_domain_list:
	case OP_domain_get:
	case OP_request_list:
	case OP_request_get:
	case OP_certificate_list:
	case OP_certificate_get:
	case OP_answer_get:
	case OP_revocation_add:
	case OP_revocation_challenge:
	case OP_revocation_prove:
	case OP_revocation_seen:
		return true;
	default:
		return false;
	}
}

/* Role and state as they are now; account and key must still belong
 * together.  0, or -1: the seat loses its ground. */
static int
sitter_load(struct seat *s, enum role *role, bool *suspended, struct err *e)
{
	struct query *q = db_query(asker_prepared[Q_SITTER]);
	char word[16], state[16];
	int have, v;

	q_str(q, 1, s->fingerprint);
	q_i64(q, 2, s->account);
	q_i64(q, 3, clock_now());
	if ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, word, sizeof word);
		q_col_str(q, 1, state, sizeof state);
		v = word_parse(&role_words, word);
		*suspended = strcmp(state, "suspended") == 0;
		if (v >= 0 && (*suspended || strcmp(state, "active") == 0))
			*role = (enum role)v;
		else
			have = 0;
	}
	q_end(q);
	if (have == 0) {
		s->hang_up = true;
		return err_set(e, ERR_REFUSED, "account-state",
		    "This key opens no account any more.");
	}
	return have < 0 ? -1 : 0;
}

/* The role counts at each action (S7 of the security note). */
int
asker_check(struct seat *s, enum op op, enum role *role, struct err *e)
{
	bool suspended = false;

	*role = s->role;
	if (s->account == 0)
		return 0;
	if (sitter_load(s, role, &suspended, e) < 0)
		return -1;
	if (suspended) {
		*role = ROLE_MEMBER;	/* no power over others */
		if (!allowed_suspended(op))
			return err_set(e, ERR_REFUSED, "account-state",
			    "This account is suspended: you may look at what is yours, and revoke it. Please write to the staff of %s.",
			    conf.service_name);
	}
	if (!op_allows(op, *role))
		return err_set(e, ERR_REFUSED, "role",
		    "Your role is %s now; it does not allow this.",
		    word_of(&role_words, *role));
	return 0;
}

/* With the reserve spent only what must go on goes on. */
int
asker_room(enum op op, struct err *e)
{
	if (!db_low())
		return 0;
	switch (op) {
	case OP_account_register:
	case OP_domain_add:
	case OP_key_add:
	case OP_account_recover:
	case OP_contact_add:
	case OP_draft_put:
	case OP_live_check:
	case OP_person_invite:
	case OP_request_submit:
	case OP_request_statement:
	case OP_request_approve:
	case OP_operator_account_add:
	/* the signer would do what nobody could write down */
	case OP_role_grant_add:
	case OP_role_grant_confirm:
	case OP_policy_acknowledge:
	case OP_halt_resume:
	case OP_issuer_confirm:
		return err_set(e, ERR_UNAVAILABLE, "disk-full",
		    "The authority's disk is full; only revocation goes on. Try again later.");
	default:
		return 0;
	}
}
