/* bench_mutation.c - one changed bit in each column of each table of the audit
 * log, in random rows: is each noticed by the walk of `verify` over the whole
 * log, and is the row named?
 * usage: bench_mutation FOLDER ENTRIES ROWS [SEED] */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/audit/log.h"
#include "core/registrar/db.h"
#include "core/registrar/registrar.h"
#include "core/x509/checkpoint.h"

#define BURST 1000
#define HEAD_EVERY 500

static sqlite3 *db;		/* the insider's line to the file */
static uint64_t seed = 1;
static long noticed, changes, named;

static void
must(int r, const struct err *e)
{
	if (r < 0)
		fatal("%s: %s", e->clause, e->text);
}

static void
run(const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fatal("%s: %s", sql, why);
}

/* xorshift64*: the same changes for the same seed. */
static uint64_t
draw(uint64_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * 2685821657736338717u >> 11) % below;
}

/* ---- a log ---- */

static void
entries_make(int64_t n)
{
	struct seat s = { .role = ROLE_STAFF };
	struct err e = { 0 };
	char object[64];

	str_copy(s.account_name, sizeof s.account_name, "staff");
	str_copy(s.fingerprint, sizeof s.fingerprint,
	    "SHA256:Jq0bNfZbJ7rJ9JmHk4mXQmTnV2g3sU1y5s0aF2c3d4e");
	str_copy(s.source, sizeof s.source, "192.0.2.7");
	for (int64_t i = 0; i < n; ) {
		must(db_begin(&e), &e);
		for (int k = 0; k < BURST && i < n; k++, i++) {
			snprintf(object, sizeof object, "%034llx",
			    (unsigned long long)i);
			must(audit_add(&s, "certificate.issue", "certificate",
			    object, OUTCOME_DONE, &e, "request %lld",
			    (long long)i), &e);
		}
		must(db_commit(&e), &e);
	}
}

static void
heads_make(int64_t n)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	sqlite3_stmt *q = NULL;
	struct merkle_hash root;
	struct buf note = { 0 };
	struct err e = { 0 };
	char text[VKEY_SIZE], sql[512];
	struct vkey v;
	bool more;

	must(db_begin(&e), &e);
	must(log_grow(n, INT64_MAX, &more, &e), &e);
	must(db_commit(&e), &e);
	sqlite3_prepare_v2(db, "INSERT INTO log_checkpoint VALUES (?1, ?2)",
	    -1, &q, NULL);
	for (int64_t size = HEAD_EVERY; size <= n; size += HEAD_EVERY) {
		must(merkle_root(&log_tree, size, &root, &e), &e);
		note.size = 0;
		must(checkpoint_sign(&note, key, "test", size, &root, &e),
		    &e);
		sqlite3_bind_int64(q, 1, size);
		sqlite3_bind_text(q, 2, (const char *)note.data,
		    (int)note.size, SQLITE_TRANSIENT);
		if (sqlite3_step(q) != SQLITE_DONE)
			fatal("head: %s", sqlite3_errmsg(db));
		sqlite3_reset(q);
	}
	sqlite3_finalize(q);
	must(vkey_of(key, "test", &v, &e), &e);
	vkey_text(&v, text);
	snprintf(sql, sizeof sql,
	    "INSERT INTO setting VALUES ('log.vkey', '%s')", text);
	run(sql);
	buf_clear(&note);
	EVP_PKEY_free(key);
}

/* ---- one change ---- */

struct mutation {
	const char *table, *key, *column;
	int64_t row;
	int type;			/* of what was there */
	uint8_t was[16384], now[16384];
	int size;
	int64_t number_was, number_now;
};

static bool
value_read(struct mutation *c)
{
	sqlite3_stmt *q = NULL;
	char sql[256];

	snprintf(sql, sizeof sql, "SELECT %s FROM %s WHERE %s = ?1",
	    c->column, c->table, c->key);
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fatal("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_bind_int64(q, 1, c->row);
	if (sqlite3_step(q) != SQLITE_ROW)
		fatal("%s: no row %lld", sql, (long long)c->row);
	c->type = sqlite3_column_type(q, 0);
	if (c->type == SQLITE_INTEGER) {
		c->number_was = sqlite3_column_int64(q, 0);
	} else {
		c->size = sqlite3_column_bytes(q, 0);
		if (c->size > (int)sizeof c->was)
			fatal("%s is too large", c->column);
		if (c->size > 0)
			memcpy(c->was, sqlite3_column_blob(q, 0),
			    (size_t)c->size);
	}
	sqlite3_finalize(q);
	return c->type == SQLITE_INTEGER || c->size > 0;
}

/* row: where the row is now, which a changed key moves. */
static void
value_write(const struct mutation *c, const uint8_t *bytes, int64_t number,
    int64_t row)
{
	sqlite3_stmt *q = NULL;
	char sql[256];

	snprintf(sql, sizeof sql, c->type == SQLITE_TEXT ?
	    "UPDATE %s SET %s = CAST(?2 AS TEXT) WHERE %s = ?1" :
	    "UPDATE %s SET %s = ?2 WHERE %s = ?1", c->table, c->column,
	    c->key);
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fatal("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_bind_int64(q, 1, row);
	if (c->type == SQLITE_INTEGER)
		sqlite3_bind_int64(q, 2, number);
	else
		sqlite3_bind_blob(q, 2, bytes, c->size, SQLITE_TRANSIENT);
	if (sqlite3_step(q) != SQLITE_DONE || sqlite3_changes(db) != 1)
		fatal("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_finalize(q);
}

static void
value_change(struct mutation *c)
{
	int at = c->size > 0 ? (int)draw((uint64_t)c->size) : 0;

	memcpy(c->now, c->was, (size_t)c->size);
	c->now[at] ^= (uint8_t)(1u << draw(8));
	/* a key that another row has cannot be taken */
	c->number_now = c->number_was ^ (strcmp(c->column, c->key) == 0 ?
	    1ll << 40 : 1ll << draw(31));
}

/* ---- looked for ---- */

static bool
bad_anywhere(struct audit_check *r)
{
	struct err e = { 0 };

	must(audit_walk(r, &e), &e);
	return !r->good;
}

static void
try(const char *table, const char *key, const char *column, int64_t row)
{
	static struct mutation c;
	struct audit_check r;
	bool bad;

	c = (struct mutation){ .table = table, .key = key, .column = column,
		.row = row };
	if (!value_read(&c))
		return;
	value_change(&c);
	value_write(&c, c.now, c.number_now, row);
	changes++;
	bad = bad_anywhere(&r);
	noticed += bad;
	if (bad && (strcmp(table, "audit") == 0 ? r.bad_row == row :
	    r.bad_row != 0 && r.text[0] != '\0'))
		named++;
	else
		printf("%s.%s of %lld: %s\n", table, column, (long long)row,
		    bad ? r.text : "not noticed");
	value_write(&c, c.was, c.number_was, strcmp(column, key) == 0 ?
	    c.number_now : row);
}

static void
entries_try(int64_t entries, int64_t rows)
{
	static const char *const columns[] = { "number", "at", "role",
		"action", "noun", "object", "outcome", "actor", "key",
		"source", "detail", "salt", "commitment", "previous",
		"hash" };

	for (int64_t i = 0; i < rows; i++) {
		int64_t row = 1 + (int64_t)draw((uint64_t)entries);

		/* the end is cut by a moved number: that takes the heads */
		if (row == entries)
			row--;
		for (size_t k = 0; k < sizeof columns / sizeof columns[0];
		    k++)
			try("audit", "number", columns[k], row);
	}
}

/* Every row of the tables that hold the tree, or as many as asked for. */
static void
table_try(const char *table, const char *key, const char *const *columns,
    size_t n, int64_t rows)
{
	sqlite3_stmt *q = NULL;
	int64_t *keys = calloc((size_t)rows, sizeof *keys);
	int64_t found = 0;
	char sql[128];

	snprintf(sql, sizeof sql, "SELECT %s FROM %s ORDER BY random()", key,
	    table);
	sqlite3_prepare_v2(db, sql, -1, &q, NULL);
	while (found < rows && sqlite3_step(q) == SQLITE_ROW)
		keys[found++] = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	for (int64_t i = 0; i < found; i++)
		for (size_t k = 0; k < n; k++)
			try(table, key, columns[k], keys[i]);
	free(keys);
}

int
main(int argc, char **argv)
{
	static const char *const leaves[] = { "tile", "hashes" };
	static const char *const heads[] = { "size", "note" };
	char path[1024];
	struct audit_check r;
	struct err e = { 0 };
	int64_t entries, rows, begin;

	if (argc < 4 || !number_parse(argv[2], INT64_MAX, &entries) ||
	    !number_parse(argv[3], INT64_MAX, &rows) || entries < HEAD_EVERY)
		return 2;
	if (argc > 4)
		seed = strtoull(argv[4], NULL, 10) | 1;
	log_open("bench");
	log_level(0);
	snprintf(path, sizeof path, "%s/audit.db", argv[1]);
	must(db_create(path, &e), &e);
	must(db_open(path, &e), &e);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		fatal("sqlite: %s", sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, 10000);
	entries_make(entries);
	heads_make(entries);
	run("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;"
	    "PRAGMA ignore_check_constraints = ON;"
	    "DROP TRIGGER audit_stays; DROP TRIGGER audit_only_erased");
	if (bad_anywhere(&r))
		fatal("the true log: %s", r.text);
	begin = clock_mono_ms();
	entries_try(entries, rows);
	table_try("log_leaves", "tile", leaves, 2, rows);
	table_try("log_checkpoint", "size", heads, 2, rows);
	if (bad_anywhere(&r))
		fatal("after all of it was put back: %s", r.text);
	printf("%ld changes in %lld entries, %ld noticed (%.2f %%), %ld with their row named, %.1f s\n",
	    changes, (long long)entries, noticed,
	    100.0 * (double)noticed / (double)changes, named,
	    (double)(clock_mono_ms() - begin) / 1e3);
	sqlite3_close(db);
	db_close();
	return noticed == changes && named == changes ? 0 : 1;
}
