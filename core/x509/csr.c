/* csr.c - the outer form of a request, and the proof of its key. */
#include "core/x509/csr.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/x509/rules.h"

static int
form_error(struct err *e, const char *what)
{
	return rule_broken(e, RULE_CSR_DER, "The request is not DER as RFC "
	    "2986 says (%s); make it again with openssl req or similar.",
	    what);
}

static int
info_read(struct der *info, struct csr *out, struct err *e)
{
	struct der version;
	struct tlv t;

	if (!der_take(info, DER_INTEGER, &version))
		return form_error(e, "no version");
	if (!der_is(&version, "\0", 1))
		return rule_broken(e, RULE_CSR_VERSION, "The request is not "
		    "of version 0 (RFC 2986 4.1); make it with openssl req.");
	if (!der_take(info, DER_SEQUENCE, &out->subject))
		return form_error(e, "no subject");
	if (!tlv_take_tag(info, DER_SEQUENCE, &t))
		return form_error(e, "no public key");
	out->spki = t.whole;
	if (info->left > 0 && !der_take(info, DER_CONTEXT, &out->attributes))
		return form_error(e, "attributes");
	if (info->left != 0)
		return form_error(e, "something behind the attributes");
	return 0;
}

int
csr_read(const uint8_t *der, size_t size, struct csr *out, struct err *e)
{
	struct der d = { der, size }, outer, algorithm;
	struct tlv info;

	memset(out, 0, sizeof *out);
	if (!der_take(&d, DER_SEQUENCE, &outer))
		return form_error(e, "no outer sequence, or a length that "
		    "does not fit");
	if (d.left != 0)
		return rule_broken(e, RULE_CSR_TRAILING, "%zu octet%s follow%s "
		    "the request; send the request alone.", d.left,
		    d.left == 1 ? "" : "s", d.left == 1 ? "s" : "");
	if (!tlv_take_tag(&outer, DER_SEQUENCE, &info))
		return form_error(e, "no request info");
	out->info = info.whole;
	if (info_read(&info.content, out, e) != 0)
		return -1;
	if (!der_take(&outer, DER_SEQUENCE, &algorithm) ||
	    !der_take(&algorithm, DER_OID, &out->algorithm) ||
	    !oid_valid(&out->algorithm) ||
	    (algorithm.left > 0 && !tlv_take(&algorithm, &out->parameters)) ||
	    algorithm.left != 0)
		return form_error(e, "signature algorithm");
	if (!der_take(&outer, DER_BIT_STRING, &out->signature) ||
	    out->signature.left < 2 || out->signature.at[0] != 0)
		return form_error(e, "signature");
	if (outer.left != 0)
		return rule_broken(e, RULE_CSR_TRAILING, "%zu octet%s follow%s "
		    "the request's signature; send the request alone.",
		    outer.left, outer.left == 1 ? "" : "s",
		    outer.left == 1 ? "s" : "");
	out->signature.at++;
	out->signature.left--;
	return 0;
}

static const struct {
	const struct oid *oid;
	enum spki_kind kind;
	const char *md;
} good[] = {
	{ &oid_sha256_rsa, SPKI_RSA, "SHA256" },
	{ &oid_sha384_rsa, SPKI_RSA, "SHA384" },
	{ &oid_sha512_rsa, SPKI_RSA, "SHA512" },
	{ &oid_ecdsa_sha256, SPKI_EC, "SHA256" },
	{ &oid_ecdsa_sha384, SPKI_EC, "SHA384" },
	{ &oid_ecdsa_sha512, SPKI_EC, "SHA512" },
};

static const struct {
	struct oid oid;
	const char *hash;
} weak[] = {
	{ { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2 } }, "MD2" },
	{ { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 3 } }, "MD4" },
	{ { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4 } }, "MD5" },
	{ { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5 } }, "SHA-1" },
	{ { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14 } }, "SHA-224" },
	{ { 5, { 0x2b, 0x0e, 3, 2, 29 } }, "SHA-1" },
	{ { 7, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1 } }, "SHA-1" },
	{ { 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1 } }, "SHA-224" },
};

/* NULL when it is none of the good ones for this key. */
static const char *
hash_of(const struct csr *c, const struct spki *k, struct err *e)
{
	char text[80];

	for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
		if (oid_is(&c->algorithm, &weak[i].oid)) {
			rule_broken(e, RULE_CSR_SIGNATURE_HASH, "The request "
			    "is signed with %s; make it again with -sha256.",
			    weak[i].hash);
			return NULL;
		}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (oid_is(&c->algorithm, good[i].oid) &&
		    good[i].kind == k->kind && (c->parameters.whole.left == 0 ||
		    (k->kind == SPKI_RSA && c->parameters.tag == DER_NULL &&
		    c->parameters.content.left == 0)))
			return good[i].md;
	oid_text(&c->algorithm, text, sizeof text);
	rule_broken(e, RULE_CSR_SIGNATURE_ALGORITHM, "The request is signed "
	    "with the algorithm %s, which does not go with its key; make it "
	    "again with openssl req -new -sha256.", text);
	return NULL;
}

/* ---- the proof of possession ---- */

/*
 * A key on a known curve is set into a kept object as a point: libcrypto's
 * decoder takes three times as long as the verification itself.
 */
static bool
ec_verified(const struct csr *c, const struct spki *k, const char *md)
{
	static struct {
		EVP_PKEY *key;
		EVP_PKEY_CTX *ctx;
	} curves[2];
	bool longer = k->size == 384;
	EVP_PKEY **key = &curves[longer].key;
	EVP_PKEY_CTX **ctx = &curves[longer].ctx;
	uint8_t hash[EVP_MAX_MD_SIZE];
	size_t size = 0;

	if (*key == NULL)
		*key = EVP_EC_gen(longer ? "P-384" : "P-256");
	if (*key == NULL || EVP_PKEY_set1_encoded_public_key(*key, k->bits.at,
	    k->bits.left) != 1)
		return false;
	if (*ctx == NULL && (*ctx = EVP_PKEY_CTX_new(*key, NULL)) == NULL)
		return false;
	return EVP_PKEY_verify_init(*ctx) == 1 &&
	    EVP_Q_digest(NULL, md, NULL, c->info.at, c->info.left, hash,
	    &size) == 1 &&
	    EVP_PKEY_verify(*ctx, c->signature.at, c->signature.left, hash,
	    size) == 1;
}

static bool
rsa_verified(const struct csr *c, const struct spki *k, const char *md)
{
	const uint8_t *p = k->whole.at;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)k->whole.left);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool verified = key != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit_ex(ctx, NULL, md, NULL, NULL, key,
	    NULL) == 1 &&
	    EVP_DigestVerify(ctx, c->signature.at, c->signature.left,
	    c->info.at, c->info.left) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return verified;
}

int
csr_signature_check(const struct csr *c, const struct spki *k, struct err *e)
{
	const char *md = hash_of(c, k, e);

	if (md == NULL)
		return -1;
	if (k->kind == SPKI_EC ? !ec_verified(c, k, md) :
	    !rsa_verified(c, k, md))
		return rule_broken(e, RULE_CSR_SIGNATURE, "The request's "
		    "signature does not fit its key; it was changed after it "
		    "was made, make it again.");
	return 0;
}
