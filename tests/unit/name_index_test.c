/* name_index_test.c - parts of names are found among all rows, indexed or not
 * yet, newest first; lists of who reads all page and filter by the same. */
#include "tests/unit/rig.h"

#include "core/registrar/list/name_grams.h"
#include "core/registrar/list/name_index.h"
#include "core/registrar/list/page.h"

#define MANY 5000

static struct seat staff = { .role = ROLE_STAFF, .account = 2 };

/* Account 1 is a member, request i has the domain dI-x.example. */
static void
rows_make(int from, int to)
{
	char sql[2048];

	snprintf(sql, sizeof sql, "INSERT OR IGNORE INTO account (number,"
	    " name, email, role, state, created) VALUES (1, 'alice',"
	    " 'a@b.example', 'member', 'active', 1), (2, 'staff',"
	    " 's@b.example', 'staff', 'active', 1);"
	    " CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT %d UNION"
	    " ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n;"
	    " INSERT INTO request (number, account, state, profile, first,"
	    " domains, subject_cn, note, digest, csr_sha256, spki_sha256,"
	    " key_words, created) SELECT i, 1, CASE i %% 1000 WHEN 7 THEN"
	    " 'refused' ELSE 'awaiting' END, 'xmpp-server', 'd' || i ||"
	    " '-x.example', 1, '', '', zeroblob(32), randomblob(32),"
	    " randomblob(32), 'EC P-256', i FROM n;"
	    " INSERT INTO request_domain SELECT i, 0, 'd' || i ||"
	    " '-x.example' FROM n;", from, to);
	rig_sql(sql);
}

static void
index_fill(int64_t rows)
{
	struct err e = { 0 };

	assert_int_equal(db_begin(&e), 0);
	assert_true(name_index_fill(rows, &e) >= 0);
	assert_int_equal(db_commit(&e), 0);
}

static struct request_page page;

static void
list(const char *filter, const char *state, int64_t before)
{
	struct wish w = { .before = before };
	struct err e = { 0 };

	NOUN_CLEAR(request_page, &page);
	str_copy(w.filter, sizeof w.filter, filter);
	str_copy(w.state, sizeof w.state, state);
	assert_int_equal(db_begin(&e), 0);
	if (serve_request_list(&staff, &w, &page, &e) < 0)
		fail_msg("%s", e.text);
	db_rollback();
}

static void
one(const char *filter, int64_t number)
{
	list(filter, "", 0);
	assert_int_equal(page.n_rows, 1);
	assert_int_equal(page.rows[0].number, number);
	assert_false(page.more);
}

static void
a_part_of_a_name_is_found_indexed_or_not(void **state)
{
	(void)state;
	name_index_forget_for_test();
	rows_make(1, MANY);
	one("d1234-", 1234);		/* nothing is in the index yet */
	index_fill(2000);
	one("d1234-", 1234);
	one("d4321-x", 4321);
	index_fill(MANY);
	one("D4321-X", 4321);		/* as typed */
	list("qqq", "", 0);
	assert_int_equal(page.n_rows, 0);
	list("%_%", "", 0);		/* what LIKE takes for itself */
	assert_int_equal(page.n_rows, 0);
	list("\"", "", 0);
	list("a\" OR \"b", "", 0);	/* what the index takes for itself */
	assert_int_equal(page.n_rows, 0);
	rows_make(MANY + 1, MANY + 10);
	one("d5003-", 5003);
	NOUN_CLEAR(request_page, &page);
}

static void
pages_go_on_without_gap_or_repeat(void **state)
{
	static const char *const filters[] = { "", "example", "x.ex", "d12",
		"alice" };
	int64_t want, before, seen, last;

	(void)state;
	name_index_forget_for_test();
	rows_make(1, MANY);
	index_fill(MANY);
	for (size_t i = 0; i < 5; i++) {
		want = strcmp(filters[i], "d12") == 0 ? 111 : MANY;
		before = seen = 0;
		last = INT64_MAX;
		do {
			list(filters[i], "", before);
			for (size_t k = 0; k < page.n_rows; k++) {
				assert_true(page.rows[k].number < last);
				last = page.rows[k].number;
			}
			seen += (int64_t)page.n_rows;
			before = last;
		} while (page.more);
		assert_int_equal(seen, want);
	}
	list("", "refused", 0);
	assert_int_equal(page.n_rows, 5);
	assert_int_equal(page.rows[0].number, 4007);
	list("d40", "refused", 0);
	assert_int_equal(page.n_rows, 1);
	NOUN_CLEAR(request_page, &page);
}

static void
the_rare_trigrams_of_a_text_are_asked_for(void **state)
{
	static struct grams g;
	char match[NAME_MATCH_SIZE];
	bool common;

	(void)state;
	for (int i = 0; i < 1000; i++)
		grams_count(&g, i == 5 ? "zebra.example" : "horse.example");
	assert_true(grams_match(&g, "zebra.example", match, sizeof match,
	    &common));
	assert_false(common);
	assert_non_null(strstr(match, "\"zeb\""));
	assert_null(strstr(match, "\"exa\""));
	assert_true(grams_match(&g, "example", match, sizeof match, &common));
	assert_true(common);
	assert_false(grams_match(&g, "ex", match, sizeof match, &common));
	assert_true(grams_match(&g, "\"\"\"", match, sizeof match, &common));
	assert_string_equal(match, "\"\"\"\"\"\"\"\"");
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_open, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_part_of_a_name_is_found_indexed_or_not),
		T(pages_go_on_without_gap_or_repeat),
		cmocka_unit_test(the_rare_trigrams_of_a_text_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
