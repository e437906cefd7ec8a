/*
 * form.h - fields to fill in: a line to type, one of some choices, a box to
 * tick; and two buttons at the end.
 */
#ifndef CONSOLE_FORM_H
#define CONSOLE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "console/client.h"
#include "console/screen.h"
#include "core/base/buf.h"

#define EDIT_MAX 1024

/* One line of UTF-8 being typed. */
struct edit {
	char text[EDIT_MAX];
	size_t len, at;		/* bytes; at stands between characters */
	size_t max;		/* bytes that text may have; 0: EDIT_MAX - 1 */
};

void edit_set(struct edit *ed, const char *text);
/* True when the key was for a line editor. */
bool edit_key(struct edit *ed, int key);
/* Bytes that the text may have. */
size_t edit_most(const struct edit *ed);
/* Pasted text, its line ends left out; false when it does not fit: then nothing
 * is taken, since a text that is cut off may pass for a whole one. */
bool edit_paste(struct edit *ed, const struct buf *paste);
/* Draw into `cols` columns; with focus the cursor stands there. */
void edit_draw(const struct edit *ed, const struct area *a, int y, int x,
    int cols, bool focus);

enum input_kind { INPUT_LINE, INPUT_CHOICE, INPUT_TICK };

struct input {
	enum input_kind kind;
	char label[80];
	char hint[160];			/* below, or behind, in dim */
	struct edit edit;
	const struct choice *choices;
	size_t n_choices, at;		/* chosen */
	bool ticked;
};

struct form {
	struct input *inputs;
	size_t n_inputs;
	size_t at;			/* n_inputs: the first button, + 1 */
	const char *go, *stop;		/* words on the buttons; NULL none */
	bool touched;			/* something was typed */
};

enum form_result { FORM_IGNORED, FORM_TAKEN, FORM_GO, FORM_STOP };

void form_clear(struct form *f);
/* The pointers are good until the next one is added. */
struct input *form_line(struct form *f, const char *label, const char *hint,
    size_t max);
struct input *form_choice(struct form *f, const char *label,
    const struct choice *choices, size_t n, size_t at);
struct input *form_tick(struct form *f, const char *label, const char *hint,
    bool ticked);

const char *form_text(const struct form *f, size_t i);
const char *form_word(const struct form *f, size_t i);
enum form_result form_key(struct form *f, int key);
bool form_on_line(const struct form *f);
int form_height(const struct form *f, int cols);
void form_draw(const struct form *f, struct area a, bool focus);

#endif
