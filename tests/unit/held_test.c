/* held_test.c - for how long the loop was held, and by what: the longest, the
 * CPU of each, and nothing but numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/registrar/held.h"

static bool
says(const struct buf *b, const char *text)
{
	return memmem(b->data, b->size, text, strlen(text)) != NULL;
}

static void
the_longest_is_known_by_its_kind(void **state)
{
	struct held h = held_begin();
	struct buf b = { 0 };

	(void)state;
	held_end(&h, "short", "");
	h = held_begin();
	usleep(30000);
	held_end(&h, "long", "of its kind");
	held_metrics(&b);
	assert_true(says(&b, "# TYPE xmpp_ica_loop_held_seconds_most gauge\n"));
	assert_true(says(&b, "xmpp_ica_loop_held_seconds_most{by=\"long\"} "));
	assert_false(says(&b, "seconds_most{by=\"long\"} 0.00"));
	assert_true(says(&b, "xmpp_ica_loop_cpu_seconds_total{by=\"short\"} 0."));
	assert_false(says(&b, "of its kind"));
	buf_clear(&b);
}

/* More kinds than there is room for share the last place. */
static void
kinds_beyond_the_table_share_a_place(void **state)
{
	static char names[40][8];
	struct held h = { 0 };
	struct buf b = { 0 };
	int rows = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof names[i], "k%d", i);
		h = held_begin();
		held_end(&h, names[i], "");
	}
	held_metrics(&b);
	for (size_t i = 0; i < b.size; i++)
		rows += b.data[i] == '\n';
	assert_true(rows <= 2 * 33);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_is_known_by_its_kind),
		cmocka_unit_test(kinds_beyond_the_table_share_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
