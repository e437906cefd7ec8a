/* caa.c - the CAA answers of a request: asked for, kept, obeyed. */
#include "core/registrar/domain/caa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/rdata.h"
#include "core/registrar/db.h"
#include "core/registrar/domain/lookup.h"
#include "core/x509/names.h"

#define FRESH_SECONDS 60	/* a refusal that staff cannot approve over */
#define AT_ONCE 128		/* domains of a request: 100 at most */

enum { Q_ADD, Q_SET, Q_LIST, Q_WANTED, Q_WAKE, Q_DOMAINS, Q_FORBIDDEN };

static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO request_caa (request, domain, state, why)"
	    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (request, domain)"
	    " DO UPDATE SET state = excluded.state, why = excluded.why",
	[Q_SET] = "UPDATE request_caa SET state = ?3, at = ?4, records = ?5,"
	    " dnssec = ?6, why = ?7, checked = ?8"
	    " WHERE request = ?1 AND domain = ?2",
	[Q_LIST] = "SELECT d.domain, c.state, c.at, c.records, c.dnssec,"
	    " c.why, c.checked FROM request_domain d JOIN request_caa c"
	    " ON c.request = d.request AND c.domain = d.domain"
	    " WHERE d.request = ?1 ORDER BY d.place",
	[Q_WANTED] = "SELECT 1 FROM request WHERE number = ?1"
	    " AND state IN ('awaiting', 'approved')",
	[Q_WAKE] = "UPDATE request SET retry_at = ?2"
	    " WHERE number = ?1 AND state = 'approved'",
	[Q_DOMAINS] = "SELECT d.domain, c.state, c.checked, r.decided, c.why"
	    " FROM request_domain d JOIN request r ON r.number = d.request"
	    " LEFT JOIN request_caa c ON c.request = d.request"
	    " AND c.domain = d.domain WHERE d.request = ?1",
	[Q_FORBIDDEN] = "SELECT why FROM request_caa WHERE request = ?1"
	    " AND state = 'forbidden' AND checked > ?2 LIMIT 1",
};
DB_STATEMENTS(caa, sql)

static bool
is_mode(const char *mode)
{
	return strcmp(conf.policy_caa, mode) == 0;
}

int
caa_check(struct err *e)
{
	if (is_mode("require") || is_mode("advise") || is_mode("off"))
		return 0;
	return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
	    "[policy] caa = %.60s: wants require, advise or off",
	    conf.policy_caa);
}

static const char *
issuer(void)
{
	return conf.policy_caa_issuer[0] ? conf.policy_caa_issuer :
	    conf.service_name;
}

/* The URI of an account, with its name where the configuration says so. */
static void
account_uri(char *dst, size_t size, const char *name)
{
	const char *at = strstr(conf.policy_caa_account, "ACCOUNT");

	if (at == NULL)
		snprintf(dst, size, "%s", conf.policy_caa_account);
	else
		snprintf(dst, size, "%.*s%s%s",
		    (int)(at - conf.policy_caa_account),
		    conf.policy_caa_account, name, at + 7);
}

void
caa_value(char *dst, size_t size, const char *account)
{
	char uri[CONF_STR_SIZE + 33];

	account_uri(uri, sizeof uri, account);
	if (issuer()[0] == '\0')
		dst[0] = '\0';
	else
		snprintf(dst, size, "%s%s%s", issuer(), uri[0] ?
		    "; accounturi=" : "", uri);
}

/* ---- asking ---- */

static int
row_set(int64_t request, const char *domain, enum caa_state state,
    const char *why, struct err *e)
{
	struct query *q = db_query(caa_prepared[Q_ADD]);

	q_i64(q, 1, request);
	q_str(q, 2, domain);
	q_str(q, 3, word_of(&caa_state_words, state));
	q_str(q, 4, why);
	return q_run(q, e);
}

static int
domain_ask(const struct request_head *h, const char *domain, struct err *e)
{
	if (lookup_is_pointless(domain))
		return row_set(h->number, domain, CAA_SKIPPED,
		    "a special-use name: no public DNS knows it", e);
	if (row_set(h->number, domain, CAA_WAITING, "", e) < 0)
		return -1;
	return lookup_ask(LOOKUP_CAA, domain, h->account, h->number, e);
}

struct asked {
	char domain[DOMAIN_SIZE];
	bool ask;		/* no answer that counts, and none on its way */
};

/* 0 all may be issued; 1 answers are missing (those to ask for are marked);
 * -1 refused, or worse. */
static int
answers_read(const struct request_head *h, struct asked *list, int *n,
    struct err *e)
{
	struct query *q = db_query(caa_prepared[Q_DOMAINS]);
	int64_t old = clock_now() - conf.policy_caa_hours * 3600;
	char state[16], why[640] = "";
	bool refused = false, waits = false;
	int r;

	*n = 0;
	q_i64(q, 1, h->number);
	while ((r = q_next(q, e)) == 1 && *n < AT_ONCE) {
		struct asked *d = &list[(*n)++];
		int64_t checked = q_col_i64(q, 2);
		int s = CAA_WAITING;

		q_col_str(q, 0, d->domain, sizeof d->domain);
		d->ask = q_col_null(q, 1);
		if (!d->ask) {
			q_col_str(q, 1, state, sizeof state);
			s = word_parse(&caa_state_words, state);
		}
		if (s == CAA_SKIPPED || (s == CAA_ALLOWED && checked > old))
			continue;
		if (s == CAA_FORBIDDEN && checked >= q_col_i64(q, 3)) {
			refused = true;
			q_col_str(q, 4, why, sizeof why);
		}
		/* what was forbidden before the approval is asked anew */
		d->ask = d->ask || s == CAA_ALLOWED || s == CAA_FORBIDDEN;
		waits = true;
	}
	if (r < 0)
		return -1;
	if (refused)
		return err_set(e, ERR_REFUSED, "caa-forbids", "%s", why);
	return waits;
}

int
caa_ask(const struct request_head *h, struct err *e)
{
	struct asked list[AT_ONCE];
	struct err none = { 0 };
	int n = 0, r = 0;

	if (is_mode("off"))
		return 0;
	if (answers_read(h, list, &n, &none) < 0) {
		*e = none;
		return -1;
	}
	for (int i = 0; i < n && r == 0; i++)
		if (list[i].ask)
			r = domain_ask(h, list[i].domain, e);
	return r;
}

int
caa_gate(const struct request_head *h, struct err *e)
{
	struct asked list[AT_ONCE];
	int n = 0, r;

	if (!is_mode("require"))
		return 0;
	if ((r = answers_read(h, list, &n, e)) <= 0)
		return r;
	for (int i = 0; i < n; i++)
		if (list[i].ask && domain_ask(h, list[i].domain, e) < 0)
			return -1;
	/* those that need no look at all may have been all */
	if ((r = answers_read(h, list, &n, e)) <= 0)
		return r;
	return err_set(e, ERR_UNAVAILABLE, "caa-waiting",
	    "the CAA records of request %lld are being looked up",
	    (long long)h->number);
}

int
caa_approvable(int64_t request, struct err *e)
{
	struct query *q = NULL;
	char why[640];
	int r;

	if (!is_mode("require"))
		return 0;
	q = db_query(caa_prepared[Q_FORBIDDEN]);
	q_i64(q, 1, request);
	q_i64(q, 2, clock_now() - FRESH_SECONDS);
	if ((r = q_next(q, e)) != 1)
		return r;
	q_col_str(q, 0, why, sizeof why);
	q_end(q);
	return err_set(e, ERR_REFUSED, "caa-forbids",
	    "%s; when that is done, approve again after a minute: it is then looked up anew",
	    why);
}

/* ---- the answer ---- */

static const char *
method_of(const struct request_head *h, const char *domain, struct err *e)
{
	struct domain_ref *list = NULL;
	const char *word = word_of(&proof_method_words, PROOF_MAIL);
	size_t n = 0;

	if (request_domains(h->number, h->account, &list, &n, e) < 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].domain, domain) == 0)
			word = word_of(&proof_method_words, list[i].method);
	free(list);
	return word;
}

/* The state, and in words for people why. */
static enum caa_state
judge(const struct request_head *h, const char *domain,
    const struct lookup_result *a, const char *method, char why[640])
{
	char uri[CONF_STR_SIZE + 33], said[300];
	struct caa_asker who = { .issuer = issuer(), .account = uri,
		.method = method };
	struct err e = { 0 };

	account_uri(uri, sizeof uri, h->account_name);
	render_untrusted(said, sizeof said, a->why, strlen(a->why));
	switch (a->outcome) {
	case LOOKUP_NONE:
		snprintf(why, 640, "no CAA record up to the root");
		return CAA_ALLOWED;
	case LOOKUP_FOUND:
		break;
	case LOOKUP_TIMEOUT:
		snprintf(why, 640, "%s; asked again soon", said[0] ? said :
		    "no answer in time");
		return CAA_UNAVAILABLE;
	default:
		snprintf(why, 640,
		    "the CAA records of %.200s cannot be trusted or read (%s), so that nothing is issued for it; mend the zone, then request again",
		    domain, said[0] ? said :
		    word_of(&lookup_outcome_words, a->outcome));
		return CAA_FORBIDDEN;
	}
	if (a->more)
		err_set(&e, ERR_REFUSED, "caa-forbids",
		    "there are more CAA records than this authority reads");
	else if (caa_judge(a->caa, a->n_caa, &who, &e) == 0) {
		snprintf(why, 640, "%.200s may issue", issuer());
		return CAA_ALLOWED;
	}
	snprintf(why, 640, "%.300s; add this record: %.200s. CAA 0 issue \"%.100s\"",
	    e.text, a->at[0] ? a->at : domain, issuer());
	return CAA_FORBIDDEN;
}

static int
answer_keep(const struct request_head *h, const char *domain,
    const struct lookup_result *a, enum caa_state state, const char *why,
    struct err *e)
{
	char records[1024], object[24];
	struct query *q = db_query(caa_prepared[Q_SET]);

	caa_text(records, sizeof records, a->caa, a->n_caa);
	q_i64(q, 1, h->number);
	q_str(q, 2, domain);
	q_str(q, 3, word_of(&caa_state_words, state));
	q_str(q, 4, a->at);
	q_str(q, 5, records);
	q_str(q, 6, word_of(&dnssec_state_words, a->dnssec));
	q_str(q, 7, why);
	q_i64(q, 8, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	if (state == CAA_UNAVAILABLE)
		return 0;
	snprintf(object, sizeof object, "%lld", (long long)h->number);
	return audit_add(NULL, "request.caa", "request", object,
	    state == CAA_ALLOWED ? OUTCOME_DONE : OUTCOME_REFUSED, e,
	    "%.253s: %s; %s%s%.300s", domain, why,
	    word_of(&dnssec_state_words, a->dnssec), records[0] ?
	    "; records: " : "", records);
}

int
caa_answer(int64_t request, const char *domain, const struct lookup_result *a,
    struct err *e)
{
	struct request_head h;
	struct query *q = db_query(caa_prepared[Q_WANTED]);
	enum caa_state state;
	const char *method = NULL;
	char why[640];
	int r;

	q_i64(q, 1, request);
	r = q_next(q, e);
	q_end(q);
	if (r < 0)
		return -1;
	if (r == 0)
		return lookup_drop(LOOKUP_CAA, request, e);
	if (request_head_load(request, &h, e) < 0 ||
	    (method = method_of(&h, domain, e)) == NULL)
		return -1;
	state = judge(&h, domain, a, method, why);
	if (answer_keep(&h, domain, a, state, why, e) < 0)
		return -1;
	q = db_query(caa_prepared[Q_WAKE]);
	q_i64(q, 1, request);
	q_i64(q, 2, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	change_push("request", request, h.account, "");
	return 0;
}

/* ---- the evidence ---- */

int
caa_load(struct request *r, struct err *e)
{
	struct query *q = db_query(caa_prepared[Q_LIST]);
	bool told = false;
	char word[16];
	int have;

	q_i64(q, 1, r->row.number);
	while ((have = q_next(q, e)) == 1) {
		struct caa_finding *c = LIST_ADD(r, caa);

		q_col_str(q, 0, c->domain, sizeof c->domain);
		q_col_str(q, 1, word, sizeof word);
		c->state = (enum caa_state)word_parse(&caa_state_words, word);
		q_col_str(q, 2, c->at, sizeof c->at);
		q_col_str(q, 3, c->records, sizeof c->records);
		q_col_str(q, 4, word, sizeof word);
		c->dnssec = (enum dnssec_state)word_parse(
		    &dnssec_state_words, word);
		q_col_str(q, 5, c->why, sizeof c->why);
		c->checked = q_col_i64(q, 6);
		if (is_mode("require") && r->row.state == REQUEST_APPROVED &&
		    !told && (c->state == CAA_WAITING ||
		    c->state == CAA_UNAVAILABLE)) {
			told = true;	/* rather than that it waits for the signer */
			snprintf(r->refusal, sizeof r->refusal,
			    "issuing waits for the CAA records of %.253s%s%.300s",
			    c->domain, c->why[0] ? ": " : "", c->why);
		}
	}
	return have;
}
