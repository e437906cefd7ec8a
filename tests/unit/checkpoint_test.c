/* checkpoint_test.c - signed heads: the example of the C2SP pages, what is
 * made is read back, what was touched is refused (S11.3). */
#include "tests/unit/check.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "core/base/text.h"
#include "core/x509/checkpoint.h"

/* A key and notes made by golang.org/x/mod/sumdb/note (its documentation). */
#define GO_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define GO_NOTE "If you think cryptography is the answer to your problem,\n" \
	"then you don't know what your problem is.\n\n" \
	"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZ" \
	"InNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

static EVP_PKEY *key;
static struct vkey v;
static struct buf note;

static int
begin(void **state)
{
	struct merkle_hash root;
	struct err e = { 0 };

	(void)state;
	memset(&root, 7, sizeof root);
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_non_null(key);
	assert_int_equal(vkey_of(key, "certs.example/log", &v, &e), 0);
	assert_int_equal(checkpoint_sign(&note, key, "certs.example/log",
	    20852163, &root, &e), 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	buf_clear(&note);
	return 0;
}

static void
a_note_of_another_program_verifies(void **state)
{
	struct vkey go;
	struct err e = { 0 };
	char text[VKEY_SIZE];

	(void)state;
	assert_int_equal(vkey_parse(GO_KEY "\n", &go, &e), 0);
	assert_string_equal(go.name, "PeterNeumann");
	vkey_text(&go, text);
	assert_string_equal(text, GO_KEY);
	assert_int_equal(note_verify((const uint8_t *)GO_NOTE,
	    strlen(GO_NOTE), &go, NULL, NULL), 1);
}

static void
what_is_signed_is_read_back(void **state)
{
	struct checkpoint c;
	struct blob line = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(checkpoint_parse(note.data, note.size, &c, &e), 0);
	assert_string_equal(c.origin, "certs.example/log");
	assert_int_equal(c.size, 20852163);
	assert_int_equal(c.root.bytes[31], 7);
	assert_int_equal(note_verify(note.data, note.size, &v, &line, NULL),
	    1);
	assert_int_equal(line.size, note.size - c.body - 1);
	blob_clear(&line);
}

static void
every_changed_byte_is_refused(void **state)
{
	struct checkpoint c;
	struct err e = { 0 };
	uint8_t *copy = xmalloc(note.size);

	(void)state;
	for (size_t i = 0; i < note.size; i++) {
		bool good;

		memcpy(copy, note.data, note.size);
		copy[i] ^= 1;
		good = checkpoint_parse(copy, note.size, &c, &e) == 0 &&
		    note_verify(copy, note.size, &v, NULL, NULL) == 1;
		assert_false(good);
	}
	for (size_t n = 0; n < note.size; n++)
		assert_int_not_equal(note_verify(note.data, n, &v, NULL,
		    NULL), 1);
	free(copy);
}

static void
forms_that_are_no_checkpoint(void **state)
{
	static const char *const bad[] = {
		"", "\n", "\n\n\n", "a\n1\n\n",
		"a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n",
		"a\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n",
		"a\n1\nAAAA\n\nx\n",
		"\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n",
		"a\n99999999999999999999\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n",
		"a\t\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n",
	};
	struct checkpoint c;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(checkpoint_parse((const uint8_t *)bad[i],
		    strlen(bad[i]), &c, &e), -1);
}

static void
verifier_keys_of_a_wrong_form(void **state)
{
	static const char *const bad[] = { "", "a", "a+b", "+c74f20a3+AR",
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
		GO_KEY "\nx", "Peter Neumann+c74f20a3+ARpc",
	};
	struct vkey k;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(vkey_parse(bad[i], &k, &e), -1);
	assert_int_equal(note_name_check("two words", &e), -1);
	assert_int_equal(note_name_check("a+b", &e), -1);
	assert_int_equal(note_name_check("", &e), -1);
	assert_int_equal(note_name_check("certs.example/log", &e), 0);
}

/* A witness: cosignature/v1, the time, the text (C2SP tlog-cosignature). */
static void
cosignatures_count_and_forged_ones_do_not(void **state)
{
	EVP_PKEY *wk = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct buf b = { 0 }, whole = { 0 };
	uint8_t sig[4 + 8 + 64] = { 0 };
	struct checkpoint c;
	struct vkey w;
	struct err e = { 0 };
	char text[VKEY_SIZE], *line;
	size_t n = 64;
	int64_t at = 0;

	(void)state;
	assert_int_equal(vkey_of(wk, "witness.example/w1", &w, &e), 0);
	w.kind = NOTE_COSIGNATURE;
	vkey_text(&w, text);		/* the id is of the other kind */
	assert_int_equal(vkey_parse(text, &w, &e), -1);
	w.kind = NOTE_COSIGNATURE;
	checkpoint_parse(note.data, note.size, &c, &e);
	buf_printf(&b, "cosignature/v1\ntime 1679315147\n");
	buf_put(&b, note.data, c.body);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, wk), 1);
	assert_int_equal(EVP_DigestSign(ctx, sig + 12, &n, b.data, b.size),
	    1);
	memcpy(sig, w.id, 4);
	for (int i = 0; i < 8; i++)
		sig[4 + i] = (uint8_t)((uint64_t)1679315147 >> (56 - 8 * i));
	for (int forged = 0; forged < 2; forged++) {
		sig[20] ^= (uint8_t)forged;
		line = base64_encode(sig, sizeof sig);
		whole.size = 0;
		buf_put(&whole, note.data, note.size);
		buf_printf(&whole, "\xe2\x80\x94 %s %s\n", w.name, line);
		assert_int_equal(note_verify(whole.data, whole.size, &w, NULL,
		    &at), forged ? -1 : 1);
		assert_int_equal(at, 1679315147);
		/* the log's own line still counts */
		assert_int_equal(note_verify(whole.data, whole.size, &v, NULL,
		    NULL), 1);
		free(line);
	}
	buf_clear(&b);
	buf_clear(&whole);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(wk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_of_another_program_verifies),
		cmocka_unit_test(what_is_signed_is_read_back),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(forms_that_are_no_checkpoint),
		cmocka_unit_test(verifier_keys_of_a_wrong_form),
		cmocka_unit_test(cosignatures_count_and_forged_ones_do_not),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
