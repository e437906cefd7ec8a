/* gate_limits_test.c - who may connect, and who has to wait. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "console/gate_limits.h"
#include "console/gate_message.h"

static struct conf conf;

static struct source
from(const char *text)
{
	struct sockaddr_storage a = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&a;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a;
	struct source s;

	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		a.ss_family = AF_INET;
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr),
		    1);
		a.ss_family = AF_INET6;
	}
	assert_true(source_of(&s, &a));
	return s;
}

static void
begin(struct limits *l, int startups, int from_begin, int per_source,
    const char *exempt)
{
	struct err e = { 0 };

	memset(&conf, 0, sizeof conf);
	conf.ssh_startups = startups;
	conf.ssh_startups_begin = from_begin;
	conf.ssh_per_source = per_source;
	snprintf(conf.ssh_exempt, sizeof conf.ssh_exempt, "%s", exempt);
	assert_int_equal(limits_init(l, &conf, &e), 0);
}

static void
one_source_gets_its_share_only(void **state)
{
	struct source a = from("192.0.2.1"), b = from("192.0.2.2");
	struct limits l;

	(void)state;
	begin(&l, 100, 100, 3, "");
	for (int i = 0; i < 3; i++)
		assert_int_equal(limits_enter(&l, &a, 0, 0), ADMIT);
	assert_int_equal(limits_enter(&l, &a, 0, 0), DROP_SOURCE);
	assert_int_equal(limits_enter(&l, &b, 0, 0), ADMIT);
	limits_leave(&l, &a, 0, ENDING_LOGIN);
	assert_int_equal(limits_enter(&l, &a, 0, 0), ADMIT);
	assert_int_equal(l.waiting, 4);
	limits_clear(&l);
}

static void
an_ipv6_block_is_one_source(void **state)
{
	struct source a = from("2001:db8:0:1::1"), b = from("2001:db8:0:1::2");
	struct source c = from("2001:db8:0:2::1"), v4 = from("192.0.2.9");
	struct source mapped = from("::ffff:192.0.2.9");
	struct limits l;

	(void)state;
	begin(&l, 100, 100, 1, "");
	assert_int_equal(limits_enter(&l, &a, 0, 0), ADMIT);
	assert_int_equal(limits_enter(&l, &b, 0, 0), DROP_SOURCE);
	assert_int_equal(limits_enter(&l, &c, 0, 0), ADMIT);
	assert_int_equal(limits_enter(&l, &v4, 0, 0), ADMIT);
	assert_int_equal(limits_enter(&l, &mapped, 0, 0), DROP_SOURCE);
	assert_string_equal(mapped.text, "192.0.2.9");
	assert_string_equal(b.text, "2001:db8:0:1::2");
	limits_clear(&l);
}

/* 30 % at the beginning, all at the end, linear between. */
static void
drops_grow_with_those_who_wait(void **state)
{
	struct limits l;
	int at[3] = { 0 }, waiting[3] = { 50, 75, 99 };

	(void)state;
	begin(&l, 100, 50, 1000, "");
	for (int k = 0; k < 3; k++) {
		for (uint32_t dice = 0; dice < 100; dice++) {
			struct source s = from("192.0.2.1");

			l.waiting = waiting[k];
			at[k] += limits_enter(&l, &s, 0, dice) ==
			    DROP_STARTUPS;
		}
	}
	assert_int_equal(at[0], 30);
	assert_int_equal(at[1], 65);
	assert_int_equal(at[2], 98);
	l.waiting = 49;
	{
		struct source s = from("192.0.2.2");

		assert_int_equal(limits_enter(&l, &s, 0, 0), ADMIT);
		l.waiting = 100;
		assert_int_equal(limits_enter(&l, &s, 0, 99), DROP_STARTUPS);
	}
	limits_clear(&l);
}

static void
ended(struct limits *l, const struct source *s, int64_t now, enum ending how)
{
	assert_int_equal(limits_enter(l, s, now, 99), ADMIT);
	limits_leave(l, s, now, how);
}

static void
penalties_add_up_and_decay(void **state)
{
	struct source a = from("192.0.2.1"), b = from("192.0.2.2");
	struct limits l;

	(void)state;
	begin(&l, 100, 100, 10, "");
	ended(&l, &a, 0, ENDING_REFUSED);	/* 5 s each, shown from 15 s */
	ended(&l, &a, 0, ENDING_REFUSED);
	assert_int_equal(limits_penalty(&l, &a, 0), 0);
	ended(&l, &a, 0, ENDING_REFUSED);
	assert_int_equal(limits_enter(&l, &a, 0, 99), DROP_PENALTY);
	assert_int_equal(limits_enter(&l, &b, 0, 99), ADMIT);
	assert_int_equal(limits_enter(&l, &a, 1000, 99), ADMIT);
	limits_leave(&l, &a, 1000, ENDING_CRASH);
	assert_true(limits_penalty(&l, &a, 1000) > 80);
	assert_int_equal(limits_penalty(&l, &a, 95000), 0);
	limits_clear(&l);
}

static void
a_penalty_has_an_end(void **state)
{
	struct source a = from("192.0.2.1");
	struct limits l;

	(void)state;
	begin(&l, 100, 100, 100, "");
	for (int i = 0; i < 50; i++)		/* all at once, before any drop */
		assert_int_equal(limits_enter(&l, &a, 0, 99), ADMIT);
	for (int i = 0; i < 50; i++)
		limits_leave(&l, &a, 0, ENDING_CRASH);
	assert_true(limits_penalty(&l, &a, 0) <= 600);
	assert_int_equal(l.waiting, 0);
	limits_clear(&l);
}

static void
logins_and_our_faults_cost_nothing(void **state)
{
	struct source a = from("192.0.2.1");
	struct limits l;

	(void)state;
	begin(&l, 100, 100, 10, "");
	for (int i = 0; i < 100; i++) {
		ended(&l, &a, 0, ENDING_LOGIN);
		ended(&l, &a, 0, ENDING_OURS);
	}
	assert_int_equal(limits_penalty(&l, &a, 0), 0);
	limits_clear(&l);
}

static void
exempt_sources_get_no_penalty(void **state)
{
	const char *const inside[] = { "127.9.9.9", "10.1.2.3", "2001:db8::7",
		"::1" };
	const char *const outside[] = { "128.0.0.1", "10.2.0.0", "2001:db9::",
		"::2:0:0:0:1" };
	struct limits l;

	(void)state;
	begin(&l, 100, 100, 10, "127.0.0.0/8 10.1.0.0/16  2001:db8::/32 ::1");
	for (int i = 0; i < 4; i++) {
		struct source in = from(inside[i]), out = from(outside[i]);

		ended(&l, &in, 0, ENDING_CRASH);
		ended(&l, &out, 0, ENDING_CRASH);
		assert_int_equal(limits_penalty(&l, &in, 0), 0);
		assert_int_not_equal(limits_penalty(&l, &out, 0), 0);
	}
	limits_clear(&l);
}

static void
a_wrong_exempt_list_is_refused(void **state)
{
	const char *const wrong[] = { "localhost", "10.0.0.0/33", "10.0.0.0/",
		"::/129", "1.2.3", "10.0.0.0/-1" };
	struct limits l;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		snprintf(conf.ssh_exempt, sizeof conf.ssh_exempt, "%s",
		    wrong[i]);
		assert_int_equal(limits_init(&l, &conf, &e), -1);
		assert_int_equal(e.kind, ERR_BAD_INPUT);
	}
}

static void
many_sources_do_not_grow_the_table_for_ever(void **state)
{
	struct sockaddr_storage a = { .ss_family = AF_INET };
	struct sockaddr_in *in = (struct sockaddr_in *)&a;
	struct limits l;
	struct source s;

	(void)state;
	begin(&l, 100, 100, 10, "");
	for (uint32_t i = 0; i < 20000; i++) {
		in->sin_addr.s_addr = htonl(0x0b000000 + i);
		assert_true(source_of(&s, &a));
		ended(&l, &s, 0, ENDING_NO_ATTEMPT);
	}
	assert_true(l.n_rows <= 16384);
	limits_clear(&l);
}

static void
names_terminals_and_variables_are_checked(void **state)
{
	char long_term[80];

	(void)state;
	memset(long_term, 'x', sizeof long_term);
	long_term[65] = '\0';
	assert_true(user_is_sane("alice"));
	assert_true(user_is_sane("0.a-b_c"));
	assert_false(user_is_sane(""));
	assert_false(user_is_sane("Alice"));
	assert_false(user_is_sane(".a"));
	assert_false(user_is_sane("a b"));
	assert_false(user_is_sane("a\033b"));
	assert_false(user_is_sane("abcdefghijklmnopqrstuvwxyz0123456"));
	assert_true(term_is_sane("xterm-256color"));
	assert_false(term_is_sane(""));
	assert_false(term_is_sane("../xterm"));
	assert_false(term_is_sane(long_term));
	assert_true(env_is_sane("LC_ALL", "de_DE.UTF-8@euro"));
	assert_true(env_is_sane("TZ", "Europe/Berlin"));
	assert_false(env_is_sane("TZ", "/etc/shadow"));
	assert_false(env_is_sane("TZ", "a/../b"));
	assert_false(env_is_sane("TZ", ":x"));
	assert_false(env_is_sane("LD_PRELOAD", "x"));
	assert_false(env_is_sane("LC_", "x"));
	assert_false(env_is_sane("TERMINFO", "x"));
	assert_false(env_is_sane("LANG", "../../x"));
	assert_false(env_is_sane("LANG", "a\nb"));
}

static void
windows_are_held_in_bounds(void **state)
{
	const int in_out[][4] = { { 0, 0, 80, 24 }, { 80, 24, 80, 24 },
		{ 1, 1, 20, 5 }, { 4000, 4000, 300, 100 }, { -1, -1, 80, 24 },
		{ 0, 50, 20, 50 }, { 65536, 1, 300, 5 } };

	(void)state;
	for (size_t i = 0; i < sizeof in_out / sizeof in_out[0]; i++) {
		int cols = in_out[i][0], rows = in_out[i][1];

		window_clamp(&cols, &rows);
		assert_int_equal(cols, in_out[i][2]);
		assert_int_equal(rows, in_out[i][3]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_source_gets_its_share_only),
		cmocka_unit_test(an_ipv6_block_is_one_source),
		cmocka_unit_test(drops_grow_with_those_who_wait),
		cmocka_unit_test(penalties_add_up_and_decay),
		cmocka_unit_test(a_penalty_has_an_end),
		cmocka_unit_test(logins_and_our_faults_cost_nothing),
		cmocka_unit_test(exempt_sources_get_no_penalty),
		cmocka_unit_test(a_wrong_exempt_list_is_refused),
		cmocka_unit_test(many_sources_do_not_grow_the_table_for_ever),
		cmocka_unit_test(names_terminals_and_variables_are_checked),
		cmocka_unit_test(windows_are_held_in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
