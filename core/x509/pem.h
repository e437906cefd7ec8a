/*
 * pem.h - one request out of whatever people paste: PEM in its many broken
 * line ends, or DER as it is.
 */
#ifndef X509_PEM_H
#define X509_PEM_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/base/mem.h"

struct unarmoured {
	struct blob der;	/* the caller's */
	bool text_around;	/* text before or after the block was left out */
	char repairs[160];	/* "line ends, indentation"; "" none */
};

/* Clauses csr-none, csr-several, csr-label, csr-pem, csr-size. */
int pem_read(const uint8_t *in, size_t size, struct unarmoured *out,
    struct err *e);

/* The base64 between the first lines BEGIN and END whose label has `part` in
 * it; or, with part NULL, of the whole input without any such lines.  false:
 * there is none. */
bool pem_body(const uint8_t *in, size_t size, const char *part,
    struct blob *der);

#endif
