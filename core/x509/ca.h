/*
 * ca.h - making and checking CA certificates: root, ICA, OCSP responder.
 * Used by the signer's ceremony and by import (S1.1, S1.2, S9.2).
 */
#ifndef X509_CA_H
#define X509_CA_H

#include <stdbool.h>
#include <openssl/x509.h>

#include "core/base/err.h"
#include "core/base/mem.h"

/* P-384 key; dies only when OpenSSL cannot make one. */
EVP_PKEY *ca_key_new(void);
/* Key of an ICA by its word in [signer] ica_key: P-384, P-256 or RSA-3072;
 * NULL for any other word.  Measured: certificates per CPU second, lint and
 * journal included, 505 with P-384, 333 with RSA-3072, 5,600 with P-256. */
EVP_PKEY *ica_key_new(const char *word);
/* P-256 key, for the responder. */
EVP_PKEY *responder_key_new(void);

/* The digest that a signature by this key is made with: SHA-384 for P-384 and
 * RSA of 7680 bits and more, SHA-256 otherwise. */
const EVP_MD *key_digest(const EVP_PKEY *key);

/* PKCS#8, encrypted with AES-256 and scrypt under the passphrase; and back.
 * Files are 0600 and replaced atomically. */
int key_write(const char *path, EVP_PKEY *key, const char *passphrase,
    struct err *e);
EVP_PKEY *key_read(const char *path, const char *passphrase, struct err *e);

struct ca_names {
	const char *organisation;	/* subject O */
	const char *common_name;	/* subject CN, no domain */
	const char *crl_url;		/* of the root; "" none */
	const char *issuer_url;
	const char *policy_oid;
	int days;
};

/* Self-signed root: pathLen 1, keyCertSign + cRLSign, 15 years by default. */
X509 *ca_root_new(EVP_PKEY *key, const struct ca_names *n, int64_t now,
    struct err *e);
/* ICA under a root of ours: pathLen 0, keyCertSign + cRLSign +
 * digitalSignature, EKU serverAuth + clientAuth (server) or clientAuth
 * (person). */
X509 *ca_ica_new(EVP_PKEY *ica_key, X509 *root, EVP_PKEY *root_key,
    bool person, const struct ca_names *n, int64_t now, struct err *e);
/* PKCS#10 for an outside root, with the same extensions requested; PEM. */
int ca_ica_csr(EVP_PKEY *ica_key, bool person, const struct ca_names *n,
    struct blob *pem, struct err *e);
/*
 * S1.2: is this certificate the answer to our PKCS#10?  Key, CA:TRUE, pathLen
 * 0, keyCertSign + cRLSign, EKU (absent, or with those that we issue), dates,
 * chain to one of `roots`.  Clauses import-key, import-ca, import-pathlen,
 * import-key-usage, import-eku, import-dates, import-chain.
 */
int ca_import_check(X509 *ica, EVP_PKEY *ica_key, STACK_OF(X509) *roots,
    bool person, int64_t now, struct err *e);
/* The certificate in b, PEM or DER and nothing behind it; NULL: it is none. */
X509 *ca_certificate_parse(const struct blob *b);
/* The self-signed one of `roots` that the chain of ica ends in; borrowed, NULL
 * when none does. */
X509 *ca_chain_root(X509 *ica, STACK_OF(X509) *roots, int64_t now);
/* Responder: digitalSignature, EKU OCSPSigning alone, ocsp-nocheck. */
X509 *ca_responder_new(EVP_PKEY *responder_key, X509 *ica, EVP_PKEY *ica_key,
    int generation, int days, int64_t now, struct err *e);

#endif
