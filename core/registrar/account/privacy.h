/* privacy.h - who may see whose address, and that it was seen. */
#ifndef REGISTRAR_PRIVACY_H
#define REGISTRAR_PRIVACY_H

#include "core/registrar/registrar.h"

/* Each mail address in a text becomes "a****@example.org", in place; the
 * mailboxes that prove domains (hostmaster, ...) are nobody's own and stay. */
void addresses_redact(char *text);
/* Does this seat see addresses only when it says why? */
bool reads_redacted(const struct seat *s);
/* S4.6: an entry that the member can read: what was looked at, and why. */
int look_keep(const struct seat *s, const char *account, const char *what,
    const char *reason, struct err *e);

#endif
