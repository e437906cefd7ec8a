/*
 * limits.h - how many certificates may be signed in an hour and in a day: a
 * ceiling compiled in, which the configuration can only lower (G3).  What
 * counts is the journal's intents, so that a restart forgets nothing.
 */
#ifndef SIGNER_LIMITS_H
#define SIGNER_LIMITS_H

#include <stdint.h>

#include "core/base/err.h"

#define SIGN_HOUR_MAX 1000000
#define SIGN_DAY_MAX 10000000

#define LIMIT_MINUTES 1440

struct sign_limits {
	int64_t per_hour, per_day;
	struct {
		int64_t minute;		/* since 1970 */
		int64_t count;
	} minutes[LIMIT_MINUTES];
	struct {
		int64_t minute;		/* of the last check; 0 none */
		int64_t hour, day;
	} sum;
};

/* So many intents within 60 minutes and within 24 hours. */
void sign_limits_init(struct sign_limits *l, int64_t per_hour,
    int64_t per_day);
/* One intent at this time; also for journal_open(). */
void sign_limits_count(void *limits, int64_t at);
/* May one more be signed now?  Clauses signer-per-hour, signer-per-day.
 * Intents of a future clock count too: setting it back frees nothing. */
int sign_limits_check(struct sign_limits *l, int64_t now,
    struct err *e);

#endif
