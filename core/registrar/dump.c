/* dump.c - what is there, one line a thing: its kind, its name, and a hash
 * over what of it never changes.  So two dumps show what was lost. */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/x509/hash.h"

#define ROWS 500

/* Columns: number (the cursor), id, then what never changes. */
enum { Q_REQUEST, Q_APPROVAL, Q_SERIAL, Q_CERTIFICATE, Q_REVOCATION,
	Q_NOTICE, KINDS };
static const char *const sql[KINDS] = {
	[Q_REQUEST] = "SELECT number, number, account, profile, first,"
	    " domains, subject_cn, note, digest, csr_sha256, spki_sha256,"
	    " key_words, renews, created FROM request"
	    " WHERE number > ?1 ORDER BY number LIMIT ?2",
	[Q_APPROVAL] = "SELECT number, number, request, account, at, digest,"
	    " note FROM approval WHERE number > ?1 ORDER BY number LIMIT ?2",
	[Q_SERIAL] = "SELECT number, serial, issuer FROM certificate"
	    " WHERE number > ?1 ORDER BY number LIMIT ?2",
	[Q_CERTIFICATE] = "SELECT number, serial, request, account, issuer,"
	    " not_before, not_after, issued, sha256, spki_sha256, policy"
	    " FROM certificate WHERE number > ?1 AND request IS NOT NULL"
	    " ORDER BY number LIMIT ?2",
	[Q_REVOCATION] = "SELECT number, number, certificate, account, role,"
	    " reason, requested FROM revocation"
	    " WHERE number > ?1 ORDER BY number LIMIT ?2",
	[Q_NOTICE] = "SELECT number, number, kind, account, recipient,"
	    " subject, challenge, created FROM notice"
	    " WHERE number > ?1 ORDER BY number LIMIT ?2",
};
DB_STATEMENTS(dump, sql)

static const struct {
	const char *kind;
	int columns;
} kinds[KINDS] = {
	[Q_REQUEST] = { "request", 14 },
	[Q_APPROVAL] = { "approval", 7 },
	[Q_SERIAL] = { "serial", 3 },
	[Q_CERTIFICATE] = { "certificate", 11 },
	[Q_REVOCATION] = { "revocation", 7 },
	[Q_NOTICE] = { "notice", 8 },
};

/* "" from the beginning, else "kind:number" of the last row given. */
static int
cursor_read(const char *cursor, int *kind, int64_t *after, struct err *e)
{
	const char *colon = strchr(cursor, ':');

	*kind = 0;
	*after = 0;
	if (*cursor == '\0')
		return 0;
	for (int i = 0; colon != NULL && i < KINDS; i++)
		if (strncmp(cursor, kinds[i].kind, (size_t)(colon - cursor)) ==
		    0 && kinds[i].kind[colon - cursor] == '\0' &&
		    number_parse(colon + 1, INT64_MAX, after)) {
			*kind = i;
			return 0;
		}
	return err_set(e, ERR_BAD_INPUT, "dump", "no such cursor");
}

static void
row_take(struct query *q, int kind, struct buf *b, struct have *h)
{
	b->size = 0;
	buf_put_str(b, kinds[kind].kind);
	for (int c = 1; c < kinds[kind].columns; c++) {
		size_t n;
		const uint8_t *p = q_col_blob(q, c, &n);

		buf_put_u8(b, q_col_null(q, c));
		buf_put_bytes(b, p, n);
	}
	str_copy(h->kind, sizeof h->kind, kinds[kind].kind);
	q_col_str(q, 1, h->id, sizeof h->id);
	sha256(h->sha256, b->data, b->size);
}

/* The rows of one kind that still fit; *after is the last one then. */
static int
kind_dump(int kind, int64_t *after, struct have_page *r, struct err *e)
{
	struct query *q = db_query(dump_prepared[kind]);
	struct buf b = { 0 };
	int have;

	q_i64(q, 1, *after);
	q_i64(q, 2, ROWS - (int64_t)r->n_rows);
	while ((have = q_next(q, e)) == 1) {
		*after = q_col_i64(q, 0);
		row_take(q, kind, &b, LIST_ADD(r, rows));
	}
	buf_clear(&b);
	return have;
}

int
serve_operator_dump(struct seat *s, const struct ref *a,
    struct have_page *r, struct err *e)
{
	int64_t after;
	int kind;

	(void)s;
	if (cursor_read(a->ref, &kind, &after, e) < 0)
		return -1;
	for (; kind < KINDS; kind++, after = 0) {
		if (kind_dump(kind, &after, r, e) < 0)
			return -1;
		if (r->n_rows < ROWS)
			continue;
		snprintf(r->next, sizeof r->next, "%s:%lld",
		    kinds[kind].kind, (long long)after);
		break;
	}
	return 0;
}
