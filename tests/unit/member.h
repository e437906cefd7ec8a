/* member.h - people of the unit tests who own domains and CSRs. */
#ifndef UNIT_MEMBER_H
#define UNIT_MEMBER_H

#include "tests/unit/csr_make.h"
#include "tests/unit/rig.h"

RIG struct seat
member_seat(const char *name, enum role role, uint8_t key)
{
	const char *line = rig_key(key);
	struct err e = { 0 };
	struct ref version = { 0 };
	struct none none = { 0 };
	struct seat s;
	int64_t number;

	rig_begin();
	number = rig_account(name, role, line);
	s = rig_seat(role, number, name, line);
	if ((ROLE_BIT(role) & (OWNERS)) != 0) {
		str_copy(version.ref, sizeof version.ref,
		    conf.policy_agreement_version);
		if (serve_agreement_accept(&s, &version, &none, &e) < 0)
			fail_msg("%s: %s", e.clause, e.text);
	}
	rig_commit();
	return s;
}

/* The code in the last letter of this kind. */
RIG const char *
mailed_code(const char *kind)
{
	static char code[CODE_SIZE];
	char sql[128], text[2049] = "";
	const char *hex;
	int n;

	snprintf(sql, sizeof sql, "SELECT substr(hex(blanks), 1, 4000)"
	    " FROM notice WHERE kind = '%s' ORDER BY number DESC LIMIT 1",
	    kind);
	hex = rig_ask_sql(sql);
	n = hex_decode((uint8_t *)text, sizeof text - 1, hex);
	for (int i = 0; i + 34 <= n; i++)
		if (text[i + 4] == '-' && text[i + 29] == '-' &&
		    strspn(text + i, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-") >=
		    34) {
			memcpy(code, text + i, 34);
			code[34] = '\0';
			return code;
		}
	fail_msg("no code in the letter");
	return NULL;
}

RIG void
domain_claim_for(struct seat *s, const char *name)
{
	struct domain_new a = { 0 };
	struct domain d = { 0 };
	struct err e = { 0 };

	str_copy(a.name, sizeof a.name, name);
	rig_begin();
	if (serve_domain_add(s, &a, &d, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	NOUN_CLEAR(domain, &d);
	rig_commit();
}

RIG int
domain_enter(struct seat *s, const char *name, const char *code,
    struct domain *d, struct err *e)
{
	struct confirmation c = { 0 };
	int r;

	str_copy(c.name, sizeof c.name, name);
	str_copy(c.code, sizeof c.code, code);
	rig_begin();
	r = serve_domain_confirm(s, &c, d, e);
	rig_commit();
	return r;
}

RIG void
domain_prove_for(struct seat *s, const char *name)
{
	struct domain d = { 0 };
	struct err e = { 0 };

	domain_claim_for(s, name);
	if (domain_enter(s, name, mailed_code("domain"), &d, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(d.state, DOMAIN_PROVEN);
	NOUN_CLEAR(domain, &d);
}

/* A wish for one domain with a key (NULL: a new one). */
RIG struct request_wish
wish_for(const char *domain, EVP_PKEY *key)
{
	struct request_wish w = { 0 };
	struct csr_plan plan = { .key = key ? key : EVP_EC_gen("P-256") };
	struct buf der = csr_make(&plan), pem = pem_make(&der,
	    "CERTIFICATE REQUEST", "\n", "");

	if (domain != NULL)
		str_copy(LIST_ADD(&w, domains)->name,
		    sizeof w.domains->name, domain);
	blob_set(&w.csr, pem.data, pem.size);
	buf_clear(&pem);
	buf_clear(&der);
	if (key == NULL)
		EVP_PKEY_free(plan.key);
	return w;
}

RIG int
submit(struct seat *s, const struct request_wish *w, struct request *r,
    struct err *e)
{
	int rc;

	rig_begin();
	rc = serve_request_submit(s, w, r, e);
	issue_run();
	if (rc == 0)
		rc = request_reload(r->row.number, r, e);
	rig_commit();
	return rc;
}

RIG int
decide(struct seat *s, int64_t number, const char *refusal,
    struct request *r, struct err *e)
{
	struct decision d = { .number = number };
	int rc;

	str_copy(d.text, sizeof d.text, refusal ? refusal : "looks right");
	rig_begin();
	rc = refusal ? serve_request_refuse(s, &d, r, e) :
	    serve_request_approve(s, &d, r, e);
	issue_run();
	if (rc == 0)
		rc = request_reload(number, r, e);
	rig_commit();
	return rc;
}

#endif
