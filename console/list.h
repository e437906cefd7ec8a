/*
 * list.h - rows that are asked for page by page: of a list of a million only
 * what is looked at is here.
 *
 * A list works for every op whose argument is a wish (or audit_wish) and
 * whose answer has the fields rows, more and total, of rows that have a
 * number: the pages hang on those numbers, not on counts.
 */
#ifndef CONSOLE_LIST_H
#define CONSOLE_LIST_H

#include "console/form.h"
#include "console/view.h"
#include "core/wire/ops.h"

struct column {
	const char *title;
	int cols;		/* width; 0: shares what is left; -n: and n at least */
	int rank;		/* 0 stays; the highest goes first when narrow */
	bool right;
	/* The text of a cell, and its look. */
	enum look (*cell)(const struct ui *ui, const void *row, char *dst,
	    size_t size);
};

struct list {
	enum op op;
	const struct column *columns;
	size_t n_columns;
	const char *empty;	/* what to say when there is nothing */
	bool oldest_first;	/* as the op orders them */

	struct edit filter;
	bool filtering;		/* the filter is being typed */
	char state[32];		/* one state's word; "" all */
	int64_t since, until;

	char *rows;
	size_t n_rows, row_size;
	bool more;
	int64_t total;
	int64_t first;		/* how many stand before rows[0] */
	int64_t newest;		/* number of the first row of all */
	bool refine;		/* the search ended before all was looked through */
	size_t at, top;
};

void list_init(struct list *l, enum op op, const struct column *columns,
    size_t n_columns, const char *empty);
void list_clear(struct list *l);
/* Ask from the start. */
int list_load(struct ui *ui, struct list *l, struct err *e);
/* Ask again for what is on the screen. */
void list_refresh(struct ui *ui, struct list *l);
const void *list_row(const struct list *l);	/* NULL: none */
int64_t list_number(const struct list *l);	/* of that row; 0 none */
bool list_key(struct ui *ui, struct list *l, int key);
void list_filter_start(struct ui *ui, struct list *l);
void list_state_set(struct ui *ui, struct list *l, const char *state);
/* list.c for list_draw.c: have the rows below, above, and the last ones. */
void list_page_down(struct ui *ui, struct list *l);
void list_page_up(struct ui *ui, struct list *l);
void list_page_last(struct ui *ui, struct list *l);
void list_draw(const struct ui *ui, const struct list *l, struct area a);
void list_where(const struct list *l, char *dst, size_t size);

/* Cells that several lists have. */
enum look cell_state(const char *word, char *dst, size_t size);
enum look look_of_state(const char *word);
void cell_text(char *dst, size_t size, const char *src);
void cell_number(char *dst, size_t size, int64_t n);

#endif
