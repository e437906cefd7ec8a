/* contact.c - further addresses of an account: added, confirmed by a mailed
 * code, removed. */
#include "core/registrar/account/contact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"

#define CONTACTS_MOST 5		/* beside the account's own address */

enum { Q_LIST, Q_COUNT, Q_FIND, Q_ADD, Q_CODE, Q_TRY, Q_CONFIRM, Q_REMOVE,
	Q_HEIR, Q_MAIN, Q_OLD };
static const char *const sql[] = {
	[Q_LIST] = "SELECT number, email, added, confirmed FROM contact"
	    " WHERE account = ?1 ORDER BY number",
	[Q_COUNT] = "SELECT count(*) FROM contact WHERE account = ?1",
	[Q_FIND] = "SELECT number, confirmed, code_hash, code_expires,"
	    " code_tries FROM contact WHERE account = ?1 AND email = ?2",
	[Q_ADD] = "INSERT INTO contact (account, email, added)"
	    " VALUES (?1, ?2, ?3)",
	[Q_CODE] = "UPDATE contact SET code_hash = ?2, code_expires = ?3,"
	    " code_tries = 0, added = ?4 WHERE number = ?1 AND confirmed = 0",
	[Q_TRY] = "UPDATE contact SET code_tries = code_tries + 1"
	    " WHERE number = ?1",
	[Q_CONFIRM] = "UPDATE contact SET confirmed = ?2, code_hash = NULL,"
	    " code_expires = 0, code_tries = 0"
	    " WHERE number = ?1 AND confirmed = 0",
	[Q_REMOVE] = "DELETE FROM contact WHERE number = ?1",
	[Q_HEIR] = "SELECT number, email FROM contact WHERE account = ?1"
	    " AND confirmed > 0 ORDER BY number LIMIT 1",
	[Q_MAIN] = "UPDATE account SET email = ?2 WHERE number = ?1",
	/* what nobody confirmed is not kept */
	[Q_OLD] = "DELETE FROM contact WHERE confirmed = 0"
	    " AND code_expires < ?1",
};
DB_STATEMENTS(contact, sql)

/* ---- listing ---- */

int
serve_contact_list(struct seat *s, const struct none *a,
    struct contact_list *r, struct err *e)
{
	struct account own = { 0 };
	struct query *q = NULL;
	struct contact *c = NULL;
	int have;

	(void)a;
	if (account_load(s->account, &own, e) < 0)
		return -1;
	if (own.email[0] != '\0') {
		c = LIST_ADD(r, rows);
		memcpy(c->email, own.email, sizeof c->email);
		c->main = true;
		c->added = c->confirmed = own.created;
	}
	q = db_query(contact_prepared[Q_LIST]);
	q_i64(q, 1, s->account);
	while ((have = q_next(q, e)) == 1) {
		c = LIST_ADD(r, rows);
		c->number = q_col_i64(q, 0);
		q_col_str(q, 1, c->email, sizeof c->email);
		c->added = q_col_i64(q, 2);
		c->confirmed = q_col_i64(q, 3);
	}
	return have;
}

/* ---- adding ---- */

struct found {
	int64_t number, confirmed, expires, tries;
	uint8_t hash[32];
};

/* 1 there is one, 0, -1. */
static int
contact_find(int64_t account, const char *email, struct found *f,
    struct err *e)
{
	struct query *q = db_query(contact_prepared[Q_FIND]);
	int have;

	memset(f, 0, sizeof *f);
	q_i64(q, 1, account);
	q_str(q, 2, email);
	if ((have = q_next(q, e)) == 1) {
		f->number = q_col_i64(q, 0);
		f->confirmed = q_col_i64(q, 1);
		if (!q_col_null(q, 2))
			q_col_bytes(q, 2, f->hash, sizeof f->hash);
		f->expires = q_col_i64(q, 3);
		f->tries = q_col_i64(q, 4);
	}
	q_end(q);
	return have;
}

static int
contact_room(int64_t account, struct err *e)
{
	struct query *q = db_query(contact_prepared[Q_COUNT]);
	int64_t n = 0;
	int have;

	q_i64(q, 1, account);
	if ((have = q_next(q, e)) == 1)
		n = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	return n < CONTACTS_MOST ? 0 : err_set(e, ERR_REFUSED,
	    "contact-count",
	    "An account has at most %d contacts beside its own address; remove one first: contact remove EMAIL",
	    CONTACTS_MOST);
}

/* A stranger's mailbox must not be filled through us. */
static int
contact_limits(const struct seat *s, const char *email, struct err *e)
{
	char mailbox[255], account[24];

	snprintf(account, sizeof account, "%lld", (long long)s->account);
	address_bucket(mailbox, email);
	if (throttle_take("contact-account", account,
	    conf.policy_challenges_per_account_day, e) < 0)
		return -1;
	return throttle_take("register-address", mailbox,
	    conf.policy_registrations_per_address_day, e);
}

static int
code_mail(const struct seat *s, int64_t number, const char *email,
    struct err *e)
{
	char code[CODE_SIZE], hours[24];
	uint8_t hash[32];
	const struct blank blanks[] = {
		{ "ACCOUNT", s->account_name }, { "CODE", code },
		{ "EMAIL", email }, { "HOURS", hours },
	};
	struct query *q = NULL;
	int r = -1;

	code_new(code);
	code_hash(hash, code, "contact", number);
	snprintf(hours, sizeof hours, "%lld",
	    (long long)conf.policy_challenge_hours);
	q = db_query(contact_prepared[Q_CODE]);
	q_i64(q, 1, number);
	q_blob(q, 2, hash, sizeof hash);
	q_i64(q, 3, clock_now() + conf.policy_challenge_hours * 3600);
	q_i64(q, 4, clock_now());
	if (q_run(q, e) == 0)
		r = notice_add("contact", s->account, email, 0, blanks,
		    sizeof blanks / sizeof blanks[0], e);
	secret_wipe(code, sizeof code);
	return r;
}

static int
address_check(const struct seat *s, const char *email, struct err *e)
{
	struct account own = { 0 };
	char shown[300];

	render_untrusted(shown, sizeof shown, email, strlen(email));
	if (!address_ok(email))
		return err_set(e, ERR_BAD_INPUT, "address",
		    "\"%s\" is no mail address that we can write to: letters, digits and . _ + - before the @, a domain in lower case behind it.",
		    shown);
	if (account_load(s->account, &own, e) < 0)
		return -1;
	if (strcasecmp(own.email, email) == 0)
		return err_set(e, ERR_CONFLICT, "contact",
		    "%s is the account's own address already.", shown);
	return 0;
}

int
serve_contact_add(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct found f;
	struct query *q = NULL;
	int have;

	(void)r;
	if (address_check(s, a->ref, e) < 0 ||
	    (have = contact_find(s->account, a->ref, &f, e)) < 0)
		return -1;
	if (have == 1 && f.confirmed > 0)
		return err_set(e, ERR_CONFLICT, "contact",
		    "%s is a contact of this account already.", a->ref);
	if (contact_limits(s, a->ref, e) < 0 ||
	    (have == 0 && contact_room(s->account, e) < 0))
		return -1;
	if (have == 0) {
		q = db_query(contact_prepared[Q_ADD]);
		q_i64(q, 1, s->account);
		q_str(q, 2, a->ref);
		q_i64(q, 3, clock_now());
		if (q_run(q, e) < 0)
			return -1;
		f.number = db_last_number();
	}
	if (code_mail(s, f.number, a->ref, e) < 0)
		return -1;
	change_push("account", s->account, s->account, "");
	return audit_add(s, "contact.add", "account", s->account_name,
	    OUTCOME_DONE, e, "%s%s", a->ref, have ? ", again" : "");
}

/* ---- confirming ---- */

static int
wrong_code(struct seat *s, const struct found *f, const char *email,
    struct err *e)
{
	struct query *q = db_query(contact_prepared[Q_TRY]);

	q_i64(q, 1, f->number);
	if (q_run(q, e) < 0)
		return -1;
	question_keep();
	audit_refusal(s, "contact.confirm", "account", s->account_name,
	    "wrong code for %s", email);
	return err_set(e, ERR_REFUSED, "code",
	    "That is not the code of the letter; %lld more tries. Capitals and dashes do not matter.",
	    (long long)(conf.policy_challenge_tries - f->tries - 1));
}

static int
code_check(struct seat *s, const struct confirmation *a,
    const struct found *f, struct err *e)
{
	char code[CODE_SIZE];
	uint8_t hash[32];
	bool right;

	if (f->tries >= conf.policy_challenge_tries)
		return err_set(e, ERR_REFUSED, "code-locked",
		    "Too many wrong codes were entered; for a new one: contact add %s",
		    a->name);
	if (clock_now() >= f->expires)
		return err_set(e, ERR_REFUSED, "code-expired",
		    "The code is older than %lld hours; for a new one: contact add %s",
		    (long long)conf.policy_challenge_hours, a->name);
	if (code_normal(a->code, code) < 0)
		return err_set(e, ERR_BAD_INPUT, "code-form",
		    "A code is seven groups of four letters or digits (A-Z, 2-7), as in the letter; this try was not counted.");
	code_hash(hash, code, "contact", f->number);
	right = bytes_equal_ct(hash, f->hash, sizeof hash);
	secret_wipe(code, sizeof code);
	return right ? 0 : wrong_code(s, f, a->name, e);
}

/* The others hear of it: who took a session must not do this unseen. */
static int
change_tell(const struct seat *s, const struct addresses *to,
    const char *what, struct err *e)
{
	const struct blank blanks[] = {
		{ "ACCOUNT", s->account_name }, { "WHAT", what },
	};

	return addresses_tell(to, "contact-changed", s->account, blanks,
	    sizeof blanks / sizeof blanks[0], NULL, e);
}

int
serve_contact_confirm(struct seat *s, const struct confirmation *a,
    struct none *r, struct err *e)
{
	struct addresses to = { 0 };
	struct query *q = NULL;
	struct found f;
	char what[320];
	int have, rc;

	(void)r;
	if ((have = contact_find(s->account, a->name, &f, e)) < 0)
		return -1;
	if (have == 0 || f.confirmed > 0)
		return err_set(e, have ? ERR_CONFLICT : ERR_NOT_FOUND,
		    "contact", have ?
		    "This contact is confirmed already; see: contact list" :
		    "No such address waits here; begin with: contact add EMAIL");
	if (code_check(s, a, &f, e) < 0)
		return -1;
	snprintf(what, sizeof what, "%.255s was added", a->name);
	rc = addresses_of_account(&to, s->account, e);
	q = db_query(contact_prepared[Q_CONFIRM]);
	q_i64(q, 1, f.number);
	q_i64(q, 2, clock_now());
	if (rc < 0 || q_run(q, e) < 0 || change_tell(s, &to, what, e) < 0)
		rc = -1;
	addresses_clear(&to);
	if (rc < 0)
		return -1;
	change_push("account", s->account, s->account, "");
	return audit_add(s, "contact.confirm", "account", s->account_name,
	    OUTCOME_DONE, e, "%s", a->name);
}

/* ---- removing ---- */

/* The account's own address goes: the oldest confirmed contact takes its
 * place, and gets its codes from then on. */
static int
main_remove(const struct seat *s, struct err *e)
{
	struct query *q = db_query(contact_prepared[Q_HEIR]);
	char email[255] = "";
	int64_t number = 0;
	int have;

	q_i64(q, 1, s->account);
	if ((have = q_next(q, e)) == 1) {
		number = q_col_i64(q, 0);
		q_col_str(q, 1, email, sizeof email);
	}
	q_end(q);
	if (have < 0)
		return -1;
	if (have == 0)
		return err_set(e, ERR_REFUSED, "contact-last",
		    "This is the only address of the account; add and confirm another one first: contact add EMAIL");
	q = db_query(contact_prepared[Q_MAIN]);
	q_i64(q, 1, s->account);
	q_str(q, 2, email);
	if (q_run(q, e) < 0)
		return -1;
	q = db_query(contact_prepared[Q_REMOVE]);
	q_i64(q, 1, number);
	return q_run(q, e);
}

static int
one_remove(const struct seat *s, const char *email, struct err *e)
{
	struct account own = { 0 };
	struct query *q = NULL;
	struct found f;
	int have;

	if (account_load(s->account, &own, e) < 0)
		return -1;
	if (strcmp(own.email, email) == 0)
		return main_remove(s, e);
	if ((have = contact_find(s->account, email, &f, e)) < 0)
		return -1;
	if (have == 0)
		return err_set(e, ERR_NOT_FOUND, "contact",
		    "There is no such contact of yours; see: contact list");
	q = db_query(contact_prepared[Q_REMOVE]);
	q_i64(q, 1, f.number);
	return q_run(q, e);
}

int
serve_contact_remove(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct addresses before = { 0 };
	char what[320];
	int rc;

	(void)r;
	snprintf(what, sizeof what, "%.255s was removed", a->ref);
	/* the removed one hears of it too */
	rc = addresses_of_account(&before, s->account, e);
	if (rc == 0)
		rc = one_remove(s, a->ref, e);
	if (rc == 0)
		rc = change_tell(s, &before, what, e);
	addresses_clear(&before);
	if (rc < 0)
		return -1;
	change_push("account", s->account, s->account, "");
	return audit_add(s, "contact.remove", "account", s->account_name,
	    OUTCOME_DONE, e, "%s", a->ref);
}

static void
contact_sweep(void)
{
	struct query *q = db_query(contact_prepared[Q_OLD]);
	struct err e = { 0 };

	q_i64(q, 1, clock_now() - 86400);
	if (q_run(q, &e) < 0)
		log_warn("contacts that nobody confirmed stay: %s", e.text);
}
LOOP_TIMER(contact, 3600, contact_sweep)
