/* command_cost.c - the ledger, fee terms, budgets and the forecast. */
#include <stdio.h>
#include <string.h>

#include "console/command.h"
#include "core/base/text.h"
#include "core/model/money.h"

static int
day_option(struct call *call, const char *name, int64_t *out)
{
	const char *v = call_option(call, name);

	if (v != NULL && (time_parse(v, out) < 0 || *out <= 0))
		return call_usage(call, "%s takes a day, as 2026-11-22", name);
	return 0;
}

static int
text_option(struct call *call, const char *name, char *dst, size_t size)
{
	const char *v = call_option(call, name);

	if (v != NULL && !str_copy(dst, size, v))
		return call_usage(call, "%s takes at most %zu bytes", name,
		    size - 1);
	return 0;
}

static int
line_fill(struct call *call, struct ledger_new *n)
{
	const char *kind = call_option(call, "--kind");
	int v = kind == NULL ? LEDGER_ONE_OFF :
	    word_parse(&ledger_kind_words, kind);

	if (v < 0)
		return call_usage(call, "--kind is fixed, per-certificate or one-off");
	n->kind = (enum ledger_kind)v;
	if (day_option(call, "--date", &n->date) < 0 ||
	    text_option(call, "--payee", n->payee, sizeof n->payee) < 0 ||
	    text_option(call, "--from", n->payee, sizeof n->payee) < 0 ||
	    text_option(call, "--text", n->text, sizeof n->text) < 0 ||
	    text_option(call, "--evidence", n->evidence,
	    sizeof n->evidence) < 0)
		return -1;
	return 0;
}

static int
line_print(struct call *call, const struct ledger_row *r)
{
	char day[TIME_TEXT_SIZE];

	if (call_json(call, r))
		return 0;
	time_text(day, r->date);
	out_line(&call->c->out, "%lld", (long long)r->number);
	say(&call->c->out, "Line %lld: %.10s, %s, %s %s, %s%s%s",
	    (long long)r->number, day, word_of(&ledger_kind_words, r->kind),
	    r->shown, r->currency, r->payee, r->text[0] ? ": " : "",
	    r->text);
	return 0;
}

static int
line_new(struct call *call, int (*ask)(struct line *l,
    const struct ledger_new *a, struct ledger_row *r, struct err *e))
{
	struct ledger_new n = { 0 };
	struct ledger_row r = { 0 };

	if (line_fill(call, &n) < 0 ||
	    call_ref(call, 0, n.amount, sizeof n.amount) < 0 ||
	    call_ref(call, 1, n.currency, sizeof n.currency) < 0 ||
	    ask(call->c->line, &n, &r, &call->err) < 0)
		return -1;
	return line_print(call, &r);
}

int
command_cost_add(struct call *call)
{
	return line_new(call, ask_cost_add);
}

int
command_income_add(struct call *call)
{
	return line_new(call, ask_income_add);
}

int
command_cost_reverse(struct call *call)
{
	struct ledger_new n = { 0 };
	struct ledger_row r = { 0 };

	if (line_fill(call, &n) < 0 ||
	    call_number(call, 0, &n.reverses) < 0 ||
	    ask_cost_reverse(call->c->line, &n, &r, &call->err) < 0)
		return -1;
	return line_print(call, &r);
}

/* ---- the list ---- */

static void
sums_print(struct output *o, const struct ledger_page *p)
{
	for (size_t i = 0; i < p->n_sums; i++) {
		const struct ledger_sum *s = &p->sums[i];
		char costs[MONEY_SIZE], income[MONEY_SIZE], unit[MONEY_SIZE];

		money_text(costs, s->costs, s->currency);
		money_text(income, s->income, s->currency);
		money_text(unit, s->unit, s->currency);
		say(o, "%s: costs %s, income %s%s%s", s->currency, costs,
		    income, p->issued > 0 ? "; for each certificate issued " :
		    "", p->issued > 0 ? unit : "");
	}
	for (size_t i = 0; i < p->n_balances; i++)
		say(o, "Balance of the subsidy, of all time: %s %s",
		    p->balances[i].shown, p->balances[i].currency);
}

int
command_cost_list(struct call *call)
{
	struct wish w = { 0 };
	struct ledger_page page = { 0 };
	struct table t;

	if (call_wish(call, &w) < 0 ||
	    day_option(call, "--from", &w.since) < 0 ||
	    day_option(call, "--to", &w.until) < 0)
		return -1;
	if (w.until > 0)
		w.until += 86400;	/* that day with it */
	if (ask_cost_list(call->c->line, &w, &page, &call->err) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 8, "LINE", "DATE", "KIND", "AMOUNT",
		    "CURRENCY", "PAYEE", "TEXT", "TAKEN BACK");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct ledger_row *r = &page.rows[i];
			char number[24], day[TIME_TEXT_SIZE], back[48] = "";

			snprintf(number, sizeof number, "%lld",
			    (long long)r->number);
			time_text(day, r->date);
			day[10] = '\0';
			if (r->reversed_by != 0)
				snprintf(back, sizeof back, "by line %lld",
				    (long long)r->reversed_by);
			table_add(&t, number, day, word_of(&ledger_kind_words,
			    r->kind), r->shown, r->currency, r->payee,
			    r->text, back);
		}
		table_print(&call->c->out, &t);
		if (page.n_rows > 0)
			call_more(call, page.more,
			    page.rows[page.n_rows - 1].number, page.total);
		sums_print(&call->c->out, &page);
	}
	NOUN_CLEAR(ledger_page, &page);
	return 0;
}

/* ---- terms, budgets, forecast ---- */

int
command_cost_terms(struct call *call)
{
	struct none none = { 0 };
	struct fee_term_new n = { 0 };
	struct fee_term_page page = { 0 };
	struct table t;
	bool add = call->n_args > 0;

	if (add && (call_may(call, OP_fee_term_add) < 0 ||
	    call_ref(call, 0, n.amount, sizeof n.amount) < 0 ||
	    call_ref(call, 1, n.currency, sizeof n.currency) < 0 ||
	    day_option(call, "--from", &n.since) < 0 ||
	    text_option(call, "--text", n.text, sizeof n.text) < 0))
		return -1;
	if ((add ? ask_fee_term_add(call->c->line, &n, &page, &call->err) :
	    ask_fee_term_list(call->c->line, &none, &page, &call->err)) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 4, "FROM", "FOR A CERTIFICATE", "CURRENCY",
		    "TEXT");
		for (size_t i = 0; i < page.n_rows; i++) {
			char day[TIME_TEXT_SIZE];

			time_text(day, page.rows[i].since);
			day[10] = '\0';
			table_add(&t, day, page.rows[i].shown,
			    page.rows[i].currency, page.rows[i].text);
		}
		table_print(&call->c->out, &t);
	}
	NOUN_CLEAR(fee_term_page, &page);
	return 0;
}

int
command_budget(struct call *call)
{
	struct none none = { 0 };
	struct budget_new n = { 0 };
	struct budget_page page = { 0 };
	struct table t;
	bool set = call->n_args > 0;

	if (set && (call_may(call, OP_budget_set) < 0 ||
	    call_number(call, 0, &n.year) < 0 ||
	    call_ref(call, 1, n.amount, sizeof n.amount) < 0 ||
	    call_ref(call, 2, n.currency, sizeof n.currency) < 0))
		return -1;
	if ((set ? ask_budget_set(call->c->line, &n, &page, &call->err) :
	    ask_budget_list(call->c->line, &none, &page, &call->err)) < 0)
		return -1;
	if (!call_json(call, &page)) {
		table_init(&t, 4, "YEAR", "BUDGET", "CURRENCY", "SPENT");
		for (size_t i = 0; i < page.n_rows; i++) {
			const struct budget *b = &page.rows[i];
			char year[24], spent[MONEY_SIZE];

			snprintf(year, sizeof year, "%lld",
			    (long long)b->year);
			money_text(spent, b->spent, b->currency);
			table_add(&t, year, b->shown, b->currency, spent);
		}
		table_print(&call->c->out, &t);
	}
	NOUN_CLEAR(budget_page, &page);
	return 0;
}

static void
forecast_print(struct output *o, const struct forecast *f)
{
	char v[MONEY_SIZE];
	struct table t;

	money_text(v, f->fixed, f->currency);
	out_fact(o, "Fixed, last 365 days", "%s %s", v, f->currency);
	money_text(v, f->unit, f->currency);
	out_fact(o, "Each certificate", "%s %s (%s)", v, f->currency,
	    f->by_term ? "by the terms" : "as booked in 365 days");
	money_text(v, f->expected, f->currency);
	out_fact(o, "Expected at most", "%s %s", v, f->currency);
	if (f->budget > 0) {
		money_text(v, f->budget, f->currency);
		out_fact(o, "Budget of this year", "%s %s", v, f->currency);
	}
	money_text(v, f->spent, f->currency);
	out_fact(o, "Spent this year", "%s %s", v, f->currency);
	for (size_t i = 0; i < f->n_balances; i++)
		out_fact(o, "Balance of the subsidy", "%s %s",
		    f->balances[i].shown, f->balances[i].currency);
	table_init(&t, 4, "CERTIFICATES A YEAR", "TOTAL", "EACH", "REMARK");
	for (size_t i = 0; i < f->n_rows; i++) {
		const struct forecast_row *r = &f->rows[i];
		char many[24], remark[80];

		snprintf(many, sizeof many, "%lld",
		    (long long)r->certificates);
		snprintf(remark, sizeof remark, "%s%s%s", r->over ?
		    "more than expected" : "within what is expected",
		    r->over_budget ? "; " : "", r->over_budget ?
		    "more than the budget" : "");
		table_add(&t, many, r->total_shown, r->unit_shown, remark);
	}
	table_print(o, &t);
	say(o, "%s", f->text);
}

int
command_forecast(struct call *call)
{
	struct none none = { 0 };
	struct forecast f = { 0 };

	if (ask_cost_forecast(call->c->line, &none, &f, &call->err) < 0)
		return -1;
	if (!call_json(call, &f))
		forecast_print(&call->c->out, &f);
	NOUN_CLEAR(forecast, &f);
	return 0;
}
