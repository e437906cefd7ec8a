/* refusals_test.c - questions that are refused for reasons that no other test
 * has: each by its own name, and nothing is changed (R1.1). */
#include "tests/unit/member.h"

#include "core/registrar/audit/log.h"
#include "core/registrar/domain/caa.h"
#include "core/registrar/domain/domain.h"
#include "core/registrar/domain/lookup.h"
#include "core/registrar/issuer/issuer.h"
#include "core/registrar/request/request.h"

static struct seat alice, bob, sam, fred, dora, operator;

static int
people(void **state)
{
	rig_open(state);
	alice = member_seat("alice", ROLE_MEMBER, 1);
	bob = member_seat("bob", ROLE_MEMBER, 2);
	sam = member_seat("sam", ROLE_STAFF, 3);
	fred = member_seat("fred", ROLE_FINANCE, 4);
	dora = member_seat("dora", ROLE_DIRECTOR, 5);
	operator = rig_seat(ROLE_OPERATOR, 0, "operator", NULL);
	return 0;
}

static void
refused(const char *clause, int got, const struct err *e)
{
	if (got >= 0)
		fail_msg("%s: was done", clause);
	if (strcmp(e->clause, clause) != 0)
		fail_msg("%s: %s: %s", clause, e->clause, e->text);
	/* a sentence, with the way out */
	assert_in_range(strlen(e->text), 10, sizeof e->text - 1);
}

/* SAYS("clause", OP, seat, NOUN of the answer, { argument }) */
#define SAYS(clause, op, seat, answer, argument, ...) do { \
	struct argument a_ = __VA_ARGS__; \
	struct answer r_ = { 0 }; \
	struct err e_ = { 0 }; \
	int got_; \
	rig_begin(); \
	got_ = serve_##op(seat, &a_, &r_, &e_); \
	db_rollback(); \
	NOUN_CLEAR(answer, &r_); \
	refused(clause, got_, &e_); \
} while (0)

static void
money_is_booked_rightly_or_not_at_all(void **state)
{
	int64_t day = RIG_NOW / 86400 * 86400;

	(void)state;
	SAYS("budget-year", budget_set, &fred, budget_page, budget_new,
	    { 1999, "10.00", "EUR" });
	SAYS("budget-year", budget_set, &fred, budget_page, budget_new,
	    { 2199, "10.00", "EUR" });
	SAYS("cost-kind", cost_add, &fred, ledger_row, ledger_new,
	    { .kind = LEDGER_INCOME, .amount = "1.00", .currency = "EUR",
	    .payee = "bank" });
	SAYS("cost-payee", cost_add, &fred, ledger_row, ledger_new,
	    { .amount = "1.00", .currency = "EUR", .payee = " \t" });
	SAYS("cost-text", cost_add, &fred, ledger_row, ledger_new,
	    { .amount = "1.00", .currency = "EUR", .payee = "bank",
	    .text = "\xff" });
	SAYS("cost-terms", fee_term_add, &fred, fee_term_page, fee_term_new,
	    { .amount = "1.00", .currency = "EUR", .since = day + 1 });
	SAYS("cost-terms", fee_term_add, &fred, fee_term_page, fee_term_new,
	    { .amount = "1.00", .currency = "EUR", .since = 86400 });
	SAYS("cost-text", fee_term_add, &fred, fee_term_page, fee_term_new,
	    { .amount = "1.00", .currency = "EUR", .since = day,
	    .text = "\xff" });
	SAYS("state", cost_list, &fred, ledger_page, wish,
	    { .state = "waiting" });
	str_copy(conf.costs_expected, sizeof conf.costs_expected, "much");
	SAYS("costs", cost_forecast, &fred, forecast, none, { 0 });
}

static void
reports_and_documents_have_their_form(void **state)
{
	struct blob text = { 0 };

	(void)state;
	SAYS("report-digest", report_submit, &dora, report, report_wish,
	    { .quarter = "2026Q3", .digest = "00" });
	SAYS("report-open", report_addend, &fred, report, report_wish,
	    { .quarter = "2026Q3", .text = "more" });
	SAYS("document", document_get, &alice, document_text, ref,
	    { "poem" });
	SAYS("document", document_get, &alice, document_text, ref,
	    { "ica-appendix 7" });
	SAYS("document-version", operator_document_add, &operator, document,
	    document_new, { .version = ".1" });
	SAYS("document-size", operator_document_add, &operator, document,
	    document_new, { .version = "1" });
	blob_set(&text, "x", 1);
	SAYS("document-dates", operator_document_add, &operator, document,
	    document_new, { .version = "1", .since = RIG_NOW,
	    .until = RIG_NOW - 1, .text = text });
	blob_clear(&text);
	SAYS("evidence", operator_evidence, &operator, evidence_part, ref,
	    { "nowhere" });
	SAYS("evidence", operator_evidence, &operator, evidence_part, ref,
	    { "9999:0:0" });
	SAYS("export", account_export, &alice, export_part, ref,
	    { "nothing.1" });
}

static void
what_is_not_there_is_said(void **state)
{
	(void)state;
	SAYS("grant", role_grant_drop, &dora, role_grant, ref, { "x" });
	SAYS("grant", role_grant_drop, &dora, role_grant, ref, { "77" });
	SAYS("issuer-wish", issuer_confirm, &dora, issuer_wish, ref,
	    { "x" });
	SAYS("issuer-wish", issuer_confirm, &dora, issuer_wish, ref,
	    { "77" });
	SAYS("session", session_end, &alice, none, ref, { "77" });
	SAYS("search", search, &sam, hit_list, wish, { 0 });
	SAYS("log-loss", operator_log_loss, &operator, audit_check, text,
	    { 0 });
	SAYS("log-witness", operator_witness_remove, &operator, none, ref,
	    { "nobody" });
	SAYS("check-csr", operator_check_csr, &operator, verdict,
	    request_wish, { .renew = "1" });
}

/* What each limit counts, used up. */
static void
used_up(const char *kind, const char *whose, int64_t count)
{
	char sql[256];

	snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO throttle"
	    " VALUES ('%s', '%s', %lld, %lld)", kind, whose,
	    (long long)RIG_NOW / 86400, (long long)count);
	rig_sql(sql);
}

static void
limits_of_a_day_are_told_by_their_names(void **state)
{
	struct seat guest = rig_seat(ROLE_GUEST, 0, "register", rig_key(6));
	struct seat web = rig_seat(ROLE_WEBSITE, 0, "website", NULL);
	struct registration account = { .name = "carol",
		.email = "carol@mail.example" };
	char bucket[64], sql[64];

	(void)state;
	domain_prove_for(&alice, "jabber.org");
	snprintf(sql, sizeof sql, "%lld", (long long)alice.account);
	str_copy(conf.policy_profiles, sizeof conf.policy_profiles,
	    "xmpp-server xmpp-person");
	str_copy(conf.dns_resolver, sizeof conf.dns_resolver, "127.0.0.1");
	str_copy(conf.policy_proof_dns, sizeof conf.policy_proof_dns,
	    "2020-01-01 - 2120-01-01");
	source_bucket(bucket, alice.source);

	conf.policy_challenges_per_account_day = 1;
	used_up("challenge-account", sql, 1);
	SAYS("limit-challenge-account", domain_add, &alice, domain,
	    domain_new, { .name = "xmpp.org" });
	used_up("contact-account", sql, 1);
	SAYS("limit-contact-account", contact_add, &alice, none, ref,
	    { "other@mail.example" });
	used_up("record-account", sql, 1);
	SAYS("limit-record-account", domain_add, &alice, domain, domain_new,
	    { .name = "xmpp.org", .method = PROOF_DNS });
	conf.policy_requests_per_account_day = 1;
	used_up("invitation", sql, 1);
	SAYS("limit-invitation", person_invite, &alice, invitation,
	    invitation_new, { .jid = "romeo@jabber.org" });
	conf.policy_lives_per_account_day = 1;
	conf.policy_lives_per_domain_day = 1;
	used_up("live", "jabber.org", 1);
	SAYS("limit-live", live_check, &alice, live, ref, { "jabber.org" });
	used_up("live-account", sql, 1);
	SAYS("limit-live-account", live_check, &alice, live, ref,
	    { "jabber.org" });
	conf.policy_registrations_per_source_day = 1;
	used_up("recover-source", bucket, 1);
	SAYS("limit-recover-source", account_recover, &guest, recovery,
	    recovery_wish, { .name = "alice" });
	used_up("register-website", bucket, 1000);
	str_copy(account.agreement, sizeof account.agreement,
	    conf.policy_agreement_version);
	str_copy(account.line, sizeof account.line, rig_key(7));
	SAYS("limit-register-website", account_register, &web, none,
	    registration, account);
}

static void
a_txt_record_is_looked_for_so_often(void **state)
{
	struct domain d = { 0 };
	struct domain_new a = { .name = "xmpp.org", .method = PROOF_DNS };
	struct err e = { 0 };
	char both[64], longest[254] = "";

	(void)state;
	str_copy(conf.policy_proof_dns, sizeof conf.policy_proof_dns,
	    "2020-01-01 - 2120-01-01");
	SAYS("proof-record", domain_confirm, &alice, domain, confirmation,
	    { .name = "xmpp.org" });
	rig_begin();
	if (serve_domain_add(&alice, &a, &d, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	NOUN_CLEAR(domain, &d);
	str_copy(a.name, sizeof a.name, "xmpp.example");
	if (serve_domain_add(&alice, &a, &d, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	NOUN_CLEAR(domain, &d);
	rig_commit();
	SAYS("proof-special-use", domain_confirm, &alice, domain,
	    confirmation, { .name = "xmpp.example" });
	conf.policy_lookups_per_domain_day = 1;
	snprintf(both, sizeof both, "%lld xmpp.org",
	    (long long)alice.account);
	used_up("lookup", both, 1);
	SAYS("limit-lookup", domain_confirm, &alice, domain, confirmation,
	    { .name = "xmpp.org" });
	/* no room for the owner's name before it */
	for (int i = 0; i < 4; i++)
		snprintf(longest + strlen(longest),
		    sizeof longest - strlen(longest), "%0*d.",
		    i < 3 ? 60 : 55, 7);
	strcat(longest, "example");
	a = (struct domain_new){ .method = PROOF_DNS };
	str_copy(a.name, sizeof a.name, longest);
	SAYS("proof-record", domain_add, &alice, domain, domain_new, a);
}

static void
domains_have_their_moves_and_their_limits(void **state)
{
	struct lookup_result kept = { 0 };
	struct domain d = { 0 };
	struct err e = { 0 };
	int64_t at;
	int got;

	(void)state;
	domain_prove_for(&alice, "alpha.example");
	SAYS("live-special-use", live_check, &alice, live, ref,
	    { "alpha.example" });
	rig_begin();
	got = domain_move(1, DOMAIN_DROPPED, DOMAIN_PROVEN, &e);
	refused("domain-state", got, &e);
	err_clear(&e);
	got = domain_move(77, DOMAIN_CLAIMED, DOMAIN_PROVEN, &e);
	refused("domain-state", got, &e);
	db_rollback();
	/* an answer that was kept, and damaged */
	rig_sql("INSERT INTO lookup (kind, name, account, subject, state,"
	    " created, next, ended, answer) VALUES ('live', 'alpha.example',"
	    " 1, 1, 'done', 1795000000, 0, 1795000000, x'ff')");
	rig_begin();
	err_clear(&e);
	got = lookup_answer(LOOKUP_LIVE, "alpha.example", &kept, &at, &e);
	db_rollback();
	refused("lookup", got, &e);
	NOUN_CLEAR(lookup_result, &kept);
	NOUN_CLEAR(domain, &d);
	/* more than anybody could settle at once */
	for (int i = 0; i < 17; i++) {
		char sql[400];

		snprintf(sql, sizeof sql, "INSERT INTO account (name, email,"
		    " role, state, created) VALUES ('many%d', 'a@b.example',"
		    " 'member', 'active', 1); INSERT INTO domain (account,"
		    " name, shown, state, claimed, proven, expires) VALUES"
		    " (last_insert_rowid(), 'many.example', 'many.example',"
		    " 'conflict', 1, 1, 1895000000)", i);
		rig_sql(sql);
	}
	SAYS("conflict-many", domain_settle, &sam, settlement, settle_wish,
	    { "many.example", "many1" });
}

static void
accounts_end_in_order(void **state)
{
	struct request_wish w = wish_for("alpha.example", NULL);
	struct certificate_wish of = { .ref = "1" };
	struct request r = { 0 };
	struct request_head h;
	struct err e = { 0 };
	int got;

	(void)state;
	str_copy(conf.dns_resolver, sizeof conf.dns_resolver, "127.0.0.1");
	domain_prove_for(&alice, "alpha.example");
	assert_int_equal(submit(&alice, &w, &r, &e), 0);
	SAYS("certificate-pending", certificate_get, &alice, certificate,
	    certificate_wish, of);
	SAYS("renew", request_submit, &alice, request, request_wish,
	    { .renew = "1" });
	/* approved, and its CAA records are not known yet */
	rig_sql("UPDATE request SET state = 'approved', decided = 1795000000,"
	    " serial = '01000000000000000000000000000000aa'");
	SAYS("close-signing", account_close, &alice, closing, closing_wish,
	    { .name = "alice" });
	rig_begin();
	assert_int_equal(request_head_load(1, &h, &e), 0);
	got = caa_gate(&h, &e);
	db_rollback();
	refused("caa-waiting", got, &e);
	for (int i = 0; i < 5; i++) {
		char sql[160];

		snprintf(sql, sizeof sql, "INSERT INTO contact (account,"
		    " email, added) VALUES (%lld, 'c%d@mail.example', 1)",
		    (long long)alice.account, i);
		rig_sql(sql);
	}
	SAYS("contact-count", contact_add, &alice, none, ref,
	    { "c9@mail.example" });
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request_wish, &w);
}

static void
an_issuer_must_be_there_and_fit(void **state)
{
	struct err e = { 0 };
	int got;

	(void)state;
	SAYS("issuer", operator_issuer_deed, &operator, issuer_list,
	    issuer_deed, { .name = "ica-server-9", .deed = "activate" });
	rig_sql("INSERT INTO issuer (name, purpose, state, der, root,"
	    " not_after) VALUES ('ica-server-1', 'server', 'active', x'30',"
	    " x'30', 1995000000), ('ica-server-2', 'server', 'pending',"
	    " x'30', x'30', 1995000000)");
	SAYS("issuer-state", operator_issuer_deed, &operator, issuer_list,
	    issuer_deed, { .name = "ica-server-2", .deed = "activate" });
	/* two are needed, and nobody is there who could be the second */
	rig_sql("UPDATE account SET role = 'member' WHERE name = 'dora'");
	rig_sql("INSERT INTO certificate (account, serial, issuer, state,"
	    " not_before, not_after, issued, sha256, spki_sha256, policy)"
	    " VALUES (1, '01', 'ica-server-1', 'good', 1, 1895000000, 1,"
	    " x'', x'', '1')");
	conf.policy_issuer_second = true;
	SAYS("issuer-second", operator_issuer_deed, &operator, issuer_list,
	    issuer_deed, { .name = "ica-server-1", .deed = "retire" });
	rig_sql("UPDATE issuer SET revoked = 1795000000, state ="
	    " 'superseded' WHERE name = 'ica-server-1'");
	rig_begin();
	got = issuer_check("server", RIG_NOW + 86400, &e);
	db_rollback();
	refused("issuer-revoked", got, &e);
}

static void
the_log_is_told_what_it_lost(void **state)
{
	struct log_leaf leaf;
	struct vkey key;
	struct err e = { 0 };
	int got = log_leaf_parse((const uint8_t *)"not a leaf\n", 11, &leaf,
	    &e);

	(void)state;
	refused("log-leaf", got, &e);
	/* nothing proves anything before the first head */
	err_clear(&e);
	rig_begin();
	got = log_key(&key, &e);
	db_rollback();
	refused("log-head", got, &e);
	rig_sql("INSERT INTO setting VALUES ('log.loss', '900 to 901')");
	SAYS("log-loss", operator_log_loss, &operator, audit_check, text,
	    { 0 });
	err_clear(&e);
	rig_begin();
	got = log_may_issue(&e);
	db_rollback();
	refused("log-behind", got, &e);
}

static const char *
verdict_of(struct request_wish *w, const char *profile, const char *jid,
    const char *code)
{
	static struct verdict v;
	struct err e = { 0 };

	NOUN_CLEAR(verdict, &v);
	memset(&v, 0, sizeof v);
	str_copy(w->profile, sizeof w->profile, profile);
	str_copy(w->jid, sizeof w->jid, jid);
	str_copy(w->code, sizeof w->code, code);
	rig_begin();
	if (serve_request_check(&alice, w, &v, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	db_rollback();
	return v.accepted ? "ok" : v.rule;
}

static void
an_address_goes_with_its_profile_and_its_code(void **state)
{
	struct request_wish w = wish_for(NULL, NULL);
	struct invitation_new ask = { .jid = "romeo@beta.example" };
	struct invitation i = { 0 };
	struct err e = { 0 };

	(void)state;
	str_copy(conf.policy_profiles, sizeof conf.policy_profiles,
	    "xmpp-server xmpp-person");
	domain_prove_for(&alice, "alpha.example");
	domain_prove_for(&bob, "beta.example");
	assert_string_equal(verdict_of(&w, "xmpp-person",
	    "romeo@alpha.example", ""), "ok");
	/* a code that never was, and one that is for somebody else */
	assert_string_equal(verdict_of(&w, "xmpp-person",
	    "romeo@alpha.example", "AAAAA-BBBBB"), "person-code");
	rig_begin();
	if (serve_person_invite(&bob, &ask, &i, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	rig_commit();
	assert_string_equal(verdict_of(&w, "xmpp-person",
	    "romeo@beta.example", i.code), "ok");
	assert_string_equal(verdict_of(&w, "xmpp-person",
	    "juliet@beta.example", i.code), "person-code");
	NOUN_CLEAR(request_wish, &w);
	w = wish_for("alpha.example", NULL);
	assert_string_equal(verdict_of(&w, "xmpp-server", "", ""), "ok");
	assert_string_equal(verdict_of(&w, "xmpp-server",
	    "romeo@alpha.example", ""), "person-profile");
	NOUN_CLEAR(request_wish, &w);
	NOUN_CLEAR(invitation, &i);
}

static void
the_gate_gets_one_seat_at_a_time(void **state)
{
	struct seat gate = rig_seat(ROLE_GATE, 0, "gate", NULL);
	struct seat_wish a = { .user = "alice", .source = "192.0.2.7" };
	int fds[2];

	(void)state;
	str_copy(a.key, sizeof a.key, rig_key(1));
	assert_int_equal(pipe(fds), 0);
	gate.pass_fd = fds[0];		/* not fetched yet */
	SAYS("seat", seat_open, &gate, seat_answer, seat_wish, a);
	close(fds[0]);
	close(fds[1]);
}

#define WITH_PEOPLE(test) \
	cmocka_unit_test_setup_teardown(test, people, rig_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PEOPLE(money_is_booked_rightly_or_not_at_all),
		WITH_PEOPLE(reports_and_documents_have_their_form),
		WITH_PEOPLE(what_is_not_there_is_said),
		WITH_PEOPLE(limits_of_a_day_are_told_by_their_names),
		WITH_PEOPLE(a_txt_record_is_looked_for_so_often),
		WITH_PEOPLE(domains_have_their_moves_and_their_limits),
		WITH_PEOPLE(accounts_end_in_order),
		WITH_PEOPLE(an_issuer_must_be_there_and_fit),
		WITH_PEOPLE(the_log_is_told_what_it_lost),
		WITH_PEOPLE(an_address_goes_with_its_profile_and_its_code),
		WITH_PEOPLE(the_gate_gets_one_seat_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
