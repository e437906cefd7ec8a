/* merkle.c - the Merkle tree of RFC 6962 2.1, from tiles of hashes. */
#include "core/x509/merkle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/x509/hash.h"

void
merkle_leaf_marked(struct merkle_hash *out, const void *data, size_t size)
{
	sha256(out->bytes, data, size);
}

void
merkle_leaf(struct merkle_hash *out, const void *data, size_t size)
{
	uint8_t *bytes = xmalloc(size + 1);

	bytes[0] = MERKLE_LEAF_MARK;
	if (size > 0)
		memcpy(bytes + 1, data, size);
	merkle_leaf_marked(out, bytes, size + 1);
	free(bytes);
}

void
merkle_node(struct merkle_hash *out, const struct merkle_hash *left,
    const struct merkle_hash *right)
{
	uint8_t bytes[65];

	bytes[0] = 0x01;
	memcpy(bytes + 1, left, 32);
	memcpy(bytes + 33, right, 32);
	sha256(out->bytes, bytes, sizeof bytes);
}

/* The largest power of two below n, n >= 2. */
static int64_t
split(int64_t n)
{
	int64_t k = 1;

	while (k < n - k)
		k *= 2;
	return k;
}

void
merkle_fold(struct merkle_hash *out, const struct merkle_hash *h, int n)
{
	struct merkle_hash left, right;
	int k;

	if (n == 1) {
		*out = h[0];
		return;
	}
	k = (int)split(n);
	merkle_fold(&left, h, k);
	merkle_fold(&right, h + k, n - k);
	merkle_node(out, &left, &right);
}

/* A complete subtree of 2^bits leaves whose first is `from`. */
static int
complete(const struct merkle_source *s, int64_t from, int bits,
    struct merkle_hash *out, struct err *e)
{
	struct merkle_hash h[TILE_WIDTH];
	int level = bits / 8, count = 1 << (bits % 8);

	if (s->hashes(s->user, level, from >> (8 * level), count, h, e) < 0)
		return -1;
	merkle_fold(out, h, count);
	return 0;
}

/* MTH(D[from:to]); `from` is a multiple of the power of two that is not below
 * to - from, as it is in every proof. */
static int
subtree(const struct merkle_source *s, int64_t from, int64_t to,
    struct merkle_hash *out, struct err *e)
{
	struct merkle_hash left, right;
	int64_t n = to - from, k;

	if ((n & (n - 1)) == 0)
		return complete(s, from, __builtin_ctzll((uint64_t)n), out,
		    e);
	k = split(n);
	if (subtree(s, from, from + k, &left, e) < 0 ||
	    subtree(s, from + k, to, &right, e) < 0)
		return -1;
	merkle_node(out, &left, &right);
	return 0;
}

int
merkle_root(const struct merkle_source *s, int64_t size,
    struct merkle_hash *out, struct err *e)
{
	if (size == 0) {
		sha256(out->bytes, "", 0);
		return 0;
	}
	return subtree(s, 0, size, out, e);
}

int
merkle_inclusion(const struct merkle_source *s, int64_t index, int64_t size,
    struct merkle_proof *out, struct err *e)
{
	int64_t from[MERKLE_PROOF_MAX], to[MERKLE_PROOF_MAX];
	int64_t a = 0, b = size;
	size_t n = 0;

	if (index < 0 || index >= size)
		return err_set(e, ERR_NOT_FOUND, "log-proof",
		    "a tree of %lld entries has no entry %lld",
		    (long long)size, (long long)index + 1);
	/* from the root down; the path goes from the leaf up */
	while (b - a > 1) {
		int64_t k = a + split(b - a);

		from[n] = index < k ? k : a;
		to[n++] = index < k ? b : k;
		if (index < k)
			b = k;
		else
			a = k;
	}
	out->n = n;
	for (size_t i = 0; i < n; i++)
		if (subtree(s, from[i], to[i], &out->path[n - 1 - i], e) < 0)
			return -1;
	return 0;
}

int
merkle_consistency(const struct merkle_source *s, int64_t old, int64_t size,
    struct merkle_proof *out, struct err *e)
{
	int64_t from[MERKLE_PROOF_MAX], to[MERKLE_PROOF_MAX];
	int64_t a = 0, b = size;
	size_t n = 0;

	if (old < 1 || old > size)
		return err_set(e, ERR_BAD_INPUT, "log-proof",
		    "no consistency from %lld entries to %lld",
		    (long long)old, (long long)size);
	while (b != old) {
		int64_t k = a + split(b - a);

		from[n] = old <= k ? k : a;
		to[n++] = old <= k ? b : k;
		if (old <= k)
			b = k;
		else
			a = k;
	}
	if (a > 0) {			/* the old root itself is known */
		from[n] = a;
		to[n++] = b;
	}
	out->n = n;
	for (size_t i = 0; i < n; i++)
		if (subtree(s, from[i], to[i], &out->path[n - 1 - i], e) < 0)
			return -1;
	return 0;
}

int
merkle_inclusion_check(const struct merkle_hash *leaf, int64_t index,
    int64_t size, const struct merkle_hash *path, size_t n,
    const struct merkle_hash *root)
{
	struct merkle_hash r = *leaf;
	int64_t fn = index, sn = size - 1;

	if (index < 0 || index >= size)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (sn == 0)
			return -1;
		if ((fn & 1) != 0 || fn == sn) {
			merkle_node(&r, &path[i], &r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			merkle_node(&r, &r, &path[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(&r, root, sizeof r) == 0 ? 0 : -1;
}

int
merkle_consistency_check(int64_t old, const struct merkle_hash *old_root,
    int64_t size, const struct merkle_hash *root,
    const struct merkle_hash *path, size_t n)
{
	struct merkle_hash fr, sr;
	int64_t fn = old - 1, sn = size - 1;
	size_t i = 0;

	if (old < 1 || old > size)
		return -1;
	if (old == size)
		return n == 0 && memcmp(old_root, root, sizeof *root) == 0 ?
		    0 : -1;
	if ((old & (old - 1)) == 0) {
		fr = *old_root;
	} else {
		if (n == 0)
			return -1;
		fr = path[i++];
	}
	sr = fr;
	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}
	for (; i < n; i++) {
		if (sn == 0)
			return -1;
		if ((fn & 1) != 0 || fn == sn) {
			merkle_node(&fr, &path[i], &fr);
			merkle_node(&sr, &path[i], &sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			merkle_node(&sr, &sr, &path[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(&fr, old_root, sizeof fr) == 0 &&
	    memcmp(&sr, root, sizeof sr) == 0 ? 0 : -1;
}

void
merkle_append(struct merkle_frontier *f, const struct merkle_hash *leaf)
{
	struct merkle_hash h = *leaf;
	int i = 0;

	f->n_tiles = 0;
	for (; (f->size >> i & 1) != 0; i++) {
		merkle_node(&h, &f->peak[i], &h);
		if (i % 8 == 7)
			f->tile[++f->n_tiles] = h;
	}
	f->peak[i] = h;
	f->size++;
}

void
merkle_frontier_root(const struct merkle_frontier *f, struct merkle_hash *out)
{
	bool any = false;

	if (f->size == 0)
		sha256(out->bytes, "", 0);
	for (int i = 0; i < 63; i++) {
		if ((f->size >> i & 1) == 0)
			continue;
		if (any)
			merkle_node(out, &f->peak[i], out);
		else
			*out = f->peak[i];
		any = true;
	}
}
