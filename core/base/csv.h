/*
 * csv.h - text as a cell of CSV that a spreadsheet never runs.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "core/base/buf.h"

/* In quotation marks, those inside doubled (RFC 4180).  Where the first
 * character would begin a formula (= + - @, a tab, CR or LF, or one of the
 * wide forms that spreadsheets take for these), an apostrophe stands before
 * it, as OWASP's "CSV Injection" says.  For text alone: a number is written as
 * a number, its minus is no formula. */
void csv_put_text(struct buf *b, const char *text, size_t size);

#endif
