/* sign_check_test.c - many signatures of one key at once: what libcrypto says
 * one by one is said together, and the throw-away key's are real (S5.6). */
#include "tests/unit/check.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "core/x509/certsign.h"
#include "core/x509/sign_check.h"

#define MANY 150		/* more than share their inversions */

struct rig {
	EVP_PKEY *key;
	const struct signing *signing;
	uint8_t data[MANY][40], signatures[MANY][SIGNATURE_MAX];
	struct signature_at list[MANY];
};

static struct rig
rig_make(EVP_PKEY *key)
{
	struct rig r = { .key = key, .signing = signing_of(key) };

	return r;
}

static void
rig_sign(struct rig *r)
{
	for (size_t i = 0; i < MANY; i++) {
		size_t size = SIGNATURE_MAX;

		memset(r->data[i], (int)i, sizeof r->data[i]);
		assert_int_equal(signing_sign(r->signing, r->key, r->data[i],
		    sizeof r->data[i], r->signatures[i], &size, NULL), 0);
		r->list[i] = (struct signature_at){ r->data[i],
			sizeof r->data[i], r->signatures[i], size };
	}
}

static bool
alone(struct rig *r, size_t i)
{
	const struct signature_at *a = &r->list[i];

	return signing_verify(r->signing, r->key, a->data, a->data_size,
	    a->signature, a->size);
}

static void
judge(struct rig *r)
{
	assert_true(signing_verify_all(r->signing, r->key, r->list, MANY));
	assert_true(signing_verify_all(r->signing, r->key, r->list, 1));
	assert_true(signing_verify_all(r->signing, r->key, r->list, 0));
	for (size_t i = 0; i < MANY; i += 37) {
		for (size_t at = 0; at < r->list[i].size; at += 3) {
			bool one;

			r->signatures[i][at] ^= 0x10;
			one = alone(r, i);
			assert_int_equal(signing_verify_all(r->signing,
			    r->key, r->list + i, 1), one);
			assert_int_equal(signing_verify_all(r->signing,
			    r->key, r->list, MANY), one);
			r->signatures[i][at] ^= 0x10;
		}
		r->data[i][5] ^= 1;
		assert_false(signing_verify_all(r->signing, r->key, r->list,
		    MANY));
		r->data[i][5] ^= 1;
	}
	assert_true(signing_verify_all(r->signing, r->key, r->list, MANY));
}

static void
many_are_judged_as_one_by_one(void **state)
{
	static const char *const curves[] = { "P-256", "P-384" };
	struct rig *r = xcalloc(1, sizeof *r);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		*r = rig_make(EVP_EC_gen(curves[i]));
		rig_sign(r);
		judge(r);
		EVP_PKEY_free(r->key);
	}
	*r = rig_make(EVP_RSA_gen(2048));
	rig_sign(r);
	assert_true(signing_verify_all(r->signing, r->key, r->list, MANY));
	r->signatures[7][9] ^= 1;
	assert_false(signing_verify_all(r->signing, r->key, r->list, MANY));
	EVP_PKEY_free(r->key);
	free(r);
}

/* A signature by hand: 0 and the order are no values, and DER has one form. */
static void
values_out_of_range_and_other_spellings_are_refused(void **state)
{
	static const uint8_t zero_r[] = { 0x30, 6, 2, 1, 0, 2, 1, 1 };
	static const uint8_t zero_s[] = { 0x30, 6, 2, 1, 1, 2, 1, 0 };
	static const uint8_t negative[] = { 0x30, 6, 2, 1, 0xff, 2, 1, 1 };
	static const uint8_t order[] = { 0x30, 0x26, 2, 0x21, 0,
		0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
		0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
		2, 1, 1 };
	const struct { const uint8_t *p; size_t n; } bad[] = {
		{ zero_r, sizeof zero_r }, { zero_s, sizeof zero_s },
		{ negative, sizeof negative }, { order, sizeof order },
		{ zero_r, 0 }, { zero_r, 3 },
	};
	struct rig *r = xcalloc(1, sizeof *r);
	uint8_t longer[SIGNATURE_MAX];
	struct signature_at keep;

	(void)state;
	*r = rig_make(EVP_EC_gen("P-256"));
	rig_sign(r);
	keep = r->list[4];
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		r->list[4].signature = bad[i].p;
		r->list[4].size = bad[i].n;
		assert_false(signing_verify_all(r->signing, r->key, r->list,
		    MANY));
	}
	memcpy(longer, keep.signature, keep.size);	/* a byte behind it */
	longer[keep.size] = 0;
	r->list[4] = keep;
	r->list[4].signature = longer;
	r->list[4].size = keep.size + 1;
	assert_false(alone(r, 4));
	assert_false(signing_verify_all(r->signing, r->key, r->list, MANY));
	r->list[4] = keep;
	assert_true(signing_verify_all(r->signing, r->key, r->list, MANY));
	EVP_PKEY_free(r->key);
	free(r);
}

/* More keys than tables are kept, in turn. */
static void
each_key_has_its_own_tables(void **state)
{
	struct rig *r = xcalloc(6, sizeof *r);

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		r[i] = rig_make(EVP_EC_gen("P-384"));
		rig_sign(&r[i]);
	}
	for (size_t i = 0; i < 12; i++) {
		struct rig *one = &r[i % 6];

		assert_true(signing_verify_all(one->signing, one->key,
		    one->list, 9));
		assert_false(signing_verify_all(one->signing,
		    r[(i + 1) % 6].key, one->list, 9));
	}
	for (size_t i = 0; i < 6; i++)
		EVP_PKEY_free(r[i].key);
	free(r);
}

static void
the_throw_away_key_makes_real_signatures_S5_6(void **state)
{
	static const char *const curves[] = { "P-256", "P-384" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		EVP_PKEY *issuer = EVP_EC_gen(curves[i]);
		struct sign_frame s = { .signing = signing_of(issuer) };

		for (int k = 0; k < 50; k++) {
			struct buf b = { 0 };
			size_t tail = s.signing->algorithm_size;
			const uint8_t *bits;

			buf_printf(&b, "what is signed, %d", k);
			size_t n = b.size;
			assert_int_equal(throw_away_append(&b, 0, &s, NULL),
			    0);
			bits = b.data + n + tail;
			assert_int_equal(bits[0], 3);
			assert_true(signing_verify(s.signing,
			    throw_away_key(&s), b.data, n, bits + 3,
			    b.size - n - tail - 3));
			assert_false(signing_verify(s.signing, issuer, b.data,
			    n, bits + 3, b.size - n - tail - 3));
			buf_clear(&b);
		}
		EVP_PKEY_free(issuer);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_are_judged_as_one_by_one),
		cmocka_unit_test(
		    values_out_of_range_and_other_spellings_are_refused),
		cmocka_unit_test(each_key_has_its_own_tables),
		cmocka_unit_test(
		    the_throw_away_key_makes_real_signatures_S5_6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
