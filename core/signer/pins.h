/*
 * pins.h - the SSH keys whose signatures count: ca/approvers, a key a line:
 *
 *	NAME [ROLE] [until=SECONDS] TYPE BASE64 [COMMENT]
 *
 * without a ROLE: staff.  The operator writes lines by `xmpp-icactl approver`
 * on the host; the signer by itself only for a grant that a pinned director
 * and a second person have signed (deeds.c).  Lines go without a signature.
 */
#ifndef SIGNER_PINS_H
#define SIGNER_PINS_H

#include "core/signer/signer.h"
#include "core/x509/sshsig.h"

int pins_read(struct signer *s, struct blob *pins, struct err *e);
/* ROLE_BIT()s of the roles that this person's key counts in now; 0 none. */
unsigned pins_roles(const struct blob *pins, const char *name,
    const struct sshsig *sig, int64_t now);
/* Instead of whatever was pinned for the name: these keys ("TYPE BASE64"). */
int pins_replace(struct signer *s, const char *name, enum role role,
    int64_t until, const char *const *keys, size_t n, struct err *e);
/* No such key of the name any more; "": none at all. */
int pins_remove(struct signer *s, const char *name, const char *key,
    struct err *e);

#endif
