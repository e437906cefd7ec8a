/*
 * gate.c - the gate: it listens for SSH, forks a jailed transport for each
 * connection and starts a console for each session.  Run by the master as
 * `xmpp-ica-gate -c CONF` with the listening socket as descriptor 3.
 */
#include "console/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console/gate_host.h"
#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/jail.h"
#include "core/base/log.h"

#define REPORT_MS 10000
#define TICK_MS 500

/* What an event is about, besides a connection. */
static char about_listen, about_signals;

static void
usage(void)
{
	fputs("usage: xmpp-ica-gate -c CONF (started by xmpp-icad, with the "
	    "listening socket as descriptor 3)\n", stderr);
	exit(2);
}

/* One socket for each connection and one for each seat in between. */
static void
limits_raise(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &l) < 0)
			log_warn("limit of open files: %s", strerror(errno));
	}
}

static void
streams_ensure(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			fatal("descriptor %d is not open", fd);
}

/* As root, transports are shut in an empty folder as nobody. */
static void
empty_make(struct gate *g)
{
	struct err e = { 0 };

	if (geteuid() != 0) {
		log_info("not root: transports are held by seccomp and "
		    "Landlock alone");
		return;
	}
	conf_path(&g->conf, g->empty, "run/empty");
	if (mkdir(g->empty, 0555) < 0 && errno == ENOENT) {
		char run[CONF_PATH_SIZE];

		conf_path(&g->conf, run, "run");
		if (folder_make(run, 0700, &e) < 0)
			fatal("%s", e.text);
		if (mkdir(g->empty, 0555) < 0)
			fatal("%s: %s", g->empty, strerror(errno));
	}
}

static void
paths_find(struct gate *g)
{
	char libexec[CONF_PATH_SIZE];

	child_libexec(&g->conf, libexec);
	if (path_join(g->console, sizeof g->console, libexec,
	    BINARY_CONSOLE) < 0)
		fatal("path of the console is too long");
}

static int
signals_open(void)
{
	sigset_t s;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&s);
	sigaddset(&s, SIGCHLD);
	sigaddset(&s, SIGTERM);
	sigaddset(&s, SIGINT);
	sigprocmask(SIG_BLOCK, &s, NULL);
	fd = signalfd(-1, &s, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		fatal("signalfd: %s", strerror(errno));
	return fd;
}

static void
watch(struct gate *g, int fd, void *about)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = about };

	if (epoll_ctl(g->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		fatal("epoll: %s", strerror(errno));
}

static void
gate_open(struct gate *g)
{
	struct err e = { 0 };

	if (ssh_version(SSH_VERSION_INT(0, 10, 6)) == NULL)
		fatal("libssh %s is too old: 0.10.6 or newer is needed",
		    ssh_version(0));
	if (fcntl(GATE_FD, F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(GATE_FD, F_SETFD, FD_CLOEXEC) < 0)
		fatal("descriptor %d is no listening socket: start xmpp-icad",
		    GATE_FD);
	umask(077);
	limits_raise();
	paths_find(g);
	empty_make(g);
	g->registrar.fd = -1;
	g->host = xcalloc(1, sizeof *g->host);
	if (limits_init(&g->limits, &g->conf, &e) < 0 ||
	    host_open(g->host, &g->conf, &e) < 0 ||
	    host_warm(g->host, &e) < 0 ||
	    jail_prepare(JAIL_TRANSPORT, &e) < 0)
		fatal("%s", e.text);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	g->signals = signals_open();
	g->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (g->epoll < 0)
		fatal("epoll: %s", strerror(errno));
	watch(g, GATE_FD, &about_listen);
	watch(g, g->signals, &about_signals);
}

static void
leave_begin(struct gate *g)
{
	if (g->leave_ms != 0)
		return;
	log_info("stopping sessions=%d", g->n_sessions);
	g->leave_ms = clock_mono_ms() + 3000;
	epoll_ctl(g->epoll, EPOLL_CTL_DEL, GATE_FD, NULL);
	for (struct conn *c = g->conns; c != NULL; c = c->next)
		conn_quit(g, c, "The service is being restarted; nothing was "
		    "lost, please log in again in a moment.");
}

static void
signals_read(struct gate *g)
{
	struct signalfd_siginfo si;
	int status;
	pid_t pid;

	while (read(g->signals, &si, sizeof si) == sizeof si)
		if (si.ssi_signo == SIGTERM || si.ssi_signo == SIGINT)
			leave_begin(g);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		conn_child_gone(g, pid, status);
}

static void
gate_run(struct gate *g)
{
	struct epoll_event events[64];
	int64_t report_ms = clock_mono_ms() + REPORT_MS;

	while (g->leave_ms == 0 ||
	    (g->conns != NULL && clock_mono_ms() < g->leave_ms)) {
		int n = epoll_wait(g->epoll, events, 64,
		    g->leave_ms != 0 ? 50 : TICK_MS);
		int64_t now;

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == &about_listen)
				conn_accept(g);
			else if (events[i].data.ptr == &about_signals)
				signals_read(g);
			else
				conn_message(g, events[i].data.ptr);
		}
		now = clock_mono_ms();
		conn_tick(g, now);
		registrar_keep(g);
		if (now >= report_ms) {
			report_flush(g);
			report_ms = now + REPORT_MS;
		}
	}
}

int
main(int argc, char **argv)
{
	static struct gate gate;
	struct err e = { 0 };

	log_open("gate");
	if (argc != 3 || strcmp(argv[1], "-c") != 0)
		usage();
	streams_ensure();
	if (conf_read(argv[2], &gate.conf, &e) < 0)
		fatal("%s", e.text);
	gate_open(&gate);
	log_info("ready");
	gate_run(&gate);
	for (struct conn *c = gate.conns; c != NULL; c = c->next) {
		if (c->transport > 0)
			kill(c->transport, SIGKILL);
		if (c->console > 0)
			kill(-c->console, SIGKILL);
	}
	gate.registrar.timeout_ms = 500;
	report_flush(&gate);
	log_info("stopped");
	return 0;
}
