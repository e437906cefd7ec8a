/* approvals_test.c - a registrar that has been taken over, at the signer's
 * socket: without signatures of pinned people nothing is issued, and the log
 * has no fork.  (SSH signatures are made here by hand; those of ssh-keygen
 * are in the story 32-signed-approvals.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>

#include "core/signer/approvals.h"
#include "core/x509/checkpoint.h"
#include "core/x509/sshsig.h"
#include "core/x509/statement.h"
#include "tests/unit/signer_help.h"
#include "tests/unit/sshsig_make.h"

static EVP_PKEY *keys[2];	/* of staff and of staff2 */

static const char *
sshsig_clause(const struct blob *armour, const char *message, bool verified)
{
	static struct err e;
	struct sshsig s;

	memset(&e, 0, sizeof e);
	if (sshsig_parse(armour->data, armour->size, &s, &e) == 0)
		sshsig_verify(&s, STATEMENT_SPACE, message, strlen(message),
		    verified, &e);
	return e.clause;
}

static void
a_signature_fits_its_message_and_namespace_alone(void **state)
{
	struct blob a = { 0 }, other = { 0 };

	(void)state;
	sshsig_make(&a, keys[0], STATEMENT_SPACE, "yes", 3, -1);
	assert_string_equal(sshsig_clause(&a, "yes", false), "");
	assert_string_equal(sshsig_clause(&a, "yeS", false),
	    "sshsig-signature");
	assert_string_equal(sshsig_clause(&a, "yes", true),
	    "sshsig-verification");
	sshsig_make(&other, keys[0], "file", "yes", 3, -1);
	assert_string_equal(sshsig_clause(&other, "yes", false),
	    "sshsig-namespace");
	/* no byte of it may change, and nothing may stand around it */
	for (size_t i = 30; i + 29 < a.size; i++) {
		blob_set(&other, a.data, a.size);
		other.data[i] ^= 1;
		assert_string_not_equal(sshsig_clause(&other, "yes", false),
		    "");
	}
	for (size_t n = 0; n + 2 < a.size; n++) {
		blob_set(&other, a.data, n);
		assert_string_equal(sshsig_clause(&other, "yes", false),
		    "sshsig-form");
	}
	blob_set(&other, a.data, a.size);
	other.data[a.size - 1] = 'x';
	assert_string_equal(sshsig_clause(&other, "yes", false),
	    "sshsig-form");
	blob_clear(&a);
	blob_clear(&other);
}

static void
a_security_key_was_touched_and_checks_its_user(void **state)
{
	struct blob a = { 0 };

	(void)state;
	sshsig_make(&a, keys[0], STATEMENT_SPACE, "yes", 3, UP);
	assert_string_equal(sshsig_clause(&a, "yes", false), "");
	assert_string_equal(sshsig_clause(&a, "yes", true),
	    "sshsig-verification");
	sshsig_make(&a, keys[0], STATEMENT_SPACE, "yes", 3, UP | UV);
	assert_string_equal(sshsig_clause(&a, "yes", true), "");
	sshsig_make(&a, keys[0], STATEMENT_SPACE, "yes", 3, 0);
	assert_string_equal(sshsig_clause(&a, "yes", false),
	    "sshsig-presence");
	sshsig_make(&a, keys[0], STATEMENT_SPACE, "yes", 3, UV);
	assert_string_equal(sshsig_clause(&a, "yes", false),
	    "sshsig-presence");
	/* a flag that is changed behind the device's back */
	sshsig_make(&a, keys[0], STATEMENT_SPACE, "yes", 3, UP);
	sshsig_flags_change(&a, UP | UV);
	assert_string_equal(sshsig_clause(&a, "yes", true),
	    "sshsig-signature");
	blob_clear(&a);
}

static void
a_security_key_of_p256_is_held_to_the_same(void **state)
{
	static const struct {
		int flags;
		const char *clause, *clause_verified;
	} cases[] = {
		{ 0, "sshsig-presence", "sshsig-presence" },
		{ UP, "", "sshsig-verification" },
		{ UV, "sshsig-presence", "sshsig-presence" },
		{ UP | UV, "", "" },
	};
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	struct blob a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		sshsig_make(&a, key, STATEMENT_SPACE, "yes", 3,
		    cases[i].flags);
		assert_string_equal(sshsig_clause(&a, "yes", false),
		    cases[i].clause);
		assert_string_equal(sshsig_clause(&a, "yes", true),
		    cases[i].clause_verified);
		assert_string_not_equal(sshsig_clause(&a, "no", false), "");
	}
	sshsig_make(&a, key, "file", "yes", 3, UP | UV);
	assert_string_equal(sshsig_clause(&a, "yes", false),
	    "sshsig-namespace");
	blob_clear(&a);
	EVP_PKEY_free(key);
}

/* ---- the signer ---- */

static void
pin(const char *name, EVP_PKEY *key)
{
	struct buf b = { 0 }, line = { 0 };
	char *text;

	if (key != NULL) {
		key_blob(&b, key, false);
		text = base64_encode(b.data, b.size);
		buf_printf(&line, "# pinned\n%s ssh-ed25519 %s at the desk\n",
		    name, text);
		free(text);
	}
	put_file("ca/approvers", line.data, line.size);
	buf_clear(&b);
	buf_clear(&line);
}

static void
approve(struct sign_wish *w, const char *by, EVP_PKEY *key, int64_t at)
{
	struct approval_signature *a = LIST_ADD(w, approvals);
	struct buf b = { 0 };

	str_copy(a->approver, sizeof a->approver, by);
	a->at = at;
	statement_approve(&b, signer_self.conf.service_name, w, by, at);
	sshsig_make(&a->signature, key, STATEMENT_SPACE, b.data, b.size, -1);
	buf_clear(&b);
}

static void
approvals_forget(struct sign_wish *w)
{
	while (w->n_approvals > 0)
		blob_clear(&w->approvals[--w->n_approvals].signature);
}

static const char *
clause_of(struct sign_wish *w)
{
	static char clause[64];
	struct sign_batch b = { .wishes = w, .n_wishes = 1 };
	struct signed_batch r = batch_ask(&b);

	str_copy(clause, sizeof clause, r.items[0].clause);
	assert_int_equal(clause[0] == '\0', r.items[0].der.size > 0);
	NOUN_CLEAR(signed_batch, &r);
	return clause;
}

static void
signer_with_policy(const char *more)
{
	struct err e = { 0 };

	signer_fresh(true, more);
	assert_int_equal(approvals_open(&signer_self, &e), 0);
	assert_int_equal(sign_log_load(&signer_self, PASSPHRASE, &e), 0);
}

static void
signer_end(void)
{
	approvals_close();
	sign_log_clear(&signer_self);
	signer_stop();
}

static void
serial_other(struct sign_wish *w)
{
	uint8_t serial[SERIAL_SIZE];

	random_bytes(serial, sizeof serial);
	serial[0] = 1;
	hex_encode(w->serial, serial, sizeof serial);
}

static void
without_signatures_a_registrar_has_nothing_issued(void **state)
{
	struct sign_wish w = { 0 };
	int64_t now = clock_now();
	struct err e = { 0 };

	(void)state;
	signer_with_policy("signed_approvals = yes\n");
	wish_fill(&w, 7, "montague.example", NULL);
	str_copy(w.policy, sizeof w.policy, "abc");
	assert_string_equal(clause_of(&w), "signed-approval");
	/* signed, but nobody is pinned */
	serial_other(&w);
	approve(&w, "staff", keys[0], now);
	assert_string_equal(clause_of(&w), "signed-approval");
	/* pinned for somebody else */
	pin("romeo", keys[0]);
	serial_other(&w);
	assert_string_equal(clause_of(&w), "signed-approval");
	pin("staff", keys[1]);
	serial_other(&w);
	assert_string_equal(clause_of(&w), "signed-approval");
	pin("staff", keys[0]);
	/* the right person signed something else: policy, name, key, number */
	str_copy(w.policy, sizeof w.policy, "abd");
	serial_other(&w);
	assert_string_equal(clause_of(&w), "sshsig-signature");
	str_copy(w.policy, sizeof w.policy, "abc");
	w.request = 8;
	wish_approve(&w);
	serial_other(&w);
	assert_string_equal(clause_of(&w), "sshsig-signature");
	w.request = 7;
	str_copy(w.names[0].value, 1024, "capulet.example");
	wish_approve(&w);
	serial_other(&w);
	assert_string_not_equal(clause_of(&w), "");
	str_copy(w.names[0].value, 1024, "montague.example");
	wish_approve(&w);
	w.approvals[0].at--;
	serial_other(&w);
	assert_string_equal(clause_of(&w), "sshsig-signature");
	w.approvals[0].at++;
	/* and now exactly what was signed */
	serial_other(&w);
	assert_string_equal(clause_of(&w), "");
	/* the same bytes again for the same serial; never for another */
	assert_string_equal(clause_of(&w), "");
	serial_other(&w);
	assert_string_equal(clause_of(&w), "statement-used");
	/* nor after a new start */
	approvals_close();
	assert_int_equal(approvals_open(&signer_self, &e), 0);
	assert_string_equal(clause_of(&w), "statement-used");
	NOUN_CLEAR(sign_wish, &w);
	signer_end();
}

static void
one_statement_twice_in_one_batch_makes_one_certificate(void **state)
{
	struct sign_wish w[2] = { { .request = 0 }, { .request = 0 } };
	struct sign_batch b = { .wishes = w, .n_wishes = 2 };
	struct signed_batch r;

	(void)state;
	signer_with_policy("signed_approvals = yes\n");
	pin("staff", keys[0]);
	wish_fill(&w[0], 7, "montague.example", NULL);
	approve(&w[0], "staff", keys[0], clock_now());
	w[1] = w[0];
	serial_other(&w[1]);
	r = batch_ask(&b);
	assert_string_equal(r.items[0].clause, "");
	assert_string_equal(r.items[1].clause, "statement-used");
	assert_int_equal(r.items[1].der.size, 0);
	NOUN_CLEAR(signed_batch, &r);
	NOUN_CLEAR(sign_wish, &w[0]);
	signer_end();
}

static void
old_own_and_doubled_approvals_do_not_count(void **state)
{
	struct sign_wish w = { 0 };
	int64_t now = clock_now();

	(void)state;
	signer_with_policy("signed_approvals = xmpp-server\napprovals = 2\n");
	pin("staff", keys[0]);
	wish_fill(&w, 7, "montague.example", NULL);
	approve(&w, "staff", keys[0], now - STATEMENT_SECONDS - 60);
	assert_string_equal(clause_of(&w), "statement-time");
	NOUN_CLEAR(sign_wish, &w);
	memset(&w, 0, sizeof w);
	wish_fill(&w, 7, "montague.example", NULL);
	approve(&w, "staff", keys[0], now + 3600);
	assert_string_equal(clause_of(&w), "statement-time");
	approvals_forget(&w);
	approve(&w, "juliet", keys[0], now);
	serial_other(&w);
	assert_string_equal(clause_of(&w), "sign-approver");
	/* one person twice is one of two */
	approvals_forget(&w);
	approve(&w, "staff", keys[0], now);
	approve(&w, "staff", keys[0], now - 5);
	serial_other(&w);
	assert_string_equal(clause_of(&w), "signed-approval");
	NOUN_CLEAR(sign_wish, &w);
	signer_end();
}

/* Two accounts of one person share a key: that is one approval. */
static void
one_key_under_two_names_approves_once(void **state)
{
	struct sign_wish w = { 0 };
	int64_t now = clock_now();
	struct buf b = { 0 }, line = { 0 };
	char *text[2];

	(void)state;
	signer_with_policy("signed_approvals = yes\napprovals = 2\n");
	for (int i = 0; i < 2; i++) {
		b.size = 0;
		key_blob(&b, keys[i], false);
		text[i] = base64_encode(b.data, b.size);
	}
	buf_printf(&line, "staff ssh-ed25519 %s\nstaff2 ssh-ed25519 %s\n"
	    "staff3 ssh-ed25519 %s\n", text[0], text[0], text[1]);
	put_file("ca/approvers", line.data, line.size);
	wish_fill(&w, 7, "montague.example", NULL);
	approve(&w, "staff", keys[0], now);
	approve(&w, "staff2", keys[0], now);
	assert_string_equal(clause_of(&w), "signed-approval");
	serial_other(&w);
	approve(&w, "staff3", keys[1], now);
	assert_string_equal(clause_of(&w), "");
	for (int i = 0; i < 2; i++)
		free(text[i]);
	buf_clear(&b);
	buf_clear(&line);
	NOUN_CLEAR(sign_wish, &w);
	signer_end();
}

static void
a_policy_without_it_is_as_before(void **state)
{
	struct sign_wish w = { 0 };

	(void)state;
	signer_with_policy("signed_approvals = xmpp-s2s\n");
	wish_fill(&w, 7, "montague.example", NULL);
	assert_string_equal(clause_of(&w), "");
	NOUN_CLEAR(sign_wish, &w);
	signer_end();
}

/* However many there were, and after a new start: each counts as used, no
 * other does. */
static void
a_thousand_used_ones_are_remembered(void **state)
{
	struct err e = { 0 };
	struct buf text = { 0 };
	struct deed d = { .kind = "resume", .object = "1" };
	struct none none = { 0 };
	struct approval_signature *a = LIST_ADD(&d, signatures);
	int64_t now = clock_now();

	(void)state;
	signer_with_policy("");
	pin("staff", keys[0]);
	str_copy(a->approver, sizeof a->approver, "staff");
	a->at = now;
	for (int i = 0; i < 1000; i++) {
		text.size = 0;
		snprintf(d.object, sizeof d.object, "%d", i);
		statement_deed(&text, signer_self.conf.service_name, &d,
		    "staff", now);
		assert_int_equal(approvals_spend(&text, now, &e), 0);
	}
	approvals_close();
	assert_int_equal(approvals_open(&signer_self, &e), 0);
	for (int i = 0; i <= 1000; i += 50) {
		text.size = 0;
		snprintf(d.object, sizeof d.object, "%d", i);
		statement_deed(&text, signer_self.conf.service_name, &d,
		    "staff", now);
		blob_clear(&a->signature);
		sshsig_make(&a->signature, keys[0], STATEMENT_SPACE,
		    text.data, text.size, -1);
		err_clear(&e);
		serve_sign_deed_check(NULL, &d, &none, &e);
		assert_string_equal(e.clause, i < 1000 ? "statement-used" :
		    "");
	}
	buf_clear(&text);
	NOUN_CLEAR(deed, &d);
	signer_end();
}

/* The second time nothing is announced: no serial is burnt for each try. */
static void
a_full_disk_burns_one_serial_and_no_more(void **state)
{
	struct rlimit old, none;
	struct sign_wish w = { 0 };
	struct sign_batch b = { .wishes = &w, .n_wishes = 1 };
	uint8_t serials[3][SERIAL_SIZE];

	(void)state;
	signer_with_policy("signed_approvals = yes\n");
	pin("staff", keys[0]);
	wish_fill(&w, 7, "montague.example", NULL);
	str_copy(w.policy, sizeof w.policy, "abc");
	approve(&w, "staff", keys[0], clock_now());
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	none = (struct rlimit){ 10, old.rlim_max };
	for (int i = 0; i < 3; i++) {
		struct signed_batch r = { 0 };
		struct err e = { 0 };

		serial_other(&w);
		assert_int_equal(sign_serial_read(serials[i], w.serial), 0);
		/* the journal has room: only approvals are kept in vain */
		setrlimit(RLIMIT_FSIZE, &none);
		assert_int_equal(serve_sign_certificates(NULL, &b, &r, &e),
		    -1);
		setrlimit(RLIMIT_FSIZE, &old);
		assert_string_equal(e.clause, "signer-journal");
		assert_non_null(strstr(e.text, "approvals were used"));
		assert_int_equal(journal_ready(signer_self.journal, &e), 0);
		NOUN_CLEAR(signed_batch, &r);
	}
	assert_int_equal(journal_find(signer_self.journal, serials[0], NULL),
	    SERIAL_INTENDED);
	for (int i = 1; i < 3; i++)
		assert_int_equal(journal_find(signer_self.journal,
		    serials[i], NULL), SERIAL_NEW);
	/* there is room: the same approval counts, it was never used */
	serial_other(&w);
	assert_string_equal(clause_of(&w), "");
	serial_other(&w);
	assert_string_equal(clause_of(&w), "statement-used");
	NOUN_CLEAR(sign_wish, &w);
	signer_end();
}

/* ---- heads of the log ---- */

static const char *
head_ask(int64_t size, const struct merkle_frontier *f,
    const struct merkle_hash *proof, size_t n)
{
	static struct err e;
	struct checkpoint_wish w = { .size = size };
	struct log_head h = { .size = 0 };
	struct merkle_hash root;

	memset(&e, 0, sizeof e);
	merkle_frontier_root(f, &root);
	memcpy(w.root, root.bytes, 32);
	for (size_t i = 0; i < n; i++)
		memcpy(LIST_ADD(&w, proof)->hash, proof[i].bytes, 32);
	if (serve_sign_checkpoint(NULL, &w, &h, &e) == 0)
		assert_int_equal(h.size, size);
	NOUN_CLEAR(checkpoint_wish, &w);
	NOUN_CLEAR(log_head, &h);
	return e.clause;
}

static void
heads_of_the_log_never_fork(void **state)
{
	struct merkle_frontier one = { .size = 0 }, two, other;
	struct merkle_hash leaf, second;
	struct err e = { 0 };

	(void)state;
	signer_with_policy("");
	merkle_leaf(&leaf, "a", 1);
	merkle_append(&one, &leaf);
	assert_string_equal(head_ask(1, &one, NULL, 0), "");
	assert_string_equal(head_ask(1, &one, NULL, 0), "");	/* again */
	two = one;
	merkle_leaf(&second, "b", 1);
	merkle_append(&two, &second);
	other = (struct merkle_frontier){ .size = 0 };
	merkle_leaf(&leaf, "x", 1);
	merkle_append(&other, &leaf);
	/* another root for the same size; a larger one without its proof */
	assert_string_equal(head_ask(1, &other, NULL, 0), "log-fork");
	assert_string_equal(head_ask(2, &two, NULL, 0), "log-fork");
	assert_string_equal(head_ask(2, &two, &leaf, 1), "log-fork");
	assert_string_equal(head_ask(2, &two, &second, 1), "");
	/* back; and after a new start still known */
	assert_string_equal(head_ask(1, &one, NULL, 0), "log-fork");
	sign_log_clear(&signer_self);
	assert_int_equal(sign_log_load(&signer_self, PASSPHRASE, &e), 0);
	assert_int_equal(signer_self.log_size, 2);
	assert_string_equal(head_ask(1, &one, NULL, 0), "log-fork");
	assert_string_equal(head_ask(0, &one, NULL, 0), "log-proof");
	/* a damaged file: no start, rather than a log that may fork */
	sign_log_clear(&signer_self);
	put_file("ca/log.head", "nonsense", 8);
	assert_int_equal(sign_log_load(&signer_self, PASSPHRASE, &e), -1);
	signer_end();
}

static int
begin(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		keys[i] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return folder_begin(state);
}

static int
end(void **state)
{
	for (int i = 0; i < 2; i++)
		EVP_PKEY_free(keys[i]);
	return folder_end(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_signature_fits_its_message_and_namespace_alone),
		cmocka_unit_test(
		    a_security_key_was_touched_and_checks_its_user),
		cmocka_unit_test(a_security_key_of_p256_is_held_to_the_same),
		cmocka_unit_test(
		    without_signatures_a_registrar_has_nothing_issued),
		cmocka_unit_test(
		    one_statement_twice_in_one_batch_makes_one_certificate),
		cmocka_unit_test(old_own_and_doubled_approvals_do_not_count),
		cmocka_unit_test(one_key_under_two_names_approves_once),
		cmocka_unit_test(a_policy_without_it_is_as_before),
		cmocka_unit_test(a_thousand_used_ones_are_remembered),
		cmocka_unit_test(a_full_disk_burns_one_serial_and_no_more),
		cmocka_unit_test(heads_of_the_log_never_fork),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
