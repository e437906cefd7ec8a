/* crl_test.c - CRLs built as bytes, judged by OpenSSL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/base/text.h"
#include "core/x509/crl.h"
#include "core/x509/hash.h"
#include "tests/unit/authority.h"

static void
entry_add(struct crl_wish *w, const char *serial, enum reason reason,
    int64_t revoked)
{
	struct status *st = LIST_ADD(w, entries);

	str_copy(st->serial, sizeof st->serial, serial);
	st->state = CERTIFICATE_REVOKED;
	st->reason = reason;
	st->revoked = revoked;
}

static struct crl_wish
wish_new(int64_t number)
{
	struct crl_wish w = { .number = number, .this_update = clock_now() };

	w.next_update = w.this_update + 7 * 86400;
	str_copy(w.issuer, sizeof w.issuer, "ica-server-1");
	return w;
}

static void
verified(struct authority *a, const struct crl_wish *w)
{
	struct blob der = { 0 };
	struct err e = { 0 };

	if (crl_build(a->ica, a->key, w, &der, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	put_file("a.crl", der.data, der.size);
	assert_int_equal(judge("crl", "-inform", "DER", "-in", "a.crl",
	    "-CAfile", "ica.pem", "-noout", "-text", NULL), 0);
	assert_true(judge_says("verify OK"));
	blob_clear(&der);
}

/* S8.1: v2, AKI, CRLNumber, reasons, and OpenSSL verifies it. */
static void
crl_verifies_with_openssl_and_says_each_reason(void **state)
{
	struct authority a = authority_new(NULL);
	struct crl_wish w = wish_new(4711);

	(void)state;
	entry_add(&w, "01aabbccddeeff00112233445566778899",
	    REASON_KEY_COMPROMISE, 1790000000);
	entry_add(&w, "7f00000000000000000000000000000001",
	    REASON_UNSPECIFIED, 1790000001);
	entry_add(&w, "0200000000000000000000000000000001",
	    REASON_PRIVILEGE_WITHDRAWN, 2524608000 + 5);
	verified(&a, &w);
	assert_true(judge_says("Version 2 (0x1)"));
	assert_true(judge_says("ecdsa-with-SHA384"));
	assert_true(judge_says("X509v3 Authority Key Identifier"));
	assert_true(judge_says("X509v3 CRL Number: \n                4711"));
	assert_true(judge_says("Serial Number: 01AABBCCDDEEFF0011223344556677"
	    "8899"));
	assert_true(judge_says("Key Compromise"));
	assert_true(judge_says("Privilege Withdrawn"));
	assert_true(judge_says("Revocation Date: Jan  1 00:00:05 2050"));
	assert_null(strstr(judge_said, "Unspecified"));
	NOUN_CLEAR(crl_wish, &w);
	authority_free(&a);
}

/* An empty list has no revokedCertificates at all (RFC 5280 5.1.2.6). */
static void
empty_crl_verifies(void **state)
{
	struct authority a = authority_new(NULL);
	struct crl_wish w = wish_new(1);

	(void)state;
	verified(&a, &w);
	assert_true(judge_says("No Revoked Certificates"));
	assert_true(judge_says("CRL Number: \n                1\n"));
	authority_free(&a);
}

/* The digest follows the key: P-256 and RSA 3072 sign with SHA-256. */
static void
crl_of_other_keys_verifies(void **state)
{
	struct authority a = authority_new(EVP_EC_gen("P-256"));
	struct crl_wish w = wish_new(INT64_MAX);

	(void)state;
	entry_add(&w, "01", REASON_SUPERSEDED, 1);
	verified(&a, &w);
	assert_true(judge_says("ecdsa-with-SHA256"));
	authority_free(&a);
	a = authority_new(EVP_RSA_gen(3072));
	verified(&a, &w);
	assert_true(judge_says("sha256WithRSAEncryption"));
	NOUN_CLEAR(crl_wish, &w);
	authority_free(&a);
}

/* 20,000 entries: every length form on the way, counted by OpenSSL. */
static void
large_crl_verifies_and_counts(void **state)
{
	struct authority a = authority_new(NULL);
	struct crl_wish w = wish_new(9);
	struct blob der = { 0 };
	X509_CRL *crl;
	const uint8_t *p;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint8_t serial[17];
		char hex[35];

		random_bytes(serial, sizeof serial);
		serial[0] = 1;
		hex_encode(hex, serial, sizeof serial);
		entry_add(&w, hex, REASON_CESSATION, 1790000000 + i);
	}
	assert_int_equal(crl_build(a.ica, a.key, &w, &der, NULL), 0);
	p = der.data;
	crl = d2i_X509_CRL(NULL, &p, (long)der.size);
	assert_non_null(crl);
	assert_ptr_equal(p, der.data + der.size);
	assert_int_equal(X509_CRL_verify(crl, a.key), 1);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)),
	    20000);
	X509_CRL_free(crl);
	blob_clear(&der);
	NOUN_CLEAR(crl_wish, &w);
	authority_free(&a);
}

/* What cannot stand in a CRL is refused before anything is signed. */
static void
wrong_entries_are_refused(void **state)
{
	static const struct {
		const char *serial, *clause;
		enum reason reason;
		int64_t revoked;
	} wrong[] = {
		{ "", "crl-serial", REASON_SUPERSEDED, 1 },
		{ "8000", "crl-serial", REASON_SUPERSEDED, 1 },
		{ "0001", "crl-serial", REASON_SUPERSEDED, 1 },
		{ "0g", "crl-serial", REASON_SUPERSEDED, 1 },
		{ "010203040506070809101112131415161718192021", "crl-serial",
		  REASON_SUPERSEDED, 1 },
		{ "01", "crl-date", REASON_SUPERSEDED, 0 },
		{ "01", "crl-reason", REASON_REMOVE, 1 },
		{ "01", "crl-reason", REASON_UNUSED_7, 1 },
	};
	struct authority a = authority_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct crl_wish w = wish_new(1);
		struct blob der = { 0 };
		struct err e = { 0 };

		entry_add(&w, wrong[i].serial, wrong[i].reason,
		    wrong[i].revoked);
		assert_int_equal(crl_build(a.ica, a.key, &w, &der, &e), -1);
		assert_string_equal(e.clause, wrong[i].clause);
		assert_null(der.data);
		NOUN_CLEAR(crl_wish, &w);
	}
	authority_free(&a);
}

/* The same list in parts: not kept, and the same to OpenSSL. */
static void
streamed_crl_verifies_and_counts_are_kept(void **state)
{
	struct authority a = authority_new(NULL);
	struct crl_begin w = { .number = 9, .this_update = clock_now() };
	struct status st = { .state = CERTIFICATE_REVOKED,
		.revoked = 1790000000, .reason = REASON_SUPERSEDED };
	struct crl_signed out = { 0 };
	struct crl_stream *s = NULL;
	struct buf b = { 0 }, all = { 0 };
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(st.serial, sizeof st.serial, "01%032x", i);
		assert_int_equal(crl_entry_put(&b, &st, &e), 0);
	}
	w.next_update = w.this_update + 86400;
	w.entries = 200;
	w.size = (int64_t)b.size;
	assert_non_null(s = crl_begin(a.ica, a.key, &w, NULL, &e));
	for (size_t at = 0; at < b.size; at += b.size / 200)
		assert_int_equal(crl_part(s, b.data + at, b.size / 200, &e),
		    0);
	/* one more than was announced */
	assert_int_equal(crl_part(s, b.data, b.size / 200, &e), -1);
	assert_string_equal(e.clause, "crl-entries");
	crl_stream_free(s);
	assert_non_null(s = crl_begin(a.ica, a.key, &w, NULL, &e));
	assert_int_equal(crl_end(s, &out, &e), -1);	/* none came */
	assert_int_equal(crl_part(s, b.data, b.size, &e), 0);
	assert_int_equal(crl_end(s, &out, &e), 0);
	crl_stream_free(s);
	buf_put(&all, out.head.data, out.head.size);
	buf_put(&all, b.data, b.size);
	buf_put(&all, out.tail.data, out.tail.size);
	put_file("s.crl", all.data, all.size);
	assert_int_equal(judge("crl", "-inform", "DER", "-in", "s.crl",
	    "-CAfile", "ica.pem", "-noout", "-text", NULL), 0);
	assert_true(judge_says("verify OK"));
	assert_true(judge_says("01000000000000000000000000000000C7"));
	NOUN_CLEAR(crl_signed, &out);
	buf_clear(&b);
	buf_clear(&all);
	authority_free(&a);
}

/* What the signer reads is read strictly. */
static void
crooked_entries_are_refused(void **state)
{
	static const char *const bad[] = {
		"3000", "30030201", "300302017f",
		/* negative; needlessly long; no date; wrong month */
		"3012020180170d3236313132323137303030305a",
		"301302020001170d3236313132323137303030305a",
		"30030201017f",
		"3012020101170d3236313332323137303030305a",
		/* indefinite length, and what follows */
		"3080020101170d3236313132323137303030305a",
		"3012020101170d3236313132323137303030305a00",
		/* reason 7, and unspecified said */
		"3020020101170d3236313132323137303030305a300c300a0603551d15"
		    "04030a0107",
		"3020020101170d3236313132323137303030305a300c300a0603551d15"
		    "04030a0100",
	};
	static const char good[] = "3012020101170d3236313132323137303030305a"
	    "3020020102170d3236313132323137303030305a300c300a0603551d15"
	    "04030a0101";
	uint8_t der[128];
	int64_t n = 0;
	struct err e = { 0 };
	int size = hex_decode(der, sizeof der, good);

	(void)state;
	assert_int_equal(crl_entries_check(der, (size_t)size, &n, &e), 0);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		size = hex_decode(der, sizeof der, bad[i]);
		assert_true(size > 0);
		if (crl_entries_check(der, (size_t)size, &n, &e) == 0)
			fail_msg("taken: %s", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crl_verifies_with_openssl_and_says_each_reason),
		cmocka_unit_test(empty_crl_verifies),
		cmocka_unit_test(crl_of_other_keys_verifies),
		cmocka_unit_test(large_crl_verifies_and_counts),
		cmocka_unit_test(wrong_entries_are_refused),
		cmocka_unit_test(streamed_crl_verifies_and_counts_are_kept),
		cmocka_unit_test(crooked_entries_are_refused),
	};

	return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
