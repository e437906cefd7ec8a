/* check.c - the signer's own judgement of a wish: it takes nobody's word. */
#include "core/signer/signer.h"

#include <string.h>
#include <time.h>

#include "core/base/text.h"
#include "core/x509/hash.h"
#include "core/x509/profile.h"
#include "core/x509/rules.h"
#include "core/x509/spki.h"

#define BACKDATED 3600		/* notBefore may lie so far back, */
#define SLACK 300		/* and clocks differ by so much */

int
sign_serial_read(uint8_t serial[SERIAL_SIZE], const char *hex)
{
	char again[2 * SERIAL_SIZE + 1];

	if (strlen(hex) != 2 * SERIAL_SIZE ||
	    hex_decode(serial, SERIAL_SIZE, hex) != (int)SERIAL_SIZE ||
	    serial[0] == 0 || serial[0] > 0x7f)
		return -1;
	hex_encode(again, serial, SERIAL_SIZE);
	return strcmp(again, hex) == 0 ? 0 : -1;	/* lower case alone */
}

/* Account names have one spelling, so comparing bytes tells people apart. */
static bool
account_ok(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	return name[0] != '\0' && strchr(letters, name[0]) != NULL &&
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-")] ==
	    '\0';
}

static int
people_check(const struct sign_wish *w, struct err *e)
{
	if (!account_ok(w->requester) || !account_ok(w->approver))
		return err_set(e, ERR_REFUSED, "sign-approver",
		    "a certificate wants a requester and an approver");
	if (strcmp(w->requester, w->approver) == 0)
		return err_set(e, ERR_REFUSED, "sign-approver",
		    "%s cannot approve an own request: somebody else must",
		    w->requester);
	return 0;
}

/* The approval is about exactly these names, this key and this CSR. */
static int
digest_check(const struct sign_wish *w, struct err *e)
{
	static const uint8_t zero[32];
	uint8_t spki[32], digest[32];

	if (memcmp(w->digest, zero, 32) == 0)
		return err_set(e, ERR_REFUSED, "sign-digest",
		    "no approval came with request %lld",
		    (long long)w->request);
	sha256(spki, w->spki.data, w->spki.size);
	request_digest(digest, w->request, w->requester, w->profile,
	    w->subject_cn, w->names, w->n_names, spki, w->csr_sha256);
	if (memcmp(w->digest, digest, 32) != 0)
		return err_set(e, ERR_REFUSED, "sign-digest",
		    "request %lld is not what was approved: it must be "
		    "approved again", (long long)w->request);
	return 0;
}

static int
issuer_check(struct signer *s, const struct profile *p,
    const struct sign_wish *w, int64_t now, struct sign_issuer **by,
    struct err *e)
{
	bool person = strcmp(p->purpose, "person") == 0;
	struct sign_issuer *i = sign_issuer_active(s, person);
	time_t t = (time_t)now, end = (time_t)w->not_after;

	if (i == NULL)
		return err_set(e, ERR_UNAVAILABLE, "issuer-none",
		    "there is no active %s issuer: the ICA certificate is not "
		    "imported yet (`xmpp-icactl import`), or was revoked",
		    p->purpose);
	if (X509_cmp_time(X509_get0_notBefore(i->certificate), &t) > 0 ||
	    X509_cmp_time(X509_get0_notAfter(i->certificate), &t) < 0)
		return err_set(e, ERR_UNAVAILABLE, "issuer-expired",
		    "%s is not valid now: a new issuer is needed", i->name);
	/* X509_cmp_time() says -1 for equal; notAfter is inclusive */
	end--;
	if (X509_cmp_time(X509_get0_notAfter(i->certificate), &end) < 0)
		return err_set(e, ERR_REFUSED, "issuer-not-after",
		    "the certificate would outlive %s: ask for fewer days",
		    i->name);
	*by = i;
	return 0;
}

static int
dates_check(const struct signer *s, const struct sign_wish *w, int64_t now,
    struct err *e)
{
	int64_t longest = s->conf.policy_days * 86400 + BACKDATED + SLACK;
	char text[TIME_TEXT_SIZE];

	time_text(text, w->not_before);
	if (w->not_before < now - BACKDATED - SLACK ||
	    w->not_before > now + SLACK)
		return err_set(e, ERR_REFUSED, "sign-dates",
		    "notBefore %s is not within the last hour: certificates "
		    "are not dated back or ahead", text);
	if (w->not_after <= now || w->not_after - w->not_before > longest)
		return err_set(e, ERR_REFUSED, "sign-dates",
		    "a certificate of %lld seconds: [policy] days allows %lld",
		    (long long)(w->not_after - w->not_before),
		    (long long)s->conf.policy_days);
	return 0;
}

static bool
has_key(const X509 *certificate, const struct spki *k)
{
	const ASN1_BIT_STRING *bits = certificate != NULL
	    ? X509_get0_pubkey_bitstr(certificate) : NULL;

	return bits != NULL && der_is(&k->bits, ASN1_STRING_get0_data(bits),
	    (size_t)ASN1_STRING_length(bits));
}

/* What is certified for somebody is no key of ours. */
static int
own_keys_check(const struct signer *s, const struct sign_wish *w,
    struct err *e)
{
	struct spki k;

	if (spki_read(w->spki.data, w->spki.size, &k, e) < 0)
		return -1;
	for (size_t i = 0; i < s->n_issuers; i++)
		if (has_key(s->issuers[i].certificate, &k) ||
		    has_key(s->issuers[i].responder, &k))
			return rule_broken(e, RULE_KEY_AUTHORITY, "This is a "
			    "key of %s itself; make a new key.",
			    s->issuers[i].name);
	if (has_key(s->root, &k))
		return rule_broken(e, RULE_KEY_AUTHORITY, "This is the key of "
		    "the root; make a new key.");
	return 0;
}

int
sign_wish_check(struct signer *s, const struct sign_wish *w, int64_t now,
    struct sign_issuer **by, struct err *e)
{
	const struct profile *p = profile_find(w->profile);

	if (p == NULL)
		return err_set(e, ERR_REFUSED, "profile-unknown",
		    "there is no profile \"%s\"", w->profile);
	if (people_check(w, e) < 0 || digest_check(w, e) < 0 ||
	    dates_check(s, w, now, e) < 0)
		return -1;
	if (profile_check(p, w->subject_cn, w->names, w->n_names,
	    w->not_before, w->not_after, e) < 0)
		return -1;
	if (own_keys_check(s, w, e) < 0 ||
	    issuer_check(s, p, w, now, by, e) < 0)
		return -1;
	return sign_limits_check(&s->limits, now, e);
}
