/* throttle_test.c - limits a day: for each kind and each whom, until
 * midnight (UTC). */
#include "rig.h"

static void
the_limit_is_met_and_named(void **state)
{
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(throttle_take("challenge", "a.example", 3,
		    &e), 0);
	assert_int_equal(throttle_take("challenge", "a.example", 3, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_string_equal(e.clause, "limit-challenge");
	assert_non_null(strstr(e.text, "limit of 3"));
	/* refused tries do not count up */
	assert_string_equal(rig_ask_sql("SELECT count FROM throttle"), "3");
}

static void
others_and_other_kinds_are_free(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(throttle_take("challenge", "a.example", 1, &e), 0);
	assert_int_equal(throttle_take("challenge", "b.example", 1, &e), 0);
	assert_int_equal(throttle_take("request", "a.example", 1, &e), 0);
	assert_int_equal(throttle_take("challenge", "a.example", 1, &e), -1);
}

static void
midnight_begins_anew(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(throttle_take("k", "w", 1, &e), 0);
	assert_int_equal(throttle_take("k", "w", 1, &e), -1);
	clock_set_for_test(RIG_NOW + 86400);
	assert_int_equal(throttle_take("k", "w", 1, &e), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_open, rig_close)
	const struct CMUnitTest tests[] = {
		T(the_limit_is_met_and_named),
		T(others_and_other_kinds_are_free),
		T(midnight_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
