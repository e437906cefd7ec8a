/* gate_seat.c - asking the registrar who may enter. */
#include "console/gate.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/wire/ask.h"

#define ANSWER_MS 3000
#define RETRY_MS 1000
#define LAST_MS 500		/* when leaving */

bool
registrar_up(struct gate *g)
{
	struct err e = { 0 };
	int fd;

	if (g->registrar.fd >= 0)
		return true;
	if (clock_mono_ms() < g->registrar_try_ms)
		return false;
	g->registrar_try_ms = clock_mono_ms() + RETRY_MS;
	fd = child_connect(&g->conf, SOCKET_GATE, &e);
	if (fd < 0) {
		log_warn("registrar: %s", e.text);
		return false;
	}
	line_init(&g->registrar, fd);
	g->registrar.timeout_ms = g->leave_ms != 0 ? LAST_MS : ANSWER_MS;
	return true;
}

void
registrar_keep(struct gate *g)
{
	char c;

	if (g->registrar.fd >= 0 && recv(g->registrar.fd, &c, 1,
	    MSG_PEEK | MSG_DONTWAIT) == 0)
		line_close(&g->registrar);
	if (g->leave_ms == 0)
		registrar_up(g);
}

static void
wish_make(struct seat_wish *w, const struct message *m,
    const struct source *s)
{
	memset(w, 0, sizeof *w);
	snprintf(w->user, sizeof w->user, "%s", m->user);
	snprintf(w->key, sizeof w->key, "%s", m->line);
	snprintf(w->fingerprint, sizeof w->fingerprint, "%s", m->fingerprint);
	snprintf(w->source, sizeof w->source, "%s", s->text);
}

/* The question may find the connection of a registrar that was restarted:
 * then it is asked once more over a new one. */
static int
ask(struct gate *g, enum op op, const struct seat_wish *w,
    struct seat_answer *a, struct err *e)
{
	for (int tries = 0; ; tries++) {
		int64_t began = clock_mono_ms();

		memset(a, 0, sizeof *a);
		if (!registrar_up(g))
			return err_set(e, ERR_UNAVAILABLE, "connection",
			    "no registrar");
		g->registrar.fd_received = -1;
		if (line_ask(&g->registrar, op, w, a, e) == 0)
			return 0;
		if (g->registrar.fd >= 0 || tries > 0 ||
		    clock_mono_ms() - began >= ANSWER_MS)
			return -1;
		g->registrar_try_ms = 0;
	}
}

static enum verdict_on_key
judge(int asked, const struct seat_answer *a, const struct err *e,
    char text[256])
{
	if (asked < 0 && e->kind != ERR_REFUSED && e->kind != ERR_NOT_FOUND) {
		snprintf(text, 256, "The authority cannot let you in just now;"
		    " nothing was lost, please try again in a moment.");
		return KEY_UNAVAILABLE;
	}
	render_untrusted(text, 256, asked < 0 ? e->text : a->text,
	    strlen(asked < 0 ? e->text : a->text));
	return asked == 0 && a->accepted ? KEY_ACCEPTED : KEY_REFUSED;
}

enum verdict_on_key
seat_check(struct gate *g, const struct message *m, const struct source *s,
    struct seat_answer *a, char text[256])
{
	struct seat_wish w;
	struct err e = { 0 };
	int r;

	wish_make(&w, m, s);
	r = ask(g, OP_seat_check, &w, a, &e);
	return judge(r, a, &e, text);
}

enum verdict_on_key
seat_open(struct gate *g, const struct message *m, const struct source *s,
    struct seat_answer *a, int *fd, char text[256])
{
	enum verdict_on_key v;
	struct seat_wish w;
	struct err e = { 0 };
	int r;

	wish_make(&w, m, s);
	r = ask(g, OP_seat_open, &w, a, &e);
	v = judge(r, a, &e, text);
	*fd = g->registrar.fd_received;
	g->registrar.fd_received = -1;
	if (v == KEY_ACCEPTED && *fd >= 0)
		return v;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	if (v == KEY_ACCEPTED) {
		log_warn("registrar: a seat without its descriptor");
		v = KEY_UNAVAILABLE;
	}
	return v;
}
