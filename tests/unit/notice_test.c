/* notice_test.c - letters: whom they may go to, what they say, how they are
 * leased, tried again, and rid of their codes. */
#include "rig.h"

#include "core/base/file.h"
#include "core/registrar/letter/notice_text.h"

static const struct blank blanks[] = {
	{ "NAME", "alice" }, { "CODE", "OIAB-CDEF" },
	{ "FINGERPRINT", "SHA256:x" }, { "HOURS", "72" },
	{ "DOMAIN", "a.example" }, { "ACCOUNT", "alice" },
};
#define N_BLANKS (sizeof blanks / sizeof blanks[0])

static void
only_exact_addresses_are_written_to(void **state)
{
	static const char *const good[] = { "a@b.example",
		"first.last+tag_x-1@mail.xn--bcher-kva.example",
		"A.Z@x1.y2" };
	static const char *const bad[] = { "", "@", "a", "a@", "@b.example",
		"a@b", "a@b..c", "a@.b.c", "a@b.c.", "a@-b.c", "a@b-.c",
		"a b@c.example", "a@b.example\r\nRCPT TO:<x@y.example>",
		"a@b.example>", "<a@b.example>", "\"a\"@b.example",
		"a..b@c.example", ".a@b.example", "a.@b.example",
		"a@B.example", "a@b.example,c@d.example", "a%b@c.example",
		"a@[192.0.2.1]", "a@192.0.2.1", "a@b@c.example",
		"\xc3\xa4@b.example", "a@b_c.example", "a=b@c.example" };
	char longest[400];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(address_ok(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (address_ok(bad[i]))
			fail_msg("accepted: %s", bad[i]);
	memset(longest, 'a', sizeof longest);
	memcpy(longest + 65, "@b.example", 11);
	assert_false(address_ok(longest));
	assert_true(address_ok(longest + 1));
}

static void
every_template_of_the_list_is_there_and_readable(void **state)
{
	struct err e = { 0 };

	(void)state;
	if (notice_templates_load(&e) < 0)
		fail_msg("%s", e.text);
}

static void
take(struct letter_batch *b)
{
	struct seat s = rig_seat(ROLE_COURIER, 0, "courier", NULL);
	struct none none = { 0 };
	struct err e = { 0 };

	NOUN_CLEAR(letter_batch, b);
	if (serve_letter_take(&s, &none, b, &e) < 0)
		fail_msg("%s", e.text);
}

static int
done(int64_t number, enum notice_state state, const char *reply)
{
	struct seat s = rig_seat(ROLE_COURIER, 0, "courier", NULL);
	struct delivery d = { .number = number, .state = state };
	struct none none = { 0 };
	struct err e = { 0 };

	str_copy(d.reply, sizeof d.reply, reply);
	return serve_letter_done(&s, &d, &none, &e);
}

static void
add(const char *kind, int64_t account, int64_t challenge)
{
	struct err e = { 0 };

	if (notice_add(kind, account, "a@b.example", challenge, blanks,
	    N_BLANKS, &e) < 0)
		fail_msg("%s", e.text);
}

static void
a_letter_is_leased_once_and_again_when_the_lease_is_over(void **state)
{
	struct letter_batch b = { 0 };
	char id[128];

	(void)state;
	add("domain", 0, 0);
	take(&b);
	assert_int_equal(b.n_letters, 1);
	assert_string_equal(b.letters[0].to, "a@b.example");
	assert_string_equal(b.letters[0].from, "noreply@ca.example");
	assert_string_equal(b.letters[0].subject,
	    "ca.example: a code for the domain a.example");
	assert_non_null(memmem(b.letters[0].body.data,
	    b.letters[0].body.size, "OIAB-CDEF", 9));
	assert_null(memmem(b.letters[0].body.data, b.letters[0].body.size,
	    "{{", 2));
	snprintf(id, sizeof id, "%s", b.letters[0].message_id);
	take(&b);
	assert_int_equal(b.n_letters, 0);
	assert_int_equal(b.next, RIG_NOW + 300);
	clock_set_for_test(RIG_NOW + 300);
	take(&b);
	assert_int_equal(b.n_letters, 1);
	assert_string_equal(b.letters[0].message_id, id);
	letters_release();	/* the courier died */
	take(&b);
	assert_int_equal(b.n_letters, 1);
	NOUN_CLEAR(letter_batch, &b);
}

static void
trying_again_backs_off_and_gives_up_after_days(void **state)
{
	static const int64_t waits[] = { 60, 300, 900, 3600, 7200, 14400,
		28800, 57600, 86400, 86400 };
	struct letter_batch b = { 0 };
	int64_t now = RIG_NOW;
	int tries = 0;

	(void)state;
	add("domain", 0, 0);
	for (;;) {
		take(&b);
		if (b.n_letters == 0)
			break;
		assert_int_equal(done(1, NOTICE_WAITING, "451 later"), 0);
		take(&b);
		assert_int_equal(b.n_letters, 0);
		if (b.next == 0)
			break;	/* given up */
		assert_int_equal(b.next, now + waits[tries < 9 ? tries : 9]);
		now = b.next;
		clock_set_for_test(now);
		tries++;
	}
	assert_string_equal(rig_ask_sql("SELECT state || ' ' || reply"
	    " FROM notice"), "failed 451 later");
	assert_true(now - RIG_NOW <= 6 * 86400);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM audit"
	    " WHERE action = 'letter.failed'"), "1");
	NOUN_CLEAR(letter_batch, &b);
}

static void
a_code_starts_to_count_when_sent_and_is_wiped(void **state)
{
	struct letter_batch b = { 0 };
	int64_t alice = rig_account("alice", ROLE_MEMBER, rig_key(1));

	(void)state;
	rig_sql("INSERT INTO domain (account, name, shown, state, claimed)"
	    " VALUES (1, 'a.example', 'a.example', 'claimed', 1);"
	    "INSERT INTO challenge (domain, method, mailbox, state,"
	    " code_hash, created) VALUES (1, 'mail', 'h@a.example',"
	    " 'waiting', zeroblob(32), 1)");
	add("domain", alice, 1);
	take(&b);
	assert_int_equal(b.n_letters, 1);
	clock_set_for_test(RIG_NOW + 60);
	assert_int_equal(done(b.letters[0].number, NOTICE_SENT,
	    "250 2.0.0 queued"), 0);
	assert_string_equal(rig_ask_sql("SELECT state, sent - 1795000000,"
	    " expires - sent FROM challenge"), "sent|60|259200");
	assert_string_equal(rig_ask_sql("SELECT state, blanks, reply"
	    " FROM notice"), "sent||250 2.0.0 queued");
	/* saying it twice changes nothing; saying otherwise is refused */
	assert_int_equal(done(b.letters[0].number, NOTICE_SENT, "x"), 0);
	assert_int_equal(done(b.letters[0].number, NOTICE_FAILED, "x"), -1);
	assert_int_equal(done(77, NOTICE_SENT, "x"), -1);
	take(&b);
	assert_int_equal(b.n_letters, 0);
	NOUN_CLEAR(letter_batch, &b);
}

static void
hostile_values_forge_nothing(void **state)
{
	const struct blank evil[] = {
		{ "NUMBER", "1" }, { "ACCOUNT", "x\r\nBcc: all@x.example" },
		{ "DOMAIN", "a\nSubject: forged\x1b[2J{{CODE}}" },
		{ "REASON", "line\nline" },
	};
	struct letter_batch b = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(notice_add("refused", 0, "a@b.example", 0, evil, 4,
	    &e), 0);
	take(&b);
	assert_null(strpbrk(b.letters[0].subject, "\r\n\x1b"));
	assert_null(memmem(b.letters[0].body.data, b.letters[0].body.size,
	    "\x1b", 1));
	assert_null(memmem(b.letters[0].body.data, b.letters[0].body.size,
	    "\nBcc", 4));
	assert_int_equal(notice_add("refused", 0, "a@b.example", 0, evil, 2,
	    &e), -1);	/* a blank that nothing fills */
	assert_int_equal(notice_add("refused", 0, "a@b.example\r\n", 0, evil,
	    4, &e), -1);
	NOUN_CLEAR(letter_batch, &b);
}

/* Every blank of every letter holds an attack (S12.4). */
static void
no_letter_lets_an_attack_through(void **state)
{
	static const char attack[] = "a\033]0;x\007\302\233m\342\200\256g"
	    "\342\200\213\rSubject: forged{{CODE}}\177";
	static const char *const hidden[] = { "\033", "\007", "\r", "\177",
		"\302\233", "\342\200\256", "\342\200\213" };
	static const char *const kinds[] = {
#define LETTER(kind) kind,
#include "core/registrar/letter/letters.def"
#undef LETTER
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		char path[512], names[32][32], subject[256];
		struct blank held[32];
		struct blob file = { 0 }, body = { 0 };
		struct buf packed = { 0 };
		struct err e = { 0 };
		size_t n = 0;

		snprintf(path, sizeof path, "%s/share/mail/%s.txt", SRCDIR,
		    kinds[i]);
		assert_int_equal(file_read(path, 16384, &file, &e), 0);
		buf_put(&packed, file.data, file.size);
		buf_put_u8(&packed, '\0');
		for (const char *p = (const char *)packed.data; n < 32 &&
		    (p = strstr(p, "{{")) != NULL; p += 2) {
			snprintf(names[n], sizeof names[n], "%.*s",
			    (int)strcspn(p + 2, "}"), p + 2);
			held[n] = (struct blank){ names[n], attack };
			n++;
		}
		assert_true(n > 0);
		buf_clear(&packed);
		if (letter_subject(kinds[i], held, n, subject, &e) < 0 ||
		    letter_pack(&packed, kinds[i], held, n, &e) < 0 ||
		    letter_body(kinds[i], packed.data, packed.size, &body,
		    &e) < 0)
			fail_msg("%s: %s", kinds[i], e.text);
		for (size_t k = 0; k < sizeof hidden / sizeof hidden[0]; k++)
			if (strstr(subject, hidden[k]) != NULL ||
			    memmem(body.data, body.size, hidden[k],
			    strlen(hidden[k])) != NULL)
				fail_msg("%s: text %zu of the attack came through",
				    kinds[i], k);
		blob_clear(&file);
		blob_clear(&body);
		buf_clear(&packed);
	}
}

static void
staff_see_the_state_of_letters(void **state)
{
	struct seat s = rig_seat(ROLE_STAFF, 1, "carol", NULL);
	struct wish w = { .limit = 2 };
	struct notice_page p = { 0 };
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		add("domain", 0, 0);
	assert_int_equal(serve_notice_list(&s, &w, &p, &e), 0);
	assert_int_equal(p.n_rows, 2);
	assert_true(p.more);
	assert_int_equal(p.rows[0].number, 5);
	w.before = p.rows[1].number;
	NOUN_CLEAR(notice_page, &p);
	assert_int_equal(serve_notice_list(&s, &w, &p, &e), 0);
	assert_int_equal(p.rows[0].number, 3);
	NOUN_CLEAR(notice_page, &p);
	w.before = 0;
	str_copy(w.filter, sizeof w.filter, "B.EXAMPLE");
	str_copy(w.state, sizeof w.state, "waiting");
	assert_int_equal(serve_notice_list(&s, &w, &p, &e), 0);
	assert_int_equal(p.n_rows, 2);
	NOUN_CLEAR(notice_page, &p);
	str_copy(w.filter, sizeof w.filter, "100%");
	assert_int_equal(serve_notice_list(&s, &w, &p, &e), 0);
	assert_int_equal(p.n_rows, 0);
	NOUN_CLEAR(notice_page, &p);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_open, rig_close)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_exact_addresses_are_written_to),
		T(every_template_of_the_list_is_there_and_readable),
		T(a_letter_is_leased_once_and_again_when_the_lease_is_over),
		T(trying_again_backs_off_and_gives_up_after_days),
		T(a_code_starts_to_count_when_sent_and_is_wiped),
		T(hostile_values_forge_nothing),
		T(no_letter_lets_an_attack_through),
		T(staff_see_the_state_of_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
