/* register.c - a guest becomes a member: register, the mailed code, confirm;
 * and registrations that nobody confirmed vanish. */
#include "core/registrar/account/contact.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"

#define WEBSITE_DAY 1000	/* registrations by the website in a day */

enum { Q_ADD, Q_AGAIN, Q_CODE, Q_BY_KEY, Q_WAITING, Q_TRY, Q_CONFIRM,
	Q_OLD, Q_DROP_KEYS, Q_DROP_ACCEPTANCES, Q_DROP_NOTICES, Q_DROP };
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO account (name, email, role, state, created)"
	    " VALUES (?1, ?2, 'member', 'pending', ?3)",
	[Q_AGAIN] = "UPDATE account SET name = ?2, email = ?3, created = ?4"
	    " WHERE number = ?1 AND state = 'pending'",
	[Q_CODE] = "UPDATE account SET code_hash = ?2, code_expires = ?3,"
	    " code_tries = 0 WHERE number = ?1 AND state = 'pending'",
	[Q_BY_KEY] = "SELECT a.number, a.name, a.state FROM ssh_key k"
	    " JOIN account a ON a.number = k.account"
	    " WHERE k.fingerprint = ?1",
	[Q_WAITING] = "SELECT a.number, a.code_hash, a.code_expires,"
	    " a.code_tries FROM account a"
	    " JOIN ssh_key k ON k.account = a.number"
	    " WHERE a.name = ?1 AND a.state = 'pending'"
	    " AND k.fingerprint = ?2 AND a.code_hash IS NOT NULL",
	[Q_TRY] = "UPDATE account SET code_tries = code_tries + 1"
	    " WHERE number = ?1",
	[Q_CONFIRM] = "UPDATE account SET code_hash = NULL, code_expires = 0,"
	    " code_tries = 0 WHERE number = ?1",
	[Q_OLD] = "SELECT number, name FROM account WHERE state = 'pending'"
	    " AND created < ?1 LIMIT 1",
	[Q_DROP_KEYS] = "DELETE FROM ssh_key WHERE account = ?1",
	[Q_DROP_ACCEPTANCES] = "DELETE FROM acceptance WHERE account = ?1",
	[Q_DROP_NOTICES] = "DELETE FROM notice WHERE account = ?1",
	[Q_DROP] = "DELETE FROM account WHERE number = ?1"
	    " AND state = 'pending'",
};
DB_STATEMENTS(register, sql)

void
source_bucket(char dst[64], const char *source)
{
	struct in6_addr a;

	if (inet_pton(AF_INET6, source, &a) == 1 &&
	    !IN6_IS_ADDR_V4MAPPED(&a)) {
		memset(&a.s6_addr[8], 0, 8);
		inet_ntop(AF_INET6, &a, dst, 46);
	} else {
		str_copy(dst, 64, source);
	}
}

/* Most servers deliver NAME+ANYTHING to NAME and ask for no case. */
void
address_bucket(char dst[255], const char *address)
{
	size_t n = strcspn(address, "+@"), at = strcspn(address, "@");

	snprintf(dst, 255, "%.*s%s", (int)n, address, address + at);
	for (char *p = dst; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
}

static int
form_check(const struct registration *a, struct err *e)
{
	char shown[300];

	if (account_name_check(a->name, e) < 0)
		return -1;
	render_untrusted(shown, sizeof shown, a->email, strlen(a->email));
	if (!address_ok(a->email))
		return err_set(e, ERR_BAD_INPUT, "address",
		    "\"%s\" is no mail address that we can write to: letters, digits and . _ + - before the @, a domain in lower case behind it.",
		    shown);
	if (strcmp(a->agreement, conf.policy_agreement_version) != 0)
		return err_set(e, ERR_REFUSED, "agreement",
		    "Membership needs the agreement, version %s: read it, then accept it with --accept.",
		    conf.policy_agreement_version);
	return 0;
}

/* The pending registration of this key, to be written anew: its number, 0
 * none, -1 with *e (the key opens an account already). */
static int64_t
earlier_find(const struct seat *s, struct err *e)
{
	struct query *q = db_query(register_prepared[Q_BY_KEY]);
	int64_t number = 0;
	char name[33] = "", state[16] = "";
	int r;

	q_str(q, 1, s->fingerprint);
	if ((r = q_next(q, e)) == 1) {
		number = q_col_i64(q, 0);
		q_col_str(q, 1, name, sizeof name);
		q_col_str(q, 2, state, sizeof state);
	}
	q_end(q);
	if (r < 0)
		return -1;
	if (number != 0 && s->role == ROLE_WEBSITE)
		return err_set(e, ERR_CONFLICT, "key-in-use",
		    "This key is of an account, or of a registration, already; the member makes another one: ssh-keygen -t ed25519");
	if (number != 0 && strcmp(state, "pending") != 0)
		return err_set(e, ERR_CONFLICT, "key-in-use",
		    "Your key opens the account %s already: %s %s@%s. For a second account make another key: ssh-keygen -t ed25519",
		    name, ssh_words(), name, conf.service_name);
	return number;
}

static int
name_is_free(const char *name, int64_t except, struct err *e)
{
	struct account other = { 0 };

	if (account_load_by_name(name, &other, e) < 0) {
		if (e->kind != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		return 0;
	}
	if (other.number == except)
		return 0;
	return err_set(e, ERR_CONFLICT, "account-name",
	    "The name %s is taken; choose another.", name);
}

static int64_t
row_write(const struct seat *s, const struct registration *a, int64_t earlier,
    struct err *e)
{
	struct query *q = NULL;
	struct key k = { 0 };

	q = db_query(register_prepared[earlier ? Q_AGAIN : Q_ADD]);
	q_i64(q, 1, earlier);
	q_str(q, earlier ? 2 : 1, a->name);
	q_str(q, earlier ? 3 : 2, a->email);
	q_i64(q, earlier ? 4 : 3, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	if (earlier != 0)
		return earlier;
	earlier = db_last_number();
	if (key_parse(s->key_line, &k, e) < 0 ||
	    key_store(earlier, &k, e) < 0)
		return -1;
	return earlier;
}

static int
code_mail(const struct seat *s, const struct registration *a, int64_t number,
    struct err *e)
{
	char code[CODE_SIZE], hours[24];
	uint8_t hash[32];
	const struct blank blanks[] = {
		{ "NAME", a->name }, { "CODE", code },
		{ "FINGERPRINT", s->fingerprint }, { "HOURS", hours },
	};
	struct query *q = NULL;
	int r = -1;

	code_new(code);
	code_hash(hash, code, "register", number);
	snprintf(hours, sizeof hours, "%lld",
	    (long long)conf.policy_challenge_hours);
	q = db_query(register_prepared[Q_CODE]);
	q_i64(q, 1, number);
	q_blob(q, 2, hash, sizeof hash);
	q_i64(q, 3, clock_now() + conf.policy_challenge_hours * 3600);
	if (q_run(q, e) == 0)
		r = notice_add("register", number, a->email, 0, blanks,
		    sizeof blanks / sizeof blanks[0], e);
	secret_wipe(code, sizeof code);
	return r;
}

/* A guest registers the key that he came with; the website gives the key of
 * the member, who has to come with it to enter the code. */
static int
key_whose(const struct seat *s, const struct registration *a,
    struct seat *whose, struct err *e)
{
	struct key k = { 0 };

	if (s->role != ROLE_WEBSITE && a->line[0] != '\0')
		return err_set(e, ERR_BAD_INPUT, "key-form",
		    "A guest registers with the key that he came with; leave the other one out.");
	if (key_parse(s->role == ROLE_WEBSITE ? a->line : s->key_line, &k,
	    e) < 0)
		return -1;
	whose->role = s->role;
	str_copy(whose->fingerprint, sizeof whose->fingerprint,
	    k.fingerprint);
	str_copy(whose->key_line, sizeof whose->key_line, k.line);
	return 0;
}

/* All that the website registers comes from one address. */
static int
source_take(const struct seat *s, struct err *e)
{
	char bucket[64];

	source_bucket(bucket, s->source);
	return throttle_take(s->role == ROLE_WEBSITE ? "register-website" :
	    "register-source", bucket, s->role == ROLE_WEBSITE ?
	    WEBSITE_DAY : conf.policy_registrations_per_source_day, e);
}

int
serve_account_register(struct seat *s, const struct registration *a,
    struct none *r, struct err *e)
{
	struct seat for_whom = { 0 };	/* whose key it will be */
	char mailbox[255];
	int64_t earlier, number;

	(void)r;
	if (form_check(a, e) < 0 || key_whose(s, a, &for_whom, e) < 0 ||
	    source_take(s, e) < 0)
		return -1;
	/* from here a try counts, whatever becomes of it */
	if ((earlier = earlier_find(&for_whom, e)) < 0 ||
	    name_is_free(a->name, earlier, e) < 0) {
		question_keep();
		audit_refusal(s, "account.register", "account", a->name,
		    "%s", e->clause);
		return -1;
	}
	address_bucket(mailbox, a->email);
	if (throttle_take("register-address", mailbox,
	    conf.policy_registrations_per_address_day, e) < 0) {
		question_keep();
		audit_refusal(s, "account.register", "account", a->name,
		    "%s", e->clause);
		return -1;
	}
	if ((number = row_write(&for_whom, a, earlier, e)) < 0 ||
	    agreement_keep(number, s->fingerprint, e) < 0 ||
	    code_mail(&for_whom, a, number, e) < 0)
		return -1;
	change_push("account", number, 0, "");
	return audit_add(s, "account.register", "account", a->name,
	    OUTCOME_DONE, e, "%s, agreement %s%s", a->email, a->agreement,
	    earlier ? ", again" : "");
}

/* ---- confirm ---- */

struct waiting {
	int64_t number, expires, tries;
	uint8_t hash[32];
};

/* Only the key that registered learns that something waits. */
static int
waiting_find(const struct seat *s, const char *name, struct waiting *w,
    struct err *e)
{
	struct query *q = db_query(register_prepared[Q_WAITING]);
	int r;

	q_str(q, 1, name);
	q_str(q, 2, s->fingerprint);
	if ((r = q_next(q, e)) == 1) {
		w->number = q_col_i64(q, 0);
		q_col_bytes(q, 1, w->hash, sizeof w->hash);
		w->expires = q_col_i64(q, 2);
		w->tries = q_col_i64(q, 3);
	}
	q_end(q);
	if (r == 0)
		return err_set(e, ERR_REFUSED, "code",
		    "No registration waits here for this name and the key that you came with; use the key that registered, or begin with: register NAME EMAIL --accept");
	return r < 0 ? -1 : 0;
}

static int
wrong_code(struct seat *s, const char *name, const struct waiting *w,
    struct err *e)
{
	struct query *q = db_query(register_prepared[Q_TRY]);
	int64_t left = conf.policy_challenge_tries - w->tries - 1;

	q_i64(q, 1, w->number);
	if (q_run(q, e) < 0 || audit_add(s, "account.confirm", "account",
	    name, OUTCOME_REFUSED, e, "wrong code, %lld tries left",
	    (long long)left) < 0)
		return -1;
	question_keep();
	return err_set(e, ERR_REFUSED, "code",
	    left > 0 ? "That is not the code of the letter; %lld more tries. Capitals and dashes do not matter." :
	    "That is not the code of the letter, and there are %lld tries left: register again for a new one.",
	    (long long)left);
}

static int
code_check(struct seat *s, const struct confirmation *a,
    const struct waiting *w, struct err *e)
{
	char code[CODE_SIZE];
	uint8_t hash[32];
	bool right;

	if (w->tries >= conf.policy_challenge_tries)
		return err_set(e, ERR_REFUSED, "code-locked",
		    "Too many wrong codes were entered; register again for a new one.");
	if (clock_now() >= w->expires)
		return err_set(e, ERR_REFUSED, "code-expired",
		    "The code is older than %lld hours; register again for a new one.",
		    (long long)conf.policy_challenge_hours);
	if (code_normal(a->code, code) < 0)
		return err_set(e, ERR_BAD_INPUT, "code-form",
		    "A code is seven groups of four letters or digits (A-Z, 2-7), as in the letter; this try was not counted.");
	code_hash(hash, code, "register", w->number);
	right = bytes_equal_ct(hash, w->hash, sizeof hash);
	secret_wipe(code, sizeof code);
	return right ? 0 : wrong_code(s, a->name, w, e);
}

int
serve_account_confirm(struct seat *s, const struct confirmation *a,
    struct account *r, struct err *e)
{
	struct waiting w = { 0 };
	struct query *q = NULL;

	if (waiting_find(s, a->name, &w, e) < 0 || code_check(s, a, &w, e) < 0)
		return -1;
	if (account_move(w.number, ACCOUNT_PENDING, ACCOUNT_ACTIVE, e) < 0)
		return -1;
	q = db_query(register_prepared[Q_CONFIRM]);
	q_i64(q, 1, w.number);
	if (q_run(q, e) < 0 || account_load(w.number, r, e) < 0)
		return -1;
	change_push("account", w.number, 0, "");
	return audit_add(s, "account.confirm", "account", a->name,
	    OUTCOME_DONE, e, "%s", r->email);
}

/* ---- what nobody confirmed ---- */

static int
drop(int64_t number, const char *name, struct err *e)
{
	for (int i = Q_DROP_KEYS; i <= Q_DROP; i++) {
		struct query *q = db_query(register_prepared[i]);

		q_i64(q, 1, number);
		if (q_run(q, e) < 0)
			return -1;
	}
	return audit_add(NULL, "account.vanish", "account", name,
	    OUTCOME_DONE, e, "not confirmed in %lld days",
	    (long long)conf.policy_unconfirmed_days);
}

static void
register_sweep(void)
{
	struct err e = { 0 };

	for (int i = 0; i < 100; i++) {
		struct query *q = db_query(register_prepared[Q_OLD]);
		int64_t number = 0;
		char name[33] = "";

		q_i64(q, 1, clock_now() -
		    conf.policy_unconfirmed_days * 86400);
		if (q_next(q, &e) == 1) {
			number = q_col_i64(q, 0);
			q_col_str(q, 1, name, sizeof name);
		}
		q_end(q);
		if (number == 0)
			return;
		if (drop(number, name, &e) < 0) {
			log_warn("account %s does not vanish: %s", name,
			    e.text);
			return;
		}
	}
}
LOOP_TIMER(register, 3600, register_sweep)
