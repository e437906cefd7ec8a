/* request.c - members' requests: checked, submitted, listed, withdrawn. */
#include "core/registrar/request/request.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/domain/caa.h"
#include "core/registrar/db.h"
#include "core/registrar/request/person.h"
#include "core/x509/hash.h"
#include "core/x509/pem.h"

enum { Q_ADD, Q_DIGEST, Q_BODY, Q_DOMAIN, Q_NAME };

static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO request (account, state, profile, first,"
	    " domains, subject_cn, note, digest, csr_sha256, spki_sha256,"
	    " key_words, renews, created, prover) VALUES (?1, 'awaiting', ?2,"
	    " ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, nullif(?13, 0))",
	[Q_DIGEST] = "UPDATE request SET digest = ?2 WHERE number = ?1",
	[Q_BODY] = "INSERT INTO request_body (request, csr, spki, findings)"
	    " VALUES (?1, ?2, ?3, ?4)",
	[Q_DOMAIN] = "INSERT INTO request_domain (request, place, domain)"
	    " VALUES (?1, ?2, ?3)",
	[Q_NAME] = "INSERT INTO request_name (request, place, kind, value)"
	    " VALUES (?1, ?2, ?3, ?4)",
};
DB_STATEMENTS(request, sql)

/* ---- storing ---- */

static int
row_add(const struct seat *s, const struct request_wish *w,
    const struct judged *j, int64_t *number, struct err *e)
{
	static const uint8_t not_yet[32];
	const struct verdict *v = &j->verdict;
	struct query *q = db_query(request_prepared[Q_ADD]);

	q_i64(q, 1, s->account);
	q_str_held(q, 2, v->profile);
	q_str_held(q, 3, v->domains[0].domain);
	q_i64(q, 4, (int64_t)v->n_domains);
	q_str_held(q, 5, v->subject_cn);
	q_str_held(q, 6, w->note);
	q_blob_held(q, 7, not_yet, sizeof not_yet);
	q_blob_held(q, 8, v->csr_sha256, sizeof v->csr_sha256);
	q_blob_held(q, 9, v->spki_sha256, sizeof v->spki_sha256);
	q_str_held(q, 10, v->key);
	q_str_held(q, 11, j->renews);
	q_i64(q, 12, clock_now());
	q_i64(q, 13, j->prover);
	if (q_run(q, e) < 0)
		return -1;
	*number = db_last_number();
	return invitation_use(j->invitation, *number, e);
}

static int
digest_set(const struct seat *s, int64_t number, const struct verdict *v,
    struct err *e)
{
	uint8_t digest[32];
	struct query *q = db_query(request_prepared[Q_DIGEST]);

	request_digest(digest, number, s->account_name, v->profile,
	    v->subject_cn, v->names, v->n_names, v->spki_sha256,
	    v->csr_sha256);
	q_i64(q, 1, number);
	q_blob_held(q, 2, digest, sizeof digest);
	return q_run(q, e);
}

static int
body_add(int64_t number, const struct judged *j, struct err *e)
{
	struct query *q = NULL;
	struct unarmoured csr = { 0 };
	struct buf b = { 0 };

	if (pem_read(j->csr.data, j->csr.size, &csr, e) < 0)
		return -1;
	buf_put_u32(&b, (uint32_t)j->verdict.n_findings);
	for (size_t i = 0; i < j->verdict.n_findings; i++)
		shape_encode(&finding_shape, &j->verdict.findings[i], &b);
	q = db_query(request_prepared[Q_BODY]);
	q_i64(q, 1, number);
	q_blob(q, 2, csr.der.data, csr.der.size);
	q_blob(q, 3, j->spki.data, j->spki.size);
	q_blob(q, 4, b.data, b.size);
	blob_clear(&csr.der);
	buf_clear(&b);
	return q_run(q, e);
}

static int
names_add(int64_t number, const struct verdict *v, struct err *e)
{
	struct query *q = NULL;

	for (size_t i = 0; i < v->n_domains; i++) {
		q = db_query(request_prepared[Q_DOMAIN]);
		q_i64(q, 1, number);
		q_i64(q, 2, (int64_t)i);
		q_str_held(q, 3, v->domains[i].domain);
		if (q_run(q, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < v->n_names; i++) {
		q = db_query(request_prepared[Q_NAME]);
		q_i64(q, 1, number);
		q_i64(q, 2, (int64_t)i);
		q_str_held(q, 3, word_of(&name_kind_words, v->names[i].kind));
		q_str_held(q, 4, v->names[i].value);
		if (q_run(q, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- submitting ---- */

static int
verdict_refuse(const struct seat *s, const struct verdict *v, struct err *e)
{
	audit_refusal(s, "request.refused", "rule", v->rule, "%s: %s",
	    v->rule, v->text);
	return err_set(e, ERR_REFUSED, v->rule, "%s", v->text);
}

static int
staff_tell(const struct seat *s, int64_t number, const struct verdict *v,
    struct err *e)
{
	char n[24], domains[24];
	const struct blank blanks[] = {
		{ "NUMBER", n }, { "ACCOUNT", s->account_name },
		{ "DOMAIN", v->domains[0].domain }, { "DOMAINS", domains },
		{ "PROFILE", v->profile },
	};

	if (!address_ok(conf.mail_staff_to))
		return 0;
	snprintf(n, sizeof n, "%lld", (long long)number);
	snprintf(domains, sizeof domains, "%zu", v->n_domains);
	return notice_add("queue", 0, conf.mail_staff_to, 0, blanks,
	    sizeof blanks / sizeof blanks[0], e);
}

static int
submitted(const struct seat *s, int64_t number, const struct judged *j,
    struct err *e)
{
	const struct verdict *v = &j->verdict;
	struct request_head h;
	char object[24], spki[65];
	int64_t needed;

	snprintf(object, sizeof object, "%lld", (long long)number);
	hex_encode(spki, v->spki_sha256, sizeof v->spki_sha256);
	if (request_head_load(number, &h, e) < 0 ||
	    request_approvals_needed(&h, &needed, e) < 0 ||
	    audit_add(s, "request.submit", "request", object, OUTCOME_DONE, e,
	    "%s, %zu domains, first %.253s, key %s %s%s%s%s", v->profile,
	    v->n_domains, v->domains[0].domain, v->key, spki,
	    j->renews[0] ? ", renews " : "", j->renews,
	    needed == 0 ? ", decided at once" : "") < 0 ||
	    caa_ask(&h, e) < 0)
		return -1;
	if (needed == 0)
		return issue_possible(&h, e) < 0 ? -1 : issue_begin(&h, e);
	return staff_tell(s, number, v, e);
}

static int
judged_submit(struct seat *s, const struct request_wish *w,
    const struct judged *j, int64_t *number, struct err *e)
{
	char account[24];

	snprintf(account, sizeof account, "%lld", (long long)s->account);
	if (throttle_take("request", account,
	    conf.policy_requests_per_account_day, e) < 0) {
		audit_refusal(s, "request.refused", "rule", e->clause, "%s",
		    e->clause);
		return -1;
	}
	if (row_add(s, w, j, number, e) < 0 ||
	    digest_set(s, *number, &j->verdict, e) < 0 ||
	    body_add(*number, j, e) < 0 ||
	    names_add(*number, &j->verdict, e) < 0 ||
	    submitted(s, *number, j, e) < 0)
		return -1;
	change_push("request", *number, s->account, "");
	return 0;
}

static void
findings_swap(struct request *r, struct verdict *v)
{
	struct finding *list = r->findings;
	size_t n = r->n_findings;

	r->findings = v->findings;
	r->n_findings = v->n_findings;
	v->findings = list;
	v->n_findings = n;
}

int
serve_request_submit(struct seat *s, const struct request_wish *a,
    struct request *r, struct err *e)
{
	struct judged j = { 0 };
	int64_t number = 0;
	int rc = -1;

	if (request_judge(s->account, a, &j, e) < 0)
		goto out;
	if (j.key_offered) {
		if (key_offered_note(s, a, &j, e) < 0)
			goto out;
		err_set(e, ERR_REFUSED, j.verdict.rule, "%s", j.verdict.text);
		question_keep();
		goto out;
	}
	if (!j.verdict.accepted) {
		verdict_refuse(s, &j.verdict, e);
		goto out;
	}
	if (j.same != 0)
		number = j.same;
	else if (judged_submit(s, a, &j, &number, e) < 0)
		goto out;
	rc = request_reload(number, r, e);
	/* of the bytes that came now, not of those that came first */
	if (rc == 0 && j.same != 0)
		findings_swap(r, &j.verdict);
out:
	judged_clear(&j);
	return rc;
}

int
serve_request_check(struct seat *s, const struct request_wish *a,
    struct verdict *r, struct err *e)
{
	struct judged j = { 0 };
	int rc = request_judge(s->account, a, &j, e);

	/* the one thing that even a dry run must not forget */
	if (rc == 0 && j.key_offered)
		rc = key_offered_note(s, a, &j, e);
	if (rc == 0) {
		*r = j.verdict;
		memset(&j.verdict, 0, sizeof j.verdict);
	}
	judged_clear(&j);
	return rc;
}

/* A dry run of the operator's blocks nothing, and must not say that it did. */
static void
unblocked_say(struct verdict *v)
{
	static const char words[] =
	    "THIS IS A PRIVATE KEY. It must never leave its server: it has to be thrown away. A member who sends it is refused, and it is blocked then.";

	str_copy(v->text, sizeof v->text, words);
	for (size_t i = 0; i < v->n_findings; i++)
		if (v->findings[i].kind == VERDICT_REFUSED)
			str_copy(v->findings[i].text,
			    sizeof v->findings[i].text, words);
}

int
serve_operator_check_csr(struct seat *s, const struct request_wish *a,
    struct verdict *r, struct err *e)
{
	struct judged j = { 0 };
	int rc = -1;

	(void)s;
	if (a->renew[0] != '\0')
		return err_set(e, ERR_BAD_INPUT, "check-csr",
		    "check-csr judges a CSR by itself; leave the renewal out");
	if ((rc = request_judge(0, a, &j, e)) == 0) {
		*r = j.verdict;
		memset(&j.verdict, 0, sizeof j.verdict);
	}
	if (rc == 0 && j.key_offered)
		unblocked_say(r);
	judged_clear(&j);
	return rc;
}

/* ---- reading and withdrawing ---- */

int
serve_request_list(struct seat *s, const struct wish *a,
    struct request_page *r, struct err *e)
{
	return request_rows(s, ROWS_REQUESTS, a, r, e);
}

/* S3.3: how it stands, and not whose it is. */
static int
state_alone(const char *ref, struct request *r, struct err *e)
{
	struct seat reader = { .role = ROLE_AUDITOR };
	struct request whole = { 0 };
	int64_t number;
	int rc;

	if (request_find(&reader, ref, &number, e) < 0)
		return -1;
	if ((rc = request_reload(number, &whole, e)) == 0) {
		r->row.number = whole.row.number;
		r->row.state = whole.row.state;
		r->row.certificate = whole.row.certificate;
	}
	NOUN_CLEAR(request, &whole);
	return rc;
}

int
serve_request_get(struct seat *s, const struct ref *a, struct request *r,
    struct err *e)
{
	int64_t number;

	if (s->role == ROLE_WEBSITE)
		return state_alone(a->ref, r, e);
	if (request_find(s, a->ref, &number, e) < 0)
		return -1;
	return request_reload(number, r, e);
}

int
serve_request_withdraw(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct request_head h;
	char object[24];
	int64_t number;

	(void)r;
	if (request_find(s, a->ref, &number, e) < 0 ||
	    request_head_load(number, &h, e) < 0)
		return -1;
	if (h.account != s->account)
		return err_set(e, ERR_NOT_FOUND, "request",
		    "request %lld is not yours; `refuse` is the way of staff",
		    (long long)number);
	if (h.state != REQUEST_AWAITING)
		return err_set(e, ERR_CONFLICT, "request-state",
		    "request %lld is %s already; only one that waits can be withdrawn",
		    (long long)number,
		    word_of(&request_state_words, h.state));
	if (request_move(number, REQUEST_AWAITING, REQUEST_WITHDRAWN, e) < 0)
		return -1;
	snprintf(object, sizeof object, "%lld", (long long)number);
	change_push("request", number, s->account, "");
	return audit_add(s, "request.withdraw", "request", object,
	    OUTCOME_DONE, e, "%.253s", h.first);
}
