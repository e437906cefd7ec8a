/*
 * wire_fuzz.c - both ends of a wire: questions as a seat reads them, answers
 * and pushed changes as a line does; of each op.
 */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "core/wire/line.h"
#include "core/wire/seat.h"

#define SOCKET_BYTES 60000	/* that fit into a socket at once */

/* What was decoded gives the same bytes again. */
static void
same_claim(const struct shape *shape, const void *object,
    const uint8_t *bytes, size_t size)
{
	struct buf b = { 0 };

	shape_encode(shape, object, &b);
	CLAIM(b.size == size && (size == 0 ||
	    memcmp(b.data, bytes, size) == 0));
	buf_clear(&b);
}

/* A stream of frames to a seat of any role. */
static void
questions(const uint8_t *data, size_t size, enum role role,
    enum op_server server)
{
	struct seat s;
	int got = 1;

	seat_init(&s, -1, role);
	buf_put(&s.in, data, size);
	while (got == 1) {
		struct question q = { 0 };
		struct err e = { 0 };
		struct buf before = { 0 };

		buf_put(&before, s.in.data, s.in.size);
		got = seat_next(&s, server, &q, &e);
		if (got == 1) {
			CLAIM(op_allows(q.op, role));
			CLAIM(ops[q.op].server == server);
			same_claim(ops[q.op].argument, q.argument,
			    before.data + FRAME_HEAD,
			    before.size - s.in.size - FRAME_HEAD);
		} else {
			CLAIM(q.argument == NULL);
			CLAIM(got == 0 || is_showable(e.text));
		}
		question_clear(&q);
		buf_clear(&before);
	}
	seat_close(&s);
}

/* One frame of the right op, whatever is in it. */
static void
question(const uint8_t *data, size_t size, unsigned op)
{
	struct buf b = { 0 };
	unsigned role = 0;

	while (role < role_words.count && !op_allows(op, role))
		role++;
	buf_put_u32(&b, (uint32_t)(size + FRAME_HEAD - 4));
	buf_put_u32(&b, 1);
	buf_put_u16(&b, (uint16_t)op);
	buf_put_u8(&b, FRAME_ASK);
	buf_put(&b, data, size);
	questions(b.data, b.size, role, ops[op].server);
	buf_clear(&b);
}

static void
on_change(void *user, const struct change *c)
{
	struct buf b = { 0 };

	(void)user;
	shape_encode(&change_shape, c, &b);
	buf_clear(&b);
}

/* What an other end sends, and then hangs up. */
static void
line_feed(struct line *l, const void *data, size_t size)
{
	int fds[2];

	CLAIM(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	if (size > SOCKET_BYTES)
		size = SOCKET_BYTES;
	CLAIM(write(fds[1], data, size) == (ssize_t)size);
	CLAIM(shutdown(fds[1], SHUT_WR) == 0);
	line_init(l, fds[0]);
	l->timeout_ms = 1000;
	l->on_change = on_change;
	/* the question must be writable: keep the far end until it is */
	l->user = (void *)(intptr_t)fds[1];
}

static void
answer(const uint8_t *data, size_t size, unsigned op, uint8_t kind)
{
	struct line l;
	struct buf b = { 0 };
	struct err e = { 0 };
	void *arg = calloc(1, ops[op].argument->size);
	void *got = calloc(1, ops[op].answer->size);
	int far;

	buf_put_u32(&b, (uint32_t)(size + FRAME_HEAD - 4));
	buf_put_u32(&b, kind == FRAME_CHANGED ? 0 : 1);
	buf_put_u16(&b, (uint16_t)op);
	buf_put_u8(&b, kind);
	buf_put(&b, data, size);
	line_feed(&l, b.data, b.size);
	far = (int)(intptr_t)l.user;
	if (line_ask(&l, op, arg, got, &e) == 0) {
		same_claim(ops[op].answer, got, data, size);
		shape_clear(ops[op].answer, got);
	} else {
		CLAIM(e.kind != ERR_NONE);
	}
	line_close(&l);
	close(far);
	buf_clear(&b);
	free(arg);
	free(got);
}

static void
pushes(const uint8_t *data, size_t size)
{
	struct line l;
	int far;

	line_feed(&l, data, size);
	far = (int)(intptr_t)l.user;
	while (line_poll(&l) == 0)
		;
	line_close(&l);
	close(far);
}

/* First byte: which end.  Second: the op or role.  Third: the frame's kind,
 * or the server. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t end = byte_take(&data, &size);
	uint8_t which = byte_take(&data, &size);
	uint8_t third = byte_take(&data, &size);

	switch (end % 4) {
	case 0:
		questions(data, size, which % role_words.count, third % 2 ?
		    OP_SERVER_SIGNER : OP_SERVER_REGISTRAR);
		break;
	case 1:
		question(data, size, which % OP_COUNT);
		break;
	case 2:
		if (size > SOCKET_BYTES - FRAME_HEAD)
			return 0;
		answer(data, size, which % OP_COUNT, third % 5);
		break;
	default:
		pushes(data, size);
	}
	return 0;
}
