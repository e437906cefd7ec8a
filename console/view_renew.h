/* view_renew.h - renewing a certificate, from wherever it is looked at. */
#ifndef CONSOLE_VIEW_RENEW_H
#define CONSOLE_VIEW_RENEW_H

#include "console/ui.h"

/* Ask for the same key again or a new CSR, and go on with what is chosen. */
void renew_ask(struct ui *ui, int64_t request, const char *domain);

#endif
