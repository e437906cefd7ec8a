/* request_body.c - one request whole: its names, its findings, the proofs as
 * they are now, its approvals. */
#include "core/registrar/request/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/state.h"
#include "core/registrar/domain/caa.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/x509/statement.h"
#include "core/registrar/policy.h"
#include "core/x509/names.h"


enum { Q_PROVER, Q_HEAD, Q_ROW, Q_NAMES, Q_DOMAINS, Q_FINDINGS, Q_APPROVALS, Q_MOVE };

static const char *const sql[] = {
	[Q_HEAD] = "SELECT r.account, a.name, r.state, r.profile, r.first,"
	    " r.subject_cn, r.renews, r.serial, r.digest, r.csr_sha256,"
	    " r.spki_sha256, r.created, r.retry_at, a.email,"
	    " r.shard, coalesce(r.prover, r.account)"
	    " FROM request r JOIN account a ON a.number = r.account"
	    " WHERE r.number = ?1",
	[Q_ROW] = "SELECT r.domains, r.decided, r.note, r.refusal,"
	    " r.key_words, c.serial, c.not_after, c.state, c.revoked,"
	    " c.reason FROM request r"
	    " LEFT JOIN certificate c ON c.request = r.number"
	    " WHERE r.number = ?1",
	[Q_NAMES] = "SELECT kind, value FROM request_name"
	    " WHERE request = ?1 ORDER BY place",
	[Q_DOMAINS] = "SELECT domain FROM request_domain"
	    " WHERE request = ?1 ORDER BY place",
	[Q_PROVER] = "SELECT prover FROM request WHERE number = ?1"
	    " AND prover IS NOT NULL",
	[Q_FINDINGS] = "SELECT findings FROM request_body WHERE request = ?1",
	[Q_APPROVALS] = "SELECT p.number, a.name, p.at, p.note, p.digest"
	    " FROM approval p JOIN account a ON a.number = p.account"
	    " WHERE p.request = ?1 ORDER BY p.number",
	[Q_MOVE] = "UPDATE request SET state = ?3, decided = ?4"
	    " WHERE number = ?1 AND state = ?2",
};
DB_STATEMENTS(request_body, sql)

int
request_head_load(int64_t number, struct request_head *h, struct err *e)
{
	struct query *q = db_query(request_body_prepared[Q_HEAD]);
	int r;

	memset(h, 0, sizeof *h);
	q_i64(q, 1, number);
	if ((r = q_next(q, e)) < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_NOT_FOUND, "request",
		    "there is no request %lld", (long long)number);
	h->number = number;
	h->account = q_col_i64(q, 0);
	q_col_str(q, 1, h->account_name, sizeof h->account_name);
	h->state = q_col_word(q, 2, &request_state_words, 0);
	q_col_str(q, 3, h->profile, sizeof h->profile);
	q_col_str(q, 4, h->first, sizeof h->first);
	q_col_str(q, 5, h->subject_cn, sizeof h->subject_cn);
	q_col_str(q, 6, h->renews, sizeof h->renews);
	q_col_str(q, 7, h->serial, sizeof h->serial);
	q_col_bytes(q, 8, h->digest, sizeof h->digest);
	q_col_bytes(q, 9, h->csr_sha256, sizeof h->csr_sha256);
	q_col_bytes(q, 10, h->spki_sha256, sizeof h->spki_sha256);
	h->created = q_col_i64(q, 11);
	h->retry_at = q_col_i64(q, 12);
	q_col_str(q, 13, h->email, sizeof h->email);
	h->shard = q_col_i64(q, 14);
	h->prover = q_col_i64(q, 15);
	q_end(q);
	return 0;
}

int
request_move(int64_t number, enum request_state from, enum request_state to,
    struct err *e)
{
	struct query *q = NULL;

	if (!request_may_become(from, to))
		return err_set(e, ERR_CONFLICT, "request-state",
		    "request %lld is %s and cannot become %s",
		    (long long)number, word_of(&request_state_words, from),
		    word_of(&request_state_words, to));
	q = db_query(request_body_prepared[Q_MOVE]);
	q_i64(q, 1, number);
	q_str(q, 2, word_of(&request_state_words, from));
	q_str(q, 3, word_of(&request_state_words, to));
	q_i64(q, 4, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	if (db_changes() != 1)
		return err_set(e, ERR_CONFLICT, "request-state",
		    "request %lld has changed meanwhile; look at it again",
		    (long long)number);
	return 0;
}

/* ---- names and proofs ---- */

int
request_names(int64_t number, struct name **names, size_t *n, struct err *e)
{
	struct query *q = db_query(request_body_prepared[Q_NAMES]);
	int r;

	q_i64(q, 1, number);
	while ((r = q_next(q, e)) == 1) {
		struct name *x;

		*names = list_grow(*names, n, sizeof **names);
		x = &(*names)[*n - 1];
		x->kind = q_col_word(q, 0, &name_kind_words, 0);
		q_col_str(q, 1, x->value, sizeof x->value);
	}
	return r;
}

/* The nearest proof that covers the domain: its own before a parent's. */
static void
proof_choose(struct domain_ref *d, const struct domain_ref *proofs, size_t n)
{
	const struct domain_ref *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (domain_covers(proofs[i].proof_domain, d->domain,
		    conf.policy_subdomains) && (best == NULL ||
		    strlen(proofs[i].proof_domain) >
		    strlen(best->proof_domain)))
			best = &proofs[i];
	if (best == NULL)
		return;
	memcpy(d->proof_domain, best->proof_domain, sizeof d->proof_domain);
	d->method = best->method;
	memcpy(d->mailbox, best->mailbox, sizeof d->mailbox);
	d->proven = best->proven;
	d->expires = best->expires;
}

/* Who was invited has no proof of his own: the inviter's count. */
static int
prover_load(int64_t number, int64_t *account, struct err *e)
{
	struct query *q = db_query(request_body_prepared[Q_PROVER]);
	int r;

	q_i64(q, 1, number);
	if ((r = q_next(q, e)) == 1)
		*account = q_col_i64(q, 0);
	q_end(q);
	return r < 0 ? -1 : 0;
}

int
request_domains(int64_t number, int64_t account, struct domain_ref **domains,
    size_t *n, struct err *e)
{
	struct domain_ref *proofs = NULL;
	struct query *q = NULL;
	size_t n_proofs = 0;
	int r;

	if (prover_load(number, &account, e) < 0 ||
	    domain_proofs(account, &proofs, &n_proofs, e) < 0)
		return -1;
	q = db_query(request_body_prepared[Q_DOMAINS]);
	q_i64(q, 1, number);
	while ((r = q_next(q, e)) == 1) {
		struct domain_ref *d;

		*domains = list_grow(*domains, n, sizeof **domains);
		d = &(*domains)[*n - 1];
		q_col_str(q, 0, d->domain, sizeof d->domain);
		proof_choose(d, proofs, n_proofs);
	}
	free(proofs);
	return r;
}

static bool
domain_covered(const char *domain, const struct domain_ref *proofs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (domain_covers(proofs[i].proof_domain, domain,
		    conf.policy_subdomains))
			return true;
	return false;
}

int
request_proofs_cover(int64_t number, const struct domain_ref *proofs,
    size_t n_proofs, struct err *e)
{
	struct query *q = db_query(request_body_prepared[Q_DOMAINS]);
	char domain[DOMAIN_SIZE];
	size_t n = 0;
	int r;

	q_i64(q, 1, number);
	while ((r = q_next(q, e)) == 1) {
		n++;
		q_col_str(q, 0, domain, sizeof domain);
		if (domain_covered(domain, proofs, n_proofs))
			continue;
		q_end(q);
		return err_set(e, ERR_REFUSED, "name-unproven",
		    "no live proof covers %.253s now; the member must prove it again: `domain add %.253s`",
		    domain, domain);
	}
	if (r == 0 && n == 0)
		return err_set(e, ERR_REFUSED, "name-none",
		    "request %lld names no domain", (long long)number);
	return r;
}

int
request_proofs_check(int64_t number, int64_t account, struct err *e)
{
	struct domain_ref *proofs = NULL;
	size_t n = 0;
	int r = prover_load(number, &account, e);

	if (r == 0)
		r = domain_proofs(account, &proofs, &n, e);
	if (r == 0)
		r = request_proofs_cover(number, proofs, n, e);
	free(proofs);
	return r;
}

/* ---- the whole ---- */

static int
approvals_load(struct request *r, struct err *e)
{
	struct query *q = db_query(request_body_prepared[Q_APPROVALS]);
	int have;

	q_i64(q, 1, r->row.number);
	while ((have = q_next(q, e)) == 1) {
		struct approval *a = LIST_ADD(r, approvals);

		a->number = q_col_i64(q, 0);
		q_col_str(q, 1, a->account, sizeof a->account);
		a->at = q_col_i64(q, 2);
		q_col_str(q, 3, a->note, sizeof a->note);
		q_col_bytes(q, 4, a->digest, sizeof a->digest);
	}
	return have;
}

static int
findings_load(struct request *r, struct err *e)
{
	struct query *q = db_query(request_body_prepared[Q_FINDINGS]);
	struct reader in;
	const uint8_t *p = NULL;
	size_t size = 0;
	int have;

	q_i64(q, 1, r->row.number);
	if ((have = q_next(q, e)) != 1)
		return have;
	p = q_col_blob(q, 0, &size);
	reader_init(&in, p, size);
	for (uint32_t n = reader_u32(&in); n > 0 && !in.bad; n--)
		if (shape_decode(&finding_shape, LIST_ADD(r, findings),
		    &in) < 0)
			break;
	q_end(q);
	if (!reader_end(&in))
		return err_set(e, ERR_BROKEN, "database",
		    "the findings of request %lld are damaged",
		    (long long)r->row.number);
	return 0;
}

static int
row_load(const struct request_head *h, struct request *r, struct err *e)
{
	struct query *q = db_query(request_body_prepared[Q_ROW]);
	char state[16];
	int have;

	q_i64(q, 1, h->number);
	if ((have = q_next(q, e)) != 1)
		return have;
	r->row.domains = q_col_i64(q, 0);
	r->row.decided = q_col_i64(q, 1);
	q_col_str(q, 2, r->note, sizeof r->note);
	q_col_str(q, 3, r->refusal, sizeof r->refusal);
	q_col_str(q, 4, r->key, sizeof r->key);
	q_col_str(q, 5, r->row.serial, sizeof r->row.serial);
	r->row.not_after = q_col_i64(q, 6);
	q_col_str(q, 7, state, sizeof state);
	r->revoked = q_col_i64(q, 8);
	r->reason = (enum reason)q_col_i64(q, 9);
	q_end(q);
	if (state[0] != '\0')
		r->row.certificate = strcmp(state, "good") != 0 ?
		    CERTIFICATE_REVOKED : r->row.not_after > clock_now() ?
		    CERTIFICATE_GOOD : CERTIFICATE_EXPIRED;
	return 0;
}

static void
head_show(const struct request_head *h, struct request *r)
{
	char when[TIME_TEXT_SIZE];

	r->row.number = h->number;
	memcpy(r->row.account, h->account_name, sizeof r->row.account);
	r->row.state = h->state;
	memcpy(r->row.profile, h->profile, sizeof r->row.profile);
	memcpy(r->row.first, h->first, sizeof r->row.first);
	r->row.created = h->created;
	memcpy(r->digest, h->digest, sizeof r->digest);
	memcpy(r->csr_sha256, h->csr_sha256, sizeof r->csr_sha256);
	memcpy(r->spki_sha256, h->spki_sha256, sizeof r->spki_sha256);
	memcpy(r->subject_cn, h->subject_cn, sizeof r->subject_cn);
	memcpy(r->renews, h->renews, sizeof r->renews);
	if (h->state == REQUEST_APPROVED && r->refusal[0] == '\0') {
		time_text(when, h->retry_at);
		snprintf(r->refusal, sizeof r->refusal,
		    "approved; it waits for the signer, which is asked again at %s",
		    when);
	}
}

int
request_reload(int64_t number, struct request *r, struct err *e)
{
	struct request_head h;

	NOUN_CLEAR(request, r);
	if (request_head_load(number, &h, e) < 0 || row_load(&h, r, e) < 0)
		return -1;
	head_show(&h, r);
	if (request_domains(number, h.account, &r->domains, &r->n_domains,
	    e) < 0 ||
	    request_names(number, &r->names, &r->n_names, e) < 0 ||
	    findings_load(r, e) < 0 || approvals_load(r, e) < 0 ||
	    caa_load(r, e) < 0)
		return -1;
	if (h.state != REQUEST_AWAITING) {
		r->approvals_needed = (int64_t)r->n_approvals;
		return 0;
	}
	return request_approvals_needed(&h, &r->approvals_needed, e);
}
