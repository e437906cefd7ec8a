/* hash.h - SHA-256, and the digest of a request. */
#ifndef X509_HASH_H
#define X509_HASH_H

#include "core/model/digest.h"

/* One digest, with an algorithm fetched once per process. */
void sha256(uint8_t out[32], const void *data, size_t size);
/* SHA-256 over request_canonical(): what an approval names. */
void request_digest(uint8_t out[32], int64_t number, const char *account,
    const char *profile, const char *subject_cn, const struct name *names,
    size_t n_names, const uint8_t spki_sha256[32],
    const uint8_t csr_sha256[32]);
/* Cryptographically strong random bytes; dies when there are none. */
void random_bytes(void *out, size_t size);

#endif
