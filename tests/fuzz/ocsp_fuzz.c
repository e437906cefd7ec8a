/* ocsp_fuzz.c - libFuzzer: what strangers send to the OCSP responder, the CRL
 * entries that the signer reads, and the head of a CRL that the publisher
 * reads (clang -fsanitize=fuzzer,address).
 *
 * What is taken must keep its bounds, and an answer assembled for it must be
 * one that OpenSSL reads. */
#include <stdlib.h>
#include <string.h>
#include <openssl/ocsp.h>

#include "core/x509/crl.h"
#include "core/x509/crl_head.h"
#include "core/x509/ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
answer_check(const struct ocsp_request *q)
{
	static const struct ocsp_issuer issuer;
	static const uint8_t signature[70] = { 0x30, 68 }, responder[] = {
		0x30, 0x00 };
	struct status st = { .state = CERTIFICATE_REVOKED, .revoked = 1,
		.reason = REASON_SUPERSEDED };
	struct buf b = { 0 };
	OCSP_RESPONSE *r = NULL;
	const uint8_t *p;

	ocsp_answer(&b, &issuer, q->hash, q->serial, q->serial_size, &st,
	    1790000000, 1790100000, signature, sizeof signature, responder,
	    sizeof responder);
	p = b.data;
	r = d2i_OCSP_RESPONSE(NULL, &p, (long)b.size);
	if (r == NULL || p != b.data + b.size)
		abort();
	OCSP_RESPONSE_free(r);
	buf_clear(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ocsp_request q;
	int64_t n = 0, this_update, next_update;

	if (ocsp_request_read(data, size, &q) == 0) {
		if (q.serial_size > SERIAL_MAX)
			abort();
		if (!q.several && q.serial_size > 0)
			answer_check(&q);
	}
	crl_head_read(data, size < CRL_HEAD_MAX ? size : CRL_HEAD_MAX, size,
	    &this_update, &next_update);
	if (crl_entries_check(data, size, &n, NULL) == 0 &&
	    (n < 0 || (size_t)n > size))
		abort();
	return 0;
}
