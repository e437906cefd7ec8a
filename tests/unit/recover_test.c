/* recover_test.c - an account whose key is lost: codes, time, ways to stop,
 * the second person; contacts; letters that are not wanted; the calendar. */
#include "tests/unit/member.h"

#include "core/registrar/letter/calendar.h"
#include "core/registrar/account/contact.h"
#include "core/registrar/account/recover.h"

#define HOUR 3600

static struct seat guest, thief;

static int
open_all(void **state)
{
	rig_open(state);
	guest = rig_seat(ROLE_GUEST, 0, "", rig_key(60));
	thief = rig_seat(ROLE_GUEST, 0, "", rig_key(61));
	return 0;
}

/* In its savepoint, as dispatch.c does. */
static int
recover(struct seat *s, const char *name, const char *code, bool stop,
    struct recovery *r, struct err *e)
{
	struct recovery_wish w = { .stop = stop };
	int rc;

	str_copy(w.name, sizeof w.name, name);
	str_copy(w.code, sizeof w.code, code);
	memset(r, 0, sizeof *r);
	err_clear(e);
	rig_begin();
	rc = serve_account_recover(s, &w, r, e);
	rig_commit();
	return rc;
}

/* As the loop runs it. */
static void
sweep(int64_t later)
{
	clock_set_for_test(clock_now() + later);
	rig_begin();
	recovery_sweep();
	rig_commit();
}

static void
begin(const char *name, struct seat *s, struct recovery *r)
{
	struct err e;

	if (recover(&guest, name, "", false, r, &e) < 0 ||
	    recover(s, name, mailed_code("recover"), false, r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(r->state, RECOVERY_WAITING);
}

static void
every_name_is_answered_alike(void **state)
{
	struct recovery a, b;
	struct err e, f;

	(void)state;
	member_seat("alice", ROLE_MEMBER, 1);
	assert_int_equal(recover(&thief, "alice", "", false, &a, &e), 0);
	assert_int_equal(recover(&thief, "alicf", "", false, &b, &f), 0);
	memcpy(b.account, a.account, sizeof a.account);
	assert_memory_equal(&a, &b, sizeof a);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM notice"
	    " WHERE kind = 'recover'"), "1");
	for (int stop = 0; stop < 2; stop++) {
		assert_int_equal(recover(&thief, "alice",
		    "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", stop, &a, &e), -1);
		assert_int_equal(recover(&thief, "alicf",
		    "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", stop, &a, &f), -1);
		assert_string_equal(e.text, f.text);
		assert_string_equal(e.clause, f.clause);
	}
	/* limits too: as many letters for a name, real or not */
	while (recover(&thief, "alice", "", false, &a, &e) == 0)
		;
	while (recover(&thief, "alicf", "", false, &a, &f) == 0)
		;
	assert_string_equal(e.text, f.text);
	assert_string_equal(rig_ask_sql("SELECT group_concat(count) FROM"
	    " (SELECT count FROM throttle WHERE kind = 'recover-name')"),
	    "3,3");
}

static void
wrong_codes_lock_nobody_out(void **state)
{
	struct recovery r;
	struct err e;
	int tries = 0;

	(void)state;
	member_seat("alice", ROLE_MEMBER, 1);
	assert_int_equal(recover(&thief, "alice", "", false, &r, &e), 0);
	do
		recover(&thief, "alice", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA",
		    false, &r, &e);
	while (strcmp(e.clause, "code") == 0 && tries++ < 100);
	assert_string_equal(e.clause, "limit-recover-code");
	/* the owner comes from elsewhere; the thief's letter serves him */
	str_copy(guest.source, sizeof guest.source, "198.51.100.9");
	assert_int_equal(recover(&guest, "alice", mailed_code("recover"),
	    false, &r, &e), 0);
	assert_int_equal(r.state, RECOVERY_WAITING);
	assert_string_equal(r.fingerprint, guest.fingerprint);
	assert_int_equal(r.due, RIG_NOW + 48 * HOUR);
}

static void
time_passes_then_the_new_key_is_the_only_one(void **state)
{
	struct seat alice = member_seat("alice", ROLE_MEMBER, 1);
	struct recovery r;
	struct whoami w = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	begin("alice", &guest, &r);
	/* told at each login, and to the mailbox that proved a domain */
	assert_int_equal(serve_whoami(&alice, &none, &w, &e), 0);
	assert_int_equal(w.recovery, r.due);
	assert_string_equal(rig_ask_sql("SELECT group_concat(recipient)"
	    " FROM notice WHERE kind = 'recovery-begun'"),
	    "alice@mail.example,hostmaster@alpha.example");
	sweep(47 * HOUR);
	assert_string_equal(rig_ask_sql("SELECT state FROM recovery"),
	    "waiting");
	sweep(2 * HOUR);
	assert_string_equal(rig_ask_sql("SELECT state, line,"
	    " stop_hash IS NULL FROM recovery"), "done||1");
	assert_string_equal(rig_ask_sql("SELECT count(*), fingerprint ="
	    " (SELECT fingerprint FROM recovery) FROM ssh_key"), "1|1");
	assert_string_equal(rig_ask_sql("SELECT state FROM domain"),
	    "proven");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE action = 'account.recovered'"), "1");
}

static void
the_code_of_the_letter_or_a_key_stops_it(void **state)
{
	struct seat alice = member_seat("alice", ROLE_MEMBER, 1);
	struct ref none = { 0 };
	struct recovery r;
	struct err e = { 0 };
	char code[CODE_SIZE];

	(void)state;
	begin("alice", &thief, &r);
	assert_int_equal(recover(&guest, "alice",
	    mailed_code("recovery-begun"), true, &r, &e), 0);
	assert_int_equal(r.state, RECOVERY_STOPPED);
	begin("alice", &thief, &r);
	/* another right code while one waits: the first must be stopped */
	str_copy(code, sizeof code, mailed_code("recover"));
	assert_int_equal(recover(&guest, "alice", code, false, &r, &e), -1);
	assert_string_equal(e.clause, "code");	/* used up */
	assert_int_equal(recover(&guest, "alice", "", false, &r, &e), 0);
	assert_int_equal(recover(&guest, "alice", mailed_code("recover"),
	    false, &r, &e), -1);
	assert_string_equal(e.clause, "recovery");
	rig_begin();
	assert_int_equal(serve_recovery_stop(&alice, &none, &r, &e), 0);
	rig_commit();
	assert_int_equal(r.state, RECOVERY_STOPPED);
	sweep(100 * HOUR);
	assert_string_equal(rig_ask_sql("SELECT fingerprint LIKE 'SHA256:%'"
	    " FROM ssh_key"), "1");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE action = 'account.recovered'"), "0");
}

static void
an_account_with_a_role_needs_a_second_person(void **state)
{
	struct seat staff = member_seat("boss", ROLE_STAFF, 2);
	struct seat other = member_seat("colleague", ROLE_STAFF, 3);
	struct seat alice = member_seat("alice", ROLE_MEMBER, 1);
	struct recovery_word word = { .name = "boss" };
	struct ref boss = { .ref = "boss" };
	struct recovery r;
	struct err e = { 0 };

	(void)state;
	begin("boss", &guest, &r);
	assert_true(r.needs_approval);
	assert_string_equal(rig_ask_sql("SELECT kind, object, state"
	    " FROM alarm"), "recovery|boss|open");
	sweep(50 * HOUR);
	assert_string_equal(rig_ask_sql("SELECT state FROM recovery"),
	    "waiting");
	rig_begin();
	assert_int_equal(serve_recovery_approve(&staff, &word, &r, &e), -1);
	assert_string_equal(e.clause, "approval-own");
	err_clear(&e);
	assert_int_equal(serve_recovery_stop(&alice, &boss, &r, &e), -1);
	assert_string_equal(e.clause, "role");
	err_clear(&e);
	assert_int_equal(serve_recovery_approve(&other, &word, &r, &e), 0);
	rig_commit();
	sweep(1);
	assert_string_equal(rig_ask_sql("SELECT state FROM recovery"), "done");
	assert_string_equal(rig_ask_sql("SELECT state FROM alarm"), "over");
}

static void
without_that_word_it_is_forgotten(void **state)
{
	struct recovery r;

	(void)state;
	member_seat("boss", ROLE_STAFF, 2);
	begin("boss", &guest, &r);
	sweep(48 * HOUR + 8 * 24 * HOUR);
	assert_string_equal(rig_ask_sql("SELECT state FROM recovery"),
	    "expired");
	assert_string_equal(rig_ask_sql("SELECT state FROM alarm"), "over");
}

static void
a_role_that_comes_while_it_waits_counts(void **state)
{
	struct seat other = member_seat("colleague", ROLE_STAFF, 3);
	struct recovery_word word = { .name = "alice" };
	struct recovery r;
	struct err e = { 0 };

	(void)state;
	member_seat("alice", ROLE_MEMBER, 1);
	begin("alice", &thief, &r);
	assert_false(r.needs_approval);
	rig_sql("UPDATE account SET role = 'staff' WHERE name = 'alice'");
	sweep(50 * HOUR);
	assert_string_equal(rig_ask_sql("SELECT state FROM recovery"),
	    "waiting");
	rig_begin();
	assert_int_equal(serve_recovery_approve(&other, &word, &r, &e), 0);
	rig_commit();
	sweep(1);
	assert_string_equal(rig_ask_sql("SELECT state FROM recovery"), "done");
}

static void
a_key_that_took_anothers_place_must_be_named(void **state)
{
	struct seat other = member_seat("colleague", ROLE_STAFF, 3);
	struct recovery_word word = { .name = "boss" };
	struct recovery r;
	struct err e = { 0 };

	(void)state;
	member_seat("boss", ROLE_STAFF, 2);
	begin("boss", &guest, &r);
	/* who reads the mail stops it, and comes with a key of his own */
	assert_int_equal(recover(&thief, "boss",
	    mailed_code("recovery-begun"), true, &r, &e), 0);
	begin("boss", &thief, &r);
	rig_begin();
	assert_int_equal(serve_recovery_approve(&other, &word, &r, &e), -1);
	assert_string_equal(e.clause, "recovery-key");
	assert_non_null(strstr(e.text, thief.fingerprint));
	err_clear(&e);
	str_copy(word.fingerprint, sizeof word.fingerprint,
	    guest.fingerprint);
	assert_int_equal(serve_recovery_approve(&other, &word, &r, &e), -1);
	assert_string_equal(e.clause, "recovery-key");
	err_clear(&e);
	str_copy(word.fingerprint, sizeof word.fingerprint,
	    thief.fingerprint);
	assert_int_equal(serve_recovery_approve(&other, &word, &r, &e), 0);
	rig_commit();
}

static void
old_codes_and_closed_accounts_open_nothing(void **state)
{
	struct recovery r;
	struct err e;

	(void)state;
	member_seat("alice", ROLE_MEMBER, 1);
	assert_int_equal(recover(&guest, "alice", "", false, &r, &e), 0);
	clock_set_for_test(RIG_NOW + 73 * HOUR);
	assert_int_equal(recover(&guest, "alice", mailed_code("recover"),
	    false, &r, &e), -1);
	assert_string_equal(e.clause, "code");
	rig_sql("UPDATE account SET state = 'closed'");
	assert_int_equal(recover(&guest, "alice", "", false, &r, &e), 0);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM notice"
	    " WHERE kind = 'recover'"), "1");
	assert_int_equal(recover(&guest, "../x", "", false, &r, &e), -1);
	assert_string_equal(e.clause, "account-name");
}

/* ---- contacts ---- */

static int
contact(struct seat *s, const char *what, const char *email,
    const char *code, struct err *e)
{
	struct confirmation c = { 0 };
	struct ref ref = { 0 };
	struct none none = { 0 };
	int rc;

	err_clear(e);
	str_copy(ref.ref, sizeof ref.ref, email);
	str_copy(c.name, sizeof c.name, email);
	str_copy(c.code, sizeof c.code, code);
	rig_begin();
	rc = *what == 'a' ? serve_contact_add(s, &ref, &none, e) :
	    *what == 'c' ? serve_contact_confirm(s, &c, &none, e) :
	    serve_contact_remove(s, &ref, &none, e);
	rig_commit();
	return rc;
}

static void
a_contact_hears_only_when_confirmed(void **state)
{
	struct seat alice = member_seat("alice", ROLE_MEMBER, 1);
	const struct blank blanks[] = { { "NAME", "alice" },
		{ "FINGERPRINT", "SHA256:x" } };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(contact(&alice, "a", "two@b.example", "", &e), 0);
	assert_int_equal(contact(&alice, "c", "two@b.example",
	    "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", &e), -1);
	assert_string_equal(e.clause, "code");
	rig_begin();
	assert_int_equal(account_tell("recovery-done", alice.account, false,
	    blanks, 2, &e), 0);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT group_concat(recipient)"
	    " FROM notice WHERE kind = 'recovery-done'"),
	    "alice@mail.example");
	assert_int_equal(contact(&alice, "c", "two@b.example",
	    mailed_code("contact"), &e), 0);
	/* the others hear that it was added */
	assert_string_equal(rig_ask_sql("SELECT group_concat(recipient)"
	    " FROM notice WHERE kind = 'contact-changed'"),
	    "alice@mail.example");
	rig_sql("DELETE FROM notice");
	rig_begin();
	assert_int_equal(account_tell("recovery-done", alice.account, false,
	    blanks, 2, &e), 0);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT group_concat(recipient)"
	    " FROM notice"), "alice@mail.example,two@b.example");
}

static void
the_last_address_stays(void **state)
{
	struct seat alice = member_seat("alice", ROLE_MEMBER, 1);
	struct err e = { 0 };

	(void)state;
	assert_int_equal(contact(&alice, "r", "alice@mail.example", "", &e),
	    -1);
	assert_string_equal(e.clause, "contact-last");
	assert_int_equal(contact(&alice, "a", "two@b.example", "", &e), 0);
	assert_int_equal(contact(&alice, "r", "alice@mail.example", "", &e),
	    -1);
	assert_int_equal(contact(&alice, "c", "two@b.example",
	    mailed_code("contact"), &e), 0);
	assert_int_equal(contact(&alice, "r", "alice@mail.example", "", &e),
	    0);
	assert_string_equal(rig_ask_sql("SELECT email,"
	    " (SELECT count(*) FROM contact) FROM account"),
	    "two@b.example|0");
	assert_int_equal(contact(&alice, "a", "x@y", "", &e), -1);
	assert_string_equal(e.clause, "address");
	assert_int_equal(contact(&alice, "a", "x\r\nBcc: y@z.example", "",
	    &e), -1);
	assert_string_equal(e.clause, "address");
}

/* ---- the calendar ---- */

static void
a_calendar_is_folded_between_characters_and_escaped(void **state)
{
	struct calendar_event v = { .uid = "4f00@ca.example",
		.summary = "Zertifikat f\xc3\xbcr a,b;c\\d \xc3\xa4\xc3\xb6\xc3\xbc"
		"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6"
		"\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4",
		.description = "one\ntwo\x1b[31m", .made = RIG_NOW,
		.at = RIG_NOW + 86400, .sequence = 3 };
	struct buf b = { 0 };
	char *line, *next;

	(void)state;
	calendar_make(&b, &v);
	buf_put_u8(&b, 0);
	assert_non_null(strstr((char *)b.data, "\r\nUID:4f00@ca.example\r\n"));
	assert_non_null(strstr((char *)b.data,
	    "\r\nDTSTART:20261119T110640Z\r\n"));
	assert_non_null(strstr((char *)b.data,
	    "\r\nDESCRIPTION:one\\ntwo[31m\r\n"));
	assert_non_null(strstr((char *)b.data, "a\\,b\\;c\\\\d"));
	for (line = (char *)b.data; *line != '\0'; line = next + 2) {
		next = strstr(line, "\r\n");
		assert_non_null(next);
		assert_true(next - line <= 75);
		assert_true(utf8_valid((uint8_t *)line,
		    (size_t)(next - line)));
		assert_null(memchr(line, '\n', (size_t)(next - line)));
	}
	buf_clear(&b);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_all, rig_close)
	const struct CMUnitTest tests[] = {
		T(every_name_is_answered_alike),
		T(wrong_codes_lock_nobody_out),
		T(time_passes_then_the_new_key_is_the_only_one),
		T(the_code_of_the_letter_or_a_key_stops_it),
		T(an_account_with_a_role_needs_a_second_person),
		T(without_that_word_it_is_forgotten),
		T(a_role_that_comes_while_it_waits_counts),
		T(a_key_that_took_anothers_place_must_be_named),
		T(old_codes_and_closed_accounts_open_nothing),
		T(a_contact_hears_only_when_confirmed),
		T(the_last_address_stays),
		T(a_calendar_is_folded_between_characters_and_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
