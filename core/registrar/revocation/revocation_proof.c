/* revocation_proof.c - revoking by the certified key, account or not: a
 * challenge is given, and its signature taken as the holder's word. */
#include "core/registrar/revocation/revocation.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/request/request.h"
#include "core/x509/hash.h"
#include "core/x509/proofofkey.h"
#include "core/x509/rules.h"

#define CHALLENGE_SECONDS 600
#define KEPT_SECONDS 86400	/* to tell "used" from "never given" */
#define OPEN_MOST 200		/* of one certificate, from all sources */
#define TEXTS_MOST 400
/* a day, for one source */
#define CHALLENGES_PER_SERIAL 20
#define CHALLENGES_PER_SOURCE 200
#define WRONG_PER_SOURCE 100

enum { Q_ADD, Q_OPEN, Q_TEXTS, Q_USE, Q_SWEEP, Q_DER };

static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO key_challenge (certificate, text_sha256,"
	    " made, expires) VALUES (?1, ?2, ?3, ?4)",
	[Q_OPEN] = "SELECT count(*) FROM key_challenge"
	    " WHERE certificate = ?1 AND used = 0 AND expires > ?2",
	[Q_TEXTS] = "SELECT number, text_sha256, used, expires"
	    " FROM key_challenge WHERE certificate = ?1"
	    " ORDER BY number DESC LIMIT ?2",
	[Q_USE] = "UPDATE key_challenge SET used = ?2 WHERE number = ?1"
	    " AND used = 0",
	[Q_SWEEP] = "DELETE FROM key_challenge WHERE expires < ?1",
	[Q_DER] = "SELECT der FROM certificate_der WHERE certificate = ?1",
};
DB_STATEMENTS(revocation_proof, sql)

/* ---- which certificate ---- */

static int
serial_find(const struct seat *s, const char *action, const char *typed,
    struct target *t, struct err *e)
{
	char serial[42], shown[80];
	int have = 0;

	if (serial_normal(typed, serial))
		have = target_load_by_serial(serial, t, e);
	if (have != 0)
		return have < 0 ? -1 : 0;
	render_untrusted(shown, sizeof shown, typed, strlen(typed));
	audit_refusal(s, action, "certificate", "", "%s: none such", shown);
	return err_set(e, ERR_NOT_FOUND, "certificate",
	    "No certificate with the serial %s was issued here; to read it: openssl x509 -in cert.pem -noout -serial",
	    shown);
}

/* ---- the challenge ---- */

static int
challenges_limit(const struct seat *s, const struct target *t, struct err *e)
{
	struct query *q = NULL;
	char source[64], both[128];
	int64_t open = 0;
	int have;

	source_bucket(source, s->source);
	snprintf(both, sizeof both, "%.63s %.41s", source, t->serial);
	if (throttle_take("key-challenge", both, CHALLENGES_PER_SERIAL,
	    e) < 0 || throttle_take("key-challenge", source,
	    CHALLENGES_PER_SOURCE, e) < 0)
		return -1;
	q = db_query(revocation_proof_prepared[Q_OPEN]);
	q_i64(q, 1, t->number);
	q_i64(q, 2, clock_now());
	if ((have = q_next(q, e)) == 1)
		open = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	if (open >= OPEN_MOST)
		return err_set(e, ERR_REFUSED, "limit-key-challenge",
		    "%lld challenges for this certificate are open already; try again in ten minutes",
		    (long long)open);
	return 0;
}

/* One line, so that it is the same bytes however it is carried. */
static size_t
challenge_text(const struct target *t, char *dst, size_t size)
{
	char nonce[CODE_SIZE], when[TIME_TEXT_SIZE];

	code_new(nonce);
	time_text(when, clock_now());
	return (size_t)snprintf(dst, size,
	    "xmpp-ica revoke-by-key: service %.128s, certificate %s, nonce %s, time %s\n",
	    conf.service_name, t->serial, nonce, when);
}

int
serve_revocation_challenge(struct seat *s, const struct ref *a,
    struct text *r, struct err *e)
{
	struct target t = { 0 };
	struct query *q = NULL;
	char text[512];
	uint8_t hash[32];
	size_t n;

	if (serial_find(s, "revocation.challenge", a->ref, &t, e) < 0)
		return -1;
	if (!t.good)
		return err_set(e, ERR_CONFLICT, "certificate-state",
		    "The certificate %s is revoked already; there is nothing left to do.",
		    t.serial);
	if (challenges_limit(s, &t, e) < 0)
		return -1;
	n = challenge_text(&t, text, sizeof text);
	sha256(hash, text, n);
	q = db_query(revocation_proof_prepared[Q_ADD]);
	q_i64(q, 1, t.number);
	q_blob(q, 2, hash, sizeof hash);
	q_i64(q, 3, clock_now());
	q_i64(q, 4, clock_now() + CHALLENGE_SECONDS);
	if (q_run(q, e) < 0)
		return -1;
	blob_set(&r->text, text, n);
	return audit_add(s, "revocation.challenge", "certificate", t.serial,
	    OUTCOME_DONE, e, "valid for %d minutes", CHALLENGE_SECONDS / 60);
}

/* ---- the answer ---- */

/* Texts that were given for a certificate, the newest first. */
struct given {
	int64_t number[TEXTS_MOST], used[TEXTS_MOST], expires[TEXTS_MOST];
	uint8_t hash[TEXTS_MOST][32];
	size_t n;
};

static int
given_load(int64_t certificate, struct given *g, struct err *e)
{
	struct query *q = db_query(revocation_proof_prepared[Q_TEXTS]);
	int have;

	g->n = 0;
	q_i64(q, 1, certificate);
	q_i64(q, 2, TEXTS_MOST);
	while ((have = q_next(q, e)) == 1 && g->n < TEXTS_MOST) {
		g->number[g->n] = q_col_i64(q, 0);
		q_col_bytes(q, 1, g->hash[g->n], 32);
		g->used[g->n] = q_col_i64(q, 2);
		g->expires[g->n] = q_col_i64(q, 3);
		g->n++;
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

static int
given_find(const struct target *t, const struct given *g,
    const struct blob *signature, int *which, struct err *e)
{
	struct query *q = db_query(revocation_proof_prepared[Q_DER]);
	const uint8_t *der = NULL;
	size_t size = 0;
	int have, r = -1;

	q_i64(q, 1, t->number);
	if ((have = q_next(q, e)) == 1) {
		der = q_col_blob(q, 0, &size);
		r = key_proof_find(der, size, g->hash, g->n, signature,
		    which, e);
	} else if (have == 0) {
		err_set(e, ERR_BROKEN, "certificate",
		    "certificate %s is not stored", t->serial);
	}
	q_end(q);
	return r;
}

/* Why a signature proves nothing; NULL-terminated words of the way out. */
static int
answer_judge(const struct target *t, const struct given *g, int which,
    struct err *e)
{
	if (which >= 0 && g->used[which] != 0)
		return rule_broken(e, RULE_KEY_PROOF_USED,
		    "This challenge was answered already and counts once; for a new one: revoke-by-key %s",
		    t->serial);
	if (which >= 0 && g->expires[which] <= clock_now())
		return rule_broken(e, RULE_KEY_PROOF_EXPIRED,
		    "This challenge is older than %d minutes; for a new one: revoke-by-key %s",
		    CHALLENGE_SECONDS / 60, t->serial);
	if (which >= 0)
		return 0;
	if (g->n == 0)
		return rule_broken(e, RULE_KEY_PROOF_NONE,
		    "No challenge was given for this certificate; begin with: revoke-by-key %s",
		    t->serial);
	return rule_broken(e, RULE_KEY_PROOF_SIGNATURE,
	    "This is not the signature of certificate %s's key over a challenge that was given; sign the file as it came, with SHA-256: openssl dgst -sha256 -sign KEY.pem challenge.txt",
	    t->serial);
}

/* Wrong answers count, and are kept in the log. */
static int
answer_refuse(const struct seat *s, const struct target *t, struct err *e)
{
	struct err limit = { 0 };
	char source[64];

	source_bucket(source, s->source);
	if (throttle_take("key-proof", source, WRONG_PER_SOURCE,
	    &limit) < 0)
		*e = limit;
	audit_refusal(s, "revocation.prove", "certificate", t->serial, "%s",
	    e->clause);
	question_keep();
	return -1;
}

static int
answer_check(const struct revocation_proof *a, const struct target *t,
    int64_t *challenge, struct err *e)
{
	struct given *g = NULL;
	struct blob signature = { 0 };
	int which = -1, r = -1;

	if (key_proof_read(a->signature.data, a->signature.size, &signature,
	    e) < 0)
		return -1;
	g = xcalloc(1, sizeof *g);
	if (given_load(t->number, g, e) == 0 &&
	    given_find(t, g, &signature, &which, e) == 0 &&
	    (r = answer_judge(t, g, which, e)) == 0)
		*challenge = g->number[which];
	secret_free(g, sizeof *g);
	blob_clear(&signature);
	return r;
}

/* A stranger learns nothing about whose it was. */
static void
owner_hide(const struct seat *s, const struct target *t, struct revocation *r)
{
	if (s->role == ROLE_STAFF || (s->account != 0 &&
	    s->account == t->account))
		return;
	r->request = 0;
	r->account[0] = r->by[0] = '\0';
	for (size_t i = 0; i < r->n_same_key; i++) {
		r->same_key[i].request = 0;
		r->same_key[i].account[0] = '\0';
	}
}

int
serve_revocation_prove(struct seat *s, const struct revocation_proof *a,
    struct revocation *r, struct err *e)
{
	const struct revoker d = { .seat = s, .as = ROLE_GUEST,
		.reason = a->reason };
	struct target t = { 0 };
	struct query *q = NULL;
	int64_t challenge = 0;

	if (serial_find(s, "revocation.prove", a->serial, &t, e) < 0)
		return -1;
	if (reason_check(false, a->reason, e) < 0) {
		audit_refusal(s, "revocation.prove", "certificate", t.serial,
		    "%s: %s", e->clause, word_of(&reason_words, a->reason));
		return -1;
	}
	if (answer_check(a, &t, &challenge, e) < 0)
		return e->kind == ERR_REFUSED ? answer_refuse(s, &t, e) : -1;
	q = db_query(revocation_proof_prepared[Q_USE]);
	q_i64(q, 1, challenge);
	q_i64(q, 2, clock_now());
	if (q_run(q, e) < 0 ||
	    certificate_take_back(&d, &t, a->all_with_key, r, e) < 0)
		return -1;
	owner_hide(s, &t, r);
	return 0;
}

static void
challenges_sweep(void)
{
	struct query *q = db_query(revocation_proof_prepared[Q_SWEEP]);
	struct err e = { 0 };

	q_i64(q, 1, clock_now() - KEPT_SECONDS);
	if (q_run(q, &e) < 0)
		log_warn("old challenges stay: %s", e.text);
}
LOOP_TIMER(revocation_proof, 3600, challenges_sweep)
