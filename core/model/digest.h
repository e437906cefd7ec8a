/*
 * digest.h - the bytes that an approval is about.
 *
 * The digest names everything that the certificate will say and everything
 * that the decision rested on: request number, account, profile, subject CN,
 * names in order, key and CSR.  The console shows it, the decision carries it,
 * the signer gets it.  Model code may not hash, so these are the canonical
 * bytes; SHA-256 over them is the digest (core/x509/hash.h).
 */
#ifndef MODEL_DIGEST_H
#define MODEL_DIGEST_H

#include "core/base/buf.h"
#include "core/model/nouns.h"

/* Appends "xmpp-ica request v1\n" and the length-prefixed fields. */
void request_canonical(struct buf *b, int64_t number, const char *account,
    const char *profile, const char *subject_cn, const struct name *names,
    size_t n_names, const uint8_t spki_sha256[32],
    const uint8_t csr_sha256[32]);

#endif
