/* evidence_test.c - what staff are warned of before they decide (S4.1, S5.5,
 * J1.7). */
#include "tests/unit/member.h"

#include "core/registrar/request/issue.h"

static struct seat alice, bob, sam;

static int
people_make(void **state)
{
	rig_open(state);
	alice = member_seat("alice", ROLE_MEMBER, 1);
	bob = member_seat("bob", ROLE_MEMBER, 2);
	sam = member_seat("sam", ROLE_STAFF, 3);
	domain_prove_for(&alice, "alpha.example");
	return 0;
}

static int64_t
ask_for(const char *domain, EVP_PKEY *key)
{
	struct request_wish w = wish_for(domain, key);
	struct request r = { 0 };
	struct err e = { 0 };
	int64_t number;

	if (submit(&alice, &w, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	number = r.row.number;
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
	return number;
}

static bool
warned(int64_t number, const char *rule)
{
	struct ref ref = { 0 };
	struct evidence ev = { 0 };
	struct err e = { 0 };
	bool found = false;

	snprintf(ref.ref, sizeof ref.ref, "%lld", (long long)number);
	rig_begin();
	if (serve_request_evidence(&sam, &ref, &ev, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	rig_commit();
	for (size_t i = 0; i < ev.n_warnings; i++)
		found = found || (strcmp(ev.warnings[i].rule, rule) == 0 &&
		    ev.warnings[i].kind == VERDICT_WARNED);
	NOUN_CLEAR(evidence, &ev);
	return found;
}

static void
a_young_account_is_told(void **state)
{
	int64_t n = ask_for("alpha.example", NULL);

	(void)state;
	assert_true(warned(n, "account-new"));
	clock_set_for_test(RIG_NOW + 8 * 86400);
	assert_false(warned(n, "account-new"));
}

static void
a_proof_that_ends_soon_is_told(void **state)
{
	int64_t n = ask_for("alpha.example", NULL);

	(void)state;
	assert_false(warned(n, "proof-short"));
	clock_set_for_test(RIG_NOW + (conf.policy_proof_days - 6) * 86400);
	assert_true(warned(n, "proof-short"));
	assert_false(warned(n, "name-unproven"));
	clock_set_for_test(RIG_NOW + (conf.policy_proof_days + 1) * 86400);
	assert_true(warned(n, "name-unproven"));
}

static void
a_claim_of_somebody_else_is_told(void **state)
{
	int64_t n = ask_for("alpha.example", NULL);

	(void)state;
	assert_false(warned(n, "domain-claimed-elsewhere"));
	domain_claim_for(&bob, "alpha.example");
	assert_true(warned(n, "domain-claimed-elsewhere"));
}

static void
an_account_that_is_not_active_is_told(void **state)
{
	int64_t n = ask_for("alpha.example", NULL);

	(void)state;
	assert_false(warned(n, "account-state"));
	rig_sql("UPDATE account SET state = 'suspended' WHERE name = 'alice'");
	assert_true(warned(n, "account-state"));
}

/* A certificate of a request, as a row. */
static void
certificate_row(int64_t request, const struct seat *s, const char *serial)
{
	char sql[600];

	snprintf(sql, sizeof sql, "INSERT INTO certificate (request, account,"
	    " serial, issuer, state, not_before, not_after, issued, sha256,"
	    " spki_sha256, policy) SELECT number, %lld, '%s', 'ica-server-1',"
	    " 'good', 1, 1895000000, 1, zeroblob(32), spki_sha256, '1'"
	    " FROM request WHERE number = %lld", (long long)s->account, serial,
	    (long long)request);
	rig_sql(sql);
}

static void
a_certificate_of_another_account_is_told(void **state)
{
	int64_t first = ask_for("alpha.example", NULL), n;
	char sql[240];

	(void)state;
	certificate_row(first, &bob, "01ab");
	snprintf(sql, sizeof sql, "UPDATE request SET account = %lld,"
	    " state = 'approved' WHERE number = %lld;"
	    "UPDATE request SET state = 'issued' WHERE state = 'approved'",
	    (long long)bob.account, (long long)first);
	rig_sql(sql);
	n = ask_for("alpha.example", NULL);
	assert_true(warned(n, "domain-earlier-other"));
}

static void
a_key_that_comes_again_is_told(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	int64_t first = ask_for("alpha.example", key), n;

	(void)state;
	certificate_row(first, &alice, "01ab");
	n = ask_for("chat.alpha.example", key);
	assert_true(warned(n, "key-reused"));
	assert_false(warned(first, "key-reused"));
	EVP_PKEY_free(key);
}

/* What the signer's own checks refuse is an alarm, and the request is over. */
static void
a_refusal_of_the_signers_lint_is_an_alarm(void **state)
{
	static const char *const clauses[] = { "lint-san", "profile-names",
		"key-ec-curve", "cert-life", "name-wildcard" };

	(void)state;
	for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++) {
		int64_t n = ask_for(i % 2 ? "alpha.example" :
		    "chat.alpha.example", NULL);
		struct request_head h;
		struct sign_wish w = { 0 };
		struct signed_item item = { 0 };
		struct err e = { 0 };
		char sql[200], want[200];

		snprintf(sql, sizeof sql, "UPDATE request SET state ="
		    " 'approved', serial = '01ab' WHERE number = %lld",
		    (long long)n);
		rig_sql(sql);
		str_copy(w.serial, sizeof w.serial, "01ab");
		str_copy(item.serial, sizeof item.serial, "01ab");
		str_copy(item.clause, sizeof item.clause, clauses[i]);
		str_copy(item.text, sizeof item.text, "Name 1 is wrong.");
		rig_begin();
		assert_int_equal(request_head_load(n, &h, &e), 0);
		if (issue_item(&h, &w, &item, &e) < 0)
			fail_msg("%s: %s", e.clause, e.text);
		rig_commit();
		snprintf(sql, sizeof sql, "SELECT a.kind, a.state, r.state,"
		    " instr(a.text, '%s') > 0 FROM alarm a JOIN request r ON"
		    " a.object = r.number WHERE r.number = %lld", clauses[i],
		    (long long)n);
		snprintf(want, sizeof want, "lint|open|refused|1");
		assert_string_equal(rig_ask_sql(sql), want);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, people_make, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_young_account_is_told),
		TEST(a_proof_that_ends_soon_is_told),
		TEST(a_claim_of_somebody_else_is_told),
		TEST(an_account_that_is_not_active_is_told),
		TEST(a_certificate_of_another_account_is_told),
		TEST(a_key_that_comes_again_is_told),
		TEST(a_refusal_of_the_signers_lint_is_an_alarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
