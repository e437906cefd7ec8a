/* sshsig.c - SSH signatures: the armour, the parts, the namespace. */
#include "core/x509/sshsig.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/x509/sshsig_key.h"

#define BEGIN "-----BEGIN SSH SIGNATURE-----"
#define END "-----END SSH SIGNATURE-----"
#define MAGIC "SSHSIG"

static int
form_error(struct err *e, const char *why)
{
	return err_set(e, ERR_BAD_INPUT, "sshsig-form",
	    "this is no SSH signature (%s): make it with `ssh-keygen -Y sign`",
	    why);
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What stands between the two lines of the armour, as bytes. */
static int
armour_open(const uint8_t *data, size_t size, uint8_t *dst, size_t *n,
    struct err *e)
{
	const uint8_t *begin, *end, *at;
	char *text;
	size_t used = 0;
	int got;

	if (size == 0)
		return form_error(e, "it is empty");
	begin = memmem(data, size, BEGIN, strlen(BEGIN));
	end = memmem(data, size, END, strlen(END));
	if (begin == NULL || end == NULL || end < begin)
		return form_error(e, "there is no armour");
	for (at = data; at < begin; at++)
		if (!is_space(*at))
			return form_error(e, "text stands before it");
	for (at = end + strlen(END); at < data + size; at++)
		if (!is_space(*at))
			return form_error(e, "text stands behind it");
	text = xmalloc(size + 1);
	for (at = begin + strlen(BEGIN); at < end; at++)
		if (!is_space(*at))
			text[used++] = (char)*at;
	got = base64_decode(dst, SSHSIG_MAX, text, used);
	free(text);
	if (got <= 0)
		return form_error(e, "its base64 is damaged");
	*n = (size_t)got;
	return 0;
}

static bool
bytes_take(struct reader *r, uint8_t *dst, size_t room, size_t *n)
{
	const uint8_t *p = reader_bytes(r, room, n);

	if (p == NULL && *n > 0)
		return false;
	if (r->bad)
		return false;
	if (*n > 0)
		memcpy(dst, p, *n);
	return true;
}

int
sshsig_parse(const uint8_t *data, size_t size, struct sshsig *s,
    struct err *e)
{
	uint8_t raw[SSHSIG_MAX], reserved[256];
	size_t n = 0, n_reserved = 0;
	struct reader r;

	memset(s, 0, sizeof *s);
	if (size > SSHSIG_MAX)
		return form_error(e, "it is too long");
	if (armour_open(data, size, raw, &n, e) < 0)
		return -1;
	if (n < 6 || memcmp(raw, MAGIC, 6) != 0)
		return form_error(e, "its bytes are another thing");
	reader_init(&r, raw + 6, n - 6);
	if (reader_u32(&r) != 1)
		return form_error(e, "its version is not 1");
	if (!bytes_take(&r, s->key, sizeof s->key, &s->key_size))
		return form_error(e, "its key is too long or cut short");
	reader_str(&r, s->space, sizeof s->space);
	if (!bytes_take(&r, reserved, sizeof reserved, &n_reserved))
		return form_error(e, "it is cut short");
	reader_str(&r, s->hash, sizeof s->hash);
	if (!bytes_take(&r, s->signature, sizeof s->signature,
	    &s->signature_size) || !reader_end(&r))
		return form_error(e, "it is cut short or too long");
	/* "ignored if present": we have no use for it, so it is empty */
	if (n_reserved != 0)
		return form_error(e, "its reserved field is in use");
	return 0;
}

/* What the key has signed: MAGIC, namespace, reserved, algorithm, H(message). */
static int
signed_data(struct buf *b, const struct sshsig *s, const void *message,
    size_t size, struct err *e)
{
	const EVP_MD *md = strcmp(s->hash, "sha512") == 0 ? EVP_sha512() :
	    strcmp(s->hash, "sha256") == 0 ? EVP_sha256() : NULL;
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (md == NULL)
		return err_set(e, ERR_REFUSED, "sshsig-form",
		    "an SSH signature hashes with sha256 or sha512");
	if (EVP_Digest(message, size, hash, &n, md, NULL) != 1)
		return err_set(e, ERR_BROKEN, "sshsig-form",
		    "libcrypto does not hash");
	buf_put(b, MAGIC, 6);
	buf_put_str(b, s->space);
	buf_put_str(b, "");
	buf_put_str(b, s->hash);
	buf_put_bytes(b, hash, n);
	return 0;
}

int
sshsig_verify(const struct sshsig *s, const char *space, const void *message,
    size_t size, bool verified, struct err *e)
{
	struct buf b = { 0 };
	int r = -1;

	if (strcmp(s->space, space) != 0) {
		char shown[200];

		render_untrusted(shown, sizeof shown, s->space,
		    strlen(s->space));
		return err_set(e, ERR_REFUSED, "sshsig-namespace",
		    "this signature is for \"%s\", not for %s: sign with `ssh-keygen -Y sign -n %s`",
		    shown, space, space);
	}
	if (signed_data(&b, s, message, size, e) == 0)
		r = sshsig_key_verify(s, b.data, b.size, verified, e);
	buf_clear(&b);
	return r;
}

int
sshsig_key_line(const char *line, uint8_t key[SSHSIG_KEY_MAX], size_t *size,
    struct err *e)
{
	const char *space = strchr(line, ' ');
	char type[64];
	struct reader r;
	int n = -1;

	if (space != NULL)
		n = base64_decode(key, SSHSIG_KEY_MAX, space + 1,
		    strcspn(space + 1, " \t\r\n"));
	if (n <= 0)
		return err_set(e, ERR_BAD_INPUT, "sshsig-key",
		    "this is no public key line: TYPE BASE64 [COMMENT]");
	*size = (size_t)n;
	reader_init(&r, key, *size);
	reader_str(&r, type, sizeof type);
	if (r.bad || strlen(type) != (size_t)(space - line) ||
	    memcmp(type, line, strlen(type)) != 0)
		return err_set(e, ERR_BAD_INPUT, "sshsig-key",
		    "the two halves of this public key line name different types; give the line of KEY.pub as ssh-keygen wrote it");
	return sshsig_key_check(key, *size, e);
}
