/*
 * db_parts.h - what the files of the database door (db*.c) share: the one
 * connection, and how its errors are told.  Nobody else includes this.
 */
#ifndef REGISTRAR_DB_PARTS_H
#define REGISTRAR_DB_PARTS_H

#include <sqlite3.h>

#include "core/registrar/db.h"

#define WAL_PASSIVE_PAGES 1000		/* worth a checkpoint when idle */
#define WAL_FORCED_PAGES 16384		/* 64 MB: not to be passed */
#define BUSY_MS 5000
#define FORCED_PAUSE_MS 500		/* a reader may be in the way for a while */

struct query {
	sqlite3_stmt *stmt;
	bool open;		/* taken by db_query(), not yet at its end */
	bool bad;		/* a parameter could not be bound */
};

extern struct database {
	sqlite3 *handle;
	char path[1024];
	struct db_statements *all_statements;
	int open_queries;	/* taken and not at their end */
	int wal_pages;
	bool in_transaction;
	bool doomed;		/* the transaction met an error of the engine */
	int64_t generation;	/* of what was undone */
} database;

/* ---- db.c ---- */

/* The engine's last error in words; it may doom the transaction. */
int db_engine_error(const char *doing, struct err *e);

/* ---- db_open.c ---- */

/* SQL without parameters or rows; every registered statement prepared. */
int db_exec(const char *sql, struct err *e);
int db_statements_prepare(struct err *e);

/* ---- db_migrate.c ---- */

/* Bring an older database to this program's version, or refuse. */
int db_version_meet(int version, struct err *e);

#endif
