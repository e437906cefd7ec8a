/* report_parts.c - figures by name, waits, sums of money: what both roads to
 * a report's figures share. */
#include "core/registrar/report/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/money.h"

void
figures_clear(struct figures *f)
{
	free(f->rows);
	*f = (struct figures){ 0 };
}

struct figure *
figure_of(struct figures *f, const char *unit, const char *fmt, ...)
{
	char name[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof name, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < f->n_rows; i++)
		if (strcmp(f->rows[i].name, name) == 0)
			return &f->rows[i];
	f->rows = list_grow(f->rows, &f->n_rows, sizeof *f->rows);
	str_copy(f->rows[f->n_rows - 1].name, sizeof f->rows->name, name);
	str_copy(f->rows[f->n_rows - 1].unit, sizeof f->rows->unit, unit);
	return &f->rows[f->n_rows - 1];
}

const struct figure *
figure_find(const struct figures *f, const char *name)
{
	for (size_t i = 0; i < f->n_rows; i++)
		if (strcmp(f->rows[i].name, name) == 0)
			return &f->rows[i];
	return NULL;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct figure *)a)->name,
	    ((const struct figure *)b)->name);
}

void
figures_sort(struct figures *f)
{
	if (f->n_rows > 1)
		qsort(f->rows, f->n_rows, sizeof *f->rows, by_name);
}

/* ---- waits ---- */

void
waits_add(struct waits *w, int64_t seconds)
{
	if (w->n == w->room) {
		w->room = w->room ? w->room * 2 : 1024;
		w->seconds = xrealloc_array(w->seconds,
		    w->room, sizeof *w->seconds);
	}
	w->seconds[w->n++] = seconds < 0 ? 0 : seconds;
}

static int
by_seconds(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

void
waits_figures(struct waits *w, struct figures *f, const char *name)
{
	if (w->n > 1)
		qsort(w->seconds, w->n, sizeof *w->seconds, by_seconds);
	figure_of(f, "", "%s.count", name)->value = (int64_t)w->n;
	/* nearest rank: the least that so many do not pass */
	figure_of(f, "s", "%s.p50", name)->value = w->n == 0 ? 0 :
	    w->seconds[(w->n * 50 + 99) / 100 - 1];
	figure_of(f, "s", "%s.p90", name)->value = w->n == 0 ? 0 :
	    w->seconds[(w->n * 90 + 99) / 100 - 1];
	free(w->seconds);
	*w = (struct waits){ 0 };
}

/* ---- money ---- */

void
money_figures(const struct money_facts *m, struct figures *f)
{
	for (size_t i = 0; i < m->n_sums; i++) {
		const struct ledger_sum *s = &m->sums[i];

		figure_of(f, s->currency, "cost.%s.fixed", s->currency)->value
		    = s->fixed;
		figure_of(f, s->currency, "cost.%s.per-certificate",
		    s->currency)->value = s->per_certificate;
		figure_of(f, s->currency, "cost.%s.one-off",
		    s->currency)->value = s->one_off;
		figure_of(f, s->currency, "cost.%s.total",
		    s->currency)->value = s->costs;
		figure_of(f, s->currency, "cost.%s.for-each-certificate",
		    s->currency)->value = money_share(s->costs, m->issued);
		figure_of(f, s->currency, "income.%s.total",
		    s->currency)->value = s->income;
	}
	for (size_t i = 0; i < m->n_year; i++)
		figure_of(f, m->year[i].currency, "cost.%s.year",
		    m->year[i].currency)->value = m->year[i].costs;
	for (size_t i = 0; i < m->n_balances; i++)
		figure_of(f, m->balances[i].currency, "balance.%s",
		    m->balances[i].currency)->value = m->balances[i].amount;
	for (size_t i = 0; i < m->n_fees; i++)
		figure_of(f, m->fees[i].currency, "fees.%s.by-terms",
		    m->fees[i].currency)->value = m->fees[i].amount;
	for (size_t i = 0; i < m->n_budgets; i++) {
		const struct budget *b = &m->budgets[i];

		figure_of(f, b->currency, "budget.%s.year",
		    b->currency)->value = b->amount;
		figure_of(f, b->currency, "budget.%s.left",
		    b->currency)->value = b->amount - b->spent;
	}
}

void
money_facts_clear(struct money_facts *m)
{
	free(m->sums);
	free(m->year);
	free(m->balances);
	free(m->fees);
	free(m->budgets);
	*m = (struct money_facts){ 0 };
}
