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
 * KIND is `approve` (of a request), or that of a deed: `revoke-many` (a plan),
 * `grant` (a role), `policy` (its acknowledgement), `resume`, `issuer` (what the
 * operator wants done).  The kind stands in what is signed, so that no
 * signature serves for anything else; a deed's digest is over its lines.
 */
#ifndef X509_STATEMENT_H
#define X509_STATEMENT_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/model/nouns.h"

#define STATEMENT_SPACE "approve@xmpp-ica"
#define STATEMENT_SECONDS 86400	/* a signed approval counts so long */
#define DEED_LINES_MAX 64
#define STATEMENT_AHEAD 300	/* clocks differ by so much */

/* An approval of what the wish asks for: its number, digest, names, key,
 * profile and policy; never its serial or dates. */
void statement_approve(struct buf *b, const char *service,
    const struct sign_wish *w, const char *by, int64_t at);
/* A deed with its lines, as `by` signs it. */
void statement_deed(struct buf *b, const char *service, const struct deed *d,
    const char *by, int64_t at);
/* One more line; what would end the line is shown as `?`. */
void deed_put(struct deed *d, const char *word, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The value of the first such line from *at on, which moves behind it; NULL. */
const char *deed_value(const struct deed *d, const char *word, size_t *at);
/* Of another process: do its lines stay lines?  Clause statement-form. */
int deed_check(const struct deed *d, struct err *e);

#endif
