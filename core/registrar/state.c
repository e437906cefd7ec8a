/* state.c - how the authority is: facts for staff and for the operator, and
 * what is looked at when this process starts. */
#include "core/registrar/registrar.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/account/key_known.h"
#include "core/registrar/policy.h"

#define TAIL_ENTRIES 1000

enum { Q_LETTERS, Q_QUEUE, Q_AUDIT };
static const char *const sql[] = {
	[Q_LETTERS] = "SELECT count(*), min(created) FROM notice"
	    " WHERE state IN ('waiting', 'leased')",
	[Q_QUEUE] = "SELECT count(*), min(created) FROM request"
	    " WHERE state = 'awaiting'",
	[Q_AUDIT] = "SELECT max(number), max(at) FROM audit",
};
DB_STATEMENTS(state, sql)

static int64_t started;

static void __attribute__((format(printf, 4, 5)))
fact_add(struct fact_list *r, const char *what, bool good, const char *fmt,
    ...)
{
	struct fact *f = LIST_ADD(r, rows);
	va_list ap;

	str_copy(f->what, sizeof f->what, what);
	f->good = good;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
}

/* Two numbers of a counting statement. */
static int
two_read(int which, int64_t *first, int64_t *second, struct err *e)
{
	struct query *q = db_query(state_prepared[which]);
	int have = q_next(q, e);

	*first = *second = 0;
	if (have == 1) {
		*first = q_col_i64(q, 0);
		*second = q_col_i64(q, 1);
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

int64_t
disk_free_mb(void)
{
	char path[CONF_PATH_SIZE];
	struct statvfs v;

	conf_path(&conf, path, "db");
	return statvfs(path, &v) < 0 ? -1 :
	    (int64_t)((uint64_t)v.f_bavail * v.f_frsize >> 20);
}

static void
disk_fact(struct fact_list *r)
{
	long long mb = (long long)disk_free_mb();

	if (mb < 0) {
		fact_add(r, "disk", !db_low(), "%s", db_low() ?
		    "full; the reserve is spent" : "room unknown");
		return;
	}
	fact_add(r, "disk", !db_low() && mb >= DISK_LOW_MB, "%lld MB free%s",
	    mb, db_low() ? "; the reserve is spent" : "");
}

static int
rows_facts(struct fact_list *r, struct err *e)
{
	char since[TIME_TEXT_SIZE];
	int64_t n, at;

	if (two_read(Q_AUDIT, &n, &at, e) < 0)
		return -1;
	time_text(since, at);
	fact_add(r, "audit log", !audit_is_bad, "%lld entries, the last %s%s",
	    (long long)n, since, audit_is_bad ?
	    "; the chain is broken, nothing is issued" : "");
	if (two_read(Q_QUEUE, &n, &at, e) < 0)
		return -1;
	time_text(since, at);
	fact_add(r, "requests", true, n ? "%lld wait, the oldest since %s" :
	    "%lld wait", (long long)n, since);
	if (two_read(Q_LETTERS, &n, &at, e) < 0)
		return -1;
	time_text(since, at);
	fact_add(r, "letters", n == 0 || clock_now() - at < 3600, n ?
	    "%lld to leave, the oldest since %s" : "%lld to leave",
	    (long long)n, since);
	return 0;
}

static int
facts(struct fact_list *r, struct err *e)
{
	char since[TIME_TEXT_SIZE];
	struct err why = { 0 };
	bool signer = signer_line(&why) != NULL;

	time_text(since, started);
	fact_add(r, "registrar", true, "since %s, %d seat%s open", since,
	    seats_of(-1), seats_of(-1) == 1 ? "" : "s");
	fact_add(r, "signer", signer, "%s", signer ? "connected" :
	    why.text);
	fact_add(r, "gate", seats_with_role(ROLE_GATE) > 0, "%s",
	    seats_with_role(ROLE_GATE) > 0 ? "connected" :
	    "not connected");
	fact_add(r, "courier", seats_with_role(ROLE_COURIER) > 0, "%s",
	    seats_with_role(ROLE_COURIER) > 0 ? "connected" :
	    "not connected");
	disk_fact(r);
	if (rows_facts(r, e) < 0)
		return -1;
	issuer_facts(r);
	policy_facts(r);
	weak_keys_facts(r);
	publish_facts(r);
	return 0;
}

int
serve_system_state(struct seat *s, const struct none *a, struct fact_list *r,
    struct err *e)
{
	(void)s;
	(void)a;
	return facts(r, e);
}

int
serve_operator_state(struct seat *s, const struct none *a,
    struct fact_list *r, struct err *e)
{
	(void)s;
	(void)a;
	return facts(r, e);
}

/* ---- at start ---- */

int
state_start(struct err *e)
{
	struct audit_check check = { 0 };

	started = clock_now();
	if (audit_walk_tail(TAIL_ENTRIES, &check, e) < 0)
		return -1;
	if (!check.good)
		log_warn("audit log: %s; nothing will be issued", check.text);
	if (db_begin(e) < 0)
		return -1;
	if (audit_add(NULL, "system.start", "system", "registrar",
	    OUTCOME_DONE, e, "policy %s; newest entries of the log: %s",
	    conf.policy_version, check.text) < 0 || policy_note(e) < 0) {
		db_rollback();
		return -1;
	}
	return db_commit(e);
}

int
state_migrated(int from, int to, const char *copy, struct err *e)
{
	return audit_add(NULL, "database.migrate", "system", "registrar",
	    OUTCOME_DONE, e, "schema version %d became %d; %s keeps the old",
	    from, to, copy);
}
