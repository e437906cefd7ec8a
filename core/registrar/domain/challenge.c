/* challenge.c - the claims on domains, and the attempts to prove them, as rows. */
#include "core/registrar/domain/domain.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/domain/lookup.h"
#include "core/x509/lookalike.h"
#include "core/x509/names.h"

#define CHALLENGES_SHOWN 20

enum { Q_CLAIM, Q_REPLACE, Q_EXPIRE, Q_LIST, Q_NEWEST, Q_END,
	Q_CLAIM_AGAIN, Q_DROP };

static const char *const sql[] = {
	[Q_CLAIM] = "INSERT INTO domain (account, name, shown, state, claimed,"
	    " looks) VALUES (?1, ?2, ?3, 'claimed', ?4, ?5)",
	[Q_CLAIM_AGAIN] = "UPDATE domain SET claimed = ?2, mailbox = '',"
	    " proven = 0, expires = 0, dnssec = 'unknown', seen = 0,"
	    " missed = 0 WHERE number = ?1",
	[Q_REPLACE] = "UPDATE challenge SET state = 'replaced', ended = ?2"
	    " WHERE domain = ?1 AND method = ?3"
	    " AND state IN ('waiting', 'sent')",
	[Q_DROP] = "UPDATE challenge SET state = 'replaced', ended = ?2"
	    " WHERE domain = ?1 AND state IN ('waiting', 'sent')",
	[Q_EXPIRE] = "UPDATE challenge SET state = 'expired', ended = ?1"
	    " WHERE state = 'sent' AND expires > 0 AND expires <= ?1",
	[Q_LIST] = "SELECT number, mailbox, method, state, created, sent,"
	    " expires, tries, record, looked, found FROM challenge"
	    " WHERE domain = ?1 ORDER BY number DESC LIMIT ?2",
	[Q_NEWEST] = "SELECT number, mailbox, state, expires, tries,"
	    " code_hash, record FROM challenge WHERE domain = ?1"
	    " AND method = ?2 ORDER BY number DESC LIMIT 1",
	[Q_END] = "UPDATE challenge SET state = ?2, ended = ?3"
	    " WHERE number = ?1 AND state IN ('waiting', 'sent')",
};
DB_STATEMENTS(challenge, sql)

/* ---- rows ---- */

static int
looking_mark(struct domain *d, struct err *e)
{
	for (size_t i = 0; i < d->n_challenges; i++) {
		struct challenge *c = &d->challenges[i];
		int r = c->method != PROOF_DNS ||
		    c->state != CHALLENGE_SENT ? 0 :
		    lookup_waits(LOOKUP_TXT, d->name, c->number, e);

		if (r < 0)
			return -1;
		c->looking = r == 1;
	}
	return 0;
}

int
challenges_load(struct domain *d, struct err *e)
{
	struct query *q = db_query(challenge_prepared[Q_LIST]);
	int r;

	q_i64(q, 1, d->number);
	q_i64(q, 2, CHALLENGES_SHOWN);
	while ((r = q_next(q, e)) == 1) {
		struct challenge *c = LIST_ADD(d, challenges);

		c->number = q_col_i64(q, 0);
		q_col_str(q, 1, c->mailbox, sizeof c->mailbox);
		c->method = q_col_word(q, 2, &proof_method_words, PROOF_MAIL);
		c->state = q_col_word(q, 3, &challenge_state_words,
		    CHALLENGE_WAITING);
		c->created = q_col_i64(q, 4);
		c->sent = q_col_i64(q, 5);
		c->expires = q_col_i64(q, 6);
		c->tries_left = conf.policy_challenge_tries -
		    q_col_i64(q, 7);
		if (c->tries_left < 0)
			c->tries_left = 0;
		q_col_str(q, 8, c->record, sizeof c->record);
		c->looked = q_col_i64(q, 9);
		q_col_str(q, 10, c->found, sizeof c->found);
		if (c->method == PROOF_DNS)
			snprintf(c->owner, sizeof c->owner, "%s%s",
			    PROOF_OWNER, d->name);
	}
	if (r < 0)
		return -1;
	return looking_mark(d, e);
}

int
challenges_replace(int64_t domain, enum proof_method method, struct err *e)
{
	struct query *q = db_query(challenge_prepared[Q_REPLACE]);

	q_i64(q, 1, domain);
	q_i64(q, 2, clock_now());
	q_str(q, 3, word_of(&proof_method_words, method));
	return q_run(q, e);
}

int
challenges_drop(int64_t domain, struct err *e)
{
	struct query *q = db_query(challenge_prepared[Q_DROP]);

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
challenge_newest(int64_t domain, enum proof_method method,
    struct newest_challenge *c, struct err *e)
{
	struct query *q = db_query(challenge_prepared[Q_NEWEST]);
	char word[32];
	int r;

	q_i64(q, 1, domain);
	q_str(q, 2, word_of(&proof_method_words, method));
	if ((r = q_next(q, e)) != 1)
		return r;
	c->number = q_col_i64(q, 0);
	q_col_str(q, 1, c->mailbox, sizeof c->mailbox);
	q_col_str(q, 2, word, sizeof word);
	c->state = word_parse(&challenge_state_words, word);
	c->expires = q_col_i64(q, 3);
	c->tries = q_col_i64(q, 4);
	q_col_bytes(q, 5, c->hash, sizeof c->hash);
	q_col_str(q, 6, c->record, sizeof c->record);
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

/* ---- claiming ---- */

/* The account's row for the domain: made, taken up again, or as it is. */
int
domain_claim(const struct seat *s, const struct domain_form *f,
    struct domain *d, struct err *e)
{
	char looks[LOOKALIKE_SIZE];
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
		lookalike_skeleton(f->shown, looks);
		q_str(q, 5, looks);
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
