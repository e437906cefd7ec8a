/*
 * issue.h - what issue.c (asking the signer) and issue_store.c (storing what
 * it gave) share.
 */
#ifndef REGISTRAR_ISSUE_H
#define REGISTRAR_ISSUE_H

#include "core/registrar/request/request.h"

/* ---- issue.c ---- */

/* Draw a new serial for an approved request. */
int serial_draw(int64_t request, int64_t retry_at, struct err *e);
int issue_postpone(int64_t request, int64_t seconds, struct err *e);

/* ---- issue_evidence.c ---- */

/* Who answers for it: the last approver, or the rule that asks for none.
 * ERR_REFUSED issue-evidence when rows and audit log say otherwise. */
int issue_approver(const struct request_head *h, char approver[33],
    struct err *e);
/* The key that was submitted, and no other. */
int issue_spki(const struct request_head *h, struct blob *spki,
    struct err *e);

/* ---- issue_store.c ---- */

/* What the signer gave for one wish: 0 done (issued, refused or postponed),
 * 1 a new serial was drawn: ask again, -1. */
int issue_item(const struct request_head *h, const struct sign_wish *w,
    const struct signed_item *item, struct err *e);
/* Issuing has failed for good: refused, with an audit entry and a letter. */
int issue_refuse(const struct request_head *h, const char *clause,
    const char *text, struct err *e);

#endif
