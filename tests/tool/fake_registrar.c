/*
 * fake_registrar.c - a registrar for tests of the gate alone.
 *
 *   fake_registrar SOCKET KEYS
 *
 * Listens on SOCKET and answers the gate's three questions.  KEYS holds lines
 * `NAME TYPE BASE64`, read anew at each question; the name `register` enters
 * with any key as a guest.  What it is told is printed, one line each.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/wire/seat.h"

#define SEATS 64
#define FAR_MAX 4096

static const char *keys_file;
static struct seat gates[SEATS];
static int fars[FAR_MAX];		/* near ends of open seats */
static size_t n_fars;

static int
key_known(const struct seat_wish *w)
{
	char line[4096], wanted[4096];
	FILE *f = fopen(keys_file, "r");
	int found = 0;

	if (f == NULL)
		return 0;
	snprintf(wanted, sizeof wanted, "%s %s\n", w->user, w->key);
	while (!found && fgets(line, sizeof line, f) != NULL)
		found = strcmp(line, wanted) == 0;
	fclose(f);
	return found;
}

static void
seat_answer_make(struct seat_answer *a, const struct seat_wish *w)
{
	memset(a, 0, sizeof *a);
	a->idle_minutes = 15;
	a->lifetime_hours = 12;
	if (strcmp(w->user, "register") == 0) {
		a->accepted = true;
		a->role = ROLE_GUEST;
	} else if (key_known(w)) {
		a->accepted = true;
		a->role = ROLE_MEMBER;
		snprintf(a->account, sizeof a->account, "%s", w->user);
	}
}

/* The near end is kept, so that the seat stays open. */
static void
seat_give(struct seat *s)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	s->pass_fd = pair[1];
	if (n_fars == FAR_MAX) {
		for (size_t i = 0; i < n_fars; i++)
			close(fars[i]);
		n_fars = 0;
	}
	fars[n_fars++] = pair[0];
}

static void
question_answer(struct seat *s, const struct question *q)
{
	struct seat_answer a;
	struct none nothing = { 0 };

	if (q->op == OP_gate_report) {
		const struct gate_event *ev = q->argument;

		printf("report %s: %s x%lld\n", ev->source, ev->what,
		    (long long)ev->count);
		fflush(stdout);
		seat_answer_put(s, &nothing);
		return;
	}
	seat_answer_make(&a, q->argument);
	if (q->op == OP_seat_open && a.accepted)
		seat_give(s);
	seat_answer_put(s, &a);
}

static void
gate_serve(struct seat *s)
{
	struct question q = { 0 };
	struct err e = { 0 };
	int r = seat_read(s);

	while (r >= 0 && (r = seat_next(s, OP_SERVER_REGISTRAR, &q, &e)) ==
	    1) {
		question_answer(s, &q);
		question_clear(&q);
		if (seat_flush(s) < 0)
			r = -1;
	}
	if (r < 0)
		seat_close(s);
}

int
main(int argc, char **argv)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc != 3 || strlen(argv[1]) >= sizeof sun.sun_path)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	keys_file = argv[2];
	snprintf(sun.sun_path, sizeof sun.sun_path, "%s", argv[1]);
	unlink(argv[1]);
	if (bind(fd, (struct sockaddr *)&sun, sizeof sun) < 0 ||
	    listen(fd, 16) < 0)
		return 1;
	for (int i = 0; i < SEATS; i++)
		seat_init(&gates[i], -1, ROLE_GATE);
	for (;;) {
		struct pollfd p[SEATS + 1];

		p[SEATS] = (struct pollfd){ .fd = fd, .events = POLLIN };
		for (int i = 0; i < SEATS; i++)
			p[i] = (struct pollfd){ .fd = gates[i].fd,
				.events = POLLIN };
		if (poll(p, SEATS + 1, -1) < 0 && errno != EINTR)
			return 1;
		for (int i = 0; i < SEATS; i++)
			if (gates[i].fd >= 0 && p[i].revents != 0)
				gate_serve(&gates[i]);
		for (int i = 0; i < SEATS && p[SEATS].revents != 0; i++)
			if (gates[i].fd < 0) {
				seat_init(&gates[i], accept(fd, NULL, NULL),
				    ROLE_GATE);
				break;
			}
	}
}
