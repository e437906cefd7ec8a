/* code_test.c - mailed codes: their form, how they are typed, their hash. */
#include "rig.h"

static void
a_code_is_seven_groups_of_four(void **state)
{
	char code[CODE_SIZE], other[CODE_SIZE];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		code_new(code);
		assert_int_equal(strlen(code), 34);
		for (int k = 0; k < 34; k++)
			if (k % 5 == 4)
				assert_int_equal(code[k], '-');
			else
				assert_non_null(strchr(
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
				    code[k]));
	}
	code_new(other);
	assert_string_not_equal(code, other);
}

static void
case_dashes_blanks_zero_and_one_do_not_matter(void **state)
{
	static const char *const same[] = {
		"OIAB-CDEF-GHIJ-KLMN-OPQR-STUV-WXYZ",
		"oiab-cdef-ghij-klmn-opqr-stuv-wxyz",
		"01ABCDEFGHIJKLMN0PQRSTUVWXYZ",
		"  OIAB CDEF\tGHIJ-KLMN--OPQR STUVWXYZ\r\n",
	};
	char code[CODE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		assert_int_equal(code_normal(same[i], code), 0);
		assert_string_equal(code, same[0]);
	}
}

static void
what_is_no_code_is_refused(void **state)
{
	static const char *const bad[] = { "", "OIAB", "-",
		"OIAB-CDEF-GHIJ-KLMN-OPQR-STUV-WXY",
		"OIAB-CDEF-GHIJ-KLMN-OPQR-STUV-WXYZA",
		"OIAB-CDEF-GHIJ-KLMN-OPQR-STUV-WXY8",
		"OIAB-CDEF-GHIJ-KLMN-OPQR-STUV-WXY\xc3" };
	char code[CODE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(code_normal(bad[i], code), -1);
}

static void
the_hash_is_bound_to_purpose_and_subject(void **state)
{
	uint8_t a[32], b[32];
	const char *code = "OIAB-CDEF-GHIJ-KLMN-OPQR-STUV-WXYZ";

	(void)state;
	code_hash(a, code, "register", 1);
	code_hash(b, code, "register", 1);
	assert_memory_equal(a, b, 32);
	code_hash(b, code, "register", 2);
	assert_memory_not_equal(a, b, 32);
	code_hash(b, code, "domain", 1);
	assert_memory_not_equal(a, b, 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_seven_groups_of_four),
		cmocka_unit_test(case_dashes_blanks_zero_and_one_do_not_matter),
		cmocka_unit_test(what_is_no_code_is_refused),
		cmocka_unit_test(the_hash_is_bound_to_purpose_and_subject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
