/* weak.c - keys whose private half is known to others, by hash. */
#include "core/x509/weak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "core/base/hash_list.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/x509/hash.h"
#include "core/x509/rules.h"

#define MODULUS_HASH HASH_OF_MODULUS
#define KEY_HASH HASH_OF_KEY

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

static void
hash_take(void *user, const uint8_t *hash, size_t size)
{
	(void)user;
	memcpy(hashes_add(size == KEY_HASH ? &keys : &moduli), hash, size);
}

int
weak_list_load(const char *path, struct err *e)
{
	size_t had_keys = keys.n, had_moduli = moduli.n;

	if (hash_list_read(path, hash_take, NULL, e) < 0) {
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
