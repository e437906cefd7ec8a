/* proof_dns.c - proof by a TXT record: shown, looked for by the courier, and
 * looked for again as long as the proof lives. */
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/rdata.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/domain/lookup.h"
#include "core/registrar/domain/proof.h"
#include "core/x509/hash.h"

#define RECORD_OCTETS 20		/* 160 bits, 32 letters and digits */
#define RELOOKS_AT_ONCE 20
#define MISSED_AGAIN 3600		/* seconds between looks while it is missed */

enum { Q_ADD, Q_FOUND, Q_ONE, Q_SEEN, Q_MISSED, Q_RELOOK };

static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO challenge (domain, method, mailbox, state,"
	    " code_hash, created, sent, expires, record)"
	    " VALUES (?1, 'dns', '', 'sent', ?2, ?3, ?3, ?4, ?5)",
	[Q_FOUND] = "UPDATE challenge SET looked = ?2, found = ?3"
	    " WHERE number = ?1",
	[Q_ONE] = "SELECT c.domain, c.state, c.expires, c.record, a.number,"
	    " a.name, a.role, a.email FROM challenge c"
	    " JOIN domain d ON d.number = c.domain"
	    " JOIN account a ON a.number = d.account"
	    " WHERE c.number = ?1 AND c.method = 'dns'",
	[Q_SEEN] = "UPDATE domain SET seen = ?2, missed = 0, dnssec = ?3"
	    " WHERE number = ?1",
	[Q_MISSED] = "UPDATE domain SET missed = ?2 WHERE number = ?1",
	[Q_RELOOK] = "SELECT c.number, d.name, d.account FROM domain d"
	    " JOIN challenge c ON c.number = (SELECT max(number)"
	    " FROM challenge WHERE domain = d.number AND method = 'dns'"
	    " AND state = 'proved')"
	    " WHERE d.state = 'proven' AND d.method = 'dns'"
	    " AND c.looked + CASE WHEN d.missed > 0 THEN ?2 ELSE ?3 END"
	    " <= ?1 AND NOT EXISTS (SELECT 1 FROM lookup l"
	    " WHERE l.kind = 'txt' AND l.subject = c.number"
	    " AND l.name = d.name AND l.state IN ('waiting', 'leased'))"
	    " LIMIT ?4",
};
DB_STATEMENTS(proof_dns, sql)

/* ---- the record ---- */

static void
base32(char *dst, const uint8_t *src, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | src[i];
		for (have += 8; have >= 5; have -= 5)
			*dst++ = letters[bits >> (have - 5) & 31];
	}
	*dst = '\0';
}

/* 160 bits out of 256 random ones, the account and the domain: worth nothing
 * to anybody else, nor for another domain. */
static void
record_make(char record[128], int64_t account, const char *domain)
{
	char text[RECORD_OCTETS * 8 / 5 + 1];
	uint8_t random[32], hash[32];
	struct buf b = { 0 };

	random_bytes(random, sizeof random);
	buf_put_str(&b, "xmpp-ica record v1");
	buf_put(&b, random, sizeof random);
	buf_put_i64(&b, account);
	buf_put_str(&b, domain);
	sha256(hash, b.data, b.size);
	base32(text, hash, RECORD_OCTETS);
	snprintf(record, 128, TXT_PROOF_HEAD "%s", text);
	buf_clear(&b);
}

static int
record_add(const struct seat *s, const struct domain *d, struct err *e)
{
	struct query *q = db_query(proof_dns_prepared[Q_ADD]);
	char record[128];
	uint8_t hash[32];
	int64_t now = clock_now();

	record_make(record, s->account, d->name);
	sha256(hash, record, strlen(record));
	q_i64(q, 1, d->number);
	q_blob(q, 2, hash, sizeof hash);
	q_i64(q, 3, now);
	q_i64(q, 4, now + conf.policy_record_days * 86400);
	q_str(q, 5, record);
	return q_run(q, e);
}

static bool
is_open(const struct newest_challenge *c)
{
	return c->state == CHALLENGE_SENT && c->expires > clock_now();
}

static int
dns_begin(struct seat *s, const struct domain_new *a,
    const struct domain_form *f, struct domain *r, struct err *e)
{
	struct newest_challenge c = { 0 };
	char account[24];
	int have;

	if (a->localpart[0] != '\0' || a->at[0] != '\0')
		return err_set(e, ERR_BAD_INPUT, "proof-method",
		    "a proof by DNS has no mailbox; leave --to out");
	if (strlen(PROOF_OWNER) + strlen(f->ascii) >= DOMAIN_SIZE)
		return err_set(e, ERR_REFUSED, "proof-record",
		    "%.253s is so long that " PROOF_OWNER " does not fit before it; `domain add` without --dns mails a code",
		    f->ascii);
	if (domain_claim(s, f, r, e) < 0 ||
	    (have = challenge_newest(r->number, PROOF_DNS, &c, e)) < 0)
		return -1;
	if (have == 1 && is_open(&c))
		return 0;	/* the same record, until its time is over */
	snprintf(account, sizeof account, "%lld", (long long)s->account);
	if (throttle_take("record-account", account,
	    conf.policy_challenges_per_account_day, e) < 0) {
		audit_refusal(s, "domain.add", "domain", f->ascii, "%s",
		    e->clause);
		return -1;
	}
	if (challenges_replace(r->number, PROOF_DNS, e) < 0 ||
	    record_add(s, r, e) < 0)
		return -1;
	return proof_count("proof.sent", "", e) < 0 ? -1 :
	    audit_add(s, "domain.add", "domain", r->name, OUTCOME_DONE, e,
	    "a TXT record at " PROOF_OWNER "%s", r->name);
}

/* ---- the person says that it is there ---- */

static int
nothing_open(const struct seat *s, const struct confirmation *a,
    const struct domain *d, const struct newest_challenge *c, struct err *e)
{
	struct newest_challenge mail = { 0 };
	char shown[300];
	bool code = d->number != 0 && challenge_newest(d->number, PROOF_MAIL,
	    &mail, e) == 1 && (mail.state == CHALLENGE_SENT ||
	    mail.state == CHALLENGE_WAITING);

	render_untrusted(shown, sizeof shown, d->number ? d->name : a->name,
	    strlen(d->number ? d->name : a->name));
	audit_refusal(s, "domain.confirm", "domain", d->name,
	    "no record is out");
	return err_set(e, ERR_REFUSED, "proof-record",
	    "no TXT record is %s %s; `domain add %s --dns` shows the one to add%s",
	    c->state == CHALLENGE_EXPIRED || c->state == CHALLENGE_SENT ?
	    "waited for any more at" : "waited for at", shown, shown, code ?
	    ", or type the mailed code behind the domain" : "");
}

static int
dns_confirm(struct seat *s, const struct confirmation *a, struct domain *d,
    struct err *e)
{
	struct newest_challenge c = { 0 };
	char both[24 + DOMAIN_SIZE];
	int have = 0;

	if (d->number != 0 &&
	    (have = challenge_newest(d->number, PROOF_DNS, &c, e)) < 0)
		return -1;
	/* asked again after the answer came */
	if (have == 1 && c.state == CHALLENGE_PROVED &&
	    d->state == DOMAIN_PROVEN && d->method == PROOF_DNS)
		return 0;
	if (have == 0 || !is_open(&c))
		return nothing_open(s, a, d, &c, e);
	if (proof_allowed(PROOF_DNS, d->name, e) < 0)
		return -1;
	if (lookup_is_pointless(d->name))
		return err_set(e, ERR_REFUSED, "proof-special-use",
		    "no public DNS knows the special-use name %.200s; `domain add %.200s` mails a code (the operator can set [dns] resolver)",
		    d->name, d->name);
	if ((have = lookup_waits(LOOKUP_TXT, d->name, c.number, e)) != 0)
		return have < 0 ? -1 : 0;
	snprintf(both, sizeof both, "%lld %.253s", (long long)s->account,
	    d->name);
	if (throttle_take("lookup", both, conf.policy_lookups_per_domain_day,
	    e) < 0) {
		audit_refusal(s, "domain.confirm", "domain", d->name, "%s",
		    e->clause);
		return -1;
	}
	return lookup_ask(LOOKUP_TXT, d->name, s->account, c.number, e);
}

const struct proof_way proof_dns = {
	.method = PROOF_DNS,
	.what = "by DNS",
	.command = " --dns",
	.begin = dns_begin,
	.confirm = dns_confirm,
};

/* ---- the answer ---- */

struct record_look {
	int64_t number, domain, expires;
	int state;
	char record[128], email[255];
	struct seat owner;	/* in whose name the deed is done */
};

static int
look_load(int64_t challenge, struct record_look *l, struct err *e)
{
	struct query *q = db_query(proof_dns_prepared[Q_ONE]);
	char word[32];
	int r;

	q_i64(q, 1, challenge);
	if ((r = q_next(q, e)) != 1)
		return r;
	l->number = challenge;
	l->domain = q_col_i64(q, 0);
	q_col_str(q, 1, word, sizeof word);
	l->state = word_parse(&challenge_state_words, word);
	l->expires = q_col_i64(q, 2);
	q_col_str(q, 3, l->record, sizeof l->record);
	l->owner.fd = -1;
	l->owner.account = q_col_i64(q, 4);
	q_col_str(q, 5, l->owner.account_name, sizeof l->owner.account_name);
	l->owner.role = q_col_word(q, 6, &role_words, ROLE_MEMBER);
	q_col_str(q, 7, l->email, sizeof l->email);
	q_end(q);
	return 1;
}

/* Blanks around it are a habit of some editors of zones. */
static bool
is_record(const char *text, const char *record)
{
	size_t n;

	text += strspn(text, " \t");
	n = strcspn(text, " \t");
	return n == strlen(record) && memcmp(text, record, n) == 0 &&
	    text[n + strspn(text + n, " \t")] == '\0';
}

static bool
is_there(const struct lookup_result *a, const char *record)
{
	if (a->outcome != LOOKUP_FOUND || a->dnssec == DNSSEC_BOGUS)
		return false;
	for (size_t i = 0; i < a->n_texts; i++)
		if (is_record(a->texts[i].text, record))
			return true;
	return false;
}

static void
found_words(char *dst, size_t size, const struct lookup_result *a,
    const char *domain, bool there, bool last)
{
	char shown[160] = "", why[300];

	render_untrusted(why, sizeof why, a->why, strlen(a->why));
	if (a->n_texts > 0)
		render_untrusted(shown, sizeof shown, a->texts[0].text,
		    strnlen(a->texts[0].text, 60));
	if (there)
		snprintf(dst, size, "the record is there%s",
		    a->dnssec == DNSSEC_SECURE ? ", secured by DNSSEC" :
		    "; the zone is not secured by DNSSEC");
	else if (a->outcome == LOOKUP_BOGUS || a->dnssec == DNSSEC_BOGUS)
		snprintf(dst, size, "DNSSEC does not hold for it, so that the answer counts for nothing: %s; mend the signatures of the zone",
		    why);
	else if (a->outcome == LOOKUP_FOUND)
		snprintf(dst, size, "there %s %zu%s TXT record%s, none of them the one to add; one is \"%s\"",
		    a->n_texts == 1 && !a->more ? "is" : "are", a->n_texts,
		    a->more ? " and more" : "", a->n_texts == 1 ? "" : "s",
		    shown);
	else if (a->outcome == LOOKUP_NONE)
		snprintf(dst, size, "there is no TXT record at " PROOF_OWNER "%.200s yet",
		    domain);
	else
		snprintf(dst, size, "%s%s", why[0] ? why :
		    "the name servers gave no answer", last ? "" :
		    "; it is tried again soon");
}

static int
found_keep(int64_t challenge, const char *found, struct err *e)
{
	struct query *q = db_query(proof_dns_prepared[Q_FOUND]);

	q_i64(q, 1, challenge);
	q_i64(q, 2, clock_now());
	q_str(q, 3, found);
	return q_run(q, e);
}

/* A claim is confirmed, or not. */
static int
claim_answer(struct record_look *l, struct domain *d, const struct lookup_result *a,
    const char *found, bool last, struct err *e)
{
	struct shown p = { .challenge = l->number, .method = PROOF_DNS,
		.mailbox = "", .dnssec = a->dnssec };
	char text[512];
	struct err why = { 0 };

	if (!is_there(a, l->record)) {
		if (last)
			return audit_add(&l->owner, "domain.confirm", "domain",
			    d->name, OUTCOME_REFUSED, e, "by DNS: %s", found);
		return 0;
	}
	if (account_may_issue(l->owner.account, &why) < 0 ||
	    proof_allowed(PROOF_DNS, d->name, &why) < 0) {
		if (why.kind != ERR_REFUSED)
			goto failed;
		return found_keep(l->number, why.text, e);
	}
	if (domain_proved(&l->owner, d, &p, &why) == 0) {
		snprintf(text, sizeof text, "%.200s is proven", d->name);
		change_push("domain", l->domain, l->owner.account, text);
		return 0;
	}
	if (why.kind == ERR_CONFLICT &&
	    strcmp(why.clause, "domain-conflict") == 0)
		return 0;
failed:
	if (e != NULL)
		*e = why;
	return -1;
}

static int
missed_tell(const struct record_look *l, const struct domain *d, const char *found,
    struct err *e)
{
	char until[TIME_TEXT_SIZE], owner[300];
	const struct blank blanks[] = {
		{ "DOMAIN", d->name }, { "OWNER", owner },
		{ "RECORD", l->record }, { "FOUND", found },
		{ "UNTIL", until }, { "ACCOUNT", l->owner.account_name },
	};

	if (!address_ok(l->email))
		return 0;
	snprintf(owner, sizeof owner, PROOF_OWNER "%s", d->name);
	time_text(until, d->seen + 3600 * (conf.policy_relook_hours +
	    conf.policy_record_grace_hours));
	return notice_add("record-missed", l->owner.account, l->email, 0,
	    blanks, sizeof blanks / sizeof blanks[0], e);
}

/* A living proof is looked at again. */
static int
relook_answer(struct record_look *l, struct domain *d, const struct lookup_result *a,
    const char *found, bool last, struct err *e)
{
	struct query *q = NULL;
	bool there = is_there(a, l->record);

	if (d->state != DOMAIN_PROVEN || d->method != PROOF_DNS)
		return 0;
	if (there) {
		q = db_query(proof_dns_prepared[Q_SEEN]);
		q_i64(q, 1, l->domain);
		q_i64(q, 2, clock_now());
		q_str(q, 3, word_of(&dnssec_state_words, a->dnssec));
		if (q_run(q, e) < 0)
			return -1;
		return d->missed == 0 ? 0 : audit_add(NULL, "domain.seen",
		    "domain", d->name, OUTCOME_DONE, e,
		    "its TXT record is there again");
	}
	if (!last || d->missed != 0)
		return 0;
	q = db_query(proof_dns_prepared[Q_MISSED]);
	q_i64(q, 1, l->domain);
	q_i64(q, 2, clock_now());
	if (q_run(q, e) < 0 || audit_add(NULL, "domain.missed", "domain",
	    d->name, OUTCOME_FAILED, e, "%s", found) < 0)
		return -1;
	return missed_tell(l, d, found, e);
}

int
proof_dns_answer(int64_t challenge, const struct lookup_result *a, bool last,
    struct err *e)
{
	struct record_look l = { 0 };
	struct domain d = { 0 };
	char found[512];
	int r = look_load(challenge, &l, e);

	if (r != 1)
		return r;
	if (domain_load(l.domain, &d, e) < 0)
		return -1;
	found_words(found, sizeof found, a, d.name, is_there(a, l.record),
	    last);
	r = found_keep(l.number, found, e);
	if (r == 0 && l.state == CHALLENGE_PROVED)
		r = relook_answer(&l, &d, a, found, last, e);
	else if (r == 0 && l.state == CHALLENGE_SENT &&
	    l.expires > clock_now() && d.state != DOMAIN_DROPPED)
		r = claim_answer(&l, &d, a, found, last, e);
	if (r == 0)
		change_push("domain", l.domain, l.owner.account, "");
	NOUN_CLEAR(domain, &d);
	return r;
}

/* ---- time ---- */

static void
proof_dns_tick(void)
{
	struct {
		int64_t challenge, account;
		char name[254];
	} list[RELOOKS_AT_ONCE];
	struct query *q = db_query(proof_dns_prepared[Q_RELOOK]);
	struct err e = { 0 };
	int n = 0, r;

	q_i64(q, 1, clock_now());
	q_i64(q, 2, conf.policy_relook_hours * 3600 < MISSED_AGAIN ?
	    conf.policy_relook_hours * 3600 : MISSED_AGAIN);
	q_i64(q, 3, conf.policy_relook_hours * 3600);
	q_i64(q, 4, RELOOKS_AT_ONCE);
	while ((r = q_next(q, &e)) == 1) {
		list[n].challenge = q_col_i64(q, 0);
		q_col_str(q, 1, list[n].name, sizeof list[n].name);
		list[n].account = q_col_i64(q, 2);
		n++;
	}
	for (int i = 0; i < n && r == 0; i++)
		r = lookup_ask(LOOKUP_TXT, list[i].name, list[i].account,
		    list[i].challenge, &e);
	if (r < 0)
		log_warn("records: %s", e.text);
}
LOOP_TIMER(proof_dns, 60, proof_dns_tick)
