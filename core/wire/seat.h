/*
 * seat.h - the answering end of a wire.
 *
 * A seat is a connection that was bound, at its birth, to who sits there.
 * seat_read() takes bytes in; seat_next() gives one whole, checked question;
 * the server answers with seat_answer() or seat_error(); seat_flush() writes
 * what the socket takes.  A malformed frame, or a question that the seat's
 * role may not ask, is never answered: the seat is to be hung up.
 */
#ifndef WIRE_SEAT_H
#define WIRE_SEAT_H

#include <stdbool.h>

#include "core/wire/line.h"

struct seat {
	int fd;				/* non-blocking; -1 closed */
	enum role role;
	int64_t account;		/* number; 0 none */
	char account_name[33];
	char fingerprint[64];		/* of the SSH key */
	char key_line[2048];		/* of a guest: the key he came with */
	char source[64];
	int64_t opened;
	int64_t last_login;		/* of the account, before this seat */
	int64_t number;			/* of this seat, for logs */
	int64_t heard;			/* its last question; 0 none yet */
	struct buf in, out;
	int pass_fd;			/* to ride on the next answer; -1 none */
	bool hang_up;			/* after out is flushed */
	bool leaving;			/* asks no more; hung up after last words */
	uint32_t sequence;		/* of the question in hand */
	enum op op;
};

struct question {
	enum op op;
	void *argument;			/* of ops[op].argument; question_clear() frees */
};

/* Takes fd over, which is non-blocking; seat_close() closes it and frees what
 * was not read or not sent. */
void seat_init(struct seat *s, int fd, enum role role);
void seat_close(struct seat *s);

/* 1 bytes came, 0 nothing now, -1 the other end is gone. */
int seat_read(struct seat *s);

/* 1 and *q; 0 no whole frame yet; -1 with *e: malformed (ERR_BROKEN) or not
 * permitted (ERR_REFUSED). */
int seat_next(struct seat *s, enum op_server server, struct question *q,
    struct err *e);
void question_clear(struct question *q);

/* Queue the answer (of the op's answer shape) to the question in hand. */
void seat_answer_put(struct seat *s, const void *answer);
void seat_error_put(struct seat *s, const struct err *e);
void seat_change_put(struct seat *s, const struct change *c);

/* Mark and rewind the out buffer, for answers that a failed commit unmakes. */
size_t seat_mark(const struct seat *s);
void seat_rewind(struct seat *s, size_t mark);

/* 0 all is written, 1 more waits for POLLOUT, -1 gone. */
int seat_flush(struct seat *s);

#endif
