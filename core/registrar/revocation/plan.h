/* plan.h - mass revocations: the rows of a plan, for its ops and for its run. */
#ifndef REGISTRAR_PLAN_H
#define REGISTRAR_PLAN_H

#include "core/registrar/registrar.h"

/* ERR_NOT_FOUND when there is none.  A plan whose time is over says so. */
int plan_load(int64_t number, struct revocation_plan *r, struct err *e);
/* Could who made it still make one? */
int plan_maker_check(const struct revocation_plan *r, struct err *e);

/* The first few of its certificates, into r->first. */
int plan_first_load(struct revocation_plan *r, struct err *e);
/* SHA-256 over the criteria and, in a chain, the serials of all its rows: what
 * the second person confirms.  A chain, so that a million need no room. */
int plan_digest(const struct revocation_plan *r, uint8_t digest[32],
    struct err *e);

/* Along the table of core/model/state.h; ERR_CONFLICT when it is not in `from`
 * any more. */
int plan_move(int64_t number, enum plan_state from, enum plan_state to,
    struct err *e);

/* One entry about a plan. */
int plan_audit(const struct seat *s, const char *action, int64_t number,
    const char *detail, struct err *e);

#endif
