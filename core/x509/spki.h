/*
 * spki.h - the rules for a subscriber's public key (rules key-*; S5.5).
 */
#ifndef X509_SPKI_H
#define X509_SPKI_H

#include "core/base/err.h"
#include "core/x509/tlv.h"

enum spki_kind { SPKI_OTHER, SPKI_RSA, SPKI_EC };

struct spki {
	enum spki_kind kind;
	struct der whole;		/* SubjectPublicKeyInfo */
	struct der algorithm;		/* content of the AlgorithmIdentifier's OID */
	struct tlv parameters;		/* whole.left 0: none */
	struct der bits;		/* of the BIT STRING, without the count */
	struct der modulus, exponent;	/* RSA, without leading zero */
	unsigned size;			/* bits of the modulus or of the curve */
};

/* Pull the DER apart; -1 with rule key-encoding when it is none.  Unknown
 * algorithms come back as SPKI_OTHER. */
int spki_read(const uint8_t *der, size_t size, struct spki *out,
    struct err *e);

/* May this key be certified?  Rules key-*.  For RSA the numbers are looked at
 * too (some milliseconds): for intake. */
int spki_check(const struct spki *k, struct err *e);
/* The same without the RSA numbers (microseconds): for the signer. */
int spki_form_check(const struct spki *k, struct err *e);

/* rsa.c: factor, prime, power, Fermat, ROCA. */
int rsa_check(const struct spki *k, struct err *e);

#endif
