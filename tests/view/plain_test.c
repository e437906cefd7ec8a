/* plain_test.c - the dialogue by lines: over a pipe and over a terminal, in
 * whatever mode that was (S2.1, S2.5, J1.2). */
#include "tests/view/scripted.h"

#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <termios.h>

#include "console/manual.h"

#define CSR "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"

/* ---- over a pipe ---- */

static int
dialogue(struct talk *t)
{
	int status = plain_run(&t->c);

	session_text(t);
	return status;
}

static void
saw(const struct talk *t, const char *text)
{
	if (strstr(t->out, text) == NULL && strstr(t->err, text) == NULL)
		fail_msg("not seen: %s\n--- out\n%s\n--- err\n%s", text,
		    t->out, t->err);
}

static int
answer_agreement(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	struct agreement *a = answer;
	const struct confirmation *k = argument;

	(void)s;
	if (op == OP_agreement_get) {
		snprintf(a->version, sizeof a->version, "3");
		a->accepted[0] = '\0';
	}
	if (op == OP_account_confirm && strcmp(k->code, "GOOD") != 0)
		return err_set(e, ERR_REFUSED, "code", "that is not the code");
	return 0;
}

static void
a_guest_reads_accepts_registers_and_confirms(void **state)
{
	static const char typed[] = "2\nalice\nalice@example.org\nyes\n"
	    "BAD\nGOOD\n0\n";
	struct talk t;

	(void)state;
	session_open(&t, ROLE_GUEST, typed, strlen(typed));
	t.s.answer = answer_agreement;
	session_go(&t);
	assert_int_equal(dialogue(&t), 0);
	assert_true(t.s.asked[OP_account_register]);
	assert_true(t.s.asked[OP_account_confirm]);
	assert_string_equal(((const struct confirmation *)t.s.last)->code,
	    "GOOD");
	saw(&t, "You are a guest");
	saw(&t, "You accepted the member agreement, version 3.");
	saw(&t, "(code): that is not the code");
	saw(&t, "From now on: ssh ");
	saw(&t, "Goodbye.");
	session_close(&t);
}

static void
without_the_agreement_nothing_is_sent(void **state)
{
	static const char typed[] = "2\nalice\nalice@example.org\nno\n";
	struct talk t;

	(void)state;
	session_open(&t, ROLE_GUEST, typed, strlen(typed));
	session_go(&t);
	assert_int_equal(dialogue(&t), 0);
	assert_false(t.s.asked[OP_account_register]);
	saw(&t, "Without it there is no account");
	session_close(&t);
}

static int
answer_accept(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	(void)argument;
	(void)e;
	if (op == OP_request_check)
		((struct verdict *)answer)->accepted = s->user == NULL;
	if (op == OP_request_submit)
		((struct request *)answer)->row.state = REQUEST_AWAITING;
	return 0;
}

/* The number of a way in this role's menu. */
static int
way_number(enum role role, enum answer (*run)(struct console *))
{
	int n = 0;

	for (size_t i = 0; i < n_ways; i++) {
		n += (ways[i].roles & ROLE_BIT(role)) != 0;
		if (ways[i].run == run &&
		    (ways[i].roles & ROLE_BIT(role)) != 0)
			return n;
	}
	return 0;
}

static void
a_member_proves_a_domain_and_requests_a_certificate(void **state)
{
	char typed[2000];
	struct talk t;
	const struct request_wish *w;

	(void)state;
	snprintf(typed, sizeof typed, "%d\nexample.org\n2\n\nCODE\n"
	    "%d\nexample.org, chat.example.org\n2\nplease\n%syes\n",
	    way_number(ROLE_MEMBER, way_prove),
	    way_number(ROLE_MEMBER, way_request), CSR);
	session_open(&t, ROLE_MEMBER, typed, strlen(typed));
	t.s.answer = answer_accept;
	session_go(&t);
	assert_int_equal(dialogue(&t), 0);
	assert_true(t.s.asked[OP_domain_add]);
	assert_true(t.s.asked[OP_domain_confirm]);
	assert_true(t.s.asked[OP_request_check]);
	assert_int_equal(t.s.last_op, OP_request_submit);
	w = t.s.last;
	assert_int_equal(w->n_domains, 2);
	assert_string_equal(w->profile, "xmpp-s2s");
	assert_string_equal(w->note, "please");
	assert_int_equal(w->csr.size, strlen(CSR));
	saw(&t, "Verdict: accept");
	session_close(&t);
}

static void
a_refused_csr_is_explained_and_not_submitted(void **state)
{
	char typed[2000];
	struct talk t;

	(void)state;
	snprintf(typed, sizeof typed, "%d\n\n\n\n%s0\n",
	    way_number(ROLE_MEMBER, way_request), CSR);
	session_open(&t, ROLE_MEMBER, typed, strlen(typed));
	t.s.answer = answer_accept;
	t.s.user = &t;
	session_go(&t);
	assert_int_equal(dialogue(&t), 0);
	assert_false(t.s.asked[OP_request_submit]);
	saw(&t, "Refused (text): text");
	session_close(&t);
}

static void
staff_decide_on_what_they_were_shown(void **state)
{
	char typed[400];
	struct talk t;

	(void)state;
	snprintf(typed, sizeof typed, "%d\n7\n2\nno such server\n\n0\n",
	    way_number(ROLE_STAFF, way_decide));
	session_open(&t, ROLE_STAFF, typed, strlen(typed));
	session_go(&t);
	assert_int_equal(dialogue(&t), 0);
	assert_true(t.s.asked[OP_request_evidence]);
	assert_true(t.s.asked[OP_request_refuse]);
	assert_false(t.s.asked[OP_request_get]);
	session_close(&t);
}

static void
an_auditor_looks_and_is_offered_no_decision(void **state)
{
	char typed[400];
	struct talk t;

	(void)state;
	snprintf(typed, sizeof typed, "%d\n7\n\n0\n",
	    way_number(ROLE_AUDITOR, way_decide));
	session_open(&t, ROLE_AUDITOR, typed, strlen(typed));
	session_go(&t);
	assert_int_equal(dialogue(&t), 0);
	assert_true(t.s.asked[OP_request_evidence]);
	assert_null(strstr(t.err, "Decision: "));
	session_close(&t);
}

static void
nothing_is_revoked_without_a_yes(void **state)
{
	char typed[400];
	struct talk t;

	(void)state;
	snprintf(typed, sizeof typed, "%d\n7\nsuperseded\nno\n%d\n7\n2\nyes\n",
	    way_number(ROLE_MEMBER, way_revoke),
	    way_number(ROLE_MEMBER, way_revoke));
	session_open(&t, ROLE_MEMBER, typed, strlen(typed));
	session_go(&t);
	assert_int_equal(dialogue(&t), 0);
	assert_int_equal(t.s.questions, 1);
	assert_int_equal(((const struct revocation_new *)t.s.last)->reason,
	    REASON_KEY_COMPROMISE);
	saw(&t, "Nothing was revoked.");
	session_close(&t);
}

static void
every_command_can_be_typed_there(void **state)
{
	static const char typed[] = "status 7\nfrobnicate\nhelp\nversion\n"
	    "plain\nexit\n";
	struct talk t;

	(void)state;
	session_open(&t, ROLE_MEMBER, typed, strlen(typed));
	session_go(&t);
	assert_int_equal(dialogue(&t), 0);
	assert_true(t.s.asked[OP_request_get]);
	saw(&t, "There is no command 'frobnicate'");
	saw(&t, "This is the plain dialogue already.");
	session_close(&t);
}

/* ---- every action by numbers ---- */

struct steps {
	const struct call *call;
	struct buf typed;
	size_t args, options;	/* how many the synopsis has */
};

static void
part_type(void *user, const struct synopsis_part *p)
{
	struct steps *s = user;
	const char *value;

	if (!p->option) {
		if (s->args < s->call->n_args)
			buf_printf(&s->typed, "%s\n",
			    s->call->args[s->args]);
		else if (s->args == s->call->n_args)
			buf_printf(&s->typed, "\n");	/* none of these */
		s->args++;
		return;
	}
	value = call_option(s->call, p->name);
	s->options++;
	if (p->required && value != NULL && p->value)
		buf_printf(&s->typed, "%s\n", value);
}

static void
option_type(void *user, const struct synopsis_part *p)
{
	struct steps *s = user;
	const char *value = call_option(s->call, p->name);

	if (!p->option || p->required || value == NULL)
		return;
	buf_printf(&s->typed, "%s\n", p->name);
	if (p->value)
		buf_printf(&s->typed, "%s\n", value);
}

/* The outside has answered already: nothing is to be waited for. */
static int
answer_at_once(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	struct domain *d = answer;

	(void)s, (void)argument, (void)e;
	if (op == OP_live_check)
		((struct live *)answer)->looking = false;
	if (op == OP_domain_confirm || op == OP_domain_get)
		for (size_t i = 0; i < d->n_challenges; i++)
			d->challenges[i].looking = false;
	return 0;
}

/* Lead through one command by the menu, as its example has it. */
static void
command_by_numbers(enum role role, const struct command *k)
{
	char line[512], *words[CALL_WORDS], *room = NULL;
	const char *example = manual_example(k->name);
	struct call call = { .command = k };
	struct steps s = { &call, { 0 }, 0, 0 };
	struct talk t;
	bool any = k->ops[0] == '\0';
	int n;

	snprintf(line, sizeof line, "%.*s", (int)strcspn(example, "<>"),
	    example);
	n = words_split(line, &room, words, CALL_WORDS, &call.err);
	assert_true(n >= 0 && synopsis_parse(&call, words, (size_t)n) == 0);
	buf_printf(&s.typed, "%d\n%s\n%s\n", way_number(role, way_any),
	    task_of(k), k->name);
	synopsis_parts(k, part_type, &s);
	synopsis_parts(k, option_type, &s);
	buf_printf(&s.typed, "%s%s\nyes\n0\n0\n0\n", s.options ? "\n" : "",
	    synopsis_reads(k) ? CSR : "");
	session_open(&t, role, s.typed.data, s.typed.size);
	t.s.answer = answer_at_once;
	session_go(&t);
	dialogue(&t);
	for (enum op op = 0; op < OP_COUNT; op++) {
		const char *at = strstr(k->ops, ops[op].name);

		if (at != NULL && t.s.asked[op])
			any = true;
	}
	/* a role may read what it may not do */
	if (!any && strstr(t.err, "(role)") == NULL)
		fail_msg("%s by numbers asks nothing\n--- typed\n%.*s\n--- out\n%s\n--- err\n%s",
		    k->name, (int)s.typed.size, (char *)s.typed.data, t.out,
		    t.err);
	session_close(&t);
	buf_clear(&s.typed);
	free(room);
}

/* S2.5, S3.1: nothing needs the screens, and nothing a command from memory. */
static void
every_command_can_be_done_by_numbers(void **state)
{
	static const enum role all[] = { ROLE_GUEST, ROLE_MEMBER, ROLE_STAFF,
		ROLE_AUDITOR, ROLE_FINANCE, ROLE_DIRECTOR };

	(void)state;
	for (size_t r = 0; r < sizeof all / sizeof all[0]; r++)
		for (size_t i = 0; i < n_commands; i++)
			if (command_allowed(&commands[i], all[r]))
				command_by_numbers(all[r], &commands[i]);
}

static void
what_is_there_is_picked_from_a_list(void **state)
{
	static const struct {
		enum answer (*way)(struct console *c);
		const char *typed;
		enum op op;
	} cases[] = {
		{ way_letters, "1\na@example.org\n\n", OP_contact_add },
		{ way_letters, "2\na@example.org\nK7QD\n", OP_contact_confirm },
		{ way_letters, "3\n1\n", OP_contact_remove },
		{ way_letters, "4\noff\n", OP_notify_set },
		{ way_letters, "5\n1\n", OP_notify_set },
		{ way_letters, "6\n1\n2\n", OP_notify_set },
		{ way_keys, "1\nlaptop\nssh-ed25519 AAAA\n", OP_key_add },
		{ way_keys, "2\n2\n", OP_key_remove },
		{ way_persons, "1\nromeo@example.org\n", OP_person_invite },
		{ way_persons, "2\nromeo@example.org\n", OP_person_invite },
		{ way_persons, "3\n1\n", OP_person_drop },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct talk t;
		char typed[256];

		snprintf(typed, sizeof typed, "%d\n%s0\n",
		    way_number(ROLE_MEMBER, cases[i].way), cases[i].typed);
		session_open(&t, ROLE_MEMBER, typed, strlen(typed));
		session_go(&t);
		assert_int_equal(dialogue(&t), 0);
		if (!t.s.asked[cases[i].op])
			fail_msg("case %zu: %s\n%s", i, t.out, t.err);
		session_close(&t);
	}
}

static void
each_way_of_each_role_is_harmless_and_ends(void **state)
{
	(void)state;
	for (enum role role = ROLE_GUEST; role <= ROLE_DIRECTOR; role++)
		for (int way = 1; way <= (int)n_ways; way++) {
			struct talk t;
			char typed[400], where[64];

			snprintf(typed, sizeof typed,
			    "%d\n7\n1\n\nyes\n1\n1\n%syes\n1\n\n\n0\n", way, CSR);
			snprintf(where, sizeof where, "role %d way %d",
			    (int)role, way);
			session_open(&t, role, typed, strlen(typed));
			t.s.foreign = HOSTILE;
			snprintf(t.c.me.title, sizeof t.c.me.title, "%s",
			    HOSTILE);
			session_go(&t);
			assert_int_equal(dialogue(&t), 0);
			assert_harmless(t.out, t.out_size, where);
			assert_harmless(t.err, t.err_size, where);
			session_close(&t);
		}
}

static void
a_registrar_that_hangs_up_ends_the_dialogue_with_5(void **state)
{
	static const char typed[] = "status\nstatus\nstatus\n";
	struct talk t;

	(void)state;
	session_open(&t, ROLE_MEMBER, typed, strlen(typed));
	t.s.hang_up_at = 1;
	session_go(&t);
	assert_int_equal(dialogue(&t), 5);
	saw(&t, "nothing was lost");
	session_close(&t);
}

/* ---- over a terminal ---- */

struct terminal {
	int master, slave;
	struct talk t;
	char seen[65536];
	size_t n;
	const char *await, *keys;
	pthread_t reader, typist;
};

#define PROMPT "lists them: "

/* Everything that reaches the person's end, until it is closed. */
static void *
terminal_read(void *user)
{
	struct terminal *m = user;
	ssize_t n;

	while (m->n < sizeof m->seen - 1 &&
	    (n = read(m->master, m->seen + m->n,
	    sizeof m->seen - 1 - m->n)) > 0)
		m->n += (size_t)n;
	return NULL;
}

static void
terminal_open(struct terminal *m, enum role role, bool raw)
{
	struct termios mode;

	memset(m, 0, sizeof *m);
	assert_int_equal(openpty(&m->master, &m->slave, NULL, NULL, NULL), 0);
	if (raw) {
		assert_int_equal(tcgetattr(m->slave, &mode), 0);
		cfmakeraw(&mode);
		tcsetattr(m->slave, TCSANOW, &mode);
	}
	session_open_at(&m->t, role, m->slave);
	fclose(m->t.c.out.out);
	fclose(m->t.c.out.err);
	free(m->t.out);
	free(m->t.err);
	m->t.out = m->t.err = NULL;
	m->t.c.out.out = fdopen(dup(m->slave), "w");
	m->t.c.out.err = fdopen(dup(m->slave), "w");
	assert_int_equal(pthread_create(&m->reader, NULL, terminal_read, m),
	    0);
	session_go(&m->t);
}

/* Type in pieces, once the person sees that text: what is typed before the
 * console has set up its terminal is the kernel's to echo. */
static void *
typist_run(void *user)
{
	struct terminal *m = user;
	size_t left = strlen(m->keys);

	for (int i = 0; i < 1000 && strstr(m->seen, m->await) == NULL; i++)
		usleep(10000);
	while (left > 0) {
		ssize_t n = write(m->master, m->keys, left > 500 ? 500 : left);

		if (n <= 0)
			break;
		m->keys += n;
		left -= (size_t)n;
	}
	return NULL;
}

static void
terminal_type(struct terminal *m, const char *await, const char *keys)
{
	m->await = await;
	m->keys = keys;
	assert_int_equal(pthread_create(&m->typist, NULL, typist_run, m), 0);
}

static void
terminal_close(struct terminal *m)
{
	if (m->keys != NULL)
		pthread_join(m->typist, NULL);
	session_close(&m->t);
	close(m->slave);
	pthread_join(m->reader, NULL);	/* EIO: the last end is closed */
	close(m->master);
	m->seen[m->n] = '\0';
}

static void
lines_are_edited_and_echoed_in_cooked_and_raw_mode(void **state)
{
	(void)state;
	for (int raw = 0; raw < 2; raw++) {
		struct terminal m;

		terminal_open(&m, ROLE_MEMBER, raw);
		/* a word erased, two letters, an arrow key, m\xc3\xbc... */
		terminal_type(&m, PROMPT, "junk\x17statux 8\x7f\x7f\x7fs\x1b[A 7\r"
		    "m\xc3\xbc\x7f\x7fversion\r\x04");
		assert_int_equal(plain_run(&m.t.c), 0);
		assert_true(m.t.s.asked[OP_request_get]);
		assert_string_equal(((const struct ref *)m.t.s.last)->ref,
		    "7");
		terminal_close(&m);
		assert_non_null(strstr(m.seen, "xmpp-ica-console"));
		assert_non_null(strstr(m.seen, "\b \b"));
		assert_null(strstr(m.seen, "\x1b"));
	}
}

static void
a_long_pasted_line_is_not_cut_at_4095_bytes(void **state)
{
	struct terminal m;
	struct buf keys = { 0 };
	const struct request_wish *w;

	(void)state;
	terminal_open(&m, ROLE_MEMBER, false);
	buf_printf(&keys, "request\r");
	for (int i = 0; i < 9000; i++)
		buf_put_u8(&keys, 'A');
	buf_put(&keys, "\r\x04" "0\r", 5);	/* with its end */
	terminal_type(&m, PROMPT, (char *)keys.data);
	assert_int_equal(plain_run(&m.t.c), 0);
	assert_int_equal(m.t.s.last_op, OP_request_submit);
	w = m.t.s.last;
	assert_int_equal(w->csr.size, 9001);
	terminal_close(&m);
	assert_null(strstr(m.seen, "AAAA"));	/* a paste is not echoed */
	buf_clear(&keys);
}

static void
a_paste_ends_behind_its_end_line_also_for_one_command(void **state)
{
	const struct request_wish *w;

	(void)state;
	for (int raw = 0; raw < 2; raw++) {
		struct terminal m;

		terminal_open(&m, ROLE_MEMBER, raw);
		terminal_type(&m, "Paste the CSR", "-----BEGIN CERTIFICATE REQUEST-----\rMIIB\r"
		    "-----END CERTIFICATE REQUEST-----\r");
		assert_int_equal(command_run(&m.t.c, "request"), 0);
		w = m.t.s.last;
		assert_int_equal(w->csr.size, strlen(CSR));
		assert_memory_equal(w->csr.data, CSR, strlen(CSR));
		terminal_close(&m);
		assert_non_null(strstr(m.seen, "Paste the CSR"));
	}
}

static void
ctrl_c_drops_the_question_and_keeps_the_session(void **state)
{
	struct terminal m;
	char keys[64];

	(void)state;
	terminal_open(&m, ROLE_MEMBER, false);
	snprintf(keys, sizeof keys, "%d\rexam\x03status 9\r0\r",
	    way_number(ROLE_MEMBER, way_prove));
	terminal_type(&m, PROMPT, keys);
	assert_int_equal(plain_run(&m.t.c), 0);
	assert_false(m.t.s.asked[OP_domain_add]);
	assert_true(m.t.s.asked[OP_request_get]);
	terminal_close(&m);
	assert_non_null(strstr(m.seen, "Dropped."));
	assert_non_null(strstr(m.seen, "Goodbye."));
}

static void
a_pasted_escape_or_bidi_character_is_not_echoed_as_it_is(void **state)
{
	struct terminal m;

	(void)state;
	terminal_open(&m, ROLE_MEMBER, false);
	terminal_type(&m, PROMPT, "a\xe2\x80\xae\xc2\x9b" "b\x9b\x1b]0;x\x07\r0\r");
	assert_int_equal(plain_run(&m.t.c), 0);
	terminal_close(&m);
	for (size_t i = 0; i < m.n; i++)
		if (m.seen[i] == '\r' || m.seen[i] == '\b')
			m.seen[i] = ' ';
	assert_harmless(m.seen, m.n, "echo");
}

static void
an_idle_session_ends_and_says_so(void **state)
{
	struct terminal m;

	(void)state;
	terminal_open(&m, ROLE_MEMBER, false);
	m.t.in.idle_ms = 50;
	assert_int_equal(plain_run(&m.t.c), 0);
	terminal_close(&m);
	assert_non_null(strstr(m.seen, "the session ends"));
	assert_non_null(strstr(m.seen, "Still there?"));
	assert_true(strstr(m.seen, "Still there?") <
	    strstr(m.seen, "the session ends"));
}

static void *
push_then_type(void *user)
{
	struct terminal *m = user;
	struct change c = { .noun = "request", .number = 5 };

	snprintf(c.text, sizeof c.text, "Request 5 is issued.");
	seat_change_put(&m->t.s.seat, &c);
	seat_flush(&m->t.s.seat);
	for (int i = 0; i < 500 && strstr(m->seen, "Note: ") == NULL; i++)
		usleep(10000);
	if (write(m->master, "0\r", 2) != 2)
		return NULL;
	return scripted_run(&m->t.s);
}

static void
what_changes_meanwhile_is_told_without_a_key(void **state)
{
	struct terminal m;

	(void)state;
	terminal_open(&m, ROLE_MEMBER, false);
	/* the registrar's end is this test's now */
	shutdown(m.t.l.fd, SHUT_RDWR);
	pthread_join(m.t.s.thread, NULL);
	line_close(&m.t.l);
	{
		int pair[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		seat_init(&m.t.s.seat, pair[1], ROLE_MEMBER);
		line_init(&m.t.l, pair[0]);
	}
	assert_int_equal(pthread_create(&m.t.s.thread, NULL, push_then_type,
	    &m), 0);
	assert_int_equal(plain_run(&m.t.c), 0);
	terminal_close(&m);
	assert_non_null(strstr(m.seen, "Note: Request 5 is issued."));
}

static void
the_terminal_is_given_back_as_it_was(void **state)
{
	struct terminal m;
	struct termios before, after;

	(void)state;
	assert_int_equal(openpty(&m.master, &m.slave, NULL, NULL, NULL), 0);
	assert_int_equal(tcgetattr(m.slave, &before), 0);
	close(m.slave);
	close(m.master);
	terminal_open(&m, ROLE_MEMBER, false);
	terminal_type(&m, PROMPT, "0\r");
	plain_run(&m.t.c);
	typing_close(&m.t.in);
	assert_int_equal(tcgetattr(m.slave, &after), 0);
	assert_int_equal(before.c_lflag & (ECHO | ICANON | ISIG),
	    after.c_lflag & (ECHO | ICANON | ISIG));
	terminal_close(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_reads_accepts_registers_and_confirms),
		cmocka_unit_test(without_the_agreement_nothing_is_sent),
		cmocka_unit_test(a_member_proves_a_domain_and_requests_a_certificate),
		cmocka_unit_test(a_refused_csr_is_explained_and_not_submitted),
		cmocka_unit_test(staff_decide_on_what_they_were_shown),
		cmocka_unit_test(an_auditor_looks_and_is_offered_no_decision),
		cmocka_unit_test(nothing_is_revoked_without_a_yes),
		cmocka_unit_test(every_command_can_be_typed_there),
		cmocka_unit_test(every_command_can_be_done_by_numbers),
		cmocka_unit_test(what_is_there_is_picked_from_a_list),
		cmocka_unit_test(each_way_of_each_role_is_harmless_and_ends),
		cmocka_unit_test(a_registrar_that_hangs_up_ends_the_dialogue_with_5),
		cmocka_unit_test(lines_are_edited_and_echoed_in_cooked_and_raw_mode),
		cmocka_unit_test(a_long_pasted_line_is_not_cut_at_4095_bytes),
		cmocka_unit_test(a_paste_ends_behind_its_end_line_also_for_one_command),
		cmocka_unit_test(ctrl_c_drops_the_question_and_keeps_the_session),
		cmocka_unit_test(a_pasted_escape_or_bidi_character_is_not_echoed_as_it_is),
		cmocka_unit_test(an_idle_session_ends_and_says_so),
		cmocka_unit_test(what_changes_meanwhile_is_told_without_a_key),
		cmocka_unit_test(the_terminal_is_given_back_as_it_was),
	};

	signal(SIGPIPE, SIG_IGN);
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
