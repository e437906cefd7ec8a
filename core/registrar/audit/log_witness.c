/* log_witness.c - witnesses of the log (C2SP tlog-cosignature): known by their
 * keys, and what they have cosigned is published with the head. */
#include "core/registrar/audit/log_files.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/registrar/registrar.h"

#define WITNESSES 32

enum { Q_ALL, Q_ADD, Q_REMOVE, Q_LINE, Q_LINES, Q_NEWEST };
static const char *const sql[] = {
	[Q_ALL] = "SELECT name, vkey, added, size, at FROM witness"
	    " ORDER BY name LIMIT 32",
	[Q_ADD] = "INSERT INTO witness (name, vkey, added)"
	    " VALUES (?1, ?2, ?3)",
	[Q_REMOVE] = "DELETE FROM witness WHERE name = ?1",
	[Q_LINE] = "UPDATE witness SET size = ?2, at = ?3, line = ?4"
	    " WHERE name = ?1 AND (size < ?2 OR (size = ?2 AND at <= ?3))",
	[Q_LINES] = "SELECT line FROM witness WHERE size = ?1 ORDER BY name",
	[Q_NEWEST] = "SELECT max(size) FROM witness",
};
DB_STATEMENTS(log_witness, sql)

static int
all_load(struct witness_list *r, struct err *e)
{
	struct query *q = db_query(log_witness_prepared[Q_ALL]);
	int have;

	while ((have = q_next(q, e)) == 1) {
		struct witness *w = LIST_ADD(r, rows);

		q_col_str(q, 0, w->name, sizeof w->name);
		q_col_str(q, 1, w->vkey, sizeof w->vkey);
		w->added = q_col_i64(q, 2);
		w->size = q_col_i64(q, 3);
		w->at = q_col_i64(q, 4);
	}
	return have;
}

int
serve_operator_witness_list(struct seat *s, const struct none *a,
    struct witness_list *r, struct err *e)
{
	struct vkey v;

	(void)s;
	(void)a;
	if (log_key(&v, NULL) == 0)
		vkey_text(&v, r->vkey);
	if (log_last(NULL, &r->size, e) < 0)
		return -1;
	return all_load(r, e);
}

int
serve_operator_witness_add(struct seat *s, const struct text *a,
    struct witness *r, struct err *e)
{
	struct witness_list known = { 0 };
	char text[VKEY_SIZE] = "";
	struct query *q = NULL;
	struct vkey v;
	size_t have;

	if (a->text.size >= sizeof text)
		return err_set(e, ERR_BAD_INPUT, "C2SP signed-note",
		    "a verifier key has at most %d characters", VKEY_SIZE);
	if (a->text.size > 0)
		memcpy(text, a->text.data, a->text.size);
	if (vkey_parse(text, &v, e) < 0)
		return -1;
	if (v.kind != NOTE_COSIGNATURE)
		return err_set(e, ERR_BAD_INPUT, "C2SP tlog-cosignature",
		    "%s signs notes, not cosignatures: a witness has a key of type 4",
		    v.name);
	if (all_load(&known, e) < 0)
		return -1;
	have = known.n_rows;
	NOUN_CLEAR(witness_list, &known);
	if (have == WITNESSES)
		return err_set(e, ERR_REFUSED, "log-witness",
		    "%d witnesses are enough: `xmpp-icactl witness remove NAME` first",
		    WITNESSES);
	vkey_text(&v, r->vkey);
	str_copy(r->name, sizeof r->name, v.name);
	r->added = clock_now();
	q = db_query(log_witness_prepared[Q_ADD]);
	q_str(q, 1, r->name);
	q_str(q, 2, r->vkey);
	q_i64(q, 3, r->added);
	if (q_run(q, e) < 0)
		return -1;
	return audit_add(s, "witness.add", "witness", r->name, OUTCOME_DONE,
	    e, "%s", r->vkey);
}

int
serve_operator_witness_remove(struct seat *s, const struct ref *a,
    struct none *r, struct err *e)
{
	struct query *q = db_query(log_witness_prepared[Q_REMOVE]);

	(void)r;
	q_str(q, 1, a->ref);
	if (q_run(q, e) < 0)
		return -1;
	if (db_changes() != 1)
		return err_set(e, ERR_NOT_FOUND, "log-witness",
		    "no witness has this name; `xmpp-icactl witness list`");
	return audit_add(s, "witness.remove", "witness", a->ref,
	    OUTCOME_DONE, e, "%s", "");
}

/* ---- a cosigned head ---- */

static int
line_keep(const char *name, const struct checkpoint *c, int64_t at,
    const struct blob *line, struct err *e)
{
	struct query *q = db_query(log_witness_prepared[Q_LINE]);
	char text[512] = "";

	if (line->size >= sizeof text)
		return err_set(e, ERR_BAD_INPUT, "C2SP signed-note",
		    "a signature line is too long");
	memcpy(text, line->data, line->size);
	q_str(q, 1, name);
	q_i64(q, 2, c->size);
	q_i64(q, 3, at);
	q_str(q, 4, text);
	return q_run(q, e);
}

/* Every known witness whose line is in the note; *r is the last of them. */
static int
lines_take(const struct blob *note, const struct checkpoint *c,
    struct witness *r, struct err *e)
{
	struct witness_list known = { 0 };
	struct blob line = { 0 };
	int done = all_load(&known, e);

	for (size_t i = 0; i < known.n_rows && done == 0; i++) {
		struct witness *w = &known.rows[i];
		struct vkey v;
		int64_t at = 0;
		int good;

		if (vkey_parse(w->vkey, &v, e) < 0) {
			done = -1;
			break;
		}
		good = note_verify(note->data, note->size, &v, &line, &at);
		if (good < 0)
			done = err_set(e, ERR_REFUSED, "log-witness",
			    "the cosignature of %s is wrong", w->name);
		if (good <= 0)
			continue;
		w->size = c->size;
		w->at = at;
		*r = *w;
		done = line_keep(w->name, c, at, &line, e);
	}
	blob_clear(&line);
	NOUN_CLEAR(witness_list, &known);
	if (done == 0 && r->name[0] == '\0')
		return err_set(e, ERR_REFUSED, "log-witness",
		    "no known witness has cosigned this head; `xmpp-icactl witness add VKEY` makes one known");
	return done;
}

/* It must be a head of ours. */
static int
head_ours(const struct blob *note, const struct checkpoint *c, struct err *e)
{
	struct merkle_hash root;
	struct vkey v;
	int64_t last;

	if (log_key(&v, e) < 0 || log_last(NULL, &last, e) < 0)
		return -1;
	if (c->size > last || c->size < 1 || note_verify(note->data,
	    note->size, &v, NULL, NULL) != 1)
		return err_set(e, ERR_REFUSED, "log-head",
		    "this head of %lld entries was not signed by this log",
		    (long long)c->size);
	if (merkle_root(&log_tree, c->size, &root, e) < 0)
		return -1;
	return memcmp(&root, &c->root, sizeof root) == 0 ? 0 :
	    err_set(e, ERR_REFUSED, "log-fork",
	    "this head of %lld entries is signed by this log's key, and is not its tree: tell the operator of the signer at once",
	    (long long)c->size);
}

static int
newest(int64_t *size, struct err *e)
{
	struct query *q = db_query(log_witness_prepared[Q_NEWEST]);
	int have = q_next(q, e);

	*size = have == 1 ? q_col_i64(q, 0) : 0;
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* published/log/witnessed: the newest head that has cosignatures. */
static int
witnessed_write(const struct blob *note, const struct checkpoint *c,
    struct err *e)
{
	struct query *q = db_query(log_witness_prepared[Q_LINES]);
	char path[CONF_PATH_SIZE];
	struct blob line = { 0 };
	struct buf b = { 0 };
	struct vkey v;
	const uint8_t *p = NULL;
	int have, r = -1;
	size_t n;

	if (log_key(&v, e) < 0 || note_verify(note->data, note->size, &v,
	    &line, NULL) != 1)
		goto out;
	buf_put(&b, note->data, c->body);
	buf_put_u8(&b, '\n');
	buf_put(&b, line.data, line.size);
	q_i64(q, 1, c->size);
	while ((have = q_next(q, e)) == 1) {
		p = q_col_blob(q, 0, &n);
		buf_put(&b, p, n);
	}
	log_file_path(path, "witnessed");
	if (have == 0)
		r = file_replace(path, b.data, b.size, 0644, e);
out:
	q_end(q);
	blob_clear(&line);
	buf_clear(&b);
	return r;
}

int
serve_operator_cosign(struct seat *s, const struct text *a,
    struct witness *r, struct err *e)
{
	struct checkpoint c;
	int64_t last, best;

	if (checkpoint_parse(a->text.data, a->text.size, &c, e) < 0 ||
	    head_ours(&a->text, &c, e) < 0 ||
	    lines_take(&a->text, &c, r, e) < 0 ||
	    log_last(NULL, &last, e) < 0 || newest(&best, e) < 0)
		return -1;
	if (audit_add(s, "log.cosign", "witness", r->name, OUTCOME_DONE, e,
	    "%lld entries", (long long)c.size) < 0 ||
	    (c.size == best && witnessed_write(&a->text, &c, e) < 0))
		return -1;
	return c.size == last ? log_checkpoint_write(e) : 0;
}
