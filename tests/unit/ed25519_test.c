/* ed25519_test.c - keys under which anybody can forge are refused wherever a
 * key comes in: as verifier key, as approver's SSH key, as signature's key. */
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/x509/checkpoint.h"
#include "core/x509/ed25519.h"
#include "core/x509/hash.h"
#include "core/x509/sshsig.h"
#include "core/x509/statement.h"

/*
 * All 14 spellings of the 8 points of small order that some library takes
 * (libsodium's ge25519_has_small_order(), and table 1 of "Taming the many
 * EdDSAs"), each with both signs.
 */
static const char *const weak[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	/* y = 2^255 - 19 + 2 .. + 18: other spellings of small numbers */
	"efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	/* y = 2 is no point */
	"0200000000000000000000000000000000000000000000000000000000000000",
};
#define WEAK (sizeof weak / sizeof weak[0])

/* The nth of them, with its sign. */
static void
weak_key(size_t n, uint8_t key[32])
{
	assert_int_equal(hex_decode(key, 32, weak[n / 2]), 32);
	if (n % 2 != 0)
		key[31] |= 0x80;
}

static void
weak_points_and_second_spellings_are_refused(void **state)
{
	uint8_t key[32];
	struct err e;

	(void)state;
	for (size_t n = 0; n < 2 * WEAK; n++) {
		weak_key(n, key);
		memset(&e, 0, sizeof e);
		if (ed25519_key_check(key, &e) == 0)
			fail_msg("%s, sign %zu, is taken", weak[n / 2],
			    n % 2);
		assert_string_equal(e.clause, "ed25519-key");
	}
}

/* As many of all numbers are points as must be (one half), and libcrypto's own
 * keys all are. */
static void
what_is_a_point_is_taken(void **state)
{
	/* RFC 8032, 7.1, tests 1 and 2; and the base point */
	static const char *const good[] = {
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	    "5866666666666666666666666666666666666666666666666666666666666666",
	    "0300000000000000000000000000000000000000000000000000000000000000",
	};
	EVP_PKEY *pair = NULL;
	struct err e = { 0 };
	uint8_t key[32];
	size_t n, points = 0;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(hex_decode(key, 32, good[i]), 32);
		if (ed25519_key_check(key, &e) < 0)
			fail_msg("%s: %s", good[i], e.text);
	}
	for (int i = 0; i < 200; i++) {
		n = sizeof key;
		pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		EVP_PKEY_get_raw_public_key(pair, key, &n);
		assert_int_equal(ed25519_key_check(key, &e), 0);
		EVP_PKEY_free(pair);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		sha256(key, &i, sizeof i);
		points += ed25519_key_check(key, &e) == 0;
	}
	assert_in_range(points, 420, 580);
}

/* A signature that nobody made: R = the neutral point, S = 0 is good under
 * the neutral point as key, whatever the message. */
static void
a_forged_note_of_a_weak_key_does_not_pass(void **state)
{
	uint8_t key[33] = { NOTE_ED25519 }, hash[32];
	struct buf b = { 0 };
	struct err e;
	struct vkey v;
	char hex[9], *text;

	(void)state;
	for (size_t n = 0; n < 2 * WEAK; n++) {
		weak_key(n, key + 1);
		b.size = 0;
		buf_printf(&b, "log.example\n");
		buf_put(&b, key, sizeof key);
		sha256(hash, b.data, b.size);
		hex_encode(hex, hash, 4);
		text = base64_encode(key, sizeof key);
		b.size = 0;
		buf_printf(&b, "log.example+%s+%s", hex, text);
		buf_put_u8(&b, 0);
		memset(&e, 0, sizeof e);
		assert_int_equal(vkey_parse((char *)b.data, &v, &e), -1);
		assert_string_equal(e.clause, "ed25519-key");
		free(text);
	}
	buf_clear(&b);
}

static void
no_approver_has_a_weak_key(void **state)
{
	static const char *const types[] = { "ssh-ed25519",
		"sk-ssh-ed25519@openssh.com" };
	uint8_t key[32], blob[SSHSIG_KEY_MAX];
	struct buf b = { 0 }, line = { 0 };
	struct sshsig s;
	struct err e;
	size_t size;
	char *text;

	(void)state;
	for (size_t n = 0; n < 4 * WEAK; n++) {
		weak_key(n / 2, key);
		b.size = line.size = 0;
		buf_put_str(&b, types[n % 2]);
		buf_put_bytes(&b, key, 32);
		if (n % 2 != 0)
			buf_put_str(&b, "ssh:");
		text = base64_encode(b.data, b.size);
		buf_printf(&line, "%s %s", types[n % 2], text);
		buf_put_u8(&line, 0);
		free(text);
		memset(&e, 0, sizeof e);
		assert_int_equal(sshsig_key_line((char *)line.data, blob,
		    &size, &e), -1);
		assert_string_equal(e.clause, "ed25519-key");
		/* and as the key inside a signature */
		memset(&s, 0, sizeof s);
		memcpy(s.key, b.data, b.size);
		s.key_size = b.size;
		str_copy(s.space, sizeof s.space, STATEMENT_SPACE);
		str_copy(s.hash, sizeof s.hash, "sha512");
		b.size = 0;
		buf_put_str(&b, types[n % 2]);
		memset(blob, 0, 64);
		blob[0] = 1;		/* R neutral, S 0 */
		buf_put_bytes(&b, blob, 64);
		if (n % 2 != 0) {
			buf_put_u8(&b, 5);
			buf_put_u32(&b, 1);
		}
		memcpy(s.signature, b.data, b.size);
		s.signature_size = b.size;
		memset(&e, 0, sizeof e);
		assert_int_equal(sshsig_verify(&s, STATEMENT_SPACE, "yes", 3,
		    false, &e), -1);
		assert_string_equal(e.clause, "ed25519-key");
	}
	buf_clear(&b);
	buf_clear(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weak_points_and_second_spellings_are_refused),
		cmocka_unit_test(what_is_a_point_is_taken),
		cmocka_unit_test(a_forged_note_of_a_weak_key_does_not_pass),
		cmocka_unit_test(no_approver_has_a_weak_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
