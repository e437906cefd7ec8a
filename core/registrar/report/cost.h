/*
 * cost.h - the ledger: costs and income, fee terms, budgets; and what a
 * report takes from it (P2.1 - P2.3, P3.2).
 */
#ifndef REGISTRAR_COST_H
#define REGISTRAR_COST_H

#include "core/registrar/registrar.h"

/* Sums by currency of what is dated from .. until, in order of the code. */
int ledger_sums(int64_t from, int64_t until, struct ledger_sum **sums,
    size_t *n, struct err *e);
/* Every line of that time, oldest first; at most `most`. */
int ledger_rows(int64_t from, int64_t until, int64_t most,
    struct ledger_row **rows, size_t *n, struct err *e);
/* Certificates issued from .. until. */
int issued_count(int64_t from, int64_t until, int64_t *n, struct err *e);
/* Fees that the terms give for the certificates of that time. */
int fees_due(int64_t from, int64_t until, struct money **sums, size_t *n,
    struct err *e);
/* Budgets of a year as they count now. */
int budgets_of(int64_t year, struct budget **rows, size_t *n, struct err *e);
/* Income less costs up to that time. */
int balances_at(int64_t until, struct money **sums, size_t *n, struct err *e);

/* The item of that currency, made when there is none. */
struct money *money_of(struct money **list, size_t *n, const char *currency);

/* cost_forecast.c: raise or clear the budget's alarm (in the deed's
 * transaction). */
int budget_watch(struct err *e);

#endif
