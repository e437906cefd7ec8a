/* report_ask.h - a report, waited for while it is being made. */
#ifndef CONSOLE_REPORT_ASK_H
#define CONSOLE_REPORT_ASK_H

#include "core/wire/ask.h"

typedef int report_question(struct line *l, const struct report_wish *w,
    struct report *r, struct err *e);

#define REPORT_PATIENCE_MS 180000

/* ask_report_get or ask_report_submit, again until it is there: 0.  After so
 * many milliseconds ERR_UNAVAILABLE; w->job is where to go on then. */
int report_await(report_question *ask, struct line *l, struct report_wish *w,
    int patience_ms, struct report *r, struct err *e);

#endif
