/* key_file.c - private keys of the authority: made, encrypted, read back. */
#include "core/x509/ca.h"

#include <string.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "core/base/file.h"
#include "core/base/log.h"

#define KEY_FILE_MAX (64u << 10)

/* RFC 7914: 16 MiB and some 50 ms for each guess. */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 1

static EVP_PKEY *
ec_key_new(const char *curve)
{
	EVP_PKEY *key = EVP_EC_gen(curve);

	if (key == NULL)
		fatal("OpenSSL makes no %s key", curve);
	return key;
}

EVP_PKEY *
ca_key_new(void)
{
	return ec_key_new("P-384");
}

EVP_PKEY *
ica_key_new(const char *word)
{
	if (strcmp(word, "P-384") == 0 || strcmp(word, "P-256") == 0)
		return ec_key_new(word);
	return strcmp(word, "RSA-3072") == 0 ? EVP_RSA_gen(3072) : NULL;
}

EVP_PKEY *
responder_key_new(void)
{
	return ec_key_new("P-256");
}

const EVP_MD *
key_digest(const EVP_PKEY *key)
{
	return EVP_PKEY_get_security_bits(key) >= 192 ? EVP_sha384() :
	    EVP_sha256();
}

/* The encrypted PKCS#8 structure; NULL when OpenSSL refuses. */
static X509_SIG *
key_encrypt(EVP_PKEY *key, const char *passphrase)
{
	PKCS8_PRIV_KEY_INFO *plain = NULL;
	X509_ALGOR *method = NULL;
	X509_SIG *sealed = NULL;

	plain = EVP_PKEY2PKCS8(key);
	method = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL,
	    SCRYPT_N, SCRYPT_R, SCRYPT_P);
	if (plain != NULL && method != NULL)
		sealed = PKCS8_set0_pbe(passphrase, (int)strlen(passphrase),
		    plain, method);
	if (sealed == NULL)
		X509_ALGOR_free(method);
	PKCS8_PRIV_KEY_INFO_free(plain);
	return sealed;
}

int
key_write(const char *path, EVP_PKEY *key, const char *passphrase,
    struct err *e)
{
	X509_SIG *sealed = NULL;
	BIO *out = BIO_new(BIO_s_mem());
	char *pem = NULL;
	long size;
	int r = -1;

	if (passphrase[0] == '\0') {
		err_set(e, ERR_BAD_INPUT, "key-passphrase",
		    "the passphrase for %s is empty: give one", path);
		goto out;
	}
	sealed = key_encrypt(key, passphrase);
	if (out == NULL || sealed == NULL ||
	    PEM_write_bio_PKCS8(out, sealed) != 1 ||
	    (size = BIO_get_mem_data(out, &pem)) <= 0) {
		err_set(e, ERR_BROKEN, "key-write",
		    "OpenSSL does not encrypt the key for %s", path);
		goto out;
	}
	r = file_replace(path, pem, (size_t)size, 0600, e);
out:
	BIO_free(out);
	X509_SIG_free(sealed);
	return r;
}

EVP_PKEY *
key_read(const char *path, const char *passphrase, struct err *e)
{
	struct blob pem = { 0 };
	X509_SIG *sealed = NULL;
	PKCS8_PRIV_KEY_INFO *plain = NULL;
	EVP_PKEY *key = NULL;
	BIO *in = NULL;

	if (file_read(path, KEY_FILE_MAX, &pem, e) < 0)
		return NULL;
	in = BIO_new_mem_buf(pem.data, (int)pem.size);
	if (in == NULL || (sealed = PEM_read_bio_PKCS8(in, NULL, NULL,
	    NULL)) == NULL) {
		err_set(e, ERR_BAD_INPUT, "key-file",
		    "%s holds no encrypted PKCS#8 key", path);
		goto out;
	}
	plain = PKCS8_decrypt(sealed, passphrase, (int)strlen(passphrase));
	if (plain != NULL)
		key = EVP_PKCS82PKEY(plain);
	if (key == NULL)
		err_set(e, ERR_REFUSED, "key-passphrase",
		    "the passphrase does not open %s", path);
out:
	PKCS8_PRIV_KEY_INFO_free(plain);
	X509_SIG_free(sealed);
	BIO_free(in);
	blob_clear(&pem);
	return key;
}
