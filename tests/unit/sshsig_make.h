/*
 * sshsig_make.h - SSH signatures made by hand (OpenSSH PROTOCOL.sshsig and
 * PROTOCOL.u2f), so that also those can be had that no ssh-keygen and no
 * device would make: ed25519 and ECDSA P-256, plain and FIDO.
 */
#ifndef TESTS_SSHSIG_MAKE_H
#define TESTS_SSHSIG_MAKE_H

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/x509/hash.h"

#define UP 1		/* touched */
#define UV 4		/* and the user checked */

static const char *
sshsig_type(EVP_PKEY *key, bool fido)
{
	if (EVP_PKEY_is_a(key, "ED25519"))
		return fido ? "sk-ssh-ed25519@openssh.com" : "ssh-ed25519";
	return fido ? "sk-ecdsa-sha2-nistp256@openssh.com" :
	    "ecdsa-sha2-nistp256";
}

static inline void
key_blob(struct buf *b, EVP_PKEY *key, bool fido)
{
	uint8_t raw[133];
	size_t n = sizeof raw;

	buf_put_str(b, sshsig_type(key, fido));
	if (EVP_PKEY_is_a(key, "ED25519")) {
		EVP_PKEY_get_raw_public_key(key, raw, &n);
	} else {
		buf_put_str(b, "nistp256");
		EVP_PKEY_get_octet_string_param(key, "pub", raw, sizeof raw,
		    &n);
	}
	buf_put_bytes(b, raw, n);
	if (fido)
		buf_put_str(b, "ssh:");
}

/* "TYPE BASE64"; caller frees. */
__attribute__((unused)) static char *
key_line(EVP_PKEY *key, bool fido)
{
	struct buf b = { 0 }, line = { 0 };
	char *text = NULL;

	key_blob(&b, key, fido);
	text = base64_encode(b.data, b.size);
	buf_printf(&line, "%s %s", sshsig_type(key, fido), text);
	free(text);
	buf_clear(&b);
	text = strndup((const char *)line.data, line.size);
	buf_clear(&line);
	return text;
}

static inline void
mpint_put(struct buf *b, const BIGNUM *n)
{
	uint8_t bytes[34] = { 0 };
	int size = BN_num_bytes(n);

	BN_bn2bin(n, bytes + 1);
	if ((bytes[1] & 0x80) != 0)
		buf_put_bytes(b, bytes, (size_t)size + 1);
	else
		buf_put_bytes(b, bytes + 1, (size_t)size);
}

/* The signature's own bytes, as the key type spells them. */
static inline void
signature_put(struct buf *out, EVP_PKEY *key, const struct buf *data)
{
	bool is_ed = EVP_PKEY_is_a(key, "ED25519");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[256];
	const uint8_t *p = signature;
	size_t n = sizeof signature;
	ECDSA_SIG *rs = NULL;
	struct buf two = { 0 };

	EVP_DigestSignInit(ctx, NULL, is_ed ? NULL : EVP_sha256(), NULL, key);
	EVP_DigestSign(ctx, signature, &n, data->data, data->size);
	if (is_ed) {
		buf_put_bytes(out, signature, n);
	} else {
		rs = d2i_ECDSA_SIG(NULL, &p, (long)n);
		mpint_put(&two, ECDSA_SIG_get0_r(rs));
		mpint_put(&two, ECDSA_SIG_get0_s(rs));
		buf_put_bytes(out, two.data, two.size);
		ECDSA_SIG_free(rs);
	}
	buf_clear(&two);
	EVP_MD_CTX_free(ctx);
}

static inline void
sshsig_armour(struct blob *out, const struct buf *b)
{
	struct buf text = { 0 };
	char *base64 = base64_encode(b->data, b->size);

	buf_printf(&text, "-----BEGIN SSH SIGNATURE-----\n%s\n-----END SSH SIGNATURE-----\n",
	    base64);
	blob_set(out, text.data, text.size);
	free(base64);
	buf_clear(&text);
}

/* flags < 0: a plain key. */
static inline void
sshsig_make(struct blob *out, EVP_PKEY *key, const char *space,
    const void *message, size_t size, int flags)
{
	struct buf data = { 0 }, b = { 0 }, blob = { 0 }, sig = { 0 };
	uint8_t hash[64], application[32];

	EVP_Digest(message, size, hash, NULL, EVP_sha512(), NULL);
	buf_put(&data, "SSHSIG", 6);
	buf_put_str(&data, space);
	buf_put_str(&data, "");
	buf_put_str(&data, "sha512");
	buf_put_bytes(&data, hash, sizeof hash);
	if (flags >= 0) {
		sha256(application, "ssh:", 4);
		sha256(hash, data.data, data.size);
		data.size = 0;
		buf_put(&data, application, 32);
		buf_put_u8(&data, (uint8_t)flags);
		buf_put_u32(&data, 77);
		buf_put(&data, hash, 32);
	}
	buf_put_str(&sig, sshsig_type(key, flags >= 0));
	signature_put(&sig, key, &data);
	if (flags >= 0) {
		buf_put_u8(&sig, (uint8_t)flags);
		buf_put_u32(&sig, 77);
	}
	key_blob(&blob, key, flags >= 0);
	buf_put(&b, "SSHSIG", 6);
	buf_put_u32(&b, 1);
	buf_put_bytes(&b, blob.data, blob.size);
	buf_put_str(&b, space);
	buf_put_str(&b, "");
	buf_put_str(&b, "sha512");
	buf_put_bytes(&b, sig.data, sig.size);
	sshsig_armour(out, &b);
	buf_clear(&data);
	buf_clear(&b);
	buf_clear(&blob);
	buf_clear(&sig);
}

/* The flags stand in the fifth byte from the end. */
__attribute__((unused)) static void
sshsig_flags_change(struct blob *armour, int flags)
{
	uint8_t bytes[1024];
	const char *begin = memchr(armour->data, '\n', armour->size);
	const char *end = memchr(begin + 1, '\n', armour->size);
	struct buf b = { 0 };
	int n = base64_decode(bytes, sizeof bytes, begin + 1,
	    (size_t)(end - begin - 1));

	buf_put(&b, bytes, (size_t)n);
	b.data[b.size - 5] = (uint8_t)flags;
	sshsig_armour(armour, &b);
	buf_clear(&b);
}

#endif
