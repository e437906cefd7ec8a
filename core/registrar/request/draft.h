/*
 * draft.h - what somebody typed into a form and did not send: kept so that a
 * dropped line loses nothing.
 *
 * Private: read by its own account alone, and told to nobody.  It is no deed
 * and has no audit entry.  One for each form; gone when the form is sent,
 * given up, after DRAFT_DAYS, or with the account.
 */
#ifndef REGISTRAR_DRAFT_H
#define REGISTRAR_DRAFT_H

#define DRAFT_DAYS 7
#define DRAFT_SIZE (24u << 10)	/* a CSR, its domains and a note */
#define DRAFT_FORMS 20		/* of one account; the oldest goes first */

#endif
