/*
 * certsign.h - what building, signing and linting a certificate share; for
 * cert.c and lint.c alone.
 */
#ifndef X509_CERTSIGN_H
#define X509_CERTSIGN_H

#include "core/x509/cert.h"
#include "core/x509/sign_bytes.h"
#include "core/x509/tlv.h"

/* A cert_frame and a serial, pulled apart for use. */
struct sign_frame {
	const struct cert_frame *frame;
	const struct signing *signing;	/* how the issuer signs */
	bool rsa;
	struct der algorithm;		/* AlgorithmIdentifier, whole */
	struct der issuer;		/* Name, whole */
	struct der issuer_id;		/* for the AKI */
	struct der policy;		/* OID's content */
	uint8_t policy_oid[64];
	uint8_t issuer_id_bytes[20];
	uint8_t serial[20];
	size_t serial_size;
	int64_t not_before, not_after;	/* of the issuer */
	char crl_url[512];		/* of the certificate's shard */
};

/* Clauses cert-frame, cert-serial. */
int sign_frame_init(struct sign_frame *s, const struct cert_frame *f,
    const struct sign_wish *w, struct err *e);

/* RFC 5280 4.2.1.2 (1): SHA-1 over the BIT STRING's bits. */
void key_id(uint8_t out[20], const struct der *bits);

/* Sign as signing_append() does, with a key of the issuer's kind that was made
 * in this process and is never written anywhere (throwaway.c). */
int throw_away_append(struct buf *b, size_t from, const struct sign_frame *s,
    struct err *e);
/* The public half for tests: what throw_away_append() signs verifies. */
EVP_PKEY *throw_away_key(const struct sign_frame *s);

/* A finished certificate against what was wished, all but its signature:
 * what cert_sign() says of itself.  Clauses lint-*, key-*. */
int lint_fields(const struct sign_frame *s, const struct sign_wish *w,
    const uint8_t *der, size_t size, struct err *e);

#endif
