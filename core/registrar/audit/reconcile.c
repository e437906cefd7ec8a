/* reconcile.c - the signer's journal against our rows: every serial that was
 * ever announced has a status; certificates without evidence are told. */
#include "core/registrar/issuer/issuer.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/list/page.h"
#include "core/registrar/policy.h"
#include "core/wire/ask.h"
#include "core/x509/profile.h"

#define SIGNER_MS 5000
#define PAGES_MAX 100000
#define DAY 86400

enum { Q_SEEN, Q_SEEN_SET, Q_KNOWN, Q_STILL_ASKED, Q_BURN, Q_ANY_ISSUER,
	Q_NO_EVIDENCE, Q_LAST };

static const char *const sql[] = {
	[Q_SEEN] = "SELECT coalesce(max(journal_seen), 0) FROM issuer",
	[Q_SEEN_SET] = "UPDATE issuer SET journal_seen = ?1",
	[Q_KNOWN] = "SELECT 1 FROM certificate WHERE serial = ?1",
	[Q_STILL_ASKED] = "SELECT 1 FROM request WHERE number = ?1"
	    " AND state = 'approved' AND serial = ?2",
	[Q_BURN] = "INSERT INTO certificate (serial, issuer, state,"
	    " not_before, not_after, issued, revoked, reason, sha256,"
	    " spki_sha256, policy) VALUES (?1, ?2, 'burnt', ?3, ?4, ?3, ?3,"
	    " 0, ?5, ?5, ?6)",
	[Q_ANY_ISSUER] = "SELECT name FROM issuer WHERE purpose = 'server'"
	    " AND state = 'active' ORDER BY not_after DESC LIMIT 1",
	[Q_NO_EVIDENCE] = "SELECT count(*), coalesce(min(c.serial), '')"
	    " FROM certificate c WHERE c.number > ?1 AND c.number <= ?2"
	    " AND c.state <> 'burnt' AND NOT EXISTS (SELECT 1 FROM audit a"
	    " WHERE a.noun = 'certificate' AND a.object = c.serial"
	    " AND a.action = 'certificate.issue' AND a.outcome = 'done')",
	[Q_LAST] = "SELECT coalesce(max(number), 0) FROM certificate",
};
DB_STATEMENTS(reconcile, sql)

static int
exists(struct query *q, struct err *e)
{
	int r = q_next(q, e);

	q_end(q);
	return r;
}

static int
serial_known(const char *serial, struct err *e)
{
	struct query *q = db_query(reconcile_prepared[Q_KNOWN]);

	q_str(q, 1, serial);
	return exists(q, e);
}

static int
issuer_or_active(const char *issuer, char name[64], struct err *e)
{
	struct query *q = NULL;
	int r;

	if (str_copy(name, 64, issuer) && name[0] != '\0')
		return 0;
	q = db_query(reconcile_prepared[Q_ANY_ISSUER]);
	if ((r = q_next(q, e)) == 1)
		q_col_str(q, 0, name, 64);
	q_end(q);
	return r < 0 ? -1 : 0;
}

/* Whatever the policy was: no certificate that may lie somewhere lasts
 * longer. */
static int64_t
longest_days(void)
{
	int64_t days = 0;

	for (size_t i = 0; profile_at(i) != NULL; i++)
		if (days < profile_at(i)->longest_days)
			days = profile_at(i)->longest_days;
	return days;
}

static int
burnt_row_add(const char *serial, const char *issuer, const char *policy,
    struct err *e)
{
	struct query *q = db_query(reconcile_prepared[Q_BURN]);
	int64_t now = clock_now();

	q_str(q, 1, serial);
	q_str(q, 2, issuer);
	q_i64(q, 3, now);
	q_i64(q, 4, now + longest_days() * DAY);
	q_blob(q, 5, NULL, 0);
	q_str(q, 6, policy);
	return q_run(q, e);
}

int
serial_burn(const char *serial, const char *issuer, int64_t request,
    const char *policy, const char *why, struct err *e)
{
	struct policy_name p;
	char name[64];
	int known = serial_known(serial, e);

	if (known != 0)
		return known < 0 ? -1 : 0;
	if (issuer_or_active(issuer, name, e) < 0 ||
	    policy_of_hash(policy, &p, e) < 0 ||
	    burnt_row_add(serial, name, p.version, e) < 0 ||
	    publish_due(db_last_number(), true, e) < 0)
		return -1;
	log_warn("serial burnt serial=%s request=%lld: %s", serial,
	    (long long)request, why);
	return audit_add(NULL, "serial.burnt", "certificate", serial,
	    OUTCOME_DONE, e, "request %lld: %s, policy %s %s",
	    (long long)request, why, p.version, p.hash);
}

/* ---- the journal ---- */

/* 1 settled, 0 a request still asks with this serial, -1. */
static int
entry_settle(const struct journal_entry *j, struct err *e)
{
	struct query *q = NULL;
	char why[160], hash[65];
	int r = serial_known(j->serial, e);

	if (r != 0)
		return r;
	q = db_query(reconcile_prepared[Q_STILL_ASKED]);
	q_i64(q, 1, j->request);
	q_str(q, 2, j->serial);
	if ((r = exists(q, e)) != 0)
		return r < 0 ? -1 : 0;
	hex_encode(hash, j->sha256, sizeof j->sha256);
	if (j->is_signed)
		snprintf(why, sizeof why, "signed, but no row of ours has it,"
		    " certificate %s", hash);
	else
		str_copy(why, sizeof why,
		    "announced to the signer, never signed");
	if (j->is_signed && alarm_raise(ALARM_RECONCILIATION, "journal", e,
	    "The signer has signed what no row of ours has, at last %s for request %lld; it is listed as revoked. That comes of a registrar that died in between, or of an older database; if it was neither, find out who asked him: audit --noun certificate",
	    j->serial, (long long)j->request) < 0)
		return -1;
	return serial_burn(j->serial, j->issuer, j->request, j->policy, why,
	    e) < 0 ? -1 : 1;
}

static int
seen_load(int64_t *seen, struct err *e)
{
	struct query *q = db_query(reconcile_prepared[Q_SEEN]);
	int r = q_next(q, e);

	*seen = r == 1 ? q_col_i64(q, 0) : 0;
	q_end(q);
	return r < 0 ? -1 : 0;
}

static int
seen_store(int64_t seen, struct err *e)
{
	struct query *q = db_query(reconcile_prepared[Q_SEEN_SET]);

	q_i64(q, 1, seen);
	return q_run(q, e);
}

/* Settle one page; *seen moves on until the first entry that is still open. */
static int
page_settle(const struct journal_page *p, int64_t *seen, bool *open,
    struct err *e)
{
	for (size_t k = 0; k < p->n_rows; k++) {
		int settled = entry_settle(&p->rows[k], e);

		if (settled < 0)
			return -1;
		*open = *open || settled == 0;
		if (!*open)
			*seen = p->rows[k].number;
	}
	return 0;
}

int
journal_reconcile(struct line *l, struct err *e)
{
	struct journal_wish wish = { 0 };
	int64_t seen = 0;
	bool open = false, more = true;
	int r = seen_load(&seen, e);

	wish.after = seen;
	for (int page = 0; r == 0 && more && page < PAGES_MAX; page++) {
		struct journal_page p = { 0 };

		l->timeout_ms = SIGNER_MS;
		if ((r = ask_sign_journal(l, &wish, &p, e)) == 0) {
			r = page_settle(&p, &seen, &open, e);
			more = p.more && p.n_rows > 0;
			if (p.n_rows > 0)
				wish.after = p.rows[p.n_rows - 1].number;
		}
		NOUN_CLEAR(journal_page, &p);
	}
	return r < 0 ? -1 : seen_store(seen, e);
}

/* ---- J3.2 ---- */

/* A walk over all certificates, a slice each second (4 ms for a thousand);
 * hourly.  What the last whole one found is what is told. */
#define SLICE_ROWS 2000
#define WALK_SECONDS 3600

struct lacking {
	int64_t missing;
	char first[42];
};
static struct lacking found, finding;
static int64_t walked, walk_due, found_at;

static int
slice_look(int64_t last, struct err *e)
{
	struct query *q = db_query(reconcile_prepared[Q_NO_EVIDENCE]);
	int64_t until = walked + SLICE_ROWS;
	int have;

	q_i64(q, 1, walked);
	q_i64(q, 2, until);
	if ((have = q_next(q, e)) == 1) {
		finding.missing += q_col_i64(q, 0);
		if (finding.first[0] == '\0')
			q_col_str(q, 1, finding.first, sizeof finding.first);
	}
	q_end(q);
	if (have < 0)
		return -1;
	walked = until;
	if (until < last)
		return 0;
	found = finding;
	found_at = clock_now();
	walk_due = clock_mono_ms() + WALK_SECONDS * 1000;
	memset(&finding, 0, sizeof finding);
	walked = 0;
	return 0;
}

static void
evidence_walk(void)
{
	int64_t last;

	if (walked == 0 && walk_due > clock_mono_ms())
		return;
	if (page_total(db_query(reconcile_prepared[Q_LAST]), &last, NULL) ==
	    0)
		slice_look(last, NULL);
}
LOOP_TIMER(evidence, 1, evidence_walk)

static void
evidence_say(struct fact *f)
{
	char at[TIME_TEXT_SIZE];

	f->good = found.missing == 0;
	if (found.missing != 0) {
		snprintf(f->text, sizeof f->text,
		    "%lld without an entry in the audit log, first %s: somebody wrote to the database by hand",
		    (long long)found.missing, found.first);
		return;
	}
	time_text(at, found_at);
	snprintf(f->text, sizeof f->text,
	    "each has its entry in the audit log, as of %s", at);
}

bool
reconcile_finding(struct fact *f)
{
	if (found_at != 0)
		evidence_say(f);
	return found_at != 0;
}

void
reconcile_facts(struct fact_list *list)
{
	struct fact *f = LIST_ADD(list, rows);
	int64_t last = 0;
	int r = page_total(db_query(reconcile_prepared[Q_LAST]), &last, NULL);

	str_copy(f->what, sizeof f->what, "certificates have evidence");
	/* few enough to look at them while somebody waits */
	if (r == 0 && last <= SLICE_ROWS) {
		walked = 0;
		memset(&finding, 0, sizeof finding);
		r = slice_look(last, NULL);
	}
	if (r < 0) {
		str_copy(f->text, sizeof f->text, "could not be checked");
	} else if (found_at == 0) {
		f->good = true;
		snprintf(f->text, sizeof f->text,
		    "being looked at: %lld of %lld", (long long)walked,
		    (long long)last);
	} else {
		evidence_say(f);
	}
}
