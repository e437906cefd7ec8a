/*
 * signer_end.h - a real signer in a child process of a unit test: its own
 * keys, its own journal, on run/signer.sock of the rig's folder.
 */
#ifndef UNIT_SIGNER_END_H
#define UNIT_SIGNER_END_H

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/rig.h"

#include "core/wire/ask.h"

#define SERVE_SIGNER(x) x
#include "core/wire/serve.h"

#include "core/base/child.h"
#include "core/signer/approvals.h"
#include "core/signer/signer.h"

#define SIGNER_END __attribute__((unused)) static
static pid_t signer_pid;

SIGNER_END int
signer_answer(struct seat *s)
{
	struct question q = { 0 };
	struct err e = { 0 };
	void *answer = NULL;
	int got = seat_next(s, OP_SERVER_SIGNER, &q, &e);

	if (got <= 0)
		return got;
	answer = xcalloc(1, ops[q.op].answer->size);
	if (serve_table[q.op](s, q.argument, answer, &e) == 0)
		seat_answer_put(s, answer);
	else
		seat_error_put(s, &e);
	shape_clear(ops[q.op].answer, answer);
	free(answer);
	question_clear(&q);
	return 1;
}

SIGNER_END void
signer_serve(int fd)
{
	struct seat s;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	seat_init(&s, fd, ROLE_REGISTRAR);
	while (poll(&p, 1, -1) >= 0 && seat_read(&s) >= 0) {
		while (signer_answer(&s) > 0)
			;
		while (seat_flush(&s) == 1)
			;
	}
	seat_close(&s);
}

SIGNER_END void
signer_main(int listener)
{
	struct signer *s = &signer_self;
	struct err e = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	s->conf = conf;
	conf_path(&s->conf, s->folder, FOLDER_CA);
	sign_limits_init(&s->limits, s->conf.signer_per_hour,
	    s->conf.signer_per_day);
	if (sign_issuers_load(s, "pass", &e) < 0 ||
	    (s->journal = journal_open(s->folder, false, sign_limits_count,
	    &s->limits, &e)) == NULL || approvals_open(s, &e) < 0 ||
	    sign_log_load(s, "pass", &e) < 0) {
		fprintf(stderr, "signer: %s: %s\n", e.clause, e.text);
		_exit(1);
	}
	for (size_t i = 0; i < s->n_issuers; i++)
		sign_responder_renew(s, &s->issuers[i], &e);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(0);
		signer_serve(fd);
	}
}

SIGNER_END void
signer_init(void)
{
	struct err e = { 0 };

	if (ceremony_init(&conf, true, "pass", &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
}

/* The child takes the test's clock with it. */
/* The line to it is tried once a second, and it reads its keys first. */
static void
signer_await(void)
{
	for (int i = 0; i < 1500; i++) {
		struct issuer_list list = { 0 };
		struct none none = { 0 };
		struct line *l = signer_line(NULL);
		bool good = l != NULL &&
		    ask_sign_issuers(l, &none, &list, NULL) == 0;

		NOUN_CLEAR(issuer_list, &list);
		if (good)
			return;
		usleep(10000);
	}
	fail_msg("the signer does not answer");
}

SIGNER_END void
signer_start(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char path[CONF_PATH_SIZE];
	struct err e = { 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	conf_path(&conf, path, "run");
	assert_int_equal(folder_make(path, 0700, &e), 0);
	conf_path(&conf, path, SOCKET_SIGNER);
	assert_true(str_copy(a.sun_path, sizeof a.sun_path, path));
	unlink(path);
	assert_int_equal(bind(fd, (void *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 5), 0);
	fflush(NULL);
	if ((signer_pid = fork()) == 0)
		signer_main(fd);
	close(fd);
	signer_await();
}

SIGNER_END void
signer_stop(void)
{
	char path[CONF_PATH_SIZE];

	if (signer_pid <= 0)
		return;
	kill(signer_pid, SIGKILL);
	waitpid(signer_pid, NULL, 0);
	signer_pid = 0;
	conf_path(&conf, path, SOCKET_SIGNER);
	unlink(path);
}

/* Each test in a process of its own: the line to the signer, and its patience
 * with one that went away, belong to the process.  Failures. */
SIGNER_END int
signer_run_each(const struct CMUnitTest *tests, size_t n)
{
	int failed = 0, status;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < n; i++) {
		pid_t pid;

		fflush(NULL);
		if ((pid = fork()) == 0) {
			alarm(120);
			exit(_cmocka_run_group_tests(tests[i].name, tests + i,
			    1, NULL, NULL));
		}
		if (waitpid(pid, &status, 0) != pid || status != 0)
			failed++;
	}
	return failed;
}

#endif
