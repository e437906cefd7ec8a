/* http.c - which path with which method leads where, and nothing else. */
#include "core/publisher/publisher.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"

/* What a request has sent so far. */
struct upload {
	size_t size;
	bool too_large;
	uint8_t body[BODY_MAX];
};

static struct upload no_upload;	/* of a request that is no POST */

void
http_date(char dst[32], int64_t t)
{
	time_t seconds = (time_t)t;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(dst, 32, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		dst[0] = '\0';
}

enum MHD_Result
http_text(struct MHD_Connection *c, unsigned status, const char *type,
    const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text),
	    (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result ok;

	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW,
		    "GET, HEAD, POST");
	if (status >= 400) {
		tally.refused++;
		MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION,
		    "close");
	}
	ok = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result
refuse(struct MHD_Connection *c, unsigned status, const char *why)
{
	return http_text(c, status, "text/plain; charset=utf-8", why);
}

static enum MHD_Result
get_handle(struct MHD_Connection *c, const char *url)
{
	uint8_t der[BODY_MAX];
	int n;

	if (strncmp(url, "/ocsp/", 6) == 0) {
		n = answer_path_decode(url + 6, der);
		if (n < 0)	/* DER that cannot be read: malformedRequest */
			n = 0;
		return answer_serve(c, der, (size_t)n, true,
		    MHD_lookup_connection_value(c, MHD_HEADER_KIND,
		    MHD_HTTP_HEADER_IF_NONE_MATCH));
	}
	if (strcmp(url, "/healthz") == 0)
		return health_serve(c);
	if (strcmp(url, "/metrics") == 0)
		return metrics_serve(c);
	if (files_known(url))
		return files_serve(c, url);
	return refuse(c, MHD_HTTP_NOT_FOUND, "no such path\n");
}

static enum MHD_Result
post_handle(struct MHD_Connection *c, const char *url,
    const struct upload *up)
{
	if (strcmp(url, "/ocsp") != 0 && strcmp(url, "/ocsp/") != 0)
		return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "POST goes to /ocsp alone\n");
	if (up->too_large)
		return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE,
		    "an OCSP request has 4096 bytes at most\n");
	return answer_serve(c, up->body, up->size, false, NULL);
}

/* The body's room is not cleared: only what has come counts. */
static struct upload *
upload_new(void)
{
	struct upload *up = xmalloc(sizeof *up);

	up->size = 0;
	up->too_large = false;
	return up;
}

static void
upload_take(struct upload *up, const char *data, size_t size)
{
	if (size > BODY_MAX - up->size) {
		up->too_large = true;
		return;
	}
	memcpy(up->body + up->size, data, size);
	up->size += size;
}

enum MHD_Result
http_handle(void *cls, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct upload *up = *state;
	bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;

	(void)cls;
	(void)version;
	/* First call: only the head is here.  A response that is queued now
	 * would make the library close the connection behind it. */
	if (up == NULL) {
		*state = post ? upload_new() : &no_upload;
		tally.requests++;
		return MHD_YES;
	}
	if (post && *upload_size > 0) {
		upload_take(up, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (post)
		return post_handle(c, url, up);
	*upload_size = 0;
	if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
	    strcmp(method, MHD_HTTP_METHOD_HEAD) == 0)
		return get_handle(c, url);
	return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED,
	    "GET, HEAD, and POST to /ocsp\n");
}

void
http_done(void *cls, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode how)
{
	(void)cls;
	(void)c;
	(void)how;
	if (*state != &no_upload)
		free(*state);
	*state = NULL;
}
