/* conflict.c - domains that two members have proven: listed for staff, and
 * given to one of them (J1.7). */
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/domain/domain.h"
#include "core/registrar/list/page.h"
#include "core/x509/names.h"

#define CERTIFICATES_SHOWN 100

enum { Q_LIST, Q_TOTAL, Q_PARTIES, Q_CERTIFICATES, Q_GIVE };

#define CONFLICT_LISTED \
	" WHERE d.state = 'conflict' AND (?3 = ''" \
	" OR d.name LIKE ?3 ESCAPE '!' OR a.name LIKE ?3 ESCAPE '!'" \
	" OR p.name LIKE ?3 ESCAPE '!') "
#define CONFLICT_FROM \
	" FROM domain d JOIN account a ON a.number = d.account" \
	" LEFT JOIN domain h ON h.name = d.name AND h.state = 'proven'" \
	" LEFT JOIN account p ON p.number = h.account "

static const char *const sql[] = {
	[Q_LIST] = "SELECT d.number, d.name, ifnull(p.name, ''),"
	    " a.name, d.method, d.mailbox, d.proven, d.expires,"
	    " ifnull(h.proven, 0), ifnull(h.expires, 0)" CONFLICT_FROM
	    CONFLICT_LISTED "AND d.number < ?1"
	    " ORDER BY d.number DESC LIMIT ?4",
	[Q_TOTAL] = PAGE_COUNT(CONFLICT_FROM CONFLICT_LISTED),
	/* everybody who has proven it and still counts: holder, claimants */
	[Q_PARTIES] = "SELECT d.number, d.account, a.name, a.email, d.state,"
	    " d.expires FROM domain d JOIN account a ON a.number = d.account"
	    " WHERE d.name = ?1 AND d.state IN ('proven', 'conflict')"
	    " ORDER BY d.number",
	[Q_CERTIFICATES] = "SELECT c.request, c.serial, r.first, c.issued,"
	    " c.not_after FROM certificate c"
	    " JOIN request r ON r.number = c.request"
	    " WHERE c.account = ?1 AND c.state = 'good' AND c.not_after > ?2"
	    " AND EXISTS (SELECT 1 FROM request_domain m"
	    " WHERE m.request = c.request AND (m.domain = ?3"
	    " OR m.domain LIKE ?4 ESCAPE '!')) ORDER BY c.number LIMIT ?5",
	[Q_GIVE] = "UPDATE domain SET state = 'proven' WHERE number = ?1"
	    " AND state IN ('conflict', 'proven')",
};
DB_STATEMENTS(conflict, sql)

/* ---- the list ---- */

static void
conflict_fill(struct query *q, struct conflict *c)
{
	c->number = q_col_i64(q, 0);
	q_col_str(q, 1, c->domain, sizeof c->domain);
	q_col_str(q, 2, c->holder, sizeof c->holder);
	q_col_str(q, 3, c->claimant, sizeof c->claimant);
	c->method = q_col_word(q, 4, &proof_method_words, PROOF_MAIL);
	q_col_str(q, 5, c->mailbox, sizeof c->mailbox);
	c->since = q_col_i64(q, 6);
	c->expires = q_col_i64(q, 7);
	c->held_since = q_col_i64(q, 8);
	c->held_until = q_col_i64(q, 9);
}

int
serve_conflict_list(struct seat *s, const struct wish *a,
    struct conflict_page *r, struct err *e)
{
	char pattern[PATTERN_SIZE];
	struct query *q = db_query(conflict_prepared[Q_TOTAL]);
	int have;

	(void)s;
	page_pattern(pattern, a->filter);
	q_str(q, 3, pattern);
	if (page_total(q, &r->total, e) < 0)
		return -1;
	q = db_query(conflict_prepared[Q_LIST]);
	page_bind(q, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		conflict_fill(q, LIST_ADD(r, rows));
	return have;
}

/* ---- settling ---- */

#define PARTIES_MAX 16

struct party {
	int64_t domain, account, expires;
	char name[33], email[255];
	bool holds, wins;
};

static int
parties_load(const char *domain, struct party *list, int *n, struct err *e)
{
	struct query *q = db_query(conflict_prepared[Q_PARTIES]);
	char state[16];
	int r;

	*n = 0;
	q_str(q, 1, domain);
	while ((r = q_next(q, e)) == 1) {
		struct party *p = &list[*n];

		if (*n == PARTIES_MAX) {
			q_end(q);
			return err_set(e, ERR_CONFLICT, "conflict-many",
			    "more than %d accounts have proven %.200s; suspend those that are not genuine first",
			    PARTIES_MAX, domain);
		}
		memset(p, 0, sizeof *p);
		p->domain = q_col_i64(q, 0);
		p->account = q_col_i64(q, 1);
		q_col_str(q, 2, p->name, sizeof p->name);
		q_col_str(q, 3, p->email, sizeof p->email);
		q_col_str(q, 4, state, sizeof state);
		p->holds = strcmp(state, "proven") == 0;
		p->expires = q_col_i64(q, 5);
		++*n;
	}
	return r;
}

/* May this seat settle it so?  Marks who wins. */
static int
settle_check(const struct seat *s, const char *domain, const char *to,
    struct party *list, int n, struct err *e)
{
	struct party *winner = NULL;
	char shown[80];
	bool open = false;

	for (int i = 0; i < n; i++) {
		open = open || !list[i].holds;
		if (list[i].account == s->account)
			return err_set(e, ERR_REFUSED, "conflict-own",
			    "nobody settles his own conflict; somebody else of the staff must decide about %.200s",
			    domain);
		if (strcmp(list[i].name, to) == 0)
			winner = &list[i];
	}
	if (!open)
		return err_set(e, ERR_NOT_FOUND, "conflict",
		    "nobody disputes %.200s; `domain conflicts` lists those that wait",
		    domain);
	render_untrusted(shown, sizeof shown, to, strnlen(to, 32));
	if (winner == NULL)
		return err_set(e, ERR_NOT_FOUND, "conflict",
		    "%s has not proven %.200s; `domain conflicts` shows who has",
		    shown, domain);
	if (winner->expires <= clock_now())
		return err_set(e, ERR_REFUSED, "conflict-proof",
		    "the proof of %s for %.200s has ended meanwhile; let the other give the domain up, then %s proves it anew",
		    shown, domain, shown);
	winner->wins = true;
	return 0;
}

static int
certificates_load(const struct party *loser, const char *domain,
    struct settlement *r, struct err *e)
{
	struct query *q = db_query(conflict_prepared[Q_CERTIFICATES]);
	char below[DOMAIN_SIZE + 8];
	int have;

	/* a domain has no % _ or ! */
	snprintf(below, sizeof below, "%%.%s", domain);
	q_i64(q, 1, loser->account);
	q_i64(q, 2, clock_now());
	q_str(q, 3, domain);
	q_str(q, 4, below);
	q_i64(q, 5, CERTIFICATES_SHOWN + 1);
	while ((have = q_next(q, e)) == 1) {
		struct certificate_row *c;

		if (r->n_certificates == CERTIFICATES_SHOWN) {
			r->more = true;
			q_end(q);
			return 0;
		}
		c = LIST_ADD(r, certificates);
		c->request = q_col_i64(q, 0);
		q_col_str(q, 1, c->serial, sizeof c->serial);
		str_copy(c->account, sizeof c->account, loser->name);
		q_col_str(q, 2, c->first, sizeof c->first);
		c->issued = q_col_i64(q, 3);
		c->not_after = q_col_i64(q, 4);
		c->state = CERTIFICATE_GOOD;
	}
	return have;
}

static int
party_tell(const struct party *p, const char *domain, const char *winner,
    struct err *e)
{
	const struct blank blanks[] = {
		{ "DOMAIN", domain }, { "ACCOUNT", p->name },
		{ "WINNER", winner },
	};

	change_push("domain", p->domain, p->account, p->wins ?
	    "Staff decided about a domain: it is yours" :
	    "Staff decided about a domain: it is not yours");
	if (!address_ok(p->email))
		return 0;
	return notice_add(p->wins ? "settled-won" : "settled-lost",
	    p->account, p->email, 0, blanks, 3, e);
}

/* The losers first: one account at a time holds a domain. */
static int
parties_move(const struct party *list, int n, struct err *e)
{
	struct query *q = NULL;

	for (int i = 0; i < n; i++)
		if (!list[i].wins && (domain_move(list[i].domain,
		    list[i].holds ? DOMAIN_PROVEN : DOMAIN_CONFLICT,
		    DOMAIN_LAPSED, e) < 0 ||
		    challenges_drop(list[i].domain, e) < 0))
			return -1;
	for (int i = 0; i < n; i++) {
		if (!list[i].wins || list[i].holds)
			continue;
		q = db_query(conflict_prepared[Q_GIVE]);
		q_i64(q, 1, list[i].domain);
		if (q_run(q, e) < 0)
			return -1;
	}
	return 0;
}

int
serve_domain_settle(struct seat *s, const struct settle_wish *a,
    struct settlement *r, struct err *e)
{
	struct party list[PARTIES_MAX];
	struct domain_form f;
	int n = 0;

	if (domain_parse(a->domain, strlen(a->domain), true, &f, e) < 0)
		return -1;
	if (parties_load(f.ascii, list, &n, e) < 0)
		return -1;
	if (settle_check(s, f.ascii, a->account, list, n, e) < 0) {
		audit_refusal(s, "domain.settle", "domain", f.ascii, "%s",
		    e->clause);
		return -1;
	}
	str_copy(r->domain, sizeof r->domain, f.ascii);
	str_copy(r->winner, sizeof r->winner, a->account);
	if (parties_move(list, n, e) < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		if (party_tell(&list[i], f.ascii, a->account, e) < 0)
			return -1;
		if (list[i].wins)
			continue;
		if (r->loser[0] == '\0' || list[i].holds)
			str_copy(r->loser, sizeof r->loser, list[i].name);
		if (!r->more && certificates_load(&list[i], f.ascii, r,
		    e) < 0)
			return -1;
		if (audit_add(s, "domain.settle", "domain", f.ascii,
		    OUTCOME_DONE, e, "to %s, from %s (%s); %zu certificates of the losers are good",
		    a->account, list[i].name, list[i].holds ? "holder" :
		    "claimant", r->n_certificates) < 0)
			return -1;
	}
	return 0;
}
