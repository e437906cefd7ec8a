/*
 * harness.h - the console in this process: keys in by a pipe, its bytes out
 * to a terminal of libvterm, the registrar of paper behind its seat.
 */
#ifndef TESTS_VIEW_HARNESS_H
#define TESTS_VIEW_HARNESS_H

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <vterm.h>

#include "console/ui.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "tests/view/registrar.h"

struct bench {
	struct fake fake;
	struct ui ui;
	struct line line;
	pid_t registrar;
	int control;
	int keys;		/* our end of the keyboard */
	int screen;		/* our end of the terminal */
	int in, out;		/* the console's */
	int rows, cols;
	VTerm *vt;
	VTermScreen *vts;
	struct buf bytes;	/* that came since the last clear */
	unsigned writes;
};

struct bench_how {
	enum role role;
	int rows, cols;
	const char *term;
	bool ascii, mono, hostile, fresh, fails;
	int64_t requests, unseen;
	unsigned char *asked;
	int walks;
};

/* Take what the console wrote. */
static inline void
bench_drain(struct bench *b)
{
	char bytes[65536];
	ssize_t n;

	while ((n = recv(b->screen, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
		vterm_input_write(b->vt, bytes, (size_t)n);
		buf_put(&b->bytes, bytes, (size_t)n);
		b->writes++;
	}
}

/* Let the console act until it is quiet. */
static inline void
bench_settle(struct bench *b)
{
	for (int i = 0; i < 4 && !b->ui.quit; i++) {
		ui_turn(&b->ui, 0);
		bench_drain(b);
	}
	vterm_screen_flush_damage(b->vts);
}

static inline void
bench_open(struct bench *b, const struct bench_how *how)
{
	struct screen_how sh = { .term = how->term ? how->term :
	    "xterm-256color", .utf8 = !how->ascii, .colour = !how->mono,
	    .rows = how->rows, .cols = how->cols };
	struct whoami me = { 0 };
	int a[2], k[2], seat, big = 1 << 20;

	memset(b, 0, sizeof *b);
	clock_set_for_test(FAKE_NOW);
	b->fake = (struct fake){ .now = FAKE_NOW, .role = how->role,
		.requests = how->requests ? how->requests : 250,
		.hostile = how->hostile, .fresh = how->fresh,
		.fails = how->fails, .unseen = how->unseen,
		.asked = how->asked, .walks = how->walks };
	b->rows = how->rows;
	b->cols = how->cols;
	b->registrar = fake_start(&b->fake, &seat, &b->control);
	line_init(&b->line, seat);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, a) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, k) < 0)
		exit(2);
	setsockopt(a[0], SOL_SOCKET, SO_SNDBUF, &big, sizeof big);
	b->screen = a[1];
	b->out = sh.out = a[0];
	b->keys = k[0];
	b->in = k[1];
	b->vt = vterm_new(b->rows, b->cols);
	vterm_set_utf8(b->vt, !how->ascii);
	b->vts = vterm_obtain_screen(b->vt);
	vterm_screen_reset(b->vts, 1);
	if (screen_open(&sh) < 0)
		exit(3);
	fake_whoami(&b->fake, &me);
	if (how->hostile)
		fake_poison(&account_shape, &me.account);
	ui_init(&b->ui, &b->line, &me, b->in, 0);
	bench_settle(b);
}

static inline void
bench_close(struct bench *b)
{
	int status;

	ui_clear(&b->ui);
	screen_close();
	bench_drain(b);
	line_close(&b->line);
	close(b->control);
	close(b->keys);
	close(b->in);
	close(b->screen);
	close(b->out);
	vterm_free(b->vt);
	buf_clear(&b->bytes);
	waitpid(b->registrar, &status, 0);
}

static inline void
bench_bytes(struct bench *b, const void *p, size_t n)
{
	(void)!fd_write_all(b->keys, p, n);
	bench_settle(b);
}

static inline void
bench_type(struct bench *b, const char *keys)
{
	bench_bytes(b, keys, strlen(keys));
}

/* The key Esc alone: the reader waits for more first. */
static inline void
bench_esc(struct bench *b)
{
	bench_bytes(b, "\033", 1);
	usleep(60000);
	bench_settle(b);
}

static inline void
bench_resize(struct bench *b, int rows, int cols)
{
	b->rows = rows;
	b->cols = cols;
	vterm_set_size(b->vt, rows, cols);
	screen_resize(rows, cols);
	b->ui.dirty = true;
	bench_settle(b);
}

/* The screen as text, lines without trailing blanks; free it. */
static inline char *
bench_text(struct bench *b)
{
	struct buf out = { 0 };

	for (int y = 0; y < b->rows; y++) {
		size_t end = out.size;

		for (int x = 0; x < b->cols; x++) {
			VTermScreenCell c;
			VTermPos at = { y, x };

			vterm_screen_get_cell(b->vts, at, &c);
			if (c.chars[0] == 0) {
				buf_put_u8(&out, ' ');
				continue;
			}
			for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL &&
			    c.chars[i] != 0; i++) {
				char utf8[8];
				size_t n = 0;
				uint32_t v = c.chars[i];

				if (v < 0x80)
					utf8[n++] = (char)v;
				else if (v < 0x800) {
					utf8[n++] = (char)(0xc0 | v >> 6);
					utf8[n++] = (char)(0x80 | (v & 63));
				} else {
					utf8[n++] = (char)(0xe0 | v >> 12);
					utf8[n++] = (char)(0x80 | (v >> 6 & 63));
					utf8[n++] = (char)(0x80 | (v & 63));
				}
				buf_put(&out, utf8, n);
			}
			if (c.width > 1)
				x += c.width - 1;
			if (c.chars[0] != ' ')
				end = out.size;
		}
		out.size = end;
		buf_put_u8(&out, '\n');
	}
	buf_put_u8(&out, '\0');
	return (char *)out.data;
}

static inline bool
bench_shows(struct bench *b, const char *text)
{
	char *screen = bench_text(b);
	bool found = strstr(screen, text) != NULL;

	free(screen);
	return found;
}

/* How cells look that are not plain: a line for each run of them, "row col
 * length" and what it has; colours by their number.  Free it. */
static inline void
bench_look(const VTermScreenCell *c, char dst[64])
{
	int n = snprintf(dst, 64, "%s%s%s", c->attrs.bold ? " bold" : "",
	    c->attrs.underline ? " underline" : "",
	    c->attrs.reverse ? " reverse" : "");

	if (VTERM_COLOR_IS_INDEXED(&c->fg))
		n += snprintf(dst + n, 64 - (size_t)n, " fg%d",
		    c->fg.indexed.idx);
	if (VTERM_COLOR_IS_INDEXED(&c->bg))
		snprintf(dst + n, 64 - (size_t)n, " bg%d", c->bg.indexed.idx);
}

static inline char *
bench_looks(struct bench *b)
{
	struct buf out = { 0 };

	for (int y = 0; y < b->rows; y++) {
		char now[64] = "", before[64] = "";
		int from = 0;

		for (int x = 0; x <= b->cols; x++) {
			VTermScreenCell c;
			VTermPos at = { y, x };

			now[0] = '\0';
			if (x < b->cols) {
				vterm_screen_get_cell(b->vts, at, &c);
				bench_look(&c, now);
			}
			if (strcmp(now, before) == 0)
				continue;
			if (before[0] != '\0')
				buf_printf(&out, "%d %d %d%s\n", y, from,
				    x - from, before);
			memcpy(before, now, sizeof before);
			from = x;
		}
	}
	buf_put_u8(&out, '\0');
	return (char *)out.data;
}

/* A text against tests/golden/KIND-NAME.txt; GOLDEN_UPDATE=1 writes it.
 * Frees the text. */
static inline bool
golden_same(const char *kind, const char *name, char *screen)
{
	char path[512];
	struct blob want = { 0 };
	struct err e;
	bool same;

	snprintf(path, sizeof path, "%s/tests/golden/%s-%s.txt", SRCDIR, kind,
	    name);
	if (getenv("GOLDEN_UPDATE") != NULL &&
	    file_replace(path, screen, strlen(screen), 0644, &e) < 0)
		fprintf(stderr, "%s\n", e.text);
	same = file_read(path, 1 << 20, &want, &e) == 0 &&
	    want.size == strlen(screen) &&
	    memcmp(want.data, screen, want.size) == 0;
	if (!same)
		fprintf(stderr, "--- %s differs; the screen is:\n%s---\n", path,
		    screen);
	blob_clear(&want);
	free(screen);
	return same;
}

/* The screen's text, and how it looks. */
static inline bool
bench_golden(struct bench *b, const char *name)
{
	return golden_same("view", name, bench_text(b));
}

static inline bool
bench_golden_looks(struct bench *b, const char *name)
{
	return golden_same("looks", name, bench_looks(b));
}

#endif
