/* db_query.c - statements taken, bound, run and read. */
#include "core/registrar/db_parts.h"

#include <string.h>

#include "core/base/log.h"

struct query *
db_query(struct query *q)
{
	if (q == NULL || q->stmt == NULL)
		fatal("statement that was never prepared");
	if (q->open)
		fatal("statement still in use: %s", sqlite3_sql(q->stmt));
	sqlite3_clear_bindings(q->stmt);
	q->open = true;
	q->bad = false;
	database.open_queries++;
	return q;
}

void
q_i64(struct query *q, int parameter, int64_t v)
{
	if (sqlite3_bind_int64(q->stmt, parameter, v) != SQLITE_OK)
		q->bad = true;
}

void
q_str(struct query *q, int parameter, const char *v)
{
	if (sqlite3_bind_text(q->stmt, parameter, v, -1,
	    SQLITE_TRANSIENT) != SQLITE_OK)
		q->bad = true;
}

void
q_blob(struct query *q, int parameter, const void *v, size_t size)
{
	/* a NULL pointer would bind NULL; no bytes are an empty blob */
	if (sqlite3_bind_blob64(q->stmt, parameter, size ? v : "", size,
	    SQLITE_TRANSIENT) != SQLITE_OK)
		q->bad = true;
}

void
q_blob_held(struct query *q, int parameter, const void *v, size_t size)
{
	if (sqlite3_bind_blob64(q->stmt, parameter, size ? v : "", size,
	    SQLITE_STATIC) != SQLITE_OK)
		q->bad = true;
}

void
q_str_held(struct query *q, int parameter, const char *v)
{
	if (sqlite3_bind_text(q->stmt, parameter, v, -1,
	    SQLITE_STATIC) != SQLITE_OK)
		q->bad = true;
}

void
q_null(struct query *q, int parameter)
{
	if (sqlite3_bind_null(q->stmt, parameter) != SQLITE_OK)
		q->bad = true;
}

void
q_end(struct query *q)
{
	if (!q->open)
		return;
	sqlite3_reset(q->stmt);
	q->open = false;
	database.open_queries--;
}

int
q_next(struct query *q, struct err *e)
{
	int r;

	if (db_doomed()) {
		q_end(q);
		return err_set(e, ERR_UNAVAILABLE, "database",
		    "the authority could not keep this; nothing was changed, try again later");
	}
	if (q->bad || !q->open) {
		log_warn("database: badly bound: %s", sqlite3_sql(q->stmt));
		q_end(q);
		return err_set(e, ERR_BROKEN, "database",
		    "a fault in a question to the authority's database");
	}
	r = sqlite3_step(q->stmt);
	if (r == SQLITE_ROW)
		return 1;
	if (r != SQLITE_DONE)
		db_engine_error(sqlite3_sql(q->stmt), e);
	q_end(q);
	return r == SQLITE_DONE ? 0 : -1;
}

int
q_run(struct query *q, struct err *e)
{
	int r;

	while ((r = q_next(q, e)) == 1)
		;
	return r;
}

int64_t
q_col_i64(struct query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

bool
q_col_null(struct query *q, int column)
{
	return sqlite3_column_type(q->stmt, column) == SQLITE_NULL;
}

void
q_col_str(struct query *q, int column, char *dst, size_t size)
{
	const void *text = sqlite3_column_text(q->stmt, column);
	size_t n = (size_t)sqlite3_column_bytes(q->stmt, column);

	if (n >= size)
		fatal("column %d of %zu bytes does not fit %zu: %s", column,
		    n, size, sqlite3_sql(q->stmt));
	if (text != NULL)
		memcpy(dst, text, n);
	dst[n] = '\0';
}

const uint8_t *
q_col_blob(struct query *q, int column, size_t *size)
{
	const void *p = sqlite3_column_blob(q->stmt, column);

	*size = (size_t)sqlite3_column_bytes(q->stmt, column);
	return p;
}

/* Through the value, which this one thread alone holds: half the calls. */
size_t
q_cells(struct query *q, int first, int count, struct cell *out)
{
	sqlite3_value *v = NULL;
	size_t all = 0;

	for (int i = 0; i < count; i++) {
		v = sqlite3_column_value(q->stmt, first + i);
		out[i].data = sqlite3_value_blob(v);
		out[i].size = (size_t)sqlite3_value_bytes(v);
		out[i].null = out[i].size == 0 &&
		    sqlite3_value_type(v) == SQLITE_NULL;
		all += out[i].size;
	}
	return all;
}

int
q_columns(const struct query *q)
{
	return sqlite3_column_count(q->stmt);
}

const char *
q_column_name(const struct query *q, int column)
{
	return sqlite3_column_name(q->stmt, column);
}

char
q_column_kind(const struct query *q, int column)
{
	switch (sqlite3_column_type(q->stmt, column)) {
	case SQLITE_INTEGER:
		return 'i';
	case SQLITE_TEXT:
		return 's';
	case SQLITE_BLOB:
		return 'b';
	default:
		return 'n';
	}
}

void
q_col_bytes(struct query *q, int column, uint8_t *dst, size_t size)
{
	size_t n;
	const uint8_t *p = q_col_blob(q, column, &n);

	memset(dst, 0, size);
	if (p == NULL || n == 0)
		return;
	if (n != size)
		fatal("column %d has %zu bytes, not %zu: %s", column, n, size,
		    sqlite3_sql(q->stmt));
	memcpy(dst, p, n);
}

int64_t
db_last_number(void)
{
	return sqlite3_last_insert_rowid(database.handle);
}

int64_t
db_changes(void)
{
	return sqlite3_changes64(database.handle);
}

int64_t
db_total_changes(void)
{
	return sqlite3_total_changes64(database.handle);
}
