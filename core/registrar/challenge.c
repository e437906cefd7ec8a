/* challenge.c - attempts to prove a domain by a mailed code. */
#include "core/registrar/domain.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/x509/names.h"

#define CHALLENGES_SHOWN 20

enum { Q_CLAIM, Q_ADD, Q_HASH, Q_REPLACE, Q_EXPIRE, Q_LIST, Q_NEWEST, Q_END,
	Q_CLAIM_AGAIN };

static const char *const sql[] = {
	[Q_CLAIM] = "INSERT INTO domain (account, name, shown, state, claimed)"
	    " VALUES (?1, ?2, ?3, 'claimed', ?4)",
	[Q_CLAIM_AGAIN] = "UPDATE domain SET claimed = ?2, mailbox = '',"
	    " proven = 0, expires = 0 WHERE number = ?1",
	[Q_ADD] = "INSERT INTO challenge (domain, method, mailbox, state,"
	    " code_hash, created) VALUES (?1, 'mail', ?2, 'waiting', ?3, ?4)",
	[Q_HASH] = "UPDATE challenge SET code_hash = ?2 WHERE number = ?1",
	[Q_REPLACE] = "UPDATE challenge SET state = 'replaced', ended = ?2"
	    " WHERE domain = ?1 AND state IN ('waiting', 'sent')",
	[Q_EXPIRE] = "UPDATE challenge SET state = 'expired', ended = ?1"
	    " WHERE state = 'sent' AND expires > 0 AND expires <= ?1",
	[Q_LIST] = "SELECT number, mailbox, method, state, created, sent,"
	    " expires, tries FROM challenge WHERE domain = ?1"
	    " ORDER BY number DESC LIMIT ?2",
	[Q_NEWEST] = "SELECT number, mailbox, state, expires, tries,"
	    " code_hash FROM challenge WHERE domain = ?1"
	    " ORDER BY number DESC LIMIT 1",
	[Q_END] = "UPDATE challenge SET state = ?2, ended = ?3"
	    " WHERE number = ?1 AND state IN ('waiting', 'sent')",
};
DB_STATEMENTS(challenge, sql)

/* RFC 2142 names that the CA/Browser Forum allows too; no configuration can
 * add another (J1.4). */
static const char *const localparts[] = { "hostmaster", "postmaster",
	"webmaster" };

/* ---- rows ---- */

int
challenges_load(struct domain *d, struct err *e)
{
	struct query *q = db_query(challenge_prepared[Q_LIST]);
	char word[32];
	int r, v;

	q_i64(q, 1, d->number);
	q_i64(q, 2, CHALLENGES_SHOWN);
	while ((r = q_next(q, e)) == 1) {
		struct challenge *c = LIST_ADD(d, challenges);

		c->number = q_col_i64(q, 0);
		q_col_str(q, 1, c->mailbox, sizeof c->mailbox);
		q_col_str(q, 2, word, sizeof word);
		v = word_parse(&proof_method_words, word);
		c->method = v < 0 ? PROOF_MAIL : (enum proof_method)v;
		q_col_str(q, 3, word, sizeof word);
		v = word_parse(&challenge_state_words, word);
		c->state = v < 0 ? CHALLENGE_WAITING :
		    (enum challenge_state)v;
		c->created = q_col_i64(q, 4);
		c->sent = q_col_i64(q, 5);
		c->expires = q_col_i64(q, 6);
		c->tries_left = conf.policy_challenge_tries -
		    q_col_i64(q, 7);
		if (c->tries_left < 0)
			c->tries_left = 0;
	}
	return r;
}

int
challenges_replace(int64_t domain, struct err *e)
{
	struct query *q = db_query(challenge_prepared[Q_REPLACE]);

	q_i64(q, 1, domain);
	q_i64(q, 2, clock_now());
	return q_run(q, e);
}

int
challenges_expire(struct err *e)
{
	struct query *q = db_query(challenge_prepared[Q_EXPIRE]);

	q_i64(q, 1, clock_now());
	return q_run(q, e);
}

int
challenge_newest(int64_t domain, struct newest_challenge *c, struct err *e)
{
	struct query *q = db_query(challenge_prepared[Q_NEWEST]);
	char word[32];
	int r;

	q_i64(q, 1, domain);
	if ((r = q_next(q, e)) != 1)
		return r;
	c->number = q_col_i64(q, 0);
	q_col_str(q, 1, c->mailbox, sizeof c->mailbox);
	q_col_str(q, 2, word, sizeof word);
	c->state = word_parse(&challenge_state_words, word);
	c->expires = q_col_i64(q, 3);
	c->tries = q_col_i64(q, 4);
	q_col_bytes(q, 5, c->hash, sizeof c->hash);
	q_end(q);
	return 1;
}

int
challenge_end(int64_t number, enum challenge_state state, struct err *e)
{
	struct query *q = db_query(challenge_prepared[Q_END]);

	q_i64(q, 1, number);
	q_str(q, 2, word_of(&challenge_state_words, state));
	q_i64(q, 3, clock_now());
	return q_run(q, e);
}

/* ---- adding ---- */

/* Is this one of the words of policy.mailboxes? */
static bool
policy_lists(const char *localpart)
{
	const char *p = conf.policy_mailboxes;
	size_t n = strlen(localpart);

	while (*p != '\0') {
		size_t word = strcspn(p, " ,\t");

		if (word == n && strncmp(p, localpart, n) == 0)
			return true;
		p += word;
		p += strspn(p, " ,\t");
	}
	return false;
}

/* The allowed local part, or NULL; "" asks for the first one. */
static const char *
localpart_allowed(const char *asked)
{
	for (size_t i = 0; i < sizeof localparts / sizeof localparts[0]; i++)
		if (policy_lists(localparts[i]) && (*asked == '\0' ||
		    strcmp(asked, localparts[i]) == 0))
			return localparts[i];
	return NULL;
}

static int
localpart_refuse(const char *asked, const char *domain, struct err *e)
{
	char list[128] = "", shown[80];
	size_t n = 0;

	for (size_t i = 0; i < sizeof localparts / sizeof localparts[0]; i++)
		if (policy_lists(localparts[i]) && n < sizeof list)
			n += (size_t)snprintf(list + n, sizeof list - n,
			    "%s%s", n ? ", " : "", localparts[i]);
	render_untrusted(shown, sizeof shown, asked, strlen(asked));
	return err_set(e, ERR_REFUSED, "proof-mailbox",
	    "codes are not mailed to \"%s\", only to %s at %.253s or a parent of it; say --to with one of these",
	    shown, *list ? list : "nobody (policy.mailboxes names none)",
	    domain);
}

/* The mailbox is built here, from the fixed list and checked domains; nothing
 * of it is taken as it came. */
static int
mailbox_make(const struct domain_new *a, const struct domain_form *domain,
    char mailbox[320], struct err *e)
{
	const char *localpart = localpart_allowed(a->localpart);
	struct domain_form at = *domain;

	if (localpart == NULL)
		return localpart_refuse(a->localpart, domain->ascii, e);
	if (a->at[0] != '\0' && domain_parse(a->at, strlen(a->at),
	    conf.policy_special_names, &at, e) < 0)
		return -1;
	if (!domain_is_parent(at.ascii, domain->ascii))
		return err_set(e, ERR_REFUSED, "proof-mailbox",
		    "%.253s is neither %.253s nor a parent of it; leave `at` out, or name a parent",
		    at.ascii, domain->ascii);
	snprintf(mailbox, 320, "%s@%s", localpart, at.ascii);
	if (!address_ok(mailbox))
		return err_set(e, ERR_REFUSED, "proof-mailbox",
		    "no letter can go to %.300s", mailbox);
	return 0;
}

/* The account's row for the domain: made, taken up again, or as it is. */
static int
domain_claim(const struct seat *s, const struct domain_form *f,
    struct domain *d, struct err *e)
{
	struct query *q = NULL;
	struct err none = { 0 };

	if (domain_load_own(s->account, f->ascii, d, &none) < 0) {
		if (none.kind != ERR_NOT_FOUND) {
			*e = none;
			return -1;
		}
		q = db_query(challenge_prepared[Q_CLAIM]);
		q_i64(q, 1, s->account);
		q_str(q, 2, f->ascii);
		q_str(q, 3, f->shown);
		q_i64(q, 4, clock_now());
		if (q_run(q, e) < 0)
			return -1;
		return domain_load(db_last_number(), d, e);
	}
	if (d->state != DOMAIN_DROPPED)
		return 0;
	q = db_query(challenge_prepared[Q_CLAIM_AGAIN]);
	q_i64(q, 1, d->number);
	q_i64(q, 2, clock_now());
	if (q_run(q, e) < 0 ||
	    domain_move(d->number, DOMAIN_DROPPED, DOMAIN_CLAIMED, e) < 0)
		return -1;
	return domain_load(d->number, d, e);
}

/* S4.7: the letter says the domain and the account's name, nothing more. */
static int
code_mail(const struct seat *s, const struct domain *d, const char *mailbox,
    struct err *e)
{
	char code[CODE_SIZE], hours[16];
	uint8_t hash[32] = { 0 };
	int64_t number;
	struct query *q = db_query(challenge_prepared[Q_ADD]);
	const struct blank blanks[] = {
		{ "DOMAIN", d->name }, { "ACCOUNT", s->account_name },
		{ "CODE", code }, { "HOURS", hours },
	};
	int r = -1;

	q_i64(q, 1, d->number);
	q_str(q, 2, mailbox);
	q_blob(q, 3, hash, sizeof hash);
	q_i64(q, 4, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	number = db_last_number();
	snprintf(hours, sizeof hours, "%lld",
	    (long long)conf.policy_challenge_hours);
	code_new(code);
	code_hash(hash, code, "domain", number);
	q = db_query(challenge_prepared[Q_HASH]);
	q_i64(q, 1, number);
	q_blob(q, 2, hash, sizeof hash);
	if (q_run(q, e) == 0)
		r = notice_add("domain", s->account, mailbox, number, blanks,
		    sizeof blanks / sizeof blanks[0], e);
	secret_wipe(code, sizeof code);
	return r;
}

static int
challenges_limit(const struct seat *s, const char *domain, struct err *e)
{
	char account[24];

	snprintf(account, sizeof account, "%lld", (long long)s->account);
	if (throttle_take("challenge", domain,
	    conf.policy_challenges_per_domain_day, e) < 0)
		return -1;
	return throttle_take("challenge-account", account,
	    conf.policy_challenges_per_account_day, e);
}

int
serve_domain_add(struct seat *s, const struct domain_new *a, struct domain *r,
    struct err *e)
{
	struct domain_form f;
	char mailbox[320];

	if (account_may_issue(s->account, e) < 0)
		return -1;
	if (a->method != PROOF_MAIL)
		return err_set(e, ERR_REFUSED, "proof-method",
		    "proof by DNS is not switched on here; `domain add DOMAIN` mails a code");
	if (domain_parse(a->name, strlen(a->name), conf.policy_special_names,
	    &f, e) < 0 || mailbox_make(a, &f, mailbox, e) < 0) {
		audit_refusal(s, "domain.add", "domain", "", "%s: %s",
		    e->clause, e->text);
		return -1;
	}
	if (challenges_limit(s, f.ascii, e) < 0) {
		audit_refusal(s, "domain.add", "domain", f.ascii, "%s",
		    e->clause);
		return -1;
	}
	if (domain_claim(s, &f, r, e) < 0 ||
	    challenges_replace(r->number, e) < 0 ||
	    code_mail(s, r, mailbox, e) < 0 ||
	    audit_add(s, "domain.add", "domain", r->name, OUTCOME_DONE, e,
	    "code to %s", mailbox) < 0)
		return -1;
	change_push("domain", r->number, s->account, "");
	return challenges_load(r, e);
}
