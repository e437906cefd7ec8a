/*
 * leaf.h - a certificate of ours read back as bytes, without libcrypto: for
 * the lint and for descriptions.
 */
#ifndef X509_LEAF_H
#define X509_LEAF_H

#include "core/base/err.h"
#include "core/model/nouns.h"
#include "core/x509/tlv.h"

enum leaf_extension {
	LEAF_BASIC, LEAF_KEY_USAGE, LEAF_EKU, LEAF_SKI, LEAF_AKI, LEAF_SAN,
	LEAF_POLICIES, LEAF_AIA, LEAF_CDP,
	LEAF_EXTENSIONS
};

struct leaf {
	struct der tbs;			/* whole, what is signed */
	struct der serial;		/* content */
	struct der algorithm[2];	/* whole; inside the TBS and outside */
	struct der issuer;		/* whole */
	struct der subject;		/* content */
	struct der spki;		/* whole */
	struct der signature;
	int64_t not_before, not_after;
	struct {
		bool present, critical;
		struct der value;	/* content of the OCTET STRING */
	} extensions[LEAF_EXTENSIONS];
};

/* Clause lint-form, or lint-extension for an unknown or repeated one. */
int leaf_read(const uint8_t *der, size_t size, struct leaf *out,
    struct err *e);

/* The subject when it is a CN (UTF8String) alone, or a serialNumber
 * (PrintableString) alone: exactly one of the two is not empty. */
int leaf_subject(const struct leaf *l, char cn[65], char serial[42],
    struct err *e);

/* The subjectAltName as names; appended.  Clause lint-san. */
int leaf_names(const struct leaf *l, struct name **names, size_t *n,
    struct err *e);

#endif
