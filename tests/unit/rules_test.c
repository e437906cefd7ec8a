/* rules_test.c - each rule has one id and one line in xmpp-ica-rules(7)
 * (R1.1); that the manual has no others is for clauses_test. */
#include "tests/unit/check.h"

#include "core/x509/rules.h"

static char page[256 << 10];

static const char *const meanings[] = {
#define RULE(enumerator, id, meaning) meaning,
#include "core/x509/rules.def"
#undef RULE
};

static int
setup(void **state)
{
	FILE *f = fopen(SRCDIR "/share/man/xmpp-ica-rules.7", "r");
	size_t n;

	(void)state;
	if (f == NULL)
		return -1;
	n = fread(page, 1, sizeof page - 1, f);
	page[n] = '\0';
	fclose(f);
	/* lines of text that follow each other are one sentence */
	for (char *at = page; (at = strchr(at + 1, '\n')) != NULL; ) {
		char *line = at;

		while (line > page && line[-1] != '\n')
			line--;
		if (line[0] != '.' && at[1] != '.' && at[1] != '\0')
			*at = ' ';
	}
	return n > 0 ? 0 : -1;
}

static void
ids_are_unique_and_fit_a_finding(void **state)
{
	(void)state;
	for (enum rule i = 0; i < RULE_COUNT; i++) {
		const char *id = rule_id(i);

		assert_in_range(strlen(id), 2, 47);
		assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyz-0123456"
		    "789"), strlen(id));
		assert_true(meanings[i][0] != '\0');
		for (enum rule k = 0; k < i; k++)
			assert_string_not_equal(rule_id(k), id);
	}
	assert_string_equal(rule_id(RULE_COUNT), "?");
}

/* Meanings as the page spells them: a hyphen and a quote need no escape. */
static void
the_manual_says_each_rule_with_its_meaning(void **state)
{
	(void)state;
	for (enum rule i = 0; i < RULE_COUNT; i++) {
		char want[512];

		snprintf(want, sizeof want, "\n.It Cm %s\n%s\n", rule_id(i),
		    meanings[i]);
		if (strstr(page, want) == NULL)
			fail_msg("xmpp-ica-rules.7 does not have:%s", want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_unique_and_fit_a_finding),
		cmocka_unit_test(the_manual_says_each_rule_with_its_meaning),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
