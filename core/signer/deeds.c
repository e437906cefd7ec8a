/*
 * deeds.c - deeds beside issuing that people sign for.  Of these the signer
 * itself holds two: whose keys are pinned, and which issuer is activated.  For
 * the others it is the witness that looks at the signature and lets it count
 * once.
 */
#include "core/signer/approvals.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/signing.h"
#include "core/signer/serve_parts.h"
#include "core/x509/statement.h"

#define SIGNATURES_MAX 8
#define KEYS_MOST 20
#define DECIDERS (ROLE_BIT(ROLE_STAFF) | ROLE_BIT(ROLE_DIRECTOR))

static const char *
one(const struct deed *d, const char *word)
{
	size_t at = 0;
	const char *value = deed_value(d, word, &at);

	return value != NULL ? value : "";
}

/* Who must sign: for what is the director's alone his role, else either. */
static int
kind_roles(const struct deed *d, unsigned *roles, struct err *e)
{
	static const struct {
		const char *kind;
		unsigned roles;
	} kinds[] = {
		{ "revoke-many", DECIDERS }, { "resume", DECIDERS },
		{ "grant", DECIDERS },
		{ "policy", ROLE_BIT(ROLE_DIRECTOR) },
		{ "issuer", ROLE_BIT(ROLE_DIRECTOR) },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].kind, d->kind) == 0) {
			*roles = kinds[i].roles;
			return 0;
		}
	return err_set(e, ERR_BAD_INPUT, "statement-form",
	    "\"%s\" is no deed that is signed for", d->kind);
}

/* Is it another person than all before? */
static int
another_check(const struct deed *d, size_t i, struct err *e)
{
	const struct approval_signature *a = &d->signatures[i];

	for (size_t k = 0; k < i; k++) {
		if (strcmp(a->approver, d->signatures[k].approver) == 0)
			return err_set(e, ERR_REFUSED, "signed-deed",
			    "%s signed twice; two people are two",
			    a->approver);
		if (approvals_same_key(a, &d->signatures[k]))
			return err_set(e, ERR_REFUSED, "signed-deed",
			    "%s and %s signed with one key; two people have two keys",
			    d->signatures[k].approver, a->approver);
	}
	return 0;
}

/* Every signature must count; *people and *roles of all of them. */
static int
signatures_check(struct signer *s, const struct deed *d, int64_t now,
    size_t *people, unsigned *roles, struct err *e)
{
	struct blob pins = { 0 };
	struct buf text = { 0 };
	unsigned may = 0;
	int r = pins_read(s, &pins, e);

	*people = 0;
	*roles = 0;
	if (r == 0 && ((r = deed_check(d, e)) < 0 ||
	    (r = kind_roles(d, &may, e)) < 0))
		goto out;
	if (d->n_signatures == 0 || d->n_signatures > SIGNATURES_MAX)
		r = err_set(e, ERR_REFUSED, "signed-deed",
		    "%zu people have signed for this", d->n_signatures);
	for (size_t i = 0; i < d->n_signatures && r == 0; i++) {
		const struct approval_signature *a = &d->signatures[i];
		unsigned of = may;

		r = another_check(d, i, e);
		text.size = 0;
		statement_deed(&text, s->conf.service_name, d, a->approver,
		    a->at);
		if (r == 0 && (r = approvals_verify(s, &text, a, &pins, &of,
		    now, e)) == 0) {
			++*people;
			*roles |= of;
		}
	}
out:
	buf_clear(&text);
	blob_clear(&pins);
	return r;
}

static int
signatures_spend(struct signer *s, const struct deed *d, int64_t now,
    struct err *e)
{
	struct buf text = { 0 };
	int r = 0;

	for (size_t i = 0; i < d->n_signatures && r == 0; i++) {
		text.size = 0;
		statement_deed(&text, s->conf.service_name, d,
		    d->signatures[i].approver, d->signatures[i].at);
		r = approvals_spend(&text, now, e);
	}
	buf_clear(&text);
	return r;
}

/* ---- grants ---- */

/* Two people, a director among them, neither the one who gets the role. */
static int
grant_check(const struct deed *d, size_t people, unsigned roles,
    struct err *e)
{
	const char *name = one(d, "account");
	int role = word_parse(&role_words, one(d, "role"));

	if (name[0] == '\0' || strlen(name) > 32 || strchr(name, ' ') ||
	    name[0] == '#' || role < ROLE_MEMBER || role > ROLE_DIRECTOR)
		return err_set(e, ERR_BAD_INPUT, "statement-form",
		    "a grant names an account and a role");
	for (size_t i = 0; i < d->n_signatures; i++)
		if (strcmp(d->signatures[i].approver, name) == 0)
			return err_set(e, ERR_REFUSED, "grant-own",
			    "%s cannot sign for a role of his own", name);
	if (people < 2 || (roles & ROLE_BIT(ROLE_DIRECTOR)) == 0)
		return err_set(e, ERR_REFUSED, "signed-deed",
		    "a role needs the signatures of two people, one of them pinned as director: `xmpp-icactl approver add NAME --role director < KEY.pub` on the host");
	return 0;
}

static int
grant_pin(struct signer *s, const struct deed *d, struct err *e)
{
	const char *keys[KEYS_MOST], *key = NULL;
	int role = word_parse(&role_words, one(d, "role"));
	size_t n = 0, at = 0;
	int64_t until = 0;

	if (strcmp(one(d, "until"), "never") != 0 &&
	    time_parse(one(d, "until"), &until) < 0)
		return err_set(e, ERR_BAD_INPUT, "statement-form",
		    "a grant says until when");
	while (n < KEYS_MOST && (key = deed_value(d, "key", &at)) != NULL)
		keys[n++] = key;
	if (role != ROLE_STAFF && role != ROLE_DIRECTOR)
		n = 0;		/* they approve nothing */
	log_info("pinned name=%s role=%s keys=%zu", one(d, "account"),
	    one(d, "role"), n);
	return pins_replace(s, one(d, "account"), (enum role)role, until,
	    keys, n, e);
}

/* ---- questions ---- */

int
serve_sign_deed_check(struct seat *seat, const struct deed *a,
    struct none *r, struct err *e)
{
	unsigned roles;
	size_t people;

	(void)seat;
	(void)r;
	return signatures_check(&signer_self, a, clock_now(), &people, &roles,
	    e);
}

/* Used first, then done: a signature whose deed was lost with the power is
 * made anew; one that counts twice must not be. */
int
serve_sign_deed(struct seat *seat, const struct deed *a, struct none *r,
    struct err *e)
{
	bool is_grant = strcmp(a->kind, "grant") == 0;
	struct signer *s = &signer_self;
	int64_t now = clock_now();
	unsigned roles;
	size_t people;

	(void)seat;
	(void)r;
	if (signatures_check(s, a, now, &people, &roles, e) < 0 ||
	    (is_grant && grant_check(a, people, roles, e) < 0) ||
	    signatures_spend(s, a, now, e) < 0)
		return -1;
	return is_grant ? grant_pin(s, a, e) : 0;
}

/* Does the statement say what is to be done? */
static bool
says_so(const struct deed *d, const struct issuer_deed *w)
{
	return strcmp(d->kind, "issuer") == 0 &&
	    strcmp(one(d, "deed"), w->deed) == 0 &&
	    strcmp(one(d, "issuer"), w->name) == 0;
}

int
serve_sign_issuer_signed(struct seat *seat, const struct issuer_signed *a,
    struct none *r, struct err *e)
{
	struct signer *s = &signer_self;
	int64_t now = clock_now();
	unsigned roles;
	size_t people;

	(void)seat;
	(void)r;
	if (!says_so(&a->deed, &a->what))
		return err_set(e, ERR_REFUSED, "signed-deed",
		    "what is signed is not what is to be done");
	if (signatures_check(s, &a->deed, now, &people, &roles, e) < 0 ||
	    signatures_spend(s, &a->deed, now, e) < 0)
		return -1;
	return sign_issuer_do(s, &a->what, e);
}

int
issuer_deed_unsigned(const struct signer *s, const struct issuer_deed *a,
    bool person, struct err *e)
{
	if (strcmp(a->deed, "activate") != 0 || s->active[person][0] == '\0' ||
	    !s->conf.policy_issuer_second || !signing_for_role(
	    s->conf.policy_signed_approvals, ROLE_DIRECTOR))
		return 0;
	return err_set(e, ERR_REFUSED, "signed-deed",
	    "another issuer is activated by the director's signature alone: issuer confirm N --statement | ssh-keygen -Y sign -n %s -f KEY | issuer confirm N --signed",
	    STATEMENT_SPACE);
}

int
serve_sign_unpin(struct seat *seat, const struct pin_end *a, struct none *r,
    struct err *e)
{
	(void)seat;
	(void)r;
	return pins_remove(&signer_self, a->name, a->key, e);
}
