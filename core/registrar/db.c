/* db.c - the working database: the one file of the registrar that knows
 * SQLite. */
#include "core/registrar/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/reserve.h"

#define APPLICATION_ID 0x49434131	/* "ICA1" */
#define USER_VERSION 1
#define BUSY_MS 5000
#define LOOKASIDE_SIZE 1200
#define LOOKASIDE_COUNT 400
#define WAL_PASSIVE_PAGES 1000		/* worth a checkpoint when idle */
#define WAL_FORCED_PAGES 16384		/* 64 MB: not to be passed */

extern const char schema_sql[];		/* core/schema.sql, by the Makefile */

struct query {
	sqlite3_stmt *stmt;
	bool open;		/* taken by db_query(), not yet at its end */
	bool bad;		/* a parameter could not be bound */
};

enum { OWN_BEGIN, OWN_COMMIT, OWN_ROLLBACK, OWN_SAVEPOINT, OWN_RELEASE,
	OWN_UNDO };
static const char *const own_sql[] = {
	[OWN_BEGIN] = "BEGIN IMMEDIATE",
	[OWN_COMMIT] = "COMMIT",
	[OWN_ROLLBACK] = "ROLLBACK",
	[OWN_SAVEPOINT] = "SAVEPOINT question",
	[OWN_RELEASE] = "RELEASE question",
	[OWN_UNDO] = "ROLLBACK TO question",
};
DB_STATEMENTS(own, own_sql)

static struct db_statements *all_statements;
static sqlite3 *db;
static char db_path[1024];
static int open_queries;	/* taken and not at their end */
static int wal_pages;
static bool in_transaction;
static bool doomed;		/* the transaction met an error of the engine */
static int64_t generation;	/* of what was undone */

void
db_statements_register(struct db_statements *s)
{
	s->next = all_statements;
	all_statements = s;
}

/* ---- errors ---- */

/* Errors after which SQLite may have unmade more than the statement. */
static bool
is_fatal_to_transaction(int primary)
{
	switch (primary) {
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_NOMEM:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
		return true;
	default:
		return false;
	}
}

static int
engine_error(const char *doing, struct err *e)
{
	int extended = sqlite3_extended_errcode(db);
	int primary = extended & 0xff;

	if (is_fatal_to_transaction(primary))
		doomed = true;
	if (extended == SQLITE_CONSTRAINT_UNIQUE ||
	    extended == SQLITE_CONSTRAINT_PRIMARYKEY)
		return err_set(e, ERR_CONFLICT, "database",
		    "there is one already (%s)", sqlite3_errmsg(db));
	log_warn("database: %s: %s (%d)", doing, sqlite3_errmsg(db),
	    extended);
	if (primary == SQLITE_FULL) {
		reserve_spend(db_path);
		return err_set(e, ERR_UNAVAILABLE, "disk-full",
		    "the authority's disk is full; nothing was changed, try again later");
	}
	if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED ||
	    primary == SQLITE_IOERR || primary == SQLITE_NOMEM ||
	    primary == SQLITE_READONLY || primary == SQLITE_CANTOPEN)
		return err_set(e, ERR_UNAVAILABLE, "database",
		    "the authority's database cannot be written just now; nothing was changed, try again later");
	return err_set(e, ERR_BROKEN, "database",
	    "a fault in the authority's database; the operator's log has more");
}

/* ---- opening ---- */

static int
wal_grew(void *user, sqlite3 *handle, const char *name, int pages)
{
	(void)user;
	(void)handle;
	(void)name;
	wal_pages = pages;
	return SQLITE_OK;
}

static int
exec_sql(const char *sql, struct err *e)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return engine_error("exec", e);
	return 0;
}

static int
pragma_i64(const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	if (r == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
		*out = sqlite3_column_int64(s, 0);
		sqlite3_finalize(s);
		return 0;
	}
	engine_error(sql, e);
	sqlite3_finalize(s);
	return -1;
}

/* One thread, and nobody asks for statistics: no lock around each
 * allocation.  Later calls are refused, which is right. */
static void
engine_configure(void)
{
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int
handle_open(const char *path, struct err *e)
{
	if (db != NULL)
		fatal("database opened twice");
	engine_configure();
	if (!str_copy(db_path, sizeof db_path, path))
		return err_set(e, ERR_BAD_INPUT, "database",
		    "the path of the database is too long");
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL) != SQLITE_OK) {
		err_set(e, ERR_UNAVAILABLE, "database", "%s: %s", path,
		    sqlite3_errmsg(db));
		sqlite3_close(db);
		db = NULL;
		return -1;
	}
	sqlite3_extended_result_codes(db, 1);
	/* room for what the many kept statements have bound */
	sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_SIZE,
	    LOOKASIDE_COUNT);
	sqlite3_busy_timeout(db, BUSY_MS);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 16 << 20);
	doomed = in_transaction = false;
	open_queries = wal_pages = 0;
	return exec_sql("PRAGMA foreign_keys = ON;"
	    "PRAGMA recursive_triggers = ON;"
	    "PRAGMA cell_size_check = ON;"
	    "PRAGMA temp_store = MEMORY;"
	    "PRAGMA cache_size = -32768;", e);
}

static int
versions_check(struct err *e)
{
	int64_t id = 0, version = 0;

	if (pragma_i64("PRAGMA application_id", &id, e) < 0 ||
	    pragma_i64("PRAGMA user_version", &version, e) < 0)
		return -1;
	if (id != APPLICATION_ID)
		return err_set(e, ERR_BAD_INPUT, "database",
		    "%s is no database of xmpp-ica", db_path);
	if (version != USER_VERSION)
		return err_set(e, ERR_BAD_INPUT, "database",
		    "%s has schema version %lld, this program wants %d; see xmpp-icactl(8), Upgrading",
		    db_path, (long long)version, USER_VERSION);
	return 0;
}

static int
statements_prepare(struct err *e)
{
	for (struct db_statements *s = all_statements; s; s = s->next)
		for (size_t i = 0; i < s->count; i++) {
			struct query *q = xcalloc(1, sizeof *q);

			s->prepared[i] = q;
			if (s->sql[i] == NULL)
				continue;
			if (sqlite3_prepare_v3(db, s->sql[i], -1,
			    SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL) ==
			    SQLITE_OK)
				continue;
			return err_set(e, ERR_BROKEN, "database",
			    "statement %zu of %s: %s", i, s->name,
			    sqlite3_errmsg(db));
		}
	return 0;
}

int
db_create(const char *path, struct err *e)
{
	char version[96];
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd < 0)
		return err_set(e, errno == EEXIST ? ERR_CONFLICT :
		    ERR_UNAVAILABLE, "database", "%s: %s", path,
		    strerror(errno));
	close(fd);
	if (handle_open(path, e) < 0)
		goto fail;
	sqlite3_snprintf(sizeof version, version,
	    "PRAGMA application_id = %d; PRAGMA user_version = %d;",
	    APPLICATION_ID, USER_VERSION);
	if (exec_sql("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "BEGIN IMMEDIATE;", e) < 0 || exec_sql(schema_sql, e) < 0 ||
	    exec_sql(version, e) < 0 || exec_sql("COMMIT;", e) < 0)
		goto fail;
	db_close();
	return 0;
fail:
	db_close();
	unlink(path);
	return -1;
}

int
db_open(const char *path, struct err *e)
{
	if (handle_open(path, e) < 0 || versions_check(e) < 0 ||
	    exec_sql("PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL;"
	    "PRAGMA wal_autocheckpoint = 0;", e) < 0 ||
	    statements_prepare(e) < 0) {
		db_close();
		return -1;
	}
	sqlite3_wal_hook(db, wal_grew, NULL);
	wal_pages = WAL_PASSIVE_PAGES;	/* what a crash left is not known */
	reserve_make(db_path);
	return 0;
}

int
db_open_to_read(const char *path, struct err *e)
{
	if (handle_open(path, e) < 0 || versions_check(e) < 0 ||
	    exec_sql("PRAGMA query_only = ON;", e) < 0 ||
	    statements_prepare(e) < 0) {
		db_close();
		return -1;
	}
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return 0;
}

void
db_close(void)
{
	for (struct db_statements *s = all_statements; s; s = s->next)
		for (size_t i = 0; i < s->count; i++) {
			if (s->prepared[i] == NULL)
				continue;
			sqlite3_finalize(s->prepared[i]->stmt);
			free(s->prepared[i]);
			s->prepared[i] = NULL;
		}
	if (db != NULL && sqlite3_close(db) != SQLITE_OK)
		fatal("database cannot be closed: %s", sqlite3_errmsg(db));
	db = NULL;
	in_transaction = doomed = false;
	open_queries = 0;
	generation++;
}

/* ---- transactions ---- */

static int
own_run(int which, struct err *e)
{
	sqlite3_stmt *s = own_prepared[which]->stmt;
	int r = sqlite3_step(s);

	if (r != SQLITE_DONE)
		engine_error(own_sql[which], e);
	sqlite3_reset(s);
	return r == SQLITE_DONE ? 0 : -1;
}

/* A question that left in the middle of a list must not hold it open. */
static void
queries_sweep(void)
{
	if (open_queries == 0)
		return;
	for (struct db_statements *s = all_statements; s; s = s->next)
		for (size_t i = 0; i < s->count; i++)
			if (s->prepared[i]->open)
				q_end(s->prepared[i]);
}

int
db_begin(struct err *e)
{
	int r;

	doomed = false;
	r = own_run(OWN_BEGIN, e);
	doomed = false;
	in_transaction = r == 0;
	return r;
}

int
db_commit(struct err *e)
{
	queries_sweep();
	if (doomed || sqlite3_get_autocommit(db)) {
		db_rollback();
		return err_set(e, ERR_UNAVAILABLE, "database",
		    "the authority could not keep this; nothing was changed, try again later");
	}
	if (own_run(OWN_COMMIT, e) < 0) {
		db_rollback();
		return -1;
	}
	in_transaction = false;
	return 0;
}

void
db_rollback(void)
{
	queries_sweep();
	generation++;
	if (!sqlite3_get_autocommit(db))
		own_run(OWN_ROLLBACK, NULL);
	in_transaction = doomed = false;
}

void
db_doom(void)
{
	doomed = true;
}

bool
db_doomed(void)
{
	return doomed || (in_transaction && sqlite3_get_autocommit(db));
}

int
db_savepoint(struct err *e)
{
	if (db_doomed())
		return err_set(e, ERR_UNAVAILABLE, "database",
		    "the authority could not keep this; nothing was changed, try again later");
	return own_run(OWN_SAVEPOINT, e);
}

void
db_savepoint_release(void)
{
	if (!db_doomed() && own_run(OWN_RELEASE, NULL) < 0)
		doomed = true;
}

void
db_savepoint_undo(void)
{
	generation++;
	if (db_doomed())
		return;
	if (own_run(OWN_UNDO, NULL) < 0 || own_run(OWN_RELEASE, NULL) < 0)
		doomed = true;
}

int64_t
db_generation(void)
{
	return generation;
}

void
db_questions_end(void)
{
	queries_sweep();
}

void
db_idle(void)
{
	int mode, log = 0, done = 0;

	reserve_make_again(db_path);
	if (wal_pages < WAL_PASSIVE_PAGES || in_transaction)
		return;
	mode = wal_pages >= WAL_FORCED_PAGES ? SQLITE_CHECKPOINT_TRUNCATE :
	    SQLITE_CHECKPOINT_PASSIVE;
	if (sqlite3_wal_checkpoint_v2(db, NULL, mode, &log, &done) !=
	    SQLITE_OK)
		log_warn("checkpoint: %s", sqlite3_errmsg(db));
	wal_pages = log > done ? log - done : 0;
}

bool
db_wal_full(void)
{
	return wal_pages >= WAL_FORCED_PAGES;
}

/* ---- statements ---- */

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
	open_queries++;
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
	open_queries--;
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
		engine_error(sqlite3_sql(q->stmt), e);
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
	return sqlite3_last_insert_rowid(db);
}

int64_t
db_changes(void)
{
	return sqlite3_changes64(db);
}

int64_t
db_total_changes(void)
{
	return sqlite3_total_changes64(db);
}

/* ---- copies and checks ---- */

/* Through a connection of its own: it sees the last commit, also while a
 * transaction is open here. */
static int
copy_by(sqlite3 *reader, const char *path, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(reader, "VACUUM INTO ?1", -1, &s, NULL);

	if (r == SQLITE_OK)
		r = sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
	if (r == SQLITE_OK)
		r = sqlite3_step(s);
	if (r != SQLITE_DONE)
		err_set(e, ERR_UNAVAILABLE, "backup", "%s: %s", path,
		    sqlite3_errmsg(reader));
	sqlite3_finalize(s);
	return r == SQLITE_DONE ? 0 : -1;
}

static int
file_sync(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW), r;

	if (fd < 0 || fchmod(fd, 0600) < 0 || fsync(fd) < 0)
		r = err_set(e, ERR_UNAVAILABLE, "backup", "%s: %s", path,
		    strerror(errno));
	else
		r = 0;
	if (fd >= 0)
		close(fd);
	return r;
}

int
db_copy(const char *path, struct err *e)
{
	sqlite3 *reader = NULL;
	mode_t old;
	int r = -1;

	if (access(path, F_OK) == 0)
		return err_set(e, ERR_CONFLICT, "backup",
		    "%s exists; name a new file", path);
	old = umask(077);
	if (sqlite3_open_v2(db_path, &reader, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(reader, BUSY_MS);
		sqlite3_wal_autocheckpoint(reader, 0);
		sqlite3_db_config(reader, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
		    NULL);
		r = copy_by(reader, path, e);
	} else {
		err_set(e, ERR_UNAVAILABLE, "backup", "%s",
		    sqlite3_errmsg(reader));
	}
	sqlite3_close(reader);
	umask(old);
	if (r == 0)
		r = file_sync(path, e);
	return r;
}

int
db_integrity(struct err *e)
{
	sqlite3_stmt *s = NULL;
	const char *said = NULL;
	int r = -1;

	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &s,
	    NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW)
		engine_error("integrity_check", e);
	else if ((said = (const char *)sqlite3_column_text(s, 0)) == NULL ||
	    strcmp(said, "ok") != 0)
		err_set(e, ERR_BROKEN, "database", "integrity check: %s",
		    said ? said : "no answer");
	else
		r = 0;
	sqlite3_finalize(s);
	s = NULL;
	if (r == 0 && (sqlite3_prepare_v2(db, "PRAGMA foreign_key_check", -1,
	    &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_DONE))
		r = err_set(e, ERR_BROKEN, "database",
		    "a row refers to another that is not there");
	sqlite3_finalize(s);
	return r;
}
