/* clock_watch.c - the wall clock against one that only goes forward: steps are
 * logged, a clock in doubt issues and erases nothing. */
#include "core/registrar/clock_watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/kept.h"
#include "core/registrar/publish/publish.h"
#include "core/registrar/registrar.h"

#define DAY 86400
#define STEP 60			/* seconds; less is drift, and followed */
#define AHEAD DAY		/* so far forward, and it is in doubt */
#define AWAY (30 * DAY)		/* so long may the process have been away */
#define ALIVE_SECONDS 600
static const char alive_name[] = "clock.alive";

/* Plans that no right clock has made: they would wait for its hour. */
enum { Q_REQUEST, Q_NOTICE, Q_LOOKUP, Q_ANSWER, Q_CRL, Q_SHARD, Q_COUNT };
static const char *const sql[] = {
	[Q_REQUEST] = "UPDATE request SET retry_at = ?1"
	    " WHERE state = 'approved' AND retry_at > ?1 + 86400",
	[Q_NOTICE] = "UPDATE notice SET next = ?1"
	    " WHERE state IN ('waiting', 'leased') AND next > ?1 + 172800",
	[Q_LOOKUP] = "UPDATE lookup SET next = ?1"
	    " WHERE state IN ('waiting', 'leased') AND next > ?1 + 86400",
	/* answers live for ten days at most */
	[Q_ANSWER] = "UPDATE answer_due SET due = ?1 WHERE due > ?1 + 864000",
	[Q_CRL] = "UPDATE issuer SET crl_due = 0, crl_at = ?1"
	    " WHERE crl_at > ?1 + 60",
	[Q_SHARD] = "UPDATE crl_shard SET crl_due = 0, crl_at = ?1"
	    " WHERE crl_at > ?1 + 60",
};
DB_STATEMENTS(clock_watch, sql)

static bool known;		/* where the wall clock should be */
static int64_t base;		/* then: wall clock less clock_boot() */
static bool told;		/* the log has the doubt, */
static int64_t told_off;	/* with this step */
static int64_t alive;		/* when the mark was last kept */

/* How far the wall clock is ahead of where it should be. */
static int64_t
clock_off(void)
{
	return known ? clock_now() - clock_boot() - base : 0;
}

static bool
in_doubt(int64_t off)
{
	return off <= -STEP || off >= AHEAD;
}

static void
words_make(char dst[200], int64_t off)
{
	int64_t by = llabs(off);
	char says[TIME_TEXT_SIZE], should[TIME_TEXT_SIZE], length[48];

	time_text(says, clock_now());
	time_text(should, clock_now() - off);
	if (by >= 2 * DAY)
		snprintf(length, sizeof length, "%lld days",
		    (long long)((by + DAY / 2) / DAY));
	else if (by >= 7200)
		snprintf(length, sizeof length, "%lld hours",
		    (long long)((by + 1800) / 3600));
	else
		snprintf(length, sizeof length, "%lld seconds",
		    (long long)by);
	snprintf(dst, 200, "The host's clock says %s, %s %s where it should be (%s)",
	    says, length, off < 0 ? "before" : "after", should);
}

int
clock_sure(struct err *e)
{
	int64_t off = clock_off();
	char words[200];

	if (!in_doubt(off))
		return 0;
	words_make(words, off);
	return err_set(e, ERR_UNAVAILABLE, "clock",
	    "%s: nothing is issued until it is right, or the staff say that it is: alarms", words);
}

/* ---- in the loop ---- */

/* Since the process was last there, time went on, but not for ever. */
static int
start(struct err *e)
{
	int64_t now = clock_now(), last, gap;
	int have = kept_number(alive_name, &last, e);

	if (have < 0)
		return -1;
	gap = have == 1 ? now - last : 0;
	base = now - clock_boot();
	if (gap <= -STEP || gap >= AWAY)
		base -= gap;
	known = true;
	return 0;
}

static int
step_log(int64_t off, struct err *e)
{
	return audit_add(NULL, "clock.step", "system", "clock",
	    in_doubt(off) ? OUTCOME_FAILED : OUTCOME_DONE, e,
	    "%+lld seconds", (long long)off);
}

static int
plans_mend(struct err *e)
{
	int64_t now = clock_now();

	for (int i = 0; i < Q_COUNT; i++) {
		struct query *q = db_query(clock_watch_prepared[i]);

		q_i64(q, 1, now);
		if (q_run(q, e) < 0)
			return -1;
	}
	publish_soon();
	return 0;
}

static int
doubt_note(int64_t off, struct err *e)
{
	char words[200];

	if ((!told || llabs(off - told_off) >= STEP) && step_log(off, e) < 0)
		return -1;
	told = true;
	told_off = off;
	words_make(words, off);
	return alarm_raise(ALARM_CLOCK, "", e,
	    "%s. Nothing is issued or erased until it is right; when it is right already, say so: alarms --see with this alarm's number", words);
}

/* The clock is as it should be: or since it was said to be. */
static int
doubt_end(int64_t off, bool accepted, struct err *e)
{
	base += off;
	told = false;
	if (accepted && audit_add(NULL, "clock.accept", "system", "clock",
	    OUTCOME_DONE, e, "%+lld seconds", (long long)off) < 0)
		return -1;
	if (!accepted && step_log(off - told_off, e) < 0)
		return -1;
	return plans_mend(e);
}

static int
sure_note(int64_t off, struct err *e)
{
	int64_t now = clock_now();

	if (told && doubt_end(off, false, e) < 0)
		return -1;
	if (!told && llabs(off) >= STEP && step_log(off, e) < 0)
		return -1;
	base = now - clock_boot();
	if (llabs(now - alive) >= ALIVE_SECONDS) {
		/* the first time: an alarm of an earlier run, its plans */
		if (alive == 0 && plans_mend(e) < 0)
			return -1;
		if (kept_number_set(alive_name, now, e) < 0)
			return -1;
		alive = now;
	}
	return alarm_clear(ALARM_CLOCK, "", e);
}

void
clock_watch(void)
{
	struct err e = { 0 };
	bool seen = false;
	int64_t off;
	int r = known ? 0 : start(&e);

	off = clock_off();
	if (r == 0 && in_doubt(off))
		r = alarm_is_seen(ALARM_CLOCK, "", &seen, &e);
	if (r == 0 && seen) {
		r = doubt_end(off, true, &e);
		off = clock_off();
	}
	if (r == 0)
		r = in_doubt(off) ? doubt_note(off, &e) : sure_note(off, &e);
	if (r < 0)
		log_warn("clock: %s", e.text);
}
LOOP_TIMER(clock, 2, clock_watch)

void
clock_watch_anew_for_test(void)
{
	known = told = false;
	alive = 0;
}
