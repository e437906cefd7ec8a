/* proofofkey.c - is this signature by the key of that certificate? */
#include "core/x509/proofofkey.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/base/text.h"
#include "core/x509/rules.h"

#define SIGNATURE_MIN 8		/* an ECDSA signature of two small numbers */
#define SIGNATURE_MAX 512	/* RSA 4096 */

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_base64(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

static int
form_error(struct err *e)
{
	return rule_broken(e, RULE_KEY_PROOF_FORM,
	    "What came is no signature: send what `openssl dgst -sha256 -sign KEY.pem challenge.txt` writes, as it is or as base64.");
}

/* Base64 without its line ends; false when something else stands there. */
static bool
base64_collect(const uint8_t *in, size_t size, char *out, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < size; i++) {
		if (is_blank(in[i]))
			continue;
		if (!is_base64(in[i]))
			return false;
		out[(*n)++] = (char)in[i];
	}
	return true;
}

int
key_proof_read(const uint8_t *in, size_t size, struct blob *signature,
    struct err *e)
{
	uint8_t bytes[KEY_PROOF_MAX];
	char text[KEY_PROOF_MAX];
	size_t n;
	int got;

	if (size == 0 || size > KEY_PROOF_MAX)
		return form_error(e);
	if (base64_collect(in, size, text, &n)) {
		got = base64_decode(bytes, sizeof bytes, text, n);
		if (got < SIGNATURE_MIN || got > SIGNATURE_MAX)
			return form_error(e);
		blob_set(signature, bytes, (size_t)got);
		return 0;
	}
	if (size < SIGNATURE_MIN || size > SIGNATURE_MAX)
		return form_error(e);
	blob_set(signature, in, size);
	return 0;
}

static bool
signed_it(EVP_PKEY *key, const uint8_t text[32], const struct blob *signature)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	bool good = c != NULL && EVP_PKEY_verify_init(c) == 1;

	if (good && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		good = EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1;
	good = good && EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()) == 1 &&
	    EVP_PKEY_verify(c, signature->data, signature->size, text,
	    32) == 1;
	EVP_PKEY_CTX_free(c);
	ERR_clear_error();
	return good;
}

int
key_proof_find(const uint8_t *der, size_t size, const uint8_t (*texts)[32],
    size_t n, const struct blob *signature, int *which, struct err *e)
{
	const uint8_t *p = der;
	X509 *certificate = d2i_X509(NULL, &p, (long)size);
	EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
	int id = key ? EVP_PKEY_get_base_id(key) : 0;

	*which = -1;
	if (id != EVP_PKEY_RSA && id != EVP_PKEY_EC) {
		X509_free(certificate);
		ERR_clear_error();
		return err_set(e, ERR_BROKEN, "certificate",
		    "the key of a stored certificate cannot be read");
	}
	for (size_t i = 0; i < n && *which < 0; i++)
		if (signed_it(key, texts[i], signature))
			*which = (int)i;
	X509_free(certificate);
	return 0;
}
