/* person.c - codes for personal certificates: given by the holder of a domain,
 * listed, taken back, used once. */
#include "core/registrar/request/person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/page.h"
#include "core/x509/jid.h"

#define HOUR 3600

enum { Q_ADD, Q_FIND, Q_USE, Q_OPEN, Q_DROP, Q_REPLACE, Q_LIST, Q_TOTAL,
	Q_EXPIRE };

#define ROW "SELECT i.number, i.jid, a.name, i.state, i.made, i.expires," \
	" coalesce(i.request, 0) FROM invitation i" \
	" JOIN account a ON a.number = i.account"
#define LISTED \
	" AND (?2 = '' OR i.state = ?2)" \
	" AND (?3 = '' OR i.jid LIKE ?3 ESCAPE '!')"

static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO invitation (account, jid, domain, state,"
	    " code_hash, made, expires) VALUES (?1, ?2, ?3, 'open', ?4, ?5,"
	    " ?6)",
	[Q_FIND] = "SELECT number, account, jid FROM invitation"
	    " WHERE code_hash = ?1 AND state = 'open' AND expires > ?2",
	[Q_USE] = "UPDATE invitation SET state = 'used', request = ?2"
	    " WHERE number = ?1 AND state = 'open'",
	[Q_OPEN] = ROW " WHERE i.account = ?1 AND i.jid = ?2"
	    " AND i.state = 'open' ORDER BY i.number DESC LIMIT 1",
	[Q_DROP] = "UPDATE invitation SET state = 'dropped'"
	    " WHERE number = ?1 AND account = ?2 AND state = 'open'",
	/* a newer code for the same address takes the older one's place */
	[Q_REPLACE] = "UPDATE invitation SET state = 'dropped'"
	    " WHERE account = ?1 AND jid = ?2 AND state = 'open'",
	[Q_LIST] = ROW " WHERE i.account = ?5 AND i.number < ?1" LISTED
	    " ORDER BY i.number DESC LIMIT ?4",
	[Q_TOTAL] = PAGE_COUNT("FROM invitation i WHERE i.account = ?5"
	    LISTED),
	[Q_EXPIRE] = "UPDATE invitation SET state = 'expired'"
	    " WHERE state = 'open' AND expires <= ?1",
};
DB_STATEMENTS(person, sql)

static void
row_take(struct query *q, struct invitation *i)
{
	i->number = q_col_i64(q, 0);
	q_col_str(q, 1, i->jid, sizeof i->jid);
	q_col_str(q, 2, i->by, sizeof i->by);
	i->state = q_col_word(q, 3, &invitation_state_words,
	    INVITATION_DROPPED);
	i->made = q_col_i64(q, 4);
	i->expires = q_col_i64(q, 5);
	i->request = q_col_i64(q, 6);
}

/* ---- used by requests ---- */

int
invitation_find(const char *typed, struct invited *out, struct err *e)
{
	struct query *q = NULL;
	char code[CODE_SIZE];
	uint8_t hash[32];
	int r;

	memset(out, 0, sizeof *out);
	if (code_normal(typed, code) < 0)
		return 0;
	code_hash(hash, code, "person", 0);
	q = db_query(person_prepared[Q_FIND]);
	q_blob(q, 1, hash, sizeof hash);
	q_i64(q, 2, clock_now());
	if ((r = q_next(q, e)) == 1) {
		out->number = q_col_i64(q, 0);
		out->account = q_col_i64(q, 1);
		q_col_str(q, 2, out->jid, sizeof out->jid);
	}
	q_end(q);
	return r < 0 ? -1 : 0;
}

int
invitation_use(int64_t number, int64_t request, struct err *e)
{
	struct query *q = NULL;

	if (number == 0)
		return 0;
	q = db_query(person_prepared[Q_USE]);
	q_i64(q, 1, number);
	q_i64(q, 2, request);
	if (q_run(q, e) < 0)
		return -1;
	return db_changes() == 1 ? 0 : err_set(e, ERR_CONFLICT, "person-code",
	    "this code was used meanwhile; ask the holder of the domain for a new one");
}

/* ---- giving ---- */

static bool
profile_offered(void)
{
	const char *at = strstr(conf.policy_profiles, PERSON_PROFILE);
	size_t n = strlen(PERSON_PROFILE);

	return at != NULL && strchr(" ,\t", at[n]) != NULL;
}

/* The address is of a domain that this account proves now. */
static int
holder_check(const struct seat *s, const struct jid_form *jid, struct err *e)
{
	struct domain_ref *proofs = NULL;
	size_t n = 0;
	bool covered = false;

	if (account_may_issue(s->account, e) < 0 ||
	    domain_proofs(s->account, &proofs, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		covered = covered || domain_covers(proofs[i].proof_domain,
		    jid->domain.ascii, conf.policy_subdomains);
	free(proofs);
	return covered ? 0 : err_set(e, ERR_REFUSED, "name-unproven",
	    "%.253s is not proven by this account, and only its holder gives codes for its people; prove it with: domain add %.253s",
	    jid->domain.ascii, jid->domain.ascii);
}

/* The mail address that reads like the JID; its domain as A-labels. */
static int
mail_address(const struct jid_form *jid, char dst[320], struct err *e)
{
	const char *at = strchr(jid->text, '@');
	int n = snprintf(dst, 320, "%.*s@%s", (int)(at - jid->text),
	    jid->text, jid->domain.ascii);

	if (n > 0 && n < 320 && address_ok(dst))
		return 0;
	return err_set(e, ERR_REFUSED, "person-mail",
	    "a letter cannot be sent to an address like this; leave --mail out and hand the code over yourself");
}

static int
code_mail(const struct seat *s, const struct jid_form *jid, const char *code,
    int64_t expires, struct err *e)
{
	char to[320], until[TIME_TEXT_SIZE];
	const struct blank blanks[] = {
		{ "JID", jid->text }, { "DOMAIN", jid->domain.ascii },
		{ "ACCOUNT", s->account_name }, { "CODE", code },
		{ "UNTIL", until }, { "SSH", ssh_words() },
	};

	time_text(until, expires);
	if (mail_address(jid, to, e) < 0 || throttle_take("challenge",
	    to, conf.policy_challenges_per_domain_day, e) < 0)
		return -1;
	return notice_add("person", s->account, to, 0, blanks,
	    sizeof blanks / sizeof blanks[0], e);
}

static int
row_add(const struct seat *s, const struct jid_form *jid, const char *code,
    int64_t expires, struct err *e)
{
	struct query *q = db_query(person_prepared[Q_REPLACE]);
	uint8_t hash[32];

	q_i64(q, 1, s->account);
	q_str(q, 2, jid->text);
	if (q_run(q, e) < 0)
		return -1;
	code_hash(hash, code, "person", 0);
	q = db_query(person_prepared[Q_ADD]);
	q_i64(q, 1, s->account);
	q_str(q, 2, jid->text);
	q_str(q, 3, jid->domain.ascii);
	q_blob(q, 4, hash, sizeof hash);
	q_i64(q, 5, clock_now());
	q_i64(q, 6, expires);
	return q_run(q, e);
}

int
serve_person_invite(struct seat *s, const struct invitation_new *a,
    struct invitation *r, struct err *e)
{
	int64_t expires = clock_now() + conf.policy_challenge_hours * HOUR;
	struct jid_form jid;
	char code[CODE_SIZE], account[24];

	if (!profile_offered())
		return err_set(e, ERR_REFUSED, "profile-unknown",
		    "personal certificates are not offered here ([policy] profiles)");
	snprintf(account, sizeof account, "%lld", (long long)s->account);
	if (jid_parse(a->jid, strlen(a->jid), conf.policy_special_names,
	    &jid, e) < 0 || holder_check(s, &jid, e) < 0 ||
	    throttle_take("invitation", account,
	    conf.policy_requests_per_account_day, e) < 0)
		return -1;
	code_new(code);
	if ((a->mail && code_mail(s, &jid, code, expires, e) < 0) ||
	    row_add(s, &jid, code, expires, e) < 0)
		return -1;
	r->number = db_last_number();
	r->state = INVITATION_OPEN;
	r->made = clock_now();
	r->expires = expires;
	str_copy(r->jid, sizeof r->jid, jid.text);
	str_copy(r->by, sizeof r->by, s->account_name);
	if (!a->mail)
		str_copy(r->code, sizeof r->code, code);
	secret_wipe(code, sizeof code);
	return audit_add(s, "person.invite", "domain", jid.domain.ascii,
	    OUTCOME_DONE, e, "%.255s%s", jid.text,
	    a->mail ? ", by mail" : "");
}

/* ---- looking after them ---- */

static struct query *
own_query(int which, const struct seat *s, const struct wish *w)
{
	struct query *q = db_query(person_prepared[which]);

	page_bind(q, w);
	q_i64(q, 5, s->account);
	return q;
}

int
serve_person_list(struct seat *s, const struct wish *a,
    struct invitation_page *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	if (page_total(own_query(Q_TOTAL, s, a), &r->total, e) < 0)
		return -1;
	q = own_query(Q_LIST, s, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}

int
serve_person_drop(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct invitation i = { 0 };
	struct jid_form jid;
	struct query *q = NULL;
	int have;

	(void)r;
	if (jid_parse(a->ref, strlen(a->ref), true, &jid, e) < 0)
		return -1;
	q = db_query(person_prepared[Q_OPEN]);
	q_i64(q, 1, s->account);
	q_str(q, 2, jid.text);
	if ((have = q_next(q, e)) == 1)
		row_take(q, &i);
	q_end(q);
	if (have < 0)
		return -1;
	if (have == 0)
		return err_set(e, ERR_NOT_FOUND, "person",
		    "you gave no code for that address that still counts; `person list` shows yours");
	q = db_query(person_prepared[Q_DROP]);
	q_i64(q, 1, i.number);
	q_i64(q, 2, s->account);
	if (q_run(q, e) < 0)
		return -1;
	return audit_add(s, "person.drop", "domain", jid.domain.ascii,
	    OUTCOME_DONE, e, "%.255s", jid.text);
}

static void
person_sweep(void)
{
	struct query *q = db_query(person_prepared[Q_EXPIRE]);
	struct err e = { 0 };

	q_i64(q, 1, clock_now());
	(void)q_run(q, &e);
}

LOOP_TIMER(person, 3600, person_sweep)
