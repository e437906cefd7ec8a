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

#endif
