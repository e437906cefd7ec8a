/* bench_audit.c - P24: the audit log walked (chain, commitments, tree) against
 * a plain careful loop over the same rows; and what a head of the log costs.
 * usage: bench_audit FOLDER ENTRIES */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/registrar/db.h"
#include "core/registrar/audit/log.h"
#include "core/registrar/registrar.h"
#include "core/x509/hash.h"

#define BURST 1000

static double
cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
must(int r, const struct err *e)
{
	if (r < 0)
		fatal("%s: %s", e->clause, e->text);
}

static void
fill(int64_t entries)
{
	struct seat s = { .role = ROLE_STAFF };
	struct err e = { 0 };
	double begin = cpu();
	char object[64];

	strcpy(s.account_name, "staff");
	strcpy(s.fingerprint,
	    "SHA256:Jq0bNfZbJ7rJ9JmHk4mXQmTnV2g3sU1y5s0aF2c3d4e");
	strcpy(s.source, "192.0.2.7");
	for (int64_t n = 0; n < entries; ) {
		must(db_begin(&e), &e);
		for (int i = 0; i < BURST && n < entries; i++, n++) {
			snprintf(object, sizeof object, "%034llx",
			    (unsigned long long)n);
			must(audit_add(&s, "certificate.issue", "certificate",
			    object, OUTCOME_DONE, &e,
			    "request %lld, policy 1, sha256 0123456789abcdef",
			    (long long)n), &e);
		}
		must(db_commit(&e), &e);
	}
	printf("fill: %.2f us an entry\n", (cpu() - begin) * 1e6 /
	    (double)entries);
}

/* What a careful program would write for this table alone. */
static double
plain_loop(const char *path)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	uint8_t last[32] = { 0 }, want[32], commitment[32];
	struct buf b = { 0 };
	double begin = cpu();
	int64_t expected = 1;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK || sqlite3_prepare_v2(db, "SELECT number, at, role,"
	    " action, noun, object, outcome, salt, actor, key, source,"
	    " detail, commitment, previous, hash FROM audit ORDER BY number",
	    -1, &q, NULL) != SQLITE_OK)
		fatal("sqlite: %s", sqlite3_errmsg(db));
	while (sqlite3_step(q) == SQLITE_ROW) {
		b.size = 0;
		for (int c = 7; c <= 11; c++)
			buf_put_bytes(&b, sqlite3_column_blob(q, c),
			    (size_t)sqlite3_column_bytes(q, c));
		sha256(commitment, b.data, b.size);
		b.size = 0;
		buf_put_bytes(&b, last, 32);
		buf_put_i64(&b, sqlite3_column_int64(q, 0));
		buf_put_i64(&b, sqlite3_column_int64(q, 1));
		for (int c = 2; c <= 6; c++)
			buf_put_bytes(&b, sqlite3_column_blob(q, c),
			    (size_t)sqlite3_column_bytes(q, c));
		buf_put_bytes(&b, commitment, 32);
		sha256(want, b.data, b.size);
		if (sqlite3_column_int64(q, 0) != expected++ ||
		    memcmp(commitment, sqlite3_column_blob(q, 12), 32) != 0 ||
		    memcmp(last, sqlite3_column_blob(q, 13), 32) != 0 ||
		    memcmp(want, sqlite3_column_blob(q, 14), 32) != 0)
			fatal("the plain loop found a bad row");
		memcpy(last, want, 32);
	}
	sqlite3_finalize(q);
	sqlite3_close(db);
	buf_clear(&b);
	return cpu() - begin;
}

static void
head(int64_t size, const char *what)
{
	struct merkle_hash root;
	struct merkle_proof proof;
	struct err e = { 0 };
	double begin = cpu();
	bool more;

	must(db_begin(&e), &e);
	must(log_grow(size, INT64_MAX, &more, &e), &e);
	must(merkle_root(&log_tree, size, &root, &e), &e);
	if (size > 100)
		must(merkle_consistency(&log_tree, size - 100, size, &proof,
		    &e), &e);
	must(db_commit(&e), &e);
	printf("%s: %.1f ms\n", what, (cpu() - begin) * 1e3);
}

int
main(int argc, char **argv)
{
	char path[1024];
	struct audit_check r;
	struct rusage u;
	struct err e = { 0 };
	int64_t entries;
	double plain, ours, best = 0;

	if (argc != 3)
		return 2;
	log_open("bench");
	entries = atoll(argv[2]);
	snprintf(path, sizeof path, "%s/audit.db", argv[1]);
	must(db_create(path, &e), &e);
	must(db_open(path, &e), &e);
	fill(entries);
	head(entries, "tree from nothing");
	fill(1000);
	head(entries + 1000, "a new head after 1000 entries");
	head(entries + 1000, "a new head after none");
	for (int i = 0; i < 3; i++) {
		double begin;

		plain = plain_loop(path);
		begin = cpu();
		must(audit_walk(&r, &e), &e);
		ours = cpu() - begin;
		if (!r.good)
			fatal("bad: %s", r.text);
		printf("walk: %.2f s, plain loop: %.2f s, ratio %.2f\n", ours,
		    plain, plain / ours);
		if (plain / ours > best)
			best = plain / ours;
	}
	getrusage(RUSAGE_SELF, &u);
	printf("best ratio %.2f, %.0f entries a CPU second, largest RSS %ld KB\n",
	    best, (double)entries / ours, u.ru_maxrss);
	db_close();
	return 0;
}
