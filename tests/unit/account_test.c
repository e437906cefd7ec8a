/* account_test.c - from guest to member, suspended and back; who may issue
 * (J1.1, J1.2, J1.5, J7.1). */
#include "rig.h"

static struct seat guest;
static char code[CODE_SIZE];

/* The code of the last letter, as the courier would get it. */
static void
code_read(void)
{
	struct seat s = rig_seat(ROLE_COURIER, 0, "courier", NULL);
	struct letter_batch b = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };
	const char *at = NULL;

	letters_release();
	assert_int_equal(serve_letter_take(&s, &none, &b, &e), 0);
	assert_true(b.n_letters > 0);
	at = memmem(b.letters[b.n_letters - 1].body.data,
	    b.letters[b.n_letters - 1].body.size, "\n    ", 5);
	assert_non_null(at);
	snprintf(code, sizeof code, "%.34s", at + 5);
	NOUN_CLEAR(letter_batch, &b);
}

static int
ask_register(const char *name, const char *email, const char *agreement,
    struct err *e)
{
	struct registration a = { 0 };
	struct none none = { 0 };
	int r;

	str_copy(a.name, sizeof a.name, name);
	str_copy(a.email, sizeof a.email, email);
	str_copy(a.agreement, sizeof a.agreement, agreement);
	rig_begin();
	err_clear(e);
	assert_int_equal(db_savepoint(e), 0);
	r = serve_account_register(&guest, &a, &none, e);
	if (r < 0)
		db_savepoint_undo();
	else
		db_savepoint_release();
	rig_commit();
	return r;
}

static int
ask_confirm(const char *name, const char *typed, struct err *e)
{
	struct confirmation a = { 0 };
	struct account made = { 0 };
	int r;

	str_copy(a.name, sizeof a.name, name);
	str_copy(a.code, sizeof a.code, typed);
	rig_begin();
	r = serve_account_confirm(&guest, &a, &made, e);
	rig_commit();
	if (r == 0) {
		assert_string_equal(made.name, name);
		assert_int_equal(made.state, ACCOUNT_ACTIVE);
		assert_int_equal(made.role, ROLE_MEMBER);
	}
	return r;
}

static int
open_as_guest(void **state)
{
	rig_open(state);
	guest = rig_seat(ROLE_GUEST, 0, "", rig_key(1));
	return 0;
}

static void
the_mailed_code_makes_the_account(void **state)
{
	struct err e = { 0 };

	(void)state;
	if (ask_register("alice", "alice@mail.example", "1", &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(account_may_issue(1, &e), -1);
	assert_string_equal(e.clause, "account-state");
	code_read();
	assert_int_equal(ask_confirm("alice", code, &e), 0);
	assert_int_equal(account_may_issue(1, &e), 0);
	/* J7.1: version, hash of the text, time and key */
	assert_string_equal(rig_ask_sql("SELECT version, length(sha256), at,"
	    " fingerprint = (SELECT fingerprint FROM ssh_key)"
	    " FROM acceptance"), "1|32|1795000000|1");
	assert_string_equal(rig_ask_sql("SELECT group_concat(action)"
	    " FROM audit"), "account.register,account.confirm");
	/* single use */
	assert_int_equal(ask_confirm("alice", code, &e), -1);
	assert_string_equal(rig_ask_sql("SELECT code_hash IS NULL"
	    " FROM account"), "1");
}

static void
the_code_is_kept_only_as_a_hash_and_mailed_once(void **state)
{
	struct err e = { 0 };
	char text[256];

	(void)state;
	assert_int_equal(ask_register("alice", "alice@mail.example", "1",
	    &e), 0);
	code_read();
	rig_sql("UPDATE notice SET state = 'leased'");
	snprintf(text, sizeof text, "SELECT count(*) FROM account"
	    " WHERE instr(code_hash, '%s') > 0", code);
	assert_string_equal(rig_ask_sql(text), "0");
	snprintf(text, sizeof text, "SELECT count(*) FROM audit"
	    " WHERE instr(detail, '%.9s') > 0", code);
	assert_string_equal(rig_ask_sql(text), "0");
}

static void
bad_forms_are_refused_with_their_clause(void **state)
{
	static const struct {
		const char *name, *email, *agreement, *clause;
	} bad[] = {
		{ "", "a@b.example", "1", "account-name" },
		{ "Alice", "a@b.example", "1", "account-name" },
		{ "-a", "a@b.example", "1", "account-name" },
		{ "a/b", "a@b.example", "1", "account-name" },
		{ "register", "a@b.example", "1", "account-name" },
		{ "root", "a@b.example", "1", "account-name" },
		{ "staff", "a@b.example", "1", "account-name" },
		{ "system", "a@b.example", "1", "account-name" },
		{ "alice", "alice", "1", "address" },
		{ "alice", "a@b.example\r\nX: y", "1", "address" },
		{ "alice", "a@b.example", "", "agreement" },
		{ "alice", "a@b.example", "0", "agreement" },
	};
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(ask_register(bad[i].name, bad[i].email,
		    bad[i].agreement, &e), -1);
		assert_string_equal(e.clause, bad[i].clause);
	}
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM account"),
	    "0");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM notice"), "0");
}

static void
five_wrong_codes_lock_the_registration(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(ask_register("alice", "a@b.example", "1", &e), 0);
	code_read();
	/* a mistyped form is not counted */
	assert_int_equal(ask_confirm("alice", "ABC", &e), -1);
	assert_int_equal(e.kind, ERR_BAD_INPUT);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(ask_confirm("alice",
		    "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", &e), -1);
		assert_string_equal(e.clause, "code");
	}
	assert_int_equal(ask_confirm("alice", code, &e), -1);
	assert_string_equal(e.clause, "code-locked");
	/* registering again with the same key gives a new code */
	assert_int_equal(ask_register("alice", "a@b.example", "1", &e), 0);
	code_read();
	assert_int_equal(ask_confirm("alice", code, &e), 0);
}

static void
a_code_expires(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(ask_register("alice", "a@b.example", "1", &e), 0);
	code_read();
	clock_set_for_test(RIG_NOW + 72 * 3600);
	assert_int_equal(ask_confirm("alice", code, &e), -1);
	assert_string_equal(e.clause, "code-expired");
}

static void
another_key_can_neither_confirm_nor_use_up_tries(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(ask_register("alice", "a@b.example", "1", &e), 0);
	code_read();
	guest = rig_seat(ROLE_GUEST, 0, "", rig_key(2));
	assert_int_equal(ask_confirm("alice", code, &e), -1);
	assert_string_equal(e.clause, "code");
	assert_string_equal(rig_ask_sql("SELECT code_tries FROM account"),
	    "0");
	/* the same answer when there is no such name at all */
	{
		struct err none = { 0 };

		assert_int_equal(ask_confirm("nobody-here", code, &none), -1);
		assert_string_equal(none.text, e.text);
	}
	/* nor take the name */
	assert_int_equal(ask_register("alice", "x@b.example", "1", &e), -1);
	assert_string_equal(e.clause, "account-name");
	assert_int_equal(e.kind, ERR_CONFLICT);
}

static void
a_key_that_opens_an_account_is_told_which(void **state)
{
	struct err e = { 0 };

	(void)state;
	rig_account("alice", ROLE_MEMBER, rig_key(1));
	assert_int_equal(ask_register("second", "a@b.example", "1", &e), -1);
	assert_string_equal(e.clause, "key-in-use");
	assert_non_null(strstr(e.text, " alice@ca.example"));
}

static void
registrations_are_limited_by_source_and_address(void **state)
{
	struct err e = { 0 };
	char name[16], mail[32];

	(void)state;
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "a%d", i);
		guest = rig_seat(ROLE_GUEST, 0, "", rig_key((uint8_t)(i + 1)));
		assert_int_equal(ask_register(name, "same@b.example", "1",
		    &e), 0);
	}
	guest = rig_seat(ROLE_GUEST, 0, "", rig_key(9));
	assert_int_equal(ask_register("a9", "same@b.example", "1", &e), -1);
	assert_string_equal(e.clause, "limit-register-address");
	/* the same mailbox in other words */
	assert_int_equal(ask_register("a9", "Same@b.example", "1", &e), -1);
	assert_string_equal(e.clause, "limit-register-address");
	assert_int_equal(ask_register("a9", "same+9@b.example", "1", &e), -1);
	assert_string_equal(e.clause, "limit-register-address");
	/* one IPv6 /64 is one source */
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "b%d", i);
		snprintf(mail, sizeof mail, "m%d@b.example", i);
		guest = rig_seat(ROLE_GUEST, 0, "",
		    rig_key((uint8_t)(i + 20)));
		snprintf(guest.source, sizeof guest.source,
		    "2001:db8:1:2::%d", i + 1);
		if (ask_register(name, mail, "1", &e) < 0)
			fail_msg("%s", e.text);
	}
	guest = rig_seat(ROLE_GUEST, 0, "", rig_key(99));
	str_copy(guest.source, sizeof guest.source, "2001:db8:1:2:ffff::1");
	assert_int_equal(ask_register("b99", "m@b.example", "1", &e), -1);
	assert_string_equal(e.clause, "limit-register-source");
	str_copy(guest.source, sizeof guest.source, "2001:db8:1:3::1");
	assert_int_equal(ask_register("b99", "m@b.example", "1", &e), 0);
}

static void
suspended_and_reinstated_and_both_are_logged(void **state)
{
	int64_t alice = rig_account("alice", ROLE_MEMBER, rig_key(1));
	int64_t carol = rig_account("carol", ROLE_STAFF, rig_key(2));
	struct seat staff = rig_seat(ROLE_STAFF, carol, "carol", rig_key(2));
	struct ref ref = { .ref = "alice" };
	struct account a = { 0 };
	struct err e = { 0 };

	(void)state;
	rig_sql("UPDATE account SET agreement = '1'");
	assert_int_equal(account_may_issue(alice, &e), 0);
	assert_int_equal(serve_account_suspend(&staff, &ref, &a, &e), 0);
	assert_int_equal(a.state, ACCOUNT_SUSPENDED);
	assert_int_equal(account_may_issue(alice, &e), -1);
	assert_int_equal(serve_account_suspend(&staff, &ref, &a, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_int_equal(serve_account_reinstate(&staff, &ref, &a, &e), 0);
	assert_int_equal(account_may_issue(alice, &e), 0);
	/* nobody judges himself or his colleagues */
	str_copy(ref.ref, sizeof ref.ref, "carol");
	assert_int_equal(serve_account_suspend(&staff, &ref, &a, &e), -1);
	assert_string_equal(rig_ask_sql("SELECT group_concat(action)"
	    " FROM audit WHERE actor = 'carol'"),
	    "account.suspend,account.reinstate");
}

static void
pending_is_not_reinstated_by_staff(void **state)
{
	struct seat staff;
	struct ref ref = { .ref = "alice" };
	struct account a = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(ask_register("alice", "a@b.example", "1", &e), 0);
	staff = rig_seat(ROLE_STAFF, rig_account("carol", ROLE_STAFF,
	    rig_key(2)), "carol", rig_key(2));
	assert_int_equal(serve_account_reinstate(&staff, &ref, &a, &e), -1);
	assert_int_equal(serve_account_suspend(&staff, &ref, &a, &e), -1);
}

static void
a_new_agreement_must_be_accepted_before_issuing(void **state)
{
	int64_t alice = rig_account("alice", ROLE_MEMBER, rig_key(1));
	struct seat s = rig_seat(ROLE_MEMBER, alice, "alice", rig_key(1));
	struct agreement text = { 0 };
	struct ref ref = { .ref = "1" };
	struct none none = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(account_may_issue(alice, &e), -1);
	assert_string_equal(e.clause, "agreement");
	assert_int_equal(serve_agreement_get(&s, &none, &text, &e), 0);
	assert_string_equal(text.version, "1");
	assert_string_equal(text.accepted, "");
	assert_true(text.text.size > 500);
	NOUN_CLEAR(agreement, &text);
	assert_int_equal(serve_agreement_accept(&s, &ref, &none, &e), 0);
	assert_int_equal(account_may_issue(alice, &e), 0);
	str_copy(conf.policy_agreement_version,
	    sizeof conf.policy_agreement_version, "2");
	assert_int_equal(account_may_issue(alice, &e), -1);
	assert_int_equal(serve_agreement_accept(&s, &ref, &none, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	str_copy(ref.ref, sizeof ref.ref, "2");
	assert_int_equal(serve_agreement_accept(&s, &ref, &none, &e), 0);
	assert_int_equal(account_may_issue(alice, &e), 0);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM acceptance"),
	    "2");
}

static void
auditors_hold_no_certificates(void **state)
{
	int64_t n = rig_account("otto", ROLE_AUDITOR, rig_key(1));
	struct err e = { 0 };

	(void)state;
	assert_int_equal(account_may_issue(n, &e), -1);
	assert_string_equal(e.clause, "account-role");
}

static void
a_damaged_log_stops_issuing(void **state)
{
	int64_t n = rig_account("alice", ROLE_MEMBER, rig_key(1));
	struct err e = { 0 };

	(void)state;
	rig_sql("UPDATE account SET agreement = '1'");
	audit_is_bad = true;
	assert_int_equal(account_may_issue(n, &e), -1);
	assert_string_equal(e.clause, "audit-chain");
	audit_is_bad = false;
	assert_int_equal(account_may_issue(n, &e), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_as_guest, rig_close)
	const struct CMUnitTest tests[] = {
		T(the_mailed_code_makes_the_account),
		T(the_code_is_kept_only_as_a_hash_and_mailed_once),
		T(bad_forms_are_refused_with_their_clause),
		T(five_wrong_codes_lock_the_registration),
		T(a_code_expires),
		T(another_key_can_neither_confirm_nor_use_up_tries),
		T(a_key_that_opens_an_account_is_told_which),
		T(registrations_are_limited_by_source_and_address),
		T(suspended_and_reinstated_and_both_are_logged),
		T(pending_is_not_reinstated_by_staff),
		T(a_new_agreement_must_be_accepted_before_issuing),
		T(auditors_hold_no_certificates),
		T(a_damaged_log_stops_issuing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
