/* db_open.c - the database file made, opened with its settings, its version
 * met, its statements prepared. */
#include "core/registrar/db_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db_step.h"
#include "core/registrar/reserve.h"

#define APPLICATION_ID 0x49434131	/* "ICA1" */
#define LOOKASIDE_SIZE 1200
#define LOOKASIDE_COUNT 400

extern const char schema_sql[];		/* core/schema.sql, by the Makefile */

static int
wal_grew(void *user, sqlite3 *handle, const char *name, int pages)
{
	(void)user;
	(void)handle;
	(void)name;
	database.wal_pages = pages;
	return SQLITE_OK;
}

int
db_exec(const char *sql, struct err *e)
{
	if (sqlite3_exec(database.handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_engine_error("exec", e);
	return 0;
}

static int
db_pragma(const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(database.handle, sql, -1, &s, NULL);

	if (r == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
		*out = sqlite3_column_int64(s, 0);
		sqlite3_finalize(s);
		return 0;
	}
	db_engine_error(sql, e);
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
	if (database.handle != NULL)
		fatal("database opened twice");
	engine_configure();
	if (!str_copy(database.path, sizeof database.path, path))
		return err_set(e, ERR_BAD_INPUT, "database",
		    "the path of the database is too long");
	if (sqlite3_open_v2(path, &database.handle, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL) != SQLITE_OK) {
		err_set(e, ERR_UNAVAILABLE, "database", "%s: %s", path,
		    sqlite3_errmsg(database.handle));
		sqlite3_close(database.handle);
		database.handle = NULL;
		return -1;
	}
	sqlite3_extended_result_codes(database.handle, 1);
	/* room for what the many kept statements have bound */
	sqlite3_db_config(database.handle, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_SIZE,
	    LOOKASIDE_COUNT);
	sqlite3_busy_timeout(database.handle, BUSY_MS);
	sqlite3_db_config(database.handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(database.handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(database.handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(database.handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_limit(database.handle, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(database.handle, SQLITE_LIMIT_LENGTH, 16 << 20);
	database.doomed = database.in_transaction = false;
	database.open_queries = database.wal_pages = 0;
	return db_exec("PRAGMA foreign_keys = ON;"
	    "PRAGMA recursive_triggers = ON;"
	    "PRAGMA cell_size_check = ON;"
	    "PRAGMA temp_store = MEMORY;"
	    "PRAGMA cache_size = -12288;", e);
}

/* Ours, and of which version? */
static int
version_read(int64_t *version, struct err *e)
{
	int64_t id = 0;

	if (db_pragma("PRAGMA application_id", &id, e) < 0 ||
	    db_pragma("PRAGMA user_version", version, e) < 0)
		return -1;
	if (id != APPLICATION_ID)
		return err_set(e, ERR_BAD_INPUT, "database",
		    "%s is no database of xmpp-ica", database.path);
	return 0;
}

/* A copy is read as it is: nothing in it is changed. */
static int
version_check(struct err *e)
{
	int64_t version = 0;

	if (version_read(&version, e) < 0)
		return -1;
	if (version != DB_VERSION)
		return err_set(e, ERR_BAD_INPUT, "database-version",
		    "%s has schema version %lld, this program reads %d: use the xmpp-ica that made it",
		    database.path, (long long)version, DB_VERSION);
	return 0;
}

int
db_statements_prepare(struct err *e)
{
	for (struct db_statements *s = database.all_statements; s; s = s->next)
		for (size_t i = 0; i < s->count; i++) {
			struct query *q = xcalloc(1, sizeof *q);

			s->prepared[i] = q;
			if (s->sql[i] == NULL)
				continue;
			if (sqlite3_prepare_v3(database.handle, s->sql[i], -1,
			    SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL) ==
			    SQLITE_OK)
				continue;
			return err_set(e, ERR_BROKEN, "database",
			    "statement %zu of %s: %s", i, s->name,
			    sqlite3_errmsg(database.handle));
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
	    APPLICATION_ID, DB_VERSION);
	if (db_exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "BEGIN IMMEDIATE;", e) < 0 || db_exec(schema_sql, e) < 0 ||
	    db_exec(version, e) < 0 || db_exec("COMMIT;", e) < 0)
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
	int64_t version = 0;

	if (handle_open(path, e) < 0 || version_read(&version, e) < 0 ||
	    db_exec("PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL;"
	    "PRAGMA wal_autocheckpoint = 0;", e) < 0 ||
	    (version == DB_VERSION ? db_statements_prepare(e) :
	    db_version_meet((int)version, e)) < 0) {
		db_close();
		return -1;
	}
	sqlite3_wal_hook(database.handle, wal_grew, NULL);
	database.wal_pages = WAL_PASSIVE_PAGES;	/* what a crash left is not known */
	reserve_make(database.path);
	return 0;
}

int
db_open_to_read(const char *path, struct err *e)
{
	if (handle_open(path, e) < 0 || version_check(e) < 0 ||
	    /* walks meet a page once: what stays small stays near */
	    db_exec("PRAGMA query_only = ON;"
	    "PRAGMA cache_size = -2048;", e) < 0 ||
	    db_statements_prepare(e) < 0) {
		db_close();
		return -1;
	}
	sqlite3_db_config(database.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	return 0;
}

void
db_close(void)
{
	for (struct db_statements *s = database.all_statements; s; s = s->next)
		for (size_t i = 0; i < s->count; i++) {
			if (s->prepared[i] == NULL)
				continue;
			sqlite3_finalize(s->prepared[i]->stmt);
			free(s->prepared[i]);
			s->prepared[i] = NULL;
		}
	if (database.handle != NULL && sqlite3_close(database.handle) != SQLITE_OK)
		fatal("database cannot be closed: %s", sqlite3_errmsg(database.handle));
	database.handle = NULL;
	database.in_transaction = database.doomed = false;
	database.open_queries = 0;
	database.generation++;
}
