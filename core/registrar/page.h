/* page.h - how many rows a paged list gives, and which. */
#ifndef REGISTRAR_PAGE_H
#define REGISTRAR_PAGE_H

#include <stdint.h>

#define PAGE_ROWS 50
#define PAGE_ROWS_MAX 500

/* Rows that a wish may have: 50 when it names none, 500 at most. */
static inline int64_t
page_limit(int64_t wanted)
{
	if (wanted <= 0)
		return PAGE_ROWS;
	return wanted > PAGE_ROWS_MAX ? PAGE_ROWS_MAX : wanted;
}

/* "%filter%" in lower case for LIKE ... ESCAPE '!', with what LIKE takes for
 * itself escaped; "" when there is no filter. */
#define PATTERN_SIZE 520
void page_pattern(char dst[PATTERN_SIZE], const char *filter);

#endif
