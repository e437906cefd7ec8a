/* merkle_test.c - the log's tree against a plain reading of RFC 6962 2.1, and
 * against the values that Certificate Transparency's own tests use (S11.2). */
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/x509/merkle.h"

#define LEAVES 700

static struct merkle_hash leaves[LEAVES];

/* MTH as the RFC writes it. */
static void
mth(const struct merkle_hash *d, int n, struct merkle_hash *out)
{
	struct merkle_hash l, r;
	int k = 1;

	if (n == 1) {
		*out = *d;
		return;
	}
	while (k * 2 < n)
		k *= 2;
	mth(d, k, &l);
	mth(d + k, n - k, &r);
	merkle_node(out, &l, &r);
}

static int
hashes(void *user, int level, int64_t first, int count,
    struct merkle_hash *out, struct err *e)
{
	int64_t width = 1;

	(void)user;
	(void)e;
	for (int i = 0; i < level; i++)
		width *= TILE_WIDTH;
	for (int i = 0; i < count; i++) {
		int64_t from = (first + i) * width;

		assert_true(from + width <= LEAVES);
		mth(leaves + from, (int)width, &out[i]);
	}
	return 0;
}

static const struct merkle_source source = { .hashes = hashes };

static int
leaves_make(void **state)
{
	(void)state;
	for (int i = 0; i < LEAVES; i++)
		merkle_leaf(&leaves[i], &i, sizeof i);
	return 0;
}

static void
hash_is(const struct merkle_hash *h, const char *hex)
{
	char have[65];

	hex_encode(have, h->bytes, 32);
	assert_string_equal(have, hex);
}

static void
known_roots(void **state)
{
	static const char *const data[] = { "", "00", "10", "2021", "3031",
		"40414243", "5051525354555657",
		"606162636465666768696a6b6c6d6e6f" };
	static const char *const roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	struct merkle_frontier f = { .size = 0 };
	struct merkle_hash root, leaf;
	uint8_t bytes[16];

	(void)state;
	merkle_frontier_root(&f, &root);
	hash_is(&root,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (int i = 0; i < 8; i++) {
		int n = hex_decode(bytes, sizeof bytes, data[i]);

		merkle_leaf(&leaf, bytes, (size_t)n);
		merkle_append(&f, &leaf);
		merkle_frontier_root(&f, &root);
		hash_is(&root, roots[i]);
	}
}

static void
tiles_make_the_same_roots(void **state)
{
	struct merkle_frontier f = { .size = 0 };
	struct merkle_hash want, root, line;
	struct err e = { 0 };

	(void)state;
	for (int n = 1; n <= LEAVES; n++) {
		merkle_append(&f, &leaves[n - 1]);
		mth(leaves, n, &want);
		assert_int_equal(merkle_root(&source, n, &root, &e), 0);
		merkle_frontier_root(&f, &line);
		assert_memory_equal(&root, &want, 32);
		assert_memory_equal(&line, &want, 32);
		assert_int_equal(f.n_tiles, n % TILE_WIDTH == 0);
		if (f.n_tiles > 0) {
			mth(leaves + n - TILE_WIDTH, TILE_WIDTH, &want);
			assert_memory_equal(&f.tile[1], &want, 32);
		}
	}
}

static void
inclusion_holds_for_its_leaf_alone(void **state)
{
	static const int sizes[] = { 1, 2, 3, 7, 8, 255, 256, 257, 511, 513,
		LEAVES };
	struct merkle_proof p;
	struct merkle_hash root;
	struct err e = { 0 };

	(void)state;
	for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
		int n = sizes[s];

		merkle_root(&source, n, &root, &e);
		for (int i = 0; i < n; i += n > 300 ? 13 : 1) {
			assert_int_equal(merkle_inclusion(&source, i, n, &p,
			    &e), 0);
			assert_int_equal(merkle_inclusion_check(&leaves[i], i,
			    n, p.path, p.n, &root), 0);
			assert_int_equal(merkle_inclusion_check(&leaves[i],
			    i + 1, n, p.path, p.n, &root), -1);
			if (p.n == 0)
				continue;
			assert_int_equal(merkle_inclusion_check(&leaves[i], i,
			    n, p.path, p.n - 1, &root), -1);
			p.path[p.n / 2].bytes[5] ^= 1;
			assert_int_equal(merkle_inclusion_check(&leaves[i], i,
			    n, p.path, p.n, &root), -1);
		}
		assert_int_equal(merkle_inclusion(&source, n, n, &p, &e), -1);
		assert_int_equal(merkle_inclusion(&source, -1, n, &p, &e), -1);
	}
}

static void
consistency_refuses_a_fork_and_a_cut(void **state)
{
	struct merkle_proof p;
	struct merkle_hash old, root, other;
	struct err e = { 0 };

	(void)state;
	for (int n = 1; n <= LEAVES; n += n < 40 ? 1 : 61) {
		merkle_root(&source, n, &root, &e);
		for (int m = 1; m <= n; m += m < 40 ? 1 : 17) {
			merkle_root(&source, m, &old, &e);
			assert_int_equal(merkle_consistency(&source, m, n, &p,
			    &e), 0);
			assert_int_equal(merkle_consistency_check(m, &old, n,
			    &root, p.path, p.n), 0);
			other = old;
			other.bytes[0] ^= 1;
			assert_int_equal(merkle_consistency_check(m, &other,
			    n, &root, p.path, p.n), -1);
			other = root;
			other.bytes[31] ^= 1;
			assert_int_equal(merkle_consistency_check(m, &old, n,
			    &other, p.path, p.n), -1);
			if (m < n)
				assert_int_equal(merkle_consistency_check(n,
				    &root, m, &old, p.path, p.n), -1);
			if (p.n > 0)
				assert_int_equal(merkle_consistency_check(m,
				    &old, n, &root, p.path, p.n - 1), -1);
		}
	}
	assert_int_equal(merkle_consistency(&source, 0, 5, &p, &e), -1);
	assert_int_equal(merkle_consistency(&source, 6, 5, &p, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_roots),
		cmocka_unit_test(tiles_make_the_same_roots),
		cmocka_unit_test(inclusion_holds_for_its_leaf_alone),
		cmocka_unit_test(consistency_refuses_a_fork_and_a_cut),
	};

	return cmocka_run_group_tests(tests, leaves_make, NULL);
}
