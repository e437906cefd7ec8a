/* search.c - one text looked for among requests, serials, accounts and
 * domains: exact hits first, then parts of names, the newest first. */
#include "core/registrar/account/privacy.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/list/name_index.h"
#include "core/registrar/list/page.h"

#define HITS_MOST 50
#define ACCOUNTS_AT_ONCE 1000
#define ACCOUNTS_MS 10

enum { Q_REQUEST, Q_SERIAL, Q_ACCOUNT_EXACT, Q_DOMAIN_EXACT,
	Q_CERTIFIED_EXACT, Q_ACCOUNT, Q_DOMAIN, Q_CERTIFIED, Q_ACCOUNTS };
#define ACCOUNT "SELECT name, name, state, email FROM account WHERE "
#define DOMAIN "SELECT d.name, a.name, d.state, d.shown FROM domain d" \
	" JOIN account a ON a.number = d.account WHERE "
#define CERTIFIED "SELECT r.number, a.name, r.state, d.domain" \
	" FROM request_domain d JOIN request r ON r.number = d.request" \
	" JOIN account a ON a.number = r.account WHERE "
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
	[Q_ACCOUNT_EXACT] = ACCOUNT "name = ?1",
	[Q_DOMAIN_EXACT] = DOMAIN "d.name = ?1 ORDER BY d.number DESC LIMIT ?2",
	[Q_CERTIFIED_EXACT] = CERTIFIED "d.domain = ?1"
	    " ORDER BY d.request DESC LIMIT ?2",
	/* ?1 pattern, ?2 limit, ?3 <= number < ?4, ?5 was found already */
	[Q_ACCOUNT] = ACCOUNT "number >= ?3 AND number < ?4"
	    " AND (name LIKE ?1 ESCAPE '!' OR email LIKE ?1 ESCAPE '!')"
	    " AND name <> ?5 ORDER BY number DESC LIMIT ?2",
	[Q_DOMAIN] = DOMAIN "d.number >= ?3 AND d.number < ?4"
	    " AND (d.name LIKE ?1 ESCAPE '!' OR d.shown LIKE ?1 ESCAPE '!')"
	    " AND d.name <> ?5 ORDER BY d.number DESC LIMIT ?2",
	[Q_CERTIFIED] = CERTIFIED "d.request >= ?3 AND d.request < ?4"
	    " AND d.domain LIKE ?1 ESCAPE '!' AND d.domain <> ?5"
	    " ORDER BY d.request DESC LIMIT ?2",
	[Q_ACCOUNTS] = "SELECT max(number) FROM account WHERE number < ?1",
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
		/* the whole address stands in the record, whose look is logged */
		if (strcmp(noun, "account") == 0)
			addresses_redact(h->text);
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

/* Names that are the text: found by their indexes, whatever their age. */
static int
names_exact(const char *text, struct hit_list *r, struct err *e)
{
	static const struct {
		int which;
		const char *noun;
	} places[] = { { Q_ACCOUNT_EXACT, "account" },
		{ Q_DOMAIN_EXACT, "domain" }, { Q_CERTIFIED_EXACT, "request" } };

	for (size_t i = 0; i < 3 && !r->more; i++) {
		struct query *q = db_query(search_prepared[places[i].which]);

		q_str(q, 1, text);
		if (places[i].which != Q_ACCOUNT_EXACT)
			q_i64(q, 2, HITS_MOST + 1);
		if (hits_take(q, places[i].noun, r, e) < 0)
			return -1;
	}
	return 0;
}

struct part {
	const char *text;	/* in lower case */
	char pattern[PATTERN_SIZE];
};

static int
range_take(const struct part *p, int which, const char *noun, int64_t low,
    int64_t high, struct hit_list *r, struct err *e)
{
	struct query *q = db_query(search_prepared[which]);

	q_str_held(q, 1, p->pattern);
	q_i64(q, 2, HITS_MOST + 1);
	q_i64(q, 3, low);
	q_i64(q, 4, high);
	q_str_held(q, 5, p->text);
	return hits_take(q, noun, r, e);
}

/* The highest account below a number; gaps are jumped over.  0: none. */
static int
account_below(int64_t number, int64_t *below, struct err *e)
{
	struct query *q = db_query(search_prepared[Q_ACCOUNTS]);
	int have;

	q_i64(q, 1, number);
	have = q_next(q, e);
	*below = have == 1 ? q_col_i64(q, 0) : 0;
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* Accounts: their addresses are personal and so in no index; there are far
 * fewer of them than of anything else. */
static int
accounts_find(const struct part *p, struct hit_list *r, struct err *e)
{
	int64_t until = clock_mono_ms() + ACCOUNTS_MS, at = INT64_MAX, top;

	while (!r->more) {
		if (account_below(at, &top, e) < 0)
			return -1;
		if (top == 0)
			return 0;
		/* the first ones are looked at on the busiest host */
		if (at < INT64_MAX && clock_mono_ms() >= until) {
			r->refine = true;
			return 0;
		}
		at = top >= ACCOUNTS_AT_ONCE ? top - ACCOUNTS_AT_ONCE + 1 : 0;
		if (range_take(p, Q_ACCOUNT, "account", at, top + 1, r, e) < 0)
			return -1;
	}
	return 0;
}

static int
names_find(const struct part *p, enum name_index index, int which,
    const char *noun, struct hit_list *r, struct err *e)
{
	struct name_walk w;
	int64_t low, high;
	int have = 0, bad;

	bad = name_walk_begin(&w, index, p->text, 0, e);
	while (bad == 0 && !r->more &&
	    (have = name_walk_next(&w, &low, &high, e)) == 1)
		bad = range_take(p, which, noun, low, high, r, e);
	name_walk_end(&w);
	r->refine = r->refine || w.refine;
	return bad < 0 || have < 0 ? -1 : 0;
}

int
serve_search(struct seat *s, const struct wish *a, struct hit_list *r,
    struct err *e)
{
	char text[sizeof a->filter];
	struct part p = { .text = text };

	if (a->filter[0] == '\0')
		return err_set(e, ERR_BAD_INPUT, "search",
		    "Say what to look for: a name, a domain, a number or a serial.");
	str_copy(text, sizeof text, a->filter);
	for (char *c = text; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	page_pattern(p.pattern, text);
	if (exact_find(text, r, e) < 0 || names_exact(text, r, e) < 0)
		return -1;
	if (!r->more && accounts_find(&p, r, e) < 0)
		return -1;
	if (!r->more && names_find(&p, NAMES_OF_DOMAINS, Q_DOMAIN, "domain",
	    r, e) < 0)
		return -1;
	if (!r->more && names_find(&p, NAMES_OF_REQUESTS, Q_CERTIFIED,
	    "request", r, e) < 0)
		return -1;
	/* S4.6: looking for members is looked at too */
	return audit_add(s, "search", "account", "", OUTCOME_DONE, e, "%s",
	    a->filter);
}
