/* ca_import.c - is this the certificate that our ICA key waits for (S1.2)? */
#include "core/x509/ca.h"

#include <time.h>
#include <openssl/x509v3.h>

/* Verify up to a self-signed one of roots; NULL and OpenSSL's code when it
 * does not.  112 bits of security at every step: no SHA-1, no RSA 1024. */
static X509 *
chain_end(X509 *ica, STACK_OF(X509) *roots, int64_t now, int *why)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	X509 *found = NULL, *end;
	STACK_OF(X509) *chain;

	*why = X509_V_ERR_UNSPECIFIED;
	if (store == NULL || c == NULL)
		goto out;
	for (int i = 0; i < sk_X509_num(roots); i++) {
		X509 *x = sk_X509_value(roots, i);

		if (X509_self_signed(x, 1) == 1)
			X509_STORE_add_cert(store, x);
	}
	if (X509_STORE_CTX_init(c, store, ica, roots) != 1)
		goto out;
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(c), (time_t)now);
	X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(c), 2);
	if (X509_verify_cert(c) == 1) {
		chain = X509_STORE_CTX_get0_chain(c);
		end = sk_X509_value(chain, sk_X509_num(chain) - 1);
		for (int i = 0; i < sk_X509_num(roots); i++)
			if (X509_cmp(sk_X509_value(roots, i), end) == 0)
				found = sk_X509_value(roots, i);
		*why = X509_V_OK;
	} else {
		*why = X509_STORE_CTX_get_error(c);
	}
out:
	X509_STORE_CTX_free(c);
	X509_STORE_free(store);
	return found;
}

X509 *
ca_chain_root(X509 *ica, STACK_OF(X509) *roots, int64_t now)
{
	int why;

	return chain_end(ica, roots, now, &why);
}

static int
uses_check(X509 *ica, bool person, struct err *e)
{
	uint32_t have = X509_get_extended_key_usage(ica);
	uint32_t need = person ? XKU_SSL_CLIENT : XKU_SSL_SERVER |
	    XKU_SSL_CLIENT;

	if (have == UINT32_MAX)		/* no such extension: all uses */
		return 0;
	if ((have & need) != need)
		return err_set(e, ERR_REFUSED, "import-eku",
		    "the extended key usage lacks %s: have the root sign it "
		    "with the usages of the PKCS#10, or with none",
		    person ? "clientAuth" : "serverAuth or clientAuth");
	if (have & XKU_OCSP_SIGN)
		return err_set(e, ERR_REFUSED, "import-eku",
		    "the extended key usage has OCSPSigning, which would let "
		    "this ICA answer for its siblings (RFC 6960 4.2.2.2)");
	return 0;
}

static int
ca_bits_check(X509 *ica, struct err *e)
{
	uint32_t flags = X509_get_extension_flags(ica);
	uint32_t need = KU_KEY_CERT_SIGN | KU_CRL_SIGN;

	if ((flags & EXFLAG_INVALID) || X509_get_version(ica) !=
	    X509_VERSION_3 || !(flags & EXFLAG_BCONS) || !(flags & EXFLAG_CA))
		return err_set(e, ERR_REFUSED, "import-ca",
		    "this is no CA certificate: it wants version 3 and "
		    "basicConstraints with CA:TRUE (RFC 5280 4.2.1.9)");
	if (X509_get_pathlen(ica) != 0)
		return err_set(e, ERR_REFUSED, "import-pathlen",
		    "the path length is %ld (-1: none): it must be 0, so that "
		    "no further CA can stand below",
		    X509_get_pathlen(ica));
	if (!(flags & EXFLAG_KUSAGE) ||
	    (X509_get_key_usage(ica) & need) != need)
		return err_set(e, ERR_REFUSED, "import-key-usage",
		    "the key usage wants keyCertSign and cRLSign");
	return 0;
}

int
ca_import_check(X509 *ica, EVP_PKEY *ica_key, STACK_OF(X509) *roots,
    bool person, int64_t now, struct err *e)
{
	EVP_PKEY *key = X509_get0_pubkey(ica);
	time_t t = (time_t)now;
	int why = X509_V_OK;

	if (key == NULL || EVP_PKEY_eq(key, ica_key) != 1)
		return err_set(e, ERR_REFUSED, "import-key",
		    "the certificate is for another key than the one that "
		    "waits here: is it the answer to this PKCS#10?");
	if (ca_bits_check(ica, e) < 0 || uses_check(ica, person, e) < 0)
		return -1;
	if (X509_cmp_time(X509_get0_notBefore(ica), &t) >= 0 ||
	    X509_cmp_time(X509_get0_notAfter(ica), &t) <= 0)
		return err_set(e, ERR_REFUSED, "import-dates",
		    "the certificate is not valid now: check its dates and "
		    "this host's clock");
	if (X509_get_extension_flags(ica) & EXFLAG_SI)
		return err_set(e, ERR_REFUSED, "import-chain",
		    "the certificate names itself as its issuer: it must be "
		    "signed by a root");
	if (chain_end(ica, roots, now, &why) == NULL)
		return err_set(e, ERR_REFUSED, "import-chain",
		    "no chain to one of the given roots: %s; give the root "
		    "and what stands between",
		    X509_verify_cert_error_string(why));
	return 0;
}
