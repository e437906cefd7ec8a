/* fill.c - many certificates in a database that nobody serves just now, for
 * measuring: rows that are consistent with each other (certificate, issuer),
 * without requests and bytes of certificates; with the signer's intents when
 * its folder is given, so that it signs answers for them.
 *
 * fill DATABASE N REVOKED [CA-FOLDER]: N certificates of ica-server-1, of
 * which the first REVOKED are revoked.
 * fill DATABASE 0 0 CA-FOLDER: the signer's intents for the certificates that
 * are there (store_fill.sql). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/signer/journal.h"
#include "core/x509/hash.h"

enum { Q_ADD, Q_THERE };

static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO certificate (serial, issuer, state, not_before,"
	    " not_after, issued, revoked, reason, sha256, spki_sha256, policy)"
	    " VALUES (?1, 'ica-server-1', ?2, ?3, ?4, ?3, ?5, ?6, ?7, ?8, '1')",
	[Q_THERE] = "SELECT serial, request, issued FROM certificate"
	    " WHERE request IS NOT NULL ORDER BY number",
};
DB_STATEMENTS(fill, sql)

#define TOGETHER 10000

static void
row_add(const uint8_t serial[SERIAL_SIZE], bool revoked, int64_t i,
    int64_t now)
{
	static const int64_t reasons[] = { 0, 1, 3, 4, 5, 9, 4 };
	struct query *q = db_query(fill_prepared[Q_ADD]);
	struct err e = { 0 };
	uint8_t hash[32];
	char hex[42];

	hex_encode(hex, serial, SERIAL_SIZE);
	sha256(hash, serial, SERIAL_SIZE);
	q_str(q, 1, hex);
	q_str(q, 2, revoked ? "revoked" : "good");
	q_i64(q, 3, now - 3600);
	q_i64(q, 4, now + 86400 * (30 + i % 60));
	q_i64(q, 5, revoked ? now - 60 - i % 86400 : 0);
	q_i64(q, 6, revoked ? reasons[i % 7] : 0);
	q_blob(q, 7, hash, 32);
	sha256(hash, hash, 32);
	q_blob(q, 8, hash, 32);
	if (q_run(q, &e) < 0)
		fatal("%s", e.text);
}

static void
there_intend(struct journal *j)
{
	struct query *q = db_query(fill_prepared[Q_THERE]);
	struct err e = { 0 };
	char hex[42];
	int n = 0, r;

	while ((r = q_next(q, &e)) == 1) {
		struct intent in = { .request = q_col_i64(q, 1),
			.at = q_col_i64(q, 2) };

		q_col_str(q, 0, hex, sizeof hex);
		if (hex_decode(in.serial, SERIAL_SIZE, hex) != SERIAL_SIZE ||
		    journal_find(j, in.serial, NULL) != SERIAL_NEW)
			continue;
		journal_intend(j, &in);
		if (++n % TOGETHER == 0 && journal_intents_sync(j, &e) < 0)
			fatal("%s", e.text);
	}
	if (r < 0 || journal_intents_sync(j, &e) < 0)
		fatal("%s", e.text);
}

int
main(int argc, char **argv)
{
	int64_t n = argc > 3 ? strtoll(argv[2], NULL, 10) : 0;
	int64_t revoked = argc > 3 ? strtoll(argv[3], NULL, 10) : 0;
	struct journal *j = NULL;
	int64_t now = clock_now();
	struct err e = { 0 };

	if (argc < 4 || argc > 5) {
		fprintf(stderr, "usage: fill DATABASE N REVOKED [CA-FOLDER]\n");
		return 2;
	}
	if (db_open(argv[1], &e) < 0)
		fatal("%s", e.text);
	if (argc == 5 && (j = journal_open(argv[4], false, NULL, NULL,
	    &e)) == NULL)
		fatal("%s", e.text);
	if (j != NULL && n == 0)
		there_intend(j);
	for (int64_t i = 0; i < n; i++) {
		struct intent in = { .request = i + 1, .at = now - 90000 };

		if (i % TOGETHER == 0 && db_begin(&e) < 0)
			fatal("%s", e.text);
		random_bytes(in.serial, SERIAL_SIZE);
		in.serial[0] = (uint8_t)(1 + in.serial[0] % 127);
		row_add(in.serial, i < revoked, i, now);
		if (j != NULL)
			journal_intend(j, &in);
		if ((i + 1) % TOGETHER != 0 && i + 1 < n)
			continue;
		if ((j != NULL && journal_intents_sync(j, &e) < 0) ||
		    db_commit(&e) < 0)
			fatal("%s", e.text);
		db_idle();
	}
	if (j != NULL)
		journal_close(j);
	db_close();
	return 0;
}
