/*
 * throwaway.c - signatures of a key that is worth nothing, for the copy that
 * is linted before the issuer's key is used (S5.6).
 *
 * They are real signatures, and verify; but an ECDSA one is made here without
 * a curve: its nonce is drawn once and used again, which for a key of worth
 * would give the key away.  This one was drawn in this process, signs only
 * copies that never leave it, and is known to nobody who could not as well
 * make another.  No other key can come into this file: it takes none.
 */
#include "core/x509/certsign.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "core/base/log.h"

static EVP_PKEY *rsa_key;
static struct {
	EVP_PKEY *key;
	BN_CTX *ctx;
	BIGNUM *order;
	BIGNUM *r;		/* x of nonce * G */
	BIGNUM *r_secret;	/* r * secret */
	BIGNUM *inverse;	/* 1 / nonce */
} ec;

/* The private key of another pair is the nonce, its x the half of every
 * signature. */
static bool
ec_derive(EVP_PKEY *nonce)
{
	BIGNUM *secret = NULL, *k = NULL, *x = NULL;
	bool good;

	ec.ctx = BN_CTX_new();
	ec.r = BN_new();
	ec.r_secret = BN_new();
	ec.inverse = BN_new();
	good = ec.ctx && ec.r && ec.r_secret && ec.inverse &&
	    EVP_PKEY_get_bn_param(ec.key, OSSL_PKEY_PARAM_EC_ORDER,
	    &ec.order) == 1 &&
	    EVP_PKEY_get_bn_param(ec.key, OSSL_PKEY_PARAM_PRIV_KEY,
	    &secret) == 1 &&
	    EVP_PKEY_get_bn_param(nonce, OSSL_PKEY_PARAM_PRIV_KEY, &k) == 1 &&
	    EVP_PKEY_get_bn_param(nonce, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
	    BN_nnmod(ec.r, x, ec.order, ec.ctx) == 1 &&
	    BN_mod_mul(ec.r_secret, ec.r, secret, ec.order, ec.ctx) == 1 &&
	    BN_mod_inverse(ec.inverse, k, ec.order, ec.ctx) != NULL;
	BN_free(secret);
	BN_free(k);
	BN_free(x);
	return good;
}

static void
ec_make(void)
{
	EVP_PKEY *nonce = EVP_EC_gen("P-256");

	ec.key = EVP_EC_gen("P-256");
	if (ec.key == NULL || nonce == NULL || !ec_derive(nonce))
		fatal("libcrypto makes no key");
	EVP_PKEY_free(nonce);
}

/* s = (hash + r * secret) / nonce; size 0 when libcrypto has no memory. */
static size_t
ec_sign(const uint8_t *hash, unsigned size, uint8_t out[SIGNATURE_MAX])
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_dup(ec.r), *s = BN_new();
	int n = -1;

	/* of a longer hash the leftmost octets count */
	if (pair != NULL && r != NULL && s != NULL &&
	    BN_bin2bn(hash, size < 32 ? (int)size : 32, s) != NULL &&
	    BN_mod_add(s, s, ec.r_secret, ec.order, ec.ctx) == 1 &&
	    BN_mod_mul(s, s, ec.inverse, ec.order, ec.ctx) == 1 &&
	    ECDSA_SIG_set0(pair, r, s) == 1) {
		r = s = NULL;		/* the pair's now */
		n = i2d_ECDSA_SIG(pair, &out);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(pair);
	return n > 0 ? (size_t)n : 0;
}

EVP_PKEY *
throw_away_key(const struct sign_frame *s)
{
	if (!s->rsa && ec.key == NULL)
		ec_make();
	if (s->rsa && rsa_key == NULL &&
	    (rsa_key = EVP_RSA_gen(2048)) == NULL)
		fatal("libcrypto makes no key");
	return s->rsa ? rsa_key : ec.key;
}

int
throw_away_append(struct buf *b, size_t from, const struct sign_frame *s,
    struct err *e)
{
	EVP_PKEY *key = throw_away_key(s);
	uint8_t hash[EVP_MAX_MD_SIZE], signature[SIGNATURE_MAX];
	unsigned hash_size = 0;
	size_t size = 0;

	if (s->rsa)
		return signing_append(b, from, s->signing, key, e);
	if (signing_hash(s->signing, b->data + from, b->size - from, hash,
	    &hash_size))
		size = ec_sign(hash, hash_size, signature);
	if (size == 0)
		return err_set(e, ERR_BROKEN, "sign",
		    "libcrypto refuses to sign the copy for the lint");
	signature_put(b, s->signing, signature, size);
	return 0;
}
