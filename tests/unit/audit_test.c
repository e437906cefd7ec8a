/* audit_test.c - every change, deletion, insertion and reordering of audit
 * entries is found, and the row is named (S11.2). */
#include "rig.h"

#define ENTRIES 6

static int
open_with_entries(void **state)
{
	struct err e = { 0 };
	struct seat s;
	char object[16];

	rig_open(state);
	s = rig_seat(ROLE_STAFF, 7, "carol", rig_key(3));
	rig_begin();
	for (int i = 1; i <= ENTRIES; i++) {
		clock_set_for_test(RIG_NOW + i);
		snprintf(object, sizeof object, "%d", i);
		assert_int_equal(audit_add(i % 2 ? &s : NULL, "thing.done",
		    "thing", object, i == 4 ? OUTCOME_REFUSED : OUTCOME_DONE,
		    &e, "detail %d", i), 0);
	}
	rig_commit();
	return 0;
}

static void
walk(struct audit_check *r)
{
	struct err e = { 0 };

	if (audit_walk(r, &e) < 0)
		fail_msg("%s", e.text);
}

static void
a_whole_chain_is_good(void **state)
{
	struct audit_check r;

	(void)state;
	walk(&r);
	assert_true(r.good);
	assert_int_equal(r.entries, ENTRIES);
	assert_int_equal(r.bad_row, 0);
	assert_int_equal(r.head_at, RIG_NOW + ENTRIES);
	assert_false(audit_is_bad);
}

static void
an_insider_without_triggers(void)
{
	rig_sql("DROP TRIGGER audit_stays; DROP TRIGGER audit_only_erased;"
	    "CREATE TABLE keep AS SELECT * FROM audit;");
}

static void
every_changed_field_of_every_row_is_named(void **state)
{
	static const struct {
		const char *field, *value;
	} changes[] = {
		{ "number", "number + 100" },
		{ "at", "at + 1" },
		{ "role", "'director'" },
		{ "action", "action || 'x'" },
		{ "noun", "''" },
		{ "object", "object || '1'" },
		{ "outcome", "'failed'" },
		{ "actor", "'mallory'" },
		{ "key", "'SHA256:x'" },
		{ "source", "'192.0.2.99'" },
		{ "detail", "'nothing'" },
		{ "salt", "randomblob(16)" },
		{ "commitment", "randomblob(32)" },
		{ "previous", "randomblob(32)" },
		{ "hash", "randomblob(32)" },
		/* erased only in part */
		{ "actor", "NULL" }, { "key", "NULL" }, { "source", "NULL" },
		{ "detail", "NULL" }, { "salt", "NULL" },
	};
	struct audit_check r;
	char text[512];

	(void)state;
	an_insider_without_triggers();
	for (int row = 1; row <= ENTRIES; row++)
		for (size_t i = 0; i < sizeof changes / sizeof changes[0];
		    i++) {
			const char *f = changes[i].field;

			snprintf(text, sizeof text,
			    "UPDATE audit SET %s = %s WHERE number = %d", f,
			    changes[i].value, row);
			rig_sql(text);
			walk(&r);
			if (r.good || r.bad_row != row)
				fail_msg("row %d %s: %lld %s", row, f,
				    (long long)r.bad_row, r.text);
			rig_sql("DELETE FROM audit;"
			    "INSERT INTO audit SELECT * FROM keep;");
		}
	assert_true(audit_is_bad);
	walk(&r);
	assert_true(r.good);
}

static void
a_deleted_row_is_named(void **state)
{
	struct audit_check r;
	char text[64];

	(void)state;
	an_insider_without_triggers();
	for (int row = 1; row < ENTRIES; row++) {
		snprintf(text, sizeof text,
		    "DELETE FROM audit WHERE number = %d", row);
		rig_sql(text);
		walk(&r);
		assert_false(r.good);
		assert_int_equal(r.bad_row, row);
		rig_sql("DELETE FROM audit;"
		    "INSERT INTO audit SELECT * FROM keep;");
	}
}

static void
a_cut_tail_changes_the_head(void **state)
{
	struct audit_check whole, cut;

	(void)state;
	an_insider_without_triggers();
	walk(&whole);
	rig_sql("DELETE FROM audit WHERE number = 6");
	walk(&cut);
	assert_int_equal(cut.entries, ENTRIES - 1);
	assert_memory_not_equal(whole.head, cut.head, 32);
}

static void
inserted_and_swapped_rows_are_named(void **state)
{
	struct audit_check r;

	(void)state;
	an_insider_without_triggers();
	rig_sql("INSERT INTO audit SELECT 7, at, role, action, noun, object,"
	    " outcome, actor, key, source, detail, salt, commitment,"
	    " previous, hash FROM audit WHERE number = 6");
	walk(&r);
	assert_int_equal(r.bad_row, 7);
	rig_sql("DELETE FROM audit WHERE number = 7;"
	    "INSERT INTO audit SELECT -3, at, role, action, noun, object,"
	    " outcome, actor, key, source, detail, salt, commitment,"
	    " previous, hash FROM audit WHERE number = 6");
	walk(&r);
	assert_int_equal(r.bad_row, -3);
	rig_sql("DELETE FROM audit WHERE number = -3;"
	    "UPDATE audit SET number = 100 WHERE number = 2;"
	    "UPDATE audit SET number = 2 WHERE number = 3;"
	    "UPDATE audit SET number = 3 WHERE number = 100;");
	walk(&r);
	assert_int_equal(r.bad_row, 2);
}

static void
the_triggers_let_nothing_but_erasing_pass(void **state)
{
	struct audit_check r;
	char out[128];

	(void)state;
	rig_sql("UPDATE audit SET actor = NULL, key = NULL, source = NULL,"
	    " detail = NULL, salt = NULL WHERE number = 3");
	walk(&r);
	assert_true(r.good);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE salt IS NULL"), "1");
	snprintf(out, sizeof out, "%s", rig_ask_sql(
	    "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
	    " AND tbl_name = 'audit'"));
	assert_string_equal(out, "2");
}

static void
a_clock_set_back_never_reorders(void **state)
{
	struct err e = { 0 };
	struct audit_check r;

	(void)state;
	clock_set_for_test(RIG_NOW - 86400);
	rig_begin();
	assert_int_equal(audit_add(NULL, "a", "b", "c", OUTCOME_DONE, &e,
	    "d"), 0);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT at FROM audit"
	    " WHERE number = 7"), "1795000006");
	walk(&r);
	assert_true(r.good);
}

static void
undone_entries_leave_no_trace(void **state)
{
	struct err e = { 0 };
	struct audit_check r;

	(void)state;
	rig_begin();
	assert_int_equal(db_savepoint(&e), 0);
	assert_int_equal(audit_add(NULL, "undone", "b", "c", OUTCOME_DONE,
	    &e, "d"), 0);
	audit_refusal(NULL, "refused", "b", "c", "kept");
	db_savepoint_undo();
	assert_int_equal(audit_refusals_queued(), 1);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT action || ' ' || outcome"
	    " FROM audit WHERE number = 7"), "refused refused");
	rig_begin();
	assert_int_equal(audit_add(NULL, "undone", "b", "c", OUTCOME_DONE,
	    &e, "d"), 0);
	db_rollback();
	rig_begin();
	assert_int_equal(audit_add(NULL, "next", "b", "c", OUTCOME_DONE, &e,
	    "d"), 0);
	rig_commit();
	walk(&r);
	assert_true(r.good);
	assert_int_equal(r.entries, 8);
}

static void
the_tail_alone_is_checked_from_the_row_before(void **state)
{
	struct err e = { 0 };
	struct audit_check r;

	(void)state;
	assert_int_equal(audit_walk_tail(3, &r, &e), 0);
	assert_true(r.good);
	assert_int_equal(r.entries, 3);
	an_insider_without_triggers();
	rig_sql("UPDATE audit SET detail = 'x' WHERE number = 2");
	assert_int_equal(audit_walk_tail(3, &r, &e), 0);
	assert_true(r.good);	/* row 2 is older than the tail */
	rig_sql("UPDATE audit SET detail = 'x' WHERE number = 5");
	assert_int_equal(audit_walk_tail(3, &r, &e), 0);
	assert_int_equal(r.bad_row, 5);
}

static void
long_details_are_cut_at_a_character(void **state)
{
	struct err e = { 0 };
	struct audit_check r;
	char text[1600];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	text[sizeof text - 2] = '\0';
	rig_begin();
	assert_int_equal(audit_add(NULL, "a", "b", "c", OUTCOME_DONE, &e,
	    "x%s", text), 0);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT length(CAST(detail AS BLOB))"
	    " FROM audit WHERE number = 7"), "1023");
	walk(&r);
	assert_true(r.good);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_with_entries, rig_close)
	const struct CMUnitTest tests[] = {
		T(a_whole_chain_is_good),
		T(every_changed_field_of_every_row_is_named),
		T(a_deleted_row_is_named),
		T(a_cut_tail_changes_the_head),
		T(inserted_and_swapped_rows_are_named),
		T(the_triggers_let_nothing_but_erasing_pass),
		T(a_clock_set_back_never_reorders),
		T(undone_entries_leave_no_trace),
		T(the_tail_alone_is_checked_from_the_row_before),
		T(long_details_are_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
