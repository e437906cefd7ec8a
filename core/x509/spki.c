/* spki.c - reading a public key, and the rules for its kind, size and curve. */
#include "core/x509/spki.h"

#include <stdio.h>

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "core/base/text.h"
#include "core/x509/cert.h"
#include "core/x509/rules.h"
#include "core/x509/weak.h"

static int
encoding_error(struct err *e, const char *what)
{
	return rule_broken(e, RULE_KEY_ENCODING, "The public key is not "
	    "encoded as the standards say (%s); make the request with another "
	    "program, such as openssl.", what);
}

static unsigned
bits_of(const struct der *number)
{
	unsigned n = (unsigned)number->left * 8;

	for (unsigned top = number->left ? number->at[0] : 0x80;
	    (top & 0x80) == 0; top <<= 1)
		n--;
	return n;
}

/* A positive INTEGER without its leading zero. */
static bool
take_positive(struct der *d, struct der *out)
{
	if (!der_take(d, DER_INTEGER, out) || out->left == 0 ||
	    (out->at[0] & 0x80) != 0)
		return false;
	if (out->at[0] == 0) {
		if (out->left < 2 || (out->at[1] & 0x80) == 0)
			return false;
		out->at++;
		out->left--;
	}
	return true;
}

static int
rsa_read(struct spki *out, struct err *e)
{
	struct der d = out->bits, inner;

	if (out->parameters.whole.left != 2 ||
	    out->parameters.tag != DER_NULL)
		return encoding_error(e, "RSA without NULL parameters");
	if (!der_take(&d, DER_SEQUENCE, &inner) || d.left != 0 ||
	    !take_positive(&inner, &out->modulus) ||
	    !take_positive(&inner, &out->exponent) || inner.left != 0)
		return encoding_error(e, "no RSAPublicKey");
	out->kind = SPKI_RSA;
	out->size = bits_of(&out->modulus);
	return 0;
}

static int
ec_read(struct spki *out, struct err *e)
{
	if (out->parameters.whole.left == 0)
		return encoding_error(e, "EC without a curve");
	out->kind = SPKI_EC;
	if (out->parameters.tag == DER_OID) {
		if (oid_is(&out->parameters.content, &oid_p256))
			out->size = 256;
		else if (oid_is(&out->parameters.content, &oid_p384))
			out->size = 384;
	}
	return 0;
}

int
spki_read(const uint8_t *der, size_t size, struct spki *out, struct err *e)
{
	struct der d = { der, size }, outer, algorithm;

	*out = (struct spki){ .whole = d };
	if (!der_take(&d, DER_SEQUENCE, &outer) || d.left != 0 ||
	    !der_take(&outer, DER_SEQUENCE, &algorithm) ||
	    !der_take(&algorithm, DER_OID, &out->algorithm) ||
	    !oid_valid(&out->algorithm) ||
	    (algorithm.left > 0 && !tlv_take(&algorithm, &out->parameters)) ||
	    algorithm.left != 0 ||
	    !der_take(&outer, DER_BIT_STRING, &out->bits) || outer.left != 0 ||
	    out->bits.left < 2 || out->bits.at[0] != 0)
		return encoding_error(e, "no SubjectPublicKeyInfo");
	out->bits.at++;
	out->bits.left--;
	if (oid_is(&out->algorithm, &oid_rsa))
		return rsa_read(out, e);
	if (oid_is(&out->algorithm, &oid_ec))
		return ec_read(out, e);
	return 0;
}

static int
point_check(const struct spki *k, struct err *e)
{
	static EC_GROUP *groups[2];
	EC_GROUP **group = &groups[k->size == 384];
	EC_POINT *point = NULL;
	int good = 0;

	if (*group == NULL)
		*group = EC_GROUP_new_by_curve_name(k->size == 384
		    ? NID_secp384r1 : NID_X9_62_prime256v1);
	if (*group != NULL && (point = EC_POINT_new(*group)) != NULL)
		good = EC_POINT_oct2point(*group, point, k->bits.at,
		    k->bits.left, NULL) == 1 &&
		    EC_POINT_is_on_curve(*group, point, NULL) == 1 &&
		    EC_POINT_is_at_infinity(*group, point) == 0;
	EC_POINT_free(point);
	if (!good)
		return rule_broken(e, RULE_KEY_EC_POINT, "The key's point is "
		    "not on its curve P-%u; make a new key.", k->size);
	return 0;
}

static int
ec_check(const struct spki *k, struct err *e)
{
	char text[80];

	if (k->parameters.tag == DER_SEQUENCE)
		return rule_broken(e, RULE_KEY_EC_EXPLICIT, "The EC key spells "
		    "out its curve's parameters; make it with the curve's name "
		    "(openssl genpkey -algorithm EC -pkeyopt "
		    "ec_paramgen_curve:P-256).");
	if (k->parameters.tag != DER_OID)
		return rule_broken(e, RULE_KEY_ENCODING, "The EC key names no "
		    "curve; make a new key on P-256 or P-384.");
	oid_text(&k->parameters.content, text, sizeof text);
	if (k->size == 0)
		return rule_broken(e, RULE_KEY_EC_CURVE, "The key is on the "
		    "curve %s; make a new key on P-256 or P-384.", text);
	if (k->bits.at[0] == 2 || k->bits.at[0] == 3 || k->bits.at[0] == 6 ||
	    k->bits.at[0] == 7)
		return rule_broken(e, RULE_KEY_EC_COMPRESSED, "The key's point "
		    "is compressed, which servers do not read; make the "
		    "request with -pkeyopt ec_param_enc:named_curve and the "
		    "uncompressed form.");
	if (k->bits.at[0] != 4 || k->bits.left != 1 + 2 * (size_t)k->size / 8)
		return rule_broken(e, RULE_KEY_EC_POINT, "The key holds no "
		    "point of P-%u (%zu octets); make a new key.", k->size,
		    k->bits.left);
	return point_check(k, e);
}

static const struct {
	struct oid oid;
	const char *words;
} others[] = {
	{ { 3, { 0x2b, 0x65, 0x6e } }, "X25519" },
	{ { 3, { 0x2b, 0x65, 0x6f } }, "X448" },
	{ { 3, { 0x2b, 0x65, 0x70 } }, "Ed25519" },
	{ { 3, { 0x2b, 0x65, 0x71 } }, "Ed448" },
	{ { 7, { 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1 } }, "DSA" },
	{ { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10 } }, "RSA-PSS" },
	{ { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, 1 } }, "DH" },
};

static const struct {
	struct oid oid;
	const char *words;
} curves[] = {
	{ { 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 } }, "P-256" },
	{ { 5, { 0x2b, 0x81, 4, 0, 34 } }, "P-384" },
	{ { 5, { 0x2b, 0x81, 4, 0, 35 } }, "P-521" },
	{ { 5, { 0x2b, 0x81, 4, 0, 33 } }, "P-224" },
	{ { 5, { 0x2b, 0x81, 4, 0, 10 } }, "secp256k1" },
};

static void
other_words(const struct spki *k, char out[64])
{
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (oid_is(&k->algorithm, &others[i].oid)) {
			snprintf(out, 64, "%s", others[i].words);
			return;
		}
	oid_text(&k->algorithm, out, 64);
}

static void
curve_words(const struct spki *k, char out[64])
{
	char text[56];

	if (k->parameters.tag != DER_OID) {
		snprintf(out, 64, "EC with explicit parameters");
		return;
	}
	for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
		if (oid_is(&k->parameters.content, &curves[i].oid)) {
			snprintf(out, 64, "EC %s", curves[i].words);
			return;
		}
	oid_text(&k->parameters.content, text, sizeof text);
	snprintf(out, 64, "EC %s", text);
}

void
spki_words(const uint8_t *der, size_t size, char out[64])
{
	struct spki k;

	if (spki_read(der, size, &k, NULL) != 0)
		snprintf(out, 64, "unreadable");
	else if (k.kind == SPKI_RSA)
		snprintf(out, 64, "RSA %u", k.size);
	else if (k.kind == SPKI_EC)
		curve_words(&k, out);
	else
		other_words(&k, out);
}

static int
rsa_form_check(const struct spki *k, struct err *e)
{
	static const uint8_t f4[] = { 1, 0, 1 };

	if (k->size < 2048)
		return rule_broken(e, RULE_KEY_RSA_SHORT, "The RSA key has %u "
		    "bits; make one with 2048 to 4096.", k->size);
	if (k->size > 4096)
		return rule_broken(e, RULE_KEY_RSA_LONG, "The RSA key has %u "
		    "bits; make one with 2048 to 4096.", k->size);
	if (!der_is(&k->exponent, f4, sizeof f4))
		return rule_broken(e, RULE_KEY_RSA_EXPONENT, "The RSA key's "
		    "public exponent is not 65537; make a new key (openssl "
		    "takes 65537 by itself).");
	return 0;
}

int
spki_form_check(const struct spki *k, struct err *e)
{
	char words[64];

	switch (k->kind) {
	case SPKI_RSA:
		return rsa_form_check(k, e) != 0 ? -1 :
		    weak_published_check(k, e);
	case SPKI_EC:
		return ec_check(k, e) != 0 ? -1 : weak_published_check(k, e);
	case SPKI_OTHER:
		break;
	}
	other_words(k, words);
	return rule_broken(e, RULE_KEY_ALGORITHM, "The key is of the kind %s; "
	    "make one that all servers can load: openssl genpkey -algorithm "
	    "EC -pkeyopt ec_paramgen_curve:P-256.", words);
}

int
spki_check(const struct spki *k, struct err *e)
{
	if (spki_form_check(k, e) != 0 || weak_listed_check(k, e) != 0)
		return -1;
	return k->kind == SPKI_RSA ? rsa_check(k, e) : 0;
}
