/*
 * issuer.h - what issuer.c, reconcile.c, issue.c and publish*.c share about
 * the issuers.
 */
#ifndef REGISTRAR_ISSUER_H
#define REGISTRAR_ISSUER_H

#include "core/registrar/registrar.h"

/* S1.3: can a certificate that lasts until not_after be issued for this
 * purpose?  Clauses issuer-none, issuer-pending, issuer-expired,
 * issuer-not-after. */
int issuer_check(const char *purpose, int64_t not_after, struct err *e);
/* notBefore of the active issuer: no certificate of its begins earlier; 0
 * while the signer has not said it. */
int64_t issuer_begins(const char *purpose);
/* ERR_NOT_FOUND when there is none of the name. */
int issuer_load(const char *name, struct issuer *out, struct err *e);

/* The signer's word about all of them, into the rows (in a transaction). */
int issuers_ask(struct line *l, struct err *e);

/* ---- reconcile.c ---- */

/* A serial that must never mean anything: listed as revoked from now on.
 * Nothing happens when it is known.  issuer "": the active server issuer;
 * policy: as policy_of_hash() has it. */
int serial_burn(const char *serial, const char *issuer, int64_t request,
    const char *policy, const char *why, struct err *e);
/* Read the signer's journal from where we stopped. */
int journal_reconcile(struct line *l, struct err *e);
/* J3.2: certificates without an audit entry. */
void reconcile_facts(struct fact_list *list);
/* The same as the last whole walk found it; false while none is over. */
bool reconcile_finding(struct fact *f);

/* ---- publish_files.c ---- */

/* Write published/ca/NAME.crt and root.crt when they differ. */
int publish_chain(const struct issuer *i, struct err *e);

#endif
