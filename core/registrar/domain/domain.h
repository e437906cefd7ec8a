/*
 * domain.h - what domain.c and challenge.c share.
 */
#ifndef REGISTRAR_DOMAIN_H
#define REGISTRAR_DOMAIN_H

#include "core/registrar/registrar.h"

/* The account's row for a domain as typed, also a dropped one.
 * ERR_NOT_FOUND when there is none. */
int domain_load_own(int64_t account, const char *typed, struct domain *d,
    struct err *e);
int domain_load(int64_t number, struct domain *d, struct err *e);

/* A TXT record that was last seen then, or earlier, carries no proof. */
int64_t domain_seen_least(void);

/* Move a row along the table of core/model/state.h; ERR_CONFLICT when it is
 * not in `from` any more. */
int domain_move(int64_t number, enum domain_state from, enum domain_state to,
    struct err *e);

/* ---- challenge.c ---- */

/* Where the TXT record of a proof by DNS stands, before the domain. */
#define PROOF_OWNER "_xmpp-ica."

/* The account's row for the domain: made, taken up again, or as it is. */
struct domain_form;
int domain_claim(const struct seat *s, const struct domain_form *f,
    struct domain *d, struct err *e);

/* The newest challenge of a domain by a method: the only one that counts. */
struct newest_challenge {
	int64_t number;
	char mailbox[320];
	int state;
	int64_t expires, tries;
	uint8_t hash[32];
	char record[128];
};
/* 1 and *c, 0 when the domain never had one, -1. */
int challenge_newest(int64_t domain, enum proof_method method,
    struct newest_challenge *c, struct err *e);
int challenge_end(int64_t number, enum challenge_state state, struct err *e);

/* Fill d->challenges, newest first. */
int challenges_load(struct domain *d, struct err *e);
/* What is still out by this method counts no more: there is a newer one. */
int challenges_replace(int64_t domain, enum proof_method method,
    struct err *e);
/* Nothing that is out counts any more: the domain is given up. */
int challenges_drop(int64_t domain, struct err *e);
/* Codes whose time is over say so. */
int challenges_expire(struct err *e);

#endif
