/*
 * view.h - what a view is: one view_NAME.c with a `const struct view
 * view_NAME`, and one row in views.def.
 *
 * open() and the key functions ask the registrar and store the answers in the
 * state; draw() only reads the state; changed() asks again and keeps cursor,
 * filter and what is half typed.  The key line and the help page grow from
 * the key table.
 */
#ifndef CONSOLE_VIEW_H
#define CONSOLE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "console/keys.h"
#include "console/screen.h"
#include "core/base/err.h"
#include "core/wire/ops.h"

struct ui;

struct key_row {
	int key;
	const char *name;		/* as it stands in the key line: "a" */
	const char *words;		/* "add"; in the key line and the help */
	const char *help;		/* a sentence; NULL: the words */
	void (*act)(struct ui *ui, void *state);
	/* NULL: always; else the key is shown and taken only when true */
	bool (*when)(const struct ui *ui, const void *state);
	/* What it does: commands of commands.def and views that it opens, as
	 * "renew, >request_new"; or KEY_MOVES.  tests/view/parity_test.c holds
	 * it against both tables and against what is asked. */
	const char *does;
};

#define KEY_MOVES ""	/* within the view: nothing is asked for or changed */

struct view {
	const char *name;
	const char *title;		/* on its tab */
	const char *brief;		/* on its tab when there is little room */
	const char *help;		/* a few sentences */
	const char *shows;		/* commands whose answer it is; NULL none */
	size_t size;			/* of the state, which starts as zeros */
	const struct key_row *keys;	/* ends with a row of key 0 */
	/* ref names the thing to show; "" for a list.  -1: nothing to show. */
	int (*open)(struct ui *ui, void *state, const char *ref,
	    struct err *e);
	void (*draw)(const struct ui *ui, const void *state, struct area a);
	/* Keys that are not in the table (lists, pages, forms): true = taken */
	bool (*key)(struct ui *ui, void *state, int key);
	/* NULL: a paste means nothing here */
	void (*paste)(struct ui *ui, void *state, const struct buf *paste);
	void (*changed)(struct ui *ui, void *state);
	/* A line is being typed: letters are text, not keys.  May be NULL. */
	bool (*typing)(const void *state);
	/* Leaving would lose something: a few words for it, or NULL. */
	const char *(*unsaved)(const void *state);
	/* "3 of 55" for the right end of the status line.  May be NULL. */
	void (*where)(const struct ui *ui, const void *state, char *dst,
	    size_t size);
	void (*close)(void *state);
	/* What was entered and not sent, for the registrar to keep under the
	 * view's name; false: nothing.  open() takes it up.  May be NULL. */
	bool (*draft)(const void *state, struct buf *out);
};

/* A row of views.def. */
struct view_row {
	const struct view *view;
	unsigned roles;			/* who has it */
	unsigned tab;			/* for whom it stands in the row of tabs */
};
extern const struct view_row views[];
extern const size_t view_count;

#define VIEW(name, roles, tab) extern const struct view view_##name;
#include "console/views.def"
#undef VIEW

#endif
