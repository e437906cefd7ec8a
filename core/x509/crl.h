/*
 * crl.h - a CRL built as bytes, streamed: no X509_CRL object, memory that
 * does not grow with the list (RFC 5280 5; performance.md 6).
 */
#ifndef X509_CRL_H
#define X509_CRL_H

#include <openssl/x509.h>

#include "core/base/err.h"
#include "core/model/nouns.h"

/* v2 CRL with AKI, CRLNumber and reason codes (none for unspecified), signed
 * with SHA-384/256 as the key's size asks.  Entries in the order of w. */
int crl_build(X509 *issuer, EVP_PKEY *key, const struct crl_wish *w,
    struct blob *der, struct err *e);

#endif
