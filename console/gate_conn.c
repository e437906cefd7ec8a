/* gate_conn.c - one connection, from accept to its last process. */
#include "console/gate.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console/gate_transport.h"
#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/log.h"

#define PARENT_GRACE_MS 5000	/* the transport's own alarm comes first */
#define QUIT_MS 5000
#define STATUS_UNAVAILABLE 5

static void
conn_kill(struct conn *c)
{
	if (c->transport > 0)
		kill(c->transport, SIGKILL);
}

/* With all that it may have started: it leads a session of its own. */
static void
console_kill(const struct conn *c, int sig)
{
	if (c->console > 0)
		kill(-c->console, sig);
}

static void
sock_close(struct gate *g, struct conn *c)
{
	if (c->sock < 0)
		return;
	epoll_ctl(g->epoll, EPOLL_CTL_DEL, c->sock, NULL);
	close(c->sock);
	c->sock = -1;
}

static void
seat_drop(struct conn *c)
{
	if (c->seat >= 0)
		close(c->seat);
	c->seat = -1;
}

/* ---- accepting ---- */

/* Lines before the version string are allowed (RFC 4253 4.2). */
static void
turn_away(int fd, const char *text)
{
	char line[160];
	int n = snprintf(line, sizeof line, "%s\r\n", text);

	if (send(fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;		/* it does not listen, and goes in any case */
}

static bool
admitted(struct gate *g, int fd, const struct source *s)
{
	int64_t now = clock_mono_ms();
	char text[128];
	uint32_t dice = 0;

	if (getrandom(&dice, sizeof dice, 0) < 0)
		return false;
	switch (limits_enter(&g->limits, s, now, dice)) {
	case ADMIT:
		return true;
	case DROP_PENALTY:
		snprintf(text, sizeof text, "Too many failed logins from your "
		    "address; please try again in %d seconds.",
		    limits_penalty(&g->limits, s, now));
		turn_away(fd, text);
		report_count(s, "dropped: penalty");
		return false;
	case DROP_SOURCE:
		turn_away(fd, "Too many connections from your address wait "
		    "for their login; please try again in a moment.");
		report_count(s, "dropped: per_source");
		return false;
	case DROP_STARTUPS:
	default:
		turn_away(fd, "Too many connections wait for their login; "
		    "please try again in a moment.");
		report_count(s, "dropped: startups");
		return false;
	}
}

static void
socket_tune(int fd)
{
	int yes = 1;

	/* keys must not wait for more keys; that the dead do not stay for ever
	 * is the transport's care: TCP_USER_TIMEOUT would also end one who
	 * only stopped reading for a while */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
}

static int
conn_fork(struct gate *g, struct conn *c, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	c->transport = fork();
	if (c->transport == 0)
		transport_run(g, fd, pair[1]);
	close(pair[1]);
	c->sock = pair[0];
	if (c->transport < 0 ||
	    epoll_ctl(g->epoll, EPOLL_CTL_ADD, c->sock, &ev) < 0) {
		conn_kill(c);
		close(c->sock);
		return -1;
	}
	return 0;
}

static void
conn_begin(struct gate *g, int fd, const struct source *s)
{
	struct conn *c = xcalloc(1, sizeof *c);

	socket_tune(fd);
	c->seat = c->sock = -1;
	c->source = *s;
	c->waiting = true;
	c->born_ms = clock_mono_ms();
	c->end_ms = c->born_ms + g->conf.ssh_grace_seconds * 1000 +
	    PARENT_GRACE_MS;
	if (conn_fork(g, c, fd) < 0) {
		log_warn("cannot serve a connection: %s", strerror(errno));
		limits_leave(&g->limits, s, c->born_ms, ENDING_OURS);
		free(c);
		return;
	}
	c->next = g->conns;
	g->conns = c;
	g->n_conns++;
}

void
conn_accept(struct gate *g)
{
	for (int i = 0; i < 64; i++) {
		struct sockaddr_storage a;
		socklen_t size = sizeof a;
		struct source s;
		int fd = accept4(GATE_FD, (struct sockaddr *)&a, &size,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE)
				log_warn("accept: %s", strerror(errno));
			return;
		}
		if (source_of(&s, &a) && admitted(g, fd, &s))
			conn_begin(g, fd, &s);
		close(fd);
	}
}

/* ---- what the transport asks ---- */

static bool
same_person(const struct conn *a, const struct conn *b)
{
	if (a->who.role != b->who.role)
		return false;
	if (a->who.role == ROLE_GUEST)		/* no account yet */
		return memcmp(a->source.block, b->source.block, 16) == 0;
	return strcmp(a->who.account, b->who.account) == 0;
}

/* Why there is no room for one more session of this person; "" there is. */
static void
room_find(const struct gate *g, struct conn *c)
{
	int64_t same = 0;

	c->full[0] = '\0';
	for (const struct conn *o = g->conns; o != NULL; o = o->next)
		same += o != c && o->logged_in && same_person(o, c);
	if (g->n_sessions >= g->conf.ssh_sessions)
		snprintf(c->full, sizeof c->full, "The server is full (%lld "
		    "sessions); please try again later.",
		    (long long)g->conf.ssh_sessions);
	else if (same >= g->conf.ssh_per_account)
		snprintf(c->full, sizeof c->full, "%lld sessions of yours are "
		    "open already; close one and try again.", (long long)same);
}

static void
login_note(struct gate *g, struct conn *c, const struct message *m)
{
	room_find(g, c);
	if (c->full[0] != '\0')
		seat_drop(c);
	c->logged_in = true;
	c->waiting = false;
	limits_leave(&g->limits, &c->source, clock_mono_ms(), ENDING_LOGIN);
	g->n_sessions++;
	snprintf(c->fingerprint, sizeof c->fingerprint, "%s", m->fingerprint);
	/* a login that starts no session has the same time again for it */
	c->end_ms = clock_mono_ms() + g->conf.ssh_grace_seconds * 1000;
	log_info("login name=%s account=%s role=%s key=%s source=%s", m->user,
	    c->who.account, word_of(&role_words, c->who.role), m->fingerprint,
	    c->source.text);
}

static void
answer_key(struct gate *g, struct conn *c, const struct message *m)
{
	struct message reply = { .kind = MESSAGE_VERDICT };

	/* probes and signatures of a transport that counts as it should */
	if (c->logged_in || ++c->questions > 2 * g->conf.ssh_attempts + 2) {
		log_warn("a transport asks too much source=%s",
		    c->source.text);
		conn_kill(c);
		return;
	}
	if (m->kind == MESSAGE_KEY) {
		reply.verdict = seat_check(g, m, &c->source, &c->who,
		    reply.text);
	} else {
		reply.verdict = seat_open(g, m, &c->source, &c->who, &c->seat,
		    reply.text);
		if (reply.verdict == KEY_ACCEPTED)
			login_note(g, c, m);
	}
	if (message_send(c->sock, &reply) < 0)
		conn_kill(c);
}

static void
answer_spawn(struct gate *g, struct conn *c, const struct message *m)
{
	struct message reply = { .kind = MESSAGE_STARTED };
	struct err e = { 0 };

	if (!c->logged_in || c->started) {
		log_warn("a transport asks for a console it may not have "
		    "source=%s", c->source.text);
		conn_kill(c);
		return;
	}
	c->started = true;
	if (c->seat < 0) {
		reply.status = STATUS_UNAVAILABLE;
		snprintf(reply.text, sizeof reply.text, "%s", c->full);
	} else if (console_start(g, m, c->seat, c->who.idle_minutes,
	    &c->console, &reply, &e) < 0) {
		reply.status = STATUS_UNAVAILABLE;
		snprintf(reply.text, sizeof reply.text, "%.255s", e.text);
	}
	seat_drop(c);
	c->end_ms = c->born_ms + (c->who.lifetime_hours > 0 ?
	    c->who.lifetime_hours : g->conf.ssh_lifetime_hours) * 3600 * 1000;
	if (message_send(c->sock, &reply) < 0)
		conn_kill(c);
	while (reply.n_fds > 0)
		close(reply.fds[--reply.n_fds]);
}

void
conn_message(struct gate *g, struct conn *c)
{
	struct message m;
	int r = 0;

	while (c->sock >= 0 && (r = message_receive(c->sock, &m)) == 1) {
		if (m.kind == MESSAGE_KEY || m.kind == MESSAGE_OPEN)
			answer_key(g, c, &m);
		else if (m.kind == MESSAGE_SPAWN)
			answer_spawn(g, c, &m);
		else
			r = -1;
		if (r < 0) {		/* no descriptor comes from there */
			while (m.n_fds > 0)
				close(m.fds[--m.n_fds]);
			break;
		}
	}
	if (r < 0) {		/* gone, or it talks nonsense: it has a second */
		sock_close(g, c);
		c->kill_ms = clock_mono_ms() + 1000;
	}
}

/* ---- endings ---- */

static enum ending
ending_of(struct conn *c, int status)
{
	if (c->kill_ms != 0 && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL)
		return ENDING_GRACE;
	if (!WIFEXITED(status))
		return ENDING_CRASH;
	switch (WEXITSTATUS(status)) {
	case TRANSPORT_GRACE:
		return ENDING_GRACE;
	case TRANSPORT_REFUSED:
		return ENDING_REFUSED;
	case TRANSPORT_NO_ATTEMPT:
		return ENDING_NO_ATTEMPT;
	case TRANSPORT_OURS:
	case TRANSPORT_DONE:
		return ENDING_OURS;
	default:
		return ENDING_CRASH;
	}
}

static void
ending_report(const struct conn *c, enum ending how, int status)
{
	switch (how) {
	case ENDING_CRASH:
		log_warn("a transport crashed status=%x source=%s",
		    (unsigned)status, c->source.text);
		report_count(&c->source, "transport crashed");
		break;
	case ENDING_GRACE:
		report_count(&c->source, "grace exceeded");
		break;
	case ENDING_REFUSED:
		report_count(&c->source, "login failed");
		break;
	case ENDING_NO_ATTEMPT:
	case ENDING_LOGIN:
	case ENDING_OURS:
	default:
		break;
	}
}

static void
transport_gone(struct gate *g, struct conn *c, int status)
{
	enum ending how = ending_of(c, status);
	int64_t now = clock_mono_ms();

	c->transport = 0;
	sock_close(g, c);
	seat_drop(c);
	if (c->waiting) {
		c->waiting = false;
		limits_leave(&g->limits, &c->source, now, how);
		ending_report(c, how, status);
	} else if (how == ENDING_CRASH) {
		ending_report(c, how, status);
	}
	if (c->console > 0) {
		console_kill(c, SIGHUP);
		c->kill_ms = now + QUIT_MS;
	}
}

static void
console_gone(struct conn *c, int status)
{
	struct message m = { .kind = MESSAGE_EXIT };

	c->console = 0;
	if (WIFSIGNALED(status)) {
		m.signal = WTERMSIG(status);
		if (m.signal != SIGHUP && m.signal != SIGKILL)
			log_warn("a console was ended by signal %d account=%s",
			    m.signal, c->who.account);
	} else {
		m.status = WEXITSTATUS(status);
	}
	if (c->sock >= 0 && message_send(c->sock, &m) < 0)
		conn_kill(c);
}

void
conn_child_gone(struct gate *g, pid_t pid, int status)
{
	for (struct conn *c = g->conns; c != NULL; c = c->next) {
		if (c->transport == pid) {
			transport_gone(g, c, status);
			return;
		}
		if (c->console == pid) {
			console_gone(c, status);
			return;
		}
	}
}

void
conn_quit(struct gate *g, struct conn *c, const char *text)
{
	struct message m = { .kind = MESSAGE_QUIT };

	snprintf(m.text, sizeof m.text, "%s", text);
	if (c->sock >= 0 && message_send(c->sock, &m) < 0)
		conn_kill(c);
	console_kill(c, SIGHUP);
	c->kill_ms = clock_mono_ms() + (g->leave_ms != 0 ? 2500 : QUIT_MS);
}

static void
conn_due(struct gate *g, struct conn *c, int64_t now)
{
	if (c->kill_ms != 0 && now >= c->kill_ms) {
		conn_kill(c);
		console_kill(c, SIGKILL);
	} else if (c->kill_ms == 0 && now >= c->end_ms) {
		if (!c->logged_in) {
			c->kill_ms = now;
			conn_kill(c);
		} else if (!c->started) {
			conn_quit(g, c, "No session was asked for.");
		} else {
			conn_quit(g, c, "This session has lasted as long as a "
			    "session may; please log in again.");
		}
	}
}

/* Deadlines, and freeing what has no process left: only here, so that an
 * event that is still in hand never meets freed memory. */
void
conn_tick(struct gate *g, int64_t now_ms)
{
	struct conn **at = &g->conns;

	while (*at != NULL) {
		struct conn *c = *at;

		if (c->transport == 0 && c->console == 0) {
			*at = c->next;
			g->n_conns--;
			g->n_sessions -= c->logged_in;
			free(c);
			continue;
		}
		conn_due(g, c, now_ms);
		at = &c->next;
	}
}
