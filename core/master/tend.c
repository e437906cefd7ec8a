/* tend.c - the five processes: started, restarted when they die, ended in
 * order. */
#include "core/master/master.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/launch.h"
#include "core/base/log.h"
#include "core/base/passphrase.h"

#define PAUSE_FIRST_MS 100
#define PAUSE_LAST_MS 30000
#define PROMPT_DEATHS 16	/* in a row before the pause grows */
#define SOME_LIFE_MS 1000	/* who lived so long did its work: no growth */
#define LONG_LIFE_MS 10000	/* who lived so long is restarted at once */
#define END_PATIENCE_MS 5000
#define FDS_MOST 3

/* In the order in which they are started; they are ended the other way. */
enum process {
	PROCESS_SIGNER, PROCESS_REGISTRAR, PROCESS_COURIER, PROCESS_PUBLISHER,
	PROCESS_GATE,
	PROCESS_COUNT,
};
static const struct {
	const char *word, *binary;
	size_t user;			/* into struct conf */
} rows[PROCESS_COUNT] = {
#define ROW(lower, UPPER) [PROCESS_##UPPER] = { #lower, BINARY_##UPPER, \
	offsetof(struct conf, users_##lower) }
	ROW(signer, SIGNER),
	ROW(registrar, REGISTRAR),
	ROW(courier, COURIER),
	ROW(publisher, PUBLISHER),
	ROW(gate, GATE),
#undef ROW
};

struct kid {
	pid_t pid;			/* 0: not running */
	int64_t started, due;		/* clock_mono_ms() */
	int deaths;			/* soon after the start, in a row */
};

struct tending {
	const struct conf *conf;
	const struct sockets *sockets;
	struct kid kids[PROCESS_COUNT];
};

/* Fills fds in the order of core/base/child.h; how many, or -1. */
static int
kid_fds(const struct tending *t, enum process p, int fds[FDS_MOST],
    struct err *e)
{
	switch (p) {
	case PROCESS_SIGNER:
		fds[SIGNER_FD - 3] = t->sockets->signer;
		fds[SIGNER_PASSPHRASE_FD - 3] = passphrase_pipe(e);
		return fds[SIGNER_PASSPHRASE_FD - 3] < 0 ? -1 : 2;
	case PROCESS_REGISTRAR:
		fds[REGISTRAR_GATE_FD - 3] = t->sockets->gate;
		fds[REGISTRAR_COURIER_FD - 3] = t->sockets->courier;
		fds[REGISTRAR_CTL_FD - 3] = t->sockets->ctl;
		return 3;
	case PROCESS_PUBLISHER:
		fds[PUBLISHER_FD - 3] = t->sockets->http;
		return 1;
	case PROCESS_GATE:
		fds[GATE_FD - 3] = t->sockets->ssh;
		return 1;
	default:
		return 0;
	}
}

/* Who is killed again and again, but works in between, is wanted back; who
 * cannot even start must not keep the host busy. */
static int64_t
pause_after(int deaths)
{
	int64_t ms = PAUSE_FIRST_MS;

	if (deaths <= 1)
		return 0;
	for (int i = PROMPT_DEATHS; i < deaths && ms < PAUSE_LAST_MS; i++)
		ms *= 2;
	return ms < PAUSE_LAST_MS ? ms : PAUSE_LAST_MS;
}

static void
kid_postpone(struct kid *k, enum process p, const char *why)
{
	int64_t pause = pause_after(++k->deaths);

	k->due = clock_mono_ms() + pause;
	log_warn("%s %s; restart in %lld ms", rows[p].word, why,
	    (long long)pause);
}

static void
kid_start(struct tending *t, enum process p)
{
	struct kid *k = &t->kids[p];
	struct launch l = { .binary = rows[p].binary,
		.user = (const char *)t->conf + rows[p].user };
	int fds[FDS_MOST], n;
	struct err e = { 0 };
	pid_t pid = -1;

	n = kid_fds(t, p, fds, &e);
	l.fds = fds;
	l.n_fds = n < 0 ? 0 : (size_t)n;
	if (n >= 0)
		pid = launch(t->conf, &l, &e);
	if (p == PROCESS_SIGNER && n == 2)
		close(fds[SIGNER_PASSPHRASE_FD - 3]);
	if (pid < 0) {
		kid_postpone(k, p, e.text);
		return;
	}
	k->pid = pid;
	k->started = clock_mono_ms();
	log_info("started process=%s pid=%d", rows[p].word, (int)pid);
}

static void
kid_died(struct tending *t, enum process p, int status)
{
	struct kid *k = &t->kids[p];
	int64_t life = clock_mono_ms() - k->started;
	char why[64];

	if (life >= LONG_LIFE_MS)
		k->deaths = 0;
	else if (life >= SOME_LIFE_MS && k->deaths > 1)
		k->deaths = 1;
	k->pid = 0;
	if (WIFSIGNALED(status))
		snprintf(why, sizeof why, "was killed by signal %d",
		    WTERMSIG(status));
	else
		snprintf(why, sizeof why, "ended with status %d",
		    WEXITSTATUS(status));
	kid_postpone(k, p, why);
}

static void
kids_reap(struct tending *t)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int p = 0; p < PROCESS_COUNT; p++)
			if (t->kids[p].pid == pid)
				kid_died(t, (enum process)p, status);
}

/* Start whoever is due; how long until the next one is, -1: nobody waits. */
static int64_t
kids_start_due(struct tending *t)
{
	int64_t now = clock_mono_ms(), wait = -1;

	for (int p = 0; p < PROCESS_COUNT; p++) {
		struct kid *k = &t->kids[p];

		if (k->pid == 0 && k->due <= now)
			kid_start(t, (enum process)p);
		if (k->pid == 0 && (wait < 0 || k->due - now < wait))
			wait = k->due > now ? k->due - now : 0;
	}
	return wait;
}

static void
kid_end(struct kid *k, enum process p)
{
	int64_t until = clock_mono_ms() + END_PATIENCE_MS;
	sigset_t child;
	int status;

	if (k->pid == 0)
		return;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	kill(k->pid, SIGTERM);
	while (waitpid(k->pid, &status, WNOHANG) == 0) {
		int64_t left = until - clock_mono_ms();
		struct timespec ts = { .tv_sec = left / 1000,
			.tv_nsec = left % 1000 * 1000000 };

		if (left <= 0) {
			log_warn("%s did not end within %d s: killed",
			    rows[p].word, END_PATIENCE_MS / 1000);
			kill(k->pid, SIGKILL);
			waitpid(k->pid, &status, 0);
			break;
		}
		sigtimedwait(&child, NULL, &ts);
	}
	k->pid = 0;
	log_info("ended process=%s", rows[p].word);
}

static void
signals_fill(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
}

void
tend_signals_block(void)
{
	sigset_t set;

	signals_fill(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* The next signal, or 0 when `wait` milliseconds have passed. */
static int
signal_wait(int64_t wait)
{
	struct timespec ts = { .tv_sec = wait / 1000,
		.tv_nsec = wait % 1000 * 1000000 };
	sigset_t set;
	int got;

	signals_fill(&set);
	got = wait < 0 ? sigwaitinfo(&set, NULL) :
	    sigtimedwait(&set, NULL, &ts);
	if (got < 0 && errno != EAGAIN && errno != EINTR)
		fatal("signals: %s", strerror(errno));
	return got < 0 ? 0 : got;
}

/* A messenger takes the policy of the files to the registrar; what it says
 * goes to our log.  kids_reap() takes it in. */
static void
policy_reload(const struct conf *c)
{
	static const char *const reload[] = { "--reload", NULL };
	struct launch l = { .binary = BINARY_REGISTRAR, .arguments = reload,
		.user = "" };
	struct err e = { 0 };

	log_info("SIGHUP: the policy is read again");
	if (launch(c, &l, &e) < 0)
		log_warn("the policy stays: %s", e.text);
}

void
tend(const struct conf *c, const struct sockets *s,
    void (*started)(void))
{
	struct tending t = { .conf = c, .sockets = s };
	int64_t wait = kids_start_due(&t);
	int got;

	started();
	for (;;) {
		got = signal_wait(wait);
		if (got == SIGCHLD)
			kids_reap(&t);
		else if (got == SIGHUP)
			policy_reload(c);
		else if (got != 0)
			break;
		wait = kids_start_due(&t);
	}
	log_info("ending signal=%d", got);
	for (int i = PROCESS_COUNT - 1; i >= 0; i--)
		kid_end(&t.kids[i], (enum process)i);
}
