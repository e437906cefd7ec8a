/* pager.c - wrapping and scrolling a page of text. */
#include "console/pager.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/keys.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define PART_TEXT_MAX 4096

static void
parts_free(struct pager *p)
{
	for (size_t i = 0; i < p->n_parts; i++) {
		free(p->parts[i].label);
		free(p->parts[i].text);
	}
	free(p->parts);
	p->parts = NULL;
	p->n_parts = 0;
}

void
pager_clear(struct pager *p)
{
	parts_free(p);
	memset(p, 0, sizeof *p);
}

void
pager_again(struct pager *p)
{
	parts_free(p);
	p->hit = 0;
}

static void
part_add(struct pager *p, enum part_kind kind, enum look look,
    const char *label, const char *text)
{
	char safe[PART_TEXT_MAX];
	struct part *new;

	p->parts = xrealloc_array(p->parts, p->n_parts + 1, sizeof *p->parts);
	new = &p->parts[p->n_parts++];
	new->kind = kind;
	new->look = look;
	new->label = label != NULL ? xstrdup(label) : NULL;
	render_untrusted(safe, sizeof safe, text, strlen(text));
	new->text = xstrdup(safe);
	new->width = new->height = 0;
}

#define FORMAT(text, fmt) do { \
	va_list ap; \
	va_start(ap, fmt); \
	vsnprintf(text, sizeof text, fmt, ap); \
	va_end(ap); \
} while (0)

void
pager_head(struct pager *p, const char *fmt, ...)
{
	char text[PART_TEXT_MAX];

	FORMAT(text, fmt);
	if (p->n_parts > 0)
		pager_gap(p);
	part_add(p, PART_HEAD, LOOK_HEAD, NULL, text);
}

void
pager_text(struct pager *p, enum look look, const char *fmt, ...)
{
	char text[PART_TEXT_MAX];

	FORMAT(text, fmt);
	part_add(p, PART_TEXT, look, NULL, text);
}

void
pager_field(struct pager *p, const char *label, enum look look,
    const char *fmt, ...)
{
	char text[PART_TEXT_MAX];

	FORMAT(text, fmt);
	part_add(p, PART_FIELD, look, label, text);
}

void
pager_item(struct pager *p, const char *mark, enum look look,
    const char *fmt, ...)
{
	char text[PART_TEXT_MAX];

	FORMAT(text, fmt);
	part_add(p, PART_ITEM, look, mark, text);
}

void
pager_block(struct pager *p, enum look look, const char *fmt, ...)
{
	char text[PART_TEXT_MAX];

	FORMAT(text, fmt);
	part_add(p, PART_BLOCK, look, NULL, text);
}

void
pager_gap(struct pager *p)
{
	part_add(p, PART_GAP, LOOK_PLAIN, NULL, "");
}

void
pager_lines(struct pager *p, enum look look, const void *text, size_t size)
{
	const char *at = text, *stop = at + size;
	char line[PART_TEXT_MAX];

	while (at < stop) {
		const char *lf = memchr(at, '\n', (size_t)(stop - at));
		size_t n = (size_t)((lf ? lf : stop) - at);

		if (n > 0 && at[n - 1] == '\r')
			n--;
		render_untrusted(line, sizeof line, at, n);
		if (n == 0)
			pager_gap(p);
		else
			part_add(p, PART_TEXT, look, NULL, line);
		at = lf ? lf + 1 : stop;
	}
}

/* ---- wrapping ---- */

static int
indent_of(const struct pager *p, const struct part *part, int cols)
{
	int label = p->label_cols ? p->label_cols : 14;

	if (part->kind == PART_ITEM)
		return screen_width(part->label) + 1;
	if (part->kind != PART_FIELD)
		return 0;
	return label + 1 > cols / 2 ? cols / 2 : label + 1;
}

/* Bytes of text that make one line of cols columns, ended at a space when
 * there is one; *skip is what lies between this line and the next. */
static size_t
line_length(const char *text, int cols, size_t *skip)
{
	size_t len = strlen(text), fit, space;

	*skip = 0;
	if (cols < 1)
		cols = 1;
	fit = screen_fit(text, len, cols, NULL);
	if (fit == len)
		return len;
	if (fit == 0)		/* one character wider than the line */
		return 1;
	for (space = fit; space > 0 && text[space] != ' '; space--)
		;
	if (space == 0)
		return fit;
	*skip = 1;
	return space;
}

static int
part_lines(const struct pager *p, const struct part *part, int cols)
{
	int room = cols - indent_of(p, part, cols), lines = 0;
	const char *at = part->text;
	size_t n, skip;

	if (part->kind == PART_GAP || part->kind == PART_BLOCK)
		return 1;
	do {
		n = line_length(at, room, &skip);
		at += n + skip;
		lines++;
	} while (*at != '\0');
	return lines;
}

/* Wrapped once for a width: a page of thousands of lines is drawn often. */
static int
part_height(const struct pager *p, struct part *part, int cols)
{
	int width = cols * 256 + p->label_cols;

	if (part->height == 0 || part->width != width) {
		part->height = part_lines(p, part, cols);
		part->width = width;
	}
	return part->height;
}

int
pager_height(const struct pager *p, int cols)
{
	int lines = 0;

	for (size_t i = 0; i < p->n_parts; i++)
		lines += part_height(p, &p->parts[i], cols);
	return lines;
}

static enum look
part_look(const struct pager *p, const struct part *part)
{
	if (p->hit > 0 && part == &p->parts[p->hit - 1])
		return LOOK_SELECTED;
	return part->kind == PART_ITEM && part->look != LOOK_STRONG &&
	    part->look != LOOK_DIM ? LOOK_PLAIN : part->look;
}

static void
part_draw(const struct pager *p, const struct part *part,
    const struct area *a, int y)
{
	int indent = indent_of(p, part, a->cols), room = a->cols - indent;
	enum look look = part_look(p, part);
	const char *at = part->text;
	size_t n, skip;

	if (part->kind == PART_GAP)
		return;
	if (part->kind == PART_BLOCK) {
		screen_put(a, y, 0, a->cols, look, part->text);
		return;
	}
	if (part->label != NULL)
		screen_put(a, y, 0, indent - 1, part->kind == PART_ITEM ?
		    part->look : LOOK_DIM, part->label);
	do {
		n = line_length(at, room, &skip);
		screen_put_n(a, y, indent, room, look, at, n);
		at += n + skip;
		y++;
	} while (*at != '\0');
}

static int
top_most(const struct pager *p, struct area a)
{
	int over = pager_height(p, a.cols) - a.rows;

	return over > 0 ? over : 0;
}

static int
top_now(const struct pager *p, struct area a)
{
	int most = top_most(p, a);

	return p->top < 0 ? 0 : p->top > most ? most : p->top;
}

void
pager_draw(const struct pager *p, struct area a)
{
	int y = -top_now(p, a);

	for (size_t i = 0; i < p->n_parts && y < a.rows; i++) {
		int height = part_height(p, &p->parts[i], a.cols);

		if (y + height > 0)
			part_draw(p, &p->parts[i], &a, y);
		y += height;
	}
}

/* The first line of the head behind the top, or before it; where there is
 * none, the end or the begin. */
static int
head_near(struct pager *p, struct area a, int by)
{
	int y = 0, found = by > 0 ? top_most(p, a) : 0;

	for (size_t i = 0; i < p->n_parts; i++) {
		if (p->parts[i].kind == PART_HEAD && by > 0 && y > p->top)
			return y;
		if (p->parts[i].kind == PART_HEAD && by < 0 && y < p->top)
			found = y;
		y += part_height(p, &p->parts[i], a.cols);
	}
	return found;
}

bool
pager_key(struct pager *p, struct area a, int key)
{
	int page = a.rows > 2 ? a.rows - 1 : 1;

	p->top = top_now(p, a);
	switch (key) {
	case K_UP: case 'k': p->top--; break;
	case K_DOWN: case 'j': p->top++; break;
	case K_PGUP: case 'b': p->top -= page; break;
	case K_PGDN: case ' ': p->top += page; break;
	case K_HOME: case 'g': p->top = 0; break;
	case K_END: case 'G': p->top = top_most(p, a); break;
	case '}': p->top = head_near(p, a, 1); break;
	case '{': p->top = head_near(p, a, -1); break;
	default: return false;
	}
	p->top = top_now(p, a);
	return true;
}

void
pager_where(const struct pager *p, struct area a, char *dst, size_t size)
{
	int all = pager_height(p, a.cols), top = top_now(p, a);

	if (all <= a.rows)
		dst[0] = '\0';
	else
		snprintf(dst, size, "lines %d-%d of %d", top + 1,
		    top + a.rows < all ? top + a.rows : all, all);
}

static bool
part_has(const struct part *part, const char *text)
{
	return strcasestr(part->text, text) != NULL ||
	    (part->label != NULL && strcasestr(part->label, text) != NULL);
}

bool
pager_find(struct pager *p, struct area a, int by)
{
	size_t n = p->n_parts, at = p->hit;
	int y = 0;

	if (p->find[0] == '\0' || n == 0)
		return false;
	for (size_t i = 0; at == 0 && i < n; i++) {
		/* from the hit, or from the top of the page */
		y += part_height(p, &p->parts[i], a.cols);
		if (y > top_now(p, a)) {
			at = by > 0 ? i : i + 1;
			break;
		}
	}
	y = 0;
	for (size_t i = 0; i < n; i++) {
		at = by > 0 ? at % n + 1 : at > 1 ? at - 1 : n;
		if (at > n)
			at = n;
		if (!part_has(&p->parts[at - 1], p->find))
			continue;
		for (size_t k = 0; k + 1 < at; k++)
			y += part_height(p, &p->parts[k], a.cols);
		p->hit = at;
		if (y < top_now(p, a) || y >= top_now(p, a) + a.rows)
			p->top = y > a.rows / 3 ? y - a.rows / 3 : 0;
		p->top = top_now(p, a);
		return true;
	}
	p->hit = 0;
	return false;
}
