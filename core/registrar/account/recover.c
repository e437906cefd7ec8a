/*
 * recover.c - the guests' side of recovery: a code is mailed, and whoever
 * enters it waits with the key that he came with.
 *
 * What an attacker may try, and what stands against it:
 * - to learn which names exist: the first step answers alike for every name,
 *   is counted alike, and mails only when there is an account;
 * - to guess codes: 140 bits; wrong ones count against the source, never
 *   against the account, so that nobody can lock the owner out;
 * - to use up the letters of a day: each of them holds a code that is good in
 *   the owner's hand too, as a code is not bound to the key that asked;
 * - to read the account's mail: then time passes, all contacts and proof
 *   mailboxes hear of it, each session is told, and any of them stops it;
 * - to recover an account of the staff: a second person must say yes to the
 *   key's fingerprint.
 * When it is done the old keys are removed, all of them: who still has one
 * logs in with it and needs no recovery, and a lost key may be found.
 */
#include "core/registrar/account/recover.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/account/contact.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"

#define CODES_TRIED 20		/* wrong ones of one source in a day */
#define OPEN_MOST 10		/* letters that are compared */

enum { Q_ACCOUNT, Q_ADD, Q_OPEN, Q_BEGIN, Q_OTHERS, Q_KEY };
static const char *const sql[] = {
	[Q_ACCOUNT] = "SELECT number, email, role FROM account"
	    " WHERE name = ?1 AND state IN ('active', 'suspended')",
	[Q_ADD] = "INSERT INTO recovery (account, state, code_expires, asked,"
	    " source) VALUES (?1, 'mailed', ?2, ?3, ?4)",
	[Q_OPEN] = "SELECT number, code_hash FROM recovery"
	    " WHERE account = ?1 AND state = 'mailed' AND code_expires > ?2"
	    " ORDER BY number DESC LIMIT ?3",
	[Q_BEGIN] = "UPDATE recovery SET state = 'waiting', code_hash = NULL,"
	    " begun = ?2, stop_hash = ?3, fingerprint = ?4, line = ?5,"
	    " due = ?6, needs_approval = ?7"
	    " WHERE number = ?1 AND state = 'mailed'",
	/* the other letters of the account are good for nothing more */
	[Q_OTHERS] = "UPDATE recovery SET state = 'expired', ended = ?2,"
	    " code_hash = NULL WHERE account = ?1 AND state = 'mailed'",
	[Q_KEY] = "UPDATE recovery SET code_hash = ?2 WHERE number = ?1",
};
DB_STATEMENTS(recover, sql)

struct owner {
	int64_t number;		/* 0: there is no such account */
	char email[255];
	enum role role;
};

static int
owner_find(const char *name, struct owner *o, struct err *e)
{
	struct query *q = db_query(recover_prepared[Q_ACCOUNT]);
	int have;

	memset(o, 0, sizeof *o);
	q_str(q, 1, name);
	if ((have = q_next(q, e)) == 1) {
		o->number = q_col_i64(q, 0);
		q_col_str(q, 1, o->email, sizeof o->email);
		o->role = q_col_word(q, 2, &role_words, ROLE_STAFF);
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* ---- a code is mailed, or seems to be ---- */

static int
limits_take(const struct seat *s, const char *name, struct err *e)
{
	char bucket[64];

	source_bucket(bucket, s->source);
	if (throttle_take("recover-source", bucket,
	    conf.policy_registrations_per_source_day, e) < 0)
		return -1;
	/* by the name, whether there is such an account or not */
	return throttle_take("recover-name", name,
	    conf.policy_registrations_per_address_day, e);
}

static int
code_mail(const struct seat *s, const char *name, const struct owner *o,
    int64_t number, struct err *e)
{
	char code[CODE_SIZE], hours[24], wait[24];
	uint8_t hash[32];
	const struct blank blanks[] = {
		{ "NAME", name }, { "CODE", code }, { "HOURS", hours },
		{ "WAIT", wait }, { "FINGERPRINT", s->fingerprint },
	};
	struct query *q = NULL;
	int r = -1;

	code_new(code);
	code_hash(hash, code, "recover", number);
	snprintf(hours, sizeof hours, "%lld",
	    (long long)conf.policy_challenge_hours);
	snprintf(wait, sizeof wait, "%lld",
	    (long long)conf.policy_recovery_hours);
	q = db_query(recover_prepared[Q_KEY]);
	q_i64(q, 1, number);
	q_blob(q, 2, hash, sizeof hash);
	if (q_run(q, e) == 0)
		r = notice_add("recover", o->number, o->email, 0, blanks,
		    sizeof blanks / sizeof blanks[0], e);
	secret_wipe(code, sizeof code);
	return r;
}

static int
code_ask(struct seat *s, const char *name, struct recovery *r, struct err *e)
{
	struct owner o;
	struct query *q = NULL;

	if (limits_take(s, name, e) < 0) {
		question_keep();
		audit_refusal(s, "account.recover", "account", name, "%s",
		    e->clause);
		return -1;
	}
	str_copy(r->account, sizeof r->account, name);
	r->state = RECOVERY_MAILED;
	r->begun = clock_now();
	if (owner_find(name, &o, e) < 0)
		return -1;
	if (o.number == 0 || !address_ok(o.email))
		return audit_add(s, "account.recover", "account", name,
		    OUTCOME_REFUSED, e, "%s", o.number == 0 ?
		    "no such account" : "the account has no address");
	q = db_query(recover_prepared[Q_ADD]);
	q_i64(q, 1, o.number);
	q_i64(q, 2, clock_now() + conf.policy_challenge_hours * 3600);
	q_i64(q, 3, clock_now());
	q_str(q, 4, s->source);
	if (q_run(q, e) < 0 ||
	    code_mail(s, name, &o, db_last_number(), e) < 0)
		return -1;
	return audit_add(s, "account.recover", "account", name, OUTCOME_DONE,
	    e, "a code is mailed");
}

/* ---- the code comes back, with the new key ---- */

static int
wrong_code(struct seat *s, const char *name, struct err *e)
{
	char bucket[64];

	source_bucket(bucket, s->source);
	question_keep();
	audit_refusal(s, "account.recover", "account", name, "wrong code");
	if (throttle_take("recover-code", bucket, CODES_TRIED, e) < 0)
		return -1;
	return err_set(e, ERR_REFUSED, "code",
	    "That is not a code that was mailed for this name, or it is too old. Capitals and dashes do not matter; for a new one: recover NAME");
}

/* Which letter the code is of: its number, 0 none, -1. */
static int64_t
letter_find(int64_t account, const char *code, struct err *e)
{
	struct query *q = db_query(recover_prepared[Q_OPEN]);
	uint8_t want[32], have_hash[32];
	int64_t found = 0;
	int have;

	q_i64(q, 1, account);
	q_i64(q, 2, clock_now());
	q_i64(q, 3, OPEN_MOST);
	while ((have = q_next(q, e)) == 1) {
		int64_t number = q_col_i64(q, 0);

		if (q_col_null(q, 1))
			continue;
		q_col_bytes(q, 1, want, sizeof want);
		code_hash(have_hash, code, "recover", number);
		if (bytes_equal_ct(have_hash, want, sizeof want))
			found = number;
	}
	return have < 0 ? -1 : found;
}

/* Everybody who answers for the account hears of it, with the way to stop. */
static int
begun_tell(const struct seat *s, const char *name, const struct owner *o,
    int64_t due, const char *stop, struct err *e)
{
	char when[TIME_TEXT_SIZE];
	const struct blank blanks[] = {
		{ "NAME", name }, { "CODE", stop }, { "WHEN", when },
		{ "FINGERPRINT", s->fingerprint },
		{ "MORE", (ROLE_BIT(o->role) & ROLE_BIT(ROLE_MEMBER)) ? "" :
		    "As the account has a role, somebody else of the staff must say yes as well." },
	};

	time_text(when, due);
	return account_tell("recovery-begun", o->number, true, blanks,
	    sizeof blanks / sizeof blanks[0], e);
}

static int
recovery_begin(struct seat *s, const char *name, const struct owner *o,
    int64_t number, struct err *e)
{
	int64_t now = clock_now();
	int64_t due = now + conf.policy_recovery_hours * 3600;
	char stop[CODE_SIZE];
	uint8_t hash[32];
	struct query *q = db_query(recover_prepared[Q_BEGIN]);
	int r;

	code_new(stop);
	code_hash(hash, stop, "recover-stop", number);
	q_i64(q, 1, number);
	q_i64(q, 2, now);
	q_blob(q, 3, hash, sizeof hash);
	q_str(q, 4, s->fingerprint);
	q_str(q, 5, s->key_line);
	q_i64(q, 6, due);
	q_i64(q, 7, o->role != ROLE_MEMBER);
	r = q_run(q, e);
	if (r == 0) {
		q = db_query(recover_prepared[Q_OTHERS]);
		q_i64(q, 1, o->number);
		q_i64(q, 2, now);
		r = q_run(q, e);
	}
	if (r == 0)
		r = begun_tell(s, name, o, due, stop, e);
	secret_wipe(stop, sizeof stop);
	if (r == 0 && o->role != ROLE_MEMBER)
		r = alarm_raise(ALARM_RECOVERY, name, e,
		    "The account %s with the role %s is being recovered with the key %s; ask its holder by another way, then: recovery approve %s, or recovery stop %s",
		    name, word_of(&role_words, o->role), s->fingerprint, name,
		    name);
	if (r == 0)
		change_push("account", o->number, o->number,
		    "Somebody recovers this account with another key. If it is not you: recovery stop");
	return r < 0 ? -1 : audit_add(s, "account.recovery-begun", "account",
	    name, OUTCOME_DONE, e, "recovery %lld, new key %s",
	    (long long)number, s->fingerprint);
}

/* Something waits already: the same key asks how it stands, another one is
 * told that the first must be stopped. */
static int
again_answer(const struct seat *s, const struct waiting_recovery *w,
    struct recovery *r, struct err *e)
{
	if (strcmp(w->fingerprint, s->fingerprint) == 0)
		return recovery_load(w->number, r, e);
	return err_set(e, ERR_CONFLICT, "recovery",
	    "A recovery of this account with another key is under way. If that is not you, stop it first, with the code of the letter that told of it: recover %s CODE --stop",
	    w->name);
}

/* A key that opens something else cannot open this too. */
static int
key_is_free(const struct seat *s, const char *name, struct err *e)
{
	struct key k = { 0 };
	int64_t owner;

	if (key_parse(s->key_line, &k, e) < 0 ||
	    (owner = key_owner(k.fingerprint, e)) < 0)
		return -1;
	if (owner == 0)
		return 0;
	return err_set(e, ERR_CONFLICT, "key-in-use",
	    "The key that you came with opens an account already. For %s come with a new one: ssh-keygen -t ed25519",
	    name);
}

static int
code_enter(struct seat *s, const struct recovery_wish *a,
    struct recovery *r, struct err *e)
{
	struct waiting_recovery w;
	struct owner o;
	char code[CODE_SIZE];
	int64_t number = 0;
	int have = 0;

	if (code_normal(a->code, code) < 0)
		return err_set(e, ERR_BAD_INPUT, "code-form",
		    "A code is seven groups of four letters or digits (A-Z, 2-7), as in the letter; this try was not counted.");
	if (owner_find(a->name, &o, e) < 0 || (o.number != 0 &&
	    (number = letter_find(o.number, code, e)) < 0) ||
	    (o.number != 0 &&
	    (have = recovery_waiting_load(o.number, &w, e)) < 0))
		return -1;
	secret_wipe(code, sizeof code);
	/* with the key that waits one may ask again; its letter is used up */
	if (have == 1 && (number != 0 ||
	    strcmp(w.fingerprint, s->fingerprint) == 0))
		return again_answer(s, &w, r, e);
	if (number == 0)
		return wrong_code(s, a->name, e);
	if (key_is_free(s, a->name, e) < 0 ||
	    recovery_begin(s, a->name, &o, number, e) < 0)
		return -1;
	return recovery_load(number, r, e);
}

/* ---- the code of the letters that told of it: stop ---- */

static int
code_stop(struct seat *s, const struct recovery_wish *a, struct recovery *r,
    struct err *e)
{
	struct waiting_recovery w;
	struct owner o;
	char code[CODE_SIZE];
	uint8_t hash[32];
	bool right = false;
	int have = 0;

	if (code_normal(a->code, code) < 0)
		return err_set(e, ERR_BAD_INPUT, "code-form",
		    "Give the code of the letter that told of the recovery: recover NAME CODE --stop");
	if (owner_find(a->name, &o, e) < 0 || (o.number != 0 &&
	    (have = recovery_waiting_load(o.number, &w, e)) < 0))
		return -1;
	if (have == 1) {
		code_hash(hash, code, "recover-stop", w.number);
		right = bytes_equal_ct(hash, w.stop_hash, sizeof hash);
	}
	secret_wipe(code, sizeof code);
	if (!right)
		return wrong_code(s, a->name, e);
	if (recovery_stopped(s, &w, "the code of a letter", e) < 0)
		return -1;
	return recovery_load(w.number, r, e);
}

int
serve_account_recover(struct seat *s, const struct recovery_wish *a,
    struct recovery *r, struct err *e)
{
	char shown[128];

	/* the form alone: names of staff may be recovered too */
	if (!account_name_ok(a->name)) {
		render_untrusted(shown, sizeof shown, a->name,
		    strnlen(a->name, sizeof a->name));
		return err_set(e, ERR_BAD_INPUT, "account-name",
		    "\"%s\" cannot be an account's name.", shown);
	}
	if (a->stop)
		return code_stop(s, a, r, e);
	if (a->code[0] != '\0')
		return code_enter(s, a, r, e);
	return code_ask(s, a->name, r, e);
}
