/*
 * statement.h - what a person signs with an SSH key before something dangerous
 * is done: plain lines that both the registrar, who shows them, and the
 * signer, who demands the signature, make from what they know themselves.
 *
 *	xmpp-ica-statement/v1
 *	kind KIND
 *	service NAME
 *	object NUMBER OR NAME
 *	digest HEX
 *	by ACCOUNT
 *	time UNIX SECONDS
 *	... lines of the kind
 *
 * KIND is `approve`; `revoke-many`, `grant` and `policy` are kept for the
 * digests of plans, of grants and of the policy.
 */
#ifndef X509_STATEMENT_H
#define X509_STATEMENT_H

#include "core/base/buf.h"
#include "core/model/nouns.h"

#define STATEMENT_SPACE "approve@xmpp-ica"
#define STATEMENT_SECONDS 86400	/* a signed approval counts so long */
#define STATEMENT_AHEAD 300	/* clocks differ by so much */

/* The lines that every statement begins with. */
void statement_begin(struct buf *b, const char *kind, const char *service,
    const char *object, const uint8_t digest[32], const char *by,
    int64_t at);
/* An approval of what the wish asks for: its number, digest, names, key,
 * profile and policy; never its serial or dates. */
void statement_approve(struct buf *b, const char *service,
    const struct sign_wish *w, const char *by, int64_t at);
/* Does the policy (signed_approvals: no, yes, or profiles) ask for one? */
bool statement_wanted(const char *signed_approvals, const char *profile);

#endif
