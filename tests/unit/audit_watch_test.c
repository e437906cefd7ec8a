/* audit_watch_test.c - the whole chain is walked in slices and a bad entry of
 * any age is an alarm (S11.2); a flood of refusals is counted, summed up and
 * hung up (S11.1). */
#include "rig.h"

#include "core/registrar/audit/audit_watch.h"
#include "core/registrar/audit/refusals.h"
#include "core/registrar/audit/tables.h"

#define ENTRIES 2500		/* more than five slices */

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
	audit_watch_again_for_test();
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
	assert_int_equal(walk_whole(), 6);
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
	audit_watch_again_for_test();
	walk_whole();
	assert_string_equal(rig_ask_sql("SELECT state FROM alarm"), "over");
}

/* ---- somebody asks ---- */

static void
an_asker_sees_how_far_it_is_and_the_log_may_grow(void **state)
{
	struct audit_check r = { 0 }, other = { 0 };
	struct err e = { 0 };
	int64_t job;
	int turns = 0;

	(void)state;
	audit_watch_run();		/* the loop's own walk has begun */
	assert_int_equal(audit_watch_ask(0, &r, &e), 0);
	job = r.job;
	assert_int_not_equal(job, 0);
	assert_int_equal(r.entries, 0);
	assert_in_range(r.total, ENTRIES, ENTRIES + 10);
	assert_int_equal(audit_watch_ask(0, &other, &e), 0);
	assert_int_equal(other.job, job);	/* one walk for both */
	while (audit_watch_ask(job, &r, &e) == 0) {
		rig_begin();
		assert_int_equal(audit_add(NULL, "thing.more", "thing", "2",
		    OUTCOME_DONE, &e, "turn %d", turns), 0);
		rig_commit();
		usleep(11000);
		audit_watch_run();
		assert_true(++turns < 100);
	}
	assert_true(r.good);
	assert_int_equal(r.job, 0);
	assert_int_equal(r.bad_row, 0);
	assert_in_range(r.entries, ENTRIES + turns, ENTRIES + turns + 10);
	/* who comes later has the same end; who begins anew has a new one */
	assert_int_equal(audit_watch_ask(job, &other, &e), 1);
	assert_int_equal(other.entries, r.entries);
	assert_int_equal(audit_watch_ask(0, &other, &e), 0);
	assert_int_not_equal(other.job, job);
}

static void
an_asker_hears_of_the_first_bad_entry(void **state)
{
	struct audit_check r = { 0 };
	struct err e = { 0 };

	(void)state;
	audit_watch_run();
	rig_sql("DROP TRIGGER audit_only_erased;"
	    "UPDATE audit SET object = '2' WHERE number = 2000");
	assert_int_equal(audit_watch_ask(0, &r, &e), 0);
	while (audit_watch_ask(r.job, &r, &e) == 0) {
		usleep(11000);
		audit_watch_run();
	}
	assert_false(r.good);
	assert_int_equal(r.bad_row, 2000);
	assert_true(audit_is_bad);
	assert_string_equal(rig_ask_sql("SELECT kind, state FROM alarm"),
	    "log|open");
}

/* The operator's check and the pack of evidence wait beside the loop: no
 * question of theirs is a whole walk. */
static void
the_operator_holds_nobody_up(void **state)
{
	struct seat ctl = { .fd = -1, .role = ROLE_OPERATOR };
	struct audit_job job = { 0 };
	struct audit_check r = { 0 };
	struct evidence_part p = { 0 };
	struct ref at = { "" };
	struct err e = { 0 };
	int waits = 0;

	(void)state;
	audit_watch_run();
	for (int turns = 0;; turns++) {
		memset(&r, 0, sizeof r);
		assert_int_equal(serve_operator_verify(&ctl, &job, &r, &e),
		    0);
		if ((job.job = r.job) == 0)
			break;
		assert_true(turns < 100);
		usleep(11000);
		audit_watch_run();
		waits++;
	}
	assert_true(r.good);
	assert_true(waits > 0);
	waits = 0;
	for (int turns = 0; turns == 0 || at.ref[0] != '\0'; turns++) {
		NOUN_CLEAR(evidence_part, &p);
		assert_int_equal(serve_operator_evidence(&ctl, &at, &p,
		    &e), 0);
		if (p.name[0] == '\0' && p.next[0] != '\0') {
			usleep(11000);
			audit_watch_run();
			waits++;
		}
		memset(&at, 0, sizeof at);
		memcpy(at.ref, p.next, sizeof p.next);
		assert_true(turns < 200);
	}
	assert_true(waits > 1);
	assert_string_equal(p.name, "verification.txt");
	assert_memory_equal(p.body.data, "good: ", 6);
	NOUN_CLEAR(evidence_part, &p);
}

static void
the_tables_are_held_against_the_log_in_steps(void **state)
{
	struct audit_check r = { .good = true, .entries = ENTRIES };
	struct err e = { 0 };
	int done, turns = 0;

	(void)state;
	rig_account("alice", ROLE_MEMBER, rig_key(1));
	rig_sql("UPDATE account SET role = 'staff' WHERE name = 'alice'");
	tables_begin();
	while ((done = tables_go(&r, &e)) == 0)
		assert_true(++turns < 100);
	assert_int_equal(done, 1);
	assert_false(r.good);
	assert_string_equal(r.text,
	    "table account: alice has another role than the log says");
	r = (struct audit_check){ .good = true, .entries = ENTRIES };
	rig_sql("UPDATE account SET role = 'member' WHERE name = 'alice'");
	tables_begin();
	while ((done = tables_go(&r, &e)) == 0)
		assert_true(++turns < 100);
	assert_int_equal(done, 1);
	assert_string_equal(r.text, "2500 entries, the chain is whole, the tables agree");
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
		    an_asker_sees_how_far_it_is_and_the_log_may_grow,
		    open_with_many, rig_close),
		cmocka_unit_test_setup_teardown(
		    an_asker_hears_of_the_first_bad_entry,
		    open_with_many, rig_close),
		cmocka_unit_test_setup_teardown(
		    the_operator_holds_nobody_up,
		    open_with_many, rig_close),
		cmocka_unit_test_setup_teardown(
		    the_tables_are_held_against_the_log_in_steps,
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
