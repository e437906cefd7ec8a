/*
 * frame_bench.c - what a key costs in the console's own process: CPU from the
 * byte read to the frame written, and the frame's bytes.
 *
 *   t/frame_bench [ROUNDS]     prints NAME_us (median) and NAME_bytes (mean)
 */
#include "tests/view/harness.h"

#include <time.h>

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* One key in, its frame out. */
static double
key_time(struct bench *b, const char *key)
{
	double start;

	(void)!fd_write_all(b->keys, key, strlen(key));
	start = now_us();
	ui_turn(&b->ui, 0);	/* reads */
	ui_turn(&b->ui, 0);	/* acts and draws */
	return now_us() - start;
}

static void
measure(struct bench *b, const char *name, const char *one, const char *two,
    size_t rounds)
{
	double *took = xcalloc(rounds, sizeof *took);
	size_t bytes = 0;

	for (size_t i = 0; i < rounds; i++) {
		buf_clear(&b->bytes);
		took[i] = key_time(b, i % 2 ? two : one);
		bench_drain(b);
		bytes += b->bytes.size;
	}
	qsort(took, rounds, sizeof *took, compare);
	printf("%s_us %.1f\n%s_p99_us %.1f\n%s_bytes %.0f\n", name,
	    took[rounds / 2], name, took[rounds * 99 / 100], name,
	    (double)bytes / (double)rounds);
	free(took);
}

static void
list_measure(struct bench *b, size_t rounds)
{
	bench_type(b, "3");
	measure(b, "cursor_step", "j", "k", rounds);
	for (int i = 0; i < 30; i++)
		bench_type(b, "j");
	/* from the lowest line: every step moves the whole list */
	measure(b, "scroll_step", "j", "j", 40);
	measure(b, "page", " ", "b", rounds);
}

int
main(int argc, char **argv)
{
	struct bench_how how = { .role = ROLE_MEMBER, .rows = 24,
		.cols = 80 };
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	struct bench b;

	bench_open(&b, &how);
	bench_type(&b, "2a");
	measure(&b, "key_in_field", "a", "\177", rounds);
	bench_esc(&b);
	list_measure(&b, rounds);
	if (getenv("SHOW_BYTES") != NULL) {
		buf_clear(&b.bytes);
		bench_type(&b, "gj");
		buf_clear(&b.bytes);
		bench_type(&b, "j");
		fwrite(b.bytes.data, 1, b.bytes.size, stdout);
	}
	bench_close(&b);
	return 0;
}
