/* db.c - the working database: its errors, transactions, and checkpoints.  The
 * files db*.c are the one door to SQLite in the registrar. */
#include "core/registrar/db_parts.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/registrar/reserve.h"

enum { OWN_BEGIN, OWN_COMMIT, OWN_ROLLBACK, OWN_SAVEPOINT, OWN_RELEASE,
	OWN_UNDO, OWN_READ };
static const char *const own_sql[] = {
	[OWN_BEGIN] = "BEGIN IMMEDIATE",
	[OWN_COMMIT] = "COMMIT",
	[OWN_ROLLBACK] = "ROLLBACK",
	[OWN_SAVEPOINT] = "SAVEPOINT question",
	[OWN_RELEASE] = "RELEASE question",
	[OWN_UNDO] = "ROLLBACK TO question",
	[OWN_READ] = "BEGIN",
};
DB_STATEMENTS(own, own_sql)

struct database database;
static int64_t forced_ms;	/* of the last checkpoint, clock_mono_ms() */

void
db_statements_register(struct db_statements *s)
{
	s->next = database.all_statements;
	database.all_statements = s;
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

int
db_engine_error(const char *doing, struct err *e)
{
	int extended = sqlite3_extended_errcode(database.handle);
	int primary = extended & 0xff;

	if (is_fatal_to_transaction(primary))
		database.doomed = true;
	if (extended == SQLITE_CONSTRAINT_UNIQUE ||
	    extended == SQLITE_CONSTRAINT_PRIMARYKEY)
		return err_set(e, ERR_CONFLICT, "database",
		    "there is one already (%s)", sqlite3_errmsg(database.handle));
	log_warn("database: %s: %s (%d)", doing, sqlite3_errmsg(database.handle),
	    extended);
	if (primary == SQLITE_FULL) {
		reserve_spend(database.path);
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

/* ---- transactions ---- */

static int
own_run(int which, struct err *e)
{
	sqlite3_stmt *s = own_prepared[which]->stmt;
	int r = sqlite3_step(s);

	if (r != SQLITE_DONE)
		db_engine_error(own_sql[which], e);
	sqlite3_reset(s);
	return r == SQLITE_DONE ? 0 : -1;
}

/* A question that left in the middle of a list must not hold it open. */
static void
queries_sweep(void)
{
	if (database.open_queries == 0)
		return;
	for (struct db_statements *s = database.all_statements; s; s = s->next)
		for (size_t i = 0; i < s->count; i++)
			if (s->prepared[i]->open)
				q_end(s->prepared[i]);
}

int
db_begin(struct err *e)
{
	int r;

	database.doomed = false;
	r = own_run(OWN_BEGIN, e);
	database.doomed = false;
	database.in_transaction = r == 0;
	return r;
}

int
db_begin_to_read(struct err *e)
{
	database.doomed = false;
	if (own_run(OWN_READ, e) < 0)
		return -1;
	database.in_transaction = true;
	return 0;
}

int
db_commit(struct err *e)
{
	queries_sweep();
	if (database.doomed || sqlite3_get_autocommit(database.handle)) {
		db_rollback();
		return err_set(e, ERR_UNAVAILABLE, "database",
		    "the authority could not keep this; nothing was changed, try again later");
	}
	if (own_run(OWN_COMMIT, e) < 0) {
		db_rollback();
		return -1;
	}
	database.in_transaction = false;
	return 0;
}

void
db_rollback(void)
{
	queries_sweep();
	database.generation++;
	if (!sqlite3_get_autocommit(database.handle))
		own_run(OWN_ROLLBACK, NULL);
	database.in_transaction = database.doomed = false;
}

void
db_doom(void)
{
	database.doomed = true;
}

bool
db_doomed(void)
{
	return database.doomed || (database.in_transaction && sqlite3_get_autocommit(database.handle));
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
		database.doomed = true;
}

void
db_savepoint_undo(void)
{
	database.generation++;
	if (db_doomed())
		return;
	if (own_run(OWN_UNDO, NULL) < 0 || own_run(OWN_RELEASE, NULL) < 0)
		database.doomed = true;
}

int64_t
db_generation(void)
{
	return database.generation;
}

void
db_questions_end(void)
{
	queries_sweep();
}

void
db_idle(void)
{
	int mode, log = 0, done = 0, r;

	reserve_make_again(database.path);
	if (database.wal_pages < WAL_PASSIVE_PAGES || database.in_transaction)
		return;
	mode = database.wal_pages >= WAL_FORCED_PAGES ? SQLITE_CHECKPOINT_TRUNCATE :
	    SQLITE_CHECKPOINT_PASSIVE;
	forced_ms = clock_mono_ms();
	/* never wait for a reader, who may count for seconds: everybody would */
	sqlite3_busy_timeout(database.handle, 0);
	r = sqlite3_wal_checkpoint_v2(database.handle, NULL, mode, &log, &done);
	sqlite3_busy_timeout(database.handle, BUSY_MS);
	if (r != SQLITE_OK && r != SQLITE_BUSY)
		log_warn("checkpoint: %s", sqlite3_errmsg(database.handle));
	database.wal_pages = log > done ? log - done : 0;
}

bool
db_wal_full(void)
{
	return database.wal_pages >= WAL_FORCED_PAGES &&
	    clock_mono_ms() - forced_ms >= FORCED_PAUSE_MS;
}
