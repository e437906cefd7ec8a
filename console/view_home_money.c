/* view_home_money.c - the home view of finance and the director: this quarter's
 * ledger, the year's budget, the reports. */
#include "console/view_home.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/model/money.h"

#define BAR_COLS 10

/* Its first second, and its name. */
static int64_t
quarter_now(char name[32])
{
	time_t now = (time_t)clock_now();
	struct tm tm = { 0 };

	gmtime_r(&now, &tm);
	snprintf(name, 32, "%dQ%d", tm.tm_year + 1900, tm.tm_mon / 3 + 1);
	tm.tm_mon = tm.tm_mon / 3 * 3;
	tm.tm_mday = 1;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	return timegm(&tm);
}

static void
sum_add(struct pager *p, const struct ledger_sum *s, int64_t issued,
    const struct forecast *f)
{
	char costs[MONEY_SIZE], fixed[MONEY_SIZE], each[MONEY_SIZE];
	char once[MONEY_SIZE], income[MONEY_SIZE], unit[MONEY_SIZE];
	char most[MONEY_SIZE];
	bool same = strcmp(s->currency, f->currency) == 0;

	money_text(costs, s->costs, s->currency);
	money_text(fixed, s->fixed, s->currency);
	money_text(each, s->per_certificate, s->currency);
	money_text(once, s->one_off, s->currency);
	money_text(income, s->income, s->currency);
	money_text(unit, s->unit, s->currency);
	money_text(most, f->expected, f->currency);
	pager_field(p, "costs", LOOK_PLAIN,
	    "%s %s: fixed %s, per certificate %s, one-off %s", costs,
	    s->currency, fixed, each, once);
	pager_field(p, "income", LOOK_PLAIN, "%s %s", income, s->currency);
	if (issued > 0)
		pager_field(p, "each", same && s->unit > f->expected ?
		    LOOK_WARN : LOOK_PLAIN,
		    "%s %s, of %lld certificate%s issued%s%s", unit,
		    s->currency, (long long)issued, home_plural(issued),
		    same ? "; expected: at most " : "", same ? most : "");
}

static int
quarter_add(struct ui *ui, struct pager *p, const struct forecast *f,
    struct err *e)
{
	struct ledger_page page = { 0 };
	struct wish w = { .limit = 1 };
	char name[32];
	int r;

	w.since = quarter_now(name);
	r = ask_cost_list(ui->line, &w, &page, e);
	if (r == 0) {
		pager_head(p, "Money in %s, so far", name);
		for (size_t i = 0; i < page.n_sums; i++)
			sum_add(p, &page.sums[i], page.issued, f);
		if (page.n_sums == 0)
			pager_text(p, LOOK_DIM, "Nothing was booked yet.");
		for (size_t i = 0; i < f->n_balances; i++)
			pager_field(p, "balance", f->balances[i].amount < 0 ?
			    LOOK_BAD : LOOK_PLAIN, "%s %s, of all time",
			    f->balances[i].shown, f->balances[i].currency);
	}
	NOUN_CLEAR(ledger_page, &page);
	return r;
}

static void
year_add(struct pager *p, const struct forecast *f)
{
	char left[MONEY_SIZE], all[MONEY_SIZE], bar[BAR_COLS * 4 + 1] = "";
	int64_t percent = f->budget > 0 ? money_share(f->spent * 100,
	    f->budget) : 0;
	size_t used = 0;

	pager_head(p, "This year");
	for (int i = 0; i < BAR_COLS; i++)
		used += (size_t)snprintf(bar + used, sizeof bar - used, "%s",
		    sign(i < percent / BAR_COLS ? SIGN_FULL : SIGN_EMPTY));
	money_text(left, f->budget - f->spent, f->currency);
	money_text(all, f->budget, f->currency);
	if (f->budget > 0)
		pager_field(p, "budget", percent > 100 ? LOOK_BAD :
		    percent >= 80 ? LOOK_WARN : LOOK_PLAIN,
		    "%s  %lld %% of %s %s is spent, %s left", bar,
		    (long long)percent, all, f->currency, left);
	else
		pager_field(p, "budget", LOOK_DIM,
		    "none was set for this year");
	pager_field(p, "forecast", LOOK_PLAIN, "%s", f->text);
}

/* Of reports that are over only what is to be done. */
static int
reports_add(struct ui *ui, struct pager *p, struct err *e)
{
	struct wish w = { .limit = 4 };
	struct report_page page = { 0 };
	char due[WHEN_SIZE];
	int r = ask_report_list(ui->line, &w, &page, e);

	if (r == 0)
		pager_head(p, "Reports");
	for (size_t i = 0; r == 0 && i < page.n_rows; i++) {
		const struct report_row *row = &page.rows[i];

		time_both(due, row->due, clock_now());
		pager_field(p, row->quarter, strcmp(row->state, "late") == 0 ?
		    LOOK_BAD : strcmp(row->state, "due") == 0 ? LOOK_WARN :
		    LOOK_PLAIN, "%s%s%s", row->state, row->submitted ? "" :
		    ", to be submitted by ", row->submitted ? "" : due);
	}
	NOUN_CLEAR(report_page, &page);
	return r;
}

void
home_money_add(struct ui *ui, struct pager *p)
{
	struct none none = { 0 };
	struct forecast f = { 0 };
	struct err e;
	bool money = ask_cost_forecast(ui->line, &none, &f, &e) == 0 &&
	    quarter_add(ui, p, &f, &e) == 0;

	if (!money) {
		pager_head(p, "Money");
		pager_field(p, "costs", LOOK_BAD, "%s", e.text);
	}
	if (reports_add(ui, p, &e) < 0)
		pager_field(p, "reports", LOOK_BAD, "%s", e.text);
	if (money)
		year_add(p, &f);
	NOUN_CLEAR(forecast, &f);
}
