/*
 * sign_check.h - are signatures of ours right?  Many of one key at once, with
 * tables made for that key: a third to a half of what one by one costs.
 */
#ifndef X509_SIGN_CHECK_H
#define X509_SIGN_CHECK_H

#include <stdbool.h>

#include "core/x509/sign_bytes.h"

struct signature_at {
	const void *data;		/* what was signed */
	size_t data_size;
	const uint8_t *signature;
	size_t size;
};

/*
 * True when each of them verifies with the public key.  False says no more
 * than that the answer is not yes: signing_verify() tells which one is bad.
 */
bool signing_verify_all(const struct signing *s, EVP_PKEY *key,
    const struct signature_at *list, size_t n);

#endif
