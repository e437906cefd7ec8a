/* setup.h - how a certificate is put to use in an XMPP server: the lines for a
 * shell and for the server's configuration. */
#ifndef CONSOLE_SETUP_H
#define CONSOLE_SETUP_H

#include "core/base/buf.h"
#include "core/model/nouns.h"

#define SETUP_SERVERS 3

/* "prosody", "ejabberd", "openfire"; NULL behind the last. */
const char *setup_server(size_t i);

/*
 * Append the lines for server i: comments begin with "# ", a head for each
 * file with "## "; what stands under a head of a file is the file's own
 * grammar and can be pasted as it is.  Facts: Prosody 0.12 and ejabberd 23.01
 * as the stories 60 and 61 run them; a chain is leaf first; `ca_file` of
 * ejabberd replaces the system's roots, `cafile` of Prosody adds to them.
 */
void setup_put(struct buf *b, size_t i, const struct certificate *c,
    const struct whoami *me);

/* The CAA record that lets this authority issue for the first domain, as a
 * line of a zone file; "" when the authority has no name for it. */
void setup_caa(char *dst, size_t size, const struct certificate *c);

/* The domain that stands for a certificate in file names and sentences. */
const char *certificate_domain(const struct certificate *c);

#endif
