/* clock.c - the real clocks, and one that stands still for tests. */
#include "core/base/clock.h"

#include <time.h>

static int64_t fixed, fixed_boot;

int64_t
clock_now(void)
{
	return fixed ? fixed : (int64_t)time(NULL);
}

int64_t
clock_mono_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_boot(void)
{
	struct timespec ts;

	if (fixed_boot)
		return fixed_boot;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec;
}

void
clock_boot_set_for_test(int64_t seconds)
{
	fixed_boot = seconds;
}

void
clock_set_for_test(int64_t unix_seconds)
{
	fixed = unix_seconds;
}
