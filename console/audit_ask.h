/* audit_ask.h - the audit log checked, waited for while it is being walked. */
#ifndef CONSOLE_AUDIT_ASK_H
#define CONSOLE_AUDIT_ASK_H

#include "core/wire/ask.h"

/* ask_audit_verify() again until *r is the end: 0, or -1.  say: how far it is,
 * with how fast and how long still, about once a second from the first on. */
int audit_await(struct line *l, void (*say)(void *user, const char *text),
    void *user, struct audit_check *r, struct err *e);

/* The same words for one answer that is not the end. */
void audit_progress(char *dst, size_t size, const struct audit_check *r);

#endif
