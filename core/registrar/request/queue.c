/* queue.c - what waits for a decision, and the evidence beside it. */
#include "core/registrar/request/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/domain/lookalikes.h"
#include "core/registrar/policy.h"
#include "core/registrar/account/privacy.h"

#define SEEN_SIZE 64
#define SEEN_SECONDS 600	/* looking again within this is the same look */
#define NEW_ACCOUNT_DAYS 7
#define PROOF_SHORT_DAYS 7

enum { Q_DOMAIN_ELSEWHERE };

static const char *const sql[] = {
	[Q_DOMAIN_ELSEWHERE] = "SELECT d.name, a.name FROM request_domain m"
	    " JOIN domain d ON d.name = m.domain"
	    " JOIN account a ON a.number = d.account"
	    " WHERE m.request = ?1 AND d.account <> ?2"
	    " AND d.state <> 'dropped' ORDER BY d.number LIMIT 10",
};
DB_STATEMENTS(queue, sql)

int
serve_queue_list(struct seat *s, const struct wish *a, struct request_page *r,
    struct err *e)
{
	return request_rows(s, ROWS_QUEUE, a, r, e);
}

/* ---- warnings ---- */

static void warning_add(struct evidence *r, const char *rule,
    const char *value, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
warning_add(struct evidence *r, const char *rule, const char *value,
    const char *fmt, ...)
{
	struct finding *f = NULL;
	va_list ap;

	if (err_mutated(rule))
		return;
	f = LIST_ADD(r, warnings);
	f->kind = VERDICT_WARNED;
	str_copy(f->rule, sizeof f->rule, rule);
	str_copy(f->what, sizeof f->what, "request");
	str_copy(f->value, sizeof f->value, value);
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
}

static void
domain_warnings(struct evidence *r)
{
	int64_t soon = clock_now() + PROOF_SHORT_DAYS * 86400;

	for (size_t i = 0; i < r->request.n_domains; i++) {
		const struct domain_ref *d = &r->request.domains[i];

		if (d->proof_domain[0] == '\0')
			warning_add(r, "name-unproven", d->domain,
			    "no live proof covers this domain now: it cannot be approved");
		else if (d->expires < soon)
			warning_add(r, "proof-short", d->domain,
			    "the proof of this domain ends within %d days",
			    PROOF_SHORT_DAYS);
		if (policy_is_high_value(d->domain))
			warning_add(r, "name-high-value", d->domain,
			    "a name that many know: two people must approve");
		if (strncmp(d->domain, "xn--", 4) == 0 ||
		    strstr(d->domain, ".xn--") != NULL)
			warning_add(r, "name-international", d->domain,
			    "an internationalised name: compare the two forms, it may look like another");
	}
	for (size_t i = 0; i < r->request.n_caa; i++) {
		const struct caa_finding *c = &r->request.caa[i];

		if (c->state == CAA_FORBIDDEN || c->state == CAA_UNAVAILABLE)
			warning_add(r, "caa-forbids", c->domain, "%.400s",
			    c->why);
	}
	for (size_t i = 0; i < r->n_earlier; i++)
		if (strcmp(r->earlier[i].account,
		    r->request.row.account) != 0) {
			warning_add(r, "domain-earlier-other",
			    r->earlier[i].account,
			    "another account had a certificate for one of the domains (request %lld)",
			    (long long)r->earlier[i].number);
			break;
		}
}

static int
lookalikes_warn(struct evidence *r, int64_t account, struct err *e)
{
	char other[254];
	int found = 0;

	for (size_t i = 0; i < r->request.n_domains && found >= 0; i++) {
		const char *domain = r->request.domains[i].domain;

		found = lookalike_find(domain, account, other, e);
		if (found == 1)
			warning_add(r, "name-lookalike", domain,
			    "it looks like %s, which is somebody else's", other);
	}
	return found < 0 ? -1 : 0;
}

static int
claims_elsewhere(struct evidence *r, int64_t account, struct err *e)
{
	struct query *q = db_query(queue_prepared[Q_DOMAIN_ELSEWHERE]);
	char domain[254], other[33];
	int have;

	q_i64(q, 1, r->request.row.number);
	q_i64(q, 2, account);
	while ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, domain, sizeof domain);
		q_col_str(q, 1, other, sizeof other);
		warning_add(r, "domain-claimed-elsewhere", domain,
		    "%s claims this domain too", other);
	}
	return have;
}

static void
findings_warn(struct evidence *r)
{
	for (size_t i = 0; i < r->request.n_findings; i++)
		if (r->request.findings[i].kind == VERDICT_WARNED)
			*LIST_ADD(r, warnings) = r->request.findings[i];
	if (clock_now() - r->account.created < NEW_ACCOUNT_DAYS * 86400)
		warning_add(r, "account-new", r->account.name,
		    "the account is younger than %d days", NEW_ACCOUNT_DAYS);
	if (r->account.state != ACCOUNT_ACTIVE)
		warning_add(r, "account-state",
		    word_of(&account_state_words, r->account.state),
		    "the account is not active: nothing can be issued to it");
}

/* ---- who has looked (S4.6) ---- */

static bool
seen_lately(int64_t account, int64_t request)
{
	static struct {
		int64_t account, request, at;
	} seen[SEEN_SIZE];
	static size_t next;
	int64_t now = clock_now();

	for (size_t i = 0; i < SEEN_SIZE; i++)
		if (seen[i].account == account &&
		    seen[i].request == request &&
		    now - seen[i].at < SEEN_SECONDS)
			return true;
	seen[next].account = account;
	seen[next].request = request;
	seen[next].at = now;
	next = (next + 1) % SEEN_SIZE;
	return false;
}

int
serve_request_evidence(struct seat *s, const struct ref *a,
    struct evidence *r, struct err *e)
{
	struct request_head h;
	char object[24];
	int64_t number;

	if (request_find(s, a->ref, &number, e) < 0 ||
	    request_head_load(number, &h, e) < 0 ||
	    request_reload(number, &r->request, e) < 0 ||
	    request_rows_earlier(number, &r->earlier, &r->n_earlier, e) < 0 ||
	    account_load(h.account, &r->account, e) < 0)
		return -1;
	domain_warnings(r);
	if (claims_elsewhere(r, h.account, e) < 0 ||
	    lookalikes_warn(r, h.account, e) < 0)
		return -1;
	findings_warn(r);
	if (reads_redacted(s))
		addresses_redact(r->account.email);
	if (h.account == s->account || seen_lately(s->account, number))
		return 0;
	snprintf(object, sizeof object, "%lld", (long long)number);
	return audit_add(s, "request.view", "request", object, OUTCOME_DONE,
	    e, "of %s", h.account_name);
}
