/* statement.h - approvals signed by the approver's own SSH key: the statement
 * shown, the signature kept, both handed to the signer, who decides. */
#ifndef REGISTRAR_STATEMENT_H
#define REGISTRAR_STATEMENT_H

#include "core/registrar/request/request.h"

/* Before an approval: is a signature needed, and does the one that came fit
 * the statement that was shown?  Clauses signed-approval, sshsig-*. */
int statement_check(const struct seat *s, const struct decision *a,
    const struct request_head *h, struct err *e);
/* Keep it, after that. */
int statement_keep(const struct seat *s, const struct decision *a,
    const struct request_head *h, struct err *e);
/* The policy and the signatures into what is asked of the signer. */
int statement_fill(struct sign_wish *w, struct err *e);

#endif
