/*
 * policy_texts.h - the policy as it stands in files: the [policy] values of a
 * configuration, the list of high-value names, the upstream's limits.  Read by
 * whoever may read files (the registrar at its start, xmpp-icactl reload), and
 * handed to the registrar, which by then reads none.
 */
#ifndef WIRE_POLICY_TEXTS_H
#define WIRE_POLICY_TEXTS_H

#include "core/base/conf.h"
#include "core/base/err.h"
#include "core/model/nouns.h"

#define POLICY_TEXT_MAX (256u << 10)

/* Fill *t (zero; the caller clears it). */
int policy_texts_read(const struct conf *c, struct policy_texts *t,
    struct err *e);
/* The next line of a text without blanks around it and without comments;
 * false at the end.  *at goes on. */
bool policy_line(const struct blob *text, size_t *at, char *line, size_t size);

#endif
