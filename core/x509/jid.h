/*
 * jid.h - the address of a person (RFC 7622), prepared once: the local part
 * in lower case, the domain in U-labels, NFC, no resource.
 *
 * No library that Debian keeps well does PRECIS in C.  What is accepted here
 * is the part of UsernameCaseMapped (RFC 8265 3.3) that needs none: ASCII
 * without the nine characters of RFC 7622 3.3.1, and other letters in words
 * that IDNA 2008 takes as labels, joined by dots.  Such a string is the same
 * before and after preparation; everything else is refused, never guessed.
 */
#ifndef X509_JID_H
#define X509_JID_H

#include "core/x509/names.h"

#define JID_SIZE 1024		/* as struct name has it */

struct jid_form {
	char text[JID_SIZE];	/* local@domain, U-labels */
	struct domain_form domain;
	bool repaired;		/* differed from what came in */
};

/* Clauses jid-form, jid-localpart, and those of domain_parse(). */
int jid_parse(const char *in, size_t len, bool special_ok,
    struct jid_form *out, struct err *e);

#endif
