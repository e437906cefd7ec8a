/* keyoffer.c - noticing a private key, and deriving what must be blocked. */
#include "core/x509/keyoffer.h"

#include <string.h>
#include <strings.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "core/base/text.h"
#include "core/x509/pem.h"
#include "core/x509/tlv.h"

#define LOOKED_INTO (64u << 10)	/* the words are searched for everywhere */
#define RSA_OCTETS 1025		/* 8192 bits: longer keys are never certified */

static const uint8_t rsa_algorithm[] = { 0x30, 13, 6, 9, 0x2a, 0x86, 0x48,
	0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0 };

static void
spki_write(struct blob *out, const struct buf *algorithm, const uint8_t *bits,
    size_t size)
{
	struct buf b = { 0 };
	size_t outer = tlv_open(&b, DER_SEQUENCE), inner;

	buf_put(&b, algorithm->data, algorithm->size);
	inner = tlv_open(&b, DER_BIT_STRING);
	buf_put_u8(&b, 0);
	buf_put(&b, bits, size);
	tlv_close(&b, inner);
	tlv_close(&b, outer);
	blob_set(out, b.data, b.size);
	buf_clear(&b);
}

/* Are these n's factors?  Whoever knows them has the key; without them the
 * n of anybody could be put here, and that key would be blocked. */
static bool
factors_fit(const struct der *n, const struct der *p, const struct der *q)
{
	BIGNUM *a = NULL, *b = NULL, *c = NULL, *product = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	bool fit = false;

	if (n->left <= RSA_OCTETS && p->left <= n->left && q->left <= n->left) {
		a = BN_bin2bn(p->at, (int)p->left, NULL);
		b = BN_bin2bn(q->at, (int)q->left, NULL);
		c = BN_bin2bn(n->at, (int)n->left, NULL);
	}
	if (a != NULL && b != NULL && c != NULL && product != NULL &&
	    ctx != NULL && BN_mul(product, a, b, ctx) == 1)
		fit = BN_num_bits(a) > 1 && BN_num_bits(b) > 1 &&
		    BN_cmp(product, c) == 0;
	BN_clear_free(a);
	BN_clear_free(b);
	BN_free(c);
	BN_free(product);
	BN_CTX_free(ctx);
	return fit;
}

/* RSAPrivateKey ::= SEQUENCE { version, n, e, d, p, q, ... } behind its
 * version; n, e and d are enough to see that it is one. */
static bool
rsa_private(struct der d, struct blob *spki)
{
	struct tlv n, e, x;
	struct der p, q;
	struct buf key = { 0 }, algorithm = { 0 };
	size_t mark;

	if (!tlv_take_tag(&d, DER_INTEGER, &n) ||
	    !tlv_take_tag(&d, DER_INTEGER, &e) ||
	    !tlv_take_tag(&d, DER_INTEGER, &x))
		return false;
	if (!der_take(&d, DER_INTEGER, &p) || !der_take(&d, DER_INTEGER, &q) ||
	    !factors_fit(&n.content, &p, &q))
		return true;
	mark = tlv_open(&key, DER_SEQUENCE);
	buf_put(&key, n.whole.at, n.whole.left);
	buf_put(&key, e.whole.at, e.whole.left);
	tlv_close(&key, mark);
	buf_put(&algorithm, rsa_algorithm, sizeof rsa_algorithm);
	spki_write(spki, &algorithm, key.data, key.size);
	buf_clear(&key);
	buf_clear(&algorithm);
	return true;
}

/* The uncompressed point of a private number on a named curve. */
static size_t
point_of(int nid, const struct der *number, uint8_t out[97])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
	EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
	BIGNUM *d = number->left <= 48
	    ? BN_bin2bn(number->at, (int)number->left, NULL) : NULL;
	size_t n = 0;

	if (point != NULL && d != NULL &&
	    EC_POINT_mul(group, point, d, NULL, NULL, NULL) == 1)
		n = EC_POINT_point2oct(group, point,
		    POINT_CONVERSION_UNCOMPRESSED, out, 97, NULL);
	BN_clear_free(d);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return n;
}

/* ECPrivateKey behind its version; the curve inside it, or from PKCS#8. */
static bool
ec_private(struct der d, const struct der *curve, struct blob *spki)
{
	struct buf algorithm = { 0 };
	struct der number, wrap, oid = { 0 };
	uint8_t point[97];
	size_t n = 0, mark;

	if (!der_take(&d, DER_OCTETS, &number))
		return false;
	if (der_take(&d, DER_CONTEXT, &wrap))
		der_take(&wrap, DER_OID, &oid);
	if (curve != NULL)
		oid = *curve;
	if (oid_is(&oid, &oid_p256))
		n = point_of(NID_X9_62_prime256v1, &number, point);
	else if (oid_is(&oid, &oid_p384))
		n = point_of(NID_secp384r1, &number, point);
	if (n > 1) {
		mark = tlv_open(&algorithm, DER_SEQUENCE);
		oid_put(&algorithm, &oid_ec);
		der_put(&algorithm, DER_OID, oid.at, oid.left);
		tlv_close(&algorithm, mark);
		spki_write(spki, &algorithm, point, n);
		buf_clear(&algorithm);
	}
	return true;
}

/* PrivateKeyInfo behind its version: algorithm, then the key in octets. */
static bool
pkcs8_private(struct der d, struct blob *spki)
{
	struct der algorithm, oid, curve, octets, inner, version;

	if (!der_take(&d, DER_SEQUENCE, &algorithm) ||
	    !der_take(&d, DER_OCTETS, &octets) ||
	    !der_take(&algorithm, DER_OID, &oid))
		return false;
	if (!der_take(&octets, DER_SEQUENCE, &inner) ||
	    !der_take(&inner, DER_INTEGER, &version))
		return true;		/* Ed25519 and the like */
	if (oid_is(&oid, &oid_rsa))
		rsa_private(inner, spki);
	else if (oid_is(&oid, &oid_ec) && der_take(&algorithm, DER_OID, &curve))
		ec_private(inner, &curve, spki);
	return true;
}

/* EncryptedPrivateKeyInfo: SEQUENCE { SEQUENCE { OID of PKCS#5 or PKCS#12,
 * ... }, OCTET STRING } */
static bool
encrypted_private(struct der d)
{
	static const uint8_t pkcs[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1 };
	struct der algorithm, oid, octets;

	return der_take(&d, DER_SEQUENCE, &algorithm) &&
	    der_take(&algorithm, DER_OID, &oid) &&
	    oid.left > sizeof pkcs && memcmp(oid.at, pkcs, sizeof pkcs) == 0 &&
	    der_take(&d, DER_OCTETS, &octets) && d.left == 0;
}

static bool
der_private(const uint8_t *der, size_t size, struct blob *spki)
{
	struct der d = { der, size }, outer, version;

	if (!der_take(&d, DER_SEQUENCE, &outer))
		return false;
	if (encrypted_private(outer))
		return true;
	if (!der_take(&outer, DER_INTEGER, &version) || version.left != 1)
		return false;
	if (version.at[0] == 3)		/* PKCS#12 */
		return der_next_is(&outer, DER_SEQUENCE);
	return version.at[0] <= 1 && (pkcs8_private(outer, spki) ||
	    rsa_private(outer, spki) ||
	    (version.at[0] == 1 && ec_private(outer, NULL, spki)));
}

static bool
words_in(const uint8_t *in, size_t size)
{
	static const char *const words[] = { "PRIVATE KEY", "PRIVATE-LINES:" };

	for (size_t i = 0; i < size; i++) {
		if (in[i] != 'P' && in[i] != 'p')
			continue;
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			if (strlen(words[k]) <= size - i && strncasecmp(
			    (const char *)in + i, words[k],
			    strlen(words[k])) == 0)
				return true;
	}
	return false;
}

static bool
key_in(const uint8_t *in, size_t size, struct blob *spki)
{
	static const char *const parts[] = { "PRIVATE KEY", "CERTIFICATE REQUEST",
		NULL };
	bool found = words_in(in, size);

	if (size > LOOKED_INTO)
		size = LOOKED_INTO;
	if (der_private(in, size, spki))
		return true;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct blob der = { 0 };

		if (pem_body(in, size, parts[i], &der))
			found = der_private(der.data, der.size, spki) || found;
		secret_wipe(der.data, der.size);
		blob_clear(&der);
	}
	return found;
}

/* A file of UTF-16 is its text again without the NUL bytes. */
bool
key_offered_in(const uint8_t *in, size_t size, struct blob *spki)
{
	size_t most = size > LOOKED_INTO * 2 ? LOOKED_INTO * 2 : size, n = 0;
	uint8_t *text;
	bool found = key_in(in, size, spki);

	if (found || memchr(in, '\0', most) == NULL)
		return found;
	text = xmalloc(most);
	for (size_t i = 0; i < most; i++)
		if (in[i] != '\0')
			text[n++] = in[i];
	found = key_in(text, n, spki);
	secret_free(text, most);
	return found;
}
