/* issue_test.c - approved requests become certificates, with a real signer
 * that comes, goes, and forgets (S1.3, S5.7, S5.8, S6.1, J3.2). */
#include "tests/unit/signer_end.h"
#include "tests/unit/member.h"

#include "core/registrar/policy.h"
#include "core/registrar/request/issue.h"
#include "core/wire/ask.h"

static struct seat alice, sam;

static int
authority_make(void **state)
{
	rig_open(state);
	signer_init();
	signer_start();
	issuer_refresh();
	alice = member_seat("alice", ROLE_MEMBER, 1);
	sam = member_seat("sam", ROLE_STAFF, 3);
	domain_prove_for(&alice, "example.org");
	return 0;
}

static int
authority_close(void **state)
{
	signer_stop();
	publish_close();
	return rig_close(state);
}

static void
approved(const char *domain, EVP_PKEY *key, struct request *r)
{
	struct request_wish w = wish_for(domain, key);
	struct err e = { 0 };

	if (submit(&alice, &w, r, &e) < 0 ||
	    decide(&sam, r->row.number, NULL, r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	NOUN_CLEAR(request_wish, &w);
}

static void
approval_issues_at_once_with_letters_and_entry(void **state)
{
	struct request r = { 0 };
	struct certificate c = { 0 };
	struct certificate_wish w = { .ref = "1" };
	struct request_page p = { 0 };
	struct wish all = { 0 };
	struct err e = { 0 };

	(void)state;
	approved("chat.example.org", NULL, &r);
	if (r.row.state != REQUEST_ISSUED)
		fail_msg("%s", r.refusal);
	assert_int_equal(r.row.certificate, CERTIFICATE_GOOD);
	assert_int_equal(strlen(r.row.serial), 34);
	assert_string_equal(rig_ask_sql("SELECT group_concat(recipient) FROM"
	    " notice WHERE kind = 'issued'"),
	    "alice@mail.example,hostmaster@example.org");
	assert_string_equal(rig_ask_sql("SELECT role, outcome,"
	    " detail LIKE 'request 1, digest %policy 1 %' FROM audit"
	    " WHERE action = 'certificate.issue'"), "system|done|1");
	assert_string_equal(rig_ask_sql("SELECT good_certificates || ' ' ||"
	    " open_requests FROM account WHERE name = 'alice'"), "1 0");
	/* each form; the serial may be typed in any way */
	assert_int_equal(serve_certificate_get(&alice, &w, &c, &e), 0);
	assert_string_equal(c.subject_cn, "chat.example.org");
	assert_int_equal(c.not_after - c.not_before, 90 * 86400 - 1);
	assert_memory_equal(c.body.data, "-----BEGIN CERTIFICATE-----\n", 28);
	assert_non_null(memmem(c.body.data + 28, c.body.size - 28, "BEGIN", 5));
	for (size_t i = 0; r.row.serial[i] != '\0'; i++)
		w.ref[i] = (char)(r.row.serial[i] >= 'a' ?
		    r.row.serial[i] - 32 : r.row.serial[i]);
	w.form = FORM_DER;
	NOUN_CLEAR(certificate, &c);
	assert_int_equal(serve_certificate_get(&alice, &w, &c, &e), 0);
	assert_int_equal(c.body.data[0], 0x30);
	w.form = FORM_TEXT;
	NOUN_CLEAR(certificate, &c);
	assert_int_equal(serve_certificate_get(&sam, &w, &c, &e), 0);
	assert_non_null(memmem(c.body.data, c.body.size, "chat.example.org",
	    16));
	NOUN_CLEAR(certificate, &c);
	assert_int_equal(serve_certificate_list(&alice, &all, &p, &e), 0);
	assert_int_equal(p.n_rows, 1);
	NOUN_CLEAR(request_page, &p);
	all.until = RIG_NOW + 10 * 86400;
	assert_int_equal(serve_certificate_list(&alice, &all, &p, &e), 0);
	assert_int_equal(p.n_rows, 0);
	NOUN_CLEAR(request, &r);
}

static void
signer_away_keeps_the_request_approved(void **state)
{
	struct request r = { 0 };
	char serial[64];
	struct err e = { 0 };

	(void)state;
	signer_stop();
	approved("example.org", NULL, &r);
	assert_int_equal(r.row.state, REQUEST_APPROVED);
	assert_non_null(strstr(r.refusal, "waits for the signer"));
	str_copy(serial, sizeof serial, rig_ask_sql("SELECT serial FROM"
	    " request"));
	assert_int_equal(strlen(serial), 34);
	signer_start();
	for (int i = 0; i < 100 && r.row.state != REQUEST_ISSUED; i++) {
		usleep(100000);
		clock_set_for_test(RIG_NOW + i);
		rig_begin();
		if (issue_waiting())
			issue_run();
		assert_int_equal(request_reload(1, &r, &e), 0);
		rig_commit();
	}
	assert_int_equal(r.row.state, REQUEST_ISSUED);
	assert_string_equal(r.row.serial, serial);
	NOUN_CLEAR(request, &r);
}

static void
lost_commit_is_burnt_or_asked_again(void **state)
{
	struct request r = { 0 };
	struct request_wish w = wish_for("example.org", NULL);
	struct decision d = { .number = 1 };
	struct err e = { 0 };
	struct fact_list facts = { 0 };

	(void)state;
	/* signed, and our commit never came: approval and serial are gone */
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	rig_begin();
	assert_int_equal(serve_request_approve(&sam, &d, &r, &e), 0);
	issue_run();
	db_rollback();
	assert_string_equal(rig_ask_sql("SELECT state, serial FROM request"),
	    "awaiting|");
	issuer_refresh();
	assert_string_equal(rig_ask_sql("SELECT state, revoked > 0, reason FROM"
	    " certificate"), "burnt|1|0");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit WHERE"
	    " action = 'serial.burnt'"), "1");
	/* again changes nothing */
	issuer_refresh();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM certificate"),
	    "1");
	assert_int_equal(decide(&sam, 1, NULL, &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_ISSUED);
	issuer_refresh();
	assert_string_equal(rig_ask_sql("SELECT group_concat(state) FROM"
	    " (SELECT state FROM certificate ORDER BY number)"),
	    "burnt,good");
	issuer_facts(&facts);
	for (size_t i = 0; i < facts.n_rows; i++)
		if (!facts.rows[i].good)
			fail_msg("%s: %s", facts.rows[i].what,
			    facts.rows[i].text);
	NOUN_CLEAR(fact_list, &facts);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
same_serial_gives_the_same_bytes_after_a_crash(void **state)
{
	struct request r = { 0 };
	struct request_wish w = wish_for("example.org", NULL);
	struct decision d = { .number = 1 };
	struct err e = { 0 };

	(void)state;
	/* the approval is kept, what the signer gave is not */
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	rig_begin();
	assert_int_equal(serve_request_approve(&sam, &d, &r, &e), 0);
	rig_commit();
	rig_begin();
	issue_run();
	db_rollback();
	issuer_refresh();	/* leaves it alone: it is still asked for */
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM certificate"),
	    "0");
	assert_string_equal(rig_ask_sql("SELECT journal_seen FROM issuer"),
	    "0");
	rig_begin();
	issue_run();
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT r.state, c.state, c.serial ="
	    " r.serial FROM request r JOIN certificate c ON c.request ="
	    " r.number"), "issued|good|1");
	issuer_refresh();
	assert_string_equal(rig_ask_sql("SELECT count(*), journal_seen > 0"
	    " FROM certificate, issuer"), "1|1");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

/* The registrar died after the signer had signed and before its own commit;
 * meanwhile the policy became another.  keep: the approval had been committed
 * before, in a burst of its own. */
static void
sign_and_lose(bool keep, char was[65])
{
	struct request r = { 0 };
	struct request_wish w = wish_for("example.org", NULL);
	struct decision d = { .number = 1 };
	struct err e = { 0 };

	str_copy(was, 65, policy_hash());
	rig_begin();
	assert_int_equal(policy_note(&e), 0);
	rig_commit();
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	rig_begin();
	assert_int_equal(serve_request_approve(&sam, &d, &r, &e), 0);
	if (keep) {
		rig_commit();
		rig_begin();
	}
	issue_run();
	db_rollback();
	/* twice: not only the one before is remembered */
	for (int i = 0; i < 2; i++) {
		str_copy(conf.policy_version, sizeof conf.policy_version,
		    i == 0 ? "2" : "3");
		conf.policy_days = 30;
		rig_begin();
		assert_int_equal(policy_note(&e), 0);
		rig_commit();
	}
	assert_string_not_equal(was, policy_hash());
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
signed_under_another_policy_is_recorded_under_that(void **state)
{
	char was[65], want[128];

	(void)state;
	sign_and_lose(true, was);
	/* the signer forgets nothing either */
	signer_stop();
	signer_start();
	rig_begin();
	issue_again();
	issue_run();
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT r.state, c.state, c.policy,"
	    " c.not_after - c.not_before FROM request r JOIN certificate c"
	    " ON c.request = r.number"), "issued|good|1|7775999");
	snprintf(want, sizeof want, "policy 1 %s,", was);
	assert_non_null(strstr(rig_ask_sql("SELECT detail FROM audit WHERE"
	    " action = 'certificate.issue'"), want));
	issuer_refresh();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM certificate"),
	    "1");
}

static void
what_is_burnt_names_its_policy_and_is_listed_as_long_as_it_may_last(
    void **state)
{
	char was[65], want[128];

	(void)state;
	sign_and_lose(false, was);
	issuer_refresh();
	assert_string_equal(rig_ask_sql("SELECT state, policy,"
	    " (not_after - issued) / 86400, (SELECT state FROM request)"
	    " FROM certificate"), "burnt|1|398|awaiting");
	snprintf(want, sizeof want, ", policy 1 %s", was);
	assert_non_null(strstr(rig_ask_sql("SELECT detail FROM audit WHERE"
	    " action = 'serial.burnt'"), want));
	assert_string_equal(rig_ask_sql("SELECT detail LIKE 'request 1: signed,"
	    " but no row of ours has it, certificate %' FROM audit WHERE"
	    " action = 'serial.burnt'"), "1");
	/* and the staff hear of it, once */
	issuer_refresh();
	assert_string_equal(rig_ask_sql("SELECT kind, object, state,"
	    " instr(text, (SELECT serial FROM certificate)) > 0 FROM alarm"),
	    "reconciliation|journal|open|1");
}

/* A signer that gives another certificate than was asked for: refused, its
 * serial burnt, and nobody gets it. */
static void
another_certificate_than_was_asked_for_is_never_kept(void **state)
{
	struct request r = { 0 };
	struct request_wish w = wish_for("example.org", NULL);
	struct decision d = { .number = 1 };
	struct sign_batch ask = { 0 };
	struct signed_batch got = { 0 };
	struct sign_wish *a = LIST_ADD(&ask, wishes);
	struct request_head h;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	rig_begin();
	assert_int_equal(serve_request_approve(&sam, &d, &r, &e), 0);
	assert_int_equal(request_head_load(1, &h, &e), 0);
	memcpy(a->serial, h.serial, sizeof a->serial);
	a->request = 1;
	str_copy(a->profile, sizeof a->profile, h.profile);
	str_copy(a->subject_cn, sizeof a->subject_cn, h.subject_cn);
	memcpy(a->digest, h.digest, 32);
	memcpy(a->csr_sha256, h.csr_sha256, 32);
	str_copy(a->approver, sizeof a->approver, "sam");
	str_copy(a->requester, sizeof a->requester, "alice");
	assert_int_equal(request_names(1, &a->names, &a->n_names, &e), 0);
	assert_int_equal(issue_spki(&h, &a->spki, &e), 0);
	a->not_before = RIG_NOW;
	a->not_after = RIG_NOW + 86400;
	if (ask_sign_certificates(signer_line(&e), &ask, &got, &e) < 0)
		fail_msg("%s", e.text);
	assert_true(got.items[0].der.size > 0);
	/* the same bytes, for a wish that names another domain */
	str_copy(a->names[0].value, sizeof a->names[0].value, "evil.example");
	assert_int_equal(issue_item(&h, a, &got.items[0], &e), 0);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT r.state, c.state,"
	    " r.refusal LIKE 'issue-compare: %', (SELECT count(*) FROM"
	    " certificate_der) FROM request r, certificate c"),
	    "refused|burnt|1|0");
	NOUN_CLEAR(signed_batch, &got);
	NOUN_CLEAR(sign_batch, &ask);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
row_made_by_hand_yields_no_certificate(void **state)
{
	struct request r = { 0 };
	struct request_wish w = wish_for("example.org", NULL);
	struct fact_list facts = { 0 };
	struct err e = { 0 };
	bool told = false;

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	rig_sql("UPDATE request SET state = 'approved', serial ="
	    " '1234567890123456789012345678901234'");
	rig_sql("INSERT INTO approval (request, account, at, digest, note)"
	    " SELECT 1, number, 1, (SELECT digest FROM request), '' FROM"
	    " account WHERE name = 'sam'");
	/* an honest one comes along */
	approved("muc.example.org", NULL, &r);
	assert_int_equal(r.row.state, REQUEST_ISSUED);
	assert_string_equal(rig_ask_sql("SELECT state, refusal LIKE"
	    " 'issue-evidence%' FROM request WHERE number = 1"), "refused|1");
	/* a certificate row without its entry is told */
	rig_sql("INSERT INTO certificate (request, account, serial, issuer,"
	    " state, not_before, not_after, issued, sha256, spki_sha256,"
	    " policy) SELECT 1, account, 'aabb', 'ica-server-1', 'good', 1,"
	    " 2, 1, x'', x'', '1' FROM request WHERE number = 1");
	issuer_facts(&facts);
	for (size_t i = 0; i < facts.n_rows; i++)
		told = told || (!facts.rows[i].good &&
		    strstr(facts.rows[i].text, "aabb") != NULL);
	assert_true(told);
	NOUN_CLEAR(fact_list, &facts);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
renewal_of_the_same_needs_no_staff(void **state)
{
	struct request r = { 0 }, again = { 0 };
	struct request_wish w = { .renew = "1" };
	struct request_wish more;
	struct err e = { 0 };

	(void)state;
	approved("example.org", NULL, &r);
	assert_int_equal(r.row.state, REQUEST_ISSUED);
	/* nothing but the number: CSR, names and profile are the old ones */
	if (submit(&alice, &w, &again, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(again.row.number, 2);
	assert_int_equal(again.row.state, REQUEST_ISSUED);
	assert_string_equal(again.renews, r.row.serial);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM certificate"),
	    "2");
	/* twice is the same request */
	assert_int_equal(submit(&alice, &w, &again, &e), 0);
	assert_int_equal(again.row.number, 2);
	/* other names: staff again */
	more = wish_for("example.org", NULL);
	str_copy(LIST_ADD(&more, domains)->name, 256, "muc.example.org");
	str_copy(more.renew, sizeof more.renew, r.row.serial);
	assert_int_equal(submit(&alice, &more, &again, &e), 0);
	assert_int_equal(again.row.state, REQUEST_AWAITING);
	/* a lapsed proof: nothing */
	clock_set_for_test(RIG_NOW + 90 * 86400);
	assert_int_equal(submit(&alice, &w, &again, &e), -1);
	assert_string_equal(e.clause, "name-unproven");
	NOUN_CLEAR(request_wish, &more);
	NOUN_CLEAR(request, &again);
	NOUN_CLEAR(request, &r);
}

static void
suspended_members_get_nothing(void **state)
{
	struct request_wish w = wish_for("example.org", NULL);
	struct request r = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	rig_sql("UPDATE account SET state = 'suspended' WHERE name = 'alice'");
	assert_int_equal(decide(&sam, 1, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "account-state");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM certificate"),
	    "0");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

/* Over the wire: the answer to the last approval shows the certificate. */
static void
approver_sees_the_serial_in_his_answer(void **state)
{
	struct request_wish w = wish_for("example.org", NULL);
	struct request r = { 0 };
	struct err e = { 0 };
	struct decision d = { .number = 1 };
	int fd;

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	fd = rig_connect(ROLE_STAFF, sam.account, "sam", rig_key(3));
	NOUN_CLEAR(request, &r);
	if (rig_ask(fd, OP_request_approve, &d, &r, &e) != 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(r.row.state, REQUEST_ISSUED);
	assert_int_equal(strlen(r.row.serial), 34);
	assert_int_equal(r.n_approvals, 1);
	close(fd);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
burnt_serial_is_replaced_by_a_new_one(void **state)
{
	struct request r = { 0 };
	struct request_wish w = wish_for("example.org", NULL);
	struct decision d = { .number = 1 };
	struct sign_wish ask = { 0 };
	struct signed_item item = { .clause = "serial-burnt" };
	struct request_head h;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	rig_begin();
	assert_int_equal(serve_request_approve(&sam, &d, &r, &e), 0);
	assert_int_equal(request_head_load(1, &h, &e), 0);
	memcpy(ask.serial, h.serial, sizeof ask.serial);
	memcpy(item.serial, h.serial, sizeof item.serial);
	assert_int_equal(issue_item(&h, &ask, &item, &e), 1);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT c.state, c.serial <> r.serial,"
	    " r.state FROM certificate c, request r"), "burnt|1|approved");
	/* a ceiling of the signer passes by itself */
	rig_begin();
	str_copy(item.clause, sizeof item.clause, "signer-per-hour");
	assert_int_equal(issue_item(&h, &ask, &item, &e), 0);
	assert_int_equal(request_head_load(1, &h, &e), 0);
	assert_int_equal(h.state, REQUEST_APPROVED);
	assert_int_equal(h.retry_at, RIG_NOW + 60);
	/* what the signer refuses for good is refused, and told */
	str_copy(item.clause, sizeof item.clause, "profile-names");
	memcpy(ask.serial, h.serial, sizeof ask.serial);
	memcpy(item.serial, h.serial, sizeof item.serial);
	assert_int_equal(issue_item(&h, &ask, &item, &e), 0);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT r.state, n.kind, a.outcome FROM"
	    " request r, notice n, audit a WHERE n.kind = 'refused' AND"
	    " a.action = 'certificate.issue'"), "refused|refused|failed");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

#define WITH_AUTHORITY(test) \
	cmocka_unit_test_setup_teardown(test, authority_make, authority_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_AUTHORITY(approval_issues_at_once_with_letters_and_entry),
		WITH_AUTHORITY(signer_away_keeps_the_request_approved),
		WITH_AUTHORITY(lost_commit_is_burnt_or_asked_again),
		WITH_AUTHORITY(same_serial_gives_the_same_bytes_after_a_crash),
		WITH_AUTHORITY(
		    signed_under_another_policy_is_recorded_under_that),
		WITH_AUTHORITY(what_is_burnt_names_its_policy_and_is_listed_as_long_as_it_may_last),
		WITH_AUTHORITY(
		    another_certificate_than_was_asked_for_is_never_kept),
		WITH_AUTHORITY(row_made_by_hand_yields_no_certificate),
		WITH_AUTHORITY(renewal_of_the_same_needs_no_staff),
		WITH_AUTHORITY(approver_sees_the_serial_in_his_answer),
		WITH_AUTHORITY(burnt_serial_is_replaced_by_a_new_one),
		WITH_AUTHORITY(suspended_members_get_nothing),
	};

	return signer_run_each(tests, sizeof tests / sizeof tests[0]);
}
