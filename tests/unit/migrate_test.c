/* migrate_test.c - an older database is brought to today's schema in one
 * transaction, with a copy and an audit entry; a newer one is refused. */
#include "rig.h"

#include "core/registrar/db_step.h"

static char *
step_read(void)
{
	struct blob b = { 0 };
	struct err e = { 0 };
	char *text = NULL;

	assert_int_equal(file_read(SRCDIR "/tests/migrate/0.sql", 65536, &b,
	    &e), 0);
	text = xcalloc(1, b.size + 1);
	memcpy(text, b.data, b.size);
	blob_clear(&b);
	return text;
}

static char schema_today[65536];

static void
schema_read(char *out, size_t size)
{
	snprintf(out, size, "%s", rig_ask_sql("SELECT hex(sum(length(sql))) ||"
	    " group_concat(name || length(replace(sql, '\"', '')), ' ')"
	    " FROM (SELECT * FROM sqlite_schema ORDER BY name)"));
}

static int
open_old(void **state)
{
	struct err e = { 0 };

	rig_open(state);
	rig_begin();
	assert_int_equal(audit_add(NULL, "thing.done", "thing", "1",
	    OUTCOME_DONE, &e, "before"), 0);
	rig_commit();
	schema_read(schema_today, sizeof schema_today);
	db_close();
	rig_sql(".read " SRCDIR "/tests/migrate/make-0.sql");
	db_migrated = state_migrated;
	return 0;
}

static int
close_all(void **state)
{
	db_steps_use_for_test(db_steps);
	db_migrated = NULL;
	return rig_close(state);
}

static void
an_older_database_becomes_todays(void **state)
{
	char *sql = step_read(), schema[sizeof schema_today], path[256];
	const struct db_step steps[] = { { 0, sql }, { 0, NULL } };
	struct audit_check r;
	struct err e = { 0 };

	(void)state;
	db_steps_use_for_test(steps);
	if (db_open(rig_file, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(rig_ask_sql("PRAGMA user_version"), "1");
	assert_string_equal(rig_ask_sql("SELECT value FROM setting WHERE"
	    " name = 'kept'"), "from version 0");
	schema_read(schema, sizeof schema);
	assert_string_equal(schema, schema_today);
	assert_string_equal(rig_ask_sql("SELECT action, noun, outcome,"
	    " detail LIKE 'schema version 0 became 1;%ica.db.version-0%' FROM"
	    " audit ORDER BY number DESC LIMIT 1"),
	    "database.migrate|system|done|1");
	assert_int_equal(audit_walk(&r, &e), 0);
	assert_true(r.good);
	assert_int_equal(r.entries, 2);
	/* references are held again, and it can be written to */
	rig_begin();
	assert_int_equal(audit_add(NULL, "thing.done", "thing", "2",
	    OUTCOME_DONE, &e, "after"), 0);
	rig_commit();
	/* the copy is the old one, whole and private */
	snprintf(path, sizeof path, "%.90s.version-0", rig_file);
	assert_int_equal(access(path, R_OK), 0);
	snprintf(path, sizeof path, "ATTACH '%.90s.version-0' AS o; SELECT"
	    " count(*) FROM o.old_setting WHERE junk = 7", rig_file);
	assert_string_equal(rig_ask_sql(path), "1");
	/* a second start has nothing to do */
	db_close();
	assert_int_equal(db_open(rig_file, &e), 0);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit WHERE"
	    " action = 'database.migrate'"), "1");
	free(sql);
}

static void
a_step_that_fails_changes_nothing(void **state)
{
	char *sql = step_read(), half[4096], dangling[4096];
	const struct db_step bad[] = { { 0, half }, { 0, NULL } };
	const struct db_step loose[] = { { 0, dangling }, { 0, NULL } };
	const struct db_step good[] = { { 0, sql }, { 0, NULL } };
	struct err e = { 0 };

	(void)state;
	snprintf(half, sizeof half, "%s; INSERT INTO no_such_table VALUES (1);",
	    sql);
	snprintf(dangling, sizeof dangling, "%s; INSERT INTO certificate_der"
	    " VALUES (77, x'00');", sql);
	db_steps_use_for_test(bad);
	assert_int_equal(db_open(rig_file, &e), -1);
	db_steps_use_for_test(loose);
	assert_int_equal(db_open(rig_file, &e), -1);
	assert_non_null(strstr(e.text, "refers to another"));
	assert_string_equal(rig_ask_sql("PRAGMA user_version"), "0");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM old_setting"
	    " WHERE name = 'kept'"), "1");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"), "1");
	db_steps_use_for_test(good);
	if (db_open(rig_file, &e) < 0)
		fail_msg("%s", e.text);
	free(sql);
}

static void
a_newer_database_and_one_without_a_way_are_refused(void **state)
{
	const struct db_step none[] = { { 0, NULL } };
	struct err e = { 0 };

	(void)state;
	db_steps_use_for_test(none);
	assert_int_equal(db_open(rig_file, &e), -1);
	assert_string_equal(e.clause, "database-version");
	assert_non_null(strstr(e.text, "no way from 0 to 1"));
	rig_sql("PRAGMA user_version = 7");
	assert_int_equal(db_open(rig_file, &e), -1);
	assert_string_equal(e.clause, "database-version");
	assert_non_null(strstr(e.text, "used by a newer xmpp-ica"));
	assert_int_equal(db_open_to_read(rig_file, &e), -1);
	assert_string_equal(e.clause, "database-version");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM old_setting"
	    " WHERE name = 'kept'"), "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_older_database_becomes_todays, open_old, close_all),
		cmocka_unit_test_setup_teardown(
		    a_step_that_fails_changes_nothing, open_old, close_all),
		cmocka_unit_test_setup_teardown(
		    a_newer_database_and_one_without_a_way_are_refused,
		    open_old, close_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
