/*
 * deed.h - what people sign beside approvals: plans to revoke many, roles, the
 * policy, issuing again, issuers.  Each kind writes its own lines (a row of
 * deed_kinds in deed.c); the signature is kept first, by deed_sign, and used
 * by the confirmation that follows.
 */
#ifndef REGISTRAR_DEED_H
#define REGISTRAR_DEED_H

#include "core/registrar/registrar.h"

/* The lines of a deed that this person may confirm now; or why not.  A deed
 * that needs the word of who asked too names him in `asker`. */
typedef int deed_fill(const struct seat *s, const char *object,
    struct deed *d, char asker[33], struct err *e);

deed_fill plan_deed, grant_deed, policy_deed, resume_deed, issuer_wish_deed;

/*
 * Before a confirmation: its statement with the signatures that are kept.  1
 * when there are enough, 0 when none is asked for, -1: clause signed-deed.
 * deed_spend() has the signer verify and use them, last of all; in between,
 * deed_clear.
 */
int deed_gather(const struct seat *s, const char *kind, const char *object,
    struct deed *d, struct err *e);
int deed_spend(const struct deed *d, struct err *e);
/* Both. */
int deed_settle(const struct seat *s, const char *kind, const char *object,
    struct err *e);

/* This key ("TYPE BASE64", "" all) of the account signs no more: the signer is
 * told as soon as it listens. */
int unpin_add(const char *name, const char *key, struct err *e);

#endif
