/* recovery.c - a recovery that waits: the owner or the staff stop it, a second
 * person approves it, its time comes and the new key opens the account. */
#include "core/registrar/account/recover.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/account/contact.h"
#include "core/registrar/clock_watch.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/page.h"

/* Whose yes has not come so long after its time is forgotten. */
#define APPROVAL_SECONDS (7 * 86400)

enum { Q_WAITING, Q_END, Q_LOAD, Q_LIST, Q_LAST, Q_APPROVE, Q_DUE, Q_NO_WORD,
	Q_STALE, Q_KEYS, Q_DUE_OF, Q_OTHER };
#define ROW "r.number, a.name, r.state, r.fingerprint, r.begun, r.due," \
    " r.needs_approval = 1 OR (r.state = 'waiting' AND a.role <> 'member'),"\
    " coalesce(b.name, ''), r.approved, r.ended" \
    " FROM recovery r JOIN account a ON a.number = r.account" \
    " LEFT JOIN account b ON b.number = r.approved_by"
/* A role that was given while it waits counts as one from its begin. */
#define NEEDS "(r.needs_approval = 1 OR a.role <> 'member')"
#define WAITING "SELECT r.number, r.account, r.begun, r.due," \
    " coalesce(r.approved_by, 0), " NEEDS ", a.role, a.name," \
    " r.fingerprint, r.line, r.stop_hash FROM recovery r" \
    " JOIN account a ON a.number = r.account WHERE r.state = 'waiting'"
static const char *const sql[] = {
	[Q_WAITING] = WAITING " AND r.account = ?1",
	[Q_END] = "UPDATE recovery SET state = ?2, ended = ?3,"
	    " code_hash = NULL, stop_hash = NULL, line = ''"
	    " WHERE number = ?1 AND state = 'waiting'",
	[Q_LOAD] = "SELECT " ROW " WHERE r.number = ?1",
	[Q_LIST] = "SELECT " ROW " WHERE r.begun > 0 AND r.number < ?1"
	    " AND (?2 = '' OR r.state = ?2) AND (?3 = ''"
	    " OR a.name LIKE ?3 ESCAPE '!' OR r.fingerprint LIKE ?3"
	    " ESCAPE '!') ORDER BY r.number DESC LIMIT ?4",
	[Q_LAST] = PAGE_COUNT("FROM recovery WHERE begun > 0"),
	[Q_APPROVE] = "UPDATE recovery SET approved_by = ?2, approved = ?3"
	    " WHERE number = ?1",
	[Q_DUE] = WAITING " AND r.due <= ?1"
	    " AND (NOT " NEEDS " OR r.approved > 0) LIMIT 1",
	[Q_NO_WORD] = WAITING " AND r.due <= ?1 AND " NEEDS
	    " AND r.approved = 0 LIMIT 1",
	[Q_STALE] = "UPDATE recovery SET state = 'expired', ended = ?1,"
	    " code_hash = NULL WHERE state IN ('mailed', 'waiting')"
	    " AND state = 'mailed' AND code_expires <= ?1",
	[Q_KEYS] = "DELETE FROM ssh_key WHERE account = ?1",
	[Q_DUE_OF] = "SELECT due FROM recovery WHERE account = ?1"
	    " AND state = 'waiting'",
	[Q_OTHER] = "SELECT 1 FROM recovery WHERE account = ?1"
	    " AND number <> ?2 AND begun > 0 AND ended > ?3 LIMIT 1",
};
DB_STATEMENTS(recovery, sql)

static void
waiting_take(struct query *q, struct waiting_recovery *w)
{
	memset(w, 0, sizeof *w);
	w->number = q_col_i64(q, 0);
	w->account = q_col_i64(q, 1);
	w->begun = q_col_i64(q, 2);
	w->due = q_col_i64(q, 3);
	w->approved_by = q_col_i64(q, 4);
	w->needs_approval = q_col_i64(q, 5) != 0;
	w->role = q_col_word(q, 6, &role_words, ROLE_STAFF);
	q_col_str(q, 7, w->name, sizeof w->name);
	q_col_str(q, 8, w->fingerprint, sizeof w->fingerprint);
	q_col_str(q, 9, w->line, sizeof w->line);
	q_col_bytes(q, 10, w->stop_hash, sizeof w->stop_hash);
}

int
recovery_waiting_load(int64_t account, struct waiting_recovery *w,
    struct err *e)
{
	struct query *q = db_query(recovery_prepared[Q_WAITING]);
	int have;

	q_i64(q, 1, account);
	if ((have = q_next(q, e)) == 1)
		waiting_take(q, w);
	q_end(q);
	return have;
}

int64_t
recovery_due(int64_t account)
{
	struct query *q = db_query(recovery_prepared[Q_DUE_OF]);
	int64_t due = 0;

	q_i64(q, 1, account);
	if (q_next(q, NULL) == 1)
		due = q_col_i64(q, 0);
	q_end(q);
	return due;
}

static void
row_take(struct query *q, struct recovery *r)
{
	r->number = q_col_i64(q, 0);
	q_col_str(q, 1, r->account, sizeof r->account);
	r->state = q_col_word(q, 2, &recovery_state_words, 0);
	q_col_str(q, 3, r->fingerprint, sizeof r->fingerprint);
	r->begun = q_col_i64(q, 4);
	r->due = q_col_i64(q, 5);
	r->needs_approval = q_col_i64(q, 6) != 0;
	q_col_str(q, 7, r->approved_by, sizeof r->approved_by);
	r->approved = q_col_i64(q, 8);
	r->ended = q_col_i64(q, 9);
}

int
recovery_load(int64_t number, struct recovery *r, struct err *e)
{
	struct query *q = db_query(recovery_prepared[Q_LOAD]);
	int have;

	q_i64(q, 1, number);
	if ((have = q_next(q, e)) == 1)
		row_take(q, r);
	q_end(q);
	return have < 0 ? -1 : have == 1 ? 0 : err_set(e, ERR_NOT_FOUND,
	    "recovery", "there is no such recovery");
}

int
recovery_end(const struct waiting_recovery *w, enum recovery_state how,
    struct err *e)
{
	struct query *q = db_query(recovery_prepared[Q_END]);

	q_i64(q, 1, w->number);
	q_str(q, 2, word_of(&recovery_state_words, how));
	q_i64(q, 3, clock_now());
	if (q_run(q, e) < 0 ||
	    alarm_clear(ALARM_RECOVERY, w->name, e) < 0)
		return -1;
	change_push("account", w->account, w->account, "");
	return 0;
}

static int
ended_tell(const struct waiting_recovery *w, const char *kind, struct err *e)
{
	const struct blank blanks[] = {
		{ "NAME", w->name }, { "FINGERPRINT", w->fingerprint },
	};

	return account_tell(kind, w->account, true, blanks,
	    sizeof blanks / sizeof blanks[0], e);
}

int
recovery_stopped(const struct seat *s, const struct waiting_recovery *w,
    const char *by, struct err *e)
{
	if (recovery_end(w, RECOVERY_STOPPED, e) < 0 ||
	    ended_tell(w, "recovery-stopped", e) < 0)
		return -1;
	return audit_add(s, "account.recovery-stopped", "account", w->name,
	    OUTCOME_DONE, e, "by %s; recovery %lld", by,
	    (long long)w->number);
}

/* ---- people ---- */

/* By name for staff, one's own without. */
static int
named_load(const struct seat *s, const char *name, struct waiting_recovery *w,
    struct err *e)
{
	struct account a = { 0 };
	int64_t account = s->account;
	int have;

	if (name[0] != '\0' && strcmp(name, s->account_name) != 0) {
		if ((ROLE_BIT(s->role) & (STAFF | DIRECTOR)) == 0)
			return err_set(e, ERR_REFUSED, "role",
			    "Only staff stop the recovery of another account; your own: recovery stop");
		if (account_load_by_name(name, &a, e) < 0)
			return -1;
		account = a.number;
	}
	if ((have = recovery_waiting_load(account, w, e)) < 0)
		return -1;
	return have == 1 ? 0 : err_set(e, ERR_NOT_FOUND, "recovery",
	    "Nobody recovers this account just now.");
}

int
serve_recovery_stop(struct seat *s, const struct ref *a, struct recovery *r,
    struct err *e)
{
	struct waiting_recovery w;

	if (named_load(s, a->ref, &w, e) < 0 ||
	    recovery_stopped(s, &w, w.account == s->account ?
	    "a key of the account" : "staff", e) < 0)
		return -1;
	return recovery_load(w.number, r, e);
}

/* Whoever reads the account's mail can stop the owner's recovery and begin one
 * with a key of his own, just before the colleague says yes: where there was
 * another one lately, the yes must name the key. */
static int
key_said(const struct waiting_recovery *w, const char *fingerprint,
    struct err *e)
{
	struct query *q = NULL;
	int have = 0;

	if (fingerprint[0] == '\0') {
		q = db_query(recovery_prepared[Q_OTHER]);
		q_i64(q, 1, w->account);
		q_i64(q, 2, w->number);
		q_i64(q, 3, clock_now() - APPROVAL_SECONDS);
		have = q_next(q, e);
		q_end(q);
	}
	if (have < 0)
		return -1;
	if (have == 1)
		return err_set(e, ERR_CONFLICT, "recovery-key",
		    "Lately there was another recovery of %s, with another key; ask its holder which key is his, then name it: recovery approve %s --key %s",
		    w->name, w->name, w->fingerprint);
	if (fingerprint[0] == '\0' || strcmp(fingerprint, w->fingerprint) == 0)
		return 0;
	return err_set(e, ERR_CONFLICT, "recovery-key",
	    "The key of this recovery is %s, not the one that you name; look again: recovery list",
	    w->fingerprint);
}

int
serve_recovery_approve(struct seat *s, const struct recovery_word *a,
    struct recovery *r, struct err *e)
{
	struct waiting_recovery w;
	struct query *q = NULL;

	if (named_load(s, a->name, &w, e) < 0)
		return -1;
	if (w.account == s->account)
		return err_set(e, ERR_REFUSED, "approval-own",
		    "Nobody approves the recovery of his own account; ask a colleague.");
	if (!w.needs_approval)
		return err_set(e, ERR_CONFLICT, "recovery",
		    "The recovery of %s needs nobody's word: time passes, and the member can stop it.",
		    w.name);
	if (key_said(&w, a->fingerprint, e) < 0)
		return -1;
	if (w.approved_by == 0) {
		q = db_query(recovery_prepared[Q_APPROVE]);
		q_i64(q, 1, w.number);
		q_i64(q, 2, s->account);
		q_i64(q, 3, clock_now());
		if (q_run(q, e) < 0 || audit_add(s,
		    "account.recovery-approved", "account", w.name,
		    OUTCOME_DONE, e, "recovery %lld", (long long)w.number) < 0)
			return -1;
		change_push("account", w.account, w.account, "");
	}
	return recovery_load(w.number, r, e);
}

int
serve_recovery_list(struct seat *s, const struct wish *a,
    struct recovery_page *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	(void)s;
	if (page_total(db_query(recovery_prepared[Q_LAST]), &r->total, e) < 0)
		return -1;
	q = db_query(recovery_prepared[Q_LIST]);
	page_bind(q, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}

/* ---- time ---- */

/* The new key takes the place of all others; who sits there leaves. */
static int
recovery_finish(const struct waiting_recovery *w, struct err *e)
{
	struct query *q = db_query(recovery_prepared[Q_KEYS]);
	struct key k = { 0 };

	q_i64(q, 1, w->account);
	if (q_run(q, e) < 0 || key_parse(w->line, &k, e) < 0)
		return -1;
	str_copy(k.name, sizeof k.name, "recovered");
	if (key_store(w->account, &k, e) < 0 ||
	    recovery_end(w, RECOVERY_DONE, e) < 0 ||
	    ended_tell(w, "recovery-done", e) < 0)
		return -1;
	seats_hang_up(w->account);
	return audit_add(NULL, "account.recovered", "account", w->name,
	    OUTCOME_DONE, e, "key %s, in place of all others",
	    w->fingerprint);
}

static int
one_finish(const struct waiting_recovery *w, struct err *e)
{
	int r;

	if (db_savepoint(e) < 0)
		return -1;
	if ((r = recovery_finish(w, e)) == 0) {
		db_savepoint_release();
		return 0;
	}
	db_savepoint_undo();
	/* its key has come to open another account meanwhile */
	log_warn("the recovery of %s cannot end: %s", w->name, e->text);
	if (e->kind != ERR_CONFLICT && e->kind != ERR_REFUSED)
		return -1;
	err_clear(e);
	return recovery_end(w, RECOVERY_EXPIRED, e) < 0 ? -1 : audit_add(NULL,
	    "account.recovery-expired", "account", w->name, OUTCOME_FAILED,
	    e, "the key cannot be taken");
}

/* One of a kind that the clock has made due: 1 there was one, 0, -1. */
static int
due_take(int which, int64_t before, struct waiting_recovery *w,
    struct err *e)
{
	struct query *q = db_query(recovery_prepared[which]);
	int have;

	q_i64(q, 1, before);
	if ((have = q_next(q, e)) == 1)
		waiting_take(q, w);
	q_end(q);
	return have;
}

void
recovery_sweep(void)
{
	struct waiting_recovery w;
	struct query *q = NULL;
	struct err e = { 0 };
	int64_t now = clock_now();

	if (clock_sure(NULL) < 0)
		return;		/* its owner has days to stop it: real ones */
	q = db_query(recovery_prepared[Q_STALE]);
	q_i64(q, 1, now);
	if (q_run(q, &e) < 0)
		goto bad;
	for (int i = 0; i < 20 && due_take(Q_DUE, now, &w, &e) == 1; i++)
		if (one_finish(&w, &e) < 0)
			goto bad;
	for (int i = 0; i < 20 && e.kind == ERR_NONE &&
	    due_take(Q_NO_WORD, now - APPROVAL_SECONDS, &w, &e) == 1; i++)
		if (recovery_end(&w, RECOVERY_EXPIRED, &e) < 0 ||
		    audit_add(NULL, "account.recovery-expired", "account",
		    w.name, OUTCOME_FAILED, &e, "nobody approved it") < 0)
			goto bad;
	if (e.kind == ERR_NONE)
		return;
bad:
	log_warn("recoveries: %s", e.text);
}
LOOP_TIMER(recovery, 2, recovery_sweep)
