/* role_test.c - roles by two people, ended by time and for want of use;
 * issuing halted by one and resumed by two; the director's word on the policy
 * (P4.1, P4.2, S12.6, J5.1, J6.3). */
#include "rig.h"

#include "core/registrar/halt.h"
#include "core/registrar/issuer/issuer.h"
#include "core/registrar/issuer/issuer_wish.h"
#include "core/registrar/account/role.h"
#include "core/x509/ca.h"
#include "core/x509/cert.h"

static struct seat director, director2, staff, staff2;
static int64_t alice;

static struct seat
person(const char *name, enum role role, uint8_t fill)
{
	return rig_seat(role, rig_account(name, role, rig_key(fill)), name,
	    rig_key(fill));
}

static int
open_people(void **state)
{
	if (rig_open(state) < 0)
		return -1;
	director = person("director", ROLE_DIRECTOR, 1);
	director2 = person("second", ROLE_DIRECTOR, 2);
	staff = person("staff", ROLE_STAFF, 3);
	staff2 = person("staff2", ROLE_STAFF, 4);
	alice = rig_account("alice", ROLE_MEMBER, rig_key(5));
	issuing_forget();
	return 0;
}

static int
ask(struct seat *s, const char *name, enum role role, int64_t until,
    struct role_grant *g, struct err *e)
{
	struct role_wish w = { .role = role, .until = until };

	str_copy(w.name, sizeof w.name, name);
	memset(g, 0, sizeof *g);
	return serve_role_grant_add(s, &w, g, e);
}

static int
confirm(struct seat *s, const struct role_grant *g, struct err *e)
{
	struct role_grant answer = { 0 };
	struct ref r = { 0 };

	snprintf(r.ref, sizeof r.ref, "%lld", (long long)g->number);
	return serve_role_grant_confirm(s, &r, &answer, e);
}

static enum role
role_of(const char *name)
{
	struct account a = { 0 };
	struct err e = { 0 };

	assert_int_equal(account_load_by_name(name, &a, &e), 0);
	return a.role;
}

#define REFUSED(call, rule) do { \
	assert_int_equal(call, -1); \
	assert_string_equal(e.clause, rule); \
	err_clear(&e); \
} while (0)

static void
two_people_give_a_role(void **state)
{
	struct role_grant g;
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(ask(&director, "alice", ROLE_STAFF, 0, &g, &e), 0);
	assert_int_equal(g.state, GRANT_WAITING);
	assert_int_equal(role_of("alice"), ROLE_MEMBER);
	REFUSED(confirm(&director, &g, &e), "grant-second");
	REFUSED(ask(&director2, "alice", ROLE_AUDITOR, 0, &g, &e),
	    "grant-waiting");
	g.number = 1;
	assert_int_equal(confirm(&staff, &g, &e), 0);
	assert_int_equal(role_of("alice"), ROLE_STAFF);
	REFUSED(confirm(&staff2, &g, &e), "grant-state");
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT group_concat(action) FROM"
	    " audit WHERE action LIKE 'grant.%'"),
	    "grant.ask,grant.confirm");
}

static void
who_is_no_director_any_more_has_given_nothing(void **state)
{
	struct role_wish end = { .name = "director" };
	struct role_grant g;
	struct account a = { 0 };
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(ask(&director, "alice", ROLE_DIRECTOR, 0, &g, &e),
	    0);
	assert_int_equal(serve_role_end(&director2, &end, &a, &e), 0);
	REFUSED(confirm(&staff, &g, &e), "grant-asker");
	assert_int_equal(role_of("alice"), ROLE_MEMBER);
	rig_commit();
}

static void
nobody_gives_himself_a_role(void **state)
{
	struct seat a = rig_seat(ROLE_MEMBER, alice, "alice", rig_key(5));
	struct role_grant g;
	struct err e = { 0 };

	(void)state;
	rig_begin();
	REFUSED(ask(&director, "director", ROLE_STAFF, 0, &g, &e),
	    "grant-own");
	assert_int_equal(ask(&director, "staff", ROLE_DIRECTOR, 0, &g, &e),
	    0);
	REFUSED(confirm(&staff, &g, &e), "grant-own");
	/* even were the member's seat let through */
	assert_int_equal(ask(&director, "alice", ROLE_STAFF, 0, &g, &e), 0);
	REFUSED(confirm(&a, &g, &e), "grant-own");
	rig_commit();
}

static void
what_is_no_role_is_refused(void **state)
{
	struct role_grant g;
	struct err e = { 0 };

	(void)state;
	rig_begin();
	REFUSED(ask(&director, "alice", ROLE_MEMBER, 0, &g, &e),
	    "grant-role");
	REFUSED(ask(&director, "alice", ROLE_OPERATOR, 0, &g, &e),
	    "grant-role");
	REFUSED(ask(&director, "alice", ROLE_STAFF, RIG_NOW - 1, &g, &e),
	    "grant-until");
	assert_int_equal(ask(&director, "nobody", ROLE_STAFF, 0, &g, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	rig_commit();
	rig_sql("UPDATE account SET state = 'suspended' WHERE name = 'alice'");
	rig_begin();
	REFUSED(ask(&director, "alice", ROLE_STAFF, 0, &g, &e),
	    "grant-state");
	rig_commit();
}

static void
tick(int64_t now)
{
	clock_set_for_test(now);
	rig_begin();
	role_sweep();
	rig_commit();
}

static void
a_role_ends_with_its_time(void **state)
{
	struct role_grant g;
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(ask(&director, "alice", ROLE_AUDITOR,
	    RIG_NOW + 3600, &g, &e), 0);
	assert_int_equal(confirm(&director2, &g, &e), 0);
	assert_int_equal(role_of("alice"), ROLE_AUDITOR);
	rig_commit();
	tick(RIG_NOW + 3601);
	assert_int_equal(role_of("alice"), ROLE_MEMBER);
	assert_string_equal(rig_ask_sql("SELECT state FROM role_grant"),
	    "ended");
}

static void
a_role_that_nobody_uses_ends(void **state)
{
	(void)state;
	tick(RIG_NOW + 89 * 86400);
	assert_int_equal(role_of("staff"), ROLE_STAFF);
	rig_sql("UPDATE account SET last_login = 1795000000 + 80 * 86400"
	    " WHERE name = 'staff2'");
	tick(RIG_NOW + 91 * 86400);
	assert_int_equal(role_of("staff"), ROLE_MEMBER);
	assert_int_equal(role_of("staff2"), ROLE_STAFF);
	assert_int_equal(role_of("director"), ROLE_DIRECTOR);
	assert_string_equal(rig_ask_sql(
	    "SELECT count(*) FROM alarm WHERE kind = 'access'"
	    " AND text LIKE '%did not log in%'"), "1");
}

/* ---- issuers (S12.6) ---- */

static int
issuer_ask_new(struct issuer_list *list, struct err *e)
{
	struct seat operator = { .role = ROLE_OPERATOR };
	struct issuer_deed d = { .deed = "new", .name = "server" };

	NOUN_CLEAR(issuer_list, list);
	return serve_operator_issuer_deed(&operator, &d, list, e);
}

static void
the_operator_waits_for_the_director(void **state)
{
	struct issuer_list list = { 0 };
	struct issuer_wish w = { 0 };
	struct ref one = { .ref = "1" };
	struct err e = { 0 };

	(void)state;
	rig_begin();
	/* nothing was made yet: nobody to be asked */
	assert_int_equal(issuer_ask_new(&list, &e), 0);
	assert_int_equal(list.waits, 0);
	rig_commit();
	rig_sql("INSERT INTO issuer (name, purpose, state, der, root,"
	    " not_after) VALUES ('ica-server-1', 'server', 'active', x'',"
	    " x'', 2000000000)");
	rig_begin();
	assert_int_equal(issuer_ask_new(&list, &e), 0);
	assert_int_equal(list.waits, 1);
	assert_non_null(strstr(list.text, "issuer confirm 1"));
	assert_int_equal(issuer_ask_new(&list, &e), 0);
	assert_int_equal(list.waits, 1);
	assert_int_equal(serve_issuer_confirm(&director, &one, &w, &e), 0);
	assert_int_equal(w.state, ISSUER_WISH_CONFIRMED);
	assert_string_equal(w.confirmed_by, "director");
	REFUSED(serve_issuer_confirm(&director2, &one, &w, &e),
	    "issuer-wish-state");
	/* now it may be made, once */
	assert_int_equal(issuer_ask_new(&list, &e), 0);
	assert_int_equal(list.waits, 0);
	assert_int_equal(issuer_wish_made("server", "ica-server-2", &e), 0);
	assert_int_equal(issuer_ask_new(&list, &e), 0);
	assert_int_equal(list.waits, 2);
	/* one that nobody confirmed is an alarm */
	assert_int_equal(issuer_wish_made("server", "ica-server-3", &e), 0);
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT group_concat(object) FROM"
	    " (SELECT object FROM alarm WHERE kind = 'issuer'"
	    " AND state <> 'over' ORDER BY number)"),
	    "wish 2,ica-server-3");
	tick(RIG_NOW + 8 * 86400);
	NOUN_CLEAR(issuer_list, &list);
}

/* Some certificate, as DER and as PEM; its fingerprint in hex. */
static void
certificate_make(struct blob *der, struct blob *pem, char hex[65])
{
	const struct ca_names names = { "Somebody", "Root", "", "", "", 10 };
	EVP_PKEY *key = ca_key_new();
	unsigned char *p = NULL, sum[EVP_MAX_MD_SIZE];
	struct buf text = { 0 };
	struct err e = { 0 };
	unsigned n = 0;
	X509 *x = ca_root_new(key, &names, RIG_NOW, &e);
	int size;

	assert_non_null(x);
	size = i2d_X509(x, &p);
	assert_true(size > 0);
	blob_set(der, p, (size_t)size);
	cert_pem(&text, p, (size_t)size);
	blob_set(pem, text.data, text.size);
	assert_int_equal(X509_digest(x, EVP_sha256(), sum, &n), 1);
	hex_encode(hex, sum, n);
	OPENSSL_free(p);
	buf_clear(&text);
	X509_free(x);
	EVP_PKEY_free(key);
}

/* S1.2, S12.6: what was handed in waits, is named by its fingerprint in either
 * form, fails to come in without the signer, and is forgotten when it ends. */
static void
an_import_waits_for_the_director(void **state)
{
	struct seat operator = { .role = ROLE_OPERATOR };
	struct import_wish a = { 0 }, pem = { 0 };
	struct issuer made = { 0 };
	struct issuer_wish w = { 0 };
	struct ref one = { .ref = "1" }, two = { .ref = "2" };
	struct err e = { 0 };
	char hex[65];

	(void)state;
	certificate_make(&a.certificate, &pem.certificate, hex);
	blob_set(&a.roots, "roots", 5);
	blob_set(&pem.roots, "roots", 5);
	rig_sql("INSERT INTO issuer (name, purpose, state, der, root,"
	    " not_after) VALUES ('ica-server-1', 'server', 'active', x'',"
	    " x'', 2000000000)");
	rig_begin();
	assert_int_equal(serve_operator_issuer_import(&operator, &a, &made,
	    &e), 0);
	assert_int_equal(made.waits, 1);
	assert_int_equal(serve_operator_issuer_import(&operator, &pem, &made,
	    &e), 0);
	assert_int_equal(made.waits, 1);
	assert_non_null(strstr(made.text, "issuer confirm 1"));
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT sha256 FROM issuer_wish"), hex);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM alarm"
	    " WHERE kind = 'issuer' AND object = 'wish 1'"), "1");
	/* without a signer it does not come in, and goes on waiting */
	rig_begin();
	assert_int_equal(serve_issuer_confirm(&director, &one, &w, &e), -1);
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	db_rollback();
	assert_string_equal(rig_ask_sql("SELECT state || length(roots)"
	    " FROM issuer_wish WHERE length(certificate) > 0"), "waiting5");
	rig_begin();
	err_clear(&e);
	assert_int_equal(serve_issuer_drop(&director, &one, &w, &e), 0);
	REFUSED(serve_issuer_confirm(&director, &one, &w, &e),
	    "issuer-wish-state");
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT length(certificate) +"
	    " length(roots) FROM issuer_wish"), "0");
	rig_begin();
	/* asked for again; nobody answers for a week */
	assert_int_equal(serve_operator_issuer_import(&operator, &a, &made,
	    &e), 0);
	assert_int_equal(made.waits, 2);
	rig_commit();
	clock_set_for_test(RIG_NOW + 8 * 86400);
	rig_begin();
	issuer_wish_sweep();
	rig_commit();
	assert_string_equal(rig_ask_sql("SELECT length(certificate)"
	    " FROM issuer_wish WHERE number = 2"), "0");
	rig_begin();
	REFUSED(serve_issuer_confirm(&director, &two, &w, &e),
	    "issuer-wish-state");
	/* what is no certificate does not wait at all */
	a.certificate.data[0] ^= 1;
	REFUSED(serve_operator_issuer_import(&operator, &a, &made, &e),
	    "import-form");
	blob_clear(&a.certificate);
	REFUSED(serve_operator_issuer_import(&operator, &a, &made, &e),
	    "import-form");
	rig_commit();
	NOUN_CLEAR(import_wish, &a);
	NOUN_CLEAR(import_wish, &pem);
	NOUN_CLEAR(issuer, &made);
}

static void
the_last_director_stays(void **state)
{
	struct role_wish w = { .name = "second" };
	struct account a = { 0 };
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(serve_role_end(&director, &w, &a, &e), 0);
	assert_int_equal(role_of("second"), ROLE_MEMBER);
	str_copy(w.name, sizeof w.name, "director");
	REFUSED(serve_role_end(&director, &w, &a, &e),
	    "grant-last-director");
	str_copy(w.name, sizeof w.name, "alice");
	REFUSED(serve_role_end(&director, &w, &a, &e), "grant-state");
	rig_commit();
}

static void
hardware_keys_are_asked_for(void **state)
{
	struct role_grant g;
	struct err e = { 0 };

	(void)state;
	str_copy(conf.policy_hardware_roles,
	    sizeof conf.policy_hardware_roles, "staff finance");
	assert_true(role_wants_hardware(ROLE_STAFF));
	assert_false(role_wants_hardware(ROLE_AUDITOR));
	rig_begin();
	assert_int_equal(ask(&director, "alice", ROLE_STAFF, 0, &g, &e), 0);
	REFUSED(confirm(&staff, &g, &e), "grant-hardware");
	rig_commit();
	rig_sql("UPDATE ssh_key SET type = 'sk-ssh-ed25519@openssh.com'"
	    " WHERE account = (SELECT number FROM account"
	    " WHERE name = 'alice')");
	rig_begin();
	assert_int_equal(confirm(&staff, &g, &e), 0);
	rig_commit();
}

/* ---- halting ---- */

static struct halt_state
resume(struct seat *s, int result, struct err *e)
{
	struct halt_state h = { 0 };
	struct none none = { 0 };

	assert_int_equal(serve_halt_resume(s, &none, &h, e), result);
	return h;
}

static void
one_halts_and_two_go_on(void **state)
{
	struct text why = { 0 };
	struct halt_state h = { 0 };
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(issuing_allowed(&e), 0);
	blob_set(&why.text, "drill", 5);
	assert_int_equal(serve_halt_set(&director, &why, &h, &e), 0);
	assert_true(h.halted);
	assert_int_equal(issuing_allowed(&e), -1);
	assert_string_equal(e.clause, "halt");
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_non_null(strstr(e.text, "drill"));
	/* staff alone, be they two, cannot undo it */
	assert_true(resume(&staff, 0, &e).halted);
	assert_true(resume(&staff2, 0, &e).halted);
	assert_int_equal(issuing_allowed(&e), -1);
	resume(&staff2, -1, &e);
	assert_string_equal(e.clause, "halt-second");
	assert_false(resume(&director, 0, &e).halted);
	assert_int_equal(issuing_allowed(&e), 0);
	resume(&director, -1, &e);
	rig_commit();
	blob_clear(&why.text);
}

static void
the_director_alone_does_not_go_on(void **state)
{
	struct text none = { 0 };
	struct halt_state h = { 0 };
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(serve_halt_set(&director, &none, &h, &e), 0);
	assert_true(resume(&director, 0, &e).halted);
	resume(&director, -1, &e);
	assert_string_equal(e.clause, "halt-second");
	assert_int_equal(issuing_allowed(&e), -1);
	assert_false(resume(&staff, 0, &e).halted);
	rig_commit();
}

/* Who said it and has no role any more has said nothing. */
static void
a_word_of_one_without_a_role_does_not_resume(void **state)
{
	struct role_wish end = { .name = "staff" };
	struct account a = { 0 };
	struct text none = { 0 };
	struct halt_state h = { 0 };
	struct err e = { 0 };

	(void)state;
	rig_begin();
	assert_int_equal(serve_halt_set(&director, &none, &h, &e), 0);
	assert_true(resume(&staff, 0, &e).halted);
	assert_int_equal(serve_role_end(&director, &end, &a, &e), 0);
	h = resume(&director, 0, &e);
	assert_true(h.halted);
	assert_string_equal(h.resume_by, "director");
	assert_int_equal(issuing_allowed(&e), -1);
	assert_false(resume(&staff2, 0, &e).halted);
	rig_commit();
	/* suspended is as good as gone */
	memset(&h, 0, sizeof h);
	rig_begin();
	assert_int_equal(serve_halt_set(&director, &none, &h, &e), 0);
	assert_true(resume(&staff2, 0, &e).halted);
	rig_commit();
	rig_sql("UPDATE account SET state = 'suspended'"
	    " WHERE name = 'staff2'");
	rig_begin();
	assert_true(resume(&director, 0, &e).halted);
	rig_commit();
}

static void
the_policy_needs_the_directors_word(void **state)
{
	struct policy_word w = { 0 };
	struct policy_state p = { 0 };
	struct err e = { 0 };

	(void)state;
	conf.policy_acknowledgement = true;
	issuing_forget();
	rig_begin();
	REFUSED(issuing_allowed(&e), "policy-acknowledgement");
	memset(w.sha256, '0', 64);
	REFUSED(serve_policy_acknowledge(&director, &w, &p, &e),
	    "policy-hash");
	w.sha256[0] = '\0';
	assert_int_equal(serve_policy_acknowledge(&director, &w, &p, &e), 0);
	assert_string_equal(p.acknowledged_by, "director");
	assert_int_equal(issuing_allowed(&e), 0);
	rig_commit();
	NOUN_CLEAR(policy_state, &p);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE action = 'policy.acknowledge'"), "1");
}

static void
access_review_says_what_to_look_at(void **state)
{
	struct access_list list = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };
	bool found = false;

	(void)state;
	str_copy(conf.policy_hardware_roles,
	    sizeof conf.policy_hardware_roles, "director");
	rig_begin();
	assert_int_equal(serve_access_list(&staff, &none, &list, &e), 0);
	rig_commit();
	assert_int_equal(list.n_rows, 4);	/* no member among them */
	for (size_t i = 0; i < list.n_rows; i++)
		if (list.rows[i].role == ROLE_DIRECTOR) {
			assert_non_null(strstr(list.rows[i].text,
			    "hardware"));
			found = true;
		}
	assert_true(found);
	NOUN_CLEAR(access_list, &list);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_people, rig_close)
	const struct CMUnitTest tests[] = {
		T(two_people_give_a_role),
		T(who_is_no_director_any_more_has_given_nothing),
		T(nobody_gives_himself_a_role),
		T(what_is_no_role_is_refused),
		T(a_role_ends_with_its_time),
		T(a_role_that_nobody_uses_ends),
		T(the_operator_waits_for_the_director),
		T(an_import_waits_for_the_director),
		T(the_last_director_stays),
		T(hardware_keys_are_asked_for),
		T(one_halts_and_two_go_on),
		T(the_director_alone_does_not_go_on),
		T(a_word_of_one_without_a_role_does_not_resume),
		T(the_policy_needs_the_directors_word),
		T(access_review_says_what_to_look_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
