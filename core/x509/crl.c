/* crl.c - a CRL as bytes: one pass adds the lengths up, the next one writes
 * (RFC 5280 5). */
#include "core/x509/crl.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/x509v3.h>

#include "core/base/text.h"
#include "core/x509/ca.h"
#include "core/x509/der.h"
#include "core/x509/sign_bytes.h"

#define SERIAL_LONGEST 20
/* SEQUENCE { OID 2.5.29.21, OCTET STRING { ENUMERATED n } } in a SEQUENCE */
#define REASON_SIZE 14
#define FRONT 16		/* room for the outermost head */
#define SIGNATURE_ROOM 1100	/* RSA 8192, with its identifier */

static const uint8_t reason_head[] = { 0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03,
	0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01 };
static const uint8_t oid_authority_key[] = { 0x06, 0x03, 0x55, 0x1d, 0x23 };
static const uint8_t oid_crl_number[] = { 0x06, 0x03, 0x55, 0x1d, 0x14 };

/* What the passes know of a CRL. */
struct crl_plan {
	const struct crl_wish *wish;
	const struct signing *signing;
	uint8_t *name;			/* issuer, DER */
	size_t name_size;
	const ASN1_OCTET_STRING *key_id;
	size_t entries, authority, number, extensions, tbs;
};

static size_t
entry_content(const struct status *st)
{
	return der_size(strlen(st->serial) / 2) + der_time_size(st->revoked) +
	    (st->reason == REASON_UNSPECIFIED ? 0 : REASON_SIZE);
}

/* A serial as an INTEGER's content: positive, and as short as can be. */
static int
entry_check(const struct status *st, struct err *e)
{
	uint8_t serial[SERIAL_LONGEST];
	int n = hex_decode(serial, sizeof serial, st->serial);

	if (n < 1 || serial[0] > 0x7f ||
	    (n > 1 && serial[0] == 0 && serial[1] < 0x80))
		return err_set(e, ERR_BAD_INPUT, "crl-serial",
		    "\"%s\" is no serial (RFC 5280 4.1.2.2)", st->serial);
	if (st->revoked <= 0 || st->revoked > 253402300799)
		return err_set(e, ERR_BAD_INPUT, "crl-date",
		    "serial %s has no date of revocation", st->serial);
	if (st->reason == REASON_UNUSED_7 || st->reason == REASON_REMOVE ||
	    st->reason > REASON_PRIVILEGE_WITHDRAWN)
		return err_set(e, ERR_BAD_INPUT, "crl-reason",
		    "reason %d cannot stand in a full CRL (RFC 5280 5.3.1)",
		    st->reason);
	return 0;
}

static int
plan_count(struct crl_plan *p, struct err *e)
{
	const struct crl_wish *w = p->wish;

	for (size_t i = 0; i < w->n_entries; i++) {
		if (entry_check(&w->entries[i], e) < 0)
			return -1;
		p->entries += der_size(entry_content(&w->entries[i]));
	}
	p->authority = p->key_id ? sizeof oid_authority_key + der_size(der_size(
	    der_size((size_t)ASN1_STRING_length(p->key_id)))) : 0;
	p->number = sizeof oid_crl_number +
	    der_size(der_number_size((uint64_t)w->number));
	p->extensions = (p->authority ? der_size(p->authority) : 0) +
	    der_size(p->number);
	p->tbs = der_number_size(1) + p->signing->algorithm_size +
	    p->name_size + der_time_size(w->this_update) +
	    der_time_size(w->next_update) +
	    (p->entries ? der_size(p->entries) : 0) +
	    der_size(der_size(p->extensions));
	return 0;
}

static void
entry_write(struct buf *b, const struct status *st)
{
	uint8_t serial[SERIAL_LONGEST];
	int n = hex_decode(serial, sizeof serial, st->serial);

	der_put_head(b, DER_SEQUENCE, entry_content(st));
	der_put(b, DER_INTEGER, serial, (size_t)n);
	der_put_time(b, st->revoked);
	if (st->reason != REASON_UNSPECIFIED) {
		buf_put(b, reason_head, sizeof reason_head);
		buf_put_u8(b, (uint8_t)st->reason);
	}
}

static void
extensions_write(struct buf *b, const struct crl_plan *p)
{
	der_put_head(b, DER_CONTEXT + 0, der_size(p->extensions));
	der_put_head(b, DER_SEQUENCE, p->extensions);
	if (p->key_id != NULL) {
		size_t id = (size_t)ASN1_STRING_length(p->key_id);

		der_put_head(b, DER_SEQUENCE, p->authority);
		buf_put(b, oid_authority_key, sizeof oid_authority_key);
		der_put_head(b, DER_OCTETS, der_size(der_size(id)));
		der_put_head(b, DER_SEQUENCE, der_size(id));
		der_put(b, 0x80, ASN1_STRING_get0_data(p->key_id), id);
	}
	der_put_head(b, DER_SEQUENCE, p->number);
	buf_put(b, oid_crl_number, sizeof oid_crl_number);
	der_put_head(b, DER_OCTETS,
	    der_number_size((uint64_t)p->wish->number));
	der_put_number(b, (uint64_t)p->wish->number);
}

static void
tbs_write(struct buf *b, const struct crl_plan *p)
{
	const struct crl_wish *w = p->wish;

	der_put_head(b, DER_SEQUENCE, p->tbs);
	der_put_number(b, 1);		/* v2 */
	buf_put(b, p->signing->algorithm, p->signing->algorithm_size);
	buf_put(b, p->name, p->name_size);
	der_put_time(b, w->this_update);
	der_put_time(b, w->next_update);
	if (p->entries > 0) {
		der_put_head(b, DER_SEQUENCE, p->entries);
		for (size_t i = 0; i < w->n_entries; i++)
			entry_write(b, &w->entries[i]);
	}
	extensions_write(b, p);
}

/* TBS, algorithm and signature stand behind FRONT free bytes; the outermost
 * head goes right before them, and all moves to the front. */
static void
outer_close(struct buf *b, struct blob *der)
{
	struct buf head = { 0 };
	size_t content = b->size - FRONT;

	der_put_head(&head, DER_SEQUENCE, content);
	memcpy(b->data + FRONT - head.size, head.data, head.size);
	memmove(b->data, b->data + FRONT - head.size, head.size + content);
	blob_clear(der);
	der->data = b->data;
	der->size = head.size + content;
	memset(b, 0, sizeof *b);
	buf_clear(&head);
}

int
crl_build(X509 *issuer, EVP_PKEY *key, const struct crl_wish *w,
    struct blob *der, struct err *e)
{
	static const uint8_t front[FRONT];
	struct crl_plan p = { .wish = w, .signing = signing_of(key),
		.key_id = X509_get0_subject_key_id(issuer) };
	struct buf b = { 0 };
	int n, r = -1;

	if (p.signing == NULL || w->number < 0 || w->this_update <= 0 ||
	    w->next_update <= w->this_update)
		return err_set(e, ERR_BAD_INPUT, "crl",
		    "a CRL wants a number, two dates in order, and an EC or "
		    "RSA key");
	n = i2d_X509_NAME(X509_get_subject_name(issuer), &p.name);
	if (n <= 0) {
		err_set(e, ERR_BROKEN, "crl", "the issuer has no name");
		goto out;
	}
	p.name_size = (size_t)n;
	if (plan_count(&p, e) < 0)
		goto out;
	/* buf_reserve() would double: take what is needed, once */
	b.room = FRONT + der_size(p.tbs) + SIGNATURE_ROOM;
	b.data = xmalloc(b.room);
	buf_put(&b, front, FRONT);
	tbs_write(&b, &p);
	if (signing_append(&b, FRONT, p.signing, key, e) < 0)
		goto out;
	outer_close(&b, der);
	r = 0;
out:
	OPENSSL_free(p.name);
	buf_clear(&b);
	return r;
}
