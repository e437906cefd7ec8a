/* screen_text.c - text measured, rendered, cut, and put on its row. */
#include "console/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "console/screen_rows.h"
#include "core/base/text.h"

#define TEXT_MAX 4096		/* bytes of one text, rendered */

/* Columns of one character; -1: it must be escaped here. */
static int
columns_of(uint32_t c)
{
	if (c < 0x80)
		return 1;
	return screen_utf8() ? wcwidth((wchar_t)c) : -1;
}

int
screen_character(const char *p, size_t len, size_t *used,
    wchar_t out[CHARACTER_CELLS], size_t *n)
{
	char escape[CHARACTER_CELLS];
	uint32_t c = 0;
	int w;

	*used = utf8_decode((const uint8_t *)p, len, &c);
	if (*used == 0) {
		*used = 1;
		c = '?';
	}
	w = columns_of(c);
	*n = 1;
	out[0] = (wchar_t)c;
	if (w >= 0)
		return w;
	*n = (size_t)snprintf(escape, sizeof escape, "\\u{%x}", (unsigned)c);
	for (size_t i = 0; i < *n; i++)
		out[i] = (wchar_t)escape[i];
	return (int)*n;
}

/* Bytes at the beginning that are printable ASCII: one column each. */
static size_t
ascii_run(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] >= 0x20 && text[n] < 0x7f)
		n++;
	return n;
}

size_t
screen_fit(const char *text, size_t len, int cols, int *used)
{
	size_t done = 0, step, n;
	wchar_t cells[CHARACTER_CELLS];
	int at = 0, w;

	while (done < len) {
		w = 1;
		step = 1;
		if (text[done] < 0x20 || text[done] >= 0x7f)
			w = screen_character(text + done, len - done, &step,
			    cells, &n);
		if (at + w > cols)
			break;
		at += w;
		done += step;
	}
	if (used != NULL)
		*used = at;
	return done;
}

static int
width_of_foreign(const char *text, size_t len)
{
	char safe[TEXT_MAX];
	int used;

	len = render_untrusted(safe, sizeof safe, text, len);
	screen_fit(safe, len, 1 << 20, &used);
	return used;
}

int
screen_width(const char *text)
{
	size_t len = strlen(text);

	if (len < TEXT_MAX && ascii_run(text, len) == len)
		return (int)len;
	return width_of_foreign(text, len);
}

/* Text that is rendered already. */
static int
safe_put(const struct area *a, int y, int x, int cols, enum look look,
    const char *safe, size_t len)
{
	int used;
	size_t fit = screen_fit(safe, len, cols, &used);
	const char *cut = sign(SIGN_CUT);

	if (fit == len || cols <= 0) {
		rows_text(a->y + y, a->x + x, look, safe, fit);
		return used;
	}
	fit = screen_fit(safe, len, cols - 1, &used);
	rows_text(a->y + y, a->x + x, look, safe, fit);
	rows_text(a->y + y, a->x + x + used, look, cut, strlen(cut));
	return used + 1;
}

static int
foreign_put(const struct area *a, int y, int x, int cols, enum look look,
    const char *text, size_t len)
{
	char safe[TEXT_MAX];

	len = render_untrusted(safe, sizeof safe, text, len);
	return safe_put(a, y, x, cols, look, safe, len);
}

int
screen_put_n(const struct area *a, int y, int x, int cols, enum look look,
    const char *text, size_t len)
{
	int room = a->cols - x;

	if (y < 0 || y >= a->rows || x < 0 || room <= 0)
		return 0;
	if (cols > room)
		cols = room;
	if (len < TEXT_MAX && ascii_run(text, len) == len)
		return safe_put(a, y, x, cols, look, text, len);
	return foreign_put(a, y, x, cols, look, text, len);
}

int
screen_put(const struct area *a, int y, int x, int cols, enum look look,
    const char *text)
{
	return screen_put_n(a, y, x, cols, look, text, strlen(text));
}

int
screen_printf(const struct area *a, int y, int x, enum look look,
    const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return screen_put(a, y, x, a->cols, look, text);
}

void
screen_fill(const struct area *a, int y, int x, int cols, enum look look)
{
	if (y < 0 || y >= a->rows || x < 0)
		return;
	if (cols > a->cols - x)
		cols = a->cols - x;
	rows_blank(a->y + y, a->x + x, cols, look);
}

void
screen_rule(const struct area *a, int y)
{
	const char *one = sign(SIGN_RULE);
	size_t size = strlen(one), len = 0;
	char line[TEXT_MAX];

	if (y < 0 || y >= a->rows)
		return;
	for (int x = 0; x < a->cols && len + size < sizeof line; x++) {
		memcpy(line + len, one, size);
		len += size;
	}
	rows_text(a->y + y, a->x, LOOK_DIM, line, len);
}

void
screen_box(const struct area *a)
{
	int low = a->rows - 1, right = a->cols - 1;

	for (int y = 0; y < a->rows; y++) {
		screen_fill(a, y, 0, a->cols, LOOK_PLAIN);
		screen_put(a, y, 0, 1, LOOK_DIM, sign(SIGN_SIDE));
		screen_put(a, y, right, 1, LOOK_DIM, sign(SIGN_SIDE));
	}
	screen_rule(a, 0);
	screen_rule(a, low);
	screen_put(a, 0, 0, 1, LOOK_DIM, sign(SIGN_TOP_LEFT));
	screen_put(a, 0, right, 1, LOOK_DIM, sign(SIGN_TOP_RIGHT));
	screen_put(a, low, 0, 1, LOOK_DIM, sign(SIGN_LOW_LEFT));
	screen_put(a, low, right, 1, LOOK_DIM, sign(SIGN_LOW_RIGHT));
}
