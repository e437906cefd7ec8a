/*
 * proofofkey.h - a signature by the key of a certificate over a text that we
 * gave: who can make it may have the certificate revoked (rules key-proof-*).
 */
#ifndef X509_PROOFOFKEY_H
#define X509_PROOFOFKEY_H

#include "core/base/err.h"
#include "core/base/mem.h"

#define KEY_PROOF_MAX 4096	/* bytes of an answer, with its base64 */

/*
 * What came as an answer: the bytes of `openssl dgst -sha256 -sign`, or their
 * base64 in any number of lines.  *signature becomes the bytes; -1 with rule
 * key-proof-form when it can be neither.
 */
int key_proof_read(const uint8_t *in, size_t size, struct blob *signature,
    struct err *e);

/*
 * Which of the texts, given by their SHA-256, did the key of this certificate
 * (DER) sign (RSA PKCS#1 v1.5 or ECDSA, with SHA-256)?  *which is its place,
 * -1 when it signed none of them.
 */
int key_proof_find(const uint8_t *der, size_t size,
    const uint8_t (*texts)[32], size_t n, const struct blob *signature,
    int *which, struct err *e);

#endif
