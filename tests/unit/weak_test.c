/* weak_test.c - keys whose private half is known, and names that look alike
 * (S5.5, K2, N5). */
#include "tests/unit/check.h"

#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "core/x509/hash.h"
#include "core/x509/intake.h"
#include "core/x509/lookalike.h"
#include "core/x509/rules.h"
#include "core/x509/weak.h"
#include "tests/unit/csr_make.h"

static char path[] = "/tmp/weak.XXXXXX";

static int
setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	return fd < 0;
}

static int
teardown(void **state)
{
	(void)state;
	weak_list_clear();
	return unlink(path);
}

static void
list_write(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct buf
spki_of(EVP_PKEY *key, struct spki *k)
{
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	struct buf b = { 0 };
	struct err e = { 0 };

	buf_put(&b, der, (size_t)n);
	OPENSSL_free(der);
	assert_int_equal(spki_read(b.data, b.size, k, &e), 0);
	return b;
}

static void
the_published_ones_are_well_formed(void **state)
{
	static const char *const hex[] = {
#define PUBLISHED(hex, where) hex,
#include "core/x509/published.def"
#undef PUBLISHED
	};
	struct weak_count c;
	uint8_t hash[32];

	(void)state;
	weak_count(&c);
	assert_int_equal(c.published, sizeof hex / sizeof *hex);
	for (size_t i = 0; i < c.published; i++) {
		assert_int_equal(hex_decode(hash, 32, hex[i]), 32);
		assert_int_equal(strlen(hex[i]), 64);
		if (i > 0)
			assert_true(strcmp(hex[i - 1], hex[i]) < 0);
	}
}

/* What openssl-vulnkey hashed, made anew here with libcrypto's own printer. */
static void
a_key_of_debians_list_is_refused(void **state)
{
	BIGNUM *n = NULL;
	struct buf text = { 0 }, der;
	uint8_t hash[20];
	struct err e = { 0 };
	size_t size = 0;
	struct spki k;
	char *hex, line[80], digits[41];

	(void)state;
	weak_list_clear();
	EVP_PKEY_get_bn_param(key_rsa(), OSSL_PKEY_PARAM_RSA_N, &n);
	hex = BN_bn2hex(n);
	buf_printf(&text, "Modulus=%s\n", hex);
	assert_int_equal(EVP_Q_digest(NULL, "SHA1", NULL, text.data, text.size,
	    hash, &size), 1);
	hex_encode(digits, hash, 20);
	snprintf(line, sizeof line, "# a comment\n\n%s\n", digits + 20);
	list_write(line);
	der = spki_of(key_rsa(), &k);
	assert_int_equal(spki_check(&k, &e), 0);
	assert_int_equal(weak_list_load(path, &e), 0);
	assert_int_equal(spki_check(&k, &e), -1);
	assert_string_equal(e.clause, "key-debian");
	weak_list_clear();
	assert_int_equal(spki_check(&k, &e), 0);
	OPENSSL_free(hex);
	BN_free(n);
	buf_clear(&text);
	buf_clear(&der);
}

/* The public half alone. */
static EVP_PKEY *
key_of_modulus(const BIGNUM *n, unsigned long exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	assert_true(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n));
	assert_true(OSSL_PARAM_BLD_push_ulong(b, OSSL_PKEY_PARAM_RSA_E,
	    exponent));
	params = OSSL_PARAM_BLD_to_param(b);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY,
	    params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* A key that Debian's generator really made, and its line of
 * openssl-blacklist 0.5, both as published: nothing here was computed by us. */
static void
a_real_key_of_2008_is_refused_by_its_real_line(void **state)
{
	static const char modulus[] =
	    "D673252AF6723C3F72529403EAB7C30DEF3C52F97E799825F4A70191C616"
	    "ADCF1ECE1113F1625971074C492C592025FDEADBDB146A081826BDF0D77C"
	    "3C913DCF1B6F0B3B78F5108D2E493AD0EEE8CA5C021711ADC13D358E6113"
	    "3870FCD19C8E5C22403959782AA82E72AEE53A3D491E3912CE27B27E1A85"
	    "EA69C19A527D28F7934C9823B7E56FDD657DAC83FDC65BB22A98D843DF73"
	    "238919781B714C81A5E2AFEC71F5C54AA2A27C590AD94C03C1062D50EFCF"
	    "FAC743E3C8A3AE056846A1D756EB862BF4224169D467C35215ADE0AFCC11"
	    "E85FE629AFB802C4786FF2E9C929BCCF502B3D3B8876C6A11785CC398B38"
	    "9F1D86BDD9CB0BD4EC13956EC3FA270D";
	static const char line[] = "8df20e6961a16398b85a\n";
	struct err e = { 0 };
	BIGNUM *n = NULL;
	EVP_PKEY *key;
	struct spki k;
	struct buf der;

	(void)state;
	weak_list_clear();
	assert_int_equal(BN_hex2bn(&n, modulus), 512);
	key = key_of_modulus(n, 65537);
	der = spki_of(key, &k);
	assert_int_equal(spki_check(&k, &e), 0);
	list_write(line);
	assert_int_equal(weak_list_load(path, &e), 0);
	assert_int_equal(spki_check(&k, &e), -1);
	assert_string_equal(e.clause, "key-debian");
	weak_list_clear();
	EVP_PKEY_free(key);
	BN_free(n);
	buf_clear(&der);
}

static void
a_key_of_the_operators_list_is_refused(void **state)
{
	char digits[65], line[160];
	struct weak_count c;
	struct err e = { 0 };
	uint8_t hash[32];
	struct spki k;
	struct buf der;

	(void)state;
	weak_list_clear();
	der = spki_of(key_p256(), &k);
	sha256(hash, der.data, der.size);
	hex_encode(digits, hash, 32);
	snprintf(line, sizeof line, "%s found on a web page\n%064d\n", digits,
	    7);
	list_write(line);
	assert_int_equal(weak_list_load(path, &e), 0);
	weak_count(&c);
	assert_int_equal(c.keys, 2);
	assert_int_equal(c.moduli, 0);
	assert_int_equal(spki_check(&k, &e), -1);
	assert_string_equal(e.clause, "key-known");
	buf_clear(&der);
}

static void
a_malformed_list_is_told_by_its_line_and_does_not_count(void **state)
{
	static const char *const bad[] = { "abc\n", "xyz\n",
		"0123456789abcdef0123:4\n",
		"0123456789abcdef012345678\n", "0123456789abcdef0123\nzz\n" };
	struct weak_count c;
	struct err e;

	(void)state;
	weak_list_clear();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		list_write(bad[i]);
		err_clear(&e);
		assert_int_equal(weak_list_load(path, &e), -1);
		assert_string_equal(e.clause, "weak-list");
		assert_non_null(strstr(e.text, "line"));
		weak_count(&c);
		assert_int_equal(c.keys + c.moduli, 0);
	}
	assert_int_equal(weak_list_load("/nonexistent/list", &e), -1);
	assert_string_equal(e.clause, "weak-list");
	err_clear(&e);
	assert_int_equal(weak_list_load("/tmp", &e), -1);
	assert_string_equal(e.clause, "weak-list");
}

/* What a copy leaves behind that a full disk or a power cut ended. */
static void
a_list_that_was_cut_short_is_refused(void **state)
{
#define KEY_LINE "0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef\n"
	static const struct {
		const char *text, *says;
		size_t size;	/* 0: of the text */
	} bad[] = {
		{ "", "no hash", 0 },
		{ "# a comment\n\n", "no hash", 0 },
		{ "0123456789abcdef0123\n0123456789abcde", "line 2", 0 },
		{ KEY_LINE "0123456789abcdef0123", "ends within", 0 },
		{ "0123456789abcdef0123\n\0\0\0\0", "NUL", 25 },
		{ "0123456789abcdef0123\0\0\0\n", "NUL", 24 },
		{ "\0\0\0\0\0\0\0\0", "NUL", 8 },
		{ "\x1f\x8b\x08\n", "line 1", 0 },	/* gzip */
	};
	struct weak_count c;
	struct err e;

	(void)state;
	weak_list_clear();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		size_t size = bad[i].size ? bad[i].size : strlen(bad[i].text);
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		assert_int_equal(fwrite(bad[i].text, 1, size, f), size);
		fclose(f);
		err_clear(&e);
		assert_int_equal(weak_list_load(path, &e), -1);
		assert_string_equal(e.clause, "weak-list");
		if (strstr(e.text, bad[i].says) == NULL)
			fail_msg("%zu: %s", i, e.text);
		weak_count(&c);
		assert_int_equal(c.keys + c.moduli, 0);
	}
	/* a last line without its line feed is fine when it must be whole */
	list_write(KEY_LINE "0123456789abcdef0123\n# b");
	assert_int_equal(weak_list_load(path, &e), 0);
	list_write("0123456789abcdef0123\n123456789abcdef01234");
	assert_int_equal(weak_list_load(path, &e), 0);
	weak_count(&c);
	assert_int_equal(c.keys, 1);
	assert_int_equal(c.moduli, 3);
	weak_list_clear();
}

static void
names_that_look_alike_have_one_skeleton(void **state)
{
	static const struct {
		const char *a, *b;
		bool alike;
	} pairs[] = {
		{ "jabber.net", "jаbber.net", true },	/* Cyrillic a */
		{ "jabber.net", "јabber.net", true },	/* Cyrillic je */
		{ "example.org", "exarnple.org", true },
		{ "xmpp1.net", "xmppl.net", true },
		{ "g00d.net", "good.net", true },
		{ "ορος.gr", "opoc.gr", false },
		{ "jabber.net", "jabber.com", false },
		{ "jabber.net", "jabbre.net", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char a[LOOKALIKE_SIZE], b[LOOKALIKE_SIZE];

		lookalike_skeleton(pairs[i].a, a);
		lookalike_skeleton(pairs[i].b, b);
		if ((strcmp(a, b) == 0) != pairs[i].alike)
			fail_msg("%s, %s: %s, %s", pairs[i].a, pairs[i].b, a,
			    b);
	}
}

/* The table is searched by halves, and a skeleton has no dot of its own. */
static void
the_table_of_lookalikes_is_sorted(void **state)
{
	static const struct {
		unsigned c;
		const char *like;
	} rows[] = {
#define LOOKS_LIKE(c, like) { c, like },
#include "core/x509/lookalike.def"
#undef LOOKS_LIKE
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (i > 0)
			assert_true(rows[i - 1].c < rows[i].c);
		assert_in_range(strlen(rows[i].like), 1, 4);
		assert_int_equal(strspn(rows[i].like, "abcdefghijklmnopqrstuvw"
		    "xyz0123456789"), strlen(rows[i].like));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_ones_are_well_formed),
		cmocka_unit_test(a_key_of_debians_list_is_refused),
		cmocka_unit_test(
		    a_real_key_of_2008_is_refused_by_its_real_line),
		cmocka_unit_test(a_key_of_the_operators_list_is_refused),
		cmocka_unit_test(a_list_that_was_cut_short_is_refused),
		cmocka_unit_test(
		    a_malformed_list_is_told_by_its_line_and_does_not_count),
		cmocka_unit_test(names_that_look_alike_have_one_skeleton),
		cmocka_unit_test(the_table_of_lookalikes_is_sorted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
