/* view_forecast.c - what a year costs at several sizes, terms and budgets. */
#include <stdio.h>
#include <string.h>

#include "console/report_show.h"
#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/money.h"

struct state {
	struct pager page;		/* must stand first */
};

static void
sum_field(struct pager *p, const char *label, enum look look, int64_t v,
    const struct forecast *f)
{
	char shown[MONEY_SIZE];

	money_text(shown, v, f->currency);
	pager_field(p, label, look, "%s %s", shown, f->currency);
}

static void
rows_add(struct pager *p, const struct forecast *f)
{
	pager_head(p, "Certificates in a year");
	for (size_t i = 0; i < f->n_rows; i++) {
		const struct forecast_row *r = &f->rows[i];
		char label[24];

		snprintf(label, sizeof label, "%lld",
		    (long long)r->certificates);
		pager_field(p, label, r->over || r->over_budget ? LOOK_BAD :
		    LOOK_GOOD, "%s %s, each %s%s%s", r->total_shown,
		    f->currency, r->unit_shown, r->over ?
		    "; more than expected" : "", r->over_budget ?
		    "; more than the budget" : "");
	}
}

static int
forecast_fill(struct ui *ui, struct state *st, struct err *e)
{
	struct none none = { 0 };
	struct forecast f = { 0 };
	struct fee_term_page terms = { 0 };
	struct pager *p = &st->page;
	char date[11];

	if (ask_cost_forecast(ui->line, &none, &f, e) < 0 ||
	    ask_fee_term_list(ui->line, &none, &terms, e) < 0)
		goto out;
	pager_again(p);
	p->label_cols = 18;
	pager_text(p, LOOK_STRONG, "%s", f.text);
	rows_add(p, &f);
	pager_head(p, "What it is made of");
	sum_field(p, "expected at most", LOOK_PLAIN, f.expected, &f);
	sum_field(p, "fixed, a year", LOOK_PLAIN, f.fixed, &f);
	sum_field(p, f.by_term ? "each, by terms" : "each, as booked",
	    LOOK_PLAIN, f.unit, &f);
	if (f.budget > 0)
		sum_field(p, "budget", LOOK_PLAIN, f.budget, &f);
	sum_field(p, "spent this year", f.budget > 0 && f.spent > f.budget ?
	    LOOK_BAD : LOOK_PLAIN, f.spent, &f);
	for (size_t i = 0; i < f.n_balances; i++)
		pager_field(p, "balance", f.balances[i].amount < 0 ?
		    LOOK_WARN : LOOK_PLAIN, "%s %s", f.balances[i].shown,
		    f.balances[i].currency);
	if (terms.n_rows > 0)
		pager_head(p, "Terms: each certificate, from a day on");
	for (size_t i = 0; i < terms.n_rows; i++) {
		time_date(date, terms.rows[i].since);
		pager_field(p, date, LOOK_PLAIN, "%s %s  %s",
		    terms.rows[i].shown, terms.rows[i].currency,
		    terms.rows[i].text);
	}
out:
	NOUN_CLEAR(forecast, &f);
	NOUN_CLEAR(fee_term_page, &terms);
	return e->kind == ERR_NONE ? 0 : -1;
}

static int
forecast_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	(void)ref;
	err_clear(e);
	return forecast_fill(ui, state, e);
}

static void
forecast_changed(struct ui *ui, void *state)
{
	struct err e = { 0 };

	if (forecast_fill(ui, state, &e) < 0)
		ui_error(ui, &e);
}

static void
forecast_close(void *state)
{
	pager_clear(&((struct state *)state)->page);
}

static bool
may_set(const struct ui *ui, const void *state)
{
	(void)state;
	return op_allows(OP_budget_set, ui_role(ui));
}

static int
budget_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct budget_new n = { 0 };
	struct budget_page r = { 0 };

	(void)state;
	if (!number_parse(form_text(f, 0), 9999, &n.year) ||
	    !str_copy(n.amount, sizeof n.amount, form_text(f, 1)) ||
	    !str_copy(n.currency, sizeof n.currency, form_text(f, 2)))
		return err_set(e, ERR_BAD_INPUT, "",
		    "A budget has a year, an amount and a currency.");
	if (ask_budget_set(ui->line, &n, &r, e) < 0)
		return -1;
	NOUN_CLEAR(budget_page, &r);
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "The budget of %lld is set.",
	    (long long)n.year);
	return 0;
}

static void
budget(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "The budget of a year", "Set it",
	    "Cancel", budget_done);

	(void)state;
	form_line(&d->form, "Year", "", 4);
	form_line(&d->form, "Amount", "1200.00", 31);
	form_line(&d->form, "Currency", "EUR, USD", 3);
	ui_dialog_draft(ui, d, "budget");
}

static int
terms_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct fee_term_new n = { 0 };
	struct fee_term_page r = { 0 };
	const char *since = form_text(f, 2);

	(void)state;
	if (!str_copy(n.amount, sizeof n.amount, form_text(f, 0)) ||
	    !str_copy(n.currency, sizeof n.currency, form_text(f, 1)) ||
	    !str_copy(n.text, sizeof n.text, form_text(f, 3)))
		return err_set(e, ERR_BAD_INPUT, "", "That is too long.");
	if (since[0] != '\0' && (time_parse(since, &n.since) < 0 ||
	    n.since <= 0))
		return err_set(e, ERR_BAD_INPUT, "",
		    "Terms begin on a day, as 2027-01-01; empty: today.");
	if (ask_fee_term_add(ui->line, &n, &r, e) < 0)
		return -1;
	NOUN_CLEAR(fee_term_page, &r);
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "The terms are kept.");
	return 0;
}

static void
terms(struct ui *ui, void *state)
{
	struct dialog *d = ui_dialog(ui, "What each certificate costs",
	    "Keep it", "Cancel", terms_done);

	(void)state;
	form_line(&d->form, "Amount", "0.40", 31);
	form_line(&d->form, "Currency", "EUR, USD", 3);
	form_line(&d->form, "From", "2027-01-01; empty: today", 10);
	form_line(&d->form, "Text", "", 255);
	ui_dialog_draft(ui, d, "terms");
}

static const struct key_row keys[] = {
	{ 'b', "b", "budget", "Set the budget of a year", budget, may_set,
	    "budget" },
	{ 't', "t", "terms", "What each certificate costs from a day on",
	    terms, may_set, "cost terms" },
	{ 0 },
};

const struct view view_forecast = {
	.name = "forecast", .title = "Forecast", .brief = "Forecast",
	.shows = "forecast, budget, cost terms",
	.help = "What a year costs at three sizes, by the fixed costs of the last 365 days and by the terms, held against what is expected for one certificate.",
	.size = sizeof(struct state), .keys = keys,
	.open = forecast_open, .draw = pager_view_draw,
	.key = pager_view_key, .changed = forecast_changed,
	.where = pager_view_where, .close = forecast_close,
};
