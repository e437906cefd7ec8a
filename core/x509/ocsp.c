/* ocsp.c - OCSP answers: signed ahead piece by piece, put together as bytes
 * (RFC 6960 4.2.1). */
#include "core/x509/ocsp.h"

#include <string.h>

#include "core/base/text.h"
#include "core/x509/der.h"
#include "core/x509/sign_bytes.h"

#define ENTRY_TIME DER_GENERAL_TIME_SIZE
#define SIGNATURE_LONGEST 80	/* as answers.h keeps them */

static const uint8_t sha1_algorithm[] = { 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
	0x03, 0x02, 0x1a, 0x05, 0x00 };
static const uint8_t sha256_algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x60,
	0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00 };
static const uint8_t ecdsa_sha256[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
	0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
/* OCSPResponseStatus successful, and id-pkix-ocsp-basic */
static const uint8_t successful[] = { 0x0a, 0x01, 0x00 };
static const uint8_t oid_basic[] = { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x05,
	0x05, 0x07, 0x30, 0x01, 0x01 };

static int
spki_hashes(X509 *x, uint8_t sha1[20], uint8_t sha256[32])
{
	const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(x);
	size_t size = key ? (size_t)ASN1_STRING_length(key) : 0;

	if (size == 0 || EVP_Digest(ASN1_STRING_get0_data(key), size, sha1,
	    NULL, EVP_sha1(), NULL) != 1)
		return -1;
	if (sha256 != NULL && EVP_Digest(ASN1_STRING_get0_data(key), size,
	    sha256, NULL, EVP_sha256(), NULL) != 1)
		return -1;
	return 0;
}

int
ocsp_issuer_from(struct ocsp_issuer *out, X509 *issuer, X509 *responder,
    struct err *e)
{
	memset(out, 0, sizeof *out);
	if (X509_NAME_digest(X509_get_subject_name(issuer), EVP_sha1(),
	    out->name_sha1, NULL) != 1 ||
	    X509_NAME_digest(X509_get_subject_name(issuer), EVP_sha256(),
	    out->name_sha256, NULL) != 1 ||
	    spki_hashes(issuer, out->key_sha1, out->key_sha256) < 0 ||
	    spki_hashes(responder, out->responder_key_sha1, NULL) < 0)
		return err_set(e, ERR_BROKEN, "ocsp",
		    "an issuer's name and key cannot be hashed");
	return 0;
}

/* What differs between answers, and the lengths that follow from it. */
struct shape_of_answer {
	const uint8_t *algorithm, *name, *key;
	size_t algorithm_size, hash_size;
	size_t certid, revoked, status, single, data;
};

static void
shape_make(struct shape_of_answer *a, const struct ocsp_issuer *i,
    enum certid_hash hash, size_t serial_size, const struct status *st)
{
	bool longer = hash == CERTID_SHA256;

	a->algorithm = longer ? sha256_algorithm : sha1_algorithm;
	a->algorithm_size = longer ? sizeof sha256_algorithm :
	    sizeof sha1_algorithm;
	a->hash_size = longer ? 32 : 20;
	a->name = longer ? i->name_sha256 : i->name_sha1;
	a->key = longer ? i->key_sha256 : i->key_sha1;
	a->certid = a->algorithm_size + 2 * der_size(a->hash_size) +
	    der_size(serial_size);
	a->revoked = ENTRY_TIME + (st->reason == REASON_UNSPECIFIED ? 0 : 5);
	a->status = st->state == CERTIFICATE_REVOKED ? der_size(a->revoked) :
	    2;
	a->single = der_size(a->certid) + a->status + ENTRY_TIME +
	    der_size(ENTRY_TIME);
	/* responderID [2] { OCTET STRING }, producedAt, SEQUENCE OF one */
	a->data = der_size(der_size(20)) + ENTRY_TIME +
	    der_size(der_size(a->single));
}

static void
status_put(struct buf *b, const struct shape_of_answer *a,
    const struct status *st)
{
	switch (st->state) {
	case CERTIFICATE_GOOD:
	case CERTIFICATE_EXPIRED:
		der_put_head(b, 0x80, 0);
		break;
	case CERTIFICATE_REVOKED:
		der_put_head(b, DER_CONTEXT + 1, a->revoked);
		der_put_general_time(b, st->revoked);
		if (st->reason != REASON_UNSPECIFIED) {
			uint8_t reason = (uint8_t)st->reason;

			der_put_head(b, DER_CONTEXT + 0, 3);
			der_put(b, DER_ENUMERATED, &reason, 1);
		}
		break;
	case CERTIFICATE_NONE:
		der_put_head(b, 0x82, 0);	/* unknown */
		break;
	}
}

static void
data_put(struct buf *b, const struct shape_of_answer *a,
    const struct ocsp_issuer *i, const uint8_t *serial, size_t serial_size,
    const struct status *st, int64_t this_update, int64_t next_update)
{
	der_put_head(b, DER_SEQUENCE, a->data);
	der_put_head(b, DER_CONTEXT + 2, der_size(20));
	der_put(b, DER_OCTETS, i->responder_key_sha1, 20);
	der_put_general_time(b, this_update);	/* producedAt */
	der_put_head(b, DER_SEQUENCE, der_size(a->single));
	der_put_head(b, DER_SEQUENCE, a->single);
	der_put_head(b, DER_SEQUENCE, a->certid);
	buf_put(b, a->algorithm, a->algorithm_size);
	der_put(b, DER_OCTETS, a->name, a->hash_size);
	der_put(b, DER_OCTETS, a->key, a->hash_size);
	der_put(b, DER_INTEGER, serial, serial_size);
	status_put(b, a, st);
	der_put_general_time(b, this_update);
	der_put_head(b, DER_CONTEXT + 0, ENTRY_TIME);
	der_put_general_time(b, next_update);
}

/* The ResponseData (tbsResponseData) that the signature is over; appended. */
static void
ocsp_tbs(struct buf *b, const struct ocsp_issuer *i, enum certid_hash hash,
    const uint8_t *serial, size_t serial_size, const struct status *st,
    int64_t this_update, int64_t next_update)
{
	struct shape_of_answer a;

	shape_make(&a, i, hash, serial_size, st);
	data_put(b, &a, i, serial, serial_size, st, this_update, next_update);
}

void
ocsp_answer(struct buf *b, const struct ocsp_issuer *i,
    enum certid_hash hash, const uint8_t *serial, size_t serial_size,
    const struct status *st, int64_t this_update, int64_t next_update,
    const uint8_t *signature, size_t signature_size,
    const uint8_t *responder_der, size_t responder_size)
{
	struct shape_of_answer a;
	size_t basic, bytes;

	shape_make(&a, i, hash, serial_size, st);
	basic = der_size(a.data) + sizeof ecdsa_sha256 +
	    der_size(signature_size + 1) + der_size(der_size(responder_size));
	bytes = sizeof oid_basic + der_size(der_size(basic));
	buf_reserve(b, bytes + 32);
	der_put_head(b, DER_SEQUENCE, sizeof successful +
	    der_size(der_size(bytes)));
	buf_put(b, successful, sizeof successful);
	der_put_head(b, DER_CONTEXT + 0, der_size(bytes));
	der_put_head(b, DER_SEQUENCE, bytes);
	buf_put(b, oid_basic, sizeof oid_basic);
	der_put_head(b, DER_OCTETS, der_size(basic));
	der_put_head(b, DER_SEQUENCE, basic);
	data_put(b, &a, i, serial, serial_size, st, this_update, next_update);
	buf_put(b, ecdsa_sha256, sizeof ecdsa_sha256);
	der_put_head(b, DER_BIT_STRING, signature_size + 1);
	buf_put_u8(b, 0);
	buf_put(b, signature, signature_size);
	der_put_head(b, DER_CONTEXT + 0, der_size(responder_size));
	der_put_head(b, DER_SEQUENCE, responder_size);
	buf_put(b, responder_der, responder_size);
}

int
ocsp_sign(const struct ocsp_issuer *i, EVP_PKEY *responder_key,
    const struct status *st, int64_t this_update, int64_t next_update,
    struct answer_item *out, struct err *e)
{
	const struct signing *s = signing_of(responder_key);
	uint8_t serial[SERIAL_MAX], signature[SIGNATURE_MAX];
	int n = hex_decode(serial, sizeof serial, st->serial);
	struct buf b = { 0 };

	if (n < 1 || (st->state == CERTIFICATE_REVOKED && st->revoked <= 0))
		return err_set(e, ERR_BAD_INPUT, "ocsp-status",
		    "\"%s\" is no serial, or has no date of revocation",
		    st->serial);
	if (s == NULL || s->digest() != EVP_sha256() ||
	    EVP_PKEY_get_base_id(responder_key) != EVP_PKEY_EC)
		return err_set(e, ERR_BROKEN, "ocsp",
		    "the responder's key is not P-256");
	str_copy(out->serial, sizeof out->serial, st->serial);
	for (int hash = CERTID_SHA1; hash <= CERTID_SHA256; hash++) {
		size_t size = SIGNATURE_LONGEST;

		b.size = 0;
		ocsp_tbs(&b, i, (enum certid_hash)hash, serial, (size_t)n, st,
		    this_update, next_update);
		if (signing_sign(s, responder_key, b.data, b.size, signature,
		    &size, e) < 0) {
			buf_clear(&b);
			return -1;
		}
		blob_set(hash == CERTID_SHA1 ? &out->sha1 : &out->sha256,
		    signature, size);
	}
	buf_clear(&b);
	return 0;
}

void
ocsp_error(uint8_t out[5], int response_status)
{
	const uint8_t bytes[5] = { 0x30, 0x03, 0x0a, 0x01,
		(uint8_t)response_status };

	memcpy(out, bytes, sizeof bytes);
}
