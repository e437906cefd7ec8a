/*
 * line.h - the asking end of a wire: one question at a time, and the pushed
 * `changed` frames that come between.
 *
 * A frame is u32 length of what follows, u32 sequence, u16 op, u8 kind, then
 * the payload.  Sequence 0 is pushed.  kind: 0 question, 1 answer, 2 error
 * (u8 err_kind, clause, text), 3 pushed change.  A descriptor may ride on the
 * first byte of an answer (SCM_RIGHTS).
 */
#ifndef WIRE_LINE_H
#define WIRE_LINE_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/wire/ops.h"

#define FRAME_MAX (8u << 20)	/* bytes of one frame */
#define FRAME_HEAD 11		/* length, sequence, op, kind */
enum frame_kind { FRAME_ASK, FRAME_ANSWER, FRAME_ERROR, FRAME_CHANGED };

struct line {
	int fd;
	uint32_t sequence;
	int timeout_ms;		/* longest wait for an answer; -1 for ever */
	int most_ms;		/* bounds timeout_ms, whoever sets it; 0 does not */
	struct buf in;
	int fd_received;	/* with the last answer; -1 none.  The caller closes. */
	/* Called for each pushed change; may be NULL. */
	void (*on_change)(void *user, const struct change *c);
	void *user;
	/* A slow server is not hung up on: its answer is awaited by line_late(),
	 * and dropped when it comes. */
	bool keep_late;
	uint32_t late;		/* sequence of the question it still owes; 0 none */
};

/* Take over a connected stream socket. */
void line_init(struct line *l, int fd);
void line_close(struct line *l);

/*
 * Ask and wait.  Arg and answer are of the op's shapes; answer must be zero
 * and is the caller's afterwards.  0, or -1 with *e as the server set it, or
 * ERR_UNAVAILABLE when the other end is gone or too slow (the line is closed
 * then: l->fd is -1; with keep_late a slow one's is not), or ERR_BROKEN when the answer makes no sense.
 */
int line_ask(struct line *l, enum op op, const void *arg, void *answer,
    struct err *e);

/* Does the other end still owe an answer that nobody waits for any more (with
 * keep_late)?  Never waits.  False also when the line is closed. */
bool line_late(struct line *l);

/* Take in what was pushed, without waiting; call when fd is readable.
 * 0, or -1 when the other end is gone. */
int line_poll(struct line *l);

#endif
