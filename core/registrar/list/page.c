/* page.c - paged lists: their filters, and how many rows a page has. */
#include "core/registrar/list/page.h"

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

void
page_bind(struct query *q, const struct wish *w)
{
	char pattern[PATTERN_SIZE];

	page_pattern(pattern, w->filter);
	q_i64(q, 1, w->before > 0 ? w->before : INT64_MAX);
	q_str(q, 2, w->state);
	q_str(q, 3, pattern);
	q_i64(q, 4, page_limit(w->limit) + 1);
}

int
page_next(struct query *q, const struct wish *w, size_t n_rows, bool *more,
    struct err *e)
{
	int have = q_next(q, e);

	if (have != 1 || (int64_t)n_rows < page_limit(w->limit))
		return have;
	*more = true;
	q_end(q);
	return 0;
}

int
page_total(struct query *q, int64_t *total, struct err *e)
{
	int have = q_next(q, e);

	*total = have == 1 ? q_col_i64(q, 0) : 0;
	q_end(q);
	return have < 0 ? -1 : 0;
}
