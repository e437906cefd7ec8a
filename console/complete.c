/* complete.c - what a command line that is being typed may go on with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/command.h"
#include "core/base/text.h"

/* The word that is being typed, and where what fits is gathered. */
struct wanted {
	struct completion *c;
	enum role role;
	const struct whoami *me;
	const char *part;
};

static void
candidate(struct wanted *w, const char *word)
{
	struct completion *c = w->c;

	if (strncmp(word, w->part, strlen(w->part)) != 0 ||
	    c->n == COMPLETE_WORDS || strlen(word) >= COMPLETE_SIZE)
		return;
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->words[i], word) == 0)
			return;
	str_copy(c->words[c->n++], COMPLETE_SIZE, word);
}

static void
candidates(struct wanted *w, const struct choice *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		candidate(w, list[i].word);
}

/* Words that a NAME of the synopsis stands for, where they are known. */
static void
name_candidates(struct wanted *w, const char *name)
{
	const struct choice *list;
	size_t n;

	if (strcmp(name, "REASON") == 0) {
		list = reason_choices(w->role, &n);
		candidates(w, list, n);
	} else if (strcmp(name, "--profile") == 0) {
		list = profile_choices(w->me, &n);
		candidates(w, list, n);
	} else if (strcmp(name, "--to") == 0) {
		list = mailbox_choices(&n);
		candidates(w, list, n);
	} else if (strcmp(name, "ROLE") == 0) {
		for (unsigned i = 0; i < role_words.count; i++)
			candidate(w, word_of(&role_words, i));
	}
}

static void
each_word(void *user, const char *name, const char *word)
{
	struct wanted *w = user;
	bool option = word != NULL && word[0] == '-';

	/* options only when one is begun, or nothing is */
	if (word == NULL)
		name_candidates(w, name);
	else if (!option || w->part[0] == '-' || w->part[0] == '\0')
		candidate(w, word);
}

/* The next word of each command whose name begins with those that are there. */
static void
command_names(struct wanted *w, char *const *words, size_t n)
{
	char one[COMPLETE_SIZE];

	for (size_t i = 0; i < n_commands; i++) {
		const char *p = commands[i].name;
		size_t k = 0, len;

		if (!command_allowed(&commands[i], w->role))
			continue;
		while (k < n && *p != '\0') {
			len = strcspn(p, " ");
			if (strlen(words[k]) != len ||
			    memcmp(words[k], p, len) != 0)
				break;
			p += len + (p[len] == ' ');
			k++;
		}
		if (k < n || *p == '\0')
			continue;
		snprintf(one, sizeof one, "%.*s", (int)strcspn(p, " "), p);
		candidate(w, one);
	}
}

void
complete_line(enum role role, const struct whoami *me, const char *line,
    size_t len, struct completion *c)
{
	char *before, *room = NULL, *words[CALL_WORDS];
	struct wanted w = { c, role, me, NULL };
	char part[COMPLETE_SIZE * 4];
	size_t used = 0, skip = 0;
	int n;

	memset(c, 0, sizeof *c);
	for (c->from = len; c->from > 0 && line[c->from - 1] != ' '; )
		c->from--;
	before = xmalloc(c->from + 1);
	memcpy(before, line, c->from);
	before[c->from] = '\0';
	snprintf(part, sizeof part, "%.*s", (int)(len - c->from),
	    line + c->from);
	w.part = part;
	n = words_split(before, &room, words, CALL_WORDS, NULL);
	free(before);
	if (n >= 0) {
		if (n > 0 && strcmp(words[0], "help") == 0)
			skip = 1;	/* help COMMAND */
		command_names(&w, words + skip, (size_t)n - skip);
		c->command = command_find(words, (size_t)n, &used);
		if (c->command != NULL && !command_allowed(c->command, role))
			c->command = NULL;
		if (c->command != NULL)
			synopsis_words(c->command, words + used,
			    (size_t)n - used, each_word, &w);
	}
	free(room);
}

size_t
complete_common(const struct completion *c)
{
	size_t len = c->n > 0 ? strlen(c->words[0]) : 0;

	for (size_t i = 1; i < c->n; i++)
		for (size_t k = 0; k < len; k++)
			if (c->words[i][k] != c->words[0][k])
				len = k;
	return len;
}
