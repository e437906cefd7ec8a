/* progress.h - how far something long has come, in words and as a bar; the
 * criteria of a mass revocation. */
#ifndef CONSOLE_PROGRESS_H
#define CONSOLE_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "core/model/nouns.h"

/* "[########........] 5,000 of 10,000 (50 %), 812 a second, 6 s left"; from
 * `since` to `now`.  The bar is left out when `cols` is 0. */
void progress_bar(char *dst, size_t size, int cols, int64_t done,
    int64_t total, int64_t since, int64_t now);
/* The same with a bar of 20 columns. */
void progress_text(char *dst, size_t size, int64_t done, int64_t total,
    int64_t since, int64_t now);

/* "for example.org and below, of alice, issued before 2026-11-22 15:04:05Z" */
void plan_criteria_text(char *dst, size_t size,
    const struct revocation_criteria *c);

#endif
