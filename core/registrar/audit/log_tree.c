/* log_tree.c - the Merkle tree over the audit entries: kept tiles, and what
 * follows from the rows themselves. */
#include "core/registrar/audit/log.h"

#include <string.h>

enum { Q_SIZE, Q_ROWS, Q_LEAVES, Q_LEAVES_ADD, Q_NODES, Q_NODE_ADD, Q_TILES };
static const char *const sql[] = {
	[Q_SIZE] = "SELECT max(coalesce((SELECT max(number) FROM audit), 0),"
	    " coalesce((SELECT max(number) FROM log_lost), 0))",
	[Q_ROWS] = "SELECT " LEAF_COLUMNS ", NULL FROM audit"
	    " WHERE number BETWEEN ?1 AND ?2 UNION ALL"
	    " SELECT number, at, NULL, NULL, NULL, NULL, NULL, NULL, hash,"
	    " leaf FROM log_lost WHERE number BETWEEN ?1 AND ?2 ORDER BY 1",
	[Q_LEAVES] = "SELECT hashes FROM log_leaves WHERE tile = ?1",
	[Q_LEAVES_ADD] = "INSERT OR REPLACE INTO log_leaves (tile, hashes)"
	    " VALUES (?1, ?2)",
	[Q_NODES] = "SELECT number, hash FROM log_node WHERE level = ?1"
	    " AND number BETWEEN ?2 AND ?3 ORDER BY number",
	[Q_NODE_ADD] = "INSERT OR REPLACE INTO log_node (level, number, hash)"
	    " VALUES (?1, ?2, ?3)",
	[Q_TILES] = "SELECT coalesce(max(number), -1) + 1 FROM log_node"
	    " WHERE level = 1",
};
DB_STATEMENTS(log_tree, sql)

#define C_LEAF 9		/* of Q_ROWS: the bytes of a lost one */

int
log_size(int64_t *size, struct err *e)
{
	struct query *q = db_query(log_tree_prepared[Q_SIZE]);
	int have = q_next(q, e);

	*size = have == 1 ? q_col_i64(q, 0) : 0;
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* ---- rows ---- */

static void
row_leaf(struct query *q, struct buf *b)
{
	struct cell c[LEAF_CELLS];
	size_t n;
	const uint8_t *p = NULL;

	if (q_col_null(q, C_LEAF)) {
		q_cells(q, 2, LEAF_CELLS, c);
		log_leaf_put(b, q_col_i64(q, 0), q_col_i64(q, 1), c);
		return;
	}
	p = q_col_blob(q, C_LEAF, &n);
	buf_put(b, p, n);
}

/* Every leaf from first on, one after the other. */
static int
rows_each(int64_t first, int count, void (*each)(void *user, int at,
    const struct buf *leaf), void *user, struct err *e)
{
	struct query *q = db_query(log_tree_prepared[Q_ROWS]);
	struct buf b = { 0 };
	int have, n = 0;

	q_i64(q, 1, first + 1);
	q_i64(q, 2, first + count);
	while ((have = q_next(q, e)) == 1) {
		if (n == count || q_col_i64(q, 0) != first + n + 1)
			break;
		b.size = 0;
		row_leaf(q, &b);
		each(user, n++, &b);
	}
	q_end(q);
	buf_clear(&b);
	if (have < 0)
		return -1;
	return n == count && have == 0 ? 0 : err_set(e, ERR_BROKEN, "log",
	    "entry %lld of the audit log is missing or there twice",
	    (long long)first + n + 1);
}

static void
leaf_hash(void *user, int at, const struct buf *leaf)
{
	merkle_leaf((struct merkle_hash *)user + at, leaf->data, leaf->size);
}

static void
leaf_bundle(void *user, int at, const struct buf *leaf)
{
	(void)at;
	buf_put_u16(user, (uint16_t)leaf->size);
	buf_put(user, leaf->data, leaf->size);
}

static void
leaf_bare(void *user, int at, const struct buf *leaf)
{
	(void)at;
	buf_put(user, leaf->data, leaf->size);
}

int
log_leaves_put(struct buf *b, int64_t first, int count, struct err *e)
{
	return rows_each(first, count, leaf_bundle, b, e);
}

int
log_leaf_of(int64_t index, struct buf *b, struct err *e)
{
	return rows_each(index, 1, leaf_bare, b, e);
}

/* ---- hashes, kept or made ---- */

/* 1 from a kept tile, 0 there is none, -1. */
static int
leaves_kept(int64_t first, int count, struct merkle_hash *out, struct err *e)
{
	struct query *q = db_query(log_tree_prepared[Q_LEAVES]);
	const uint8_t *p = NULL;
	size_t n;
	int have;

	q_i64(q, 1, first / TILE_WIDTH);
	if ((have = q_next(q, e)) == 1) {
		p = q_col_blob(q, 0, &n);
		if (n == TILE_WIDTH * 32)
			memcpy(out, p + first % TILE_WIDTH * 32,
			    (size_t)count * 32);
		else
			have = 0;
	}
	q_end(q);
	return have;
}

static int
nodes_kept(int level, int64_t first, int count, struct merkle_hash *out,
    struct err *e)
{
	struct query *q = db_query(log_tree_prepared[Q_NODES]);
	int have, n = 0;

	q_i64(q, 1, level);
	q_i64(q, 2, first);
	q_i64(q, 3, first + count - 1);
	while ((have = q_next(q, e)) == 1 && n < count &&
	    q_col_i64(q, 0) == first + n)
		q_col_bytes(q, 1, out[n++].bytes, 32);
	q_end(q);
	if (have < 0)
		return -1;
	return n == count ? 0 : err_set(e, ERR_BROKEN, "log",
	    "the log's tree lacks node %lld of level %d",
	    (long long)first + n, level);
}

static int
hashes(void *user, int level, int64_t first, int count,
    struct merkle_hash *out, struct err *e)
{
	int have;

	(void)user;
	if (level > 0)
		return nodes_kept(level, first, count, out, e);
	have = leaves_kept(first, count, out, e);
	if (have != 0)
		return have < 0 ? -1 : 0;
	return rows_each(first, count, leaf_hash, out, e);
}

const struct merkle_source log_tree = { .hashes = hashes };

/* ---- growing ---- */

static int
node_add(int level, int64_t number, const struct merkle_hash *h,
    struct err *e)
{
	struct query *q = db_query(log_tree_prepared[Q_NODE_ADD]);

	q_i64(q, 1, level);
	q_i64(q, 2, number);
	q_blob(q, 3, h->bytes, 32);
	return q_run(q, e);
}

/* One tile of leaves is complete, and with it perhaps some above. */
static int
tile_add(int64_t tile, struct err *e)
{
	struct merkle_hash h[TILE_WIDTH], root;
	struct query *q = NULL;

	if (rows_each(tile * TILE_WIDTH, TILE_WIDTH, leaf_hash, h, e) < 0)
		return -1;
	q = db_query(log_tree_prepared[Q_LEAVES_ADD]);
	q_i64(q, 1, tile);
	q_blob(q, 2, h, sizeof h);
	if (q_run(q, e) < 0)
		return -1;
	for (int level = 1; level <= MERKLE_LEVELS; level++) {
		merkle_fold(&root, h, TILE_WIDTH);
		if (node_add(level, tile, &root, e) < 0)
			return -1;
		if ((tile + 1) % TILE_WIDTH != 0)
			break;
		tile /= TILE_WIDTH;
		if (nodes_kept(level, tile * TILE_WIDTH, TILE_WIDTH, h,
		    e) < 0)
			return -1;
	}
	return 0;
}

int
log_grow(int64_t size, int64_t most, bool *more, struct err *e)
{
	struct query *q = db_query(log_tree_prepared[Q_TILES]);
	int have = q_next(q, e);
	int64_t tile = have == 1 ? q_col_i64(q, 0) : 0;

	q_end(q);
	*more = false;
	if (have < 0)
		return -1;
	for (; tile < size / TILE_WIDTH; tile++) {
		if (most-- == 0) {
			*more = true;
			return 0;
		}
		if (tile_add(tile, e) < 0)
			return -1;
	}
	return 0;
}
