/* issue.c - approved requests become certificates: the batch that is put to
 * the signer, and back-off while it is away. */
#include "core/registrar/request/issue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/state.h"
#include "core/registrar/alarm.h"
#include "core/registrar/domain/caa.h"
#include "core/registrar/db.h"
#include "core/registrar/halt.h"
#include "core/registrar/issuer/issuer.h"
#include "core/registrar/request/statement.h"
#include "core/wire/ask.h"
#include "core/x509/hash.h"
#include "core/x509/profile.h"

#define BATCH 100
#define SIGN_MS 10		/* of patience for each of a batch */
#define BACK_OFF_MAX 60
#define TELL_AT 4			/* that is: the third time in a row */
#define SERIAL_OCTETS 17
#define BACKDATED 3600

enum { Q_SERIAL, Q_BEGIN, Q_WAITING, Q_DUE, Q_POSTPONE, Q_POSTPONE_ONE };

static const char *const sql[] = {
	[Q_SERIAL] = "UPDATE request SET serial = ?2, retry_at = ?3,"
	    " shard = ?4"
	    " WHERE number = ?1",
	[Q_BEGIN] = "UPDATE request SET state = ?3, decided = ?4,"
	    " serial = ?5, retry_at = ?4, shard = ?6 WHERE number = ?1 AND state = ?2",
	[Q_WAITING] = "SELECT min(retry_at) FROM request"
	    " WHERE state = 'approved'",
	[Q_DUE] = "SELECT number FROM request WHERE state = 'approved'"
	    " AND retry_at <= ?1 ORDER BY number LIMIT ?2",
	[Q_POSTPONE] = "UPDATE request SET retry_at = ?2"
	    " WHERE state = 'approved' AND retry_at <= ?1",
	[Q_POSTPONE_ONE] = "UPDATE request SET retry_at = ?2"
	    " WHERE number = ?1",
};
DB_STATEMENTS(issue, sql)

static bool maybe_waiting = true;	/* false: surely nothing is approved */
static int back_off;			/* seconds; 0 the signer is well */
static int64_t quiet_until;		/* clock_mono_ms() */
static bool well_again;			/* ask also for what is not due yet */

/* ---- the last approval ---- */

static void
serial_make(char serial[2 * SERIAL_OCTETS + 1])
{
	uint8_t bytes[SERIAL_OCTETS];

	random_bytes(bytes, sizeof bytes);
	bytes[0] = (uint8_t)(bytes[0] % 0x7f + 1);	/* 01..7f: positive */
	hex_encode(serial, bytes, sizeof bytes);
}

/* S8.5: one of the shards there are now, kept with the serial; 0: there are
 * none. */
static int64_t
shard_draw(void)
{
	uint32_t any;

	if (conf.publish_crl_shards <= 1)
		return 0;
	random_bytes(&any, sizeof any);
	return 1 + any % conf.publish_crl_shards;
}

int
serial_draw(int64_t request, int64_t retry_at, struct err *e)
{
	char serial[2 * SERIAL_OCTETS + 1];
	struct query *q = db_query(issue_prepared[Q_SERIAL]);

	serial_make(serial);
	q_i64(q, 1, request);
	q_str(q, 2, serial);
	q_i64(q, 3, retry_at);
	q_i64(q, 4, shard_draw());
	return q_run(q, e);
}

/* An hour back, for clocks that are slow, but not before the issuer. */
static int64_t
not_before_of(const char *purpose)
{
	int64_t back = clock_now() - BACKDATED, begins = issuer_begins(purpose);

	return back < begins ? begins : back;
}

static int64_t
not_after_of(int64_t not_before)
{
	/* both ends belong to the validity */
	return not_before + conf.policy_days * 86400 - 1;
}

static const char *
purpose_of(const char *profile)
{
	const struct profile *p = profile_find(profile);

	return p != NULL ? p->purpose : "server";
}

int
issue_possible(const struct request_head *h, struct err *e)
{
	if (!request_may_become(h->state, REQUEST_APPROVED))
		return err_set(e, ERR_CONFLICT, "request-state",
		    "request %lld is %s and cannot become %s",
		    (long long)h->number,
		    word_of(&request_state_words, h->state),
		    word_of(&request_state_words, REQUEST_APPROVED));
	if (issuing_allowed(e) < 0)
		return -1;
	return issuer_check(purpose_of(h->profile),
	    not_after_of(clock_now() - BACKDATED), e);
}

int
issue_begin(const struct request_head *h, struct err *e)
{
	struct query *q = NULL;
	char serial[2 * SERIAL_OCTETS + 1];

	serial_make(serial);
	q = db_query(issue_prepared[Q_BEGIN]);
	q_i64(q, 1, h->number);
	q_str_held(q, 2, word_of(&request_state_words, h->state));
	q_str_held(q, 3, word_of(&request_state_words, REQUEST_APPROVED));
	q_i64(q, 4, clock_now());
	q_str_held(q, 5, serial);
	q_i64(q, 6, shard_draw());
	if (q_run(q, e) < 0)
		return -1;
	if (db_changes() != 1)
		return err_set(e, ERR_CONFLICT, "request-state",
		    "request %lld has changed meanwhile; look at it again",
		    (long long)h->number);
	maybe_waiting = true;
	return 0;
}

/* Whatever waits for no longer than the longest back-off may be asked now. */
static int64_t
due_now(void)
{
	return clock_now() + (well_again ? BACK_OFF_MAX : 0);
}

void
issue_again(void)
{
	back_off = 0;
	quiet_until = 0;
	well_again = true;
}

bool
issue_waiting(void)
{
	struct query *q = NULL;
	bool due = false;

	if (!maybe_waiting || clock_mono_ms() < quiet_until ||
	    issuing_allowed(NULL) < 0)
		return false;
	q = db_query(issue_prepared[Q_WAITING]);
	if (q_next(q, NULL) == 1) {
		maybe_waiting = !q_col_null(q, 0);
		due = maybe_waiting && q_col_i64(q, 0) <= due_now();
	}
	q_end(q);
	return due;
}

/* ---- what a batch knows already ---- */

struct batch {
	struct sign_batch ask;
	struct request_head *heads;	/* in the order of ask.wishes */
	/* the last account that was found good, with its proofs, and the last
	 * profile: nothing of these changes within the transaction */
	int64_t account;
	struct domain_ref *proofs;
	size_t n_proofs;
	const struct profile *profile;
	int64_t not_before;
	char policy[65];
};

static int
account_known(struct batch *b, int64_t account, struct err *e)
{
	if (b->account == account)
		return 0;
	b->account = 0;
	free(b->proofs);
	b->proofs = NULL;
	b->n_proofs = 0;
	if (account_may_issue(account, e) < 0 ||
	    domain_proofs(account, &b->proofs, &b->n_proofs, e) < 0)
		return -1;
	b->account = account;
	return 0;
}

static int
profile_known(struct batch *b, const char *profile, struct err *e)
{
	const char *purpose = purpose_of(profile);
	const struct profile *p = profile_find(profile);
	int64_t not_before = 0;

	if (p != NULL && b->profile == p)
		return 0;
	b->profile = NULL;
	not_before = not_before_of(purpose);
	if (issuer_check(purpose, not_after_of(not_before), e) < 0)
		return -1;
	b->profile = p;
	b->not_before = not_before;
	return 0;
}

/* Of somebody who was invited: the proofs of who invited him. */
static int
proofs_check(const struct batch *b, const struct request_head *h,
    struct err *e)
{
	if (h->prover == h->account)
		return request_proofs_cover(h->number, b->proofs,
		    b->n_proofs, e);
	if (account_may_issue(h->prover, e) < 0)
		return -1;
	return request_proofs_check(h->number, h->account, e);
}

static int
wish_make(struct batch *b, const struct request_head *h, struct sign_wish *w,
    struct err *e)
{
	uint8_t digest[32];

	if (profile_known(b, h->profile, e) < 0 ||
	    account_known(b, h->account, e) < 0 ||
	    proofs_check(b, h, e) < 0 ||
	    caa_gate(h, e) < 0 ||
	    issue_approver(h, w->approver, e) < 0 ||
	    request_names(h->number, &w->names, &w->n_names, e) < 0 ||
	    issue_spki(h, &w->spki, e) < 0)
		return -1;
	request_digest(digest, h->number, h->account_name, h->profile,
	    h->subject_cn, w->names, w->n_names, h->spki_sha256,
	    h->csr_sha256);
	if (memcmp(digest, h->digest, sizeof digest) != 0)
		return err_set(e, ERR_REFUSED, "issue-evidence",
		    "request %lld is not what was submitted",
		    (long long)h->number);
	memcpy(w->serial, h->serial, sizeof w->serial);
	w->request = h->number;
	w->shard = h->shard;
	memcpy(w->profile, h->profile, sizeof w->profile);
	memcpy(w->subject_cn, h->subject_cn, sizeof w->subject_cn);
	w->not_before = b->not_before;
	w->not_after = not_after_of(w->not_before);
	memcpy(w->digest, h->digest, sizeof w->digest);
	memcpy(w->requester, h->account_name, sizeof w->requester);
	memcpy(w->csr_sha256, h->csr_sha256, sizeof w->csr_sha256);
	memcpy(w->policy, b->policy, sizeof w->policy);
	return statement_fill(w, e);
}

/* ---- the batch ---- */

static void
batch_clear(struct batch *b)
{
	NOUN_CLEAR(sign_batch, &b->ask);
	free(b->proofs);
	b->proofs = NULL;
	free(b->heads);
	b->heads = NULL;
}

/* What stands against it now is final, unless it passes by itself. */
static int
wish_add(struct batch *b, int64_t number, struct err *e)
{
	struct request_head *h = &b->heads[b->ask.n_wishes];
	struct sign_wish w = { 0 };
	struct err why = { 0 };

	if (request_head_load(number, h, e) < 0)
		return -1;
	if (wish_make(b, h, &w, &why) == 0) {
		*LIST_ADD(&b->ask, wishes) = w;
		return 0;
	}
	NOUN_CLEAR(sign_wish, &w);
	if (why.kind != ERR_REFUSED)
		return issue_postpone(number, BACK_OFF_MAX, e);
	return issue_refuse(h, why.clause, why.text, e);
}

static int
batch_fill(struct batch *b, struct err *e)
{
	struct query *q = db_query(issue_prepared[Q_DUE]);
	int64_t numbers[BATCH];
	int n = 0, r;

	q_i64(q, 1, due_now());
	q_i64(q, 2, BATCH);
	while ((r = q_next(q, e)) == 1)
		numbers[n++] = q_col_i64(q, 0);
	b->heads = xcalloc((size_t)n, sizeof *b->heads);
	str_copy(b->policy, sizeof b->policy, policy_hash());
	for (int i = 0; i < n && r == 0; i++)
		r = wish_add(b, numbers[i], e);
	return r;
}

int
issue_postpone(int64_t request, int64_t seconds, struct err *e)
{
	struct query *q = db_query(issue_prepared[Q_POSTPONE_ONE]);

	q_i64(q, 1, request);
	q_i64(q, 2, clock_now() + seconds);
	return q_run(q, e);
}

/* It is there and does not sign, again and again (its disk is full, say): who
 * is away is another alarm (alarm_watch.c).  NULL: it signs. */
static int
refusing_tell(const struct err *why, struct err *e)
{
	static bool looked, told;

	if (why != NULL && back_off >= TELL_AT &&
	    strncmp(why->clause, "signer-", 7) == 0) {
		told = true;
		return alarm_raise(ALARM_SIGNER, "issuing", e,
		    "The signer is there and does not sign; what is approved waits: %.300s",
		    why->text);
	}
	if (why != NULL || (looked && !told))
		return 0;
	looked = true;		/* of an earlier run, too */
	told = false;
	return alarm_clear(ALARM_SIGNER, "issuing", e);
}

/* The signer is away: everything that is due waits 1, 2, 4 .. 60 seconds. */
static int
all_postpone(const struct err *why, struct err *e)
{
	struct query *q = db_query(issue_prepared[Q_POSTPONE]);
	int64_t now = clock_now();

	back_off = back_off == 0 ? 1 : back_off * 2;
	if (back_off > BACK_OFF_MAX)
		back_off = BACK_OFF_MAX;
	quiet_until = clock_mono_ms() + back_off * 1000;
	log_warn("issuing waits for the signer, again in %d s: %s", back_off,
	    why->text);
	q_i64(q, 1, now);
	q_i64(q, 2, now + back_off);
	return q_run(q, e) < 0 ? -1 : refusing_tell(why, e);
}

static int
batch_ask(const struct batch *b, struct signed_batch *answer, struct err *e)
{
	struct line *l = signer_line(e);
	int r;

	if (l == NULL)
		return -1;
	l->timeout_ms = l->most_ms = SIGNER_PATIENCE_MS +
	    SIGN_MS * (int)b->ask.n_wishes;
	r = ask_sign_certificates(l, &b->ask, answer, e);
	l->most_ms = SIGNER_PATIENCE_MS;
	if (r < 0)
		return -1;
	if (answer->n_items == b->ask.n_wishes)
		return 0;
	NOUN_CLEAR(signed_batch, answer);
	return err_set(e, ERR_BROKEN, "signer",
	    "the signer answered %zu wishes with %zu items",
	    b->ask.n_wishes, answer->n_items);
}

/* One round: 1 when some must be asked again at once, 0, or -1. */
static int
batch_run(struct err *e)
{
	struct batch b = { 0 };
	struct signed_batch answer = { 0 };
	struct err why = { 0 };
	int r = batch_fill(&b, e), again = 0;

	well_again = well_again && b.ask.n_wishes == BATCH;
	if (r == 0 && b.ask.n_wishes > 0) {
		if (batch_ask(&b, &answer, &why) < 0) {
			r = all_postpone(&why, e);
		} else {
			back_off = 0;
			r = refusing_tell(NULL, e);
			for (size_t i = 0; i < answer.n_items && r >= 0;
			    i++) {
				r = issue_item(&b.heads[i], &b.ask.wishes[i],
				    &answer.items[i], e);
				again |= r == 1;
			}
		}
	}
	NOUN_CLEAR(signed_batch, &answer);
	batch_clear(&b);
	return r < 0 ? -1 : again;
}

/* All or nothing: what the signer has signed it gives again. */
void
issue_run(void)
{
	struct err e = { 0 };
	int r;

	if (!issue_waiting())
		return;
	if (db_savepoint(&e) < 0) {
		log_warn("issuing: %s", e.text);
		return;
	}
	if ((r = batch_run(&e)) == 1)	/* once more, with new serials */
		r = batch_run(&e);
	if (r >= 0) {
		db_savepoint_release();
		return;
	}
	db_savepoint_undo();
	quiet_until = clock_mono_ms() + 1000;
	log_warn("issuing: %s", e.text);
}
