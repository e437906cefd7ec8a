/* view_domain.h - the questions about a domain, asked from two views. */
#ifndef CONSOLE_VIEW_DOMAIN_H
#define CONSOLE_VIEW_DOMAIN_H

#include "console/ui.h"

/* name "": to be typed. */
void domain_add_ask(struct ui *ui, const char *name);
void domain_code_ask(struct ui *ui, const char *name);
void domain_drop_ask(struct ui *ui, const char *name);

/* view_domain_next.c: a head, and what to do. */
void domain_next_add(struct pager *p, const struct domain *d, int64_t now);

#endif
