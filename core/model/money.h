/*
 * money.h - sums as integers in minor units of a currency (ISO 4217): read
 * strictly, shown with their point, never a float.
 */
#ifndef MODEL_MONEY_H
#define MODEL_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/* The largest amount that is taken, in minor units: a million of them still
 * add up within an int64_t. */
#define MONEY_MAX INT64_C(1000000000000)
#define MONEY_SIZE 32

/* Digits behind the point, 0 to 3; -1: no currency that we know. */
int currency_digits(const char *code);

/*
 * "12.50", "12", "0.05": digits, and behind a point exactly as many as the
 * currency has; no sign, blank, separator or leading zero; zero only when
 * may_be_zero.  ERR_BAD_INPUT with clause cost-currency, cost-amount,
 * cost-digits or cost-large.
 */
int money_parse(const char *text, const char *currency, bool may_be_zero,
    int64_t *minor, struct err *e);
/* "-12.50" */
void money_text(char dst[MONEY_SIZE], int64_t minor, const char *currency);
/* a / n, rounded to the nearest, half away from zero; 0 when n is 0. */
int64_t money_share(int64_t a, int64_t n);

#endif
