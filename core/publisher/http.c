/* http.c - which path with which method leads where, and nothing else. */
#include "core/publisher/publisher.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define DRAIN_MAX 65536		/* bytes that are read past a too long body */

/* What a request has sent so far. */
struct upload {
	size_t size, past;	/* in body; and dropped behind it */
	uint8_t body[BODY_MAX];
};

static struct upload no_upload;	/* of a request that is no POST */
static enum asked now_asked;	/* by the request in hand: one thread */

static enum ended
ended_of(unsigned status)
{
	static const unsigned known[ENDED_KINDS] = { 200, 304, 400, 404, 405,
		413, 503 };

	for (int i = 0; i < ENDED_KINDS; i++)
		if (known[i] == status)
			return (enum ended)i;
	return ENDED_400;
}

enum MHD_Result
http_queue(struct MHD_Connection *c, unsigned status, struct MHD_Response *r,
    uint64_t size)
{
	tally.by[now_asked][ended_of(status)]++;
	door_sending(c, size);
	return MHD_queue_response(c, status, r);
}

enum MHD_Result
http_text(struct MHD_Connection *c, unsigned status, const char *type,
    const char *text)
{
	size_t size = strlen(text);
	struct MHD_Response *r = MHD_create_response_from_buffer(size,
	    (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result ok;

	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW,
		    now_asked == ASKED_OCSP ? "GET, HEAD, POST" : "GET, HEAD");
	if (status >= 400)
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION,
		    "close");
	ok = http_queue(c, status, r, size);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result
refuse(struct MHD_Connection *c, unsigned status, const char *why)
{
	return http_text(c, status, TEXT_PLAIN, why);
}

static int
digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

size_t
http_unescape(void *cls, struct MHD_Connection *c, char *text)
{
	char *to = text;

	(void)cls;
	(void)c;
	for (const char *p = text; *p != '\0'; to++) {
		int v = 0;

		if (p[0] == '%' && isxdigit((unsigned char)p[1]) &&
		    isxdigit((unsigned char)p[2]))
			v = digit(p[1]) << 4 | digit(p[2]);
		*to = v != 0 ? (char)v : *p;
		p += v != 0 ? 3 : 1;
	}
	*to = '\0';
	return (size_t)(to - text);
}

static enum asked
asked_of(const char *url)
{
	enum asked a = ASKED_OTHER;

	if (strncmp(url, "/ocsp", 5) == 0 && (url[5] == '\0' || url[5] == '/'))
		return ASKED_OCSP;
	if (strcmp(url, "/healthz") == 0)
		return ASKED_HEALTH;
	if (strcmp(url, "/metrics") == 0)
		return ASKED_METRICS;
	return files_known(url, &a) ? a : ASKED_OTHER;
}

static enum MHD_Result
ocsp_get(struct MHD_Connection *c, const char *url)
{
	uint8_t der[BODY_MAX];
	int n;

	if (url[5] == '\0' || url[6] == '\0')
		return refuse(c, MHD_HTTP_BAD_REQUEST,
		    "GET /ocsp/ and the request in base64, or POST it\n");
	n = answer_path_decode(url + 6, der);
	/* what cannot be decoded is answered malformedRequest */
	return answer_serve(c, der, n < 0 ? 0 : (size_t)n, true);
}

static enum MHD_Result
get_handle(struct MHD_Connection *c, const char *url)
{
	switch (now_asked) {
	case ASKED_OCSP:
		return ocsp_get(c, url);
	case ASKED_HEALTH:
		return health_serve(c);
	case ASKED_METRICS:
		return metrics_serve(c);
	case ASKED_CRL:
	case ASKED_CA:
	case ASKED_LOG:
	case ASKED_FEED:
		return files_serve(c, url);
	case ASKED_OTHER:
	case ASKED_KINDS:
		break;
	}
	return refuse(c, MHD_HTTP_NOT_FOUND, "no such path\n");
}

static enum MHD_Result
post_handle(struct MHD_Connection *c, const char *url,
    const struct upload *up)
{
	if (strcmp(url, "/ocsp") != 0 && strcmp(url, "/ocsp/") != 0)
		return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "POST goes to /ocsp alone\n");
	if (up->past > 0)
		return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE,
		    "an OCSP request has 4096 bytes at most\n");
	if (up->size == 0)
		return refuse(c, MHD_HTTP_BAD_REQUEST,
		    "POST /ocsp wants an OCSP request in DER\n");
	return answer_serve(c, up->body, up->size, false);
}

/* The body's room is not cleared: only what has come counts. */
static struct upload *
upload_new(void)
{
	struct upload *up = xmalloc(sizeof *up);

	up->size = up->past = 0;
	return up;
}

static enum MHD_Result
upload_take(struct upload *up, const char *data, size_t size)
{
	if (size > BODY_MAX - up->size) {
		up->past += size;
		return up->past > DRAIN_MAX ? MHD_NO : MHD_YES;
	}
	memcpy(up->body + up->size, data, size);
	up->size += size;
	return MHD_YES;
}

/* The body is said to be too long: no need to read it. */
static bool
announced_too_long(struct MHD_Connection *c)
{
	const char *length = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_CONTENT_LENGTH);

	return length != NULL && strtoull(length, NULL, 10) > BODY_MAX;
}

static bool
body_announced(struct MHD_Connection *c)
{
	const char *length = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (length != NULL && strcmp(length, "0") != 0) ||
	    MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}

static enum MHD_Result
length_count(void *n, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	(void)kind;
	(void)value;
	*(int *)n += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
	return MHD_YES;
}

/* RFC 9112 6.3: a proxy in front may have believed the other one. */
static bool
length_is_doubtful(struct MHD_Connection *c)
{
	int n = 0;

	MHD_get_connection_values(c, MHD_HEADER_KIND, length_count, &n);
	return n > 1;
}

static bool
method_reads(const char *method)
{
	return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
	    strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static enum MHD_Result
method_refuse(struct MHD_Connection *c)
{
	return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED,
	    "GET and HEAD, and POST to /ocsp\n");
}

/* Only the head is here.  A response that is queued now would make the
 * library close the connection behind it. */
static enum MHD_Result
begin(struct MHD_Connection *c, const char *url, const char *method,
    void **state)
{
	bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;

	tally.requests++;
	*state = &no_upload;
	if (post) {
		*state = upload_new();
		door_body(c);
	}
	if (!body_announced(c))
		return MHD_YES;
	now_asked = asked_of(url);
	if (!post && !method_reads(method))
		return method_refuse(c);
	if (length_is_doubtful(c))
		return refuse(c, MHD_HTTP_BAD_REQUEST,
		    "two lengths for one body\n");
	if (announced_too_long(c))
		return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE,
		    "an OCSP request has 4096 bytes at most\n");
	return post ? MHD_YES : refuse(c, MHD_HTTP_BAD_REQUEST,
	    "a body belongs to POST /ocsp alone\n");
}

enum MHD_Result
http_handle(void *cls, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct upload *up = *state;
	bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
	size_t n = *upload_size;

	(void)cls;
	(void)version;
	if (up == NULL)
		return begin(c, url, method, state);
	*upload_size = 0;
	if (post && n > 0)
		return upload_take(up, upload, n);
	if (n > 0)			/* a body where none belongs */
		return MHD_NO;
	now_asked = asked_of(url);
	if (post)
		return post_handle(c, url, up);
	return method_reads(method) ? get_handle(c, url) : method_refuse(c);
}

void
http_done(void *cls, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode how)
{
	(void)cls;
	(void)how;
	if (*state != &no_upload)
		free(*state);
	*state = NULL;
	door_done(c);
}
