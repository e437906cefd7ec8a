/* plans_test.c - no statement of the registrar walks over a whole big table in
 * its event loop, unless the list below says why it may (S12, P-rows of
 * research/performance.md). */
#include "rig.h"

#include "core/registrar/db_parts.h"

/* Tables that grow with members, certificates, letters and the log; alarms and
 * recoveries are hundreds a year. */
static const char *const big[] = { "account", "ssh_key", "domain", "challenge",
	"lookup", "request", "request_body", "request_domain", "request_name",
	"request_caa", "approval", "approval_statement", "certificate",
	"certificate_der", "revocation", "answer_due", "crl_new", "notice",
	"audit", "log_leaves", "log_node", "log_checkpoint", "throttle",
	"key_challenge", "revocation_plan_row", "span", "contact", "muted",
	"acceptance", "draft" };

/* "SCAN x" walks; with LIMIT it stops, if the order is that of the rows. */
static const struct excuse {
	const char *file;
	const char *begins;		/* of the statement; "" all of the file */
	const char *why;
} reasons[] = {
#include "plans_reasons.h"
};

static bool
excused(const char *file, const char *sql)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i].file, file) == 0 &&
		    strstr(sql, reasons[i].begins) != NULL)
			return true;
	return false;
}

/* The table that an alias of this statement stands for. */
static void
table_of(const char *sql, const char *alias, char *dst, size_t size)
{
	size_t n = strlen(alias);

	snprintf(dst, size, "%s", alias);
	for (size_t t = 0; t < sizeof big / sizeof big[0]; t++) {
		const char *p = sql;
		size_t m = strlen(big[t]);

		while ((p = strstr(p, big[t])) != NULL) {
			bool begins = p > sql && p[-1] == ' ';

			p += m;
			if (begins && p[0] == ' ' &&
			    strncmp(p + 1, alias, n) == 0 &&
			    strchr(" ,)", p[1 + n]) != NULL)
				snprintf(dst, size, "%s", big[t]);
		}
	}
}

static bool
is_big(const char *table)
{
	for (size_t t = 0; t < sizeof big / sizeof big[0]; t++)
		if (strcmp(big[t], table) == 0)
			return true;
	return false;
}

/* Does the plan step walk over a big table from its begin to its end? */
static bool
step_walks(const char *sql, const char *detail, char *table, size_t size)
{
	char alias[64];

	/* a partial index holds the few rows of its WHERE */
	if (sscanf(detail, "SCAN %63s", alias) != 1)
		return false;
	table_of(sql, alias, table, size);
	return is_big(table);
}

/* Ends by itself after the first rows: in the order of an index or the rows, and
 * none is passed over. */
static bool
is_limited(const char *sql, bool sorts)
{
	return !sorts && strstr(sql, " LIMIT ") != NULL &&
	    strstr(sql, " WHERE ") == NULL;
}

/* "SELECT max(number)" is one step along a B-tree. */
static bool
is_edge(const char *sql)
{
	return (strstr(sql, "SELECT max(") != NULL ||
	    strstr(sql, "SELECT coalesce(max(") != NULL) &&
	    strstr(sql, "WHERE") == NULL;
}

/* A parent's INSERT looks for children only while a deferred foreign key is
 * broken (OP_FkIfZero), and there are no deferred ones here. */
static bool
is_for_deferred(const char *sql, const char *table)
{
	return strncmp(sql, "INSERT INTO ", 12) == 0 &&
	    strstr(sql, table) == NULL;
}

static bool
is_partial(const char *detail)
{
	sqlite3_stmt *s = NULL;
	const char *at = strstr(detail, "INDEX ");
	char index[64];
	bool partial = false;

	if (at == NULL || sscanf(at, "INDEX %63s", index) != 1)
		return false;
	assert_int_equal(sqlite3_prepare_v2(database.handle,
	    "SELECT sql LIKE '% WHERE %' FROM sqlite_schema"
	    " WHERE name = ?1", -1, &s, NULL), SQLITE_OK);
	sqlite3_bind_text(s, 1, index, -1, SQLITE_TRANSIENT);
	if (sqlite3_step(s) == SQLITE_ROW)
		partial = sqlite3_column_int(s, 0) != 0 &&
		    strcmp(index, "certificate_expiring") != 0 &&
		    strcmp(index, "certificate_listed") != 0 &&
		    strcmp(index, "certificate_revoked") != 0 &&
		    strcmp(index, "domain_looks") != 0 &&
		    strcmp(index, "domain_holder") != 0 &&
		    strcmp(index, "notice_account") != 0 &&
		    strcmp(index, "request_decided") != 0 &&
		    strcmp(index, "audit_actor") != 0 &&
		    strcmp(index, "certificate_revoked_request") != 0;
	sqlite3_finalize(s);
	return partial;
}

static int
statement_check(const char *file, const char *sql)
{
	char *explain = NULL, table[64], found[256] = "";
	sqlite3_stmt *s = NULL;
	bool sorts = false;

	if (sql == NULL || strncmp(sql, "SAVEPOINT", 9) == 0 ||
	    strncmp(sql, "RELEASE", 7) == 0 || is_edge(sql))
		return 0;
	assert_true(asprintf(&explain, "EXPLAIN QUERY PLAN %s", sql) > 0);
	if (sqlite3_prepare_v2(database.handle, explain, -1, &s, NULL) !=
	    SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(database.handle), sql);
	free(explain);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(s, 3);

		sorts = sorts || strstr(detail, "TEMP B-TREE FOR ORDER") ||
		    strstr(detail, "TEMP B-TREE FOR GROUP");
		if (step_walks(sql, detail, table, sizeof table) &&
		    !is_partial(detail) && !is_for_deferred(sql, table))
			snprintf(found, sizeof found, "%s", detail);
	}
	sqlite3_finalize(s);
	if (found[0] == '\0' || is_limited(sql, sorts) || excused(file, sql))
		return 0;
	print_error("%s: %s\n    %s\n", file, found, sql);
	return 1;
}

static void
no_statement_walks_over_a_big_table(void **state)
{
	int bad = 0;

	(void)state;
	for (struct db_statements *s = database.all_statements; s != NULL;
	    s = s->next)
		for (size_t i = 0; i < s->count; i++)
			bad += statement_check(s->name, s->sql[i]);
	if (bad != 0)
		fail_msg("%d statements: give them an index, a counter or slices, or a reason in plans_reasons.h",
		    bad);
}

/* An excuse that no statement needs any more hides the next one. */
static void
every_reason_has_its_statement(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		bool used = false;

		for (struct db_statements *s = database.all_statements;
		    s != NULL; s = s->next)
			for (size_t k = 0; k < s->count; k++)
				used = used || (s->sql[k] != NULL &&
				    strcmp(s->name, reasons[i].file) == 0 &&
				    strstr(s->sql[k], reasons[i].begins));
		if (!used)
			fail_msg("%s: no statement has \"%s\"",
			    reasons[i].file, reasons[i].begins);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    no_statement_walks_over_a_big_table, rig_open, rig_close),
		cmocka_unit_test_setup_teardown(
		    every_reason_has_its_statement, rig_open, rig_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
