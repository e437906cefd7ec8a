/*
 * clock_watch.h - the wall clock against one that only goes forward.
 *
 * The host's clock may be wrong, or set by somebody.  A step of a minute or
 * more is an entry of the log.  Set back, or set forward by a day or more, it
 * is in doubt: an alarm is raised, and until the clock is right again or the
 * staff have said that it is (`alarms --see N`), nothing is issued and what
 * time alone decides and nobody brings back (a recovery that ends, records
 * that are erased, access that was not used) waits.  The same when the
 * process was away: from the time that was last known.
 */
#ifndef REGISTRAR_CLOCK_WATCH_H
#define REGISTRAR_CLOCK_WATCH_H

#include "core/base/err.h"

/* 0: the clock goes as time does.  -1: it is in doubt, ERR_UNAVAILABLE with
 * clause "clock", and *e (which may be NULL) says by how much and the way out. */
int clock_sure(struct err *e);

/* In the running transaction, every two seconds: entries, alarm, and what was
 * planned by a wrong clock is planned anew when it is over. */
void clock_watch(void);
/* As if the process had just started. */
void clock_watch_anew_for_test(void);

#endif
