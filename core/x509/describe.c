/* describe.c - a certificate of ours for people: fields, PEM and text. */
#include "core/x509/cert.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>

#include "core/base/text.h"
#include "core/x509/hash.h"
#include "core/x509/leaf.h"

#define PEM_LINE 64		/* base64 characters */

void
cert_fingerprint(char out[96], const uint8_t *der, size_t size)
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t hash[32];

	sha256(hash, der, size);
	for (size_t i = 0; i < sizeof hash; i++) {
		out[3 * i] = digits[hash[i] >> 4];
		out[3 * i + 1] = digits[hash[i] & 15];
		out[3 * i + 2] = ':';
	}
	out[3 * sizeof hash - 1] = '\0';
}

int
cert_describe(const uint8_t *der, size_t size, struct certificate *out,
    struct err *e)
{
	struct leaf l;
	char serial[42];

	if (leaf_read(der, size, &l, e) != 0 ||
	    leaf_subject(&l, out->subject_cn, serial, e) != 0)
		return -1;
	if (l.serial.left > 20)
		return err_set(e, ERR_BAD_INPUT, "RFC 5280 4.1.2.2",
		    "The serial has more than 20 octets.");
	free(out->names);
	out->names = NULL;
	out->n_names = 0;
	if (leaf_names(&l, &out->names, &out->n_names, e) != 0)
		return -1;
	hex_encode(out->serial, l.serial.at, l.serial.left);
	out->not_before = l.not_before;
	out->not_after = l.not_after;
	cert_fingerprint(out->fingerprint, der, size);
	spki_words(l.spki.at, l.spki.left, out->key);
	return 0;
}

void
cert_pem(struct buf *b, const uint8_t *der, size_t size)
{
	char *text = base64_encode(der, size);
	size_t left = strlen(text), n;

	buf_printf(b, "-----BEGIN CERTIFICATE-----\n");
	for (const char *at = text; left > 0; at += n, left -= n) {
		n = left < PEM_LINE ? left : PEM_LINE;
		buf_put(b, at, n);
		buf_put(b, "\n", 1);
	}
	buf_printf(b, "-----END CERTIFICATE-----\n");
	free(text);
}

void
cert_text(struct buf *b, const uint8_t *der, size_t size)
{
	X509 *x = size <= LONG_MAX ? d2i_X509(NULL, &der, (long)size) : NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	char *raw = NULL, *safe;
	long n;

	if (x == NULL || bio == NULL || X509_print_ex(bio, x,
	    XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB, 0) != 1) {
		buf_printf(b, "(this certificate cannot be shown)\n");
	} else {
		n = BIO_get_mem_data(bio, &raw);
		safe = xmalloc((size_t)n * 12 + 1);
		buf_put(b, safe, render_untrusted_lines(safe,
		    (size_t)n * 12 + 1, raw, (size_t)n));
		free(safe);
	}
	BIO_free(bio);
	X509_free(x);
}
