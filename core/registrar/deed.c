/* deed.c - statements about deeds: shown, their signatures kept, and handed to
 * the signer when the deed is confirmed. */
#include "core/registrar/deed.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/model/signing.h"
#include "core/registrar/db.h"
#include "core/wire/ask.h"
#include "core/x509/sshsig.h"
#include "core/x509/statement.h"

#define SIGNER_MS 5000

enum { Q_SHOWN, Q_SHOWN_AT, Q_KEEP, Q_ONE };
static const char *const sql[] = {
	[Q_SHOWN] = "INSERT INTO deed_statement (kind, object, account, at,"
	    " signature) VALUES (?1, ?2, ?3, ?4, x'')"
	    " ON CONFLICT (kind, object, account)"
	    " DO UPDATE SET at = ?4, signature = x''",
	[Q_SHOWN_AT] = "SELECT at FROM deed_statement WHERE kind = ?1"
	    " AND object = ?2 AND account = ?3",
	[Q_KEEP] = "UPDATE deed_statement SET signature = ?4 WHERE kind = ?1"
	    " AND object = ?2 AND account = ?3",
	[Q_ONE] = "SELECT s.at, s.signature FROM deed_statement s"
	    " JOIN account a ON a.number = s.account WHERE s.kind = ?1"
	    " AND s.object = ?2 AND a.name = ?3 AND length(s.signature) > 0",
};
DB_STATEMENTS(deed, sql)

struct deed_kind {
	const char *name;
	enum op confirms;	/* who may ask this, signs */
	deed_fill *fill;
	const char *command;	/* what is typed to confirm it */
	bool numbered;		/* ... and the object's number */
};

static const struct deed_kind deed_kinds[] = {
	{ "revoke-many", OP_revocation_plan_confirm, plan_deed,
	    "revoke-many --confirm", true },
	{ "grant", OP_role_grant_confirm, grant_deed, "grant --confirm",
	    true },
	{ "policy", OP_policy_acknowledge, policy_deed, "policy acknowledge",
	    false },
	{ "resume", OP_halt_resume, resume_deed, "resume", false },
	{ "issuer", OP_issuer_confirm, issuer_wish_deed, "issuer confirm",
	    true },
};

static const struct deed_kind *
kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof deed_kinds / sizeof deed_kinds[0]; i++)
		if (strcmp(deed_kinds[i].name, name) == 0)
			return &deed_kinds[i];
	return NULL;
}

/* ---- the words ---- */

static int
deed_make(const struct seat *s, const struct deed_kind *k,
    const char *object, struct deed *d, char asker[33], struct err *e)
{
	asker[0] = '\0';
	str_copy(d->kind, sizeof d->kind, k->name);
	str_copy(d->object, sizeof d->object, object);
	str_copy(d->policy, sizeof d->policy, policy_hash());
	return k->fill(s, object, d, asker, e);
}

static int
kind_open(const struct seat *s, const struct deed_word *a,
    const struct deed_kind **k, struct deed *d, struct err *e)
{
	*k = kind_find(a->kind);
	if (*k == NULL)
		return err_set(e, ERR_BAD_INPUT, "statement-form",
		    "nobody signs for \"%s\"", a->kind);
	if (!op_allows((*k)->confirms, s->role))
		return err_set(e, ERR_REFUSED, "role",
		    "%s is not confirmed by a %s", a->kind,
		    word_of(&role_words, s->role));
	return deed_make(s, *k, a->object, d, (char[33]){ "" }, e);
}

int
serve_deed_statement(struct seat *s, const struct deed_word *a,
    struct text *r, struct err *e)
{
	const struct deed_kind *k = NULL;
	int64_t now = clock_now();
	struct query *q = NULL;
	struct deed d = { 0 };
	struct buf b = { 0 };
	int done = kind_open(s, a, &k, &d, e);

	if (done == 0) {
		q = db_query(deed_prepared[Q_SHOWN]);
		q_str(q, 1, d.kind);
		q_str(q, 2, d.object);
		q_i64(q, 3, s->account);
		q_i64(q, 4, now);
		done = q_run(q, e);
	}
	if (done == 0) {
		statement_deed(&b, conf.service_name, &d, s->account_name,
		    now);
		blob_set(&r->text, b.data, b.size);
	}
	buf_clear(&b);
	NOUN_CLEAR(deed, &d);
	return done;
}

/* ---- signed ---- */

static int
ask_signer(int (*ask)(struct line *, const struct deed *, struct none *,
    struct err *), const struct deed *d, struct err *e)
{
	struct none nothing = { 0 };
	struct line *l = signer_line(e);

	if (l == NULL)
		return -1;
	l->timeout_ms = SIGNER_MS;
	return ask(l, d, &nothing, e);
}

static int
shown_at(const struct seat *s, const struct deed_kind *k,
    const struct deed *d, int64_t *at, struct err *e)
{
	struct query *q = db_query(deed_prepared[Q_SHOWN_AT]);
	int have;

	q_str(q, 1, d->kind);
	q_str(q, 2, d->object);
	q_i64(q, 3, s->account);
	*at = 0;
	if ((have = q_next(q, e)) == 1)
		*at = q_col_i64(q, 0);
	q_end(q);
	if (have < 0)
		return -1;
	return *at > 0 ? 0 : err_set(e, ERR_REFUSED, "signed-deed",
	    "no statement was shown to you: `%s%s%s --statement` first",
	    k->command, k->numbered ? " " : "", k->numbered ? d->object : "");
}

static int
signature_check(const struct seat *s, const struct deed *d, int64_t at,
    const struct blob *signature, struct err *e)
{
	struct sshsig sig;
	struct buf b = { 0 };
	int r = sshsig_parse(signature->data, signature->size, &sig, e);

	if (r == 0) {
		statement_deed(&b, conf.service_name, d, s->account_name, at);
		r = sshsig_verify(&sig, STATEMENT_SPACE, b.data, b.size,
		    conf.policy_signed_approvals_verified, e);
	}
	buf_clear(&b);
	return r;
}

static void
signature_add(struct deed *d, const char *name, int64_t at,
    const void *data, size_t size)
{
	struct approval_signature *one = LIST_ADD(d, signatures);

	str_copy(one->approver, sizeof one->approver, name);
	one->at = at;
	blob_set(&one->signature, data, size);
}

/* What the signer would refuse is told to who signed it, now. */
static int
sign(const struct seat *s, const struct deed_kind *k, struct deed *d,
    const struct blob *signature, struct err *e)
{
	struct query *q = NULL;
	int64_t at;

	if (shown_at(s, k, d, &at, e) < 0 ||
	    signature_check(s, d, at, signature, e) < 0)
		return -1;
	signature_add(d, s->account_name, at, signature->data,
	    signature->size);
	if (ask_signer(ask_sign_deed_check, d, e) < 0)
		return -1;
	q = db_query(deed_prepared[Q_KEEP]);
	q_str(q, 1, d->kind);
	q_str(q, 2, d->object);
	q_i64(q, 3, s->account);
	q_blob(q, 4, signature->data, signature->size);
	return q_run(q, e) < 0 ? -1 : audit_add(s, "deed.sign", "deed",
	    d->kind, OUTCOME_DONE, e, "%s", d->object);
}

int
serve_deed_sign(struct seat *s, const struct deed_word *a, struct none *r,
    struct err *e)
{
	const struct deed_kind *k = NULL;
	struct deed d = { 0 };
	int done;

	(void)r;
	if ((done = kind_open(s, a, &k, &d, e)) == 0)
		done = sign(s, k, &d, &a->signature, e);
	NOUN_CLEAR(deed, &d);
	return done;
}

/* ---- confirmed ---- */

/* The signature of that person that is kept; false: none. */
static int
kept_add(struct deed *d, const char *name, struct err *e)
{
	struct query *q = db_query(deed_prepared[Q_ONE]);
	const uint8_t *p = NULL;
	size_t size;
	int have;

	q_str(q, 1, d->kind);
	q_str(q, 2, d->object);
	q_str(q, 3, name);
	if ((have = q_next(q, e)) == 1) {
		p = q_col_blob(q, 1, &size);
		signature_add(d, name, q_col_i64(q, 0), p, size);
	}
	q_end(q);
	return have;
}

static int
unsigned_say(const struct deed_kind *k, const char *object, const char *who,
    struct err *e)
{
	char command[96];

	snprintf(command, sizeof command, "%s%s%s", k->command,
	    k->numbered ? " " : "", k->numbered ? object : "");
	return err_set(e, ERR_REFUSED, "signed-deed",
	    "this must be signed by %s SSH key%s%s: %s HOST %s --statement | ssh-keygen -Y sign -n %s -f KEY | %s HOST %s --signed",
	    who[0] ? "the" : "your", who[0] ? " of " : "", who, ssh_words(),
	    command, STATEMENT_SPACE, ssh_words(), command);
}

int
deed_gather(const struct seat *s, const char *kind, const char *object,
    struct deed *d, struct err *e)
{
	const struct deed_kind *k = kind_find(kind);
	char asker[33];
	bool wanted;
	int own, other = 1;

	if (deed_make(s, k, object, d, asker, e) < 0 ||
	    (own = kept_add(d, s->account_name, e)) < 0 ||
	    (asker[0] != '\0' && (other = kept_add(d, asker, e)) < 0))
		return -1;
	wanted = signing_for_role(conf.policy_signed_approvals, s->role) ||
	    (asker[0] != '\0' && signing_for_role(
	    conf.policy_signed_approvals, ROLE_DIRECTOR));
	if (own == 1 && other == 1)
		return 1;
	if (!wanted)
		return 0;
	return unsigned_say(k, object, own == 0 ? "" : asker, e);
}

int
deed_spend(const struct deed *d, struct err *e)
{
	return ask_signer(ask_sign_deed, d, e);
}

int
deed_settle(const struct seat *s, const char *kind, const char *object,
    struct err *e)
{
	struct deed d = { 0 };
	int r = deed_gather(s, kind, object, &d, e);

	if (r == 1)
		r = deed_spend(&d, e);
	NOUN_CLEAR(deed, &d);
	return r;
}
