/* crl.c - a CRL as bytes: the lengths are known first, then the entries pass
 * through the hash, and the signature closes it (RFC 5280 5). */
#include "core/x509/crl.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/x509v3.h>

#include "core/base/text.h"
#include "core/x509/der.h"
#include "core/x509/sign_bytes.h"

#define SIGNATURE_ROOM 1100	/* RSA 8192, with its identifier */

static const uint8_t oid_authority_key[] = { 0x06, 0x03, 0x55, 0x1d, 0x23 };
static const uint8_t oid_crl_number[] = { 0x06, 0x03, 0x55, 0x1d, 0x14 };
static const uint8_t oid_point[] = { 0x06, 0x03, 0x55, 0x1d, 0x1c };
static const uint8_t critical[] = { 0x01, 0x01, 0xff };

struct crl_stream {
	const struct signing *signing;
	EVP_PKEY *key;
	EVP_MD_CTX *hash;
	size_t tbs;			/* content of the TBS, with the entries */
	struct buf front;		/* TBS up to the first entry */
	struct buf back;		/* extensions */
	int64_t n_wanted, size_wanted, n, size;
};

/* Content of the extension: OID, critical, IssuingDistributionPoint {
 * distributionPoint [0] { fullName [0] { [6] URL } } }. */
static size_t
point_size(const char *url)
{
	return sizeof oid_point + sizeof critical + der_size(der_size(
	    der_size(der_size(der_size(strlen(url))))));
}

static void
point_put(struct buf *b, const char *url)
{
	size_t n = strlen(url);

	der_put_head(b, DER_SEQUENCE, point_size(url));
	buf_put(b, oid_point, sizeof oid_point);
	buf_put(b, critical, sizeof critical);
	der_put_head(b, DER_OCTETS, der_size(der_size(der_size(
	    der_size(n)))));
	der_put_head(b, DER_SEQUENCE, der_size(der_size(der_size(n))));
	der_put_head(b, DER_CONTEXT, der_size(der_size(n)));
	der_put_head(b, DER_CONTEXT, der_size(n));
	der_put(b, 0x86, url, n);
}

static void
extensions_put(struct buf *b, X509 *issuer, int64_t number, const char *url)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(issuer);
	size_t n = id ? (size_t)ASN1_STRING_length(id) : 0;
	size_t authority = n ? sizeof oid_authority_key +
	    der_size(der_size(der_size(n))) : 0;
	size_t numbered = sizeof oid_crl_number +
	    der_size(der_number_size((uint64_t)number));
	size_t all = (n ? der_size(authority) : 0) + der_size(numbered) +
	    (url ? der_size(point_size(url)) : 0);

	der_put_head(b, DER_CONTEXT + 0, der_size(all));
	der_put_head(b, DER_SEQUENCE, all);
	if (n > 0) {
		der_put_head(b, DER_SEQUENCE, authority);
		buf_put(b, oid_authority_key, sizeof oid_authority_key);
		der_put_head(b, DER_OCTETS, der_size(der_size(n)));
		der_put_head(b, DER_SEQUENCE, der_size(n));
		der_put(b, 0x80, ASN1_STRING_get0_data(id), n);
	}
	der_put_head(b, DER_SEQUENCE, numbered);
	buf_put(b, oid_crl_number, sizeof oid_crl_number);
	der_put_head(b, DER_OCTETS, der_number_size((uint64_t)number));
	der_put_number(b, (uint64_t)number);
	if (url != NULL)
		point_put(b, url);
}

static int
front_put(struct crl_stream *s, X509 *issuer, const struct crl_begin *w,
    struct err *e)
{
	size_t entries = (size_t)w->size;
	struct buf inner = { 0 };
	uint8_t *name = NULL;
	int n = i2d_X509_NAME(X509_get_subject_name(issuer), &name);

	if (n <= 0)
		return err_set(e, ERR_BROKEN, "crl", "the issuer has no name");
	der_put_number(&inner, 1);		/* v2 */
	buf_put(&inner, s->signing->algorithm, s->signing->algorithm_size);
	buf_put(&inner, name, (size_t)n);
	der_put_time(&inner, w->this_update);
	der_put_time(&inner, w->next_update);
	if (entries > 0)
		der_put_head(&inner, DER_SEQUENCE, entries);
	s->tbs = inner.size + entries + s->back.size;
	der_put_head(&s->front, DER_SEQUENCE, s->tbs);
	buf_put(&s->front, inner.data, inner.size);
	buf_clear(&inner);
	OPENSSL_free(name);
	return 0;
}

static int
hash_begin(struct crl_stream *s, struct err *e)
{
	s->hash = EVP_MD_CTX_new();
	if (s->hash == NULL || EVP_DigestSignInit(s->hash, NULL,
	    s->signing->digest(), NULL, s->key) != 1 ||
	    EVP_DigestSignUpdate(s->hash, s->front.data, s->front.size) != 1)
		return err_set(e, ERR_BROKEN, "sign",
		    "OpenSSL refuses to sign");
	return 0;
}

struct crl_stream *
crl_begin(X509 *issuer, EVP_PKEY *key, const struct crl_begin *w,
    const char *url, struct err *e)
{
	struct crl_stream *s = NULL;

	if (signing_of(key) == NULL || w->number < 0 || w->this_update <= 0 ||
	    w->next_update <= w->this_update || w->entries < 0 ||
	    w->size < 0 || w->size > UINT32_MAX / 2 ||
	    (w->entries == 0) != (w->size == 0)) {
		err_set(e, ERR_BAD_INPUT, "crl",
		    "a CRL wants a number, two dates in order, an EC or RSA "
		    "key, and entries of less than 2 GiB");
		return NULL;
	}
	s = xcalloc(1, sizeof *s);
	s->signing = signing_of(key);
	s->n_wanted = w->entries;
	s->size_wanted = w->size;
	s->key = key;
	EVP_PKEY_up_ref(key);
	extensions_put(&s->back, issuer, w->number, url);
	if (front_put(s, issuer, w, e) == 0 && hash_begin(s, e) == 0)
		return s;
	crl_stream_free(s);
	return NULL;
}

int
crl_part(struct crl_stream *s, const uint8_t *der, size_t size, struct err *e)
{
	int64_t n = 0;

	if (crl_entries_check(der, size, &n, e) < 0)
		return -1;
	s->n += n;
	s->size += (int64_t)size;
	if (s->n > s->n_wanted || s->size > s->size_wanted)
		return err_set(e, ERR_BAD_INPUT, "crl-entries",
		    "more entries than were announced");
	if (EVP_DigestSignUpdate(s->hash, der, size) != 1)
		return err_set(e, ERR_BROKEN, "sign",
		    "OpenSSL refuses to sign");
	return 0;
}

int
crl_end(struct crl_stream *s, struct crl_signed *out, struct err *e)
{
	uint8_t signature[SIGNATURE_ROOM];
	struct buf b = { 0 };
	size_t size = sizeof signature;

	if (s->n != s->n_wanted || s->size != s->size_wanted)
		return err_set(e, ERR_BAD_INPUT, "crl-entries",
		    "%lld entries came, %lld were announced",
		    (long long)s->n, (long long)s->n_wanted);
	if (EVP_DigestSignUpdate(s->hash, s->back.data, s->back.size) != 1 ||
	    EVP_DigestSignFinal(s->hash, signature, &size) != 1)
		return err_set(e, ERR_BROKEN, "sign",
		    "OpenSSL refuses to sign");
	der_put_head(&b, DER_SEQUENCE, der_size(s->tbs) +
	    s->signing->algorithm_size + der_size(size + 1));
	buf_put(&b, s->front.data, s->front.size);
	blob_set(&out->head, b.data, b.size);
	b.size = 0;
	buf_put(&b, s->back.data, s->back.size);
	buf_put(&b, s->signing->algorithm, s->signing->algorithm_size);
	der_put_head(&b, DER_BIT_STRING, size + 1);
	buf_put_u8(&b, 0);		/* no unused bits */
	buf_put(&b, signature, size);
	blob_set(&out->tail, b.data, b.size);
	buf_clear(&b);
	return 0;
}

void
crl_stream_free(struct crl_stream *s)
{
	if (s == NULL)
		return;
	EVP_MD_CTX_free(s->hash);
	EVP_PKEY_free(s->key);
	buf_clear(&s->front);
	buf_clear(&s->back);
	free(s);
}

int
crl_build(X509 *issuer, EVP_PKEY *key, const struct crl_wish *w,
    struct blob *der, struct err *e)
{
	struct crl_begin begin = { .number = w->number,
		.this_update = w->this_update, .next_update = w->next_update,
		.entries = (int64_t)w->n_entries };
	struct crl_signed out = { 0 };
	struct crl_stream *s = NULL;
	struct buf b = { 0 }, whole = { 0 };
	int r = -1;

	for (size_t i = 0; i < w->n_entries; i++)
		if (crl_entry_put(&b, &w->entries[i], e) < 0)
			goto out;
	begin.size = (int64_t)b.size;
	if ((s = crl_begin(issuer, key, &begin, NULL, e)) == NULL ||
	    crl_part(s, b.data, b.size, e) < 0 || crl_end(s, &out, e) < 0)
		goto out;
	buf_put(&whole, out.head.data, out.head.size);
	buf_put(&whole, b.data, b.size);
	buf_put(&whole, out.tail.data, out.tail.size);
	blob_set(der, whole.data, whole.size);
	r = 0;
out:
	NOUN_CLEAR(crl_signed, &out);
	crl_stream_free(s);
	buf_clear(&b);
	buf_clear(&whole);
	return r;
}
