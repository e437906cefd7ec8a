/* master.h - the parts of xmpp-icad: sockets, children, the way into the
 * background. */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include "core/base/conf.h"

/* Every socket that listens; they outlive the children that use them. */
struct sockets {
	int gate, courier, ctl, signer;	/* UNIX, in run/ */
	int ssh, http;			/* TCP */
	int ssh_port, http_port;	/* as bound */
};

/* ---- listen.c ---- */
int sockets_open(const struct conf *c, struct sockets *s, struct err *e);
/* Remove the names of the UNIX sockets. */
void sockets_unlink(const struct conf *c);

/* ---- detach.c ---- */

/* Fork; only the child comes back.  The parent waits until the child says
 * detach_ready() or ends, and leaves with its status. */
int detach_fork(struct err *e);
/* Leave the terminal: a new session, stderr into the log file. */
int detach_leave(const struct conf *c, struct err *e);
void detach_ready(void);

/* ---- tend.c ---- */

/* Start all processes, restart those that die, until SIGTERM or SIGINT; then
 * end them in order.  `started` is called once all run. */
void tend(const struct conf *c, const struct sockets *s,
    void (*started)(void));
/* Block the signals that tend() waits for; at the start. */
void tend_signals_block(void);

#endif
