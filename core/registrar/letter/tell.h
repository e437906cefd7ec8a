/* tell.h - letters about a request to all whom it concerns. */
#ifndef REGISTRAR_TELL_H
#define REGISTRAR_TELL_H

#include "core/base/buf.h"
#include "core/registrar/request/request.h"

/* One name a line, indented, NUL-terminated; long lists say how many more. */
void names_print(struct buf *b, const struct name *names, size_t n);

/* A letter to the account, its contacts and to the mailbox of each proof that covers one of
 * the domains, also of a proof that has lapsed since; to each address once. */
int letters_send(const char *kind, const struct request_head *h,
    const struct blank *blanks, size_t n, struct err *e);

#endif
