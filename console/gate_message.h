/*
 * gate_message.h - what the gate's parent and the transport of one connection
 * say to each other over a SOCK_SEQPACKET pair: one packet, one message.
 *
 * The parent takes every message for hostile: the transport has read bytes of
 * a stranger.  So message_receive() checks each field's alphabet and bounds,
 * and the parent ends a transport that sends anything else.
 */
#ifndef CONSOLE_GATE_MESSAGE_H
#define CONSOLE_GATE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum message_kind {
	/* transport -> parent */
	MESSAGE_KEY,		/* may this name enter with this key? */
	MESSAGE_OPEN,		/* its signature was valid: open a seat */
	MESSAGE_SPAWN,		/* start the console */
	/* parent -> transport */
	MESSAGE_VERDICT,	/* to KEY and OPEN */
	MESSAGE_STARTED,	/* to SPAWN: descriptors, or why not */
	MESSAGE_EXIT,		/* the console ended */
	MESSAGE_QUIT,		/* the session must end; text says why */
	MESSAGE_KINDS
};

enum verdict_on_key { KEY_REFUSED, KEY_ACCEPTED, KEY_UNAVAILABLE };

#define USER_SIZE 33
#define KEY_LINE_SIZE 2048
#define TERM_SIZE 65
#define COMMAND_SIZE 4096
#define ENV_MAX 20
#define ENV_SIZE 160		/* NAME=value */
#define MESSAGE_FDS 3
#define COLS_MIN 20
#define COLS_MAX 300
#define ROWS_MIN 5
#define ROWS_MAX 100

struct message {
	enum message_kind kind;
	/* KEY, OPEN */
	char user[USER_SIZE], line[KEY_LINE_SIZE], fingerprint[64];
	/* SPAWN */
	bool pty, exec;
	char term[TERM_SIZE];
	int cols, rows;
	char command[COMMAND_SIZE];
	char env[ENV_MAX][ENV_SIZE];
	size_t n_env;
	/* VERDICT */
	enum verdict_on_key verdict;
	/* STARTED: 0 and descriptors, else the exit status; EXIT */
	int status;
	int signal;		/* EXIT: that killed it; 0 none */
	/* VERDICT, STARTED, QUIT: a sentence for the person, or "" */
	char text[256];
	/* STARTED: pty master; or stdin, stdout, stderr */
	int fds[MESSAGE_FDS];
	size_t n_fds;
};

/* The descriptors stay the caller's.  -1 with errno; never blocks long: a
 * packet is small and a peer that reads none is at fault. */
int message_send(int sock, const struct message *m);

/* 1 a message, 0 none just now, -1 the other end is gone or talks nonsense.
 * Descriptors are the caller's then. */
int message_receive(int sock, struct message *m);

/* [a-z0-9][a-z0-9._-]{0,31} */
bool user_is_sane(const char *user);
/* [A-Za-z0-9._+-]{1,64} */
bool term_is_sane(const char *term);
/* A variable that may pass, with a value that can do no harm. */
bool env_is_sane(const char *name, const char *value);
/* 0x0 becomes 80x24, the rest is held within 20x5 and 300x100. */
void window_clamp(int *cols, int *rows);

#endif
