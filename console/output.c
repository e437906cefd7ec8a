/* output.c - lines, facts and tables, each rendered before it is written. */
#include "console/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/client.h"
#include "core/base/buf.h"
#include "core/base/text.h"

void
output_init(struct output *o, FILE *out, FILE *err)
{
	memset(o, 0, sizeof *o);
	o->out = out;
	o->err = err;
	o->terminal = fileno(out) >= 0 && isatty(fileno(out));
}

int
output_flush(struct output *o)
{
	if (fflush(o->out) != 0 || ferror(o->out))
		o->failed = true;
	fflush(o->err);
	return o->failed ? -1 : 0;
}

/* What is not ASCII, as \u{N}. */
static void
ascii_only(char *dst, size_t size, const char *src)
{
	const uint8_t *p = (const uint8_t *)src;
	size_t left = strlen(src), used = 0, n;
	char one[16];
	uint32_t c;

	if (size == 0)
		return;
	for (; left > 0; p += n, left -= n) {
		if ((n = utf8_decode(p, left, &c)) == 0)
			n = 1, c = '?';
		if (c < 0x80)
			snprintf(one, sizeof one, "%c", (char)c);
		else
			snprintf(one, sizeof one, "\\u{%x}", (unsigned)c);
		if (used + strlen(one) >= size)
			break;
		memcpy(dst + used, one, strlen(one));
		used += strlen(one);
	}
	dst[used] = '\0';
}

/* Room that a text needs at most once rendered: \u{10ffff} for each byte. */
static size_t
rendered_room(size_t len)
{
	return len * 10 + 1;
}

static char *
fit(const struct output *o, const void *src, size_t len, bool lines)
{
	size_t room = rendered_room(len);
	char *a = xmalloc(room), *b;

	if (lines)
		render_untrusted_lines(a, room, src, len);
	else
		render_untrusted(a, room, src, len);
	if (o->utf8)
		return a;
	b = xmalloc(room);
	ascii_only(b, room, a);
	free(a);
	return b;
}

void
output_text(const struct output *o, char *dst, size_t size, const char *src)
{
	char *s = fit(o, src, strlen(src), false);

	text_cut(dst, size, s, size);
	free(s);
}

__attribute__((format(printf, 1, 0)))
static char *
formatted(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		s = xstrdup("");
	return s;
}

static void
put_rendered(struct output *o, FILE *f, const char *label, const char *s,
    const char *end)
{
	char *safe = fit(o, s, strlen(s), false);
	/* a label may be foreign too: the service that a live check found */
	char *front = fit(o, label ? label : "", label ? strlen(label) : 0,
	    false);

	if (fprintf(f, "%s%s%s%s", front, label ? ": " : "", safe, end) < 0)
		o->failed = true;
	free(front);
	free(safe);
}

void
out_line(struct output *o, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = formatted(fmt, ap);
	va_end(ap);
	put_rendered(o, o->out, NULL, s, "\n");
	free(s);
}

void
out_fact(struct output *o, const char *label, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = formatted(fmt, ap);
	va_end(ap);
	if (s[0] != '\0')
		put_rendered(o, o->out, label, s, "\n");
	free(s);
}

void
out_lines(struct output *o, const void *text, size_t size)
{
	char *safe = fit(o, text, size, true);
	size_t n = strlen(safe);

	if (fwrite(safe, 1, n, o->out) != n ||
	    (n > 0 && safe[n - 1] != '\n' && fputc('\n', o->out) == EOF))
		o->failed = true;
	free(safe);
}

void
out_bytes(struct output *o, const void *data, size_t size)
{
	if (size > 0 && fwrite(data, 1, size, o->out) != size)
		o->failed = true;
}

void
say(struct output *o, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = formatted(fmt, ap);
	va_end(ap);
	fflush(o->out);		/* in the order in which it was said */
	put_rendered(o, o->err, NULL, s, "\n");
	fflush(o->err);
	free(s);
}

void
say_prompt(struct output *o, const char *prompt)
{
	fflush(o->out);
	put_rendered(o, o->err, NULL, prompt, "");
	fflush(o->err);
}

/* ---- tables ---- */

static void
table_put(struct table *t, va_list ap)
{
	size_t n = t->n_cells;

	t->cells = xrealloc_array(t->cells, n + t->columns, sizeof *t->cells);
	for (unsigned i = 0; i < t->columns; i++)
		t->cells[n + i] = xstrdup(va_arg(ap, const char *));
	t->n_cells = n + t->columns;
}

void
table_init(struct table *t, unsigned columns, ...)
{
	va_list ap;

	memset(t, 0, sizeof *t);
	t->columns = columns < TABLE_COLUMNS ? columns : TABLE_COLUMNS;
	va_start(ap, columns);
	table_put(t, ap);
	va_end(ap);
}

void
table_add(struct table *t, ...)
{
	va_list ap;

	va_start(ap, t);
	table_put(t, ap);
	va_end(ap);
}

/* Columns padded to the widest cell by what a terminal shows, two blanks
 * between them, none at the end of a line. */
static void
row_aligned(struct output *o, const struct table *t, size_t at,
    const size_t *widths)
{
	struct buf b = { 0 };
	size_t pad = 0;

	for (unsigned i = 0; i < t->columns; i++) {
		const char *cell = t->cells[at + i];

		if (cell[0] != '\0') {
			for (; pad > 0; pad--)
				buf_put_u8(&b, ' ');
			buf_put(&b, cell, strlen(cell));
		}
		pad += widths[i] - text_width(cell) + 2;
	}
	buf_put_u8(&b, '\n');
	out_bytes(o, b.data, b.size);
	buf_clear(&b);
}

/* A heading as a word: "NUMBER" becomes "Number", or "number" behind the
 * first. */
static void
heading_put(struct buf *b, const char *heading)
{
	for (const char *p = heading; *p != '\0'; p++) {
		bool upper = *p >= 'A' && *p <= 'Z';

		buf_put_u8(b, upper && b->size > 0 ? (uint8_t)(*p - 'A' + 'a') :
		    (uint8_t)*p);
	}
}

/* "Number 5, state good, domains example.org" */
static void
row_spoken(struct output *o, const struct table *t, size_t at)
{
	struct buf b = { 0 };

	for (unsigned i = 0; i < t->columns; i++) {
		if (t->cells[at + i][0] == '\0')
			continue;
		if (b.size > 0)
			buf_put(&b, ", ", 2);
		heading_put(&b, t->cells[i]);
		buf_printf(&b, " %s", t->cells[at + i]);
	}
	buf_put_u8(&b, '\n');
	out_bytes(o, b.data, b.size);
	buf_clear(&b);
}

void
table_print(struct output *o, struct table *t)
{
	size_t widths[TABLE_COLUMNS] = { 0 };

	for (size_t i = 0; i < t->n_cells; i++) {
		char *safe = fit(o, t->cells[i], strlen(t->cells[i]), false);
		size_t w = text_width(safe);

		free(t->cells[i]);
		t->cells[i] = safe;
		if (w > widths[i % t->columns])
			widths[i % t->columns] = w;
	}
	for (size_t at = o->plain ? t->columns : 0; at < t->n_cells;
	    at += t->columns) {
		if (o->plain)
			row_spoken(o, t, at);
		else
			row_aligned(o, t, at, widths);
	}
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cells[i]);
	free(t->cells);
	memset(t, 0, sizeof *t);
}
