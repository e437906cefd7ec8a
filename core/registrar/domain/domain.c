/* domain.c - the domains that accounts claim, and the proofs that live. */
#include "core/registrar/domain/domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/state.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/page.h"
#include "core/x509/names.h"

#define LAPSED_AT_ONCE 100	/* rows of one tick */

#define DOMAIN_ROW \
	"SELECT d.number, d.name, d.shown, a.name, d.state, d.method," \
	" d.mailbox, d.claimed, d.proven, d.expires, d.dnssec, d.seen," \
	" d.missed" \
	" FROM domain d JOIN account a ON a.number = d.account "
#define DOMAIN_LISTED \
	" WHERE d.account = ?5 AND d.state <> 'dropped'" \
	" AND (?2 = '' OR d.state = ?2)" \
	" AND (?3 = '' OR d.name LIKE ?3 ESCAPE '!'" \
	" OR lower(d.shown) LIKE ?3 ESCAPE '!') "

enum { Q_OWN, Q_ONE, Q_LIST, Q_TOTAL, Q_MOVE, Q_PROOFS, Q_LAPSED };

static const char *const sql[] = {
	[Q_OWN] = DOMAIN_ROW "WHERE d.account = ?1 AND d.name = ?2",
	[Q_ONE] = DOMAIN_ROW "WHERE d.number = ?1",
	[Q_LIST] = DOMAIN_ROW DOMAIN_LISTED
	    "AND d.number < ?1 ORDER BY d.number DESC LIMIT ?4",
	[Q_TOTAL] = PAGE_COUNT("FROM domain d " DOMAIN_LISTED),
	[Q_MOVE] = "UPDATE domain SET state = ?3"
	    " WHERE number = ?1 AND state = ?2",
	[Q_PROOFS] = "SELECT name, method, mailbox, proven, expires"
	    " FROM domain WHERE account = ?1 AND state = 'proven'"
	    " AND expires > ?2 AND (method <> 'dns' OR seen > ?3)"
	    " ORDER BY name",	/* the index has it so */
	[Q_LAPSED] = "SELECT number, account, name, expires FROM domain"
	    " WHERE state = 'proven' AND (expires <= ?1"
	    " OR (method = 'dns' AND seen <= ?3)) LIMIT ?2",
};
DB_STATEMENTS(domain, sql)

/* A proof that has run out counts as lapsed from that second on, whether the
 * timer has been there or not. */
static void
domain_fill(struct query *q, struct domain *d)
{
	d->number = q_col_i64(q, 0);
	q_col_str(q, 1, d->name, sizeof d->name);
	q_col_str(q, 2, d->shown, sizeof d->shown);
	q_col_str(q, 3, d->account, sizeof d->account);
	d->state = q_col_word(q, 4, &domain_state_words, 0);
	d->method = q_col_word(q, 5, &proof_method_words, 0);
	q_col_str(q, 6, d->mailbox, sizeof d->mailbox);
	d->claimed = q_col_i64(q, 7);
	d->proven = q_col_i64(q, 8);
	d->expires = q_col_i64(q, 9);
	d->dnssec = q_col_word(q, 10, &dnssec_state_words, 0);
	d->seen = q_col_i64(q, 11);
	d->missed = q_col_i64(q, 12);
}

int64_t
domain_seen_least(void)
{
	return clock_now() - 3600 * (conf.policy_relook_hours +
	    conf.policy_record_grace_hours);
}

static void
domain_show_lapsed(struct domain *d)
{
	if (d->state == DOMAIN_PROVEN && (d->expires <= clock_now() ||
	    (d->method == PROOF_DNS && d->seen <= domain_seen_least())))
		d->state = DOMAIN_LAPSED;
}

static int
domain_one(struct query *q, struct domain *d, const char *typed,
    struct err *e)
{
	char shown[300];
	int r = q_next(q, e);

	if (r < 0)
		return -1;
	if (r == 1) {
		memset(d, 0, sizeof *d);
		domain_fill(q, d);
		q_end(q);
		return 0;
	}
	render_untrusted(shown, sizeof shown, typed, strlen(typed));
	return err_set(e, ERR_NOT_FOUND, "domain",
	    "you have no domain %s; `domain list` shows yours, `domain add` claims one",
	    shown);
}

int
domain_load_own(int64_t account, const char *typed, struct domain *d,
    struct err *e)
{
	struct domain_form f;
	struct query *q;

	if (domain_parse(typed, strlen(typed), true, &f, e) < 0) {
		if (e != NULL)
			e->kind = ERR_NOT_FOUND;
		return -1;
	}
	q = db_query(domain_prepared[Q_OWN]);
	q_i64(q, 1, account);
	q_str(q, 2, f.ascii);
	return domain_one(q, d, typed, e);
}

int
domain_load(int64_t number, struct domain *d, struct err *e)
{
	struct query *q = db_query(domain_prepared[Q_ONE]);

	q_i64(q, 1, number);
	return domain_one(q, d, "of that number", e);
}

int
domain_move(int64_t number, enum domain_state from, enum domain_state to,
    struct err *e)
{
	struct query *q = NULL;

	if (!domain_may_become(from, to))
		return err_set(e, ERR_CONFLICT, "domain-state",
		    "a domain that is %s cannot become %s",
		    word_of(&domain_state_words, from),
		    word_of(&domain_state_words, to));
	q = db_query(domain_prepared[Q_MOVE]);
	q_i64(q, 1, number);
	q_str(q, 2, word_of(&domain_state_words, from));
	q_str(q, 3, word_of(&domain_state_words, to));
	if (q_run(q, e) < 0)
		return -1;
	if (db_changes() != 1)
		return err_set(e, ERR_CONFLICT, "domain-state",
		    "the domain has changed meanwhile; look again with `domain list`");
	return 0;
}

int
domain_proofs(int64_t account, struct domain_ref **list, size_t *n,
    struct err *e)
{
	struct query *q = db_query(domain_prepared[Q_PROOFS]);
	int r;

	*list = NULL;
	*n = 0;
	q_i64(q, 1, account);
	q_i64(q, 2, clock_now());
	q_i64(q, 3, domain_seen_least());
	while ((r = q_next(q, e)) == 1) {
		struct domain_ref *p;

		*list = list_grow(*list, n, sizeof **list);
		p = &(*list)[*n - 1];
		q_col_str(q, 0, p->proof_domain, sizeof p->proof_domain);
		p->method = q_col_word(q, 1, &proof_method_words, 0);
		q_col_str(q, 2, p->mailbox, sizeof p->mailbox);
		p->proven = q_col_i64(q, 3);
		p->expires = q_col_i64(q, 4);
	}
	if (r < 0) {
		free(*list);
		*list = NULL;
		*n = 0;
	}
	return r;
}

/* ---- questions ---- */

static struct query *
own_query(int which, const struct seat *s, const struct wish *w)
{
	struct query *q = db_query(domain_prepared[which]);

	page_bind(q, w);
	q_i64(q, 5, s->account);
	return q;
}

int
serve_domain_list(struct seat *s, const struct wish *a, struct domain_page *r,
    struct err *e)
{
	struct query *q = NULL;
	int have;

	if (page_total(own_query(Q_TOTAL, s, a), &r->total, e) < 0)
		return -1;
	q = own_query(Q_LIST, s, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1) {
		struct domain *d = LIST_ADD(r, rows);

		domain_fill(q, d);
		domain_show_lapsed(d);
	}
	return have;
}

int
serve_domain_get(struct seat *s, const struct ref *a, struct domain *r,
    struct err *e)
{
	if (domain_load_own(s->account, a->ref, r, e) < 0 ||
	    challenges_load(r, e) < 0)
		return -1;
	domain_show_lapsed(r);
	return 0;
}

int
serve_domain_drop(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct domain d = { 0 };

	(void)r;
	if (domain_load_own(s->account, a->ref, &d, e) < 0)
		return -1;
	if (d.state == DOMAIN_DROPPED)
		return err_set(e, ERR_NOT_FOUND, "domain",
		    "%s is dropped already; `domain add %s` claims it anew",
		    d.name, d.name);
	if (domain_move(d.number, d.state, DOMAIN_DROPPED, e) < 0 ||
	    challenges_drop(d.number, e) < 0)
		return -1;
	change_push("domain", d.number, s->account, "");
	if (d.state == DOMAIN_PROVEN && audit_add(NULL, "domain.end",
	    "domain", d.name, OUTCOME_DONE, e, "its proof counts no more") < 0)
		return -1;
	return audit_add(s, "domain.drop", "domain", d.name, OUTCOME_DONE, e,
	    "was %s", word_of(&domain_state_words, d.state));
}

/* ---- time ---- */

struct lapsed {
	int64_t number, account, expires;
	char name[DOMAIN_SIZE];
};

static int
lapsed_find(struct lapsed *list, int *n, struct err *e)
{
	struct query *q = db_query(domain_prepared[Q_LAPSED]);
	int r;

	*n = 0;
	q_i64(q, 1, clock_now());
	q_i64(q, 2, LAPSED_AT_ONCE);
	q_i64(q, 3, domain_seen_least());
	while ((r = q_next(q, e)) == 1) {
		list[*n].number = q_col_i64(q, 0);
		list[*n].account = q_col_i64(q, 1);
		q_col_str(q, 2, list[*n].name, sizeof list[*n].name);
		list[*n].expires = q_col_i64(q, 3);
		++*n;
	}
	return r;
}

static int
lapsed_mark(const struct lapsed *l, struct err *e)
{
	char text[256];

	if (domain_move(l->number, DOMAIN_PROVEN, DOMAIN_LAPSED, e) < 0 ||
	    audit_add(NULL, "domain.lapse", "domain", l->name, OUTCOME_DONE,
	    e, "%s", l->expires <= clock_now() ? "the proof is too old" :
	    "its TXT record was not seen for too long") < 0)
		return -1;
	snprintf(text, sizeof text,
	    "The proof of %.180s has lapsed; `domain add` renews it", l->name);
	change_push("domain", l->number, l->account, text);
	return 0;
}

static void
domain_tick(void)
{
	static struct lapsed list[LAPSED_AT_ONCE];
	struct err e = { 0 };
	int n = 0, r = 0;

	if (challenges_expire(&e) < 0 || lapsed_find(list, &n, &e) < 0)
		r = -1;
	for (int i = 0; i < n && r == 0; i++)
		r = lapsed_mark(&list[i], &e);
	if (r < 0)
		log_warn("domains: %s", e.text);
}
LOOP_TIMER(domain, 60, domain_tick)
