/* audit_watch.c - an old entry that was changed does not wait for somebody to
 * verify the log: all of it is walked in the background, and a bad entry stops
 * issuing and raises an alarm. */
#include "core/registrar/audit/audit_watch.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/registrar.h"

#define ROWS 1000		/* a slice: 1 to 2 ms */
#define PAUSE_MS 20		/* between slices: a tenth of one core at most */
#define BUSY_MS 500		/* while people ask */
#define HOUR_MS 3600000
#define FIRST_MS 30000		/* after the start: people come first */
#define WAIT_MOST_MS 60000

static struct audit_check check;
static int64_t next;		/* entry; 0: no walk is under way */
static int64_t due;		/* clock_mono_ms(); 0: not planned yet */

int
audit_watch_wait_ms(void)
{
	int64_t now = clock_mono_ms(), left;

	if (due == 0)
		due = now + FIRST_MS;
	left = due - now;
	return left <= 0 ? 0 : left > WAIT_MOST_MS ? WAIT_MOST_MS : (int)left;
}

void
audit_watch_again(void)
{
	next = 0;
	due = 1;
}

static void
walk_begin(void)
{
	memset(&check, 0, sizeof check);
	next = 1;
}

/* All rows were seen, or a bad one. */
static void
walk_end(void)
{
	struct err e = { 0 };
	int r;

	next = 0;
	due = clock_mono_ms() + HOUR_MS;
	if (!check.good)
		log_warn("audit log: %s; nothing is issued", check.text);
	if (db_begin(&e) < 0)
		return;
	r = check.good ? alarm_clear(ALARM_LOG, "chain", &e) :
	    alarm_raise(ALARM_LOG, "chain", &e, "The audit log is damaged: %.200s. Nothing is issued; keep a copy of the database, then see xmpp-icactl(8), verify.",
	    check.text);
	if (r < 0 || db_commit(&e) < 0) {
		log_warn("audit log: the alarm was not kept: %s", e.text);
		db_rollback();
		due = clock_mono_ms() + WAIT_MOST_MS;
	}
	changes_send();
}

void
audit_watch_run(void)
{
	struct err e = { 0 };
	int r;

	if (audit_watch_wait_ms() > 0)
		return;
	if (next == 0)
		walk_begin();
	r = audit_walk_on(&check, &next, ROWS, &e);
	if (r < 0) {		/* the engine's fault: again later */
		log_warn("audit log: %s", e.text);
		next = 0;
		due = clock_mono_ms() + WAIT_MOST_MS;
	} else if (r == 0) {
		walk_end();
	} else {
		due = clock_mono_ms() + (loop_quiet() ? PAUSE_MS : BUSY_MS);
	}
}
