/* text_test.c - foreign text is harmless behind render_untrusted (S12.4). */
#include "tests/unit/check.h"

#include "core/base/buf.h"
#include "core/base/csv.h"
#include "core/base/text.h"

static void
renders(const char *in, size_t n, const char *want)
{
	char out[256];
	size_t size = render_untrusted(out, sizeof out, in, n);

	assert_string_equal(out, want);
	assert_int_equal(size, strlen(want));
}

static void
control_characters_are_escaped(void **state)
{
	(void)state;
	renders("a\033[2Jb", 6, "a\\x1b[2Jb");
	renders("a\0b", 3, "a\\x00b");
	renders("a\r\nb\x7f", 5, "a\\x0d\\x0ab\\x7f");
	renders("\xc2\x9b" "31m", 5, "\\x9b31m");	/* C1 CSI in UTF-8 */
	renders("\x9b", 1, "\\x9b");			/* and raw */
}

static void
invisible_and_bidi_characters_are_escaped(void **state)
{
	(void)state;
	renders("a\xe2\x80\xae" "b", 5, "a\\u{202e}b");
	renders("a\xe2\x80\x8b" "b", 5, "a\\u{200b}b");
	renders("\xef\xb8\x8f", 3, "\\u{fe0f}");
	renders("\xf3\xa0\x80\x81", 4, "\\u{e0001}");
}

static void
plain_text_in_any_script_passes(void **state)
{
	(void)state;
	renders("gr\xc3\xbc\xc3\x9f" "e.example", 15,
	    "gr\xc3\xbc\xc3\x9f" "e.example");
	renders("\xd0\xb6\xe4\xbd\xa0", 5, "\xd0\xb6\xe4\xbd\xa0");
}

static void
a_tower_of_combining_marks_is_cut_down(void **state)
{
	(void)state;
	renders("e\xcc\x81\xcc\x81\xcc\x81", 7,
	    "e\xcc\x81\xcc\x81\\u{301}");
}

static void
invalid_utf8_is_escaped_byte_by_byte(void **state)
{
	(void)state;
	renders("\xc0\xaf", 2, "\\xc0\\xaf");		/* overlong */
	renders("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");	/* surrogate */
	renders("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");
	renders("\xe2\x82", 2, "\\xe2\\x82");		/* cut */
}

static void
a_small_buffer_never_holds_half_an_escape(void **state)
{
	char out[6];

	(void)state;
	assert_int_equal(render_untrusted(out, sizeof out, "ab\033c", 4), 2);
	assert_string_equal(out, "ab");
}

static void
base64_is_strict_and_round_trips(void **state)
{
	uint8_t raw[70], back[70];
	char *text;

	(void)state;
	for (size_t n = 0; n < sizeof raw; n++) {
		for (size_t i = 0; i < n; i++)
			raw[i] = (uint8_t)(i * 37 + n);
		text = base64_encode(raw, n);
		assert_int_equal(base64_decode(back, sizeof back, text,
		    strlen(text)), n);
		assert_memory_equal(raw, back, n);
		free(text);
	}
	assert_int_equal(base64_decode(back, sizeof back, "QQ=", 3), -1);
	assert_int_equal(base64_decode(back, sizeof back, "QR==", 4), -1);
	assert_int_equal(base64_decode(back, sizeof back, "Q Q=", 4), -1);
	assert_int_equal(base64_decode(back, sizeof back, "=QQQ", 4), -1);
	assert_int_equal(base64_decode(back, sizeof back, "====", 4), -1);
	assert_int_equal(base64_decode(back, 2, "QUJD", 4), -1);
}

static void
hex_numbers_and_times_are_parsed_strictly(void **state)
{
	uint8_t b[4];
	int64_t v = 0;
	char t[TIME_TEXT_SIZE];

	(void)state;
	assert_int_equal(hex_decode(b, sizeof b, "0aFF"), 2);
	assert_int_equal(b[1], 0xff);
	assert_int_equal(hex_decode(b, sizeof b, "0a1"), -1);
	assert_int_equal(hex_decode(b, sizeof b, "0011223344"), -1);
	assert_true(number_parse("42", 100, &v) && v == 42);
	assert_false(number_parse("101", 100, &v));
	assert_true(number_parse("3", 3, &v) && v == 3);
	assert_false(number_parse("5", 3, &v));	/* a bound of one digit */
	assert_false(number_parse("1", 0, &v));
	assert_true(number_parse("9223372036854775807", INT64_MAX, &v));
	assert_false(number_parse("9223372036854775808", INT64_MAX, &v));
	assert_false(number_parse("-1", 100, &v));
	assert_false(number_parse("", 100, &v));
	assert_false(number_parse("99999999999999999999", INT64_MAX, &v));
	assert_int_equal(time_parse("2026-11-22", &v), 0);
	assert_int_equal(v, 1795305600);
	assert_int_equal(time_parse("2026-11-22T15:04:05Z", &v), 0);
	time_text(t, v);
	assert_string_equal(t, "2026-11-22 15:04:05Z");
	assert_int_equal(time_parse("2026-11-22x", &v), -1);
	assert_int_equal(time_parse("yesterday", &v), -1);
}

static void
a_cell_of_text_is_never_a_formula(void **state)
{
	static const struct { const char *text, *cell; } cases[] = {
		{ "Host Ltd", "\"Host Ltd\"" },
		{ "say \"a\", b", "\"say \"\"a\"\", b\"" },
		{ "=1+2", "\"'=1+2\"" }, { "+1", "\"'+1\"" },
		{ "-1", "\"'-1\"" }, { "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "\t=1", "\"'\t=1\"" }, { "\r=1", "\"'\r=1\"" },
		{ "\n=1", "\"'\n=1\"" },
		{ "\xef\xbc\x9d" "1", "\"'\xef\xbc\x9d" "1\"" },
		{ "a=1", "\"a=1\"" }, { "", "\"\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = { 0 };

		csv_put_text(&b, cases[i].text, strlen(cases[i].text));
		assert_int_equal(b.size, strlen(cases[i].cell));
		assert_memory_equal(b.data, cases[i].cell, b.size);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(invisible_and_bidi_characters_are_escaped),
		cmocka_unit_test(plain_text_in_any_script_passes),
		cmocka_unit_test(a_tower_of_combining_marks_is_cut_down),
		cmocka_unit_test(invalid_utf8_is_escaped_byte_by_byte),
		cmocka_unit_test(a_small_buffer_never_holds_half_an_escape),
		cmocka_unit_test(base64_is_strict_and_round_trips),
		cmocka_unit_test(a_cell_of_text_is_never_a_formula),
		cmocka_unit_test(hex_numbers_and_times_are_parsed_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
