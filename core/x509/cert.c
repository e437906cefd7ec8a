/*
 * cert.c - building and signing a certificate, as bytes.
 *
 * No stranger's bytes are decoded on this road: the key is the checked SPKI,
 * copied as it is, and all else is written here.  The lint runs on a copy
 * that a throw-away key signed before the issuer's key is used (S5.6).
 */
#include "core/x509/cert.h"

#include <string.h>

#include "core/x509/certsign.h"
#include "core/x509/rules.h"
#include "core/x509/spki.h"

struct extension {
	size_t outer, octets;
};

static struct extension
extension_open(struct buf *b, const struct oid *oid, bool critical)
{
	struct extension x;

	x.outer = tlv_open(b, DER_SEQUENCE);
	oid_put(b, oid);
	if (critical)
		der_put(b, TLV_BOOLEAN, "\xff", 1);
	x.octets = tlv_open(b, DER_OCTETS);
	return x;
}

static void
extension_close(struct buf *b, struct extension x)
{
	tlv_close(b, x.octets);
	tlv_close(b, x.outer);
}

static void
put_usages(struct buf *b, const struct profile *p, const struct spki *k)
{
	struct extension x;
	size_t list;

	x = extension_open(b, &oid_basic, true);
	der_put(b, DER_SEQUENCE, "", 0);
	extension_close(b, x);

	/* digitalSignature; with keyEncipherment for RSA */
	x = extension_open(b, &oid_key_usage, true);
	if (k->kind == SPKI_RSA)
		der_put(b, DER_BIT_STRING, "\x05\xa0", 2);
	else
		der_put(b, DER_BIT_STRING, "\x07\x80", 2);
	extension_close(b, x);

	x = extension_open(b, &oid_eku, false);
	list = tlv_open(b, DER_SEQUENCE);
	if (p->server_auth)
		oid_put(b, &oid_server_auth);
	if (p->client_auth)
		oid_put(b, &oid_client_auth);
	tlv_close(b, list);
	extension_close(b, x);
}

static void
put_key_ids(struct buf *b, const struct spki *k, const struct der *issuer_id)
{
	struct extension x;
	uint8_t id[20];
	size_t list;

	key_id(id, &k->bits);
	x = extension_open(b, &oid_ski, false);
	der_put(b, DER_OCTETS, id, sizeof id);
	extension_close(b, x);

	x = extension_open(b, &oid_aki, false);
	list = tlv_open(b, DER_SEQUENCE);
	der_put(b, 0x80, issuer_id->at, issuer_id->left);
	tlv_close(b, list);
	extension_close(b, x);
}

static void
put_other_name(struct buf *b, const struct oid *oid, uint8_t type,
    const char *prefix, const char *value)
{
	size_t other = tlv_open(b, 0xa0), wrap;

	oid_put(b, oid);
	wrap = tlv_open(b, DER_CONTEXT);
	der_put_head(b, type, strlen(prefix) + strlen(value));
	buf_put(b, prefix, strlen(prefix));
	buf_put(b, value, strlen(value));
	tlv_close(b, wrap);
	tlv_close(b, other);
}

static void
put_names(struct buf *b, const struct name *names, size_t n)
{
	struct extension x = extension_open(b, &oid_san, false);
	size_t list = tlv_open(b, DER_SEQUENCE);

	for (size_t i = 0; i < n; i++) {
		const char *value = names[i].value;

		switch (names[i].kind) {
		case NAME_DNS:
			der_put(b, 0x82, value, strlen(value));
			break;
		case NAME_SRV_SERVER:
			put_other_name(b, &oid_srv_name, TLV_IA5,
			    "_xmpp-server.", value);
			break;
		case NAME_SRV_CLIENT:
			put_other_name(b, &oid_srv_name, TLV_IA5,
			    "_xmpp-client.", value);
			break;
		case NAME_XMPP:
			put_other_name(b, &oid_xmpp_addr, TLV_UTF8, "", value);
			break;
		}
	}
	tlv_close(b, list);
	extension_close(b, x);
}

static void
put_policy(struct buf *b, const struct cert_frame *f, const struct der *oid)
{
	struct extension x = extension_open(b, &oid_policies, false);
	size_t list = tlv_open(b, DER_SEQUENCE);
	size_t info = tlv_open(b, DER_SEQUENCE);

	der_put(b, DER_OID, oid->at, oid->left);
	if (f->cps_url[0] != '\0') {
		size_t qualifiers = tlv_open(b, DER_SEQUENCE);
		size_t one = tlv_open(b, DER_SEQUENCE);

		oid_put(b, &oid_cps);
		der_put(b, TLV_IA5, f->cps_url, strlen(f->cps_url));
		tlv_close(b, one);
		tlv_close(b, qualifiers);
	}
	tlv_close(b, info);
	tlv_close(b, list);
	extension_close(b, x);
}

static void
put_access(struct buf *b, const struct oid *method, const char *url)
{
	size_t one = tlv_open(b, DER_SEQUENCE);

	oid_put(b, method);
	der_put(b, 0x86, url, strlen(url));
	tlv_close(b, one);
}

static void
put_urls(struct buf *b, const struct cert_frame *f, const char *crl_url)
{
	struct extension x = extension_open(b, &oid_aia, false);
	size_t list = tlv_open(b, DER_SEQUENCE), point, name, full;

	put_access(b, &oid_ad_ocsp, f->ocsp_url);
	put_access(b, &oid_ad_issuers, f->issuer_url);
	tlv_close(b, list);
	extension_close(b, x);

	x = extension_open(b, &oid_cdp, false);
	list = tlv_open(b, DER_SEQUENCE);
	point = tlv_open(b, DER_SEQUENCE);
	name = tlv_open(b, DER_CONTEXT);
	full = tlv_open(b, DER_CONTEXT);
	der_put(b, 0x86, crl_url, strlen(crl_url));
	tlv_close(b, full);
	tlv_close(b, name);
	tlv_close(b, point);
	tlv_close(b, list);
	extension_close(b, x);
}

static void
put_subject(struct buf *b, const struct sign_wish *w)
{
	bool cn = w->subject_cn[0] != '\0';
	const char *value = cn ? w->subject_cn : w->serial;
	size_t name = tlv_open(b, DER_SEQUENCE), set = tlv_open(b, TLV_SET);
	size_t pair = tlv_open(b, DER_SEQUENCE);

	oid_put(b, cn ? &oid_cn : &oid_serial_number);
	der_put(b, cn ? TLV_UTF8 : TLV_PRINTABLE, value, strlen(value));
	tlv_close(b, pair);
	tlv_close(b, set);
	tlv_close(b, name);
}

static void
put_tbs(struct buf *b, const struct sign_frame *s, const struct sign_wish *w,
    const struct profile *p, const struct spki *k)
{
	size_t tbs = tlv_open(b, DER_SEQUENCE), part, inner;

	part = tlv_open(b, DER_CONTEXT);
	der_put_number(b, 2);		/* v3 */
	tlv_close(b, part);
	der_put(b, DER_INTEGER, s->serial, s->serial_size);
	buf_put(b, s->algorithm.at, s->algorithm.left);
	buf_put(b, s->issuer.at, s->issuer.left);
	part = tlv_open(b, DER_SEQUENCE);
	der_put_time(b, w->not_before);
	der_put_time(b, w->not_after);
	tlv_close(b, part);
	put_subject(b, w);
	buf_put(b, w->spki.data, w->spki.size);
	part = tlv_open(b, DER_CONTEXT + 3);
	inner = tlv_open(b, DER_SEQUENCE);
	put_usages(b, p, k);
	put_key_ids(b, k, &s->issuer_id);
	put_names(b, w->names, w->n_names);
	put_policy(b, s->frame, &s->policy);
	put_urls(b, s->frame, s->crl_url);
	tlv_close(b, inner);
	tlv_close(b, part);
	tlv_close(b, tbs);
}

/* Certificate ::= SEQUENCE { tbs, algorithm, signature }, signed by `key`, or
 * by the throw-away key when there is none. */
static int
put_signed(struct buf *out, const struct buf *tbs, const struct sign_frame *s,
    EVP_PKEY *key, struct err *e)
{
	size_t mark = tlv_open(out, DER_SEQUENCE);

	buf_put(out, tbs->data, tbs->size);
	if ((key == NULL ? throw_away_append(out, mark, s, e) :
	    signing_append(out, mark, s->signing, key, e)) != 0)
		return -1;
	tlv_close(out, mark);
	return 0;
}

static int
wish_check(const struct sign_frame *s, const struct sign_wish *w,
    const struct profile *p, struct spki *k, struct err *e)
{
	if (p == NULL)
		return rule_broken(e, RULE_PROFILE_UNKNOWN,
		    "There is no profile \"%s\".", w->profile);
	if (profile_check(p, w->subject_cn, w->names, w->n_names,
	    w->not_before, w->not_after, e) != 0 ||
	    spki_read(w->spki.data, w->spki.size, k, e) != 0 ||
	    spki_form_check(k, e) != 0)
		return -1;
	if (w->not_before < s->not_before || w->not_after > s->not_after)
		return rule_broken(e, RULE_CERT_LIFE, "The certificate would "
		    "begin before its issuer or end after it; a new issuer is "
		    "needed.");
	return 0;
}

int
cert_sign(const struct cert_frame *f, const struct sign_wish *w,
    struct blob *der, struct err *e)
{
	const struct profile *p = profile_find(w->profile);
	struct sign_frame s;
	struct spki k;
	struct buf tbs = { 0 }, copy = { 0 }, out = { 0 };
	int rc = -1;

	if (sign_frame_init(&s, f, w, e) != 0 ||
	    wish_check(&s, w, p, &k, e) != 0)
		return -1;
	put_tbs(&tbs, &s, w, p, &k);
	if (put_signed(&copy, &tbs, &s, NULL, e) != 0 ||
	    lint_fields(&s, w, copy.data, copy.size, e) != 0 ||
	    put_signed(&out, &tbs, &s, f->key, e) != 0 ||
	    lint_fields(&s, w, out.data, out.size, e) != 0)
		goto out;
	blob_set(der, out.data, out.size);
	rc = 0;
out:
	buf_clear(&tbs);
	buf_clear(&copy);
	buf_clear(&out);
	return rc;
}

void
cert_unmake(struct blob *der)
{
	secret_wipe(der->data, der->size);
	blob_clear(der);
}
