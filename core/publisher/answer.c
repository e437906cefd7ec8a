/* answer.c - from an OCSP request to the answer signed ahead for it. */
#include "core/publisher/publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/x509/answers.h"

enum { MALFORMED_REQUEST = 1, TRY_LATER = 3, UNAUTHORIZED = 6 };

static struct answers *published;
static int64_t looked_at;

/* A file of another writer takes a second to be seen; one that grew says so
 * itself, at once. */
void
answer_refresh(const char *path)
{
	int64_t now = clock_mono_ms();
	struct answers *newer;
	struct err e;

	if (looked_at != 0 && now - looked_at < 1000 && (published == NULL ||
	    !answers_retired(published) || now - looked_at < 20))
		return;
	looked_at = now;
	if (published != NULL && !answers_stale(published))
		return;
	newer = answers_open(path, &e);
	if (newer == NULL) {
		if (e.kind != ERR_NOT_FOUND)
			log_warn("answers: %s", e.text);
		return;
	}
	kept_clear();
	if (published != NULL)
		answers_close(published);
	published = newer;
}

bool
answer_health(int64_t *next_update, size_t *count, uint64_t *generation)
{
	if (published == NULL)
		return false;
	answers_health(published, next_update, count);
	*generation = answers_generation(published);
	return true;
}

int
answer_path_decode(const char *base64, uint8_t out[BODY_MAX])
{
	char padded[BODY_MAX / 3 * 4 + 8];
	size_t n = strlen(base64);

	if (n == 0 || n + 4 >= sizeof padded)
		return -1;
	memcpy(padded, base64, n + 1);
	while (n % 4 != 0)	/* some clients drop the padding */
		padded[n++] = '=';
	return base64_decode(out, BODY_MAX, padded, n);
}

static enum MHD_Result
queue_ocsp(struct MHD_Connection *c, struct MHD_Response *r, size_t size)
{
	enum MHD_Result ok;

	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
	    "application/ocsp-response");
	ok = http_queue(c, MHD_HTTP_OK, r, size);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result
serve_error(struct MHD_Connection *c, int status)
{
	uint8_t bytes[5];

	ocsp_error(bytes, status);
	return queue_ocsp(c, MHD_create_response_from_buffer(sizeof bytes,
	    bytes, MHD_RESPMEM_MUST_COPY), sizeof bytes);
}

/* Is this the issuer that the client means? */
static bool
issuer_matches(const struct ocsp_issuer *i, const struct ocsp_request *q)
{
	if (q->hash == CERTID_SHA1)
		return memcmp(i->name_sha1, q->name_hash, 20) == 0 &&
		    memcmp(i->key_sha1, q->key_hash, 20) == 0;
	return memcmp(i->name_sha256, q->name_hash, 32) == 0 &&
	    memcmp(i->key_sha256, q->key_hash, 32) == 0;
}

/* Cache headers from the answer's own times (RFC 5019 6.2). */
static void
cache_headers(struct MHD_Response *r, const struct answer *a, int64_t now,
    const char *etag)
{
	char text[96], date[32];

	snprintf(text, sizeof text,
	    "max-age=%lld, public, no-transform, must-revalidate",
	    (long long)(a->next_update - now));
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, text);
	http_date(date, a->next_update);
	MHD_add_response_header(r, MHD_HTTP_HEADER_EXPIRES, date);
	http_date(date, a->this_update);
	MHD_add_response_header(r, MHD_HTTP_HEADER_LAST_MODIFIED, date);
	MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, etag);
}

static enum MHD_Result
not_modified(struct MHD_Connection *c, const struct answer *a, int64_t now,
    const char *etag)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL,
	    MHD_RESPMEM_PERSISTENT);
	enum MHD_Result ok;

	if (r == NULL)
		return MHD_NO;
	cache_headers(r, a, now, etag);
	ok = http_queue(c, MHD_HTTP_NOT_MODIFIED, r, 0);
	MHD_destroy_response(r);
	return ok;
}

/* The tail of the signature names this answer and no other. */
static void
etag_of(char etag[20], const struct answer *a, enum certid_hash hash)
{
	etag[0] = '"';
	hex_encode(etag + 1, a->signature[hash] + a->signature_size[hash] - 8,
	    8);
	memcpy(etag + 17, "\"", 2);
}

static struct MHD_Response *
response_make(const struct ocsp_request *q, const struct answer *a,
    bool cacheable)
{
	const struct ocsp_issuer *issuer;
	const uint8_t *responder;
	size_t responder_size;
	struct buf b = { 0 };
	struct MHD_Response *r;
	char etag[20];

	issuer = answers_issuer(published, a->issuer, &responder,
	    &responder_size);
	ocsp_answer(&b, issuer, q->hash, q->serial, q->serial_size,
	    &a->status, a->this_update, a->next_update, a->signature[q->hash],
	    a->signature_size[q->hash], responder, responder_size);
	r = MHD_create_response_from_buffer(b.size, b.data,
	    MHD_RESPMEM_MUST_COPY);
	buf_clear(&b);
	if (r == NULL)
		return NULL;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
	    "application/ocsp-response");
	if (cacheable) {
		etag_of(etag, a, q->hash);
		cache_headers(r, a, clock_now(), etag);
	}
	return r;
}

static enum MHD_Result
serve_found(struct MHD_Connection *c, const struct ocsp_request *q,
    const struct answer *a, bool cacheable)
{
	struct answer_key key = { .size = (uint8_t)q->serial_size,
		.kind = (uint8_t)(q->hash << 1 | cacheable),
		.issuer = a->issuer, .this_update = (uint32_t)a->this_update };
	struct MHD_Response *r;
	char etag[20];

	if (cacheable) {
		etag_of(etag, a, q->hash);
		if (client_has_it(c, etag, a->this_update))
			return not_modified(c, a, clock_now(), etag);
	}
	memcpy(key.serial, q->serial, q->serial_size);
	memcpy(key.signature, a->signature[q->hash] +
	    a->signature_size[q->hash] - 8, 8);
	r = kept_find(&key);
	if (r == NULL) {
		if ((r = response_make(q, a, cacheable)) == NULL)
			return MHD_NO;
		kept_put(&key, r);
	}
	tally.ocsp_answered++;
	return http_queue(c, MHD_HTTP_OK, r, OCSP_REQUEST_MAX);
}

enum MHD_Result
answer_serve(struct MHD_Connection *c, const uint8_t *der, size_t size,
    bool cacheable)
{
	struct ocsp_request q;
	struct answer a;
	const uint8_t *responder;
	size_t n;

	if (ocsp_request_read(der, size, &q) < 0) {
		tally.ocsp_malformed++;
		return serve_error(c, MALFORMED_REQUEST);
	}
	/* RFC 5019 2.2.3: what we cannot answer authoritatively, and serials
	 * that we never issued, are never "good" */
	if (published == NULL || q.several ||
	    answers_find(published, q.serial, q.serial_size, &a) != 1 ||
	    a.issuer >= answers_issuers(published) ||
	    a.signature_size[q.hash] < 8 ||
	    !issuer_matches(answers_issuer(published, a.issuer, &responder,
	    &n), &q)) {
		tally.ocsp_unauthorized++;
		return serve_error(c, UNAUTHORIZED);
	}
	if (a.next_update <= clock_now() && a.last) {
		tally.ocsp_unauthorized++;	/* it has expired since */
		return serve_error(c, UNAUTHORIZED);
	}
	if (a.next_update <= clock_now()) {
		tally.ocsp_late++;
		return serve_error(c, TRY_LATER);
	}
	return serve_found(c, &q, &a, cacheable);
}
