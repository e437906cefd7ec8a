/* paste_test.c - ten megabytes pasted into each place that takes text: bounded,
 * told in words, and what stood there is as it was (S2.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/view/harness.h"

/* newterm() of ncurses 6.4 keeps its first block when it knows no such name */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:new_prescr\n";
}

#define FLOOD (10u << 20)
#define HELD_MOST (256u << 10)	/* bytes that a paste may take meanwhile */

static const char begin[] = "\033[200~", end[] = "\033[201~";

static void
bench_start(struct bench *b, const char *keys)
{
	bench_open(b, &(struct bench_how){ .rows = 24, .cols = 80,
	    .role = ROLE_MEMBER });
	bench_type(b, keys);
}

static void
paste(struct bench *b, const char *text)
{
	(void)!fd_write_all(b->keys, begin, strlen(begin));
	(void)!fd_write_all(b->keys, text, strlen(text));
	bench_type(b, end);
}

/* With what is kept of it looked at all the time. */
static void
flood(struct bench *b)
{
	static char block[16384];

	for (size_t i = 0; i < sizeof block; i++)
		block[i] = i % 80 == 79 ? '\r' : (char)('!' + i % 90);
	bench_type(b, begin);
	for (size_t sent = 0; sent < FLOOD; sent += sizeof block) {
		assert_false(b->ui.quit);	/* it would read no more */
		bench_bytes(b, block, sizeof block);
		assert_true(b->ui.keys.in.room + b->ui.keys.paste.room <
		    HELD_MOST);
	}
	bench_type(b, end);
}

static void
a_flood_into_the_prompt_leaves_what_stood_there(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, ":cert 1");
	flood(&b);
	assert_true(bench_shows(&b, ":cert 1"));
	assert_true(bench_shows(&b, "Not taken: more than 65536 bytes"));
	bench_type(&b, "7");
	assert_true(bench_shows(&b, ":cert 17"));
	paste(&b, " --leaf");
	assert_true(bench_shows(&b, ":cert 17 --leaf"));
	bench_close(&b);
}

static void
a_flood_into_a_filter_leaves_the_list(void **state)
{
	struct bench b;
	char *before, *after;

	(void)state;
	bench_start(&b, "3/exa");
	before = bench_text(&b);
	flood(&b);
	assert_true(bench_shows(&b, "Not taken: more than 65536 bytes"));
	bench_type(&b, "m");
	bench_type(&b, "\177");
	after = bench_text(&b);
	assert_string_equal(before, after);
	/* one that fits is taken as if it were typed */
	paste(&b, "mple\r\n");
	assert_true(bench_shows(&b, "example"));
	assert_false(bench_shows(&b, "ignored"));
	free(before);
	free(after);
	bench_close(&b);
}

static void
a_flood_into_a_field_leaves_the_form(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "2abeta.exam");
	flood(&b);
	assert_true(bench_shows(&b, "beta.exam"));
	assert_true(bench_shows(&b, "Not taken: more than 65536 bytes"));
	bench_type(&b, "ple");
	assert_true(bench_shows(&b, "beta.example"));
	bench_close(&b);
}

static void
a_flood_onto_a_button_is_told(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "2abeta.example\t");
	flood(&b);
	assert_true(bench_shows(&b, "beta.example"));
	assert_true(bench_shows(&b, "was ignored"));
	bench_close(&b);
}

static void
a_flood_where_a_csr_is_pasted_leaves_the_csr(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "3n");
	paste(&b, "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n"
	    "-----END CERTIFICATE REQUEST-----\n");
	assert_true(bench_shows(&b, "This CSR is good"));
	flood(&b);
	assert_true(bench_shows(&b, "More than 64 KB came"));
	assert_true(bench_shows(&b, "This CSR is good"));
	bench_close(&b);
}

static void
a_flood_where_nothing_is_typed_does_nothing(void **state)
{
	struct bench b;
	char *before, *after;

	(void)state;
	bench_start(&b, "4");
	before = bench_text(&b);
	flood(&b);
	assert_true(bench_shows(&b, "was ignored"));
	bench_type(&b, "j");
	bench_type(&b, "k");
	after = bench_text(&b);
	assert_string_equal(before, after);
	free(before);
	free(after);
	bench_close(&b);
}

/* A terminal without brackets: all of it are keys. */
static void
a_flood_of_keys_into_a_line_stays_within_it(void **state)
{
	static char block[16384];
	struct bench b;

	(void)state;
	memset(block, 'x', sizeof block);
	bench_start(&b, "2a");
	for (size_t sent = 0; sent < FLOOD; sent += sizeof block) {
		bench_bytes(&b, block, sizeof block);
		assert_true(b.ui.keys.in.room < HELD_MOST);
	}
	bench_type(&b, "\025y.example");	/* ^U empties the line */
	assert_true(bench_shows(&b, "y.example"));
	assert_false(bench_shows(&b, "xx"));
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_into_the_prompt_leaves_what_stood_there),
		cmocka_unit_test(a_flood_into_a_filter_leaves_the_list),
		cmocka_unit_test(a_flood_into_a_field_leaves_the_form),
		cmocka_unit_test(a_flood_onto_a_button_is_told),
		cmocka_unit_test(a_flood_where_a_csr_is_pasted_leaves_the_csr),
		cmocka_unit_test(a_flood_where_nothing_is_typed_does_nothing),
		cmocka_unit_test(a_flood_of_keys_into_a_line_stays_within_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
