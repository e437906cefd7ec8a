/* wish_attributes.c - attributes and requested extensions of a request. */
#include "core/x509/judge.h"

#include <stdio.h>
#include <string.h>

#define ATTRIBUTES_MAX 32
#define EXTENSIONS_MAX 32

struct extension {
	struct der oid, value;
	bool critical;
};

static void
refuse(struct judge *j, enum rule rule, const char *what, const char *value,
    const char *text)
{
	struct err e = { 0 };

	rule_broken(&e, rule, "%s", text);
	judge_refuse(j, &e, what, value, strlen(value));
}

static void
malformed(struct judge *j, const char *value)
{
	refuse(j, RULE_CSR_DER, "extension", value, "An attribute or extension "
	    "in the request is not encoded properly; make the request with "
	    "openssl req.");
}

static void
ext_basic(struct judge *j, const struct extension *x)
{
	struct der d = x->value, list, ca = { 0 };

	if (!der_take(&d, DER_SEQUENCE, &list) || d.left != 0 ||
	    (der_next_is(&list, TLV_BOOLEAN) &&
	    (!der_take(&list, TLV_BOOLEAN, &ca) || ca.left != 1))) {
		malformed(j, "basicConstraints");
		return;
	}
	if (ca.left == 1 && ca.at[0] != 0)
		refuse(j, RULE_EXT_CA, "extension", "basicConstraints CA:TRUE",
		    "The request asks for a CA certificate; make it with "
		    "basicConstraints=CA:FALSE, or without.");
	else
		judge_say(j, VERDICT_USED, RULE_OK, "extension",
		    "basicConstraints CA:FALSE", 25,
		    "The certificate is none of a CA.");
}

static void
ext_key_usage(struct judge *j, const struct extension *x)
{
	struct der d = x->value, bits;

	if (!der_take(&d, DER_BIT_STRING, &bits) || d.left != 0 ||
	    bits.left < 1 || bits.left > 3 || bits.at[0] > 7) {
		malformed(j, "keyUsage");
		return;
	}
	if (bits.left > 1 && (bits.at[1] & 0x06) != 0)
		refuse(j, RULE_EXT_KEY_USAGE, "extension",
		    "keyUsage keyCertSign or cRLSign", "The request asks for "
		    "a key that signs certificates or CRLs; make it with "
		    "keyUsage=digitalSignature, or without.");
	else
		judge_say(j, VERDICT_IGNORED, RULE_EXT_IGNORED, "extension",
		    "keyUsage", 8, "Set as the profile and the key's kind "
		    "say.");
}

static const char *
dangerous_use(const struct der *oid)
{
	static const uint8_t pkix[] = { 0x2b, 6, 1, 5, 5, 7, 3 };

	if (oid_is(oid, &oid_any_eku))
		return "anyExtendedKeyUsage";
	if (oid->left == 8 && memcmp(oid->at, pkix, sizeof pkix) == 0)
		switch (oid->at[7]) {
		case 3:
			return "codeSigning";
		case 8:
			return "timeStamping";
		case 9:
			return "OCSPSigning";
		}
	return NULL;
}

static void
ext_eku(struct judge *j, const struct extension *x)
{
	struct der d = x->value, list, oid;
	bool server = false, client = false, other = false;
	unsigned count = 0;

	if (!der_take(&d, DER_SEQUENCE, &list) || d.left != 0) {
		malformed(j, "extKeyUsage");
		return;
	}
	while (list.left > 0) {
		if (!der_take(&list, DER_OID, &oid) || !oid_valid(&oid) ||
		    ++count > EXTENSIONS_MAX) {
			malformed(j, "extKeyUsage");
			return;
		}
		if (dangerous_use(&oid) != NULL) {
			refuse(j, RULE_EXT_EKU, "extension",
			    dangerous_use(&oid), "The request asks for a key "
			    "use that no server has; make it with "
			    "extendedKeyUsage=serverAuth,clientAuth, or "
			    "without.");
			return;
		}
		if (oid_is(&oid, &oid_server_auth))
			server = true;
		else if (oid_is(&oid, &oid_client_auth))
			client = true;
		else
			other = true;
	}
	if (server && client && !other)
		judge_say(j, VERDICT_USED, RULE_OK, "extension",
		    "extKeyUsage", 11, "serverAuth and clientAuth.");
	else
		judge_say(j, VERDICT_REPAIRED, RULE_EXT_IGNORED, "extension",
		    "extKeyUsage", 11, "serverAuth and clientAuth, both and "
		    "only these: a server takes both roles.");
}

static void
ext_san(struct judge *j, const struct extension *x)
{
	wish_alternative_names(j, x->value);
}

/* Known, harmless, and not taken from requests. */
static void
ext_ignored(struct judge *j, const struct extension *x)
{
	char text[80];

	oid_text(&x->oid, text, sizeof text);
	judge_say(j, VERDICT_IGNORED, RULE_EXT_IGNORED, "extension", text,
	    strlen(text), "Extensions come from the profile.");
}

static const struct {
	struct oid oid;
	void (*read)(struct judge *j, const struct extension *x);
} known[] = {
	{ { 3, { 0x55, 0x1d, 17 } }, ext_san },
	{ { 3, { 0x55, 0x1d, 19 } }, ext_basic },
	{ { 3, { 0x55, 0x1d, 15 } }, ext_key_usage },
	{ { 3, { 0x55, 0x1d, 37 } }, ext_eku },
	{ { 3, { 0x55, 0x1d, 14 } }, ext_ignored },	/* SKI */
	{ { 3, { 0x55, 0x1d, 35 } }, ext_ignored },	/* AKI */
	{ { 3, { 0x55, 0x1d, 18 } }, ext_ignored },	/* issuerAltName */
	{ { 3, { 0x55, 0x1d, 30 } }, ext_ignored },	/* nameConstraints */
	{ { 3, { 0x55, 0x1d, 31 } }, ext_ignored },	/* CDP */
	{ { 3, { 0x55, 0x1d, 32 } }, ext_ignored },	/* policies */
	{ { 3, { 0x55, 0x1d, 33 } }, ext_ignored },	/* policyMappings */
	{ { 3, { 0x55, 0x1d, 36 } }, ext_ignored },	/* policyConstraints */
	{ { 3, { 0x55, 0x1d, 54 } }, ext_ignored },	/* inhibitAnyPolicy */
	{ { 8, { 0x2b, 6, 1, 5, 5, 7, 1, 1 } }, ext_ignored },	/* AIA */
	{ { 8, { 0x2b, 6, 1, 5, 5, 7, 1, 24 } }, ext_ignored },	/* TLS feature */
};

static void
extension_judge(struct judge *j, const struct extension *x)
{
	char text[80];

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (oid_is(&x->oid, &known[i].oid)) {
			known[i].read(j, x);
			return;
		}
	if (!x->critical) {
		ext_ignored(j, x);
		return;
	}
	oid_text(&x->oid, text, sizeof text);
	refuse(j, RULE_EXT_CRITICAL, "extension", text, "The request has an "
	    "unknown extension marked critical; make it without.");
}

static bool
extension_take(struct der *list, struct extension *x)
{
	struct der one, critical = { 0 };

	if (!der_take(list, DER_SEQUENCE, &one) ||
	    !der_take(&one, DER_OID, &x->oid) || !oid_valid(&x->oid))
		return false;
	if (der_next_is(&one, TLV_BOOLEAN) &&
	    (!der_take(&one, TLV_BOOLEAN, &critical) || critical.left != 1 ||
	    (critical.at[0] != 0 && critical.at[0] != 0xff)))
		return false;
	x->critical = critical.left == 1 && critical.at[0] != 0;
	return der_take(&one, DER_OCTETS, &x->value) && one.left == 0;
}

static void
extensions_read(struct judge *j, struct der values)
{
	struct extension seen[EXTENSIONS_MAX];
	struct der list;
	size_t n = 0;

	if (!der_take(&values, DER_SEQUENCE, &list)) {
		malformed(j, "extensionRequest");
		return;
	}
	if (values.left != 0) {
		refuse(j, RULE_CSR_ATTRIBUTE_TWICE, "attribute",
		    "extensionRequest", "The request asks for extensions "
		    "twice; make it with one list.");
		return;
	}
	for (; list.left > 0; n++) {
		if (n == EXTENSIONS_MAX) {
			refuse(j, RULE_CSR_LIMITS, "extension", "",
			    "The request has more than 32 extensions.");
			return;
		}
		if (!extension_take(&list, &seen[n])) {
			malformed(j, "");
			return;
		}
		for (size_t i = 0; i < n; i++)
			if (der_is(&seen[i].oid, seen[n].oid.at,
			    seen[n].oid.left)) {
				char text[80];

				oid_text(&seen[n].oid, text, sizeof text);
				refuse(j, RULE_CSR_EXTENSION_TWICE,
				    "extension", text, "The request has an "
				    "extension twice; make it with one.");
				return;
			}
	}
	for (size_t i = 0; i < n; i++)
		extension_judge(j, &seen[i]);
}

static void
attribute_ignored(struct judge *j, const struct der *oid)
{
	static const uint8_t password[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
		1, 9, 7 };
	char text[80];

	oid_text(oid, text, sizeof text);
	if (der_is(oid, password, sizeof password))
		snprintf(text, sizeof text, "challengePassword");
	judge_say(j, VERDICT_IGNORED, RULE_CSR_ATTRIBUTE_IGNORED, "attribute",
	    text, strlen(text), "This attribute is not used%s.",
	    text[0] == 'c' ? " and its value is not kept" : "");
}

void
wish_attributes(struct judge *j, const struct csr *c)
{
	struct der d = c->attributes, one, values, requested = { 0 };
	struct der seen[ATTRIBUTES_MAX];
	bool both = false;
	size_t n = 0;

	for (; d.left > 0; n++) {
		if (n == ATTRIBUTES_MAX) {
			refuse(j, RULE_CSR_LIMITS, "attribute", "",
			    "The request has more than 32 attributes.");
			return;
		}
		if (!der_take(&d, DER_SEQUENCE, &one) ||
		    !der_take(&one, DER_OID, &seen[n]) ||
		    !oid_valid(&seen[n]) ||
		    !der_take(&one, TLV_SET, &values) || one.left != 0 ||
		    values.left == 0) {
			malformed(j, "attribute");
			return;
		}
		for (size_t i = 0; i < n; i++)
			both = both || der_is(&seen[i], seen[n].at,
			    seen[n].left);
		if (oid_is(&seen[n], &oid_extension_request)) {
			both = both || requested.at != NULL;
			requested = values;
		} else if (oid_is(&seen[n], &oid_ms_extensions)) {
			both = both || requested.at != NULL;
			requested = values;
		} else {
			attribute_ignored(j, &seen[n]);
		}
	}
	if (both) {
		refuse(j, RULE_CSR_ATTRIBUTE_TWICE, "attribute", "", "An "
		    "attribute stands in the request twice; make it with "
		    "openssl req.");
		return;
	}
	if (requested.at != NULL)
		extensions_read(j, requested);
}
