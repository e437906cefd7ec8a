/* names_test.c - domain names have one form or a reason why not (R3.3). */
#include "tests/unit/check.h"

#include "core/x509/names.h"

#define L63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"
#define L56 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffff"
#define L50 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"

struct accept_case {
	const char *in, *ascii, *shown;
	bool repaired;
};

static void
good_names_get_one_canonical_form_R3_3(void **state)
{
	static const struct accept_case cases[] = {
		{ "jabber.org", "jabber.org", "jabber.org", false },
		{ "Jabber.ORG", "jabber.org", "jabber.org", true },
		{ "jabber.org.", "jabber.org", "jabber.org", true },
		{ "a-1.jabber.org", "a-1.jabber.org", "a-1.jabber.org", false },
		{ "1und1.de", "1und1.de", "1und1.de", false },
		{ L63 ".org", L63 ".org", L63 ".org", false },
		/* 253 octets, the most that a name may have */
		{ L63 "." L63 "." L63 "." L56 ".work",
		    L63 "." L63 "." L63 "." L56 ".work",
		    L63 "." L63 "." L63 "." L56 ".work", false },
		{ "b\xc3\xbc" "cher.de", "xn--bcher-kva.de",
		    "b\xc3\xbc" "cher.de", false },
		{ "B\xc3\x9c" "CHER.de", "xn--bcher-kva.de",
		    "b\xc3\xbc" "cher.de", true },
		{ "bu\xcc\x88" "cher.de", "xn--bcher-kva.de",
		    "b\xc3\xbc" "cher.de", true },		/* NFD */
		{ "xn--bcher-kva.de", "xn--bcher-kva.de",
		    "b\xc3\xbc" "cher.de", false },
		{ "XN--Bcher-KVA.de", "xn--bcher-kva.de",
		    "b\xc3\xbc" "cher.de", true },
		/* sharp s stays itself: no transitional mapping */
		{ "stra\xc3\x9f" "e.de", "xn--strae-oqa.de",
		    "stra\xc3\x9f" "e.de", false },
		{ "\xd0\x9f\xd0\xa0\xd0\x98\xd0\x9c\xd0\x95\xd0\xa0.org",
		    "xn--e1afmkfd.org",
		    "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.org",
		    true },
		{ "\xe4\xbe\x8b\xe5\xad\x90.com", "xn--fsqu00a.com",
		    "\xe4\xbe\x8b\xe5\xad\x90.com", false },
		/* a letter of a right-to-left script is no direction control */
		{ "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d.com", "xn--9dbne9b.com",
		    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d.com", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct domain_form f;
		struct err e = { 0 };

		if (domain_parse(cases[i].in, strlen(cases[i].in), false, &f,
		    &e) != 0)
			fail_msg("%s: %s %s", cases[i].in, e.clause, e.text);
		assert_string_equal(f.ascii, cases[i].ascii);
		assert_string_equal(f.shown, cases[i].shown);
		assert_int_equal(f.repaired, cases[i].repaired);
	}
}

static void
refuses(const char *in, size_t n, bool special, const char *rule)
{
	struct domain_form f;
	struct err e = { 0 };

	if (domain_parse(in, n, special, &f, &e) == 0)
		fail_msg("%s was accepted as %s", in, f.ascii);
	if (strcmp(e.clause, rule) != 0)
		fail_msg("%s: %s (%s) instead of %s", in, e.clause, e.text,
		    rule);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_int_equal(f.ascii[0], 0);
}

static void
bad_names_are_refused_with_their_rule_R3_3(void **state)
{
	static const struct {
		const char *in, *rule;
	} cases[] = {
		{ "", "name-empty" },
		{ ".", "name-label" },
		{ ".org", "name-label" },
		{ "a..org", "name-label" },
		{ "jabber.org..", "name-label" },
		{ "-a.org", "name-label" },
		{ "a-.org", "name-label" },
		{ "ab--c.org", "name-label" },
		{ "user@jabber.org", "name-label" },
		{ "jabber.org/home", "name-label" },
		{ "a\\b.org", "name-label" },
		{ "a;b.org", "name-label" },
		{ L63 "4.org", "name-length" },
		{ L50 "." L50 "." L50 "." L50 "." L50 ".org", "name-length" },
		{ "*.jabber.org", "name-wildcard" },
		{ "xmpp*.jabber.org", "name-wildcard" },
		{ "192.0.2.1", "name-ip" },
		{ "2001:db8::1", "name-ip" },
		{ "[2001:db8::1]", "name-ip" },
		{ "3221225985", "name-ip" },
		{ "jabber", "name-single-label" },
		{ "com", "name-single-label" },
		{ "jabber.42", "name-numeric-tld" },
		{ "jabber.0x7f", "name-numeric-tld" },
		{ "_xmpp-server._tcp.jabber.org", "name-underscore" },
		{ "my_host.jabber.org", "name-underscore" },
		{ "jabber .org", "name-control" },
		{ "jabber.org\n", "name-control" },
		{ "\033[2Jjabber.org", "name-control" },
		{ "a\xc2\x85" "b.org", "name-control" },
		{ "a\xc2\xa0" "b.org", "name-control" },
		{ "a\xe2\x80\xae" "b.org", "name-bidi" },
		{ "a\xe2\x80\x8d" "b.org", "name-bidi" },
		{ "a\xc2\xad" "b.org", "name-bidi" },
		{ "a\xef\xbb\xbf" "b.org", "name-bidi" },
		{ "a\xff.org", "name-idna" },
		{ "a\xe2\x99\xa5.org", "name-idna" },		/* heart */
		{ "a\xef\xbd\x81.org", "name-idna" },		/* fullwidth a */
		{ "a\xe3\x80\x82org", "name-idna" },		/* other full stop */
		{ "\xcc\x81" "a.org", "name-idna" },		/* leading accent */
		{ "\xd7\xa9" "a.org", "name-idna" },		/* mixed direction */
		{ "xn--a.org", "name-idna" },
		{ "xn--99999999.org", "name-roundtrip" },
		{ "xn--bucher-xyd.org", "name-roundtrip" },
		{ "xn--b-eha1936q.org", "name-idna" },
		{ "xn--bc-xka6503a.org", "name-idna" },
		{ "xn--.org", "name-roundtrip" },
		{ "xn--bcher-kva-.org", "name-roundtrip" },
		{ "co.uk", "name-public-suffix" },
		{ "github.io", "name-public-suffix" },
		{ "localhost", "name-single-label" },
		{ "a.localhost", "name-special-use" },
		{ "a.local", "name-special-use" },
		{ "a.test", "name-special-use" },
		{ "a.example", "name-special-use" },
		{ "example.com", "name-special-use" },
		{ "chat.example.org", "name-special-use" },
		{ "a.invalid", "name-special-use" },
		{ "abcdefghij.onion", "name-special-use" },
		{ "1.168.192.in-addr.arpa", "name-special-use" },
		{ "nas.home.arpa", "name-special-use" },
		{ "chat.internal", "name-special-use" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		refuses(cases[i].in, strlen(cases[i].in), false,
		    cases[i].rule);
	refuses("jabber.org\0.evil.org", 20, false, "name-control");
}

static void
a_trial_may_use_special_names_but_no_public_suffix(void **state)
{
	struct domain_form f;

	(void)state;
	assert_int_equal(domain_parse("chat.alpha.example", 18, true, &f,
	    NULL), 0);
	assert_int_equal(domain_parse("alpha.test", 10, true, &f, NULL), 0);
	assert_int_equal(domain_parse("example.org", 11, true, &f, NULL), 0);
	refuses("localhost", 9, true, "name-single-label");
	refuses("co.uk", 5, true, "name-public-suffix");
	refuses("*.example", 9, true, "name-wildcard");
}

static void
a_canonical_form_parses_to_itself(void **state)
{
	static const char *const names[] = { ("b\xc3\xbc" "cher.de"),
		"Jabber.ORG.", "xn--bcher-kva.de" };
	struct domain_form first, again;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(domain_parse(names[i], strlen(names[i]),
		    false, &first, NULL), 0);
		assert_int_equal(domain_parse(first.ascii,
		    strlen(first.ascii), false, &again, NULL), 0);
		assert_string_equal(again.ascii, first.ascii);
		assert_string_equal(again.shown, first.shown);
		assert_false(again.repaired);
		assert_int_equal(domain_parse(first.shown,
		    strlen(first.shown), false, &again, NULL), 0);
		assert_string_equal(again.ascii, first.ascii);
		assert_false(again.repaired);
	}
}

static void
a_proof_covers_the_domain_and_its_subdomains_J1_3(void **state)
{
	(void)state;
	assert_true(domain_covers("jabber.org", "jabber.org", false));
	assert_true(domain_covers("jabber.org", "jabber.org", true));
	assert_true(domain_covers("jabber.org", "a.b.jabber.org", true));
	assert_false(domain_covers("jabber.org", "a.jabber.org", false));
	assert_false(domain_covers("jabber.org", "notjabber.org", true));
	assert_false(domain_covers("a.jabber.org", "jabber.org", true));
	assert_false(domain_covers("jabber.org", "jabber.org.evil.net",
	    true));
	assert_true(domain_covers("alpha.example", "chat.alpha.example",
	    true));
	/* nobody's proof reaches across a public suffix */
	assert_false(domain_covers("github.io", "alice.github.io", true));
	assert_false(domain_covers("amazonaws.com",
	    "bucket.s3.amazonaws.com", true));
}

static void
a_parent_lies_below_the_public_suffix_J1_4(void **state)
{
	(void)state;
	assert_true(domain_is_parent("jabber.org", "chat.jabber.org"));
	assert_true(domain_is_parent("chat.jabber.org", "chat.jabber.org"));
	assert_true(domain_is_parent("jabber.co.uk", "chat.jabber.co.uk"));
	assert_false(domain_is_parent("org", "chat.jabber.org"));
	assert_false(domain_is_parent("co.uk", "chat.jabber.co.uk"));
	assert_false(domain_is_parent("abber.org", "jabber.org"));
	assert_false(domain_is_parent("chat.jabber.org", "jabber.org"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_names_get_one_canonical_form_R3_3),
		cmocka_unit_test(bad_names_are_refused_with_their_rule_R3_3),
		cmocka_unit_test(
		    a_trial_may_use_special_names_but_no_public_suffix),
		cmocka_unit_test(a_canonical_form_parses_to_itself),
		cmocka_unit_test(
		    a_proof_covers_the_domain_and_its_subdomains_J1_3),
		cmocka_unit_test(a_parent_lies_below_the_public_suffix_J1_4),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
