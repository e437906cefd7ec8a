/* report_ask.c - a report, waited for while it is being made. */
#include "console/report_ask.h"

#include <time.h>

#include "core/base/clock.h"
#include "core/base/text.h"

int
report_await(report_question *ask, struct line *l, struct report_wish *w,
    int patience_ms, struct report *r, struct err *e)
{
	int64_t begun = clock_mono_ms();
	long ms = 10;

	for (;;) {
		const struct timespec pause = { .tv_nsec = ms * 1000000 };

		if (ask(l, w, r, e) < 0)
			return -1;
		if (r->job == 0)
			return 0;
		w->job = r->job;
		NOUN_CLEAR(report, r);
		if (clock_mono_ms() - begun > patience_ms)
			return err_set(e, ERR_UNAVAILABLE, "report-busy",
			    "the report of %s is still being made; ask again in a while",
			    w->quarter);
		nanosleep(&pause, NULL);
		ms = ms < 160 ? 2 * ms : 160;
	}
}
