/* cost.c - the ledger: lines are added and taken back by others, never
 * changed (P2.1, P2.3). */
#include "core/registrar/report/cost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/money.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/page.h"
#include "core/registrar/report/quarter.h"

#define DAY 86400
#define NOUN_OF(kind) ((kind) == LEDGER_INCOME ? "income" : "cost")

enum { Q_ADD, Q_GET, Q_LIST, Q_COUNT, Q_PERIOD, Q_SUMS, Q_CLOSED };

#define ROW \
	"SELECT l.number, l.kind, l.date, l.amount, l.currency, l.payee," \
	" l.text, l.evidence, coalesce(l.reverses, 0)," \
	" coalesce((SELECT b.number FROM ledger b" \
	"  WHERE b.reverses = l.number), 0), l.added, a.name" \
	" FROM ledger l JOIN account a ON a.number = l.account "
#define WANTED "l.date >= ?5 AND l.date < ?6 AND (?2 = '' OR l.kind = ?2)" \
	" AND (?3 = '' OR l.payee LIKE ?3 ESCAPE '!'" \
	" OR l.text LIKE ?3 ESCAPE '!' OR l.evidence LIKE ?3 ESCAPE '!'" \
	" OR l.currency LIKE ?3 ESCAPE '!')"

static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO ledger (kind, date, amount, currency, payee,"
	    " text, evidence, reverses, added, account)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0), ?9, ?10)",
	[Q_GET] = ROW "WHERE l.number = ?1",
	[Q_LIST] = ROW "WHERE " WANTED " AND l.number < ?1"
	    " ORDER BY l.number DESC LIMIT ?4",
	[Q_COUNT] = PAGE_COUNT("FROM ledger l WHERE " WANTED),
	[Q_PERIOD] = ROW "WHERE l.date >= ?1 AND l.date < ?2"
	    " ORDER BY l.date, l.number LIMIT ?3",
	[Q_SUMS] = "SELECT currency, kind, sum(amount) FROM ledger"
	    " WHERE date >= ?1 AND date < ?2 GROUP BY currency, kind"
	    " ORDER BY currency",
	[Q_CLOSED] = "SELECT coalesce(max(quarter), 0) FROM report",
};
DB_STATEMENTS(cost, sql)

/* ---- rows ---- */

static void
row_take(struct query *q, struct ledger_row *r)
{
	r->number = q_col_i64(q, 0);
	r->kind = q_col_word(q, 1, &ledger_kind_words, LEDGER_ONE_OFF);
	r->date = q_col_i64(q, 2);
	r->amount = q_col_i64(q, 3);
	q_col_str(q, 4, r->currency, sizeof r->currency);
	q_col_str(q, 5, r->payee, sizeof r->payee);
	q_col_str(q, 6, r->text, sizeof r->text);
	q_col_str(q, 7, r->evidence, sizeof r->evidence);
	r->reverses = q_col_i64(q, 8);
	r->reversed_by = q_col_i64(q, 9);
	r->added = q_col_i64(q, 10);
	q_col_str(q, 11, r->by, sizeof r->by);
	money_text(r->shown, r->amount, r->currency);
}

static int
row_load(int64_t number, struct ledger_row *r, struct err *e)
{
	struct query *q = db_query(cost_prepared[Q_GET]);
	int have;

	q_i64(q, 1, number);
	if ((have = q_next(q, e)) == 1)
		row_take(q, r);
	q_end(q);
	return have == 1 ? 0 : have < 0 ? -1 : err_set(e, ERR_NOT_FOUND,
	    "cost", "the ledger has no line %lld; `cost list` shows them",
	    (long long)number);
}

int
ledger_rows(int64_t from, int64_t until, int64_t most,
    struct ledger_row **rows, size_t *n, struct err *e)
{
	struct query *q = db_query(cost_prepared[Q_PERIOD]);
	int have;

	q_i64(q, 1, from);
	q_i64(q, 2, until);
	q_i64(q, 3, most);
	while ((have = q_next(q, e)) == 1) {
		*rows = list_grow(*rows, n, sizeof **rows);
		row_take(q, &(*rows)[*n - 1]);
	}
	return have;
}

/* ---- sums ---- */

struct money *
money_of(struct money **list, size_t *n, const char *currency)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp((*list)[i].currency, currency) == 0)
			return &(*list)[i];
	*list = list_grow(*list, n, sizeof **list);
	str_copy((*list)[*n - 1].currency, sizeof (*list)->currency,
	    currency);
	return &(*list)[*n - 1];
}

static struct ledger_sum *
sum_of(struct ledger_sum **sums, size_t *n, const char *currency)
{
	if (*n > 0 && strcmp((*sums)[*n - 1].currency, currency) == 0)
		return &(*sums)[*n - 1];
	*sums = list_grow(*sums, n, sizeof **sums);
	str_copy((*sums)[*n - 1].currency, sizeof (*sums)->currency,
	    currency);
	return &(*sums)[*n - 1];
}

int
ledger_sums(int64_t from, int64_t until, struct ledger_sum **sums, size_t *n,
    struct err *e)
{
	struct query *q = db_query(cost_prepared[Q_SUMS]);
	int have;

	q_i64(q, 1, from);
	q_i64(q, 2, until);
	while ((have = q_next(q, e)) == 1) {
		char currency[4], word[24];
		int64_t v = q_col_i64(q, 2);
		struct ledger_sum *s = NULL;

		q_col_str(q, 0, currency, sizeof currency);
		q_col_str(q, 1, word, sizeof word);
		s = sum_of(sums, n, currency);
		switch (word_parse(&ledger_kind_words, word)) {
		case LEDGER_FIXED: s->fixed += v; break;
		case LEDGER_PER_CERTIFICATE: s->per_certificate += v; break;
		case LEDGER_ONE_OFF: s->one_off += v; break;
		default: s->income += v; break;
		}
		s->costs = s->fixed + s->per_certificate + s->one_off;
	}
	return have;
}

int
balances_at(int64_t until, struct money **list, size_t *n, struct err *e)
{
	struct ledger_sum *sums = NULL;
	size_t n_sums = 0;
	int r = ledger_sums(0, until, &sums, &n_sums, e);

	for (size_t i = 0; r == 0 && i < n_sums; i++) {
		struct money *m = money_of(list, n, sums[i].currency);

		m->amount = sums[i].income - sums[i].costs;
		money_text(m->shown, m->amount, m->currency);
	}
	free(sums);
	return r;
}

/* ---- adding ---- */

/* Nothing is dated into what the Board has in hand, nor before it. */
static int
date_check(const struct ledger_new *a, int64_t *date, struct err *e)
{
	int64_t now = clock_now(), today = now - now % DAY, closed = 0;
	struct query *q = NULL;
	char day[TIME_TEXT_SIZE], quarter[QUARTER_SIZE];

	*date = a->date == 0 ? today : a->date;
	time_text(day, *date);
	if (*date % DAY != 0 || *date < 0)
		return err_set(e, ERR_BAD_INPUT, "cost-date",
		    "%s is no day; a line has a day, as 2026-11-22", day);
	day[10] = '\0';
	if (*date > today)
		return err_set(e, ERR_BAD_INPUT, "cost-date",
		    "%s lies in the future; book it when it has come", day);
	if (year_of(*date) < 2000)
		return err_set(e, ERR_BAD_INPUT, "cost-date",
		    "%s is too long ago; was the year mistyped?", day);
	q = db_query(cost_prepared[Q_CLOSED]);
	if (q_next(q, e) == 1)
		closed = q_col_i64(q, 0);
	q_end(q);
	if (closed == 0 || quarter_of(*date) > closed)
		return 0;
	quarter_text(quarter, closed);
	return err_set(e, ERR_REFUSED, "cost-closed",
	    "%s lies in or before %s, whose report was submitted; date it now (leave out --date) and say in its text when it was",
	    day, quarter);
}

static int
texts_check(const struct ledger_new *a, struct err *e)
{
	if (a->payee[strspn(a->payee, " \t")] == '\0')
		return err_set(e, ERR_BAD_INPUT, "cost-payee",
		    "a line says who was paid, or who gave: --payee NAME");
	if (!utf8_valid(a->payee, strlen(a->payee)) ||
	    !utf8_valid(a->text, strlen(a->text)) ||
	    !utf8_valid(a->evidence, strlen(a->evidence)))
		return err_set(e, ERR_BAD_INPUT, "cost-text",
		    "payee, text and evidence are UTF-8");
	return 0;
}

/* The object holds what a report's figures are made of, so that they can be
 * made again from the log alone, also when the opening of the entry is erased:
 * "NUMBER KIND AMOUNT CURRENCY DAY". */
static int
row_add(const struct seat *s, const char *action, const struct ledger_row *n,
    int64_t *number, struct err *e)
{
	char object[96], day[TIME_TEXT_SIZE], reverses[40] = "";
	struct query *q = db_query(cost_prepared[Q_ADD]);

	q_str(q, 1, word_of(&ledger_kind_words, n->kind));
	q_i64(q, 2, n->date);
	q_i64(q, 3, n->amount);
	q_str(q, 4, n->currency);
	q_str(q, 5, n->payee);
	q_str(q, 6, n->text);
	q_str(q, 7, n->evidence);
	q_i64(q, 8, n->reverses);
	q_i64(q, 9, clock_now());
	q_i64(q, 10, s->account);
	if (q_run(q, e) < 0)
		return -1;
	*number = db_last_number();
	time_text(day, n->date);
	day[10] = '\0';
	snprintf(object, sizeof object, "%lld %s %lld %s %s",
	    (long long)*number, word_of(&ledger_kind_words, n->kind),
	    (long long)n->amount, n->currency, day);
	if (n->reverses != 0)
		snprintf(reverses, sizeof reverses, ", takes back line %lld",
		    (long long)n->reverses);
	change_push("cost", 0, 0, "");
	return audit_add(s, action, NOUN_OF(n->kind), object, OUTCOME_DONE, e,
	    "%s: %s; evidence: %s%s", n->payee, n->text, n->evidence[0] ?
	    n->evidence : "none", reverses);
}

static int
line_add(struct seat *s, const char *action, const struct ledger_row *n,
    struct ledger_row *r, struct err *e)
{
	int64_t number = 0;

	if (row_add(s, action, n, &number, e) < 0)
		return -1;
	return row_load(number, r, e) < 0 ? -1 : budget_watch(e);
}

static int
line_new(struct seat *s, const struct ledger_new *a, const char *action,
    struct ledger_row *r, struct err *e)
{
	struct ledger_row n = { .kind = a->kind };

	if (money_parse(a->amount, a->currency, false, &n.amount, e) < 0 ||
	    date_check(a, &n.date, e) < 0 || texts_check(a, e) < 0)
		return -1;
	str_copy(n.currency, sizeof n.currency, a->currency);
	str_copy(n.payee, sizeof n.payee, a->payee);
	str_copy(n.text, sizeof n.text, a->text);
	str_copy(n.evidence, sizeof n.evidence, a->evidence);
	return line_add(s, action, &n, r, e);
}

int
serve_cost_add(struct seat *s, const struct ledger_new *a,
    struct ledger_row *r, struct err *e)
{
	if (a->kind == LEDGER_INCOME)
		return err_set(e, ERR_BAD_INPUT, "cost-kind",
		    "income is no cost; `income add` books it");
	return line_new(s, a, "cost.add", r, e);
}

int
serve_income_add(struct seat *s, const struct ledger_new *a,
    struct ledger_row *r, struct err *e)
{
	struct ledger_new n = *a;

	n.kind = LEDGER_INCOME;
	return line_new(s, &n, "income.add", r, e);
}

int
serve_cost_reverse(struct seat *s, const struct ledger_new *a,
    struct ledger_row *r, struct err *e)
{
	struct ledger_row n = { 0 };
	int64_t booked;

	if (row_load(a->reverses, &n, e) < 0)
		return -1;
	booked = n.date;
	if (n.reverses != 0)
		return err_set(e, ERR_REFUSED, "cost-reversal",
		    "line %lld takes line %lld back; what was right after all is booked anew",
		    (long long)n.number, (long long)n.reverses);
	if (n.reversed_by != 0)
		return err_set(e, ERR_CONFLICT, "cost-reversed",
		    "line %lld is taken back already, by line %lld",
		    (long long)n.number, (long long)n.reversed_by);
	if (date_check(a, &n.date, e) < 0 || (a->text[0] != '\0' &&
	    !utf8_valid(a->text, strlen(a->text))))
		return e->kind != ERR_NONE ? -1 : err_set(e, ERR_BAD_INPUT,
		    "cost-text", "the text is UTF-8");
	if (n.date < booked)
		return err_set(e, ERR_BAD_INPUT, "cost-date",
		    "line %lld is of a later day than that; nothing is taken back before it was booked",
		    (long long)n.number);
	n.reverses = n.number;
	n.amount = -n.amount;
	if (a->text[0] != '\0')
		str_copy(n.text, sizeof n.text, a->text);
	else
		snprintf(n.text, sizeof n.text, "takes line %lld back",
		    (long long)n.reverses);
	return line_add(s, "cost.reverse", &n, r, e);
}

/* ---- listing ---- */

static struct query *
wish_query(int which, const struct wish *a)
{
	struct query *q = db_query(cost_prepared[which]);

	page_bind(q, a);
	q_i64(q, 5, a->since);
	q_i64(q, 6, a->until > 0 ? a->until : INT64_MAX);
	return q;
}

static int
sums_fill(const struct wish *a, struct ledger_page *r, struct err *e)
{
	int64_t until = a->until > 0 ? a->until : INT64_MAX;

	if (ledger_sums(a->since, until, &r->sums, &r->n_sums, e) < 0 ||
	    issued_count(a->since, until, &r->issued, e) < 0)
		return -1;
	for (size_t i = 0; i < r->n_sums; i++)
		r->sums[i].unit = money_share(r->sums[i].costs, r->issued);
	return balances_at(INT64_MAX, &r->balances, &r->n_balances, e);
}

int
serve_cost_list(struct seat *s, const struct wish *a, struct ledger_page *r,
    struct err *e)
{
	struct query *q = NULL;
	int have;

	(void)s;
	if (a->state[0] != '\0' &&
	    word_parse(&ledger_kind_words, a->state) < 0)
		return err_set(e, ERR_BAD_INPUT, "state",
		    "lines are fixed, per-certificate, one-off or income, not %s",
		    a->state);
	if (page_total(wish_query(Q_COUNT, a), &r->total, e) < 0 ||
	    sums_fill(a, r, e) < 0)
		return -1;
	q = wish_query(Q_LIST, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}
