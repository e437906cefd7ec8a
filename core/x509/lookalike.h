/* lookalike.h - names that a person takes for one another (UTS #39). */
#ifndef X509_LOOKALIKE_H
#define X509_LOOKALIKE_H

#include "core/x509/names.h"

#define LOOKALIKE_SIZE (2 * DOMAIN_SIZE)

/* What a name looks like: two names with the same skeleton look alike.  From
 * the form with U-labels; cut where it does not fit, as no real name is. */
void lookalike_skeleton(const char *shown, char out[LOOKALIKE_SIZE]);

#endif
