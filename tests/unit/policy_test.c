/* policy_test.c - the policy changes as a whole or not at all, a stricter
 * upstream wins or nothing is issued, well-known names need two people, names
 * and keys of others are noticed (J6.1, J6.2, G6, S4.1, S5.5). */
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "core/registrar/account/key_known.h"
#include "core/registrar/policy.h"
#include "core/wire/policy_texts.h"
#include "tests/unit/authority.h"
#include "tests/unit/member.h"

static struct seat operator, alice, bob, sam, tess;

static int
people_make(void **state)
{
	struct err e = { 0 };

	rig_open(state);
	if (policy_load(&e) < 0)
		fail_msg("%s", e.text);
	operator = rig_seat(ROLE_OPERATOR, 0, "operator", NULL);
	alice = member_seat("alice", ROLE_MEMBER, 1);
	bob = member_seat("bob", ROLE_MEMBER, 2);
	sam = member_seat("sam", ROLE_STAFF, 3);
	tess = member_seat("tess", ROLE_STAFF, 4);
	return 0;
}

static void
texts_set(struct policy_texts *t, const char *high_value, const char *limits)
{
	struct err e = { 0 };

	NOUN_CLEAR(policy_texts, t);
	assert_int_equal(policy_texts_read(&conf, t, &e), 0);
	blob_clear(&t->high_value);
	if (high_value != NULL)
		blob_set(&t->high_value, high_value, strlen(high_value));
	if (limits != NULL)
		blob_set(&t->limits, limits, strlen(limits));
}

static void
value_set(struct policy_texts *t, const char *name, const char *value)
{
	for (size_t i = 0; i < t->n_values; i++)
		if (strcmp(t->values[i].name, name) == 0)
			str_copy(t->values[i].value,
			    sizeof t->values[i].value, value);
}

static int
reload(const struct policy_texts *t, struct err *e)
{
	struct text said = { 0 };
	int r;

	memset(e, 0, sizeof *e);
	rig_begin();
	r = serve_operator_policy(&operator, t, &said, e);
	rig_commit();
	policy_settle(r == 0);
	NOUN_CLEAR(text, &said);
	return r;
}

/* Whole or not at all: what the disk did not take is not in force. */
static void
a_change_that_was_not_committed_changes_nothing(void **state)
{
	struct policy_texts t = { 0 };
	struct text said = { 0 };
	struct err e = { 0 };
	char old[65];

	(void)state;
	str_copy(old, sizeof old, policy_hash());
	texts_set(&t, "bank.example\n", NULL);
	rig_begin();
	assert_int_equal(serve_operator_policy(&operator, &t, &said, &e), 0);
	assert_string_equal(policy_hash(), old);
	db_rollback();
	policy_settle(false);
	assert_string_equal(policy_hash(), old);
	assert_false(policy_is_high_value("bank.example"));
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit WHERE"
	    " action = 'policy.change'"), "0");
	assert_int_equal(reload(&t, &e), 0);
	assert_true(policy_is_high_value("bank.example"));
	NOUN_CLEAR(text, &said);
	NOUN_CLEAR(policy_texts, &t);
}

static void
a_change_is_one_entry_with_the_old_hash_and_the_new(void **state)
{
	struct policy_texts t = { 0 };
	struct err e = { 0 };
	char old[65], want[200];

	(void)state;
	texts_set(&t, "", "");
	assert_int_equal(reload(&t, &e), 0);
	str_copy(old, sizeof old, policy_hash());
	value_set(&t, "approvals", "2");
	assert_int_equal(reload(&t, &e), 0);
	assert_int_equal(conf.policy_approvals, 2);
	assert_string_not_equal(old, policy_hash());
	snprintf(want, sizeof want, "policy.change|done|sha256 %s, was %s",
	    policy_hash(), old);
	assert_string_equal(rig_ask_sql("SELECT action, outcome, detail FROM"
	    " audit ORDER BY number DESC LIMIT 1"), want);
	/* the same again is no change */
	assert_int_equal(reload(&t, &e), 0);
	assert_string_equal(rig_ask_sql("SELECT detail FROM audit ORDER BY"
	    " number DESC LIMIT 1"), want + strlen("policy.change|done|"));
	/* and back gives the old hash */
	value_set(&t, "approvals", "1");
	assert_int_equal(reload(&t, &e), 0);
	assert_string_equal(old, policy_hash());
	NOUN_CLEAR(policy_texts, &t);
}

static void
a_bad_policy_changes_nothing(void **state)
{
	static const struct {
		const char *name, *value, *clause;
	} bad[] = {
		{ "approvals", "7", "xmpp-ica.conf(5)" },
		{ "days", "0", "xmpp-ica.conf(5)" },
		{ "subdomains", "perhaps", "xmpp-ica.conf(5)" },
		{ "days", "398", "policy-restart" },
		{ "oid", "1.2.3", "policy-restart" },
		{ "cps_url", "http://x.example/", "policy-restart" },
		{ "signed_approvals", "yes", "policy-restart" },
		{ "agreement_version", "9", "policy-restart" },
		{ "weak_keys", "/tmp/x", "policy-restart" },
	};
	struct policy_texts t = { 0 };
	struct conf before;
	struct err e = { 0 };
	char old[65];

	(void)state;
	str_copy(old, sizeof old, policy_hash());
	before = conf;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		texts_set(&t, "", "");
		value_set(&t, "approvals", "2");
		value_set(&t, bad[i].name, bad[i].value);
		assert_int_equal(reload(&t, &e), -1);
		assert_string_equal(e.clause, bad[i].clause);
		assert_memory_equal(&before, &conf, sizeof conf);
		assert_string_equal(old, policy_hash());
		assert_string_equal(rig_ask_sql("SELECT action, outcome FROM"
		    " audit ORDER BY number DESC LIMIT 1"),
		    "policy.change|refused");
	}
	str_copy(t.values[0].name, sizeof t.values[0].name, "no_such_key");
	assert_int_equal(reload(&t, &e), -1);
	NOUN_CLEAR(policy_texts, &t);
	assert_int_equal(reload(&t, &e), -1);
	texts_set(&t, "not a domain\n", "");
	assert_int_equal(reload(&t, &e), -1);
	assert_string_equal(e.clause, "policy-names");
	texts_set(&t, "", "days 5\n");
	assert_int_equal(reload(&t, &e), -1);
	assert_string_equal(e.clause, "policy-limits");
	texts_set(&t, "", "colour = blue\n");
	assert_int_equal(reload(&t, &e), -1);
	assert_string_equal(e.clause, "policy-limits");
	assert_memory_equal(&before, &conf, sizeof conf);
	NOUN_CLEAR(policy_texts, &t);
}

static void
the_stricter_value_of_an_upstream_holds(void **state)
{
	struct policy_texts t = { 0 };
	struct fact_list facts = { 0 };
	struct err e = { 0 };
	size_t said = 0;

	(void)state;
	texts_set(&t, "", "# limits of the root\ndays = 30\nproof_days = 200\n"
	    "approvals=2\nsubdomains = no\nprofiles = xmpp-s2s xmpp-server x\n"
	    "names_per_certificate = 10\n");
	assert_int_equal(reload(&t, &e), 0);
	assert_int_equal(conf.policy_days, 30);
	assert_int_equal(conf.policy_proof_days, 90);	/* ours is stricter */
	assert_int_equal(conf.policy_approvals, 2);
	assert_int_equal(conf.policy_names_per_certificate, 10);
	assert_false(conf.policy_subdomains);
	assert_string_equal(conf.policy_profiles, "xmpp-server xmpp-s2s");
	assert_int_equal(policy_may_issue(&e), 0);
	policy_facts(&facts);
	for (size_t i = 0; i < facts.n_rows; i++)
		said += strcmp(facts.rows[i].what, "policy limit") == 0;
	assert_int_equal(said, 5);
	NOUN_CLEAR(fact_list, &facts);
	NOUN_CLEAR(policy_texts, &t);
}

static void
where_both_cannot_be_kept_nothing_is_issued(void **state)
{
	static const char *const limits[] = { "oid = 1.2.3.4\n",
		"profiles = tls-server\n", "mailboxes = admin\n" };
	struct policy_texts t = { 0 };
	struct verdict v = { 0 };
	struct request_wish w = { 0 };
	struct err e = { 0 };

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	w = wish_for("alpha.example", NULL);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		texts_set(&t, "", limits[i]);
		assert_int_equal(reload(&t, &e), 0);
		assert_int_equal(policy_may_issue(&e), -1);
		assert_string_equal(e.clause, "policy-limits");
		assert_int_equal(serve_request_check(&alice, &w, &v, &e), -1);
		assert_string_equal(e.clause, "policy-limits");
	}
	NOUN_CLEAR(verdict, &v);
	NOUN_CLEAR(request_wish, &w);
	NOUN_CLEAR(policy_texts, &t);
}

static int64_t
needed_for(const char *domain)
{
	struct request_wish w = wish_for(domain, NULL);
	struct request r = { 0 };
	struct err e = { 0 };
	int64_t needed;

	if (submit(&alice, &w, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	needed = r.approvals_needed;
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
	return needed;
}

static bool
warned(int64_t number, const char *rule, const char *text)
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
		    strstr(ev.warnings[i].text, text) != NULL);
	NOUN_CLEAR(evidence, &ev);
	return found;
}

static void
high_value_names_need_two_approvals(void **state)
{
	struct policy_texts t = { 0 };
	struct request r = { 0 };
	struct err e = { 0 };

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	domain_prove_for(&alice, "big.example");
	domain_prove_for(&alice, "xbig.example");
	texts_set(&t, "# known to all\nBIG.example\n", "");
	assert_int_equal(reload(&t, &e), 0);
	assert_int_equal(needed_for("alpha.example"), 1);
	assert_int_equal(needed_for("big.example"), 2);
	assert_int_equal(needed_for("chat.big.example"), 2);
	assert_int_equal(needed_for("xbig.example"), 1);
	assert_true(warned(2, "name-high-value", "two people"));
	assert_false(warned(1, "name-high-value", "two people"));
	rig_sql("INSERT INTO issuer (name, purpose, state, der, root,"
	    " not_after) VALUES ('ica-server-1', 'server', 'active', x'00',"
	    " x'00', 1795000000 + 86400 * 1000)");
	assert_int_equal(decide(&sam, 2, NULL, &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_AWAITING);
	NOUN_CLEAR(request, &r);
	assert_int_equal(decide(&sam, 2, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "approval-twice");
	if (decide(&tess, 2, NULL, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(r.row.state, REQUEST_APPROVED);
	/* an operator who asks for no approvals cannot wave these through */
	value_set(&t, "approvals", "0");
	assert_int_equal(reload(&t, &e), 0);
	domain_prove_for(&alice, "small.big.example");
	assert_int_equal(needed_for("small.big.example"), 2);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(policy_texts, &t);
}

static void
the_name_of_the_service_is_one_of_them(void **state)
{
	(void)state;
	assert_true(policy_is_high_value("ca.example"));
	assert_true(policy_is_high_value("www.ca.example"));
	assert_false(policy_is_high_value("xca.example"));
	assert_false(policy_is_high_value("example"));
}

static void
staff_hear_of_names_that_look_like_somebody_elses(void **state)
{
	struct policy_texts t = { 0 };
	struct err e = { 0 };

	(void)state;
	texts_set(&t, "wellknown.example\n", "");
	assert_int_equal(reload(&t, &e), 0);
	domain_prove_for(&bob, "modern.example");
	domain_prove_for(&alice, "rnodern.example");
	domain_prove_for(&alice, "weIIknown.example");
	domain_prove_for(&alice, "wel1known.example");
	domain_prove_for(&alice, "xn--mdern-jye.example");	/* Cyrillic o */
	domain_prove_for(&alice, "other.example");
	needed_for("rnodern.example");
	needed_for("chat.rnodern.example");
	needed_for("wel1known.example");
	needed_for("xn--mdern-jye.example");
	needed_for("other.example");
	assert_true(warned(1, "name-lookalike", "modern.example"));
	assert_true(warned(2, "name-lookalike", "modern.example"));
	assert_true(warned(3, "name-lookalike", "wellknown.example"));
	assert_true(warned(4, "name-lookalike", "modern.example"));
	assert_true(warned(4, "name-international", ""));
	assert_false(warned(5, "name-lookalike", ""));
	NOUN_CLEAR(policy_texts, &t);
}

/* ---- keys that belong elsewhere ---- */

static void
a_key_of_the_authority_is_refused(void **state)
{
	struct authority a = authority_new(NULL);
	struct request r = { 0 };
	struct err e = { 0 };
	char *sql = xmalloc(32768);
	uint8_t *der[2] = { NULL, NULL };
	char *hex[2];
	EVP_PKEY *keys[] = { a.key, a.root_key };

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	for (int i = 0; i < 2; i++) {
		int n = i2d_X509(i == 0 ? a.ica : a.root, &der[i]);

		hex[i] = xmalloc(2 * (size_t)n + 1);
		hex_encode(hex[i], der[i], (size_t)n);
	}
	snprintf(sql, 32768, "INSERT INTO issuer (name, purpose, state, der,"
	    " root, not_after) VALUES ('ica-server-1', 'server', 'active',"
	    " x'%s', x'%s', 1895000000)", hex[0], hex[1]);
	rig_sql(sql);
	for (int i = 0; i < 2; i++) {
		struct request_wish w = wish_for("alpha.example", keys[i]);

		assert_int_equal(submit(&alice, &w, &r, &e), -1);
		assert_string_equal(e.clause, "key-authority");
		NOUN_CLEAR(request_wish, &w);
		free(hex[i]);
		OPENSSL_free(der[i]);
	}
	NOUN_CLEAR(request, &r);
	free(sql);
	authority_free(&a);
}

/* An SSH line of the account for this certificate key. */
static void
ssh_key_add(EVP_PKEY *key)
{
	uint8_t point[65];
	size_t size = 0;
	struct buf b = { 0 };
	char *b64, sql[1024];

	EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
	    sizeof point, &size);
	buf_put(&b, "\0\0\0\x13" "ecdsa-sha2-nistp256\0\0\0\x08nistp256\0\0\0"
	    "\x41", 4 + 19 + 4 + 8 + 4);
	buf_put(&b, point, size);
	b64 = base64_encode(b.data, b.size);
	snprintf(sql, sizeof sql, "INSERT INTO ssh_key (account, fingerprint,"
	    " type, line, name, added) VALUES (%lld, 'SHA256:it',"
	    " 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256 %s', 'x', 1)",
	    (long long)alice.account, b64);
	rig_sql(sql);
	free(b64);
	buf_clear(&b);
}

static void
a_key_that_opens_the_account_is_warned_of(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct request_wish w = { 0 };
	struct verdict v = { 0 };
	struct err e = { 0 };
	bool found = false;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	ssh_key_add(key);
	w = wish_for("alpha.example", key);
	assert_int_equal(serve_request_check(&alice, &w, &v, &e), 0);
	assert_true(v.accepted);
	for (size_t i = 0; i < v.n_findings; i++)
		found = found || (strcmp(v.findings[i].rule, "key-ssh") == 0 &&
		    v.findings[i].kind == VERDICT_WARNED &&
		    strstr(v.findings[i].text, "SHA256:it") != NULL);
	assert_true(found);
	NOUN_CLEAR(verdict, &v);
	NOUN_CLEAR(request_wish, &w);
	/* another key is none of these */
	w = wish_for("alpha.example", NULL);
	assert_int_equal(serve_request_check(&alice, &w, &v, &e), 0);
	for (size_t i = 0; i < v.n_findings; i++)
		assert_string_not_equal(v.findings[i].rule, "key-ssh");
	NOUN_CLEAR(verdict, &v);
	NOUN_CLEAR(request_wish, &w);
	EVP_PKEY_free(key);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, people_make, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_is_one_entry_with_the_old_hash_and_the_new),
		TEST(a_bad_policy_changes_nothing),
		TEST(the_stricter_value_of_an_upstream_holds),
		TEST(where_both_cannot_be_kept_nothing_is_issued),
		TEST(high_value_names_need_two_approvals),
		TEST(the_name_of_the_service_is_one_of_them),
		TEST(a_change_that_was_not_committed_changes_nothing),
		TEST(staff_hear_of_names_that_look_like_somebody_elses),
		TEST(a_key_of_the_authority_is_refused),
		TEST(a_key_that_opens_the_account_is_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
