/* sshsig_key.h - the kinds of keys that an SSH signature may be made by. */
#ifndef X509_SSHSIG_KEY_H
#define X509_SSHSIG_KEY_H

#include "core/x509/sshsig.h"

/* Is a public key's blob of a kind that is taken, and a key that may be
 * believed?  Clauses sshsig-key, ed25519-key. */
int sshsig_key_check(const uint8_t *blob, size_t size, struct err *e);
/* The last step of sshsig_verify(): the key in *s over these bytes. */
int sshsig_key_verify(const struct sshsig *s, const uint8_t *data,
    size_t size, bool verified, struct err *e);

#endif
