/* rows_check.h - do the other tables say what the log says? */
#ifndef REGISTRAR_ROWS_CHECK_H
#define REGISTRAR_ROWS_CHECK_H

#include "core/registrar/registrar.h"

/*
 * After a walk that found the log good: certificates, approvals, revocations,
 * roles, keys of accounts, the policy, each against its entries, both ways.
 * Makes *r bad, with the row and its table, where somebody wrote to the
 * database by hand.  Reads whole tables: for a copy, not beside people.
 */
int audit_rows_check(struct audit_check *r, struct err *e);

/* The same and the structure of the file (db_integrity()), in steps: from *step
 * on, as many as `ms` allow, at least one; *step is `steps` at the end, or when
 * *r is bad. */
extern const int audit_rows_steps;
int audit_rows_go(int *step, int64_t ms, struct audit_check *r,
    struct err *e);

#endif
