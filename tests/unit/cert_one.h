/* cert_one.h - one certificate alone, as the signer makes a batch of them. */
#ifndef TESTS_CERT_ONE_H
#define TESTS_CERT_ONE_H

#include "core/x509/certsign.h"
#include "core/x509/rules.h"

static inline int
cert_issue(const struct cert_frame *f, const struct sign_wish *w,
    struct blob *der, struct err *e)
{
	struct blob *one = der;
	bool good = false;

	if (cert_sign(f, w, der, e) != 0)
		return -1;
	certs_verify(f, &one, 1, &good);
	if (good)
		return 0;
	cert_unmake(der);
	return rule_broken(e, RULE_LINT_SIGNATURE, "it does not verify");
}

/* The fields against the wish, then the signature. */
static inline int
lint_certificate(const struct cert_frame *f, const struct sign_wish *w,
    const uint8_t *der, size_t size, struct err *e)
{
	struct blob *one = &(struct blob){ .data = (uint8_t *)der,
		.size = size };
	struct sign_frame s;
	bool good = false;

	if (sign_frame_init(&s, f, w, e) != 0 ||
	    lint_fields(&s, w, der, size, e) != 0)
		return -1;
	certs_verify(f, &one, 1, &good);
	return good ? 0 : rule_broken(e, RULE_LINT_SIGNATURE,
	    "it does not verify");
}

#endif
