/*
 * screen.h - the terminal as a grid of cells.
 *
 * All drawing goes through here, and every text through render_untrusted():
 * no view can put a control character on the wire.  Text is measured in
 * columns, cut with a mark when it is too long, and never leaves its area.
 * Roles of text (looks) become colours where there are colours; each has an
 * attribute as well, so that colour never carries meaning alone.
 */
#ifndef CONSOLE_SCREEN_H
#define CONSOLE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum look {
	LOOK_PLAIN,
	LOOK_DIM,		/* what may be overlooked: hints, units */
	LOOK_STRONG,
	LOOK_HEAD,		/* heads of columns and parts */
	LOOK_TITLE,		/* the bar at the top */
	LOOK_TAB_ON,
	LOOK_KEY,		/* a key that may be pressed */
	LOOK_SELECTED,
	LOOK_FIELD,		/* a line to type in */
	LOOK_FIELD_ON,
	LOOK_GOOD,
	LOOK_WARN,
	LOOK_BAD,
	LOOK_COUNT
};

struct area {
	int y, x, rows, cols;
};

/* Signs that look well in UTF-8 and have a stand-in in ASCII. */
enum sign {
	SIGN_DONE, SIGN_NOW, SIGN_LATER, SIGN_BULLET, SIGN_CUT, SIGN_HERE,
	SIGN_RULE, SIGN_DOT, SIGN_FULL, SIGN_EMPTY, SIGN_UP, SIGN_DOWN,
	SIGN_SIDE, SIGN_LEFT, SIGN_RIGHT,
	SIGN_TOP_LEFT, SIGN_TOP_RIGHT, SIGN_LOW_LEFT, SIGN_LOW_RIGHT,
	SIGN_COUNT
};
const char *sign(enum sign s);

struct screen_how {
	int out;		/* descriptor of the terminal */
	const char *term;	/* $TERM; NULL is like "" */
	bool utf8;
	bool colour;
	int rows, cols;
};

/* -1: this terminal cannot move its cursor; plain text is for it. */
int screen_open(const struct screen_how *how);
/* Give the terminal back, with its old contents. */
void screen_close(void);
void screen_resize(int rows, int cols);
struct area screen_area(void);
bool screen_utf8(void);

/*
 * A frame: erase, draw, show.  Show finds the rows that are not as they were,
 * and writes them with one write(2).  What was drawn before screen_keep() can
 * stay: screen_again() begins the next frame with it.
 */
void screen_erase(void);
void screen_keep(void);
void screen_again(void);
void screen_show(void);
/* The next show draws everything anew (Ctrl-L). */
void screen_redraw(void);
/* Where the cursor stands after show; without it, it is hidden. */
void screen_cursor(const struct area *a, int y, int x);

/*
 * Put text at row y, column x of the area, at most `cols` columns wide (the
 * area's edge bounds it too); returns the columns used.
 */
int screen_put(const struct area *a, int y, int x, int cols, enum look look,
    const char *text);
int screen_put_n(const struct area *a, int y, int x, int cols,
    enum look look, const char *text, size_t len);
int screen_printf(const struct area *a, int y, int x, enum look look,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void screen_fill(const struct area *a, int y, int x, int cols,
    enum look look);
void screen_rule(const struct area *a, int y);
void screen_box(const struct area *a);

/* Columns that a text takes when put. */
int screen_width(const char *text);
/* Bytes of text that fit into cols columns. */
size_t screen_fit(const char *text, size_t len, int cols, int *used);

/*
 * Ask the terminal to put bytes on its clipboard (OSC 52): base64, so that
 * none of them can act on the way.  In tmux and screen the sequence may have
 * to be let through; whether it was taken cannot be known.
 */
void screen_copy(const void *data, size_t size);
bool screen_in_multiplexer(void);

/* Leave the grid: the terminal as it was, plain text on it (rendered, line
 * feeds kept).  screen_back() returns. */
void screen_plain(const void *text, size_t size);
void screen_back(void);

#endif
