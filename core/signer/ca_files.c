/* ca_files.c - the names of files and URLs, and certificates as files. */
#include "core/signer/signer.h"

#include <stdio.h>
#include <string.h>
#include <openssl/pem.h>

#include "core/base/file.h"
#include "core/base/log.h"

#define CERTIFICATE_MAX (64u << 10)

int
sign_path(const struct signer *s, char dst[CONF_PATH_SIZE],
    const char *before, const char *name, const char *behind)
{
	int n = snprintf(dst, CONF_PATH_SIZE, "%s/%s%s%s", s->folder, before,
	    name, behind);

	return n > 0 && n < CONF_PATH_SIZE ? 0 : -1;
}

void
sign_base_url(const struct conf *c, char dst[CONF_STR_SIZE])
{
	bool six = strchr(c->http_listen, ':') != NULL;
	size_t n;

	if (c->http_base_url[0] != '\0')
		snprintf(dst, CONF_STR_SIZE, "%s", c->http_base_url);
	else if (snprintf(dst, CONF_STR_SIZE, "http://%s%s%s:%lld",
	    six ? "[" : "", c->http_listen, six ? "]" : "",
	    (long long)c->http_port) >= CONF_STR_SIZE)
		fatal("[http] listen is too long");
	n = strlen(dst);
	while (n > 0 && dst[n - 1] == '/')
		dst[--n] = '\0';
}

int
ca_cert_write(const char *path, X509 *x, struct err *e)
{
	struct blob der = { 0 };
	struct buf pem = { 0 };
	int r;

	if (ca_cert_der(x, &der) < 0)
		return err_set(e, ERR_BROKEN, "ca-file",
		    "OpenSSL does not encode a certificate");
	cert_pem(&pem, der.data, der.size);
	r = file_replace(path, pem.data, pem.size, 0644, e);
	buf_clear(&pem);
	blob_clear(&der);
	return r;
}

X509 *
ca_cert_read(const char *path, struct err *e)
{
	struct blob pem = { 0 };
	X509 *x = NULL;
	BIO *in;

	if (file_read(path, CERTIFICATE_MAX, &pem, e) < 0)
		return NULL;
	in = BIO_new_mem_buf(pem.data, (int)pem.size);
	if (in != NULL)
		x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	BIO_free(in);
	blob_clear(&pem);
	if (x == NULL)
		err_set(e, ERR_BROKEN, "ca-file",
		    "%s holds no certificate: restore it from a backup", path);
	return x;
}

int
ca_cert_der(X509 *x, struct blob *der)
{
	unsigned char *p = NULL;
	int n = i2d_X509(x, &p);

	if (n <= 0)
		return -1;
	blob_set(der, p, (size_t)n);
	OPENSSL_free(p);
	return 0;
}
