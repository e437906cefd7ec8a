/* view_costs.c - the ledger: lines, a new one, one taken back, and the page of
 * the forecast. */
#include <stdio.h>
#include <string.h>

#include "console/view_parts.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/money.h"

struct state {
	struct list list;		/* must stand first */
};

#define CELL(name) \
static enum look \
cell_cost_##name(const struct ui *ui, const void *data, char *dst, size_t size) \
{ \
	const struct ledger_row *row = data; \
	(void)ui;

CELL(nr)
	cell_number(dst, size, row->number);
	return LOOK_DIM;
}

CELL(date)
	char date[11];

	time_date(date, row->date);
	cell_text(dst, size, date);
	return LOOK_PLAIN;
}

CELL(kind)
	cell_text(dst, size, word_of(&ledger_kind_words, row->kind));
	return row->kind == LEDGER_INCOME ? LOOK_GOOD : LOOK_PLAIN;
}

CELL(amount)
	snprintf(dst, size, "%s %s", row->shown, row->currency);
	return row->reverses || row->reversed_by ? LOOK_DIM : LOOK_STRONG;
}

CELL(payee)
	cell_text(dst, size, row->payee);
	return LOOK_PLAIN;
}

CELL(text)
	char line[320];

	snprintf(line, sizeof line, "%s%s", row->reversed_by ?
	    "(taken back) " : "", row->text);
	cell_text(dst, size, line);
	return row->reversed_by ? LOOK_DIM : LOOK_PLAIN;
}

static const struct column columns[] = {
	{ "Nr", 5, 1, true, cell_cost_nr },
	{ "Date", 10, 0, false, cell_cost_date },
	{ "Kind", 15, 2, false, cell_cost_kind },
	{ "Amount", 15, 0, true, cell_cost_amount },
	{ "Payee or giver", 0, 0, false, cell_cost_payee },
	{ "Text", 24, 3, false, cell_cost_text },
};

static int
costs_open(struct ui *ui, void *state, const char *ref, struct err *e)
{
	struct state *st = state;

	(void)ref;
	list_init(&st->list, OP_cost_list, columns,
	    sizeof columns / sizeof columns[0], "Nothing was booked yet.");
	return list_load(ui, &st->list, e);
}

static bool
may_book(const struct ui *ui, const void *state)
{
	(void)state;
	return op_allows(OP_cost_add, ui_role(ui));
}

/* ---- a new line ---- */

enum { F_KIND, F_AMOUNT, F_CURRENCY, F_DATE, F_PAYEE, F_TEXT, F_EVIDENCE };

static int
new_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ledger_new n = { 0 };
	struct ledger_row r = { 0 };
	int kind = word_parse(&ledger_kind_words, form_word(f, F_KIND));
	const char *date = form_text(f, F_DATE);

	(void)state;
	n.kind = kind < 0 ? LEDGER_ONE_OFF : (enum ledger_kind)kind;
	if (!str_copy(n.amount, sizeof n.amount, form_text(f, F_AMOUNT)) ||
	    !str_copy(n.currency, sizeof n.currency,
	    form_text(f, F_CURRENCY)) ||
	    !str_copy(n.payee, sizeof n.payee, form_text(f, F_PAYEE)) ||
	    !str_copy(n.text, sizeof n.text, form_text(f, F_TEXT)) ||
	    !str_copy(n.evidence, sizeof n.evidence,
	    form_text(f, F_EVIDENCE)))
		return err_set(e, ERR_BAD_INPUT, "", "That is too long.");
	if (date[0] != '\0' && (time_parse(date, &n.date) < 0 || n.date <= 0))
		return err_set(e, ERR_BAD_INPUT, "",
		    "The date is a day, as 2026-11-22; empty: today.");
	if ((n.kind == LEDGER_INCOME ? ask_income_add : ask_cost_add)
	    (ui->line, &n, &r, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_GOOD, "Line %lld is booked: %s %s.",
	    (long long)r.number, r.shown, r.currency);
	return 0;
}

static void
new(struct ui *ui, void *state)
{
	static const struct choice kinds[] = {
		{ "one-off", "a cost, once" },
		{ "fixed", "a cost that comes again each year" },
		{ "per-certificate", "a cost that grows with what is issued" },
		{ "income", "sponsorship, a grant" },
	};
	struct dialog *d = ui_dialog(ui, "A line for the ledger", "Book it",
	    "Cancel", new_done);

	(void)state;
	form_choice(&d->form, "Kind", kinds, 4, 0);
	form_line(&d->form, "Amount", "12.50", 31);
	form_line(&d->form, "Currency", "EUR, USD", 3);
	form_line(&d->form, "Date", "2026-11-22; empty: today", 10);
	form_line(&d->form, "Payee", "or who gave", 127);
	form_line(&d->form, "Text", "", 255);
	form_line(&d->form, "Evidence", "where the invoice is kept", 255);
	ui_dialog_draft(ui, d, "cost");
}

/* ---- the line under the cursor ---- */

static bool
may_reverse(const struct ui *ui, const void *state)
{
	const struct ledger_row *r = NULL;

	if (!may_book(ui, state) || !list_view_any(ui, state))
		return false;
	r = list_row(state);
	return r->reverses == 0 && r->reversed_by == 0;
}

static int
reverse_done(struct ui *ui, void *state, struct form *f, struct err *e)
{
	struct ledger_new n = { 0 };
	struct ledger_row r = { 0 };

	(void)state;
	if (!number_parse(ui->dialog->subject, INT64_MAX, &n.reverses) ||
	    !str_copy(n.text, sizeof n.text, form_text(f, 0)))
		return err_set(e, ERR_BAD_INPUT, "", "That is too long.");
	if (ask_cost_reverse(ui->line, &n, &r, e) < 0)
		return -1;
	ui->changed = true;
	ui_say(ui, LOOK_WARN, "Line %lld takes line %lld back.",
	    (long long)r.number, (long long)r.reverses);
	return 0;
}

static void
reverse(struct ui *ui, void *state)
{
	const struct ledger_row *r = list_row(state);
	struct dialog *d = ui_dialog(ui, "Take the line back?", "Take it back",
	    "Cancel", reverse_done);

	snprintf(d->subject, sizeof d->subject, "%lld", (long long)r->number);
	pager_text(&d->text, LOOK_WARN,
	    "Line %lld, %s %s, %s: a new line of today takes it back. Both stay in the ledger.",
	    (long long)r->number, r->shown, r->currency, r->payee);
	form_line(&d->form, "Why", "", 255);
}

static void
enter(struct ui *ui, void *state)
{
	const struct ledger_row *r = list_row(state);
	struct dialog *d = ui_dialog(ui, "Line of the ledger", NULL, "OK",
	    NULL);
	char when[WHEN_SIZE], date[11];

	d->text.label_cols = 12;
	time_date(date, r->date);
	pager_field(&d->text, "amount", LOOK_STRONG, "%s %s", r->shown,
	    r->currency);
	pager_field(&d->text, "kind", LOOK_PLAIN, "%s",
	    word_of(&ledger_kind_words, r->kind));
	pager_field(&d->text, "date", LOOK_PLAIN, "%s", date);
	pager_field(&d->text, r->kind == LEDGER_INCOME ? "giver" : "payee",
	    LOOK_PLAIN, "%s", r->payee);
	pager_field(&d->text, "text", LOOK_PLAIN, "%s", r->text[0] ?
	    r->text : "none");
	pager_field(&d->text, "evidence", LOOK_PLAIN, "%s",
	    r->evidence[0] ? r->evidence : "none");
	time_both(when, r->added, clock_now());
	pager_field(&d->text, "booked", LOOK_DIM, "by %s, %s", r->by, when);
	if (r->reverses != 0)
		pager_field(&d->text, "takes back", LOOK_WARN, "line %lld",
		    (long long)r->reverses);
	if (r->reversed_by != 0)
		pager_field(&d->text, "taken back", LOOK_WARN,
		    "by line %lld", (long long)r->reversed_by);
}

/* ---- elsewhere ---- */

static void
forecast(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "forecast", "");
}

static void
report(struct ui *ui, void *state)
{
	(void)state;
	ui_open(ui, "report", "");
}

static void
cycle(struct ui *ui, void *state)
{
	static const char *const words[] = { "fixed", "per-certificate",
		"one-off", "income" };

	list_view_cycle(ui, state, words, 4);
}

static const struct key_row keys[] = {
	{ K_ENTER, "Enter", "open", NULL, enter, list_view_any, KEY_MOVES },
	{ 'n', "n", "book", "Book a cost or income", new, may_book,
	    "cost add, income add" },
	{ 'x', "x", "take back", "Take the marked line back by another",
	    reverse, may_reverse, "cost reverse" },
	{ 'o', "o", "forecast", "What a year costs, against what is expected",
	    forecast, NULL, ">forecast" },
	{ 'r', "r", "report", "The report of a quarter", report, NULL,
	    ">report" },
	{ 'f', "f", "by kind", "Show one kind only; again for the next",
	    cycle, NULL, KEY_MOVES },
	LIST_KEYS,
	{ 0 },
};

const struct view view_costs = {
	.name = "costs", .title = "Costs", .brief = "Costs",
	.shows = "cost list",
	.help = "The ledger, newest line first. A line is never changed: x takes it back by another. Amounts have as many digits behind the point as their currency.",
	.size = sizeof(struct state), .keys = keys,
	.open = costs_open, .draw = list_view_draw, .key = list_view_key,
	.changed = list_view_changed, .typing = list_view_typing,
	.where = list_view_where, .close = list_view_close,
};
