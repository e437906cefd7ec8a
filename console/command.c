/* command.c - finding the command that was typed, and running it. */
#include "console/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define COMMAND(name, roles, synopsis, ops, meaning, answer, function) \
	{ name, roles, synopsis, ops, meaning, &answer, command_##function },
const struct command commands[] = {
#include "console/commands.def"
};
#undef COMMAND
const size_t n_commands = sizeof commands / sizeof commands[0];

/* ---- words ---- */

/* One word from *p to *to, quotes and backslashes taken off; -1 when a quote
 * has no end. */
static int
word_copy(const char **p, char **to)
{
	char quote = '\0';

	for (; **p != '\0'; (*p)++) {
		if (quote == '\0' && strchr(" \t\r\n", **p) != NULL)
			break;
		if (quote == '\0' && (**p == '\'' || **p == '"')) {
			quote = **p;
		} else if (quote != '\0' && **p == quote) {
			quote = '\0';
		} else if (**p == '\\' && quote != '\'') {
			if ((*p)[1] == '\0')
				return -1;
			if (quote == '"' && strchr("\"\\$`", (*p)[1]) == NULL)
				*(*to)++ = '\\';
			*(*to)++ = *++*p;
		} else {
			*(*to)++ = **p;
		}
	}
	*(*to)++ = '\0';
	return quote == '\0' ? 0 : -1;
}

int
words_split(const char *line, char **room, char *words[], size_t most,
    struct err *e)
{
	char *to = *room = xmalloc(strlen(line) * 2 + 2);
	size_t n = 0;

	for (;;) {
		line += strspn(line, " \t\r\n");
		if (*line == '\0')
			return (int)n;
		if (n == most)
			return err_set(e, ERR_BAD_INPUT, "usage",
			    "more than %zu words in one line", most);
		words[n++] = to;
		if (word_copy(&line, &to) < 0)
			return err_set(e, ERR_BAD_INPUT, "usage",
			    "a quote or backslash has no end: close it, or put the word in single quotes");
	}
}

/* ---- finding ---- */

/* How many words of the name are there, 0 when they differ. */
static size_t
name_words(const char *name, char *const *words, size_t n)
{
	size_t used = 0, len;

	for (;; name += len + 1) {
		len = strcspn(name, " ");
		if (used == n || strlen(words[used]) != len ||
		    memcmp(words[used], name, len) != 0)
			return 0;
		used++;
		if (name[len] == '\0')
			return used;
	}
}

const struct command *
command_find(char *const *words, size_t n, size_t *used)
{
	const struct command *found = NULL;

	*used = 0;
	for (size_t i = 0; i < n_commands; i++) {
		size_t k = name_words(commands[i].name, words, n);

		if (k > *used) {
			*used = k;
			found = &commands[i];
		}
	}
	return found;
}

bool
command_allowed(const struct command *k, enum role role)
{
	return (k->roles & ROLE_BIT(role)) != 0;
}

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Letters to change, add or drop to make b of a (Levenshtein). */
static size_t
word_distance(const char *a, const char *b)
{
	size_t row[33], diagonal, up;
	size_t n = strlen(b);

	if (strlen(a) > 32 || n > 32)
		return 99;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t k = 1; k <= n; k++) {
			up = row[k];
			row[k] = least(row[k] + 1, row[k - 1] + 1,
			    diagonal + (a[i - 1] != b[k - 1]));
			diagonal = up;
		}
	}
	return row[n];
}

const struct command *
command_nearest(enum role role, const char *typed)
{
	const struct command *best = NULL;
	size_t nearest = 3;	/* further away is no likeness */

	for (size_t i = 0; i < n_commands; i++) {
		const struct command *k = &commands[i];
		const char *second = strchr(k->name, ' ');
		size_t d = word_distance(typed, k->name);

		if (!command_allowed(k, role))
			continue;
		if (d >= nearest && second != NULL &&
		    strcmp(typed, second + 1) == 0)
			d = 1;
		if (d < nearest && d < strlen(k->name)) {
			nearest = d;
			best = k;
		}
	}
	return best;
}

/* ---- running ---- */

/* Is this the first word of two-word commands?  Then name them. */
static bool
say_family(struct console *c, const char *word)
{
	char list[512] = "";
	size_t used = 0, len = strlen(word);

	for (size_t i = 0; i < n_commands; i++) {
		const struct command *k = &commands[i];

		if (!command_allowed(k, c->me.account.role) ||
		    strncmp(k->name, word, len) != 0 || k->name[len] != ' ')
			continue;
		used += (size_t)snprintf(list + used, sizeof list - used,
		    "%s%s", used ? ", " : "", k->name);
	}
	if (used == 0)
		return false;
	say(&c->out, "Say which: %s.", list);
	return true;
}

static int
command_unknown(struct console *c, char *const *words, size_t n)
{
	const struct command *near = NULL;
	char both[96];

	if (say_family(c, words[0]))
		return EXIT_USAGE;
	if (n > 1) {
		snprintf(both, sizeof both, "%.40s %.40s", words[0], words[1]);
		near = command_nearest(c->me.account.role, both);
	}
	if (near == NULL)
		near = command_nearest(c->me.account.role, words[0]);
	say(&c->out, "There is no command '%.64s'.", words[0]);
	if (near != NULL)
		say(&c->out, "Did you mean: %s?", near->name);
	say(&c->out, "To list the commands: help");
	return EXIT_USAGE;
}

static int
command_not_yours(struct call *call)
{
	enum role role = call->c->me.account.role;

	if (role == ROLE_GUEST)
		return err_set(&call->err, ERR_REFUSED, "role",
		    "%s is for members: first register NAME EMAIL --accept",
		    call->command->name);
	return err_set(&call->err, ERR_REFUSED, "role",
	    "%s is not for the role %s; to list what is: help",
	    call->command->name, word_of(&role_words, role));
}

/* Say what went wrong; usage has its own status and shows the synopsis. */
static int
command_failed(struct call *call)
{
	struct output *o = &call->c->out;

	if (call->json)
		json_error(o, call->command->name, &call->err);
	if (strcmp(call->err.clause, "usage") != 0)
		return explain(o, &call->err);
	say(o, "%s.", call->err.text);
	say(o, "Usage: %s%s%s", call->command->name,
	    call->command->synopsis[0] ? " " : "", call->command->synopsis);
	return EXIT_USAGE;
}

static bool
help_wanted(char *const *words, size_t n)
{
	return n > 0 && (strcmp(words[n - 1], "--help") == 0 ||
	    strcmp(words[n - 1], "-h") == 0);
}

/* Asked for JSON?  Then what goes wrong before the words are parsed is, too. */
static bool
json_wanted(char *const *words, size_t n)
{
	for (size_t i = 0; i < n && strcmp(words[i], "--") != 0; i++)
		if (strcmp(words[i], "--json") == 0)
			return true;
	return false;
}

int
command_run_words(struct console *c, char *const *words, size_t n)
{
	struct call *call;
	size_t used;
	int status = -1;

	if (n == 0)
		return 0;
	call = xcalloc(1, sizeof *call);
	call->c = c;
	call->command = command_find(words, n, &used);
	if (call->command == NULL) {
		status = command_unknown(c, words, n);
	} else if (help_wanted(words + used, n - used)) {
		call->args[call->n_args++] = call->command->name;
		status = command_help(call);
	} else if (!command_allowed(call->command, c->me.account.role)) {
		call->json = json_wanted(words + used, n - used);
		command_not_yours(call);
		status = command_failed(call);
	} else {
		if (synopsis_parse(call, words + used, n - used) == 0)
			status = call->command->run(call);
		else
			call->json = json_wanted(words + used, n - used);
		if (status < 0)
			status = command_failed(call);
	}
	free(call);
	if (output_flush(&c->out) < 0 && status == 0)
		status = err_exit_status(ERR_UNAVAILABLE);
	return status;
}

int
command_run(struct console *c, const char *line)
{
	char *words[CALL_WORDS], *room = NULL;
	struct err e = { 0 };
	int n = words_split(line, &room, words, CALL_WORDS, &e);
	int status = EXIT_USAGE;

	if (n < 0)
		say(&c->out, "%s.", e.text);
	else
		status = command_run_words(c, words, (size_t)n);
	free(room);
	return status;
}
