/* request_test.c - CSRs checked, submitted, decided upon (J1.3, S2.3, S5.5). */
#include <openssl/pem.h>

#include "tests/unit/member.h"

static struct seat alice, bob, sam, tess;

static int
people_make(void **state)
{
	rig_open(state);
	alice = member_seat("alice", ROLE_MEMBER, 1);
	bob = member_seat("bob", ROLE_MEMBER, 2);
	sam = member_seat("sam", ROLE_STAFF, 3);
	tess = member_seat("tess", ROLE_STAFF, 4);
	domain_prove_for(&alice, "example.org");
	return 0;
}

/* An issuer row, so that approvals are not held up for want of one. */
static void
issuer_row(void)
{
	rig_sql("INSERT INTO issuer (name, purpose, state, der, root,"
	    " not_after) VALUES ('ica-server-1', 'server', 'active', x'00',"
	    " x'00', 1795000000 + 86400 * 1000)");
}

static void
check_says_what_submit_does_and_keeps_nothing(void **state)
{
	struct request_wish w = wish_for("chat.example.org", NULL);
	struct verdict v = { 0 };
	struct request r = { 0 };
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(serve_request_check(&alice, &w, &v, &e), 0);
	rig_commit();
	if (!v.accepted)
		fail_msg("%s: %s", v.rule, v.text);
	assert_string_equal(v.domains[0].proof_domain, "example.org");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM request"), "0");
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_AWAITING);
	assert_int_equal(r.row.number, 1);
	assert_int_equal(r.approvals_needed, 1);
	assert_int_equal(r.n_names, v.n_names);
	assert_string_equal(r.subject_cn, "chat.example.org");
	assert_string_equal(r.domains[0].mailbox, "hostmaster@example.org");
	assert_string_equal(rig_ask_sql("SELECT kind, recipient FROM notice"
	    " WHERE kind = 'queue'"), "queue|staff@ca.example");
	/* the CSR is kept as DER */
	assert_string_equal(rig_ask_sql("SELECT substr(hex(csr), 1, 2) FROM"
	    " request_body"), "30");
	NOUN_CLEAR(verdict, &v);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
domain_without_proof_is_refused(void **state)
{
	struct request_wish w = wish_for("other.org", NULL);
	struct request r = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), -1);
	assert_string_equal(e.clause, "name-unproven");
	assert_string_equal(rig_ask_sql("SELECT action, outcome FROM audit"
	    " ORDER BY number DESC LIMIT 1"), "request.refused|refused");
	NOUN_CLEAR(request_wish, &w);
	w = wish_for("example.org", NULL);
	assert_int_equal(submit(&bob, &w, &r, &e), -1);
	assert_string_equal(e.clause, "name-unproven");
	NOUN_CLEAR(request_wish, &w);
}

/* What was put right is told of the bytes that came, not of earlier ones. */
static void
same_again_tells_what_came_now(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct request_wish w = wish_for("example.org", key);
	struct blob plain = w.csr;
	struct request r = { 0 };
	struct err e = { 0 };
	struct buf marked = { 0 };

	(void)state;
	buf_put(&marked, "\xef\xbb\xbf", 3);
	buf_put(&marked, w.csr.data, w.csr.size);
	w.csr.data = marked.data;
	w.csr.size = marked.size;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	assert_true(r.n_findings > 0);
	assert_non_null(strstr(r.findings[0].text, "byte order mark"));
	NOUN_CLEAR(request, &r);
	w.csr = plain;
	rig_begin();
	assert_int_equal(serve_request_submit(&alice, &w, &r, &e), 0);
	rig_commit();
	assert_int_equal(r.row.number, 1);
	for (size_t i = 0; i < r.n_findings; i++)
		assert_null(strstr(r.findings[i].text, "byte order mark"));
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
	buf_clear(&marked);
	EVP_PKEY_free(key);
}

static void
same_again_gets_the_first_number(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct request_wish w = wish_for("example.org", key);
	struct request r = { 0 };
	struct err e = { 0 };
	struct ref one = { "1" };
	struct none none = { 0 };

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	assert_int_equal(r.row.number, 1);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM request"), "1");
	/* other names: another request */
	str_copy(w.domains[0].name, sizeof w.domains[0].name,
	    "muc.example.org");
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	assert_int_equal(r.row.number, 2);
	/* withdrawn: a new one */
	rig_begin();
	assert_int_equal(serve_request_withdraw(&alice, &one, &none, &e), 0);
	assert_int_equal(serve_request_withdraw(&alice, &one, &none, &e), -1);
	assert_string_equal(e.clause, "request-state");
	rig_commit();
	str_copy(w.domains[0].name, sizeof w.domains[0].name, "example.org");
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	assert_int_equal(r.row.number, 3);
	/* S5.5: one key in two accounts */
	domain_prove_for(&bob, "bob.example");
	str_copy(w.domains[0].name, sizeof w.domains[0].name, "bob.example");
	assert_int_equal(submit(&bob, &w, &r, &e), -1);
	assert_string_equal(e.clause, "key-other-account");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
	EVP_PKEY_free(key);
}

static void
offered_private_key_is_blocked_and_not_kept(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct request_wish w = wish_for("example.org", key);
	struct buf pem = { 0 };
	BIO *out = BIO_new(BIO_s_mem());
	struct request r = { 0 };
	struct err e = { 0 };
	char *text;
	long n;

	(void)state;
	PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	n = BIO_get_mem_data(out, &text);
	buf_put(&pem, w.csr.data, w.csr.size);
	buf_put(&pem, text, (size_t)n);
	blob_clear(&w.csr);
	blob_set(&w.csr, pem.data, pem.size);
	assert_int_equal(submit(&alice, &w, &r, &e), -1);
	assert_string_equal(e.clause, "csr-private-key");
	for (size_t i = 0; i < w.csr.size; i++)
		assert_int_equal(w.csr.data[i], 0);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM blocked_key"),
	    "1");
	assert_string_equal(rig_ask_sql("SELECT group_concat(action) FROM"
	    " audit WHERE action LIKE 'key.of%' OR action LIKE 'request%'"),
	    "key.offered");
	NOUN_CLEAR(request_wish, &w);
	/* the public half alone is refused now, for ever */
	w = wish_for("example.org", key);
	assert_int_equal(submit(&alice, &w, &r, &e), -1);
	assert_string_equal(e.clause, "key-blocked");
	NOUN_CLEAR(request_wish, &w);
	buf_clear(&pem);
	BIO_free(out);
	EVP_PKEY_free(key);
}

static void
nobody_approves_his_own_or_what_was_not_shown(void **state)
{
	struct request_wish w = wish_for("staff.example", NULL);
	struct decision d = { .number = 1 };
	struct request r = { 0 };
	struct err e = { 0 };

	(void)state;
	issuer_row();
	domain_prove_for(&sam, "staff.example");
	assert_int_equal(submit(&sam, &w, &r, &e), 0);
	assert_int_equal(decide(&sam, 1, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "approval-own");
	d.digest[0] = 1;
	rig_begin();
	assert_int_equal(serve_request_approve(&tess, &d, &r, &e), -1);
	rig_commit();
	assert_string_equal(e.clause, "approval-digest");
	/* two needed: one of them does not count twice */
	conf.policy_approvals = 2;
	assert_int_equal(decide(&tess, 1, NULL, &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_AWAITING);
	assert_int_equal(r.n_approvals, 1);
	assert_int_equal(decide(&tess, 1, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "approval-twice");
	assert_string_equal(rig_ask_sql("SELECT group_concat(outcome) FROM"
	    " audit WHERE action = 'request.approve'"),
	    "refused,refused,done,refused");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

/* Of two approvals one was given by somebody who is no staff any more when
 * the other comes: it counts no more, and a third makes two. */
static void
an_approval_of_yesterdays_staff_does_not_count(void **state)
{
	struct seat tom = member_seat("tom", ROLE_STAFF, 5);
	struct request_wish w = wish_for("example.org", NULL);
	struct request r = { 0 };
	struct err e = { 0 };
	int64_t n;

	(void)state;
	issuer_row();
	conf.policy_approvals = 2;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	n = r.row.number;
	assert_int_equal(decide(&sam, n, NULL, &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_AWAITING);
	rig_sql("UPDATE account SET role = 'member' WHERE name = 'sam'");
	assert_int_equal(decide(&tess, n, NULL, &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_AWAITING);
	assert_int_equal(decide(&tess, n, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "approval-twice");
	rig_sql("UPDATE account SET state = 'suspended' WHERE name = 'tess'");
	assert_int_equal(decide(&tom, n, NULL, &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_AWAITING);
	rig_sql("UPDATE account SET state = 'active' WHERE name = 'tess';"
	    "UPDATE account SET role = 'staff' WHERE name = 'bob'");
	bob.role = ROLE_STAFF;
	assert_int_equal(decide(&bob, n, NULL, &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_APPROVED);
	NOUN_CLEAR(request_wish, &w);
	NOUN_CLEAR(request, &r);
}

/* The dialog is open, the role is taken away, then comes the yes. */
static void
a_yes_of_one_who_lost_the_role_meanwhile_is_none(void **state)
{
	struct request_wish w = wish_for("example.org", NULL);
	struct request r = { 0 };
	struct evidence ev = { 0 };
	struct decision d = { 0 };
	struct ref ref = { 0 };
	struct err e = { 0 };
	int fd;

	(void)state;
	issuer_row();
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	d.number = r.row.number;
	memcpy(d.digest, r.digest, sizeof d.digest);
	snprintf(ref.ref, sizeof ref.ref, "%lld", (long long)d.number);
	fd = rig_connect(ROLE_STAFF, sam.account, "sam", rig_key(3));
	assert_int_equal(rig_ask(fd, OP_request_evidence, &ref, &ev, &e), 0);
	rig_sql("UPDATE account SET role = 'auditor' WHERE name = 'sam'");
	assert_int_equal(rig_ask(fd, OP_request_approve, &d, &r, &e), -1);
	assert_string_equal(e.clause, "role");
	assert_string_equal(rig_ask_sql("SELECT count(*), (SELECT state FROM"
	    " request) FROM approval"), "0|awaiting");
	assert_string_equal(rig_ask_sql("SELECT outcome, actor FROM audit"
	    " WHERE action = 'request.approve'"), "refused|sam");
	close(fd);
	loop_close();
	NOUN_CLEAR(evidence, &ev);
	NOUN_CLEAR(request_wish, &w);
	NOUN_CLEAR(request, &r);
}

/* Both press yes at the same moment, before either has an answer: the request
 * is approved once, the other is told. */
static void
two_approvers_at_once_approve_once(void **state)
{
	struct request_wish w = wish_for("example.org", NULL);
	struct request r = { 0 };
	struct decision d = { 0 };
	struct buf payload = { 0 };
	struct err e = { 0 };
	int fds[2], kinds[2];
	uint16_t op = 0;

	(void)state;
	issuer_row();
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	d.number = r.row.number;
	fds[0] = rig_connect(ROLE_STAFF, sam.account, "sam", rig_key(3));
	fds[1] = rig_connect(ROLE_STAFF, tess.account, "tess", rig_key(4));
	for (int i = 0; i < 2; i++)
		rig_send(fds[i], 1, OP_request_approve, FRAME_ASK,
		    ops[OP_request_approve].argument, &d);
	loop_step(0);
	for (int i = 0; i < 2; i++)
		do
			kinds[i] = rig_receive(fds[i], &op, &payload);
		while (kinds[i] == FRAME_CHANGED);
	assert_int_equal(kinds[0] == FRAME_ANSWER, kinds[1] != FRAME_ANSWER);
	assert_string_equal(rig_ask_sql("SELECT count(*), (SELECT state FROM"
	    " request) FROM approval"), "1|approved");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit WHERE"
	    " action = 'request.approve' AND outcome = 'done'"), "1");
	close(fds[0]), close(fds[1]);
	buf_clear(&payload);
	loop_close();
	NOUN_CLEAR(request_wish, &w);
	NOUN_CLEAR(request, &r);
}

static void
lapsed_proof_stops_an_approval(void **state)
{
	struct request_wish w = wish_for("example.org", NULL);
	struct request r = { 0 };
	struct err e = { 0 };

	(void)state;
	issuer_row();
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	clock_set_for_test(RIG_NOW + 91 * 86400);
	assert_int_equal(decide(&sam, 1, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "name-unproven");
	assert_string_equal(rig_ask_sql("SELECT state FROM request"),
	    "awaiting");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
no_approval_without_an_issuer(void **state)
{
	struct request_wish w = wish_for("example.org", NULL);
	struct request r = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	assert_int_equal(decide(&sam, 1, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "issuer-none");
	issuer_row();
	rig_sql("UPDATE issuer SET state = 'pending'");
	rig_sql("DELETE FROM approval");
	assert_int_equal(decide(&sam, 1, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "issuer-pending");
	rig_sql("UPDATE issuer SET state = 'active', not_after = 1795100000");
	rig_sql("DELETE FROM approval");
	assert_int_equal(decide(&sam, 1, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "issuer-not-after");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
refusal_says_why_and_is_mailed(void **state)
{
	struct request_wish w = wish_for("example.org", NULL);
	struct request r = { 0 };
	struct evidence v = { 0 };
	struct ref one = { "1" };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	rig_begin();
	assert_int_equal(serve_request_evidence(&sam, &one, &v, &e), 0);
	rig_commit();
	assert_string_equal(v.account.name, "alice");
	assert_true(v.n_warnings > 0);
	NOUN_CLEAR(evidence, &v);
	assert_int_equal(decide(&sam, 1, "  ", &r, &e), -1);
	assert_string_equal(e.clause, "refuse-reason");
	assert_int_equal(decide(&sam, 1, "wrong names", &r, &e), 0);
	assert_int_equal(r.row.state, REQUEST_REFUSED);
	assert_string_equal(r.refusal, "wrong names");
	assert_string_equal(rig_ask_sql("SELECT recipient FROM notice WHERE"
	    " kind = 'refused'"), "alice@mail.example");
	assert_int_equal(decide(&sam, 1, NULL, &r, &e), -1);
	assert_string_equal(e.clause, "request-state");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
members_see_their_own_only(void **state)
{
	struct request_wish w = wish_for("example.org", NULL);
	struct request_page p = { 0 };
	struct request r = { 0 };
	struct wish all = { 0 };
	struct ref one = { "1" };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	NOUN_CLEAR(request_wish, &w);
	w = wish_for("a.example.org", NULL);
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	assert_int_equal(serve_request_get(&bob, &one, &r, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(serve_request_get(&sam, &one, &r, &e), 0);
	assert_int_equal(serve_request_list(&bob, &all, &p, &e), 0);
	assert_int_equal(p.n_rows + (size_t)p.total, 0);
	all.limit = 1;
	assert_int_equal(serve_request_list(&alice, &all, &p, &e), 0);
	assert_int_equal(p.n_rows, 1);
	assert_true(p.more);
	assert_int_equal(p.total, 2);
	assert_int_equal(p.rows[0].number, 2);
	NOUN_CLEAR(request_page, &p);
	all.before = 2;
	assert_int_equal(serve_request_list(&sam, &all, &p, &e), 0);
	assert_int_equal(p.rows[0].number, 1);
	assert_false(p.more);
	NOUN_CLEAR(request_page, &p);
	all = (struct wish){ .filter = "a.exam" };
	assert_int_equal(serve_queue_list(&sam, &all, &p, &e), 0);
	assert_int_equal(p.n_rows, 1);
	assert_int_equal(p.rows[0].number, 2);
	NOUN_CLEAR(request_page, &p);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
requests_are_limited_a_day(void **state)
{
	struct request_wish w = { 0 };
	struct request r = { 0 };
	struct err e = { 0 };

	(void)state;
	conf.policy_requests_per_account_day = 1;
	w = wish_for("example.org", NULL);
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	NOUN_CLEAR(request_wish, &w);
	w = wish_for("example.org", NULL);
	assert_int_equal(submit(&alice, &w, &r, &e), -1);
	assert_string_equal(e.clause, "limit-request");
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
operator_checks_a_csr_without_proofs(void **state)
{
	struct seat operator = rig_seat(ROLE_OPERATOR, 0, "operator", NULL);
	struct request_wish w = wish_for("anybody.org", NULL);
	struct verdict v = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(serve_operator_check_csr(&operator, &w, &v, &e), 0);
	if (!v.accepted)
		fail_msg("%s: %s", v.rule, v.text);
	assert_string_equal(v.rule, "ok");
	NOUN_CLEAR(verdict, &v);
	NOUN_CLEAR(request_wish, &w);
}

#define WITH_PEOPLE(test) \
	cmocka_unit_test_setup_teardown(test, people_make, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PEOPLE(check_says_what_submit_does_and_keeps_nothing),
		WITH_PEOPLE(domain_without_proof_is_refused),
		WITH_PEOPLE(same_again_tells_what_came_now),
		WITH_PEOPLE(same_again_gets_the_first_number),
		WITH_PEOPLE(offered_private_key_is_blocked_and_not_kept),
		WITH_PEOPLE(nobody_approves_his_own_or_what_was_not_shown),
		WITH_PEOPLE(an_approval_of_yesterdays_staff_does_not_count),
		WITH_PEOPLE(a_yes_of_one_who_lost_the_role_meanwhile_is_none),
		WITH_PEOPLE(two_approvers_at_once_approve_once),
		WITH_PEOPLE(lapsed_proof_stops_an_approval),
		WITH_PEOPLE(no_approval_without_an_issuer),
		WITH_PEOPLE(refusal_says_why_and_is_mailed),
		WITH_PEOPLE(members_see_their_own_only),
		WITH_PEOPLE(requests_are_limited_a_day),
		WITH_PEOPLE(operator_checks_a_csr_without_proofs),
	};

	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
