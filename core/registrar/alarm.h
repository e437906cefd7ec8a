/*
 * alarm.h - what somebody of the staff must look at: one open alarm for each
 * kind and object, raised in the transaction that found it, ended when it is
 * over (J5.2, S7.4, S8.2).
 */
#ifndef REGISTRAR_ALARM_H
#define REGISTRAR_ALARM_H

#include "core/base/err.h"
#include "core/model/nouns.h"

/*
 * In the running transaction: open an alarm of this kind about this object
 * (an issuer's file name, a request's number, an account; "" when there is
 * but one), with one sentence that says what is wrong and what to do.  Its
 * audit entry, a letter to [mail] staff_to and a pushed change go with it.
 * Idempotent: while one is open only its text and last-seen time follow, and
 * nothing is logged again.
 */
int alarm_raise(enum alarm_kind kind, const char *object, struct err *e,
    const char *text, ...) __attribute__((format(printf, 4, 5)));
/* It is over: ends the open alarm of that kind and object, with its audit
 * entry.  Nothing happens when none is open. */
int alarm_clear(enum alarm_kind kind, const char *object, struct err *e);
/* Has somebody said of the open alarm that he looks after it?  None is open:
 * no. */
int alarm_is_seen(enum alarm_kind kind, const char *object, bool *seen,
    struct err *e);
/* alarm_watch.c: what the clock looks at every 20 s. */
void alarm_watch_for_test(void);
/* How many are open (for whoami, system_state, feed). */
int64_t alarms_open(void);

#endif
