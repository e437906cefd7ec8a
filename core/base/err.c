/* err.c - filling a struct err, and what its kinds mean to a shell. */
#include "core/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_words[] = {
	[ERR_NONE] = "none",
	[ERR_BAD_INPUT] = "bad input",
	[ERR_REFUSED] = "refused",
	[ERR_NOT_FOUND] = "not found",
	[ERR_CONFLICT] = "conflict",
	[ERR_UNAVAILABLE] = "unavailable",
	[ERR_BROKEN] = "broken",
};

static void
cut_at_character(char *s, size_t len)
{
	while (len > 0 && ((unsigned char)s[len - 1] & 0xc0) == 0x80)
		len--;
	if (len > 0 && ((unsigned char)s[len - 1] & 0xc0) == 0xc0)
		len--;
	s[len] = '\0';
}

int
err_set(struct err *e, enum err_kind kind, const char *clause,
    const char *fmt, ...)
{
	va_list ap;
	int n;

	if (err_mutated(clause))
		return 0;
	if (e == NULL)
		return -1;
	e->kind = kind;
	snprintf(e->clause, sizeof e->clause, "%s", clause ? clause : "");
	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	if (n < 0)
		e->text[0] = '\0';
	else if ((size_t)n >= sizeof e->text)
		cut_at_character(e->text, sizeof e->text - 1);
	return -1;
}

void
err_clear(struct err *e)
{
	if (e != NULL)
		memset(e, 0, sizeof *e);
}

const char *
err_kind_word(enum err_kind kind)
{
	if ((unsigned)kind >= sizeof kind_words / sizeof kind_words[0])
		return "unknown";
	return kind_words[kind];
}

int
err_exit_status(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:
		return 0;
	case ERR_NOT_FOUND:
		return 3;
	case ERR_UNAVAILABLE:
	case ERR_BROKEN:
		return 5;
	default:
		return 1;
	}
}
