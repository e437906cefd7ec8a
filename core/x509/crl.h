/*
 * crl.h - a CRL built as bytes, streamed: no X509_CRL object, memory that
 * does not grow with the list (RFC 5280 5; performance.md 6).
 *
 * A CRL is a head, the encoded entries, and a tail.  The lengths in the head
 * are sums, so it is known before the entries are: whoever holds them hands
 * them over piece by piece to be checked and hashed, and gets head and tail
 * to put around them.
 */
#ifndef X509_CRL_H
#define X509_CRL_H

#include <openssl/x509.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/model/nouns.h"

/* One entry (a SEQUENCE), appended; no reason is said for unspecified. */
int crl_entry_put(struct buf *b, const struct status *st, struct err *e);
/* Read whole entries strictly (positive serial as short as can be, one date,
 * one reason or none, nothing else); their number into *n. */
int crl_entries_check(const uint8_t *der, size_t size, int64_t *n,
    struct err *e);

struct crl_stream;
/* v2 CRL with AKI and CRLNumber, signed with SHA-384/256 as the key's size
 * asks; NULL with *e.  The entries that follow must be as many, and as long.
 * url: of a shard, for the critical IssuingDistributionPoint that says so (RFC
 * 5280 5.2.5); NULL: the whole list. */
struct crl_stream *crl_begin(X509 *issuer, EVP_PKEY *key,
    const struct crl_begin *w, const char *url, struct err *e);
/* Whole entries, in the order in which they shall stand. */
int crl_part(struct crl_stream *s, const uint8_t *der, size_t size,
    struct err *e);
int crl_end(struct crl_stream *s, struct crl_signed *out, struct err *e);
void crl_stream_free(struct crl_stream *s);

/* A short one at once.  Entries in the order of w. */
int crl_build(X509 *issuer, EVP_PKEY *key, const struct crl_wish *w,
    struct blob *der, struct err *e);

#endif
