/* live.h - what a domain's XMPP servers show now, for people to look at: it
 * decides nothing. */
#ifndef REGISTRAR_LIVE_H
#define REGISTRAR_LIVE_H

#include "core/registrar/registrar.h"

/* The courier has looked (lookup.c). */
int live_answer(int64_t account, const char *domain, struct err *e);

#endif
