/* dns_test.c - TXT, CAA and SRV records read and judged; looks that wait for
 * the courier, and what their answers do; addresses that are never dialled.
 * J1.3 J1.6 J1.7 R1.3 S12.5 */
#include "tests/unit/member.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/courier/outside.h"
#include "core/model/rdata.h"
#include "core/registrar/domain/caa.h"
#include "core/registrar/domain/lookup.h"
#include "core/registrar/domain/proof.h"

/* ---- bytes ---- */

static void
txt_strings_are_joined_within_bounds(void **state)
{
	uint8_t full[5 * 256];
	struct dns_text t;

	(void)state;
	assert_int_equal(txt_read((const uint8_t *)"\3abc\0\2de", 8, &t), 0);
	assert_string_equal(t.text, "abcde");
	assert_int_equal(txt_read((const uint8_t *)"", 0, &t), -1);
	assert_int_equal(txt_read((const uint8_t *)"\4abc", 4, &t), -1);
	assert_int_equal(txt_read((const uint8_t *)"\3a\0b", 4, &t), -1);
	memset(full, 'x', sizeof full);
	for (size_t i = 0; i < 5; i++)
		full[i * 256] = 255;
	assert_int_equal(txt_read(full, 4 * 256, &t), 0);
	assert_int_equal(strlen(t.text), 1020);
	assert_int_equal(txt_read(full, 5 * 256, &t), -1);
	assert_string_equal(t.text, "");
}

static void
caa_and_srv_are_read_whole_or_not_at_all(void **state)
{
	static const uint8_t srv[] = "\0\12\0\5\24\146\4XMPP\7example";
	struct caa_record c;
	struct srv s;

	(void)state;
	assert_int_equal(caa_read((const uint8_t *)"\200\5Issueca", 9, &c),
	    0);
	assert_true(c.critical);
	assert_string_equal(c.tag, "issue");
	assert_string_equal(c.value, "ca");
	assert_int_equal(caa_read((const uint8_t *)"\0\5issu", 6, &c), -1);
	assert_int_equal(caa_read((const uint8_t *)"\0\0x", 3, &c), -1);
	assert_int_equal(caa_read((const uint8_t *)"\0\2a\nx", 5, &c), -1);
	assert_int_equal(caa_read((const uint8_t *)"\0\1ax\0y", 6, &c), -1);
	assert_int_equal(caa_read((const uint8_t *)"\0", 1, &c), -1);
	assert_int_equal(srv_read(srv, sizeof srv, &s), 0);
	assert_string_equal(s.target, "xmpp.example");
	assert_int_equal(s.priority, 10);
	assert_int_equal(s.port, 5222);
	for (size_t n = 0; n < sizeof srv; n++)
		assert_int_equal(srv_read(srv, n, &s), -1);
	assert_int_equal(srv_read((const uint8_t *)"\0\0\0\0\0\0\0", 7, &s),
	    0);
	assert_string_equal(s.target, "");
	assert_int_equal(srv_read((const uint8_t *)"\0\0\0\0\0\0\1/\0", 9,
	    &s), -1);
}

/* ---- CAA ---- */

static const struct {
	const char *tag, *value;
	bool critical;
	const char *clause;	/* NULL: may be issued */
} caa_cases[] = {
	{ "issue", "ca.example", false, NULL },
	{ "issue", "  CA.Example\t", false, NULL },
	{ "issue", "ca.example; ", false, NULL },
	{ "issue", "ca.example;policy=ev", false, NULL },
	{ "issue", "ca.example;accounturi=xmpp-ica:alice", false, NULL },
	{ "issue", "ca.example; accounturi = xmpp-ica:alice ; x=y", false,
	    NULL },
	{ "issue", "ca.example;validationmethods=dns-01,ca-dns", false, NULL },
	{ "issue", ";", false, "caa-forbids" },
	{ "issue", "", false, "caa-forbids" },
	{ "issue", " ; x=y", false, "caa-forbids" },
	{ "issue", "letsencrypt.org", false, "caa-forbids" },
	{ "issue", "ca.example.org", false, "caa-forbids" },
	{ "issue", "a.ca.example", false, "caa-forbids" },
	{ "issue", "ca.example,", false, "caa-forbids" },
	{ "issue", "ca.example other", false, "caa-forbids" },
	{ "issue", "ca.example;broken", false, "caa-forbids" },
	{ "issue", "ca.example;=x", false, "caa-forbids" },
	{ "issue", "ca.example;a=b c=d", false, "caa-forbids" },
	{ "issue", "ca.example;accounturi=xmpp-ica:bob", false,
	    "caa-forbids" },
	{ "issue", "ca.example;accounturi=xmpp-ica:alice;"
	    "accounturi=xmpp-ica:alice", false, "caa-forbids" },
	{ "issue", "ca.example;validationmethods=ca-mail", false,
	    "caa-forbids" },
	{ "issue", "ca.example", true, NULL },
	{ "issuewild", ";", true, NULL },
	{ "iodef", "mailto:x@y", true, NULL },
	{ "tbs", "unknown", false, NULL },
	{ "tbs", "unknown", true, "caa-critical" },
};

static void
caa_allows_and_forbids(void **state)
{
	const struct caa_asker who = { "ca.example", "xmpp-ica:alice", "dns" };
	struct caa_record set[2] = { 0 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof caa_cases / sizeof caa_cases[0]; i++) {
		int want = caa_cases[i].clause == NULL ? 0 : -1;

		memset(set, 0, sizeof set);
		str_copy(set[0].tag, sizeof set[0].tag, caa_cases[i].tag);
		str_copy(set[0].value, sizeof set[0].value,
		    caa_cases[i].value);
		set[0].critical = caa_cases[i].critical;
		err_clear(&e);
		if (caa_judge(set, 1, &who, &e) != want)
			fail_msg("%s %s", set[0].tag, set[0].value);
		if (want < 0)
			assert_string_equal(e.clause, caa_cases[i].clause);
		/* one that names us beside one that names another is enough;
		 * what is critical and unknown stays fatal */
		str_copy(set[1].tag, sizeof set[1].tag, "issue");
		str_copy(set[1].value, sizeof set[1].value, "ca.example");
		assert_int_equal(caa_judge(set, 2, &who, &e),
		    want < 0 && strcmp(caa_cases[i].clause,
		    "caa-critical") == 0 ? -1 : 0);
	}
	assert_int_equal(caa_judge(NULL, 0, &who, &e), 0);
}

/* ---- addresses ---- */

static bool
is_public(const char *text)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in4 = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
		return address_is_public((struct sockaddr *)&in4);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return address_is_public((struct sockaddr *)&in6);
}

static void
only_public_addresses_are_dialled(void **state)
{
	static const char *const good[] = { "1.1.1.1", "11.0.0.1",
		"172.15.255.255", "172.32.0.1", "192.167.0.1", "100.63.0.1",
		"223.255.255.255", "2606:4700::1111", "2a00::1", "2003::1" };
	static const char *const bad[] = { "0.0.0.0", "10.1.2.3",
		"100.64.0.1", "127.0.0.1", "127.255.0.1", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.2.1",
		"198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"239.1.1.1", "255.255.255.255", "::", "::1",
		"::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1",
		"64:ff9b::7f00:1", "64:ff9b:1::a00:1", "fe80::1", "fec0::1",
		"fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "2001::1",
		"2002:7f00:1::", "2002:a00:1::", "3fff::1", "5f00::1" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!is_public(good[i]))
			fail_msg("%s is public", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (is_public(bad[i]))
			fail_msg("%s is not public", bad[i]);
}

/* ---- dates of the ways to prove ---- */

static int
allowed(enum proof_method method, const char *dates, struct err *e)
{
	str_copy(method == PROOF_MAIL ? conf.policy_proof_mail :
	    conf.policy_proof_dns, CONF_STR_SIZE, dates);
	err_clear(e);
	return proof_allowed(method, "a.example", e);
}

static void
ways_have_dates(void **state)
{
	static const char *const on[] = { "", " ", "-", "2020-01-01 -",
		"- 2099-01-01", "2020-01-01 - 2099-01-01",
		"2020-01-01T10:00Z - 2099-01-01T00:00Z" };
	static const char *const off[] = { "off", "- 2020-01-01",
		"2099-01-01 -", "2019-01-01 - 2020-01-01" };
	static const char *const bad[] = { "on", "2020-01-01", "x - y",
		"2021-01-01 - 2020-01-01", "2020-13-01 -", "- -" };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof on / sizeof on[0]; i++) {
		if (allowed(PROOF_DNS, on[i], &e) < 0)
			fail_msg("'%s' is on", on[i]);
		assert_int_equal(proofs_check(&e), 0);
	}
	for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
		if (allowed(PROOF_MAIL, off[i], &e) == 0)
			fail_msg("'%s' is off", off[i]);
		assert_string_equal(e.clause, "proof-method");
		assert_non_null(strstr(e.text, "domain add a.example --dns"));
		assert_int_equal(proofs_check(&e), 0);
	}
	assert_int_equal(allowed(PROOF_DNS, "off", &e), -1);
	assert_non_null(strstr(e.text, "no way to prove"));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(allowed(PROOF_DNS, bad[i], &e), -1);
		if (proofs_check(&e) == 0)
			fail_msg("'%s' makes no sense", bad[i]);
	}
}

/* ---- looks and answers ---- */

static struct seat alice, bob, staff, staff2, courier;

static int
people_make(void **state)
{
	rig_open(state);
	alice = member_seat("alice", ROLE_MEMBER, 1);
	bob = member_seat("bob", ROLE_MEMBER, 2);
	staff = member_seat("staff", ROLE_STAFF, 3);
	staff2 = member_seat("staff2", ROLE_STAFF, 4);
	courier = rig_seat(ROLE_COURIER, 0, "courier", NULL);
	str_copy(conf.dns_resolver, sizeof conf.dns_resolver, "127.0.0.1");
	return 0;
}

static int
claim(struct seat *s, const char *name, struct domain *d)
{
	struct domain_new a = { .method = PROOF_DNS };
	struct err e = { 0 };
	int r;

	NOUN_CLEAR(domain, d);
	str_copy(a.name, sizeof a.name, name);
	rig_begin();
	r = serve_domain_add(s, &a, d, &e);
	rig_commit();
	return r;
}

static int
confirm(struct seat *s, const char *name, struct domain *d, struct err *e)
{
	NOUN_CLEAR(domain, d);
	err_clear(e);
	return domain_enter(s, name, "", d, e);
}

/* 1 and the question that the courier gets, or 0. */
static size_t
take(struct lookup *l)
{
	struct lookup_batch b = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };
	size_t n;

	rig_begin();
	assert_int_equal(serve_lookup_take(&courier, &none, &b, &e), 0);
	rig_commit();
	n = b.n_rows;
	if (n > 0)
		*l = b.rows[0];
	NOUN_CLEAR(lookup_batch, &b);
	return n;
}

static void
answer(int64_t number, enum lookup_outcome outcome, const char *text)
{
	struct lookup_result a = { .number = number, .outcome = outcome,
		.dnssec = DNSSEC_INSECURE };
	struct none none = { 0 };
	struct err e = { 0 };

	if (text != NULL)
		str_copy(LIST_ADD(&a, texts)->text, sizeof a.texts->text,
		    text);
	rig_begin();
	if (serve_lookup_done(&courier, &a, &none, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	rig_commit();
	NOUN_CLEAR(lookup_result, &a);
}

static void
prove_by_record(struct seat *s, const char *name)
{
	struct domain d = { 0 };
	struct err e = { 0 };
	struct lookup l = { 0 };

	assert_int_equal(claim(s, name, &d), 0);
	assert_int_equal(confirm(s, name, &d, &e), 0);
	assert_int_equal(take(&l), 1);
	answer(l.number, LOOKUP_FOUND, d.challenges[0].record);
	NOUN_CLEAR(domain, &d);
}

static const char *
states(const char *name)
{
	char sql[200];

	snprintf(sql, sizeof sql, "SELECT group_concat(a.name || ' ' ||"
	    " d.state) FROM domain d JOIN account a ON a.number = d.account"
	    " WHERE d.name = '%s'", name);
	return rig_ask_sql(sql);
}

static void
record_proves_its_own_domain_and_account_only(void **state)
{
	struct domain a = { 0 }, b = { 0 };
	struct lookup l = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(claim(&alice, "a.example.org", &a), 0);
	assert_int_equal(claim(&bob, "a.example.org", &b), 0);
	assert_string_not_equal(a.challenges[0].record,
	    b.challenges[0].record);
	assert_string_equal(a.challenges[0].owner, "_xmpp-ica.a.example.org");
	assert_int_equal(confirm(&alice, "a.example.org", &a, &e), 0);
	assert_true(a.challenges[0].looking);
	/* asked twice, looked for once */
	assert_int_equal(confirm(&alice, "a.example.org", &a, &e), 0);
	assert_int_equal(take(&l), 1);
	assert_int_equal(l.kind, LOOKUP_TXT);
	assert_int_equal(take(&l), 0);
	answer(l.number, LOOKUP_FOUND, b.challenges[0].record);
	assert_string_equal(states("a.example.org"),
	    "alice claimed,bob claimed");
	assert_int_equal(confirm(&alice, "a.example.org", &a, &e), 0);
	assert_int_equal(take(&l), 1);
	answer(l.number, LOOKUP_FOUND, a.challenges[0].record);
	/* an answer that comes twice changes nothing */
	answer(l.number, LOOKUP_NONE, NULL);
	assert_string_equal(states("a.example.org"),
	    "alice proven,bob claimed");
	NOUN_CLEAR(domain, &a);
	NOUN_CLEAR(domain, &b);
}

static void
leases_come_back_and_failures_are_asked_again(void **state)
{
	struct domain d = { 0 };
	struct lookup l = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(claim(&alice, "a.example.org", &d), 0);
	assert_int_equal(confirm(&alice, "a.example.org", &d, &e), 0);
	assert_int_equal(take(&l), 1);
	/* the courier died: another one asks */
	rig_begin();
	lookups_release();
	rig_commit();
	assert_int_equal(take(&l), 1);
	/* or it is silent for long */
	clock_set_for_test(RIG_NOW + 301);
	assert_int_equal(take(&l), 1);
	answer(l.number, LOOKUP_TIMEOUT, NULL);
	assert_int_equal(take(&l), 0);
	clock_set_for_test(RIG_NOW + 301 + 20);
	assert_int_equal(take(&l), 1);
	answer(l.number, LOOKUP_FAILED, NULL);
	clock_set_for_test(RIG_NOW + 301 + 60);
	assert_int_equal(take(&l), 1);
	answer(l.number, LOOKUP_TIMEOUT, NULL);
	clock_set_for_test(RIG_NOW + 90000);
	assert_int_equal(take(&l), 0);
	assert_string_equal(states("a.example.org"), "alice claimed");
	assert_string_equal(rig_ask_sql("SELECT outcome FROM audit WHERE"
	    " action = 'domain.confirm'"), "refused");
	NOUN_CLEAR(domain, &d);
}

static int
settle(struct seat *s, const char *domain, const char *to,
    struct settlement *r, struct err *e)
{
	struct settle_wish w = { 0 };
	int rc;

	NOUN_CLEAR(settlement, r);
	err_clear(e);
	str_copy(w.domain, sizeof w.domain, domain);
	str_copy(w.account, sizeof w.account, to);
	rig_begin();
	rc = serve_domain_settle(s, &w, r, e);
	rig_commit();
	return rc;
}

static void
staff_settle_conflicts_but_not_their_own(void **state)
{
	struct settlement r = { 0 };
	struct err e = { 0 };

	(void)state;
	prove_by_record(&alice, "a.example.org");
	assert_int_equal(settle(&staff, "a.example.org", "alice", &r, &e),
	    -1);
	assert_string_equal(e.clause, "conflict");
	prove_by_record(&bob, "a.example.org");
	prove_by_record(&staff2, "a.example.org");
	assert_string_equal(states("a.example.org"),
	    "alice proven,bob conflict,staff2 conflict");
	assert_int_equal(settle(&staff2, "a.example.org", "alice", &r, &e),
	    -1);
	assert_string_equal(e.clause, "conflict-own");
	assert_int_equal(settle(&staff, "a.example.org", "carol", &r, &e),
	    -1);
	assert_int_equal(settle(&staff, "a.example.org", "bob", &r, &e), 0);
	assert_string_equal(r.loser, "alice");
	assert_string_equal(states("a.example.org"),
	    "alice lapsed,bob proven,staff2 lapsed");
	assert_string_equal(rig_ask_sql("SELECT group_concat(kind || ' ' ||"
	    " recipient, ', ') FROM (SELECT kind, recipient FROM notice"
	    " WHERE kind LIKE 'settled%' ORDER BY recipient)"),
	    "settled-lost alice@mail.example, settled-won bob@mail.example,"
	    " settled-lost staff2@mail.example");
	/* the proof of a claimant that has ended gives him nothing */
	prove_by_record(&alice, "a.example.org");
	clock_set_for_test(RIG_NOW + 91 * 86400);
	assert_int_equal(settle(&staff, "a.example.org", "alice", &r, &e),
	    -1);
	assert_string_equal(e.clause, "conflict-proof");
	NOUN_CLEAR(settlement, &r);
}

static void
strangers_neither_block_an_owner_nor_flood_a_mailbox(void **state)
{
	struct domain_new a = { 0 };
	struct domain d = { 0 };
	struct seat more[4];
	struct err e = { 0 };
	int got = 0;

	(void)state;
	str_copy(a.name, sizeof a.name, "a.example.org");
	domain_prove_for(&alice, "a.example.org");
	for (uint8_t i = 0; i < 4; i++) {
		char name[16];

		snprintf(name, sizeof name, "stranger%d", i);
		more[i] = member_seat(name, ROLE_MEMBER, (uint8_t)(10 + i));
		for (int k = 0; k < 4; k++) {
			NOUN_CLEAR(domain, &d);
			rig_begin();
			got += serve_domain_add(&more[i], &a, &d, &e) == 0;
			rig_commit();
		}
	}
	/* alice's own first letter counted too: she was no holder then */
	assert_int_equal(got, conf.policy_challenges_per_mailbox_day - 1);
	domain_claim_for(&bob, "b.example.org");
	NOUN_CLEAR(domain, &d);
	rig_begin();
	assert_int_equal(serve_domain_add(&bob, &a, &d, &e), -1);
	rig_commit();
	assert_string_equal(e.clause, "limit-challenge-mailbox");
	/* the holder has his own count */
	domain_claim_for(&alice, "a.example.org");
	domain_claim_for(&alice, "a.example.org");
	NOUN_CLEAR(domain, &d);
}

#define WITH_PEOPLE(test) \
	cmocka_unit_test_setup_teardown(test, people_make, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(txt_strings_are_joined_within_bounds),
		cmocka_unit_test(caa_and_srv_are_read_whole_or_not_at_all),
		cmocka_unit_test(caa_allows_and_forbids),
		cmocka_unit_test(only_public_addresses_are_dialled),
		WITH_PEOPLE(ways_have_dates),
		WITH_PEOPLE(record_proves_its_own_domain_and_account_only),
		WITH_PEOPLE(leases_come_back_and_failures_are_asked_again),
		WITH_PEOPLE(staff_settle_conflicts_but_not_their_own),
		WITH_PEOPLE(
		    strangers_neither_block_an_owner_nor_flood_a_mailbox),
	};

	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
