/* sign_bytes.c - signing DER that was built by hand (RFC 5758, RFC 4055),
 * with the contexts of a key kept: to make them costs a quarter of a
 * signature. */
#include "core/x509/sign_bytes.h"

#include <openssl/rsa.h>

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

/* ---- hashing with what was fetched once ---- */

bool
signing_hash(const struct signing *s, const void *data, size_t size,
    uint8_t *out, unsigned *out_size)
{
	static EVP_MD *md[2];
	static EVP_MD_CTX *ctx;
	int longer = s == &ec[1] || s == &rsa[1];

	if (md[longer] == NULL)
		md[longer] = EVP_MD_fetch(NULL, longer ? "SHA384" : "SHA256",
		    NULL);
	if (ctx == NULL)
		ctx = EVP_MD_CTX_new();
	return md[longer] != NULL && ctx != NULL &&
	    EVP_DigestInit_ex2(ctx, md[longer], NULL) == 1 &&
	    EVP_DigestUpdate(ctx, data, size) == 1 &&
	    EVP_DigestFinal_ex(ctx, out, out_size) == 1;
}

/* ---- contexts of keys ---- */

#define KEPT 8

/* Each context holds its key, so that no other key can take the address. */
struct kept {
	const EVP_PKEY *key;
	const struct signing *signing;	/* one key may sign with both hashes */
	EVP_PKEY_CTX *ctx;
};

/* The context of a key from the list, or a new one in the oldest's place. */
static EVP_PKEY_CTX *
kept_find(struct kept list[KEPT], unsigned *next, const struct signing *s,
    EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = NULL;

	for (int i = 0; i < KEPT; i++)
		if (list[i].ctx != NULL && list[i].key == key &&
		    list[i].signing == s)
			return list[i].ctx;
	ctx = key != NULL ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	if (ctx == NULL || init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, s->digest()) != 1 ||
	    (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1)) {
		EVP_PKEY_CTX_free(ctx);
		return NULL;
	}
	EVP_PKEY_CTX_free(list[*next].ctx);
	list[*next] = (struct kept){ key, s, ctx };
	*next = (*next + 1) % KEPT;
	return ctx;
}

int
signing_sign(const struct signing *s, EVP_PKEY *key, const void *data,
    size_t data_size, uint8_t *signature, size_t *size, struct err *e)
{
	static struct kept list[KEPT];
	static unsigned next;
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned hash_size = 0;
	EVP_PKEY_CTX *ctx = kept_find(list, &next, s, key,
	    EVP_PKEY_sign_init);

	if (ctx != NULL && signing_hash(s, data, data_size, hash, &hash_size) &&
	    EVP_PKEY_sign(ctx, signature, size, hash, hash_size) == 1)
		return 0;
	return err_set(e, ERR_BROKEN, "sign", "OpenSSL refuses to sign");
}

bool
signing_verify(const struct signing *s, EVP_PKEY *key, const void *data,
    size_t data_size, const uint8_t *signature, size_t size)
{
	static struct kept list[KEPT];
	static unsigned next;
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned hash_size = 0;
	EVP_PKEY_CTX *ctx = kept_find(list, &next, s, key,
	    EVP_PKEY_verify_init);

	return ctx != NULL && signing_hash(s, data, data_size, hash,
	    &hash_size) && EVP_PKEY_verify(ctx, signature, size, hash,
	    hash_size) == 1;
}

void
signature_put(struct buf *b, const struct signing *s,
    const uint8_t *signature, size_t size)
{
	buf_put(b, s->algorithm, s->algorithm_size);
	der_put_head(b, DER_BIT_STRING, size + 1);
	buf_put_u8(b, 0);		/* no unused bits */
	buf_put(b, signature, size);
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
	signature_put(b, s, signature, size);
	return 0;
}
