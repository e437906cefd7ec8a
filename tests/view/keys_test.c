/* keys_test.c - bytes of terminals become keys and pastes, whole or in parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "console/keys.h"

static int64_t now;

static int
next(struct keys *k)
{
	int wait_ms;

	return keys_next(k, now, &wait_ms);
}

static void
feed(struct keys *k, const char *bytes)
{
	keys_feed(k, bytes, strlen(bytes), now);
}

static void
both_forms_of_the_arrows_are_known(void **state)
{
	static const struct {
		const char *bytes;
		int key;
	} cases[] = {
		{ "\033[A", K_UP }, { "\033OA", K_UP }, { "\033[B", K_DOWN },
		{ "\033OB", K_DOWN }, { "\033[C", K_RIGHT },
		{ "\033OD", K_LEFT }, { "\033[1;5C", K_RIGHT },
		{ "\033[H", K_HOME }, { "\033OH", K_HOME },
		{ "\033[1~", K_HOME }, { "\033[7~", K_HOME },
		{ "\033[F", K_END }, { "\033[4~", K_END },
		{ "\033[8~", K_END }, { "\033[5~", K_PGUP },
		{ "\033[6~", K_PGDN }, { "\033[3~", K_DELETE },
		{ "\033[Z", K_BACKTAB }, { "\033OP", K_F1 },
		{ "\033[11~", K_F1 }, { "\033[[A", K_F1 },
		{ "\033[24~", K_F12 }, { "\x7f", K_BACKSPACE },
		{ "\x08", K_BACKSPACE }, { "\r", K_ENTER }, { "\n", K_ENTER },
		{ "\033OM", K_ENTER }, { "a", 'a' }, { "\xc3\xa4", 0xe4 },
		{ "\xe4\xb8\xad", 0x4e2d }, { "\xff", K_UNKNOWN },
		{ "\xc2\x9b", K_UNKNOWN }, { "\033[?1;2c", K_UNKNOWN },
		{ "\033[99999999999~", K_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct keys k = { 0 };

		feed(&k, cases[i].bytes);
		assert_int_equal(next(&k), cases[i].key);
		assert_int_equal(next(&k), K_NONE);
		keys_clear(&k);
		/* byte by byte, as a slow link has it */
		for (const char *p = cases[i].bytes; p[1] != '\0'; p++) {
			keys_feed(&k, p, 1, now);
			assert_int_equal(next(&k), K_NONE);
		}
		feed(&k, cases[i].bytes + strlen(cases[i].bytes) - 1);
		assert_int_equal(next(&k), cases[i].key);
		keys_clear(&k);
	}
}

static void
escape_alone_is_a_key_after_a_moment(void **state)
{
	struct keys k = { 0 };
	int wait_ms;

	(void)state;
	feed(&k, "\033");
	assert_int_equal(keys_next(&k, now, &wait_ms), K_NONE);
	assert_in_range(wait_ms, 1, 50);
	now += 50;
	assert_int_equal(next(&k), K_ESC);
	feed(&k, "\033x");
	assert_int_equal(next(&k), K_ESC);
	assert_int_equal(next(&k), 'x');
	keys_clear(&k);
}

static void
a_paste_is_one_event_however_it_is_cut(void **state)
{
	static const char bytes[] =
	    "a\033[200~one\r\ntwo\rthree\n\033[20\033[201~b";

	(void)state;
	for (size_t cut = 1; cut < sizeof bytes - 1; cut++) {
		struct keys k = { 0 };
		int got[8], n = 0, key;

		keys_feed(&k, bytes, cut, now);
		while ((key = next(&k)) != K_NONE)
			got[n++] = key;
		keys_feed(&k, bytes + cut, sizeof bytes - 1 - cut, now);
		while ((key = next(&k)) != K_NONE)
			got[n++] = key;
		assert_int_equal(n, 3);
		assert_int_equal(got[0], 'a');
		assert_int_equal(got[1], K_PASTE);
		assert_int_equal(got[2], 'b');
		assert_int_equal(k.paste.size, 18);
		assert_memory_equal(k.paste.data, "one\ntwo\nthree\n\033[20", 18);
		keys_clear(&k);
	}
}

static void
a_paste_is_bounded_and_ends_by_itself(void **state)
{
	struct keys k = { 0 };
	char block[1000];
	int wait_ms;

	(void)state;
	memset(block, 'x', sizeof block);
	feed(&k, "\033[200~");
	for (int i = 0; i < 200; i++) {
		keys_feed(&k, block, sizeof block, now);
		assert_int_equal(next(&k), K_NONE);
	}
	assert_int_equal(k.paste.size, PASTE_MAX);
	assert_true(k.over);
	assert_int_equal(keys_next(&k, now, &wait_ms), K_NONE);
	assert_in_range(wait_ms, 1, 3000);
	now += 3000;
	assert_int_equal(next(&k), K_PASTE);
	feed(&k, "q");
	assert_int_equal(next(&k), 'q');
	keys_clear(&k);
}

static void
the_rest_of_a_torn_paste_is_no_keys(void **state)
{
	static const char rest[] = "qQ:revoke 1 keyCompromise\ry and so on\033[20";
	struct keys k = { 0 };

	(void)state;
	feed(&k, "\033[200~the first half");
	assert_int_equal(next(&k), K_NONE);
	now += 3000;
	assert_int_equal(next(&k), K_PASTE);
	assert_int_equal(k.paste.size, 14);
	feed(&k, rest);
	assert_int_equal(next(&k), K_NONE);
	feed(&k, "1~q");
	assert_int_equal(next(&k), 'q');
	/* its end, and another one behind it */
	feed(&k, "\033[200~half");
	assert_int_equal(next(&k), K_NONE);
	now += 3000;
	assert_int_equal(next(&k), K_PASTE);
	feed(&k, "the other half\033[201~\033[200~again\033[201~");
	assert_int_equal(next(&k), K_PASTE);
	assert_int_equal(k.paste.size, 5);
	/* no end, and the person pastes once more */
	feed(&k, "\033[200~half");
	assert_int_equal(next(&k), K_NONE);
	now += 3000;
	assert_int_equal(next(&k), K_PASTE);
	feed(&k, "\033[200~this time the whole of it\033[201~");
	assert_int_equal(next(&k), K_PASTE);
	assert_int_equal(k.paste.size, 25);
	keys_clear(&k);
}

static void
a_pem_block_is_a_paste_only_where_one_is_wanted(void **state)
{
	static const char block[] =
	    "-----BEGIN CERTIFICATE REQUEST-----\rMIIB\r"
	    "-----END CERTIFICATE REQUEST-----\r\rq";
	struct keys k = { 0 };

	(void)state;
	feed(&k, block);
	assert_int_equal(next(&k), '-');
	keys_clear(&k);
	k.want_block = true;
	feed(&k, "-----BE");
	assert_int_equal(next(&k), K_NONE);
	feed(&k, block + 7);
	assert_int_equal(next(&k), K_PASTE);
	assert_int_equal(next(&k), 'q');
	assert_int_equal(next(&k), K_NONE);
	/* a dash that stays alone is a key */
	feed(&k, "-");
	assert_int_equal(next(&k), K_NONE);
	now += 60;
	assert_int_equal(next(&k), '-');
	/* no line end behind the last line */
	keys_feed(&k, block, sizeof block - 4, now);
	assert_int_equal(next(&k), K_NONE);
	now += 60;
	assert_int_equal(next(&k), K_PASTE);
	keys_clear(&k);
}

static void
any_bytes_come_to_an_end(void **state)
{
	static const char alphabet[] = "\033\033[[O~200201;-----BEGIN END \r\nqA"
	    "\x9b\xc3\xa4\xff";
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct keys k = { 0 };
		int key, n = 0;

		k.want_block = round % 2;
		for (int i = 0; i < 12; i++) {
			char c;

			seed = seed * 1664525 + 1013904223;
			c = alphabet[(seed >> 8) % (sizeof alphabet - 1)];
			keys_feed(&k, &c, 1, now);
			now += (seed >> 20) % 30;
			while ((key = next(&k)) != K_NONE && n < 100)
				n++;
		}
		k.ended = true;
		while ((key = next(&k)) != K_EOF && n < 100)
			n++;
		assert_in_range(n, 0, 20);
		keys_clear(&k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_of_the_arrows_are_known),
		cmocka_unit_test(escape_alone_is_a_key_after_a_moment),
		cmocka_unit_test(a_paste_is_one_event_however_it_is_cut),
		cmocka_unit_test(a_paste_is_bounded_and_ends_by_itself),
		cmocka_unit_test(the_rest_of_a_torn_paste_is_no_keys),
		cmocka_unit_test(a_pem_block_is_a_paste_only_where_one_is_wanted),
		cmocka_unit_test(any_bytes_come_to_an_end),
	};

	alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
