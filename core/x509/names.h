/*
 * names.h - domain names made canonical once, and compared only so.
 * (libidn2 for IDNA 2008, libpsl for public suffixes; R3.3, DESIGN.md 7.)
 */
#ifndef X509_NAMES_H
#define X509_NAMES_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/model/nouns.h"

#define DOMAIN_SIZE 254		/* A-labels, with the NUL */
#define DOMAIN_SHOWN_SIZE 512	/* U-labels, NFC */

struct domain_form {
	char ascii[DOMAIN_SIZE];	/* lower case A-labels, no trailing dot */
	char shown[DOMAIN_SHOWN_SIZE];	/* U-labels */
	bool repaired;			/* differed from what came in */
};

/*
 * Accepts what a person types or a CSR holds: U- or A-labels, upper case, one
 * trailing dot.  Refuses (clause = rule id): name-empty, name-length,
 * name-label, name-wildcard, name-ip, name-single-label, name-numeric-tld,
 * name-underscore, name-control, name-bidi, name-idna, name-roundtrip,
 * name-public-suffix, name-special-use (unless special_ok; then .example,
 * .test and other RFC 6761 names pass, and public suffixes are only refused
 * for real TLDs).
 */
int domain_parse(const char *in, size_t len, bool special_ok,
    struct domain_form *out, struct err *e);

/* Is `domain` the same as `proven` or, when subdomains, below it?  Both in
 * canonical ASCII form. */
bool domain_covers(const char *proven, const char *domain, bool subdomains);

/* Is `parent` the same as domain, or a parent of it that lies below the
 * public suffix (J1.4)?  Canonical ASCII forms. */
bool domain_is_parent(const char *parent, const char *domain);

#endif
