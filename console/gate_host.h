/*
 * gate_host.h - what a libssh server needs before the first connection: the
 * host key and the algorithms, and OpenSSL's caches filled, so that children
 * inherit them instead of building their own (half of a connection's cost).
 */
#ifndef CONSOLE_GATE_HOST_H
#define CONSOLE_GATE_HOST_H

#include <libssh/server.h>

#include "core/base/conf.h"

struct ssh_host {
	ssh_bind bind;
};

/* Read the host key, or make it with its .pub beside; set every option. */
int host_open(struct ssh_host *h, const struct conf *c, struct err *e);

/* A whole handshake with ourselves for each cipher that we offer. */
int host_warm(struct ssh_host *h, struct err *e);

/* A session with everything set for ssh_bind_accept_fd(); NULL out of memory. */
ssh_session host_session(void);

#endif
