/* quarter_test.c - a quarter ends and the next begins, by a clock that is set:
 * the reminder, what is due, what is late, what is closed; over a year's end, a
 * leap day, a change of summer time, a clock that steps back (P5.5, P2.1). */
#include "rig.h"

#include <time.h>

#include "core/registrar/alarm.h"
#include "core/registrar/report/quarter.h"
#include "core/registrar/report/report.h"

#define DAY INT64_C(86400)

static struct seat finance, director;

static int64_t
at(const char *text)
{
	int64_t v = 0;

	assert_int_equal(time_parse(text, &v), 0);
	return v;
}

static int
open_2027(void **state)
{
	if (rig_open(state) < 0)
		return -1;
	clock_set_for_test(at("2027-11-20"));
	finance = rig_seat(ROLE_FINANCE, rig_account("finance", ROLE_FINANCE,
	    rig_key(1)), "finance", rig_key(1));
	director = rig_seat(ROLE_DIRECTOR, rig_account("director",
	    ROLE_DIRECTOR, rig_key(2)), "director", rig_key(2));
	rig_begin();
	assert_int_equal(audit_add(NULL, "authority.init", "system", "x",
	    OUTCOME_DONE, NULL, "%s", ""), 0);
	rig_commit();
	return 0;
}

static void
tick(const char *when)
{
	clock_set_for_test(at(when));
	rig_begin();
	report_watch_run();
	rig_commit();
}

static void
letters_are(const char *n)
{
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM notice"
	    " WHERE kind = 'report-reminder'"), n);
}

static void
alarms_are(const char *objects)
{
	assert_string_equal(rig_ask_sql("SELECT object FROM alarm WHERE"
	    " kind = 'report' AND state <> 'over' ORDER BY object"), objects);
}

static void
state_is(const char *quarter, const char *state)
{
	struct wish w = { .limit = 50 };
	struct report_page p = { 0 };
	struct err e = { 0 };

	str_copy(w.filter, sizeof w.filter, quarter);
	assert_int_equal(serve_report_list(&director, &w, &p, &e), 0);
	assert_int_equal(p.n_rows, 1);
	assert_string_equal(p.rows[0].state, state);
	NOUN_CLEAR(report_page, &p);
}

static void
submit_says(const char *quarter, const char *rule)
{
	struct report_wish w = { 0 };
	struct report r = { 0 };
	struct err e = { 0 };

	str_copy(w.quarter, sizeof w.quarter, quarter);
	rig_begin();
	assert_int_equal(serve_report_submit(&director, &w, &r, &e), -1);
	db_rollback();
	assert_string_equal(e.clause, rule);
	NOUN_CLEAR(report, &r);
}

static int
book(const char *day, const char *rule)
{
	struct ledger_new n = { .kind = LEDGER_FIXED, .date = at(day) };
	struct ledger_row r = { 0 };
	struct err e = { 0 };
	int done;

	str_copy(n.amount, sizeof n.amount, "1.00");
	str_copy(n.currency, sizeof n.currency, "USD");
	str_copy(n.payee, sizeof n.payee, "Host");
	rig_begin();
	done = serve_cost_add(&finance, &n, &r, &e);
	rig_commit();
	assert_string_equal(e.clause, rule);
	return done;
}

/* As a submission leaves it: its note is the signer's (tests/story/75). */
static void
submitted(int64_t quarter)
{
	char sql[256];

	snprintf(sql, sizeof sql, "INSERT INTO report (quarter, csv, sha256,"
	    " note, entries, made, at, account) VALUES (%lld,"
	    " CAST('figure,value,unit,note' || char(10) AS BLOB),"
	    " zeroblob(32), x'01', 1, 1, 1, %lld)", (long long)quarter,
	    (long long)director.account);
	rig_sql(sql);
	rig_begin();
	assert_int_equal(alarm_clear(ALARM_REPORT, "2027Q4", NULL), 0);
	rig_commit();
}

static void
a_quarter_ends_is_due_is_late_is_submitted_and_stays(void **state)
{
	char due[TIME_TEXT_SIZE], late[TIME_TEXT_SIZE];
	int64_t end = at("2028-01-01") + conf.costs_report_days * DAY;

	(void)state;
	tick("2027-12-17T23:59:59Z");
	letters_are("0");
	tick("2027-12-18T00:00:00Z");
	letters_are("1");
	tick("2027-12-31T23:59:59Z");
	letters_are("1");
	state_is("2027Q4", "open");
	submit_says("2027Q4", "report-not-over");
	submit_says("2028Q1", "report-not-begun");
	tick("2028-01-01T00:00:00Z");
	state_is("2027Q4", "due");
	state_is("2028Q1", "open");
	submit_says("2028Q1", "report-not-over");
	alarms_are("");
	time_text(due, end - 1);
	tick(due);
	alarms_are("");
	time_text(late, end);
	tick(late);
	state_is("2027Q4", "late");
	alarms_are("2027Q4");
	tick(late);			/* one alarm, however often */
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM alarm"), "1");
	assert_int_equal(book("2027-12-31", ""), 0);
	submitted(4 * 2027 + 3);
	alarms_are("");
	state_is("2027Q4", "submitted");
	submit_says("2027Q4", "report-submitted");
	assert_int_equal(book("2027-12-31", "cost-closed"), -1);
	assert_int_equal(book("2028-01-01", ""), 0);
	rig_sql_fails("UPDATE report SET made = 2");
	rig_sql_fails("DELETE FROM report");
	tick("2028-03-18T00:00:00Z");
	letters_are("2");
}

static void
a_clock_that_steps_back_opens_nothing_and_reminds_once(void **state)
{
	(void)state;
	tick("2027-12-20");
	tick("2027-12-10");
	tick("2027-12-21");
	letters_are("1");
	/* far ahead: late ones; back again: they are not */
	tick("2028-02-20");
	alarms_are("2027Q4");
	tick("2027-12-22");
	alarms_are("");
	clock_set_for_test(at("2028-01-05"));
	submitted(4 * 2027 + 3);
	tick("2027-12-30");
	state_is("2027Q4", "submitted");
	submit_says("2027Q4", "report-submitted");
	assert_int_equal(book("2027-12-29", "cost-closed"), -1);
	/* entries of the log never go back */
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit a JOIN"
	    " audit b ON b.number = a.number + 1 WHERE b.at < a.at"), "0");
}

static void
a_leap_day_is_a_day_of_its_quarter(void **state)
{
	int64_t v, q = quarter_of(at("2028-02-29"));

	(void)state;
	assert_int_equal(q, 4 * 2028);
	assert_int_equal(quarter_begin(q + 1) - quarter_begin(q), 91 * DAY);
	assert_int_equal(quarter_begin(4 * 2027 + 1) - quarter_begin(4 * 2027),
	    90 * DAY);
	assert_int_equal(quarter_begin(4 * 2100 + 1) - quarter_begin(4 * 2100),
	    90 * DAY);
	assert_int_equal(time_parse("2027-02-29", &v), -1);
	clock_set_for_test(at("2028-03-01"));
	assert_int_equal(book("2028-02-29", ""), 0);
}

/* Where the host is has no part in it: a quarter is one of UTC. */
static void
summer_time_of_the_host_moves_no_quarter(void **state)
{
	static const char *const zones[] = { "Europe/Berlin",
		"America/New_York", "Pacific/Kiritimati", "<-12>12" };

	(void)state;
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		setenv("TZ", zones[i], 1);
		tzset();
		assert_int_equal(quarter_begin(4 * 2028 + 1),
		    INT64_C(1838160000));	/* 2028-04-01T00:00:00Z */
		assert_int_equal(quarter_of(INT64_C(1838159999)), 4 * 2028);
		assert_int_equal(quarter_of(INT64_C(1838160000)),
		    4 * 2028 + 1);
		assert_int_equal(year_begin(2028), INT64_C(1830297600));
	}
	unsetenv("TZ");
	tzset();
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_2027, rig_close)
	const struct CMUnitTest tests[] = {
		T(a_quarter_ends_is_due_is_late_is_submitted_and_stays),
		T(a_clock_that_steps_back_opens_nothing_and_reminds_once),
		T(a_leap_day_is_a_day_of_its_quarter),
		cmocka_unit_test(summer_time_of_the_host_moves_no_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
