/* log_test.c - the log's tree over real rows: one changed byte in any column
 * of any of its tables is noticed, and a proof of each entry holds (S11.2,
 * S11.5). */
#include "rig.h"

#include <openssl/evp.h>

#include "core/registrar/audit/log.h"
#include "core/x509/checkpoint.h"

#define ENTRIES 600		/* two tiles, and a part of a third */

static EVP_PKEY *key;

static int
open_with_tree(void **state)
{
	struct merkle_hash root;
	struct buf note = { 0 };
	struct err e = { 0 };
	char object[48], hex[8192], sql[9400], text[VKEY_SIZE];
	struct vkey v;
	bool more;

	rig_open(state);
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	rig_begin();
	for (int i = 1; i <= ENTRIES; i++) {
		snprintf(object, sizeof object, "%034d", i);
		assert_int_equal(audit_add(NULL, "certificate.issue",
		    i % 3 ? "certificate" : "account", object, OUTCOME_DONE,
		    &e, "number %d", i), 0);
	}
	assert_int_equal(log_grow(ENTRIES, INT64_MAX, &more, &e), 0);
	rig_commit();
	for (int size = 100; size <= ENTRIES; size += 250) {
		assert_int_equal(merkle_root(&log_tree, size, &root, &e), 0);
		note.size = 0;
		assert_int_equal(checkpoint_sign(&note, key, "test", size,
		    &root, &e), 0);
		hex_encode(hex, note.data, note.size);
		snprintf(sql, sizeof sql, "INSERT INTO log_checkpoint VALUES"
		    " (%d, CAST(x'%s' AS TEXT))", size, hex);
		rig_sql(sql);
	}
	vkey_of(key, "test", &v, &e);
	vkey_text(&v, text);
	snprintf(sql, sizeof sql, "INSERT INTO setting VALUES ('log.vkey',"
	    " '%s'); DROP TRIGGER audit_stays; DROP TRIGGER"
	    " audit_only_erased; CREATE TABLE keep_audit AS SELECT * FROM"
	    " audit; CREATE TABLE keep_log_leaves AS SELECT * FROM"
	    " log_leaves; CREATE TABLE keep_log_node AS SELECT * FROM"
	    " log_node; CREATE TABLE keep_log_checkpoint AS SELECT * FROM"
	    " log_checkpoint;", text);
	rig_sql(sql);
	buf_clear(&note);
	return 0;
}

static int
close_all(void **state)
{
	EVP_PKEY_free(key);
	return rig_close(state);
}

static void
walk(struct audit_check *r)
{
	struct err e = { 0 };

	if (audit_walk(r, &e) < 0)
		fail_msg("%s", e.text);
}

/* One byte of one column of one row, and back. */
static void
change_is_noticed(const char *table, const char *column, const char *row,
    const char *value, bool exact, int64_t number)
{
	struct audit_check r;
	struct err e = { 0 };
	char sql[512];

	snprintf(sql, sizeof sql, "PRAGMA ignore_check_constraints = ON;"
	    "UPDATE %s SET %s = %s WHERE %s", table, column, value, row);
	rig_sql(sql);
	if (audit_walk(&r, &e) < 0)
		fail_msg("%s", e.text);
	snprintf(sql, sizeof sql, "DELETE FROM %s; INSERT INTO %s"
	    " SELECT * FROM keep_%s", table, table, table);
	rig_sql(sql);
	if (r.good)
		fail_msg("%s.%s of %s: not noticed", table, column, row);
	if (exact && r.bad_row != number)
		fail_msg("%s.%s of %s: named row %lld: %s", table, column,
		    row, (long long)r.bad_row, r.text);
	if (r.bad_row == 0 || r.text[0] == '\0')
		fail_msg("%s.%s of %s: no row named", table, column, row);
}

/* So many rows are changed; XMPP_ICA_MUTATION_ROWS=1000 for the figure. */
static int
rounds(void)
{
	const char *text = getenv("XMPP_ICA_MUTATION_ROWS");
	long n = text != NULL ? strtol(text, NULL, 10) : 0;

	return n > 0 && n <= 100000 ? (int)n : 12;
}

/* SQL for this blob with another byte at this place, whatever stands there:
 * a fixed byte would be the right one once in 256 runs. */
static void
another_byte(char value[256], const char *blob, int at, int byte)
{
	snprintf(value, 256, "CAST(substr(%s, 1, %d) || CASE substr(%s, %d,"
	    " 1) WHEN x'%02x' THEN x'fe' ELSE x'%02x' END || substr(%s, %d)"
	    " AS BLOB)", blob, at, blob, at + 1, byte, byte, blob, at + 2);
}

static void
every_byte_of_every_column_counts(void **state)
{
	static const char *const texts[] = { "role", "action", "noun",
		"object", "outcome", "detail" };
	static const struct {
		const char *name;
		int size;
	} blobs[] = { { "salt", 16 }, { "commitment", 32 },
		{ "previous", 32 }, { "hash", 32 } };
	struct audit_check r;
	char row[48], value[256];

	(void)state;
	walk(&r);
	if (!r.good)
		fail_msg("%s", r.text);
	for (int i = 0; i < rounds(); i++) {
		int n = 1 + (int)((int64_t)i * 7919 % ENTRIES);

		snprintf(row, sizeof row, "number = %d", n);
		for (size_t t = 0; t < 6; t++) {
			snprintf(value, sizeof value, "substr(%s, 1, %d) ||"
			    " char(unicode(substr(%s, %d)) + 1) ||"
			    " substr(%s, %d)", texts[t], i % 4, texts[t],
			    i % 4 + 1, texts[t], i % 4 + 2);
			change_is_noticed("audit", texts[t], row, value, true,
			    n);
		}
		for (size_t t = 0; t < 4; t++) {
			another_byte(value, blobs[t].name,
			    i * 31 % blobs[t].size, i % 251);
			change_is_noticed("audit", blobs[t].name, row, value,
			    true, n);
		}
		change_is_noticed("audit", "at", row, "at + 256", true, n);
		change_is_noticed("audit", "actor", row, "'x'", true, n);
		change_is_noticed("audit", "key", row, "'x'", true, n);
		change_is_noticed("audit", "source", row, "'x'", true, n);
	}
	for (int i = 0; i < 8192; i += 1499) {
		another_byte(value, "hashes", i, 0xa5);
		change_is_noticed("log_leaves", "hashes", "tile = 1", value,
		    true, 257 + i / 32);
	}
	change_is_noticed("log_leaves", "tile", "tile = 1", "9", false, 0);
	change_is_noticed("log_leaves", "tile", "tile = 0", "3", false, 0);
	another_byte(value, "hash", 0, 0);
	change_is_noticed("log_node", "hash", "number = 1", value, false, 0);
	change_is_noticed("log_node", "level", "number = 1", "2", false, 0);
	change_is_noticed("log_node", "number", "number = 0", "5", false, 0);
	for (int size = 100; size <= ENTRIES; size += 250) {
		snprintf(row, sizeof row, "size = %d", size);
		change_is_noticed("log_checkpoint", "size", row, "size + 1",
		    false, 0);
		for (int at = 1; at < 150; at += 17) {
			snprintf(value, sizeof value, "substr(note, 1, %d) ||"
			    " char(unicode(substr(note, %d)) + 1) ||"
			    " substr(note, %d)", at - 1, at, at + 1);
			change_is_noticed("log_checkpoint", "note", row,
			    value, false, 0);
		}
	}
	walk(&r);
	assert_true(r.good);
}

static void
every_entry_has_a_proof_that_holds(void **state)
{
	struct merkle_hash root, leaf;
	struct merkle_proof p;
	struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(merkle_root(&log_tree, ENTRIES, &root, &e), 0);
	for (int i = 0; i < ENTRIES; i += 7) {
		struct log_leaf l;

		b.size = 0;
		assert_int_equal(log_leaf_of(i, &b, &e), 0);
		assert_int_equal(log_leaf_parse(b.data, b.size, &l, &e), 0);
		assert_int_equal(l.number, i + 1);
		/* an account is never named, a certificate is */
		assert_int_equal(l.object[0] != '\0', (i + 1) % 3 != 0);
		merkle_leaf(&leaf, b.data, b.size);
		assert_int_equal(merkle_inclusion(&log_tree, i, ENTRIES, &p,
		    &e), 0);
		assert_int_equal(merkle_inclusion_check(&leaf, i, ENTRIES,
		    p.path, p.n, &root), 0);
	}
	buf_clear(&b);
}

/* S4.3: what is personal goes, and everything still verifies. */
static void
erasing_changes_no_leaf(void **state)
{
	struct merkle_hash before, after;
	struct audit_check r;
	struct err e = { 0 };

	(void)state;
	merkle_root(&log_tree, ENTRIES, &before, &e);
	rig_sql("UPDATE audit SET actor = NULL, key = NULL, source = NULL,"
	    " detail = NULL, salt = NULL WHERE number % 2 = 0");
	assert_int_equal(merkle_root(&log_tree, ENTRIES, &after, &e), 0);
	assert_memory_equal(&before, &after, sizeof before);
	walk(&r);
	assert_true(r.good);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_with_tree, close_all)
	const struct CMUnitTest tests[] = {
		T(every_byte_of_every_column_counts),
		T(every_entry_has_a_proof_that_holds),
		T(erasing_changes_no_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
