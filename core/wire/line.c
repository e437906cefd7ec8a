/* line.c - asking over a wire. */
#include "core/wire/line.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"

void
line_init(struct line *l, int fd)
{
	memset(l, 0, sizeof *l);
	l->fd = fd;
	l->fd_received = -1;
	l->timeout_ms = -1;
}

void
line_close(struct line *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->late = 0;
	buf_clear(&l->in);
}

static int
line_gone(struct line *l, struct err *e)
{
	line_close(l);
	return err_set(e, ERR_UNAVAILABLE, "connection",
	    "the authority does not answer just now; nothing was lost, try again in a moment");
}

static int
line_slow(struct line *l, struct err *e)
{
	if (!l->keep_late)
		return line_gone(l, e);
	l->late = l->sequence;
	return err_set(e, ERR_UNAVAILABLE, "connection",
	    "the authority is slow just now; nothing was lost, try again in a moment");
}

/* One recvmsg: bytes to l->in, a descriptor to l->fd_received. */
static ssize_t
line_receive(struct line *l, int flags)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control };
	struct cmsghdr *c;
	ssize_t n;

	buf_reserve(&l->in, 65536);
	iov.iov_base = l->in.data + l->in.size;
	iov.iov_len = 65536;
	n = recvmsg(l->fd, &m, flags | MSG_CMSG_CLOEXEC);
	if (n <= 0)
		return n;
	l->in.size += (size_t)n;
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int))) {
		if (l->fd_received >= 0)
			close(l->fd_received);
		memcpy(&l->fd_received, CMSG_DATA(c), sizeof(int));
	}
	return n;
}

struct frame {
	uint32_t sequence;
	uint16_t op;
	uint8_t kind;
	const uint8_t *payload;
	size_t size, whole;
};

/* 1 a whole frame stands at the front of l->in, 0 not yet, -1 nonsense. */
static int
frame_peek(const struct buf *in, struct frame *f)
{
	struct reader r;
	uint32_t length;

	if (in->size < FRAME_HEAD)
		return 0;
	reader_init(&r, in->data, in->size);
	length = reader_u32(&r);
	if (length < FRAME_HEAD - 4 || length > FRAME_MAX)
		return -1;
	if (in->size - 4 < length)
		return 0;
	f->sequence = reader_u32(&r);
	f->op = reader_u16(&r);
	f->kind = reader_u8(&r);
	f->payload = r.at;
	f->size = length - (FRAME_HEAD - 4);
	f->whole = 4 + (size_t)length;
	return 1;
}

static void
change_take(struct line *l, const struct frame *f)
{
	struct change c = { 0 };
	struct reader r;

	reader_init(&r, f->payload, f->size);
	if (shape_decode(&change_shape, &c, &r) == 0 && reader_end(&r) &&
	    l->on_change != NULL)
		l->on_change(l->user, &c);
}

static int
error_take(const struct frame *f, struct err *e)
{
	struct reader r;
	struct err got = { 0 };

	reader_init(&r, f->payload, f->size);
	got.kind = reader_u8(&r);
	reader_str(&r, got.clause, sizeof got.clause);
	reader_str(&r, got.text, sizeof got.text);
	if (!reader_end(&r) || got.kind == ERR_NONE || got.kind > ERR_BROKEN)
		return err_set(e, ERR_BROKEN, "wire", "garbled error");
	if (e != NULL)
		*e = got;
	return -1;
}

static int
answer_take(enum op op, const struct frame *f, void *answer, struct err *e)
{
	struct reader r;

	if (f->kind == FRAME_ERROR)
		return error_take(f, e);
	reader_init(&r, f->payload, f->size);
	if (shape_decode(ops[op].answer, answer, &r) < 0)
		return err_set(e, ERR_BROKEN, "wire", "garbled answer to %s",
		    ops[op].name);
	if (!reader_end(&r)) {
		shape_clear(ops[op].answer, answer);
		return err_set(e, ERR_BROKEN, "wire", "long answer to %s",
		    ops[op].name);
	}
	return 0;
}

static int
question_send(struct line *l, enum op op, const void *arg)
{
	struct buf b = { 0 };
	int r;

	buf_put_u32(&b, 0);
	buf_put_u32(&b, ++l->sequence);
	buf_put_u16(&b, (uint16_t)op);
	buf_put_u8(&b, FRAME_ASK);
	shape_encode(ops[op].argument, arg, &b);
	b.data[0] = (uint8_t)((b.size - 4) >> 24);
	b.data[1] = (uint8_t)((b.size - 4) >> 16);
	b.data[2] = (uint8_t)((b.size - 4) >> 8);
	b.data[3] = (uint8_t)(b.size - 4);
	r = fd_write_all(l->fd, b.data, b.size);
	buf_clear(&b);
	return r;
}

/* Wait for more bytes until the deadline: 0 there are, 1 it has passed, -1 there
 * will be none. */
static int
line_wait(struct line *l, int64_t deadline)
{
	for (;;) {
		struct pollfd p = { .fd = l->fd, .events = POLLIN };
		int64_t left = deadline - clock_mono_ms();
		ssize_t got;
		int n;

		if (deadline != 0 && left <= 0)
			return 1;
		n = poll(&p, 1, deadline ? (int)left : -1);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n <= 0)
			continue;
		/* at the end of the stream errno is an old one */
		got = line_receive(l, 0);
		if (got == 0 || (got < 0 && errno != EINTR))
			return -1;
		return 0;
	}
}

int
line_ask(struct line *l, enum op op, const void *arg, void *answer,
    struct err *e)
{
	int wait = l->most_ms > 0 && (l->timeout_ms < 0 ||
	    l->timeout_ms > l->most_ms) ? l->most_ms : l->timeout_ms;
	int64_t deadline = wait < 0 ? 0 : clock_mono_ms() + wait;
	struct frame f;
	int have, r;

	if (l->fd < 0 || question_send(l, op, arg) < 0)
		return line_gone(l, e);
	for (;;) {
		while ((have = frame_peek(&l->in, &f)) == 1) {
			if (f.kind == FRAME_CHANGED) {
				change_take(l, &f);
			} else if (f.sequence == l->sequence && f.op == op) {
				r = answer_take(op, &f, answer, e);
				buf_consume(&l->in, f.whole);
				return r;
			}
			buf_consume(&l->in, f.whole);
		}
		if (have < 0 || (r = line_wait(l, deadline)) < 0)
			return line_gone(l, e);
		if (r > 0)
			return line_slow(l, e);
	}
}

bool
line_late(struct line *l)
{
	struct frame f;
	ssize_t n = 1;

	while (l->fd >= 0 && l->late != 0 && n > 0) {
		n = line_receive(l, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			line_close(l);
			break;
		}
		while (frame_peek(&l->in, &f) == 1) {
			if (f.kind == FRAME_CHANGED)
				change_take(l, &f);
			else if (f.sequence == l->late)
				l->late = 0;
			buf_consume(&l->in, f.whole);
		}
	}
	return l->late != 0;
}

int
line_poll(struct line *l)
{
	struct frame f;
	ssize_t n;

	if (l->fd < 0)
		return -1;
	n = line_receive(l, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		line_close(l);
		return -1;
	}
	while (frame_peek(&l->in, &f) == 1) {
		if (f.kind == FRAME_CHANGED)
			change_take(l, &f);
		buf_consume(&l->in, f.whole);
	}
	return 0;
}
