/* validators.c - dates and entity tags: has the client got it already? */
#include "core/publisher/publisher.h"

#include <string.h>
#include <time.h>

void
http_date(char dst[32], int64_t t)
{
	time_t seconds = (time_t)t;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(dst, 32, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		dst[0] = '\0';
}

int64_t
http_date_read(const char *text)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
		"%a %b %e %H:%M:%S %Y",
	};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct tm tm = { 0 };
		const char *end = strptime(text, forms[i], &tm);

		if (end != NULL && *end == '\0')
			return (int64_t)timegm(&tm);
	}
	return -1;
}

bool
etag_listed(const char *list, const char *etag)
{
	const char *p = list + strspn(list, " \t"), *end;
	size_t size = strlen(etag);

	if (*p == '*')
		return p[1 + strspn(p + 1, " \t")] == '\0';
	for (;;) {
		p += strspn(p, " \t,");
		if (strncmp(p, "W/", 2) == 0)	/* compared weakly: 13.1.2 */
			p += 2;
		if (*p != '"' || (end = strchr(p + 1, '"')) == NULL)
			return false;
		end++;
		if ((size_t)(end - p) == size && memcmp(p, etag, size) == 0)
			return true;
		p = end + strspn(end, " \t");
		if (*p != ',')
			return false;
	}
}

/* If-None-Match decides alone; else If-Modified-Since (13.2.2). */
bool
client_has_it(struct MHD_Connection *c, const char *etag, int64_t modified)
{
	const char *match = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_IF_NONE_MATCH);
	const char *since;

	if (match != NULL)
		return etag_listed(match, etag);
	since = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_IF_MODIFIED_SINCE);
	return since != NULL && modified > 0 &&
	    http_date_read(since) >= modified;
}
