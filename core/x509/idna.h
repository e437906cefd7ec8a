/*
 * idna.h - internationalised names (RFC 5891), for names.c; and single
 * characters.
 */
#ifndef X509_IDNA_H
#define X509_IDNA_H

#include "core/x509/names.h"

#define DOMAIN_INPUT_MAX 1024	/* bytes of a name that are looked at */

/* A rendered copy for a sentence. */
struct rendered {
	char text[128];
};

struct rendered rendered(const char *in, size_t len);

/* Invisible or direction-changing: what render_untrusted() escapes. */
bool char_is_hidden(uint32_t c);
/* Lower case where it is one to one and undisputed; IDNA judges the rest. */
uint32_t char_lower(uint32_t c);

/* U-labels, A-labels or both to A-labels, one label at a time.  `in` is the
 * name as it came, for the sentence. */
int idna_ascii(const char *clean, const char *in, size_t len,
    char ascii[DOMAIN_SIZE], struct err *e);

/* The U-labels, and the proof that they give the same A-labels again. */
int idna_shown(const char *ascii, char shown[DOMAIN_SHOWN_SIZE],
    struct err *e);

#endif
