/* ca.c - the certificates above the leaves: root, ICA, OCSP responder. */
#include "core/x509/ca.h"

#include <stdio.h>
#include <string.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/base/text.h"
#include "core/x509/hash.h"

#define DAY 86400
#define NAME_LONGEST 64	/* RFC 5280, upper bounds */
#define BACKDATED 3600	/* clocks of others may be late */

static int
refuse(struct err *e, const char *what)
{
	return err_set(e, ERR_BROKEN, "ca-build", "OpenSSL refuses %s", what);
}

static int
name_add(X509_NAME *name, int nid, const char *text, struct err *e)
{
	size_t size = strlen(text), characters = 0, n;
	uint32_t c;

	for (size_t at = 0; at < size; at += n, characters++)
		if ((n = utf8_decode((const uint8_t *)text + at, size - at,
		    &c)) == 0)
			break;
	if (!utf8_valid(text, size) || characters < 1 ||
	    characters > NAME_LONGEST ||
	    X509_NAME_add_entry_by_NID(name, nid, V_ASN1_UTF8STRING,
	    (const unsigned char *)text, (int)size, -1, 0) != 1)
		return err_set(e, ERR_BAD_INPUT, "ca-name",
		    "\"%s\" cannot be the %s of an issuer: it wants 1 to "
		    "%d characters", text, OBJ_nid2ln(nid), NAME_LONGEST);
	return 0;
}

static int
names_set(X509_NAME *name, const struct ca_names *n, struct err *e)
{
	if (n->organisation[0] != '\0' && name_add(name,
	    NID_organizationName, n->organisation, e) < 0)
		return -1;
	return name_add(name, NID_commonName, n->common_name, e);
}

/* Version, serial of 127 random bits, dates, subject, issuer, key, SKI. */
static X509 *
frame_new(EVP_PKEY *key, X509_NAME *subject, X509 *issuer, int days,
    int64_t now, struct err *e)
{
	X509 *x = X509_new();
	uint8_t serial[17], id[20];
	BIGNUM *number = NULL;
	ASN1_OCTET_STRING *ski = ASN1_OCTET_STRING_new();
	unsigned id_size = 0;
	int ok = 0;

	random_bytes(serial, sizeof serial);
	serial[0] = (uint8_t)(1 + serial[0] % 0x7f);
	number = BN_bin2bn(serial, sizeof serial, NULL);
	ok = x != NULL && number != NULL && ski != NULL &&
	    X509_set_version(x, X509_VERSION_3) == 1 &&
	    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL &&
	    X509_set_subject_name(x, subject) == 1 &&
	    X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) :
	    subject) == 1 && X509_set_pubkey(x, key) == 1 &&
	    ASN1_TIME_set(X509_getm_notBefore(x), now - BACKDATED) != NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(x),
	    now + (int64_t)days * DAY - 1) != NULL &&
	    X509_pubkey_digest(x, EVP_sha1(), id, &id_size) == 1 &&
	    ASN1_OCTET_STRING_set(ski, id, (int)id_size) == 1 &&
	    X509_add1_ext_i2d(x, NID_subject_key_identifier, ski, 0,
	    X509V3_ADD_DEFAULT) == 1;
	BN_free(number);
	ASN1_OCTET_STRING_free(ski);
	if (ok)
		return x;
	refuse(e, "a certificate");
	X509_free(x);
	return NULL;
}

/* Extensions are made once, and go into a certificate or a PKCS#10. */
static int
ext_push(STACK_OF(X509_EXTENSION) *all, int nid, int critical, void *value)
{
	X509_EXTENSION *x = value ? X509V3_EXT_i2d(nid, critical, value) :
	    NULL;

	if (x == NULL)
		return -1;
	if (sk_X509_EXTENSION_push(all, x) > 0)
		return 0;
	X509_EXTENSION_free(x);
	return -1;
}

static int
basic_push(STACK_OF(X509_EXTENSION) *all, bool ca, int path_length)
{
	BASIC_CONSTRAINTS *b = BASIC_CONSTRAINTS_new();
	int r = -1;

	if (b != NULL) {
		b->ca = ca ? 0xff : 0;
		if (!ca || ((b->pathlen = ASN1_INTEGER_new()) != NULL &&
		    ASN1_INTEGER_set(b->pathlen, path_length) == 1))
			r = ext_push(all, NID_basic_constraints, 1, b);
	}
	BASIC_CONSTRAINTS_free(b);
	return r;
}

/* Bits as in RFC 5280 4.2.1.3: 0 digitalSignature, 5 keyCertSign, 6 cRLSign. */
static int
key_usage_push(STACK_OF(X509_EXTENSION) *all, bool signs, bool certifies)
{
	ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	int r = -1;

	if (bits != NULL &&
	    (!signs || ASN1_BIT_STRING_set_bit(bits, 0, 1) == 1) &&
	    (!certifies || (ASN1_BIT_STRING_set_bit(bits, 5, 1) == 1 &&
	    ASN1_BIT_STRING_set_bit(bits, 6, 1) == 1)))
		r = ext_push(all, NID_key_usage, 1, bits);
	ASN1_BIT_STRING_free(bits);
	return r;
}

static int
eku_push(STACK_OF(X509_EXTENSION) *all, int first, int second)
{
	EXTENDED_KEY_USAGE *uses = EXTENDED_KEY_USAGE_new();
	int r = -1;

	if (uses != NULL &&
	    sk_ASN1_OBJECT_push(uses, OBJ_nid2obj(first)) > 0 &&
	    (second == NID_undef ||
	    sk_ASN1_OBJECT_push(uses, OBJ_nid2obj(second)) > 0))
		r = ext_push(all, NID_ext_key_usage, 0, uses);
	EXTENDED_KEY_USAGE_free(uses);
	return r;
}

static GENERAL_NAME *
uri_new(const char *url)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	if (g == NULL || text == NULL ||
	    ASN1_STRING_set(text, url, (int)strlen(url)) != 1) {
		GENERAL_NAME_free(g);
		ASN1_IA5STRING_free(text);
		return NULL;
	}
	GENERAL_NAME_set0_value(g, GEN_URI, text);
	return g;
}

static int
crl_url_push(STACK_OF(X509_EXTENSION) *all, const char *url)
{
	CRL_DIST_POINTS *points = CRL_DIST_POINTS_new();
	DIST_POINT *p = DIST_POINT_new();
	GENERAL_NAME *uri = uri_new(url);
	int r = -1;

	if (points == NULL || p == NULL || uri == NULL ||
	    (p->distpoint = DIST_POINT_NAME_new()) == NULL ||
	    (p->distpoint->name.fullname = GENERAL_NAMES_new()) == NULL)
		goto out;
	p->distpoint->type = 0;
	if (sk_GENERAL_NAME_push(p->distpoint->name.fullname, uri) <= 0)
		goto out;
	uri = NULL;
	if (sk_DIST_POINT_push(points, p) <= 0)
		goto out;
	p = NULL;
	r = ext_push(all, NID_crl_distribution_points, 0, points);
out:
	GENERAL_NAME_free(uri);
	DIST_POINT_free(p);
	CRL_DIST_POINTS_free(points);
	return r;
}

static int
issuer_url_push(STACK_OF(X509_EXTENSION) *all, const char *url)
{
	AUTHORITY_INFO_ACCESS *info = AUTHORITY_INFO_ACCESS_new();
	ACCESS_DESCRIPTION *d = ACCESS_DESCRIPTION_new();
	GENERAL_NAME *uri = uri_new(url);
	int r = -1;

	if (info == NULL || d == NULL || uri == NULL)
		goto out;
	d->method = OBJ_nid2obj(NID_ad_ca_issuers);
	GENERAL_NAME_free(d->location);
	d->location = uri;
	uri = NULL;
	if (sk_ACCESS_DESCRIPTION_push(info, d) <= 0)
		goto out;
	d = NULL;
	r = ext_push(all, NID_info_access, 0, info);
out:
	GENERAL_NAME_free(uri);
	ACCESS_DESCRIPTION_free(d);
	AUTHORITY_INFO_ACCESS_free(info);
	return r;
}

static int
policy_push(STACK_OF(X509_EXTENSION) *all, const char *oid)
{
	CERTIFICATEPOLICIES *policies = CERTIFICATEPOLICIES_new();
	POLICYINFO *p = POLICYINFO_new();
	int r = -1;

	if (policies == NULL || p == NULL ||
	    (p->policyid = OBJ_txt2obj(oid, 1)) == NULL ||
	    sk_POLICYINFO_push(policies, p) <= 0)
		goto out;
	p = NULL;
	r = ext_push(all, NID_certificate_policies, 0, policies);
out:
	POLICYINFO_free(p);
	CERTIFICATEPOLICIES_free(policies);
	return r;
}

/* What an ICA is, whoever signs it (xmpp.md 7). */
static int
ica_push(STACK_OF(X509_EXTENSION) *all, bool person, const struct ca_names *n)
{
	if (basic_push(all, true, 0) < 0 ||
	    key_usage_push(all, true, true) < 0 ||
	    eku_push(all, person ? NID_client_auth : NID_server_auth,
	    person ? NID_undef : NID_client_auth) < 0)
		return -1;
	return n->policy_oid[0] == '\0' ? 0 : policy_push(all, n->policy_oid);
}

static int
authority_add(X509 *x, X509 *issuer)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(issuer);
	AUTHORITY_KEYID *a = AUTHORITY_KEYID_new();
	int r = -1;

	if (id != NULL && a != NULL &&
	    (a->keyid = ASN1_OCTET_STRING_dup(id)) != NULL &&
	    X509_add1_ext_i2d(x, NID_authority_key_identifier, a, 0,
	    X509V3_ADD_DEFAULT) == 1)
		r = 0;
	AUTHORITY_KEYID_free(a);
	return r;
}

/* Put the extensions in, sign, and have our own signature verified. */
static int
finish(X509 *x, STACK_OF(X509_EXTENSION) *all, X509 *issuer,
    EVP_PKEY *signing_key, struct err *e)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(all); i++)
		if (X509_add_ext(x, sk_X509_EXTENSION_value(all, i), -1) != 1)
			return refuse(e, "an extension");
	if (issuer != NULL && authority_add(x, issuer) < 0)
		return refuse(e, "the authority key identifier");
	if (X509_sign(x, signing_key, key_digest(signing_key)) <= 0 ||
	    X509_verify(x, signing_key) != 1)
		return refuse(e, "to sign a CA certificate");
	return 0;
}

X509 *
ca_root_new(EVP_PKEY *key, const struct ca_names *n, int64_t now,
    struct err *e)
{
	STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
	X509_NAME *subject = X509_NAME_new();
	X509 *x = NULL;
	int r = -1;

	if (names_set(subject, n, e) < 0 ||
	    (x = frame_new(key, subject, NULL, n->days, now, e)) == NULL)
		goto out;
	if (basic_push(all, true, 1) < 0 ||
	    key_usage_push(all, false, true) < 0) {
		refuse(e, "the root's extensions");
		goto out;
	}
	r = finish(x, all, NULL, key, e);
out:
	X509_NAME_free(subject);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	if (r == 0)
		return x;
	X509_free(x);
	return NULL;
}

X509 *
ca_ica_new(EVP_PKEY *ica_key, X509 *root, EVP_PKEY *root_key, bool person,
    const struct ca_names *n, int64_t now, struct err *e)
{
	STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
	X509_NAME *subject = X509_NAME_new();
	X509 *x = NULL;
	int r = -1;

	if (names_set(subject, n, e) < 0 ||
	    (x = frame_new(ica_key, subject, root, n->days, now, e)) == NULL)
		goto out;
	if (ica_push(all, person, n) < 0 ||
	    (n->crl_url[0] != '\0' && crl_url_push(all, n->crl_url) < 0) ||
	    (n->issuer_url[0] != '\0' &&
	    issuer_url_push(all, n->issuer_url) < 0)) {
		refuse(e, "the ICA's extensions");
		goto out;
	}
	r = finish(x, all, root, root_key, e);
out:
	X509_NAME_free(subject);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	if (r == 0)
		return x;
	X509_free(x);
	return NULL;
}

int
ca_ica_csr(EVP_PKEY *ica_key, bool person, const struct ca_names *n,
    struct blob *pem, struct err *e)
{
	STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
	X509_REQ *q = X509_REQ_new();
	BIO *out = BIO_new(BIO_s_mem());
	char *text = NULL;
	long size;
	int r = -1;

	if (names_set(X509_REQ_get_subject_name(q), n, e) < 0)
		goto out;
	if (ica_push(all, person, n) < 0 ||
	    X509_REQ_set_version(q, X509_REQ_VERSION_1) != 1 ||
	    X509_REQ_set_pubkey(q, ica_key) != 1 ||
	    X509_REQ_add_extensions(q, all) != 1 ||
	    X509_REQ_sign(q, ica_key, key_digest(ica_key)) <= 0 ||
	    PEM_write_bio_X509_REQ(out, q) != 1 ||
	    (size = BIO_get_mem_data(out, &text)) <= 0) {
		refuse(e, "the PKCS#10");
		goto out;
	}
	blob_set(pem, text, (size_t)size);
	r = 0;
out:
	BIO_free(out);
	X509_REQ_free(q);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return r;
}

X509 *
ca_responder_new(EVP_PKEY *responder_key, X509 *ica, EVP_PKEY *ica_key,
    int generation, int days, int64_t now, struct err *e)
{
	STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
	X509_NAME *subject = X509_NAME_new();
	ASN1_NULL *nothing = ASN1_NULL_new();
	char cn[64];
	X509 *x = NULL;
	int r = -1;

	snprintf(cn, sizeof cn, "ICA %d OCSP responder", generation);
	if (name_add(subject, NID_commonName, cn, e) < 0 ||
	    (x = frame_new(responder_key, subject, ica, days, now,
	    e)) == NULL)
		goto out;
	if (basic_push(all, false, 0) < 0 ||
	    key_usage_push(all, true, false) < 0 ||
	    eku_push(all, NID_OCSP_sign, NID_undef) < 0 ||
	    ext_push(all, NID_id_pkix_OCSP_noCheck, 0, nothing) < 0) {
		refuse(e, "the responder's extensions");
		goto out;
	}
	r = finish(x, all, ica, ica_key, e);
out:
	ASN1_NULL_free(nothing);
	X509_NAME_free(subject);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	if (r == 0)
		return x;
	X509_free(x);
	return NULL;
}
