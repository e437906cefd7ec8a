/*
 * ui_prompt.h - the line that `:` opens at the foot of any view: a command of
 * commands.def, with completion and history; its output comes up as a view.
 */
#ifndef CONSOLE_UI_PROMPT_H
#define CONSOLE_UI_PROMPT_H

#include "console/command.h"
#include "console/ui.h"

#define HISTORY_MAX 50

struct prompt {
	struct edit edit;
	bool open;
	struct pager *page;	/* a text in it is looked for; NULL: a command */
	struct completion fits;
	size_t pick;		/* 0: none yet, else which of them stands there */
	char *history[HISTORY_MAX];
	size_t n_history, at;	/* at: shown; n_history: what was typed */
	char kept[EDIT_MAX];	/* what was typed before looking back */
	struct console *console;	/* what commands run in */
};

#endif
