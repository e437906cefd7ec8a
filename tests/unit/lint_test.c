/* lint_test.c - a certificate that is wrong in one place, and otherwise as it
 * was asked for, is named by the rule of that place (S5.6, R1.2). */
#include "tests/unit/check.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/x509/cert.h"
#include "core/x509/hash.h"
#include "core/x509/tlv.h"
#include "tests/unit/authority.h"
#include "tests/unit/cert_one.h"

static struct authority authority;
static struct cert_frame frame;
static struct sign_wish wish;
static struct blob good;

static int
setup(void **state)
{
	struct domain_form form = { .ascii = "alpha.example",
		.shown = "alpha.example" };
	EVP_PKEY *key = EVP_EC_gen("P-256");
	uint8_t serial[17], *spki = NULL;
	struct err e = { 0 };

	if (folder_begin(state) != 0)
		return -1;
	authority = authority_new(EVP_EC_gen("P-256"));
	frame = (struct cert_frame){ .issuer = authority.ica,
		.key = authority.key };
	str_copy(frame.policy_oid, sizeof frame.policy_oid,
	    "1.3.6.1.4.1.99999.1.1.1");
	str_copy(frame.ocsp_url, sizeof frame.ocsp_url, "http://a.example/o");
	str_copy(frame.issuer_url, sizeof frame.issuer_url,
	    "http://a.example/i.crt");
	str_copy(frame.crl_url, sizeof frame.crl_url,
	    "http://a.example/i.crl");
	random_bytes(serial, sizeof serial);
	serial[0] = (uint8_t)(1 + serial[0] % 0x7f);
	hex_encode(wish.serial, serial, sizeof serial);
	wish.request = 1;
	str_copy(wish.profile, sizeof wish.profile, "xmpp-server");
	str_copy(wish.subject_cn, sizeof wish.subject_cn, "alpha.example");
	profile_names(profile_find("xmpp-server"), &form, 1, &wish.names,
	    &wish.n_names);
	blob_set(&wish.spki, NULL, 0);
	{
		int n = i2d_PUBKEY(key, &spki);

		blob_set(&wish.spki, spki, (size_t)n);
	}
	OPENSSL_free(spki);
	EVP_PKEY_free(key);
	wish.not_before = clock_now() - 3600;
	wish.not_after = wish.not_before + 90 * 86400 - 1;
	if (cert_issue(&frame, &wish, &good, &e) != 0)
		fail_msg("%s: %s", e.clause, e.text);
	return 0;
}

static int
teardown(void **state)
{
	blob_clear(&good);
	NOUN_CLEAR(sign_wish, &wish);
	authority_free(&authority);
	return folder_end(state);
}

/* What is done to the certificate on its way through rebuild(). */
struct fault {
	const char *oid;	/* the extension; NULL none */
	const char *value;	/* its content then; NULL as it is */
	size_t size;
	int critical;		/* 1, 0, -1 as it is */
	bool drop, twice, false_written, add;
	int field;		/* of the TBS: replaced; 0 none */
};

static void
extension_put(struct buf *b, const struct der *oid, bool critical,
    const struct der *value, const struct fault *c)
{
	size_t mark = tlv_open(b, 0x30);

	der_put(b, DER_OID, oid->at, oid->left);
	if (critical)
		der_put(b, 1, "\xff", 1);
	else if (c != NULL && c->false_written)
		der_put(b, 1, "\0", 1);
	if (c != NULL && c->value != NULL)
		der_put(b, DER_OCTETS, c->value, c->size);
	else
		der_put(b, DER_OCTETS, value->at, value->left);
	tlv_close(b, mark);
}

static void
extensions_rebuild(struct buf *b, struct der list, const struct fault *c)
{
	uint8_t bytes[32];
	struct oid want = { 0 };
	struct der one, oid, critical, value;

	if (c->oid != NULL) {
		want.size = (uint8_t)oid_parse(c->oid, bytes, sizeof bytes);
		memcpy((void *)want.bytes, bytes, want.size);
	}
	while (list.left > 0) {
		bool is_critical = false, here;

		assert_true(der_take(&list, 0x30, &one) &&
		    der_take(&one, DER_OID, &oid));
		if (der_take(&one, 1, &critical))
			is_critical = true;
		assert_true(der_take(&one, DER_OCTETS, &value));
		here = c->oid != NULL && !c->add && oid_is(&oid, &want);
		if (here && c->drop)
			continue;
		if (here && c->critical >= 0)
			is_critical = c->critical;
		extension_put(b, &oid, is_critical, &value, here ? c : NULL);
		if (here && c->twice)
			extension_put(b, &oid, is_critical, &value, NULL);
	}
	if (c->add) {
		oid = (struct der){ want.bytes, want.size };
		extension_put(b, &oid, c->critical == 1, &oid, c);
	}
}

/* The certificate with one change, lengths put right; unsigned, as lint says
 * what is wrong with the fields first. */
static struct buf
rebuild(const struct fault *c)
{
	struct der d = { good.data, good.size }, outer, wrap, list = { 0 };
	struct tlv tbs, t, algorithm, signature;
	struct buf b = { 0 };
	size_t whole, inner, part, sequence;

	assert_true(der_take(&d, 0x30, &outer) && tlv_take(&outer, &tbs) &&
	    tlv_take(&outer, &algorithm) && tlv_take(&outer, &signature));
	whole = tlv_open(&b, 0x30);
	inner = tlv_open(&b, 0x30);
	d = tbs.content;
	/* version, serial, algorithm, issuer, dates, subject, key */
	for (int i = 1; i <= 7; i++) {
		assert_true(tlv_take(&d, &t));
		if (c->field == i)
			buf_put(&b, c->value, c->size);
		else
			buf_put(&b, t.whole.at, t.whole.left);
	}
	part = tlv_open(&b, 0xa3);
	sequence = tlv_open(&b, 0x30);
	assert_true(der_take(&d, 0xa3, &wrap) && der_take(&wrap, 0x30, &list));
	extensions_rebuild(&b, list, c);
	tlv_close(&b, sequence);
	tlv_close(&b, part);
	if (c->field == 8)
		buf_put(&b, c->value, c->size);
	tlv_close(&b, inner);
	if (c->field == 9)
		buf_put(&b, c->value, c->size);
	else
		buf_put(&b, algorithm.whole.at, algorithm.whole.left);
	buf_put(&b, signature.whole.at, signature.whole.left);
	tlv_close(&b, whole);
	if (c->field == 10)
		buf_put(&b, c->value, c->size);
	return b;
}

#define VALUE(extension, s) { .oid = extension, .value = s, \
	.size = sizeof s - 1, .critical = -1 }
#define CRITICAL(extension, yes) { .oid = extension, .critical = yes }
#define BYTES_FIELD(s) .value = s, .size = sizeof s - 1, .critical = -1
#define EKU "2.5.29.37"
#define BASIC "2.5.29.19"
#define USAGE "2.5.29.15"
#define SKI "2.5.29.14"
#define AKI "2.5.29.35"
#define SAN "2.5.29.17"
#define POLICIES "2.5.29.32"
#define AIA "1.3.6.1.5.5.7.1.1"
#define CDP "2.5.29.31"

static const struct {
	const char *fact, *rule;
	struct fault change;
} cases[] = {
	{ "CA:TRUE", "lint-basic-constraints", VALUE(BASIC, "\x30\3\1\1\xff") },
	{ "CA:FALSE written out", "lint-basic-constraints", VALUE(BASIC, "\x30\3\1\1\0") },
	{ "a path length", "lint-basic-constraints", VALUE(BASIC, "\x30\6\1\1\xff\2\1\0") },
	{ "basicConstraints not critical", "lint-basic-constraints", CRITICAL(BASIC, 0) },
	{ "keyCertSign", "lint-key-usage", VALUE(USAGE, "\3\2\2\x84") },
	{ "keyEncipherment for EC", "lint-key-usage", VALUE(USAGE, "\3\2\5\xa0") },
	{ "keyAgreement", "lint-key-usage", VALUE(USAGE, "\3\2\3\x88") },
	{ "keyUsage not critical", "lint-key-usage", CRITICAL(USAGE, 0) },
	{ "serverAuth alone", "lint-eku", VALUE(EKU, "\x30\x0a\6\x08\x2b\6\1\5\5\7\3\1") },
	{ "anyExtendedKeyUsage", "lint-eku", VALUE(EKU, "\x30\x06\6\4\x55\x1d\x25\0") },
	{ "OCSPSigning too", "lint-eku", VALUE(EKU, "\x30\x1e\6\x08\x2b\6\1\5\5\7\3\1\6\x08\x2b\6\1\5\5\7\3\2\6\x08\x2b\6\1\5\5\7\3\x09") },
	{ "the uses in another order", "lint-eku", VALUE(EKU, "\x30\x14\6\x08\x2b\6\1\5\5\7\3\2\6\x08\x2b\6\1\5\5\7\3\1") },
	{ "extKeyUsage critical", "lint-eku", CRITICAL(EKU, 1) },
	{ "another SKI", "lint-key-id", VALUE(SKI, "\4\x14" "aaaaaaaaaaaaaaaaaaaa") },
	{ "a short SKI", "lint-key-id", VALUE(SKI, "\4\1a") },
	{ "SKI critical", "lint-key-id", CRITICAL(SKI, 1) },
	{ "another AKI", "lint-key-id", VALUE(AKI, "\x30\x16\x80\x14" "aaaaaaaaaaaaaaaaaaaa") },
	{ "AKI critical", "lint-key-id", CRITICAL(AKI, 1) },
	{ "no names", "lint-san", VALUE(SAN, "\x30\0") },
	{ "one name only", "lint-san", VALUE(SAN, "\x30\x0f\x82\x0d" "alpha.example") },
	{ "a mail address", "lint-san", VALUE(SAN, "\x30\x05\x81\x03" "a@b") },
	{ "a name that ends too early", "lint-san", VALUE(SAN, "\x30\x0f\x82\x0e" "alpha.example") },
	{ "another policy", "lint-policy", VALUE(POLICIES, "\x30\6\x30\4\6\2\x2a\3") },
	{ "two policies", "lint-policy", VALUE(POLICIES, "\x30\x0c\x30\4\6\2\x2a\3\x30\4\6\2\x2a\4") },
	{ "policies critical", "lint-policy", CRITICAL(POLICIES, 1) },
	{ "other addresses", "lint-urls", VALUE(AIA, "\x30\0") },
	{ "AIA critical", "lint-urls", CRITICAL(AIA, 1) },
	{ "no address of a CRL", "lint-urls", VALUE(CDP, "\x30\0") },
	{ "CDP critical", "lint-urls", CRITICAL(CDP, 1) },
	{ "no extKeyUsage", "lint-extension", { .oid = EKU, .drop = true } },
	{ "no basicConstraints", "lint-extension", { .oid = BASIC, .drop = true } },
	{ "no keyUsage", "lint-extension", { .oid = USAGE, .drop = true } },
	{ "no SAN", "lint-extension", { .oid = SAN, .drop = true } },
	{ "no CDP", "lint-extension", { .oid = CDP, .drop = true } },
	{ "no policies", "lint-extension", { .oid = POLICIES, .drop = true } },
	{ "SAN twice", "lint-extension", { .oid = SAN, .critical = -1, .twice = true } },
	{ "nameConstraints too", "lint-extension", { .oid = "2.5.29.30", .value = "\x30\0", .size = 2, .critical = 1, .add = true } },
	{ "an unknown extension", "lint-extension", { .oid = "1.2.3.4", .value = "\5\0", .size = 2, .add = true } },
	{ "critical FALSE written out", "lint-form", { .oid = EKU, .critical = -1, .false_written = true } },
	{ "version 1", "lint-form", { .field = 1, BYTES_FIELD("\xa0\3\2\1\0") } },
	{ "another serial", "lint-serial", { .field = 2, BYTES_FIELD("\2\1\1") } },
	{ "another algorithm inside", "lint-algorithm", { .field = 3, BYTES_FIELD("\x30\x0a\6\x08\x2a\x86\x48\xce\x3d\4\3\3") } },
	{ "another algorithm outside", "lint-algorithm", { .field = 9, BYTES_FIELD("\x30\x0a\6\x08\x2a\x86\x48\xce\x3d\4\3\3") } },
	{ "another issuer", "lint-issuer", { .field = 4, BYTES_FIELD("\x30\x0c\x31\x0a\x30\x08\6\3\x55\4\3\x0c\1x") } },
	{ "other dates", "lint-dates", { .field = 5, BYTES_FIELD("\x30\x1e\x17\x0d" "261101000000Z" "\x17\x0d" "270101000000Z") } },
	{ "a date with an offset", "lint-form", { .field = 5, BYTES_FIELD("\x30\x22\x17\x11" "261101000000+0100" "\x17\x0d" "270101000000Z") } },
	{ "no subject", "lint-subject", { .field = 6, BYTES_FIELD("\x30\0") } },
	{ "another subject", "lint-subject", { .field = 6, BYTES_FIELD("\x30\x0c\x31\x0a\x30\x08\6\3\x55\4\3\x0c\1x") } },
	{ "an organisation too", "lint-subject", { .field = 6, BYTES_FIELD("\x30\x18\x31\x0a\x30\x08\6\3\x55\4\3\x0c\1x\x31\x0a\x30\x08\6\3\x55\4\x0a\x0c\1x") } },
	{ "something behind the extensions", "lint-form", { .field = 8, BYTES_FIELD("\5\0") } },
	{ "something behind the certificate", "lint-form", { .field = 10, BYTES_FIELD("\0") } },
};

static void
each_wrong_field_has_its_rule(void **state)
{
	struct fault none = { .critical = -1 };
	struct buf b = rebuild(&none);
	struct err e = { 0 };
	bool right = true;

	(void)state;
	assert_int_equal(b.size, good.size);
	assert_memory_equal(b.data, good.data, b.size);
	buf_clear(&b);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		b = rebuild(&cases[i].change);
		err_clear(&e);
		if (lint_certificate(&frame, &wish, b.data, b.size, &e) != -1 ||
		    strcmp(e.clause, cases[i].rule) != 0) {
			print_error("%s: \"%s\" instead of %s\n",
			    cases[i].fact, e.clause, cases[i].rule);
			right = false;
		}
		buf_clear(&b);
	}
	assert_true(right);
}

static void
a_signature_of_somebody_else_is_found(void **state)
{
	struct blob b = { 0 };
	struct err e = { 0 };

	(void)state;
	blob_set(&b, good.data, good.size);
	b.data[b.size - 1] ^= 1;
	assert_int_equal(lint_certificate(&frame, &wish, b.data, b.size, &e),
	    -1);
	assert_string_equal(e.clause, "lint-signature");
	blob_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wrong_field_has_its_rule),
		cmocka_unit_test(a_signature_of_somebody_else_is_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
