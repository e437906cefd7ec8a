/* clock_watch_test.c - a clock that was set is logged and told, and in doubt
 * nothing is issued (S11.6). */
#include "rig.h"

#include "core/base/clock.h"
#include "core/registrar/alarm.h"
#include "core/registrar/clock_watch.h"
#include "core/registrar/halt.h"

#define START 1800000000
#define DAY 86400

static int64_t
counted(const char *sql)
{
	return strtoll(rig_ask_sql(sql), NULL, 10);
}

/* Time passes, and the wall clock is off by so much. */
static void
at(int64_t passed, int64_t off)
{
	clock_boot_set_for_test(1000 + passed);
	clock_set_for_test(START + passed + off);
	rig_begin();
	clock_watch();
	rig_commit();
}

static int
begin(void **state)
{
	if (rig_open(state) < 0)
		return -1;
	clock_watch_anew_for_test();
	issuing_forget();
	at(0, 0);
	return 0;
}

static int
end(void **state)
{
	clock_set_for_test(0);
	clock_boot_set_for_test(0);
	clock_watch_anew_for_test();
	return rig_close(state);
}

static bool
issuing(void)
{
	struct err e = { 0 };
	bool may = false;

	rig_begin();
	may = issuing_allowed(&e) == 0;
	if (!may)
		assert_string_equal(e.clause, "clock");
	rig_commit();
	return may;
}

static int64_t
steps(void)
{
	return counted("SELECT count(*) FROM audit"
	    " WHERE action = 'clock.step'");
}

static int64_t
open_alarms(void)
{
	return counted("SELECT count(*) FROM alarm"
	    " WHERE kind = 'clock' AND state <> 'over'");
}

static void
see_it(void)
{
	rig_sql("UPDATE alarm SET state = 'seen' WHERE kind = 'clock'"
	    " AND state = 'open'");
}

static void
drift_is_followed_in_silence(void **state)
{
	(void)state;
	for (int64_t k = 1; k < 50; k++)
		at(2 * k, 3 * k);	/* far off in all, little at once */
	assert_int_equal(steps(), 0);
	assert_int_equal(open_alarms(), 0);
	assert_true(issuing());
}

static void
a_small_step_forward_is_only_logged(void **state)
{
	(void)state;
	at(2, 3600);
	assert_int_equal(steps(), 1);
	at(4, 3600);
	assert_int_equal(steps(), 1);
	assert_int_equal(open_alarms(), 0);
	assert_true(issuing());
}

static void
set_back_nothing_is_issued_until_it_is_right(void **state)
{
	(void)state;
	at(2, 0);
	clock_set_for_test(START + 4 - 7200);
	clock_boot_set_for_test(1004);
	assert_false(issuing());	/* before anybody has looked */
	at(4, -7200);
	at(6, -7200);
	assert_int_equal(steps(), 1);
	assert_int_equal(open_alarms(), 1);
	assert_false(issuing());
	at(8, 0);
	assert_int_equal(steps(), 2);
	assert_int_equal(open_alarms(), 0);
	assert_true(issuing());
}

static void
set_forward_by_days_it_waits_for_a_word(void **state)
{
	(void)state;
	at(2, 400 * DAY);
	assert_int_equal(open_alarms(), 1);
	assert_false(issuing());
	see_it();
	at(4, 400 * DAY);
	assert_int_equal(open_alarms(), 0);
	assert_int_equal(counted("SELECT count(*) FROM audit"
	    " WHERE action = 'clock.accept'"), 1);
	assert_true(issuing());
	/* and back again is a step anew: the first word does not count */
	at(6, 0);
	assert_int_equal(open_alarms(), 1);
	assert_false(issuing());
}

static void
a_restart_does_not_forget(void **state)
{
	(void)state;
	at(700, 0);
	clock_watch_anew_for_test();
	at(702, -3 * DAY);
	assert_int_equal(open_alarms(), 1);
	assert_false(issuing());
	clock_watch_anew_for_test();
	at(704, -3 * DAY);		/* the doubt keeps no mark */
	assert_false(issuing());
	clock_watch_anew_for_test();
	at(706, 0);
	assert_int_equal(open_alarms(), 0);
	assert_true(issuing());
	clock_watch_anew_for_test();
	at(708, 20 * DAY);		/* away for a while: that happens */
	assert_true(issuing());
	clock_watch_anew_for_test();
	at(710, 100 * DAY);
	assert_false(issuing());
}

static void
plans_of_a_wrong_clock_are_made_anew(void **state)
{
	(void)state;
	rig_sql("INSERT INTO issuer (name, purpose, state, der, root,"
	    " not_after, crl_at, crl_due) VALUES ('x', 'server',"
	    " 'superseded', x'00', x'00', 1900000000, 1801728000,"
	    " 1801814400)");
	rig_sql("INSERT INTO notice (kind, recipient, subject, blanks, state,"
	    " created, next) VALUES ('alarm', 'a@b.example', '', x'',"
	    " 'waiting', 0, 1800864000)");
	at(2, 20 * DAY);
	see_it();
	at(4, 20 * DAY);
	at(6, 0);
	see_it();
	at(8, 0);
	assert_int_equal(counted("SELECT next FROM notice"
	    " WHERE recipient = 'a@b.example'"), START + 8);
	assert_int_equal(counted("SELECT crl_due FROM issuer"
	    " WHERE name = 'x'"), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(drift_is_followed_in_silence),
		T(a_small_step_forward_is_only_logged),
		T(set_back_nothing_is_issued_until_it_is_right),
		T(set_forward_by_days_it_waits_for_a_word),
		T(a_restart_does_not_forget),
		T(plans_of_a_wrong_clock_are_made_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
