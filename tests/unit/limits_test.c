/* limits_test.c - how much the signer signs in an hour and in a day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/signer/limits.h"

#define T0 1790000000

static void
count(struct sign_limits *l, int64_t at, int n)
{
	for (int i = 0; i < n; i++)
		sign_limits_count(l, at);
}

/* G3: the hour's ceiling holds, and opens again an hour later. */
static void
hour_ceiling_holds_and_opens_again(void **state)
{
	static struct sign_limits l;
	struct err e = { 0 };

	(void)state;
	sign_limits_init(&l, 3, 100);
	count(&l, T0, 2);
	assert_int_equal(sign_limits_check(&l, T0, &e), 0);
	count(&l, T0 + 30, 1);
	assert_int_equal(sign_limits_check(&l, T0 + 59 * 60, &e), -1);
	assert_string_equal(e.clause, "signer-per-hour");
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_int_equal(sign_limits_check(&l, T0 + 61 * 60, &e), 0);
}

static void
day_ceiling_holds_and_opens_again(void **state)
{
	static struct sign_limits l;
	struct err e = { 0 };

	(void)state;
	sign_limits_init(&l, 5, 20);
	for (int h = 0; h < 5; h++)
		count(&l, T0 + h * 7200, 4);
	assert_int_equal(sign_limits_check(&l, T0 + 5 * 7200, &e), -1);
	assert_string_equal(e.clause, "signer-per-day");
	assert_int_equal(sign_limits_check(&l, T0 + 86400 + 61, &e), 0);
}

/* A configuration cannot raise what is compiled in. */
static void
compiled_ceiling_is_the_highest(void **state)
{
	static struct sign_limits l;

	(void)state;
	sign_limits_init(&l, INT64_MAX, INT64_MAX);
	assert_int_equal(l.per_hour, SIGN_HOUR_MAX);
	assert_int_equal(l.per_day, SIGN_DAY_MAX);
}

/* Setting the clock back frees nothing. */
static void
clock_set_back_frees_nothing(void **state)
{
	static struct sign_limits l;
	struct err e = { 0 };

	(void)state;
	sign_limits_init(&l, 2, 100);
	count(&l, T0 + 7200, 2);
	assert_int_equal(sign_limits_check(&l, T0, &e), -1);
}

/* The journal is read from its first record: what is long past, counted in
 * any order, does not weigh. */
static void
what_is_long_past_does_not_weigh(void **state)
{
	static struct sign_limits l;
	struct err e = { 0 };

	(void)state;
	sign_limits_init(&l, 2, 2);
	count(&l, T0, 1000);
	count(&l, T0 + 10 * 86400, 1);
	count(&l, T0, 1000);
	count(&l, -5, 1000);
	assert_int_equal(sign_limits_check(&l, T0 + 10 * 86400, &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hour_ceiling_holds_and_opens_again),
		cmocka_unit_test(day_ceiling_holds_and_opens_again),
		cmocka_unit_test(compiled_ceiling_is_the_highest),
		cmocka_unit_test(clock_set_back_frees_nothing),
		cmocka_unit_test(what_is_long_past_does_not_weigh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
