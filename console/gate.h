/*
 * gate.h - the gate's parent: it accepts, counts, forks, asks the registrar,
 * starts consoles, and reads no byte of a client.
 *
 * One connection = one `conn` here and one child, the transport, which speaks
 * SSH in a jail (gate_transport.h) and asks by gate_message.h.  What this
 * parent knows about a connection, it knows from the registrar's answers: a
 * console is only ever started with the seat that the registrar opened.
 */
#ifndef CONSOLE_GATE_H
#define CONSOLE_GATE_H

#include <sys/types.h>

#include "console/gate_limits.h"
#include "console/gate_message.h"
#include "core/base/conf.h"
#include "core/model/nouns.h"
#include "core/wire/line.h"

struct ssh_host;			/* gate_host.h */

struct conn {
	struct conn *next;
	pid_t transport;		/* 0 gone */
	pid_t console;			/* 0 none, or gone */
	int sock;			/* to the transport; -1 closed */
	int seat;			/* the far end for the console; -1 */
	struct source source;
	int64_t born_ms;
	int64_t end_ms;			/* when its time is over; then it is told */
	int64_t kill_ms;		/* when it is killed; 0 not yet decided */
	bool waiting;			/* counts as not logged in */
	bool logged_in;
	bool started;			/* a console, or a refusal of one */
	int questions;			/* asked before login */
	struct seat_answer who;
	char fingerprint[64];
	char full[256];			/* why no console may start; "" it may */
};

struct gate {
	struct conf conf;
	struct limits limits;
	struct ssh_host *host;
	struct line registrar;
	int64_t registrar_try_ms;	/* not before */
	int epoll, signals;
	struct conn *conns;
	int n_conns, n_sessions;
	char console[CONF_PATH_SIZE];	/* binary */
	char empty[CONF_PATH_SIZE];	/* folder to chroot transports to; "" none */
	int64_t leave_ms;		/* shutting down: gone by then; 0 no */
};

/* Exit statuses of a transport, for penalties and reports. */
enum transport_status {
	TRANSPORT_DONE = 0,
	TRANSPORT_GRACE = 10,
	TRANSPORT_REFUSED = 11,		/* left or was cut after refusals */
	TRANSPORT_NO_ATTEMPT = 12,
	TRANSPORT_OURS = 13,		/* we could not serve it */
};

/* gate_conn.c: one connection's life, seen from the parent. */
void conn_accept(struct gate *g);
void conn_message(struct gate *g, struct conn *c);
void conn_child_gone(struct gate *g, pid_t pid, int status);
void conn_tick(struct gate *g, int64_t now_ms);
void conn_quit(struct gate *g, struct conn *c, const char *text);

/* gate_seat.c: connected, or now again? */
bool registrar_up(struct gate *g);
/* At each tick: notice that the registrar went, connect to the new one. */
void registrar_keep(struct gate *g);
/* The registrar's answers.  KEY_ACCEPTED, or why not in text. */
enum verdict_on_key seat_check(struct gate *g, const struct message *m,
    const struct source *s, struct seat_answer *a, char text[256]);
/* The same for a proven key, with the seat's descriptor. */
enum verdict_on_key seat_open(struct gate *g, const struct message *m,
    const struct source *s, struct seat_answer *a, int *fd, char text[256]);

/* gate_report.c: failures, counted by source and kind, told in batches. */
void report_count(const struct source *s, const char *what);
void report_flush(struct gate *g);

/* gate_pty.c: start the console on a pty or on pipes.  0, the transport's
 * ends in reply->fds; -1 with *e. */
int console_start(const struct gate *g, const struct message *wish, int seat,
    int64_t idle_minutes, pid_t *pid, struct message *reply, struct err *e);

#endif
