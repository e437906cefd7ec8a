/* db_test.c - the database: made once, private, transactional, copied. */
#include "rig.h"

#include <sys/stat.h>

enum { Q_ADD, Q_ALL, Q_COUNT };
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO setting (name, value) VALUES (?1, ?2)",
	[Q_ALL] = "SELECT name, value FROM setting ORDER BY name",
	[Q_COUNT] = "SELECT count(*) FROM setting",
};
DB_STATEMENTS(db_test, sql)

static int
add(const char *name, struct err *e)
{
	struct query *q = db_query(db_test_prepared[Q_ADD]);

	q_str(q, 1, name);
	q_str(q, 2, "v");
	return q_run(q, e);
}

static int64_t
count(void)
{
	struct query *q = db_query(db_test_prepared[Q_COUNT]);
	struct err e = { 0 };
	int64_t n = -1;

	if (q_next(q, &e) == 1)
		n = q_col_i64(q, 0);
	q_end(q);
	return n;
}

static void
the_file_is_private_and_marked(void **state)
{
	struct stat st;
	char reserve[128];

	(void)state;
	assert_int_equal(stat(rig_file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_string_equal(rig_ask_sql("PRAGMA application_id"),
	    "1229144369");
	assert_string_equal(rig_ask_sql("PRAGMA user_version"), "1");
	assert_string_equal(rig_ask_sql("PRAGMA journal_mode"), "wal");
	snprintf(reserve, sizeof reserve, "%s/db/reserve", rig_folder);
	assert_int_equal(stat(reserve, &st), 0);
	assert_int_equal(st.st_size, 32 << 20);
	assert_true(st.st_blocks * 512 >= 32 << 20);	/* really there */
	assert_false(db_low());
}

static void
an_existing_file_is_not_overwritten(void **state)
{
	struct err e = { 0 };
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "%s/other", rig_folder);
	assert_int_equal(file_replace(path, "x", 1, 0600, &e), 0);
	db_close();
	assert_int_equal(db_create(path, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_int_equal(db_open(path, &e), -1);
	assert_int_equal(db_open(rig_file, &e), 0);
}

static void
savepoints_nest_and_undo(void **state)
{
	struct err e = { 0 };
	int64_t generation = db_generation();

	(void)state;
	rig_begin();
	assert_int_equal(db_savepoint(&e), 0);
	assert_int_equal(add("kept", &e), 0);
	assert_int_equal(db_savepoint(&e), 0);
	assert_int_equal(add("undone", &e), 0);
	db_savepoint_undo();
	assert_true(db_generation() > generation);
	db_savepoint_release();
	rig_commit();
	assert_int_equal(count(), 1);
	rig_begin();
	assert_int_equal(add("rolled back", &e), 0);
	db_rollback();
	assert_int_equal(count(), 1);
}

static void
a_broken_unique_is_a_conflict_and_harms_nobody_else(void **state)
{
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(add("one", &e), 0);
	assert_int_equal(add("one", &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_false(db_doomed());
	assert_int_equal(add("two", &e), 0);
	rig_commit();
	assert_int_equal(count(), 2);
}

static void
a_list_left_in_the_middle_is_ended(void **state)
{
	struct err e = { 0 };
	struct query *q = NULL;

	(void)state;
	rig_begin();
	assert_int_equal(add("one", &e), 0);
	assert_int_equal(add("two", &e), 0);
	q = db_query(db_test_prepared[Q_ALL]);
	assert_int_equal(q_next(q, &e), 1);
	db_questions_end();
	q = db_query(db_test_prepared[Q_ALL]);
	assert_int_equal(q_next(q, &e), 1);
	rig_commit();		/* ends it as well */
	assert_int_equal(count(), 2);
}

static void
a_reader_elsewhere_stops_nothing(void **state)
{
	struct err e = { 0 };

	(void)state;
	/* a reader elsewhere stops nothing */
	rig_begin();
	assert_int_equal(add("one", &e), 0);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM setting"), "0");
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM setting"), "1");
}

static void
audit_rows_cannot_be_touched_through_sql(void **state)
{
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(audit_add(NULL, "a.b", "x", "1", OUTCOME_DONE, &e,
	    "d"), 0);
	rig_commit();
	rig_sql_fails("DELETE FROM audit");
	rig_sql_fails("UPDATE audit SET detail = 'x'");
	rig_sql_fails("PRAGMA recursive_triggers = ON; INSERT OR REPLACE"
	    " INTO audit SELECT * FROM audit");
	assert_int_equal(db_integrity(&e), 0);
}

static void
a_copy_is_whole_and_never_overwrites(void **state)
{
	struct err e = { 0 };
	char path[128];

	(void)state;
	assert_int_equal(add("one", &e), 0);
	snprintf(path, sizeof path, "%s/copy.db", rig_folder);
	rig_begin();			/* a transaction is open meanwhile */
	assert_int_equal(add("two", &e), 0);
	if (db_copy(path, &e) < 0)
		fail_msg("%s", e.text);
	rig_commit();
	assert_int_equal(db_copy(path, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	db_close();
	if (db_open_to_read(path, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(count(), 1);	/* what was committed then */
	assert_int_equal(db_integrity(&e), 0);
	assert_int_equal(add("three", &e), -1);
}

static void
checkpoints_empty_the_wal(void **state)
{
	struct err e = { 0 };
	char wal[128], name[32];
	struct stat st;

	(void)state;
	snprintf(wal, sizeof wal, "%s-wal", rig_file);
	for (int i = 0; i < 1200; i++) {
		snprintf(name, sizeof name, "n%d", i);
		assert_int_equal(add(name, &e), 0);
	}
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size > 1000 * 4096);	/* nothing on the commit path */
	db_idle();
	assert_int_equal(add("after", &e), 0);	/* begins the WAL anew */
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM setting"),
	    "1201");
	assert_false(db_wal_full());
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_open, rig_close)
	const struct CMUnitTest tests[] = {
		T(the_file_is_private_and_marked),
		T(an_existing_file_is_not_overwritten),
		T(savepoints_nest_and_undo),
		T(a_broken_unique_is_a_conflict_and_harms_nobody_else),
		T(a_list_left_in_the_middle_is_ended),
		T(a_reader_elsewhere_stops_nothing),
		T(audit_rows_cannot_be_touched_through_sql),
		T(a_copy_is_whole_and_never_overwrites),
		T(checkpoints_empty_the_wal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
