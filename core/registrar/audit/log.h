/*
 * log.h - the Merkle log over the audit entries: leaves, tree, signed heads,
 * what of it is published, proofs, losses, witnesses (S11.2 - S11.5).
 */
#ifndef REGISTRAR_LOG_H
#define REGISTRAR_LOG_H

#include "core/base/buf.h"
#include "core/model/nouns.h"
#include "core/registrar/db.h"
#include "core/x509/checkpoint.h"

#define LEAF_MAX 1024
#define FOLDER_LOG "log"

/* ---- log_leaf.c ---- */

/* One entry as it is hashed and published: nothing personal in it. */
struct log_leaf {
	int64_t number, at;
	char role[16], action[48], noun[24], object[96], outcome[16];
	uint8_t previous[32], hash[32];
};

/* The columns of audit that a leaf is made of, in this order. */
#define LEAF_COLUMNS "number, at, role, action, noun, object, outcome," \
	" previous, hash"
/* Those behind number and at, as q_cells() gives them. */
enum { LEAF_ROLE, LEAF_ACTION, LEAF_NOUN, LEAF_OBJECT, LEAF_OUTCOME,
	LEAF_PREVIOUS, LEAF_HASH, LEAF_CELLS };
/* Put the bytes of the leaf of a row. */
void log_leaf_put(struct buf *b, int64_t number, int64_t when,
    const struct cell c[LEAF_CELLS]);
/* Read published bytes back. */
int log_leaf_parse(const uint8_t *leaf, size_t size, struct log_leaf *l,
    struct err *e);

/* ---- log_tree.c ---- */

/* The tree as the rows say it; complete tiles must have been kept before. */
extern const struct merkle_source log_tree;
/* How many entries there are (lost ones among them). */
int log_size(int64_t *size, struct err *e);
/* Keep the tiles that are complete up to `size`, at most `most` in one go (in
 * the open transaction); *more: there are more. */
int log_grow(int64_t size, int64_t most, bool *more, struct err *e);
/* Leaves first .. first + count - 1, each behind its u16 length. */
int log_leaves_put(struct buf *b, int64_t first, int count, struct err *e);
int log_leaf_of(int64_t index, struct buf *b, struct err *e);

/* ---- log_walk.c: the tree followed while the chain is walked ---- */

struct log_walk;
/* From the first entry, yours until log_walk_free(); NULL with *e. */
struct log_walk *log_walk_new(struct err *e);
void log_walk_free(struct log_walk *w);
/* Between slices no statement stays open, and the log may grow. */
void log_walk_pause(struct log_walk *w);
int log_walk_resume(struct log_walk *w, struct err *e);
/* A head that was kept elsewhere, and the folder where its tiles may lie (or
 * ""). */
void log_walk_anchor(struct log_walk *w, const struct checkpoint *c,
    const char *folder);
/* The next good row; NULL, or what is wrong (text and *row say it). */
const char *log_walk_row(struct log_walk *w, int64_t number, int64_t at,
    const struct cell c[LEAF_CELLS], int64_t *row);
/* A lost entry in between: true when the log_lost row fits.  w may be NULL:
 * the chain alone; at NULL: nothing is known of the entry before. */
bool log_walk_lost(struct log_walk *w, int64_t number, uint8_t last[32],
    int64_t *at);
/* All rows were seen. */
const char *log_walk_end(struct log_walk *w, int64_t *row);

/* audit_walk.c: the whole chain and tree, and a head that was kept elsewhere
 * (or NULL) in a folder where its tiles may lie. */
int audit_walk_against(const struct checkpoint *anchor, const char *folder,
    struct audit_check *r, struct err *e);
/* The same with a file: a signed head, whose key is VKEY beside it or that of
 * the database. */
int audit_walk_note(const char *path, struct audit_check *r, struct err *e);

/* ---- log_publish.c ---- */

/* Heads: made, signed, published.  Part of publish_run(). */
int log_round(bool *more, struct err *e);
/* Something happened that a head should cover soon. */
void log_wanted(void);
bool log_due(void);
/* The last one, at the end of this process. */
void log_finish(void);
/* The newest head of ours, as it was signed; size 0: none yet. */
int log_last(struct blob *note, int64_t *size, struct err *e);
/* The same with the lines of the witnesses. */
int log_last_witnessed(struct blob *note, int64_t *size, struct err *e);
int log_key(struct vkey *v, struct err *e);
void log_facts(struct fact_list *list);
/* Write published/log/checkpoint anew (a witness has signed it). */
int log_checkpoint_write(struct err *e);

/* ---- log_loss.c ---- */

/* Is the database behind what was published?  Then what it lacks is taken
 * from there as lost, and nothing is issued until that is recorded. */
int log_start(struct err *e);
/* ERR_UNAVAILABLE, with why, while nothing may be issued because of the log. */
int log_may_issue(struct err *e);
/* The signer's word about the last head; it may know more than we. */
void log_head_seen(const struct log_head *h);

#endif
