/*
 * held.h - for how long the one loop was held, and by what: everybody waits
 * that long.  In numbers for /metrics, and a line in the operator's log when
 * somebody will have noticed.
 */
#ifndef REGISTRAR_HELD_H
#define REGISTRAR_HELD_H

#include <stdint.h>

#include "core/base/buf.h"

struct held {
	int64_t wall_us, cpu_us;	/* when it began */
};

struct held held_begin(void);
/* By `kind` (a text that stays) and, in the log, `name` of that kind. */
void held_end(const struct held *h, const char *kind, const char *name);

/* xmpp_ica_loop_*: the longest of the last minutes, and CPU in all, by kind. */
void held_metrics(struct buf *b);

#endif
