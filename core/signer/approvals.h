/*
 * approvals.h - approvals that no server can forge: each is a statement signed
 * by the approver's own SSH key, and the keys are pinned here (pins.h).
 * ca/statements remembers what was used, so that one approval makes one
 * certificate, and one signature under a deed (deeds.c) one deed.
 */
#ifndef SIGNER_APPROVALS_H
#define SIGNER_APPROVALS_H

#include "core/signer/pins.h"

/* Read ca/statements; before the jail. */
int approvals_open(struct signer *s, struct err *e);
void approvals_close(void);
/* Enough good signatures, when the policy wants them: clauses
 * signed-approval, sshsig-*, statement-used, statement-time. */
int approvals_check(struct signer *s, const struct sign_wish *w, int64_t now,
    struct err *e);
/* Is there room again for what could not be kept the last time?  Asked before
 * anything is announced, so that a full disk burns no serial for each try. */
int approvals_ready(struct err *e);
/* Its statements are used for this serial from now on; durable with
 * approvals_sync(), before anything is signed. */
void approvals_use(struct signer *s, const struct sign_wish *w, int64_t now);
int approvals_sync(struct err *e);
/* One signature over `text`, by a pinned key in one of *roles (ROLE_BIT()s; in
 * return those that it is pinned in), in its time, not used before. */
int approvals_verify(struct signer *s, const struct buf *text,
    const struct approval_signature *a, const struct blob *pins,
    unsigned *roles, int64_t now, struct err *e);
/* Are these two of one key?  Then they are of one person, whatever the names. */
bool approvals_same_key(const struct approval_signature *a,
    const struct approval_signature *b);
/* A statement about a deed is used from now on; durable on return. */
int approvals_spend(const struct buf *text, int64_t now, struct err *e);

#endif
