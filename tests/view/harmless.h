/*
 * harmless.h - the bytes that reach a terminal: only what ncurses makes itself,
 * and text that can do nothing.
 */
#ifndef TESTS_VIEW_HARMLESS_H
#define TESTS_VIEW_HARMLESS_H

#include <ctype.h>

#include "core/base/text.h"
#include "tests/view/harness.h"

/* Sequences that ncurses makes itself; anything else is an attack that came
 * through. */
static inline size_t
sequence_ours(const uint8_t *p, size_t n)
{
	size_t i = 2;

	if (n < 2 || p[0] != 0x1b)
		return 0;
	if (strchr("()", p[1]) != NULL)		/* character sets */
		return n > 2 && strchr("B0", p[2]) ? 3 : 0;
	if (n >= 6 && memcmp(p, "\033]104\007", 6) == 0)
		return 6;			/* endwin: colours as they were */
	if (n > 7 && memcmp(p, "\033]52;c;", 7) == 0) {	/* a copy: base64 */
		for (i = 7; i < n && (isalnum(p[i]) ||
		    strchr("+/=", p[i])) && p[i] != 0; i++)
			;
		return i < n && p[i] == '\a' ? i + 1 : 0;
	}
	if (strchr("78=>MHE", p[1]) != NULL)
		return 2;
	if (p[1] != '[')
		return 0;
	while (i < n && ((p[i] >= '0' && p[i] <= '9') || p[i] == ';' ||
	    p[i] == '?' || p[i] == '>'))
		i++;
	return i < n && strchr("ABCDGHJKLMPXdmhlrb@STt", p[i]) ? i + 1 : 0;
}

static inline void
bytes_are_harmless(const struct buf *b)
{
	static const char *const hidden[] = { "\xe2\x80\xae", "\xe2\x80\x8b",
		"\xc2\x9b", "\033]0", "\033P", ("\x9b" "31m") };

	if (b->size == 0)
		return;
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		if (memmem(b->data, b->size, hidden[i], strlen(hidden[i])))
			fail_msg("text %zu of the attack came through", i);
	for (size_t i = 0; i < b->size; i++) {
		uint8_t c = b->data[i];
		size_t n;
		uint32_t v;

		if (c == 0x1b) {
			n = sequence_ours(b->data + i, b->size - i);
			if (n == 0)
				fail_msg("foreign sequence ESC %02x at %zu",
				    i + 1 < b->size ? b->data[i + 1] : 0, i);
			i += n - 1;
		} else if (c < 0x20) {
			assert_non_null(strchr("\r\n\b\t\016\017", c));
		} else if (c >= 0x80) {
			n = utf8_decode(b->data + i, b->size - i, &v);
			assert_true(n > 1);
			assert_false(v >= 0x80 && v < 0xa0);
			i += n - 1;
		} else {
			assert_true(c != 0x7f);
		}
	}
}

#endif
