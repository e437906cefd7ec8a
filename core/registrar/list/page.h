/* page.h - how many rows a paged list gives, and which. */
#ifndef REGISTRAR_PAGE_H
#define REGISTRAR_PAGE_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/model/nouns.h"
#include "core/registrar/db.h"

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

/* Is the state that a wish names one that rows of this op's list can have?
 * ERR_BAD_INPUT with clause "state" and the words that there are. */
int wish_check(unsigned op, const struct wish *w, struct err *e);

/* "%filter%" in lower case for LIKE ... ESCAPE '!', with what LIKE takes for
 * itself escaped; "" when there is no filter. */
#define PATTERN_SIZE 520
void page_pattern(char dst[PATTERN_SIZE], const char *filter);

/* What every paged list is bound to: ?1 the number that the rows stay below,
 * ?2 the state or "", ?3 the pattern, ?4 one row more than the page has. */
void page_bind(struct query *q, const struct wish *w);
/* The next row of a page that has n_rows: 1; 0 the page is full (*more: there
 * are further rows) or the list at its end; -1.  Ends the statement. */
int page_next(struct query *q, const struct wish *w, size_t n_rows,
    bool *more, struct err *e);
/* A total, counted to 1000 and no further: the console says "1000+" then. */
#define PAGE_COUNT(from) \
	"SELECT count(*) FROM (SELECT 1 " from " LIMIT 1000) AS counted"
/* The one number that a statement gives, 0 when it has no row. */
int page_total(struct query *q, int64_t *total, struct err *e);

#endif
