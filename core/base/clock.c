/* clock.c - the real clocks, and one that stands still for tests. */
#include "core/base/clock.h"

#include <fcntl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static int64_t fixed, fixed_boot;
static uint64_t fixed_boot_id;

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

/* FNV-1a of its text */
static uint64_t
boot_id_read(void)
{
	uint64_t h = 0xcbf29ce484222325ull;
	char text[64];
	ssize_t n = 0;
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		n = read(fd, text, sizeof text);
		close(fd);
	}
	if (n < 32 && getrandom(&h, sizeof h, 0) != (ssize_t)sizeof h)
		h ^= (uint64_t)clock_mono_ms();
	for (ssize_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)text[i]) * 0x100000001b3ull;
	return h | 1;
}

uint64_t
clock_boot_id(void)
{
	static uint64_t kept;

	if (fixed_boot_id != 0)
		return fixed_boot_id;
	if (kept == 0)
		kept = boot_id_read();
	return kept;
}

void
clock_boot_id_set_for_test(uint64_t id)
{
	fixed_boot_id = id;
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
