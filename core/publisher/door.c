/*
 * door.c - the connections: let in, watched, and hung up when somebody else
 * needs the place or when they take too long.
 *
 * The library would let a client that sends one byte now and then stay for
 * ever, and would let nobody in once it is full.  So we accept ourselves and
 * keep our own list: those that wait for a request in the order in which they
 * began to, and those that have one in hand.
 */
#include "core/publisher/publisher.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"

#define HEAD_MS 10000		/* from the last answer to the next whole head */
#define BODY_MS 10000		/* from the head to the whole body */
#define SEND_MS 20000		/* an answer, */
#define SEND_RATE 16		/* and so many bytes of it in a millisecond */
#define STILL_SECONDS 15	/* without a byte in either direction */
#define SHORT 16384		/* an answer that one packet or two take */
#define TOGETHER 64		/* accepted in one go */
#define SPARE 128		/* on their way out, still in the library's books */
#define SWEEP_MS 100

struct client {
	struct client *before, *after;
	int64_t until;			/* clock_mono_ms() */
	int fd;
	bool busy, leaving;
};

/* Rings, the one that is first is the oldest. */
static struct client idle = { .before = &idle, .after = &idle };
static struct client busy = { .before = &busy, .after = &busy };
static size_t n_open, n_leaving, most_open;
static int64_t now_ms;		/* of this round of the loop */

static void
ring_leave(struct client *p)
{
	p->before->after = p->after;
	p->after->before = p->before;
}

static void
ring_enter(struct client *ring, struct client *p)
{
	p->before = ring->before;
	p->after = ring;
	p->before->after = p;
	ring->before = p;
}

/* The library finds the end of it, and tells client_notify(). */
static void
client_cut(struct client *p)
{
	if (p->leaving)
		return;
	p->leaving = true;
	n_leaving++;
	shutdown(p->fd, SHUT_RDWR);
}

static void
client_set(struct client *p, bool is_busy, int64_t ms)
{
	p->until = now_ms + ms;
	if (is_busy && p->busy)
		return;
	p->busy = is_busy;
	ring_leave(p);
	ring_enter(is_busy ? &busy : &idle, p);
}

static void
client_notify(void *cls, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct client *p = *context;

	(void)cls;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		p = xcalloc(1, sizeof *p);
		p->fd = MHD_get_connection_info(c,
		    MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		p->until = now_ms + HEAD_MS;
		ring_enter(&idle, p);
		n_open++;
		*context = p;
	} else if (p != NULL) {
		ring_leave(p);
		n_open--;
		n_leaving -= p->leaving;
		free(p);
		*context = NULL;
	}
}

static struct client *
client_of(struct MHD_Connection *c)
{
	return MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

void
door_body(struct MHD_Connection *c)
{
	client_set(client_of(c), true, BODY_MS);
}

/* A short one is gone at once, or it takes of the time for the next head. */
void
door_sending(struct MHD_Connection *c, uint64_t size)
{
	if (size <= SHORT)
		return;
	client_set(client_of(c), true, SEND_MS + (int64_t)(size / SEND_RATE));
}

void
door_done(struct MHD_Connection *c)
{
	struct client *p = client_of(c);

	if (p != NULL)
		client_set(p, false, HEAD_MS);
}

size_t
door_count(void)
{
	return n_open - n_leaving;
}

/* The oldest of a ring that stays yet. */
static struct client *
ring_oldest(struct client *ring)
{
	struct client *p = ring->after;

	while (p != ring && p->leaving)
		p = p->after;
	return p == ring ? NULL : p;
}

/* False when there is nobody left to go: wait for the library. */
static bool
room_make(void)
{
	struct client *p = ring_oldest(&idle);

	if (p == NULL)
		p = ring_oldest(&busy);
	if (p == NULL || n_leaving >= SPARE)
		return false;
	client_cut(p);
	tally.pushed_out++;
	return true;
}

/* Take in who waits at the listening socket; when there is no room the one
 * that has been idle for the longest makes it. */
static void
door_accept(struct MHD_Daemon *d, int listening)
{
	for (int i = 0; i < TOGETHER; i++) {
		struct sockaddr_storage from;
		socklen_t size = sizeof from;
		int fd;

		if (door_count() >= most_open && !room_make())
			return;
		fd = accept4(listening, (struct sockaddr *)&from, &size,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
			continue;
		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE)
				room_make();
			return;
		}
		tally.accepted++;
		/* it closes fd when it fails */
		if (MHD_add_connection(d, fd, (struct sockaddr *)&from,
		    size) != MHD_YES)
			return;
	}
}

/* Hang up on who is too slow; looks ten times a second at most. */
static void
door_sweep(void)
{
	static int64_t looked_at;

	if (now_ms - looked_at < SWEEP_MS)
		return;
	looked_at = now_ms;
	for (struct client *p = idle.after; p != &idle && p->until <= now_ms;
	    p = p->after)
		if (!p->leaving) {
			client_cut(p);
			tally.cut++;
		}
	for (struct client *p = busy.after; p != &busy; p = p->after)
		if (p->until <= now_ms && !p->leaving) {
			client_cut(p);
			tally.cut++;
		}
}

__attribute__((format(printf, 2, 0)))
static void
http_log(void *cls, const char *fmt, va_list ap)
{
	char line[512];
	size_t n;

	(void)cls;
	vsnprintf(line, sizeof line, fmt, ap);
	n = strcspn(line, "\n");
	line[n] = '\0';
	log_debug("http: %s", line);
}

struct MHD_Daemon *
door_open(unsigned most)
{
	most_open = most;
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG |
	    MHD_USE_TURBO | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
	    http_handle, NULL,
	    MHD_OPTION_EXTERNAL_LOGGER, http_log, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, most + SPARE,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)STILL_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(16 << 10),
	    MHD_OPTION_UNESCAPE_CALLBACK, http_unescape, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, client_notify, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, http_done, NULL,
	    MHD_OPTION_END);
}

void
door_serve(struct MHD_Daemon *d, int listening, const char *answers,
    volatile const int *stop)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(d,
	    MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd p[2] = { { .fd = info->epoll_fd, .events = POLLIN },
		{ .fd = listening, .events = POLLIN } };

	while (!*stop) {
		MHD_UNSIGNED_LONG_LONG wait = 1000;

		if (MHD_get_timeout(d, &wait) != MHD_YES || wait > 1000)
			wait = 1000;
		if (poll(p, 2, (int)wait) < 0 && errno != EINTR)
			fatal("poll: %s", strerror(errno));
		now_ms = clock_mono_ms();
		answer_refresh(answers);
		if (p[1].revents != 0)
			door_accept(d, listening);
		if (MHD_run(d) != MHD_YES)
			fatal("the HTTP library gave up");
		door_sweep();
	}
}
