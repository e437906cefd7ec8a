/* cert_read.c - one certificate out of a file's bytes, PEM or DER. */
#include "core/x509/ca.h"

#include <openssl/pem.h>

/* OpenSSL would ask the terminal for one when the PEM says it is encrypted */
#define NO_PASSPHRASE ((void *)"")

X509 *
ca_certificate_parse(const struct blob *b)
{
	BIO *in = BIO_new_mem_buf(b->data, (int)b->size);
	const uint8_t *p = b->data;
	X509 *x = NULL;

	if (b->size > 0 && b->data[0] == 0x30) {
		x = d2i_X509(NULL, &p, (long)b->size);
		if (x != NULL && p != b->data + b->size) {
			X509_free(x);
			x = NULL;
		}
	} else if (in != NULL) {
		x = PEM_read_bio_X509(in, NULL, NULL, NO_PASSPHRASE);
	}
	BIO_free(in);
	return x;
}
