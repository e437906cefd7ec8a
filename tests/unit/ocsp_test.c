/* ocsp_test.c - answers signed ahead, judged by `openssl ocsp`; requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/base/text.h"
#include "core/x509/der.h"
#include "core/x509/hash.h"
#include "core/x509/ocsp.h"
#include "tests/unit/authority.h"

#define SERIAL "01aabbccddeeff00112233445566778899"

static void
answer_make(struct authority *a, const struct status *st,
    enum certid_hash hash, int64_t now)
{
	struct ocsp_issuer i;
	struct answer_item item = { 0 };
	struct buf b = { 0 };
	struct err e = { 0 };
	uint8_t serial[20], *der = NULL;
	int n = hex_decode(serial, sizeof serial, st->serial);
	int size = i2d_X509(a->responder, &der);
	const struct blob *signature;

	assert_int_equal(ocsp_issuer_from(&i, a->ica, a->responder, &e), 0);
	if (ocsp_sign(&i, a->responder_key, st, now, now + 86400, &item,
	    &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	signature = hash == CERTID_SHA1 ? &item.sha1 : &item.sha256;
	assert_true(signature->size <= 72);
	ocsp_answer(&b, &i, hash, serial, (size_t)n, st, now, now + 86400,
	    signature->data, signature->size, der, (size_t)size);
	put_file("answer.der", b.data, b.size);
	OPENSSL_free(der);
	NOUN_CLEAR(answer_item, &item);
	buf_clear(&b);
}

static void
judged(const char *hash, const char *serial, const char *status)
{
	char hex[64], line[96];

	snprintf(hex, sizeof hex, "0x%s", serial);
	snprintf(line, sizeof line, "%s: %s", hex, status);
	assert_int_equal(judge("ocsp", "-respin", "answer.der", hash,
	    "-issuer", "ica.pem", "-serial", hex, "-CAfile", "root.pem",
	    "-verify_other", "ica.pem", "-no_nonce", NULL), 0);
	assert_true(judge_says("Response verify OK"));
	assert_true(judge_says(line));
}

/* S9.1, S9.2: good, revoked with reason, unknown; both CertID hashes; the
 * delegated responder's certificate inside. */
static void
answers_verify_with_openssl_in_each_state(void **state)
{
	struct authority a = authority_new(NULL);
	struct status st = { .serial = SERIAL };
	int64_t now = clock_now();

	(void)state;
	for (int hash = CERTID_SHA1; hash <= CERTID_SHA256; hash++) {
		const char *option = hash == CERTID_SHA1 ? "-sha1" :
		    "-sha256";

		st.state = CERTIFICATE_GOOD;
		answer_make(&a, &st, (enum certid_hash)hash, now);
		judged(option, SERIAL, "good");
		st.state = CERTIFICATE_REVOKED;
		st.revoked = now - 60;
		st.reason = REASON_KEY_COMPROMISE;
		answer_make(&a, &st, (enum certid_hash)hash, now);
		judged(option, SERIAL, "revoked");
		assert_true(judge_says("Reason: keyCompromise"));
		st.reason = REASON_UNSPECIFIED;
		answer_make(&a, &st, (enum certid_hash)hash, now);
		judged(option, SERIAL, "revoked");
		assert_null(strstr(judge_said, "Reason"));
		st.state = CERTIFICATE_NONE;
		answer_make(&a, &st, (enum certid_hash)hash, now);
		judged(option, SERIAL, "unknown");
	}
	authority_free(&a);
}

/* ResponderID by key, one nextUpdate, no nonce (S9.3). */
static void
answer_has_no_nonce_and_names_the_responder_by_key(void **state)
{
	struct authority a = authority_new(NULL);
	struct status st = { .serial = "7f01", .state = CERTIFICATE_GOOD };

	(void)state;
	answer_make(&a, &st, CERTID_SHA256, clock_now());
	assert_int_equal(judge("ocsp", "-respin", "answer.der", "-noverify",
	    "-resp_text", NULL), 0);
	assert_true(judge_says("Version: 1 (0x0)"));
	assert_true(judge_says("Hash Algorithm: sha256"));
	assert_true(judge_says("Next Update:"));
	assert_true(judge_says("Signature Algorithm: ecdsa-with-SHA256"));
	assert_null(strstr(judge_said, "Nonce"));
	assert_int_equal(judge("asn1parse", "-inform", "DER", "-in",
	    "answer.der", "-strparse", "30", NULL), 0);
	assert_true(judge_says("cont [ 2 ]"));
	authority_free(&a);
}

/* One changed byte anywhere in what is signed is noticed by the judge. */
static void
changed_answer_does_not_verify(void **state)
{
	struct authority a = authority_new(NULL);
	struct status st = { .serial = SERIAL, .state = CERTIFICATE_GOOD };
	struct blob der = { 0 };
	struct err e = { 0 };

	(void)state;
	answer_make(&a, &st, CERTID_SHA1, clock_now());
	assert_int_equal(file_read(in_folder("answer.der"), 8192, &der, &e),
	    0);
	for (size_t i = 0; i + 17 < der.size; i++)
		if (memcmp(der.data + i, "\x01\xaa\xbb\xcc", 4) == 0)
			der.data[i + 3] ^= 1;
	put_file("answer.der", der.data, der.size);
	judge("ocsp", "-respin", "answer.der", "-sha1", "-issuer", "ica.pem",
	    "-serial", "0x01aabbcdddeeff00112233445566778899", "-CAfile",
	    "root.pem", "-verify_other", "ica.pem", NULL);
	assert_true(judge_says("Response Verify Failure"));
	blob_clear(&der);
	authority_free(&a);
}

static void
request_make(const char *hash, bool nonce, bool two, struct blob *der)
{
	assert_int_equal(judge("ocsp", "-reqout", "q.der", hash, "-issuer",
	    "ica.pem", "-serial", "0x" SERIAL, nonce ? "-nonce" :
	    "-no_nonce", two ? "-serial" : NULL, "0x02", NULL), 0);
	assert_int_equal(file_read(in_folder("q.der"), 8192, der, NULL), 0);
}

/* Requests as OpenSSL makes them, with and without nonce. */
static void
requests_of_openssl_are_read(void **state)
{
	struct authority a = authority_new(NULL);
	struct ocsp_issuer i;
	struct ocsp_request q;
	struct blob der = { 0 };
	uint8_t serial[20];

	(void)state;
	hex_decode(serial, sizeof serial, SERIAL);
	ocsp_issuer_from(&i, a.ica, a.responder, NULL);
	for (int k = 0; k < 4; k++) {
		request_make(k & 1 ? "-sha256" : "-sha1", k & 2, false,
		    &der);
		assert_int_equal(ocsp_request_read(der.data, der.size, &q),
		    0);
		assert_false(q.several);
		assert_int_equal(q.hash, k & 1 ? CERTID_SHA256 :
		    CERTID_SHA1);
		assert_int_equal(q.serial_size, 17);
		assert_memory_equal(q.serial, serial, 17);
		assert_memory_equal(q.name_hash, k & 1 ? i.name_sha256 :
		    i.name_sha1, k & 1 ? 32 : 20);
		assert_memory_equal(q.key_hash, k & 1 ? i.key_sha256 :
		    i.key_sha1, k & 1 ? 32 : 20);
	}
	request_make("-sha1", false, true, &der);
	assert_int_equal(ocsp_request_read(der.data, der.size, &q), 0);
	assert_true(q.several);
	request_make("-sha384", false, false, &der);
	assert_int_equal(ocsp_request_read(der.data, der.size, &q), 0);
	assert_true(q.several);
	blob_clear(&der);
	authority_free(&a);
}

/* RFC 9654 2.1: 1 to 128 octets of nonce; others make a request malformed. */
static void
a_nonce_has_1_to_128_octets(void **state)
{
	static const uint8_t oid[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x05,
		0x05, 0x07, 0x30, 0x01, 0x02 };
	static const struct {
		size_t size;
		int result;
	} cases[] = { { 0, -1 }, { 1, 0 }, { 32, 0 }, { 33, 0 }, { 128, 0 },
		{ 129, -1 }, { 255, -1 } };
	struct authority a = authority_new(NULL);
	struct blob der = { 0 };
	struct ocsp_request q;
	uint8_t nonce[255] = { 0 };

	(void)state;
	request_make("-sha1", false, false, &der);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = cases[i].size, value = der_size(n),
		    extension = sizeof oid + der_size(value),
		    list = der_size(extension), all = der_size(list);
		struct der outer, tbs, d = { der.data, der.size };
		struct buf b = { 0 };

		assert_true(der_take(&d, DER_SEQUENCE, &outer));
		assert_true(der_take(&outer, DER_SEQUENCE, &tbs));
		der_put_head(&b, DER_SEQUENCE, der_size(tbs.left +
		    der_size(all)));
		der_put_head(&b, DER_SEQUENCE, tbs.left + der_size(all));
		buf_put(&b, tbs.at, tbs.left);
		der_put_head(&b, DER_CONTEXT + 2, all);
		der_put_head(&b, DER_SEQUENCE, list);
		der_put_head(&b, DER_SEQUENCE, extension);
		buf_put(&b, oid, sizeof oid);
		der_put_head(&b, DER_OCTETS, value);
		der_put(&b, DER_OCTETS, nonce, n);
		assert_int_equal(ocsp_request_read(b.data, b.size, &q),
		    cases[i].result);
		buf_clear(&b);
	}
	blob_clear(&der);
	authority_free(&a);
}

/* No prefix and no single changed byte makes the reader leave its bounds
 * (run under ASan), and no prefix is taken for a whole. */
static void
torn_and_changed_requests_are_harmless(void **state)
{
	struct authority a = authority_new(NULL);
	struct ocsp_request q;
	struct blob der = { 0 };

	(void)state;
	request_make("-sha256", true, false, &der);
	for (size_t n = 0; n < der.size; n++) {
		uint8_t *copy = malloc(n + 1);

		memcpy(copy, der.data, n);
		assert_int_equal(ocsp_request_read(copy, n, &q), -1);
		free(copy);
	}
	for (size_t n = 0; n < der.size; n++) {
		uint8_t *copy = malloc(der.size);

		for (int v = 0; v < 256; v++) {
			memcpy(copy, der.data, der.size);
			copy[n] = (uint8_t)v;
			if (ocsp_request_read(copy, der.size, &q) == 0)
				assert_true(q.serial_size <= SERIAL_MAX);
		}
		free(copy);
	}
	blob_clear(&der);
	authority_free(&a);
}

static void
random_bytes_are_no_request(void **state)
{
	struct ocsp_request q;
	uint8_t junk[512];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		random_bytes(junk, sizeof junk);
		junk[0] = 0x30;
		ocsp_request_read(junk, (size_t)i % sizeof junk, &q);
	}
	assert_int_equal(ocsp_request_read(junk, 0, &q), -1);
}

static void
errors_are_five_bytes(void **state)
{
	uint8_t out[5];

	(void)state;
	ocsp_error(out, 6);
	put_file("answer.der", out, sizeof out);
	judge("ocsp", "-respin", "answer.der", "-noverify", NULL);
	assert_true(judge_says("unauthorized"));
	ocsp_error(out, 1);
	put_file("answer.der", out, sizeof out);
	judge("ocsp", "-respin", "answer.der", "-noverify", NULL);
	assert_true(judge_says("malformedrequest"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_verify_with_openssl_in_each_state),
		cmocka_unit_test(answer_has_no_nonce_and_names_the_responder_by_key),
		cmocka_unit_test(changed_answer_does_not_verify),
		cmocka_unit_test(requests_of_openssl_are_read),
		cmocka_unit_test(a_nonce_has_1_to_128_octets),
		cmocka_unit_test(torn_and_changed_requests_are_harmless),
		cmocka_unit_test(random_bytes_are_no_request),
		cmocka_unit_test(errors_are_five_bytes),
	};

	return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
