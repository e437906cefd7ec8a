/*
 * typing.h - what a person types or pastes outside of the screens: lines of a
 * dialogue, or a CSR on standard input.
 *
 * On a terminal this module does the echo and the editing of a line itself
 * (backspace, Ctrl-U, Ctrl-W, Ctrl-C, Ctrl-D), so that it does not matter in
 * which mode the terminal was, and a pasted line may be longer than the 4095
 * bytes that a terminal in cooked mode keeps.  From a pipe lines come as they
 * are.
 */
#ifndef CONSOLE_TYPING_H
#define CONSOLE_TYPING_H

#include <stdbool.h>
#include <termios.h>

#include "console/output.h"
#include "core/base/buf.h"
#include "core/wire/line.h"

enum typing_end {
	TYPING_OPEN,
	TYPING_EOF,		/* nothing more comes */
	TYPING_IDLE,		/* too long without a key */
	TYPING_GONE,		/* the authority hung up */
};

struct typing {
	int fd;
	bool terminal;		/* fd is one, or (in tests) acts like one */
	int idle_ms;		/* -1 for ever */
	struct output *out;	/* for echo and prompts */
	struct line *line;	/* watched for changes; may be NULL */
	/* A sentence to show before the next prompt; "" none. */
	char note[256];
	char last[256];		/* why the session was ended from outside; "" it was not */
	int64_t session;		/* its number */
	enum typing_end end;
	uint8_t held[4096];	/* read, not yet taken */
	size_t at, have;
	bool after_cr;
	bool restore;
	struct termios before;
	int64_t since;		/* clock_mono_ms() of the last byte, for idle_ms */
	bool warned;
};

/* Start with a descriptor; a terminal is set up for a dialogue (no echo, no
 * signals) or for one command (echo, Ctrl-C ends it). */
void typing_open(struct typing *in, int fd, struct output *out,
    struct line *line, bool dialogue);
/* Give the terminal back as it was. */
void typing_close(struct typing *in);

/*
 * Show the prompt and take one line.  1, or 0 when nothing more will come
 * (in->end says why), or -1 when Ctrl-C was typed: drop the question.
 * What does not fit is left out.
 */
int typing_line(struct typing *in, const char *prompt, char *dst, size_t size);

/*
 * Take a block: until a line that begins with -----END and silence behind
 * it, a line with a single ".", or Ctrl-D; when it may be empty also an empty
 * first line.  No echo.  As csr_collect().
 */
int typing_block(struct typing *in, bool may_be_empty, struct blob *block,
    struct err *e);

/* ---- between the files of this module ---- */

/* The next byte, or -1 at an end (in->end), or -2 when only a note came, or
 * -3 when nothing came for ms. */
int typing_byte(struct typing *in, int ms);
/* An arrow or function key means nothing here: read it away. */
void typing_escape(struct typing *in);
/* Is c the LF behind a CR that already ended a line: the same Enter key? */
bool typing_second_half(struct typing *in, int c);

#endif
