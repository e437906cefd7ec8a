/* view_home.h - the parts of the home view. */
#ifndef CONSOLE_VIEW_HOME_H
#define CONSOLE_VIEW_HOME_H

#include "console/view_parts.h"

enum step { STEP_AGREEMENT, STEP_DOMAIN, STEP_REQUEST, STEP_WAIT,
	STEP_INSTALL, STEP_NONE };

/* What a member does next, and where. */
struct home_step {
	enum step step;
	bool tab;			/* the view stands in the row of tabs */
	char view[16], ref[256];	/* "": the first list */
	char says[352];			/* how that step stands */
};

bool home_owner(const struct ui *ui);
bool home_reader(const struct ui *ui);
const char *home_plural(int64_t n);

/* view_home_steps.c */
void home_step_find(struct ui *ui, struct home_step *s);
void home_steps_add(const struct ui *ui, struct pager *p,
    const struct home_step *s);

/* view_home_money.c */
void home_money_add(struct ui *ui, struct pager *p);

/* view_home_waits.c: what waits for this person's word; the view of the first
 * such thing, or NULL. */
const char *home_waits_add(struct ui *ui, struct pager *p);

#endif
