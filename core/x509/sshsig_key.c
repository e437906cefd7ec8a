/* sshsig_key.c - each kind of SSH key as libcrypto wants it, and its
 * signatures; for FIDO kinds what the authenticator says of its user. */
#include "core/x509/sshsig_key.h"

#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "core/base/buf.h"
#include "core/x509/ed25519.h"
#include "core/x509/hash.h"

#define USER_PRESENT 0x01
#define USER_VERIFIED 0x04

enum family { ED25519, ECDSA, RSA_SHA2 };

static const struct kind {
	const char *type;
	enum family family;
	bool fido;
	const char *curve, *group;	/* as SSH and as OpenSSL call it */
	const char *hash;
} kinds[] = {
	{ "ssh-ed25519", ED25519, false, NULL, NULL, NULL },
	{ "ecdsa-sha2-nistp256", ECDSA, false, "nistp256", "P-256",
	  "SHA256" },
	{ "ecdsa-sha2-nistp384", ECDSA, false, "nistp384", "P-384",
	  "SHA384" },
	{ "ssh-rsa", RSA_SHA2, false, NULL, NULL, NULL },
	{ "sk-ssh-ed25519@openssh.com", ED25519, true, NULL, NULL, NULL },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", ECDSA, true, "nistp256",
	  "P-256", "SHA256" },
};

static const struct kind *
kind_of(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].type, type) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- keys ---- */

static EVP_PKEY *
from_params(const char *algorithm, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
	EVP_PKEY *key = NULL;

	if (params == NULL || ctx == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &key,
	    EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *
ec_key(const struct kind *k, struct reader *r)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *check = NULL;
	EVP_PKEY *key = NULL;
	char curve[32];
	const uint8_t *q;
	size_t n;

	reader_str(r, curve, sizeof curve);
	q = reader_bytes(r, 256, &n);
	if (!r->bad && q != NULL && strcmp(curve, k->curve) == 0 &&
	    n > 0 && q[0] == POINT_CONVERSION_UNCOMPRESSED &&
	    build != NULL && OSSL_PARAM_BLD_push_utf8_string(build,
	    OSSL_PKEY_PARAM_GROUP_NAME, k->group, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	    q, n) == 1)
		key = from_params("EC", build);
	OSSL_PARAM_BLD_free(build);
	/* the point is on the curve */
	check = key != NULL ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) :
	    NULL;
	if (key != NULL && (check == NULL ||
	    EVP_PKEY_public_check(check) != 1)) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	EVP_PKEY_CTX_free(check);
	return key;
}

static EVP_PKEY *
rsa_key(struct reader *r)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	size_t n_e, n_n;
	const uint8_t *e = reader_bytes(r, 8, &n_e);
	const uint8_t *n = reader_bytes(r, 1025, &n_n);
	BIGNUM *be = NULL, *bn = NULL;
	EVP_PKEY *key = NULL;

	if (r->bad || e == NULL || n == NULL)
		goto out;
	be = BN_bin2bn(e, (int)n_e, NULL);
	bn = BN_bin2bn(n, (int)n_n, NULL);
	if (be == NULL || bn == NULL || build == NULL ||
	    BN_num_bits(bn) < 2048 || BN_num_bits(bn) > 8192 ||
	    !BN_is_odd(be) || !BN_is_odd(bn) || BN_num_bits(be) < 2 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, be) != 1)
		goto out;
	key = from_params("RSA", build);
out:
	OSSL_PARAM_BLD_free(build);
	BN_free(be);
	BN_free(bn);
	return key;
}

/* NULL without an error: no 32 bytes. */
static EVP_PKEY *
ed25519_key(struct reader *r, struct err *e)
{
	size_t n;
	const uint8_t *p = reader_bytes(r, ED25519_KEY, &n);

	if (p == NULL || n != ED25519_KEY || ed25519_key_check(p, e) < 0)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, p, n);
}

/* The whole of a body is read; of a FIDO key *application is what it is for. */
static EVP_PKEY *
body_open(const struct kind *k, struct reader *r, uint8_t application[32],
    struct err *e)
{
	EVP_PKEY *key = NULL;
	const uint8_t *p;
	size_t n;

	if (k->family == ED25519) {
		key = ed25519_key(r, e);
	} else {
		key = k->family == ECDSA ? ec_key(k, r) : rsa_key(r);
	}
	if (k->fido) {
		p = reader_bytes(r, 256, &n);
		if (p != NULL && n > 0)
			sha256(application, p, n);
		else
			r->bad = true;
	}
	if (reader_end(r))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

/* A key's blob, of a kind that is taken and with numbers that make sense;
 * NULL with *e. */
static EVP_PKEY *
key_open(const uint8_t *blob, size_t size, const struct kind **k,
    uint8_t application[32], struct err *e)
{
	struct err why = { 0 };
	EVP_PKEY *key = NULL;
	struct reader r;
	char type[64];

	reader_init(&r, blob, size);
	reader_str(&r, type, sizeof type);
	*k = r.bad ? NULL : kind_of(type);
	if (*k != NULL)
		key = body_open(*k, &r, application, &why);
	if (key != NULL)
		return key;
	if (why.kind != ERR_NONE)
		err_set(e, why.kind, why.clause, "%s", why.text);
	else
		err_set(e, ERR_REFUSED, "sshsig-key",
		    "this key is of no kind that is taken for signing: ssh-ed25519, ECDSA P-256 or P-384, RSA of 2048 bits and more, or FIDO");
	return NULL;
}

int
sshsig_key_check(const uint8_t *blob, size_t size, struct err *e)
{
	uint8_t application[32];
	const struct kind *k = NULL;
	EVP_PKEY *key = key_open(blob, size, &k, application, e);

	EVP_PKEY_free(key);
	return key != NULL ? 0 : -1;
}

/* ---- signatures ---- */

static bool
evp_good(EVP_PKEY *key, const char *hash, const uint8_t *sig, size_t n_sig,
    const uint8_t *data, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL && EVP_DigestVerifyInit_ex(ctx, NULL, hash,
	    NULL, NULL, key, NULL) == 1 && EVP_DigestVerify(ctx, sig, n_sig,
	    data, n) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

/* SSH has r and s as mpints, libcrypto wants DER. */
static bool
ecdsa_good(EVP_PKEY *key, const char *hash, const uint8_t *sig, size_t n_sig,
    const uint8_t *data, size_t n)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *br = NULL, *bs = NULL;
	unsigned char *der = NULL;
	const uint8_t *pr, *ps;
	struct reader r;
	size_t n_r, n_s;
	bool good = false;
	int size;

	reader_init(&r, sig, n_sig);
	pr = reader_bytes(&r, 50, &n_r);
	ps = reader_bytes(&r, 50, &n_s);
	if (!reader_end(&r) || pr == NULL || ps == NULL || n_r == 0 ||
	    n_s == 0 || (pr[0] & 0x80) != 0 || (ps[0] & 0x80) != 0)
		goto out;
	br = BN_bin2bn(pr, (int)n_r, NULL);
	bs = BN_bin2bn(ps, (int)n_s, NULL);
	if (pair == NULL || br == NULL || bs == NULL ||
	    ECDSA_SIG_set0(pair, br, bs) != 1)
		goto out;
	br = bs = NULL;			/* the pair has them */
	size = i2d_ECDSA_SIG(pair, &der);
	good = size > 0 && evp_good(key, hash, der, (size_t)size, data, n);
	OPENSSL_free(der);
out:
	BN_free(br);
	BN_free(bs);
	ECDSA_SIG_free(pair);
	return good;
}

static bool
signature_good(const struct kind *k, EVP_PKEY *key, const char *format,
    const uint8_t *sig, size_t n_sig, const uint8_t *data, size_t n)
{
	switch (k->family) {
	case ED25519:
		return strcmp(format, k->type) == 0 && n_sig == 64 &&
		    evp_good(key, NULL, sig, n_sig, data, n);
	case ECDSA:
		return strcmp(format, k->type) == 0 &&
		    ecdsa_good(key, k->hash, sig, n_sig, data, n);
	default:
		/* ssh-rsa itself would mean SHA-1 */
		if (strcmp(format, "rsa-sha2-512") == 0)
			return evp_good(key, "SHA512", sig, n_sig, data, n);
		return strcmp(format, "rsa-sha2-256") == 0 &&
		    evp_good(key, "SHA256", sig, n_sig, data, n);
	}
}

static int
user_check(const struct kind *k, uint8_t flags, bool verified, struct err *e)
{
	if (k->fido && (flags & USER_PRESENT) == 0)
		return err_set(e, ERR_REFUSED, "sshsig-presence",
		    "the security key signed without being touched");
	if (verified && (!k->fido || (flags & USER_VERIFIED) == 0))
		return err_set(e, ERR_REFUSED, "sshsig-verification",
		    "the policy asks for a security key that checks its user (PIN or finger): `ssh-keygen -t ed25519-sk -O verify-required`");
	return 0;
}

/* What a FIDO key has signed: application, flags, counter, and the hash. */
static void
fido_data(struct buf *b, const uint8_t application[32], uint8_t flags,
    uint32_t counter, const uint8_t *data, size_t n)
{
	uint8_t hash[32];

	sha256(hash, data, n);
	buf_put(b, application, 32);
	buf_put_u8(b, flags);
	buf_put_u32(b, counter);
	buf_put(b, hash, 32);
}

static bool
signature_check(const struct sshsig *s, const struct kind *k, EVP_PKEY *key,
    const uint8_t application[32], const uint8_t *data, size_t n,
    uint8_t *flags)
{
	struct buf b = { 0 };
	struct reader r;
	char format[64];
	const uint8_t *sig;
	uint32_t counter;
	size_t n_sig;
	bool good;

	*flags = 0;
	reader_init(&r, s->signature, s->signature_size);
	reader_str(&r, format, sizeof format);
	sig = reader_bytes(&r, 1024, &n_sig);
	if (r.bad || sig == NULL)
		return false;
	if (!k->fido)
		return reader_end(&r) && signature_good(k, key, format, sig,
		    n_sig, data, n);
	*flags = reader_u8(&r);
	counter = reader_u32(&r);
	if (!reader_end(&r))
		return false;
	fido_data(&b, application, *flags, counter, data, n);
	good = signature_good(k, key, format, sig, n_sig, b.data, b.size);
	buf_clear(&b);
	return good;
}

int
sshsig_key_verify(const struct sshsig *s, const uint8_t *data, size_t size,
    bool verified, struct err *e)
{
	uint8_t application[32] = { 0 }, flags;
	const struct kind *k = NULL;
	EVP_PKEY *key = key_open(s->key, s->key_size, &k, application, e);
	bool good;

	if (key == NULL)
		return -1;
	good = signature_check(s, k, key, application, data, size, &flags);
	EVP_PKEY_free(key);
	if (!good)
		return err_set(e, ERR_REFUSED, "sshsig-signature",
		    "the signature does not fit the statement: sign exactly what was shown");
	return user_check(k, flags, verified, e);
}
