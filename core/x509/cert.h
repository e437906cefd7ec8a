/*
 * cert.h - building, signing and re-reading a certificate.
 */
#ifndef X509_CERT_H
#define X509_CERT_H

#include <openssl/x509.h>

#include "core/x509/profile.h"

/* What every certificate of an issuer has in common. */
struct cert_frame {
	X509 *issuer;			/* ICA certificate, borrowed */
	EVP_PKEY *key;			/* ICA key, borrowed */
	char policy_oid[64];
	char cps_url[512];		/* "" none */
	char ocsp_url[512];		/* BASE/ocsp */
	char issuer_url[512];		/* BASE/ca/NAME.crt */
	char crl_url[512];		/* BASE/crl/NAME.crl */
};

#define SHARDS_MAX 64

/* BASE/crl/NAME.crl, or of a shard BASE/crl/NAME-K.crl: what the certificate
 * and that shard's CRL both say. */
int cert_crl_url(const struct cert_frame *f, int64_t shard, char dst[512],
    struct err *e);

/*
 * Build the certificate of w (profile, names, spki, dates, serial), lint a
 * copy that a throw-away key signed, sign it, parse the result again and check
 * it against w: names (own DER reader), CN, dates, key, serial, CA:FALSE, key
 * usage, EKU, AKI, SKI, policy, URLs, no further extension (S5.1, S5.6).
 * Nothing of *der may leave before certs_verify() found it good.
 * *der is the caller's, to be freed; empty after -1.  Errors name the rule (cert-*, profile-*, lint-*).
 * RFC 5280, 6120 13.7, 4985; fields as in xmpp.md 7.
 */
int cert_sign(const struct cert_frame *f, const struct sign_wish *w,
    struct blob *der, struct err *e);
/* Does each verify with the key of the issuer's certificate?  Many at once
 * cost less than half (sign_check.h).  What is not good is unmade by the
 * caller. */
void certs_verify(const struct cert_frame *f, struct blob *const *ders,
    size_t n, bool *good);
/* Wipe and free: a signature that went wrong can tell the key. */
void cert_unmake(struct blob *der);

/* Fill certificate->names, subject_cn, dates, fingerprint, key and serial
 * from DER (a certificate of ours). */
int cert_describe(const uint8_t *der, size_t size, struct certificate *out,
    struct err *e);

/* SHA-256 of the DER, upper-case hex with colons, as OpenSSL prints it. */
void cert_fingerprint(char out[96], const uint8_t *der, size_t size);

/* PEM with LF line ends, appended; and the text form of `openssl x509 -text`
 * with every foreign string rendered. */
void cert_pem(struct buf *b, const uint8_t *der, size_t size);
void cert_text(struct buf *b, const uint8_t *der, size_t size);

/* "RSA 2048", "EC P-256", ...: the key of an SPKI, in words. */
void spki_words(const uint8_t *spki, size_t size, char out[64]);

#endif
