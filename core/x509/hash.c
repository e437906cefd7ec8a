/* hash.c - SHA-256 without an allocation a hash, and random bytes. */
/* EVP of OpenSSL 3.0 frees and makes its state anew for each digest: a quarter
 * of the time of a short one.  The plain functions are the code below it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "core/x509/hash.h"

#include <string.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "core/base/log.h"

void
sha256(uint8_t out[32], const void *data, size_t size)
{
	SHA256_CTX c __attribute__((uninitialized));

	if (SHA256_Init(&c) != 1 || SHA256_Update(&c, data, size) != 1 ||
	    SHA256_Final(out, &c) != 1)
		fatal("SHA-256 is not available from libcrypto");
}

void
request_digest(uint8_t out[32], int64_t number, const char *account,
    const char *profile, const char *subject_cn, const struct name *names,
    size_t n_names, const uint8_t spki_sha256[32],
    const uint8_t csr_sha256[32])
{
	struct buf b = { 0 };

	request_canonical(&b, number, account, profile, subject_cn, names,
	    n_names, spki_sha256, csr_sha256);
	sha256(out, b.data, b.size);
	buf_clear(&b);
}

/* Small wishes are served from a pool, each byte of it once: libcrypto's own
 * way takes microseconds a call.  A forked child draws anew. */
void
random_bytes(void *out, size_t size)
{
	static uint8_t pool[512];
	static size_t left;
	static pid_t owner;

	if (size > sizeof pool / 8) {
		if (size > INT32_MAX || RAND_bytes(out, (int)size) != 1)
			fatal("no random bytes from libcrypto");
		return;
	}
	if (left < size || owner != getpid()) {
		if (RAND_bytes(pool, sizeof pool) != 1)
			fatal("no random bytes from libcrypto");
		left = sizeof pool;
		owner = getpid();
	}
	left -= size;
	memcpy(out, pool + left, size);
	OPENSSL_cleanse(pool + left, size);
}
