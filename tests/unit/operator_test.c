/* operator_test.c - accounts made on the host, the dump, the search, the
 * state. */
#include "rig.h"

static struct seat ctl;

static int
open_rig(void **state)
{
	rig_open(state);
	ctl = rig_seat(ROLE_OPERATOR, 0, "operator", NULL);
	return 0;
}

static void
accounts_get_roles_of_people_only(void **state)
{
	struct account_new a = { .name = "x", .role = ROLE_GATE };
	struct account made = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };

	(void)state;
	str_copy(a.line, sizeof a.line, rig_key(1));
	assert_int_equal(serve_operator_account_add(&ctl, &a, &made, &e), -1);
	assert_string_equal(e.clause, "account-role");
	a.role = ROLE_STAFF;
	str_copy(a.name, sizeof a.name, "staff");	/* the trial's names */
	assert_int_equal(serve_operator_account_add(&ctl, &a, &made, &e), 0);
	assert_int_equal(made.role, ROLE_STAFF);
	assert_int_equal(made.state, ACCOUNT_ACTIVE);
	assert_int_equal(serve_operator_account_add(&ctl, &a, &made, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	str_copy(a.name, sizeof a.name, "register");
	assert_int_equal(serve_operator_account_add(&ctl, &a, &made, &e), -1);
	str_copy(a.name, sizeof a.name, "staff");
	str_copy(a.line, sizeof a.line, rig_key(2));
	assert_int_equal(serve_operator_key_add(&ctl, &a, &none, &e), 0);
	a.role = ROLE_DIRECTOR;
	memset(&made, 0, sizeof made);
	assert_int_equal(serve_operator_role_set(&ctl, &a, &made, &e), 0);
	assert_int_equal(made.role, ROLE_DIRECTOR);
	assert_string_equal(rig_ask_sql("SELECT group_concat(action)"
	    " FROM audit"), "account.add,key.add,account.role");
}

/* All lines of a dump, page after page. */
static size_t
dump_all(struct have **all)
{
	struct have_page p = { 0 };
	struct ref cursor = { 0 };
	struct err e = { 0 };
	size_t n = 0;

	do {
		assert_int_equal(serve_operator_dump(&ctl, &cursor, &p, &e),
		    0);
		for (size_t i = 0; i < p.n_rows; i++) {
			*all = list_grow(*all, &n, sizeof **all);
			(*all)[n - 1] = p.rows[i];
		}
		str_copy(cursor.ref, sizeof cursor.ref, p.next);
		NOUN_CLEAR(have_page, &p);
	} while (cursor.ref[0] != '\0');
	return n;
}

static void
a_dump_names_every_row_once_and_ignores_what_moves(void **state)
{
	struct have *before = NULL, *after = NULL;
	struct ref cursor = { .ref = "nonsense:1" };
	struct have_page p = { 0 };
	struct err e = { 0 };
	size_t n;

	(void)state;
	rig_sql("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1"
	    " FROM c WHERE n < 1200) INSERT INTO notice (kind, recipient,"
	    " subject, blanks, state, created, next) SELECT 'queue',"
	    " 'a@b.example', n, x'01', 'waiting', 1, 1 FROM c;"
	    "INSERT INTO certificate (serial, issuer, state, not_before,"
	    " not_after, issued, sha256, spki_sha256, policy) VALUES ('01aa',"
	    " 'ica-server-1', 'burnt', 1, 2, 1, x'', x'', '1')");
	n = dump_all(&before);
	assert_int_equal(n, 1201);
	assert_string_equal(before[0].kind, "serial");
	assert_string_equal(before[0].id, "01aa");
	for (size_t i = 2; i < n; i++)
		assert_string_not_equal(before[i - 1].id, before[i].id);
	rig_sql("UPDATE notice SET state = 'leased';"
	    "UPDATE notice SET state = 'sent', blanks = x'', sent = 5;"
	    "UPDATE notice SET recipient = 'x@b.example' WHERE number = 7");
	assert_int_equal(dump_all(&after), n);
	for (size_t i = 0; i < n; i++)
		if (i == 7)	/* notice 7: what never changes was changed */
			assert_memory_not_equal(before[i].sha256,
			    after[i].sha256, 32);
		else
			assert_memory_equal(before[i].sha256,
			    after[i].sha256, 32);
	assert_int_equal(serve_operator_dump(&ctl, &cursor, &p, &e), -1);
	free(before);
	free(after);
}

static size_t
hits(const char *text, const char *noun)
{
	struct seat staff = rig_seat(ROLE_STAFF, 1, "carol", NULL);
	struct wish w = { 0 };
	struct hit_list r = { 0 };
	struct err e = { 0 };
	size_t n = 0;

	str_copy(w.filter, sizeof w.filter, text);
	assert_int_equal(serve_search(&staff, &w, &r, &e), 0);
	for (size_t i = 0; i < r.n_rows; i++)
		n += strcmp(r.rows[i].noun, noun) == 0;
	NOUN_CLEAR(hit_list, &r);
	return n;
}

static void
a_search_finds_by_name_part_and_serial(void **state)
{
	(void)state;
	rig_account("alice", ROLE_MEMBER, rig_key(1));
	rig_account("malice", ROLE_MEMBER, rig_key(2));
	rig_sql("INSERT INTO domain (account, name, shown, state, claimed)"
	    " VALUES (1, 'chat.example', 'chat.example', 'claimed', 1);"
	    "INSERT INTO certificate (serial, issuer, state, not_before,"
	    " not_after, issued, sha256, spki_sha256, policy) VALUES ('01aa',"
	    " 'ica-server-1', 'burnt', 1, 2, 1, x'', x'', '1')");
	assert_int_equal(hits("alice", "account"), 2);
	assert_int_equal(hits("al", "account"), 2);
	assert_int_equal(hits("malice@mail", "account"), 1);
	assert_int_equal(hits("hat.exa", "domain"), 1);
	assert_int_equal(hits("01AA", "certificate"), 1);
	assert_int_equal(hits("01ab", "certificate"), 0);
	assert_int_equal(hits("%%%", "account"), 0);
	assert_int_equal(hits("' OR 1=1 --", "account"), 0);
}

static void
the_state_speaks_of_every_part(void **state)
{
	static const char *const want[] = { "registrar", "signer", "gate",
		"courier", "disk", "audit log", "requests", "letters" };
	struct fact_list r = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(state_start(&e), 0);
	assert_int_equal(serve_operator_state(&ctl, &none, &r, &e), 0);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		bool found = false;

		for (size_t k = 0; k < r.n_rows; k++)
			found |= strcmp(r.rows[k].what, want[i]) == 0;
		if (!found)
			fail_msg("no fact about %s", want[i]);
	}
	NOUN_CLEAR(fact_list, &r);
	/* the policy is logged when it changes, and only then */
	assert_int_equal(state_start(&e), 0);
	conf.policy_days = 30;
	assert_int_equal(state_start(&e), 0);
	assert_string_equal(rig_ask_sql("SELECT group_concat(action)"
	    " FROM audit"), "system.start,policy.change,system.start,"
	    "system.start,policy.change");
}

static void
the_check_of_the_operator_finds_a_changed_row(void **state)
{
	struct audit_check r = { 0 };
	struct audit_job none = { 0 };
	struct err e = { 0 };

	(void)state;
	rig_account("alice", ROLE_MEMBER, rig_key(1));
	assert_int_equal(serve_operator_verify(&ctl, &none, &r, &e), 0);
	assert_true(r.good);
	rig_sql("DROP TRIGGER audit_only_erased;"
	    "UPDATE audit SET actor = 'nobody' WHERE number = 1");
	memset(&r, 0, sizeof r);
	assert_int_equal(serve_operator_verify(&ctl, &none, &r, &e), 0);
	assert_false(r.good);
	assert_int_equal(r.bad_row, 1);
	assert_true(audit_is_bad);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_rig, rig_close)
	const struct CMUnitTest tests[] = {
		T(accounts_get_roles_of_people_only),
		T(a_dump_names_every_row_once_and_ignores_what_moves),
		T(a_search_finds_by_name_part_and_serial),
		T(the_state_speaks_of_every_part),
		T(the_check_of_the_operator_finds_a_changed_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
