/* records.c - the TXT and CAA records of a domain, within bounds. */
#include "core/courier/outside.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unbound.h>

#include "core/base/text.h"
#include "core/model/rdata.h"

#define TEXTS_MAX 100
#define CAAS_MAX 64
#define TXT_OWNER "_xmpp-ica."

/* Those that look like proofs, or the others: of a set without bounds the
 * proofs come first, in whatever order it came. */
static void
texts_take(const struct ub_result *a, bool proofs, struct lookup_result *out)
{
	const size_t n = sizeof TXT_PROOF_HEAD - 1;
	struct dns_text t;

	for (int i = 0; a->data[i] != NULL; i++) {
		/* one that is too long for ours is another's */
		if (txt_read((const uint8_t *)a->data[i], (size_t)a->len[i],
		    &t) < 0 || (strncasecmp(t.text, TXT_PROOF_HEAD, n) == 0)
		    != proofs)
			continue;
		if (out->n_texts == TEXTS_MAX) {
			out->more = true;
			return;
		}
		*LIST_ADD(out, texts) = t;
	}
}

void
txt_lookup(struct resolver *r, const char *domain, struct lookup_result *out)
{
	struct ub_result *a = NULL;
	char name[300];

	snprintf(name, sizeof name, TXT_OWNER "%s", domain);
	out->outcome = resolver_ask(r, name, DNS_TXT, &a, &out->dnssec,
	    out->why);
	if (a == NULL)
		return;
	texts_take(a, true, out);
	texts_take(a, false, out);
	ub_resolve_free(a);
}

static void
caas_take(const struct ub_result *a, struct lookup_result *out)
{
	struct caa_record c;

	for (int i = 0; a->data[i] != NULL; i++) {
		if (out->n_caa == CAAS_MAX) {
			out->more = true;
			return;
		}
		if (caa_read((const uint8_t *)a->data[i], (size_t)a->len[i],
		    &c) < 0) {
			out->outcome = LOOKUP_MALFORMED;
			snprintf(out->why, sizeof out->why,
			    "a CAA record of %.200s is malformed", out->at);
			return;
		}
		*LIST_ADD(out, caa) = c;
	}
}

/* RFC 8659 3: the domain, then its parents, to the first that has any; the
 * resolver follows CNAMEs. */
void
caa_lookup(struct resolver *r, const char *domain, struct lookup_result *out)
{
	enum dnssec_state all = DNSSEC_SECURE;

	for (const char *at = domain; at != NULL && *at != '\0';
	    at = strchr(at, '.'), at = at ? at + 1 : NULL) {
		struct ub_result *a = NULL;
		enum dnssec_state one = DNSSEC_UNKNOWN;

		out->outcome = resolver_ask(r, at, DNS_CAA, &a, &one,
		    out->why);
		if (one != DNSSEC_SECURE)
			all = one;
		out->dnssec = all;
		if (out->outcome == LOOKUP_NONE)
			continue;
		str_copy(out->at, sizeof out->at, at);
		if (a != NULL) {
			caas_take(a, out);
			ub_resolve_free(a);
		}
		return;
	}
}
