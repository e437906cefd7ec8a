/* sitting.h - who sits here: for the loop, and for who asks after his own. */
#ifndef REGISTRAR_SITTING_H
#define REGISTRAR_SITTING_H

#include "core/wire/seat.h"

extern struct seat **seats;
extern size_t n_seats;

/* The other end is gone, or is to be: reaped at the end of the round, until
 * which answers of a burst may still point to it. */
void seat_gone(struct seat *s);
void seats_reap(void);

/* Hang up every seat of an account, and keep nothing that says whose it was. */
void seats_forget(int64_t account);

/* Who left since the last tick: their audit entries are written together. */
bool leavers_waiting(void);
void leavers_write(void);

/* The lists themselves, at the end, when every seat is closed. */
void sitting_free(void);

#endif
