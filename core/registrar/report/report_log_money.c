/* report_log_money.c - the ledger, fee terms and budgets as the log has them:
 * in the objects of entries, which no closing of an account erases. */
#include "core/registrar/report/report_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/money.h"
#include "core/registrar/report/cost.h"

static struct ledger_sum *
sum_of(struct ledger_sum **sums, size_t *n, const char *currency)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp((*sums)[i].currency, currency) == 0)
			return &(*sums)[i];
	*sums = list_grow(*sums, n, sizeof **sums);
	str_copy((*sums)[*n - 1].currency, sizeof (*sums)->currency,
	    currency);
	return &(*sums)[*n - 1];
}

static void
sum_add(struct ledger_sum *s, int kind, int64_t v)
{
	if (kind == LEDGER_INCOME)
		s->income += v;
	else if (kind == LEDGER_FIXED)
		s->fixed += v;
	else if (kind == LEDGER_PER_CERTIFICATE)
		s->per_certificate += v;
	else
		s->one_off += v;
	s->costs = s->fixed + s->per_certificate + s->one_off;
}

void
ledger_take(struct walk *w, const struct entry *n)
{
	long long number, amount;
	char kind[24], currency[4], day[16];
	int64_t date, year = year_begin(w->p->quarter / 4);
	int k;

	if (!n->done || strchr(n->action, '.') == NULL)
		return;
	if (sscanf(n->object, "%lld %23[a-z-] %lld %3[A-Z] %10[0-9-]",
	    &number, kind, &amount, currency, day) != 5 ||
	    (k = word_parse(&ledger_kind_words, kind)) < 0 ||
	    time_parse(day, &date) < 0) {
		w->erased++;
		return;
	}
	if (date >= w->p->until)
		return;
	if (k == LEDGER_INCOME)
		money_of(&w->money.balances, &w->money.n_balances,
		    currency)->amount += amount;
	else
		money_of(&w->money.balances, &w->money.n_balances,
		    currency)->amount -= amount;
	if (date >= year)
		sum_add(sum_of(&w->money.year, &w->money.n_year, currency),
		    k, amount);
	if (date < w->p->from)
		return;
	sum_add(sum_of(&w->money.sums, &w->money.n_sums, currency), k,
	    amount);
	figure_of(w->f, currency, "ledger.%06lld", number)->value = amount;
}

void
fee_take(struct walk *w, const struct entry *n)
{
	long long number, amount;
	char currency[4], day[16];
	struct fee_term *t = NULL;
	int64_t since;

	if (!entry_is(n, "cost.terms") || sscanf(n->object,
	    "%lld %lld %3[A-Z] %10[0-9-]", &number, &amount, currency, day) !=
	    4 || time_parse(day, &since) < 0)
		return;
	for (size_t i = 0; i < w->terms.n_rows && t == NULL; i++)
		if (w->terms.rows[i].since == since)
			t = &w->terms.rows[i];
	if (t == NULL)
		t = LIST_ADD(&w->terms, rows);
	t->since = since;
	t->amount = amount;
	str_copy(t->currency, sizeof t->currency, currency);
}

void
budget_take(struct walk *w, const struct entry *n)
{
	long long year, amount;
	char currency[4];
	struct budget *b = NULL;

	if (!entry_is(n, "budget.set") || sscanf(n->object, "%lld %lld %3[A-Z]",
	    &year, &amount, currency) != 3 || year != w->p->quarter / 4)
		return;
	for (size_t i = 0; i < w->budgets.n_rows && b == NULL; i++)
		if (strcmp(w->budgets.rows[i].currency, currency) == 0)
			b = &w->budgets.rows[i];
	if (b == NULL)
		b = LIST_ADD(&w->budgets, rows);
	b->amount = amount;
	str_copy(b->currency, sizeof b->currency, currency);
}

static int
by_since(const void *a, const void *b)
{
	int64_t x = ((const struct fee_term *)a)->since;
	int64_t y = ((const struct fee_term *)b)->since;

	return x < y ? -1 : x > y;
}

static void
fees_sum(struct walk *w)
{
	struct fee_term *t = w->terms.rows;
	size_t n = w->terms.n_rows;

	if (n > 1)
		qsort(t, n, sizeof *t, by_since);
	for (size_t i = 0; i < n; i++) {
		int64_t end = i + 1 < n ? t[i + 1].since : INT64_MAX, many = 0;

		if (t[i].since >= w->p->until || end <= w->p->from)
			continue;
		for (size_t k = 0; k < w->n_issued_at; k++)
			many += w->issued_at[k] >= t[i].since &&
			    w->issued_at[k] < end;
		money_of(&w->money.fees, &w->money.n_fees,
		    t[i].currency)->amount += many * t[i].amount;
	}
}

void
money_sum(struct walk *w)
{
	fees_sum(w);
	w->money.issued = w->issued;
	w->money.budgets = w->budgets.rows;
	w->money.n_budgets = w->budgets.n_rows;
	w->budgets = (struct budget_page){ 0 };
	for (size_t i = 0; i < w->money.n_budgets; i++)
		for (size_t k = 0; k < w->money.n_year; k++)
			if (strcmp(w->money.year[k].currency,
			    w->money.budgets[i].currency) == 0)
				w->money.budgets[i].spent =
				    w->money.year[k].costs;
	money_figures(&w->money, w->f);
}
