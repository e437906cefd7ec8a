/* quarter.h - quarters of a year, by their number and their seconds. */
#ifndef REGISTRAR_QUARTER_H
#define REGISTRAR_QUARTER_H

#include <stdint.h>

#include "core/base/err.h"

#define QUARTER_SIZE 8

/* "2026Q3" or "2026-Q3" -> 4 * 2026 + 2; ERR_BAD_INPUT report-quarter. */
int quarter_parse(const char *text, int64_t *number, struct err *e);
void quarter_text(char dst[QUARTER_SIZE], int64_t number);
/* First second of it; that of the next one is its end. */
int64_t quarter_begin(int64_t number);
int64_t quarter_of(int64_t at);
/* First second of a year, and the year of a second. */
int64_t year_begin(int64_t year);
int64_t year_of(int64_t at);

#endif
