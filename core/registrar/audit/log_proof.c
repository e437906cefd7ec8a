/* log_proof.c - that the issuance of a request's certificate, and the
 * approvals of it, are in the log: proofs that need nobody's word. */
#include "core/registrar/audit/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/request/request.h"

enum { Q_ENTRIES };
static const char *const sql[] = {
	[Q_ENTRIES] = "SELECT number, action, object FROM audit"
	    " WHERE noun = 'request' AND object = ?1 AND outcome = 'done'"
	    " AND action = 'request.approve' UNION ALL"
	    " SELECT number, action, object FROM audit"
	    " WHERE noun = 'certificate' AND object = ?2 AND outcome = 'done'"
	    " AND action = 'certificate.issue' ORDER BY 1",
};
DB_STATEMENTS(log_proof, sql)

static int
path_fill(struct log_proof *p, int64_t size, struct err *e)
{
	struct merkle_proof path;
	struct buf leaf = { 0 };
	int r;

	if (merkle_inclusion(&log_tree, p->entry - 1, size, &path, e) < 0)
		return -1;
	for (size_t i = 0; i < path.n; i++)
		memcpy(LIST_ADD(p, path)->hash, path.path[i].bytes, 32);
	if ((r = log_leaf_of(p->entry - 1, &leaf, e)) == 0)
		blob_set(&p->leaf, leaf.data, leaf.size);
	buf_clear(&leaf);
	return r;
}

static int
entries_find(const struct request_head *h, struct proof *r, struct err *e)
{
	struct query *q = db_query(log_proof_prepared[Q_ENTRIES]);
	char number[24];
	int have;

	snprintf(number, sizeof number, "%lld", (long long)h->number);
	q_str(q, 1, number);
	q_str(q, 2, h->serial);
	while ((have = q_next(q, e)) == 1) {
		struct log_proof *p = LIST_ADD(r, rows);

		p->entry = q_col_i64(q, 0);
		q_col_str(q, 1, p->action, sizeof p->action);
		q_col_str(q, 2, p->object, sizeof p->object);
	}
	return have;
}

/* C2SP tlog-proof: what was hashed goes along as `extra`. */
static void
text_put(struct buf *b, const struct log_proof *p, const struct blob *note)
{
	char *leaf = base64_encode(p->leaf.data, p->leaf.size);

	buf_printf(b, "c2sp.org/tlog-proof@v1\nextra %s\nindex %lld\n", leaf,
	    (long long)p->entry - 1);
	free(leaf);
	for (size_t i = 0; i < p->n_path; i++) {
		char *hash = base64_encode(p->path[i].hash, 32);

		buf_printf(b, "%s\n", hash);
		free(hash);
	}
	buf_put_u8(b, '\n');
	buf_put(b, note->data, note->size);
}

static int
proofs_make(struct proof *r, struct err *e)
{
	struct buf b = { 0 };
	struct vkey v;
	int64_t size;
	int done = -1;

	if (log_last_witnessed(&r->checkpoint, &size, e) < 0)
		goto out;
	if (size < r->rows[r->n_rows - 1].entry) {
		log_wanted();
		err_set(e, ERR_UNAVAILABLE, "log-head",
		    "the log's next signed head will have it, in some seconds; ask again then");
		goto out;
	}
	if (log_key(&v, e) < 0)
		goto out;
	vkey_text(&v, r->vkey);
	for (size_t i = 0; i < r->n_rows; i++) {
		if (path_fill(&r->rows[i], size, e) < 0)
			goto out;
		text_put(&b, &r->rows[i], &r->checkpoint);
	}
	blob_set(&r->text, b.data, b.size);
	done = 0;
out:
	buf_clear(&b);
	return done;
}

int
serve_request_proof(struct seat *s, const struct ref *a, struct proof *r,
    struct err *e)
{
	struct request_head h;
	int64_t number;

	if (request_find(s, a->ref, &number, e) < 0 ||
	    request_head_load(number, &h, e) < 0 ||
	    entries_find(&h, r, e) < 0)
		return -1;
	r->request = number;
	if (h.state == REQUEST_ISSUED)
		str_copy(r->serial, sizeof r->serial, h.serial);
	if (r->n_rows == 0)
		return err_set(e, ERR_NOT_FOUND, "log-proof",
		    "request %lld is %s: nothing was approved or issued yet that the log could prove",
		    (long long)number,
		    word_of(&request_state_words, h.state));
	return proofs_make(r, e);
}
