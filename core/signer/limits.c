/* limits.c - counting signatures minute by minute. */
#include "core/signer/limits.h"

#include <string.h>

void
sign_limits_init(struct sign_limits *l, int64_t per_hour, int64_t per_day)
{
	memset(l, 0, sizeof *l);
	l->per_hour = per_hour < SIGN_HOUR_MAX ? per_hour : SIGN_HOUR_MAX;
	l->per_day = per_day < SIGN_DAY_MAX ? per_day : SIGN_DAY_MAX;
}

void
sign_limits_count(void *limits, int64_t at)
{
	struct sign_limits *l = limits;
	int64_t minute = at / 60;
	size_t i;

	if (at < 0)
		return;
	i = (size_t)(minute % LIMIT_MINUTES);
	if (l->minutes[i].minute > minute)
		return;		/* a day older than what is counted there */
	if (l->minutes[i].minute < minute) {
		l->minutes[i].minute = minute;
		l->minutes[i].count = 0;
	}
	l->minutes[i].count++;
	if (l->sum.minute == minute) {	/* it lies in both windows */
		l->sum.hour++;
		l->sum.day++;
	} else {
		l->sum.minute = 0;
	}
}

/* Within a minute the sums change only by what is counted. */
static void
limits_sum(struct sign_limits *l, int64_t minute)
{
	if (l->sum.minute == minute)
		return;
	l->sum.hour = l->sum.day = 0;
	for (size_t i = 0; i < LIMIT_MINUTES; i++) {
		if (l->minutes[i].minute > minute - LIMIT_MINUTES)
			l->sum.day += l->minutes[i].count;
		if (l->minutes[i].minute > minute - 60)
			l->sum.hour += l->minutes[i].count;
	}
	l->sum.minute = minute;
}

int
sign_limits_check(struct sign_limits *l, int64_t now, struct err *e)
{
	int64_t hour, day;

	limits_sum(l, now / 60);
	hour = l->sum.hour;
	day = l->sum.day;
	if (hour >= l->per_hour)
		return err_set(e, ERR_UNAVAILABLE, "signer-per-hour",
		    "%lld certificates were signed in this hour, the most "
		    "that [signer] per_hour allows: try again later",
		    (long long)hour);
	if (day >= l->per_day)
		return err_set(e, ERR_UNAVAILABLE, "signer-per-day",
		    "%lld certificates were signed in this day, the most "
		    "that [signer] per_day allows: try again later",
		    (long long)day);
	return 0;
}
