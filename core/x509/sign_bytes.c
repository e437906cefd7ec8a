/* sign_bytes.c - signing DER that was built by hand (RFC 5758, RFC 4055). */
#include "core/x509/sign_bytes.h"

#include "core/x509/ca.h"
#include "core/x509/der.h"

static const uint8_t ecdsa_sha256[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
	0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
static const uint8_t ecdsa_sha384[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
	0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 };
static const uint8_t rsa_sha256[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
	0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00 };
static const uint8_t rsa_sha384[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
	0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c, 0x05, 0x00 };

/* First for SHA-256, then for SHA-384. */
static const struct signing ec[] = {
	{ EVP_sha256, ecdsa_sha256, sizeof ecdsa_sha256 },
	{ EVP_sha384, ecdsa_sha384, sizeof ecdsa_sha384 },
}, rsa[] = {
	{ EVP_sha256, rsa_sha256, sizeof rsa_sha256 },
	{ EVP_sha384, rsa_sha384, sizeof rsa_sha384 },
};

const struct signing *
signing_of(const EVP_PKEY *key)
{
	int longer = key_digest(key) == EVP_sha384();

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
		return &ec[longer];
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return &rsa[longer];
	return NULL;
}

int
signing_sign(const struct signing *s, EVP_PKEY *key, const void *data,
    size_t data_size, uint8_t *signature, size_t *size, struct err *e)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, s->digest(),
	    NULL, key) == 1 && EVP_DigestSign(ctx, signature, size, data,
	    data_size) == 1;

	EVP_MD_CTX_free(ctx);
	if (ok)
		return 0;
	return err_set(e, ERR_BROKEN, "sign", "OpenSSL refuses to sign");
}

int
signing_append(struct buf *b, size_t from, const struct signing *s,
    EVP_PKEY *key, struct err *e)
{
	uint8_t signature[SIGNATURE_MAX];
	size_t size = sizeof signature;

	if (signing_sign(s, key, b->data + from, b->size - from, signature,
	    &size, e) < 0)
		return -1;
	buf_put(b, s->algorithm, s->algorithm_size);
	der_put_head(b, DER_BIT_STRING, size + 1);
	buf_put_u8(b, 0);		/* no unused bits */
	buf_put(b, signature, size);
	return 0;
}
