/* confirm.c - a domain has been shown to be somebody's: it is proven, or two
 * members have it and staff must decide. */
#include "core/registrar/domain/proof.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/account/contact.h"
#include "core/registrar/db.h"

enum { Q_HOLDER, Q_HOLDER_LAPSED, Q_PROVE };

static const char *const sql[] = {
	[Q_HOLDER] = "SELECT d.number, d.account, a.name"
	    " FROM domain d JOIN account a ON a.number = d.account"
	    " WHERE d.name = ?1 AND d.state = 'proven' AND d.account <> ?2",
	[Q_HOLDER_LAPSED] = "UPDATE domain SET state = 'lapsed'"
	    " WHERE name = ?1 AND state = 'proven' AND (expires <= ?2"
	    " OR (method = 'dns' AND seen <= ?3))",
	[Q_PROVE] = "UPDATE domain SET method = ?2, mailbox = ?3,"
	    " proven = ?4, expires = ?5, dnssec = ?6, seen = ?4, missed = 0"
	    " WHERE number = ?1",
};
DB_STATEMENTS(confirm, sql)

static int
conflict_tell(const struct seat *s, const struct domain *d, int64_t account,
    const char *kind, struct err *e)
{
	const struct blank blanks[] = {
		{ "DOMAIN", d->name }, { "ACCOUNT", s->account_name },
	};

	if (account != 0)
		return account_tell(kind, account, false, blanks, 2, e);
	if (!address_ok(conf.mail_staff_to))
		return 0;
	return notice_add(kind, 0, conf.mail_staff_to, 0, blanks, 2, e);
}

/* J1.7: both are told, staff decide, nothing moves silently. */
static int
conflict_open(struct seat *s, const struct domain *d, int64_t holder,
    const char *holder_name, struct err *e)
{
	if ((d->state != DOMAIN_CONFLICT &&
	    domain_move(d->number, d->state, DOMAIN_CONFLICT, e) < 0) ||
	    conflict_tell(s, d, s->account, "conflict", e) < 0 ||
	    conflict_tell(s, d, holder, "conflict-holder", e) < 0 ||
	    conflict_tell(s, d, 0, "conflict-staff", e) < 0 ||
	    audit_add(s, "domain.confirm", "domain", d->name,
	    OUTCOME_REFUSED, e, "proven, but %s holds it", holder_name) < 0)
		return -1;
	question_keep();
	change_push("domain", d->number, s->account, "");
	change_push("domain", 0, holder,
	    "Somebody else has proven a domain of yours: read your mail");
	return err_set(e, ERR_CONFLICT, "domain-conflict",
	    "your proof is right, but another member holds %.253s; staff have been told and will write to you both",
	    d->name);
}

/* Experience without persons (R8.1): which mailbox, of the three there are,
 * and "dns"; the entry is the authority's own. */
int
proof_count(const char *action, const char *mailbox, struct err *e)
{
	char local[65] = "dns";
	size_t n = strcspn(mailbox, "@");

	if (n > 0 && n < sizeof local) {
		memcpy(local, mailbox, n);
		local[n] = '\0';
	}
	return audit_add(NULL, action, "mailbox", local, OUTCOME_DONE, e,
	    "%s", "");
}

/* Also in a conflict the proof is kept: staff may give the domain to it. */
static int
proof_keep(int64_t domain, const struct shown *p, struct err *e)
{
	struct query *q = db_query(confirm_prepared[Q_PROVE]);
	int64_t now = clock_now();

	q_i64(q, 1, domain);
	q_str(q, 2, word_of(&proof_method_words, p->method));
	q_str(q, 3, p->mailbox);
	q_i64(q, 4, now);
	q_i64(q, 5, now + conf.policy_proof_days * 86400);
	q_str(q, 6, word_of(&dnssec_state_words, p->dnssec));
	return q_run(q, e);
}

/* 0 nobody else holds it, -1 a conflict was opened (or worse). */
static int
holder_check(struct seat *s, const struct domain *d, const struct shown *p,
    struct err *e)
{
	struct query *q = db_query(confirm_prepared[Q_HOLDER_LAPSED]);
	char name[33];
	int64_t holder;
	int r;

	q_str(q, 1, d->name);
	q_i64(q, 2, clock_now());
	q_i64(q, 3, domain_seen_least());
	if (q_run(q, e) < 0)
		return -1;
	q = db_query(confirm_prepared[Q_HOLDER]);
	q_str(q, 1, d->name);
	q_i64(q, 2, s->account);
	if ((r = q_next(q, e)) != 1)
		return r;
	holder = q_col_i64(q, 1);
	q_col_str(q, 2, name, sizeof name);
	q_end(q);
	if (proof_keep(d->number, p, e) < 0)
		return -1;
	return conflict_open(s, d, holder, name, e);
}

int
domain_proved(struct seat *s, struct domain *d, const struct shown *p,
    struct err *e)
{
	int64_t number = d->number;

	if (challenge_end(p->challenge, CHALLENGE_PROVED, e) < 0 ||
	    proof_count("proof.done", p->method == PROOF_MAIL ? p->mailbox :
	    "", e) < 0 || holder_check(s, d, p, e) < 0)
		return -1;
	/* holder_check() may have marked our own old proof as lapsed */
	NOUN_CLEAR(domain, d);
	if (domain_load(number, d, e) < 0 || proof_keep(number, p, e) < 0 ||
	    domain_move(number, d->state, DOMAIN_PROVEN, e) < 0)
		return -1;
	return audit_add(s, "domain.confirm", "domain", d->name, OUTCOME_DONE,
	    e, "by %s%s%s, for %lld days", p->method == PROOF_MAIL ?
	    p->mailbox : "DNS, ", p->method == PROOF_MAIL ? "" :
	    word_of(&dnssec_state_words, p->dnssec), "",
	    (long long)conf.policy_proof_days);
}
