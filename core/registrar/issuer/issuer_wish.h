/*
 * issuer_wish.h - two persons for what is done with an issuer (S12.6): the
 * operator on the host asks, the director confirms, then it is done.
 */
#ifndef REGISTRAR_ISSUER_WISH_H
#define REGISTRAR_ISSUER_WISH_H

#include "core/registrar/registrar.h"

/* What is asked for; certificate and roots of an import alone. */
struct issuer_ask {
	const char *deed;		/* new, import, activate, retire, revoke */
	const char *issuer;
	enum reason reason;
	const char *note;
	const struct blob *certificate, *roots;
};

/*
 * May it be done now?  1 yes (the authority has not begun, the policy wants
 * no second person, it is an emergency, or the director has said so); 0 it
 * waits for the director: *number and text say how he confirms it; -1.
 */
int issuer_may(const struct seat *s, const struct issuer_ask *a,
    int64_t *number, char *text, size_t size, struct err *e);

/* Has any issuer of this authority its certificate already? */
int issuers_begun(bool *begun, struct err *e);
/* An issuer came that was not there, on an authority that had begun: uses the
 * director's word up; without one that is an alarm. */
int issuer_wish_made(const char *purpose, const char *name, struct err *e);
/* What waited for a week ends. */
void issuer_wish_sweep(void);

/* ---- issuer_deed.c, issuer.c: doing it ---- */

/* by: the director's signature over it, or NULL. */
int issuer_deed_do(const struct seat *s, const struct issuer_deed *a,
    const struct deed *by, struct err *e);
int issuer_import_do(const struct seat *s, const struct import_wish *a,
    struct issuer *r, struct err *e);
/* Every issuer, with what is counted of it. */
int issuers_count(struct issuer_list *list, struct err *e);

#endif
