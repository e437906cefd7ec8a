/* cost_forecast.c - fee terms, budgets, and what a year will cost at several
 * sizes against what is expected (P2.2, P3.2). */
#include "core/registrar/report/cost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/money.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/report/quarter.h"

#define DAY 86400
#define YEAR (365 * DAY)
#define ROWS_MOST 1000

enum { Q_ISSUED, Q_TERM_ADD, Q_TERMS, Q_BUDGET_ADD, Q_BUDGETS, Q_CLOSED };

static const char *const sql[] = {
	[Q_ISSUED] = "SELECT count(*) FROM certificate"
	    " WHERE issued >= ?1 AND issued < ?2 AND state <> 'burnt'",
	[Q_TERM_ADD] = "INSERT INTO fee_term (since, amount, currency, text,"
	    " added, account) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	/* of one day the last counts */
	[Q_TERMS] = "SELECT f.number, f.since, f.amount, f.currency, f.text,"
	    " f.added, a.name FROM fee_term f"
	    " JOIN account a ON a.number = f.account WHERE NOT EXISTS"
	    " (SELECT 1 FROM fee_term g WHERE g.since = f.since"
	    "  AND g.number > f.number) ORDER BY f.since LIMIT ?1",
	[Q_BUDGET_ADD] = "INSERT INTO budget (year, amount, currency, added,"
	    " account) VALUES (?1, ?2, ?3, ?4, ?5)",
	[Q_BUDGETS] = "SELECT f.number, f.year, f.amount, f.currency, f.added,"
	    " a.name FROM budget f JOIN account a ON a.number = f.account"
	    " WHERE (?1 = 0 OR f.year = ?1) AND NOT EXISTS"
	    " (SELECT 1 FROM budget g WHERE g.year = f.year"
	    "  AND g.currency = f.currency AND g.number > f.number)"
	    " ORDER BY f.year DESC, f.currency LIMIT ?2",
	[Q_CLOSED] = "SELECT coalesce(max(quarter), 0) FROM report",
};
DB_STATEMENTS(cost_forecast, sql)

static int64_t
today(void)
{
	int64_t now = clock_now();

	return now - now % DAY;
}

int
issued_count(int64_t from, int64_t until, int64_t *n, struct err *e)
{
	struct query *q = db_query(cost_forecast_prepared[Q_ISSUED]);
	int have;

	q_i64(q, 1, from);
	q_i64(q, 2, until);
	if ((have = q_next(q, e)) == 1)
		*n = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* ---- fee terms ---- */

static int
terms_load(struct fee_term_page *r, struct err *e)
{
	struct query *q = db_query(cost_forecast_prepared[Q_TERMS]);
	int have;

	q_i64(q, 1, ROWS_MOST);
	while ((have = q_next(q, e)) == 1) {
		struct fee_term *t = LIST_ADD(r, rows);

		t->number = q_col_i64(q, 0);
		t->since = q_col_i64(q, 1);
		t->amount = q_col_i64(q, 2);
		q_col_str(q, 3, t->currency, sizeof t->currency);
		q_col_str(q, 4, t->text, sizeof t->text);
		t->added = q_col_i64(q, 5);
		q_col_str(q, 6, t->by, sizeof t->by);
		money_text(t->shown, t->amount, t->currency);
	}
	r->total = (int64_t)r->n_rows;
	return have;
}

int
fees_due(int64_t from, int64_t until, struct money **sums, size_t *n,
    struct err *e)
{
	struct fee_term_page p = { 0 };
	int r = terms_load(&p, e);

	for (size_t i = 0; r == 0 && i < p.n_rows; i++) {
		int64_t a = p.rows[i].since, issued = 0;
		int64_t b = i + 1 < p.n_rows ? p.rows[i + 1].since : INT64_MAX;
		struct money *m = NULL;

		a = a < from ? from : a;
		b = b > until ? until : b;
		if (a >= b)
			continue;
		r = issued_count(a, b, &issued, e);
		m = money_of(sums, n, p.rows[i].currency);
		m->amount += issued * p.rows[i].amount;
	}
	NOUN_CLEAR(fee_term_page, &p);
	return r;
}

/* The term that counts now; false: none. */
static bool
term_now(const struct fee_term_page *p, struct fee_term *t)
{
	bool have = false;

	for (size_t i = 0; i < p->n_rows && p->rows[i].since <= clock_now();
	    i++) {
		*t = p->rows[i];
		have = true;
	}
	return have;
}

/* What was reported stays as it was. */
static int
since_check(int64_t since, struct err *e)
{
	struct query *q = db_query(cost_forecast_prepared[Q_CLOSED]);
	int64_t closed = 0;

	if (q_next(q, e) == 1)
		closed = q_col_i64(q, 0);
	q_end(q);
	if (since % DAY != 0 || since < year_begin(2000) ||
	    quarter_of(since) <= closed)
		return err_set(e, ERR_BAD_INPUT, "cost-terms",
		    "terms begin on a day that no submitted report covers; today will do");
	return 0;
}

int
serve_fee_term_add(struct seat *s, const struct fee_term_new *a,
    struct fee_term_page *r, struct err *e)
{
	int64_t amount = 0, since = a->since ? a->since : today();
	char object[96], day[TIME_TEXT_SIZE];
	struct query *q = NULL;

	if (money_parse(a->amount, a->currency, true, &amount, e) < 0)
		return -1;
	if (since_check(since, e) < 0)
		return -1;
	if (!utf8_valid(a->text, strlen(a->text)))
		return err_set(e, ERR_BAD_INPUT, "cost-text",
		    "the text is UTF-8");
	q = db_query(cost_forecast_prepared[Q_TERM_ADD]);
	q_i64(q, 1, since);
	q_i64(q, 2, amount);
	q_str(q, 3, a->currency);
	q_str(q, 4, a->text);
	q_i64(q, 5, clock_now());
	q_i64(q, 6, s->account);
	if (q_run(q, e) < 0)
		return -1;
	time_text(day, since);
	day[10] = '\0';
	snprintf(object, sizeof object, "%lld %lld %s %s",
	    (long long)db_last_number(), (long long)amount, a->currency, day);
	change_push("cost", 0, 0, "");
	return audit_add(s, "cost.terms", "fee", object, OUTCOME_DONE, e,
	    "%s", a->text) < 0 ? -1 : terms_load(r, e);
}

int
serve_fee_term_list(struct seat *s, const struct none *a,
    struct fee_term_page *r, struct err *e)
{
	(void)s, (void)a;
	return terms_load(r, e);
}

/* ---- budgets ---- */

static int
budgets_load(int64_t year, struct budget **rows, size_t *n, struct err *e)
{
	struct query *q = db_query(cost_forecast_prepared[Q_BUDGETS]);
	int have;

	q_i64(q, 1, year);
	q_i64(q, 2, ROWS_MOST);
	while ((have = q_next(q, e)) == 1) {
		struct budget *b = NULL;

		*rows = list_grow(*rows, n, sizeof **rows);
		b = &(*rows)[*n - 1];
		b->number = q_col_i64(q, 0);
		b->year = q_col_i64(q, 1);
		b->amount = q_col_i64(q, 2);
		q_col_str(q, 3, b->currency, sizeof b->currency);
		b->added = q_col_i64(q, 4);
		q_col_str(q, 5, b->by, sizeof b->by);
		money_text(b->shown, b->amount, b->currency);
	}
	return have;
}

static int64_t
costs_in(const struct ledger_sum *sums, size_t n, const char *currency)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(sums[i].currency, currency) == 0)
			return sums[i].costs;
	return 0;
}

int
budgets_of(int64_t year, struct budget **rows, size_t *n, struct err *e)
{
	int r = budgets_load(year, rows, n, e);

	for (size_t i = 0; r == 0 && i < *n; i++) {
		struct ledger_sum *sums = NULL;
		size_t n_sums = 0;

		r = ledger_sums(year_begin((*rows)[i].year),
		    year_begin((*rows)[i].year + 1), &sums, &n_sums, e);
		(*rows)[i].spent = costs_in(sums, n_sums,
		    (*rows)[i].currency);
		free(sums);
	}
	return r;
}

int
budget_watch(struct err *e)
{
	int64_t year = year_of(clock_now());
	struct budget *rows = NULL;
	size_t n = 0;
	int r = budgets_of(year, &rows, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		char object[32], spent[MONEY_SIZE];

		snprintf(object, sizeof object, "%lld %s", (long long)year,
		    rows[i].currency);
		money_text(spent, rows[i].spent, rows[i].currency);
		r = rows[i].spent > rows[i].amount ?
		    alarm_raise(ALARM_BUDGET, object, e,
		    "%s %s are spent in %lld, the budget is %s; `forecast` shows where it goes, `budget` sets another",
		    spent, rows[i].currency, (long long)year, rows[i].shown) :
		    alarm_clear(ALARM_BUDGET, object, e);
	}
	free(rows);
	return r;
}

static void
budget_tick(void)
{
	struct err e = { 0 };

	if (budget_watch(&e) < 0)
		log_warn("budget: %s", e.text);
}
LOOP_TIMER(budget, 3600, budget_tick)

int
serve_budget_list(struct seat *s, const struct none *a,
    struct budget_page *r, struct err *e)
{
	(void)s, (void)a;
	if (budgets_of(0, &r->rows, &r->n_rows, e) < 0)
		return -1;
	r->total = (int64_t)r->n_rows;
	return 0;
}

int
serve_budget_set(struct seat *s, const struct budget_new *a,
    struct budget_page *r, struct err *e)
{
	const struct none none = { 0 };
	char object[96];
	int64_t amount = 0;
	struct query *q = NULL;

	if (money_parse(a->amount, a->currency, true, &amount, e) < 0)
		return -1;
	if (a->year < year_of(clock_now()) ||
	    a->year > year_of(clock_now()) + 10)
		return err_set(e, ERR_BAD_INPUT, "budget-year",
		    "a budget is for this year or one to come, not for %lld",
		    (long long)a->year);
	q = db_query(cost_forecast_prepared[Q_BUDGET_ADD]);
	q_i64(q, 1, a->year);
	q_i64(q, 2, amount);
	q_str(q, 3, a->currency);
	q_i64(q, 4, clock_now());
	q_i64(q, 5, s->account);
	if (q_run(q, e) < 0)
		return -1;
	snprintf(object, sizeof object, "%lld %lld %s", (long long)a->year,
	    (long long)amount, a->currency);
	change_push("cost", 0, 0, "");
	return audit_add(s, "budget.set", "budget", object, OUTCOME_DONE, e,
	    "%s", "") < 0 || budget_watch(e) < 0 ? -1 :
	    serve_budget_list(s, &none, r, e);
}

/* ---- the forecast ---- */

static void
row_fill(const struct forecast *f, struct forecast_row *row, int64_t many)
{
	row->certificates = many;
	row->total = f->fixed + many * f->unit;
	row->unit = money_share(row->total, many);
	money_text(row->total_shown, row->total, f->currency);
	money_text(row->unit_shown, row->unit, f->currency);
	row->over = row->unit > f->expected;
	row->over_budget = f->budget > 0 && row->total > f->budget;
}

/* What a certificate costs: the terms of the upstream; without them, what was
 * booked in a year for each that was issued. */
static int
unit_fill(struct forecast *r, const struct ledger_sum *sums, size_t n,
    struct err *e)
{
	struct fee_term_page p = { 0 };
	struct fee_term t = { 0 };
	int done = terms_load(&p, e);

	for (size_t i = 0; i < n; i++)
		if (strcmp(sums[i].currency, r->currency) == 0) {
			r->fixed = sums[i].fixed;
			r->unit = money_share(sums[i].per_certificate,
			    r->issued);
		}
	if (done == 0 && term_now(&p, &t) &&
	    strcmp(t.currency, r->currency) == 0) {
		r->unit = t.amount;
		r->by_term = true;
	}
	NOUN_CLEAR(fee_term_page, &p);
	return done;
}

static int
budget_fill(struct forecast *r, struct err *e)
{
	int64_t year = year_of(clock_now());
	struct ledger_sum *sums = NULL;
	struct budget *rows = NULL;
	size_t n = 0, n_sums = 0;
	int done = budgets_of(year, &rows, &n, e);

	for (size_t i = 0; done == 0 && i < n; i++)
		if (strcmp(rows[i].currency, r->currency) == 0)
			r->budget = rows[i].amount;
	if (done == 0 && ledger_sums(year_begin(year), year_begin(year + 1),
	    &sums, &n_sums, e) < 0)
		done = -1;
	r->spent = costs_in(sums, n_sums, r->currency);
	free(sums);
	free(rows);
	return done < 0 ? -1 : balances_at(INT64_MAX, &r->balances,
	    &r->n_balances, e);
}

static void
words_fill(struct forecast *r)
{
	char expected[MONEY_SIZE];
	size_t over = 0;

	money_text(expected, r->expected, r->currency);
	for (size_t i = 0; i < r->n_rows; i++)
		over += r->rows[i].over;
	if (r->budget > 0 && r->spent > r->budget)
		str_copy(r->text, sizeof r->text,
		    "More is spent this year than the budget allows.");
	else if (r->fixed == 0 && r->unit == 0)
		snprintf(r->text, sizeof r->text,
		    "Nothing was booked in %s in the last 365 days, so there is nothing to go by.",
		    r->currency);
	else if (over == 0)
		snprintf(r->text, sizeof r->text,
		    "At each of these sizes a certificate costs no more than the expected %s %s.",
		    expected, r->currency);
	else
		snprintf(r->text, sizeof r->text,
		    "At %zu of %zu sizes a certificate costs more than the expected %s %s.",
		    over, r->n_rows, expected, r->currency);
}

int
serve_cost_forecast(struct seat *s, const struct none *a, struct forecast *r,
    struct err *e)
{
	static const int64_t sizes[] = { 500, 5000, 10000 };
	int64_t until = clock_now() + 1;
	struct ledger_sum *sums = NULL;
	size_t n = 0;
	int done;

	(void)s, (void)a;
	if (!str_copy(r->currency, sizeof r->currency, conf.costs_currency) ||
	    money_parse(conf.costs_expected, r->currency, true, &r->expected,
	    e) < 0)
		return err_set(e, ERR_BROKEN, "costs",
		    "[costs] currency and expected of xmpp-ica.conf are no sum of money: %.40s %.8s",
		    conf.costs_expected, conf.costs_currency);
	if (issued_count(until - YEAR, until, &r->issued, e) < 0)
		return -1;
	done = ledger_sums(until - YEAR, until, &sums, &n, e) < 0 ||
	    unit_fill(r, sums, n, e) < 0 ? -1 : budget_fill(r, e);
	free(sums);
	if (done < 0)
		return -1;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		row_fill(r, LIST_ADD(r, rows), sizes[i]);
	for (size_t i = 0; i < r->n_balances; i++)
		if (strcmp(r->balances[i].currency, r->currency) == 0)
			r->balance = r->balances[i].amount;
	words_fill(r);
	return 0;
}
