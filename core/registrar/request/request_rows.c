/* request_rows.c - lists of requests and certificates, paged by number: any
 * page costs its own rows, whatever stands before it. */
#include "core/registrar/request/request.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/name_index.h"
#include "core/registrar/list/page.h"

#define EARLIER_ROWS 20
#define RARE_MS 30		/* then a person shall say more, */
#define RARE_SURE 200		/* but so many are looked at on the busiest host */
#define COUNTED "1000"		/* a total stops counting here */

#define COLUMNS \
	"SELECT r.number, a.name, r.state, r.profile, r.first, r.domains," \
	" r.created, r.decided, c.serial, c.not_after, c.state"
#define COUNT_BEGIN "SELECT count(*) FROM (SELECT 1"
#define COUNT_END " AND r.number >= ?10 LIMIT " COUNTED ") AS counted"
#define FROM_REQUESTS \
	" FROM request r JOIN account a ON a.number = r.account" \
	" LEFT JOIN certificate c ON c.request = r.number WHERE "
#define FROM_CERTIFICATES \
	" FROM request r JOIN account a ON a.number = r.account" \
	" JOIN certificate c ON c.request = r.number WHERE "
#define OWN "r.account = ?1"
#define ALL "?1 = ?1"
#define AWAITING "r.state = 'awaiting'"
#define LIKES(column) column " LIKE ?3 ESCAPE '!'"
/* ?2 state, ?3 pattern, ?6 now, ?9 beginning of a serial */
#define FILTERED \
	" AND (?2 = '' OR r.state = ?2 OR (c.state = 'good' AND" \
	" ((?2 = 'good' AND c.not_after > ?6)" \
	" OR (?2 = 'expired' AND c.not_after <= ?6)))" \
	" OR (?2 = 'revoked' AND c.state = 'revoked'))" \
	" AND (?3 = '' OR " LIKES("r.first") " OR " LIKES("a.name") \
	" OR (?9 <> '' AND substr(c.serial, 1, length(?9)) = ?9)" \
	" OR " LIKES("r.subject_cn") \
	" OR EXISTS (SELECT 1 FROM request_domain d" \
	" WHERE d.request = r.number AND " LIKES("d.domain") "))"
/* ?7 since, ?8 until */
#define BETWEEN(column) \
	" AND (?7 = 0 OR " column " >= ?7) AND (?8 = 0 OR " column " <= ?8)"
/* ?4 all below, ?10 and none below: the range of numbers that is looked at */
#define NEWEST_FIRST " AND r.number < ?4 AND r.number >= ?10" \
	" ORDER BY r.number DESC LIMIT ?5"
#define OLDEST_FIRST " AND r.number > ?4 AND r.number >= ?10 ORDER BY r.number LIMIT ?5"

#define REQUESTS(whose) FROM_REQUESTS whose FILTERED BETWEEN("r.created")
#define CERTIFICATES(whose) \
	FROM_CERTIFICATES whose FILTERED BETWEEN("c.not_after")
#define LIST(from) COLUMNS from NEWEST_FIRST
#define RARE(words) "SELECT number FROM request WHERE state = '" words "'" \
	" AND number < ?1 ORDER BY number DESC"
#define COUNT(from) COUNT_BEGIN from COUNT_END

enum { Q_REQUESTS_OWN, Q_REQUESTS_ALL, Q_CERTIFICATES_OWN,
	Q_CERTIFICATES_ALL, Q_QUEUE, Q_COUNT,	/* + the same again, counted */
	Q_EARLIER = 2 * Q_COUNT, Q_BY_NUMBER, Q_BY_SERIAL, Q_HIGHEST,
	Q_TALLY, Q_SERIALS, Q_AWAITING, Q_APPROVED, Q_REFUSED, Q_WITHDRAWN,
	Q_REVOKED, Q_ENDING };

static const char *const sql[] = {
	[Q_REQUESTS_OWN] = LIST(REQUESTS(OWN)),
	[Q_REQUESTS_ALL] = LIST(REQUESTS(ALL)),
	[Q_CERTIFICATES_OWN] = LIST(CERTIFICATES(OWN)),
	[Q_CERTIFICATES_ALL] = LIST(CERTIFICATES(ALL)),
	[Q_QUEUE] = COLUMNS REQUESTS(AWAITING) OLDEST_FIRST,
	[Q_COUNT + Q_REQUESTS_OWN] = COUNT(REQUESTS(OWN)),
	[Q_COUNT + Q_CERTIFICATES_OWN] = COUNT(CERTIFICATES(OWN)),
	[Q_COUNT + Q_QUEUE] = COUNT(REQUESTS(AWAITING)),
	[Q_EARLIER] = COLUMNS FROM_REQUESTS
	    "r.state = 'issued' AND r.number <> ?1 AND r.number IN"
	    " (SELECT o.request FROM request_domain o WHERE o.domain IN"
	    " (SELECT m.domain FROM request_domain m WHERE m.request = ?1))"
	    " ORDER BY r.number DESC LIMIT ?2",
	[Q_BY_NUMBER] = "SELECT number, account FROM request"
	    " WHERE number = ?1",
	[Q_BY_SERIAL] = "SELECT request, account FROM certificate"
	    " WHERE serial = ?1 AND request IS NOT NULL",
	[Q_HIGHEST] = "SELECT max(number) FROM request",
	[Q_TALLY] = "SELECT count FROM tally WHERE name = 'certificate'",
	/* where to look for what is rare: numbers below ?1, newest first */
	[Q_SERIALS] = "SELECT request FROM certificate WHERE request < ?1"
	    " AND serial >= ?2 AND serial < ?3 ORDER BY request DESC",
	[Q_AWAITING] = RARE("awaiting"),
	[Q_APPROVED] = RARE("approved"),
	[Q_REFUSED] = RARE("refused"),
	[Q_WITHDRAWN] = RARE("withdrawn"),
	[Q_REVOKED] = "SELECT request FROM certificate"
	    " WHERE state = 'revoked' AND request < ?1 ORDER BY request DESC",
	[Q_ENDING] = "SELECT request FROM certificate WHERE state = 'good'"
	    " AND not_after >= ?2 AND not_after <= ?3 AND +request < ?1"
	    " ORDER BY request DESC",
};
DB_STATEMENTS(request_rows, sql)

/* Does this seat read everybody's (staff, auditors, director)? */
static bool
seat_reads_all(const struct seat *s)
{
	return (READERS & ROLE_BIT(s->role)) != 0;
}

static enum certificate_state
certificate_now(const char *stored, int64_t not_after)
{
	if (stored[0] == '\0')
		return CERTIFICATE_NONE;
	if (strcmp(stored, "good") != 0)
		return CERTIFICATE_REVOKED;
	return not_after > clock_now() ? CERTIFICATE_GOOD :
	    CERTIFICATE_EXPIRED;
}

static void
row_fill(struct query *q, struct request_row *r)
{
	char word[32];

	r->number = q_col_i64(q, 0);
	q_col_str(q, 1, r->account, sizeof r->account);
	r->state = q_col_word(q, 2, &request_state_words, REQUEST_AWAITING);
	q_col_str(q, 3, r->profile, sizeof r->profile);
	q_col_str(q, 4, r->first, sizeof r->first);
	r->domains = q_col_i64(q, 5);
	r->created = q_col_i64(q, 6);
	r->decided = q_col_i64(q, 7);
	q_col_str(q, 8, r->serial, sizeof r->serial);
	r->not_after = q_col_i64(q, 9);
	q_col_str(q, 10, word, sizeof word);
	r->certificate = certificate_now(word, r->not_after);
}

/* What all ranges of one list have in common. */
struct listing {
	const struct seat *seat;
	const struct wish *w;
	int which;
	int64_t limit;
	char pattern[PATTERN_SIZE];
	char serial[42];	/* the filter as the beginning of one; "" isn't */
};

static struct query *
rows_query(const struct listing *l, int which, int64_t low, int64_t high,
    int64_t limit)
{
	struct query *q = db_query(request_rows_prepared[which]);

	q_i64(q, 1, l->seat->account);
	q_str_held(q, 2, l->w->state);
	q_str_held(q, 3, l->pattern);
	q_i64(q, 4, high);
	q_i64(q, 5, limit);
	q_i64(q, 6, clock_now());
	q_i64(q, 7, l->w->since);
	q_i64(q, 8, l->w->until);
	q_str_held(q, 9, l->serial);
	q_i64(q, 10, low);
	return q;
}

/* The rows of low <= number < high that fit: 1 the page is full, 0, -1. */
static int
range_take(const struct listing *l, int64_t low, int64_t high,
    struct request_page *page, struct err *e)
{
	struct query *q = rows_query(l, l->which, low, high, l->limit + 1 -
	    (int64_t)page->n_rows);
	int r;

	while ((r = q_next(q, e)) == 1) {
		if ((int64_t)page->n_rows == l->limit) {
			page->more = true;
			q_end(q);
			return 1;
		}
		row_fill(q, LIST_ADD(page, rows));
	}
	return r;
}

/* Numbers from a statement of what is rare; each is looked at. */
static int
rare_take(const struct listing *l, struct query *q, int64_t high,
    struct request_page *page, struct err *e)
{
	int64_t until = clock_mono_ms() + RARE_MS;
	int r = 0, have, looked = 0;

	q_i64(q, 1, high);
	while (r == 0 && (have = q_next(q, e)) == 1) {
		int64_t n = q_col_i64(q, 0);

		r = range_take(l, n, n + 1, page, e);
		if (r == 0 && ++looked >= RARE_SURE &&
		    clock_mono_ms() >= until) {
			page->refine = page->more = true;
			r = 1;
		}
	}
	q_end(q);
	return r < 0 || (r == 0 && have < 0) ? -1 : 0;
}

/* Rows with a text anywhere in a name: where the index says. */
static int
names_take(const struct listing *l, int64_t high, struct request_page *page,
    struct err *e)
{
	struct name_walk w;
	int64_t low, up;
	int r, have = 0;

	r = name_walk_begin(&w, NAMES_OF_REQUESTS, l->w->filter, high, e);
	while (r == 0 && (have = name_walk_next(&w, &low, &up, e)) == 1)
		r = range_take(l, low, up, page, e);
	name_walk_end(&w);
	if (w.refine)
		page->refine = page->more = true;
	return r < 0 || have < 0 ? -1 : 0;
}

/* The statement that gives the rows of a rare state; NULL: not rare. */
static struct query *
rare_query(const struct listing *l)
{
	static const struct {
		const char *state;
		int which;
	} rare[] = { { "awaiting", Q_AWAITING }, { "approved", Q_APPROVED },
		{ "refused", Q_REFUSED }, { "withdrawn", Q_WITHDRAWN },
		{ "revoked", Q_REVOKED } };
	struct query *q = NULL;

	for (size_t i = 0; i < sizeof rare / sizeof rare[0]; i++)
		if (strcmp(l->w->state, rare[i].state) == 0)
			return db_query(request_rows_prepared[rare[i].which]);
	if (l->which != Q_CERTIFICATES_ALL || l->w->until == 0)
		return NULL;
	q = db_query(request_rows_prepared[Q_ENDING]);
	q_i64(q, 2, l->w->since);
	q_i64(q, 3, l->w->until);
	return q;
}

/* All that begin so: 'g' follows the hex digits. */
static struct query *
serials_query(const struct listing *l)
{
	struct query *q = db_query(request_rows_prepared[Q_SERIALS]);
	char end[44];

	snprintf(end, sizeof end, "%sg", l->serial);
	q_str(q, 2, l->serial);
	q_str(q, 3, end);
	return q;
}

/* All rows there are, for who reads all: never more than what is shown, what
 * is looked through while a person waits, and no count of it. */
static int
all_take(const struct listing *l, struct request_page *page, struct err *e)
{
	int64_t high = l->w->before > 0 ? l->w->before : INT64_MAX;
	struct query *q = NULL;
	bool walked = l->w->state[0] != '\0' || l->w->since > 0 ||
	    l->w->until > 0;

	if (l->serial[0] != '\0') {
		if (rare_take(l, serials_query(l), high, page, e) < 0)
			return -1;
		if (page->n_rows > 0)
			return 0;
	}
	if (l->pattern[0] != '\0')
		return names_take(l, high == INT64_MAX ? 0 : high, page, e);
	if ((q = rare_query(l)) != NULL)
		return rare_take(l, q, high, page, e);
	if (walked)
		return names_take(l, high == INT64_MAX ? 0 : high, page, e);
	return range_take(l, 0, high, page, e) < 0 ? -1 : 0;
}

/* Numbers have no gaps, so that the highest is the count of all.  What is
 * filtered among all is not counted: 0. */
static int
rows_total(const struct listing *l, int64_t *total, struct err *e)
{
	bool all = l->which == Q_REQUESTS_ALL ||
	    l->which == Q_CERTIFICATES_ALL;
	struct query *q = NULL;
	int r;

	if (all && (l->pattern[0] != '\0' || l->w->state[0] != '\0' ||
	    l->w->since != 0 || l->w->until != 0))
		return 0;
	q = all ? db_query(request_rows_prepared[l->which == Q_REQUESTS_ALL ?
	    Q_HIGHEST : Q_TALLY]) :
	    rows_query(l, Q_COUNT + l->which, 0, 0, 0);
	if ((r = q_next(q, e)) == 1)
		*total = q_col_i64(q, 0);
	q_end(q);
	return r < 0 ? -1 : 0;
}

int
request_rows(const struct seat *s, enum rows rows, const struct wish *w,
    struct request_page *page, struct err *e)
{
	bool all = seat_reads_all(s);
	struct listing l = { .seat = s, .w = w,
		.limit = page_limit(w->limit) };
	int64_t high = w->before > 0 ? w->before : INT64_MAX;

	l.which = rows == ROWS_QUEUE ? Q_QUEUE : rows == ROWS_REQUESTS ?
	    (all ? Q_REQUESTS_ALL : Q_REQUESTS_OWN) :
	    (all ? Q_CERTIFICATES_ALL : Q_CERTIFICATES_OWN);
	page_pattern(l.pattern, w->filter);
	/* among all so long that no name is meant */
	if (strlen(w->filter) < (all ? 8 : 4) ||
	    !serial_normal(w->filter, l.serial))
		l.serial[0] = '\0';
	if (rows_total(&l, &page->total, e) < 0)
		return -1;
	if (l.which == Q_REQUESTS_ALL || l.which == Q_CERTIFICATES_ALL)
		return all_take(&l, page, e);
	if (l.which == Q_QUEUE)		/* oldest first: all above */
		high = w->before;
	return range_take(&l, 0, high, page, e) < 0 ? -1 : 0;
}

int
request_rows_earlier(int64_t number, struct request_row **rows, size_t *n,
    struct err *e)
{
	struct query *q = db_query(request_rows_prepared[Q_EARLIER]);
	int r;

	q_i64(q, 1, number);
	q_i64(q, 2, EARLIER_ROWS);
	while ((r = q_next(q, e)) == 1) {
		*rows = list_grow(*rows, n, sizeof **rows);
		row_fill(q, &(*rows)[*n - 1]);
	}
	return r;
}

/* ---- by name ---- */

bool
serial_normal(const char *typed, char serial[42])
{
	size_t n = 0;

	for (; *typed != '\0'; typed++) {
		char c = *typed;

		if (c == ':' || c == ' ')
			continue;
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (n == 41 || !((c >= '0' && c <= '9') ||
		    (c >= 'a' && c <= 'f')))
			return false;
		serial[n++] = c;
	}
	serial[n] = '\0';
	return n >= 2;
}

static int
find_by(struct query *q, const struct seat *s, int64_t *number,
    struct err *e)
{
	int64_t account;
	int r = q_next(q, e);

	if (r != 1)
		return r;
	*number = q_col_i64(q, 0);
	account = q_col_i64(q, 1);
	q_end(q);
	return seat_reads_all(s) || account == s->account;
}

int
request_find(const struct seat *s, const char *ref, int64_t *number,
    struct err *e)
{
	char serial[42], shown[80];
	struct query *q = NULL;
	int64_t n;
	int r = 0;

	if (number_parse(ref, INT64_MAX, &n)) {
		q = db_query(request_rows_prepared[Q_BY_NUMBER]);
		q_i64(q, 1, n);
		r = find_by(q, s, number, e);
	} else if (serial_normal(ref, serial)) {
		q = db_query(request_rows_prepared[Q_BY_SERIAL]);
		q_str(q, 1, serial);
		r = find_by(q, s, number, e);
	}
	if (r != 0)
		return r < 0 ? -1 : 0;
	render_untrusted(shown, sizeof shown, ref, strlen(ref));
	return err_set(e, ERR_NOT_FOUND, "request",
	    "there is no request or serial %s, or it is not yours; `list` shows yours",
	    shown);
}
