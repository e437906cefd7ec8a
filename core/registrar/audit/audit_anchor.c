/* audit_anchor.c - the log against what somebody kept of it elsewhere: the
 * hash of one entry, or a signed head (S11.2). */
#include "core/registrar/audit/log_files.h"

#include <stdio.h>
#include <string.h>

#include "core/base/file.h"
#include "core/registrar/registrar.h"

enum { Q_HASH };
static const char *const sql[] = {
	[Q_HASH] = "SELECT hash FROM audit WHERE number = ?1",
};
DB_STATEMENTS(audit_anchor, sql)

/* A chain that was cut, or made anew as a whole, is whole: only a hash that
 * was kept elsewhere tells. */
int
audit_anchor(int64_t number, const uint8_t hash[32], struct audit_check *r,
    struct err *e)
{
	struct query *q = NULL;
	const uint8_t *p = NULL;
	bool same = false;
	size_t n;
	int have;

	if (number > r->entries) {
		r->good = false;
		r->bad_row = r->entries + 1;
		snprintf(r->text, sizeof r->text,
		    "is not there; the anchor knows %lld entries",
		    (long long)number);
		return 0;
	}
	q = db_query(audit_anchor_prepared[Q_HASH]);
	q_i64(q, 1, number);
	if ((have = q_next(q, e)) == 1) {
		p = q_col_blob(q, 0, &n);
		same = n == 32 && memcmp(p, hash, 32) == 0;
	}
	q_end(q);
	if (have < 0)
		return -1;
	if (!same) {
		r->good = false;
		r->bad_row = number;
		snprintf(r->text, sizeof r->text,
		    "is not the one that the anchor knows: the log was made anew up to it");
	}
	return 0;
}

/* The key beside the head, else the one in the database. */
static int
key_find(const char *folder, struct vkey *v, struct err *e)
{
	char path[CONF_PATH_SIZE + 8], text[VKEY_SIZE + 2] = "";
	struct blob b = { 0 };
	int r;

	snprintf(path, sizeof path, "%s/vkey", folder);
	if (file_read(path, sizeof text - 1, &b, NULL) < 0)
		return log_key(v, e);
	memcpy(text, b.data, b.size);
	r = vkey_parse(text, v, e);
	blob_clear(&b);
	return r;
}

int
audit_walk_note(const char *path, struct audit_check *r, struct err *e)
{
	char folder[CONF_PATH_SIZE];
	struct blob note = { 0 };
	struct checkpoint c;
	struct vkey v;
	char *slash = NULL;
	int done = -1;

	if (snprintf(folder, sizeof folder, "%s", path) >=
	    (int)sizeof folder)
		return err_set(e, ERR_BAD_INPUT, "anchor",
		    "the path of the anchor is too long");
	if ((slash = strrchr(folder, '/')) != NULL)
		*slash = '\0';
	else
		memcpy(folder, ".", 2);
	if (file_read(path, NOTE_MAX, &note, e) < 0 ||
	    checkpoint_parse(note.data, note.size, &c, e) < 0 ||
	    key_find(folder, &v, e) < 0)
		goto out;
	if (note_verify(note.data, note.size, &v, NULL, NULL) == 1)
		done = audit_walk_against(&c, folder, r, e);
	else
		err_set(e, ERR_REFUSED, "anchor",
		    "%s is not signed by the key of this log, %s", path,
		    v.name);
out:
	blob_clear(&note);
	return done;
}
