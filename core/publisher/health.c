/* health.c - is what we publish fresh? */
#include "core/publisher/publisher.h"

#include <stdio.h>

#include "core/base/clock.h"

/* The first CRL that does not count any more. */
static bool
crls_good(int64_t now, char *why, size_t size)
{
	const struct crl_seen *list = NULL;
	size_t n = crls_look(&list);

	if (n == 0)
		snprintf(why, size, "CRL: none is published");
	for (size_t i = 0; i < n; i++) {
		if (list[i].next_update > now || list[i].over)
			continue;
		snprintf(why, size, list[i].next_update == 0 ?
		    "CRL: %s.crl cannot be read" :
		    "CRL: %s.crl is stale by %lld s", list[i].name,
		    (long long)(now - list[i].next_update));
		return false;
	}
	return n > 0;
}

bool
health_good(char *why, size_t size)
{
	int64_t next = 0, now = clock_now();
	uint64_t generation;
	size_t count = 0;

	why[0] = '\0';
	if (!crls_good(now, why, size))
		return false;
	if (!answer_health(&next, &count, &generation))
		snprintf(why, size, "OCSP: no answers are published");
	else if (count > 0 && next != 0 && next <= now)
		snprintf(why, size, "OCSP: an answer is stale by %lld s",
		    (long long)(now - next));
	return why[0] == '\0';
}

enum MHD_Result
health_serve(struct MHD_Connection *c)
{
	char why[256], text[300];

	if (health_good(why, sizeof why))
		return http_text(c, MHD_HTTP_OK, TEXT_PLAIN, "ok\n");
	snprintf(text, sizeof text, "bad: %s\n", why);
	return http_text(c, MHD_HTTP_SERVICE_UNAVAILABLE, TEXT_PLAIN, text);
}
