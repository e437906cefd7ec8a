/* manual.c - manual.def and the tasks of commands.def as tables. */
#include "console/manual.h"

#include <stdio.h>
#include <string.h>

struct said {
	const char *command, *word, *meaning;
};

#define OPTION(command, option, meaning) { command, option, meaning },
#define WORD(command, word, meaning)
#define EXAMPLE(command, words)
static const struct said options[] = {
#include "console/manual.def"
};

#define OPTION(command, option, meaning)
#define WORD(command, word, meaning) { command, word, meaning },
#define EXAMPLE(command, words)
static const struct said words_said[] = {
#include "console/manual.def"
};

#define OPTION(command, option, meaning)
#define WORD(command, word, meaning)
#define EXAMPLE(command, words) { command, "", words },
static const struct said examples[] = {
#include "console/manual.def"
};

/* Of this command, else of every one. */
static const char *
said_find(const struct said *list, size_t n, const char *command,
    const char *word)
{
	const char *any = NULL;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].word, word) != 0)
			continue;
		if (strcmp(list[i].command, command) == 0)
			return list[i].meaning;
		if (list[i].command[0] == '\0')
			any = list[i].meaning;
	}
	return any;
}

#define COUNT(list) (sizeof (list) / sizeof (list)[0])

const char *
manual_option(const char *command, const char *option)
{
	return said_find(options, COUNT(options), command, option);
}

const char *
manual_word(const char *command, const char *word)
{
	return said_find(words_said, COUNT(words_said), command, word);
}

const char *
manual_example(const char *command)
{
	return said_find(examples, COUNT(examples), command, "");
}

void
manual_brief(char *dst, size_t size, const struct command *k)
{
	size_t n = strcspn(k->meaning, ";:(");

	while (n > 0 && k->meaning[n - 1] == ' ')
		n--;
	snprintf(dst, size, "%.*s", (int)n, k->meaning);
}

/* ---- tasks ---- */

/* A task takes no number of its own: the row behind it has its number. */
enum place {
#define TASK(id, title) TASK_##id, BEFORE_##id = TASK_##id - 1,
#define COMMAND(name, roles, synopsis, ops, meaning, answer, function) \
	ROW_##function,
#include "console/commands.def"
#undef COMMAND
};

const struct task tasks[] = {
#define TASK(id, title) { title, TASK_##id },
#define COMMAND(name, roles, synopsis, ops, meaning, answer, function)
#include "console/commands.def"
#undef COMMAND
};
const size_t n_tasks = COUNT(tasks);

const char *
task_of(const struct command *k)
{
	size_t row = (size_t)(k - commands);
	const char *title = "";

	for (size_t i = 0; i < n_tasks; i++)
		if (tasks[i].from <= row)
			title = tasks[i].title;
	return title;
}
