/*
 * log.h - the operator's log: one line an event on stderr, key=value, no
 * secrets, no codes; it may be lost.  (The audit log is rows in the database:
 * core/registrar/audit.h.)  Every line passes render_untrusted() as a whole,
 * so foreign bytes cannot forge a line or move a terminal.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* Name that stands at the start of each line, e.g. "signer".  Call once. */
void log_open(const char *process);

/* 0 warnings only, 1 also information (the default), 2 also debugging. */
void log_level(int level);

/* One line on stderr each, control characters escaped, no secrets. */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Log and end the process with status 70 (the master starts it again). */
_Noreturn void fatal(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

#endif
