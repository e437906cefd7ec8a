/* cert_test.c - certificates as they are signed: built, linted, and judged by
 * OpenSSL's own parser and command (S5.1 to S5.6, G1, G2, R3.1, R3.3). */
#include "tests/unit/check.h"

#include <time.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "core/base/text.h"
#include "core/x509/cert.h"
#include "core/x509/hash.h"
#include "tests/unit/authority.h"
#include "tests/unit/cert_one.h"

static struct authority authority;
static struct cert_frame frame;

static void
frame_use(struct authority *a)
{
	frame = (struct cert_frame){ .issuer = a->ica, .key = a->key };
	str_copy(frame.policy_oid, sizeof frame.policy_oid,
	    "1.3.6.1.4.1.99999.1.1.1");
	str_copy(frame.cps_url, sizeof frame.cps_url,
	    "http://certs.example.org/policy");
	str_copy(frame.ocsp_url, sizeof frame.ocsp_url,
	    "http://certs.example.org/ocsp");
	str_copy(frame.issuer_url, sizeof frame.issuer_url,
	    "http://certs.example.org/ca/ica-server-1.crt");
	str_copy(frame.crl_url, sizeof frame.crl_url,
	    "http://certs.example.org/crl/ica-server-1.crl");
}

static int
setup(void **state)
{
	if (folder_begin(state) != 0)
		return -1;
	authority = authority_new(EVP_EC_gen("P-256"));
	frame_use(&authority);
	return 0;
}

static int
teardown(void **state)
{
	authority_free(&authority);
	return folder_end(state);
}

static struct sign_wish
wish_make(const char *profile, EVP_PKEY *key, const char *const *domains,
    size_t n)
{
	struct sign_wish w = { .request = 1 };
	struct domain_form *forms = xcalloc(n, sizeof *forms);
	uint8_t serial[17], *spki = NULL;
	int size;

	random_bytes(serial, sizeof serial);
	serial[0] = (uint8_t)(1 + serial[0] % 0x7f);
	hex_encode(w.serial, serial, sizeof serial);
	str_copy(w.profile, sizeof w.profile, profile);
	for (size_t i = 0; i < n; i++)
		if (domain_parse(domains[i], strlen(domains[i]), true,
		    &forms[i], NULL) != 0)
			abort();
	profile_names(profile_find(profile), forms, n, &w.names, &w.n_names);
	profile_subject_cn(forms[0].ascii, w.subject_cn);
	size = i2d_PUBKEY(key, &spki);
	blob_set(&w.spki, spki, (size_t)size);
	OPENSSL_free(spki);
	w.not_before = clock_now() - 3600;
	w.not_after = w.not_before + 90 * 86400 - 1;
	free(forms);
	return w;
}

static struct blob
issue(const struct sign_wish *w)
{
	struct blob der = { 0 };
	struct err e = { 0 };

	if (cert_issue(&frame, w, &der, &e) != 0)
		fail_msg("%s: %s", e.clause, e.text);
	return der;
}

static void
put_leaf(const struct blob *der)
{
	struct buf b = { 0 };

	cert_pem(&b, der->data, der->size);
	put_file("leaf.pem", b.data, b.size);
	buf_clear(&b);
}

static void
openssl_verifies(const struct blob *der)
{
	put_leaf(der);
	assert_int_equal(judge("verify", "-x509_strict", "-CAfile", "root.pem",
	    "-untrusted", "ica.pem", "-purpose", "sslserver", "leaf.pem",
	    NULL), 0);
	assert_int_equal(judge("verify", "-x509_strict", "-CAfile", "root.pem",
	    "-untrusted", "ica.pem", "-purpose", "sslclient", "leaf.pem",
	    NULL), 0);
	assert_int_equal(judge("verify", "-x509_strict", "-CAfile", "root.pem",
	    "-untrusted", "ica.pem", "-purpose", "crlsign", "leaf.pem",
	    NULL), 2);
}

static const char *const alpha[] = { "alpha.example" };

static void
a_certificate_has_exactly_the_profile_s_fields_S5_2_S5_3_G2(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);
	struct blob der = issue(&w);

	(void)state;
	openssl_verifies(&der);
	assert_int_equal(judge("x509", "-in", "leaf.pem", "-noout", "-text",
	    NULL), 0);
	assert_true(judge_says("Version: 3 (0x2)"));
	assert_true(judge_says("Signature Algorithm: ecdsa-with-SHA256"));
	assert_true(judge_says("Subject: CN = alpha.example\n"));
	assert_true(judge_says("X509v3 Basic Constraints: critical\n"
	    "                CA:FALSE"));
	assert_true(judge_says("X509v3 Key Usage: critical\n"
	    "                Digital Signature\n"));
	assert_true(judge_says("TLS Web Server Authentication, TLS Web "
	    "Client Authentication\n"));
	assert_true(judge_says("DNS:alpha.example, othername: SRVName::"
	    "_xmpp-server.alpha.example, othername: SRVName::"
	    "_xmpp-client.alpha.example\n"));
	assert_true(judge_says("Policy: 1.3.6.1.4.1.99999.1.1.1"));
	assert_true(judge_says("CPS: http://certs.example.org/policy"));
	assert_true(judge_says("OCSP - URI:http://certs.example.org/ocsp"));
	assert_true(judge_says("CA Issuers - URI:http://certs.example.org/ca/"
	    "ica-server-1.crt"));
	assert_true(judge_says("URI:http://certs.example.org/crl/"
	    "ica-server-1.crl"));
	blob_clear(&der);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

/* The independent parser of S5.1: OpenSSL's GENERAL_NAMES. */
static void
san_is(const struct blob *der, const struct sign_wish *w)
{
	const uint8_t *p = der->data;
	X509 *x = d2i_X509(NULL, &p, (long)der->size);
	GENERAL_NAMES *names;

	assert_non_null(x);
	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	assert_non_null(names);
	assert_int_equal(sk_GENERAL_NAME_num(names), w->n_names);
	for (size_t i = 0; i < w->n_names; i++) {
		GENERAL_NAME *g = sk_GENERAL_NAME_value(names, (int)i);
		ASN1_OBJECT *oid = NULL;
		ASN1_TYPE *any = NULL;
		const ASN1_STRING *s = NULL;
		char want[1100], got[1100] = "";

		snprintf(want, sizeof want, "%s%s",
		    w->names[i].kind == NAME_SRV_SERVER ? "_xmpp-server." :
		    w->names[i].kind == NAME_SRV_CLIENT ? "_xmpp-client." : "",
		    w->names[i].value);
		if (w->names[i].kind == NAME_DNS) {
			assert_int_equal(g->type, GEN_DNS);
			s = g->d.dNSName;
			assert_int_equal(ASN1_STRING_type(s), V_ASN1_IA5STRING);
		} else {
			assert_int_equal(GENERAL_NAME_get0_otherName(g, &oid,
			    &any), 1);
			assert_int_equal(OBJ_obj2nid(oid),
			    w->names[i].kind == NAME_XMPP ? NID_XmppAddr
			    : NID_SRVName);
			assert_int_equal(any->type,
			    w->names[i].kind == NAME_XMPP ? V_ASN1_UTF8STRING
			    : V_ASN1_IA5STRING);
			s = any->value.asn1_string;
		}
		memcpy(got, ASN1_STRING_get0_data(s),
		    (size_t)ASN1_STRING_length(s));
		assert_string_equal(got, want);
	}
	GENERAL_NAMES_free(names);
	X509_free(x);
}

static void
the_names_are_exactly_the_approved_ones_S5_1_R3_1_R3_3_G1(void **state)
{
	static const char *const profiles[] = { "xmpp-server", "xmpp-s2s",
		"xmpp-rfc3920" };
	static const char *const domains[] = { "alpha.example",
		("b\xc3\xbc" "cher.example"), "chat.alpha.example" };
	EVP_PKEY *key = EVP_EC_gen("P-384");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sign_wish w = wish_make(profiles[i], key, domains, 3);
		struct blob der = issue(&w);

		san_is(&der, &w);
		openssl_verifies(&der);
		blob_clear(&der);
		NOUN_CLEAR(sign_wish, &w);
	}
	EVP_PKEY_free(key);
}

static void
a_hundred_domains_with_XmppAddr_fit_R3_2(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	char text[100][64];
	const char *domains[100];
	struct sign_wish w;
	struct blob der;

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(text[i], sizeof text[i], "host-%d.alpha.example", i);
		domains[i] = text[i];
	}
	w = wish_make("xmpp-rfc3920", key, domains, 100);
	assert_int_equal(w.n_names, 400);
	der = issue(&w);
	san_is(&der, &w);
	openssl_verifies(&der);
	blob_clear(&der);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

static void
the_strict_profile_has_no_dNSName_G2(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct sign_wish w = wish_make("xmpp-s2s", key, alpha, 1);
	struct blob der = issue(&w);

	(void)state;
	put_leaf(&der);
	assert_int_equal(judge("x509", "-in", "leaf.pem", "-noout", "-ext",
	    "subjectAltName", NULL), 0);
	assert_null(strstr(judge_said, "DNS:"));
	assert_true(judge_says("SRVName::_xmpp-server.alpha.example"));
	blob_clear(&der);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

static void
an_rsa_key_also_enciphers_keys_S5_3(void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);
	struct blob der = issue(&w);

	(void)state;
	openssl_verifies(&der);
	assert_int_equal(judge("x509", "-in", "leaf.pem", "-noout", "-text",
	    NULL), 0);
	assert_true(judge_says("Digital Signature, Key Encipherment\n"));
	blob_clear(&der);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

static void
issuers_on_P384_and_RSA_sign_with_their_hash(void **state)
{
	EVP_PKEY *keys[] = { EVP_EC_gen("P-384"), EVP_RSA_gen(3072) };
	static const char *const algorithms[] = {
		"Signature Algorithm: ecdsa-with-SHA384",
		"Signature Algorithm: sha256WithRSAEncryption" };
	EVP_PKEY *key = EVP_EC_gen("P-256");

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct authority a = authority_new(keys[i]);
		struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);
		struct blob der;

		frame_use(&a);
		der = issue(&w);
		openssl_verifies(&der);
		assert_int_equal(judge("x509", "-in", "leaf.pem", "-noout",
		    "-text", NULL), 0);
		assert_true(judge_says(algorithms[i]));
		blob_clear(&der);
		NOUN_CLEAR(sign_wish, &w);
		authority_free(&a);
	}
	put_certificate("root.pem", authority.root);
	put_certificate("ica.pem", authority.ica);
	frame_use(&authority);
	EVP_PKEY_free(key);
}

static void
key_identifiers_are_those_of_RFC_5280_S5_3(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);
	struct blob der = issue(&w);
	const uint8_t *p = der.data;
	X509 *x = d2i_X509(NULL, &p, (long)der.size);
	uint8_t id[20];
	unsigned n = 0;

	(void)state;
	assert_int_equal(X509_pubkey_digest(x, EVP_sha1(), id, &n), 1);
	assert_int_equal(ASN1_STRING_length(X509_get0_subject_key_id(x)), 20);
	assert_memory_equal(ASN1_STRING_get0_data(X509_get0_subject_key_id(x)),
	    id, 20);
	assert_int_equal(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(x),
	    X509_get0_subject_key_id(authority.ica)), 0);
	assert_int_equal(X509_get_extension_flags(x) & EXFLAG_INVALID, 0);
	assert_int_equal(X509_check_ca(x), 0);
	X509_free(x);
	blob_clear(&der);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

static void
a_long_first_domain_makes_a_serial_number_the_subject_S5_3(void **state)
{
	static const char *const longest[] = {
	    "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd.eeeeeeeeeeffffffffff"
	    ".alpha.example" };
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct sign_wish w = wish_make("xmpp-server", key, longest, 1);
	struct blob der = issue(&w);
	struct certificate c = { 0 };

	(void)state;
	assert_string_equal(w.subject_cn, "");
	openssl_verifies(&der);
	assert_int_equal(judge("x509", "-in", "leaf.pem", "-noout", "-subject",
	    NULL), 0);
	assert_true(judge_says("subject=serialNumber = "));
	assert_true(judge_says(w.serial));
	assert_int_equal(cert_describe(der.data, der.size, &c, NULL), 0);
	assert_string_equal(c.subject_cn, "");
	NOUN_CLEAR(certificate, &c);
	blob_clear(&der);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

static void
a_certificate_describes_itself(void **state)
{
	static const char *const domains[] = { "alpha.example",
		"b\xc3\xbc" "cher.example" };
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct sign_wish w = wish_make("xmpp-rfc3920", key, domains, 2);
	struct blob der = issue(&w);
	struct certificate c = { 0 };
	struct buf text = { 0 };

	(void)state;
	assert_int_equal(cert_describe(der.data, der.size, &c, NULL), 0);
	assert_string_equal(c.serial, w.serial);
	assert_string_equal(c.subject_cn, "alpha.example");
	assert_string_equal(c.key, "RSA 2048");
	assert_int_equal(c.not_before, w.not_before);
	assert_int_equal(c.not_after, w.not_after);
	assert_int_equal(c.n_names, w.n_names);
	for (size_t i = 0; i < c.n_names; i++) {
		assert_int_equal(c.names[i].kind, w.names[i].kind);
		assert_string_equal(c.names[i].value, w.names[i].value);
	}
	put_leaf(&der);
	assert_int_equal(judge("x509", "-in", "leaf.pem", "-noout",
	    "-fingerprint", "-sha256", NULL), 0);
	assert_true(judge_says(c.fingerprint));
	cert_text(&text, der.data, der.size);
	buf_put_u8(&text, 0);
	assert_non_null(strstr((char *)text.data, "Subject: CN = alpha.example"));
	assert_non_null(strstr((char *)text.data, "Public-Key: (2048 bit)"));
	buf_clear(&text);
	NOUN_CLEAR(certificate, &c);
	blob_clear(&der);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

static void
refused_by(const struct sign_wish *w, const char *rule)
{
	struct blob der = { 0 };
	struct err e = { 0 };

	if (cert_issue(&frame, w, &der, &e) == 0)
		fail_msg("issued, instead of %s", rule);
	if (strcmp(e.clause, rule) != 0)
		fail_msg("%s (%s) instead of %s", e.clause, e.text, rule);
	assert_int_equal(der.size, 0);
}

static void
what_is_no_certificate_of_a_profile_is_not_signed_S5_3_S5_4(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	EVP_PKEY *small = EVP_RSA_gen(1024);
	struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);
	struct sign_wish other;
	char serial[42];

	(void)state;
	memcpy(serial, w.serial, sizeof serial);
	str_copy(w.serial, sizeof w.serial, "00");
	refused_by(&w, "cert-serial");
	memcpy(w.serial, "ff", 2);
	refused_by(&w, "cert-serial");
	memcpy(w.serial, serial, sizeof serial);
	memcpy(w.serial, "00", 2);
	refused_by(&w, "cert-serial");
	memcpy(w.serial, "80", 2);
	refused_by(&w, "cert-serial");
	memcpy(w.serial, serial, sizeof serial);

	str_copy(w.profile, sizeof w.profile, "no-such");
	refused_by(&w, "profile-unknown");
	str_copy(w.profile, sizeof w.profile, "xmpp-s2s");
	refused_by(&w, "profile-names");
	str_copy(w.profile, sizeof w.profile, "xmpp-server");
	str_copy(w.subject_cn, sizeof w.subject_cn, "victim.example");
	refused_by(&w, "profile-cn");
	str_copy(w.subject_cn, sizeof w.subject_cn, "");
	refused_by(&w, "profile-cn");
	str_copy(w.subject_cn, sizeof w.subject_cn, "alpha.example");
	w.n_names--;
	refused_by(&w, "profile-names");
	w.n_names++;
	w.not_after = w.not_before + 399 * 86400;
	refused_by(&w, "profile-dates");
	w.not_after = w.not_before + 90 * 86400 - 1;
	w.spki.data[w.spki.size - 1] ^= 1;
	refused_by(&w, "key-ec-point");
	NOUN_CLEAR(sign_wish, &w);

	other = wish_make("xmpp-server", ed, alpha, 1);
	refused_by(&other, "key-algorithm");
	NOUN_CLEAR(sign_wish, &other);
	other = wish_make("xmpp-server", small, alpha, 1);
	refused_by(&other, "key-rsa-short");
	NOUN_CLEAR(sign_wish, &other);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ed);
	EVP_PKEY_free(small);
}

static void
a_frame_without_addresses_or_issuer_does_not_sign(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);

	(void)state;
	frame.issuer = NULL;
	refused_by(&w, "cert-frame");
	frame_use(&authority);
	frame.crl_url[0] = '\0';
	refused_by(&w, "cert-frame");
	frame_use(&authority);
	str_copy(frame.policy_oid, sizeof frame.policy_oid, "1.2.x");
	refused_by(&w, "cert-frame");
	frame_use(&authority);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

static void
a_leaf_does_not_outlive_its_issuer_S1_3(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);
	X509 *old = X509_dup(authority.ica);

	(void)state;
	X509_gmtime_adj(X509_getm_notAfter(old), 10 * 86400);
	X509_sign(old, authority.root_key, EVP_sha384());
	frame.issuer = old;
	refused_by(&w, "cert-life");
	frame_use(&authority);
	X509_free(old);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

/* S5.6: whatever single byte is changed, the lint says so. */
static void
lint_finds_each_changed_byte_S5_6(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);
	struct blob der = issue(&w);

	(void)state;
	assert_int_equal(lint_certificate(&frame, &w, der.data, der.size,
	    NULL), 0);
	for (size_t i = 0; i < der.size; i++) {
		struct err e = { 0 };

		der.data[i] ^= 0x01;
		if (lint_certificate(&frame, &w, der.data, der.size, &e) == 0)
			fail_msg("byte %zu can be changed", i);
		assert_true(strncmp(e.clause, "lint-", 5) == 0 ||
		    strncmp(e.clause, "key-", 4) == 0);
		der.data[i] ^= 0x01;
		if (lint_certificate(&frame, &w, der.data, i, NULL) == 0)
			fail_msg("cut at %zu passes", i);
	}
	blob_clear(&der);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

static void
lint_says_which_wish_was_not_met_S5_6(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *second = EVP_EC_gen("P-256");
	static const char *const beta[] = { "bravo.example" };
	struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);
	struct sign_wish b = wish_make("xmpp-server", second, beta, 1);
	struct blob der = issue(&w);
	struct blob keep;
	struct name *names;
	struct err e = { 0 };

	(void)state;
#define LINT_SAYS(rule) do { \
	assert_int_equal(lint_certificate(&frame, &w, der.data, der.size, \
	    &e), -1); \
	assert_string_equal(e.clause, rule); } while (0)
	w.not_after++;
	LINT_SAYS("lint-dates");
	w.not_after--;
	keep = w.spki;
	w.spki = b.spki;
	LINT_SAYS("lint-key");
	w.spki = keep;
	names = w.names;
	w.names = b.names;
	LINT_SAYS("lint-san");
	w.names = names;
	str_copy(w.subject_cn, sizeof w.subject_cn, "bravo.example");
	LINT_SAYS("lint-subject");
	str_copy(w.subject_cn, sizeof w.subject_cn, "alpha.example");
	str_copy(frame.crl_url, sizeof frame.crl_url, "http://x.example/crl");
	LINT_SAYS("lint-urls");
	frame_use(&authority);
	str_copy(frame.policy_oid, sizeof frame.policy_oid, "1.2.3");
	LINT_SAYS("lint-policy");
	frame_use(&authority);
	str_copy(w.serial, sizeof w.serial, b.serial);
	LINT_SAYS("lint-serial");
	blob_clear(&der);
	NOUN_CLEAR(sign_wish, &w);
	NOUN_CLEAR(sign_wish, &b);
	EVP_PKEY_free(key);
	EVP_PKEY_free(second);
}

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
issuing_is_cheap(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct sign_wish w = wish_make("xmpp-server", key, alpha, 1);
	double start;

	(void)state;
	start = cpu_us();
	for (int i = 0; i < 200; i++) {
		struct blob der = issue(&w);

		blob_clear(&der);
	}
	print_message("issue and lint on P-256: %.1f us of CPU\n",
	    (cpu_us() - start) / 200);
	NOUN_CLEAR(sign_wish, &w);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_certificate_has_exactly_the_profile_s_fields_S5_2_S5_3_G2),
		cmocka_unit_test(
		    the_names_are_exactly_the_approved_ones_S5_1_R3_1_R3_3_G1),
		cmocka_unit_test(a_hundred_domains_with_XmppAddr_fit_R3_2),
		cmocka_unit_test(the_strict_profile_has_no_dNSName_G2),
		cmocka_unit_test(an_rsa_key_also_enciphers_keys_S5_3),
		cmocka_unit_test(issuers_on_P384_and_RSA_sign_with_their_hash),
		cmocka_unit_test(key_identifiers_are_those_of_RFC_5280_S5_3),
		cmocka_unit_test(
		    a_long_first_domain_makes_a_serial_number_the_subject_S5_3),
		cmocka_unit_test(a_certificate_describes_itself),
		cmocka_unit_test(
		    what_is_no_certificate_of_a_profile_is_not_signed_S5_3_S5_4),
		cmocka_unit_test(
		    a_frame_without_addresses_or_issuer_does_not_sign),
		cmocka_unit_test(a_leaf_does_not_outlive_its_issuer_S1_3),
		cmocka_unit_test(lint_finds_each_changed_byte_S5_6),
		cmocka_unit_test(lint_says_which_wish_was_not_met_S5_6),
		cmocka_unit_test(issuing_is_cheap),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
