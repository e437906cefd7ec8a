/* audit_watch.c - an old entry that was changed does not wait for somebody to
 * verify the log: all of it is walked in the background, and a bad entry stops
 * issuing and raises an alarm; the tables that it speaks of are compared. */
#include "core/registrar/audit/audit_watch.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/registrar/alarm.h"
#include "core/registrar/audit/tables.h"
#include "core/registrar/db.h"
#include "core/registrar/registrar.h"
#include "core/registrar/report/report_job.h"

#define ROWS 500		/* a slice: 1 to 3 ms */
#define PAUSE_MS 20		/* between slices: a tenth of one core at most */
#define BUSY_MS 500		/* while people ask */
#define WANTED_MS 10		/* of slices at a turn, when somebody waits */
#define HOUR_MS 3600000
#define FIRST_MS 30000		/* after the start: people come first */
#define WAIT_MOST_MS 60000
#define TABLES_MS 20		/* to look whether the child has answered */
#define TABLES_FIRST_MS 600000	/* with the second walk */
#define TABLES_EVERY_MS (20 * HOUR_MS)	/* when nobody asks */

static struct audit_walker *walker;	/* NULL: no walk is under way */
static int64_t due;		/* clock_mono_ms(); 0: not planned yet */
static bool has_loop;

/* A good walk is followed by a look at the other tables. */
static struct {
	bool under_way;
	int64_t due;		/* of the next that nobody asks for */
	struct audit_check check;	/* of the walk before it */
} tables;

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

	if (due == 0) {
		due = now + FIRST_MS;
		tables.due = now + TABLES_FIRST_MS;
	}
	left = due - now;
	return left <= 0 ? 0 : left > WAIT_MOST_MS ? WAIT_MOST_MS : (int)left;
}

static void
walk_drop(void)
{
	audit_walker_free(walker);
	walker = NULL;
	tables.under_way = false;
}

void
audit_watch_again_for_test(void)
{
	walk_drop();
	memset(&asked, 0, sizeof asked);
	memset(&tables, 0, sizeof tables);
	has_loop = false;
	due = 1;
}

/* A text is about what is wrong; NULL: nothing is. */
static void
alarm_keep(const char *object, const char *text)
{
	struct err e = { 0 };
	int r;

	due = clock_mono_ms() + HOUR_MS;
	if (db_begin(&e) < 0)
		return;
	r = text == NULL ? alarm_clear(ALARM_LOG, object, &e) :
	    alarm_raise(ALARM_LOG, object, &e, "%s", text);
	if (r < 0 || db_commit(&e) < 0) {
		log_warn("audit log: the alarm was not kept: %s", e.text);
		db_rollback();
		due = clock_mono_ms() + WAIT_MOST_MS;
	}
	changes_send();
}

/* All rows were seen, or a bad one. */
static void
walk_end(const struct audit_check *check)
{
	char text[512];

	if (check->good) {
		alarm_keep("chain", NULL);
		return;
	}
	log_warn("audit log: %s; nothing is issued", check->text);
	snprintf(text, sizeof text,
	    "The audit log is damaged: %.200s. Nothing is issued; keep a copy of the database, then see xmpp-icactl(8), verify.",
	    check->text);
	alarm_keep("chain", text);
}

static void
asked_end(const struct audit_check *check)
{
	if (asked.under_way)
		asked.end = *check;
	asked.under_way = false;
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

/* ---- the tables behind the log ---- */

static void
tables_end(void)
{
	const struct audit_check *c = &tables.check;
	char text[512];

	tables.under_way = false;
	tables.due = clock_mono_ms() + TABLES_EVERY_MS;
	if (c->good) {
		alarm_keep("tables", NULL);
	} else {
		log_warn("audit log: %s", c->text);
		snprintf(text, sizeof text,
		    "The database does not say what the audit log says: %.200s. Somebody wrote to it by hand, or it is damaged; keep a copy, then see xmpp-icactl(8), verify.",
		    c->text);
		alarm_keep("tables", text);
	}
	asked_end(c);
}

/* The child is asked, a question now and then; without it the walk is all. */
static void
tables_turn(void)
{
	struct err e = { 0 };
	int r;

	if (!report_child_there()) {
		tables.under_way = false;
		asked_end(&tables.check);
		due = clock_mono_ms() + HOUR_MS;
	} else if ((r = tables_go(&tables.check, &e)) < 0) {
		walk_failed(&e);
	} else if (r == 0) {
		due = clock_mono_ms() + TABLES_MS;
	} else {
		tables_end();
	}
}

static void
walk_over(void)
{
	tables.check = *audit_walker_check(walker);
	walk_drop();
	walk_end(&tables.check);
	if (tables.check.good && report_child_there() && (asked.under_way ||
	    clock_mono_ms() >= tables.due)) {
		tables.under_way = true;
		due = clock_mono_ms();
		tables_begin();
	} else {
		asked_end(&tables.check);
	}
}

void
audit_watch_run(void)
{
	struct err e = { 0 };
	int more;

	has_loop = true;
	if (audit_watch_wait_ms() > 0)
		return;
	if (tables.under_way) {
		tables_turn();
		return;
	}
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
		walk_over();
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
		return audit_walk(r, e) < 0 || (r->good &&
		    tables_compare(r, e) < 0) ? -1 : 1;
	if (!asked.under_way && (job == 0 || asked.job == 0) &&
	    asked_begin(e) < 0)
		return -1;
	if (asked.under_way) {
		*r = tables.under_way ? tables.check :
		    *audit_walker_check(walker);
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
