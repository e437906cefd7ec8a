/* jid_test.c - the address of a person has one form, or none (G5). */
#include "tests/unit/check.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/x509/jid.h"
#include "core/x509/profile.h"

static const char *
clause_of(const char *in)
{
	static struct err e;
	struct jid_form f;

	err_clear(&e);
	return jid_parse(in, strlen(in), true, &f, &e) == 0 ? "ok" : e.clause;
}

static void
addresses_are_prepared_once(void **state)
{
	static const struct { const char *in, *out; } rows[] = {
		{ "romeo@alpha.example", "romeo@alpha.example" },
		{ "Romeo@Alpha.Example", "romeo@alpha.example" },
		{ "romeo@alpha.example/phone", "romeo@alpha.example" },
		{ "a+b.c_d=e!{}@alpha.example", "a+b.c_d=e!{}@alpha.example" },
		{ "d\\27artagnan@alpha.example",
		  "d\\27artagnan@alpha.example" },
		{ "J\xc3\x9crgen@b\xc3\xbc" "cher.example",
		  "j\xc3\xbcrgen@b\xc3\xbc" "cher.example" },
		/* u and a combining diaeresis: NFC */
		{ "ju\xcc\x88rgen@xn--bcher-kva.example",
		  "j\xc3\xbcrgen@b\xc3\xbc" "cher.example" },
		{ "stra\xc3\x9f" "e.7@alpha.example",
		  "stra\xc3\x9f" "e.7@alpha.example" },
		{ "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd@alpha.example",
		  "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@alpha.example" },
	};
	struct jid_form f, again;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (jid_parse(rows[i].in, strlen(rows[i].in), true, &f,
		    &e) != 0)
			fail_msg("%s: %s", rows[i].in, e.text);
		assert_string_equal(f.text, rows[i].out);
		assert_int_equal(f.repaired,
		    strcmp(rows[i].in, rows[i].out) != 0);
		/* what is prepared stays as it is */
		assert_int_equal(jid_parse(f.text, strlen(f.text), true,
		    &again, &e), 0);
		assert_string_equal(again.text, f.text);
		assert_false(again.repaired);
	}
}

static void
what_is_not_certain_is_refused(void **state)
{
	static const struct { const char *in, *clause; } rows[] = {
		{ "", "jid-form" }, { "alpha.example", "jid-form" },
		{ "@alpha.example", "jid-form" },
		{ "romeo@", "name-empty" },
		{ "a@b@alpha.example", "name-label" },
		{ "ro meo@alpha.example", "jid-localpart" },
		{ "ro\"meo@alpha.example", "jid-localpart" },
		{ "ro&meo@alpha.example", "jid-localpart" },
		{ "ro'meo@alpha.example", "jid-localpart" },
		{ "ro/meo@alpha.example", "jid-localpart" },
		{ "ro:meo@alpha.example", "jid-localpart" },
		{ "ro<meo@alpha.example", "jid-localpart" },
		{ "ro\x7fmeo@alpha.example", "jid-localpart" },
		{ "ro\xffmeo@alpha.example", "jid-localpart" },
		/* ZERO WIDTH SPACE, RIGHT-TO-LEFT OVERRIDE, NO-BREAK SPACE */
		{ "ro\xe2\x80\x8bmeo@alpha.example", "jid-localpart" },
		{ "ro\xe2\x80\xaemeo@alpha.example", "jid-localpart" },
		{ "ro\xc2\xa0meo@alpha.example", "jid-localpart" },
		/* a heart, a fullwidth letter, a ligature: not certain */
		{ "\xe2\x99\xa5@alpha.example", "jid-localpart" },
		{ "\xef\xbc\xa1@alpha.example", "jid-localpart" },
		{ "o\xef\xac\x83" "ce@alpha.example", "jid-localpart" },
		{ "j\xc3\xbcrgen_m@alpha.example", "jid-localpart" },
		/* Hebrew and Latin, with a dot between */
		{ "\xd7\x90\xd7\x91.abc@alpha.example", "jid-localpart" },
		{ "romeo@localhost", "name-single-label" },
		{ "romeo@192.0.2.1", "name-ip" },
		{ "romeo@*.alpha.example", "name-wildcard" },
	};
	char longest[700];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(clause_of(rows[i].in), rows[i].clause) != 0)
			fail_msg("%s: %s, not %s", rows[i].in,
			    clause_of(rows[i].in), rows[i].clause);
	memset(longest, 'a', sizeof longest);
	memcpy(longest + 600, "@alpha.example", 15);
	assert_string_equal(clause_of(longest), "jid-form");
}

/* The signer's own check: one prepared address, and its common name. */
static void
a_personal_certificate_is_for_one_address(void **state)
{
	const struct profile *p = profile_find("xmpp-person");
	struct name names[2] = { { .kind = NAME_XMPP }, { .kind = NAME_XMPP } };
	int64_t now = clock_now();
	struct err e = { 0 };

	(void)state;
	str_copy(names[0].value, sizeof names[0].value, "romeo@alpha.example");
	str_copy(names[1].value, sizeof names[1].value, "nurse@alpha.example");
	assert_int_equal(profile_check(p, "romeo@alpha.example", names, 1,
	    now, now + 86400, &e), 0);
	assert_int_equal(profile_check(p, "romeo@alpha.example", names, 2,
	    now, now + 86400, &e), -1);
	assert_string_equal(e.clause, "profile-names");
	assert_int_equal(profile_check(p, "alpha.example", names, 1, now,
	    now + 86400, &e), -1);
	assert_string_equal(e.clause, "profile-cn");
	assert_int_equal(profile_check(p, "romeo@alpha.example", names, 1,
	    now, now + 366 * 86400LL, &e), -1);
	assert_string_equal(e.clause, "profile-dates");
	str_copy(names[0].value, sizeof names[0].value, "Romeo@alpha.example");
	assert_int_equal(profile_check(p, "romeo@alpha.example", names, 1,
	    now, now + 86400, &e), -1);
	assert_string_equal(e.clause, "profile-names");
	str_copy(names[0].value, sizeof names[0].value, "alpha.example");
	assert_int_equal(profile_check(p, "alpha.example", names, 1, now,
	    now + 86400, &e), -1);
	names[0].kind = NAME_DNS;
	assert_int_equal(profile_check(p, "alpha.example", names, 1, now,
	    now + 86400, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_prepared_once),
		cmocka_unit_test(what_is_not_certain_is_refused),
		cmocka_unit_test(a_personal_certificate_is_for_one_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
