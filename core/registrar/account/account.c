/* account.c - members, staff and auditors: loaded, listed, suspended,
 * reinstated. */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/state.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/policy.h"
#include "core/registrar/audit/log.h"
#include "core/registrar/list/page.h"
#include "core/registrar/account/privacy.h"

#define COLUMNS "SELECT a.number, a.name, a.email, a.role, a.state," \
	" a.created, a.last_login, a.agreement," \
	" (SELECT max(c.at) FROM acceptance c WHERE c.account = a.number)," \
	" (SELECT count(*) FROM domain d WHERE d.account = a.number" \
	"  AND d.state = 'proven'), a.good_certificates," \
	" a.certificates_most FROM account a "

enum { Q_NUMBER, Q_NAME, Q_LIST, Q_TOTAL, Q_MOVE, Q_QUOTA };
static const char *const sql[] = {
	[Q_NUMBER] = COLUMNS "WHERE a.number = ?1",
	[Q_NAME] = COLUMNS "WHERE a.name = ?1",
	[Q_LIST] = COLUMNS "WHERE a.number < ?1 AND (?2 = '' OR a.state = ?2)"
	    " AND (?3 = '' OR a.name LIKE ?3 ESCAPE '!'"
	    " OR a.email LIKE ?3 ESCAPE '!' OR a.role LIKE ?3 ESCAPE '!')"
	    " ORDER BY a.number DESC LIMIT ?4",
	[Q_TOTAL] = "SELECT count FROM tally WHERE name = 'account'",
	[Q_MOVE] = "UPDATE account SET state = ?3"
	    " WHERE number = ?1 AND state = ?2",
	[Q_QUOTA] = "UPDATE account SET certificates_most = ?2"
	    " WHERE number = ?1",
};
DB_STATEMENTS(account, sql)

static void
row_take(struct query *q, struct account *a)
{
	a->number = q_col_i64(q, 0);
	q_col_str(q, 1, a->name, sizeof a->name);
	q_col_str(q, 2, a->email, sizeof a->email);
	a->role = q_col_word(q, 3, &role_words, 0);
	a->state = q_col_word(q, 4, &account_state_words, 0);
	a->created = q_col_i64(q, 5);
	a->last_login = q_col_i64(q, 6);
	q_col_str(q, 7, a->agreement, sizeof a->agreement);
	a->agreement_at = q_col_i64(q, 8);
	a->domains = q_col_i64(q, 9);
	a->certificates = q_col_i64(q, 10);
	a->most = q_col_i64(q, 11);
}

static int
one_load(struct query *q, struct account *a, struct err *e)
{
	int r = q_next(q, e);

	if (r == 1)
		row_take(q, a);
	q_end(q);
	if (r == 0)
		return err_set(e, ERR_NOT_FOUND, "account",
		    "There is no such account.");
	return r < 0 ? -1 : 0;
}

int
account_load(int64_t number, struct account *a, struct err *e)
{
	struct query *q = db_query(account_prepared[Q_NUMBER]);

	q_i64(q, 1, number);
	return one_load(q, a, e);
}

int
account_load_by_name(const char *name, struct account *a, struct err *e)
{
	struct query *q = db_query(account_prepared[Q_NAME]);

	q_str(q, 1, name);
	return one_load(q, a, e);
}

int
account_move(int64_t number, enum account_state from, enum account_state to,
    struct err *e)
{
	struct query *q = NULL;

	if (!account_may_become(from, to))
		return err_set(e, ERR_CONFLICT, "account-state",
		    "An account that is %s cannot become %s.",
		    word_of(&account_state_words, from),
		    word_of(&account_state_words, to));
	q = db_query(account_prepared[Q_MOVE]);
	q_i64(q, 1, number);
	q_str(q, 2, word_of(&account_state_words, from));
	q_str(q, 3, word_of(&account_state_words, to));
	if (q_run(q, e) < 0)
		return -1;
	if (db_changes() != 1)
		return err_set(e, ERR_CONFLICT, "account-state",
		    "The account is not %s any more; look at it again.",
		    word_of(&account_state_words, from));
	return 0;
}

int
account_may_issue(int64_t number, struct err *e)
{
	struct account a = { 0 };

	if (audit_is_bad)
		return err_set(e, ERR_UNAVAILABLE, "audit-chain",
		    "Nothing is issued until the operator has cleared a damaged audit log; revocation goes on.");
	if (log_may_issue(e) < 0 || policy_may_issue(e) < 0)
		return -1;
	if (account_load(number, &a, e) < 0)
		return -1;
	if (a.state != ACCOUNT_ACTIVE)
		return err_set(e, ERR_REFUSED, "account-state",
		    "The account %s is %s; certificates are issued to active accounts only. Please write to the staff of %s.",
		    a.name, word_of(&account_state_words, a.state),
		    conf.service_name);
	if ((ROLE_BIT(a.role) & (OWNERS)) == 0)
		return err_set(e, ERR_REFUSED, "account-role",
		    "An account with the role %s holds no certificates of its own.",
		    word_of(&role_words, a.role));
	if (strcmp(a.agreement, conf.policy_agreement_version) != 0)
		return err_set(e, ERR_REFUSED, "agreement",
		    "The member agreement has a version %s that %s has not accepted yet; read it and accept it: agreement",
		    conf.policy_agreement_version, a.name);
	return 0;
}

bool
account_name_ok(const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	static const char rest[] =
	    "abcdefghijklmnopqrstuvwxyz0123456789._-";

	return name[0] != '\0' && strchr(first, name[0]) != NULL &&
	    strlen(name) <= 32 && strspn(name, rest) == strlen(name);
}

int
account_name_check(const char *name, struct err *e)
{
	static const char *const ours[] = { "register", "new", "root",
		"admin", "administrator", "system", "guest", "nobody", "git",
		"sftp", "recover" };
	char shown[128];

	render_untrusted(shown, sizeof shown, name, strnlen(name, 64));
	if (!account_name_ok(name))
		return err_set(e, ERR_BAD_INPUT, "account-name",
		    "\"%s\" cannot be an account's name: 1 to 32 of a-z, 0-9, dot, underscore and minus, beginning with a letter or digit.",
		    shown);
	if (word_parse(&role_words, name) >= 0)
		return err_set(e, ERR_REFUSED, "account-name",
		    "The name %s is a word of this authority; choose another.",
		    name);
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (strcmp(name, ours[i]) == 0)
			return err_set(e, ERR_REFUSED, "account-name",
			    "The name %s is kept free; choose another.",
			    name);
	return 0;
}

/* ---- what staff see and do ---- */

int
serve_account_list(struct seat *s, const struct wish *a,
    struct account_page *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	(void)s;
	if (page_total(db_query(account_prepared[Q_TOTAL]), &r->total, e) < 0)
		return -1;
	q = db_query(account_prepared[Q_LIST]);
	page_bind(q, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1) {
		row_take(q, LIST_ADD(r, rows));
		/* a page of a list is no look at one record: whole addresses
		 * stand in the record, and that look is logged */
		addresses_redact(r->rows[r->n_rows - 1].email);
	}
	return have;
}

static int
account_by_ref(const char *ref, struct account *a, struct err *e)
{
	int64_t number;

	if (account_load_by_name(ref, a, e) == 0)
		return 0;
	if (e->kind == ERR_NOT_FOUND && number_parse(ref, INT64_MAX, &number))
		return account_load(number, a, e);
	return -1;
}

/* S4.6: that staff looked at a member is itself in the log. */
int
serve_account_get(struct seat *s, const struct account_wish *a,
    struct account *r, struct err *e)
{
	bool reason = a->reason[strspn(a->reason, " \t\r\n")] != '\0';

	if (account_by_ref(a->ref, r, e) < 0)
		return -1;
	if (r->number == s->account)
		return 0;
	if (reads_redacted(s) && !reason)
		addresses_redact(r->email);
	return look_keep(s, r->name, "", a->reason, e);
}

/* Staff judge members; who judges staff is the operator or the director. */
static int
judged_load(const struct seat *s, const char *ref, struct account *a,
    struct err *e)
{
	if (account_by_ref(ref, a, e) < 0)
		return -1;
	if (a->number == s->account)
		return err_set(e, ERR_REFUSED, "account-own",
		    "Nobody decides about his own account; ask a colleague.");
	if (a->role != ROLE_MEMBER)
		return err_set(e, ERR_REFUSED, "account-role",
		    "%s has the role %s; that is the operator's to change: xmpp-icactl account role",
		    a->name, word_of(&role_words, a->role));
	return 0;
}

static int
judge(struct seat *s, const struct ref *a, struct account *r,
    enum account_state to, const char *action, const char *text,
    struct err *e)
{
	enum account_state from = to == ACCOUNT_ACTIVE ? ACCOUNT_SUSPENDED :
	    ACCOUNT_ACTIVE;

	if (judged_load(s, a->ref, r, e) < 0)
		return -1;
	if (r->state == to)
		return err_set(e, ERR_CONFLICT, "account-state",
		    "The account %s is %s already.", r->name,
		    word_of(&account_state_words, to));
	/* pending -> active is the member's own step, with the mailed code */
	if (r->state != from)
		return err_set(e, ERR_CONFLICT, "account-state",
		    "The account %s is %s; it cannot become %s so.", r->name,
		    word_of(&account_state_words, r->state),
		    word_of(&account_state_words, to));
	if (account_move(r->number, from, to, e) < 0)
		return -1;
	r->state = to;
	change_push("account", r->number, r->number, text);
	return audit_add(s, action, "account", r->name, OUTCOME_DONE, e,
	    "%s", "");
}

int
serve_account_suspend(struct seat *s, const struct ref *a, struct account *r,
    struct err *e)
{
	return judge(s, a, r, ACCOUNT_SUSPENDED, "account.suspend",
	    "Your account was suspended: you may look at what is yours, and revoke it.",
	    e);
}

int
serve_account_reinstate(struct seat *s, const struct ref *a,
    struct account *r, struct err *e)
{
	return judge(s, a, r, ACCOUNT_ACTIVE, "account.reinstate",
	    "Your account was reinstated.", e);
}

/* P1.1: the budget's guard, with the staff's word where a member needs more. */
int
serve_account_quota_set(struct seat *s, const struct quota *a,
    struct account *r, struct err *e)
{
	struct query *q = NULL;
	int64_t old;

	if (a->most < 0 || a->most > 1000000)
		return err_set(e, ERR_BAD_INPUT, "quota",
		    "A quota is a number from 1 to 1000000, or 0 for that of the policy (%lld).",
		    (long long)conf.policy_certificates_per_account);
	if (account_load_by_name(a->name, r, e) < 0)
		return -1;
	if (r->number == s->account)
		return err_set(e, ERR_REFUSED, "account-own",
		    "Nobody decides about his own account; ask a colleague.");
	old = r->most;
	q = db_query(account_prepared[Q_QUOTA]);
	q_i64(q, 1, r->number);
	q_i64(q, 2, a->most);
	if (q_run(q, e) < 0)
		return -1;
	r->most = a->most;
	change_push("account", r->number, r->number, "");
	return audit_add(s, "account.quota", "account", r->name,
	    OUTCOME_DONE, e, "%lld, was %lld", (long long)a->most,
	    (long long)old);
}
