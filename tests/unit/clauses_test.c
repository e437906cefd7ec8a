/* clauses_test.c - each name in front of a refusal is in xmpp-ica-rules(7),
 * and each name there is said somewhere in the sources (R1.1). */
#include "tests/unit/check.h"

#include <ctype.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/x509/rules.h"

#define CLAUSES_MAX 600

static char page[256 << 10];
static char *sources;			/* all of core and console, one text */
static size_t sources_size;

static struct {
	char name[64];
	bool documented, used;
} clauses[CLAUSES_MAX];
static size_t n_clauses;

static size_t
clause_at(const char *name, size_t n)
{
	for (size_t i = 0; i < n_clauses; i++)
		if (strlen(clauses[i].name) == n &&
		    memcmp(clauses[i].name, name, n) == 0)
			return i;
	if (n_clauses == CLAUSES_MAX || n >= sizeof clauses[0].name)
		abort();
	memcpy(clauses[n_clauses].name, name, n);
	return n_clauses++;
}

static void
file_append(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	sources = realloc(sources, sources_size + (512 << 10));
	assert_non_null(sources);
	n = fread(sources + sources_size, 1, (512 << 10) - 1, f);
	fclose(f);
	sources_size += n;
	sources[sources_size] = '\0';
}

/* Is it a C source; rules.def itself says each rule, and proves nothing. */
static bool
is_source(const FTSENT *f)
{
	size_t n = strlen(f->fts_name);

	return f->fts_info == FTS_F && n > 2 &&
	    strcmp(f->fts_name + n - 2, ".c") == 0;
}

static int
setup(void **state)
{
	char core[] = SRCDIR "/core", console[] = SRCDIR "/console";
	char *const roots[] = { core, console, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FILE *f = fopen(SRCDIR "/share/man/xmpp-ica-rules.7", "r");
	FTSENT *at;

	(void)state;
	if (walk == NULL || f == NULL)
		return -1;
	page[fread(page, 1, sizeof page - 1, f)] = '\0';
	fclose(f);
	while ((at = fts_read(walk)) != NULL)
		if (is_source(at))
			file_append(at->fts_path);
	fts_close(walk);
	for (char *line = page; (line = strstr(line, "\n.It Cm ")) != NULL; ) {
		line += strlen("\n.It Cm ");
		clauses[clause_at(line, strcspn(line, " \n"))].documented = true;
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(sources);
	return 0;
}

/* Behind the comma that ends argument number `skip` of a call; NULL when the
 * call has fewer. */
static const char *
argument(const char *at, int skip)
{
	int depth = 0;

	for (; *at != '\0' && depth >= 0; at++) {
		if (*at == '"')
			for (at++; *at != '"' && *at != '\0'; at++)
				at += *at == '\\';
		else if (*at == '(')
			depth++;
		else if (*at == ')')
			depth--;
		else if (*at == ',' && depth == 0 && --skip == 0) {
			for (at++; isspace((unsigned char)*at); at++)
				;
			return at;
		}
	}
	return NULL;
}

/* A clause that is a name: no RFC section, no manual page. */
static bool
is_name(const char *at, size_t n)
{
	return n > 0 && strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-_") >= n;
}

/* Where the argument that begins here ends. */
static const char *
argument_end(const char *at)
{
	const char *next = argument(at, 1);

	while (next != NULL && *--next != ',')
		;
	return next != NULL ? next : at + strcspn(at, ";");
}

static void
word_used(const char *word, size_t n, const char *prefix)
{
	char name[128];

	if (!is_name(word, n))
		return;
	n = (size_t)snprintf(name, sizeof name, "%s%.*s", prefix, (int)n,
	    word);
	clauses[clause_at(name, n)].used = true;
}

/* Each call of a function whose given argument is a clause, or one of two. */
static void
calls_read(const char *call, int skip, const char *prefix)
{
	for (const char *at = sources; (at = strstr(at, call)) != NULL; ) {
		const char *word, *end;

		at += strlen(call);
		word = skip == 0 ? at : argument(at, skip);
		if (word == NULL)
			continue;
		end = argument_end(word);
		while ((word = memchr(word, '"', (size_t)(end - word))) !=
		    NULL) {
			size_t n = strcspn(++word, "\"");

			word_used(word, n, prefix);
			word += n + (word[n] == '"');
			if (word >= end)
				break;
		}
	}
}

/* Rules that are said by their enumerator, in whatever way. */
static void
rules_read(void)
{
	static const char *const enumerators[] = {
#define RULE(enumerator, id, meaning) "RULE_" #enumerator,
#include "core/x509/rules.def"
#undef RULE
	};

	for (enum rule i = 0; i < RULE_COUNT; i++) {
		const char *id = rule_id(i);
		size_t c = clause_at(id, strlen(id)), n;
		char word[80];

		n = strlen(enumerators[i]);
		for (const char *at = sources; !clauses[c].used &&
		    (at = strstr(at, enumerators[i])) != NULL; at += n)
			clauses[c].used = !isalnum((unsigned char)at[n]) &&
			    at[n] != '_';
		snprintf(word, sizeof word, "\"%s\"", id);
		if (strstr(sources, word) != NULL)
			clauses[c].used = true;
	}
}

static void
every_clause_in_the_sources_is_in_the_manual(void **state)
{
	bool good = true;

	(void)state;
	calls_read("err_set(", 2, "");
	calls_read("throttle_take(", 0, "limit-");
	calls_read("finding_add(", 2, "");
	calls_read("ANSWER_REFUSED(", 1, "");
	rules_read();
	for (size_t i = 0; i < n_clauses; i++)
		if (clauses[i].used && !clauses[i].documented) {
			print_error("share/man/xmpp-ica-rules.7 lacks %s\n",
			    clauses[i].name);
			good = false;
		}
	assert_true(good);
}

static void
every_clause_in_the_manual_is_said_somewhere(void **state)
{
	bool good = true;

	(void)state;
	for (size_t i = 0; i < n_clauses; i++) {
		char word[80];

		/* by whatever function: as a word of its own */
		snprintf(word, sizeof word, "\"%.63s\"", clauses[i].name);
		if (clauses[i].documented && !clauses[i].used &&
		    strstr(sources, word) == NULL) {
			print_error("nothing says %s of "
			    "share/man/xmpp-ica-rules.7\n", clauses[i].name);
			good = false;
		}
	}
	assert_true(good);
}

/* A sentence without a way out helps nobody: each has a text of its own. */
static void
every_clause_has_a_sentence(void **state)
{
	(void)state;
	for (char *line = page; (line = strstr(line, "\n.It Cm ")) != NULL; ) {
		line = strchr(line + 1, '\n');
		assert_non_null(line);
		if (line[1] == '.' || !isalpha((unsigned char)line[1]))
			fail_msg("no sentence before: %.60s", line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_clause_in_the_sources_is_in_the_manual),
		cmocka_unit_test(every_clause_in_the_manual_is_said_somewhere),
		cmocka_unit_test(every_clause_has_a_sentence),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
