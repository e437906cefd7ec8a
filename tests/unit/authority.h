/* authority.h - a root, an ICA and a responder in memory, for tests. */
#ifndef UNIT_AUTHORITY_H
#define UNIT_AUTHORITY_H

#include "core/base/clock.h"
#include "core/x509/ca.h"
#include "tests/unit/openssl_judge.h"

struct authority {
	EVP_PKEY *root_key, *key, *responder_key;
	X509 *root, *ica, *responder;
};

static const struct ca_names authority_root = { "XMPP Federation",
	"XMPP Federation Root", "", "", "1.3.6.1.4.1.99999.1.1.1", 5479 };
static const struct ca_names authority_ica = { "XMPP Federation",
	"XMPP Federation Server ICA 1", "http://ca.example/crl/root.crl",
	"http://ca.example/ca/root.crt", "1.3.6.1.4.1.99999.1.1.1", 1826 };

static inline struct authority
authority_new(EVP_PKEY *key)
{
	struct authority a = { .root_key = ca_key_new(),
		.key = key ? key : ca_key_new(),
		.responder_key = responder_key_new() };
	int64_t now = clock_now();

	a.root = ca_root_new(a.root_key, &authority_root, now, NULL);
	a.ica = ca_ica_new(a.key, a.root, a.root_key, false, &authority_ica,
	    now, NULL);
	a.responder = ca_responder_new(a.responder_key, a.ica, a.key, 1, 30,
	    now, NULL);
	if (a.root == NULL || a.ica == NULL || a.responder == NULL)
		abort();
	put_certificate("root.pem", a.root);
	put_certificate("ica.pem", a.ica);
	put_certificate("responder.pem", a.responder);
	return a;
}

static inline void
authority_free(struct authority *a)
{
	EVP_PKEY_free(a->root_key);
	EVP_PKEY_free(a->key);
	EVP_PKEY_free(a->responder_key);
	X509_free(a->root);
	X509_free(a->ica);
	X509_free(a->responder);
}

#endif
