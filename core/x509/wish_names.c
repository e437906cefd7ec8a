/* wish_names.c - the alternative names that a request asks for. */
#include "core/x509/judge.h"

#include <string.h>
#include <strings.h>

#include "core/base/text.h"

#define NAMES_MAX 400

void
wish_add(struct judge *j, enum wish_place place,
    const struct domain_form *form, const void *value, size_t size,
    enum rule repair, const char *repair_text)
{
	struct wish_name *w;

	j->wishes = list_grow(j->wishes, &j->n_wishes, sizeof *j->wishes);
	w = &j->wishes[j->n_wishes - 1];
	w->place = place;
	w->form = *form;
	render_untrusted(w->value, sizeof w->value, value, size);
	w->repair = repair;
	str_copy(w->repair_text, sizeof w->repair_text, repair_text);
}

/* Parse and remember a domain; the repair is the earlier one, or spelling. */
static void
domain_wish(struct judge *j, enum wish_place place, const uint8_t *name,
    size_t size, const struct der *value, enum rule repair,
    const char *repair_text)
{
	struct domain_form form;
	struct err e = { 0 };
	const char *want;

	if (domain_parse((const char *)name, size, j->in->special_names, &form,
	    &e) != 0) {
		judge_refuse(j, &e, "name", value->at, value->left);
		return;
	}
	want = place == WISH_XMPP ? form.shown : form.ascii;
	if (repair == RULE_OK && (strlen(want) != size ||
	    memcmp(want, name, size) != 0)) {
		repair = RULE_NAME_CANONICAL;
		repair_text = "Written in its canonical form.";
	}
	wish_add(j, place, &form, value->at, value->left, repair, repair_text);
}

static void
refuse(struct judge *j, const struct der *value, enum rule rule,
    const char *text)
{
	struct err e = { 0 };

	rule_broken(&e, rule, "%s", text);
	judge_refuse(j, &e, "name", value->at, value->left);
}

/* "_service.domain" */
static void
srv_read(struct judge *j, const struct tlv *value)
{
	static const char server[] = "_xmpp-server", client[] = "_xmpp-client";
	const size_t n = sizeof server - 1;
	const struct der *d = &value->content;
	enum rule repair = RULE_OK;
	const char *repair_text = "";
	enum wish_place place;
	const uint8_t *dot;

	if (value->tag != TLV_IA5 && value->tag != TLV_UTF8) {
		refuse(j, d, RULE_SAN_TYPE, "An SRVName is no IA5String; make "
		    "the request with otherName:1.3.6.1.5.5.7.8.7;IA5:"
		    "_xmpp-server.DOMAIN, or without it.");
		return;
	}
	if (j->profile->person) {
		person_other_name(j, d->at, d->left);
		return;
	}
	dot = d->left > n ? memchr(d->at, '.', d->left) : NULL;
	if (dot == NULL || (size_t)(dot - d->at) != n ||
	    (strncasecmp((const char *)d->at, server, n) != 0 &&
	    strncasecmp((const char *)d->at, client, n) != 0) ||
	    (dot + 1 < d->at + d->left && dot[1] == '_')) {
		refuse(j, d, RULE_SAN_SERVICE, "An SRVName is not "
		    "_xmpp-server.DOMAIN or _xmpp-client.DOMAIN; leave it "
		    "out of the request.");
		return;
	}
	place = strncasecmp((const char *)d->at, server, n) == 0
	    ? WISH_SRV_SERVER : WISH_SRV_CLIENT;
	if (value->tag != TLV_IA5) {
		repair = RULE_SAN_TYPE;
		repair_text = "Written as IA5String instead of UTF8String.";
	} else if (memcmp(d->at, server, n) != 0 &&
	    memcmp(d->at, client, n) != 0) {
		repair = RULE_NAME_CANONICAL;
		repair_text = "Written in lower case.";
	}
	domain_wish(j, place, dot + 1, d->left - n - 1, d, repair,
	    repair_text);
}

static void
xmpp_read(struct judge *j, const struct tlv *value)
{
	const struct der *d = &value->content;
	const uint8_t *slash;
	size_t n = d->left;
	enum rule repair = RULE_OK;
	const char *repair_text = "";

	if (value->tag != TLV_UTF8 && value->tag != TLV_IA5 &&
	    value->tag != TLV_PRINTABLE) {
		refuse(j, d, RULE_SAN_TYPE, "An XmppAddr is no UTF8String; "
		    "make the request with otherName:1.3.6.1.5.5.7.8.5;UTF8:"
		    "DOMAIN, or without it.");
		return;
	}
	if (value->tag != TLV_UTF8) {
		repair = RULE_SAN_TYPE;
		repair_text = "Written as UTF8String.";
	}
	if (n > 0 && (slash = memchr(d->at, '/', n)) != NULL) {
		n = (size_t)(slash - d->at);
		repair = RULE_SAN_RESOURCE;
		repair_text = "The resource is left out.";
	}
	if (j->profile->person && n > 0) {
		if (repair != RULE_OK)
			judge_say(j, VERDICT_REPAIRED, repair, "name", d->at,
			    n, "XmppAddr: %s", repair_text);
		person_wish(j, d->at, n);
		return;
	}
	if (n > 0 && memchr(d->at, '@', n) != NULL) {
		refuse(j, d, RULE_SAN_LOCALPART, "An XmppAddr names an "
		    "account; a server's certificate has domains only, leave "
		    "the part before the @ out.");
		return;
	}
	domain_wish(j, WISH_XMPP, d->at, n, d, repair, repair_text);
}

/* otherName ::= SEQUENCE { type-id OID, value [0] EXPLICIT ANY } */
static void
other_read(struct judge *j, struct der one)
{
	struct der whole = one, oid, wrap;
	struct tlv value;
	struct err e = { 0 };
	char text[80];

	if (!der_take(&one, DER_OID, &oid) || !oid_valid(&oid) ||
	    !der_take(&one, DER_CONTEXT, &wrap) || one.left != 0 ||
	    !tlv_take(&wrap, &value) || wrap.left != 0) {
		refuse(j, &whole, RULE_CSR_DER, "An otherName is not encoded "
		    "as RFC 5280 says; make the request with openssl req.");
		return;
	}
	if (oid_is(&oid, &oid_srv_name)) {
		srv_read(j, &value);
		return;
	}
	if (oid_is(&oid, &oid_xmpp_addr)) {
		xmpp_read(j, &value);
		return;
	}
	oid_text(&oid, text, sizeof text);
	rule_broken(&e, RULE_SAN_KIND, "An alternative name of the kind %s is "
	    "not issued; leave it out.", text);
	judge_refuse(j, &e, "name", value.content.at, value.content.left);
}

static void
name_read(struct judge *j, const struct tlv *one)
{
	switch (one->tag) {
	case 0xa0:
		other_read(j, one->content);
		break;
	case 0x82:
		if (j->profile->person) {
			person_other_name(j, one->content.at,
			    one->content.left);
			break;
		}
		domain_wish(j, WISH_DNS, one->content.at, one->content.left,
		    &one->content, RULE_OK, "");
		break;
	case 0x81:
		judge_say(j, VERDICT_IGNORED, RULE_SAN_MAIL, "name",
		    one->content.at, one->content.left, "A mail address is "
		    "not put into server certificates.");
		break;
	case 0x86:
		refuse(j, &one->content, RULE_SAN_KIND, "A URI is not issued; "
		    "leave it out of the request.");
		break;
	case 0x87:
		refuse(j, &one->content, RULE_SAN_KIND, "An IP address is not "
		    "issued; name the XMPP domain.");
		break;
	default:
		refuse(j, &one->content, RULE_SAN_KIND, "An alternative name "
		    "is neither dNSName, SRVName nor XmppAddr; leave it out.");
		break;
	}
}

void
wish_alternative_names(struct judge *j, struct der san)
{
	struct der list;
	struct tlv one;
	unsigned count = 0;

	if (!der_take(&san, DER_SEQUENCE, &list) || san.left != 0) {
		refuse(j, &(struct der){ 0 }, RULE_CSR_DER,
		    "The subjectAltName is not encoded properly.");
		return;
	}
	while (list.left > 0) {
		if (!tlv_take(&list, &one)) {
			refuse(j, &(struct der){ 0 }, RULE_CSR_DER,
			    "The subjectAltName is not encoded properly.");
			return;
		}
		if (++count > NAMES_MAX) {
			refuse(j, &(struct der){ 0 }, RULE_CSR_LIMITS, "The "
			    "request has more than 400 alternative names.");
			return;
		}
		name_read(j, &one);
	}
}
