/* weak_test.c - keys whose private half is known, and names that look alike
 * (S5.5, K2, N5). */
#include "tests/unit/check.h"

#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>

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
		cmocka_unit_test(a_key_of_the_operators_list_is_refused),
		cmocka_unit_test(
		    a_malformed_list_is_told_by_its_line_and_does_not_count),
		cmocka_unit_test(names_that_look_alike_have_one_skeleton),
		cmocka_unit_test(the_table_of_lookalikes_is_sorted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
