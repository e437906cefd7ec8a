/*
 * audit_watch.h - the whole audit chain walked once an hour, a slice at a time
 * between the bursts: a start looks at the newest entries alone (S11.2).
 */
#ifndef REGISTRAR_AUDIT_WATCH_H
#define REGISTRAR_AUDIT_WATCH_H

/* A slice, when it is time; opens its own transaction for the alarm. */
void audit_watch_run(void);
/* How long the loop may sleep before that: at most 60000. */
int audit_watch_wait_ms(void);
/* Begin the next walk at once (after a restore, for tests). */
void audit_watch_again(void);

#endif
