/* alarm_kinds_test.c - every kind of alarm: what it tells of really raises it,
 * once; it is in the list, in a letter, in the numbers of /metrics and in the
 * log, and ends when it is over (J5.2).  A kind without a row here fails. */
#include <sys/stat.h>
#include <utime.h>

#include "tests/unit/signer_end.h"
#include "tests/unit/member.h"

#include "core/registrar/account/recover.h"
#include "core/registrar/alarm.h"
#include "core/registrar/audit/audit_watch.h"
#include "core/registrar/audit/log.h"
#include "core/registrar/clock_watch.h"
#include "core/registrar/halt.h"
#include "core/registrar/issuer/issuer.h"
#include "core/registrar/publish/publish.h"
#include "core/registrar/report/report.h"
#include "core/registrar/request/issue.h"
#include "core/registrar/reserve.h"

#define DAY INT64_C(86400)
#define ONE_ISSUER "INSERT INTO issuer (name, purpose, state, der, root," \
	" not_after, crl_at, crl_due) VALUES ('ica-x', 'server', 'active'," \
	" x'', x'', 1950000000, 1794999000, 1795003600)"

static struct seat staff, director, finance, alice;

static struct seat
person(const char *name, enum role role, uint8_t fill)
{
	return rig_seat(role, rig_account(name, role, rig_key(fill)), name,
	    rig_key(fill));
}

/* What the call gives back is of no interest here. */
#define DONE(call) do { \
	struct err e = { 0 }; \
	int call_done; \
	rig_begin(); \
	call_done = call; \
	rig_commit(); \
	if (call_done != 0) \
		fail_msg("%s: %s: %s", #call, e.clause, e.text); \
} while (0)

static void
look(void)
{
	rig_begin();
	alarm_watch_for_test();
	rig_commit();
}

static void
published_look(void)
{
	rig_begin();
	publish_watch();
	rig_commit();
}

static void
later(int64_t seconds)
{
	clock_set_for_test(clock_now() + seconds);
}

static void
see(const char *kind)
{
	struct alarm a = { 0 };
	struct ref r = { 0 };
	char sql[128];

	snprintf(sql, sizeof sql, "SELECT number FROM alarm WHERE"
	    " kind = '%s' AND state = 'open'", kind);
	str_copy(r.ref, sizeof r.ref, rig_ask_sql(sql));
	DONE(serve_alarm_see(&staff, &r, &a, &e));
}

/* ---- what is published ---- */

static void
one_issuer(void)
{
	rig_sql(ONE_ISSUER);
}

static void
crl_is_late(void)
{
	later(3 * 3600);
	published_look();
	later(601);
	published_look();
}

static void
crl_is_there(void)
{
	rig_sql("UPDATE issuer SET crl_at = 1795000000,"
	    " crl_due = 1900000000");
	published_look();
}

static void
publish_settle(void)
{
	for (int i = 0; i < 500 && (i < 8 || publish_wait_ms() < 300); i++) {
		if (i < 8)
			publish_look_for_test();
		publish_run();
		usleep(2000);
	}
}

static void
authority_runs(void)
{
	signer_init();
	signer_start();
	issuer_refresh();
	publish_settle();
}

static void
certificate_is_issued(void)
{
	struct request_wish w = { 0 };
	struct request r = { 0 };
	struct err e = { 0 };

	authority_runs();
	domain_prove_for(&alice, "example.org");
	w = wish_for("example.org", NULL);
	if (submit(&alice, &w, &r, &e) < 0 ||
	    decide(&staff, r.row.number, NULL, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(r.row.state, REQUEST_ISSUED);
	NOUN_CLEAR(request_wish, &w);
	NOUN_CLEAR(request, &r);
	publish_settle();
}

static void
answers_are_late(void)
{
	signer_stop();
	later(36 * 3600);
	publish_settle();
	published_look();
	later(601);
	published_look();
}

static void
answers_are_renewed(void)
{
	signer_start();
	for (int i = 0; i < 40 && *rig_ask_sql("SELECT number FROM alarm"
	    " WHERE kind = 'stale-answers' AND state <> 'over'"); i++) {
		usleep(250000);	/* the signer is tried once a second */
		publish_settle();
		published_look();
	}
}

static void
revocation_is_not_listed(void)
{
	rig_sql("INSERT OR IGNORE INTO certificate (number, serial, issuer,"
	    " state, not_before, not_after, issued, revoked, sha256,"
	    " spki_sha256, policy) VALUES (7, '01aa', 'ica-x', 'revoked', 1,"
	    " 1895000000, 1, 1794999000, zeroblob(32), zeroblob(32), '1')");
	look();
}

static void
revocation_is_listed(void)
{
	rig_sql("DELETE FROM crl_new");
	look();
}

static void
issuer_ends_soon(void)
{
	rig_sql("UPDATE issuer SET not_after = 1795000000 + 80 * 86400");
	look();
}

static void
issuer_has_a_successor(void)
{
	rig_sql("UPDATE issuer SET state = 'superseded'");
	look();
}

/* ---- the log ---- */

static void
log_has_entries(void)
{
	struct err e = { 0 };

	rig_begin();
	for (int i = 0; i < 20; i++)
		assert_int_equal(audit_add(NULL, "thing.done", "thing", "1",
		    OUTCOME_DONE, &e, "%d", i), 0);
	rig_commit();
	rig_sql("DROP TRIGGER audit_only_erased");
}

static void
log_is_walked(void)
{
	audit_watch_again_for_test();
	while (audit_watch_wait_ms() < 1000) {
		usleep((useconds_t)audit_watch_wait_ms() * 1000);
		audit_watch_run();
	}
}

static void
log_entry_is_changed(void)
{
	rig_sql("UPDATE audit SET object = '2' WHERE action = 'thing.done'"
	    " AND object = '1' AND number = (SELECT max(number) - 5 FROM"
	    " audit WHERE action = 'thing.done')");
	log_is_walked();
}

static void
log_is_put_back(void)
{
	rig_sql("UPDATE audit SET object = '1' WHERE action = 'thing.done'");
	audit_is_bad = false;
	log_is_walked();
}

/* Heads are made until this question has an answer. */
static void
heads_until(const char *sql)
{
	struct err e = { 0 };
	bool more;

	for (int i = 0; i < 1000 && *rig_ask_sql(sql) == '\0'; i++) {
		log_wanted();
		if (log_round(&more, &e) < 0)
			fail_msg("%s: %s", e.clause, e.text);
		usleep(10000);
	}
}

static void
head_is_there(void)
{
	char path[CONF_PATH_SIZE];
	struct err e = { 0 };

	authority_runs();
	conf_path(&conf, path, "published/log");
	assert_int_equal(folder_make(path, 0755, &e), 0);
	heads_until("SELECT size FROM log_checkpoint LIMIT 1");
}

/* The file of the last head is three hours old. */
static void
head_is_old(void)
{
	struct utimbuf old = { .actime = RIG_NOW - 3 * 3600,
		.modtime = RIG_NOW - 3 * 3600 };
	char path[CONF_PATH_SIZE];

	conf_path(&conf, path, "published/log/checkpoint");
	assert_int_equal(utime(path, &old), 0);
	timer_run_for_test("log_publish");
}

static void
head_is_made(void)
{
	heads_until("SELECT number FROM alarm WHERE kind = 'checkpoint'"
	    " AND state = 'over'");
}

/* The signer knows more of the log than the database does. */
static void
signer_is_ahead(void)
{
	struct log_head h = { .size = 1000000 };

	log_head_seen(&h);
}

/* The right one is back: the next head is asked for, and signed. */
static void
log_is_right_again(void)
{
	heads_until("SELECT number FROM alarm WHERE kind = 'log'"
	    " AND state = 'over'");
}

static void
certificate_by_hand(void)
{
	struct fact_list facts = { 0 };

	rig_sql("INSERT OR IGNORE INTO certificate (number, serial, issuer,"
	    " state, not_before, not_after, issued, sha256, spki_sha256,"
	    " policy) VALUES (8, '01bb', 'ica-x', 'good', 1, 1895000000, 1,"
	    " zeroblob(32), zeroblob(32), '1')");
	reconcile_facts(&facts);
	NOUN_CLEAR(fact_list, &facts);
	look();
}

static void
evidence_is_found(void)
{
	struct fact_list facts = { 0 };

	DONE(audit_add(NULL, "certificate.issue", "certificate", "01bb",
	    OUTCOME_DONE, &e, "%s", ""));
	reconcile_facts(&facts);
	NOUN_CLEAR(fact_list, &facts);
	look();
}

/* ---- people ---- */

static void
many_are_refused(void)
{
	struct seat mallory = rig_seat(ROLE_MEMBER, 0, "mallory", NULL);

	for (int i = 0; i < 100; i++)
		refusal_counted(&mallory);
	rig_begin();
	refusals_sum(true);
	rig_commit();
	look();
}

static void
it_is_quiet(void)
{
	later(3700);
	look();
}

static void
operator_gives_a_role(void)
{
	struct seat operator = { .role = ROLE_OPERATOR, .fd = -1 };
	struct account_new a = { .name = "alice", .role = ROLE_AUDITOR };
	struct account made = { 0 };

	DONE(serve_operator_role_set(&operator, &a, &made, &e));
	look();
}

static void
access_is_seen(void)
{
	look();
	see("access");
	look();
}

static void
staff_lose_their_key(void)
{
	struct seat guest = rig_seat(ROLE_GUEST, 0, "", rig_key(60));
	struct recovery_wish w = { .name = "staff" };
	struct recovery r = { 0 };

	DONE(serve_account_recover(&guest, &w, &r, &e));
	str_copy(w.code, sizeof w.code, mailed_code("recover"));
	DONE(serve_account_recover(&guest, &w, &r, &e));
}

static void
recovery_is_stopped(void)
{
	struct ref none = { 0 };
	struct recovery r = { 0 };

	DONE(serve_recovery_stop(&staff, &none, &r, &e));
}

static void
issuing_is_halted(void)
{
	struct text why = { 0 };
	struct halt_state h = { 0 };

	DONE(serve_halt_set(&director, &why, &h, &e));
}

static void
two_go_on(void)
{
	struct none none = { 0 };
	struct halt_state h = { 0 };

	DONE(serve_halt_resume(&staff, &none, &h, &e));
	DONE(serve_halt_resume(&director, &none, &h, &e));
	assert_false(h.halted);
}

static void
operator_wants_an_issuer(void)
{
	struct seat operator = { .role = ROLE_OPERATOR, .fd = -1 };
	struct issuer_deed d = { .deed = "new", .name = "server" };
	struct issuer_list list = { 0 };

	DONE(serve_operator_issuer_deed(&operator, &d, &list, &e));
	NOUN_CLEAR(issuer_list, &list);
}

static void
director_drops_it(void)
{
	struct ref one = { .ref = "1" };
	struct issuer_wish w = { 0 };

	DONE(serve_issuer_drop(&director, &one, &w, &e));
}

/* ---- the signer ---- */

static void
certificate_is_another(void)
{
	rig_sql("UPDATE issuer SET der = x'3000' WHERE name ="
	    " 'ica-server-1'");
	issuer_refresh();
}

static void
mismatch_is_seen(void)
{
	see("key-mismatch");
	issuer_refresh();
}

static int64_t asked_for;

static void
somebody_asks(void)
{
	struct request_wish w = { 0 };
	struct request r = { 0 };
	struct err e = { 0 };

	domain_prove_for(&alice, "alpha.example");
	w = wish_for("alpha.example", NULL);
	if (submit(&alice, &w, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	asked_for = r.row.number;
	NOUN_CLEAR(request_wish, &w);
	NOUN_CLEAR(request, &r);
}

static void
signer_finds_a_fault(void)
{
	struct signed_item item = { .serial = "01ab", .clause = "lint-san",
		.text = "Name 1 is wrong." };
	struct sign_wish w = { .serial = "01ab" };
	struct request_head h;
	struct err e = { 0 };

	rig_sql("UPDATE request SET state = 'approved', serial = '01ab'");
	rig_begin();
	assert_int_equal(request_head_load(asked_for, &h, &e), 0);
	if (issue_item(&h, &w, &item, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	rig_commit();
	look();
}

static void
fault_is_seen(void)
{
	see("lint");
	look();
}

static int64_t booted = 1000;

static void
signer_is_away(void)
{
	clock_boot_set_for_test(booted);
	look();
	booted += 61;
	clock_boot_set_for_test(booted);
	look();
}

static void
signer_is_back(void)
{
	signer_init();
	signer_start();
	look();
}

/* ---- letters, documents, money, reports ---- */

static void
letter_waits(void)
{
	rig_sql("INSERT OR IGNORE INTO notice (number, kind, recipient,"
	    " subject, blanks, state, created, next) VALUES (900, 'expiry',"
	    " 'a@b.example', '', x'', 'waiting', 1794996000, 1900000000)");
	look();
}

static void
letter_leaves(void)
{
	rig_sql("UPDATE notice SET state = 'leased' WHERE number = 900;"
	    " UPDATE notice SET state = 'sent', sent = 1795000000"
	    " WHERE number = 900");
	look();
}

static void
document_is_kept(const char *version, int64_t until)
{
	struct seat operator = { .role = ROLE_OPERATOR, .fd = -1 };
	struct document_new n = { .kind = 0, .until = until };
	struct document d = { 0 };

	str_copy(n.version, sizeof n.version, version);
	blob_set(&n.text, "rules", 5);
	DONE(serve_operator_document_add(&operator, &n, &d, &e));
	NOUN_CLEAR(document_new, &n);
	timer_run_for_test("document");
}

static void
document_begins(void)
{
	document_is_kept("1.0", RIG_NOW + 200 * DAY);
}

static void
document_ends_soon(void)
{
	clock_set_for_test(RIG_NOW + 195 * DAY);
	timer_run_for_test("document");
}

static void
document_has_a_successor(void)
{
	document_is_kept("1.1", 0);
}

static int64_t booked;

static void
too_much_is_spent(void)
{
	struct budget_new b = { .year = 2026, .amount = "10.00",
		.currency = "EUR" };
	struct ledger_new n = { .kind = LEDGER_ONE_OFF, .amount = "10.01",
		.currency = "EUR", .payee = "Host" };
	struct budget_page p = { 0 };
	struct ledger_row r = { 0 };

	DONE(serve_budget_set(&finance, &b, &p, &e));
	NOUN_CLEAR(budget_page, &p);
	if (booked == 0) {
		DONE(serve_cost_add(&finance, &n, &r, &e));
		booked = r.number;
	}
}

static void
it_is_taken_back(void)
{
	struct ledger_new n = { .reverses = booked };
	struct ledger_row r = { 0 };

	DONE(serve_cost_reverse(&finance, &n, &r, &e));
}

static void
log_begins(void)
{
	DONE(audit_add(NULL, "authority.init", "system", "x", OUTCOME_DONE,
	    &e, "%s", ""));
}

static void
report_is_late(void)
{
	clock_set_for_test(RIG_NOW + 120 * DAY);
	timer_run_for_test("report");
}

/* It was not: the clock was ahead.  (Submitting it: tests/story/75.) */
static void
report_is_not_due(void)
{
	clock_set_for_test(RIG_NOW);
	timer_run_for_test("report");
}

/* ---- the host ---- */

static void
disk_is_full(void)
{
	reserve_spend(rig_file);
	look();
}

static void
disk_has_room(void)
{
	reserve_make_again(rig_file);
	assert_false(db_low());
	look();
}

static void
clock_goes(void)
{
	clock_watch_anew_for_test();
	clock_boot_set_for_test(booted);
	timer_run_for_test("clock");
}

static void
clock_is_set_back(void)
{
	clock_set_for_test(RIG_NOW - 7200);
	timer_run_for_test("clock");
}

static void
clock_is_right(void)
{
	clock_set_for_test(RIG_NOW);
	timer_run_for_test("clock");
}

/* ---- one row a kind ---- */

static const struct kind_case {
	enum alarm_kind kind;
	const char *object, *words;	/* words: in its text */
	void (*before)(void), (*raise)(void), (*end)(void);
	bool once;		/* what raises it cannot come again */
} cases[] = {
	{ ALARM_LATE_CRL, "ica-x", "A new CRL of ica-x is late", one_issuer,
	    crl_is_late, crl_is_there, false },
	{ ALARM_STALE_ANSWERS, "ica-server-1", "OCSP answers",
	    certificate_is_issued, answers_are_late, answers_are_renewed,
	    false },
	{ ALARM_LOG, "chain", "was changed", log_has_entries,
	    log_entry_is_changed, log_is_put_back, false },
	{ ALARM_LOG, "", "The signer has signed a log of 1000000 entries",
	    head_is_there, signer_is_ahead, log_is_right_again, false },
	{ ALARM_CHECKPOINT, "", "more than two hours", head_is_there,
	    head_is_old, head_is_made, false },
	{ ALARM_RECONCILIATION, "", "01bb", one_issuer, certificate_by_hand,
	    evidence_is_found, false },
	{ ALARM_FAILURES, "mallory", "100 questions", NULL, many_are_refused,
	    it_is_quiet, false },
	{ ALARM_KEY_MISMATCH, "ica-server-1", "another certificate",
	    authority_runs, certificate_is_another, mismatch_is_seen, false },
	{ ALARM_LINT, "1", "lint-san", somebody_asks, signer_finds_a_fault,
	    fault_is_seen, true },
	{ ALARM_SIGNER, "", "The signer is away", NULL, signer_is_away,
	    signer_is_back, false },
	{ ALARM_MAIL, "", "one waits for 1 hour.", NULL, letter_waits,
	    letter_leaves, false },
	{ ALARM_REVOCATION, "", "01aa", one_issuer, revocation_is_not_listed,
	    revocation_is_listed, false },
	{ ALARM_RECOVERY, "staff", "recovery approve staff", NULL,
	    staff_lose_their_key, recovery_is_stopped, true },
	{ ALARM_ISSUER_EXPIRY, "ica-x", "80 days", one_issuer,
	    issuer_ends_soon, issuer_has_a_successor, false },
	{ ALARM_AGREEMENT, "ca-policy 1.0", "ends on", document_begins,
	    document_ends_soon, document_has_a_successor, false },
	{ ALARM_BUDGET, "2026 EUR", "10.01 EUR are spent", NULL,
	    too_much_is_spent, it_is_taken_back, false },
	{ ALARM_REPORT, "2026Q4", "was due", log_begins, report_is_late,
	    report_is_not_due, false },
	{ ALARM_ACCESS, "alice", "the operator on the host", NULL,
	    operator_gives_a_role, access_is_seen, false },
	{ ALARM_DISK, "", "the reserve is spent", NULL, disk_is_full,
	    disk_has_room, false },
	{ ALARM_ISSUER, "wish 1", "the operator wants", one_issuer,
	    operator_wants_an_issuer, director_drops_it, false },
	{ ALARM_HALT, "", "director has halted", NULL, issuing_is_halted,
	    two_go_on, false },
	{ ALARM_CLOCK, "", "", clock_goes, clock_is_set_back, clock_is_right,
	    false },
};

static const struct kind_case *the;	/* of this process */

/* Rows of a table, beside the kind and the object that we want: x. */
static int64_t
counted(const char *rows)
{
	char sql[512];

	snprintf(sql, sizeof sql, "WITH x (kind, object) AS (VALUES ('%s',"
	    " '%s')) SELECT count(*) FROM x JOIN %s",
	    word_of(&alarm_kind_words, the->kind), the->object, rows);
	return strtoll(rig_ask_sql(sql), NULL, 10);
}

/* In the list that every reader has; its number, 0 not there. */
static int64_t
listed(void)
{
	struct alarm_page p = { 0 };
	struct wish w = { .limit = 100, .state = "open" };
	struct err e = { 0 };
	int64_t number = 0;

	assert_int_equal(serve_alarm_list(&staff, &w, &p, &e), 0);
	for (size_t i = 0; i < p.n_rows; i++)
		if (p.rows[i].kind == the->kind &&
		    strcmp(p.rows[i].object, the->object) == 0) {
			number = p.rows[i].number;
			assert_int_equal(p.rows[i].state, ALARM_OPEN);
			if (strstr(p.rows[i].text, the->words) == NULL)
				fail_msg("'%s' is not in: %s", the->words,
				    p.rows[i].text);
		}
	NOUN_CLEAR(alarm_page, &p);
	return number;
}

/* Its row of published/state.prom, which /metrics shows. */
static int64_t
measured(void)
{
	struct blob text = { 0 };
	struct err e = { 0 };
	char path[CONF_PATH_SIZE], line[96];
	const char *at = NULL;
	int64_t n = -1;

	conf_path(&conf, path, "published");
	assert_int_equal(folder_make(path, 0755, &e), 0);
	if (state_write(&e) < 0)
		fail_msg("%s", e.text);
	conf_path(&conf, path, "published/state.prom");
	assert_int_equal(file_read(path, 1 << 20, &text, &e), 0);
	snprintf(line, sizeof line, "\nxmpp_ica_alarms{kind=\"%s\"} ",
	    word_of(&alarm_kind_words, the->kind));
	at = memmem(text.data, text.size, line, strlen(line));
	if (at != NULL)
		n = strtoll(at + strlen(line), NULL, 10);
	blob_clear(&text);
	return n;
}

static void
it_was_told_once(void)
{
	assert_int_equal(counted("alarm a ON a.kind = x.kind"
	    " AND a.object = x.object"), 1);
	assert_int_equal(counted("audit a ON a.object = x.kind"
	    " AND a.action = 'alarm.raise' AND a.outcome = 'failed'"), 1);
	assert_int_equal(counted("notice n ON n.kind = 'alarm'"
	    " AND n.recipient = 'staff@ca.example'"
	    " AND instr(n.subject, x.kind) > 0"), 1);
}

static void
it_is_raised_told_and_over(void **state)
{
	(void)state;
	if (the->before != NULL)
		the->before();
	assert_int_equal(listed(), 0);
	assert_int_equal(measured(), 0);
	the->raise();
	assert_int_not_equal(listed(), 0);
	assert_int_equal(measured(), 1);
	it_was_told_once();
	if (!the->once)
		the->raise();
	assert_int_not_equal(listed(), 0);
	it_was_told_once();
	the->end();
	assert_int_equal(listed(), 0);
	assert_int_equal(measured(), 0);
	assert_int_equal(counted("alarm a ON a.kind = x.kind"
	    " AND a.object = x.object AND a.state = 'over' AND a.over > 0"),
	    1);
	assert_int_equal(counted("audit a ON a.object = x.kind"
	    " AND a.action = 'alarm.over' AND a.outcome = 'done'"), 1);
}

/* ---- in processes of their own ---- */

static int
open_people(void **state)
{
	if (rig_open(state) < 0)
		return -1;
	staff = person("staff", ROLE_STAFF, 1);
	finance = person("finance", ROLE_FINANCE, 2);
	director = person("director", ROLE_DIRECTOR, 3);
	alice = member_seat("alice", ROLE_MEMBER, 5);
	/* what was made by hand before there was a director is no alarm */
	rig_sql("DELETE FROM alarm; DELETE FROM notice");
	issuing_forget();
	reserve_make(rig_file);
	return 0;
}

static int
close_all(void **state)
{
	signer_stop();
	publish_close();
	clock_boot_set_for_test(0);
	return rig_close(state);
}

static int
one_run(const struct kind_case *c)
{
	const struct CMUnitTest test = { word_of(&alarm_kind_words, c->kind),
		it_is_raised_told_and_over, open_people, close_all, NULL };
	int status = -1;
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == 0) {
		the = c;
		alarm(120);
		exit(_cmocka_run_group_tests(test.name, &test, 1, NULL,
		    NULL));
	}
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	signal(SIGPIPE, SIG_IGN);
	for (unsigned k = 0; k < alarm_kind_words.count; k++) {
		const char *word = word_of(&alarm_kind_words, k);
		bool found = false;

		if (argc > 1 && strcmp(argv[1], word) != 0)
			continue;
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
			if (cases[i].kind == k) {
				found = true;
				failed += one_run(&cases[i]);
			}
		if (!found) {
			fprintf(stderr, "nothing here raises the alarm %s\n",
			    word);
			failed++;
		}
	}
	return failed;
}
