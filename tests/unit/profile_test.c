/* profile_test.c - what the profiles make, and the signer's own check of a
 * wish (S5.1, S5.2, G1, G2). */
#include "tests/unit/check.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/x509/profile.h"

#define NOW 1795360000

static struct name *names;
static size_t n_names;
static char cn[65];
static int64_t from, until;
static const struct profile *profile;

static void
begin(const char *name, const char *const *domains, size_t n)
{
	struct domain_form forms[101];

	free(names);
	names = NULL;
	n_names = 0;
	profile = profile_find(name);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(domain_parse(domains[i], strlen(domains[i]),
		    true, &forms[i], NULL), 0);
	profile_names(profile, forms, n, &names, &n_names);
	profile_subject_cn(forms[0].ascii, cn);
	clock_set_for_test(NOW);
	from = NOW - 3600;
	until = from + 90 * 86400 - 1;
}

static void
checks(const char *rule)
{
	struct err e = { 0 };
	int rc = profile_check(profile, cn, names, n_names, from, until, &e);

	assert_string_equal(rc == 0 ? "ok" : e.clause, rule);
}

static const char *const two[] = { "alpha.example",
	"b\xc3\xbc" "cher.example" };

static int
teardown(void **state)
{
	(void)state;
	free(names);
	names = NULL;
	clock_set_for_test(0);
	return 0;
}

static void
profiles_are_listed_with_the_default_first(void **state)
{
	(void)state;
	assert_string_equal(profile_at(0)->name, "xmpp-server");
	assert_string_equal(profile_at(1)->name, "xmpp-s2s");
	assert_string_equal(profile_at(2)->name, "xmpp-rfc3920");
	assert_string_equal(profile_at(3)->name, "xmpp-person");
	assert_null(profile_at(4));
	assert_null(profile_find("xmpp-root"));
	assert_null(profile_find(""));
}

static void
each_profile_has_an_XMPP_identity_and_both_uses_G1_S5_2(void **state)
{
	const struct profile *p;

	(void)state;
	for (size_t i = 0; (p = profile_at(i)) != NULL; i++) {
		if (p->person) {	/* G5: of no use to a server */
			assert_true(p->client_auth && !p->server_auth);
			assert_false(p->dns_name || p->srv_server ||
			    p->srv_client || p->xmpp_addr);
			assert_string_equal(p->purpose, "person");
			continue;
		}
		assert_true(p->srv_server || p->srv_client || p->xmpp_addr);
		assert_true(p->server_auth && p->client_auth);
		assert_in_range(p->longest_days, 1, 398);
		assert_true(p->meaning != NULL && p->meaning[0] != '\0');
		assert_string_equal(p->purpose, "server");
	}
	assert_false(profile_find("xmpp-s2s")->dns_name);	/* G2 */
	assert_non_null(strstr(profile_find("xmpp-rfc3920")->warning,
	    "ejabberd"));
}

static void
names_are_made_by_domain_in_order_S5_1_R3_3(void **state)
{
	static const struct { enum name_kind kind; const char *value; } want[] = {
		{ NAME_DNS, "alpha.example" },
		{ NAME_SRV_SERVER, "alpha.example" },
		{ NAME_SRV_CLIENT, "alpha.example" },
		{ NAME_XMPP, "alpha.example" },
		{ NAME_DNS, "xn--bcher-kva.example" },
		{ NAME_SRV_SERVER, "xn--bcher-kva.example" },
		{ NAME_SRV_CLIENT, "xn--bcher-kva.example" },
		{ NAME_XMPP, "b\xc3\xbc" "cher.example" },
	};

	(void)state;
	begin("xmpp-rfc3920", two, 2);
	assert_int_equal(n_names, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(names[i].kind, want[i].kind);
		assert_string_equal(names[i].value, want[i].value);
	}
	checks("ok");
	begin("xmpp-server", two, 2);
	assert_int_equal(n_names, 6);
	checks("ok");
	begin("xmpp-s2s", two, 2);
	assert_int_equal(n_names, 4);
	checks("ok");
}

static void
only_the_profile_s_own_names_pass_S5_1(void **state)
{
	(void)state;
	begin("xmpp-server", two, 2);
	n_names = 0;
	checks("profile-names");
	n_names = 5;
	checks("profile-names");
	n_names = 6;
	names[1].kind = NAME_DNS;
	checks("profile-names");
	names[1].kind = NAME_SRV_SERVER;
	str_copy(names[1].value, sizeof names[1].value, "evil.example");
	checks("profile-names");
	str_copy(names[1].value, sizeof names[1].value, "Alpha.example");
	checks("profile-names");
	str_copy(names[1].value, sizeof names[1].value, "alpha.example");
	checks("ok");
	profile = profile_find("xmpp-s2s");
	checks("profile-names");
	profile = profile_find("xmpp-rfc3920");
	checks("profile-names");
	profile = profile_find("xmpp-server");
	/* the whole group in another than the canonical form */
	for (int i = 0; i < 3; i++)
		str_copy(names[i].value, sizeof names[i].value,
		    "Alpha.example");
	checks("profile-names");
	for (int i = 0; i < 3; i++)
		str_copy(names[i].value, sizeof names[i].value,
		    "*.alpha.example");
	checks("name-wildcard");
	for (int i = 0; i < 3; i++)
		str_copy(names[i].value, sizeof names[i].value,
		    "xn--bcher-kva.example");
	checks("profile-names");		/* twice */
}

static void
the_cn_is_the_first_domain_or_none_when_too_long_S5_3(void **state)
{
	static const char *const exact[] = { "aaaaaaaaaabbbbbbbbbbccccccccccddd"
	    "dddddddeeeeeeeeee12.alphabet." "example" };
	static const char *const longer[] = { "aaaaaaaaaabbbbbbbbbbccccccccccddd"
	    "dddddddeeeeeeeeee123.alphabet.org.example" };

	(void)state;
	begin("xmpp-server", two, 2);
	assert_string_equal(cn, "alpha.example");
	str_copy(cn, sizeof cn, "xn--bcher-kva.example");
	checks("profile-cn");
	str_copy(cn, sizeof cn, "");
	checks("profile-cn");
	begin("xmpp-server", exact, 1);
	assert_string_equal(cn, strlen(exact[0]) <= 64 ? exact[0] : "");
	checks("ok");
	begin("xmpp-server", longer, 1);
	assert_true(strlen(longer[0]) > 64);
	assert_string_equal(cn, "");
	checks("ok");
}

static void
dates_stay_within_the_profile_to_the_second_S5_3(void **state)
{
	(void)state;
	begin("xmpp-server", two, 2);
	until = from + 398 * 86400 - 1;		/* notAfter is inclusive */
	checks("ok");
	until++;
	checks("profile-dates");
	until = from;
	checks("profile-dates");
	until = from - 1;
	checks("profile-dates");
	begin("xmpp-server", two, 2);
	from = NOW - 3600 - 300;
	checks("ok");
	from--;
	checks("profile-dates");
	from = NOW + 301;
	checks("profile-dates");
}

static void
a_hundred_domains_and_no_more_R3_2(void **state)
{
	char text[101][64];
	const char *domains[101];

	(void)state;
	for (int i = 0; i < 101; i++) {
		snprintf(text[i], sizeof text[i], "h%d.alpha.example", i);
		domains[i] = text[i];
	}
	begin("xmpp-rfc3920", domains, 100);
	assert_int_equal(n_names, 400);
	checks("ok");
	begin("xmpp-rfc3920", domains, 101);
	checks("profile-names");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_are_listed_with_the_default_first),
		cmocka_unit_test(
		    each_profile_has_an_XMPP_identity_and_both_uses_G1_S5_2),
		cmocka_unit_test(names_are_made_by_domain_in_order_S5_1_R3_3),
		cmocka_unit_test(only_the_profile_s_own_names_pass_S5_1),
		cmocka_unit_test(
		    the_cn_is_the_first_domain_or_none_when_too_long_S5_3),
		cmocka_unit_test(
		    dates_stay_within_the_profile_to_the_second_S5_3),
		cmocka_unit_test(a_hundred_domains_and_no_more_R3_2),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
