/* alarm_test.c - alarms: one open for each kind and object, told once, over
 * when the cause is gone (J5.2). */
#include "rig.h"

#include "core/registrar/alarm.h"

static int64_t
counted(const char *sql)
{
	return strtoll(rig_ask_sql(sql), NULL, 10);
}

static void
raised_twice_it_is_one(void **state)
{
	struct err e = { 0 };

	(void)state;
	snprintf(conf.mail_staff_to, sizeof conf.mail_staff_to,
	    "staff@a.example");
	assert_int_equal(notice_templates_load(&e), 0);
	rig_begin();
	assert_int_equal(alarm_raise(ALARM_LATE_CRL, "ica-server-1", &e,
	    "late by %d hours", 2), 0);
	assert_int_equal(alarm_raise(ALARM_LATE_CRL, "ica-server-1", &e,
	    "late by %d hours", 3), 0);
	assert_int_equal(alarm_raise(ALARM_LATE_CRL, "ica-server-2", &e,
	    "late"), 0);
	assert_int_equal(alarms_open(), 2);
	rig_commit();
	assert_int_equal(counted("SELECT count(*) FROM alarm"), 2);
	assert_string_equal(rig_ask_sql(
	    "SELECT text FROM alarm WHERE object = 'ica-server-1'"),
	    "late by 3 hours");
	assert_int_equal(counted(
	    "SELECT count(*) FROM audit WHERE action = 'alarm.raise'"), 2);
	assert_int_equal(counted(
	    "SELECT count(*) FROM notice WHERE kind = 'alarm'"), 2);
}

static void
over_it_can_be_raised_anew(void **state)
{
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(alarm_clear(ALARM_MAIL, "", &e), 0);
	assert_int_equal(alarm_raise(ALARM_MAIL, "", &e, "down"), 0);
	assert_int_equal(alarm_clear(ALARM_MAIL, "", &e), 0);
	assert_int_equal(alarm_clear(ALARM_MAIL, "", &e), 0);
	assert_int_equal(alarms_open(), 0);
	assert_int_equal(alarm_raise(ALARM_MAIL, "", &e, "down again"), 0);
	assert_int_equal(alarms_open(), 1);
	rig_commit();
	assert_int_equal(counted("SELECT count(*) FROM alarm"), 2);
	assert_int_equal(counted(
	    "SELECT count(*) FROM audit WHERE action = 'alarm.over'"), 1);
}

static void
somebody_looks_after_it(void **state)
{
	struct seat s = { 0 };
	struct ref r = { "1" };
	struct alarm a = { 0 };
	struct err e = { 0 };
	int64_t carol;

	(void)state;
	carol = rig_account("carol", ROLE_STAFF, rig_key(3));
	s = rig_seat(ROLE_STAFF, carol, "carol", rig_key(3));
	rig_begin();
	assert_int_equal(alarm_raise(ALARM_SIGNER, "", &e, "away"), 0);
	assert_int_equal(serve_alarm_see(&s, &r, &a, &e), 0);
	assert_int_equal(a.state, ALARM_SEEN);
	assert_string_equal(a.seen_by, "carol");
	/* it is open until its cause is gone */
	assert_int_equal(alarms_open(), 1);
	assert_int_equal(alarm_clear(ALARM_SIGNER, "", &e), 0);
	assert_int_equal(serve_alarm_see(&s, &r, &a, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	str_copy(r.ref, sizeof r.ref, "99");
	assert_int_equal(serve_alarm_see(&s, &r, &a, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	str_copy(r.ref, sizeof r.ref, "x");
	assert_int_equal(serve_alarm_see(&s, &r, &a, &e), -1);
	assert_int_equal(e.kind, ERR_BAD_INPUT);
	rig_commit();
}

static void
its_text_is_made_safe(void **state)
{
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(alarm_raise(ALARM_LOG, "a\033[2Jb", &e,
	    "bad \033]0;x\007"), 0);
	rig_commit();
	assert_int_equal(counted("SELECT count(*) FROM alarm"
	    " WHERE instr(text || object, char(27)) > 0"), 0);
	rig_begin();
	assert_int_equal(alarm_clear(ALARM_LOG, "a\033[2Jb", &e), 0);
	assert_int_equal(alarms_open(), 0);
	rig_commit();
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_open, rig_close)
	const struct CMUnitTest tests[] = {
		T(raised_twice_it_is_one),
		T(over_it_can_be_raised_anew),
		T(somebody_looks_after_it),
		T(its_text_is_made_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
