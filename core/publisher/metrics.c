/* metrics.c - numbers for Prometheus: our own counters, the age of what we
 * publish, and what the registrar wrote down of itself; numbers only. */
#include "core/publisher/publisher.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/file.h"

#define STATE "state.prom"	/* the registrar's (publish_state.c) */
#define STATE_MAX 16384

static bool
address_is_loopback(const struct sockaddr *sa)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const struct in6_addr *six;

	if (sa->sa_family == AF_INET)
		return (ntohl(((const struct sockaddr_in *)(const void *)sa)
		    ->sin_addr.s_addr) >> 24) == 127;
	if (sa->sa_family != AF_INET6)
		return false;
	six = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
	return IN6_IS_ADDR_LOOPBACK(six) || (six->s6_addr[12] == 127 &&
	    memcmp(six->s6_addr, mapped, sizeof mapped) == 0);
}

/* A proxy on this host asks for others: it says so. */
static bool
from_loopback(struct MHD_Connection *c)
{
	static const char *const proxies[] = { "Forwarded", "X-Forwarded-For",
		"X-Real-IP", "Via" };
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++)
		if (MHD_lookup_connection_value(c, MHD_HEADER_KIND,
		    proxies[i]) != NULL)
			return false;
	return info != NULL && info->client_addr != NULL &&
	    address_is_loopback(info->client_addr);
}

static void
type_put(struct buf *b, const char *name, const char *type)
{
	buf_printf(b, "# TYPE xmpp_ica_%s %s\n", name, type);
}

static void
one_put(struct buf *b, const char *name, const char *type, int64_t value)
{
	type_put(b, name, type);
	buf_printf(b, "xmpp_ica_%s %lld\n", name, (long long)value);
}

static void
requests_put(struct buf *b)
{
	static const char *const asked[ASKED_KINDS] = { "ocsp", "crl", "ca",
		"log", "feed", "healthz", "metrics", "other" };
	static const char *const ended[ENDED_KINDS] = { "200", "304", "400",
		"404", "405", "413", "503" };

	type_put(b, "http_requests_total", "counter");
	buf_printf(b, "xmpp_ica_http_requests_total %llu\n",
	    (unsigned long long)tally.requests);
	type_put(b, "http_responses_total", "counter");
	for (int i = 0; i < ASKED_KINDS; i++)
		for (int k = 0; k < ENDED_KINDS; k++)
			if (tally.by[i][k] > 0)
				buf_printf(b, "xmpp_ica_http_responses_total"
				    "{path=\"%s\",status=\"%s\"} %llu\n",
				    asked[i], ended[k],
				    (unsigned long long)tally.by[i][k]);
	one_put(b, "http_connections", "gauge", (int64_t)door_count());
	one_put(b, "http_connections_accepted_total", "counter",
	    (int64_t)tally.accepted);
	one_put(b, "http_connections_pushed_out_total", "counter",
	    (int64_t)tally.pushed_out);
	one_put(b, "http_connections_cut_total", "counter",
	    (int64_t)tally.cut);
}

static void
ocsp_put(struct buf *b, int64_t now)
{
	const struct { const char *word; uint64_t n; } how[] = {
		{ "successful", tally.ocsp_answered },
		{ "unauthorized", tally.ocsp_unauthorized },
		{ "malformed", tally.ocsp_malformed },
		{ "late", tally.ocsp_late },
	};
	int64_t next = 0;
	uint64_t generation = 0;
	size_t count = 0;

	type_put(b, "ocsp_responses_total", "counter");
	for (size_t i = 0; i < sizeof how / sizeof how[0]; i++)
		buf_printf(b, "xmpp_ica_ocsp_responses_total{status=\"%s\"}"
		    " %llu\n", how[i].word, (unsigned long long)how[i].n);
	answer_health(&next, &count, &generation);
	one_put(b, "answers", "gauge", (int64_t)count);
	one_put(b, "answers_fresh_seconds", "gauge",
	    count > 0 && next > 0 ? next - now : 0);
	one_put(b, "answers_file_generation", "gauge", (int64_t)generation);
}

static void
crls_put(struct buf *b, int64_t now)
{
	const struct crl_seen *list = NULL;
	size_t n = crls_look(&list);

	type_put(b, "crl_age_seconds", "gauge");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "xmpp_ica_crl_age_seconds{issuer=\"%s\"} %lld\n",
		    list[i].name, (long long)(now - list[i].this_update));
	type_put(b, "crl_fresh_seconds", "gauge");
	for (size_t i = 0; i < n; i++)
		buf_printf(b,
		    "xmpp_ica_crl_fresh_seconds{issuer=\"%s\"} %lld\n",
		    list[i].name, (long long)(list[i].next_update - now));
	type_put(b, "crl_bytes", "gauge");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "xmpp_ica_crl_bytes{issuer=\"%s\"} %lld\n",
		    list[i].name, (long long)list[i].size);
}

/* Lines of ours or none: a file that is something else is left out. */
static bool
state_plain(const struct blob *text)
{
	const char *p = (const char *)text->data, *end = p + text->size;

	while (p < end) {
		const char *line = memchr(p, '\n', (size_t)(end - p));
		size_t n = line == NULL ? 0 : (size_t)(line - p);

		if (line == NULL ||
		    ((n < 18 || memcmp(p, "# TYPE xmpp_ica_", 16) != 0) &&
		    (n < 11 || memcmp(p, "xmpp_ica_", 9) != 0)))
			return false;
		for (size_t i = 0; i < n; i++)
			if (p[i] < ' ' || p[i] > '~')
				return false;
		p = line + 1;
	}
	return true;
}

static void
state_put(struct buf *b)
{
	char path[CONF_PATH_SIZE * 2];
	struct blob text = { 0 };

	files_path(path, STATE);
	if (file_read(path, STATE_MAX, &text, NULL) == 0 && text.size > 0 &&
	    state_plain(&text))
		buf_put(b, text.data, text.size);
	blob_clear(&text);
}

enum MHD_Result
metrics_serve(struct MHD_Connection *c)
{
	int64_t now = clock_now();
	struct buf b = { 0 };
	enum MHD_Result ok;
	char why[256];

	if (!from_loopback(c))
		return http_text(c, MHD_HTTP_NOT_FOUND, TEXT_PLAIN,
		    "no such path\n");
	requests_put(&b);
	ocsp_put(&b, now);
	crls_put(&b, now);
	one_put(&b, "published_fresh", "gauge", health_good(why, sizeof why));
	state_put(&b);
	buf_put_u8(&b, 0);
	ok = http_text(c, MHD_HTTP_OK,
	    "text/plain; version=0.0.4; charset=utf-8",
	    (const char *)b.data);
	buf_clear(&b);
	return ok;
}
