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

/*
 * Build the certificate of w (profile, names, spki, dates, serial), sign it,
 * parse the result again and check it against w (lint_certificate()).
 * *der is the caller's.  Errors name the rule (cert-*, profile-*, lint-*).
 * RFC 5280, 6120 13.7, 4985; fields as in xmpp.md 7.
 */
int cert_issue(const struct cert_frame *f, const struct sign_wish *w,
    struct blob *der, struct err *e);

/* A finished certificate against what was wished: names (own DER reader),
 * CN, dates, key, serial, CA:FALSE, key usage, EKU, AKI, SKI, policy, URLs,
 * no further extension; and the issuer's signature (S5.1, S5.6). */
int lint_certificate(const struct cert_frame *f, const struct sign_wish *w,
    const uint8_t *der, size_t size, struct err *e);

/* Fill certificate->names, subject_cn, dates, fingerprint, key and serial
 * from DER (a certificate of ours). */
int cert_describe(const uint8_t *der, size_t size, struct certificate *out,
    struct err *e);

/* PEM with LF line ends, appended; and the text form of `openssl x509 -text`
 * with every foreign string rendered. */
void cert_pem(struct buf *b, const uint8_t *der, size_t size);
void cert_text(struct buf *b, const uint8_t *der, size_t size);

/* "RSA 2048", "EC P-256", ...: the key of an SPKI, in words. */
void spki_words(const uint8_t *spki, size_t size, char out[64]);

#endif
