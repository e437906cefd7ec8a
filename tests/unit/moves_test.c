/* moves_test.c - a row's state moves along the lines of schema.sql, which are
 * those of core/model/state.c, and no statement of the registrar leaves them. */
#include "rig.h"

#include "core/model/state.h"
#include "core/registrar/db_parts.h"

extern const char schema_sql[];

/* What has a state and no lines: schema.sql says why. */
static const char *const free_tables[] = { "issuer", "request_caa" };

static bool
is_free(const char *table)
{
	for (size_t i = 0; i < sizeof free_tables / sizeof *free_tables; i++)
		if (strcmp(free_tables[i], table) == 0)
			return true;
	return false;
}

/* The text of a table's trigger NAME_moves; fails when there is none. */
static void
lines_of(const char *table, char *dst, size_t size)
{
	char head[96];
	const char *at, *end;

	snprintf(head, sizeof head, "CREATE TRIGGER %s_moves BEFORE UPDATE OF state ON %s\n",
	    table, table);
	at = strstr(schema_sql, head);
	if (at == NULL)
		fail_msg("schema.sql has no trigger %s_moves", table);
	end = strstr(at, "\nBEGIN");
	assert_non_null(end);
	assert_true((size_t)(end - at) < size);
	memcpy(dst, at, (size_t)(end - at));
	dst[end - at] = '\0';
}

static bool
lines_allow(const char *lines, const char *from, const char *to)
{
	char line[128];

	snprintf(line, sizeof line,
	    "NOT (old.state = '%s' AND new.state = '%s')", from, to);
	return strcmp(from, to) == 0 || strstr(lines, line) != NULL;
}

static void
every_table_with_states_has_its_lines(void **state)
{
	const char *at = schema_sql;
	int tables = 0;

	(void)state;
	while ((at = strstr(at, "\nCREATE TABLE ")) != NULL) {
		const char *end = strstr(at, "\n) STRICT");
		char table[64], lines[4096];

		at += strlen("\nCREATE TABLE ");
		assert_int_equal(sscanf(at, "%63[a-z_]", table), 1);
		assert_non_null(end);
		if (memmem(at, (size_t)(end - at), "\n\tstate TEXT", 12) ==
		    NULL || is_free(table))
			continue;
		lines_of(table, lines, sizeof lines);
		tables++;
	}
	assert_in_range(tables, 14, 100);
}

/* ---- as the code has them ---- */

#define COMPARE(table, noun, set) do { \
	char lines[4096]; \
	lines_of(table, lines, sizeof lines); \
	for (unsigned a = 0; a < set##_words.count; a++) \
		for (unsigned b = 0; b < set##_words.count; b++) \
			if (a != b && noun##_may_become((enum set)a, \
			    (enum set)b) != lines_allow(lines, \
			    word_of(&set##_words, a), \
			    word_of(&set##_words, b))) \
				fail_msg("%s: %s to %s: state.c and schema.sql differ", \
				    table, word_of(&set##_words, a), \
				    word_of(&set##_words, b)); \
	} while (0)

static void
schema_and_code_have_the_same_moves(void **state)
{
	(void)state;
	COMPARE("account", account, account_state);
	COMPARE("domain", domain, domain_state);
	COMPARE("request", request, request_state);
	COMPARE("revocation_plan", plan, plan_state);
	COMPARE("issuer_wish", issuer_wish, issuer_wish_state);
	COMPARE("role_grant", grant, grant_state);
}

/* ---- as the statements go ---- */

/* The quoted words behind `key` ("state = 'a'", "state IN ('a', 'b')"). */
static size_t
words_behind(const char *at, char list[8][24])
{
	size_t n = 0;
	bool many = strncmp(at, "state IN (", 10) == 0;

	at = strchr(at, '\'');
	while (at != NULL && n < 8 &&
	    sscanf(at, "'%23[a-z]'", list[n]) == 1) {
		at = strchr(at + 1, '\'') + 1;
		n++;
		if (!many || *at != ',')
			break;
		at = strchr(at, '\'');
	}
	return n;
}

static int
statement_check(const char *file, const char *sql)
{
	char table[64], to[8][24], from[8][24], lines[4096];
	const char *set = strstr(sql, " SET state = '"), *where;
	size_t n;
	int bad = 0;

	if (sscanf(sql, "UPDATE %63[a-z_] ", table) != 1 || set == NULL ||
	    is_free(table))
		return 0;
	if ((where = strstr(set, " WHERE ")) == NULL ||
	    (where = strstr(where, "state ")) == NULL)
		return 0;	/* by number: the trigger judges */
	lines_of(table, lines, sizeof lines);
	assert_int_equal(words_behind(set + 5, to), 1);
	if (strncmp(where, "state = ?", 9) == 0)
		return 0;
	n = words_behind(where, from);
	assert_true(n > 0);
	/* a second condition on the state narrows the first */
	if (strstr(where + 6, "AND state = '") != NULL)
		n = words_behind(strstr(where + 6, "AND state = '") + 4, from);
	for (size_t i = 0; i < n; i++)
		if (!lines_allow(lines, from[i], to[0])) {
			print_error("%s: %s to %s: %s\n", file, from[i],
			    to[0], sql);
			bad++;
		}
	return bad;
}

static void
no_statement_leaves_the_lines(void **state)
{
	int bad = 0;

	(void)state;
	for (struct db_statements *s = database.all_statements; s != NULL;
	    s = s->next)
		for (size_t i = 0; i < s->count; i++)
			if (s->sql[i] != NULL)
				bad += statement_check(s->name, s->sql[i]);
	assert_int_equal(bad, 0);
}

/* Whoever writes it, in whatever statement. */
static void
a_row_that_leaves_the_lines_is_refused(void **state)
{
	(void)state;
	rig_sql("INSERT INTO account (name, email, role, state, created)"
	    " VALUES ('alice', '', 'member', 'closed', 1)");
	rig_sql_fails("UPDATE account SET state = 'active'");
	rig_sql("UPDATE account SET state = 'closed'");	/* no move */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_table_with_states_has_its_lines),
		cmocka_unit_test(schema_and_code_have_the_same_moves),
		cmocka_unit_test_setup_teardown(no_statement_leaves_the_lines,
		    rig_open, rig_close),
		cmocka_unit_test_setup_teardown(
		    a_row_that_leaves_the_lines_is_refused, rig_open,
		    rig_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
