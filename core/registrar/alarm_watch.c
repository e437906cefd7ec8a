/* alarm_watch.c - what nobody stumbles over while he works: a signer that is
 * away, letters that do not leave, a full disk, issuers that end, revocations
 * without effect, certificates without evidence (J5.2, J3.2, S7.4); and the
 * end of alarms that nothing else ends. */
#include "core/registrar/alarm.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/issuer/issuer.h"
#include "core/registrar/registrar.h"

#define DAY 86400
#define SIGNER_SECONDS 60	/* away for so long is no restart */
#define LETTER_SECONDS 3600
#define REVOCATION_SECONDS 600	/* S7.5: listed within ten minutes */
#define FAILURES_SECONDS 3600	/* quiet for so long, and it is over */

enum { Q_LETTER, Q_UNLISTED, Q_ISSUERS, Q_FAILURES, Q_OWED, Q_DEED, Q_YEAR };
static const char *const sql[] = {
	[Q_LETTER] = "SELECT created FROM notice"
	    " WHERE state IN ('waiting', 'leased') AND created < ?1 LIMIT 1",
	[Q_UNLISTED] = "SELECT c.serial FROM crl_new n CROSS JOIN certificate c"
	    " ON c.number = n.certificate WHERE c.revoked < ?1 LIMIT 1",
	[Q_ISSUERS] = "SELECT name, state, not_after FROM issuer"
	    " WHERE state <> 'pending'",
	[Q_FAILURES] = "SELECT object FROM alarm WHERE kind = 'failures'"
	    " AND state <> 'over' AND last < ?1 LIMIT 1",
	/* a CRL that went out without what is listed by now */
	[Q_OWED] = "SELECT a.object FROM alarm a WHERE a.kind = 'signer'"
	    " AND a.object NOT IN ('', 'issuing') AND a.state <> 'over'"
	    " AND NOT EXISTS"
	    " (SELECT 1 FROM crl_new n CROSS JOIN certificate c"
	    " ON c.number = n.certificate WHERE c.revoked <= a.raised)"
	    " LIMIT 1",
	[Q_DEED] = "SELECT object FROM alarm WHERE kind = ?1"
	    " AND state <> 'over' AND state = 'seen'"
	    " AND object <> '' AND object NOT LIKE 'wish %' LIMIT 1",
	[Q_YEAR] = "SELECT object FROM alarm WHERE kind = 'budget'"
	    " AND state <> 'over' AND object < ?1 LIMIT 1",
};
DB_STATEMENTS(alarm_watch, sql)

/* Ends the alarm that the statement found, if it found one. */
static int
found_clear(struct query *q, enum alarm_kind kind, struct err *e)
{
	char object[96];
	int have = q_next(q, e);

	if (have == 1)
		q_col_str(q, 0, object, sizeof object);
	q_end(q);
	return have != 1 ? have : alarm_clear(kind, object, e);
}

static int
signer_watch(struct err *e)
{
	static int64_t away_since;
	struct err why = { 0 };
	int64_t now = clock_boot();

	if (signer_line(&why) != NULL) {
		away_since = 0;
		return alarm_clear(ALARM_SIGNER, "", e) < 0 ? -1 :
		    found_clear(db_query(alarm_watch_prepared[Q_OWED]),
		    ALARM_SIGNER, e);
	}
	if (away_since == 0)
		away_since = now;
	if (now - away_since < SIGNER_SECONDS)
		return 0;
	return alarm_raise(ALARM_SIGNER, "", e,
	    "The signer is away: nothing is signed, what waits is kept. See the operator's log, and whether it waits for its passphrase: system");
}

static int
letters_watch(struct err *e)
{
	struct query *q = db_query(alarm_watch_prepared[Q_LETTER]);
	int64_t now = clock_now(), since = now, hours;
	int have;

	q_i64(q, 1, now - LETTER_SECONDS);
	if ((have = q_next(q, e)) == 1)
		since = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	if (have == 0)
		return alarm_clear(ALARM_MAIL, "", e);
	hours = (now - since) / 3600;
	return alarm_raise(ALARM_MAIL, "", e,
	    "Letters do not leave: one waits for %lld hour%s. See what the mail server answers: mail --state waiting",
	    (long long)hours, hours == 1 ? "" : "s");
}

static int
disk_watch(struct err *e)
{
	int64_t mb = disk_free_mb();

	if (!db_low() && (mb < 0 || mb >= DISK_LOW_MB))
		return alarm_clear(ALARM_DISK, "", e);
	return alarm_raise(ALARM_DISK, "", e,
	    "The disk is %s: make room before revoking stops too",
	    db_low() ? "full and the reserve is spent" : "nearly full");
}

/* The last certificates that an issuer can sign whole are those that end with
 * it: a month before that, somebody has to begin with the next one (S1.4). */
static int
issuer_watch(const char *name, bool active, int64_t not_after, struct err *e)
{
	int64_t left = not_after - clock_now();
	long long days = left < 0 ? 0 : left / DAY;

	if (!active || left > (conf.policy_days + 30) * DAY)
		return alarm_clear(ALARM_ISSUER_EXPIRY, name, e);
	return alarm_raise(ALARM_ISSUER_EXPIRY, name, e,
	    "The issuer %s ends in %lld day%s, and certificates last %lld: make its successor now (share/doc/rollover.md)",
	    name, days, days == 1 ? "" : "s", (long long)conf.policy_days);
}

static int
issuers_watch(struct err *e)
{
	struct query *q = db_query(alarm_watch_prepared[Q_ISSUERS]);
	char name[64], state[16];
	int have, r = 0;

	while ((have = q_next(q, e)) == 1 && r == 0) {
		q_col_str(q, 0, name, sizeof name);
		q_col_str(q, 1, state, sizeof state);
		r = issuer_watch(name, strcmp(state, "active") == 0,
		    q_col_i64(q, 2), e);
	}
	q_end(q);
	return have < 0 ? -1 : r;
}

static int
revocations_watch(struct err *e)
{
	struct query *q = db_query(alarm_watch_prepared[Q_UNLISTED]);
	char serial[42] = "";
	int have;

	q_i64(q, 1, clock_now() - REVOCATION_SECONDS);
	if ((have = q_next(q, e)) == 1)
		q_col_str(q, 0, serial, sizeof serial);
	q_end(q);
	if (have < 0)
		return -1;
	if (have == 0)
		return alarm_clear(ALARM_REVOCATION, "", e);
	return alarm_raise(ALARM_REVOCATION, "", e,
	    "%s is revoked for more than ten minutes, and no CRL lists it: see the signer and the disk: system",
	    serial);
}

static int
evidence_watch(struct err *e)
{
	struct fact f = { 0 };

	if (!reconcile_finding(&f))
		return 0;	/* the first walk is not over */
	if (f.good)
		return alarm_clear(ALARM_RECONCILIATION, "", e);
	return alarm_raise(ALARM_RECONCILIATION, "", e, "Certificates: %s",
	    f.text);
}

/* Raised by refusals.c; over when there was quiet. */
static int
failures_watch(struct err *e)
{
	struct query *q = db_query(alarm_watch_prepared[Q_FAILURES]);

	q_i64(q, 1, clock_now() - FAILURES_SECONDS);
	return found_clear(q, ALARM_FAILURES, e);
}

/* What somebody did, and not how something is, does not end by itself: it is
 * over when one has said that he looks after it. */
static int
deeds_watch(struct err *e)
{
	static const enum alarm_kind kinds[] = { ALARM_ACCESS, ALARM_LINT,
		ALARM_ISSUER, ALARM_RECONCILIATION };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct query *q = db_query(alarm_watch_prepared[Q_DEED]);

		q_str(q, 1, word_of(&alarm_kind_words, kinds[i]));
		if (found_clear(q, kinds[i], e) < 0)
			return -1;
	}
	return 0;
}

/* "2026 EUR": spent is spent when the year is over. */
static int
budgets_watch(struct err *e)
{
	struct query *q = db_query(alarm_watch_prepared[Q_YEAR]);
	char now[TIME_TEXT_SIZE];

	time_text(now, clock_now());
	now[4] = '\0';
	q_str(q, 1, now);
	return found_clear(q, ALARM_BUDGET, e);
}

static void
alarm_watch(void)
{
	static int (*const watches[])(struct err *) = { signer_watch,
		letters_watch, disk_watch, issuers_watch, revocations_watch,
		evidence_watch, failures_watch, deeds_watch, budgets_watch };

	for (size_t i = 0; i < sizeof watches / sizeof watches[0]; i++) {
		struct err e = { 0 };

		if (watches[i](&e) < 0)
			log_warn("alarms: %s", e.text);
	}
}
LOOP_TIMER(alarm_watch, 20, alarm_watch)

void
alarm_watch_for_test(void)
{
	alarm_watch();
}
