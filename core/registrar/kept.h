/*
 * kept.h - small values with a name that outlive the process: rows of the
 * table `setting` (how far something has come, what was last seen).
 *
 * Names are ours, never from outside: "part.what", as in "clock.alive".
 * All of it runs in the caller's transaction; -1 with *e as q_next() has it.
 */
#ifndef REGISTRAR_KEPT_H
#define REGISTRAR_KEPT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/* 1 and the value in dst[size] (a longer one is fatal: we wrote it), 0 and ""
 * when there is none, -1. */
int kept_text(const char *name, char *dst, size_t size, struct err *e);
/* The same for a number from 0 on; none, or not a number: 0 and 0. */
int kept_number(const char *name, int64_t *number, struct err *e);
/* In place of what was there. */
int kept_text_set(const char *name, const char *value, struct err *e);
int kept_number_set(const char *name, int64_t number, struct err *e);

#endif
