/*
 * sshsig.h - signatures of `ssh-keygen -Y sign` (OpenSSH PROTOCOL.sshsig):
 * read, and verified by libcrypto.  Takes ssh-ed25519, ECDSA with P-256 and
 * P-384, RSA of 2048 to 8192 bits with SHA-2, and the FIDO kinds of ed25519
 * and P-256.
 */
#ifndef X509_SSHSIG_H
#define X509_SSHSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/mem.h"

#define SSHSIG_MAX 8192		/* bytes of an armoured signature */
#define SSHSIG_KEY_MAX 2048

struct sshsig {
	uint8_t key[SSHSIG_KEY_MAX];	/* the public key's blob */
	size_t key_size;
	char space[64];			/* its namespace */
	char hash[16];			/* sha256 or sha512 */
	uint8_t signature[2048];
	size_t signature_size;
};

/* Read the armour, or its bytes; clause sshsig-form.  Text around the armour
 * is refused, but for white space. */
int sshsig_parse(const uint8_t *data, size_t size, struct sshsig *s,
    struct err *e);
/*
 * Was `message` signed by the key in *s, in this namespace?  Clauses
 * sshsig-namespace, sshsig-key, sshsig-signature; a FIDO key without a touch
 * sshsig-presence, and without a PIN or finger, when `verified` is wanted,
 * sshsig-verification (so is any key that is not FIDO).
 */
int sshsig_verify(const struct sshsig *s, const char *space,
    const void *message, size_t size, bool verified, struct err *e);
/* The blob of a line "TYPE BASE64 [COMMENT]", of a key that a signature may be
 * believed by; clauses sshsig-key, ed25519-key. */
int sshsig_key_line(const char *line, uint8_t key[SSHSIG_KEY_MAX],
    size_t *size, struct err *e);

#endif
