/* certsign.c - the issuer's side of a signature: algorithm, names, keys. */
#include "core/x509/certsign.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/x509/rules.h"

void
key_id(uint8_t out[20], const struct der *bits)
{
	static EVP_MD *md;

	if (md == NULL)
		md = EVP_MD_fetch(NULL, "SHA1", NULL);
	if (md == NULL || EVP_Digest(bits->at, bits->left, out, NULL, md,
	    NULL) != 1)
		fatal("SHA-1 (for key identifiers) is not available");
}

static int
algorithm_choose(struct sign_frame *s, EVP_PKEY *key, struct err *e)
{
	s->signing = signing_of(key);
	if (s->signing == NULL)
		return rule_broken(e, RULE_CERT_FRAME,
		    "The issuer's key is neither RSA nor EC.");
	s->rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
	s->algorithm = (struct der){ s->signing->algorithm,
		s->signing->algorithm_size };
	return 0;
}

static bool
unix_time(const ASN1_TIME *t, int64_t *out)
{
	struct tm tm;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*out = (int64_t)timegm(&tm);
	return true;
}

static int
issuer_read(struct sign_frame *s, X509 *issuer, struct err *e)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(issuer);
	const unsigned char *name = NULL;
	size_t size = 0;

	if (X509_NAME_get0_der(X509_get_subject_name(issuer), &name,
	    &size) != 1 || size <= 2 ||
	    !unix_time(X509_get0_notBefore(issuer), &s->not_before) ||
	    !unix_time(X509_get0_notAfter(issuer), &s->not_after))
		return rule_broken(e, RULE_CERT_FRAME,
		    "The issuer's certificate has no subject or no dates.");
	s->issuer = (struct der){ name, size };
	if (id != NULL) {
		s->issuer_id.at = ASN1_STRING_get0_data(id);
		s->issuer_id.left = (size_t)ASN1_STRING_length(id);
	} else {
		const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(issuer);
		struct der d = { ASN1_STRING_get0_data(bits),
			(size_t)ASN1_STRING_length(bits) };

		key_id(s->issuer_id_bytes, &d);
		s->issuer_id = (struct der){ s->issuer_id_bytes, 20 };
	}
	return 0;
}

static bool
is_url(const char *url)
{
	size_t n = strlen(url);

	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (url[i] <= 0x20 || url[i] >= 0x7f)
			return false;
	return n > 8;
}

static int
serial_read(struct sign_frame *s, const char *hex, struct err *e)
{
	int n = hex_decode(s->serial, sizeof s->serial, hex);

	if (n != 17 || s->serial[0] == 0 || s->serial[0] > 0x7f)
		return rule_broken(e, RULE_CERT_SERIAL, "The serial \"%.42s\" "
		    "does not have 17 octets that begin with 01 to 7f.", hex);
	s->serial_size = (size_t)n;
	return 0;
}

int
cert_crl_url(const struct cert_frame *f, int64_t shard, char dst[512],
    struct err *e)
{
	size_t n = strlen(f->crl_url);
	int size;

	if (shard < 0 || shard > SHARDS_MAX)
		return rule_broken(e, RULE_CERT_FRAME, "There is no shard "
		    "%lld of a CRL; %d are the most.", (long long)shard,
		    SHARDS_MAX);
	if (shard == 0)
		return str_copy(dst, 512, f->crl_url) ? 0 : -1;
	size = n < 4 ? -1 : snprintf(dst, 512, "%.*s-%d.crl", (int)n - 4,
	    f->crl_url, (int)shard);
	return size > 0 && size < 512 ? 0 : rule_broken(e, RULE_CERT_FRAME,
	    "The address of the CRL is too long.");
}

int
sign_frame_init(struct sign_frame *s, const struct cert_frame *f,
    const struct sign_wish *w, struct err *e)
{
	memset(s, 0, sizeof *s);
	s->frame = f;
	s->policy.at = s->policy_oid;
	s->policy.left = oid_parse(f->policy_oid, s->policy_oid,
	    sizeof s->policy_oid);
	if (s->policy.left == 0)
		return rule_broken(e, RULE_CERT_FRAME, "policy.oid \"%s\" is "
		    "no object identifier.", f->policy_oid);
	if (!is_url(f->ocsp_url) || !is_url(f->issuer_url) ||
	    !is_url(f->crl_url) || (f->cps_url[0] != '\0' &&
	    !is_url(f->cps_url)))
		return rule_broken(e, RULE_CERT_FRAME, "An address for OCSP "
		    "(%.100s), chain, CRL or practice statement is no "
		    "http:// URL.", f->ocsp_url);
	if (f->issuer == NULL || f->key == NULL)
		return rule_broken(e, RULE_CERT_FRAME, "The issuer has no "
		    "certificate yet: xmpp-icactl import CERT.");
	if (cert_crl_url(f, w->shard, s->crl_url, e) != 0 ||
	    algorithm_choose(s, f->key, e) != 0 ||
	    issuer_read(s, f->issuer, e) != 0)
		return -1;
	return serial_read(s, w->serial, e);
}
