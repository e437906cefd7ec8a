/*
 * scripted.h - a registrar's end that answers what a test says, and a console
 * session that talks to it: both in this process, over a socketpair.
 */
#ifndef TESTS_SCRIPTED_H
#define TESTS_SCRIPTED_H

#include "tests/unit/check.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "console/command.h"
#include "console/plain.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/wire/seat.h"

#define TEST_NOW 1795359845	/* 2026-11-22 15:04:05Z */

/* What an attacker puts into a name: ESC and OSC sequences, C1 as UTF-8 and
 * raw, bidi and zero-width characters, DEL, CR, LF, false UTF-8. */
#define HOSTILE "x\x1b[31m\x1b]0;p\x07\xc2\x9b" "1m\xe2\x80\xae\xe2\x80\x8b" \
	"\x7f\xff\x9b\r\nY"

struct scripted {
	struct seat seat;
	pthread_t thread;
	enum role role;
	bool asked[OP_COUNT];
	int questions;
	int hang_up_at;		/* after so many questions; 0 never */
	const char *foreign;	/* what each text of an answer says */
	/* Change the answer that was filled in; -1 with *e: an error. */
	int (*answer)(struct scripted *s, enum op op, const void *argument,
	    void *answer, struct err *e);
	void *user;
	void *last;		/* the last argument of that op, kept */
	enum op last_op;
};

/* ---- filling any noun ---- */

static inline void shape_fill(const struct shape *s, void *object,
    const char *text);

static inline void
field_fill(const struct field *f, void *object, const char *text)
{
	void *p = (char *)object + f->offset;
	static unsigned turn;

	switch (f->kind) {
	case FIELD_I64:
		/* a job would be asked for again */
		*(int64_t *)p = strcmp(f->name, "job") == 0 ? 0 : 7;
		break;
	case FIELD_TIME:
		*(int64_t *)p = TEST_NOW;
		break;
	case FIELD_BOOL:
		*(bool *)p = strcmp(f->name, "more") != 0 &&
		    strcmp(f->name, "refine") != 0;
		break;
	case FIELD_WORD:
		*(unsigned *)p = turn++ % f->words->count;
		break;
	case FIELD_STR:
		snprintf(p, f->size, "%s", text);
		break;
	case FIELD_BYTES:
		memset(p, 0xab, f->size);
		break;
	case FIELD_BLOB:
		blob_set(p, text, strlen(text));
		break;
	case FIELD_LIST:
		for (int i = 0; i < 2; i++) {
			size_t *n = (size_t *)(void *)((char *)object +
			    f->count_offset);
			void **items = p;

			*items = list_grow(*items, n, f->shape->size);
			shape_fill(f->shape, (char *)*items + (*n - 1) *
			    f->shape->size, text);
		}
		break;
	case FIELD_SUB:
		shape_fill(f->shape, p, text);
		break;
	}
}

static inline void
shape_fill(const struct shape *s, void *object, const char *text)
{
	size_t n;
	const struct field *fields = s->fields(&n);

	for (size_t i = 0; i < n; i++)
		field_fill(&fields[i], object, text);
}

/* ---- the registrar's end ---- */

static inline void
argument_keep(struct scripted *s, const struct question *q)
{
	if (s->last != NULL) {
		shape_clear(ops[s->last_op].argument, s->last);
		free(s->last);
	}
	s->last_op = q->op;
	s->last = xcalloc(1, ops[q->op].argument->size);
	shape_copy(ops[q->op].argument, s->last, q->argument);
}

static inline void
scripted_serve(struct scripted *s, struct question *q)
{
	const struct shape *shape = ops[q->op].answer;
	void *answer = xcalloc(1, shape->size);
	struct err e = { 0 };
	int r = 0;

	shape_fill(shape, answer, s->foreign ? s->foreign : "text");
	if (q->op == OP_whoami)
		((struct whoami *)answer)->account.role = s->role;
	if (s->answer != NULL)
		r = s->answer(s, q->op, q->argument, answer, &e);
	if (r < 0)
		seat_error_put(&s->seat, &e);
	else
		seat_answer_put(&s->seat, answer);
	shape_clear(shape, answer);
	free(answer);
}

static inline void *
scripted_run(void *user)
{
	struct scripted *s = user;
	struct question q = { 0 };
	struct err e = { 0 };

	for (;;) {
		struct pollfd p = { .fd = s->seat.fd, .events = POLLIN };
		int r;

		if (poll(&p, 1, 20000) <= 0 || seat_read(&s->seat) < 0)
			break;
		while ((r = seat_next(&s->seat, OP_SERVER_REGISTRAR, &q,
		    &e)) == 1) {
			s->asked[q.op] = true;
			s->questions++;
			argument_keep(s, &q);
			if (s->questions == s->hang_up_at) {
				question_clear(&q);
				seat_close(&s->seat);
				return NULL;
			}
			scripted_serve(s, &q);
			question_clear(&q);
			seat_flush(&s->seat);
		}
		if (r < 0)
			break;		/* not permitted: hung up, as the real one does */
	}
	seat_close(&s->seat);
	return NULL;
}

/* ---- one person's session ---- */

struct talk {
	struct scripted s;
	struct line l;
	struct typing in;
	struct console c;
	FILE *input;
	char *out, *err;
	size_t out_size, err_size;
};

static inline void
session_open_at(struct talk *t, enum role role, int fd)
{
	int pair[2];

	memset(t, 0, sizeof *t);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	seat_init(&t->s.seat, pair[1], role);
	t->s.role = role;
	line_init(&t->l, pair[0]);
	t->l.timeout_ms = 15000;
	output_init(&t->c.out, open_memstream(&t->out, &t->out_size),
	    open_memstream(&t->err, &t->err_size));
	t->c.out.utf8 = true;
	typing_open(&t->in, fd, &t->c.out, &t->l, false);
	t->in.idle_ms = 15000;
	t->c.in = &t->in;
	t->c.line = &t->l;
	t->c.me.account.role = role;
	snprintf(t->c.me.account.name, sizeof t->c.me.account.name, "alice");
	snprintf(t->c.me.account.agreement,
	    sizeof t->c.me.account.agreement, "1");
	snprintf(t->c.me.agreement_current,
	    sizeof t->c.me.agreement_current, "1");
	snprintf(t->c.me.service, sizeof t->c.me.service,
	    "certs.example.org");
	snprintf(t->c.me.title, sizeof t->c.me.title, "XMPP CA");
}

static inline void
session_go(struct talk *t)
{
	assert_int_equal(pthread_create(&t->s.thread, NULL, scripted_run,
	    &t->s), 0);
}

/* Standard input holds these bytes, then ends. */
static inline void
session_open(struct talk *t, enum role role, const void *input,
    size_t size)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(fwrite(input, 1, size, f), size);
	fflush(f);
	lseek(fileno(f), 0, SEEK_SET);
	session_open_at(t, role, fileno(f));
	t->input = f;
}

static inline void
session_text(struct talk *t)
{
	fflush(t->c.out.out);
	fflush(t->c.out.err);
}

static inline int
session_command(struct talk *t, const char *line)
{
	int status = command_run(&t->c, line);

	session_text(t);
	return status;
}

static inline void
session_close(struct talk *t)
{
	typing_close(&t->in);
	line_close(&t->l);
	pthread_join(t->s.thread, NULL);
	fclose(t->c.out.out);
	fclose(t->c.out.err);
	free(t->out);
	free(t->err);
	if (t->input != NULL)
		fclose(t->input);
	if (t->s.last != NULL) {
		shape_clear(ops[t->s.last_op].argument, t->s.last);
		free(t->s.last);
	}
}

/* ---- what must never reach a terminal (S12.4) ---- */

/* No control character but LF, no C1 in any form, no bidi or zero-width
 * character, and valid UTF-8 throughout. */
static inline void
assert_harmless(const char *text, size_t size, const char *where)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t n;
	uint32_t c;

	for (size_t left = size; left > 0; p += n, left -= n) {
		n = utf8_decode(p, left, &c);
		if (n == 0 || (c < 0x20 && c != '\n') ||
		    (c >= 0x7f && c < 0xa0) || c == 0x202e || c == 0x200b)
			fail_msg("%s: byte %02x (U+%04X) at %zu of: %.200s",
			    where, *p, (unsigned)c,
			    (size_t)(p - (const uint8_t *)text), text);
	}
}

#endif
