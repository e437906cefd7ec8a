/* confirm.c - a mailed code comes back: the domain is proven, or not. */
#include "core/registrar/domain.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"

enum { Q_TRY, Q_HOLDER, Q_HOLDER_LAPSED, Q_PROVE };

static const char *const sql[] = {
	[Q_TRY] = "UPDATE challenge SET tries = tries + 1 WHERE number = ?1",
	[Q_HOLDER] = "SELECT d.number, d.account, a.name, a.email"
	    " FROM domain d JOIN account a ON a.number = d.account"
	    " WHERE d.name = ?1 AND d.state = 'proven' AND d.account <> ?2",
	[Q_HOLDER_LAPSED] = "UPDATE domain SET state = 'lapsed'"
	    " WHERE name = ?1 AND state = 'proven' AND expires <= ?2",
	[Q_PROVE] = "UPDATE domain SET method = 'mail', mailbox = ?2,"
	    " proven = ?3, expires = ?4 WHERE number = ?1",
};
DB_STATEMENTS(confirm, sql)

/* The same words whether the domain, its code or the code typed is wrong. */
static int
confirm_wrong(struct err *e)
{
	return err_set(e, ERR_REFUSED, "proof-code",
	    "that code does not prove that domain; type the newest code mailed for it, or `domain add` for a new one");
}

/* Is the newest code still to be tried?  Says what to do next when not. */
static int
challenge_open(const struct seat *s, const struct domain *d,
    const struct newest_challenge *c, struct err *e)
{
	const char *why = NULL;

	if (c->state == CHALLENGE_SENT && c->expires > 0 &&
	    c->expires <= clock_now()) {
		if (challenge_end(c->number, CHALLENGE_EXPIRED, e) < 0)
			return -1;
		question_keep();
		why = "the code has expired";
	} else if (c->state == CHALLENGE_EXPIRED) {
		why = "the code has expired";
	} else if (c->state == CHALLENGE_LOCKED) {
		why = "the code is locked after too many wrong tries";
	} else if (c->state != CHALLENGE_WAITING &&
	    c->state != CHALLENGE_SENT) {
		audit_refusal(s, "domain.confirm", "domain", d->name,
		    "no code is out");
		return confirm_wrong(e);
	}
	if (why == NULL)
		return 0;
	audit_refusal(s, "domain.confirm", "domain", d->name, "%s", why);
	return err_set(e, ERR_REFUSED, "proof-code-over",
	    "%s; `domain add %.253s` mails a new one", why, d->name);
}

static int
code_try(const struct seat *s, const struct domain *d,
    const struct newest_challenge *c, const char *code, struct err *e)
{
	uint8_t hash[32];
	struct query *q = NULL;
	bool last = c->tries + 1 >= conf.policy_challenge_tries;

	code_hash(hash, code, "domain", c->number);
	if (bytes_equal_ct(hash, c->hash, sizeof hash))
		return 0;
	q = db_query(confirm_prepared[Q_TRY]);
	q_i64(q, 1, c->number);
	if (q_run(q, e) < 0 || (last &&
	    challenge_end(c->number, CHALLENGE_LOCKED, e) < 0))
		return -1;
	question_keep();
	audit_refusal(s, "domain.confirm", "domain", d->name,
	    "wrong code%s", last ? ", the challenge is locked" : "");
	return confirm_wrong(e);
}

static int
conflict_tell(const struct seat *s, const struct domain *d, int64_t account,
    const char *to, const char *kind, struct err *e)
{
	const struct blank blanks[] = {
		{ "DOMAIN", d->name }, { "ACCOUNT", s->account_name },
	};

	if (*to == '\0' || !address_ok(to))
		return 0;
	return notice_add(kind, account, to, 0, blanks, 2, e);
}

/* J1.7: both are told, staff decide, nothing moves silently. */
static int
conflict_open(struct seat *s, const struct domain *d, int64_t holder,
    const char *holder_name, const char *holder_mail, struct err *e)
{
	struct account own = { 0 };

	if ((d->state != DOMAIN_CONFLICT &&
	    domain_move(d->number, d->state, DOMAIN_CONFLICT, e) < 0) ||
	    account_load(s->account, &own, e) < 0 ||
	    conflict_tell(s, d, s->account, own.email, "conflict", e) < 0 ||
	    conflict_tell(s, d, holder, holder_mail, "conflict-holder",
	    e) < 0 ||
	    conflict_tell(s, d, 0, conf.mail_staff_to, "conflict-staff",
	    e) < 0 ||
	    audit_add(s, "domain.confirm", "domain", d->name,
	    OUTCOME_REFUSED, e, "proven, but %s holds it", holder_name) < 0)
		return -1;
	question_keep();
	change_push("domain", d->number, s->account, "");
	change_push("domain", 0, holder,
	    "Somebody else has proven a domain of yours: read your mail");
	return err_set(e, ERR_CONFLICT, "domain-conflict",
	    "your code is right, but another member holds %.253s; staff have been told and will write to you both",
	    d->name);
}

/* 0 nobody else holds it, -1 a conflict was opened (or worse). */
static int
holder_check(struct seat *s, const struct domain *d, struct err *e)
{
	struct query *q = db_query(confirm_prepared[Q_HOLDER_LAPSED]);
	char name[33], mail[255];
	int64_t holder;
	int r;

	q_str(q, 1, d->name);
	q_i64(q, 2, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	q = db_query(confirm_prepared[Q_HOLDER]);
	q_str(q, 1, d->name);
	q_i64(q, 2, s->account);
	if ((r = q_next(q, e)) != 1)
		return r;
	holder = q_col_i64(q, 1);
	q_col_str(q, 2, name, sizeof name);
	q_col_str(q, 3, mail, sizeof mail);
	q_end(q);
	return conflict_open(s, d, holder, name, mail, e);
}

static int
domain_prove(struct seat *s, struct domain *d, const struct newest_challenge *c,
    struct err *e)
{
	struct query *q = NULL;
	int64_t now = clock_now(), number = d->number;

	if (challenge_end(c->number, CHALLENGE_PROVED, e) < 0)
		return -1;
	if (holder_check(s, d, e) < 0)
		return -1;
	/* holder_check() may have marked our own old proof as lapsed */
	NOUN_CLEAR(domain, d);
	if (domain_load(number, d, e) < 0)
		return -1;
	q = db_query(confirm_prepared[Q_PROVE]);
	q_i64(q, 1, number);
	q_str(q, 2, c->mailbox);
	q_i64(q, 3, now);
	q_i64(q, 4, now + conf.policy_proof_days * 86400);
	if (q_run(q, e) < 0 ||
	    domain_move(number, d->state, DOMAIN_PROVEN, e) < 0)
		return -1;
	return audit_add(s, "domain.confirm", "domain", d->name, OUTCOME_DONE,
	    e, "by %s, for %lld days", c->mailbox,
	    (long long)conf.policy_proof_days);
}

int
serve_domain_confirm(struct seat *s, const struct confirmation *a,
    struct domain *r, struct err *e)
{
	char code[CODE_SIZE];
	struct newest_challenge c = { 0 };
	struct err none = { 0 };
	int64_t number;
	int have = 0;

	if (account_may_issue(s->account, e) < 0)
		return -1;
	if (code_normal(a->code, code) < 0)
		return err_set(e, ERR_BAD_INPUT, "proof-code",
		    "a code is seven groups of four letters and digits, as in the letter; '-' and case do not matter");
	if (domain_load_own(s->account, a->name, r, &none) < 0 &&
	    none.kind != ERR_NOT_FOUND) {
		*e = none;
		return -1;
	}
	if (r->number != 0 && r->state != DOMAIN_DROPPED)
		have = challenge_newest(r->number, &c, e);
	if (have < 0)
		return -1;
	if (have == 0) {
		audit_refusal(s, "domain.confirm", "domain", "",
		    "no such claim");
		return confirm_wrong(e);
	}
	if (challenge_open(s, r, &c, e) < 0 ||
	    code_try(s, r, &c, code, e) < 0 ||
	    domain_prove(s, r, &c, e) < 0)
		return -1;
	secret_wipe(code, sizeof code);
	number = r->number;
	change_push("domain", number, s->account, "");
	NOUN_CLEAR(domain, r);
	if (domain_load(number, r, e) < 0)
		return -1;
	return challenges_load(r, e);
}
