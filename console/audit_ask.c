/* audit_ask.c - the audit log checked, waited for while it is being walked. */
#include "console/audit_ask.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "console/progress.h"
#include "core/base/clock.h"

#define SAY_MS 1000

void
audit_progress(char *dst, size_t size, const struct audit_check *r)
{
	if (r->text[0] != '\0')	/* the walk is over, the tables are on */
		snprintf(dst, size, "%s", r->text);
	else
		progress_text(dst, size, r->entries, r->total, r->since,
		    clock_now());
}

int
audit_await(struct line *l, void (*say)(void *user, const char *text),
    void *user, struct audit_check *r, struct err *e)
{
	int64_t said = clock_mono_ms();
	struct audit_job job = { 0 };
	char text[256];
	long ms = 10;

	for (;;) {
		struct timespec pause = { .tv_nsec = ms * 1000000 };

		memset(r, 0, sizeof *r);
		if (ask_audit_verify(l, &job, r, e) < 0)
			return -1;
		if (r->job == 0)
			return 0;
		job.job = r->job;
		if (clock_mono_ms() - said >= SAY_MS) {
			audit_progress(text, sizeof text, r);
			say(user, text);
			said = clock_mono_ms();
		}
		nanosleep(&pause, NULL);
		ms = ms < 160 ? 2 * ms : 160;
	}
}
