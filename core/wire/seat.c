/* seat.c - answering over a wire. */
#include "core/wire/seat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

/* Bytes of answers that may wait for a reader that does not read. */
#define OUT_MAX (32u << 20)

void
seat_init(struct seat *s, int fd, enum role role)
{
	memset(s, 0, sizeof *s);
	s->fd = fd;
	s->role = role;
	s->pass_fd = -1;
}

void
seat_close(struct seat *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->pass_fd >= 0)
		close(s->pass_fd);
	s->fd = s->pass_fd = -1;
	buf_clear(&s->in);
	buf_clear(&s->out);
}

int
seat_read(struct seat *s)
{
	ssize_t n;

	buf_reserve(&s->in, 16384);
	n = recv(s->fd, s->in.data + s->in.size, 16384, MSG_DONTWAIT);
	if (n > 0) {
		s->in.size += (size_t)n;
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return -1;
}

static int
argument_decode(enum op op, struct reader *r, struct question *q,
    struct err *e)
{
	q->op = op;
	q->argument = xcalloc(1, ops[op].argument->size);
	if (shape_decode(ops[op].argument, q->argument, r) == 0 &&
	    reader_end(r))
		return 1;
	question_clear(q);
	return err_set(e, ERR_BROKEN, "wire", "malformed %s", ops[op].name);
}

int
seat_next(struct seat *s, enum op_server server, struct question *q,
    struct err *e)
{
	struct reader r;
	uint32_t length;
	uint16_t op;
	uint8_t kind;
	int got;

	if (s->in.size < FRAME_HEAD)
		return 0;
	reader_init(&r, s->in.data, s->in.size);
	length = reader_u32(&r);
	if (length < FRAME_HEAD - 4 || length > FRAME_MAX)
		return err_set(e, ERR_BROKEN, "wire", "frame of %u bytes",
		    length);
	if (s->in.size - 4 < length)
		return 0;
	s->sequence = reader_u32(&r);
	op = reader_u16(&r);
	kind = reader_u8(&r);
	r.left = length - (FRAME_HEAD - 4);
	if (kind != FRAME_ASK || op >= OP_COUNT || ops[op].server != server)
		return err_set(e, ERR_BROKEN, "wire", "no such question: %u",
		    op);
	if (!op_allows(op, s->role))
		return err_set(e, ERR_REFUSED, "wire",
		    "%s may not ask %s", word_of(&role_words, s->role),
		    ops[op].name);
	s->op = op;
	s->heard = clock_now();
	got = argument_decode(op, &r, q, e);
	buf_consume(&s->in, 4 + (size_t)length);
	return got;
}

void
question_clear(struct question *q)
{
	if (q->argument == NULL)
		return;
	/* it may hold a code, or a private key that was pasted */
	shape_wipe(ops[q->op].argument, q->argument);
	free(q->argument);
	q->argument = NULL;
}

static size_t
frame_begin(struct seat *s, uint32_t sequence, uint16_t op, uint8_t kind)
{
	size_t start = s->out.size;

	buf_put_u32(&s->out, 0);
	buf_put_u32(&s->out, sequence);
	buf_put_u16(&s->out, op);
	buf_put_u8(&s->out, kind);
	return start;
}

static void
frame_end(struct seat *s, size_t start)
{
	size_t length = s->out.size - start - 4;

	s->out.data[start] = (uint8_t)(length >> 24);
	s->out.data[start + 1] = (uint8_t)(length >> 16);
	s->out.data[start + 2] = (uint8_t)(length >> 8);
	s->out.data[start + 3] = (uint8_t)length;
	if (s->out.size > OUT_MAX)
		s->hang_up = true;
}

void
seat_answer_put(struct seat *s, const void *answer)
{
	size_t start = frame_begin(s, s->sequence, (uint16_t)s->op,
	    FRAME_ANSWER);

	shape_encode(ops[s->op].answer, answer, &s->out);
	frame_end(s, start);
}

void
seat_error_put(struct seat *s, const struct err *e)
{
	size_t start = frame_begin(s, s->sequence, (uint16_t)s->op,
	    FRAME_ERROR);

	buf_put_u8(&s->out, (uint8_t)e->kind);
	buf_put_str(&s->out, e->clause);
	buf_put_str(&s->out, e->text);
	frame_end(s, start);
}

void
seat_change_put(struct seat *s, const struct change *c)
{
	size_t start = frame_begin(s, 0, OP_changed, FRAME_CHANGED);

	shape_encode(&change_shape, c, &s->out);
	frame_end(s, start);
}

size_t
seat_mark(const struct seat *s)
{
	return s->out.size;
}

void
seat_rewind(struct seat *s, size_t mark)
{
	if (mark < s->out.size)
		s->out.size = mark;
}

static ssize_t
send_some(struct seat *s)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = s->out.data,
		.iov_len = s->out.size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (s->pass_fd >= 0) {
		memset(&control, 0, sizeof control);
		m.msg_control = &control;
		m.msg_controllen = sizeof control;
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &s->pass_fd, sizeof(int));
	}
	return sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int
seat_flush(struct seat *s)
{
	while (s->out.size > 0) {
		ssize_t n = send_some(s);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 1;
		if (n < 0)
			return -1;
		if (s->pass_fd >= 0) {
			close(s->pass_fd);
			s->pass_fd = -1;
		}
		buf_consume(&s->out, (size_t)n);
	}
	return s->hang_up ? -1 : 0;
}
