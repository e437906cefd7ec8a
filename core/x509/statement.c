/* statement.c - the lines that a person signs. */
#include "core/x509/statement.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/x509/hash.h"

/* The lines that every statement begins with. */
static void
statement_begin(struct buf *b, const char *kind, const char *service,
    const char *object, const uint8_t digest[32], const char *by, int64_t at)
{
	char hex[65];

	hex_encode(hex, digest, 32);
	buf_printf(b, "xmpp-ica-statement/v1\nkind %s\nservice %s\nobject %s\ndigest %s\nby %s\ntime %lld\n",
	    kind, service, object, hex, by, (long long)at);
}

void
statement_approve(struct buf *b, const char *service,
    const struct sign_wish *w, const char *by, int64_t at)
{
	char object[24], hex[65];
	uint8_t key[32];

	snprintf(object, sizeof object, "%lld", (long long)w->request);
	statement_begin(b, "approve", service, object, w->digest, by, at);
	sha256(key, w->spki.data, w->spki.size);
	hex_encode(hex, key, sizeof key);
	buf_printf(b, "requester %s\nprofile %s\npolicy %s\nkey %s\nsubject %s\n",
	    w->requester, w->profile, w->policy, hex, w->subject_cn);
	for (size_t i = 0; i < w->n_names; i++)
		buf_printf(b, "name %s %s\n",
		    word_of(&name_kind_words, w->names[i].kind),
		    w->names[i].value);
}

/* ---- deeds ---- */

void
deed_put(struct deed *d, const char *word, const char *fmt, ...)
{
	struct deed_line *l = LIST_ADD(d, lines);
	va_list ap;

	str_copy(l->word, sizeof l->word, word);
	va_start(ap, fmt);
	vsnprintf(l->value, sizeof l->value, fmt, ap);
	va_end(ap);
	/* one line stays one line, whatever somebody gave as a reason */
	for (char *p = l->value; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
}

const char *
deed_value(const struct deed *d, const char *word, size_t *at)
{
	for (size_t i = *at; i < d->n_lines; i++)
		if (strcmp(d->lines[i].word, word) == 0) {
			*at = i + 1;
			return d->lines[i].value;
		}
	return NULL;
}

/* Words that the head or another kind has could be taken for those. */
static bool
word_is_good(const char *word)
{
	return word[0] != '\0' && word[strspn(word,
	    "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool
value_is_good(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

int
deed_check(const struct deed *d, struct err *e)
{
	bool good = word_is_good(d->kind) && strcmp(d->kind, "approve") != 0 &&
	    value_is_good(d->object) && value_is_good(d->policy) &&
	    d->n_lines <= DEED_LINES_MAX;

	for (size_t i = 0; i < d->n_lines && good; i++)
		good = word_is_good(d->lines[i].word) &&
		    value_is_good(d->lines[i].value);
	return good ? 0 : err_set(e, ERR_BAD_INPUT, "statement-form",
	    "this is no statement: its lines do not stay lines");
}

void
statement_deed(struct buf *b, const char *service, const struct deed *d,
    const char *by, int64_t at)
{
	struct buf lines = { 0 };
	uint8_t digest[32];

	buf_printf(&lines, "policy %s\n", d->policy);
	for (size_t i = 0; i < d->n_lines; i++)
		buf_printf(&lines, "%s %s\n", d->lines[i].word,
		    d->lines[i].value);
	sha256(digest, lines.data, lines.size);
	statement_begin(b, d->kind, service, d->object, digest, by, at);
	buf_put(b, lines.data, lines.size);
	buf_clear(&lines);
}
