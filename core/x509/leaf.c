/* leaf.c - our own certificates read as bytes. */
#include "core/x509/leaf.h"

#include <string.h>

#include "core/base/text.h"
#include "core/x509/rules.h"

static const struct oid *const extension_oids[LEAF_EXTENSIONS] = {
	[LEAF_BASIC] = &oid_basic, [LEAF_KEY_USAGE] = &oid_key_usage,
	[LEAF_EKU] = &oid_eku, [LEAF_SKI] = &oid_ski, [LEAF_AKI] = &oid_aki,
	[LEAF_SAN] = &oid_san, [LEAF_POLICIES] = &oid_policies,
	[LEAF_AIA] = &oid_aia, [LEAF_CDP] = &oid_cdp,
};

static int
form_error(struct err *e, const char *what)
{
	return rule_broken(e, RULE_LINT_FORM,
	    "The certificate's %s is not as RFC 5280 says.", what);
}

static int
two(const uint8_t *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t
days_of(int64_t year, int month, int day)
{
	int64_t era, yoe, doy;

	year -= month <= 2;
	era = year / 400;
	yoe = year - era * 400;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool
take_time(struct der *d, int64_t *out)
{
	struct tlv t;
	const uint8_t *p;
	int part[6];
	int64_t year;

	if (!tlv_take(d, &t))
		return false;
	p = t.content.at;
	if (t.tag == DER_UTC_TIME && t.content.left == 13) {
		year = two(p) < 0 ? -1 : two(p) + (two(p) < 50 ? 2000 : 1900);
	} else if (t.tag == DER_GENERAL_TIME && t.content.left == 15) {
		year = two(p) < 0 || two(p + 2) < 0 ? -1
		    : two(p) * 100 + two(p + 2);
		if (year < 2050)	/* UTCTime until then */
			return false;
		p += 2;
	} else {
		return false;
	}
	for (int i = 1; i < 6; i++)
		if ((part[i] = two(p + 2 * i)) < 0)
			return false;
	if (year < 0 || p[12] != 'Z' || part[1] < 1 || part[1] > 12 ||
	    part[2] < 1 || part[2] > 31 || part[3] > 23 || part[4] > 59 ||
	    part[5] > 59)
		return false;
	*out = days_of(year, part[1], part[2]) * 86400 + part[3] * 3600 +
	    part[4] * 60 + part[5];
	return true;
}

static int
extension_read(struct der *one, struct leaf *out, struct err *e)
{
	struct der oid, critical, value;
	bool is_critical = false;
	char text[80];
	int i;

	if (!der_take(one, DER_OID, &oid))
		return form_error(e, "extension");
	if (der_next_is(one, TLV_BOOLEAN)) {
		/* FALSE is the default and not encoded */
		if (!der_take(one, TLV_BOOLEAN, &critical) ||
		    critical.left != 1 || critical.at[0] != 0xff)
			return form_error(e, "critical flag");
		is_critical = true;
	}
	if (!der_take(one, DER_OCTETS, &value) || one->left != 0)
		return form_error(e, "extension");
	for (i = 0; i < LEAF_EXTENSIONS; i++)
		if (oid_is(&oid, extension_oids[i]))
			break;
	if (i == LEAF_EXTENSIONS || out->extensions[i].present) {
		oid_text(&oid, text, sizeof text);
		return rule_broken(e, RULE_LINT_EXTENSION, "The extension %s "
		    "is unknown or repeated.", text);
	}
	out->extensions[i].present = true;
	out->extensions[i].critical = is_critical;
	out->extensions[i].value = value;
	return 0;
}

static int
extensions_read(struct der *tbs, struct leaf *out, struct err *e)
{
	struct der wrap, list, one;

	if (!der_take(tbs, DER_CONTEXT + 3, &wrap) || tbs->left != 0 ||
	    !der_take(&wrap, DER_SEQUENCE, &list) || wrap.left != 0)
		return form_error(e, "list of extensions");
	while (list.left > 0) {
		if (!der_take(&list, DER_SEQUENCE, &one))
			return form_error(e, "extension");
		if (extension_read(&one, out, e) != 0)
			return -1;
	}
	return 0;
}

static int
tbs_read(struct der *tbs, struct leaf *out, struct err *e)
{
	static const uint8_t v3[] = { 2, 1, 2 };
	struct der version, validity;
	struct tlv t;

	if (!der_take(tbs, DER_CONTEXT, &version) ||
	    !der_is(&version, v3, sizeof v3))
		return form_error(e, "version");
	if (!der_take(tbs, DER_INTEGER, &out->serial))
		return form_error(e, "serial");
	if (!tlv_take_tag(tbs, DER_SEQUENCE, &t))
		return form_error(e, "algorithm");
	out->algorithm[0] = t.whole;
	if (!tlv_take_tag(tbs, DER_SEQUENCE, &t))
		return form_error(e, "issuer");
	out->issuer = t.whole;
	if (!der_take(tbs, DER_SEQUENCE, &validity) ||
	    !take_time(&validity, &out->not_before) ||
	    !take_time(&validity, &out->not_after) || validity.left != 0)
		return form_error(e, "validity");
	if (!der_take(tbs, DER_SEQUENCE, &out->subject))
		return form_error(e, "subject");
	if (!tlv_take_tag(tbs, DER_SEQUENCE, &t))
		return form_error(e, "public key");
	out->spki = t.whole;
	return extensions_read(tbs, out, e);
}

int
leaf_read(const uint8_t *der, size_t size, struct leaf *out, struct err *e)
{
	struct der d = { der, size }, outer, signature;
	struct tlv tbs, algorithm;

	memset(out, 0, sizeof *out);
	if (!der_take(&d, DER_SEQUENCE, &outer) || d.left != 0 ||
	    !tlv_take_tag(&outer, DER_SEQUENCE, &tbs) ||
	    !tlv_take_tag(&outer, DER_SEQUENCE, &algorithm) ||
	    !der_take(&outer, DER_BIT_STRING, &signature) ||
	    outer.left != 0 || signature.left < 2 || signature.at[0] != 0)
		return form_error(e, "outer form");
	out->tbs = tbs.whole;
	out->algorithm[1] = algorithm.whole;
	out->signature.at = signature.at + 1;
	out->signature.left = signature.left - 1;
	return tbs_read(&tbs.content, out, e);
}

static bool
copy_text(const struct der *d, char *out, size_t size)
{
	if (d->left == 0 || d->left >= size ||
	    memchr(d->at, '\0', d->left) != NULL)
		return false;
	memcpy(out, d->at, d->left);
	out[d->left] = '\0';
	return true;
}

int
leaf_subject(const struct leaf *l, char cn[65], char serial[42],
    struct err *e)
{
	struct der d = l->subject, set, pair, oid;
	struct tlv value;

	cn[0] = serial[0] = '\0';
	if (der_take(&d, TLV_SET, &set) && d.left == 0 &&
	    der_take(&set, DER_SEQUENCE, &pair) && set.left == 0 &&
	    der_take(&pair, DER_OID, &oid) && tlv_take(&pair, &value) &&
	    pair.left == 0) {
		if (oid_is(&oid, &oid_cn) && value.tag == TLV_UTF8 &&
		    copy_text(&value.content, cn, 65))
			return 0;
		if (oid_is(&oid, &oid_serial_number) &&
		    value.tag == TLV_PRINTABLE &&
		    copy_text(&value.content, serial, 42))
			return 0;
	}
	return rule_broken(e, RULE_LINT_SUBJECT, "The subject is neither a "
	    "common name alone nor a serial number alone.");
}

static int
san_error(struct err *e, const char *what)
{
	return rule_broken(e, RULE_LINT_SAN,
	    "The subjectAltName holds %s.", what);
}

/* otherName ::= SEQUENCE { type-id OID, value [0] EXPLICIT ANY } */
static int
other_name_read(struct der one, struct name *out, struct der *text,
    struct err *e)
{
	static const char server[] = "_xmpp-server.", client[] = "_xmpp-client.";
	const size_t skip = sizeof server - 1;
	struct der oid, wrap;
	struct tlv value;

	if (!der_take(&one, DER_OID, &oid) ||
	    !der_take(&one, DER_CONTEXT, &wrap) || one.left != 0 ||
	    !tlv_take(&wrap, &value) || wrap.left != 0)
		return san_error(e, "a malformed otherName");
	*text = value.content;
	if (oid_is(&oid, &oid_xmpp_addr)) {
		out->kind = NAME_XMPP;
		return value.tag == TLV_UTF8 ? 0
		    : san_error(e, "an XmppAddr that is no UTF8String");
	}
	if (!oid_is(&oid, &oid_srv_name) || value.tag != TLV_IA5 ||
	    text->left <= skip)
		return san_error(e, "an unknown otherName, or an SRVName that "
		    "is no IA5String");
	if (memcmp(text->at, server, skip) == 0)
		out->kind = NAME_SRV_SERVER;
	else if (memcmp(text->at, client, skip) == 0)
		out->kind = NAME_SRV_CLIENT;
	else
		return san_error(e, "an SRVName of another service");
	text->at += skip;
	text->left -= skip;
	return 0;
}

int
leaf_names(const struct leaf *l, struct name **names, size_t *n,
    struct err *e)
{
	struct der d = l->extensions[LEAF_SAN].value, list, text;
	struct tlv one;
	struct name *name;

	if (!l->extensions[LEAF_SAN].present ||
	    !der_take(&d, DER_SEQUENCE, &list) || d.left != 0 ||
	    list.left == 0)
		return san_error(e, "nothing");
	while (list.left > 0) {
		if (!tlv_take(&list, &one))
			return san_error(e, "a malformed name");
		*names = list_grow(*names, n, sizeof **names);
		name = &(*names)[*n - 1];
		text = one.content;
		if (one.tag == 0xa0) {
			if (other_name_read(one.content, name, &text, e) != 0)
				return -1;
		} else if (one.tag == 0x82) {
			name->kind = NAME_DNS;
		} else {
			return san_error(e, "a name that is neither dNSName, "
			    "SRVName nor XmppAddr");
		}
		if (!copy_text(&text, name->value, sizeof name->value))
			return san_error(e, "an empty or overlong name");
		if (name->kind != NAME_XMPP)
			for (const char *p = name->value; *p != '\0'; p++)
				if ((unsigned char)*p >= 0x80)
					return san_error(e, "a letter that is "
					    "not ASCII");
	}
	return 0;
}
