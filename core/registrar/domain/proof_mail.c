/* proof_mail.c - proof by a code that is mailed to a mailbox of the domain. */
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/domain/proof.h"

enum { Q_ADD, Q_HASH, Q_TRY, Q_HELD };

static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO challenge (domain, method, mailbox, state,"
	    " code_hash, created) VALUES (?1, 'mail', ?2, 'waiting', ?3, ?4)",
	[Q_HASH] = "UPDATE challenge SET code_hash = ?2 WHERE number = ?1",
	[Q_TRY] = "UPDATE challenge SET tries = tries + 1 WHERE number = ?1",
	[Q_HELD] = "SELECT 1 FROM domain WHERE account = ?1 AND name = ?2"
	    " AND proven > 0 AND state IN ('proven', 'lapsed')",
};
DB_STATEMENTS(proof_mail, sql)

/* RFC 2142 names that the CA/Browser Forum allows too; no configuration can
 * add another (J1.4). */
static const char *const localparts[] = { "hostmaster", "postmaster",
	"webmaster" };

/* ---- the mailbox ---- */

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
		    "%.253s is neither %.253s nor a parent of it; say --to with the part before the @ alone, or name a parent",
		    at.ascii, domain->ascii);
	snprintf(mailbox, 320, "%s@%s", localpart, at.ascii);
	if (!address_ok(mailbox))
		return err_set(e, ERR_REFUSED, "proof-mailbox",
		    "no letter can go to %.300s", mailbox);
	return 0;
}

/* S4.7: the letter says the domain and the account's name, nothing more. */
static int
code_mail(const struct seat *s, const struct domain *d, const char *mailbox,
    struct err *e)
{
	char code[CODE_SIZE], hours[16];
	uint8_t hash[32] = { 0 };
	int64_t number;
	struct query *q = db_query(proof_mail_prepared[Q_ADD]);
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
	q = db_query(proof_mail_prepared[Q_HASH]);
	q_i64(q, 1, number);
	q_blob(q, 2, hash, sizeof hash);
	if (q_run(q, e) == 0)
		r = notice_add("domain", s->account, mailbox, number, blanks,
		    sizeof blanks / sizeof blanks[0], e);
	secret_wipe(code, sizeof code);
	return r;
}

/* Has the account proven the domain, now or before? */
static int
is_holder(const struct seat *s, const char *domain, struct err *e)
{
	struct query *q = db_query(proof_mail_prepared[Q_HELD]);
	int r;

	q_i64(q, 1, s->account);
	q_str(q, 2, domain);
	r = q_next(q, e);
	q_end(q);
	return r;
}

/*
 * A stranger may not use up what the owner needs: counted for each account
 * and domain.  No mailbox is flooded either, however many strangers there
 * are: counted for each mailbox too, except for whoever has proven the
 * domain, whose own count bounds him.
 */
static int
challenges_limit(const struct seat *s, const char *domain,
    const char *mailbox, struct err *e)
{
	char account[24], both[24 + DOMAIN_SIZE];
	int holder;

	snprintf(account, sizeof account, "%lld", (long long)s->account);
	snprintf(both, sizeof both, "%s %.253s", account, domain);
	if ((holder = is_holder(s, domain, e)) < 0 ||
	    throttle_take("challenge", both,
	    conf.policy_challenges_per_domain_day, e) < 0 ||
	    throttle_take("challenge-account", account,
	    conf.policy_challenges_per_account_day, e) < 0)
		return -1;
	if (holder == 1 || throttle_take("challenge-mailbox", mailbox,
	    conf.policy_challenges_per_mailbox_day, e) == 0)
		return 0;
	if (e->kind != ERR_REFUSED)
		return -1;
	return err_set(e, ERR_REFUSED, "limit-challenge-mailbox",
	    "%.200s has got %lld codes today, which is enough; try another mailbox with --to, or `domain add %.200s --dns`, or come back tomorrow",
	    mailbox, (long long)conf.policy_challenges_per_mailbox_day,
	    domain);
}

static int
mail_begin(struct seat *s, const struct domain_new *a,
    const struct domain_form *f, struct domain *r, struct err *e)
{
	char mailbox[320];

	if (mailbox_make(a, f, mailbox, e) < 0) {
		audit_refusal(s, "domain.add", "domain", "", "%s: %s",
		    e->clause, e->text);
		return -1;
	}
	if (challenges_limit(s, f->ascii, mailbox, e) < 0) {
		audit_refusal(s, "domain.add", "domain", f->ascii, "%s",
		    e->clause);
		return -1;
	}
	if (domain_claim(s, f, r, e) < 0 ||
	    challenges_replace(r->number, PROOF_MAIL, e) < 0 ||
	    code_mail(s, r, mailbox, e) < 0)
		return -1;
	return proof_count("proof.sent", mailbox, e) < 0 ? -1 :
	    audit_add(s, "domain.add", "domain", r->name, OUTCOME_DONE, e,
	    "code to %s", mailbox);
}

/* ---- the code comes back ---- */

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
	q = db_query(proof_mail_prepared[Q_TRY]);
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
mail_confirm(struct seat *s, const struct confirmation *a, struct domain *d,
    struct err *e)
{
	char code[CODE_SIZE];
	struct newest_challenge c = { 0 };
	struct shown p = { .method = PROOF_MAIL, .mailbox = c.mailbox };
	int have = 0;

	if (code_normal(a->code, code) < 0)
		return err_set(e, ERR_BAD_INPUT, "proof-code",
		    "a code is seven groups of four letters and digits, as in the letter; '-' and case do not matter");
	if (d->number != 0)
		have = challenge_newest(d->number, PROOF_MAIL, &c, e);
	if (have < 0)
		return -1;
	if (have == 0) {
		audit_refusal(s, "domain.confirm", "domain", "",
		    "no such claim");
		return confirm_wrong(e);
	}
	p.challenge = c.number;
	if (challenge_open(s, d, &c, e) < 0 ||
	    code_try(s, d, &c, code, e) < 0 ||
	    proof_allowed(PROOF_MAIL, d->name, e) < 0 ||
	    domain_proved(s, d, &p, e) < 0)
		return -1;
	secret_wipe(code, sizeof code);
	return 0;
}

const struct proof_way proof_mail = {
	.method = PROOF_MAIL,
	.what = "by mail",
	.command = "",
	.begin = mail_begin,
	.confirm = mail_confirm,
};
