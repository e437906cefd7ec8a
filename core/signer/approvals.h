/*
 * approvals.h - approvals that no server can forge: each is a statement signed
 * by the approver's own SSH key, and the keys are pinned here, in
 * ca/approvers ("NAME TYPE BASE64 [COMMENT]" a line), by the operator on the
 * host.  ca/statements remembers what was used, so that one approval makes
 * one certificate.
 */
#ifndef SIGNER_APPROVALS_H
#define SIGNER_APPROVALS_H

#include "core/signer/signer.h"

/* Read ca/statements; before the jail. */
int approvals_open(struct signer *s, struct err *e);
void approvals_close(void);
/* Enough good signatures, when the policy wants them: clauses
 * signed-approval, sshsig-*, statement-used, statement-time. */
int approvals_check(struct signer *s, const struct sign_wish *w, int64_t now,
    struct err *e);
/* Its statements are used for this serial from now on; durable with
 * approvals_sync(), before anything is signed. */
void approvals_use(struct signer *s, const struct sign_wish *w, int64_t now);
int approvals_sync(struct err *e);

#endif
