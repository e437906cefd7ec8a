/* synopsis.c - a command's synopsis, read as the grammar of its words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/command.h"

#define SPECS_MAX 16

/* One thing that the synopsis allows. */
struct spec {
	char name[32];		/* "--note", or "NAME" */
	bool option, value, required, repeat, rest;
	char words[64];		/* "jsonl|csv": the only values; "" any */
	unsigned group;		/* of its bracket; one of a group when `one` */
	bool one;
};

struct grammar {
	struct spec list[SPECS_MAX];
	size_t n;
};

/* Take the next word up to a blank or bracket; 0 at the end. */
static size_t
word_take(const char **p, char *dst, size_t size)
{
	size_t n = 0;

	while (**p == ' ')
		(*p)++;
	if (**p == '[' || **p == ']') {
		dst[0] = *(*p)++;
		dst[1] = '\0';
		return 1;
	}
	while (**p != '\0' && **p != ' ' && **p != '[' && **p != ']') {
		if (n + 1 < size)
			dst[n++] = **p;
		(*p)++;
	}
	dst[n] = '\0';
	return n;
}

static struct spec *
spec_add(struct grammar *g, const char *name, size_t len, unsigned group,
    bool required)
{
	struct spec *s = &g->list[g->n < SPECS_MAX ? g->n++ : SPECS_MAX - 1];

	memset(s, 0, sizeof *s);
	snprintf(s->name, sizeof s->name, "%.*s", (int)len, name);
	s->option = strncmp(name, "--", 2) == 0;
	s->group = group;
	s->required = required;
	return s;
}

/* "--leaf|--der|--text": an option for each. */
static void
flags_add(struct grammar *g, const char *word, unsigned group, bool required)
{
	size_t len;

	for (;; word += len + 1) {
		len = strcspn(word, "|");
		spec_add(g, word, len, group, required);
		if (word[len] == '\0')
			break;
		g->list[g->n - 1].one = true;
	}
	if (g->n > 1 && g->list[g->n - 2].group == group &&
	    g->list[g->n - 2].one)
		g->list[g->n - 1].one = true;
}

static void
grammar_read(struct grammar *g, const char *synopsis)
{
	const char *p = synopsis;
	unsigned group = 0;
	bool inside = false, one = false;
	struct spec *s = NULL;
	char word[128];

	memset(g, 0, sizeof *g);
	while (word_take(&p, word, sizeof word) > 0) {
		size_t len = strlen(word);

		if (word[0] == '[') {
			inside = true;
			one = false;
			group++;
			s = NULL;
		} else if (word[0] == ']') {
			inside = false;
			if (s != NULL && strncmp(p, "...", 3) == 0) {
				s->repeat = true;
				p += 3;
			}
			s = NULL;
		} else if (strcmp(word, "|") == 0) {
			one = true;
			for (size_t i = 0; i < g->n; i++)
				if (g->list[i].group == group)
					g->list[i].one = true;
			s = NULL;
		} else if (strcmp(word, "<") == 0) {
			word_take(&p, word, sizeof word);
		} else if (strncmp(word, "--", 2) == 0) {
			flags_add(g, word, inside ? group : 0, !inside);
			s = &g->list[g->n - 1];
			s->one = s->one || (inside && one);
		} else if (s != NULL && s->option && !s->value) {
			s->value = true;
			if (strchr(word, '|') != NULL)
				snprintf(s->words, sizeof s->words, "%.63s",
				    word);
		} else {
			bool rest = len > 3 &&
			    strcmp(word + len - 3, "...") == 0;

			s = spec_add(g, word, rest ? len - 3 : len,
			    inside ? group : 0, !inside);
			s->rest = rest;
			s = NULL;
		}
	}
}

static const struct spec *
option_spec(const struct grammar *g, const char *word, size_t len)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->list[i].option && strlen(g->list[i].name) == len &&
		    memcmp(g->list[i].name, word, len) == 0)
			return &g->list[i];
	return NULL;
}

/* One of "a|b"; "" allows any. */
static bool
value_allowed(const char *words, const char *value)
{
	size_t len = strlen(value), n;

	if (words[0] == '\0')
		return true;
	for (const char *p = words;; p += n + 1) {
		n = strcspn(p, "|");
		if (n == len && memcmp(p, value, len) == 0)
			return true;
		if (p[n] == '\0')
			return false;
	}
}

static int
option_store(struct call *call, const struct grammar *g,
    const struct spec *s, const char *value)
{
	for (size_t i = 0; i < call->n_options; i++) {
		const char *old = call->options[i].name;
		const struct spec *o = option_spec(g, old, strlen(old));

		if (o == s && !s->repeat)
			return call_usage(call, "%s was given twice", s->name);
		if (o != s && o->one && s->one && o->group == s->group)
			return call_usage(call,
			    "%s and %s exclude each other: give one of them",
			    o->name, s->name);
	}
	if (!value_allowed(s->words, value))
		return call_usage(call, "%s takes one of %s, not '%s'",
		    s->name, s->words, value);
	if (call->n_options == CALL_OPTIONS)
		return call_usage(call, "more than %d options", CALL_OPTIONS);
	snprintf(call->options[call->n_options].name, sizeof s->name, "%s",
	    s->name);
	call->options[call->n_options++].value = value;
	return 0;
}

/* words[*i] begins with --; steps over its value. */
static int
option_take(struct call *call, const struct grammar *g, char *const *words,
    size_t n, size_t *i)
{
	const char *word = words[*i];
	size_t len = strcspn(word, "=");
	const struct spec *s = option_spec(g, word, len);
	const char *value = word[len] == '=' ? word + len + 1 : NULL;

	if (strcmp(word, "--json") == 0) {
		call->json = true;
		return 0;
	}
	if (len == 6 && strncmp(word, "--json", len) == 0)
		return call_usage(call, "--json takes no value");
	if (s == NULL)
		return call_usage(call, "%s has no option '%.*s'",
		    call->command->name, (int)(len > 64 ? 64 : len), word);
	if (!s->value && value != NULL)
		return call_usage(call, "%s takes no value", s->name);
	if (s->value && value == NULL) {
		if (*i + 1 >= n || strncmp(words[*i + 1], "--", 2) == 0)
			return call_usage(call, "%s needs a value behind it",
			    s->name);
		value = words[++*i];
	}
	return option_store(call, g, s, value ? value : "");
}

static int
complete(struct call *call, const struct grammar *g)
{
	size_t wanted = 0, most = 0;
	bool rest = false;

	for (size_t i = 0; i < g->n; i++) {
		const struct spec *s = &g->list[i];

		if (s->option && s->required &&
		    call_option(call, s->name) == NULL)
			return call_usage(call, "%s is missing", s->name);
		if (s->option)
			continue;
		rest = rest || s->rest;
		if (s->required && call->n_args <= wanted++)
			return call_usage(call, "%s is missing", s->name);
		if (strchr(s->name, '|') != NULL && most < call->n_args &&
		    !value_allowed(s->name, call->args[most]))
			return call_usage(call, "one of %s stands here, not '%.64s'",
			    s->name, call->args[most]);
		most++;
	}
	if (!rest && call->n_args > most)
		return call_usage(call, "'%s' is one word too many",
		    call->args[most]);
	return 0;
}

int
synopsis_parse(struct call *call, char *const *words, size_t n)
{
	struct grammar g;
	bool options = true;

	grammar_read(&g, call->command->synopsis);
	for (size_t i = 0; i < n; i++) {
		if (options && strcmp(words[i], "--") == 0) {
			options = false;
		} else if (options && strncmp(words[i], "--", 2) == 0) {
			if (option_take(call, &g, words, n, &i) < 0)
				return -1;
		} else if (call->n_args == CALL_WORDS) {
			return call_usage(call, "more than %d words",
			    CALL_WORDS);
		} else {
			call->args[call->n_args++] = words[i];
		}
	}
	return complete(call, &g);
}

/* ---- for help and the dialogue ---- */

void
synopsis_parts(const struct command *k, void (*each)(void *user,
    const struct synopsis_part *part), void *user)
{
	struct grammar g;

	grammar_read(&g, k->synopsis);
	for (size_t i = 0; i < g.n; i++) {
		const struct spec *s = &g.list[i];
		struct synopsis_part p = { .name = s->name,
			.words = s->words, .option = s->option,
			.value = s->value, .required = s->required,
			.rest = s->rest };

		if (!s->option && strchr(s->name, '|') != NULL)
			p.words = s->name;
		p.other = i > 0 && s->one && g.list[i - 1].one &&
		    s->group == g.list[i - 1].group;
		each(user, &p);
	}
}

int
synopsis_reads(const struct command *k)
{
	const char *at = strstr(k->synopsis, "< ");

	if (at == NULL)
		return 0;
	return at > k->synopsis && at[-1] == '[' ? 1 : 2;
}

/* ---- for completion ---- */

/* "on|off" word by word; a name that stands for words as it is. */
static void
alternatives(const char *words, const char *name, void (*each)(void *user,
    const char *name, const char *word), void *user)
{
	char one[64];
	size_t n;

	if (words[0] == '\0') {
		each(user, name, NULL);
		return;
	}
	for (const char *p = words;; p += n + 1) {
		n = strcspn(p, "|");
		snprintf(one, sizeof one, "%.*s", (int)(n < 63 ? n : 63), p);
		each(user, name, one);
		if (p[n] == '\0')
			return;
	}
}

/* May this option come behind those that are there? */
static bool
option_open(const struct grammar *g, const struct spec *s,
    char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct spec *o = option_spec(g, words[i],
		    strcspn(words[i], "="));

		if (o != NULL && ((o == s && !s->repeat) || (o != s &&
		    o->one && s->one && o->group == s->group)))
			return false;
	}
	return true;
}

void
synopsis_words(const struct command *k, char *const *words, size_t n,
    void (*each)(void *user, const char *name, const char *word), void *user)
{
	const struct spec *s = NULL;
	struct grammar g;
	size_t args = 0;

	grammar_read(&g, k->synopsis);
	for (size_t i = 0; i < n; i++) {
		if (strncmp(words[i], "--", 2) != 0) {
			args += s == NULL;
			s = NULL;
			continue;
		}
		s = option_spec(&g, words[i], strlen(words[i]));
		s = s != NULL && s->value ? s : NULL;
	}
	if (s != NULL) {		/* its value comes next */
		alternatives(s->words, s->name, each, user);
		return;
	}
	for (size_t i = 0; i < g.n; i++) {
		s = &g.list[i];
		if (s->option && option_open(&g, s, words, n))
			each(user, s->name, s->name);
		if (!s->option && (args-- == 0 || (s->rest && i + 1 == g.n)))
			alternatives(strchr(s->name, '|') ? s->name : "",
			    s->name, each, user);
	}
}
