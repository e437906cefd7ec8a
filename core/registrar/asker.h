/* asker.h - may who asks ask this now?  For dispatch.c. */
#ifndef REGISTRAR_ASKER_H
#define REGISTRAR_ASKER_H

#include "core/wire/seat.h"

/* The account's role as it is now (suspended: a member's); -1: not this op, or
 * the seat has lost its ground and is to be hung up. */
int asker_check(struct seat *s, enum op op, enum role *role, struct err *e);
/* With the reserve spent only what must go on goes on. */
int asker_room(enum op op, struct err *e);

#endif
