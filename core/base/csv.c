/* csv.c - text as a cell of CSV that a spreadsheet never runs. */
#include "core/base/csv.h"

#include <string.h>

static bool
formula_begins(const char *text, size_t size)
{
	/* full-width = + - @, in UTF-8 */
	static const char wide[][4] = { "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0" };

	if (size > 0 && text[0] != '\0' &&
	    strchr("=+-@\t\r\n", text[0]) != NULL)
		return true;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (size >= 3 && memcmp(text, wide[i], 3) == 0)
			return true;
	return false;
}

void
csv_put_text(struct buf *b, const char *text, size_t size)
{
	buf_put_u8(b, '"');
	if (formula_begins(text, size))
		buf_put_u8(b, '\'');
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"')
			buf_put_u8(b, '"');
		buf_put_u8(b, (uint8_t)text[i]);
	}
	buf_put_u8(b, '"');
}
