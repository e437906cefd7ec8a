/* ca_test.c - CA certificates, keys at rest, and what import refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <openssl/x509v3.h>

#include "core/base/text.h"
#include "tests/unit/authority.h"

/* S1.1, S8.1, S9.2: OpenSSL takes the whole chain in its strict mode. */
static void
chain_verifies_strictly(void **state)
{
	struct authority a = authority_new(NULL);

	(void)state;
	assert_int_equal(judge("verify", "-x509_strict", "-CAfile",
	    "root.pem", "ica.pem", NULL), 0);
	assert_int_equal(judge("verify", "-x509_strict", "-purpose",
	    "ocsphelper", "-CAfile", "root.pem", "-untrusted", "ica.pem",
	    "responder.pem", NULL), 0);
	assert_int_equal(judge("x509", "-in", "ica.pem", "-noout", "-text",
	    NULL), 0);
	assert_true(judge_says("CA:TRUE, pathlen:0"));
	assert_true(judge_says("Digital Signature, Certificate Sign, CRL "
	    "Sign"));
	assert_true(judge_says("TLS Web Server Authentication, TLS Web "
	    "Client Authentication\n"));
	assert_true(judge_says("URI:http://ca.example/crl/root.crl"));
	assert_int_equal(judge("x509", "-in", "responder.pem", "-noout",
	    "-text", NULL), 0);
	assert_true(judge_says("OCSP No Check"));
	assert_true(judge_says("CA:FALSE"));
	authority_free(&a);
}

/* S12.3: at rest the key is PKCS#8 under scrypt, and 0600. */
static void
key_at_rest_is_encrypted(void **state)
{
	EVP_PKEY *key = ca_key_new(), *again;
	struct blob pem = { 0 };
	struct err e = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(key_write(in_folder("k.key"), key, "long enough",
	    &e), 0);
	assert_int_equal(stat(in_folder("k.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_read(in_folder("k.key"), 65536, &pem, &e), 0);
	assert_memory_equal(pem.data, "-----BEGIN ENCRYPTED PRIVATE KEY", 32);
	assert_int_equal(judge("asn1parse", "-in", "k.key", NULL), 0);
	assert_true(judge_says("scrypt"));
	assert_true(judge_says("aes-256-cbc"));
	again = key_read(in_folder("k.key"), "long enough", &e);
	assert_non_null(again);
	assert_int_equal(EVP_PKEY_eq(key, again), 1);
	assert_null(key_read(in_folder("k.key"), "wrong one", &e));
	assert_string_equal(e.clause, "key-passphrase");
	assert_int_equal(key_write(in_folder("k2.key"), key, "", &e), -1);
	assert_null(key_read(in_folder("none.key"), "x", &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	put_file("bad.key", "-----BEGIN NOTHING", 18);
	assert_null(key_read(in_folder("bad.key"), "x", &e));
	assert_string_equal(e.clause, "key-file");
	blob_clear(&pem);
	EVP_PKEY_free(key);
	EVP_PKEY_free(again);
}

/* S1.1: the PKCS#10 asks for what an ICA needs, signed by its key. */
static void
csr_for_an_outside_root_is_signed_and_whole(void **state)
{
	EVP_PKEY *key = ca_key_new();
	struct blob pem = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(ca_ica_csr(key, false, &authority_ica, &pem, &e), 0);
	put_file("ica.csr.pem", pem.data, pem.size);
	assert_int_equal(judge("req", "-in", "ica.csr.pem", "-noout",
	    "-verify", "-text", NULL), 0);
	assert_true(judge_says("CA:TRUE, pathlen:0"));
	assert_true(judge_says("Certificate Sign, CRL Sign"));
	assert_true(judge_says("O = XMPP Federation, CN = XMPP Federation "
	    "Server ICA 1"));
	blob_clear(&pem);
	EVP_PKEY_free(key);
}

/* An ICA certificate with one extension changed, signed by the root. */
static X509 *
ica_with(struct authority *a, int nid, const char *value)
{
	X509 *x = X509_dup(a->ica);
	int at = X509_get_ext_by_NID(x, nid, -1);

	if (at >= 0)
		X509_EXTENSION_free(X509_delete_ext(x, at));
	if (value != NULL) {
		X509_EXTENSION *v = X509V3_EXT_conf_nid(NULL, NULL, nid,
		    value);

		assert_non_null(v);
		X509_add_ext(x, v, -1);
		X509_EXTENSION_free(v);
	}
	assert_true(X509_sign(x, a->root_key, EVP_sha384()) > 0);
	return x;
}

static void
refused_for(struct authority *a, X509 *x, STACK_OF(X509) *roots,
    int64_t now, const char *clause)
{
	struct err e = { 0 };
	int r = ca_import_check(x, a->key, roots, false, now, &e);

	assert_string_equal(e.clause, clause);
	assert_int_equal(r, *clause ? -1 : 0);
	X509_free(x);
}

/* S1.2: key, CA:TRUE, pathLen 0, key usage, EKU, dates and chain all count. */
static void
import_refuses_each_wrong_ica_certificate(void **state)
{
	struct authority a = authority_new(NULL), b = authority_new(NULL);
	STACK_OF(X509) *roots = sk_X509_new_null();
	STACK_OF(X509) *others = sk_X509_new_null();
	int64_t now = clock_now();
	struct err e = { 0 };
	X509 *own;

	(void)state;
	sk_X509_push(roots, a.root);
	sk_X509_push(others, b.root);
	refused_for(&a, X509_dup(a.ica), roots, now, "");
	assert_ptr_equal(ca_chain_root(a.ica, roots, now), a.root);
	assert_null(ca_chain_root(a.ica, others, now));
	refused_for(&a, X509_dup(b.ica), roots, now, "import-key");
	refused_for(&a, ica_with(&a, NID_basic_constraints,
	    "critical,CA:FALSE"), roots, now, "import-ca");
	refused_for(&a, ica_with(&a, NID_basic_constraints, NULL), roots,
	    now, "import-ca");
	refused_for(&a, ica_with(&a, NID_basic_constraints,
	    "critical,CA:TRUE"), roots, now, "import-pathlen");
	refused_for(&a, ica_with(&a, NID_basic_constraints,
	    "critical,CA:TRUE,pathlen:1"), roots, now, "import-pathlen");
	refused_for(&a, ica_with(&a, NID_key_usage,
	    "critical,keyCertSign"), roots, now, "import-key-usage");
	refused_for(&a, ica_with(&a, NID_key_usage, NULL), roots, now,
	    "import-key-usage");
	refused_for(&a, ica_with(&a, NID_ext_key_usage, "serverAuth"), roots,
	    now, "import-eku");
	refused_for(&a, ica_with(&a, NID_ext_key_usage,
	    "serverAuth,clientAuth,OCSPSigning"), roots, now, "import-eku");
	refused_for(&a, ica_with(&a, NID_ext_key_usage, NULL), roots, now,
	    "");
	refused_for(&a, X509_dup(a.ica), roots, now - 90000, "import-dates");
	refused_for(&a, X509_dup(a.ica), roots, now + 1827LL * 86400,
	    "import-dates");
	refused_for(&a, X509_dup(a.ica), others, now, "import-chain");
	own = ca_root_new(a.key, &authority_ica, now, &e);
	sk_X509_push(others, own);
	refused_for(&a, X509_dup(own), others, now, "import-pathlen");
	X509_free(own);
	sk_X509_free(roots);
	sk_X509_free(others);
	authority_free(&a);
	authority_free(&b);
}

/* A damaged signature is no chain, whatever the names say. */
static void
import_refuses_a_forged_signature(void **state)
{
	struct authority a = authority_new(NULL);
	STACK_OF(X509) *roots = sk_X509_new_null();
	X509 *x = X509_dup(a.ica);

	(void)state;
	sk_X509_push(roots, a.root);
	assert_true(X509_sign(x, a.key, EVP_sha384()) > 0);
	refused_for(&a, x, roots, clock_now(), "import-chain");
	sk_X509_free(roots);
	authority_free(&a);
}

/* A common name of more than 64 characters is said, not cut. */
static void
names_too_long_are_refused(void **state)
{
	struct ca_names n = authority_ica;
	char cn[80] = { 0 };
	EVP_PKEY *key = ca_key_new();
	struct err e = { 0 };

	(void)state;
	memset(cn, 'x', 70);
	n.common_name = cn;
	assert_null(ca_root_new(key, &n, clock_now(), &e));
	assert_string_equal(e.clause, "ca-name");
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain_verifies_strictly),
		cmocka_unit_test(key_at_rest_is_encrypted),
		cmocka_unit_test(csr_for_an_outside_root_is_signed_and_whole),
		cmocka_unit_test(import_refuses_each_wrong_ica_certificate),
		cmocka_unit_test(import_refuses_a_forged_signature),
		cmocka_unit_test(names_too_long_are_refused),
	};

	return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
