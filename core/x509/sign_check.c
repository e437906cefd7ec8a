/*
 * sign_check.c - ECDSA signatures of one key verified together (FIPS 186-5,
 * 6.4.2), from public values alone.
 *
 * A certificate leaves only when its signature was verified: a fault in the
 * signing (a flipped bit, an overheated core) must not show a wrong signature,
 * from which the key could be computed.  That check costs more than the
 * signature itself, because libcrypto treats the issuer's key as a stranger's.
 * But it is always the same key: so a second group has this key as its
 * generator, with a table of multiples, and u2 * Q becomes as cheap as
 * u1 * G.  The two inversions of each signature are shared by all of a batch
 * (Montgomery's trick).  All curve arithmetic is libcrypto's.  RSA keys, and
 * a libcrypto without these functions, are verified one by one.
 */
#define OPENSSL_SUPPRESS_DEPRECATED	/* tables have no other door in 3.x */
#include "core/x509/sign_check.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>

#include "core/base/mem.h"

#define KEPT 4			/* keys with tables */
#define TOGETHER 128		/* signatures that share their inversions */
#define POINT_MAX 133

/* Few signatures of a P-256 key do not pay the 30 ms of its table; those of
 * other curves are made in one. */
#define FEW 8

#ifndef OPENSSL_NO_DEPRECATED_3_0

/* One key's tables. */
struct tables {
	EVP_PKEY *key;			/* held, so that its address stays its */
	EC_GROUP *curve, *own;		/* own: the key is the generator */
	bool fixed;			/* P-256 has code of its own for one
					 * scalar; others want the general one */
};
static struct tables kept[KEPT];
static unsigned next_kept;

/* One signature under way. */
struct one {
	ECDSA_SIG *signature;
	const BIGNUM *r, *s;
	BIGNUM *hash, *before;		/* before: product of all s up to here */
};

struct work {
	BN_CTX *ctx;
	BIGNUM *zero, *inverse, *w, *u, *x;
	EC_POINT *half;
	const BIGNUM *order;
	struct one ones[TOGETHER];
	EC_POINT *points[TOGETHER];
};

static EC_POINT *
key_point(EVP_PKEY *key, const EC_GROUP *curve, BN_CTX *ctx)
{
	uint8_t bytes[POINT_MAX];
	size_t size = 0;
	EC_POINT *p = EC_POINT_new(curve);

	if (p != NULL && EVP_PKEY_get_octet_string_param(key,
	    OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof bytes, &size) == 1 &&
	    EC_POINT_oct2point(curve, p, bytes, size, ctx) == 1)
		return p;
	EC_POINT_free(p);
	return NULL;
}

static void
tables_clear(struct tables *t)
{
	EVP_PKEY_free(t->key);
	EC_GROUP_free(t->curve);
	EC_GROUP_free(t->own);
	memset(t, 0, sizeof *t);
}

static bool
tables_make(struct tables *t, EVP_PKEY *key, int curve)
{
	BN_CTX *ctx = BN_CTX_new();
	EC_POINT *q = NULL;
	bool good = false;

	t->curve = EC_GROUP_new_by_curve_name(curve);
	t->own = EC_GROUP_new_by_curve_name(curve);
	t->fixed = curve == NID_X9_62_prime256v1;
	if (ctx != NULL && t->curve != NULL && t->own != NULL &&
	    (q = key_point(key, t->own, ctx)) != NULL &&
	    EC_GROUP_set_generator(t->own, q, EC_GROUP_get0_order(t->curve),
	    BN_value_one()) == 1 && EC_GROUP_precompute_mult(t->own, ctx) == 1)
		good = t->fixed || EC_GROUP_precompute_mult(t->curve, ctx) == 1;
	if (good && EVP_PKEY_up_ref(key) == 1)
		t->key = key;
	else
		tables_clear(t);
	EC_POINT_free(q);
	BN_CTX_free(ctx);
	return t->key != NULL;
}

static const struct tables *
tables_of(EVP_PKEY *key, size_t n)
{
	char name[80];
	size_t size = 0;
	int curve;

	for (int i = 0; i < KEPT; i++)
		if (kept[i].key == key)
			return &kept[i];
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
	    EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1)
		return NULL;
	curve = OBJ_txt2nid(name);
	if ((curve != NID_X9_62_prime256v1 && curve != NID_secp384r1) ||
	    (curve == NID_X9_62_prime256v1 && n < FEW))
		return NULL;
	tables_clear(&kept[next_kept]);
	if (!tables_make(&kept[next_kept], key, curve))
		return NULL;
	size = next_kept;
	next_kept = (next_kept + 1) % KEPT;
	return &kept[size];
}

/* ---- the work ---- */

static void
work_free(struct work *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < TOGETHER; i++) {
		ECDSA_SIG_free(w->ones[i].signature);
		BN_free(w->ones[i].hash);
		BN_free(w->ones[i].before);
		EC_POINT_free(w->points[i]);
	}
	BN_free(w->zero);
	BN_free(w->inverse);
	BN_free(w->w);
	BN_free(w->u);
	BN_free(w->x);
	EC_POINT_free(w->half);
	BN_CTX_free(w->ctx);
	free(w);
}

static struct work *
work_new(const struct tables *t, size_t n)
{
	struct work *w = xcalloc(1, sizeof *w);
	bool good;

	w->order = EC_GROUP_get0_order(t->curve);
	w->ctx = BN_CTX_new();
	w->zero = BN_new();
	w->inverse = BN_new();
	w->w = BN_new();
	w->u = BN_new();
	w->x = BN_new();
	w->half = EC_POINT_new(t->curve);
	good = w->ctx && w->zero && w->inverse && w->w && w->u && w->x &&
	    w->half;
	for (size_t i = 0; i < n; i++) {
		w->ones[i].hash = BN_new();
		w->ones[i].before = BN_new();
		w->points[i] = EC_POINT_new(t->curve);
		good = good && w->ones[i].hash && w->ones[i].before &&
		    w->points[i];
	}
	if (good)
		return w;
	work_free(w);
	return NULL;
}

/* DER and nothing else: one signature has one spelling. */
static bool
signature_read(struct one *o, const struct signature_at *a)
{
	const uint8_t *p = a->signature;
	uint8_t *again = NULL;
	int size;
	bool same;

	o->signature = d2i_ECDSA_SIG(NULL, &p, (long)a->size);
	if (o->signature == NULL)
		return false;
	size = i2d_ECDSA_SIG(o->signature, &again);
	same = size > 0 && (size_t)size == a->size &&
	    memcmp(again, a->signature, a->size) == 0;
	OPENSSL_free(again);
	ECDSA_SIG_get0(o->signature, &o->r, &o->s);
	return same;
}

static bool
in_range(const BIGNUM *v, const BIGNUM *order)
{
	return !BN_is_zero(v) && !BN_is_negative(v) && BN_cmp(v, order) < 0;
}

/* Read one, check its bounds, go on with the product of all s. */
static bool
one_begin(struct work *w, const struct signing *s, size_t i,
    const struct signature_at *a)
{
	struct one *o = &w->ones[i];
	size_t room = (size_t)(BN_num_bits(w->order) + 7) / 8;
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	/* both curves have whole octets: the leftmost ones count */
	if (!signing_hash(s, a->data, a->data_size, hash, &size) ||
	    BN_bin2bn(hash, (int)(size < room ? size : room), o->hash) == NULL ||
	    !signature_read(o, a) || !in_range(o->r, w->order) ||
	    !in_range(o->s, w->order))
		return false;
	if (i == 0)
		return BN_copy(o->before, o->s) != NULL;
	return BN_mod_mul(o->before, w->ones[i - 1].before, o->s, w->order,
	    w->ctx) == 1;
}

/* out = scalar * the generator of a group with a table. */
static bool
table_mul(struct work *w, const struct tables *t, const EC_GROUP *g,
    EC_POINT *out, const BIGNUM *scalar)
{
	const EC_POINT *other = EC_GROUP_get0_generator(t->curve);
	const BIGNUM *none = w->zero;

	if (t->fixed)
		return EC_POINT_mul(g, out, scalar, NULL, NULL, w->ctx) == 1;
	/* with a single scalar libcrypto takes the slow road that keeps it
	 * secret; these are public: a second one, zero, leads to the table */
	return EC_POINTs_mul(g, out, scalar, 1, &other, &none, w->ctx) == 1;
}

/* inverse holds 1 / (s of 0..i): take this one's out, leave the rest's. */
static bool
one_point(struct work *w, const struct tables *t, size_t i)
{
	struct one *o = &w->ones[i];

	if (i == 0) {
		if (BN_copy(w->w, w->inverse) == NULL)
			return false;
	} else if (BN_mod_mul(w->w, w->inverse, w->ones[i - 1].before,
	    w->order, w->ctx) != 1 || BN_mod_mul(w->inverse, w->inverse, o->s,
	    w->order, w->ctx) != 1) {
		return false;
	}
	return BN_mod_mul(w->u, o->hash, w->w, w->order, w->ctx) == 1 &&
	    table_mul(w, t, t->curve, w->half, w->u) &&
	    BN_mod_mul(w->u, o->r, w->w, w->order, w->ctx) == 1 &&
	    table_mul(w, t, t->own, w->points[i], w->u) &&
	    EC_POINT_add(t->curve, w->points[i], w->points[i], w->half,
	    w->ctx) == 1 &&
	    EC_POINT_is_at_infinity(t->curve, w->points[i]) == 0;
}

static bool
points_compare(struct work *w, const struct tables *t, size_t n)
{
	if (EC_POINTs_make_affine(t->curve, n, w->points, w->ctx) != 1)
		return false;
	for (size_t i = 0; i < n; i++)
		if (EC_POINT_get_affine_coordinates(t->curve, w->points[i],
		    w->x, NULL, w->ctx) != 1 || BN_nnmod(w->x, w->x, w->order,
		    w->ctx) != 1 || BN_cmp(w->x, w->ones[i].r) != 0)
			return false;
	return true;
}

static bool
together_verify(const struct tables *t, const struct signing *s,
    const struct signature_at *list, size_t n)
{
	struct work *w = work_new(t, n);
	bool good = w != NULL;

	for (size_t i = 0; good && i < n; i++)
		good = one_begin(w, s, i, &list[i]);
	good = good && BN_mod_inverse(w->inverse, w->ones[n - 1].before,
	    w->order, w->ctx) != NULL;
	for (size_t i = n; good && i-- > 0; )
		good = one_point(w, t, i);
	good = good && points_compare(w, t, n);
	work_free(w);
	return good;
}

#endif

static bool
each_verify(const struct signing *s, EVP_PKEY *key,
    const struct signature_at *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!signing_verify(s, key, list[i].data, list[i].data_size,
		    list[i].signature, list[i].size))
			return false;
	return true;
}

bool
signing_verify_all(const struct signing *s, EVP_PKEY *key,
    const struct signature_at *list, size_t n)
{
#ifndef OPENSSL_NO_DEPRECATED_3_0
	const struct tables *t = NULL;

	if (key != NULL && n > 0 && (t = tables_of(key, n)) != NULL) {
		for (size_t i = 0; i < n; i += TOGETHER)
			if (!together_verify(t, s, list + i,
			    n - i < TOGETHER ? n - i : TOGETHER))
				return false;
		/* one of many also by the library's own way: were the two
		 * ever at odds it must not stay unseen */
		return n < FEW || each_verify(s, key, &list[n / 2], 1);
	}
#endif
	return each_verify(s, key, list, n);
}
