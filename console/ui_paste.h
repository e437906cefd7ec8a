/* ui_paste.h - where a paste goes: into the line that is being typed, or to the
 * view; whole or not at all. */
#ifndef CONSOLE_UI_PASTE_H
#define CONSOLE_UI_PASTE_H

#include "console/form.h"
#include "console/ui.h"

/* False: it does not fit; that was said, and the line is as it was. */
bool ui_paste_line(struct ui *ui, struct edit *ed);
void ui_paste_form(struct ui *ui, struct form *f);
/* To a view with `paste`, else as the key K_PASTE to one that takes text. */
void ui_paste_view(struct ui *ui, const struct view *v, void *state);

#endif
