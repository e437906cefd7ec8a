/* live.c - what an XMPP domain shows now: its SRV records, and at each port
 * that they name the certificate that is served. */
#include "core/courier/outside.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unbound.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/rdata.h"

#define ENDS_MAX 16
#define TARGETS_MAX 2		/* of one service, */
#define ADDRESSES_MAX 2		/* and of one family of one target */
#define ALL_MS 60000

struct live_look {
	const struct conf *conf;
	struct resolver *resolver;
	const char *domain;
	int stop_fd;
	int64_t until;
	struct lookup_result *out;
};

static const struct service {
	const char *name;
	bool at_once;		/* TLS without STARTTLS (XEP-0368) */
} services[] = {
	{ "xmpp-client", false }, { "xmpp-server", false },
	{ "xmpps-client", true }, { "xmpps-server", true },
};

static struct live_end *
end_add(struct live_look *k, const struct service *s, const char *host,
    unsigned port)
{
	struct live_end *end;

	if (k->out->n_ends == ENDS_MAX || clock_mono_ms() >= k->until) {
		k->out->more = true;
		return NULL;
	}
	end = LIST_ADD(k->out, ends);
	str_copy(end->service, sizeof end->service, s->name);
	str_copy(end->host, sizeof end->host, host);
	end->port = port;
	return end;
}

/* The address that was looked at is the one that is dialled: what the name
 * says a moment later does not matter. */
static void
address_dial(struct live_look *k, const struct service *s, const char *host,
    unsigned port, const struct ub_result *a, int i)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port) };
	struct sockaddr_in in4 = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	const struct sockaddr *to = NULL;
	struct live_end *end;
	socklen_t size = 0;

	if (a->qtype == DNS_A && a->len[i] == 4) {
		memcpy(&in4.sin_addr, a->data[i], 4);
		to = (const struct sockaddr *)&in4;
		size = sizeof in4;
	} else if (a->qtype == DNS_AAAA && a->len[i] == 16) {
		memcpy(&in6.sin6_addr, a->data[i], 16);
		to = (const struct sockaddr *)&in6;
		size = sizeof in6;
	}
	if (to == NULL || (end = end_add(k, s, host, port)) == NULL)
		return;
	if (!k->conf->dns_allow_private && !address_is_public(to)) {
		str_copy(end->why, sizeof end->why,
		    "its address is not a public one: not dialled");
		return;
	}
	starttls_look(to, size, k->domain, s->at_once, k->stop_fd, end);
}

static void
target_look(struct live_look *k, const struct service *s, const char *host,
    unsigned port)
{
	static const int types[] = { DNS_A, DNS_AAAA };
	enum dnssec_state dnssec = DNSSEC_UNKNOWN;
	struct live_end *end;
	char why[512], last[512] = "";
	bool any = false;

	for (size_t t = 0; t < 2; t++) {
		struct ub_result *a = NULL;

		if (resolver_ask(k->resolver, host, types[t], &a, &dnssec,
		    why) != LOOKUP_FOUND) {
			if (why[0] != '\0')
				memcpy(last, why, sizeof last);
			continue;
		}
		for (int i = 0; a->data[i] != NULL && i < ADDRESSES_MAX; i++) {
			any = true;
			address_dial(k, s, host, port, a, i);
		}
		ub_resolve_free(a);
	}
	if (!any && (end = end_add(k, s, host, port)) != NULL)
		snprintf(end->why, sizeof end->why, "%.250s", last[0] ? last :
		    "the host has no address");
}

/* The TARGETS_MAX with the lowest priority, in their order. */
static int
targets_choose(const struct ub_result *a, struct srv best[TARGETS_MAX])
{
	struct srv s;
	int n = 0;

	for (int i = 0; a->data[i] != NULL && i < 100; i++) {
		int at = n < TARGETS_MAX ? n : TARGETS_MAX;

		if (srv_read((const uint8_t *)a->data[i], (size_t)a->len[i],
		    &s) < 0)
			continue;
		while (at > 0 && s.priority < best[at - 1].priority) {
			if (at < TARGETS_MAX)
				best[at] = best[at - 1];
			at--;
		}
		if (at < TARGETS_MAX) {
			best[at] = s;
			n += n < TARGETS_MAX;
		}
	}
	return n;
}

/* RFC 6120 3.2: without records, the domain itself at the usual port. */
static void
fallback_look(struct live_look *k, const struct service *s)
{
	if (s->at_once)
		return;
	target_look(k, s, k->domain, (unsigned)(strcmp(s->name,
	    "xmpp-client") == 0 ? k->conf->dns_client_port :
	    k->conf->dns_server_port));
}

static void
service_look(struct live_look *k, const struct service *s)
{
	enum dnssec_state dnssec = DNSSEC_UNKNOWN;
	struct srv best[TARGETS_MAX];
	struct ub_result *a = NULL;
	struct live_end *end;
	char name[300], why[512];
	enum lookup_outcome got;
	int n;

	snprintf(name, sizeof name, "_%s._tcp.%s", s->name, k->domain);
	got = resolver_ask(k->resolver, name, DNS_SRV, &a, &dnssec, why);
	if (got == LOOKUP_NONE) {
		fallback_look(k, s);
		return;
	}
	if (a == NULL) {
		if ((end = end_add(k, s, k->domain, 0)) != NULL)
			snprintf(end->why, sizeof end->why, "%.250s", why);
		return;
	}
	n = targets_choose(a, best);
	ub_resolve_free(a);
	for (int i = 0; i < n; i++) {
		if (best[i].target[0] != '\0')
			target_look(k, s, best[i].target, best[i].port);
		else if ((end = end_add(k, s, k->domain, 0)) != NULL)
			str_copy(end->why, sizeof end->why,
			    "its SRV record says that the service is not offered");
	}
}

void
live_lookup(const struct conf *c, struct resolver *r, const char *domain,
    int stop_fd, struct lookup_result *out)
{
	struct live_look k = { .conf = c, .resolver = r, .domain = domain,
		.stop_fd = stop_fd, .until = clock_mono_ms() + ALL_MS,
		.out = out };

	out->outcome = LOOKUP_FOUND;
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
		service_look(&k, &services[i]);
	if (out->n_ends == 0)
		out->outcome = LOOKUP_NONE;
}
