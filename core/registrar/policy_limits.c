/* policy_limits.c - an upstream's limits against our own values: the stricter
 * one holds, or nothing is issued (J6.2). */
#include "core/registrar/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/wire/policy_texts.h"

enum how { LEAST, MOST, BOTH_YES, COMMON_WORDS, SAME };

static const struct {
	const char *name;
	enum how how;		/* which of two values is the stricter */
} limits[] = {
	{ "days", LEAST }, { "proof_days", LEAST },
	{ "names_per_certificate", LEAST }, { "challenge_hours", LEAST },
	{ "challenge_tries", LEAST }, { "approvals", MOST },
	{ "subdomains", BOTH_YES }, { "special_names", BOTH_YES },
	{ "profiles", COMMON_WORDS }, { "mailboxes", COMMON_WORDS },
	{ "oid", SAME },
};

static void changed(struct limited *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
changed(struct limited *l, const char *fmt, ...)
{
	va_list ap;

	if (l->n == sizeof l->lines / sizeof *l->lines)
		return;
	va_start(ap, fmt);
	vsnprintf(l->lines[l->n++], sizeof *l->lines, fmt, ap);
	va_end(ap);
}

static bool
word_in(const char *words, const char *word, size_t n)
{
	for (const char *at = words; *at != '\0'; ) {
		size_t span;

		at += strspn(at, " ,\t");
		span = strcspn(at, " ,\t");
		if (span == n && memcmp(at, word, n) == 0)
			return true;
		at += span;
	}
	return false;
}

/* What both name, in our order. */
static void
words_cut(char *ours, const char *theirs)
{
	char kept[CONF_STR_SIZE] = "";
	size_t done = 0;

	for (const char *at = ours; *at != '\0'; ) {
		size_t span;

		at += strspn(at, " ,\t");
		span = strcspn(at, " ,\t");
		if (span > 0 && word_in(theirs, at, span))
			done += (size_t)snprintf(kept + done,
			    sizeof kept - done, "%s%.*s", done ? " " : "",
			    (int)span, at);
		at += span;
	}
	str_copy(ours, CONF_STR_SIZE, kept);
}

static void
number_limit(const struct conf_key *k, enum how how, int64_t *ours,
    int64_t theirs, struct limited *out)
{
	if (how == LEAST ? theirs >= *ours : theirs <= *ours)
		return;
	changed(out, "%s: %lld here, %lld upstream, which holds", k->name,
	    (long long)*ours, (long long)theirs);
	*ours = theirs;
}

static void
text_limit(const struct conf_key *k, enum how how, char *ours,
    const char *theirs, struct limited *out)
{
	char before[CONF_STR_SIZE];

	str_copy(before, sizeof before, ours);
	if (how == SAME) {
		if (strcmp(ours, theirs) != 0)
			snprintf(out->stop, sizeof out->stop,
			    "policy.%s is %.60s, the upstream wants %.60s",
			    k->name, ours, theirs);
		return;
	}
	words_cut(ours, theirs);
	if (strcmp(before, ours) != 0)
		changed(out, "%s: \"%.50s\" here, with the upstream \"%.50s\"",
		    k->name, before, ours);
	if (ours[0] == '\0')
		snprintf(out->stop, sizeof out->stop,
		    "policy.%s and the upstream's limits have nothing in common",
		    k->name);
}

static void
value_limit(struct conf *c, const struct conf *theirs,
    const struct conf_key *k, enum how how, struct limited *out)
{
	void *a = (char *)c + k->offset;
	const void *b = (const char *)theirs + k->offset;

	if (k->kind == 'i') {
		number_limit(k, how, a, *(const int64_t *)b, out);
	} else if (k->kind == 's') {
		text_limit(k, how, a, b, out);
	} else if (*(bool *)a && !*(const bool *)b) {
		changed(out, "%s: yes here, no upstream, which holds",
		    k->name);
		*(bool *)a = false;
	}
}

static const struct conf_key *
key_find(const char *name)
{
	for (unsigned long i = 0; i < conf_key_count; i++)
		if (strcmp(conf_keys[i].section, "policy") == 0 &&
		    strcmp(conf_keys[i].name, name) == 0)
			return &conf_keys[i];
	return NULL;
}

static int
line_limit(struct conf *c, char *line, struct limited *out, struct err *e)
{
	struct conf theirs = *c;
	char *value = strchr(line, '=');
	size_t n;

	if (value == NULL)
		return err_set(e, ERR_BAD_INPUT, "policy-limits",
		    "the limits have a line \"%.80s\"; a line is KEY = VALUE",
		    line);
	*value++ = '\0';
	value += strspn(value, " \t");
	for (n = strlen(line); n > 0 && strchr(" \t", line[n - 1]); )
		line[--n] = '\0';
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (strcmp(limits[i].name, line) == 0) {
			if (conf_set(&theirs, "policy", line, value, e) < 0)
				return -1;
			value_limit(c, &theirs, key_find(line), limits[i].how,
			    out);
			return 0;
		}
	/* an unknown limit that is not kept would be a broken promise */
	return err_set(e, ERR_BAD_INPUT, "policy-limits",
	    "the limits name \"%.64s\", which cannot be limited; see policy.limits in xmpp-ica.conf(5)",
	    line);
}

int
policy_limit(struct conf *c, const struct blob *text, struct limited *out,
    struct err *e)
{
	char line[CONF_STR_SIZE + 64];
	size_t at = 0;

	memset(out, 0, sizeof *out);
	while (policy_line(text, &at, line, sizeof line))
		if (line_limit(c, line, out, e) < 0)
			return -1;
	return 0;
}
