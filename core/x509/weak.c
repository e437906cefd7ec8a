/* weak.c - keys whose private half is known to others, by hash. */
#include "core/x509/weak.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/x509/hash.h"
#include "core/x509/rules.h"

#define MODULUS_HASH 10		/* octets that a line of Debian's lists has */
#define KEY_HASH 32
#define LINE_SIZE 512

static const struct {
	const char *hex, *where;
} published[] = {
#define PUBLISHED(hex, where) { hex, where },
#include "core/x509/published.def"
#undef PUBLISHED
};

/* A sorted array of hashes of one size. */
struct hashes {
	uint8_t *at;
	size_t n, room, size;
};

static struct hashes keys = { .size = KEY_HASH };
static struct hashes moduli = { .size = MODULUS_HASH };

static uint8_t *
hashes_add(struct hashes *h)
{
	if (h->n == h->room) {
		size_t room = h->room ? 2 * h->room : 1024;

		h->at = xrealloc_array(h->at, room, h->size);
		h->room = room;
	}
	return h->at + h->n++ * h->size;
}

static int
key_compare(const void *a, const void *b)
{
	return memcmp(a, b, KEY_HASH);
}

static int
modulus_compare(const void *a, const void *b)
{
	return memcmp(a, b, MODULUS_HASH);
}

void
weak_list_clear(void)
{
	free(keys.at);
	free(moduli.at);
	keys = (struct hashes){ .size = KEY_HASH };
	moduli = (struct hashes){ .size = MODULUS_HASH };
}

/* One line; false when it is none of the kinds. */
static bool
line_take(const char *line)
{
	size_t n = strspn(line, "0123456789abcdefABCDEF");
	char hex[2 * KEY_HASH + 1];
	struct hashes *h = NULL;

	line += n == 0 ? strspn(line, " \t\r\n") : 0;
	if (n == 0 && (*line == '\0' || *line == '#'))
		return true;
	if (n == 2 * KEY_HASH)
		h = &keys;
	else if (n == 2 * MODULUS_HASH)
		h = &moduli;
	if (h == NULL || strchr(" \t\r\n", line[n]) == NULL)
		return false;
	memcpy(hex, line, n);
	hex[n] = '\0';
	return hex_decode(hashes_add(h), h->size, hex) == (int)h->size;
}

static int
file_take(FILE *f, const char *path, struct err *e)
{
	char line[LINE_SIZE];
	size_t bytes = 0;

	for (unsigned n = 1; fgets(line, sizeof line, f) != NULL; n++) {
		bytes += strlen(line);
		if (strlen(line) == sizeof line - 1 || bytes > WEAK_LIST_MAX)
			return rule_broken(e, RULE_WEAK_LIST, "%s, line %u: "
			    "the line or the file is too long.", path, n);
		if (!line_take(line))
			return rule_broken(e, RULE_WEAK_LIST, "%s, line %u: "
			    "a line has 20 hex digits (openssl-blacklist) or "
			    "64 (SHA-256 of the SubjectPublicKeyInfo).", path,
			    n);
	}
	if (ferror(f))
		return rule_broken(e, RULE_WEAK_LIST, "%s cannot be read: %s.",
		    path, strerror(errno));
	return 0;
}

int
weak_list_load(const char *path, struct err *e)
{
	size_t had_keys = keys.n, had_moduli = moduli.n;
	FILE *f = fopen(path, "re");
	int r;

	if (f == NULL)
		return rule_broken(e, RULE_WEAK_LIST, "%s cannot be read: %s.",
		    path, strerror(errno));
	r = file_take(f, path, e);
	fclose(f);
	if (r < 0) {
		/* what was there before is sorted, and stays in front */
		keys.n = had_keys;
		moduli.n = had_moduli;
		return -1;
	}
	if (keys.n > 0)
		qsort(keys.at, keys.n, KEY_HASH, key_compare);
	if (moduli.n > 0)
		qsort(moduli.at, moduli.n, MODULUS_HASH, modulus_compare);
	return 0;
}

void
weak_count(struct weak_count *out)
{
	out->published = sizeof published / sizeof *published;
	out->keys = keys.n;
	out->moduli = moduli.n;
}

int
weak_published_check(const struct spki *k, struct err *e)
{
	uint8_t hash[KEY_HASH];
	char hex[2 * KEY_HASH + 1];

	sha256(hash, k->whole.at, k->whole.left);
	hex_encode(hex, hash, sizeof hash);
	for (size_t i = 0; i < sizeof published / sizeof *published; i++)
		if (strcmp(published[i].hex, hex) == 0)
			return rule_broken(e, RULE_KEY_PUBLISHED, "The "
			    "private half of this key is public (%s); make a "
			    "new key of your own.", published[i].where);
	return 0;
}

/* The hash that openssl-vulnkey took: of "Modulus=", upper-case hex without
 * leading zeros, and a line feed. */
static bool
modulus_hash(const struct spki *k, uint8_t out[MODULUS_HASH])
{
	size_t n = k->modulus.left, done = strlen("Modulus="), size = 0;
	char *text = xmalloc(done + 2 * n + 2);
	uint8_t hash[20];
	bool good;

	memcpy(text, "Modulus=", done);
	for (size_t i = 0; i < n; i++)
		done += (size_t)snprintf(text + done, 3, i == 0 ? "%X" :
		    "%02X", k->modulus.at[i]);
	text[done++] = '\n';
	good = EVP_Q_digest(NULL, "SHA1", NULL, text, done, hash, &size) == 1;
	free(text);
	memcpy(out, hash + sizeof hash - MODULUS_HASH, MODULUS_HASH);
	return good;
}

int
weak_listed_check(const struct spki *k, struct err *e)
{
	uint8_t hash[KEY_HASH];

	if (keys.n > 0) {
		sha256(hash, k->whole.at, k->whole.left);
		if (bsearch(hash, keys.at, keys.n, KEY_HASH,
		    key_compare) != NULL)
			return rule_broken(e, RULE_KEY_KNOWN, "The private "
			    "half of this key is known to others (it is on "
			    "the operator's list); make a new key.");
	}
	if (moduli.n == 0 || k->kind != SPKI_RSA)
		return 0;
	if (!modulus_hash(k, hash))
		return err_set(e, ERR_BROKEN, "libcrypto(7)",
		    "SHA-1 is missing, which the list of Debian's weak keys needs.");
	if (bsearch(hash, moduli.at, moduli.n, MODULUS_HASH,
	    modulus_compare) != NULL)
		return rule_broken(e, RULE_KEY_DEBIAN, "The key was made by "
		    "Debian's broken generator of 2006 to 2008 "
		    "(CVE-2008-0166), everybody can make it again; make a "
		    "new key.");
	return 0;
}
