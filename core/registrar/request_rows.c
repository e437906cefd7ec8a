/* request_rows.c - lists of requests and certificates, paged by number. */
#include "core/registrar/request.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/page.h"

#define EARLIER_ROWS 20
#define COUNTED "10000"		/* a total stops counting here */

#define COLUMNS \
	"SELECT r.number, a.name, r.state, r.profile, r.first, r.domains," \
	" r.created, r.decided, c.serial, c.not_after, c.state"
#define COUNT_BEGIN "SELECT count(*) FROM (SELECT 1"
#define COUNT_END " LIMIT " COUNTED ") AS counted"
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
/* ?2 state, ?3 pattern, ?6 now */
#define FILTERED \
	" AND (?2 = '' OR r.state = ?2 OR (c.state = 'good' AND" \
	" ((?2 = 'good' AND c.not_after > ?6)" \
	" OR (?2 = 'expired' AND c.not_after <= ?6)))" \
	" OR (?2 = 'revoked' AND c.state = 'revoked'))" \
	" AND (?3 = '' OR " LIKES("r.first") " OR " LIKES("a.name") \
	" OR " LIKES("c.serial") \
	" OR EXISTS (SELECT 1 FROM request_domain d" \
	" WHERE d.request = r.number AND " LIKES("d.domain") "))"
/* ?7 since, ?8 until */
#define BETWEEN(column) \
	" AND (?7 = 0 OR " column " >= ?7) AND (?8 = 0 OR " column " <= ?8)"
#define NEWEST_FIRST \
	" AND (?4 = 0 OR r.number < ?4) ORDER BY r.number DESC LIMIT ?5"
#define OLDEST_FIRST " AND r.number > ?4 ORDER BY r.number LIMIT ?5"

#define REQUESTS(whose) FROM_REQUESTS whose FILTERED BETWEEN("r.created")
#define CERTIFICATES(whose) \
	FROM_CERTIFICATES whose FILTERED BETWEEN("c.not_after")
#define LIST(from) COLUMNS from NEWEST_FIRST
#define COUNT(from) COUNT_BEGIN from COUNT_END

enum { Q_REQUESTS_OWN, Q_REQUESTS_ALL, Q_CERTIFICATES_OWN,
	Q_CERTIFICATES_ALL, Q_QUEUE, Q_COUNT,	/* + the same again, counted */
	Q_EARLIER = 2 * Q_COUNT, Q_BY_NUMBER, Q_BY_SERIAL, Q_HIGHEST };

static const char *const sql[] = {
	[Q_REQUESTS_OWN] = LIST(REQUESTS(OWN)),
	[Q_REQUESTS_ALL] = LIST(REQUESTS(ALL)),
	[Q_CERTIFICATES_OWN] = LIST(CERTIFICATES(OWN)),
	[Q_CERTIFICATES_ALL] = LIST(CERTIFICATES(ALL)),
	[Q_QUEUE] = COLUMNS REQUESTS(AWAITING) OLDEST_FIRST,
	[Q_COUNT + Q_REQUESTS_OWN] = COUNT(REQUESTS(OWN)),
	[Q_COUNT + Q_REQUESTS_ALL] = COUNT(REQUESTS(ALL)),
	[Q_COUNT + Q_CERTIFICATES_OWN] = COUNT(CERTIFICATES(OWN)),
	[Q_COUNT + Q_CERTIFICATES_ALL] = COUNT(CERTIFICATES(ALL)),
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
};
DB_STATEMENTS(request_rows, sql)

bool
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
	int v;

	r->number = q_col_i64(q, 0);
	q_col_str(q, 1, r->account, sizeof r->account);
	q_col_str(q, 2, word, sizeof word);
	v = word_parse(&request_state_words, word);
	r->state = v < 0 ? REQUEST_AWAITING : (enum request_state)v;
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

static struct query *
rows_query(const struct seat *s, int which, const struct wish *w,
    int64_t limit)
{
	struct query *q = db_query(request_rows_prepared[which]);
	char pattern[PATTERN_SIZE];

	page_pattern(pattern, w->filter);
	q_i64(q, 1, s->account);
	q_str(q, 2, w->state);
	q_str(q, 3, pattern);
	q_i64(q, 4, w->before);
	q_i64(q, 5, limit);
	q_i64(q, 6, clock_now());
	q_i64(q, 7, w->since);
	q_i64(q, 8, w->until);
	return q;
}

/* Numbers have no gaps, so that the highest is the count of all. */
static int
rows_total(const struct seat *s, int which, const struct wish *w,
    int64_t *total, struct err *e)
{
	bool plain = which == Q_REQUESTS_ALL && w->filter[0] == '\0' &&
	    w->state[0] == '\0' && w->since == 0 && w->until == 0;
	struct query *q = plain ?
	    db_query(request_rows_prepared[Q_HIGHEST]) :
	    rows_query(s, Q_COUNT + which, w, 0);
	int r = q_next(q, e);

	if (r == 1)
		*total = q_col_i64(q, 0);
	q_end(q);
	return r < 0 ? -1 : 0;
}

int
request_rows(const struct seat *s, enum rows rows, const struct wish *w,
    struct request_page *page, struct err *e)
{
	int64_t limit = page_limit(w->limit);
	bool all = seat_reads_all(s);
	struct query *q = NULL;
	int which = rows == ROWS_QUEUE ? Q_QUEUE : rows == ROWS_REQUESTS ?
	    (all ? Q_REQUESTS_ALL : Q_REQUESTS_OWN) :
	    (all ? Q_CERTIFICATES_ALL : Q_CERTIFICATES_OWN);
	int r;

	if (rows_total(s, which, w, &page->total, e) < 0)
		return -1;
	q = rows_query(s, which, w, limit + 1);
	while ((r = q_next(q, e)) == 1) {
		if ((int64_t)page->n_rows == limit) {
			page->more = true;
			q_end(q);
			return 0;
		}
		row_fill(q, LIST_ADD(page, rows));
	}
	return r;
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
