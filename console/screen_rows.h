/*
 * screen_rows.h - what a frame puts on each row, written down before ncurses
 * hears of it; for screen.c and screen_text.c alone.
 *
 * A view draws its whole body each time, from its state.  What it puts is
 * written down row by row, and only a row that was put otherwise than in the
 * frame before is drawn anew: a key typed into a field costs that field's row.
 */
#ifndef CONSOLE_SCREEN_ROWS_H
#define CONSOLE_SCREEN_ROWS_H

#include <stddef.h>
#include <wchar.h>

#include "console/screen.h"

/* An empty screen of so many rows; what stood there is forgotten. */
void rows_open(int rows);
void rows_close(void);
/* A new frame. */
void rows_start(void);
/* What is written so far stays for the frames to come; rows_again() starts
 * one with it. */
void rows_keep(void);
void rows_again(void);

/* Text that is rendered, and blanks, at a place that lies on the screen. */
void rows_text(int y, int x, enum look look, const char *text, size_t len);
void rows_blank(int y, int x, int cols, enum look look);

/*
 * One character of rendered text as cells, at most so many; its columns.
 * What the terminal cannot show is escaped as render_untrusted() does.
 */
#define CHARACTER_CELLS 16
int screen_character(const char *p, size_t len, size_t *used,
    wchar_t out[CHARACTER_CELLS], size_t *n);

struct run {
	short x;
	short look;
	int n;			/* bytes of text; -n: so many blanks */
};

/*
 * End the frame: draw() is called for each run of each row that changed, in
 * the order in which they were put, and before them erase() for that row.
 * Returns how many rows changed.
 */
int rows_end(void (*erase)(int y),
    void (*draw)(int y, const struct run *r, const char *text));

#endif
