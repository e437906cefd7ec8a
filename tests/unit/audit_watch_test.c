/* audit_watch_test.c - the whole chain is walked in slices and a bad entry of
 * any age is an alarm (S11.2); a flood of refusals is counted, summed up and
 * hung up (S11.1). */
#include "rig.h"

#include "core/registrar/audit/audit_watch.h"
#include "core/registrar/audit/refusals.h"

#define ENTRIES 2500		/* more than two slices */

static int
open_with_many(void **state)
{
	struct err e = { 0 };

	rig_open(state);
	rig_begin();
	for (int i = 1; i <= ENTRIES; i++)
		assert_int_equal(audit_add(NULL, "thing.done", "thing", "1",
		    OUTCOME_DONE, &e, "detail %d", i), 0);
	rig_commit();
	audit_watch_again();
	return 0;
}

/* Slices until the next walk is an hour away. */
static int
walk_whole(void)
{
	int slices = 0;

	while (audit_watch_wait_ms() < 1000) {
		usleep((useconds_t)audit_watch_wait_ms() * 1000);
		audit_watch_run();
		slices++;
		assert_true(slices < 100);
	}
	return slices;
}

static void
a_good_chain_is_walked_in_slices_and_raises_nothing(void **state)
{
	(void)state;
	assert_int_equal(walk_whole(), 3);
	assert_false(audit_is_bad);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM alarm"), "0");
}

static void
an_old_entry_that_was_changed_is_an_alarm(void **state)
{
	(void)state;
	rig_sql("DROP TRIGGER audit_only_erased;"
	    "UPDATE audit SET object = '2' WHERE number = 1234");
	walk_whole();
	assert_true(audit_is_bad);
	assert_string_equal(rig_ask_sql("SELECT kind, object, state,"
	    " text LIKE '%entry 1234 was changed%' FROM alarm"),
	    "log|chain|open|1");
	/* and the alarm ends when the copy with the right one is back */
	rig_sql("UPDATE audit SET object = '1' WHERE number = 1234");
	audit_is_bad = false;
	audit_watch_again();
	walk_whole();
	assert_string_equal(rig_ask_sql("SELECT state FROM alarm"), "over");
}

/* ---- refusals ---- */

static void
refuse(struct seat *s, int n)
{
	for (int i = 0; i < n; i++) {
		rig_begin();
		audit_refusal(s, "request.submit", "request", "", "no: %d", i);
		audit_refusals_write();
		rig_commit();
	}
}

static void
a_flood_gets_sixty_entries_and_one_that_sums_up(void **state)
{
	struct seat s = rig_seat(ROLE_MEMBER, 5, "alice", rig_key(1));
	struct seat other = rig_seat(ROLE_MEMBER, 6, "bob", rig_key(2));

	(void)state;
	refuse(&s, 100);
	refuse(&other, 3);
	assert_false(s.hang_up);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit WHERE"
	    " actor = 'alice'"), "60");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit WHERE"
	    " actor = 'bob'"), "3");
	rig_begin();
	refusals_sum(false);		/* its minute is not over */
	refusals_sum(true);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT actor, detail FROM audit WHERE"
	    " action = 'refusal.more'"),
	    "alice|40 more refused questions within a minute");
}

static void
who_goes_on_is_hung_up_and_others_are_not(void **state)
{
	struct seat s = rig_seat(ROLE_MEMBER, 5, "alice", rig_key(1));
	struct seat other = rig_seat(ROLE_MEMBER, 6, "bob", rig_key(2));

	(void)state;
	refuse(&s, 599);
	assert_false(s.hang_up);
	refuse(&other, 1);
	refuse(&s, 1);
	assert_true(s.hang_up);
	assert_false(other.hang_up);
	/* a new seat of the same account begins where the old one ended */
	s.hang_up = false;
	refuse(&s, 1);
	assert_true(s.hang_up);
	rig_begin();
	refusals_sum(true);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT detail FROM audit WHERE"
	    " action = 'refusal.more'"),
	    "541 more refused questions within a minute; hung up");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_good_chain_is_walked_in_slices_and_raises_nothing,
		    open_with_many, rig_close),
		cmocka_unit_test_setup_teardown(
		    an_old_entry_that_was_changed_is_an_alarm,
		    open_with_many, rig_close),
		cmocka_unit_test_setup_teardown(
		    a_flood_gets_sixty_entries_and_one_that_sums_up,
		    rig_open, rig_close),
		cmocka_unit_test_setup_teardown(
		    who_goes_on_is_hung_up_and_others_are_not,
		    rig_open, rig_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
