/* wire_test.c - frames, shapes, seats: what crosses a wire and what may not. */
#include "tests/unit/check.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/wire/ask.h"
#include "core/wire/seat.h"

static void
sample_fill(struct request *r)
{
	struct name *n;
	struct finding *f;

	memset(r, 0, sizeof *r);
	r->row.number = 7;
	snprintf(r->row.account, sizeof r->row.account, "alice");
	r->row.state = REQUEST_ISSUED;
	r->digest[31] = 9;
	for (int i = 0; i < 5; i++) {
		n = LIST_ADD(r, names);
		n->kind = NAME_SRV_SERVER;
		snprintf(n->value, sizeof n->value, "d%d.example", i);
	}
	f = LIST_ADD(r, findings);
	f->kind = VERDICT_REPAIRED;
	snprintf(f->rule, sizeof f->rule, "name-case");
}

static void
a_noun_comes_back_as_it_went(void **state)
{
	struct request r, back = { 0 };
	struct buf b = { 0 }, again = { 0 };
	struct reader in;

	(void)state;
	sample_fill(&r);
	shape_encode(&request_shape, &r, &b);
	reader_init(&in, b.data, b.size);
	assert_int_equal(shape_decode(&request_shape, &back, &in), 0);
	assert_true(reader_end(&in));
	assert_int_equal(back.n_names, 5);
	assert_string_equal(back.names[4].value, "d4.example");
	shape_encode(&request_shape, &back, &again);
	assert_int_equal(b.size, again.size);
	assert_memory_equal(b.data, again.data, b.size);
	buf_clear(&b);
	buf_clear(&again);
	NOUN_CLEAR(request, &r);
	NOUN_CLEAR(request, &back);
}

static void
a_cut_or_garbled_noun_is_refused_and_leaks_nothing(void **state)
{
	struct request r, back;
	struct buf b = { 0 };
	struct reader in;

	(void)state;
	sample_fill(&r);
	shape_encode(&request_shape, &r, &b);
	for (size_t n = 0; n < b.size; n++) {	/* every cut */
		memset(&back, 0, sizeof back);
		reader_init(&in, b.data, n);
		assert_int_equal(shape_decode(&request_shape, &back, &in), -1);
	}
	for (size_t n = 0; n < b.size; n++) {	/* every byte inverted */
		b.data[n] ^= 0xff;
		memset(&back, 0, sizeof back);
		reader_init(&in, b.data, b.size);
		if (shape_decode(&request_shape, &back, &in) == 0)
			NOUN_CLEAR(request, &back);
		b.data[n] ^= 0xff;
	}
	buf_clear(&b);
	NOUN_CLEAR(request, &r);
}

/* A server for one question: answers whoami, passes a descriptor. */
static void
serve_one(int fd, enum role role)
{
	struct seat s;
	struct question q = { 0 };
	struct whoami me = { 0 };
	struct change c = { .noun = "request", .number = 5 };
	struct err e;
	int got;

	seat_init(&s, fd, role);
	while ((got = seat_next(&s, OP_SERVER_REGISTRAR, &q, &e)) == 0)
		if (seat_read(&s) < 0)
			_exit(3);
	if (got < 0)
		_exit(4);	/* hang up */
	snprintf(me.service, sizeof me.service, "test");
	seat_change_put(&s, &c);
	if (q.op == OP_whoami) {
		s.pass_fd = dup(0);
		seat_answer_put(&s, &me);
	} else {
		err_set(&e, ERR_REFUSED, "rule-x", "no");
		seat_error_put(&s, &e);
	}
	question_clear(&q);
	while (seat_flush(&s) == 1)
		continue;
	_exit(0);
}

static int changes_seen;

static void
on_change(void *user, const struct change *c)
{
	(void)user;
	assert_string_equal(c->noun, "request");
	changes_seen++;
}

static struct line
line_to_child(enum role role, pid_t *pid)
{
	struct line l;
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	*pid = fork();
	if (*pid == 0) {
		close(sv[0]);
		serve_one(sv[1], role);
	}
	close(sv[1]);
	line_init(&l, sv[0]);
	l.timeout_ms = 10000;
	l.on_change = on_change;
	return l;
}

static int
child_status(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
a_question_gets_its_answer_its_descriptor_and_the_pushed_change(void **state)
{
	struct none nothing = { 0 };
	struct whoami me = { 0 };
	struct err e;
	pid_t pid;
	struct line l = line_to_child(ROLE_MEMBER, &pid);

	(void)state;
	changes_seen = 0;
	assert_int_equal(ask_whoami(&l, &nothing, &me, &e), 0);
	assert_string_equal(me.service, "test");
	assert_int_equal(changes_seen, 1);
	assert_true(l.fd_received >= 0);
	close(l.fd_received);
	line_close(&l);
	assert_int_equal(child_status(pid), 0);
}

static void
an_error_crosses_as_it_is(void **state)
{
	struct ref r = { "1" };
	struct request got = { 0 };
	struct err e;
	pid_t pid;
	struct line l = line_to_child(ROLE_MEMBER, &pid);

	(void)state;
	assert_int_equal(ask_request_get(&l, &r, &got, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_string_equal(e.clause, "rule-x");
	line_close(&l);
	child_status(pid);
}

static void
a_question_above_the_seats_role_is_never_answered(void **state)
{
	struct decision d = { .number = 1 };
	struct request got = { 0 };
	struct err e;
	pid_t pid;
	struct line l = line_to_child(ROLE_MEMBER, &pid);

	(void)state;
	assert_int_equal(ask_request_approve(&l, &d, &got, &e), -1);
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_int_equal(l.fd, -1);
	assert_int_equal(child_status(pid), 4);
}

static void
malformed_frames_hang_up(void **state)
{
	static const uint8_t frames[][16] = {
		{ 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0 },
		{ 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0 },
		{ 0, 0, 0, 7, 0, 0, 0, 1, 0xff, 0xff, 0 },
		{ 0, 0, 0, 7, 0, 0, 0, 1, 0, OP_whoami, 1 },
		{ 0, 0, 0, 8, 0, 0, 0, 1, 0, OP_whoami, 0, 2 },
		{ 0, 0, 0, 9, 0, 0, 0, 1, 0, OP_whoami, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		pid_t pid;
		struct line l = line_to_child(ROLE_MEMBER, &pid);

		assert_int_equal(write(l.fd, frames[i], 16), 16);
		assert_int_equal(child_status(pid), 4);
		line_close(&l);
	}
}

static void
every_op_has_a_role_and_a_meaning(void **state)
{
	(void)state;
	for (int op = 0; op < OP_COUNT; op++) {
		assert_true(ops[op].who != 0);
		assert_true(strlen(ops[op].what) > 5);
	}
}

/* An errno that somebody left behind must not be taken for this call's. */
static void
the_end_of_the_line_is_seen_whatever_errno_says(void **state)
{
	struct none nothing = { 0 };
	struct whoami w = { 0 };
	struct line l;
	struct err e;
	int sv[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	line_init(&l, sv[0]);
	assert_int_equal(shutdown(sv[1], SHUT_WR), 0);
	alarm(5);
	errno = EINTR;
	assert_int_equal(ask_whoami(&l, &nothing, &w, &e), -1);
	alarm(0);
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_int_equal(l.fd, -1);
	close(sv[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_noun_comes_back_as_it_went),
		cmocka_unit_test(
		    a_cut_or_garbled_noun_is_refused_and_leaks_nothing),
		cmocka_unit_test(
		    a_question_gets_its_answer_its_descriptor_and_the_pushed_change),
		cmocka_unit_test(an_error_crosses_as_it_is),
		cmocka_unit_test(
		    a_question_above_the_seats_role_is_never_answered),
		cmocka_unit_test(malformed_frames_hang_up),
		cmocka_unit_test(every_op_has_a_role_and_a_meaning),
		cmocka_unit_test(the_end_of_the_line_is_seen_whatever_errno_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
