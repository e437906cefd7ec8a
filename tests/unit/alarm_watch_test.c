/* alarm_watch_test.c - what nobody stumbles over raises an alarm, and ends it
 * when it is over (J5.2, J3.2, S7.4). */
#include "rig.h"

#include "core/base/clock.h"
#include "core/registrar/alarm.h"
#include "core/registrar/audit/refusals.h"

#define NOW 1800000000
#define DAY 86400

static void
look(void)
{
	rig_begin();
	alarm_watch_for_test();
	rig_commit();
}

/* Open alarms of a kind, with these words in one of them. */
static bool
open_one(const char *kind, const char *words)
{
	char sql[256];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM alarm"
	    " WHERE kind = '%s' AND state <> 'over'"
	    " AND instr(text || ' ' || object, '%s') > 0", kind, words);
	return strtoll(rig_ask_sql(sql), NULL, 10) == 1;
}

static int
begin(void **state)
{
	if (rig_open(state) < 0)
		return -1;
	clock_set_for_test(NOW);
	return 0;
}

static int
end(void **state)
{
	clock_set_for_test(0);
	refusals_forget_for_test();
	return rig_close(state);
}

static void
letters_that_do_not_leave(void **state)
{
	(void)state;
	rig_sql("INSERT INTO notice (kind, recipient, subject, blanks, state,"
	    " created, next) VALUES ('alarm', 'a@b.example', '', x'',"
	    " 'waiting', 1799989200, 1800000000)");
	look();
	assert_true(open_one("mail", "3 hours"));
	rig_sql("UPDATE notice SET state = 'leased' WHERE state = 'waiting'");
	rig_sql("UPDATE notice SET state = 'sent', sent = 1800000000");
	look();
	assert_false(open_one("mail", ""));
}

static void
an_issuer_that_ends_too_soon(void **state)
{
	(void)state;
	rig_sql("INSERT INTO issuer (name, purpose, state, der, root,"
	    " not_after) VALUES ('ica-x', 'server', 'active', x'00', x'00',"
	    " 1806912000)");	/* in 80 days */
	look();
	assert_true(open_one("issuer-expiry", "ica-x ends in 80 days"));
	rig_sql("UPDATE issuer SET state = 'superseded'");
	look();
	assert_false(open_one("issuer-expiry", ""));
}

static void
a_flood_of_refusals_is_told_until_it_is_quiet(void **state)
{
	struct seat s = rig_seat(ROLE_MEMBER, 0, "mallory", NULL);

	(void)state;
	for (int i = 0; i < 100; i++)
		refusal_counted(&s);
	rig_begin();
	refusals_sum(true);
	rig_commit();
	assert_true(open_one("failures", "mallory"));
	clock_set_for_test(NOW + 1800);
	look();
	assert_true(open_one("failures", "mallory"));
	clock_set_for_test(NOW + 3700);
	look();
	assert_false(open_one("failures", ""));
}

static void
hours_and_days_are_counted_as_people_do(void **state)
{
	(void)state;
	rig_sql("INSERT INTO notice (kind, recipient, subject, blanks, state,"
	    " created, next) VALUES ('alarm', 'a@b.example', '', x'',"
	    " 'waiting', 1799996300, 1800000000);"
	    "INSERT INTO issuer (name, purpose, state, der, root, not_after)"
	    " VALUES ('ica-x', 'server', 'active', x'', x'', 1800090000)");
	look();
	assert_true(open_one("mail", "waits for 1 hour."));
	assert_true(open_one("issuer-expiry", "ends in 1 day,"));
}

static void
see(const char *kind)
{
	char sql[160];

	snprintf(sql, sizeof sql, "UPDATE alarm SET state = 'seen' WHERE"
	    " kind = '%s' AND state = 'open'", kind);
	rig_sql(sql);
}

/* The staff were told, and nothing can be watched: it ends by their word. */
static void
what_somebody_did_is_over_when_it_was_seen(void **state)
{
	static const struct {
		enum alarm_kind kind;
		const char *name, *object;
	} deeds[] = {
		{ ALARM_ACCESS, "access", "alice" },
		{ ALARM_LINT, "lint", "12" },
		{ ALARM_ISSUER, "issuer", "ica-server-3" },
		{ ALARM_RECONCILIATION, "reconciliation", "journal" },
	};
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		rig_begin();
		assert_int_equal(alarm_raise(deeds[i].kind, deeds[i].object,
		    &e, "done"), 0);
		rig_commit();
		look();
		assert_true(open_one(deeds[i].name, deeds[i].object));
		see(deeds[i].name);
		look();
		assert_false(open_one(deeds[i].name, ""));
	}
	/* what waits for the director waits for him, seen or not */
	rig_begin();
	assert_int_equal(alarm_raise(ALARM_ISSUER, "wish 4", &e, "x"), 0);
	assert_int_equal(alarm_raise(ALARM_HALT, "", &e, "x"), 0);
	rig_commit();
	see("issuer");
	see("halt");
	look();
	assert_true(open_one("issuer", "wish 4"));
	assert_true(open_one("halt", ""));
}

static void
the_budget_of_a_year_is_over_with_it(void **state)
{
	struct err e = { 0 };

	(void)state;
	rig_begin();		/* NOW is in January 2027 */
	assert_int_equal(alarm_raise(ALARM_BUDGET, "2026 EUR", &e, "x"), 0);
	assert_int_equal(alarm_raise(ALARM_BUDGET, "2027 EUR", &e, "x"), 0);
	rig_commit();
	look();
	assert_false(open_one("budget", "2026 EUR"));
	assert_true(open_one("budget", "2027 EUR"));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(letters_that_do_not_leave),
		T(an_issuer_that_ends_too_soon),
		T(a_flood_of_refusals_is_told_until_it_is_quiet),
		T(hours_and_days_are_counted_as_people_do),
		T(what_somebody_did_is_over_when_it_was_seen),
		T(the_budget_of_a_year_is_over_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
