/* role_deed.c - what two people sign before somebody gets a role: with the SSH
 * keys that will count as his own from then on. */
#include "core/registrar/deed.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/account/role.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/x509/sshsig.h"
#include "core/x509/statement.h"

enum { Q_GRANT, Q_KEYS };
static const char *const sql[] = {
	[Q_GRANT] = "SELECT a.name, g.role, g.state, g.until, g.reason,"
	    " b.name, a.number FROM role_grant g"
	    " JOIN account a ON a.number = g.account"
	    " JOIN account b ON b.number = g.asked_by WHERE g.number = ?1",
	[Q_KEYS] = "SELECT type, line FROM ssh_key WHERE account = ?1"
	    " ORDER BY number",
};
DB_STATEMENTS(role_deed, sql)

struct grant {
	struct role_grant g;
	int64_t account;
};

static int
grant_load(const char *object, struct grant *r, struct err *e)
{
	struct query *q = NULL;
	int64_t number;
	int have = 0;

	if (number_parse(object, INT64_MAX, &number)) {
		q = db_query(role_deed_prepared[Q_GRANT]);
		q_i64(q, 1, number);
		if ((have = q_next(q, e)) == 1) {
			r->g.number = number;
			q_col_str(q, 0, r->g.account, sizeof r->g.account);
			r->g.role = q_col_word(q, 1, &role_words,
			    ROLE_MEMBER);
			r->g.state = q_col_word(q, 2, &grant_state_words,
			    GRANT_ENDED);
			r->g.until = q_col_i64(q, 3);
			q_col_str(q, 4, r->g.reason, sizeof r->g.reason);
			q_col_str(q, 5, r->g.asked_by, sizeof r->g.asked_by);
			r->account = q_col_i64(q, 6);
		}
		q_end(q);
	}
	if (have == 0)
		return err_set(e, ERR_NOT_FOUND, "grant",
		    "there is no such grant; `grant` lists them");
	return have < 0 ? -1 : 0;
}

/* Of a role that wants hardware keys only those count. */
static int
keys_put(struct deed *d, const struct grant *g, struct err *e)
{
	struct query *q = db_query(role_deed_prepared[Q_KEYS]);
	uint8_t bytes[SSHSIG_KEY_MAX];
	char type[64], line[1024];
	size_t size;
	int have;

	q_i64(q, 1, g->account);
	while ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, type, sizeof type);
		q_col_str(q, 1, line, sizeof line);
		if ((key_is_hardware(type) || !role_wants_hardware(
		    g->g.role)) && sshsig_key_line(line, bytes, &size,
		    NULL) == 0)
			deed_put(d, "key", "%s", line);
	}
	return have;
}

int
grant_deed(const struct seat *s, const char *object, struct deed *d,
    char asker[33], struct err *e)
{
	char until[TIME_TEXT_SIZE];
	struct grant g = { 0 };

	if (grant_load(object, &g, e) < 0)
		return -1;
	if (g.g.state != GRANT_WAITING)
		return err_set(e, ERR_CONFLICT, "grant-state",
		    "grant %s is %s already", object,
		    word_of(&grant_state_words, g.g.state));
	if (strcmp(g.g.account, s->account_name) == 0)
		return err_set(e, ERR_REFUSED, "grant-own",
		    "nobody confirms a role for himself");
	snprintf(d->object, sizeof d->object, "%lld", (long long)g.g.number);
	str_copy(asker, 33, g.g.asked_by);
	time_text(until, g.g.until);
	deed_put(d, "account", "%s", g.g.account);
	deed_put(d, "role", "%s", word_of(&role_words, g.g.role));
	deed_put(d, "until", "%s", g.g.until != 0 ? until : "never");
	deed_put(d, "asked-by", "%s", g.g.asked_by);
	deed_put(d, "reason", "%s", g.g.reason);
	return keys_put(d, &g, e);
}
