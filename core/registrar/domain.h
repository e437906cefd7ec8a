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

/* Move a row along the table of core/model/state.h; ERR_CONFLICT when it is
 * not in `from` any more. */
int domain_move(int64_t number, enum domain_state from, enum domain_state to,
    struct err *e);

/* ---- challenge.c ---- */

/* The newest challenge of a domain: the only one whose code counts. */
struct newest_challenge {
	int64_t number;
	char mailbox[320];
	int state;
	int64_t expires, tries;
	uint8_t hash[32];
};
/* 1 and *c, 0 when the domain never had one, -1. */
int challenge_newest(int64_t domain, struct newest_challenge *c,
    struct err *e);
int challenge_end(int64_t number, enum challenge_state state, struct err *e);

/* Fill d->challenges, newest first. */
int challenges_load(struct domain *d, struct err *e);
/* Codes that are still out count no more (a newer one is mailed, or the
 * domain is given up). */
int challenges_replace(int64_t domain, struct err *e);
/* Codes whose time is over say so. */
int challenges_expire(struct err *e);

#endif
