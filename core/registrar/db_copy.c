/* db_copy.c - a copy of the database as the last commit left it, and whether
 * the file is whole. */
#include "core/registrar/db_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	if (sqlite3_open_v2(database.path, &reader, SQLITE_OPEN_READWRITE |
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

	if (sqlite3_prepare_v2(database.handle, "PRAGMA integrity_check(1)", -1, &s,
	    NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW)
		db_engine_error("integrity_check", e);
	else if ((said = (const char *)sqlite3_column_text(s, 0)) == NULL ||
	    strcmp(said, "ok") != 0)
		err_set(e, ERR_BROKEN, "database", "integrity check: %s",
		    said ? said : "no answer");
	else
		r = 0;
	sqlite3_finalize(s);
	s = NULL;
	if (r == 0 && (sqlite3_prepare_v2(database.handle, "PRAGMA foreign_key_check", -1,
	    &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_DONE))
		r = err_set(e, ERR_BROKEN, "database",
		    "a row refers to another that is not there");
	sqlite3_finalize(s);
	return r;
}
