/*
 * csr_fuzz.c - the verdict on requests: as they come, and with a good key and
 * signature put on what the input says of subject and attributes.
 */
#include "fuzz.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/x509/intake.h"
#include "core/x509/rules.h"
#include "core/x509/tlv.h"

/* A P-256 key of these tests alone. */
static EVP_PKEY *
key(void)
{
	static EVP_PKEY *k;

	if (k == NULL)
		CLAIM((k = EVP_EC_gen("P-256")) != NULL);
	return k;
}

static void
signature_put(struct buf *b, const uint8_t *info, size_t size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t sig[256];
	size_t n = sizeof sig - 1;

	sig[0] = 0;
	CLAIM(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key(),
	    NULL) == 1);
	CLAIM(EVP_DigestSign(ctx, sig + 1, &n, info, size) == 1);
	EVP_MD_CTX_free(ctx);
	der_put(b, DER_BIT_STRING, sig, n + 1);
}

/* Subject and attributes (their contents) made a signed request. */
static void
request_make(struct buf *out, const uint8_t *subject, size_t subject_size,
    const uint8_t *attributes, size_t attributes_size)
{
	struct buf info = { 0 };
	size_t mark = tlv_open(&info, DER_SEQUENCE), whole, algorithm;
	uint8_t *spki = NULL;
	int n = i2d_PUBKEY(key(), &spki);

	CLAIM(n > 0);
	der_put(&info, DER_INTEGER, "\0", 1);
	der_put(&info, DER_SEQUENCE, subject, subject_size);
	buf_put(&info, spki, (size_t)n);
	der_put(&info, DER_CONTEXT, attributes, attributes_size);
	tlv_close(&info, mark);
	OPENSSL_free(spki);
	whole = tlv_open(out, DER_SEQUENCE);
	buf_put(out, info.data, info.size);
	algorithm = tlv_open(out, DER_SEQUENCE);
	oid_put(out, &oid_ecdsa_sha256);
	tlv_close(out, algorithm);
	signature_put(out, info.data, info.size);
	tlv_close(out, whole);
	buf_clear(&info);
}

static const struct domain_ref proofs[] = {
	{ .proof_domain = "xmpp.example", .method = 0, .expires = 2000000000 },
	{ .proof_domain = "jabber.org", .expires = 2000000000 },
	{ .proof_domain = "xn--mller-kva.de", .expires = 2000000000 },
	{ .proof_domain = "gone.example", .expires = 1000000000 },
};

static bool
is_covered(const char *ascii, bool subdomains)
{
	for (size_t i = 0; i < 3; i++)
		if (domain_covers(proofs[i].proof_domain, ascii, subdomains))
			return true;
	return false;
}

static bool
rule_known(const char *id)
{
	for (unsigned r = 0; r < RULE_COUNT; r++)
		if (strcmp(rule_id(r), id) == 0)
			return true;
	return false;
}

/* What must be true of each verdict, whatever came in. */
static void
verdict_claim(const struct verdict *v, const struct intake *in)
{
	struct verdict copy = { 0 };

	CLAIM(v->accepted == (strcmp(v->rule, "ok") == 0));
	CLAIM(rule_known(v->rule));
	CLAIM(is_showable(v->text) && is_showable(v->key));
	CLAIM(is_showable(v->subject_cn) && is_showable(v->asked_subject));
	for (size_t i = 0; i < v->n_findings; i++) {
		const struct finding *f = &v->findings[i];

		CLAIM(rule_known(f->rule) && f->what[0] != '\0');
		CLAIM(is_showable(f->value) && is_showable(f->text));
		CLAIM(!v->accepted || f->kind != VERDICT_REFUSED);
	}
	CLAIM(!v->accepted || (v->n_names > 0 && v->n_domains > 0));
	CLAIM(!v->accepted || v->not_after > v->not_before);
	for (size_t i = 0; v->accepted && i < v->n_domains; i++)
		CLAIM(is_covered(v->domains[i].domain, in->subdomains));
	for (size_t i = 0; v->accepted && i < v->n_names; i++) {
		const char *name = v->names[i].value;
		struct domain_form form;
		struct err e = { 0 };

		CLAIM(domain_parse(name, strlen(name), true, &form, &e) == 0);
		CLAIM(is_covered(form.ascii, in->subdomains));
	}
	CLAIM(!v->accepted || v->subject_cn[0] == '\0' ||
	    is_covered(v->subject_cn, in->subdomains));
	shape_copy(&verdict_shape, &copy, v);	/* it can cross a wire */
	NOUN_CLEAR(verdict, &copy);
}

static void
judge(const uint8_t *csr, size_t size, uint8_t mode)
{
	static const char *const profiles[] = { "", "xmpp-server", "xmpp-s2s",
		"xmpp-rfc3920" };
	static const struct domain_name asked[] = { { "xmpp.example" },
		{ "conference.xmpp.example" }, { "Jabber.org." } };
	struct intake in = { .csr = csr, .csr_size = size, .domains = asked,
		.n_domains = mode & 3, .profile = profiles[mode >> 2 & 3],
		.profiles = "xmpp-server xmpp-s2s xmpp-rfc3920",
		.special_names = (mode & 0x10) == 0,
		.subdomains = (mode & 0x20) == 0, .days = 90, .max_names = 20,
		.now = 1900000000, .proofs = proofs,
		.n_proofs = sizeof proofs / sizeof *proofs };
	struct verdict v = { 0 };
	struct blob spki = { 0 };
	bool offered = true;

	intake_judge(&in, &v, &spki, &offered);
	verdict_claim(&v, &in);
	CLAIM(!v.accepted || (spki.size > 0 && !offered));
	NOUN_CLEAR(verdict, &v);
	blob_clear(&spki);
}

/* First byte: the policy and what is asked for.  Second: 0 to 127 the rest is
 * a request; otherwise its subject of so many bytes (less 128), and then its
 * attributes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t mode = byte_take(&data, &size);
	uint8_t how = byte_take(&data, &size);
	struct buf made = { 0 };
	size_t n;

	if (how < 128) {
		judge(data, size, mode);
		return 0;
	}
	n = (size_t)how - 128 < size ? (size_t)how - 128 : size;
	request_make(&made, data, n, data + n, size - n);
	judge(made.data, made.size, mode);
	buf_clear(&made);
	return 0;
}
