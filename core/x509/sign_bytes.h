/* sign_bytes.h - signatures over bytes that were built by hand. */
#ifndef X509_SIGN_BYTES_H
#define X509_SIGN_BYTES_H

#include <stdbool.h>
#include <openssl/evp.h>

#include "core/base/buf.h"
#include "core/base/err.h"

struct signing {
	const EVP_MD *(*digest)(void);
	const uint8_t *algorithm;	/* AlgorithmIdentifier, DER */
	size_t algorithm_size;
};

/* By kind and size of the key; NULL: neither EC nor RSA. */
const struct signing *signing_of(const EVP_PKEY *key);

#define SIGNATURE_MAX 1024

/* Sign data; *size comes in as the room, leaves as the length. */
int signing_sign(const struct signing *s, EVP_PKEY *key, const void *data,
    size_t data_size, uint8_t *signature, size_t *size, struct err *e);
/* Is it that key's signature over data?  For keys that live long: the key is
 * held until eight others were used. */
bool signing_verify(const struct signing *s, EVP_PKEY *key, const void *data,
    size_t data_size, const uint8_t *signature, size_t size);
/* The digest of data; out has room for EVP_MAX_MD_SIZE. */
bool signing_hash(const struct signing *s, const void *data, size_t data_size,
    uint8_t *out, unsigned *out_size);
/* Algorithm and BIT STRING behind what was signed. */
void signature_put(struct buf *b, const struct signing *s,
    const uint8_t *signature, size_t size);
/* Sign what b holds from `from` on, and append algorithm and BIT STRING. */
int signing_append(struct buf *b, size_t from, const struct signing *s,
    EVP_PKEY *key, struct err *e);

#endif
