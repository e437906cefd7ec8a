/*
 * csr_make.h - certificate requests for tests, good and hostile, built as
 * DER from short words; signed by real keys unless told otherwise.
 */
#ifndef TESTS_CSR_MAKE_H
#define TESTS_CSR_MAKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/base/text.h"
#include "core/x509/tlv.h"

struct csr_plan {
	const char *subject;	/* lines: CN=, O=, ...; %XX escapes; a type in
				 * front, as in BMP:CN=; NULL empty */
	const char *san;	/* lines: DNS:, SRV:, XMPP:, ...; NULL none */
	const char *extra;	/* words: see extra_put() */
	EVP_PKEY *key;
	const char *md;		/* NULL SHA256 */
	const uint8_t *spki;	/* another key than the signer's */
	size_t spki_size;
	const char *algorithm;	/* "ecdsa-sha1", ...: another than is true */
	int version;
	bool bad_signature;
	bool no_attributes;
};

static inline EVP_PKEY *
key_p256(void)
{
	static EVP_PKEY *key;

	return key ? key : (key = EVP_EC_gen("P-256"));
}

static inline EVP_PKEY *
key_rsa(void)
{
	static EVP_PKEY *key;

	return key ? key : (key = EVP_RSA_gen(2048));
}

/* %XX to bytes. */
static inline size_t
unescape(const char *in, size_t n, uint8_t *out)
{
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		char hex[3] = "";

		if (in[i] == '%' && i + 2 < n) {
			memcpy(hex, in + i + 1, 2);
			if (hex_decode(out + done, 1, hex) == 1) {
				done++;
				i += 2;
				continue;
			}
		}
		out[done++] = (uint8_t)in[i];
	}
	return done;
}

static inline const char *
prefix_skip(const char *at, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(at, prefix, n) == 0 ? at + n : NULL;
}

static inline void
subject_line(struct buf *b, const char *line, size_t n)
{
	static const struct { const char *word; uint8_t tag; } types[] = {
		{ "BMP:", 0x1e }, { "T61:", 0x14 }, { "IA5:", 0x16 },
		{ "PRINT:", 0x13 }, { "INT:", 0x02 },
	};
	static const struct { const char *word, *oid; } parts[] = {
		{ "CN=", "2.5.4.3" }, { "O=", "2.5.4.10" },
		{ "C=", "2.5.4.6" }, { "OU=", "2.5.4.11" },
		{ "mail=", "1.2.840.113549.1.9.1" },
		{ "odd=", "1.3.6.1.4.1.99999.77.1" },
	};
	const char *end = line + n, *rest;
	uint8_t tag = 0x0c, oid[32], value[1024];
	size_t set, pair, oid_size = 0;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if ((rest = prefix_skip(line, types[i].word)) != NULL) {
			tag = types[i].tag;
			line = rest;
		}
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if ((rest = prefix_skip(line, parts[i].word)) != NULL) {
			oid_size = oid_parse(parts[i].oid, oid, sizeof oid);
			line = rest;
			break;
		}
	set = tlv_open(b, 0x31);
	pair = tlv_open(b, 0x30);
	der_put(b, DER_OID, oid, oid_size);
	der_put(b, tag, value, unescape(line, (size_t)(end - line), value));
	tlv_close(b, pair);
	tlv_close(b, set);
}

static inline void
other_put(struct buf *b, const char *oid_words, uint8_t tag,
    const uint8_t *value, size_t n)
{
	size_t other = tlv_open(b, 0xa0), wrap;
	uint8_t oid[32];

	der_put(b, DER_OID, oid, oid_parse(oid_words, oid, sizeof oid));
	wrap = tlv_open(b, 0xa0);
	der_put(b, tag, value, n);
	tlv_close(b, wrap);
	tlv_close(b, other);
}

static inline void
san_line(struct buf *b, const char *line, size_t n)
{
	static const struct { const char *word; uint8_t tag; } plain[] = {
		{ "DNS:", 0x82 }, { "MAIL:", 0x81 }, { "URI:", 0x86 },
		{ "IP:", 0x87 }, { "DIR:", 0xa4 }, { "RID:", 0x88 },
	};
	static const struct { const char *word, *oid; uint8_t tag; } other[] = {
		{ "SRV:", "1.3.6.1.5.5.7.8.7", 0x16 },
		{ "SRVU:", "1.3.6.1.5.5.7.8.7", 0x0c },
		{ "SRVB:", "1.3.6.1.5.5.7.8.7", 0x1e },
		{ "XMPP:", "1.3.6.1.5.5.7.8.5", 0x0c },
		{ "XMPPI:", "1.3.6.1.5.5.7.8.5", 0x16 },
		{ "XMPPB:", "1.3.6.1.5.5.7.8.5", 0x1e },
		{ "XMPPP:", "1.3.6.1.5.5.7.8.5", 0x13 },
		{ "XMPPT:", "1.3.6.1.5.5.7.8.5", 0x14 },
		{ "UPN:", "1.3.6.1.4.1.311.20.2.3", 0x0c },
	};
	uint8_t value[1024];
	const char *end = line + n, *rest;

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if ((rest = prefix_skip(line, plain[i].word)) != NULL)
			der_put(b, plain[i].tag, value, unescape(rest,
			    (size_t)(end - rest), value));
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		if ((rest = prefix_skip(line, other[i].word)) != NULL)
			other_put(b, other[i].oid, other[i].tag, value,
			    unescape(rest, (size_t)(end - rest), value));
	if (prefix_skip(line, "RAW:") != NULL) {
		uint8_t raw[1024];
		size_t size = unescape(line + 4, n - 4, raw);

		buf_put(b, raw, size);
	}
}

static inline void
lines_put(struct buf *b, const char *lines,
    void (*put)(struct buf *, const char *, size_t))
{
	for (const char *at = lines; at != NULL && *at != '\0'; ) {
		size_t n = strcspn(at, "\n");

		put(b, at, n);
		at += n + (at[n] == '\n');
	}
}

static inline void
ext_put(struct buf *b, const char *oid_words, int critical,
    const void *value, size_t n)
{
	uint8_t oid[64];
	size_t mark = tlv_open(b, 0x30);

	der_put(b, DER_OID, oid, oid_parse(oid_words, oid, sizeof oid));
	if (critical >= 0)
		der_put(b, 1, critical ? "\xff" : "\0", 1);
	der_put(b, DER_OCTETS, value, n);
	tlv_close(b, mark);
}

/* Each word in `extra` that begins "x-" adds an extension. */
static inline void
extensions_put(struct buf *b, const char *extra)
{
	static const struct {
		const char *word, *oid;
		int critical;
		const char *value;
		size_t n;
	} table[] = {
		{ "x-ca ", "2.5.29.19", 1, "\x30\x03\x01\x01\xff", 5 },
		{ "x-noca ", "2.5.29.19", 1, "\x30\x00", 2 },
		{ "x-casick ", "2.5.29.19", 1, "\x30\x05\x01", 3 },
		{ "x-ku ", "2.5.29.15", 1, "\x03\x02\x05\xa0", 4 },
		{ "x-kusign ", "2.5.29.15", 1, "\x03\x02\x02\x04", 4 },
		{ "x-kucrl ", "2.5.29.15", 1, "\x03\x02\x01\x02", 4 },
		{ "x-eku ", "2.5.29.37", -1, "\x30\x14\x06\x08\x2b\x06\x01\x05"
		    "\x05\x07\x03\x01\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02",
		    22 },
		{ "x-ekuserver ", "2.5.29.37", -1, "\x30\x0a\x06\x08\x2b\x06"
		    "\x01\x05\x05\x07\x03\x01", 12 },
		{ "x-ekuocsp ", "2.5.29.37", -1, "\x30\x0a\x06\x08\x2b\x06"
		    "\x01\x05\x05\x07\x03\x09", 12 },
		{ "x-ekucode ", "2.5.29.37", -1, "\x30\x0a\x06\x08\x2b\x06"
		    "\x01\x05\x05\x07\x03\x03", 12 },
		{ "x-ekutime ", "2.5.29.37", -1, "\x30\x0a\x06\x08\x2b\x06"
		    "\x01\x05\x05\x07\x03\x08", 12 },
		{ "x-ekuany ", "2.5.29.37", -1, "\x30\x06\x06\x04\x55\x1d"
		    "\x25\x00", 8 },
		{ "x-ekumail ", "2.5.29.37", -1, "\x30\x0a\x06\x08\x2b\x06"
		    "\x01\x05\x05\x07\x03\x04", 12 },
		{ "x-staple ", "1.3.6.1.5.5.7.1.24", -1, "\x30\x03\x02\x01"
		    "\x05", 5 },
		{ "x-policy ", "2.5.29.32", -1, "\x30\x00", 2 },
		{ "x-odd ", "1.3.6.1.4.1.99999.5", -1, "\x05\x00", 2 },
		{ "x-oddfalse ", "1.3.6.1.4.1.99999.5", 0, "\x05\x00", 2 },
		{ "x-oddcritical ", "1.3.6.1.4.1.99999.5", 1, "\x05\x00", 2 },
		{ "x-emptysan ", "2.5.29.17", -1, "\x30\x00", 2 },
		{ "x-sicksan ", "2.5.29.17", -1, "\x30\x05\x82\x01", 4 },
	};

	for (const char *at = extra; at != NULL && *at != '\0'; ) {
		for (size_t i = 0; i < sizeof table / sizeof *table; i++)
			if (prefix_skip(at, table[i].word) != NULL)
				ext_put(b, table[i].oid, table[i].critical,
				    table[i].value, table[i].n);
		if (prefix_skip(at, "x-many ") != NULL)
			for (int i = 0; i < 40; i++) {
				char oid[64];

				snprintf(oid, sizeof oid,
				    "1.3.6.1.4.1.99999.6.%d", i);
				ext_put(b, oid, -1, "\x05\x00", 2);
			}
		at += strcspn(at, " ");
		at += *at == ' ';
	}
}

static inline void
attribute_put(struct buf *b, const char *oid_words, const struct buf *value,
    int times)
{
	uint8_t oid[64];
	size_t mark = tlv_open(b, 0x30), set;

	der_put(b, DER_OID, oid, oid_parse(oid_words, oid, sizeof oid));
	set = tlv_open(b, 0x31);
	for (int i = 0; i < times; i++)
		buf_put(b, value->data, value->size);
	tlv_close(b, set);
	tlv_close(b, mark);
}

static inline bool
has_word(const char *words, const char *word)
{
	return words != NULL && strstr(words, word) != NULL;
}

static inline void
attributes_put(struct buf *b, const struct csr_plan *p)
{
	struct buf list = { 0 }, value = { 0 };
	size_t mark = tlv_open(&list, 0x30);

	if (p->san != NULL) {
		struct buf san = { 0 };
		size_t names = tlv_open(&san, 0x30);

		lines_put(&san, p->san, san_line);
		tlv_close(&san, names);
		ext_put(&list, "2.5.29.17", -1, san.data, san.size);
		if (has_word(p->extra, "twosans "))
			ext_put(&list, "2.5.29.17", -1, san.data, san.size);
		buf_clear(&san);
	}
	extensions_put(&list, p->extra);
	tlv_close(&list, mark);
	if (list.size > 2)
		attribute_put(b, "1.2.840.113549.1.9.14", &list,
		    has_word(p->extra, "twovalues ") ? 2 : 1);
	if (has_word(p->extra, "tworequests "))
		attribute_put(b, "1.2.840.113549.1.9.14", &list, 1);
	if (has_word(p->extra, "microsoft "))
		attribute_put(b, "1.3.6.1.4.1.311.2.1.14", &list, 1);
	der_put(&value, 0x0c, "secret", 6);
	if (has_word(p->extra, "password "))
		attribute_put(b, "1.2.840.113549.1.9.7", &value, 1);
	if (has_word(p->extra, "twopasswords "))
		for (int i = 0; i < 2; i++)
			attribute_put(b, "1.2.840.113549.1.9.7", &value, 1);
	if (has_word(p->extra, "manyattributes "))
		for (int i = 0; i < 40; i++) {
			char oid[64];

			snprintf(oid, sizeof oid, "1.3.6.1.4.1.99999.7.%d", i);
			attribute_put(b, oid, &value, 1);
		}
	buf_clear(&list);
	buf_clear(&value);
}

static inline void
algorithm_put(struct buf *b, const struct csr_plan *p)
{
	static const struct { const char *word, *oid; bool null; } table[] = {
		{ "ecdsa-sha256", "1.2.840.10045.4.3.2", false },
		{ "ecdsa-sha384", "1.2.840.10045.4.3.3", false },
		{ "ecdsa-sha512", "1.2.840.10045.4.3.4", false },
		{ "ecdsa-sha224", "1.2.840.10045.4.3.1", false },
		{ "ecdsa-sha1", "1.2.840.10045.4.1", false },
		{ "rsa-sha256", "1.2.840.113549.1.1.11", true },
		{ "rsa-sha512", "1.2.840.113549.1.1.13", true },
		{ "rsa-sha1", "1.2.840.113549.1.1.5", true },
		{ "rsa-md5", "1.2.840.113549.1.1.4", true },
		{ "rsa-pss", "1.2.840.113549.1.1.10", false },
		{ "ed25519", "1.3.101.112", false },
	};
	const char *want = p->algorithm;
	uint8_t oid[32];
	size_t mark = tlv_open(b, 0x30);

	if (want == NULL)
		want = EVP_PKEY_get_base_id(p->key) == EVP_PKEY_RSA
		    ? "rsa-sha256" : EVP_PKEY_get_base_id(p->key) ==
		    EVP_PKEY_ED25519 ? "ed25519" : "ecdsa-sha256";
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(want, table[i].word) == 0) {
			der_put(b, DER_OID, oid, oid_parse(table[i].oid, oid,
			    sizeof oid));
			if (table[i].null)
				der_put(b, 5, "", 0);
		}
	tlv_close(b, mark);
}

/* The DER of a request; the caller clears it. */
static inline struct buf
csr_make(const struct csr_plan *plan)
{
	struct csr_plan p = *plan;
	struct buf b = { 0 }, info = { 0 };
	size_t mark, part, size = 2048;
	uint8_t signature[2049] = { 0 }, *spki = NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int n;

	if (p.key == NULL)
		p.key = key_p256();
	mark = tlv_open(&info, 0x30);
	der_put_number(&info, (uint64_t)p.version);
	part = tlv_open(&info, 0x30);
	lines_put(&info, p.subject, subject_line);
	tlv_close(&info, part);
	n = i2d_PUBKEY(p.key, &spki);
	if (p.spki != NULL)
		buf_put(&info, p.spki, p.spki_size);
	else
		buf_put(&info, spki, (size_t)n);
	if (!p.no_attributes) {
		part = tlv_open(&info, 0xa0);
		attributes_put(&info, &p);
		tlv_close(&info, part);
	}
	tlv_close(&info, mark);

	if (EVP_DigestSignInit_ex(ctx, NULL, EVP_PKEY_get_base_id(p.key) ==
	    EVP_PKEY_ED25519 ? NULL : p.md ? p.md : "SHA256", NULL, NULL,
	    p.key, NULL) != 1 || EVP_DigestSign(ctx, signature + 1, &size,
	    info.data, info.size) != 1)
		abort();
	if (p.bad_signature)
		signature[size / 2] ^= 1;
	mark = tlv_open(&b, 0x30);
	buf_put(&b, info.data, info.size);
	algorithm_put(&b, &p);
	der_put(&b, DER_BIT_STRING, signature, size + 1);
	tlv_close(&b, mark);
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(spki);
	buf_clear(&info);
	return b;
}

/* PEM with this label and line end; NUL behind it, not counted. */
static inline struct buf
pem_make(const struct buf *der, const char *label, const char *eol,
    const char *indent)
{
	struct buf b = { 0 };
	char *text = base64_encode(der->data, der->size);
	size_t n = strlen(text);

	buf_printf(&b, "%s-----BEGIN %s-----%s", indent, label, eol);
	for (size_t i = 0; i < n; i += 64)
		buf_printf(&b, "%s%.64s%s", indent, text + i, eol);
	buf_printf(&b, "%s-----END %s-----%s", indent, label, eol);
	free(text);
	buf_put_u8(&b, 0);
	b.size--;
	return b;
}

#endif
