/*
 * verify-log.c - checks what an xmpp-ica authority says about its log, without
 * the authority: proofs, two heads against each other, a whole copy.  It needs
 * libcrypto and nothing of ours:  cc -O2 -o verify-log verify-log.c -lcrypto
 *
 * Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles,
 * tlog-proof; hashes as in RFC 6962 section 2.1.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <openssl/evp.h>

#define FILE_MAX (4u << 20)
#define NAME_SIZE 256
#define KEYS_MAX 33
#define PROOF_MAX 64
#define LINES_MAX 64
#define TILE 256
#define DASH "\xe2\x80\x94 "

struct hash {
	uint8_t b[32];
};

struct key {
	char name[NAME_SIZE];
	uint8_t id[4], kind, key[32];
};

struct head {
	char origin[NAME_SIZE];
	int64_t size;
	struct hash root;
	size_t body;
};

struct bytes {
	uint8_t *p;
	size_t n;
};

static struct key keys[KEYS_MAX];	/* the first is the log's */
static int n_keys = 1, quorum;
static bool has_key;

static void __attribute__((format(printf, 2, 3), noreturn))
die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("verify-log: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(status);
}

/* ---- files and small forms ---- */

/* A missing file: p is NULL. */
static struct bytes
file_try(const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	struct bytes b = { NULL, 0 };

	if (f == NULL)
		return b;
	if ((b.p = malloc(FILE_MAX + 1)) == NULL)
		die(2, "no memory");
	b.n = fread(b.p, 1, FILE_MAX + 1, f);
	if (ferror(f) || b.n > FILE_MAX)
		die(2, "%s: cannot be read, or is too large", path);
	b.p[b.n] = '\0';
	if (f != stdin)
		fclose(f);
	return b;
}

static struct bytes
file_read(const char *path)
{
	struct bytes b = file_try(path);

	if (b.p == NULL)
		die(2, "%s: %s", path, strerror(errno));
	return b;
}

/* Strict base64; the number of bytes, or -1. */
static int
base64(uint8_t *dst, size_t size, const char *s, size_t n)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
	    "qrstuvwxyz0123456789+/";
	uint32_t acc = 0;
	size_t out = 0, pad = 0;

	if (n == 0 || n % 4 != 0)
		return -1;
	if (s[n - 1] == '=')
		pad = s[n - 2] == '=' ? 2 : 1;
	for (size_t i = 0; i < n; i++) {
		const char *at = i >= n - pad ? set :
		    s[i] == '\0' ? NULL : strchr(set, s[i]);

		if (at == NULL)
			return -1;
		acc = acc << 6 | (uint32_t)(at - set);
		if (i % 4 != 3)
			continue;
		for (int k = 0; k < 3; k++)
			if (i < n - 1 || k < 3 - (int)pad) {
				if (out == size)
					return -1;
				dst[out++] = (uint8_t)(acc >> (16 - 8 * k));
			} else if ((acc >> (16 - 8 * k) & 0xff) != 0) {
				return -1;
			}
		acc = 0;
	}
	return (int)out;
}

/* Decimal without sign or leading zero. */
static bool
number(const char *s, size_t n, int64_t *out)
{
	*out = 0;
	if (n == 0 || n > 18 || (s[0] == '0' && n > 1))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*out = *out * 10 + (s[i] - '0');
	}
	return true;
}

static void
sha256(struct hash *out, const void *data, size_t n)
{
	if (EVP_Digest(data, n, out->b, NULL, EVP_sha256(), NULL) != 1)
		die(2, "libcrypto has no SHA-256");
}

/* Foreign text on a terminal. */
static void
show(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] == '\n')
			fputs("\n    ", stdout);
		else if (p[i] < 0x20 || p[i] >= 0x7f)
			printf("\\x%02x", p[i]);
		else
			putchar(p[i]);
}

/* ---- keys and signed notes ---- */

/*
 * With the eight points of small order anybody's signature is good, and so it
 * may be with one that is spelled in another way (RFC 8032, 5.1.3).  What is
 * no point at all, libcrypto refuses itself.
 */
static bool
key_weak(const uint8_t key[32])
{
	static const char *const small[] = {
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "0100000000000000000000000000000000000000000000000000000000000000",
	    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f" };
	bool ones = (key[31] & 0x7f) == 0x7f && key[0] >= 0xed;
	char y[65];

	for (int i = 0; i < 32; i++) {
		snprintf(y + 2 * i, 3, "%02x", i < 31 ? key[i] :
		    key[i] & 0x7f);
		if (i > 0 && i < 31 && key[i] != 0xff)
			ones = false;
	}
	for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
		if (strcmp(y, small[i]) == 0)
			return true;
	return ones;		/* y >= 2^255 - 19 */
}

static void
key_parse(struct key *k, const char *word)
{
	struct bytes b = strchr(word, '+') != NULL ? (struct bytes){ 0 } :
	    file_read(word);
	const char *s = b.p != NULL ? (char *)b.p : word;
	const char *plus = strchr(s, '+'), *second = plus != NULL ?
	    strchr(plus + 1, '+') : NULL;
	uint8_t raw[33], text[NAME_SIZE + 40];
	struct hash h;
	char id[9];
	size_t n;

	if (second == NULL || second - plus != 9 || plus == s ||
	    (size_t)(plus - s) >= NAME_SIZE || base64(raw, sizeof raw,
	    second + 1, strcspn(second + 1, "\r\n")) != 33 ||
	    (raw[0] != 1 && raw[0] != 4))
		die(2, "no verifier key: NAME+HASH+KEY");
	if (key_weak(raw + 1))
		die(2, "this verifier key is weak: anybody can sign for it");
	memset(k, 0, sizeof *k);
	n = (size_t)(plus - s);
	memcpy(k->name, s, n);
	k->kind = raw[0];
	memcpy(k->key, raw + 1, 32);
	memcpy(text, s, n);
	text[n] = '\n';
	memcpy(text + n + 1, raw, 33);
	sha256(&h, text, n + 34);
	memcpy(k->id, h.b, 4);
	snprintf(id, sizeof id, "%02x%02x%02x%02x", h.b[0], h.b[1], h.b[2],
	    h.b[3]);
	if (memcmp(id, plus + 1, 8) != 0)
		die(2, "the hash in the key of %s is wrong", k->name);
	free(b.p);
}

static bool
ed25519(const uint8_t key[32], const uint8_t sig[64], const void *p, size_t n)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key,
	    32);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = k != NULL && c != NULL &&
	    EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1 &&
	    EVP_DigestVerify(c, sig, 64, p, n) == 1;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return good;
}

static void
head_parse(struct head *h, const struct bytes *note)
{
	const char *p = (char *)note->p, *lf[3];
	size_t i;

	memset(h, 0, sizeof *h);
	for (i = note->n; i > 1; i--)
		if (p[i - 1] == '\n' && p[i - 2] == '\n')
			break;
	if (i <= 1 || p[note->n - 1] != '\n' || strlen(p) != note->n)
		die(1, "this is no checkpoint");
	h->body = i - 1;
	for (int k = 0; k < 3; k++) {
		const char *from = k == 0 ? p : lf[k - 1] + 1;

		lf[k] = from < p + h->body ? memchr(from, '\n',
		    (size_t)(p + h->body - from)) : NULL;
		if (lf[k] == NULL || lf[k] == from)
			die(1, "this is no checkpoint");
	}
	if (lf[0] - p >= NAME_SIZE ||
	    !number(lf[0] + 1, (size_t)(lf[1] - lf[0] - 1), &h->size) ||
	    base64(h->root.b, 32, lf[1] + 1, (size_t)(lf[2] - lf[1] - 1)) !=
	    32)
		die(1, "this is no checkpoint");
	memcpy(h->origin, p, (size_t)(lf[0] - p));
}

/* 1 by this key and right, 0 by another, -1 wrong; *at of a cosignature. */
static int
line_check(const struct bytes *note, size_t body, const char *line, size_t n,
    const struct key *k, uint64_t *at)
{
	size_t name = strlen(k->name), skip = strlen(DASH) + name + 1;
	uint8_t sig[96], *text;
	char time[64];
	int got, r;

	if (n <= skip || memcmp(line, DASH, strlen(DASH)) != 0 ||
	    memcmp(line + strlen(DASH), k->name, name) != 0 ||
	    line[skip - 1] != ' ')
		return 0;
	got = base64(sig, sizeof sig, line + skip, n - skip);
	if (got < 4 || memcmp(sig, k->id, 4) != 0)
		return 0;
	if (k->kind == 1)
		return got == 68 && ed25519(k->key, sig + 4, note->p, body) ?
		    1 : -1;
	if (got != 76)
		return -1;
	*at = 0;
	for (int i = 4; i < 12; i++)
		*at = *at << 8 | sig[i];
	got = snprintf(time, sizeof time, "cosignature/v1\ntime %llu\n",
	    (unsigned long long)*at);
	if ((text = malloc((size_t)got + body)) == NULL)
		die(2, "no memory");
	memcpy(text, time, (size_t)got);
	memcpy(text + got, note->p, body);
	r = ed25519(k->key, sig + 12, text, (size_t)got + body) ? 1 : -1;
	free(text);
	return r;
}

static int
note_check(const struct bytes *note, const struct head *h,
    const struct key *k, uint64_t *at)
{
	const char *p = (char *)note->p + h->body + 1;
	const char *end = (char *)note->p + note->n;

	for (int i = 0; p < end && i < LINES_MAX; i++) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		int r = line_check(note, h->body, p, (size_t)(lf - p), k, at);

		if (r != 0)
			return r;
		p = lf + 1;
	}
	return 0;
}

/* The log's own signature, and enough of the witnesses'. */
static void
head_check(const struct bytes *note, struct head *h)
{
	uint64_t at = 0;
	int seen = 0;

	head_parse(h, note);
	if (!has_key)
		die(2, "whose log?  Name its key: --vkey KEY or --vkey FILE");
	if (strcmp(h->origin, keys[0].name) != 0 ||
	    note_check(note, h, &keys[0], &at) != 1)
		die(1, "the checkpoint of %lld entries is not signed by %s",
		    (long long)h->size, keys[0].name);
	for (int i = 1; i < n_keys; i++) {
		int r = note_check(note, h, &keys[i], &at);
		time_t t = (time_t)at;
		char when[32] = "";
		struct tm tm;

		if (r < 0)
			die(1, "the cosignature of %s is wrong",
			    keys[i].name);
		if (r == 0)
			continue;
		if (gmtime_r(&t, &tm) != NULL)
			strftime(when, sizeof when, "%Y-%m-%d %H:%M:%SZ",
			    &tm);
		printf("cosigned by %s at %s\n", keys[i].name, when);
		seen++;
	}
	if (seen < quorum)
		die(1, "%d of %d witnesses that were asked for have cosigned",
		    seen, quorum);
}

/* ---- the tree ---- */

static void
leaf_hash(struct hash *out, const uint8_t *p, size_t n)
{
	uint8_t bytes[65537];

	bytes[0] = 0;
	memcpy(bytes + 1, p, n);
	sha256(out, bytes, n + 1);
}

static void
node_hash(struct hash *out, const struct hash *l, const struct hash *r)
{
	uint8_t bytes[65];

	bytes[0] = 1;
	memcpy(bytes + 1, l->b, 32);
	memcpy(bytes + 33, r->b, 32);
	sha256(out, bytes, sizeof bytes);
}

/* RFC 9162 2.1.3.2 */
static bool
inclusion(const struct hash *leaf, int64_t index, int64_t size,
    const struct hash *path, int n, const struct hash *root)
{
	struct hash r = *leaf;
	int64_t fn = index, sn = size - 1;

	if (index >= size)
		return false;
	for (int i = 0; i < n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			node_hash(&r, &path[i], &r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			node_hash(&r, &r, &path[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(&r, root, sizeof r) == 0;
}

struct frontier {
	struct hash peak[63], tile[8];	/* tile: what the last leaf completed */
	int64_t size;
	int n_tiles;
};

static void
frontier_add(struct frontier *f, const struct hash *leaf)
{
	struct hash h = *leaf;
	int i = 0;

	f->n_tiles = 0;
	for (; (f->size >> i & 1) != 0; i++) {
		node_hash(&h, &f->peak[i], &h);
		if (i % 8 == 7 && f->n_tiles < 7)
			f->tile[++f->n_tiles] = h;
	}
	f->peak[i] = h;
	f->size++;
}

static void
frontier_root(const struct frontier *f, struct hash *out)
{
	bool any = false;

	sha256(out, "", 0);
	for (int i = 0; i < 63; i++) {
		if ((f->size >> i & 1) == 0)
			continue;
		if (any)
			node_hash(out, &f->peak[i], out);
		else
			*out = f->peak[i];
		any = true;
	}
}

static void
tile_name(char dst[128], const char *level, int64_t index, int width)
{
	char part[16] = "", words[64] = "", one[16];
	int64_t parts[8];
	int n = 0;

	do
		parts[n++] = index % 1000;
	while ((index /= 1000) > 0 && n < 8);
	while (n-- > 0) {
		snprintf(one, sizeof one, n > 0 ? "x%03d/" : "%03d",
		    (int)parts[n]);
		strncat(words, one, sizeof words - strlen(words) - 1);
	}
	if (width < TILE)
		snprintf(part, sizeof part, ".p/%d", width);
	snprintf(dst, 128, "tile/%.8s/%s%s", level, words, part);
}

/* A tile of the copy; the complete one does when the partial is gone. */
static struct bytes
tile_read(const char *folder, const char *level, int64_t index, int width)
{
	char name[128], path[4096];
	struct bytes b;

	tile_name(name, level, index, width);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	b = file_try(path);
	if (b.p == NULL && width < TILE) {
		tile_name(name, level, index, TILE);
		snprintf(path, sizeof path, "%s/%s", folder, name);
		b = file_try(path);
	}
	if (b.p == NULL)
		die(1, "%s is missing", path);
	return b;
}

/* ---- proofs ---- */

/* The line at *p without its end; false at an empty one. */
static bool
line_next(char **p, char **line, size_t *n)
{
	char *lf = strchr(*p, '\n');

	if (lf == NULL)
		die(1, "a proof is cut short");
	*line = *p;
	*n = (size_t)(lf - *p);
	*p = lf + 1;
	return *n > 0;
}

static int
proof_one(char *p, char *end)
{
	static uint8_t leaf[65536];
	struct hash path[PROOF_MAX], h;
	struct bytes note;
	struct head head;
	int n_leaf = -1, n = 0;
	int64_t index;
	char *line, *number_at;
	size_t size;

	line_next(&p, &line, &size);	/* the name of the format */
	line_next(&p, &line, &size);
	if (size > 6 && memcmp(line, "extra ", 6) == 0) {
		n_leaf = base64(leaf, sizeof leaf, line + 6, size - 6);
		line_next(&p, &line, &size);
	}
	if (n_leaf < 0)
		die(1, "a proof without its entry (extra)");
	if (size < 7 || memcmp(line, "index ", 6) != 0 ||
	    !number(line + 6, size - 6, &index))
		die(1, "a proof without an index");
	while (line_next(&p, &line, &size)) {
		if (n == PROOF_MAX || base64(path[n].b, 32, line, size) != 32)
			die(1, "a line of a proof is no hash");
		n++;
	}
	note.p = (uint8_t *)p;
	note.n = (size_t)(end - p);
	head_check(&note, &head);
	leaf_hash(&h, leaf, (size_t)n_leaf);
	if (!inclusion(&h, index, head.size, path, n, &head.root))
		die(1, "entry %lld is not in the log of %lld entries that %s signed",
		    (long long)index + 1, (long long)head.size, head.origin);
	leaf[n_leaf] = '\0';
	number_at = strstr((char *)leaf, "\nnumber ");
	if (number_at == NULL || strtoll(number_at + 8, NULL, 10) !=
	    index + 1)
		die(1, "the entry does not stand at its own number");
	printf("good: in the log of %s, %lld entries:\n    ", head.origin,
	    (long long)head.size);
	show(leaf, (size_t)n_leaf - 1);
	putchar('\n');
	return 0;
}

static int
proofs(const char *path)
{
	static const char begin[] = "c2sp.org/tlog-proof@v1\n";
	struct bytes b = file_read(path);
	char *p = (char *)b.p, *end = p + b.n;
	int n = 0;

	if (strncmp(p, begin, strlen(begin)) != 0 || strlen(p) != b.n)
		die(1, "%s holds no proof: `proof N` of the authority gives one",
		    path);
	while (p < end) {
		char *next = strstr(p + 1, begin), keep;

		if (next == NULL)
			next = end;
		keep = *next;
		*next = '\0';
		proof_one(p, next);
		*next = keep;
		p = next;
		n++;
	}
	printf("%d proof%s, all good\n", n, n == 1 ? "" : "s");
	free(b.p);
	return 0;
}

/* ---- a whole copy ---- */

struct copy {
	const char *folder;
	struct frontier f;
	struct hash leaves[TILE], up[8][TILE];
	int n_up[8];
	char previous[65];
	struct head old;		/* size 0: none */
};

/* The entries hold a chain of their own. */
static void
entry_check(struct copy *c, const uint8_t *p, size_t n)
{
	char text[65536], want[96];
	char *previous, *hash;

	memcpy(text, p, n);
	text[n] = '\0';
	snprintf(want, sizeof want, "xmpp-ica-log-entry/v1\nnumber %lld\n",
	    (long long)c->f.size + 1);
	previous = strstr(text, "\nprevious ");
	hash = strstr(text, "\nhash ");
	if (strncmp(text, want, strlen(want)) != 0 || previous == NULL ||
	    hash == NULL || strlen(hash) < 70)
		die(1, "entry %lld is not one of an xmpp-ica log",
		    (long long)c->f.size + 1);
	if (c->f.size > 0 && strncmp(previous + 10, c->previous, 64) != 0)
		die(1, "entry %lld does not follow the one before it",
		    (long long)c->f.size + 1);
	memcpy(c->previous, hash + 6, 64);
}

static void
root_check(struct copy *c, const struct head *h)
{
	struct hash root;

	if (h->size != c->f.size || h->size == 0)
		return;
	frontier_root(&c->f, &root);
	if (memcmp(&root, &h->root, sizeof root) != 0)
		die(1, "the entries do not make the root that was signed for %lld of them",
		    (long long)h->size);
}

/* Tiles of the copy against what the entries make. */
static void
tile_check(struct copy *c, const char *level, int64_t index, int width,
    const struct hash *want)
{
	struct bytes b = tile_read(c->folder, level, index, width);

	for (int i = 0; i < width; i++)
		if (b.n < (size_t)(i + 1) * 32 || memcmp(b.p + 32 * i,
		    &want[i], 32) != 0)
			die(1, "tile %s/%lld has a wrong hash at %d",
			    level, (long long)index, i);
	free(b.p);
}

/* What has been collected of one tile above the leaves. */
static void
up_check(struct copy *c, int level)
{
	int64_t index = (c->f.size >> (8 * level)) - 1;
	char word[16];

	snprintf(word, sizeof word, "%d", level);
	tile_check(c, word, index / TILE, c->n_up[level], c->up[level]);
	c->n_up[level] = 0;
}

static void
bundle_check(struct copy *c, int64_t tile, int width, const struct head *head)
{
	struct bytes b = tile_read(c->folder, "entries", tile, width);
	const uint8_t *p = b.p, *end = b.p + b.n;

	for (int i = 0; i < width; i++) {
		size_t n = end - p >= 2 ? (size_t)p[0] << 8 | p[1] : 0;

		if (end - p < 2 || (size_t)(end - p) < n + 2)
			die(1, "bundle %lld is cut short", (long long)tile);
		entry_check(c, p + 2, n);
		leaf_hash(&c->leaves[i], p + 2, n);
		frontier_add(&c->f, &c->leaves[i]);
		root_check(c, &c->old);
		root_check(c, head);
		p += n + 2;
	}
	free(b.p);
	tile_check(c, "0", tile, width, c->leaves);
	for (int level = 1; level <= c->f.n_tiles; level++) {
		c->up[level][c->n_up[level]++] = c->f.tile[level];
		if (c->n_up[level] == TILE)
			up_check(c, level);
	}
}

static int
copy_check(const char *folder, const struct head *head,
    const struct head *old)
{
	static struct copy c;

	c.folder = folder;
	if (old != NULL)
		c.old = *old;
	if (c.old.size > head->size)
		die(1, "the older checkpoint has %lld entries, this one %lld: the log was cut",
		    (long long)c.old.size, (long long)head->size);
	for (int64_t at = 0; at < head->size; at += TILE)
		bundle_check(&c, at / TILE, head->size - at < TILE ?
		    (int)(head->size - at) : TILE, head);
	for (int level = 1; level < 8; level++)
		if (c.n_up[level] > 0)
			up_check(&c, level);
	return 0;
}

static void
head_of(const char *path, struct head *h)
{
	struct bytes b = file_read(path);

	head_check(&b, h);
	free(b.p);
}

static int
tree(const char *folder, const char *old_path)
{
	struct head head, old;
	char path[4096];

	if (!has_key) {
		snprintf(path, sizeof path, "%s/vkey", folder);
		key_parse(&keys[0], path);
		has_key = true;
		fprintf(stderr, "verify-log: the key is taken from the copy itself; keep it and name it with --vkey next time\n");
	}
	snprintf(path, sizeof path, "%s/checkpoint", folder);
	head_of(path, &head);
	if (old_path != NULL)
		head_of(old_path, &old);
	copy_check(folder, &head, old_path != NULL ? &old : NULL);
	printf("good: all %lld entries of %s make the root that was signed%s\n",
	    (long long)head.size, head.origin, old_path != NULL ?
	    ", and the older checkpoint is part of it" : "");
	return 0;
}

static int
consistency(const char *old_path, const char *new_path, const char *folder)
{
	struct head head, old;

	head_of(old_path, &old);
	head_of(new_path, &head);
	copy_check(folder, &head, &old);
	printf("good: the log of %lld entries continues the one of %lld\n",
	    (long long)head.size, (long long)old.size);
	return 0;
}

/* What stands behind LABEL in this line of a note's body, and the next one. */
static void
note_line(char **at, const char *label, char *dst, size_t size)
{
	size_t n = strlen(label), value = strcspn(*at, "\n");

	if (strncmp(*at, label, n) != 0 || value < n || value - n >= size)
		die(1, "this is no note over a report: no line \"%s\"", label);
	memcpy(dst, *at + n, value - n);
	dst[value - n] = '\0';
	*at += value + 1;
}

/* A quarter's report: its figures as CSV are those whose hash the log's key
 * has signed, over a head that a copy of the log has. */
static int
report(const char *note_path, const char *csv_path, const char *folder)
{
	struct bytes note = file_read(note_path), csv = file_read(csv_path);
	char quarter[8], hex[65], origin[NAME_SIZE], size[20], root[48];
	char want[65], *at = strstr((char *)note.p, "\n\n");
	struct head signed_head = { 0 }, head;
	uint64_t when = 0;
	struct hash sum;

	if (!has_key)
		die(2, "whose log?  Name its key: --vkey KEY or --vkey FILE");
	if (at == NULL || note.p[note.n - 1] != '\n')
		die(1, "this is no note over a report");
	signed_head.body = (size_t)(at - (char *)note.p) + 1;
	at = (char *)note.p;
	note_line(&at, "xmpp-ica-report/v1", quarter, sizeof quarter);
	note_line(&at, "quarter ", quarter, sizeof quarter);
	note_line(&at, "sha256 ", hex, sizeof hex);
	note_line(&at, "log ", origin, sizeof origin);
	note_line(&at, "size ", size, sizeof size);
	note_line(&at, "root ", root, sizeof root);
	if (at != (char *)note.p + signed_head.body ||
	    !number(size, strlen(size), &signed_head.size) ||
	    base64(signed_head.root.b, 32, root, strlen(root)) != 32)
		die(1, "this is no note over a report");
	if (strcmp(origin, keys[0].name) != 0 || note_check(&note,
	    &signed_head, &keys[0], &when) != 1)
		die(1, "the note is not signed by %s", keys[0].name);
	sha256(&sum, csv.p, csv.n);
	for (int i = 0; i < 32; i++)
		snprintf(want + 2 * i, 3, "%02x", sum.b[i]);
	if (strcmp(want, hex) != 0)
		die(1, "the figures are not those that were signed: their hash is %s, the note says %s",
		    want, hex);
	if (folder != NULL) {
		char path[4096];

		snprintf(path, sizeof path, "%s/checkpoint", folder);
		head_of(path, &head);
		copy_check(folder, &head, &signed_head);
	}
	printf("good: the report of %s is signed by %s over its %lld entries%s\n",
	    quarter, origin, (long long)signed_head.size, folder == NULL ?
	    "" : ", which the copy of the log has");
	free(note.p);
	free(csv.p);
	return 0;
}

/* Every file that a log of this size has, one a line: for a downloader. */
static int
paths(const char *word)
{
	int64_t size, index;
	char name[128], level[8];

	if (!number(word, strlen(word), &size))
		die(2, "%s is no size", word);
	for (int l = -1; l < 8; l++) {
		int64_t n = l < 1 ? size : size >> (8 * l);

		snprintf(level, sizeof level, "%d", l);
		for (index = 0; index * TILE < n; index++) {
			tile_name(name, l < 0 ? "entries" : level, index,
			    n - index * TILE < TILE ?
			    (int)(n - index * TILE) : TILE);
			puts(name);
		}
	}
	return 0;
}

static int
usage(void)
{
	fputs("usage: verify-log --vkey KEY|FILE [--witness KEY|FILE]... [--quorum N] COMMAND\n"
	    "  proof FILE|-                   proofs, as `proof N` gives them\n"
	    "  tree DIR|URL [OLD-CHECKPOINT]  a whole copy of the log, and that it continues an older head\n"
	    "  consistency OLD NEW DIR|URL    that one head continues another, by a copy of the log\n"
	    "  checkpoint FILE|-              the signatures of a head\n"
	    "  report NOTE CSV [DIR|URL]      a quarter's report: `report Q --note`, `report Q --csv`\n"
	    "Exit status: 0 good, 1 bad, 2 usage or files.\n", stderr);
	return 2;
}

static int
run(int argc, char **argv)
{
	struct head h;

	if (argc == 2 && strcmp(argv[0], "proof") == 0)
		return proofs(argv[1]);
	if ((argc == 2 || argc == 3) && strcmp(argv[0], "tree") == 0)
		return tree(argv[1], argc == 3 ? argv[2] : NULL);
	if (argc == 4 && strcmp(argv[0], "consistency") == 0)
		return consistency(argv[1], argv[2], argv[3]);
	if (argc == 2 && strcmp(argv[0], "paths") == 0)
		return paths(argv[1]);
	if ((argc == 3 || argc == 4) && strcmp(argv[0], "report") == 0)
		return report(argv[1], argv[2], argc == 4 ? argv[3] : NULL);
	if (argc != 2 || strcmp(argv[0], "checkpoint") != 0)
		return usage();
	head_of(argv[1], &h);
	printf("good: %lld entries of %s\n", (long long)h.size, h.origin);
	return 0;
}

int
main(int argc, char **argv)
{
	int i = 1;
	int64_t n;

	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		if (strcmp(argv[i], "--vkey") == 0) {
			key_parse(&keys[0], argv[i + 1]);
			has_key = true;
		} else if (strcmp(argv[i], "--witness") == 0 &&
		    n_keys < KEYS_MAX) {
			key_parse(&keys[n_keys++], argv[i + 1]);
		} else if (strcmp(argv[i], "--quorum") == 0 &&
		    number(argv[i + 1], strlen(argv[i + 1]), &n) && n < 99) {
			quorum = (int)n;
		} else {
			return usage();
		}
	}
	return i < argc ? run(argc - i, argv + i) : usage();
}
