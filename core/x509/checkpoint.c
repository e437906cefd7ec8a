/* checkpoint.c - signed notes and checkpoints of the log, made and read. */
#include "core/x509/checkpoint.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/x509/ed25519.h"
#include "core/x509/hash.h"

#define DASH "\xe2\x80\x94 "		/* em dash, space */
#define SIGNATURE 64

/* ---- names and verifier keys ---- */

int
note_name_check(const char *name, struct err *e)
{
	size_t n = strlen(name);

	if (n == 0 || n >= ORIGIN_SIZE || !utf8_valid(name, n))
		goto bad;
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)name[i] <= 0x20 || name[i] == 0x7f ||
		    name[i] == '+' || (uint8_t)name[i] >= 0x80)
			goto bad;
	return 0;
bad:
	return err_set(e, ERR_BAD_INPUT, "C2SP signed-note",
	    "the name of a log or witness has 1 to 255 plain characters, no space and no plus");
}

static void
id_make(struct vkey *v)
{
	struct buf b = { 0 };
	uint8_t hash[32];

	buf_put(&b, v->name, strlen(v->name));
	buf_put_u8(&b, '\n');
	buf_put_u8(&b, v->kind);
	buf_put(&b, v->key, 32);
	sha256(hash, b.data, b.size);
	memcpy(v->id, hash, 4);
	buf_clear(&b);
}

int
vkey_parse(const char *text, struct vkey *v, struct err *e)
{
	const char *plus = strchr(text, '+'), *second;
	uint8_t id[4], key[33];
	char hex[9] = "";
	size_t n;

	memset(v, 0, sizeof *v);
	if (plus == NULL || (second = strchr(plus + 1, '+')) == NULL ||
	    (size_t)(plus - text) >= sizeof v->name ||
	    second - plus - 1 != 8)
		goto bad;
	memcpy(v->name, text, (size_t)(plus - text));
	memcpy(hex, plus + 1, 8);
	n = strcspn(second + 1, "\r\n");
	if (note_name_check(v->name, e) < 0)
		return -1;
	if (second[1 + n + strspn(second + 1 + n, "\r\n")] != '\0' ||
	    hex_decode(id, 4, hex) != 4 || base64_decode(key, sizeof key,
	    second + 1, n) != 33 || (key[0] != NOTE_ED25519 &&
	    key[0] != NOTE_COSIGNATURE))
		goto bad;
	if (ed25519_key_check(key + 1, e) < 0)
		return -1;
	v->kind = key[0];
	memcpy(v->key, key + 1, 32);
	id_make(v);
	/* one spelling alone: eight lower-case digits */
	if (memcmp(v->id, id, 4) == 0 &&
	    strspn(hex, "0123456789abcdef") == 8)
		return 0;
bad:
	return err_set(e, ERR_BAD_INPUT, "C2SP signed-note",
	    "this is no Ed25519 verifier key: NAME+HASH+KEY");
}

void
vkey_text(const struct vkey *v, char dst[VKEY_SIZE])
{
	uint8_t key[33];
	char hex[9], *text;
	struct buf b = { 0 };

	key[0] = v->kind;
	memcpy(key + 1, v->key, 32);
	hex_encode(hex, v->id, 4);
	text = base64_encode(key, sizeof key);
	buf_printf(&b, "%s+%s+%s", v->name, hex, text);
	buf_put_u8(&b, 0);
	str_copy(dst, VKEY_SIZE, (const char *)b.data);
	buf_clear(&b);
	free(text);
}

int
vkey_of(EVP_PKEY *key, const char *name, struct vkey *v, struct err *e)
{
	size_t n = 32;

	memset(v, 0, sizeof *v);
	if (note_name_check(name, e) < 0)
		return -1;
	str_copy(v->name, sizeof v->name, name);
	v->kind = NOTE_ED25519;
	if (EVP_PKEY_get_raw_public_key(key, v->key, &n) != 1 || n != 32)
		return err_set(e, ERR_BROKEN, "log-key",
		    "the key of the log is no Ed25519 key");
	id_make(v);
	return 0;
}

/* ---- making ---- */

/* The text ("ORIGIN\nSIZE\nROOT\n") of a checkpoint. */
static void
checkpoint_body(struct buf *b, const char *origin, int64_t size,
    const struct merkle_hash *root)
{
	char *text = base64_encode(root->bytes, 32);

	buf_printf(b, "%s\n%lld\n%s\n", origin, (long long)size, text);
	free(text);
}

int
note_sign(struct buf *b, EVP_PKEY *key, const char *origin, struct err *e)
{
	uint8_t signature[4 + SIGNATURE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = SIGNATURE;
	struct vkey v;
	char *text;
	int r = -1;

	if (vkey_of(key, origin, &v, e) < 0)
		goto out;
	if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) !=
	    1 || EVP_DigestSign(ctx, signature + 4, &n, b->data, b->size) !=
	    1 || n != SIGNATURE) {
		err_set(e, ERR_BROKEN, "log-key",
		    "OpenSSL does not sign with the log's key");
		goto out;
	}
	memcpy(signature, v.id, 4);
	text = base64_encode(signature, sizeof signature);
	buf_printf(b, "\n" DASH "%s %s\n", origin, text);
	free(text);
	r = 0;
out:
	EVP_MD_CTX_free(ctx);
	return r;
}

int
checkpoint_sign(struct buf *b, EVP_PKEY *key, const char *origin,
    int64_t size, const struct merkle_hash *root, struct err *e)
{
	checkpoint_body(b, origin, size, root);
	return note_sign(b, key, origin, e);
}

/* ---- reading ---- */

/* The text of a note ends before the last empty line; 0: no note. */
static size_t
body_size(const uint8_t *note, size_t size)
{
	if (size < 3 || size > NOTE_MAX || note[size - 1] != '\n' ||
	    !utf8_valid(note, size))
		return 0;
	for (size_t i = 0; i < size; i++)
		if (note[i] < 0x20 && note[i] != '\n')
			return 0;
	for (size_t i = size - 1; i > 1; i--)
		if (note[i - 1] == '\n' && note[i - 2] == '\n')
			return i - 1;
	return 0;
}

static bool
line_take(const uint8_t **at, const uint8_t *end, char *dst, size_t size)
{
	const uint8_t *lf = memchr(*at, '\n', (size_t)(end - *at));
	size_t n;

	if (lf == NULL || (n = (size_t)(lf - *at)) == 0 || n >= size)
		return false;
	memcpy(dst, *at, n);
	dst[n] = '\0';
	*at = lf + 1;
	return true;
}

int
checkpoint_parse(const uint8_t *note, size_t size, struct checkpoint *c,
    struct err *e)
{
	const uint8_t *at = note, *end;
	char number[24], root[64];

	memset(c, 0, sizeof *c);
	c->body = body_size(note, size);
	end = note + c->body;
	if (c->body == 0 || !line_take(&at, end, c->origin,
	    sizeof c->origin) || !line_take(&at, end, number,
	    sizeof number) || !line_take(&at, end, root, sizeof root) ||
	    !number_parse(number, INT64_MAX, &c->size) ||
	    (number[0] == '0' && number[1] != '\0') ||
	    base64_decode(c->root.bytes, 32, root, strlen(root)) != 32)
		return err_set(e, ERR_BAD_INPUT, "C2SP tlog-checkpoint",
		    "this is no checkpoint: three lines (origin, size, root), an empty line, and signatures");
	return 0;
}

static bool
ed25519_good(const uint8_t key[32], const uint8_t *signature,
    const void *data, size_t size)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    key, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = k != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k) == 1 &&
	    EVP_DigestVerify(ctx, signature, SIGNATURE, data, size) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return good;
}

/* The bytes behind the key ID of one signature line are right? */
static bool
signature_good(const uint8_t *note, size_t body, const struct vkey *v,
    const uint8_t *bytes, size_t n, int64_t *at)
{
	struct buf b = { 0 };
	uint64_t t = 0;
	bool good;

	if (v->kind == NOTE_ED25519)
		return n == SIGNATURE &&
		    ed25519_good(v->key, bytes, note, body);
	if (n != 8 + SIGNATURE)
		return false;
	for (int i = 0; i < 8; i++)
		t = t << 8 | bytes[i];
	if (t > INT64_MAX)
		return false;
	buf_printf(&b, "cosignature/v1\ntime %llu\n", (unsigned long long)t);
	buf_put(&b, note, body);
	good = ed25519_good(v->key, bytes + 8, b.data, b.size);
	buf_clear(&b);
	if (good && at != NULL)
		*at = (int64_t)t;
	return good;
}

/* 1 by this key and right, 0 by another, -1 wrong. */
static int
line_verify(const uint8_t *note, size_t body, const uint8_t *line, size_t n,
    const struct vkey *v, int64_t *at)
{
	size_t name = strlen(v->name), dash = strlen(DASH);
	uint8_t bytes[4 + 8 + SIGNATURE + 8];
	int got;

	if (n <= dash + name + 1 || memcmp(line, DASH, dash) != 0 ||
	    memcmp(line + dash, v->name, name) != 0 ||
	    line[dash + name] != ' ')
		return 0;
	got = base64_decode(bytes, sizeof bytes, (const char *)line + dash +
	    name + 1, n - dash - name - 1);
	if (got < 4 || memcmp(bytes, v->id, 4) != 0)
		return 0;
	return signature_good(note, body, v, bytes + 4, (size_t)got - 4, at) ?
	    1 : -1;
}

int
note_verify(const uint8_t *note, size_t size, const struct vkey *v,
    struct blob *line, int64_t *at)
{
	size_t body = body_size(note, size);
	const uint8_t *p = note + body + 1, *end = note + size;

	if (body == 0)
		return -1;
	for (int i = 0; i < NOTE_LINES && p < end; i++) {
		const uint8_t *lf = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)(lf - p);
		int r = line_verify(note, body, p, n, v, at);

		if (r > 0 && line != NULL)
			blob_set(line, p, n + 1);
		if (r != 0)
			return r;
		p = lf + 1;
	}
	return 0;
}
