/*
 * pager.h - a page of text to read: heads, fields, sentences and blocks that
 * are wrapped to whatever width there is, and scrolled.
 *
 * Every text is rendered when it is added, so drawing only reads.
 */
#ifndef CONSOLE_PAGER_H
#define CONSOLE_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "console/screen.h"

enum part_kind {
	PART_TEXT,		/* wrapped at words */
	PART_HEAD,
	PART_FIELD,		/* label at the left, value at the right */
	PART_ITEM,		/* a mark, then wrapped text */
	PART_BLOCK,		/* a line as it is, cut at the edge */
	PART_GAP,
};

struct part {
	enum part_kind kind;
	enum look look;
	char *label;		/* or mark */
	char *text;
	int width, height;	/* lines that it takes at a width, once known */
};

struct pager {
	struct part *parts;
	size_t n_parts;
	int label_cols;		/* width of the labels; 0: 14 */
	int top;		/* first line shown */
	char find[96];		/* what was looked for; "" nothing */
	size_t hit;		/* part where it was found, + 1; 0 none */
};

void pager_clear(struct pager *p);
/* Take the parts away but stay where the reader was. */
void pager_again(struct pager *p);

void pager_head(struct pager *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void pager_text(struct pager *p, enum look look, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void pager_field(struct pager *p, const char *label, enum look look,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void pager_item(struct pager *p, const char *mark, enum look look,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void pager_block(struct pager *p, enum look look, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void pager_gap(struct pager *p);
/* Foreign text of many lines, each as a PART_TEXT. */
void pager_lines(struct pager *p, enum look look, const void *text,
    size_t size);

/* Lines at this width. */
int pager_height(const struct pager *p, int cols);
void pager_draw(const struct pager *p, struct area a);
/* Scrolling keys; true when it was one. */
bool pager_key(struct pager *p, struct area a, int key);
/* The next part with p->find in it (any case), or the one before, round and
 * round; false when there is none. */
bool pager_find(struct pager *p, struct area a, int by);
/* "lines 1-20 of 55", or "" when all is seen. */
void pager_where(const struct pager *p, struct area a, char *dst,
    size_t size);

#endif
