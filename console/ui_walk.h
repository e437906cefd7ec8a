/*
 * ui_walk.h - the audit log checked beside what the person does: asked again
 * between keys until it is there.
 */
#ifndef CONSOLE_UI_WALK_H
#define CONSOLE_UI_WALK_H

#include "console/ui.h"

void ui_walk_start(struct ui *ui);
/* From the loop: ms until it wants to ask again, 0 something is to be drawn,
 * -1 nothing is watched. */
int ui_walk_turn(struct ui *ui, int64_t now);
/* Esc while it is watched ends that: true. */
bool ui_walk_key(struct ui *ui, int key);

#endif
