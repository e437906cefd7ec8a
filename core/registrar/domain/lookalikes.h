/* lookalikes.h - names that look like somebody else's (S4, UTS #39). */
#ifndef REGISTRAR_LOOKALIKES_H
#define REGISTRAR_LOOKALIKES_H

#include "core/registrar/registrar.h"

/* Does this domain, or one above it, look like a domain that another account
 * has proven, or like a high-value name, without being it?  1 with that name,
 * 0, or -1. */
int lookalike_find(const char *domain, int64_t account, char other[254],
    struct err *e);

#endif
