/* practice_test.c - each clause of the practice statement names tests, and
 * those exist (R1.1). */
#include "tests/unit/check.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>

static char text[128 << 10];

static int
setup(void **state)
{
	FILE *f = fopen(SRCDIR "/share/policy/practice-statement.md", "r");

	(void)state;
	if (f == NULL)
		return -1;
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	return 0;
}

/* Is there a file tests/PATH, and in it the name, if there is one? */
static bool
exists(const char *path, const char *name)
{
	static char source[512 << 10];
	char full[512], call[160];
	FILE *f = NULL;

	snprintf(full, sizeof full, SRCDIR "/tests/%s", path);
	if ((f = fopen(full, "r")) == NULL)
		return false;
	source[fread(source, 1, sizeof source - 1, f)] = '\0';
	fclose(f);
	if (name[0] == '\0')
		return true;
	snprintf(call, sizeof call, "\n%s(void", name);
	return strstr(source, call) != NULL;
}

/* Between two headings: references, each good; how many. */
static size_t
references(const char *from, const char *to, bool *good)
{
	size_t n = 0;

	for (const char *at = from; (at = memchr(at, '[',
	    (size_t)(to - at))) != NULL; at++) {
		char path[128] = "", name[128] = "";

		if (strncmp(at, "[unit/", 6) != 0 &&
		    strncmp(at, "[story/", 7) != 0)
			continue;
		sscanf(at, "[%127[^] \n]%*[ \n]%127[^] \n]", path, name);
		n++;
		if (!exists(path, name)) {
			print_error("the practice statement names %s %s, "
			    "which is not there\n", path, name);
			*good = false;
		}
	}
	return n;
}

static void
each_clause_names_tests_that_exist(void **state)
{
	size_t clauses = 0;
	bool good = true;

	(void)state;
	for (char *at = text; (at = strstr(at, "\n### ")) != NULL; ) {
		char *next = strstr(at + 1, "\n#");
		char *end = next != NULL ? next : at + strlen(at);
		bool open;

		*end = '\0';
		open = strstr(at, "No stipulation.") != NULL;
		if (next != NULL)
			*end = '\n';
		clauses++;
		if (references(at, end, &good) == 0 && !open) {
			print_error("no test:%.60s\n", at);
			good = false;
		}
		at = end;
		if (next == NULL)
			break;
	}
	assert_true(good);
	assert_true(clauses >= 30);
}

/* RFC 3647 section 6: nine chapters in this order. */
static void
it_has_the_shape_of_RFC_3647(void **state)
{
	static const char *const chapters[] = { "1. Introduction",
		"2. Publication", "3. Identification", "4. Life cycle",
		"5. Facility", "6. Technical", "7. Certificate, CRL",
		"8. Compliance", "9. Other business" };
	const char *at = text;

	(void)state;
	for (size_t i = 0; i < sizeof chapters / sizeof *chapters; i++) {
		char heading[64];

		snprintf(heading, sizeof heading, "\n## %s", chapters[i]);
		at = strstr(at, heading);
		if (at == NULL)
			fail_msg("no chapter %s in its place", chapters[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_clause_names_tests_that_exist),
		cmocka_unit_test(it_has_the_shape_of_RFC_3647),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
