/* role.c - roles: the director asks, a second person confirms; taken away at
 * once; ended by time or for want of use (P4.1, S12.6, J5.1). */
#include "core/registrar/account/role.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/state.h"
#include "core/registrar/alarm.h"
#include "core/registrar/clock_watch.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/deed.h"
#include "core/registrar/list/page.h"

#define WAITING_SECONDS (7 * 86400)
#define DAY 86400

enum { Q_ROLE, Q_ADD, Q_ONE, Q_LIST, Q_LAST, Q_WAITING, Q_MOVE, Q_CONFIRM,
	Q_HELD_END, Q_DIRECTORS, Q_OVER, Q_STALE, Q_UNUSED, Q_SOFT };

#define ROW \
	"SELECT g.number, a.name, g.role, g.state, g.until, g.reason, b.name," \
	" g.asked, coalesce(c.name, ''), g.confirmed, g.ended" \
	" FROM role_grant g JOIN account a ON a.number = g.account" \
	" JOIN account b ON b.number = g.asked_by" \
	" LEFT JOIN account c ON c.number = g.confirmed_by "

static const char *const sql[] = {
	[Q_ROLE] = "UPDATE account SET role = ?2 WHERE number = ?1",
	[Q_ADD] = "INSERT INTO role_grant (account, role, state, until,"
	    " reason, asked_by, asked) VALUES (?1, ?2, 'waiting', ?3, ?4, ?5,"
	    " ?6)",
	[Q_ONE] = ROW "WHERE g.number = ?1",
	[Q_LIST] = ROW "WHERE g.number < ?1 AND (?2 = '' OR g.state = ?2)"
	    " AND (?3 = '' OR a.name LIKE ?3 ESCAPE '!'"
	    " OR g.role LIKE ?3 ESCAPE '!' OR g.reason LIKE ?3 ESCAPE '!')"
	    " ORDER BY g.number DESC LIMIT ?4",
	[Q_LAST] = "SELECT coalesce(max(number), 0) FROM role_grant",
	[Q_WAITING] = "SELECT number FROM role_grant WHERE account = ?1"
	    " AND state = 'waiting'",
	[Q_MOVE] = "UPDATE role_grant SET state = ?3, ended = ?4"
	    " WHERE number = ?1 AND state = ?2",
	[Q_CONFIRM] = "UPDATE role_grant SET confirmed_by = ?2,"
	    " confirmed = ?3 WHERE number = ?1",
	[Q_HELD_END] = "UPDATE role_grant SET state = 'ended', ended = ?2"
	    " WHERE account = ?1 AND state = 'held'",
	[Q_DIRECTORS] = "SELECT count(*) FROM account WHERE role = 'director'"
	    " AND role <> 'member' AND state = 'active' AND number <> ?1",
	[Q_OVER] = "SELECT a.name FROM role_grant g"
	    " JOIN account a ON a.number = g.account WHERE g.state = 'held'"
	    " AND g.until <> 0 AND g.until <= ?1 LIMIT 1",
	[Q_STALE] = "SELECT number FROM role_grant WHERE state = 'waiting'"
	    " AND asked <= ?1 LIMIT 1",
	[Q_UNUSED] = "SELECT a.name FROM account a WHERE a.state = 'active'"
	    " AND a.role <> 'member'"
	    " AND a.role IN ('staff', 'auditor', 'finance')"
	    " AND max(a.last_login, a.created, coalesce((SELECT max("
	    "  g.confirmed) FROM role_grant g WHERE g.account = a.number"
	    "  AND g.state = 'held'), 0)) <= ?1 LIMIT 1",
	[Q_SOFT] = "SELECT 1 FROM ssh_key WHERE account = ?1"
	    " AND type LIKE 'sk-%' LIMIT 1",
};
DB_STATEMENTS(role, sql)

/* ---- what others ask ---- */

/* Set account.role, hang up its seats, tell; the caller logs why.  `account`
 * is changed with it. */
static int
role_move(struct account *account, enum role role, struct err *e)
{
	struct query *q = db_query(role_prepared[Q_ROLE]);

	q_i64(q, 1, account->number);
	q_str(q, 2, word_of(&role_words, role));
	if (q_run(q, e) < 0)
		return -1;
	account->role = role;
	seats_hang_up(account->number);
	change_push("account", account->number, 0, "");
	return 0;
}

bool
role_wants_hardware(enum role role)
{
	const char *word = word_of(&role_words, role);
	const char *at = conf.policy_hardware_roles;
	size_t n = strlen(word);

	while ((at = strstr(at, word)) != NULL) {
		bool begins = at == conf.policy_hardware_roles ||
		    at[-1] == ' ';

		at += n;
		if (begins && (*at == '\0' || *at == ' '))
			return true;
	}
	return false;
}

bool
key_is_hardware(const char *type)
{
	return strncmp(type, "sk-", 3) == 0;
}

/* ---- rows ---- */

static void
row_take(struct query *q, struct role_grant *r)
{
	r->number = q_col_i64(q, 0);
	q_col_str(q, 1, r->account, sizeof r->account);
	r->role = q_col_word(q, 2, &role_words, ROLE_MEMBER);
	r->state = q_col_word(q, 3, &grant_state_words, GRANT_ENDED);
	r->until = q_col_i64(q, 4);
	q_col_str(q, 5, r->reason, sizeof r->reason);
	q_col_str(q, 6, r->asked_by, sizeof r->asked_by);
	r->asked = q_col_i64(q, 7);
	q_col_str(q, 8, r->confirmed_by, sizeof r->confirmed_by);
	r->confirmed = q_col_i64(q, 9);
	r->ended = q_col_i64(q, 10);
}

static int
grant_load(const char *ref, struct role_grant *r, struct err *e)
{
	struct query *q = NULL;
	int64_t number;
	int have;

	if (!number_parse(ref, INT64_MAX, &number))
		return err_set(e, ERR_BAD_INPUT, "grant",
		    "\"%s\" is not the number of a grant; `grant` lists them",
		    ref);
	q = db_query(role_prepared[Q_ONE]);
	q_i64(q, 1, number);
	if ((have = q_next(q, e)) == 1)
		row_take(q, r);
	q_end(q);
	if (have == 0)
		return err_set(e, ERR_NOT_FOUND, "grant",
		    "there is no grant %lld; `grant` lists them",
		    (long long)number);
	return have < 0 ? -1 : 0;
}

static int
grant_move(const struct role_grant *r, enum grant_state to, struct err *e)
{
	struct query *q = NULL;

	if (grant_may_become(r->state, to)) {
		q = db_query(role_prepared[Q_MOVE]);
		q_i64(q, 1, r->number);
		q_str(q, 2, word_of(&grant_state_words, r->state));
		q_str(q, 3, word_of(&grant_state_words, to));
		q_i64(q, 4, to == GRANT_HELD ? 0 : clock_now());
		if (q_run(q, e) < 0)
			return -1;
		if (db_changes() == 1)
			return 0;
	}
	return err_set(e, ERR_CONFLICT, "grant-state",
	    "grant %lld is %s already", (long long)r->number,
	    word_of(&grant_state_words, r->state));
}

/* What was held ends, without a row when the role came from the host. */
static int
held_end(int64_t account, struct err *e)
{
	struct query *q = db_query(role_prepared[Q_HELD_END]);

	q_i64(q, 1, account);
	q_i64(q, 2, clock_now());
	return q_run(q, e);
}

/* A single number of a counting statement, or whether there is a row. */
static int64_t
found(int which, int64_t argument, struct err *e)
{
	struct query *q = db_query(role_prepared[which]);
	int64_t n = 0;
	int have;

	q_i64(q, 1, argument);
	if ((have = q_next(q, e)) == 1)
		n = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : n;
}

/* ---- asking for a role, and the second person ---- */

static int
ask_check(const struct seat *s, const struct role_wish *a,
    struct account *to, struct err *e)
{
	int64_t waiting;

	if ((ROLE_BIT(a->role) & (STAFF | AUDITOR | FINANCE | DIRECTOR)) == 0)
		return err_set(e, ERR_BAD_INPUT, "grant-role",
		    "%s is no role that is granted: staff, auditor, finance or director; `ungrant` makes a member again",
		    word_of(&role_words, a->role));
	if (account_load_by_name(a->name, to, e) < 0)
		return -1;
	if (to->number == s->account)
		return err_set(e, ERR_REFUSED, "grant-own",
		    "nobody grants a role to himself");
	if (to->state != ACCOUNT_ACTIVE)
		return err_set(e, ERR_CONFLICT, "grant-state",
		    "the account %s is %s; only an active one gets a role",
		    to->name, word_of(&account_state_words, to->state));
	if (a->until != 0 && a->until <= clock_now())
		return err_set(e, ERR_BAD_INPUT, "grant-until",
		    "the end of the role lies in the past");
	if ((waiting = found(Q_WAITING, to->number, e)) < 0)
		return -1;
	if (waiting > 0)
		return err_set(e, ERR_CONFLICT, "grant-waiting",
		    "grant %lld waits for %s already; confirm it, or drop it first: grant --drop %lld",
		    (long long)waiting, to->name, (long long)waiting);
	if (to->role == a->role && a->until == 0)
		return err_set(e, ERR_CONFLICT, "grant-state",
		    "%s has the role %s already", to->name,
		    word_of(&role_words, a->role));
	return 0;
}

int
serve_role_grant_add(struct seat *s, const struct role_wish *a,
    struct role_grant *r, struct err *e)
{
	struct account to = { 0 };
	struct query *q = NULL;
	char ref[24], until[TIME_TEXT_SIZE];

	if (ask_check(s, a, &to, e) < 0)
		return -1;
	q = db_query(role_prepared[Q_ADD]);
	q_i64(q, 1, to.number);
	q_str(q, 2, word_of(&role_words, a->role));
	q_i64(q, 3, a->until);
	q_str(q, 4, a->reason);
	q_i64(q, 5, s->account);
	q_i64(q, 6, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	snprintf(ref, sizeof ref, "%lld", (long long)db_last_number());
	if (grant_load(ref, r, e) < 0)
		return -1;
	change_push("grant", r->number, 0, "");
	time_text(until, a->until);
	return audit_add(s, "grant.ask", "account", to.name, OUTCOME_DONE, e,
	    "role %s until %s, grant %lld: %s",
	    word_of(&role_words, a->role), a->until ? until : "it is ended",
	    (long long)r->number, a->reason);
}

static int
confirm_check(const struct seat *s, const struct role_grant *r,
    struct account *to, struct err *e)
{
	struct account asked = { 0 };
	int64_t hardware;

	if (strcmp(r->asked_by, s->account_name) == 0)
		return err_set(e, ERR_REFUSED, "grant-second",
		    "you asked for grant %lld yourself; a second person must confirm it",
		    (long long)r->number);
	if (strcmp(r->account, s->account_name) == 0)
		return err_set(e, ERR_REFUSED, "grant-own",
		    "nobody confirms a role for himself");
	if (account_load_by_name(r->asked_by, &asked, e) < 0 ||
	    account_load_by_name(r->account, to, e) < 0)
		return -1;
	/* whose own role was taken away gives none by what he asked before */
	if (asked.role != ROLE_DIRECTOR || asked.state != ACCOUNT_ACTIVE)
		return err_set(e, ERR_REFUSED, "grant-asker",
		    "%s, who asked for grant %lld, is no director any more; drop it, and a director asks anew",
		    asked.name, (long long)r->number);
	if (to->state != ACCOUNT_ACTIVE)
		return err_set(e, ERR_CONFLICT, "grant-state",
		    "the account %s is %s by now", to->name,
		    word_of(&account_state_words, to->state));
	if (!role_wants_hardware(r->role))
		return 0;
	if ((hardware = found(Q_SOFT, to->number, e)) < 0)
		return -1;
	return hardware > 0 ? 0 : err_set(e, ERR_REFUSED, "grant-hardware",
	    "the policy asks for a hardware key (sk-ssh-ed25519 or sk-ecdsa) in the role %s, and %s has none; it is added with `key add`",
	    word_of(&role_words, r->role), to->name);
}

int
serve_role_grant_confirm(struct seat *s, const struct ref *a,
    struct role_grant *r, struct err *e)
{
	struct account to = { 0 };
	struct query *q = NULL;

	if (grant_load(a->ref, r, e) < 0 ||
	    confirm_check(s, r, &to, e) < 0 ||
	    (r->state == GRANT_WAITING &&
	    deed_settle(s, "grant", a->ref, e) < 0) ||
	    (r->state == GRANT_WAITING && held_end(to.number, e) < 0) ||
	    grant_move(r, GRANT_HELD, e) < 0)
		return -1;
	q = db_query(role_prepared[Q_CONFIRM]);
	q_i64(q, 1, r->number);
	q_i64(q, 2, s->account);
	q_i64(q, 3, clock_now());
	if (q_run(q, e) < 0 || role_move(&to, r->role, e) < 0 ||
	    audit_add(s, "grant.confirm", "account", to.name, OUTCOME_DONE, e,
	    "role %s, grant %lld asked by %s", word_of(&role_words, r->role),
	    (long long)r->number, r->asked_by) < 0)
		return -1;
	change_push("grant", r->number, 0, "");
	return grant_load(a->ref, r, e);
}

int
serve_role_grant_drop(struct seat *s, const struct ref *a,
    struct role_grant *r, struct err *e)
{
	if (grant_load(a->ref, r, e) < 0 ||
	    grant_move(r, GRANT_DROPPED, e) < 0)
		return -1;
	change_push("grant", r->number, 0, "");
	return audit_add(s, "grant.drop", "account", r->account,
	    OUTCOME_DONE, e, "grant %lld", (long long)r->number) < 0 ? -1 :
	    grant_load(a->ref, r, e);
}

int
serve_role_grant_list(struct seat *s, const struct wish *a,
    struct role_grant_page *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	(void)s;
	if (page_total(db_query(role_prepared[Q_LAST]), &r->total, e) < 0)
		return -1;
	q = db_query(role_prepared[Q_LIST]);
	page_bind(q, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}

/* ---- taking it away ---- */

/* s NULL: by the clock. */
static int
role_end(const struct seat *s, const char *action, const char *name,
    const char *why, struct account *r, struct err *e)
{
	enum role old;

	if (account_load_by_name(name, r, e) < 0)
		return -1;
	old = r->role;
	if (held_end(r->number, e) < 0 ||
	    role_move(r, ROLE_MEMBER, e) < 0 ||
	    unpin_add(r->name, "", e) < 0)
		return -1;
	return audit_add(s, action, "account", r->name, OUTCOME_DONE, e,
	    "was %s: %s", word_of(&role_words, old), why);
}

int
serve_role_end(struct seat *s, const struct role_wish *a, struct account *r,
    struct err *e)
{
	int64_t others;

	if (account_load_by_name(a->name, r, e) < 0)
		return -1;
	if ((ROLE_BIT(r->role) & (STAFF | AUDITOR | FINANCE | DIRECTOR)) == 0)
		return err_set(e, ERR_CONFLICT, "grant-state",
		    "%s has no role that could be taken away", r->name);
	if (r->role == ROLE_DIRECTOR) {
		if ((others = found(Q_DIRECTORS, r->number, e)) < 0)
			return -1;
		if (others == 0)
			return err_set(e, ERR_REFUSED, "grant-last-director",
			    "%s is the only director; grant the role to somebody else first",
			    r->name);
	}
	return role_end(s, "grant.end", a->name, a->reason, r, e);
}

/* ---- by the clock ---- */

/* One name that a statement finds; false: none. */
static bool
name_found(int which, int64_t before, char name[33])
{
	struct query *q = db_query(role_prepared[which]);
	bool have;

	q_i64(q, 1, before);
	if ((have = q_next(q, NULL) == 1))
		q_col_str(q, 0, name, 33);
	q_end(q);
	return have;
}

void
role_sweep(void)
{
	int64_t now = clock_now(), number;
	struct role_grant g = { 0 };
	struct account a = { 0 };
	char name[33], ref[24];

	while (name_found(Q_OVER, now, name) &&
	    role_end(NULL, "grant.over", name, "its time is over", &a,
	    NULL) == 0)
		;
	/* a clock set forward must not shut everybody out */
	while (clock_sure(NULL) == 0 && name_found(Q_UNUSED,
	    now - conf.policy_unused_days * DAY, name)) {
		if (role_end(NULL, "grant.unused", name, "not used for long",
		    &a, NULL) < 0)
			break;
		alarm_raise(ALARM_ACCESS, name, NULL,
		    "%s did not log in for %lld days and has no role any more; the director grants it anew when it is needed",
		    name, (long long)conf.policy_unused_days);
	}
	while ((number = found(Q_STALE, now - WAITING_SECONDS, NULL)) > 0) {
		snprintf(ref, sizeof ref, "%lld", (long long)number);
		if (grant_load(ref, &g, NULL) < 0 ||
		    grant_move(&g, GRANT_EXPIRED, NULL) < 0 ||
		    audit_add(NULL, "grant.expire", "account", g.account,
		    OUTCOME_DONE, NULL, "grant %s", ref) < 0)
			break;
	}
}
LOOP_TIMER(role, 60, role_sweep)
