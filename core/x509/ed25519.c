/* ed25519.c - public keys of Ed25519, decoded as RFC 8032 says, before one is
 * believed. */
#include "core/x509/ed25519.h"

#include <string.h>
#include <openssl/bn.h>

/* d of the curve -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032, 5.1), and its prime */
#define D_HEX "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"
#define P_HEX "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"

/*
 * The y of the eight points whose order divides the cofactor (two have y = 0,
 * four share the last two): with such a key the check of a signature says
 * nothing about the message (Chalkias, Garillot, Nikolaenko, "Taming the many
 * EdDSAs", 2020, table 1).
 */
static const uint8_t small[][ED25519_KEY] = {
	{ 0x00 },
	{ 0x01 },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
	  0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
	  0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
	  0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
	  0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
};

/* The sign of x is the top bit; y = 1 and y = -1 have x = 0 and no sign, and
 * both are refused here whatever it says. */
static bool
is_small(const uint8_t y[ED25519_KEY])
{
	for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
		if (memcmp(y, small[i], ED25519_KEY) == 0)
			return true;
	return false;
}

/* 1: there is an x, so that (y^2 - 1) / (d y^2 + 1) is a square; 0: none;
 * -1: libcrypto failed. */
static int
has_x(const BIGNUM *y, const BIGNUM *p, BN_CTX *ctx)
{
	BIGNUM *d = NULL, *u = BN_CTX_get(ctx), *v = BN_CTX_get(ctx);
	int r = -1;

	if (v != NULL && BN_hex2bn(&d, D_HEX) != 0 &&
	    BN_mod_sqr(u, y, p, ctx) == 1 &&
	    BN_mod_mul(v, d, u, p, ctx) == 1 && BN_add_word(v, 1) == 1 &&
	    BN_sub_word(u, 1) == 1 &&
	    /* u v is a square when u / v is one; v is never 0 */
	    BN_mod_mul(u, u, v, p, ctx) == 1 &&
	    (r = BN_kronecker(u, p, ctx)) > -2)
		r = r >= 0 ? 1 : 0;
	BN_free(d);
	return r;
}

static int
point_check(const uint8_t y[ED25519_KEY])
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *p = NULL, *n = NULL;
	int r = -1;

	if (ctx == NULL || BN_hex2bn(&p, P_HEX) == 0 ||
	    (n = BN_lebin2bn(y, ED25519_KEY, NULL)) == NULL)
		goto out;
	BN_CTX_start(ctx);
	r = BN_cmp(n, p) >= 0 ? 0 : has_x(n, p, ctx);
	BN_CTX_end(ctx);
out:
	BN_free(n);
	BN_free(p);
	BN_CTX_free(ctx);
	return r;
}

int
ed25519_key_check(const uint8_t key[ED25519_KEY], struct err *e)
{
	uint8_t y[ED25519_KEY];
	int good;

	memcpy(y, key, sizeof y);
	y[ED25519_KEY - 1] &= 0x7f;
	if (is_small(y))
		return err_set(e, ERR_REFUSED, "ed25519-key",
		    "this Ed25519 key is one of the eight weak points of the curve, under which anybody can forge; make one with `ssh-keygen -t ed25519`");
	good = point_check(y);
	if (good < 0)
		return err_set(e, ERR_BROKEN, "ed25519-key",
		    "libcrypto does not compute");
	return good > 0 ? 0 : err_set(e, ERR_BAD_INPUT, "ed25519-key",
	    "these 32 bytes are no Ed25519 key (RFC 8032, 5.1.3: no point of the curve, or not its one spelling); make one with `ssh-keygen -t ed25519`");
}
