/* gate_transport.c - the life and the loop of one connection's child. */
#include "console/gate_transport.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/jail.h"
#include "core/base/log.h"

#define PARENT_MS 10000			/* longest wait for an answer */
#define ALIVE_MS 20000			/* so often the client is sent a packet */
#define UNHEARD_MS 60000		/* what was sent is not acknowledged */
#define CLOSED_MS 300000		/* nor are probes of a closed window */
#define NOBODY 65534
#define QUIT_MS 1500			/* for the console to say its last */

static void
on_alarm(int sig)
{
	(void)sig;
	_exit(TRANSPORT_GRACE);
}

/* Ours are 3 and 4; stdin and stdout are nothing; stderr too, since a line in
 * the operator's log must not come from here. */
static void
descriptors_arrange(int *fd, int *parent)
{
	int null, a, b;

	a = fcntl(*fd, F_DUPFD_CLOEXEC, 10);
	b = fcntl(*parent, F_DUPFD_CLOEXEC, 10);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (a < 0 || b < 0 || null < 0 || dup2(a, 3) < 0 || dup2(b, 4) < 0 ||
	    dup2(null, 0) < 0 || dup2(null, 1) < 0)
		_exit(TRANSPORT_OURS);
#ifndef __SANITIZE_ADDRESS__
	if (dup2(null, 2) < 0)
		_exit(TRANSPORT_OURS);
#endif
	*fd = 3;
	*parent = 4;
	if (close_range(5, ~0u, 0) < 0)
		_exit(TRANSPORT_OURS);
}

static void
signals_reset(void)
{
	sigset_t none;

	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, on_alarm);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* As root there is more to give away.  Where no other user exists (a user
 * namespace that maps root alone) the folder and the filter must do. */
static int
root_drop(const struct gate *g)
{
	if (geteuid() != 0)
		return 0;
	if (g->empty[0] == '\0' || chroot(g->empty) < 0 || chdir("/") < 0)
		return -1;
	if ((setgroups(0, NULL) == 0 || errno == EPERM) &&
	    setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	log_info("no user %d here: the transport keeps its own", NOBODY);
	return 0;
}

static void
lock_up(const struct gate *g)
{
	struct err e = { 0 };

	/* the parent may have to kill a child of another user no more */
	if (root_drop(g) < 0) {
		log_warn("transport: cannot give up root: %s",
		    strerror(errno));
		_exit(TRANSPORT_OURS);
	}
	if (jail_enter(JAIL_TRANSPORT, NULL, &e) < 0) {
		log_warn("transport: %s", e.text);
		_exit(TRANSPORT_OURS);
	}
}

void
transport_cut(struct transport *t, const char *why)
{
	if (t->dead)
		return;
	t->dead = true;
	auth_end();
	ssh_session_set_disconnect_message(t->session, why);
}

/* A message of the parent that is no answer: EXIT, QUIT. */
static void
transport_told(struct transport *t, const struct message *m)
{
	if (m->kind == MESSAGE_EXIT) {
		t->exited = true;
		if (t->status == 0) {
			t->status = m->status;
			t->signal = m->signal;
		}
	} else if (m->kind == MESSAGE_QUIT) {
		snprintf(t->last_words, sizeof t->last_words, "%s", m->text);
		t->status = 5;
		t->leave_ms = clock_mono_ms() + QUIT_MS;
		if (!t->started)
			transport_cut(t, m->text);
	}
}

bool
transport_ask(struct transport *t, const struct message *question,
    enum message_kind answer_kind, struct message *answer)
{
	int64_t deadline = clock_mono_ms() + PARENT_MS;

	if (message_send(t->parent, question) < 0) {
		t->dead = t->ours = true;
		return false;
	}
	for (;;) {
		struct pollfd p = { .fd = t->parent, .events = POLLIN };
		int64_t left = deadline - clock_mono_ms();
		int r = 0;

		if (left > 0 && poll(&p, 1, (int)left) >= 0)
			r = message_receive(t->parent, answer);
		if (r == 1 && answer->kind == answer_kind)
			return true;
		if (r == 1)
			transport_told(t, answer);
		if (r < 0 || left <= 0) {
			t->dead = t->ours = true;
			return false;
		}
	}
}

static void
parent_hear(struct transport *t)
{
	struct message m;
	int r;

	while ((r = message_receive(t->parent, &m)) == 1) {
		while (m.n_fds > 0)		/* nothing was asked for */
			close(m.fds[--m.n_fds]);
		transport_told(t, &m);
	}
	if (r < 0)
		t->dead = true;
}

static int
wait_ms(const struct transport *t, int64_t now, int64_t alive_ms)
{
	int64_t until = t->logged_in ? alive_ms : now + ALIVE_MS;

	if (t->leave_ms != 0 && t->leave_ms < until)
		until = t->leave_ms;
	if (t->resized && until > t->resized_ms + 100)
		until = t->resized_ms + 100;
	return until <= now ? 0 : (int)(until - now);
}

enum { P_SSH, P_PARENT, P_IN, P_OUT, P_ERR, P_COUNT };

static void
poll_make(struct transport *t, struct pollfd p[P_COUNT])
{
	const struct pollfd none = { .fd = -1 };
	bool open = t->channel != NULL && t->started && !t->closing;

	for (int i = 0; i < P_COUNT; i++)
		p[i] = none;
	p[P_SSH].fd = t->fd;
	p[P_SSH].events = POLLIN;
	if ((ssh_get_poll_flags(t->session) & SSH_WRITE_PENDING) != 0)
		p[P_SSH].events |= POLLOUT;
	p[P_PARENT].fd = t->parent;
	p[P_PARENT].events = POLLIN;
	if (open && t->in.fd >= 0 && t->in.size > 0) {
		p[P_IN].fd = t->in.fd;
		p[P_IN].events = POLLOUT;
	}
	if (open && channel_wants_out(t, &t->out)) {
		p[P_OUT].fd = t->out.fd;
		p[P_OUT].events = POLLIN;
	}
	if (open && channel_wants_out(t, &t->err)) {
		p[P_ERR].fd = t->err.fd;
		p[P_ERR].events = POLLIN;
	}
}

/* A host or line that is gone acknowledges nothing.  A client that stopped
 * reading does: its window is closed, the kernel asks for it every two minutes
 * or more often, and the session may wait. */
static bool
line_is_dead(int fd)
{
	struct tcp_info i = { 0 };
	socklen_t size = sizeof i;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &size) < 0)
		return false;
	return i.tcpi_last_ack_recv > (i.tcpi_unacked > 0 ? UNHEARD_MS :
	    CLOSED_MS);
}

/* One turn: wait, let libssh work, hear the parent, move bytes. */
static void
turn(struct transport *t, int64_t *alive_ms)
{
	struct pollfd p[P_COUNT];
	int64_t now = clock_mono_ms();

	poll_make(t, p);
	if (poll(p, P_COUNT, wait_ms(t, now, *alive_ms)) < 0 &&
	    errno != EINTR) {
		t->dead = true;
		return;
	}
	now = clock_mono_ms();
	if (p[P_SSH].revents != 0 &&
	    (ssh_event_dopoll(t->event, 0) == SSH_ERROR ||
	    (p[P_SSH].revents & POLLNVAL) != 0 ||
	    (ssh_get_status(t->session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) !=
	    0))
		t->dead = true;
	if (p[P_PARENT].revents != 0)
		parent_hear(t);
	if (!t->dead)
		channel_pump(t, p[P_OUT].revents != 0,
		    p[P_ERR].revents != 0);
	channel_resize(t, now);
	if (t->logged_in && now >= *alive_ms) {
		*alive_ms = now + ALIVE_MS;
		if (line_is_dead(t->fd))
			t->dead = true;
		/* what waits in front of it would do as well */
		if (!t->dead && (ssh_get_poll_flags(t->session) &
		    SSH_WRITE_PENDING) == 0 &&
		    ssh_send_ignore(t->session, "alive") != SSH_OK)
			t->dead = true;
	}
	if (t->leave_ms != 0 && now >= t->leave_ms) {
		if (!t->closing && t->channel != NULL && t->started)
			channel_finish(t);
		else
			t->dead = true;
	}
}

/* Hand to the network what libssh still holds, then say goodbye. */
static void
leave(struct transport *t)
{
	int rounds = 20;

	while ((ssh_get_poll_flags(t->session) & SSH_WRITE_PENDING) != 0 &&
	    (ssh_get_status(t->session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) ==
	    0 && rounds-- > 0) {
		struct pollfd p = { .fd = t->fd, .events = POLLOUT };

		if (poll(&p, 1, 50) < 0 ||
		    ssh_event_dopoll(t->event, 0) == SSH_ERROR)
			break;
	}
	if (!t->closing && ssh_is_connected(t->session))
		ssh_disconnect(t->session);
}

static enum transport_status
status_of(const struct transport *t)
{
	if (t->logged_in)
		return TRANSPORT_DONE;
	if (t->ours)
		return TRANSPORT_OURS;
	return t->tried ? TRANSPORT_REFUSED : TRANSPORT_NO_ATTEMPT;
}

_Noreturn void
transport_run(const struct gate *g, int fd, int parent)
{
	static struct transport t;	/* callbacks point into it to the end */
	int64_t alive_ms;

	descriptors_arrange(&fd, &parent);
	signals_reset();
	alarm((unsigned)g->conf.ssh_grace_seconds);
	t.conf = &g->conf;
	t.fd = fd;
	t.parent = parent;
	t.in.fd = t.out.fd = t.err.fd = -1;
	t.session = host_session();
	t.event = ssh_event_new();
	if (t.session == NULL || t.event == NULL ||
	    ssh_bind_accept_fd(g->host->bind, t.session, fd) != SSH_OK)
		_exit(TRANSPORT_OURS);
	ssh_set_blocking(t.session, 0);
	auth_install(&t);
	lock_up(g);
	if (ssh_handle_key_exchange(t.session) == SSH_ERROR ||
	    ssh_event_add_session(t.event, t.session) != SSH_OK)
		_exit(TRANSPORT_NO_ATTEMPT);
	alive_ms = clock_mono_ms() + ALIVE_MS;
	while (!t.dead)
		turn(&t, &alive_ms);
	leave(&t);
	_exit(status_of(&t));
}
