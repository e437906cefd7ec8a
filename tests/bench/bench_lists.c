/* bench_lists.c - P13, P14: pages of lists at any depth, and parts of names
 * looked for among many certificates, in the registrar's own functions; beside
 * each the engine's plain question over the same rows.
 * Times are of this thread's CPU: other work of the machine is not counted.
 * usage: bench_lists DATABASE   (of a registrar that doesn't run) */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/registrar/db.h"
#include "core/registrar/list/name_index.h"
#include "core/registrar/registrar.h"

#define TIMES 2000

static double took[TIMES];

static double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void
must(int r, const struct err *e)
{
	if (r < 0)
		fatal("%s: %s", e->clause, e->text);
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
p99_print(const char *name, int n)
{
	qsort(took, (size_t)n, sizeof took[0], by_size);
	printf("%s_p50_us %.0f\n%s_p99_us %.0f\n%s_max_us %.0f\n", name,
	    took[n / 2], name, took[n * 99 / 100], name, took[n - 1]);
	return took[n * 99 / 100];
}

static int64_t
pseudo(int64_t below)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (int64_t)(x % (uint64_t)below);
}

/* ---- ours ---- */

static struct seat staff = { .role = ROLE_STAFF, .account = 2 };

typedef int asked(struct seat *s, const struct wish *w,
    struct request_page *page, struct err *e);

static int64_t
pages(const char *name, asked *ask, int64_t low, int64_t high)
{
	int64_t rows = 0;

	for (int i = 0; i < TIMES; i++) {
		struct wish w = { .before = low + 51 + pseudo(high - low - 50) };
		struct request_page page = { 0 };
		struct err e = { 0 };
		double begin;

		/* a burst's transaction is there when a question comes */
		must(db_begin(&e), &e);
		begin = now_us();
		must(ask(&staff, &w, &page, &e), &e);
		took[i] = now_us() - begin;
		db_rollback();
		rows += (int64_t)page.n_rows;
		shape_clear(&request_page_shape, &page);
	}
	if (rows != TIMES * 50)
		fatal("%s: %lld rows", name, (long long)rows);
	return (int64_t)p99_print(name, TIMES);
}

/* Rare texts: seven digits of a name that there is; they stand in one to a
 * few names. */
static void
text_rare(char text[64], int64_t many)
{
	unsigned long long v = (unsigned long long)(pseudo(many) + 1) *
	    2654435761u % 4294967296u;

	snprintf(text, 64, "%llx", v);
	if (strlen(text) > 7)
		memmove(text, text + 1, strlen(text));
}

static void
search(const char *name, bool list, const char *common, int64_t many, int n,
    int64_t *found)
{
	int refined = 0;

	*found = 0;
	for (int i = 0; i < n; i++) {
		struct wish w = { 0 };
		struct request_page page = { 0 };
		struct hit_list hits = { 0 };
		struct err e = { 0 };
		double begin;

		if (common != NULL)
			strcpy(w.filter, common);
		else
			text_rare(w.filter, many);
		must(db_begin(&e), &e);
		begin = now_us();
		if (list)
			must(serve_certificate_list(&staff, &w, &page, &e), &e);
		else
			must(serve_search(&staff, &w, &hits, &e), &e);
		took[i] = now_us() - begin;
		db_rollback();
		*found += (int64_t)(page.n_rows + hits.n_rows);
		refined += page.refine || hits.refine;
		shape_clear(&request_page_shape, &page);
		shape_clear(&hit_list_shape, &hits);
	}
	p99_print(name, n);
	if (refined > 0)
		printf("%s_refined %d\n", name, refined);
}

/* ---- the engine's plain question ---- */

static sqlite3 *peer;

static int
peer_run(sqlite3_stmt *q)
{
	int n = 0;

	while (sqlite3_step(q) == SQLITE_ROW) {
		n += sqlite3_column_bytes(q, 1) > 0;
		sqlite3_column_int64(q, 0);
	}
	sqlite3_reset(q);
	return n;
}

static sqlite3_stmt *
peer_prepare(const char *sql)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(peer, sql, -1, &q, NULL) != SQLITE_OK)
		fatal("%s", sqlite3_errmsg(peer));
	return q;
}

static double
peer_keyset(int64_t low, int64_t high)
{
	sqlite3_stmt *q = peer_prepare("SELECT r.number, a.name, r.state,"
	    " r.profile, r.first, r.created, c.serial, c.not_after, c.state"
	    " FROM request r JOIN account a ON a.number = r.account"
	    " JOIN certificate c ON c.request = r.number"
	    " WHERE r.number < ? ORDER BY r.number DESC LIMIT 50");
	double p;

	sqlite3_exec(peer, "BEGIN", NULL, NULL, NULL);
	for (int i = 0; i < TIMES; i++) {
		double begin = now_us();

		sqlite3_bind_int64(q, 1, low + 51 + pseudo(high - low - 50));
		peer_run(q);
		took[i] = now_us() - begin;
	}
	p = p99_print("peer_keyset", TIMES);
	sqlite3_exec(peer, "COMMIT", NULL, NULL, NULL);
	sqlite3_finalize(q);
	return p;
}

static double
peer_scan(void)
{
	sqlite3_stmt *q = peer_prepare("SELECT request, domain FROM"
	    " request_domain WHERE domain LIKE '%9e3779b%'");
	double begin = now_us(), t;

	printf("peer_scan_rows %d\n", peer_run(q));
	t = now_us() - begin;
	printf("peer_scan_us %.0f\n", t);
	sqlite3_finalize(q);
	return t;
}

static int64_t
peer_number(const char *sql)
{
	sqlite3_stmt *q = peer_prepare(sql);
	int64_t n = sqlite3_step(q) == SQLITE_ROW ?
	    sqlite3_column_int64(q, 0) : 0;

	sqlite3_finalize(q);
	return n;
}

int
main(int argc, char **argv)
{
	struct err e = { 0 };
	double begin = now_us(), page, keyset, rare, scan;
	int64_t low = 10000000, high, many, n = 0, found;

	if (argc != 2)
		fatal("usage: bench_lists DATABASE");
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	must(db_open(argv[1], &e), &e);
	do {
		must(db_begin(&e), &e);
		must(found = name_index_fill(1000, &e), &e);
		must(db_commit(&e), &e);
		n += found;
		if (db_wal_full())
			db_idle();
	} while (found > 0);
	if (n > 1000)
		printf("index_us_per_name %.1f\n", (now_us() - begin) / (double)n);
	if (sqlite3_open_v2(argv[1], &peer, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK)
		fatal("%s", sqlite3_errmsg(peer));
	high = peer_number("SELECT max(number) FROM request");
	many = high - low;
	printf("certificates %lld\n", (long long)peer_number(
	    "SELECT count FROM tally WHERE name = 'certificate'"));
	printf("index_bytes_per_request %.1f\n", (double)peer_number(
	    "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'request_fts%'") /
	    (double)many);
	page = (double)pages("list_certificates", serve_certificate_list, low,
	    high);
	pages("list_requests", serve_request_list, low, high);
	keyset = peer_keyset(low, high);
	search("filter_rare", true, NULL, many, 500, &found);
	printf("filter_rare_rows %lld\n", (long long)found);
	search("search_rare", false, NULL, many, 500, &found);
	rare = took[500 * 99 / 100];
	printf("search_rare_rows %lld\n", (long long)found);
	search("filter_common", true, "example", many, 200, &found);
	search("search_common", false, "example", many, 200, &found);
	search("filter_two", true, "9e", many, 200, &found);
	search("filter_none", true, "qqqzzz", many, 200, &found);
	search("filter_mixed", true, "9e37.example", many, 200, &found);
	search("filter_account", true, "m77", many, 200, &found);
	scan = peer_scan();
	printf("p13_ratio_to_keyset %.2f\n", page / keyset);
	printf("p14_rare_ratio_to_scan %.4f\n", rare / scan);
	sqlite3_close(peer);
	db_close();
	return 0;
}
