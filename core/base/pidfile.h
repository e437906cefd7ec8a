/*
 * pidfile.h - one master for one service_dir: it holds a lock on
 * xmpp-icad.pid as long as it lives, so that a stale file fools nobody.
 */
#ifndef BASE_PIDFILE_H
#define BASE_PIDFILE_H

#include <stdbool.h>

#include "core/base/conf.h"

#define FILE_PID "xmpp-icad.pid"

/* The locked descriptor, or -1 with ERR_CONFLICT when a master runs. */
int pidfile_lock(const struct conf *c, struct err *e);
/* Write our number into it; after the last fork. */
int pidfile_write(int fd, struct err *e);
/* Remove the file and give up the lock. */
void pidfile_unlock(const struct conf *c, int fd);
/* Is a master running? */
bool pidfile_held(const struct conf *c);

#endif
