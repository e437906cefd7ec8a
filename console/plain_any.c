/* plain_any.c - any command by numbers: what it is for, which it is, then
 * each of its words and options, from its synopsis. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/manual.h"
#include "console/plain.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#define WORDS_MOST 48
#define PARTS_MOST 20

/* A command that is being put together. */
struct asking {
	struct console *c;
	const struct command *k;
	struct synopsis_part parts[PARTS_MOST];
	char names[PARTS_MOST][32], values[PARTS_MOST][64];
	bool given[PARTS_MOST];
	size_t n_parts;
	char *words[WORDS_MOST];
	size_t n_words;
};

static void
word_add(struct asking *a, const char *word)
{
	if (a->n_words < WORDS_MOST)
		a->words[a->n_words++] = xstrdup(word);
}

/* Synopsis_parts() lends its texts: they are kept here. */
static void
part_keep(void *user, const struct synopsis_part *p)
{
	struct asking *a = user;
	size_t i = a->n_parts;

	if (i == PARTS_MOST)
		return;
	str_copy(a->names[i], sizeof a->names[i], p->name);
	str_copy(a->values[i], sizeof a->values[i], p->words);
	a->parts[i] = *p;
	a->parts[i].name = a->names[i];
	a->parts[i].words = a->values[i];
	a->n_parts++;
}

static const char *
meaning_of(const struct asking *a, const struct synopsis_part *p)
{
	const char *said = p->option ? manual_option(a->k->name, p->name) :
	    manual_word(a->k->name, p->name);

	return said != NULL ? said : "";
}

/* "a|b" as choices; their words stand in room. */
static size_t
words_choices(const char *words, char room[8][32], struct choice list[8])
{
	size_t n = 0, len;

	for (const char *p = words; n < 8; p += len + 1) {
		len = strcspn(p, "|");
		snprintf(room[n], 32, "%.*s", (int)(len < 31 ? len : 31), p);
		list[n] = (struct choice){ room[n], "" };
		n++;
		if (p[len] == '\0')
			break;
	}
	return n;
}

/* One value, from a list where there is one. */
static enum answer
value_ask(struct asking *a, const struct synopsis_part *p)
{
	const struct choice *list = NULL;
	struct choice own[8];
	char room[8][32], prompt[256], typed[1024];
	bool enter = !p->required && !p->option;
	size_t n = 0, pick = 0;
	enum answer r;

	if (p->words[0] != '\0') {
		n = words_choices(p->words, room, own);
		list = own;
	} else if (strcmp(p->name, "REASON") == 0 ||
	    (strcmp(p->name, "--reason") == 0 &&
	    strcmp(a->k->name, "revoke-by-key") == 0)) {
		list = reason_choices(a->c->me.account.role, &n);
	} else if (strcmp(p->name, "--profile") == 0) {
		list = profile_choices(&a->c->me, &n);
	}
	snprintf(prompt, sizeof prompt, "%s, %s%s: ", p->name,
	    meaning_of(a, p), enter ? ", Enter for none" : "");
	if (n > 0) {
		r = plain_choose(a->c, prompt, list, n, false, &pick);
		if (r == ANSWER_GIVEN)
			word_add(a, list[pick].word);
		return r == ANSWER_BACK && enter ? ANSWER_GIVEN : r;
	}
	r = enter ? plain_ask_optional(a->c, prompt, typed, sizeof typed) :
	    plain_ask(a->c, prompt, typed, sizeof typed);
	if (r == ANSWER_GIVEN && typed[0] != '\0')
		word_add(a, typed);
	return r;
}

static enum answer
option_ask(struct asking *a, size_t i)
{
	struct synopsis_part *p = &a->parts[i];
	size_t before = a->n_words;
	enum answer r;

	a->given[i] = true;
	word_add(a, p->name);
	if (!p->value)
		return ANSWER_GIVEN;
	r = value_ask(a, p);
	if (r == ANSWER_BACK) {		/* without it, then */
		a->given[i] = false;
		while (a->n_words > before)
			free(a->words[--a->n_words]);
	}
	return r;
}

/* What may be added, as long as something is. */
static enum answer
options_ask(struct asking *a)
{
	for (;;) {
		struct choice list[PARTS_MOST];
		size_t which[PARTS_MOST], n = 0, pick = 0;
		enum answer r;

		for (size_t i = 0; i < a->n_parts; i++) {
			bool shut = a->given[i];

			/* its rivals, before and behind */
			for (size_t k = i; k > 0 && a->parts[k].other; k--)
				shut |= a->given[k - 1];
			for (size_t k = i + 1; k < a->n_parts &&
			    a->parts[k].other; k++)
				shut |= a->given[k];
			if (!a->parts[i].option || shut)
				continue;
			list[n] = (struct choice){ a->parts[i].name,
				meaning_of(a, &a->parts[i]) };
			which[n++] = i;
		}
		if (n == 0)
			return ANSWER_GIVEN;
		r = plain_choose(a->c, "Number of what to add, Enter to go on: ",
		    list, n, false, &pick);
		if (r == ANSWER_END)
			return r;
		if (r == ANSWER_BACK)
			return ANSWER_GIVEN;
		if (option_ask(a, which[pick]) == ANSWER_END)
			return ANSWER_END;
	}
}

/* Its words in their order, then options. */
static enum answer
words_ask(struct asking *a)
{
	enum answer r = ANSWER_GIVEN;
	bool optional = false;

	for (size_t i = 0; i < a->n_parts && r == ANSWER_GIVEN; i++) {
		size_t before = a->n_words;

		if (a->parts[i].option || optional)
			continue;
		r = value_ask(a, &a->parts[i]);
		optional = a->n_words == before;
	}
	for (size_t i = 0; i < a->n_parts && r == ANSWER_GIVEN; i++)
		if (a->parts[i].option && a->parts[i].required) {
			r = option_ask(a, i);
			if (r == ANSWER_GIVEN && !a->given[i])
				r = ANSWER_BACK;
		}
	return r == ANSWER_GIVEN ? options_ask(a) : r;
}

static enum answer
command_ask(struct console *c, const struct command *k)
{
	struct asking *a = xcalloc(1, sizeof *a);
	char *save = NULL, name[64];
	enum answer r;

	a->c = c;
	a->k = k;
	out_line(&c->out, "%s: %s", k->name, k->meaning);
	str_copy(name, sizeof name, k->name);
	for (char *w = strtok_r(name, " ", &save); w != NULL;
	    w = strtok_r(NULL, " ", &save))
		word_add(a, w);
	synopsis_parts(k, part_keep, a);
	r = words_ask(a);
	if (r == ANSWER_GIVEN)
		command_run_words(c, a->words, a->n_words);
	while (a->n_words > 0) {
		char *w = a->words[--a->n_words];

		secret_free(w, strlen(w));
	}
	free(a);
	return r;
}

enum answer
way_any(struct console *c)
{
	struct choice list[64] = { 0 };
	const struct command *rows[64];
	const char *titles[32];
	char briefs[64][160];
	enum role role = c->me.account.role;
	size_t n = 0, pick = 0;
	enum answer r;

	for (size_t i = 0; i < n_commands; i++) {
		const char *title = task_of(&commands[i]);

		if (!command_allowed(&commands[i], role) || n == 32 ||
		    (n > 0 && strcmp(titles[n - 1], title) == 0))
			continue;
		titles[n] = title;
		list[n++] = (struct choice){ title, "" };
	}
	r = plain_choose(c, "What for, Enter to go back: ", list, n, false,
	    &pick);
	if (r != ANSWER_GIVEN)
		return r;
	n = 0;
	for (size_t i = 0; i < n_commands && n < 64; i++) {
		if (!command_allowed(&commands[i], role) ||
		    strcmp(task_of(&commands[i]), titles[pick]) != 0)
			continue;
		manual_brief(briefs[n], sizeof briefs[n], &commands[i]);
		rows[n] = &commands[i];
		list[n] = (struct choice){ commands[i].name, briefs[n] };
		n++;
	}
	r = plain_choose(c, "Which, Enter to go back: ", list, n, false,
	    &pick);
	return r == ANSWER_GIVEN ? command_ask(c, rows[pick]) : r;
}
