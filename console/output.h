/*
 * output.h - everything that commands and the plain dialogue write.
 *
 * Data goes to `out`, sentences for people to `err`.  Each line passes
 * render_untrusted() as a whole, here and nowhere else, so foreign text may be
 * given to any function as it is; where the terminal is not known to take
 * UTF-8, what is not ASCII becomes \u{N}.  The only road around that is
 * out_bytes(), for bytes that we made: PEM, DER, JSON.
 */
#ifndef CONSOLE_OUTPUT_H
#define CONSOLE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/err.h"
#include "core/base/mem.h"

struct output {
	FILE *out, *err;
	bool utf8;		/* the other end takes UTF-8 */
	bool terminal;		/* out is a terminal */
	bool plain;		/* tables as one sentence a row */
	bool failed;		/* a write did not go through */
};

void output_init(struct output *o, FILE *out, FILE *err);
/* 0, or -1 when something could not be written. */
int output_flush(struct output *o);

/* One line of data. */
void out_line(struct output *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* "Label: value"; an empty value is left out. */
void out_fact(struct output *o, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Many lines of foreign text. */
void out_lines(struct output *o, const void *text, size_t size);
/* Bytes that we made ourselves. */
void out_bytes(struct output *o, const void *data, size_t size);

/* One sentence for people. */
void say(struct output *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A prompt: no line end, flushed.  It goes where sentences go. */
void say_prompt(struct output *o, const char *prompt);

/* Foreign text made fit for this output. */
void output_text(const struct output *o, char *dst, size_t size,
    const char *src);

/* ---- tables ---- */

#define TABLE_COLUMNS 8

struct table {
	unsigned columns;
	char **cells;		/* the headings, then row after row */
	size_t n_cells;
};

/* Headings, and for each row as many cells, as const char *. */
void table_init(struct table *t, unsigned columns, ...);
void table_add(struct table *t, ...);
/* Print (nothing but the headings when empty) and free. */
void table_print(struct output *o, struct table *t);

/* ---- explain.c ---- */

/*
 * Say on err why something was not done: what kind of refusal, its clause,
 * its text, and the command that helps when one is known.  Returns the exit
 * status.
 */
int explain(struct output *o, const struct err *e);

#endif
