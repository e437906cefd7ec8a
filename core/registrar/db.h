/*
 * db.h - the working database: the only door to SQLite in the registrar.
 *
 * SQL text stands in tables of the file that uses it:
 *
 *	enum { Q_FIND, Q_ADD };
 *	static const char *const sql[] = {
 *		[Q_FIND] = "SELECT ... WHERE number = ?1", ... };
 *	DB_STATEMENTS(request, sql)
 *
 * and db_open() prepares all of them, so that a typo fails at the start.
 * SQL stays portable (no PRAGMA, no SQLite functions outside db.c).
 * Errors of the engine are ERR_UNAVAILABLE (disk full, busy) or ERR_BROKEN;
 * the burst that met them is rolled back by dispatch.c.
 */
#ifndef REGISTRAR_DB_H
#define REGISTRAR_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/mem.h"

struct db;
struct query;			/* a prepared statement in use */

/* A file's table of SQL, registered before main() by its constructor. */
struct db_statements {
	const char *name;
	const char *const *sql;
	size_t count;
	struct query **prepared;	/* filled by db_open() */
	struct db_statements *next;
};
void db_statements_register(struct db_statements *s);
#define DB_STATEMENTS(noun, table) \
static struct query *noun##_prepared[sizeof(table) / sizeof(table)[0]]; \
static struct db_statements noun##_statements = { \
	.name = #noun, .sql = table, \
	.count = sizeof(table) / sizeof(table)[0], \
	.prepared = noun##_prepared }; \
__attribute__((constructor)) static void \
noun##_statements_add(void) \
{ \
	db_statements_register(&noun##_statements); \
}

/*
 * Open (WAL, synchronous=FULL, foreign_keys, defensive, recursive_triggers,
 * no automatic checkpoint), check application_id and user_version, prepare
 * every registered statement.  db_create() makes a new file from schema.sql.
 */
int db_create(const char *path, struct err *e);
int db_open(const char *path, struct err *e);
/* A copy, to be read and checked only: nothing in it is changed. */
int db_open_to_read(const char *path, struct err *e);
void db_close(void);

/* One transaction around a burst; a savepoint around each question in it. */
int db_begin(struct err *e);
/* One snapshot for several questions, nothing is written; db_rollback() ends
 * it. */
int db_begin_to_read(struct err *e);
int db_commit(struct err *e);
void db_rollback(void);
int db_savepoint(struct err *e);
void db_savepoint_release(void);
void db_savepoint_undo(void);	/* savepoints nest */
/* The engine has failed inside this transaction (disk full): every further
 * question to it fails, and so will the commit. */
bool db_doomed(void);
/* What was written cannot be unmade piecemeal: commit will refuse the whole. */
void db_doom(void);
/* Grows with each undo and rollback: what memory holds of the database (the
 * head of the audit chain) is good only while this stays. */
int64_t db_generation(void);
/* End what a question left open; dispatch.c calls it after each one. */
void db_questions_end(void);

/* Passive checkpoint when the WAL has grown; called from the idle loop, and
 * at once (then forced) when db_wal_full().  Makes the reserve again. */
void db_idle(void);
bool db_wal_full(void);
/* The disk was full and the reserve is given up: only what must go on does. */
bool db_low(void);

/* Take a statement of a table, ready to bind: db_query(request_prepared[Q_FIND]).
 * Parameters count from 1, columns from 0.  Every taken statement is run to
 * its end, or ended with q_end(), before it is taken again: taking it twice
 * (a loop inside a loop over the same one) ends the process. */
struct query *db_query(struct query *prepared);
void q_i64(struct query *q, int parameter, int64_t v);
void q_str(struct query *q, int parameter, const char *v);	/* copied */
void q_blob(struct query *q, int parameter, const void *v, size_t size);
/* The same without a copy: v stays as it is until the statement has ended. */
void q_str_held(struct query *q, int parameter, const char *v);
void q_blob_held(struct query *q, int parameter, const void *v, size_t size);
void q_null(struct query *q, int parameter);

/* 1 a row, 0 no more rows (the statement is reset then), -1 with *e. */
int q_next(struct query *q, struct err *e);
/* Run to the end; 0 or -1 with *e (a broken UNIQUE is ERR_CONFLICT). */
int q_run(struct query *q, struct err *e);
/* Stop early; harmless when already at the end. */
void q_end(struct query *q);

int64_t q_col_i64(struct query *q, int column);
bool q_col_null(struct query *q, int column);
/* Into dst[size]; cut never happens: a longer value is fatal (schema CHECKs
 * bound every text). */
void q_col_str(struct query *q, int column, char *dst, size_t size);
/* Borrowed until the next q_next/q_end. */
const uint8_t *q_col_blob(struct query *q, int column, size_t *size);
void q_col_bytes(struct query *q, int column, uint8_t *dst, size_t size);

/* One value of a row, borrowed until the next q_next/q_end; NULL is not the
 * same as empty. */
struct cell {
	const uint8_t *data;
	size_t size;
	bool null;
};
/* Columns `first` ... of the row, for who reads many of them in many rows;
 * gives the sum of their sizes. */
size_t q_cells(struct query *q, int first, int count, struct cell *out);

/* For rows that are handed on as they are: how many columns, their names, and
 * 'i' integer, 's' text, 'b' blob, 'n' NULL. */
int q_columns(const struct query *q);
const char *q_column_name(const struct query *q, int column);
char q_column_kind(const struct query *q, int column);

int64_t db_last_number(void);	/* rowid of the last INSERT */
int64_t db_changes(void);	/* rows of the last UPDATE or DELETE */
int64_t db_total_changes(void);	/* rows ever changed by this process */

/* VACUUM INTO path (refused when it exists); integrity_check as a fact. */
int db_copy(const char *path, struct err *e);
int db_integrity(struct err *e);

#endif
