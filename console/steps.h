/*
 * steps.h - a view whose forms follow one another: a text, and under it the
 * form of the step that it is at.
 *
 * `struct steps` stands first in the view's state; with each step the view
 * fills `page` and sets `form` and `go`.  A step without a form is its page.
 */
#ifndef CONSOLE_STEPS_H
#define CONSOLE_STEPS_H

#include "console/view_parts.h"

struct steps {
	struct pager page;		/* must stand first: pager_view_key() */
	struct form *form;		/* in the view's state; NULL none */
	void (*go)(struct ui *ui, void *state);	/* the form's button */
};

/* A key for the form, or for the page where there is none.  False: not taken;
 * Esc and ^C never are while there is a form. */
bool steps_key(struct ui *ui, void *state, int key);
void steps_paste(struct ui *ui, void *state, const struct buf *paste);
bool steps_typing(const void *state);
/* The text as far as there is room, the form always. */
void steps_draw(const struct ui *ui, const void *state, struct area a);

/* For rows of keys: is there a form?  Its next button, its next field. */
bool steps_at_form(const struct ui *ui, const void *state);
void steps_enter(struct ui *ui, void *state);
void steps_tab(struct ui *ui, void *state);

#endif
