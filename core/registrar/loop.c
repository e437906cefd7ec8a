/* loop.c - the one loop: who connects, who asks, who hears of changes, and
 * what the clock wants done. */
#include "core/registrar/domain/lookup.h"
#include "core/registrar/registrar.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/held.h"
#include "core/registrar/sitting.h"

#define BURST_QUESTIONS 100	/* as many as one batch of issue_run() */
#define BURST_MS 10
#define TICK_MS 1000
#define QUIET_MS 100		/* no question for so long: time for the rest */
#define GUEST_IN_MAX 65536		/* bytes of one question */
#define PERSON_IN_MAX (2u << 20)
#define UNREAD_MAX (1u << 20)		/* bytes of answers that wait for a seat */
#define SPARE_SEATS 64			/* above people: gates, couriers, operators */
#define LISTENERS 4

struct listener {
	int fd;
	enum role role;
};
static struct listener listeners[LISTENERS];
static size_t n_listeners;
static struct pollfd *polled;
static size_t room_polled;
static size_t n_polled;		/* seats in it, at its end */
static int64_t ticked;
static int64_t asked;		/* when the last question came */
static struct timer *timers;

void
timer_register(struct timer *t)
{
	t->next = timers;
	timers = t;
}

/* ---- connections ---- */

void
loop_listen(int fd, enum role role)
{
	if (n_listeners == LISTENERS)
		fatal("too many listening sockets");
	/* who connects and leaves at once must not hold us in accept() */
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		fatal("listening socket %d: %s", fd, strerror(errno));
	listeners[n_listeners++] = (struct listener){ fd, role };
}

/* The operator's tool runs as root or as ourselves, nobody else. */
static bool
peer_ok(int fd, enum role role)
{
	struct ucred peer = { 0 };
	socklen_t n = sizeof peer;

	if (role != ROLE_OPERATOR)
		return true;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid());
}

static void
connection_take(const struct listener *l)
{
	struct seat *s = NULL;
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			log_warn("accept: %s", strerror(errno));
		return;
	}
	if ((int64_t)n_seats >= conf.ssh_sessions + SPARE_SEATS ||
	    !peer_ok(fd, l->role)) {
		log_warn("a connection of a %s was turned away",
		    word_of(&role_words, l->role));
		close(fd);
		return;
	}
	s = xcalloc(1, sizeof *s);
	seat_init(s, fd, l->role);
	str_copy(s->account_name, sizeof s->account_name,
	    word_of(&role_words, l->role));
	s->opened = clock_now();
	if (l->role == ROLE_COURIER && seats_with_role(ROLE_COURIER) == 0)
		letters_release(), lookups_release();
	seat_adopt(s);
}

/* ---- questions ---- */

static bool
too_long(const struct seat *s)
{
	size_t most = s->role == ROLE_GUEST ? GUEST_IN_MAX :
	    (ROLE_BIT(s->role) & (PEOPLE)) != 0 ? PERSON_IN_MAX :
	    FRAME_MAX + 65536u;

	return s->in.size > most;
}

/* One question of one seat; true when there was one. */
static bool
seat_turn(struct seat *s)
{
	struct question q = { 0 };
	struct err e = { 0 };
	int have;

	/* who does not read what was answered is not answered more */
	if (s->fd < 0 || s->hang_up || s->leaving ||
	    s->out.size > UNREAD_MAX)
		return false;
	have = seat_next(s, OP_SERVER_REGISTRAR, &q, &e);
	if (have == 0 && too_long(s))
		have = err_set(&e, ERR_BROKEN, "wire",
		    "question of more than %zu bytes", s->in.size);
	if (have < 0)
		burst_hang_up(s, &e);
	if (have <= 0)
		return false;
	burst_serve(s, &q);
	question_clear(&q);
	return true;
}

/* Who has sent more than is served waits: questions are taken one a turn, and
 * what came must not pile up here.  True: something came. */
static bool
seats_read(void)
{
	bool any = false;
	int got;

	for (size_t i = 0; i < n_polled; i++) {
		if ((polled[n_listeners + i].revents &
		    (POLLIN | POLLHUP | POLLERR)) == 0 ||
		    seats[i]->fd < 0 || too_long(seats[i]))
			continue;
		if ((got = seat_read(seats[i])) < 0)
			seat_gone(seats[i]);
		any = any || got > 0;
	}
	return any;
}

static int
seats_poll(int timeout_ms)
{
	if (room_polled < n_seats + LISTENERS) {
		room_polled = 2 * n_seats + LISTENERS;
		polled = xrealloc_array(polled, room_polled, sizeof *polled);
	}
	n_polled = n_seats;
	for (size_t i = 0; i < n_listeners; i++)
		polled[i] = (struct pollfd){ .fd = listeners[i].fd,
			.events = POLLIN };
	for (size_t i = 0; i < n_seats; i++)
		polled[n_listeners + i] = (struct pollfd){
			.fd = seats[i]->fd, .events = (short)(POLLIN |
			(seats[i]->out.size > 0 ? POLLOUT : 0)) };
	return poll(polled, n_listeners + n_seats, timeout_ms);
}

/* Turn by turn, one question a seat, while there are more and it is not too
 * many; true when some are left for the next burst. */
static bool
questions_serve(void)
{
	int64_t start = clock_mono_ms();
	bool some;

	do {
		size_t known = n_seats;

		some = false;
		for (size_t i = 0; i < known; i++) {
			if (burst_size() >= BURST_QUESTIONS)
				return true;
			some |= seat_turn(seats[i]);
		}
		if (burst_size() == 0 || clock_mono_ms() - start >= BURST_MS)
			break;
		/* what has come meanwhile joins the burst */
		if (!some && seats_poll(0) > 0)
			some = seats_read();
	} while (some);
	return some;
}

static void
seats_flush(void)
{
	for (size_t i = 0; i < n_seats; i++) {
		struct seat *s = seats[i];

		if (s->fd < 0)
			continue;
		if ((s->out.size > 0 || s->hang_up) &&
		    (seat_flush(s) < 0 || s->hang_up))
			seat_gone(s);
		else if (s->in.size == 0 && s->in.room > 0 &&
		    (ROLE_BIT(s->role) & (PEOPLE)) != 0)
			buf_clear(&s->in);	/* may hold a code; idle seats are many */
	}
	seats_reap();
}

bool
loop_quiet(void)
{
	return clock_mono_ms() - asked >= QUIET_MS;
}

void
loop_step(int timeout_ms)
{
	static bool left;
	int n;

	n = seats_poll(left ? 0 : timeout_ms);
	if (n < 0 && errno != EINTR)
		fatal("poll: %s", strerror(errno));
	if (n > 0)
		seats_read();
	for (size_t i = 0; n > 0 && i < n_listeners; i++)
		if ((polled[i].revents & POLLIN) != 0)
			connection_take(&listeners[i]);
	left = n > 0 || left ? questions_serve() : false;
	if (burst_size() > 0)
		asked = clock_mono_ms();
	if (burst_end()) {
		seats_flush();		/* answers first */
		changes_send();
		seats_flush();
		if (publish_wait_ms() == 0)
			publish_run();
	} else {
		seats_flush();
	}
	if ((n == 0 && loop_quiet()) || db_wal_full()) {
		struct held h = held_begin();

		db_idle();
		held_end(&h, "checkpoint", "");
	}
}

/* ---- the clock ---- */

static bool
timers_due(int64_t now)
{
	for (struct timer *t = timers; t != NULL; t = t->next)
		if (t->due <= now)
			return true;
	return leavers_waiting() || issue_waiting();
}

static void
timers_run(int64_t now)
{
	struct err e = { 0 };

	if (!timers_due(now) || db_begin(&e) < 0)
		return;
	for (struct timer *t = timers; t != NULL; t = t->next) {
		struct held h = { 0 };

		if (t->due > now)
			continue;
		h = held_begin();
		t->due = now + t->seconds * 1000;
		t->run();
		db_questions_end();
		held_end(&h, "clock", t->name);
	}
	leavers_write();
	if (issue_waiting()) {
		issue_run();
		db_questions_end();
	}
	audit_refusals_write();
	if (db_commit(&e) < 0) {
		log_warn("work of the clock was not kept: %s", e.text);
		changes_undo(0);
	}
}

/* One timer, as if its time had come. */
void
timer_run_for_test(const char *name)
{
	struct timer *t = timers;
	struct err e = { 0 };

	while (t != NULL && strcmp(t->name, name) != 0)
		t = t->next;
	if (t == NULL || db_begin(&e) < 0)
		fatal("timer %s: %s", name, e.text);
	t->run();
	db_questions_end();
	audit_refusals_write();
	if (db_commit(&e) < 0)
		fatal("timer %s: %s", name, e.text);
}

void
loop_tick(void)
{
	int64_t now = clock_mono_ms();

	if (now - ticked < TICK_MS)
		return;
	ticked = now;
	timers_run(now);
	if (signer_line(NULL) != NULL && signer_line_is_new())
		issuer_refresh();
	if (publish_wait_ms() == 0)
		publish_run();
	changes_send();
	seats_flush();
}

void
loop_close(void)
{
	struct err e = { 0 };

	for (size_t i = 0; i < n_seats; i++) {
		seat_flush(seats[i]);
		seat_gone(seats[i]);
	}
	seats_reap();
	if (leavers_waiting() && db_begin(&e) == 0) {
		leavers_write();
		db_commit(&e);
	}
	for (size_t i = 0; i < n_listeners; i++)
		close(listeners[i].fd);
	n_listeners = 0;
	sitting_free();
	free(polled);
	polled = NULL;
	room_polled = n_polled = 0;
}
