/* wish_subject.c - the subject of a request: read for its CN, else ignored. */
#include "core/x509/judge.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/x509/idna.h"

#define PARTS_MAX 32
#define TEXT_MAX 512		/* octets of one value, in UTF-8 */

static const struct {
	struct oid oid;
	const char *name;
} known[] = {
	{ { 3, { 0x55, 4, 3 } }, "CN" }, { { 3, { 0x55, 4, 4 } }, "SN" },
	{ { 3, { 0x55, 4, 5 } }, "serialNumber" },
	{ { 3, { 0x55, 4, 6 } }, "C" }, { { 3, { 0x55, 4, 7 } }, "L" },
	{ { 3, { 0x55, 4, 8 } }, "ST" }, { { 3, { 0x55, 4, 9 } }, "street" },
	{ { 3, { 0x55, 4, 10 } }, "O" }, { { 3, { 0x55, 4, 11 } }, "OU" },
	{ { 3, { 0x55, 4, 12 } }, "title" }, { { 3, { 0x55, 4, 42 } }, "GN" },
	{ { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 } },
	    "emailAddress" },
	{ { 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25 } },
	    "DC" },
};

static void
part_name(const struct der *oid, char out[80])
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (oid_is(oid, &known[i].oid)) {
			snprintf(out, 80, "%s", known[i].name);
			return;
		}
	oid_text(oid, out, 80);
}

/* The value as UTF-8; false when its type or size is not for texts. */
static bool
value_text(const struct tlv *value, char *out, size_t *n)
{
	const struct der *d = &value->content;

	*n = 0;
	if (d->left > TEXT_MAX / 3)
		return false;
	switch (value->tag) {
	case TLV_UTF8:
	case TLV_PRINTABLE:
	case TLV_IA5:
	case 0x12:		/* NumericString */
	case 0x1a:		/* VisibleString */
		memcpy(out, d->at, d->left);
		*n = d->left;
		return true;
	case TLV_T61:		/* in practice Latin-1 */
		for (size_t i = 0; i < d->left; i++)
			*n += utf8_put(out + *n, d->at[i]);
		return true;
	case TLV_BMP:
		if (d->left % 2 != 0)
			return false;
		for (size_t i = 0; i < d->left; i += 2)
			*n += utf8_put(out + *n, (uint32_t)d->at[i] << 8 |
			    d->at[i + 1]);
		return true;
	default:
		return false;
	}
}

/* Would any of it have to be escaped on a screen? */
static bool
is_plain(const char *text, size_t n)
{
	char safe[TEXT_MAX * 12];

	return render_untrusted(safe, sizeof safe, text, n) == n &&
	    memcmp(safe, text, n) == 0;
}

static void
asked_subject_add(struct judge *j, const char *name, const char *text,
    size_t n)
{
	char *all = j->v->asked_subject, safe[512];
	size_t done = strlen(all);

	render_untrusted(safe, sizeof safe, text, n);
	snprintf(all + done, sizeof j->v->asked_subject - done, "%s%s=%.*s",
	    done > 0 ? ", " : "", name, 200, safe);
	/* cut at a whole character */
	while ((done = strlen(all)) > 0 && !utf8_valid(all, done))
		all[done - 1] = '\0';
}

/* A common name is a wish when it can be meant as a domain; a person's or a
 * company's name is not, and a single word is a host's nickname. */
static bool
meant_as_domain(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] == ' ' || text[i] == '@' || text[i] == '/')
			return false;
	return n > 0 && memchr(text, '.', n) != NULL;
}

static void
cn_read(struct judge *j, const char *text, size_t n)
{
	struct domain_form form;
	struct err e = { 0 };

	if (j->profile->person) {
		person_subject(j, text, n);
		return;
	}
	if (!meant_as_domain(text, n)) {
		judge_say(j, VERDICT_IGNORED, RULE_SUBJECT_IGNORED, "subject",
		    text, n, "The common name is no domain; the authority "
		    "writes its own.");
		return;
	}
	if (domain_parse(text, n, j->in->special_names, &form, &e) != 0) {
		judge_refuse(j, &e, "subject", text, n);
		return;
	}
	wish_add(j, WISH_CN, &form, text, n, RULE_OK, "");
}

/* One AttributeTypeAndValue. */
static int
part_read(struct judge *j, struct der pair, unsigned *cns, struct err *e)
{
	char text[TEXT_MAX], name[80];
	struct der oid;
	struct tlv value;
	size_t n;

	if (!der_take(&pair, DER_OID, &oid) || !tlv_take(&pair, &value) ||
	    pair.left != 0)
		return rule_broken(e, RULE_CSR_DER,
		    "The subject of the request is not encoded properly.");
	if (!oid_valid(&oid))
		return rule_broken(e, RULE_CSR_LIMITS, "An object identifier "
		    "in the subject is malformed or longer than 64 octets.");
	part_name(&oid, name);
	if (!value_text(&value, text, &n))
		return rule_broken(e, RULE_SUBJECT_TEXT, "The %s in the "
		    "subject is no text, or too long; make the request with "
		    "-subj /CN=DOMAIN.", name);
	asked_subject_add(j, name, text, n);
	if (!is_plain(text, n))
		return rule_broken(e, RULE_SUBJECT_TEXT, "The %s in the "
		    "subject holds NUL, control or invisible characters; make "
		    "the request with -subj /CN=DOMAIN.", name);
	if (!oid_is(&oid, &oid_cn)) {
		judge_say(j, VERDICT_IGNORED, RULE_SUBJECT_IGNORED, "subject",
		    text, n, "%s is not put into certificates.", name);
	} else if (++*cns == 2) {
		return rule_broken(e, RULE_SUBJECT_CN_SEVERAL, "The subject "
		    "has several common names; make the request with one, or "
		    "none.");
	} else if (*cns == 1) {
		cn_read(j, text, n);
	}
	return 0;
}

void
wish_subject(struct judge *j, const struct csr *c)
{
	struct der d = c->subject, set, pair;
	struct err e = { 0 };
	unsigned parts = 0, cns = 0;

	while (d.left > 0) {
		if (!der_take(&d, TLV_SET, &set) || set.left == 0)
			goto malformed;
		while (set.left > 0) {
			if (!der_take(&set, DER_SEQUENCE, &pair))
				goto malformed;
			if (++parts > PARTS_MAX) {
				rule_broken(&e, RULE_CSR_LIMITS, "The subject "
				    "has more than %d parts.", PARTS_MAX);
				judge_refuse(j, &e, "subject", "", 0);
				return;
			}
			if (part_read(j, pair, &cns, &e) != 0) {
				judge_refuse(j, &e, "subject",
				    j->v->asked_subject,
				    strlen(j->v->asked_subject));
				err_clear(&e);
			}
		}
	}
	return;
malformed:
	rule_broken(&e, RULE_CSR_DER,
	    "The subject of the request is not encoded properly.");
	judge_refuse(j, &e, "subject", "", 0);
}
