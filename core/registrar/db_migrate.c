/*
 * db_migrate.c - an older database brought to this program's schema: a copy of
 * the file beside it first, then all steps in one transaction, with its audit
 * entry; a crash anywhere leaves the old version, and the next start does it
 * all again.
 */
#include "core/registrar/db_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/registrar/db_step.h"

#define PATH_SIZE (sizeof database.path + 32)

static const struct db_step *steps = db_steps;
int (*db_migrated)(int from, int to, const char *copy, struct err *e);

void
db_steps_use_for_test(const struct db_step *list)
{
	steps = list;
}

static const struct db_step *
step_from(int version)
{
	for (const struct db_step *s = steps; s->sql != NULL; s++)
		if (s->from == version)
			return s;
	return NULL;
}

/* No gap on the way: found out before anything is written. */
static int
way_check(int version, struct err *e)
{
	if (version > DB_VERSION)
		return err_set(e, ERR_CONFLICT, "database-version",
		    "%s has schema version %d, this program knows none above %d: it was used by a newer xmpp-ica; start that one, or restore a backup from before (xmpp-icactl(8), Upgrading)",
		    database.path, version, DB_VERSION);
	for (int v = version; v < DB_VERSION; v++)
		if (step_from(v) == NULL)
			return err_set(e, ERR_CONFLICT, "database-version",
			    "%s has schema version %d, and this program knows no way from %d to %d: upgrade by a version between (xmpp-icactl(8), Upgrading)",
			    database.path, version, v, v + 1);
	return 0;
}

static int
folder_sync(const char *path)
{
	char folder[PATH_SIZE];
	char *slash = NULL;
	int fd, r;

	snprintf(folder, sizeof folder, "%s", path);
	if ((slash = strrchr(folder, '/')) == NULL)
		return 0;
	*slash = '\0';
	fd = open(folder[0] ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

/* The whole copy has its name only when it is on the disk; one of an attempt
 * before is replaced. */
static int
copy_keep(int version, char copy[PATH_SIZE], struct err *e)
{
	char part[PATH_SIZE + 8];

	snprintf(copy, PATH_SIZE, "%s.version-%d", database.path, version);
	snprintf(part, sizeof part, "%s.part", copy);
	if (unlink(part) < 0 && errno != ENOENT)
		return err_set(e, ERR_UNAVAILABLE, "backup", "%s: %s", part,
		    strerror(errno));
	if (db_copy(part, e) < 0)
		return -1;
	if (rename(part, copy) < 0 || folder_sync(copy) < 0)
		return err_set(e, ERR_UNAVAILABLE, "backup", "%s: %s", copy,
		    strerror(errno));
	return 0;
}

static int
references_check(struct err *e)
{
	sqlite3_stmt *s = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(database.handle, "PRAGMA foreign_key_check",
	    -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_DONE)
		r = err_set(e, ERR_BROKEN, "database-version",
		    "after the change of schema a row refers to another that is not there; nothing was changed");
	sqlite3_finalize(s);
	return r;
}

static int
steps_run(int version, struct err *e)
{
	char set[64];

	for (int v = version; v < DB_VERSION; v++) {
		if (db_exec(step_from(v)->sql, e) < 0) {
			log_warn("schema: the step from version %d failed", v);
			return -1;
		}
		snprintf(set, sizeof set, "PRAGMA user_version = %d", v + 1);
		if (db_exec(set, e) < 0)
			return -1;
	}
	return references_check(e);
}

int
db_version_meet(int version, struct err *e)
{
	char copy[PATH_SIZE];

	if (way_check(version, e) < 0 || copy_keep(version, copy, e) < 0)
		return -1;
	log_info("schema version %d becomes %d; %s keeps the old", version,
	    DB_VERSION, copy);
	/* a step may build a table anew that others refer to; the references
	 * are checked before the commit */
	if (db_exec("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE", e) < 0)
		return -1;
	database.in_transaction = true;
	if (steps_run(version, e) < 0 || db_statements_prepare(e) < 0 ||
	    (db_migrated != NULL &&
	    db_migrated(version, DB_VERSION, copy, e) < 0)) {
		sqlite3_exec(database.handle, "ROLLBACK", NULL, NULL, NULL);
		database.in_transaction = false;
		return -1;
	}
	return db_commit(e) < 0 ? -1 :
	    db_exec("PRAGMA foreign_keys = ON", e);
}
