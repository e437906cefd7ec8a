/*
 * gate_transport.h - the SSH side of one connection: a child of the gate, in a
 * jail without files, sockets and processes, that is gone with its client.
 *
 * libssh never owns the loop: gate_transport.c polls {ssh, parent, console},
 * lets libssh handle packets without waiting, and moves bytes by reading, so
 * that a full pipe on one side slows the other side down.
 */
#ifndef CONSOLE_GATE_TRANSPORT_H
#define CONSOLE_GATE_TRANSPORT_H

#include <libssh/callbacks.h>
#include <libssh/server.h>

#include "console/gate.h"
#include "console/gate_host.h"

#define PUMP_SIZE 32768

/* Bytes on their way from one side to the other. */
struct pump {
	int fd;				/* the console's side; -1 closed */
	size_t at, size;		/* what is left of data */
	uint8_t data[PUMP_SIZE];
};

struct transport {
	const struct conf *conf;
	ssh_session session;
	ssh_event event;
	int fd, parent;
	bool dead;			/* the client is gone, or must be */

	/* gate_auth.c */
	int attempts;			/* that were refused */
	int probes;			/* keys that were found good, unproven */
	bool tried;			/* more than `none` */
	bool hinted, greeted, ours;
	bool logged_in;

	/* gate_channel.c */
	ssh_channel channel;
	struct message wish;		/* collected until shell or exec */
	bool started;
	struct pump in, out, err;
	bool in_ended;			/* the client sends no more */
	bool in_all;			/* the last read took all that there was */
	bool resized;
	int64_t resized_ms;		/* when last applied */
	bool exited, closing;
	int status, signal;
	int64_t leave_ms;		/* gone by then; 0 not decided */
	char last_words[256];
};

/* The child's whole life. */
_Noreturn void transport_run(const struct gate *g, int fd, int parent);

/* gate_transport.c: ask the parent and wait for its answer of this kind. */
bool transport_ask(struct transport *t, const struct message *question,
    enum message_kind answer_kind, struct message *answer);
/* Say why and hang up (the disconnect message of RFC 4253 11.1). */
void transport_cut(struct transport *t, const char *why);

/* gate_auth.c */
void auth_install(struct transport *t);
void auth_end(void);		/* judge and answer nothing any more */

/* gate_channel.c */
ssh_channel channel_open(ssh_session session, void *user);
/* Move bytes; out, err: the console's side has some, or its end. */
void channel_pump(struct transport *t, bool out, bool err);
void channel_resize(struct transport *t, int64_t now_ms);
bool channel_wants_out(struct transport *t, const struct pump *p);
/* All is said and the client knows. */
void channel_finish(struct transport *t);

#endif
