/* request_check.c - the one decision on a CSR that check and submit share:
 * the reader's verdict, then what only the database knows about its key. */
#include "core/registrar/request/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/request/person.h"
#include "core/registrar/account/key_known.h"
#include "core/x509/hash.h"
#include "core/x509/intake.h"

#define SAME_MAX 8	/* earlier requests that are compared */

enum { Q_QUOTA, Q_PLACE, Q_BLOCKED, Q_KEY_ELSEWHERE, Q_KEY_OWN, Q_SAME,
	Q_DOMAINS };

static const char *const sql[] = {
	/* good ones that go on, and requests that may become one more */
	/* ?3: all that count, or the kept counters, which have expired ones
	 * and each renewal too: they can only be too high */
	[Q_QUOTA] = "SELECT a.certificates_most,"
	    " CASE WHEN ?3 = 0 THEN a.good_certificates ELSE"
	    " (SELECT count(*) FROM certificate c WHERE c.account = a.number"
	    "  AND c.state = 'good' AND c.not_after > ?2) END,"
	    /* of several renewals of one certificate, one takes its place */
	    " CASE WHEN ?3 = 0 THEN a.open_requests ELSE"
	    " (SELECT count(*) - count(DISTINCT nullif(r.renews, ''))"
	    "  FROM request r WHERE r.account = a.number"
	    "  AND r.state IN ('awaiting', 'approved')) END"
	    " FROM account a WHERE a.number = ?1",
	/* does this certificate's place go to somebody else already? */
	[Q_PLACE] = "SELECT 1 FROM certificate c WHERE c.serial = ?1"
	    " AND c.account = ?2 AND c.state = 'good' AND c.not_after > ?3"
	    " AND NOT EXISTS (SELECT 1 FROM request r"
	    "  WHERE r.account = ?2 AND r.renews = ?1"
	    "  AND r.state IN ('awaiting', 'approved'))"
	    " AND NOT EXISTS (SELECT 1 FROM certificate n"
	    "  JOIN request r ON r.number = n.request"
	    "  WHERE n.account = ?2 AND r.renews = ?1 AND n.state = 'good'"
	    "  AND n.not_after > ?3)",
	[Q_BLOCKED] = "SELECT why FROM blocked_key WHERE spki_sha256 = ?1",
	[Q_KEY_ELSEWHERE] = "SELECT 1 FROM request WHERE spki_sha256 = ?1"
	    " AND account <> ?2"
	    " AND state IN ('awaiting', 'approved', 'issued') LIMIT 1",
	[Q_KEY_OWN] = "SELECT c.serial FROM request r"
	    " JOIN certificate c ON c.request = r.number"
	    " WHERE r.spki_sha256 = ?1 AND +c.account = ?2"
	    " ORDER BY r.number DESC LIMIT 1",
	[Q_SAME] = "SELECT r.number FROM request r"
	    " LEFT JOIN certificate c ON c.request = r.number"
	    " WHERE r.account = ?1 AND r.csr_sha256 = ?2 AND r.profile = ?3"
	    " AND r.renews = ?4 AND r.domains = ?5"
	    " AND (r.state IN ('awaiting', 'approved')"
	    " OR (r.state = 'issued' AND c.state = 'good'"
	    " AND c.not_after > ?6)) ORDER BY r.number LIMIT ?7",
	[Q_DOMAINS] = "SELECT domain FROM request_domain WHERE request = ?1"
	    " ORDER BY place",
};
DB_STATEMENTS(request_check, sql)

void
judged_clear(struct judged *j)
{
	NOUN_CLEAR(verdict, &j->verdict);
	if (j->key_offered)
		secret_wipe(j->csr.data, j->csr.size);
	blob_clear(&j->csr);
	blob_clear(&j->spki);
}

/* ---- findings of the database ---- */

static void finding_add(struct verdict *v, enum verdict_kind kind,
    const char *rule, const char *value, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static void
finding_add(struct verdict *v, enum verdict_kind kind, const char *rule,
    const char *value, const char *fmt, ...)
{
	struct finding *f = NULL;
	va_list ap;

	if (err_mutated(rule))
		return;
	f = LIST_ADD(v, findings);
	f->kind = kind;
	str_copy(f->rule, sizeof f->rule, rule);
	str_copy(f->what, sizeof f->what, "key");
	str_copy(f->value, sizeof f->value, value);
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	if (kind != VERDICT_REFUSED || !v->accepted)
		return;
	v->accepted = false;
	str_copy(v->rule, sizeof v->rule, rule);
	str_copy(v->text, sizeof v->text, f->text);
}

/* The first column of the first row into text; 1 there is one, 0, -1. */
static int
first_text(struct query *q, char *text, size_t size, struct err *e)
{
	int r = q_next(q, e);

	if (r == 1) {
		q_col_str(q, 0, text, size);
		q_end(q);
	}
	return r;
}

static int
blocked_check(struct verdict *v, struct err *e)
{
	struct query *q = db_query(request_check_prepared[Q_BLOCKED]);
	char why[64];
	int r;

	q_blob(q, 1, v->spki_sha256, sizeof v->spki_sha256);
	if ((r = first_text(q, why, sizeof why, e)) == 1)
		finding_add(v, VERDICT_REFUSED, "key-blocked", v->key,
		    "this key is blocked for ever (%s); make a new key and a new CSR",
		    why);
	return r < 0 ? -1 : 0;
}

/* S5.5: one key in two accounts is refused, one key again is told. */
static int
key_check(struct verdict *v, int64_t account, struct err *e)
{
	struct query *q = db_query(request_check_prepared[Q_KEY_ELSEWHERE]);
	char serial[42];
	int r;

	q_blob(q, 1, v->spki_sha256, sizeof v->spki_sha256);
	q_i64(q, 2, account);
	r = q_next(q, e);
	q_end(q);
	if (r < 0)
		return -1;
	if (r == 1) {
		finding_add(v, VERDICT_REFUSED, "key-other-account", v->key,
		    "another member uses this key; make a new key of your own and a new CSR");
		return 0;
	}
	q = db_query(request_check_prepared[Q_KEY_OWN]);
	q_blob(q, 1, v->spki_sha256, sizeof v->spki_sha256);
	q_i64(q, 2, account);
	if ((r = first_text(q, serial, sizeof serial, e)) == 1)
		finding_add(v, VERDICT_WARNED, "key-reused", v->key,
		    "the key is that of your certificate %s; a new key for each certificate is safer",
		    serial);
	return r < 0 ? -1 : 0;
}

/* Keys that belong elsewhere: to the authority (refused), to the account's
 * SSH login (told). */
static int
key_place_check(struct judged *j, int64_t account, struct err *e)
{
	char fingerprint[64];
	int r = key_is_authority(&j->spki, e);

	if (r == 1)
		finding_add(&j->verdict, VERDICT_REFUSED, "key-authority",
		    j->verdict.key,
		    "this is a key of the authority itself; make a new key of your own and a new CSR");
	if (r != 0 || account == 0)
		return r < 0 ? -1 : 0;
	if ((r = key_is_ssh(&j->spki, account, fingerprint, e)) == 1)
		finding_add(&j->verdict, VERDICT_WARNED, "key-ssh",
		    j->verdict.key,
		    "this key also opens your account by SSH (%s); a key of its own for the server is safer",
		    fingerprint);
	return r < 0 ? -1 : 0;
}

/* P1.1: a renewal takes the place of the one that ends, and is not counted;
 * a second renewal of it, or one of what is not good any more, is. */
static int
place_kept(const struct judged *j, int64_t account, struct err *e)
{
	struct query *q = NULL;
	int have;

	if (j->renews[0] == '\0')
		return 0;
	q = db_query(request_check_prepared[Q_PLACE]);
	q_str(q, 1, j->renews);
	q_i64(q, 2, account);
	q_i64(q, 3, clock_now());
	have = q_next(q, e);
	q_end(q);
	return have;
}

static int
quota_read(int64_t account, bool exact, int64_t *most, int64_t *good,
    int64_t *waiting, struct err *e)
{
	struct query *q = db_query(request_check_prepared[Q_QUOTA]);
	int r;

	q_i64(q, 1, account);
	q_i64(q, 2, clock_now());
	q_i64(q, 3, exact);
	if ((r = q_next(q, e)) == 1) {
		*most = q_col_i64(q, 0);
		*good = q_col_i64(q, 1);
		*waiting = q_col_i64(q, 2);
	}
	q_end(q);
	if (*most == 0)
		*most = conf.policy_certificates_per_account;
	return r < 0 ? -1 : 0;
}

static int
quota_check(struct judged *j, int64_t account, struct err *e)
{
	int64_t most = 0, good = 0, waiting = 0;
	struct verdict *v = &j->verdict;
	char value[64];
	int place;

	if (quota_read(account, false, &most, &good, &waiting, e) < 0)
		return -1;
	if (good + waiting < most)
		return 0;
	if (quota_read(account, true, &most, &good, &waiting, e) < 0)
		return -1;
	if (good + waiting < most || (place = place_kept(j, account, e)) == 1)
		return 0;
	if (place < 0)
		return -1;
	snprintf(value, sizeof value, "%lld good, %lld requested",
	    (long long)good, (long long)waiting);
	finding_add(v, VERDICT_REFUSED, "quota", value,
	    "this account may have %lld good certificates at once; revoke what you need no more, or ask the staff for more (member quota)",
	    (long long)most);
	return 0;
}

/* ---- the same again ---- */

static int
domains_equal(int64_t number, const struct verdict *v, struct err *e)
{
	struct query *q = db_query(request_check_prepared[Q_DOMAINS]);
	char domain[254];
	size_t n = 0;
	bool equal = true;
	int r;

	q_i64(q, 1, number);
	while ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, domain, sizeof domain);
		equal = equal && n < v->n_domains &&
		    strcmp(v->domains[n].domain, domain) == 0;
		n++;
	}
	return r < 0 ? -1 : equal && n == v->n_domains;
}

static int
same_find(int64_t account, struct judged *j, struct err *e)
{
	struct query *q = db_query(request_check_prepared[Q_SAME]);
	int64_t found[SAME_MAX];
	int n = 0, r;

	q_i64(q, 1, account);
	q_blob(q, 2, j->verdict.csr_sha256, 32);
	q_str(q, 3, j->verdict.profile);
	q_str(q, 4, j->renews);
	q_i64(q, 5, (int64_t)j->verdict.n_domains);
	q_i64(q, 6, clock_now());
	q_i64(q, 7, SAME_MAX);
	while ((r = q_next(q, e)) == 1)
		found[n++] = q_col_i64(q, 0);
	for (int i = 0; i < n && r == 0; i++) {
		int equal = domains_equal(found[i], &j->verdict, e);

		if (equal < 0)
			return -1;
		if (equal) {
			j->same = found[i];
			return 0;
		}
	}
	return r;
}

/* ---- the decision ---- */

static int
intake_run(int64_t account, const struct request_wish *w,
    const struct renewal *old, const struct invited *invited,
    struct judged *j, struct err *e)
{
	struct domain_ref *proofs = NULL;
	struct intake in = {
		.csr = j->csr.data, .csr_size = j->csr.size,
		.domains = w->n_domains ? w->domains : old->domains,
		.n_domains = w->n_domains ? w->n_domains : old->n_domains,
		.profile = w->profile[0] != '\0' ? w->profile : old->profile,
		.profiles = conf.policy_profiles,
		.special_names = conf.policy_special_names,
		.subdomains = conf.policy_subdomains,
		.days = conf.policy_days,
		.max_names = conf.policy_names_per_certificate,
		.now = clock_now(),
		.assume_proven = account == 0,
		.jid = w->jid[0] != '\0' ? w->jid : old->jid[0] != '\0' ?
		    old->jid : invited->jid,
	};

	if (invited->number != 0)
		j->prover = invited->account;
	if (account != 0 && domain_proofs(j->prover != 0 ? j->prover :
	    account, &proofs, &in.n_proofs, e) < 0)
		return -1;
	in.proofs = proofs;
	intake_judge(&in, &j->verdict, &j->spki, &j->key_offered);
	free(proofs);
	return 0;
}

/* The code is for one address: that of the certificate, or of none. */
static void
code_judge(const struct request_wish *w, const struct invited *invited,
    struct judged *j)
{
	struct verdict *v = &j->verdict;

	/* without its code the domain is unproven as well: say the cause */
	if (w->code[0] != '\0' && invited->number == 0 &&
	    strcmp(v->rule, "name-unproven") == 0)
		v->accepted = true;
	if (w->code[0] == '\0' || !v->accepted)
		return;
	if (invited->number == 0)
		finding_add(v, VERDICT_REFUSED, "person-code", "",
		    "this code counts no more, or never did; ask the holder of the domain for a new one");
	else if (v->n_names != 1 || strcmp(v->names[0].value,
	    invited->jid) != 0)
		finding_add(v, VERDICT_REFUSED, "person-code", "",
		    "this code is for another address than the request");
	else
		j->invitation = invited->number;
}

/* The wish, filled up from the request that it renews, as the reader of CSRs
 * judges it. */
static int
wish_judge(int64_t account, const struct request_wish *w, struct judged *j,
    struct err *e)
{
	struct renewal old = { 0 };
	struct invited invited = { 0 };
	const struct blob *csr = &w->csr;
	int r = 0;

	if (w->renew[0] != '\0')
		r = renewal_read(account, w, &old, e);
	if (r == 0 && w->code[0] != '\0' && account != 0)
		r = invitation_find(w->code, &invited, e);
	if (r == 0) {
		str_copy(j->renews, sizeof j->renews, old.serial);
		if (csr->size == 0)
			csr = &old.csr;
		if (csr->size > 0)
			blob_set(&j->csr, csr->data, csr->size);
		r = intake_run(account, w, &old, &invited, j, e);
	}
	if (r == 0)
		code_judge(w, &invited, j);
	renewal_clear(&old);
	return r;
}

int
request_judge(int64_t account, const struct request_wish *w,
    struct judged *j, struct err *e)
{
	int r;

	if (account != 0 && account_may_issue(account, e) < 0)
		return -1;
	r = wish_judge(account, w, j, e);
	if (r == 0 && j->verdict.accepted)
		r = blocked_check(&j->verdict, e);
	if (r == 0 && j->verdict.accepted)
		r = key_place_check(j, account, e);
	if (r == 0 && j->verdict.accepted && account != 0)
		r = key_check(&j->verdict, account, e);
	if (r == 0 && j->verdict.accepted && account != 0)
		r = same_find(account, j, e);
	/* the same request again is answered with the first one's number */
	if (r == 0 && j->verdict.accepted && account != 0 && j->same == 0)
		r = quota_check(j, account, e);
	return r;
}
