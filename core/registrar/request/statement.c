/* statement.c - statements of approvals: shown, and their signatures kept for
 * the signer.  Nothing here is believed by him. */
#include "core/registrar/request/statement.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/signing.h"
#include "core/registrar/db.h"
#include "core/wire/ask.h"
#include "core/x509/hash.h"
#include "core/x509/sshsig.h"
#include "core/x509/statement.h"

#define SIGNER_MS 5000

enum { Q_SHOWN, Q_SHOWN_AT, Q_KEEP, Q_ALL, Q_SPKI };
static const char *const sql[] = {
	[Q_SHOWN] = "INSERT INTO approval_statement (request, account, at,"
	    " signature) VALUES (?1, ?2, ?3, x'')"
	    " ON CONFLICT (request, account) DO UPDATE SET at = ?3",
	[Q_SHOWN_AT] = "SELECT at FROM approval_statement"
	    " WHERE request = ?1 AND account = ?2",
	[Q_KEEP] = "UPDATE approval_statement SET signature = ?3"
	    " WHERE request = ?1 AND account = ?2",
	[Q_ALL] = "SELECT a.name, s.at, s.signature"
	    " FROM approval_statement s JOIN account a"
	    " ON a.number = s.account WHERE s.request = ?1"
	    " AND length(s.signature) > 0 AND s.at >= ?2"
	    " AND a.role = 'staff' AND a.state = 'active' ORDER BY s.account",
	[Q_SPKI] = "SELECT spki FROM request_body WHERE request = ?1",
};
DB_STATEMENTS(statement, sql)

static bool
wanted(const char *profile)
{
	return signing_for_profile(conf.policy_signed_approvals, profile);
}

/* What the signer will be asked for, as far as a statement speaks of it. */
static int
wish_load(const struct request_head *h, struct sign_wish *w, struct err *e)
{
	struct query *q = NULL;
	const uint8_t *p = NULL;
	size_t size = 0;
	int have;

	w->request = h->number;
	str_copy(w->profile, sizeof w->profile, h->profile);
	str_copy(w->subject_cn, sizeof w->subject_cn, h->subject_cn);
	str_copy(w->requester, sizeof w->requester, h->account_name);
	str_copy(w->policy, sizeof w->policy, policy_hash());
	memcpy(w->digest, h->digest, sizeof w->digest);
	if (request_names(h->number, &w->names, &w->n_names, e) < 0)
		return -1;
	q = db_query(statement_prepared[Q_SPKI]);
	q_i64(q, 1, h->number);
	if ((have = q_next(q, e)) == 1) {
		p = q_col_blob(q, 0, &size);
		blob_set(&w->spki, p, size);
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* Would the signer take it?  Only he knows whose keys count. */
static int
signer_ask(const struct request_head *h, const struct seat *s,
    const struct decision *a, int64_t at, struct err *e)
{
	struct sign_wish w = { 0 };
	struct approval_signature *one = NULL;
	struct none nothing = { 0 };
	struct line *l = signer_line(e);
	int r = -1;

	if (l == NULL)
		return -1;
	l->timeout_ms = SIGNER_MS;
	if (wish_load(h, &w, e) == 0) {
		one = LIST_ADD(&w, approvals);
		str_copy(one->approver, sizeof one->approver,
		    s->account_name);
		one->at = at;
		blob_set(&one->signature, a->signature.data,
		    a->signature.size);
		r = ask_sign_approval_check(l, &w, &nothing, e);
	}
	NOUN_CLEAR(sign_wish, &w);
	return r;
}

static int
text_make(const struct request_head *h, const char *by, int64_t at,
    struct buf *b, struct err *e)
{
	struct sign_wish w = { 0 };
	int r = wish_load(h, &w, e);

	if (r == 0)
		statement_approve(b, conf.service_name, &w, by, at);
	NOUN_CLEAR(sign_wish, &w);
	return r;
}

/* ---- shown ---- */

int
serve_request_statement(struct seat *s, const struct ref *a, struct text *r,
    struct err *e)
{
	struct request_head h;
	struct query *q = NULL;
	struct buf b = { 0 };
	int64_t number, now = clock_now();
	int done = -1;

	if (request_find(s, a->ref, &number, e) < 0 ||
	    request_head_load(number, &h, e) < 0)
		return -1;
	if (h.account == s->account)
		return err_set(e, ERR_REFUSED, "approval-own",
		    "nobody approves his own request; somebody else of the staff must look at %lld",
		    (long long)number);
	if (h.state != REQUEST_AWAITING)
		return err_set(e, ERR_CONFLICT, "request-state",
		    "request %lld is %s already; `show %lld` has the whole",
		    (long long)number,
		    word_of(&request_state_words, h.state),
		    (long long)number);
	q = db_query(statement_prepared[Q_SHOWN]);
	q_i64(q, 1, number);
	q_i64(q, 2, s->account);
	q_i64(q, 3, now);
	if (q_run(q, e) < 0)
		return -1;
	if (db_changes() != 1)
		return err_set(e, ERR_CONFLICT, "approval-twice",
		    "you have approved %lld already; it waits for somebody else",
		    (long long)number);
	if (text_make(&h, s->account_name, now, &b, e) == 0) {
		blob_set(&r->text, b.data, b.size);
		done = 0;
	}
	buf_clear(&b);
	return done;
}

static int
shown_at(const struct seat *s, int64_t number, int64_t *at, struct err *e)
{
	struct query *q = db_query(statement_prepared[Q_SHOWN_AT]);
	int have;

	q_i64(q, 1, number);
	q_i64(q, 2, s->account);
	*at = 0;
	if ((have = q_next(q, e)) == 1)
		*at = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	return *at > 0 ? 0 : err_set(e, ERR_REFUSED, "signed-approval",
	    "no statement was shown to you: `approve %lld --statement` first",
	    (long long)number);
}

/* ---- signed ---- */

int
statement_check(const struct seat *s, const struct decision *a,
    const struct request_head *h, struct err *e)
{
	struct sshsig sig;
	struct buf b = { 0 };
	int64_t at;
	int r = -1;

	if (a->signature.size == 0) {
		if (!wanted(h->profile))
			return 0;
		return err_set(e, ERR_REFUSED, "signed-approval",
		    "this approval must be signed by your SSH key: %s HOST approve %lld --statement | ssh-keygen -Y sign -n %s -f KEY | %s HOST approve %lld --signed",
		    ssh_words(), (long long)h->number, STATEMENT_SPACE,
		    ssh_words(), (long long)h->number);
	}
	if (shown_at(s, h->number, &at, e) < 0 || sshsig_parse(
	    a->signature.data, a->signature.size, &sig, e) < 0)
		return -1;
	if (at < clock_now() - STATEMENT_SECONDS)
		return err_set(e, ERR_REFUSED, "statement-time",
		    "a signed approval counts for a day: `approve %lld --statement` makes a new one",
		    (long long)h->number);
	if (text_make(h, s->account_name, at, &b, e) == 0)
		r = sshsig_verify(&sig, STATEMENT_SPACE, b.data, b.size,
		    conf.policy_signed_approvals_verified, e);
	buf_clear(&b);
	return r < 0 ? -1 : signer_ask(h, s, a, at, e);
}

int
statement_keep(const struct seat *s, const struct decision *a,
    const struct request_head *h, struct err *e)
{
	struct query *q = NULL;

	if (a->signature.size == 0)
		return 0;
	q = db_query(statement_prepared[Q_KEEP]);
	q_i64(q, 1, h->number);
	q_i64(q, 2, s->account);
	q_blob(q, 3, a->signature.data, a->signature.size);
	return q_run(q, e);
}

/* ---- to the signer ---- */

/* Those that still count: he refuses the whole for one that does not. */
int
statement_fill(struct sign_wish *w, struct err *e)
{
	struct query *q = NULL;
	int have;

	if (!wanted(w->profile))
		return 0;
	str_copy(w->policy, sizeof w->policy, policy_hash());
	q = db_query(statement_prepared[Q_ALL]);
	q_i64(q, 1, w->request);
	q_i64(q, 2, clock_now() - STATEMENT_SECONDS);
	while ((have = q_next(q, e)) == 1) {
		struct approval_signature *a = LIST_ADD(w, approvals);
		const uint8_t *p = NULL;
		size_t n;

		q_col_str(q, 0, a->approver, sizeof a->approver);
		a->at = q_col_i64(q, 1);
		p = q_col_blob(q, 2, &n);
		blob_set(&a->signature, p, n);
	}
	return have;
}

/* ---- the operator pinned or unpinned a key ---- */

/* Two people have two keys: what opens one account signs for no other. */
static int
own_key_check(const struct approver_note *a, struct err *e)
{
	struct account owner = { 0 };
	struct key k = { 0 };
	int64_t number;

	if (key_parse(a->key, &k, NULL) < 0)
		return 0;	/* of a kind that opens nothing */
	if ((number = key_owner(k.fingerprint, e)) <= 0)
		return number < 0 ? -1 : 0;
	if (account_load(number, &owner, e) < 0)
		return -1;
	return strcmp(owner.name, a->name) == 0 ? 0 : err_set(e,
	    ERR_CONFLICT, "key-in-use",
	    "%s opens the account %s; %s signs with a key of his own",
	    k.fingerprint, owner.name, a->name);
}

int
serve_operator_approver_note(struct seat *s, const struct approver_note *a,
    struct none *r, struct err *e)
{
	uint8_t key[SSHSIG_KEY_MAX];
	size_t size;

	(void)r;
	if (a->added && (sshsig_key_line(a->key, key, &size, e) < 0 ||
	    own_key_check(a, e) < 0))
		return -1;
	return audit_add(s, a->added ? "approver.add" : "approver.remove",
	    "approver", a->name, OUTCOME_DONE, e, "%s", a->key);
}
