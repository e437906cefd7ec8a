/*
 * csr.h - a PKCS#10 request taken apart, strictly (RFC 2986, DER).
 */
#ifndef X509_CSR_H
#define X509_CSR_H

#include "core/base/err.h"
#include "core/x509/spki.h"

struct csr {
	struct der info;		/* whole, what is signed */
	struct der subject;		/* content of the RDNSequence */
	struct der spki;		/* whole */
	struct der attributes;		/* content of [0] */
	struct der algorithm;		/* OID's content */
	struct tlv parameters;
	struct der signature;
};

/* Clauses csr-der, csr-trailing, csr-version. */
int csr_read(const uint8_t *der, size_t size, struct csr *out,
    struct err *e);

/* Does the request prove its key (which has passed spki_check())?  Clauses
 * csr-signature-hash, csr-signature-algorithm, csr-signature. */
int csr_signature_check(const struct csr *c, const struct spki *k,
    struct err *e);

#endif
