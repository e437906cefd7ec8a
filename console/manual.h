/* manual.h - the words of the synopses explained, and what commands are for. */
#ifndef CONSOLE_MANUAL_H
#define CONSOLE_MANUAL_H

#include "console/command.h"

/* What an option or word of a command means; NULL: nothing is said. */
const char *manual_option(const char *command, const char *option);
const char *manual_word(const char *command, const char *word);
/* What may stand behind the command's name, as an example; NULL none. */
const char *manual_example(const char *command);
/* Its meaning up to the first semicolon, colon or bracket. */
void manual_brief(char *dst, size_t size, const struct command *k);

/* What commands are for: each task is a run of rows of commands.def. */
struct task {
	const char *title;
	size_t from;		/* its first row; the next task ends it */
};
extern const struct task tasks[];
extern const size_t n_tasks;
const char *task_of(const struct command *k);

#endif
