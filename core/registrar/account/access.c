/* access.c - the access review: who has which role, since when, with which
 * keys, and when he was last here (J5.1, P4.1). */
#include "core/registrar/account/role.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"

#define DAY 86400
#define SOON_DAYS 14

enum { Q_LIST };
static const char *const sql[] = {
	[Q_LIST] = "SELECT a.name, a.role, a.state, g.confirmed, g.until,"
	    " b.name, c.name, a.last_login, a.created,"
	    " (SELECT count(*) FROM ssh_key k WHERE k.account = a.number),"
	    " (SELECT count(*) FROM ssh_key k WHERE k.account = a.number"
	    "  AND k.type LIKE 'sk-%') FROM account a"
	    " LEFT JOIN role_grant g ON g.account = a.number"
	    "  AND g.state = 'held'"
	    " LEFT JOIN account b ON b.number = g.asked_by"
	    " LEFT JOIN account c ON c.number = g.confirmed_by"
	    " WHERE a.role <> 'member' AND a.state <> 'closed'"
	    " ORDER BY a.role, a.name",
};
DB_STATEMENTS(access, sql)

/* What the one who reviews should look at. */
static void
remark(struct access *r, int64_t created)
{
	int64_t now = clock_now();
	int64_t used = r->last_login > r->since ? r->last_login : r->since;
	int64_t idle = (now - (used > created ? used : created)) / DAY;

	if (role_wants_hardware(r->role) && r->hardware_keys == 0)
		str_copy(r->text, sizeof r->text,
		    "the policy asks for a hardware key: cannot come in");
	else if (r->until != 0 && r->until - now < SOON_DAYS * DAY)
		snprintf(r->text, sizeof r->text,
		    "the role ends in %lld days",
		    (long long)((r->until - now) / DAY));
	else if (r->last_login == 0)
		str_copy(r->text, sizeof r->text, "was never here");
	else if (idle >= conf.policy_unused_days / 2)
		snprintf(r->text, sizeof r->text,
		    "not here for %lld days%s", (long long)idle,
		    r->role == ROLE_DIRECTOR ? "" :
		    "; the role ends when it is not used");
}

static void
row_take(struct query *q, struct access *r)
{
	q_col_str(q, 0, r->account, sizeof r->account);
	r->role = q_col_word(q, 1, &role_words, ROLE_MEMBER);
	r->state = q_col_word(q, 2, &account_state_words, ACCOUNT_PENDING);
	r->since = q_col_i64(q, 3);
	r->until = q_col_i64(q, 4);
	q_col_str(q, 5, r->granted_by, sizeof r->granted_by);
	q_col_str(q, 6, r->confirmed_by, sizeof r->confirmed_by);
	r->last_login = q_col_i64(q, 7);
	r->keys = q_col_i64(q, 9);
	r->hardware_keys = q_col_i64(q, 10);
	remark(r, q_col_i64(q, 8));
}

int
serve_access_list(struct seat *s, const struct none *a,
    struct access_list *r, struct err *e)
{
	struct query *q = db_query(access_prepared[Q_LIST]);
	int have;

	(void)s;
	(void)a;
	while ((have = q_next(q, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}
