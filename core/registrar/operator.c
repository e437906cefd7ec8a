/* operator.c - what xmpp-icactl asks on the host: accounts with roles, the
 * dump, the check, the backup. */
#include "core/registrar/registrar.h"

#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/audit/audit_watch.h"
#include "core/registrar/db.h"
#include "core/registrar/list/page.h"
#include "core/registrar/report/report_job.h"

enum { Q_ADD, Q_ROLE, Q_DIRECTOR, Q_GRANT_END };
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO account (name, email, role, state, created)"
	    " VALUES (?1, ?2, ?3, 'active', ?4)",
	[Q_ROLE] = "UPDATE account SET role = ?2 WHERE number = ?1",
	[Q_DIRECTOR] = "SELECT 1 FROM account WHERE role = 'director'"
	    " AND role <> 'member' AND state = 'active' LIMIT 1",
	/* the review must not show the director as the one who gave it */
	[Q_GRANT_END] = "UPDATE role_grant SET state = 'ended', ended = ?2"
	    " WHERE account = ?1 AND state = 'held'",
};
DB_STATEMENTS(operator, sql)

static int
role_check(enum role role, struct err *e)
{
	if ((ROLE_BIT(role) & (ACCOUNTS | WEBSITE)) != 0)
		return 0;
	return err_set(e, ERR_BAD_INPUT, "account-role",
	    "%s is no role of an account: member, staff, auditor, finance, director or website.",
	    word_of(&role_words, role));
}

/*
 * On the host a role needs nobody's word, or an authority could not begin.
 * Once there is a director he is told, and it is seen in the access review:
 * roles are his to give (`grant`).
 */
static int
director_is_there(bool *there, struct err *e)
{
	int64_t n;
	int r = page_total(db_query(operator_prepared[Q_DIRECTOR]), &n, e);

	*there = n != 0;
	return r;
}

static bool
has_power(enum role role)
{
	return (ROLE_BIT(role) & (STAFF | AUDITOR | FINANCE | DIRECTOR)) != 0;
}

static int
director_tell(const char *name, const char *what, struct err *e)
{
	return alarm_raise(ALARM_ACCESS, name, e,
	    "the operator on the host has given %s %s, without the director and a second person; the director looks at it: access",
	    name, what);
}

int
serve_operator_account_add(struct seat *s, const struct account_new *a,
    struct account *r, struct err *e)
{
	struct query *q = NULL;
	struct account other = { 0 };
	struct key k = { 0 };
	int64_t number;
	bool told;

	if (role_check(a->role, e) < 0 || director_is_there(&told, e) < 0)
		return -1;
	/* staff, auditor ... are good names for accounts that only the
	 * operator makes */
	if (word_parse(&role_words, a->name) < 0 &&
	    account_name_check(a->name, e) < 0)
		return -1;
	if (a->email[0] != '\0' && !address_ok(a->email))
		return err_set(e, ERR_BAD_INPUT, "address",
		    "The mail address cannot be written to.");
	if (account_load_by_name(a->name, &other, e) == 0)
		return err_set(e, ERR_CONFLICT, "account-name",
		    "The name %s is taken.", a->name);
	if (e->kind != ERR_NOT_FOUND || key_parse(a->line, &k, e) < 0)
		return -1;
	err_clear(e);
	q = db_query(operator_prepared[Q_ADD]);
	q_str(q, 1, a->name);
	q_str(q, 2, a->email);
	q_str(q, 3, word_of(&role_words, a->role));
	q_i64(q, 4, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	number = db_last_number();
	if (key_store(number, &k, e) < 0 || account_load(number, r, e) < 0)
		return -1;
	change_push("account", number, 0, "");
	if (told && has_power(a->role) && director_tell(a->name,
	    word_of(&role_words, a->role), e) < 0)
		return -1;
	return audit_add(s, "account.add", "account", a->name, OUTCOME_DONE,
	    e, "role %s, key %s", word_of(&role_words, a->role),
	    k.fingerprint);
}

int
serve_operator_key_add(struct seat *s, const struct account_new *a,
    struct none *r, struct err *e)
{
	struct account own = { 0 };
	struct key k = { 0 };
	bool told;

	(void)r;
	if (director_is_there(&told, e) < 0 ||
	    account_load_by_name(a->name, &own, e) < 0 ||
	    key_parse(a->line, &k, e) < 0 ||
	    key_store(own.number, &k, e) < 0)
		return -1;
	change_push("key", k.number, own.number, "");
	if (told && has_power(own.role) &&
	    director_tell(a->name, "another key", e) < 0)
		return -1;
	return audit_add(s, "key.add", "account", a->name, OUTCOME_DONE, e,
	    "%s %s", k.type, k.fingerprint);
}

int
serve_operator_role_set(struct seat *s, const struct account_new *a,
    struct account *r, struct err *e)
{
	struct query *q = NULL;
	enum role old;
	bool told;

	if (role_check(a->role, e) < 0 || director_is_there(&told, e) < 0 ||
	    account_load_by_name(a->name, r, e) < 0)
		return -1;
	if (r->role == a->role)
		return 0;
	old = r->role;
	q = db_query(operator_prepared[Q_ROLE]);
	q_i64(q, 1, r->number);
	q_str(q, 2, word_of(&role_words, a->role));
	if (q_run(q, e) < 0)
		return -1;
	r->role = a->role;
	seats_hang_up(r->number);
	change_push("account", r->number, 0, "");
	q = db_query(operator_prepared[Q_GRANT_END]);
	q_i64(q, 1, r->number);
	q_i64(q, 2, clock_now());
	if (q_run(q, e) < 0 || (told && (has_power(a->role) ||
	    has_power(old)) && director_tell(a->name, word_of(&role_words,
	    a->role), e) < 0))
		return -1;
	return audit_add(s, "account.role", "account", a->name, OUTCOME_DONE,
	    e, "%s, was %s", word_of(&role_words, a->role),
	    word_of(&role_words, old));
}

/* ---- checks and copies ---- */

int
serve_operator_verify(struct seat *s, const struct audit_job *a,
    struct audit_check *r, struct err *e)
{
	int done = audit_watch_ask(a->job, r, e);

	if (done <= 0)
		return done;
	return audit_add(s, "audit.verify", "audit", "", r->good ?
	    OUTCOME_DONE : OUTCOME_FAILED, e, "%s", r->text);
}

/* The copy holds what was committed before this question.  It takes its time,
 * and nobody waits for it: who asks asks again until it is made. */
int
serve_operator_backup(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct order o = { .kind = JOB_COPY };
	char path[CONF_PATH_SIZE], folder[CONF_PATH_SIZE];
	const struct buf *nothing = NULL;
	int64_t made, job = 0;
	int done;

	(void)r;
	if (a->ref[0] == '\0')
		return err_set(e, ERR_BAD_INPUT, "backup",
		    "Name the file that the copy goes to.");
	conf_path(&conf, folder, "db");
	if (path_join(path, sizeof path, folder, a->ref) < 0 ||
	    !str_copy(o.copy, sizeof o.copy, a->ref))
		return err_set(e, ERR_BAD_INPUT, "backup",
		    "The path is too long.");
	done = report_job_get(&o, &job, &made, &nothing, e);
	if (done == 0)
		return err_set(e, ERR_UNAVAILABLE, "backup-running",
		    "The copy is being made; ask again in a moment.");
	if (done < 0)
		return -1;
	return audit_add(s, "backup", "database", "", OUTCOME_DONE, e, "%s",
	    path);
}
