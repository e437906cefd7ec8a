/* revocation_test.c - who may take back and how: by the key, with all of its
 * certificates, many by two persons; and that the owner is told once (S7.1 to
 * S7.6, S10.3, J2.1). */
#include "tests/unit/signer_end.h"
#include "tests/unit/member.h"

#include "core/x509/cert.h"
#include "core/x509/hash.h"
#include "core/x509/proofofkey.h"

static struct seat alice, bob, sam, sue, guest;
static EVP_PKEY *ec, *rsa;
static struct request by_ec, by_rsa, twin;

static void
issue_for(struct seat *s, const char *domain, EVP_PKEY *key,
    struct request *r)
{
	struct request_wish w = wish_for(domain, key);
	struct err e = { 0 };

	domain_prove_for(s, domain);
	if (submit(s, &w, r, &e) < 0 ||
	    decide(&sam, r->row.number, NULL, r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	assert_int_equal(r->row.state, REQUEST_ISSUED);
	NOUN_CLEAR(request_wish, &w);
}

static int
authority_make(void **state)
{
	rig_open(state);
	signer_init();
	signer_start();
	issuer_refresh();
	alice = member_seat("alice", ROLE_MEMBER, 1);
	bob = member_seat("bob", ROLE_MEMBER, 2);
	sam = member_seat("sam", ROLE_STAFF, 3);
	sue = member_seat("sue", ROLE_STAFF, 4);
	guest = rig_seat(ROLE_GUEST, 0, "register", rig_key(9));
	ec = EVP_EC_gen("P-256");
	rsa = EVP_RSA_gen(2048);
	issue_for(&alice, "ec.example", ec, &by_ec);
	issue_for(&alice, "rsa.example", rsa, &by_rsa);
	issue_for(&alice, "twin.example", rsa, &twin);
	return 0;
}

static int
authority_close(void **state)
{
	NOUN_CLEAR(request, &by_ec);
	NOUN_CLEAR(request, &by_rsa);
	NOUN_CLEAR(request, &twin);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(rsa);
	signer_stop();
	publish_close();
	return rig_close(state);
}

/* ---- asking ---- */

static int
challenge(struct seat *s, const char *serial, struct text *t, struct err *e)
{
	struct ref r = { 0 };
	int rc;

	err_clear(e);
	str_copy(r.ref, sizeof r.ref, serial);
	rig_begin();
	rc = serve_revocation_challenge(s, &r, t, e);
	rig_commit();
	return rc;
}

static struct blob
sign_text(EVP_PKEY *key, const struct text *t)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t bytes[1024];
	size_t n = sizeof bytes;
	struct blob b = { 0 };

	assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key),
	    1);
	assert_int_equal(EVP_DigestSign(c, bytes, &n, t->text.data,
	    t->text.size), 1);
	EVP_MD_CTX_free(c);
	blob_set(&b, bytes, n);
	return b;
}

static int
prove(struct seat *s, const char *serial, const struct blob *signature,
    enum reason reason, bool all, struct revocation *r, struct err *e)
{
	struct revocation_proof p = { .reason = reason, .all_with_key = all };
	int rc;

	err_clear(e);
	NOUN_CLEAR(revocation, r);
	str_copy(p.serial, sizeof p.serial, serial);
	blob_set(&p.signature, signature->data, signature->size);
	rig_begin();
	rc = serve_revocation_prove(s, &p, r, e);
	rig_commit();
	NOUN_CLEAR(revocation_proof, &p);
	return rc;
}

static int
take_back(struct seat *s, int64_t number, enum reason reason, bool all,
    struct revocation *r)
{
	struct revocation_new a = { .reason = reason, .all_with_key = all };
	struct err e = { 0 };
	int rc;

	NOUN_CLEAR(revocation, r);
	snprintf(a.ref, sizeof a.ref, "%lld", (long long)number);
	rig_begin();
	rc = serve_revocation_add(s, &a, r, &e);
	rig_commit();
	return rc;
}

static void
refused_for(const char *clause, const struct err *e)
{
	char sql[256];

	assert_string_equal(e->clause, clause);
	assert_int_equal(e->kind, ERR_REFUSED);
	snprintf(sql, sizeof sql, "SELECT outcome, instr(detail, '%s') FROM"
	    " audit ORDER BY number DESC LIMIT 1", clause);
	assert_string_equal(rig_ask_sql(sql), "refused|1");
}

/* ---- by the key ---- */

static void
the_holder_of_the_key_revokes_without_an_account(void **state)
{
	struct text t = { 0 };
	struct blob signature = { 0 };
	struct revocation r = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(challenge(&guest, by_ec.row.serial, &t, &e), 0);
	assert_int_equal(t.text.data[t.text.size - 1], '\n');
	assert_ptr_equal(memchr(t.text.data, '\n', t.text.size),
	    t.text.data + t.text.size - 1);
	signature = sign_text(ec, &t);
	assert_int_equal(prove(&guest, by_ec.row.serial, &signature,
	    REASON_SUPERSEDED, false, &r, &e), 0);
	assert_int_equal(r.state, REVOCATION_EFFECTIVE);
	assert_int_equal(r.by_role, ROLE_GUEST);
	/* and learns nothing about its owner */
	assert_string_equal(r.account, "");
	assert_int_equal(r.request, 0);
	assert_string_equal(rig_ask_sql("SELECT account IS NULL, role, reason,"
	    " state FROM revocation"), "1|guest|4|effective");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM notice WHERE"
	    " kind = 'revoked' AND instr(blanks,"
	    " CAST('the holder of its key' AS BLOB)) > 0"), "2");
	/* only the hash of the text was kept */
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM key_challenge"
	    " WHERE length(text_sha256) = 32 AND used > 0"), "1");
	NOUN_CLEAR(text, &t);
	NOUN_CLEAR(revocation, &r);
	blob_clear(&signature);
}

static void
a_challenge_counts_once_and_ten_minutes(void **state)
{
	struct text t = { 0 }, u = { 0 };
	struct blob old = { 0 }, late = { 0 };
	struct revocation r = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(challenge(&guest, by_rsa.row.serial, &t, &e), 0);
	assert_int_equal(challenge(&guest, by_rsa.row.serial, &u, &e), 0);
	assert_memory_not_equal(t.text.data, u.text.data, t.text.size);
	old = sign_text(rsa, &t);
	late = sign_text(rsa, &u);
	/* for the certificate that it was given for, and no other */
	assert_int_equal(prove(&guest, twin.row.serial, &old,
	    REASON_KEY_COMPROMISE, false, &r, &e), -1);
	refused_for("key-proof-none", &e);
	assert_int_equal(prove(&guest, by_rsa.row.serial, &old,
	    REASON_KEY_COMPROMISE, false, &r, &e), 0);
	assert_int_equal(prove(&guest, by_rsa.row.serial, &old,
	    REASON_KEY_COMPROMISE, false, &r, &e), -1);
	refused_for("key-proof-used", &e);
	clock_set_for_test(RIG_NOW + 601);
	assert_int_equal(prove(&guest, by_rsa.row.serial, &late,
	    REASON_KEY_COMPROMISE, false, &r, &e), -1);
	refused_for("key-proof-expired", &e);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM revocation"),
	    "1");
	NOUN_CLEAR(text, &t);
	NOUN_CLEAR(text, &u);
	NOUN_CLEAR(revocation, &r);
	blob_clear(&old);
	blob_clear(&late);
}

static void
wrong_answers_and_reasons_are_refused_and_logged(void **state)
{
	struct text t = { 0 };
	struct blob wrong = { 0 }, right = { 0 }, junk = { 0 };
	struct revocation r = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(challenge(&bob, by_ec.row.serial, &t, &e), 0);
	wrong = sign_text(rsa, &t);
	right = sign_text(ec, &t);
	assert_int_equal(prove(&bob, by_ec.row.serial, &wrong,
	    REASON_KEY_COMPROMISE, false, &r, &e), -1);
	refused_for("key-proof-signature", &e);
	blob_set(&junk, "\x00\xff what is this?", 15);
	assert_int_equal(prove(&bob, by_ec.row.serial, &junk,
	    REASON_KEY_COMPROMISE, false, &r, &e), -1);
	refused_for("key-proof-signature", &e);
	blob_clear(&junk);
	assert_int_equal(prove(&bob, by_ec.row.serial, &junk,
	    REASON_KEY_COMPROMISE, false, &r, &e), -1);
	refused_for("key-proof-form", &e);
	assert_int_equal(prove(&bob, by_ec.row.serial, &right,
	    REASON_PRIVILEGE_WITHDRAWN, false, &r, &e), -1);
	refused_for("reason-not-allowed", &e);
	/* a hundred wrong ones of a source are enough for a day */
	rig_sql("UPDATE throttle SET count = 100 WHERE kind = 'key-proof'");
	assert_int_equal(prove(&bob, by_ec.row.serial, &wrong,
	    REASON_KEY_COMPROMISE, false, &r, &e), -1);
	refused_for("limit-key-proof", &e);
	rig_sql("DELETE FROM throttle WHERE kind = 'key-proof'");
	assert_int_equal(prove(&bob, "4fdeadbeef", &right,
	    REASON_KEY_COMPROMISE, false, &r, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(challenge(&bob, "4fdeadbeef", &t, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(challenge(&bob, "not a serial", &t, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	/* nothing of that spoilt the challenge */
	assert_int_equal(prove(&bob, by_ec.row.serial, &right,
	    REASON_KEY_COMPROMISE, false, &r, &e), 0);
	assert_string_equal(r.account, "");
	assert_int_equal(challenge(&bob, by_ec.row.serial, &t, &e), -1);
	assert_string_equal(e.clause, "certificate-state");
	NOUN_CLEAR(text, &t);
	NOUN_CLEAR(revocation, &r);
	blob_clear(&wrong);
	blob_clear(&right);
}

static void
challenges_are_bounded_for_each_source(void **state)
{
	struct text t = { 0 };
	struct seat other = guest;
	struct err e = { 0 };
	int n = 0;

	(void)state;
	while (n < 1000 && challenge(&guest, by_ec.row.serial, &t, &e) == 0) {
		NOUN_CLEAR(text, &t);
		n++;
	}
	assert_int_equal(n, 20);
	assert_string_equal(e.clause, "limit-key-challenge");
	/* who floods shuts nobody else out */
	str_copy(other.source, sizeof other.source, "192.0.2.8");
	assert_int_equal(challenge(&other, by_ec.row.serial, &t, &e), 0);
	NOUN_CLEAR(text, &t);
}

static void
signatures_are_read_as_bytes_and_as_base64(void **state)
{
	struct text t = { { (uint8_t *)xstrdup("text\n"), 5 } };
	struct blob signature = sign_text(rsa, &t), got = { 0 };
	char *text = base64_encode(signature.data, signature.size);
	char lines[1024] = "";
	struct err e = { 0 };
	size_t n = 0;

	(void)state;
	assert_int_equal(key_proof_read(signature.data, signature.size, &got,
	    &e), 0);
	assert_int_equal(got.size, signature.size);
	for (size_t i = 0; text[i] != '\0'; i++) {
		lines[n++] = text[i];
		if (i % 64 == 63) {
			lines[n++] = '\r';
			lines[n++] = '\n';
		}
	}
	lines[n++] = '\n';
	assert_int_equal(key_proof_read((uint8_t *)lines, n, &got, &e), 0);
	assert_int_equal(got.size, signature.size);
	assert_memory_equal(got.data, signature.data, got.size);
	assert_int_equal(key_proof_read((const uint8_t *)"AAAA", 4, &got, &e),
	    -1);
	assert_string_equal(e.clause, "key-proof-form");
	assert_int_equal(key_proof_read((const uint8_t *)"A===", 4, &got, &e),
	    -1);
	assert_int_equal(key_proof_read(NULL, 0, &got, &e), -1);
	free(text);
	blob_clear(&got);
	blob_clear(&signature);
	NOUN_CLEAR(text, &t);
}

/* ---- the same key ---- */

static void
a_compromise_names_the_others_and_takes_them_too(void **state)
{
	struct revocation r = { 0 };

	(void)state;
	assert_int_equal(take_back(&alice, by_rsa.row.number,
	    REASON_SUPERSEDED, false, &r), 0);
	assert_int_equal(r.n_same_key, 0);
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM blocked_key"),
	    "0");
	/* said later, the row stays and the key is blocked all the same */
	assert_int_equal(take_back(&alice, by_rsa.row.number,
	    REASON_KEY_COMPROMISE, false, &r), 0);
	assert_int_equal(r.reason, REASON_SUPERSEDED);
	assert_int_equal(r.n_same_key, 1);
	assert_string_equal(r.same_key[0].serial, twin.row.serial);
	assert_string_equal(r.same_key[0].account, "alice");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM blocked_key"),
	    "1");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM revocation"),
	    "1");
	assert_int_equal(take_back(&alice, by_rsa.row.number,
	    REASON_KEY_COMPROMISE, true, &r), 0);
	assert_int_equal(r.revoked_too, 1);
	assert_string_equal(rig_ask_sql("SELECT group_concat(reason) FROM"
	    " revocation"), "4,1");
	assert_int_equal(take_back(&alice, by_rsa.row.number,
	    REASON_KEY_COMPROMISE, true, &r), 0);
	assert_int_equal(r.revoked_too, 0);
	NOUN_CLEAR(revocation, &r);
}

static void
others_certificates_with_the_key_are_not_for_members(void **state)
{
	struct revocation r = { 0 };

	(void)state;
	rig_sql("UPDATE certificate SET account = (SELECT number FROM account"
	    " WHERE name = 'bob') WHERE request = 3");
	assert_int_equal(take_back(&alice, by_rsa.row.number,
	    REASON_KEY_COMPROMISE, true, &r), 0);
	assert_int_equal(r.n_same_key, 0);
	assert_int_equal(r.revoked_too, 0);
	assert_int_equal(take_back(&sam, by_rsa.row.number,
	    REASON_KEY_COMPROMISE, true, &r), 0);
	assert_int_equal(r.revoked_too, 1);
	assert_string_equal(r.same_key[0].account, "bob");
	NOUN_CLEAR(revocation, &r);
}

/* ---- many ---- */

static int
plan(struct seat *s, const struct revocation_criteria *c,
    struct revocation_plan *p, struct err *e)
{
	int rc;

	err_clear(e);
	NOUN_CLEAR(revocation_plan, p);
	rig_begin();
	if (db_savepoint(e) < 0)
		return -1;
	rc = serve_revocation_plan_add(s, c, p, e);
	if (rc == 0)
		db_savepoint_release();
	else
		db_savepoint_undo();
	rig_commit();
	return rc;
}

static int
confirm(struct seat *s, int64_t number, const uint8_t *digest,
    struct revocation_plan *p, struct err *e)
{
	struct revocation_plan_word w = { .number = number };
	int rc;

	err_clear(e);
	NOUN_CLEAR(revocation_plan, p);
	if (digest != NULL)
		memcpy(w.digest, digest, sizeof w.digest);
	rig_begin();
	rc = serve_revocation_plan_confirm(s, &w, p, e);
	rig_commit();
	return rc;
}

static void
criteria_choose_and_nothing_is_revoked_by_a_plan(void **state)
{
	static const struct {
		struct revocation_criteria c;
		int64_t total;		/* 0: not found */
	} cases[] = {
		{ { .domain = "rsa.example" }, 1 },
		{ { .domain = "RSA.Example." }, 1 },
		{ { .domain = "sub.rsa.example" }, 0 },
		{ { .account = "alice" }, 3 },
		{ { .account = "bob" }, 0 },
		{ { .method = "mail" }, 3 },
		{ { .method = "dns" }, 0 },
		{ { .account = "alice", .domain = "twin.example" }, 1 },
		{ { .issued_before = RIG_NOW }, 0 },
		{ { .issued_after = RIG_NOW, .issued_before = RIG_NOW + 1 },
		    3 },
		{ { .issued_after = RIG_NOW + 1 }, 0 },
	};
	struct revocation_plan p = { 0 };
	struct revocation_criteria none = { 0 }, key = { 0 };
	struct err e = { 0 };
	char hex[65];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int rc = plan(&sam, &cases[i].c, &p, &e);

		if (rc != (cases[i].total > 0 ? 0 : -1) ||
		    p.total != cases[i].total)
			fail_msg("case %zu: %d, %lld: %s", i, rc,
			    (long long)p.total, e.text);
		assert_int_equal(p.n_first, cases[i].total);
		if (rc < 0)
			assert_int_equal(e.kind, ERR_NOT_FOUND);
	}
	str_copy(hex, sizeof hex, rig_ask_sql("SELECT hex(spki_sha256) FROM"
	    " certificate WHERE request = 2"));
	str_copy(key.key, sizeof key.key, hex);
	assert_int_equal(plan(&sam, &key, &p, &e), 0);
	assert_int_equal(p.total, 2);
	assert_int_equal(plan(&sam, &none, &p, &e), -1);
	assert_int_equal(e.kind, ERR_BAD_INPUT);
	key.reason = REASON_HOLD;
	assert_int_equal(plan(&sam, &key, &p, &e), -1);
	assert_string_equal(e.clause, "reason-not-allowed");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM revocation"),
	    "0");
	NOUN_CLEAR(revocation_plan, &p);
}

static void
a_plan_needs_a_second_person_who_saw_it(void **state)
{
	const struct revocation_criteria c = { .account = "alice",
		.reason = REASON_KEY_COMPROMISE };
	struct revocation_plan p = { 0 };
	struct ref one = { "1" };
	struct err e = { 0 };
	uint8_t digest[32];
	char count[16];

	(void)state;
	assert_int_equal(plan(&sam, &c, &p, &e), 0);
	memcpy(digest, p.digest, 32);
	assert_int_equal(confirm(&sam, 1, digest, &p, &e), -1);
	refused_for("revocation-plan-own", &e);
	digest[0] ^= 1;
	assert_int_equal(confirm(&sue, 1, digest, &p, &e), -1);
	assert_string_equal(e.clause, "revocation-plan-digest");
	digest[0] ^= 1;
	/* a row slipped in later */
	rig_sql("DELETE FROM revocation_plan_row WHERE certificate = 1");
	assert_int_equal(confirm(&sue, 1, NULL, &p, &e), -1);
	assert_string_equal(e.clause, "revocation-plan-digest");
	rig_sql("INSERT INTO revocation_plan_row VALUES (1, 1)");
	assert_int_equal(confirm(&sue, 1, digest, &p, &e), 0);
	assert_int_equal(p.state, PLAN_RUNNING);
	assert_string_equal(rig_ask_sql("SELECT crl_due <= 1795000000 FROM"
	    " issuer"), "1");
	rig_sql("UPDATE issuer SET crl_due = 1999999999");
	plan_run();
	str_copy(count, sizeof count, rig_ask_sql("SELECT count(*) FROM"
	    " revocation WHERE role = 'staff' AND reason = 1"));
	assert_string_equal(count, "3");
	/* the CRL waits for the end */
	assert_string_equal(rig_ask_sql("SELECT crl_due FROM issuer"),
	    "1999999999");
	plan_run();
	assert_string_equal(rig_ask_sql("SELECT crl_due FROM issuer"),
	    "1795000000");
	assert_string_equal(rig_ask_sql("SELECT state, total, done, failed"
	    " FROM revocation_plan"), "done|3|3|0");
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM blocked_key"),
	    "2");
	assert_string_equal(rig_ask_sql("SELECT group_concat(action) FROM"
	    " audit WHERE noun = 'revocation_plan' AND outcome = 'done'"),
	    "revocation.plan,revocation.plan_confirm,revocation.plan_done");
	assert_int_equal(confirm(&sue, 1, NULL, &p, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_int_equal(serve_revocation_plan_get(&sue, &one, &p, &e), 0);
	assert_string_equal(p.confirmed_by, "sue");
	NOUN_CLEAR(revocation_plan, &p);
}

/* Two people of the staff, when the second says yes. */
static void
a_plan_of_one_without_a_role_is_no_plan(void **state)
{
	const struct revocation_criteria c = { .account = "alice",
		.reason = REASON_SUPERSEDED };
	struct revocation_plan p = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(plan(&sam, &c, &p, &e), 0);
	rig_sql("UPDATE account SET role = 'member' WHERE name = 'sam'");
	assert_int_equal(confirm(&sue, 1, NULL, &p, &e), -1);
	refused_for("revocation-plan", &e);
	rig_sql("UPDATE account SET role = 'staff', state = 'suspended'"
	    " WHERE name = 'sam'");
	assert_int_equal(confirm(&sue, 1, NULL, &p, &e), -1);
	assert_string_equal(rig_ask_sql("SELECT state FROM revocation_plan"),
	    "waiting");
	rig_sql("UPDATE account SET state = 'active' WHERE name = 'sam'");
	assert_int_equal(confirm(&sue, 1, NULL, &p, &e), 0);
	NOUN_CLEAR(revocation_plan, &p);
}

static void
a_plan_ends_by_itself_or_by_hand(void **state)
{
	const struct revocation_criteria c = { .account = "alice" };
	struct revocation_plan p = { 0 };
	struct ref two = { "2" };
	struct err e = { 0 };
	int rc;

	(void)state;
	assert_int_equal(plan(&sam, &c, &p, &e), 0);
	assert_int_equal(plan(&sam, &c, &p, &e), 0);
	rig_begin();
	rc = serve_revocation_plan_drop(&sue, &two, &p, &e);
	rig_commit();
	assert_int_equal(rc, 0);
	assert_int_equal(p.state, PLAN_DROPPED);
	assert_int_equal(confirm(&sue, 2, NULL, &p, &e), -1);
	clock_set_for_test(RIG_NOW + 86400);
	assert_int_equal(confirm(&sue, 1, NULL, &p, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	plan_run();
	assert_string_equal(rig_ask_sql("SELECT count(*) FROM revocation"),
	    "0");
	NOUN_CLEAR(revocation_plan, &p);
}

/* What was revoked meanwhile is passed over; what cannot be is counted. */
static void
a_plan_goes_on_from_its_cursor(void **state)
{
	const struct revocation_criteria c = { .account = "alice" };
	struct revocation_plan p = { 0 };
	struct revocation r = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(plan(&sam, &c, &p, &e), 0);
	assert_int_equal(take_back(&alice, 2, REASON_SUPERSEDED, false, &r),
	    0);
	assert_int_equal(confirm(&sue, 1, NULL, &p, &e), 0);
	/* as a fall leaves it: the first was done */
	rig_sql("UPDATE revocation_plan SET cursor = 1, done = 1");
	plan_wake();
	plan_run();
	plan_run();
	assert_string_equal(rig_ask_sql("SELECT state, done, failed FROM"
	    " revocation_plan"), "done|3|0");
	assert_string_equal(rig_ask_sql("SELECT group_concat(certificate)"
	    " FROM revocation"), "2,3");
	NOUN_CLEAR(revocation, &r);
	NOUN_CLEAR(revocation_plan, &p);
}

/* ---- told ---- */

static int64_t
unseen(struct seat *s)
{
	struct whoami w = { 0 };
	struct none none = { 0 };
	struct err e = { 0 };

	assert_int_equal(serve_whoami(s, &none, &w, &e), 0);
	return w.revoked_unseen;
}

static void
told(struct seat *s, int64_t n)
{
	const struct seen seen = { n };
	struct none none = { 0 };
	struct err e = { 0 };

	rig_begin();
	assert_int_equal(serve_revocation_seen(s, &seen, &none, &e), 0);
	rig_commit();
}

static void
the_owner_is_told_until_it_was_shown(void **state)
{
	struct revocation r = { 0 };

	(void)state;
	assert_int_equal(unseen(&alice), 0);
	assert_int_equal(take_back(&sam, 1, REASON_PRIVILEGE_WITHDRAWN, false,
	    &r), 0);
	assert_int_equal(take_back(&alice, 2, REASON_SUPERSEDED, false, &r),
	    0);
	assert_int_equal(unseen(&alice), 2);
	assert_int_equal(unseen(&bob), 0);
	told(&alice, 1);
	assert_int_equal(unseen(&alice), 1);
	told(&alice, 1);
	assert_int_equal(unseen(&alice), 0);
	told(&alice, 5);
	assert_int_equal(unseen(&alice), 0);
	NOUN_CLEAR(revocation, &r);
}

#define WITH_AUTHORITY(test) \
	cmocka_unit_test_setup_teardown(test, authority_make, authority_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_AUTHORITY(the_holder_of_the_key_revokes_without_an_account),
		WITH_AUTHORITY(a_challenge_counts_once_and_ten_minutes),
		WITH_AUTHORITY(wrong_answers_and_reasons_are_refused_and_logged),
		WITH_AUTHORITY(challenges_are_bounded_for_each_source),
		WITH_AUTHORITY(signatures_are_read_as_bytes_and_as_base64),
		WITH_AUTHORITY(a_compromise_names_the_others_and_takes_them_too),
		WITH_AUTHORITY(others_certificates_with_the_key_are_not_for_members),
		WITH_AUTHORITY(criteria_choose_and_nothing_is_revoked_by_a_plan),
		WITH_AUTHORITY(a_plan_needs_a_second_person_who_saw_it),
		WITH_AUTHORITY(a_plan_of_one_without_a_role_is_no_plan),
		WITH_AUTHORITY(a_plan_ends_by_itself_or_by_hand),
		WITH_AUTHORITY(a_plan_goes_on_from_its_cursor),
		WITH_AUTHORITY(the_owner_is_told_until_it_was_shown),
	};

	/* each takes a signer of its own: one process for each test */
	return signer_run_each(tests, sizeof tests / sizeof tests[0]);
}
