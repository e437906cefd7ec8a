/* resolver.c - questions to the DNS by libunbound, which validates. */
#include "core/courier/outside.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"

/* The root's keys of 2017 and 2024 (IANA), for a system without its own. */
static const char *const root_keys[] = {
	". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
	". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};
static const char system_keys[] = "/usr/share/dns/root.key";

/* Where name servers chosen by strangers may not send us. */
static const char *const private_nets[] = { "0.0.0.0/8", "10.0.0.0/8",
	"100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3",
	"::/3", "4000::/2", "8000::/1", "2002::/16", "2001::/32" };

struct resolver {
	struct ub_ctx *ctx;
	int stop_fd;
	int64_t seconds;
};

/* One question under way; the callback may come after its time is over. */
struct asked {
	struct ub_result *result;
	int error;
	bool done;
};

static int
fail(struct err *e, const char *what, int error)
{
	return err_set(e, ERR_UNAVAILABLE, "libunbound(3)", "%s: %s", what,
	    ub_strerror(error));
}

static int
option(struct ub_ctx *ctx, const char *name, const char *value,
    struct err *e)
{
	int r = ub_ctx_set_option(ctx, name, value);

	return r == 0 ? 0 : fail(e, name, r);
}

static int
anchors_add(struct ub_ctx *ctx, const struct conf *c, struct err *e)
{
	char path[CONF_PATH_SIZE];
	int r = 0;

	if (c->dns_trust_anchor[0] != '\0') {
		conf_path(c, path, c->dns_trust_anchor);
		r = ub_ctx_add_ta_file(ctx, path);
		return r == 0 ? 0 : fail(e, path, r);
	}
	if (access(system_keys, R_OK) == 0 &&
	    ub_ctx_add_ta_file(ctx, system_keys) == 0)
		return 0;
	for (size_t i = 0; i < sizeof root_keys / sizeof root_keys[0] &&
	    r == 0; i++)
		r = ub_ctx_add_ta(ctx, root_keys[i]);
	return r == 0 ? 0 : fail(e, "trust anchor", r);
}

static int
forwards_add(struct ub_ctx *ctx, const struct conf *c, struct err *e)
{
	const char *p = c->dns_resolver;

	while (*(p += strspn(p, " ,\t")) != '\0') {
		int n = (int)strcspn(p, " ,\t"), r;
		char at[128];

		snprintf(at, sizeof at, "%.*s@%lld", n, p,
		    (long long)c->dns_port);
		if ((r = ub_ctx_set_fwd(ctx, at)) != 0)
			return fail(e, at, r);
		p += n;
	}
	return 0;
}

static int
options_set(struct ub_ctx *ctx, const struct conf *c, struct err *e)
{
	bool own = c->dns_resolver[0] == '\0';

	if (option(ctx, "do-not-query-localhost:", own && !c->dns_allow_private
	    ? "yes" : "no", e) < 0 ||
	    option(ctx, "val-clean-additional:", "yes", e) < 0 ||
	    option(ctx, "qname-minimisation:", "yes", e) < 0 ||
	    option(ctx, "harden-below-nxdomain:", "yes", e) < 0 ||
	    option(ctx, "do-daemonize:", "no", e) < 0)
		return -1;
	for (size_t i = 0; own && !c->dns_allow_private &&
	    i < sizeof private_nets / sizeof private_nets[0]; i++)
		if (option(ctx, "do-not-query-address:", private_nets[i],
		    e) < 0)
			return -1;
	return 0;
}

struct resolver *
resolver_open(const struct conf *c, int stop_fd, struct err *e)
{
	struct resolver *r = xcalloc(1, sizeof *r);

	r->stop_fd = stop_fd;
	r->seconds = c->dns_seconds;
	if ((r->ctx = ub_ctx_create()) == NULL) {
		free(r);
		err_set(e, ERR_UNAVAILABLE, "libunbound(3)",
		    "no context could be made");
		return NULL;
	}
	ub_ctx_debugout(r->ctx, NULL);
	if (options_set(r->ctx, c, e) < 0 || anchors_add(r->ctx, c, e) < 0 ||
	    forwards_add(r->ctx, c, e) < 0 ||
	    ub_ctx_async(r->ctx, 1) != 0)	/* a thread, not a process */
		goto failed;
	/* our own resolver may know names that libunbound answers itself */
	if (c->dns_resolver[0] != '\0') {
		ub_ctx_zone_remove(r->ctx, "test.");
		ub_ctx_zone_remove(r->ctx, "invalid.");
	}
	return r;
failed:
	resolver_close(r);
	return NULL;
}

void
resolver_close(struct resolver *r)
{
	if (r == NULL)
		return;
	ub_ctx_delete(r->ctx);
	free(r);
}

static void
on_answer(void *user, int error, struct ub_result *result)
{
	struct asked *a = user;

	a->done = true;
	a->error = error;
	a->result = result;
}

/* 0 an answer, 1 none in time, -1 it could not be asked. */
static int
question(struct resolver *r, const char *name, int type, struct asked *a)
{
	int64_t until = clock_mono_ms() + r->seconds * 1000, left;
	struct pollfd p[2] = { { .fd = ub_fd(r->ctx), .events = POLLIN },
		{ .fd = r->stop_fd, .events = POLLIN } };
	int id = 0;

	if (ub_resolve_async(r->ctx, name, type, 1, a, on_answer, &id) != 0)
		return -1;
	while (!a->done && (left = until - clock_mono_ms()) > 0) {
		if (poll(p, 2, (int)left) < 0)
			continue;
		if (p[1].revents != 0)
			break;
		if (p[0].revents != 0 && ub_process(r->ctx) != 0)
			break;
	}
	if (a->done)
		return a->error == 0 && a->result != NULL ? 0 : -1;
	ub_cancel(r->ctx, id);		/* on_answer() will not be called */
	return 1;
}

/* A failure of this name alone, or does nobody answer us at all? */
static bool
all_is_dark(struct resolver *r)
{
	struct asked a = { 0 };
	bool dark = question(r, ".", DNS_NS, &a) != 0 ||
	    (a.result->rcode != 0 && !a.result->bogus);

	if (a.result != NULL)
		ub_resolve_free(a.result);
	return dark;
}

static enum lookup_outcome
answer_sort(struct resolver *r, const char *name, struct asked *a,
    struct ub_result **answer, enum dnssec_state *dnssec, char why[512])
{
	char words[300];

	if (a->result->bogus) {
		*dnssec = DNSSEC_BOGUS;
		render_untrusted(words, sizeof words, a->result->why_bogus ?
		    a->result->why_bogus : "its signatures do not verify",
		    a->result->why_bogus ? strlen(a->result->why_bogus) : 28);
		snprintf(why, 512, "%.200s: %s", name, words);
		return LOOKUP_BOGUS;
	}
	*dnssec = a->result->secure ? DNSSEC_SECURE : DNSSEC_INSECURE;
	if (a->result->havedata) {
		*answer = a->result;
		a->result = NULL;
		return LOOKUP_FOUND;
	}
	if (a->result->nxdomain || a->result->rcode == 0)
		return LOOKUP_NONE;
	if (all_is_dark(r)) {
		snprintf(why, 512, "no name server answers us at all");
		return LOOKUP_TIMEOUT;
	}
	snprintf(why, 512, "the name servers of %.200s fail (%s)", name,
	    a->result->rcode == 2 ? "SERVFAIL" : "an error");
	return LOOKUP_FAILED;
}

enum lookup_outcome
resolver_ask(struct resolver *r, const char *name, int type,
    struct ub_result **answer, enum dnssec_state *dnssec, char why[512])
{
	struct asked a = { 0 };
	enum lookup_outcome out;
	int got = question(r, name, type, &a);

	*answer = NULL;
	why[0] = '\0';
	if (got == 0) {
		out = answer_sort(r, name, &a, answer, dnssec, why);
	} else if (got == 1) {
		snprintf(why, 512,
		    "the name servers of %.200s gave no answer in %lld seconds",
		    name, (long long)r->seconds);
		out = LOOKUP_TIMEOUT;
	} else {
		snprintf(why, 512, "%.200s could not be asked for", name);
		out = LOOKUP_FAILED;
	}
	if (a.result != NULL)
		ub_resolve_free(a.result);
	return out;
}
