/* refused_test.c - what a command refuses by itself, or makes of an answer
 * (R1.1). */
#include "tests/view/scripted.h"

#include <locale.h>
#include <time.h>

#include "console/client.h"

/* ---- answers that a command does not like ---- */

static int
answer_sets(struct scripted *s, enum op op, const void *argument,
    void *answer, struct err *e)
{
	(void)s, (void)argument, (void)e;
	if (op == OP_account_close)
		((struct closing *)answer)->closed = false;
	if (op == OP_certificate_get)
		snprintf(((struct certificate *)answer)->profile, 32,
		    "xmpp-person");
	if (ops[op].answer == &domain_shape) {
		struct domain *d = answer;

		d->state = DOMAIN_CLAIMED;
		for (size_t i = 0; i < d->n_challenges; i++) {
			d->challenges[i].method = PROOF_DNS;
			d->challenges[i].state = CHALLENGE_SENT;
			d->challenges[i].looking = false;
		}
	}
	return 0;
}

static void
is_refused(enum role role, const char *line, const char *clause)
{
	struct talk t;
	char want[64];
	int status;

	session_open(&t, role, "", 0);
	t.s.answer = answer_sets;
	session_go(&t);
	status = session_command(&t, line);
	snprintf(want, sizeof want, "(%s)", clause);
	if (status != 1 || strstr(t.err, want) == NULL)
		fail_msg("`%s`: status %d, %s", line, status, t.err);
	session_close(&t);
}

static void
answers_that_stop_a_command_are_told(void **state)
{
	(void)state;
	is_refused(ROLE_MEMBER, "close-account --confirm alice",
	    "close-certificates");
	is_refused(ROLE_MEMBER, "setup 7 prosody", "setup");
	is_refused(ROLE_MEMBER, "domain confirm example.org",
	    "proof-record-missing");
}

/* ---- what does not fit, and what never came ---- */

static void
a_text_that_is_too_long_is_told_with_its_length(void **state)
{
	struct request_wish w = { 0 };
	struct err e = { 0 };
	char note[1200];

	(void)state;
	memset(note, 'x', sizeof note);
	note[sizeof note - 1] = '\0';
	assert_int_equal(wish_fill(&w, "x", 1, NULL, note, NULL, &e), -1);
	assert_string_equal(e.clause, "length");
	assert_non_null(strstr(e.text, "1199 bytes, 1000 are the most"));
	err_clear(&e);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(wish_add_domain(&w, "a.example", &e), 0);
	assert_int_equal(wish_add_domain(&w, "a.example", &e), -1);
	assert_string_equal(e.clause, "length");
	NOUN_CLEAR(request_wish, &w);
}

/* Five minutes of silence on this descriptor pass at once. */
static int silent = -1;

int
poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
	struct pollfd *p = fds;

	/* for the compiler poll() only writes */
	__asm__("" : "+r" (p) : : "memory");
	if (n == 1 && p->fd == silent && silent >= 0)
		return 0;
	return ppoll(fds, n, ms < 0 ? NULL : &t, NULL);
}

static void
silence_and_ctrl_c_send_nothing(void **state)
{
	struct blob csr = { 0 };
	struct err e = { 0 };
	int fds[2] = { -1, -1 };

	(void)state;
	assert_int_equal(pipe(fds), 0);
	silent = fds[0];
	assert_int_equal(csr_collect(fds[0], false, &csr, &e), -1);
	assert_string_equal(e.clause, "csr-late");
	silent = -1;
	err_clear(&e);
	assert_int_equal(write(fds[1], "\003", 1), 1);
	close(fds[1]);
	assert_int_equal(csr_collect(fds[0], true, &csr, &e), -1);
	assert_string_equal(e.clause, "interrupted");
	close(fds[0]);
	blob_clear(&csr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_that_stop_a_command_are_told),
		cmocka_unit_test(
		    a_text_that_is_too_long_is_told_with_its_length),
		cmocka_unit_test(silence_and_ctrl_c_send_nothing),
	};

	setlocale(LC_ALL, "C.UTF-8");
	clock_set_for_test(TEST_NOW);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
