/*
 * reminder.c - letters before a certificate ends, and which letters a member
 * wants (S6.4).
 *
 * For each configured day D a mark in `setting` says up to which end of a
 * certificate the letters of that day have been made, and of those that end in
 * that very second up to which number: many may, made together.  It moves in the
 * transaction that makes them, so that none is made twice or lost, whatever
 * dies; and as it never moves back, neither does a clock that is set back
 * make one twice.  Who was not reminded in time, because the authority was
 * down, hears the next one alone.
 */
#include "core/registrar/account/contact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/letter/calendar.h"
#include "core/registrar/db.h"
#include "core/registrar/kept.h"
#include "core/registrar/request/request.h"
#include "core/registrar/letter/reminder.h"

#define DAY 86400
#define DAYS_MOST 10		/* in reminder_days */
#define SLICE 100		/* certificates at once */

enum { Q_ENDING, Q_REPLACED, Q_WANTED, Q_MUTED, Q_MUTE,
	Q_UNMUTE, Q_PROOF, Q_MUTED_LIST };
static const char *const sql[] = {
	[Q_ENDING] = "SELECT c.number, c.request, c.account, c.serial,"
	    " c.not_after, r.first, a.name FROM certificate c"
	    " JOIN request r ON r.number = c.request"
	    " JOIN account a ON a.number = c.account"
	    " WHERE c.state = 'good' AND (c.not_after, c.number) > (?1, ?3)"
	    " AND c.not_after <= ?2 AND a.state IN ('active', 'suspended')"
	    " ORDER BY c.not_after, c.number LIMIT ?4",
	/* a newer good one of the account has all its domains */
	[Q_REPLACED] = "SELECT 1 FROM request_domain f"
	    " JOIN certificate n ON n.request = f.request"
	    " WHERE f.domain = ?4 AND f.request > ?1 AND n.account = ?2"
	    " AND n.state = 'good' AND n.not_after > ?3"
	    " AND NOT EXISTS (SELECT 1 FROM request_domain o"
	    "  WHERE o.request = ?1 AND NOT EXISTS (SELECT 1"
	    "   FROM request_domain d WHERE d.request = n.request"
	    "   AND d.domain = o.domain)) LIMIT 1",
	[Q_WANTED] = "SELECT 1 FROM muted WHERE account = ?1 AND what = ?2"
	    " AND request = 0",
	[Q_MUTED] = "SELECT 1 FROM muted WHERE account = ?1"
	    " AND (what = 'reminders'"
	    " OR (what = 'certificate' AND request = ?2)) LIMIT 1",
	[Q_MUTE] = "INSERT INTO muted (account, what, request)"
	    " VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (account, what, request) DO NOTHING",
	[Q_UNMUTE] = "DELETE FROM muted WHERE account = ?1 AND what = ?2"
	    " AND request = ?3",
	[Q_PROOF] = "SELECT min(coalesce((SELECT max(p.expires) FROM domain p"
	    " WHERE p.account = ?2 AND p.state = 'proven'"
	    " AND (p.name = d.domain OR (?3 = 1 AND substr(d.domain,"
	    " -length(p.name) - 1) = '.' || p.name))), 0))"
	    " FROM request_domain d WHERE d.request = ?1",
	[Q_MUTED_LIST] = "SELECT m.request, r.first, c.not_after FROM muted m"
	    " JOIN request r ON r.number = m.request"
	    " JOIN certificate c ON c.request = m.request"
	    " WHERE m.account = ?1 AND m.what = 'certificate'"
	    " ORDER BY m.request",
};
DB_STATEMENTS(reminder, sql)

struct ending {
	int64_t number, request, account, not_after;
	char serial[42], first[254], account_name[33];
};

/* ---- configured days ---- */

/* Falling, each once; how many. */
static size_t
days_read(int64_t days[DAYS_MOST])
{
	char copy[CONF_STR_SIZE], *save = NULL;
	size_t n = 0, kept = 0;

	str_copy(copy, sizeof copy, conf.policy_reminder_days);
	for (char *w = strtok_r(copy, " ,", &save); w != NULL &&
	    n < DAYS_MOST; w = strtok_r(NULL, " ,", &save))
		if (number_parse(w, 398, &days[n]) && days[n] > 0)
			n++;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (days[k] > days[i]) {
				int64_t d = days[i];

				days[i] = days[k];
				days[k] = d;
			}
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || days[i] != days[kept - 1])
			days[kept++] = days[i];
	return kept;
}

/* ---- one letter ---- */

static int
is_replaced(const struct ending *c, struct err *e)
{
	struct query *q = db_query(reminder_prepared[Q_REPLACED]);
	int have;

	q_i64(q, 1, c->request);
	q_i64(q, 2, c->account);
	q_i64(q, 3, c->not_after);
	q_str(q, 4, c->first);
	have = q_next(q, e);
	q_end(q);
	return have;
}

static int
is_muted(const struct ending *c, struct err *e)
{
	struct query *q = db_query(reminder_prepared[Q_MUTED]);
	int have;

	q_i64(q, 1, c->account);
	q_i64(q, 2, c->request);
	have = q_next(q, e);
	q_end(q);
	return have;
}

/* What stands in the way of the renewal: a proof that is over by then. */
static void
proof_words(char *dst, size_t size, const struct ending *c)
{
	struct query *q = db_query(reminder_prepared[Q_PROOF]);
	int64_t until = 0;
	char date[TIME_TEXT_SIZE];

	q_i64(q, 1, c->request);
	q_i64(q, 2, c->account);
	q_i64(q, 3, conf.policy_subdomains);
	if (q_next(q, NULL) == 1)
		until = q_col_i64(q, 0);
	q_end(q);
	time_text(date, until);
	if (until <= clock_now())
		snprintf(dst, size, "Before that prove its domains again: the proof of at least one is over\n(domain list, domain add DOMAIN).");
	else
		snprintf(dst, size, "The proofs of its domains count until %.10s.",
		    date);
}

static void
event_make(struct buf *b, const struct ending *c, int64_t days)
{
	char uid[160], summary[400], description[1024];
	const struct calendar_event v = { .uid = uid, .summary = summary,
		.description = description, .made = clock_now(),
		.at = c->not_after, .sequence = 1000 - days };

	snprintf(uid, sizeof uid, "%s@%.100s", c->serial, conf.service_name);
	snprintf(summary, sizeof summary, "Certificate for %s ends",
	    c->first);
	snprintf(description, sizeof description,
	    "Certificate %lld of %s.\nRenew it: %s %s@%.200s renew %lld < csr.pem",
	    (long long)c->request, c->account_name, ssh_words(),
	    c->account_name, conf.service_name, (long long)c->request);
	calendar_make(b, &v);
	buf_put_u8(b, 0);
}

static int
remind(const struct ending *c, int64_t days, struct err *e)
{
	char number[24], in[24], until[TIME_TEXT_SIZE], proof[256];
	int64_t left = (c->not_after - clock_now() + DAY - 1) / DAY;
	const struct blank blanks[] = {
		{ "ACCOUNT", c->account_name }, { "NUMBER", number },
		{ "DOMAIN", c->first }, { "SERIAL", c->serial },
		{ "UNTIL", until }, { "DAYS", in }, { "PROOF", proof },
	};
	struct addresses to = { 0 };
	struct buf ics = { 0 };
	int r;

	snprintf(number, sizeof number, "%lld", (long long)c->request);
	snprintf(in, sizeof in, "%lld day%s", (long long)left,
	    left == 1 ? "" : "s");
	time_text(until, c->not_after);
	proof_words(proof, sizeof proof, c);
	event_make(&ics, c, days);
	r = addresses_of_account(&to, c->account, e);
	if (r == 0)
		r = addresses_tell(&to, "reminder", c->account, blanks,
		    sizeof blanks / sizeof blanks[0],
		    (const char *)ics.data, e);
	addresses_clear(&to);
	buf_clear(&ics);
	return r < 0 ? -1 : audit_add(NULL, "certificate.remind",
	    "certificate", c->serial, OUTCOME_DONE, e, "%lld days before",
	    (long long)days);
}

/* ---- a day's letters ---- */

/* Up to which end, and which number of those. */
struct mark {
	int64_t time, number;
};

/* At most SLICE rows behind `from`. */
static int
ending_load(const struct mark *from, int64_t to, struct ending **list,
    size_t *n, struct err *e)
{
	struct query *q = db_query(reminder_prepared[Q_ENDING]);
	int have;

	q_i64(q, 1, from->time);
	q_i64(q, 2, to);
	q_i64(q, 3, from->number);
	q_i64(q, 4, SLICE);
	while ((have = q_next(q, e)) == 1) {
		struct ending c = { 0 };

		c.number = q_col_i64(q, 0);
		c.request = q_col_i64(q, 1);
		c.account = q_col_i64(q, 2);
		q_col_str(q, 3, c.serial, sizeof c.serial);
		c.not_after = q_col_i64(q, 4);
		q_col_str(q, 5, c.first, sizeof c.first);
		q_col_str(q, 6, c.account_name, sizeof c.account_name);
		*list = list_grow(*list, n, sizeof **list);
		(*list)[*n - 1] = c;
	}
	return have < 0 ? -1 : 0;
}

/* No number is kept when all of that second are done. */
static int
mark_read(int64_t days, struct mark *m, struct err *e)
{
	char name[40];

	snprintf(name, sizeof name, "reminder.%lld", (long long)days);
	if (kept_number(name, &m->time, e) < 0)
		return -1;
	snprintf(name, sizeof name, "reminder.%lld.of", (long long)days);
	if (kept_number(name, &m->number, e) < 0)
		return -1;
	if (m->number == 0)
		m->number = INT64_MAX;
	return 0;
}

static int
mark_write(int64_t days, const struct mark *m, struct err *e)
{
	char name[40];

	snprintf(name, sizeof name, "reminder.%lld", (long long)days);
	if (kept_number_set(name, m->time, e) < 0)
		return -1;
	snprintf(name, sizeof name, "reminder.%lld.of", (long long)days);
	return kept_number_set(name, m->number, e);
}

static int
day_run(int64_t days, int64_t next, struct err *e)
{
	int64_t now = clock_now(), to = now + days * DAY;
	struct mark m = { 0 }, done = { .time = to };
	struct ending *list = NULL;
	size_t n = 0;
	int r;

	if (mark_read(days, &m, e) < 0)
		return -1;
	if (m.time < now + next * DAY)
		m = (struct mark){ now + next * DAY, INT64_MAX };
	if (m.time > to || (m.time == to && m.number == INT64_MAX))
		return 0;
	r = ending_load(&m, to, &list, &n, e);
	for (size_t i = 0; i < n && r == 0; i++) {
		int skip = is_muted(&list[i], e);

		if (skip == 0)
			skip = is_replaced(&list[i], e);
		r = skip < 0 ? -1 : skip == 1 ? 0 : remind(&list[i], days, e);
	}
	if (n >= SLICE)
		done = (struct mark){ list[n - 1].not_after,
			list[n - 1].number };
	if (r == 0)
		r = mark_write(days, &done, e);
	free(list);
	return r;
}

void
reminder_run(void)
{
	int64_t days[DAYS_MOST];
	size_t n = days_read(days);
	struct err e = { 0 };

	for (size_t i = 0; i < n; i++) {
		int64_t next = i + 1 < n ? days[i + 1] : 0;

		if (db_savepoint(&e) < 0)
			return;
		if (day_run(days[i], next, &e) == 0) {
			db_savepoint_release();
			continue;
		}
		db_savepoint_undo();
		log_warn("reminders of %lld days: %s", (long long)days[i],
		    e.text);
		err_clear(&e);
	}
}
LOOP_TIMER(reminder, 5, reminder_run)

/* ---- notify: what one wants to hear ---- */

bool
letter_wanted(int64_t account, const char *what)
{
	struct query *q = db_query(reminder_prepared[Q_WANTED]);
	int have;

	q_i64(q, 1, account);
	q_str(q, 2, what);
	have = q_next(q, NULL);
	q_end(q);
	return have != 1;
}

static int
notify_load(int64_t account, struct notify *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	r->reminders = letter_wanted(account, "reminders");
	r->issued = letter_wanted(account, "issued");
	snprintf(r->days, sizeof r->days, "%.127s",
	    conf.policy_reminder_days);
	q = db_query(reminder_prepared[Q_MUTED_LIST]);
	q_i64(q, 1, account);
	while ((have = q_next(q, e)) == 1) {
		struct notify_mute *m = LIST_ADD(r, muted);

		m->request = q_col_i64(q, 0);
		q_col_str(q, 1, m->first, sizeof m->first);
		m->not_after = q_col_i64(q, 2);
	}
	return have;
}

int
serve_notify_get(struct seat *s, const struct none *a, struct notify *r,
    struct err *e)
{
	(void)a;
	return notify_load(s->account, r, e);
}

/* "reminders", "issued", or a certificate by its number or serial. */
static int
what_find(const struct seat *s, const char *typed, const char **what,
    int64_t *request, struct err *e)
{
	/* staff find all requests: muted are one's own alone */
	struct seat own = { .role = ROLE_MEMBER, .account = s->account };

	*request = 0;
	if (strcmp(typed, "reminders") == 0 || strcmp(typed, "issued") == 0) {
		*what = typed;
		return 0;
	}
	*what = "certificate";
	if (request_find(&own, typed, request, e) == 0)
		return 0;
	if (e->kind == ERR_NOT_FOUND || e->kind == ERR_BAD_INPUT)
		return err_set(e, ERR_NOT_FOUND, "notify",
		    "Say reminders, issued, or the number of a certificate of yours; letters about revocation, recovery and your domains always come.");
	return -1;
}

int
serve_notify_set(struct seat *s, const struct notify_wish *a,
    struct notify *r, struct err *e)
{
	struct query *q = NULL;
	const char *what = NULL;
	int64_t request;

	if (what_find(s, a->what, &what, &request, e) < 0)
		return -1;
	q = db_query(reminder_prepared[a->on ? Q_UNMUTE : Q_MUTE]);
	q_i64(q, 1, s->account);
	q_str(q, 2, what);
	q_i64(q, 3, request);
	if (q_run(q, e) < 0 || audit_add(s, "notify.set", "account",
	    s->account_name, OUTCOME_DONE, e, "%s %s", a->what,
	    a->on ? "on" : "off") < 0)
		return -1;
	change_push("account", s->account, s->account, "");
	return notify_load(s->account, r, e);
}
