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

#define ROWS 500		/* a slice: 1 to 3 ms */
#define PAUSE_MS 20		/* between slices: a tenth of one core at most */
#define BUSY_MS 500		/* while people ask */
#define WANTED_MS 10		/* of slices at a turn, when somebody waits */
#define HOUR_MS 3600000
#define FIRST_MS 30000		/* after the start: people come first */
#define WAIT_MOST_MS 60000

static struct audit_walker *walker;	/* NULL: no walk is under way */
static int64_t due;		/* clock_mono_ms(); 0: not planned yet */
static bool has_loop;

/* The walk that people asked for last. */
static struct {
	bool under_way;
	int64_t job, total, since;
	struct audit_check end;
	struct err e;		/* it could not be ended */
} asked;

int
audit_watch_wait_ms(void)
{
	int64_t now = clock_mono_ms(), left;

	if (due == 0)
		due = now + FIRST_MS;
	left = due - now;
	return left <= 0 ? 0 : left > WAIT_MOST_MS ? WAIT_MOST_MS : (int)left;
}

static void
walk_drop(void)
{
	audit_walker_free(walker);
	walker = NULL;
}

void
audit_watch_again_for_test(void)
{
	walk_drop();
	memset(&asked, 0, sizeof asked);
	has_loop = false;
	due = 1;
}

/* All rows were seen, or a bad one. */
static void
walk_end(const struct audit_check *check)
{
	struct err e = { 0 };
	int r;

	due = clock_mono_ms() + HOUR_MS;
	if (!check->good)
		log_warn("audit log: %s; nothing is issued", check->text);
	if (db_begin(&e) < 0)
		return;
	r = check->good ? alarm_clear(ALARM_LOG, "chain", &e) :
	    alarm_raise(ALARM_LOG, "chain", &e, "The audit log is damaged: %.200s. Nothing is issued; keep a copy of the database, then see xmpp-icactl(8), verify.",
	    check->text);
	if (r < 0 || db_commit(&e) < 0) {
		log_warn("audit log: the alarm was not kept: %s", e.text);
		db_rollback();
		due = clock_mono_ms() + WAIT_MOST_MS;
	}
	changes_send();
}

/* The engine's fault: again later. */
static void
walk_failed(const struct err *e)
{
	log_warn("audit log: %s", e->text);
	asked.e = *e;
	asked.under_way = false;
	walk_drop();
	due = clock_mono_ms() + WAIT_MOST_MS;
}

static int
slices_walk(struct err *e)
{
	int64_t begun = clock_mono_ms();
	int more;

	do
		more = audit_walker_go(walker, ROWS, e);
	while (more == 1 && asked.under_way &&
	    clock_mono_ms() - begun < WANTED_MS);
	return more;
}

void
audit_watch_run(void)
{
	struct err e = { 0 };
	int more;

	has_loop = true;
	if (audit_watch_wait_ms() > 0)
		return;
	if (walker == NULL && (walker = audit_walker_new(&e)) == NULL) {
		walk_failed(&e);
		return;
	}
	if ((more = slices_walk(&e)) < 0) {
		walk_failed(&e);
	} else if (more == 1) {
		due = clock_mono_ms() + (asked.under_way ?
		    (loop_quiet() ? 0 : WANTED_MS) :
		    loop_quiet() ? PAUSE_MS : BUSY_MS);
	} else {
		if (asked.under_way)
			asked.end = *audit_walker_check(walker);
		asked.under_way = false;
		walk_end(audit_walker_check(walker));
		walk_drop();
	}
}

/* ---- somebody asks ---- */

/* What the hourly walk has passed is walked again: it was as long ago. */
static int
asked_begin(struct err *e)
{
	int64_t total = 0;

	if (audit_entries(&total, e) < 0)
		return -1;
	walk_drop();
	if ((walker = audit_walker_new(e)) == NULL)
		return -1;
	memset(&asked.end, 0, sizeof asked.end);
	err_clear(&asked.e);
	asked.job++;
	asked.total = total;
	asked.since = clock_now();
	asked.under_way = true;
	due = clock_mono_ms();
	return 0;
}

int
audit_watch_ask(int64_t job, struct audit_check *r, struct err *e)
{
	if (!has_loop)
		return audit_walk(r, e) < 0 ? -1 : 1;
	if (!asked.under_way && (job == 0 || asked.job == 0) &&
	    asked_begin(e) < 0)
		return -1;
	if (asked.under_way) {
		*r = *audit_walker_check(walker);
		r->job = asked.job;
		r->total = asked.total;
		r->since = asked.since;
		return 0;
	}
	if (asked.e.kind != ERR_NONE) {
		*e = asked.e;
		return -1;
	}
	*r = asked.end;
	return 1;
}
