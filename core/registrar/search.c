/* search.c - one text looked for among requests, serials, accounts and
 * domains: exact hits first, parts of names only from three letters on. */
#include "core/registrar/registrar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/db.h"

#define HITS_MOST 50

enum { Q_REQUEST, Q_SERIAL, Q_ACCOUNT, Q_DOMAIN, Q_CERTIFIED };
static const char *const sql[] = {
	/* columns: ref, account, state, text */
	[Q_REQUEST] = "SELECT r.number, a.name, r.state, r.first"
	    " FROM request r JOIN account a ON a.number = r.account"
	    " WHERE r.number = ?1",
	[Q_SERIAL] = "SELECT c.serial, coalesce(a.name, ''), c.state,"
	    " coalesce(r.first, '') FROM certificate c"
	    " LEFT JOIN account a ON a.number = c.account"
	    " LEFT JOIN request r ON r.number = c.request"
	    " WHERE c.serial >= ?1 AND c.serial < ?2"
	    " ORDER BY c.serial LIMIT ?3",
	[Q_ACCOUNT] = "SELECT name, name, state, email FROM account"
	    " WHERE name LIKE ?1 ESCAPE '!' OR email LIKE ?1 ESCAPE '!'"
	    " ORDER BY number DESC LIMIT ?2",
	[Q_DOMAIN] = "SELECT d.name, a.name, d.state, d.shown FROM domain d"
	    " JOIN account a ON a.number = d.account"
	    " WHERE d.name LIKE ?1 ESCAPE '!' OR d.shown LIKE ?1 ESCAPE '!'"
	    " ORDER BY d.number DESC LIMIT ?2",
	[Q_CERTIFIED] = "SELECT r.number, a.name, r.state, d.domain"
	    " FROM request_domain d JOIN request r ON r.number = d.request"
	    " JOIN account a ON a.number = r.account"
	    " WHERE d.domain LIKE ?1 ESCAPE '!'"
	    " ORDER BY d.request DESC LIMIT ?2",
};
DB_STATEMENTS(search, sql)

static int
hits_take(struct query *q, const char *noun, struct hit_list *r,
    struct err *e)
{
	int have;

	while ((have = q_next(q, e)) == 1) {
		struct hit *h = NULL;

		if (r->n_rows == HITS_MOST) {
			r->more = true;
			break;
		}
		h = LIST_ADD(r, rows);
		str_copy(h->noun, sizeof h->noun, noun);
		q_col_str(q, 0, h->ref, sizeof h->ref);
		q_col_str(q, 1, h->account, sizeof h->account);
		q_col_str(q, 2, h->state, sizeof h->state);
		q_col_str(q, 3, h->text, sizeof h->text);
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

static int
exact_find(const char *text, struct hit_list *r, struct err *e)
{
	struct query *q = NULL;
	int64_t number;
	char low[64], high[66];
	size_t n = strlen(text);

	if (number_parse(text, INT64_MAX, &number)) {
		q = db_query(search_prepared[Q_REQUEST]);
		q_i64(q, 1, number);
		if (hits_take(q, "request", r, e) < 0)
			return -1;
	}
	if (n < 4 || n >= sizeof low ||
	    strspn(text, "0123456789abcdefABCDEF") != n)
		return 0;
	for (size_t i = 0; i <= n; i++)
		low[i] = (char)tolower((unsigned char)text[i]);
	/* all serials that begin so: 'g' follows the hex digits */
	snprintf(high, sizeof high, "%sg", low);
	q = db_query(search_prepared[Q_SERIAL]);
	q_str(q, 1, low);
	q_str(q, 2, high);
	q_i64(q, 3, HITS_MOST + 1);
	return hits_take(q, "certificate", r, e);
}

/* From three letters on anywhere in the name, below at its beginning. */
static void
pattern_make(char *dst, size_t size, const char *text)
{
	size_t n = 0;

	if (strlen(text) >= 3)
		dst[n++] = '%';
	for (; *text != '\0' && n + 4 < size; text++) {
		if (strchr("%_!", *text) != NULL)
			dst[n++] = '!';
		dst[n++] = *text;
	}
	dst[n++] = '%';
	dst[n] = '\0';
}

int
serve_search(struct seat *s, const struct wish *a, struct hit_list *r,
    struct err *e)
{
	static const struct {
		int which;
		const char *noun;
	} places[] = { { Q_ACCOUNT, "account" }, { Q_DOMAIN, "domain" },
		{ Q_CERTIFIED, "request" } };
	char pattern[520];

	if (a->filter[0] == '\0')
		return err_set(e, ERR_BAD_INPUT, "search",
		    "Say what to look for: a name, a domain, a number or a serial.");
	if (exact_find(a->filter, r, e) < 0)
		return -1;
	pattern_make(pattern, sizeof pattern, a->filter);
	for (size_t i = 0; i < 3 && !r->more; i++) {
		struct query *q = db_query(search_prepared[places[i].which]);

		q_str(q, 1, pattern);
		q_i64(q, 2, HITS_MOST + 1);
		if (hits_take(q, places[i].noun, r, e) < 0)
			return -1;
	}
	/* S4.6: looking for members is looked at too */
	return audit_add(s, "search", "account", "", OUTCOME_DONE, e, "%s",
	    a->filter);
}
