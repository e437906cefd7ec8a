/* domain_test.c - claiming and proving domains (J1.3 to J1.7). */
#include "tests/unit/member.h"

static struct seat alice, bob;

static int
people_make(void **state)
{
	rig_open(state);
	alice = member_seat("alice", ROLE_MEMBER, 1);
	bob = member_seat("bob", ROLE_MEMBER, 2);
	return 0;
}

static struct domain_new
asked(const char *name, const char *localpart, const char *at)
{
	struct domain_new a = { 0 };

	str_copy(a.name, sizeof a.name, name);
	str_copy(a.localpart, sizeof a.localpart, localpart);
	str_copy(a.at, sizeof a.at, at);
	return a;
}

static int
add(struct seat *s, struct domain_new a, struct domain *d, struct err *e)
{
	int r;

	err_clear(e);
	NOUN_CLEAR(domain, d);
	rig_begin();
	r = serve_domain_add(s, &a, d, e);
	rig_commit();
	return r;
}

static void
mailed_code_proves_domain(void **state)
{
	struct domain d = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(add(&alice, asked("Chat.Example.ORG.", "", ""), &d,
	    &e), 0);
	assert_string_equal(d.name, "chat.example.org");
	assert_int_equal(d.state, DOMAIN_CLAIMED);
	assert_int_equal(d.n_challenges, 1);
	assert_string_equal(d.challenges[0].mailbox,
	    "hostmaster@chat.example.org");
	/* only its hash is kept with the challenge */
	assert_string_equal(rig_ask_sql("SELECT length(code_hash) FROM"
	    " challenge"), "32");
	NOUN_CLEAR(domain, &d);
	assert_int_equal(domain_enter(&alice, "chat.example.org",
	    mailed_code("domain"), &d, &e), 0);
	assert_int_equal(d.state, DOMAIN_PROVEN);
	assert_int_equal(d.expires, RIG_NOW + 90 * 86400);
	assert_int_equal(d.challenges[0].state, CHALLENGE_PROVED);
	/* single use */
	NOUN_CLEAR(domain, &d);
	assert_int_equal(domain_enter(&alice, "chat.example.org",
	    mailed_code("domain"), &d, &e), -1);
	assert_string_equal(e.clause, "proof-code");
	assert_string_equal(rig_ask_sql("SELECT group_concat(action || ' ' ||"
	    " outcome) FROM audit WHERE action LIKE 'domain.%'"),
	    "domain.add done,domain.confirm done,domain.confirm refused");
	NOUN_CLEAR(domain, &d);
}

static void
codes_go_to_rfc2142_mailboxes_only(void **state)
{
	struct domain d = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(add(&alice, asked("a.example.org", "root", ""), &d,
	    &e), -1);
	assert_string_equal(e.clause, "proof-mailbox");
	assert_non_null(strstr(e.text, "hostmaster, postmaster, webmaster"));
	assert_int_equal(add(&alice, asked("a.example.org",
	    "hostmaster@evil.example", ""), &d, &e), -1);
	assert_string_equal(e.clause, "proof-mailbox");
	assert_int_equal(add(&alice, asked("a.example.org", "", "evil.org"),
	    &d, &e), -1);
	assert_string_equal(e.clause, "proof-mailbox");
	assert_int_equal(add(&alice, asked("a.example.org", "webmaster",
	    "example.org"), &d, &e), 0);
	assert_string_equal(d.challenges[0].mailbox, "webmaster@example.org");
	assert_int_equal(add(&alice, asked("a.example.org", "", "org"), &d,
	    &e), -1);
	str_copy(conf.policy_mailboxes, sizeof conf.policy_mailboxes,
	    "postmaster admin");
	assert_int_equal(add(&alice, asked("b.example.org", "admin", ""), &d,
	    &e), -1);
	assert_int_equal(add(&alice, asked("b.example.org", "", ""), &d, &e),
	    0);
	assert_string_equal(d.challenges[0].mailbox,
	    "postmaster@b.example.org");
	{
		struct domain_new dns = asked("c.example.org", "", "");

		dns.method = PROOF_DNS;
		str_copy(conf.policy_proof_dns, sizeof conf.policy_proof_dns,
		    "2020-01-01 - 2021-01-01");
		assert_int_equal(add(&alice, dns, &d, &e), -1);
		assert_string_equal(e.clause, "proof-method");
	}
	NOUN_CLEAR(domain, &d);
}

static void
code_counts_in_own_account_only_and_locks(void **state)
{
	struct domain d = { 0 };
	struct err e = { 0 }, unknown = { 0 };
	char code[CODE_SIZE], wrong[CODE_SIZE];

	(void)state;
	domain_claim_for(&alice, "one.example.org");
	str_copy(code, sizeof code, mailed_code("domain"));
	assert_int_equal(domain_enter(&bob, "one.example.org", code, &d,
	    &unknown), -1);
	memcpy(wrong, code, sizeof wrong);
	wrong[0] = code[0] == 'A' ? 'B' : 'A';
	for (int i = 0; i < 5; i++) {
		assert_int_equal(domain_enter(&alice, "one.example.org",
		    wrong, &d, &e), -1);
		/* unknown and wrong sound alike */
		assert_string_equal(e.text, unknown.text);
		NOUN_CLEAR(domain, &d);
	}
	assert_int_equal(domain_enter(&alice, "one.example.org", code, &d,
	    &e), -1);
	assert_string_equal(e.clause, "proof-code-over");
	assert_non_null(strstr(e.text, "locked"));
	NOUN_CLEAR(domain, &d);
	/* a new letter replaces the old challenge */
	domain_prove_for(&alice, "one.example.org");
	assert_string_equal(rig_ask_sql("SELECT group_concat(state) FROM"
	    " challenge"), "locked,proved");
}

static void
newer_code_replaces_older_and_codes_expire(void **state)
{
	struct domain d = { 0 };
	struct err e = { 0 };
	char old[CODE_SIZE];

	(void)state;
	domain_claim_for(&alice, "two.example.org");
	str_copy(old, sizeof old, mailed_code("domain"));
	domain_claim_for(&alice, "two.example.org");
	assert_int_equal(domain_enter(&alice, "two.example.org", old, &d,
	    &e), -1);
	assert_string_equal(e.clause, "proof-code");
	NOUN_CLEAR(domain, &d);
	/* the time runs from the acceptance by the mail server */
	rig_sql("UPDATE challenge SET state = 'sent', sent = 1795000000,"
	    " expires = 1795000000 + 72 * 3600 WHERE state = 'waiting'");
	clock_set_for_test(RIG_NOW + 72 * 3600);
	assert_int_equal(domain_enter(&alice, "two.example.org",
	    mailed_code("domain"), &d, &e), -1);
	assert_string_equal(e.clause, "proof-code-over");
	assert_non_null(strstr(e.text, "expired"));
	assert_string_equal(rig_ask_sql("SELECT group_concat(state) FROM"
	    " challenge"), "replaced,expired");
	NOUN_CLEAR(domain, &d);
}

static void
letters_are_limited_a_day(void **state)
{
	struct domain d = { 0 };
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		domain_claim_for(&alice, "three.example.org");
	assert_int_equal(add(&alice, asked("three.example.org", "", ""), &d,
	    &e), -1);
	assert_string_equal(e.clause, "limit-challenge");
	/* a stranger's letters are not the owner's */
	assert_int_equal(add(&bob, asked("three.example.org", "", ""), &d,
	    &e), 0);
	NOUN_CLEAR(domain, &d);
}

static void
domain_of_another_opens_conflict(void **state)
{
	struct domain d = { 0 };
	struct err e = { 0 };

	(void)state;
	domain_prove_for(&alice, "four.example.org");
	domain_claim_for(&bob, "four.example.org");
	assert_int_equal(domain_enter(&bob, "four.example.org",
	    mailed_code("domain"), &d, &e), -1);
	assert_string_equal(e.clause, "domain-conflict");
	assert_string_equal(rig_ask_sql("SELECT group_concat(state) FROM"
	    " domain"), "proven,conflict");
	assert_string_equal(rig_ask_sql("SELECT group_concat(kind || ' ' ||"
	    " recipient, ', ') FROM notice WHERE kind LIKE 'conflict%'"),
	    "conflict bob@mail.example, conflict-holder alice@mail.example,"
	    " conflict-staff staff@ca.example");
	NOUN_CLEAR(domain, &d);
	/* the holder gives up: then a new code proves it */
	{
		struct ref r = { "four.example.org" };
		struct none none = { 0 };

		rig_begin();
		assert_int_equal(serve_domain_drop(&alice, &r, &none, &e), 0);
		rig_commit();
	}
	domain_prove_for(&bob, "four.example.org");
}

static void
proofs_lapse(void **state)
{
	struct domain_ref *proofs = NULL;
	struct domain d = { 0 };
	struct domain_page page = { 0 };
	struct wish all = { 0 };
	struct ref name = { "five.example.org" };
	struct err e = { 0 };
	size_t n = 0;

	(void)state;
	domain_prove_for(&alice, "five.example.org");
	assert_int_equal(domain_proofs(alice.account, &proofs, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(proofs[0].proof_domain, "five.example.org");
	free(proofs);
	clock_set_for_test(RIG_NOW + 90 * 86400);
	assert_int_equal(domain_proofs(alice.account, &proofs, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(serve_domain_get(&alice, &name, &d, &e), 0);
	assert_int_equal(d.state, DOMAIN_LAPSED);
	assert_int_equal(d.n_challenges, 1);
	NOUN_CLEAR(domain, &d);
	assert_int_equal(serve_domain_get(&bob, &name, &d, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	/* whose proof has lapsed holds nothing against others */
	domain_prove_for(&bob, "five.example.org");
	assert_int_equal(serve_domain_list(&alice, &all, &page, &e), 0);
	assert_int_equal(page.n_rows, 1);
	assert_int_equal(page.total, 1);
	assert_int_equal(page.rows[0].state, DOMAIN_LAPSED);
	NOUN_CLEAR(domain_page, &page);
	str_copy(all.filter, sizeof all.filter, "FI_E");
	assert_int_equal(serve_domain_list(&alice, &all, &page, &e), 0);
	assert_int_equal(page.n_rows, 0);
	str_copy(all.filter, sizeof all.filter, "FIVE");
	assert_int_equal(serve_domain_list(&alice, &all, &page, &e), 0);
	assert_int_equal(page.n_rows, 1);
	NOUN_CLEAR(domain_page, &page);
}

#define WITH_PEOPLE(test) \
	cmocka_unit_test_setup_teardown(test, people_make, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PEOPLE(mailed_code_proves_domain),
		WITH_PEOPLE(codes_go_to_rfc2142_mailboxes_only),
		WITH_PEOPLE(code_counts_in_own_account_only_and_locks),
		WITH_PEOPLE(newer_code_replaces_older_and_codes_expire),
		WITH_PEOPLE(letters_are_limited_a_day),
		WITH_PEOPLE(domain_of_another_opens_conflict),
		WITH_PEOPLE(proofs_lapse),
	};

	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
