/*
 * audit_watch.h - the whole audit chain and its tree walked once an hour, and
 * when somebody asks, a slice at a time between the bursts: a start looks at
 * the newest entries alone (S11.2).  Then, when asked and once a day, the
 * tables are held against the log by the registrar's child (tables.h).
 */
#ifndef REGISTRAR_AUDIT_WATCH_H
#define REGISTRAR_AUDIT_WATCH_H

#include "core/registrar/registrar.h"

/* A slice, when it is time; opens its own transaction for the alarm. */
void audit_watch_run(void);
/* A walk that somebody asked for, at a quicker pace: several who ask share it.
 * job: 0, or what an earlier answer had.  1: *r is its end; 0: it goes on, ask
 * again with r->job (r->entries of r->total since r->since); -1.  Without a
 * loop (offline, in tests) it is done at once. */
int audit_watch_ask(int64_t job, struct audit_check *r, struct err *e);
/* How long the loop may sleep before that: at most 60000. */
int audit_watch_wait_ms(void);
/* Begin the next walk at once (as after a restore). */
void audit_watch_again_for_test(void);

#endif
