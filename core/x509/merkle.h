/*
 * merkle.h - the Merkle tree of RFC 6962 section 2.1 over the audit entries:
 * hashes, roots, inclusion and consistency proofs, and their verification.
 *
 * The tree is never held as a whole.  Whoever keeps it gives the hashes of
 * complete subtrees of 256^level leaves; the rest is computed from these, as
 * readers of C2SP tlog-tiles do.
 */
#ifndef X509_MERKLE_H
#define X509_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define TILE_WIDTH 256
#define MERKLE_LEVELS 8		/* of tiles: 256^8 leaves are more than all */
#define MERKLE_PROOF_MAX 64

struct merkle_hash {
	uint8_t bytes[32];
};

struct merkle_proof {
	struct merkle_hash path[MERKLE_PROOF_MAX];
	size_t n;
};

/* Where the hashes of complete subtrees come from: fill `count` (at most 256)
 * hashes of level `level`, from `first` on.  0, or -1 with *e. */
struct merkle_source {
	int (*hashes)(void *user, int level, int64_t first, int count,
	    struct merkle_hash *out, struct err *e);
	void *user;
};

/* RFC 6962 2.1: SHA-256 of 0x00 and the leaf; of 0x01, left and right. */
void merkle_leaf(struct merkle_hash *out, const void *data, size_t size);
/* The same for who has put the mark before the leaf already. */
#define MERKLE_LEAF_MARK 0x00
void merkle_leaf_marked(struct merkle_hash *out, const void *data,
    size_t size);
void merkle_node(struct merkle_hash *out, const struct merkle_hash *left,
    const struct merkle_hash *right);
/* The root over 1..256 hashes that stand side by side. */
void merkle_fold(struct merkle_hash *out, const struct merkle_hash *h, int n);

/* MTH(D[0:size]); of the empty tree: SHA-256 of nothing. */
int merkle_root(const struct merkle_source *s, int64_t size,
    struct merkle_hash *out, struct err *e);
/* PATH(index, D[0:size]), 0 <= index < size. */
int merkle_inclusion(const struct merkle_source *s, int64_t index,
    int64_t size, struct merkle_proof *out, struct err *e);
/* PROOF(old, D[0:size]), 0 < old <= size. */
int merkle_consistency(const struct merkle_source *s, int64_t old,
    int64_t size, struct merkle_proof *out, struct err *e);

/* RFC 9162 2.1.3.2 and 2.1.4.2; 0 right, -1 wrong. */
int merkle_inclusion_check(const struct merkle_hash *leaf, int64_t index,
    int64_t size, const struct merkle_hash *path, size_t n,
    const struct merkle_hash *root);
int merkle_consistency_check(int64_t old, const struct merkle_hash *old_root,
    int64_t size, const struct merkle_hash *root,
    const struct merkle_hash *path, size_t n);

/* Leaves one after the other: the roots of the complete subtrees so far. */
struct merkle_frontier {
	struct merkle_hash peak[63];	/* of bit i of size */
	int64_t size;
	/* what the last leaf completed: tiles of levels 1 to n_tiles */
	struct merkle_hash tile[MERKLE_LEVELS + 1];
	int n_tiles;
};

/* A frontier starts as { 0 }. */
void merkle_append(struct merkle_frontier *f, const struct merkle_hash *leaf);
void merkle_frontier_root(const struct merkle_frontier *f,
    struct merkle_hash *out);

#endif
