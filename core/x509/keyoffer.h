/*
 * keyoffer.h - private keys that people paste by mistake: noticed before
 * anything else is read, so that they are never stored and get blocked.
 */
#ifndef X509_KEYOFFER_H
#define X509_KEYOFFER_H

#include <stdbool.h>

#include "core/base/mem.h"

/*
 * Does a private key lie in the input (PEM of any kind, PKCS#8, PKCS#1, SEC1
 * or PKCS#12 as DER, or base64 of one)?  *spki becomes its public part when
 * that can be had without a passphrase, and the input proves that whoever
 * sent it has the private part (RSA with its factors; EC on P-256 and P-384).
 */
bool key_offered_in(const uint8_t *in, size_t size, struct blob *spki);

#endif
