/* health.c - is what we publish fresh, and the counters for Prometheus. */
#include "core/publisher/publisher.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"

enum MHD_Result
health_serve(struct MHD_Connection *c)
{
	char why[256], text[320];
	int64_t next = 0, now = clock_now();
	size_t count = 0;

	if (!files_crls_fresh(now, why, sizeof why)) {
		snprintf(text, sizeof text, "bad: CRL: %s\n", why);
	} else if (!answer_health(&next, &count)) {
		snprintf(text, sizeof text, "bad: no OCSP answers\n");
	} else if (count > 0 && next <= now) {
		snprintf(text, sizeof text, "bad: an OCSP answer is stale\n");
	} else {
		return http_text(c, MHD_HTTP_OK, "text/plain; charset=utf-8",
		    "ok\n");
	}
	return http_text(c, MHD_HTTP_SERVICE_UNAVAILABLE,
	    "text/plain; charset=utf-8", text);
}

static bool
from_loopback(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *sa = info ? info->client_addr : NULL;

	if (sa == NULL)
		return false;
	if (sa->sa_family == AF_INET)
		return (ntohl(((const struct sockaddr_in *)(const void *)sa)
		    ->sin_addr.s_addr) >> 24) == 127;
	return sa->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(
	    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
}

enum MHD_Result
metrics_serve(struct MHD_Connection *c)
{
	char text[2048], why[256];
	int64_t next = 0, now = clock_now();
	size_t count = 0;
	bool have;

	if (!from_loopback(c))
		return http_text(c, MHD_HTTP_NOT_FOUND,
		    "text/plain; charset=utf-8", "no such path\n");
	have = answer_health(&next, &count);
	snprintf(text, sizeof text,
	    "# TYPE xmpp_ica_http_requests_total counter\n"
	    "xmpp_ica_http_requests_total %llu\n"
	    "# TYPE xmpp_ica_ocsp_responses_total counter\n"
	    "xmpp_ica_ocsp_responses_total{status=\"successful\"} %llu\n"
	    "xmpp_ica_ocsp_responses_total{status=\"unauthorized\"} %llu\n"
	    "xmpp_ica_ocsp_responses_total{status=\"malformed\"} %llu\n"
	    "xmpp_ica_ocsp_responses_total{status=\"late\"} %llu\n"
	    "# TYPE xmpp_ica_files_total counter\n"
	    "xmpp_ica_files_total %llu\n"
	    "# TYPE xmpp_ica_not_modified_total counter\n"
	    "xmpp_ica_not_modified_total %llu\n"
	    "# TYPE xmpp_ica_http_refused_total counter\n"
	    "xmpp_ica_http_refused_total %llu\n"
	    "# TYPE xmpp_ica_answers gauge\n"
	    "xmpp_ica_answers %zu\n"
	    "# TYPE xmpp_ica_answers_fresh_seconds gauge\n"
	    "xmpp_ica_answers_fresh_seconds %lld\n"
	    "# TYPE xmpp_ica_crl_fresh gauge\n"
	    "xmpp_ica_crl_fresh %d\n",
	    (unsigned long long)tally.requests,
	    (unsigned long long)tally.ocsp_answered,
	    (unsigned long long)tally.ocsp_unauthorized,
	    (unsigned long long)tally.ocsp_malformed,
	    (unsigned long long)tally.ocsp_late,
	    (unsigned long long)tally.files,
	    (unsigned long long)tally.not_modified,
	    (unsigned long long)tally.refused, count,
	    (long long)(have && count > 0 ? next - now : 0),
	    files_crls_fresh(now, why, sizeof why));
	return http_text(c, MHD_HTTP_OK,
	    "text/plain; version=0.0.4; charset=utf-8", text);
}
