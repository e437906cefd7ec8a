/* bench_audit.c - P24: the audit log walked (chain, commitments, tree) against
 * a plain careful loop over the same rows; and what a head of the log costs.
 * usage: bench_audit fill FILE ENTRIES | plain FILE | walk FILE */
#include <endian.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <openssl/evp.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/registrar/db.h"
#include "core/registrar/audit/log.h"
#include "core/registrar/registrar.h"

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
	printf("fill_cpu_us %.2f\n", (cpu() - begin) * 1e6 /
	    (double)entries);
}

/*
 * ---- the plain careful loop, (f) of the anchors ----
 *
 * It reads each row, makes the canonical bytes, compares commitment and chain,
 * with one fetched digest and the libraries as they come.  It knows no tree,
 * and nothing of ours is in it: it runs in a process of its own.
 */

struct plain {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	uint8_t bytes[8192];
	size_t size;
};

static void
plain_put(struct plain *p, const void *data, size_t size)
{
	if (size > sizeof p->bytes - p->size)
		fatal("the plain loop met a row that is too long");
	if (size > 0)
		memcpy(p->bytes + p->size, data, size);
	p->size += size;
}

static void
plain_put_field(struct plain *p, const void *data, size_t size)
{
	uint32_t n = htobe32((uint32_t)size);

	plain_put(p, &n, sizeof n);
	plain_put(p, data, size);
}

static void
plain_put_column(struct plain *p, sqlite3_stmt *q, int column)
{
	const void *data = sqlite3_column_blob(q, column);

	plain_put_field(p, data, (size_t)sqlite3_column_bytes(q, column));
}

static void
plain_put_number(struct plain *p, int64_t v)
{
	uint64_t n = htobe64((uint64_t)v);

	plain_put(p, &n, sizeof n);
}

static void
plain_hash(struct plain *p, uint8_t out[32])
{
	if (EVP_DigestInit_ex2(p->ctx, p->md, NULL) != 1 ||
	    EVP_DigestUpdate(p->ctx, p->bytes, p->size) != 1 ||
	    EVP_DigestFinal_ex(p->ctx, out, NULL) != 1)
		fatal("the plain loop cannot hash");
	p->size = 0;
}

static bool
plain_same(sqlite3_stmt *q, int column, const uint8_t want[32])
{
	const void *data = sqlite3_column_blob(q, column);

	return sqlite3_column_bytes(q, column) == 32 &&
	    memcmp(data, want, 32) == 0;
}

static void
plain_row(struct plain *p, sqlite3_stmt *q, int64_t expected,
    uint8_t last[32])
{
	uint8_t commitment[32], want[32];
	int64_t number = sqlite3_column_int64(q, 0);

	for (int c = 7; c <= 11; c++)
		plain_put_column(p, q, c);
	plain_hash(p, commitment);
	plain_put_field(p, last, 32);
	plain_put_number(p, number);
	plain_put_number(p, sqlite3_column_int64(q, 1));
	for (int c = 2; c <= 6; c++)
		plain_put_column(p, q, c);
	plain_put_field(p, commitment, 32);
	plain_hash(p, want);
	if (number != expected || !plain_same(q, 12, commitment) ||
	    !plain_same(q, 13, last) || !plain_same(q, 14, want))
		fatal("the plain loop found a bad row");
	memcpy(last, want, 32);
}

static void
plain_loop(const char *path)
{
	static struct plain p;
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	uint8_t last[32] = { 0 };
	double begin = cpu();
	int64_t expected = 1;

	p.md = EVP_MD_fetch(NULL, "SHA256", NULL);
	p.ctx = EVP_MD_CTX_new();
	if (p.md == NULL || p.ctx == NULL)
		fatal("no SHA-256");
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK || sqlite3_prepare_v2(db, "SELECT number, at, role,"
	    " action, noun, object, outcome, salt, actor, key, source,"
	    " detail, commitment, previous, hash FROM audit ORDER BY number",
	    -1, &q, NULL) != SQLITE_OK)
		fatal("sqlite: %s", sqlite3_errmsg(db));
	while (sqlite3_step(q) == SQLITE_ROW)
		plain_row(&p, q, expected++, last);
	sqlite3_finalize(q);
	sqlite3_close(db);
	EVP_MD_CTX_free(p.ctx);
	EVP_MD_free(p.md);
	printf("plain_cpu_us %.3f\n", (cpu() - begin) * 1e6 /
	    (double)(expected - 1));
}

/* What is ours alone, not the pages of libraries and files. */
static void
memory_say(void)
{
	char line[128];
	FILE *f = fopen("/proc/self/status", "re");

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "RssAnon:", 8) == 0)
			printf("walk_own_kb %d\n", atoi(line + 8));
	if (f != NULL)
		fclose(f);
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
	printf("%s %.1f\n", what, (cpu() - begin) * 1e3);
}

/* As xmpp-icactl verify does, on a file that nobody else writes. */
static void
our_walk(const char *path)
{
	struct audit_check r;
	struct err e = { 0 };
	double begin;

	must(db_open_to_read(path, &e), &e);
	begin = cpu();
	must(audit_walk(&r, &e), &e);
	if (!r.good)
		fatal("bad: %s", r.text);
	printf("walk_cpu_us %.3f\n", (cpu() - begin) * 1e6 /
	    (double)r.entries);
	memory_say();
	db_close();
}

static void
prepare(const char *path, int64_t entries)
{
	struct err e = { 0 };

	must(db_create(path, &e), &e);
	must(db_open(path, &e), &e);
	fill(entries);
	head(entries, "tree_from_nothing_ms");
	fill(1000);
	head(entries + 1000, "head_after_1000_entries_ms");
	head(entries + 1000, "head_after_none_ms");
	db_close();
}

int
main(int argc, char **argv)
{
	log_open("bench");
	if (argc == 4 && strcmp(argv[1], "fill") == 0)
		prepare(argv[2], atoll(argv[3]));
	else if (argc == 3 && strcmp(argv[1], "plain") == 0)
		plain_loop(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "walk") == 0)
		our_walk(argv[2]);
	else
		return 2;
	return 0;
}
