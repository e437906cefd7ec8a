/* publish_watch.c - alarms about what is published too late, well before
 * anybody else can notice it (S8.2, S7.5). */
#include "core/registrar/publish/publish.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/publish/crl_list.h"
#include "core/registrar/db.h"

#define EVERY 15
#define PATIENCE 600		/* S7.5: a CRL lists it within ten minutes */
#define PATIENCE_ENDED 60	/* what is published counts no more */
#define WATCHED 256

enum { Q_CRLS, Q_ISSUERS, Q_OLDEST };

static const char *const sql[] = {
	[Q_CRLS] = "SELECT issuer, shard, crl_at, crl_due FROM crl"
	    " WHERE state <> 'closed' AND not_after > ?1",
	[Q_ISSUERS] = "SELECT name FROM issuer WHERE state <> 'pending'",
	[Q_OLDEST] = "SELECT c.issuer FROM answer_due d"
	    " JOIN certificate c ON c.number = d.certificate"
	    " WHERE d.due <= ?1 ORDER BY d.due LIMIT 1",
};
DB_STATEMENTS(publish_watch, sql)

/* Since when something has been late, as far as this process saw. */
struct late {
	char what[72];			/* "" free */
	int64_t since;
};
static struct late lates[WATCHED];

/*
 * For how long has it been so?  0 when it is not: then it is forgotten.  A
 * clock that was set back starts it anew.
 */
static int64_t
late_for(const char *what, bool late)
{
	struct late *at = NULL;
	int64_t now = clock_now();

	for (size_t i = 0; i < WATCHED; i++)
		if (strcmp(lates[i].what, what) == 0 ||
		    (at == NULL && lates[i].what[0] == '\0'))
			at = &lates[i];
	if (at == NULL)
		return 0;
	if (!late) {
		if (strcmp(at->what, what) == 0)
			memset(at, 0, sizeof *at);
		return 0;
	}
	if (at->what[0] == '\0' || at->since > now) {
		str_copy(at->what, sizeof at->what, what);
		at->since = now;
	}
	return now - at->since;
}

static const char *
why_of(const char *why)
{
	if (why[0] == '\0')		/* the signer is away: CRLs say so */
		why = publish_why(WORK_CRL);
	return why[0] != '\0' ? why : "it waits for its turn";
}

/* One CRL: made at `at` (0: never), to be made again at `due`. */
static int
crl_watch(const char *name, int64_t at, int64_t due, const char *why,
    struct err *e)
{
	int64_t now = clock_now(), ends = at == 0 ? 0 : at + crl_life(), is;
	char until[TIME_TEXT_SIZE];

	is = late_for(name, due <= now);
	if (due > now)
		return alarm_clear(ALARM_LATE_CRL, name, e);
	if (is < (ends <= now ? PATIENCE_ENDED : PATIENCE))
		return 0;
	time_text(until, ends);
	return alarm_raise(ALARM_LATE_CRL, name, e,
	    "A new CRL of %s is late by %lld minutes; the published one "
	    "counts until %s. Reason: %.200s. See `system`: the signer, the "
	    "disk and the folder published/.", name, (long long)(is / 60),
	    until, why_of(why));
}

/* The issuer whose answer is overdue for the longest; "" none. */
static int
overdue_find(char name[64], struct err *e)
{
	struct query *q = db_query(publish_watch_prepared[Q_OLDEST]);
	int r;

	name[0] = '\0';
	q_i64(q, 1, clock_now());
	if ((r = q_next(q, e)) == 1)
		q_col_str(q, 0, name, 64);
	q_end(q);
	return r < 0 ? -1 : 0;
}

/*
 * Answers are late when none could be made for a while, or when those that
 * are out come close to their end although they are renewed in the first half
 * of their life.
 */
static int
answers_watch(const char *issuer, const char *overdue, bool failing,
    struct err *e)
{
	int64_t now = clock_now(), soonest = answers_soonest(), is;
	bool ending = soonest != 0 && soonest - now < answers_life() / 8;
	bool late = strcmp(issuer, overdue) == 0 && (failing || ending);
	char what[72], until[TIME_TEXT_SIZE];

	snprintf(what, sizeof what, "ocsp.%s", issuer);
	is = late_for(what, late);
	if (!late)
		return alarm_clear(ALARM_STALE_ANSWERS, issuer, e);
	if (is < (soonest != 0 && soonest <= now ? PATIENCE_ENDED : PATIENCE))
		return 0;
	time_text(until, soonest);
	return alarm_raise(ALARM_STALE_ANSWERS, issuer, e,
	    "OCSP answers for %s are late by %lld minutes; the first that is "
	    "published ends at %s. Reason: %.200s. See `system`: the signer, "
	    "the disk and the folder published/.", issuer,
	    (long long)(is / 60), until, why_of(publish_why(WORK_ANSWERS)));
}

static int
all_crls_watch(struct err *e)
{
	struct query *q = db_query(publish_watch_prepared[Q_CRLS]);
	int64_t at, renew, now = clock_now();
	char issuer[64], stem[72];
	const char *root = NULL;
	int r;

	q_i64(q, 1, now);
	while ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, issuer, sizeof issuer);
		crl_stem(stem, issuer, q_col_i64(q, 1));
		if (crl_watch(stem, q_col_i64(q, 2), q_col_i64(q, 3),
		    publish_why(WORK_CRL), e) < 0) {
			q_end(q);
			return -1;
		}
	}
	for (size_t i = 0; r == 0 && root_crl_times(i, &root, &at, &renew);
	    i++)
		r = crl_watch(root, at, renew == 0 ? now + 1 : renew,
		    publish_why(WORK_ROOT), e);
	return r;
}

static int
all_answers_watch(struct err *e)
{
	bool failing = publish_why(WORK_ANSWERS)[0] != '\0';
	char name[64], overdue[64];
	struct query *q = NULL;
	int r;

	if (overdue_find(overdue, e) < 0)
		return -1;
	q = db_query(publish_watch_prepared[Q_ISSUERS]);
	while ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, name, sizeof name);
		if (answers_watch(name, overdue, failing, e) < 0) {
			q_end(q);
			return -1;
		}
	}
	return r;
}

void
publish_watch(void)
{
	struct err e = { 0 };

	if (all_crls_watch(&e) < 0 || all_answers_watch(&e) < 0)
		log_warn("published set: not looked after: %s", e.text);
}
LOOP_TIMER(publish_watch, EVERY, publish_watch)
