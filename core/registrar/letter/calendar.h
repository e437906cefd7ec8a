/* calendar.h - the end of a certificate as a calendar file. */
#ifndef REGISTRAR_CALENDAR_H
#define REGISTRAR_CALENDAR_H

#include <stdint.h>

#include "core/base/buf.h"

struct calendar_event {
	const char *uid;	/* the same for each letter about one thing */
	const char *summary, *description;	/* any UTF-8; line feeds stay */
	int64_t made, at;
	int64_t sequence;	/* a later one replaces an earlier one */
};

/* RFC 5545: a VCALENDAR of one VEVENT with an alarm a week ahead, appended
 * with CR LF, folded at 75 octets; no NUL. */
void calendar_make(struct buf *b, const struct calendar_event *v);

#endif
