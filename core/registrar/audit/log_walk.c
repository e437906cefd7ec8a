/* log_walk.c - while the chain is walked, the tree is built once more and
 * compared with all that is kept of it: tiles, nodes, signed heads, and a head
 * that was kept elsewhere (S11.2). */
#include "core/registrar/audit/log_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"

enum { Q_LEAVES, Q_NODE, Q_COUNTS, Q_HEADS, Q_LOST, Q_LOST_COUNT, Q_KEY };
static const char *const sql[] = {
	[Q_LEAVES] = "SELECT hashes FROM log_leaves WHERE tile = ?1",
	[Q_NODE] = "SELECT hash FROM log_node WHERE level = ?1"
	    " AND number = ?2",
	[Q_COUNTS] = "SELECT (SELECT count(*) FROM log_leaves),"
	    " (SELECT count(*) FROM log_node),"
	    " (SELECT coalesce(max(tile), -1) + 1 FROM log_leaves)",
	[Q_HEADS] = "SELECT size, note FROM log_checkpoint WHERE size > ?1"
	    " ORDER BY size",
	[Q_LOST] = "SELECT at, hash, leaf FROM log_lost WHERE number = ?1",
	[Q_LOST_COUNT] = "SELECT count(*) FROM log_lost",
	[Q_KEY] = "SELECT value FROM setting WHERE name = 'log.vkey'",
};
DB_STATEMENTS(log_walk, sql)

struct log_walk {
	struct merkle_frontier f;
	struct merkle_hash leaves[TILE_WIDTH];
	struct buf leaf;
	int64_t tiles, n_nodes, n_leaves, n_lost;	/* kept */
	int64_t lost;			/* seen */
	struct query *heads;		/* open; NULL at its end, and in a pause */
	int64_t head_size;		/* of the row it stands on */
	int64_t good_size;		/* of the last head that fitted */
	struct vkey key;
	bool has_key, has_anchor;
	struct checkpoint anchor;
	char copy[CONF_PATH_SIZE];	/* folder of the anchor, or "" */
	char text[256];
};

/* ---- beginning ---- */

static int
lost_count(struct log_walk *w, struct err *e)
{
	struct query *q = db_query(log_walk_prepared[Q_LOST_COUNT]);
	int have = q_next(q, e);

	if (have == 1)
		w->n_lost = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : 0;
}

static int
counts_read(struct log_walk *w, struct err *e)
{
	struct query *q = db_query(log_walk_prepared[Q_COUNTS]);
	int have = q_next(q, e);

	if (have == 1) {
		w->n_leaves = q_col_i64(q, 0);
		w->n_nodes = q_col_i64(q, 1);
		w->tiles = q_col_i64(q, 2);
	}
	q_end(q);
	return have < 0 ? -1 : lost_count(w, e);
}

static int
key_read(struct log_walk *w, struct err *e)
{
	struct query *q = db_query(log_walk_prepared[Q_KEY]);
	char text[VKEY_SIZE] = "";
	int have = q_next(q, e);
	size_t n;

	if (have == 1) {
		const uint8_t *p = q_col_blob(q, 0, &n);

		if (n < sizeof text)
			memcpy(text, p, n);
	}
	q_end(q);
	w->has_key = vkey_parse(text, &w->key, NULL) == 0;
	return have < 0 ? -1 : 0;
}

static int
head_next(struct log_walk *w, struct err *e)
{
	int have = q_next(w->heads, e);

	if (have == 1)
		w->head_size = q_col_i64(w->heads, 0);
	else
		w->heads = NULL;
	return have < 0 ? -1 : 0;
}

static int
heads_open(struct log_walk *w, struct err *e)
{
	w->heads = db_query(log_walk_prepared[Q_HEADS]);
	q_i64(w->heads, 1, w->good_size);
	return head_next(w, e);
}

struct log_walk *
log_walk_new(struct err *e)
{
	struct log_walk *w = xcalloc(1, sizeof *w);

	w->good_size = -1;
	if (counts_read(w, e) == 0 && key_read(w, e) == 0 &&
	    heads_open(w, e) == 0) {
		w->good_size = 0;
		return w;
	}
	log_walk_free(w);
	return NULL;
}

void
log_walk_pause(struct log_walk *w)
{
	if (w->heads != NULL)
		q_end(w->heads);
	w->heads = NULL;
}

int
log_walk_resume(struct log_walk *w, struct err *e)
{
	if (heads_open(w, e) < 0 || lost_count(w, e) < 0)
		return -1;
	/* signed meanwhile over what is passed already: for the next walk */
	while (w->heads != NULL && w->head_size <= w->f.size &&
	    w->f.size > 0)
		if (head_next(w, e) < 0)
			return -1;
	return 0;
}

void
log_walk_free(struct log_walk *w)
{
	if (w == NULL)
		return;
	log_walk_pause(w);
	buf_clear(&w->leaf);
	free(w);
}

void
log_walk_anchor(struct log_walk *w, const struct checkpoint *c,
    const char *folder)
{
	w->anchor = *c;
	w->has_anchor = true;
	snprintf(w->copy, sizeof w->copy, "%s", folder);
}

/* ---- what is kept of the tree ---- */

/* 1 the same, 0 not, -1 no such row. */
static int
node_same(int level, int64_t number, const struct merkle_hash *h)
{
	struct query *q = db_query(log_walk_prepared[Q_NODE]);
	const uint8_t *p = NULL;
	int r = -1;
	size_t n;

	q_i64(q, 1, level);
	q_i64(q, 2, number);
	if (q_next(q, NULL) == 1) {
		p = q_col_blob(q, 0, &n);
		r = n == 32 && memcmp(p, h, 32) == 0;
	}
	q_end(q);
	return r;
}

/* The place of the first leaf hash that differs; TILE_WIDTH none. */
static int
leaves_differ(const struct log_walk *w, int64_t tile)
{
	struct query *q = db_query(log_walk_prepared[Q_LEAVES]);
	const uint8_t *p = NULL;
	int at = 0;
	size_t n;

	q_i64(q, 1, tile);
	if (q_next(q, NULL) == 1) {
		p = q_col_blob(q, 0, &n);
		while (at < TILE_WIDTH && n == TILE_WIDTH * 32 &&
		    memcmp(p + 32 * at, &w->leaves[at], 32) == 0)
			at++;
	}
	q_end(q);
	return at;
}

static const char *
tiles_check(struct log_walk *w, int64_t *row)
{
	int64_t tile = w->f.size / TILE_WIDTH - 1, number = tile;
	int at;

	if (tile >= w->tiles)
		return NULL;		/* not kept yet */
	if ((at = leaves_differ(w, tile)) < TILE_WIDTH) {
		*row = tile * TILE_WIDTH + at + 1;
		snprintf(w->text, sizeof w->text,
		    "entry %lld is not the one that log_leaves tile %lld knows",
		    (long long)*row, (long long)tile);
		return w->text;
	}
	for (int level = 1; level <= w->f.n_tiles; level++) {
		if (node_same(level, number, &w->f.tile[level]) != 1) {
			*row = w->f.size;
			snprintf(w->text, sizeof w->text,
			    "log_node %lld of level %d is not what the entries up to %lld make",
			    (long long)number, level, (long long)*row);
			return w->text;
		}
		number /= TILE_WIDTH;
	}
	return NULL;
}

/* ---- signed heads ---- */

static const char *
head_check(struct log_walk *w, int64_t *row)
{
	struct merkle_hash root;
	struct checkpoint c;
	const uint8_t *note;
	size_t n;
	bool good;

	note = q_col_blob(w->heads, 1, &n);
	merkle_frontier_root(&w->f, &root);
	good = w->has_key && checkpoint_parse(note, n, &c, NULL) == 0 &&
	    note_verify(note, n, &w->key, NULL, NULL) == 1 &&
	    c.size == w->head_size;
	if (good && memcmp(&c.root, &root, sizeof root) == 0) {
		w->good_size = w->head_size;
		return NULL;
	}
	*row = good ? w->good_size + 1 : w->head_size;
	if (good)
		snprintf(w->text, sizeof w->text,
		    "an entry from %lld to %lld is not the one that was signed: the log was made anew",
		    (long long)*row, (long long)w->head_size);
	else
		snprintf(w->text, sizeof w->text,
		    "log_checkpoint row %lld was changed",
		    (long long)w->head_size);
	return w->text;
}

static const char *
heads_check(struct log_walk *w, int64_t *row)
{
	const char *wrong = NULL;

	while (w->heads != NULL && w->head_size < w->f.size) {
		*row = w->head_size;
		snprintf(w->text, sizeof w->text,
		    "log_checkpoint row %lld was put in or changed",
		    (long long)w->head_size);
		return w->text;
	}
	if (w->heads == NULL || w->head_size != w->f.size)
		return NULL;
	if ((wrong = head_check(w, row)) != NULL)
		return wrong;
	head_next(w, NULL);
	return NULL;
}

/* Beside the anchor may lie the tiles that it is the head of: these say which
 * entry it is.  (They need no trust: only the root decides that one is bad.) */
static const char *
copy_check(struct log_walk *w, int width, int64_t *row)
{
	int64_t tile = (w->f.size - width) / TILE_WIDTH;
	char name[128], path[CONF_PATH_SIZE + 160];
	struct blob b = { 0 };
	int at = 0;

	log_tile_name(name, 0, tile, width);
	snprintf(path, sizeof path, "%s/%s", w->copy, name);
	if (w->copy[0] == '\0' ||
	    file_read(path, TILE_WIDTH * 32, &b, NULL) < 0)
		return NULL;
	while (at < width && (size_t)at * 32 + 32 <= b.size &&
	    memcmp(b.data + 32 * at, &w->leaves[at], 32) == 0)
		at++;
	blob_clear(&b);
	if (at == width)
		return NULL;
	*row = tile * TILE_WIDTH + at + 1;
	snprintf(w->text, sizeof w->text,
	    "entry %lld is not the one that was published",
	    (long long)*row);
	return w->text;
}

static const char *
anchor_check(struct log_walk *w, int64_t *row)
{
	struct merkle_hash root;
	int width = (int)(w->f.size % TILE_WIDTH);
	const char *wrong = NULL;

	if (!w->has_anchor || w->f.size > w->anchor.size)
		return NULL;
	if (width == 0)
		wrong = copy_check(w, TILE_WIDTH, row);
	if (wrong != NULL || w->f.size != w->anchor.size)
		return wrong;
	merkle_frontier_root(&w->f, &root);
	if (memcmp(&root, &w->anchor.root, sizeof root) == 0)
		return NULL;
	if (width != 0 && (wrong = copy_check(w, width, row)) != NULL)
		return wrong;
	*row = w->good_size + 1;
	snprintf(w->text, sizeof w->text,
	    "an entry from %lld to %lld is not the one that the anchor knows: the log was made anew",
	    (long long)*row, (long long)w->f.size);
	return w->text;
}

/* ---- rows ---- */

/* A leaf is hashed with its mark before it. */
static void
leaf_begin(struct log_walk *w)
{
	w->leaf.size = 0;
	buf_put_u8(&w->leaf, MERKLE_LEAF_MARK);
}

static const char *
leaf_add(struct log_walk *w, int64_t *row)
{
	struct merkle_hash h;
	const char *wrong = NULL;

	merkle_leaf_marked(&h, w->leaf.data, w->leaf.size);
	w->leaves[w->f.size % TILE_WIDTH] = h;
	merkle_append(&w->f, &h);
	wrong = anchor_check(w, row);
	if (wrong == NULL && w->f.n_tiles > 0)
		wrong = tiles_check(w, row);
	return wrong != NULL ? wrong : heads_check(w, row);
}

const char *
log_walk_row(struct log_walk *w, int64_t number, int64_t at,
    const struct cell c[LEAF_CELLS], int64_t *row)
{
	leaf_begin(w);
	log_leaf_put(&w->leaf, number, at, c);
	return leaf_add(w, row);
}

bool
log_walk_lost(struct log_walk *w, int64_t number, uint8_t last[32],
    int64_t *at)
{
	struct query *q = db_query(log_walk_prepared[Q_LOST]);
	struct log_leaf l;
	const uint8_t *p = NULL, *hash;
	bool good = false;
	int64_t row;
	size_t n, n_hash;

	q_i64(q, 1, number);
	if (q_next(q, NULL) == 1) {
		p = q_col_blob(q, 2, &n);
		hash = q_col_blob(q, 1, &n_hash);
		good = log_leaf_parse(p, n, &l, NULL) == 0 &&
		    l.number == number && l.at == q_col_i64(q, 0) &&
		    n_hash == 32 && memcmp(l.hash, hash, 32) == 0 &&
		    (at == NULL || memcmp(l.previous, last, 32) == 0);
		if (good && w != NULL) {
			w->lost++;
			leaf_begin(w);
			buf_put(&w->leaf, p, n);
			good = leaf_add(w, &row) == NULL;
		}
		if (good) {
			memcpy(last, l.hash, 32);
			if (at != NULL)
				*at = l.at;
		}
	}
	q_end(q);
	return good;
}

/* ---- the end ---- */

const char *
log_walk_end(struct log_walk *w, int64_t *row)
{
	int64_t nodes = 0;

	*row = w->f.size + 1;
	if (w->heads != NULL || (w->has_anchor &&
	    w->anchor.size > w->f.size)) {
		snprintf(w->text, sizeof w->text,
		    "entry %lld is missing: %s of %lld entries was signed",
		    (long long)*row, w->heads == NULL ? "the anchor" :
		    "a head", (long long)(w->heads != NULL ? w->head_size :
		    w->anchor.size));
		return w->text;
	}
	for (int64_t n = w->tiles; n > 0; n /= TILE_WIDTH)
		nodes += n;
	if (w->tiles > w->f.size / TILE_WIDTH || w->n_leaves != w->tiles ||
	    w->n_nodes != nodes || w->lost != w->n_lost)
		snprintf(w->text, sizeof w->text,
		    "rows of log_leaves, log_node or log_lost behind entry %lld were put in or taken out",
		    (long long)w->f.size);
	else
		return NULL;
	return w->text;
}
