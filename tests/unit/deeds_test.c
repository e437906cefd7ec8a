/* deeds_test.c - a registrar that has been taken over, at the signer's socket:
 * it pins nobody's key and activates no issuer without the people who may, and
 * each signature serves once, for one thing, on its day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/signer/approvals.h"
#include "core/x509/statement.h"
#include "tests/unit/signer_help.h"
#include "tests/unit/sshsig_make.h"

enum { DIRECTOR_KEY, STAFF_KEY, MALLORY_KEY, KEYS };
static EVP_PKEY *keys[KEYS];
static char *lines[KEYS];

static void
pins_put(const char *more)
{
	struct buf b = { 0 };

	buf_printf(&b, "director director %s\nstaff %s desk\n%s",
	    lines[DIRECTOR_KEY], lines[STAFF_KEY], more);
	put_file("ca/approvers", b.data, b.size);
	buf_clear(&b);
}

static void
start(const char *policy)
{
	struct err e = { 0 };

	signer_fresh(true, policy);
	assert_int_equal(approvals_open(&signer_self, &e), 0);
	pins_put("");
}

static void
stop(void)
{
	approvals_close();
	signer_stop();
}

static void
deed_fill(struct deed *d, const char *kind)
{
	memset(d, 0, sizeof *d);
	str_copy(d->kind, sizeof d->kind, kind);
	str_copy(d->object, sizeof d->object, "7");
	memset(d->policy, 'a', 64);
}

/* mallory becomes staff, with her key. */
static void
grant_fill(struct deed *d)
{
	deed_fill(d, "grant");
	deed_put(d, "account", "mallory");
	deed_put(d, "role", "staff");
	deed_put(d, "until", "never");
	deed_put(d, "asked-by", "director");
	deed_put(d, "reason", "a new colleague");
	deed_put(d, "key", "%s", lines[MALLORY_KEY]);
}

static void
sign_in(struct deed *d, const char *by, EVP_PKEY *key, int64_t at,
    const char *space)
{
	struct approval_signature *a = LIST_ADD(d, signatures);
	struct buf b = { 0 };

	str_copy(a->approver, sizeof a->approver, by);
	a->at = at;
	statement_deed(&b, signer_self.conf.service_name, d, by, at);
	sshsig_make(&a->signature, key, space, b.data, b.size, -1);
	buf_clear(&b);
}

static void
sign_by(struct deed *d, const char *by, int key)
{
	sign_in(d, by, keys[key], clock_now(), STATEMENT_SPACE);
}

static void
signatures_forget(struct deed *d)
{
	while (d->n_signatures > 0)
		blob_clear(&d->signatures[--d->n_signatures].signature);
}

static const char *
clause_of(const struct deed *d)
{
	static struct err e;
	struct none none = { 0 };

	memset(&e, 0, sizeof e);
	serve_sign_deed(NULL, d, &none, &e);
	return e.clause;
}

/* In what does this key of that person count? */
static unsigned
roles_of(const char *name, int key)
{
	struct blob pins = { 0 };
	struct sshsig sig;
	struct err e = { 0 };
	unsigned roles;

	assert_int_equal(sshsig_key_line(lines[key], sig.key, &sig.key_size,
	    &e), 0);
	assert_int_equal(pins_read(&signer_self, &pins, &e), 0);
	roles = pins_roles(&pins, name, &sig, clock_now());
	blob_clear(&pins);
	return roles;
}

#define STAFF_BIT ROLE_BIT(ROLE_STAFF)

static void
a_registrar_pins_nobody_without_two_people(void **state)
{
	struct deed d;

	(void)state;
	start("");
	grant_fill(&d);
	assert_string_equal(clause_of(&d), "signed-deed");
	sign_by(&d, "director", DIRECTOR_KEY);
	assert_string_equal(clause_of(&d), "signed-deed");
	/* twice the same, by one's own key, by a key that is not pinned */
	sign_by(&d, "director", DIRECTOR_KEY);
	assert_string_equal(clause_of(&d), "signed-deed");
	signatures_forget(&d);
	sign_by(&d, "director", DIRECTOR_KEY);
	sign_by(&d, "mallory", MALLORY_KEY);
	assert_string_equal(clause_of(&d), "signed-approval");
	signatures_forget(&d);
	sign_by(&d, "director", DIRECTOR_KEY);
	sign_by(&d, "staff", MALLORY_KEY);
	assert_string_equal(clause_of(&d), "signed-approval");
	/* the right keys under each other's names */
	signatures_forget(&d);
	sign_by(&d, "director", STAFF_KEY);
	sign_by(&d, "staff", DIRECTOR_KEY);
	assert_string_equal(clause_of(&d), "signed-approval");
	assert_int_equal(roles_of("mallory", MALLORY_KEY), 0);
	NOUN_CLEAR(deed, &d);
	stop();
}

/* One person with two accounts and one key is one person. */
static void
one_key_under_two_names_is_one_person(void **state)
{
	struct buf more = { 0 };
	struct deed d;

	(void)state;
	start("");
	buf_printf(&more, "second %s\n%c", lines[DIRECTOR_KEY], 0);
	pins_put((const char *)more.data);
	grant_fill(&d);
	sign_by(&d, "director", DIRECTOR_KEY);
	sign_by(&d, "second", DIRECTOR_KEY);
	assert_string_equal(clause_of(&d), "signed-deed");
	assert_int_equal(roles_of("mallory", MALLORY_KEY), 0);
	signatures_forget(&d);
	sign_by(&d, "director", DIRECTOR_KEY);
	sign_by(&d, "staff", STAFF_KEY);
	assert_string_equal(clause_of(&d), "");
	buf_clear(&more);
	NOUN_CLEAR(deed, &d);
	stop();
}

static void
without_a_director_two_of_the_staff_pin_nobody(void **state)
{
	struct buf more = { 0 };
	struct deed d;

	(void)state;
	start("");
	buf_printf(&more, "staff2 %s\n%c", lines[MALLORY_KEY], 0);
	pins_put((const char *)more.data);
	grant_fill(&d);
	str_copy(d.lines[0].value, sizeof d.lines[0].value, "eve");
	sign_by(&d, "staff", STAFF_KEY);
	sign_by(&d, "staff2", MALLORY_KEY);
	assert_string_equal(clause_of(&d), "signed-deed");
	buf_clear(&more);
	NOUN_CLEAR(deed, &d);
	stop();
}

static void
who_gets_the_role_does_not_sign_for_it(void **state)
{
	struct deed d;

	(void)state;
	start("");
	grant_fill(&d);
	str_copy(d.lines[0].value, sizeof d.lines[0].value, "staff");
	sign_by(&d, "director", DIRECTOR_KEY);
	sign_by(&d, "staff", STAFF_KEY);
	assert_string_equal(clause_of(&d), "grant-own");
	NOUN_CLEAR(deed, &d);
	stop();
}

static void
two_people_pin_exactly_what_they_signed_and_once(void **state)
{
	struct pin_end gone = { .name = "mallory" };
	struct none none = { 0 };
	struct err e = { 0 };
	struct deed d;

	(void)state;
	start("");
	grant_fill(&d);
	sign_by(&d, "director", DIRECTOR_KEY);
	sign_by(&d, "staff", STAFF_KEY);
	/* another role, account, key, end, number or policy than was signed */
	for (size_t i = 0; i < d.n_lines; i++) {
		struct deed_line was = d.lines[i];

		str_copy(d.lines[i].value, 64, i == 1 ? "director" :
		    i == 2 ? "2099-01-01" : "eve");
		assert_string_equal(clause_of(&d), "sshsig-signature");
		d.lines[i] = was;
	}
	d.object[0] = '8';
	assert_string_equal(clause_of(&d), "sshsig-signature");
	d.object[0] = '7';
	d.policy[5] = 'b';
	assert_string_equal(clause_of(&d), "sshsig-signature");
	d.policy[5] = 'a';
	assert_int_equal(roles_of("mallory", MALLORY_KEY), 0);
	assert_string_equal(clause_of(&d), "");
	assert_int_equal(roles_of("mallory", MALLORY_KEY), STAFF_BIT);
	assert_int_equal(roles_of("staff", STAFF_KEY), STAFF_BIT);
	/* taken away without a signature; and not given again by the old */
	assert_int_equal(serve_sign_unpin(NULL, &gone, &none, &e), 0);
	assert_int_equal(roles_of("mallory", MALLORY_KEY), 0);
	assert_int_equal(roles_of("staff", STAFF_KEY), STAFF_BIT);
	assert_string_equal(clause_of(&d), "statement-used");
	approvals_close();
	assert_int_equal(approvals_open(&signer_self, &e), 0);
	assert_string_equal(clause_of(&d), "statement-used");
	assert_int_equal(roles_of("mallory", MALLORY_KEY), 0);
	NOUN_CLEAR(deed, &d);
	stop();
}

static void
a_pin_ends_with_its_time_and_an_auditor_has_none(void **state)
{
	struct deed d;
	char end[TIME_TEXT_SIZE];

	(void)state;
	start("");
	grant_fill(&d);
	time_text(end, clock_now() - 5);
	str_copy(d.lines[2].value, sizeof d.lines[2].value, end);
	sign_by(&d, "director", DIRECTOR_KEY);
	sign_by(&d, "staff", STAFF_KEY);
	assert_string_equal(clause_of(&d), "");
	assert_int_equal(roles_of("mallory", MALLORY_KEY), 0);
	NOUN_CLEAR(deed, &d);
	grant_fill(&d);
	str_copy(d.lines[1].value, sizeof d.lines[1].value, "auditor");
	sign_by(&d, "director", DIRECTOR_KEY);
	sign_by(&d, "staff", STAFF_KEY);
	assert_string_equal(clause_of(&d), "");
	assert_int_equal(roles_of("mallory", MALLORY_KEY), 0);
	NOUN_CLEAR(deed, &d);
	stop();
}

/* A statement for one thing is none for another, however it is bent. */
static void
kinds_namespaces_and_days_do_not_mix(void **state)
{
	static const char *const kinds[] = { "revoke-many", "grant",
		"policy", "resume", "issuer" };
	struct approval_signature *a = NULL;
	struct deed d;

	(void)state;
	start("");
	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < 5; k++) {
			grant_fill(&d);
			str_copy(d.kind, sizeof d.kind, kinds[i]);
			sign_by(&d, "director", DIRECTOR_KEY);
			sign_by(&d, "director", DIRECTOR_KEY);
			str_copy(d.kind, sizeof d.kind, kinds[k]);
			if (i != k)
				assert_string_equal(clause_of(&d),
				    "sshsig-signature");
			NOUN_CLEAR(deed, &d);
		}
	deed_fill(&d, "approve");
	sign_by(&d, "director", DIRECTOR_KEY);
	assert_string_equal(clause_of(&d), "statement-form");
	NOUN_CLEAR(deed, &d);
	deed_fill(&d, "resume");
	sign_in(&d, "director", keys[DIRECTOR_KEY], clock_now(), "file");
	assert_string_equal(clause_of(&d), "sshsig-namespace");
	signatures_forget(&d);
	/* yesterday's; and tomorrow's, that is: the clock stepped back */
	sign_in(&d, "director", keys[DIRECTOR_KEY],
	    clock_now() - STATEMENT_SECONDS - 5, STATEMENT_SPACE);
	assert_string_equal(clause_of(&d), "statement-time");
	signatures_forget(&d);
	sign_in(&d, "director", keys[DIRECTOR_KEY],
	    clock_now() + STATEMENT_AHEAD + 5, STATEMENT_SPACE);
	assert_string_equal(clause_of(&d), "statement-time");
	signatures_forget(&d);
	/* every cut of the signature */
	sign_by(&d, "director", DIRECTOR_KEY);
	a = &d.signatures[0];
	while (a->signature.size > 3) {
		a->signature.size -= 3;
		assert_string_equal(clause_of(&d), "sshsig-form");
	}
	NOUN_CLEAR(deed, &d);
	stop();
}

static void
lines_stay_lines(void **state)
{
	struct deed d;

	(void)state;
	start("");
	deed_fill(&d, "resume");
	deed_put(&d, "reason", "%s", "tired\nkind grant\r\x7f");
	assert_string_equal(d.lines[0].value, "tired?kind grant??");
	/* a registrar that does not take that care */
	str_copy(d.lines[0].value, 64, "tired\naccount mallory");
	sign_by(&d, "director", DIRECTOR_KEY);
	assert_string_equal(clause_of(&d), "statement-form");
	signatures_forget(&d);
	str_copy(d.lines[0].value, 64, "tired");
	str_copy(d.lines[0].word, 24, "a b");
	sign_by(&d, "director", DIRECTOR_KEY);
	assert_string_equal(clause_of(&d), "statement-form");
	NOUN_CLEAR(deed, &d);
	stop();
}

static void
the_policy_is_the_directors(void **state)
{
	struct deed d;

	(void)state;
	start("");
	deed_fill(&d, "policy");
	deed_put(&d, "sha256", "%064d", 0);
	sign_by(&d, "staff", STAFF_KEY);
	assert_string_equal(clause_of(&d), "signed-approval");
	signatures_forget(&d);
	sign_by(&d, "director", DIRECTOR_KEY);
	assert_string_equal(clause_of(&d), "");
	assert_string_equal(clause_of(&d), "statement-used");
	NOUN_CLEAR(deed, &d);
	stop();
}

/* A director's pin is no approver's. */
static void
who_may_grant_does_not_approve(void **state)
{
	struct sign_wish w = { 0 };
	struct approval_signature *a = NULL;
	struct none none = { 0 };
	struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	start("signed_approvals = yes\n");
	wish_fill(&w, 7, "montague.example", NULL);
	a = LIST_ADD(&w, approvals);
	str_copy(a->approver, sizeof a->approver, "director");
	a->at = clock_now();
	statement_approve(&b, signer_self.conf.service_name, &w, "director",
	    a->at);
	sshsig_make(&a->signature, keys[DIRECTOR_KEY], STATEMENT_SPACE,
	    b.data, b.size, -1);
	assert_int_equal(serve_sign_approval_check(NULL, &w, &none, &e), -1);
	assert_string_equal(e.clause, "signed-approval");
	buf_clear(&b);
	NOUN_CLEAR(sign_wish, &w);
	stop();
}

static void
another_issuer_is_activated_by_the_director_alone(void **state)
{
	struct issuer_signed both = { .what = { .deed = "activate",
		.name = "ica-server-1" } };
	struct none none = { 0 };
	struct err e = { 0 };

	(void)state;
	start("signed_approvals = director\nissuer_second = yes\n");
	/* the first of all is the operator's */
	assert_int_equal(serve_sign_issuer_deed(NULL, &both.what, &none, &e),
	    0);
	assert_int_equal(serve_sign_issuer_deed(NULL, &both.what, &none, &e),
	    -1);
	assert_string_equal(e.clause, "signed-deed");
	deed_fill(&both.deed, "issuer");
	deed_put(&both.deed, "deed", "retire");
	deed_put(&both.deed, "issuer", "ica-server-1");
	sign_by(&both.deed, "director", DIRECTOR_KEY);
	/* signed for something else; by somebody else */
	assert_int_equal(serve_sign_issuer_signed(NULL, &both, &none, &e),
	    -1);
	assert_string_equal(e.clause, "signed-deed");
	str_copy(both.deed.lines[0].value, 16, "activate");
	assert_int_equal(serve_sign_issuer_signed(NULL, &both, &none, &e),
	    -1);
	assert_string_equal(e.clause, "sshsig-signature");
	signatures_forget(&both.deed);
	sign_by(&both.deed, "staff", STAFF_KEY);
	assert_int_equal(serve_sign_issuer_signed(NULL, &both, &none, &e),
	    -1);
	assert_string_equal(e.clause, "signed-approval");
	signatures_forget(&both.deed);
	sign_by(&both.deed, "director", DIRECTOR_KEY);
	assert_int_equal(serve_sign_issuer_signed(NULL, &both, &none, &e), 0);
	assert_int_equal(serve_sign_issuer_signed(NULL, &both, &none, &e),
	    -1);
	assert_string_equal(e.clause, "statement-used");
	/* what only takes away needs nobody */
	str_copy(both.what.deed, sizeof both.what.deed, "retire");
	assert_int_equal(serve_sign_issuer_deed(NULL, &both.what, &none, &e),
	    0);
	NOUN_CLEAR(issuer_signed, &both);
	stop();
}

/* No room to remember that it was used: nothing is pinned. */
static void
a_full_disk_pins_nobody(void **state)
{
	struct rlimit old, none = { 0, 0 };
	struct deed d;

	(void)state;
	start("");
	grant_fill(&d);
	sign_by(&d, "director", DIRECTOR_KEY);
	sign_by(&d, "staff", STAFF_KEY);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	none.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &none);
	assert_string_equal(clause_of(&d), "signer-journal");
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(roles_of("mallory", MALLORY_KEY), 0);
	/* and with room it counts: it was not used */
	assert_string_equal(clause_of(&d), "");
	assert_int_equal(roles_of("mallory", MALLORY_KEY), STAFF_BIT);
	NOUN_CLEAR(deed, &d);
	stop();
}

/* The file of pinned keys is read whole, so it has its bound; what is there
 * stays. */
static void
a_full_file_of_keys_takes_no_more(void **state)
{
	struct buf more = { 0 };
	struct err e = { 0 };

	(void)state;
	start("");
	/* room for 60 bytes, which no key's line has */
	while (more.size + strlen(lines[DIRECTOR_KEY]) +
	    strlen(lines[STAFF_KEY]) + 31 < (64u << 10) - 60)
		buf_printf(&more, "# a line that says nothing at all, %zu\n",
		    more.size);
	buf_put_u8(&more, '\0');
	pins_put((const char *)more.data);
	assert_int_equal(pins_replace(&signer_self, "mallory", ROLE_STAFF, 0,
	    (const char *const *)&lines[MALLORY_KEY], 1, &e), -1);
	assert_string_equal(e.clause, "approver");
	assert_int_equal(roles_of("mallory", MALLORY_KEY), 0);
	assert_int_equal(roles_of("staff", STAFF_KEY), STAFF_BIT);
	buf_clear(&more);
	stop();
}

static int
begin(void **state)
{
	for (int i = 0; i < KEYS; i++) {
		keys[i] = i == STAFF_KEY ?
		    EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") :
		    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		lines[i] = key_line(keys[i], false);
	}
	return folder_begin(state);
}

static int
end(void **state)
{
	for (int i = 0; i < KEYS; i++) {
		EVP_PKEY_free(keys[i]);
		free(lines[i]);
	}
	return folder_end(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registrar_pins_nobody_without_two_people),
		cmocka_unit_test(one_key_under_two_names_is_one_person),
		cmocka_unit_test(
		    without_a_director_two_of_the_staff_pin_nobody),
		cmocka_unit_test(who_gets_the_role_does_not_sign_for_it),
		cmocka_unit_test(
		    two_people_pin_exactly_what_they_signed_and_once),
		cmocka_unit_test(
		    a_pin_ends_with_its_time_and_an_auditor_has_none),
		cmocka_unit_test(kinds_namespaces_and_days_do_not_mix),
		cmocka_unit_test(lines_stay_lines),
		cmocka_unit_test(the_policy_is_the_directors),
		cmocka_unit_test(who_may_grant_does_not_approve),
		cmocka_unit_test(
		    another_issuer_is_activated_by_the_director_alone),
		cmocka_unit_test(a_full_disk_pins_nobody),
		cmocka_unit_test(a_full_file_of_keys_takes_no_more),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
