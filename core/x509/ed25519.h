/*
 * ed25519.h - is a public key of Ed25519 one that anything may be believed by?
 * Libraries take any 32 bytes, and under some of them a signature that nobody
 * has made is good.
 */
#ifndef X509_ED25519_H
#define X509_ED25519_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"

#define ED25519_KEY 32

/*
 * 0 for the one spelling (RFC 8032, 5.1.3) of a point of the curve that is not
 * one of the eight of small order; -1 with clause ed25519-key.
 */
int ed25519_key_check(const uint8_t key[ED25519_KEY], struct err *e);

#endif
