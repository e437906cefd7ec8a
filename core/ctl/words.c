/* words.c - the words behind a command of xmpp-icactl, in one order. */
#include "core/ctl/words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The option of that name in a usage line: how many stand before it, and
 * whether a value follows; -1 there is none. */
static int
option_place(const char *arguments, const char *name, size_t n, bool *value)
{
	int place = 0;

	for (const char *p = arguments; (p = strstr(p, "--")) != NULL;
	    place++) {
		size_t size = strcspn(p, " ]|");

		if (size == n && strncmp(p, name, n) == 0) {
			*value = p[size] == ' ' &&
			    isalpha((unsigned char)p[size + 1]);
			return place;
		}
		p += size;
	}
	return -1;
}

static int
complaint(const char *command, const char *word, const char *what)
{
	fprintf(stderr, "xmpp-icactl: %s: %s %s\n", command, word, what);
	return -1;
}

struct order {
	int place[WORDS_MOST];	/* of the option that out[i] belongs to; -1 */
	int n;
};

/* Behind all of the same place or a lower one. */
static void
word_put(struct order *o, char **out, int place, char *word)
{
	int at = o->n++;

	while (at > 1 && o->place[at - 1] > place) {
		out[at] = out[at - 1];
		o->place[at] = o->place[at - 1];
		at--;
	}
	out[at] = word;
	o->place[at] = place;
}

static bool
was_given(const struct order *o, int place)
{
	for (int i = 1; i < o->n; i++)
		if (o->place[i] == place)
			return true;
	return false;
}

/* argv[i] is an option; the number of the last word that it took, or -1. */
static int
option_put(struct order *o, const char *arguments, int argc, char **argv,
    int i, char **out)
{
	char *equals = strchr(argv[i], '=');
	size_t n = equals ? (size_t)(equals - argv[i]) : strlen(argv[i]);
	bool value;
	int place = option_place(arguments, argv[i], n, &value);

	if (equals != NULL)
		*equals = '\0';
	if (place < 0)
		return complaint(argv[0], argv[i], "is no option of it");
	if (was_given(o, place))
		return complaint(argv[0], argv[i], "was given twice");
	word_put(o, out, place, argv[i]);
	if (!value)
		return equals == NULL ? i :
		    complaint(argv[0], argv[i], "takes no value");
	if (equals == NULL && i + 1 >= argc)
		return complaint(argv[0], argv[i], "needs a value behind it");
	word_put(o, out, place, equals ? equals + 1 : argv[++i]);
	return i;
}

int
words_order(const char *arguments, int argc, char **argv, char **out)
{
	struct order o = { .place = { -1 }, .n = 1 };
	bool plain = false;

	out[0] = argv[0];
	if (2 * argc >= WORDS_MOST)
		return complaint(argv[0], argv[argc - 1], "is a word too many");
	for (int i = 1; i < argc; i++) {
		if (plain || argv[i][0] != '-' || argv[i][1] == '\0')
			word_put(&o, out, -1, argv[i]);
		else if (strcmp(argv[i], "--") == 0)
			plain = true;
		else if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return 0;
		else if ((i = option_put(&o, arguments, argc, argv, i,
		    out)) < 0)
			return -1;
	}
	out[o.n] = NULL;
	return o.n;
}
