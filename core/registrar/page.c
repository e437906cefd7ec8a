/* page.c - filters of paged lists. */
#include "core/registrar/page.h"

#include <stddef.h>

void
page_pattern(char dst[PATTERN_SIZE], const char *filter)
{
	size_t n = 0;

	dst[0] = '\0';
	if (*filter == '\0')
		return;
	dst[n++] = '%';
	for (; *filter != '\0' && n + 4 < PATTERN_SIZE; filter++) {
		char c = *filter;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c == '%' || c == '_' || c == '!')
			dst[n++] = '!';
		dst[n++] = c;
	}
	dst[n++] = '%';
	dst[n] = '\0';
}
