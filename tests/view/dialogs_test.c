/* dialogs_test.c - what a dialog or a view refuses by itself is said on the
 * screen, and nothing is asked (R1.1). */
#include "tests/unit/check.h"

#include <locale.h>
#include <sys/mman.h>

#include "tests/view/harness.h"

static void
scene(struct bench *b, unsigned char *asked, enum role role, const char *keys)
{
	bench_open(b, &(struct bench_how){ .rows = 30, .cols = 100,
	    .role = role, .asked = asked });
	for (const char *k = keys; *k != '\0'; k++)
		bench_bytes(b, k, 1);
}

static void
shows(struct bench *b, const char *text)
{
	if (!bench_shows(b, text))
		fail_msg("not seen: %s\n%s", text, bench_text(b));
}

static void
an_empty_field_is_told_before_anything_is_asked(void **state)
{
	static const struct {
		enum role role;
		const char *keys, *says;
		enum op op;
	} rows[] = {
		{ ROLE_MEMBER, "2jjc\t\r", "Type the code from the letter",
		  OP_domain_confirm },
		{ ROLE_STAFF, "2\rr\t\r", "Type a reason", OP_request_refuse },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		unsigned char *asked = mmap(NULL, OP_COUNT,
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		struct bench b;

		assert_true(asked != MAP_FAILED);
		scene(&b, asked, rows[i].role, rows[i].keys);
		shows(&b, rows[i].says);
		assert_int_equal(asked[rows[i].op], 0);
		bench_close(&b);
		munmap(asked, OP_COUNT);
	}
}

static void
an_entry_that_is_not_there_is_told(void **state)
{
	struct bench b;

	(void)state;
	scene(&b, NULL, ROLE_AUDITOR, "");
	ui_open(&b.ui, "audit_entry", "7000");
	bench_settle(&b);
	shows(&b, "There is no entry 7000");
	bench_close(&b);
}

/* Until the text is there; the console asks again by itself. */
static void
wait_for(struct bench *b, const char *text)
{
	for (int i = 0; i < 500 && !bench_shows(b, text); i++) {
		usleep(10000);
		bench_settle(b);
	}
	shows(b, text);
}

static void
walk_begin(struct bench *b, int walks)
{
	bench_open(b, &(struct bench_how){ .rows = 30, .cols = 100,
	    .role = ROLE_AUDITOR, .walks = walks });
	bench_bytes(b, "6", 1);
	bench_bytes(b, "v", 1);
	shows(b, "Checking the log");
}

static void
keys_work_while_the_log_is_checked(void **state)
{
	struct bench b;
	char *before, *after;

	(void)state;
	walk_begin(&b, 4);
	before = bench_text(&b);
	bench_bytes(&b, "jj", 2);
	after = bench_text(&b);
	assert_string_not_equal(before, after);	/* the cursor went down */
	free(before);
	free(after);
	wait_for(&b, "Checking the log");	/* and it is said again */
	bench_bytes(&b, "2", 1);		/* another tab */
	wait_for(&b, "The chain holds");
	bench_close(&b);
}

static void
escape_stops_watching(void **state)
{
	struct bench b;

	(void)state;
	walk_begin(&b, 1000);
	bench_esc(&b);
	shows(&b, "No longer watched");
	for (int i = 0; i < 40; i++) {
		usleep(10000);
		bench_settle(&b);
	}
	shows(&b, "No longer watched");
	bench_bytes(&b, "v", 1);
	shows(&b, "Checking the log");
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_empty_field_is_told_before_anything_is_asked),
		cmocka_unit_test(an_entry_that_is_not_there_is_told),
		cmocka_unit_test(keys_work_while_the_log_is_checked),
		cmocka_unit_test(escape_stops_watching),
	};

	setlocale(LC_ALL, "C.UTF-8");
	alarm(300);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
