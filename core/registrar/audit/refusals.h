/*
 * refusals.h - how many refused questions of one asker the audit log keeps: so
 * many a minute each with an entry, then one entry that says how many more,
 * and at last the seat is hung up (S11.1 without a way to fill the disk).
 */
#ifndef REGISTRAR_REFUSALS_H
#define REGISTRAR_REFUSALS_H

#include "core/wire/seat.h"

/* One more of this asker (an account, else where a guest or a gate's question
 * comes from).  True: it gets an entry of its own. */
bool refusal_counted(struct seat *s);
/* Write what was only counted: of minutes that are over, or of all. */
void refusals_sum(bool all);
void refusals_forget_for_test(void);

#endif
