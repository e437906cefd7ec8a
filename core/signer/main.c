/* main.c - the signer's start and its loop: one registrar at a time. */
#include "core/signer/signer.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVE_SIGNER(x) x
#include "core/wire/serve.h"

#include "core/base/child.h"
#include "core/base/jail.h"
#include "core/base/log.h"
#include "core/signer/approvals.h"

#define SETTLE_MS 100		/* idle for so long: make the journal durable */

static uid_t registrar_uid;	/* besides root and our own */

/* One question, answered.  0, or -1: hang up. */
static int
question_answer(struct seat *s)
{
	struct question q = { 0 };
	struct err e = { 0 };
	void *answer = NULL;
	int got = seat_next(s, OP_SERVER_SIGNER, &q, &e);

	if (got < 0)
		log_warn("registrar: %s: hung up", e.text);
	if (got <= 0)
		return got < 0 ? -1 : 0;
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

static int
seat_work(struct seat *s, short events)
{
	int r = 1;

	if (events & (POLLIN | POLLHUP | POLLERR) && seat_read(s) < 0)
		return -1;
	while (r == 1 && s->out.size == 0)
		if ((r = question_answer(s)) == 1 && seat_flush(s) < 0)
			return -1;
	return r < 0 || seat_flush(s) < 0 ? -1 : 0;
}

/* Who connects: ourselves, the registrar's user, or root; nobody else. */
static void
registrar_accept(struct seat *s)
{
	struct ucred who = { 0 };
	socklen_t size = sizeof who;
	int fd = accept4(SIGNER_FD, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 ||
	    (who.uid != 0 && who.uid != geteuid() &&
	    who.uid != registrar_uid)) {
		log_warn("refused a connection of uid=%u pid=%d", who.uid,
		    who.pid);
		close(fd);
		return;
	}
	seat_init(s, fd, ROLE_REGISTRAR);
	log_info("registrar connected pid=%d", who.pid);
}

/* A full disk is said once, and not ten times a second. */
static void
settle(void)
{
	static bool said;
	struct err e = { 0 };

	if (!journal_unsettled(signer_self.journal))
		return;
	if (journal_settle(signer_self.journal, &e) == 0)
		said = false;
	else if (!said) {
		log_warn("%s", e.text);
		said = true;
	}
}

static int
signals_open(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	fd = sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -1 :
	    signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		fatal("signals: %s", strerror(errno));
	return fd;
}

/* While a registrar is connected the next one waits in the backlog: a UNIX
 * socket says at once when its other end has died. */
static void
loop(int signals)
{
	struct seat s = { .fd = -1, .pass_fd = -1 };

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = s.fd >= 0 ? s.fd : SIGNER_FD,
			  .events = s.out.size > 0 ? POLLOUT : POLLIN },
		};
		int wait = journal_unsettled(signer_self.journal) ?
		    SETTLE_MS : -1;
		int n = poll(p, 2, wait);

		if (n < 0 && errno != EINTR)
			fatal("poll: %s", strerror(errno));
		if (n == 0)
			settle();
		if (n > 0 && p[0].revents)
			break;
		if (n <= 0 || p[1].revents == 0)
			continue;
		if (s.fd < 0)
			registrar_accept(&s);
		else if (seat_work(&s, p[1].revents) < 0) {
			seat_close(&s);
			settle();
			log_info("registrar disconnected");
		}
		if (signer_self.ending && s.out.size == 0)
			break;
	}
	seat_close(&s);
	settle();
}

static void
registrar_find(const struct conf *c)
{
	struct passwd *p = c->users_registrar[0] != '\0' ?
	    getpwnam(c->users_registrar) : NULL;

	registrar_uid = p != NULL ? p->pw_uid : geteuid();
}

static void
responders_renew(struct signer *s)
{
	struct err e = { 0 };

	for (size_t i = 0; i < s->n_issuers; i++)
		if (s->issuers[i].certificate != NULL &&
		    sign_responder_renew(s, &s->issuers[i], &e) < 0)
			log_warn("responder of %s: %s", s->issuers[i].name,
			    e.text);
}

static void
serve(struct signer *s, char *passphrase)
{
	const char *folders[] = { s->folder, NULL };
	struct err e = { 0 };
	int signals = signals_open(), r;

	registrar_find(&s->conf);
	conf_path(&s->conf, s->folder, FOLDER_CA);
	sign_limits_init(&s->limits, s->conf.signer_per_hour,
	    s->conf.signer_per_day);
	r = sign_issuers_load(s, passphrase, &e);
	if (r == 0)
		r = sign_log_load(s, passphrase, &e);
	if (r == 0)
		r = approvals_open(s, &e);
	secret_free(passphrase, strlen(passphrase));
	if (r < 0)
		fatal("%s: %s", e.clause, e.text);
	s->journal = journal_open(s->folder, false, sign_limits_count,
	    &s->limits, &e);
	if (s->journal == NULL)
		fatal("%s: %s", e.clause, e.text);
	harden_memory();
	if (jail_enter(JAIL_SIGNER, folders, &e) < 0)
		fatal("%s: %s", e.clause, e.text);
	responders_renew(s);
	log_info("ready issuers=%zu", s->n_issuers);
	loop(signals);
	journal_close(s->journal);
	sign_issuers_clear(s);
	sign_log_clear(s);
	approvals_close();
	log_info("ended");
}

static int
usage(void)
{
	fputs("usage: xmpp-ica-signer -c CONF [--init trial|outside | "
	    "--next trial|outside | --next-person trial|outside]\n"
	    "The passphrase of the CA keys comes on descriptor 4.\n", stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	struct err e = { 0 };
	char *passphrase;
	bool init, person, trial;
	int r;

	if ((argc != 3 && argc != 5) || strcmp(argv[1], "-c") != 0)
		return usage();
	init = argc == 5 && strcmp(argv[3], "--init") == 0;
	person = argc == 5 && strcmp(argv[3], "--next-person") == 0;
	trial = argc == 5 && strcmp(argv[4], "trial") == 0;
	if (argc == 5 && ((!init && !person &&
	    strcmp(argv[3], "--next") != 0) ||
	    (!trial && strcmp(argv[4], "outside") != 0)))
		return usage();
	log_open("signer");
	harden_early();
	if (conf_read(argv[2], &signer_self.conf, &e) < 0 ||
	    (passphrase = passphrase_read(SIGNER_PASSPHRASE_FD, &e)) == NULL) {
		log_warn("%s: %s", e.clause, e.text);
		return err_exit_status(e.kind);
	}
	close(SIGNER_PASSPHRASE_FD);
	if (argc == 3) {
		serve(&signer_self, passphrase);
		return 0;
	}
	r = init ? ceremony_init(&signer_self.conf, trial, passphrase, &e) :
	    ceremony_next(&signer_self.conf, person, trial, passphrase, &e);
	secret_free(passphrase, strlen(passphrase));
	if (r == 0)
		return 0;
	log_warn("%s: %s", e.clause, e.text);
	return err_exit_status(e.kind);
}
