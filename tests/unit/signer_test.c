/* signer_test.c - what the signer signs and what it refuses; its process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/base/child.h"
#include "core/wire/ask.h"
#include "core/x509/ca.h"
#include "tests/unit/signer_help.h"

#define MONTAGUE "montague.example"

static void
put_leaf(const struct signed_item *item)
{
	struct buf pem = { 0 };

	cert_pem(&pem, item->der.data, item->der.size);
	put_file("leaf.pem", pem.data, pem.size);
	buf_clear(&pem);
}

static void
leaf_verifies(const struct signed_item *item)
{
	put_leaf(item);
	if (judge("verify", "-x509_strict", "-purpose", "sslserver",
	    "-CAfile", "root.pem", "-untrusted", "ica.pem", "leaf.pem",
	    NULL) != 0)
		fail_msg("%s", judge_said);
}

/* One wish alone: its clause, "" when signed. */
static const char *
clause_of(struct sign_wish *w)
{
	static char clause[64];
	struct sign_batch b = { .wishes = w, .n_wishes = 1 };
	struct signed_batch r = batch_ask(&b);

	str_copy(clause, sizeof clause, r.items[0].clause);
	assert_int_equal(clause[0] == '\0', r.items[0].der.size > 0);
	assert_string_equal(r.items[0].serial, w->serial);
	NOUN_CLEAR(signed_batch, &r);
	return clause;
}

/* S1.3, S5.1: a batch gives certificates that OpenSSL verifies strictly. */
static void
batch_is_signed_and_verifies(void **state)
{
	struct sign_batch b = { 0 };
	struct signed_batch r;

	(void)state;
	signer_fresh(true, "");
	for (int i = 0; i < 5; i++) {
		char domain[64];

		snprintf(domain, sizeof domain, "m%d.example", i);
		wish_fill(LIST_ADD(&b, wishes), 10 + i, domain, NULL);
	}
	r = batch_ask(&b);
	assert_int_equal(r.n_items, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(r.items[i].clause, "");
		assert_string_equal(r.items[i].issuer, "ica-server-1");
		leaf_verifies(&r.items[i]);
	}
	judge("x509", "-in", "leaf.pem", "-noout", "-text", NULL);
	assert_true(judge_says("OCSP - URI:http://ca.example/ocsp\n"));
	assert_true(judge_says("URI:http://ca.example/ca/ica-server-1.crt"));
	assert_true(judge_says("URI:http://ca.example/crl/ica-server-1.crl"));
	assert_true(judge_says("DNS:m4.example"));
	NOUN_CLEAR(signed_batch, &r);
	NOUN_CLEAR(sign_batch, &b);
	signer_stop();
}

enum wish_change {
	NOTHING, PROFILE, OWN_REQUEST, NO_APPROVER, NO_REQUESTER, CASE_TRICK,
	NO_DIGEST, OTHER_DIGEST, OTHER_NAME, OTHER_KEY, OTHER_CSR, OTHER_CN,
	SERIAL_SHORT, SERIAL_ZERO, SERIAL_NEGATIVE, SERIAL_UPPER, BACK_DATED,
	AHEAD, TOO_LONG, ENDED, NO_NAMES,
};

static void
wish_alter(struct sign_wish *w, enum wish_change c)
{
	switch (c) {
	case PROFILE: str_copy(w->profile, 32, "subordinate-ca"); break;
	case OWN_REQUEST: str_copy(w->approver, 33, w->requester); break;
	case NO_APPROVER: w->approver[0] = '\0'; break;
	case NO_REQUESTER: w->requester[0] = '\0'; break;
	case CASE_TRICK: str_copy(w->approver, 33, "Juliet"); break;
	case OTHER_NAME: str_copy(w->names[0].value, 1024, "evil.example");
		break;
	case OTHER_KEY: w->spki.data[w->spki.size - 1] ^= 1; break;
	case OTHER_CSR: w->csr_sha256[0] ^= 1; break;
	case OTHER_CN: str_copy(w->subject_cn, 65, "evil.example"); break;
	case SERIAL_SHORT: w->serial[32] = '\0'; break;
	case SERIAL_ZERO: w->serial[0] = w->serial[1] = '0'; break;
	case SERIAL_NEGATIVE: w->serial[0] = '8'; break;
	case SERIAL_UPPER: w->serial[5] = 'A'; break;
	case BACK_DATED: w->not_before -= 86400; break;
	case AHEAD: w->not_before += 3600 + 86400; break;
	case TOO_LONG: w->not_after += 2 * 86400; break;
	case ENDED: w->not_after = w->not_before + 10; break;
	case NO_NAMES: w->n_names = 0; break;
	default: break;
	}
	if (c == NO_DIGEST)
		memset(w->digest, 0, 32);
	else if (c == OTHER_DIGEST)
		w->digest[31] ^= 1;
	else if (c < OTHER_NAME || c > OTHER_CN)
		wish_approve(w);	/* as if somebody had approved it */
}

/* The signer is not an oracle: each wrong wish has its clause, and costs no
 * serial in the journal (A1, A2, G3, G4, S1.3). */
static void
each_wrong_wish_is_refused_with_its_clause(void **state)
{
	static const struct {
		enum wish_change change;
		const char *clause;
	} wrong[] = {
		{ NOTHING, "" }, { PROFILE, "profile-unknown" },
		{ OWN_REQUEST, "sign-approver" },
		{ NO_APPROVER, "sign-approver" },
		{ NO_REQUESTER, "sign-approver" },
		{ CASE_TRICK, "sign-approver" },
		{ NO_DIGEST, "sign-digest" }, { OTHER_DIGEST, "sign-digest" },
		{ OTHER_NAME, "sign-digest" }, { OTHER_KEY, "sign-digest" },
		{ OTHER_CSR, "sign-digest" }, { OTHER_CN, "sign-digest" },
		{ SERIAL_SHORT, "sign-serial" }, { SERIAL_ZERO, "sign-serial" },
		{ SERIAL_NEGATIVE, "sign-serial" },
		{ SERIAL_UPPER, "sign-serial" },
		{ BACK_DATED, "sign-dates" }, { AHEAD, "sign-dates" },
		{ TOO_LONG, "sign-dates" }, { ENDED, "sign-dates" },
		{ NO_NAMES, NULL },
	};

	(void)state;
	signer_fresh(true, "");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct sign_wish *w = calloc(1, sizeof *w);
		uint8_t serial[SERIAL_SIZE];
		size_t names;
		const char *clause;

		wish_fill(w, 1, MONTAGUE, NULL);
		names = w->n_names;
		wish_alter(w, wrong[i].change);
		clause = clause_of(w);
		if (wrong[i].clause != NULL)
			assert_string_equal(clause, wrong[i].clause);
		else
			assert_string_not_equal(clause, "");
		if (clause[0] != '\0' && sign_serial_read(serial,
		    w->serial) == 0)
			assert_int_equal(journal_find(signer_self.journal,
			    serial, NULL), SERIAL_NEW);
		w->n_names = names;
		NOUN_CLEAR(sign_wish, w);
		free(w);
	}
	signer_stop();
}

/* A refused wish does not stop the others of its batch. */
static void
batch_goes_on_past_a_refused_wish(void **state)
{
	struct sign_batch b = { 0 };
	struct signed_batch r;

	(void)state;
	signer_fresh(true, "");
	for (int i = 0; i < 3; i++)
		wish_fill(LIST_ADD(&b, wishes), 10 + i, MONTAGUE, NULL);
	wish_alter(&b.wishes[1], OWN_REQUEST);
	r = batch_ask(&b);
	assert_true(r.items[0].der.size > 0 && r.items[2].der.size > 0);
	assert_int_equal(r.items[1].der.size, 0);
	assert_string_equal(r.items[1].clause, "sign-approver");
	NOUN_CLEAR(signed_batch, &r);
	NOUN_CLEAR(sign_batch, &b);
	signer_stop();
}

/* S5.7: asked again, also after a restart, a serial gives the same bytes. */
static void
asked_again_the_same_bytes_come(void **state)
{
	struct sign_batch b = { 0 };
	struct signed_batch first, second;

	(void)state;
	signer_fresh(true, "");
	wish_fill(LIST_ADD(&b, wishes), 7, MONTAGUE, NULL);
	first = batch_ask(&b);
	signer_stop();
	signer_start();
	second = batch_ask(&b);
	assert_int_equal(first.items[0].der.size, second.items[0].der.size);
	assert_memory_equal(first.items[0].der.data,
	    second.items[0].der.data, first.items[0].der.size);
	assert_string_equal(second.items[0].issuer, "ica-server-1");
	/* for another request that serial is no longer free */
	b.wishes[0].request = 8;
	wish_approve(&b.wishes[0]);
	assert_string_equal(clause_of(&b.wishes[0]), "serial-used");
	NOUN_CLEAR(signed_batch, &first);
	NOUN_CLEAR(signed_batch, &second);
	NOUN_CLEAR(sign_batch, &b);
	signer_stop();
}

/* S5.7: what was only intended is burnt; twice in a batch is once too often. */
static void
intended_serial_is_burnt_and_double_serial_refused(void **state)
{
	struct sign_batch b = { 0 };
	struct intent i = { .request = 7, .at = 1790000000 };
	struct signed_batch r;
	struct err e = { 0 };

	(void)state;
	signer_fresh(true, "");
	wish_fill(LIST_ADD(&b, wishes), 7, MONTAGUE, NULL);
	assert_int_equal(sign_serial_read(i.serial, b.wishes[0].serial), 0);
	memcpy(i.digest, b.wishes[0].digest, 32);
	journal_intend(signer_self.journal, &i);
	assert_int_equal(journal_intents_sync(signer_self.journal, &e), 0);
	assert_string_equal(clause_of(&b.wishes[0]), "serial-burnt");
	signer_stop();
	signer_start();
	assert_string_equal(clause_of(&b.wishes[0]), "serial-burnt");
	wish_fill(LIST_ADD(&b, wishes), 8, MONTAGUE, NULL);
	wish_fill(LIST_ADD(&b, wishes), 9, MONTAGUE, NULL);
	str_copy(b.wishes[2].serial, 42, b.wishes[1].serial);
	r = batch_ask(&b);
	assert_string_equal(r.items[1].clause, "");
	assert_string_equal(r.items[2].clause, "serial-used");
	NOUN_CLEAR(signed_batch, &r);
	NOUN_CLEAR(sign_batch, &b);
	signer_stop();
}

/* P1.3: a report's note names the last head; before there is one, none. */
static void
a_report_is_not_signed_before_the_log_has_a_head(void **state)
{
	struct report_sign a = { .quarter = "2026Q3" };
	struct seat seat = { 0 };
	struct log_head r = { 0 };
	struct err e = { 0 };

	(void)state;
	signer_fresh(true, "");
	assert_int_equal(serve_sign_report(&seat, &a, &r, &e), -1);
	assert_string_equal(e.clause, "report-head");
	NOUN_CLEAR(log_head, &r);
	signer_stop();
}

/* G3: the ceiling holds over a restart, since the journal counts. */
static void
ceiling_holds_over_a_restart(void **state)
{
	struct sign_batch b = { 0 };
	struct signed_batch r;

	(void)state;
	signer_fresh(true, "[signer]\nper_hour = 3\n");
	for (int i = 0; i < 4; i++)
		wish_fill(LIST_ADD(&b, wishes), i + 1, MONTAGUE, NULL);
	r = batch_ask(&b);
	assert_string_equal(r.items[2].clause, "");
	assert_string_equal(r.items[3].clause, "signer-per-hour");
	NOUN_CLEAR(signed_batch, &r);
	signer_stop();
	signer_start();
	assert_string_equal(clause_of(&b.wishes[3]), "signer-per-hour");
	NOUN_CLEAR(sign_batch, &b);
	signer_stop();
}

static struct status *
status_add(struct status **list, size_t *n, const char *serial,
    enum certificate_state state)
{
	struct status *st;

	*list = list_grow(*list, n, sizeof **list);
	st = &(*list)[*n - 1];
	str_copy(st->serial, sizeof st->serial, serial);
	st->state = state;
	if (state == CERTIFICATE_REVOKED) {
		st->revoked = clock_now() - 5;
		st->reason = REASON_KEY_COMPROMISE;
	}
	return st;
}

static void
put_answer(struct sign_issuer *i, const struct answer_wish *w, size_t k,
    const struct answer_batch *r)
{
	uint8_t serial[SERIAL_SIZE];
	struct buf b = { 0 };

	sign_serial_read(serial, w->entries[k].serial);
	ocsp_answer(&b, &i->ocsp, CERTID_SHA1, serial, SERIAL_SIZE,
	    &w->entries[k], w->this_update, w->next_update,
	    r->items[k].sha1.data, r->items[k].sha1.size, r->responder.data,
	    r->responder.size);
	put_file("answer.der", b.data, b.size);
	buf_clear(&b);
}

/* S8.1, S9.1, S9.2: CRL and answer of a real certificate, judged together
 * with it by OpenSSL; `good` only for a serial that the journal knows. */
static void
crl_and_answers_of_an_issued_certificate_verify(void **state)
{
	struct sign_batch b = { 0 };
	struct signed_batch r;
	struct crl_wish c = { .issuer = "ica-server-1", .number = 2,
		.this_update = clock_now() };
	struct answer_wish a = { .issuer = "ica-server-1",
		.this_update = clock_now() };
	struct answer_batch answers = { 0 };
	struct text der = { 0 };
	struct err e = { 0 };

	(void)state;
	signer_fresh(true, "");
	wish_fill(LIST_ADD(&b, wishes), 7, MONTAGUE, NULL);
	r = batch_ask(&b);
	leaf_verifies(&r.items[0]);
	a.next_update = a.this_update + 86400;
	status_add(&a.entries, &a.n_entries, b.wishes[0].serial,
	    CERTIFICATE_GOOD);
	status_add(&a.entries, &a.n_entries,
	    "0100000000000000000000000000000001", CERTIFICATE_GOOD);
	assert_int_equal(serve_sign_answers(NULL, &a, &answers, &e), 0);
	assert_int_equal(answers.n_items, 2);
	assert_int_equal(answers.items[1].sha1.size, 0);
	put_answer(&signer_self.issuers[0], &a, 0, &answers);
	assert_int_equal(judge("ocsp", "-respin", "answer.der", "-issuer",
	    "ica.pem", "-cert", "leaf.pem", "-CAfile", "root.pem",
	    "-verify_other", "ica.pem", "-no_nonce", NULL), 0);
	assert_true(judge_says("Response verify OK"));
	assert_true(judge_says("leaf.pem: good"));
	c.next_update = c.this_update + 7 * 86400;
	status_add(&c.entries, &c.n_entries, b.wishes[0].serial,
	    CERTIFICATE_REVOKED);
	assert_int_equal(serve_sign_crl(NULL, &c, &der, &e), 0);
	put_file("ica.crl", der.text.data, der.text.size);
	judge("crl", "-inform", "DER", "-in", "ica.crl", "-out",
	    "ica.crl.pem", NULL);
	judge("verify", "-crl_check", "-CAfile", "root.pem", "-untrusted",
	    "ica.pem", "-CRLfile", "ica.crl.pem", "leaf.pem", NULL);
	assert_true(judge_says("certificate revoked"));
	NOUN_CLEAR(text, &der);
	/* the trial root's own CRL */
	str_copy(c.issuer, sizeof c.issuer, "root");
	assert_int_equal(serve_sign_crl(NULL, &c, &der, &e), 0);
	put_file("root.crl", der.text.data, der.text.size);
	assert_int_equal(judge("crl", "-inform", "DER", "-in", "root.crl",
	    "-CAfile", "root.pem", "-noout", NULL), 0);
	assert_true(judge_says("verify OK"));
	NOUN_CLEAR(text, &der);
	c.this_update -= 2 * 86400;
	assert_int_equal(serve_sign_crl(NULL, &c, &der, &e), -1);
	assert_string_equal(e.clause, "sign-dates");
	NOUN_CLEAR(crl_wish, &c);
	NOUN_CLEAR(answer_wish, &a);
	NOUN_CLEAR(answer_batch, &answers);
	NOUN_CLEAR(signed_batch, &r);
	NOUN_CLEAR(sign_batch, &b);
	signer_stop();
}

/* S9.2: with less than half of its life left the responder's certificate is
 * renewed by itself, for the same key. */
static void
responder_certificate_is_renewed_by_itself(void **state)
{
	struct sign_issuer *i;
	struct answer_wish a = { .issuer = "ica-server-1" };
	struct answer_batch r = { 0 };
	struct err e = { 0 };
	X509 *old;

	(void)state;
	signer_fresh(true, "");
	i = &signer_self.issuers[0];
	old = X509_dup(i->responder);
	assert_int_equal(sign_responder_renew(&signer_self, i, &e), 0);
	assert_int_equal(X509_cmp(old, i->responder), 0);
	clock_set_for_test(clock_now() + 16 * 86400);
	a.this_update = clock_now();
	a.next_update = a.this_update + 86400;
	assert_int_equal(serve_sign_answers(NULL, &a, &r, &e), 0);
	assert_int_not_equal(X509_cmp(old, i->responder), 0);
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(old),
	    X509_get0_pubkey(i->responder)), 1);
	NOUN_CLEAR(answer_batch, &r);
	X509_free(old);
	signer_stop();
	signer_start();		/* and it is on the disk */
	old = X509_dup(signer_self.issuers[0].responder);
	assert_int_equal(sign_responder_renew(&signer_self,
	    &signer_self.issuers[0], &e), 0);
	assert_int_equal(X509_cmp(old, signer_self.issuers[0].responder), 0);
	X509_free(old);
	clock_set_for_test(0);
	signer_stop();
}

/* S1.3: nothing that would outlive the ICA, nothing after its end, nothing
 * after its revocation. */
static void
expired_or_revoked_issuer_signs_nothing(void **state)
{
	struct sign_wish w = { 0 };
	int64_t now = clock_now();

	(void)state;
	signer_fresh(true, "");
	clock_set_for_test(now + 1826LL * 86400 - 10 * 86400);
	wish_fill(&w, 1, MONTAGUE, NULL);
	assert_string_equal(clause_of(&w), "issuer-not-after");
	NOUN_CLEAR(sign_wish, &w);
	clock_set_for_test(now + 1827LL * 86400);
	wish_fill(&w, 1, MONTAGUE, NULL);
	assert_string_equal(clause_of(&w), "issuer-expired");
	NOUN_CLEAR(sign_wish, &w);
	clock_set_for_test(0);
	signer_stop();
	put_file("ca/ica-server-1.revoked", "", 0);
	signer_start();
	wish_fill(&w, 1, MONTAGUE, NULL);
	assert_string_equal(clause_of(&w), "issuer-none");
	NOUN_CLEAR(sign_wish, &w);
	signer_stop();
}

/* The outside root of these tests. */
static X509 *
outside_sign(EVP_PKEY *root_key, X509 *root, EVP_PKEY *ica_key)
{
	struct ca_names n = { "XMPP Federation", "Outside ICA", "", "",
		"1.3.6.1.4.1.99999.1.1.1", 700 };
	X509 *x = ca_ica_new(ica_key, root, root_key, false, &n, clock_now(),
	    NULL);

	assert_non_null(x);
	return x;
}

static int
import(X509 *ica, X509 *root, struct issuer *r, struct err *e)
{
	struct import_wish w = { 0 };
	struct buf pem = { 0 };
	struct blob der = { 0 };
	int done;

	ca_cert_der(ica, &w.certificate);
	ca_cert_der(root, &der);
	cert_pem(&pem, der.data, der.size);
	blob_set(&w.roots, pem.data, pem.size);
	done = serve_sign_import(NULL, &w, r, e);
	blob_clear(&der);
	buf_clear(&pem);
	NOUN_CLEAR(import_wish, &w);
	return done;
}

/* S1.1, S1.2, S1.3: pending until the right certificate is imported. */
static void
outside_ica_is_pending_until_imported(void **state)
{
	struct ca_names n = { "Outside", "Outside Root", "", "", "", 5000 };
	EVP_PKEY *root_key, *other;
	X509 *root, *good, *wrong;
	struct issuer r = { 0 };
	struct issuer_list list = { 0 };
	struct sign_wish w = { 0 };
	struct err e = { 0 };

	(void)state;
	signer_fresh(false, "");
	root_key = ca_key_new();
	other = ca_key_new();
	root = ca_root_new(root_key, &n, clock_now(), &e);
	assert_int_equal(judge("req", "-in", "ica-server-1.csr.pem",
	    "-noout", "-verify", NULL), 0);
	assert_int_equal(serve_sign_issuers(NULL, NULL, &list, &e), 0);
	assert_string_equal(list.rows[0].state, "pending");
	NOUN_CLEAR(issuer_list, &list);
	wish_fill(&w, 1, MONTAGUE, NULL);
	assert_string_equal(clause_of(&w), "issuer-none");
	wrong = outside_sign(root_key, root, other);
	good = outside_sign(root_key, root, signer_self.issuers[0].key);
	assert_int_equal(import(wrong, root, &r, &e), -1);
	assert_string_equal(e.clause, "import-key");
	assert_int_equal(import(good, wrong, &r, &e), -1);
	assert_string_equal(e.clause, "import-chain");
	if (import(good, root, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_string_equal(r.state, "active");
	assert_true(r.root.size > 0 && r.responder.size > 0);
	/* anew: a wish from before the ICA may begin a second before it */
	NOUN_CLEAR(sign_wish, &w);
	memset(&w, 0, sizeof w);
	wish_fill(&w, 1, MONTAGUE, NULL);
	assert_string_equal(clause_of(&w), "");
	/* the same again changes nothing: its answer may have been lost */
	assert_int_equal(import(good, root, &r, &e), 0);
	assert_string_equal(r.state, "active");
	assert_int_equal(import(wrong, root, &r, &e), -1);
	assert_string_equal(e.clause, "import-none");
	NOUN_CLEAR(issuer, &r);
	signer_stop();
	signer_start();
	assert_int_equal(serve_sign_issuers(NULL, NULL, &list, &e), 0);
	assert_string_equal(list.rows[0].state, "active");
	NOUN_CLEAR(issuer_list, &list);
	NOUN_CLEAR(sign_wish, &w);
	X509_free(wrong);
	X509_free(good);
	X509_free(root);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(other);
	signer_stop();
}

/* The operator's word, and what became of it. */
static int
deed(const char *name, const char *word, enum reason reason, struct err *e)
{
	struct issuer_deed d = { .reason = reason };
	struct none r = { 0 };

	str_copy(d.name, sizeof d.name, name);
	str_copy(d.deed, sizeof d.deed, word);
	return serve_sign_issuer_deed(NULL, &d, &r, e);
}

static void
states_are(const char *first, const char *second)
{
	struct issuer_list list = { 0 };
	struct err e = { 0 };

	assert_int_equal(serve_sign_issuers(NULL, NULL, &list, &e), 0);
	assert_int_equal(list.n_rows, 2);
	assert_string_equal(list.rows[0].state, first);
	assert_string_equal(list.rows[1].state, second);
	NOUN_CLEAR(issuer_list, &list);
}

/* A new issuer waits for the operator's word; the one that was retired or
 * revoked never comes back, also after a new start. */
static void
issuers_change_by_the_operators_word_alone(void **state)
{
	struct err e = { 0 };
	struct conf conf;

	(void)state;
	signer_fresh(true, "");
	conf = conf_of_folder();
	assert_int_equal(ceremony_next(&conf, false, false, PASSPHRASE, &e),
	    0);
	signer_stop();
	signer_start();
	states_are("active", "pending");
	assert_int_equal(deed("ica-server-2", "activate", 0, &e), -1);
	assert_string_equal(e.clause, "issuer-pending");
	assert_int_equal(deed("ica-server-9", "activate", 0, &e), -1);
	assert_string_equal(e.clause, "issuer-none");
	assert_int_equal(deed("ica-server-1", "bless", 0, &e), -1);
	assert_string_equal(e.clause, "issuer-deed");
	assert_int_equal(deed("ica-server-1", "revoke", REASON_HOLD, &e), -1);
	assert_string_equal(e.clause, "reason-not-allowed");
	assert_int_equal(deed("ica-server-1", "retire", 0, &e), 0);
	assert_int_equal(deed("ica-server-1", "retire", 0, &e), 0);
	states_are("superseded", "pending");
	assert_int_equal(deed("ica-server-1", "activate", 0, &e), -1);
	assert_string_equal(e.clause, "issuer-retired");
	signer_stop();
	signer_start();
	states_are("superseded", "pending");
	assert_null(sign_issuer_active(&signer_self, false));
	signer_stop();
}

/* S1.3: the root's CRL is the signer's own word about its issuers. */
static void
a_revoked_issuer_is_on_the_roots_list(void **state)
{
	struct crl_wish c = { .issuer = "root", .number = 7,
		.this_update = clock_now() };
	struct text der = { 0 };
	struct err e = { 0 };

	(void)state;
	signer_fresh(true, "");
	assert_int_equal(deed("ica-server-1", "revoke",
	    REASON_CESSATION, &e), 0);
	signer_stop();
	signer_start();
	assert_string_equal(sign_issuer_state(&signer_self,
	    &signer_self.issuers[0]), "revoked");
	c.next_update = c.this_update + 86400;
	assert_int_equal(serve_sign_crl(NULL, &c, &der, &e), 0);
	put_file("root.crl", der.text.data, der.text.size);
	assert_int_equal(judge("crl", "-inform", "DER", "-in", "root.crl",
	    "-CAfile", "root.pem", "-noout", "-text", NULL), 0);
	assert_true(judge_says("verify OK"));
	assert_true(judge_says("Cessation Of Operation"));
	assert_int_equal(judge("crl", "-inform", "DER", "-in", "root.crl",
	    "-out", "root.crl.pem", NULL), 0);
	assert_int_not_equal(judge("verify", "-crl_check", "-CAfile",
	    "root.pem", "-CRLfile", "root.crl.pem", "ica.pem", NULL), 0);
	assert_true(judge_says("certificate revoked"));
	NOUN_CLEAR(text, &der);
	signer_stop();
}

/* S8.5, S8.6: a shard says which it is; dates ahead are the operator's. */
static void
crls_of_shards_and_of_the_future(void **state)
{
	struct crl_begin w = { .issuer = "ica-server-1", .number = 3,
		.this_update = clock_now(), .shard = 4 };
	struct crl_signed r = { 0 };
	struct none none = { 0 };
	struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	signer_fresh(true, "[publish]\ncrl_ahead_days = 30\n");
	w.next_update = w.this_update + 7 * 86400;
	assert_int_equal(serve_sign_crl_begin(NULL, &w, &none, &e), 0);
	assert_int_equal(serve_sign_crl_end(NULL, &none, &r, &e), 0);
	buf_put(&b, r.head.data, r.head.size);
	buf_put(&b, r.tail.data, r.tail.size);
	put_file("shard.crl", b.data, b.size);
	buf_clear(&b);
	NOUN_CLEAR(crl_signed, &r);
	assert_int_equal(judge("crl", "-inform", "DER", "-in", "shard.crl",
	    "-CAfile", "ica.pem", "-noout", "-text", NULL), 0);
	assert_true(judge_says("verify OK"));
	assert_true(judge_says("Issuing Distribution Point: critical"));
	assert_true(judge_says("http://ca.example/crl/ica-server-1-4.crl"));
	w.shard = 65;
	assert_int_equal(serve_sign_crl_begin(NULL, &w, &none, &e), -1);
	w.shard = 0;
	w.this_update += 30 * 86400 - 60;
	w.next_update += 30 * 86400 - 60;
	assert_int_equal(serve_sign_crl_begin(NULL, &w, &none, &e), 0);
	w.this_update += 3600;
	assert_int_equal(serve_sign_crl_begin(NULL, &w, &none, &e), -1);
	assert_string_equal(e.clause, "sign-dates");
	/* the last one of an issuer counts to its end, once it is retired */
	w.this_update = clock_now();
	w.next_update = w.this_update + 1800 * 86400LL;
	w.last = true;
	assert_int_equal(serve_sign_crl_begin(NULL, &w, &none, &e), -1);
	assert_int_equal(deed("ica-server-1", "retire", 0, &e), 0);
	assert_int_equal(serve_sign_crl_begin(NULL, &w, &none, &e), 0);
	w.next_update = w.this_update + 1900 * 86400LL;
	assert_int_equal(serve_sign_crl_begin(NULL, &w, &none, &e), -1);
	signer_stop();
}

/* G5: what is for people hangs under a root of its own. */
static void
people_have_their_own_root(void **state)
{
	struct err e = { 0 };
	struct conf conf;

	(void)state;
	signer_fresh(true, "");
	signer_stop();
	conf = conf_of_folder();
	assert_int_equal(ceremony_next(&conf, true, true, PASSPHRASE, &e), 0);
	signer_start();
	states_are("active", "active");
	assert_string_equal(signer_self.issuers[0].name, "ica-person-1");
	assert_int_equal(judge("verify", "-CAfile", "root-person.pem",
	    "ica-person.pem", NULL), 0);
	assert_int_not_equal(judge("verify", "-CAfile", "root.pem",
	    "ica-person.pem", NULL), 0);
	assert_int_not_equal(judge("verify", "-CAfile", "root-person.pem",
	    "ica.pem", NULL), 0);
	assert_int_equal(judge("x509", "-in", "ica-person.pem", "-noout",
	    "-text", NULL), 0);
	assert_true(judge_says("TLS Web Client Authentication"));
	assert_false(judge_says("TLS Web Server Authentication"));
	signer_stop();
}

/* S1.4: the newer generation signs, the older keeps its CRL and answers. */
static void
two_generations_stand_beside_each_other(void **state)
{
	struct sign_batch b = { 0 };
	struct signed_batch r;
	struct crl_wish c = { .issuer = "ica-server-1", .number = 1,
		.this_update = clock_now() };
	struct text der = { 0 };
	struct err e = { 0 };
	struct conf conf;

	(void)state;
	signer_fresh(true, "");
	signer_stop();
	conf = conf_of_folder();
	assert_int_equal(ceremony_next(&conf, false, true, PASSPHRASE, &e),
	    0);
	signer_start();
	states_are("active", "ready");
	assert_int_equal(deed("ica-server-2", "activate", 0, &e), 0);
	states_are("superseded", "active");
	signer_stop();
	signer_start();
	states_are("superseded", "active");
	wish_fill(LIST_ADD(&b, wishes), 7, MONTAGUE, NULL);
	r = batch_ask(&b);
	assert_string_equal(r.items[0].issuer, "ica-server-2");
	c.next_update = c.this_update + 86400;
	assert_int_equal(serve_sign_crl(NULL, &c, &der, &e), 0);
	put_file("old.crl", der.text.data, der.text.size);
	assert_int_equal(judge("crl", "-inform", "DER", "-in", "old.crl",
	    "-CAfile", "ica.pem", "-noout", NULL), 0);
	assert_true(judge_says("verify OK"));
	NOUN_CLEAR(text, &der);
	NOUN_CLEAR(signed_batch, &r);
	NOUN_CLEAR(sign_batch, &b);
	signer_stop();
}

/* The ceremony overwrites nothing, and the passphrase opens the keys. */
static void
ceremony_overwrites_nothing(void **state)
{
	struct conf c;
	struct err e = { 0 };

	(void)state;
	signer_fresh(true, "");
	signer_stop();
	c = conf_of_folder();
	assert_int_equal(ceremony_init(&c, true, PASSPHRASE, &e), -1);
	assert_string_equal(e.clause, "ca-exists");
	assert_int_equal(ceremony_init(&c, false, PASSPHRASE, &e), -1);
	signer_start();
	signer_stop();
	memset(&signer_self, 0, sizeof signer_self);
	signer_self.conf = c;
	conf_path(&c, signer_self.folder, "ca");
	assert_int_equal(sign_issuers_load(&signer_self, "wrong passphrase",
	    &e), -1);
	assert_string_equal(e.clause, "key-passphrase");
	sign_issuers_clear(&signer_self);
}

/* ---- the process, in its jail ---- */

struct process {
	pid_t pid;
	int listening;
	char socket[128], binary[512];
};

static int
listen_make(struct process *p)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(p->socket, sizeof p->socket, "%s/s", judge_folder);
	unlink(p->socket);
	str_copy(a.sun_path, sizeof a.sun_path, p->socket);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    listen(fd, 8) < 0)
		return -1;
	return fd;
}

static void
process_start(struct process *p)
{
	const char *conf = in_folder("xmpp-ica.conf");
	char self[400];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	int secret[2];

	assert_true(n > 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(p->binary, sizeof p->binary, "%s/../bin/xmpp-ica-signer",
	    self);
	if (access(p->binary, X_OK) < 0)
		skip();
	if (p->listening <= 0)
		p->listening = listen_make(p);
	assert_int_equal(pipe(secret), 0);
	p->pid = fork();
	if (p->pid == 0) {
		int listening = dup(p->listening), from = dup(secret[0]);

		dup2(listening, SIGNER_FD);
		dup2(from, SIGNER_PASSPHRASE_FD);
		for (int fd = 5; fd < 64; fd++)
			close(fd);
		alarm(60);
		execl(p->binary, "signer", "-c", conf, NULL);
		_exit(127);
	}
	assert_int_equal(write(secret[1], PASSPHRASE "\n",
	    strlen(PASSPHRASE) + 1), (ssize_t)strlen(PASSPHRASE) + 1);
	close(secret[0]);
	close(secret[1]);
}

static void
connect_to(struct process *p, struct line *l)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	str_copy(a.sun_path, sizeof a.sun_path, p->socket);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	line_init(l, fd);
	l->timeout_ms = 20000;
}

static int
process_end(struct process *p, int signal_number)
{
	int status = 0;

	kill(p->pid, signal_number);
	waitpid(p->pid, &status, 0);
	return status;
}

/* S12.2, S12.3: the jailed process signs, renews and settles; a new registrar
 * takes the place of a dead one; TERM ends it cleanly; a malformed frame gets
 * no answer. */
static void
process_serves_one_registrar_after_the_other(void **state)
{
	struct process p = { 0 };
	struct line l, dead;
	struct issuer_list list = { 0 };
	struct none none = { 0 };
	struct sign_batch b = { 0 };
	struct signed_batch r = { 0 };
	struct journal_wish after = { 0 };
	struct journal_page page = { 0 };
	struct err e = { 0 };
	char byte;

	(void)state;
	signer_fresh(true, "");
	signer_stop();
	process_start(&p);
	connect_to(&p, &dead);
	assert_int_equal(ask_sign_issuers(&dead, &none, &list, &e), 0);
	NOUN_CLEAR(issuer_list, &list);
	line_close(&dead);
	connect_to(&p, &l);
	for (int i = 0; i < 20; i++)
		wish_fill(LIST_ADD(&b, wishes), 7 + i, MONTAGUE, NULL);
	if (ask_sign_certificates(&l, &b, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(r.n_items, 20);
	for (size_t i = 0; i < r.n_items; i++)
		assert_true(r.items[i].der.size > 0);
	leaf_verifies(&r.items[19]);
	NOUN_CLEAR(signed_batch, &r);
	assert_int_equal(ask_sign_journal(&l, &after, &page, &e), 0);
	assert_int_equal(page.n_rows, 20);
	NOUN_CLEAR(journal_page, &page);
	line_close(&l);
	connect_to(&p, &l);
	assert_int_equal(write(l.fd, "\xff\xff\xff\xff junk junk", 14), 14);
	assert_int_equal(read(l.fd, &byte, 1), 0);
	line_close(&l);
	assert_int_equal(process_end(&p, SIGTERM), 0);
	/* the next start reads its journal back */
	process_start(&p);
	connect_to(&p, &l);
	assert_int_equal(ask_sign_certificates(&l, &b, &r, &e), 0);
	leaf_verifies(&r.items[3]);
	line_close(&l);
	process_end(&p, SIGTERM);
	close(p.listening);
	NOUN_CLEAR(signed_batch, &r);
	NOUN_CLEAR(sign_batch, &b);
}

/* S5.7: killed while it signs, the signer gives after its restart the same
 * bytes or burns the serial; never a second certificate of one serial. */
static void
killed_process_never_signs_a_serial_twice(void **state)
{
	struct process p = { 0 };
	struct sign_batch b = { 0 };
	size_t same = 0, burnt = 0, fresh = 0;

	(void)state;
	signer_fresh(true, "");
	signer_stop();
	for (int i = 0; i < 30; i++)
		wish_fill(LIST_ADD(&b, wishes), 7 + i, MONTAGUE, NULL);
	for (int round = 0; round < 6; round++) {
		struct signed_batch before = { 0 }, after = { 0 };
		struct issuer_list list = { 0 };
		struct none none = { 0 };
		struct line l;
		struct err e = { 0 };
		pid_t killer;

		for (size_t i = 0; i < b.n_wishes; i++)
			b.wishes[i].serial[20] = (char)('0' + round);
		process_start(&p);
		connect_to(&p, &l);
		assert_int_equal(ask_sign_issuers(&l, &none, &list, &e), 0);
		NOUN_CLEAR(issuer_list, &list);
		killer = fork();
		if (killer == 0) {
			usleep((useconds_t)(3000 + round * 14000));
			kill(p.pid, SIGKILL);
			_exit(0);
		}
		if (ask_sign_certificates(&l, &b, &before, &e) < 0)
			memset(&before, 0, sizeof before);
		line_close(&l);
		waitpid(killer, NULL, 0);
		process_end(&p, SIGKILL);
		process_start(&p);
		connect_to(&p, &l);
		assert_int_equal(ask_sign_certificates(&l, &b, &after, &e),
		    0);
		for (size_t i = 0; i < after.n_items; i++) {
			if (after.items[i].der.size == 0) {
				assert_string_equal(after.items[i].clause,
				    "serial-burnt");
				burnt++;
			} else if (before.n_items > 0) {
				assert_memory_equal(after.items[i].der.data,
				    before.items[i].der.data,
				    after.items[i].der.size);
				same++;
			} else {
				fresh++;
			}
		}
		line_close(&l);
		process_end(&p, SIGTERM);
		NOUN_CLEAR(signed_batch, &before);
		NOUN_CLEAR(signed_batch, &after);
	}
	print_message("same bytes %zu, burnt %zu, first time %zu\n", same,
	    burnt, fresh);
	close(p.listening);
	NOUN_CLEAR(sign_batch, &b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batch_is_signed_and_verifies),
		cmocka_unit_test(each_wrong_wish_is_refused_with_its_clause),
		cmocka_unit_test(batch_goes_on_past_a_refused_wish),
		cmocka_unit_test(asked_again_the_same_bytes_come),
		cmocka_unit_test(intended_serial_is_burnt_and_double_serial_refused),
		cmocka_unit_test(ceiling_holds_over_a_restart),
		cmocka_unit_test(crl_and_answers_of_an_issued_certificate_verify),
		cmocka_unit_test(responder_certificate_is_renewed_by_itself),
		cmocka_unit_test(expired_or_revoked_issuer_signs_nothing),
		cmocka_unit_test(outside_ica_is_pending_until_imported),
		cmocka_unit_test(issuers_change_by_the_operators_word_alone),
		cmocka_unit_test(a_revoked_issuer_is_on_the_roots_list),
		cmocka_unit_test(crls_of_shards_and_of_the_future),
		cmocka_unit_test(
		    a_report_is_not_signed_before_the_log_has_a_head),
		cmocka_unit_test(people_have_their_own_root),
		cmocka_unit_test(two_generations_stand_beside_each_other),
		cmocka_unit_test(ceremony_overwrites_nothing),
		cmocka_unit_test(process_serves_one_registrar_after_the_other),
		cmocka_unit_test(killed_process_never_signs_a_serial_twice),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
