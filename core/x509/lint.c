/*
 * lint.c - a finished certificate against what was wished, field by field,
 * with the own reader; and the issuer's signature.
 */
#include "core/x509/certsign.h"

#include <stdlib.h>
#include <string.h>

#include "core/x509/leaf.h"
#include "core/x509/rules.h"
#include "core/x509/sign_check.h"
#include "core/x509/spki.h"

static int
lint_head(const struct leaf *l, const struct sign_frame *s,
    const struct sign_wish *w, struct err *e)
{
	if (!der_is(&l->serial, s->serial, s->serial_size))
		return rule_broken(e, RULE_LINT_SERIAL,
		    "The serial is not %s.", w->serial);
	for (int i = 0; i < 2; i++)
		if (!der_is(&l->algorithm[i], s->algorithm.at,
		    s->algorithm.left))
			return rule_broken(e, RULE_LINT_ALGORITHM, "A "
			    "signature algorithm is not the issuer's.");
	if (!der_is(&l->issuer, s->issuer.at, s->issuer.left))
		return rule_broken(e, RULE_LINT_ISSUER, "The issuer's name is "
		    "not the ICA's subject.");
	if (l->not_before != w->not_before || l->not_after != w->not_after)
		return rule_broken(e, RULE_LINT_DATES, "The dates are not "
		    "those that were asked for.");
	if (!der_is(&l->spki, w->spki.data, w->spki.size))
		return rule_broken(e, RULE_LINT_KEY,
		    "The public key is not the one that was asked for.");
	return 0;
}

static int
lint_subject(const struct leaf *l, const struct sign_wish *w, struct err *e)
{
	char cn[65], serial[42];

	if (leaf_subject(l, cn, serial, e) != 0)
		return -1;
	if (strcmp(cn, w->subject_cn) != 0 ||
	    (cn[0] == '\0' && strcmp(serial, w->serial) != 0))
		return rule_broken(e, RULE_LINT_SUBJECT, "The subject is not "
		    "\"%s\".", w->subject_cn[0] ? w->subject_cn : w->serial);
	return 0;
}

static int
lint_names(const struct leaf *l, const struct sign_wish *w, struct err *e)
{
	struct name *names = NULL;
	size_t n = 0;
	int rc = leaf_names(l, &names, &n, e);

	if (rc == 0 && n != w->n_names)
		rc = rule_broken(e, RULE_LINT_SAN, "The subjectAltName has "
		    "%zu names instead of %zu.", n, w->n_names);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (names[i].kind != w->names[i].kind ||
		    strcmp(names[i].value, w->names[i].value) != 0)
			rc = rule_broken(e, RULE_LINT_SAN, "Name %zu of the "
			    "subjectAltName is \"%.200s\" instead of "
			    "\"%.200s\".", i + 1, names[i].value,
			    w->names[i].value);
	free(names);
	return rc;
}

static int
lint_usages(const struct leaf *l, const struct profile *p,
    const struct spki *k, struct err *e)
{
	static const uint8_t empty[] = { 0x30, 0 };
	static const uint8_t sign[] = { 3, 2, 7, 0x80 };
	static const uint8_t sign_and_encipher[] = { 3, 2, 5, 0xa0 };
	struct der d = l->extensions[LEAF_EKU].value, list, oid;
	bool good;

	if (!l->extensions[LEAF_BASIC].critical ||
	    !der_is(&l->extensions[LEAF_BASIC].value, empty, sizeof empty))
		return rule_broken(e, RULE_LINT_BASIC,
		    "basicConstraints is not critical and empty.");
	if (!l->extensions[LEAF_KEY_USAGE].critical ||
	    !der_is(&l->extensions[LEAF_KEY_USAGE].value,
	    k->kind == SPKI_RSA ? sign_and_encipher : sign, 4))
		return rule_broken(e, RULE_LINT_KEY_USAGE, "keyUsage is not "
		    "critical or not what the key's kind asks for.");
	good = !l->extensions[LEAF_EKU].critical &&
	    der_take(&d, DER_SEQUENCE, &list) && d.left == 0;
	if (p->server_auth)
		good = good && der_take(&list, DER_OID, &oid) &&
		    oid_is(&oid, &oid_server_auth);
	if (p->client_auth)
		good = good && der_take(&list, DER_OID, &oid) &&
		    oid_is(&oid, &oid_client_auth);
	if (!good || list.left != 0)
		return rule_broken(e, RULE_LINT_EKU, "extKeyUsage is not what "
		    "profile %s says.", p->name);
	return 0;
}

static int
lint_key_ids(const struct leaf *l, const struct sign_frame *s,
    const struct spki *k, struct err *e)
{
	struct der ski = l->extensions[LEAF_SKI].value, got;
	struct der aki = l->extensions[LEAF_AKI].value, list;
	uint8_t id[20];

	key_id(id, &k->bits);
	if (l->extensions[LEAF_SKI].critical ||
	    !der_take(&ski, DER_OCTETS, &got) || ski.left != 0 ||
	    !der_is(&got, id, sizeof id))
		return rule_broken(e, RULE_LINT_KEY_ID, "The subject key "
		    "identifier is not the key's.");
	if (l->extensions[LEAF_AKI].critical ||
	    !der_take(&aki, DER_SEQUENCE, &list) || aki.left != 0 ||
	    !der_take(&list, 0x80, &got) || list.left != 0 ||
	    !der_is(&got, s->issuer_id.at, s->issuer_id.left))
		return rule_broken(e, RULE_LINT_KEY_ID, "The authority key "
		    "identifier is not the issuer's.");
	return 0;
}

static int
lint_policy(const struct leaf *l, const struct sign_frame *s, struct err *e)
{
	const char *cps = s->frame->cps_url;
	struct der d = l->extensions[LEAF_POLICIES].value, list, info, got;
	bool good = !l->extensions[LEAF_POLICIES].critical &&
	    der_take(&d, DER_SEQUENCE, &list) && d.left == 0 &&
	    der_take(&list, DER_SEQUENCE, &info) && list.left == 0 &&
	    der_take(&info, DER_OID, &got) &&
	    der_is(&got, s->policy.at, s->policy.left);

	if (good && cps[0] != '\0') {
		struct der all, one;

		good = der_take(&info, DER_SEQUENCE, &all) &&
		    der_take(&all, DER_SEQUENCE, &one) && all.left == 0 &&
		    der_take(&one, DER_OID, &got) && oid_is(&got, &oid_cps) &&
		    der_take(&one, TLV_IA5, &got) && one.left == 0 &&
		    der_is(&got, cps, strlen(cps));
	}
	if (!good || info.left != 0)
		return rule_broken(e, RULE_LINT_POLICY, "certificatePolicies "
		    "is not %s.", s->frame->policy_oid);
	return 0;
}

static bool
access_is(struct der *list, const struct oid *method, const char *url)
{
	struct der one, oid, got;

	return der_take(list, DER_SEQUENCE, &one) &&
	    der_take(&one, DER_OID, &oid) && oid_is(&oid, method) &&
	    der_take(&one, 0x86, &got) && one.left == 0 &&
	    der_is(&got, url, strlen(url));
}

static int
lint_urls(const struct leaf *l, const struct cert_frame *f,
    const char *crl_url, struct err *e)
{
	struct der aia = l->extensions[LEAF_AIA].value, list;
	struct der cdp = l->extensions[LEAF_CDP].value;
	struct der point, name, full, got;

	if (l->extensions[LEAF_AIA].critical ||
	    !der_take(&aia, DER_SEQUENCE, &list) || aia.left != 0 ||
	    !access_is(&list, &oid_ad_ocsp, f->ocsp_url) ||
	    !access_is(&list, &oid_ad_issuers, f->issuer_url) ||
	    list.left != 0)
		return rule_broken(e, RULE_LINT_URLS, "The addresses of OCSP "
		    "and chain are not the configured ones.");
	if (l->extensions[LEAF_CDP].critical ||
	    !der_take(&cdp, DER_SEQUENCE, &list) || cdp.left != 0 ||
	    !der_take(&list, DER_SEQUENCE, &point) || list.left != 0 ||
	    !der_take(&point, DER_CONTEXT, &name) || point.left != 0 ||
	    !der_take(&name, DER_CONTEXT, &full) || name.left != 0 ||
	    !der_take(&full, 0x86, &got) || full.left != 0 ||
	    !der_is(&got, crl_url, strlen(crl_url)))
		return rule_broken(e, RULE_LINT_URLS, "The address of the CRL "
		    "is not the configured one.");
	return 0;
}

int
lint_fields(const struct sign_frame *s, const struct sign_wish *w,
    const uint8_t *der, size_t size, struct err *e)
{
	const struct profile *p = profile_find(w->profile);
	struct leaf l;
	struct spki k;

	if (p == NULL)
		return rule_broken(e, RULE_PROFILE_UNKNOWN,
		    "There is no profile \"%s\".", w->profile);
	if (leaf_read(der, size, &l, e) != 0)
		return -1;
	for (int i = 0; i < LEAF_EXTENSIONS; i++)
		if (!l.extensions[i].present)
			return rule_broken(e, RULE_LINT_EXTENSION,
			    "An extension of the profile is missing.");
	if (spki_read(l.spki.at, l.spki.left, &k, e) != 0 ||
	    lint_head(&l, s, w, e) != 0 || lint_subject(&l, w, e) != 0 ||
	    lint_names(&l, w, e) != 0 || lint_usages(&l, p, &k, e) != 0 ||
	    lint_key_ids(&l, s, &k, e) != 0 || lint_policy(&l, s, e) != 0)
		return -1;
	return lint_urls(&l, s->frame, s->crl_url, e);
}

/* Where the signed part and the signature lie. */
static bool
signature_find(const struct blob *der, struct signature_at *a)
{
	struct leaf l;

	if (leaf_read(der->data, der->size, &l, NULL) != 0)
		return false;
	*a = (struct signature_at){ l.tbs.at, l.tbs.left, l.signature.at,
		l.signature.left };
	return true;
}

void
certs_verify(const struct cert_frame *f, struct blob *const *ders, size_t n,
    bool *good)
{
	EVP_PKEY *key = X509_get0_pubkey(f->issuer);
	const struct signing *s = key != NULL ? signing_of(key) : NULL;
	struct signature_at *list = xcalloc(n, sizeof *list);
	bool all = s != NULL;

	for (size_t i = 0; i < n; i++)
		all = (good[i] = signature_find(ders[i], &list[i])) && all;
	if (all)
		all = signing_verify_all(s, key, list, n);
	for (size_t i = 0; i < n && !all; i++)	/* which one is it? */
		good[i] = good[i] && s != NULL && signing_verify(s, key,
		    list[i].data, list[i].data_size, list[i].signature,
		    list[i].size);
	free(list);
}
