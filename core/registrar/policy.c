/* policy.c - the policy in force, its hash, and its change as a whole. */
#include "core/registrar/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/kept.h"
#include "core/wire/policy_texts.h"
#include "core/x509/hash.h"
#include "core/x509/lookalike.h"

enum { Q_OF_HASH };
static const char *const sql[] = {
	[Q_OF_HASH] = "SELECT object, substr(detail, 8, 64) FROM audit"
	    " WHERE noun = 'policy' AND action = 'policy.change'"
	    " AND outcome = 'done' AND substr(detail, 1, 23) ="
	    " 'sha256 ' || ?1 LIMIT 1",
};
DB_STATEMENTS(policy, sql)

/* What stands beside the values in `conf`. */
struct beside {
	struct domain_form *names;
	size_t n_names;
	struct limited limited;
	uint8_t files[32];		/* of both texts */
};

static struct beside now;
static int64_t signer_days;		/* with which the signer was started; */
static int64_t signer_approvals;	/* it counts signed ones itself */

/* Read and written down, in force when that is committed; NULL: none. */
static struct conf *next_conf;
static struct beside next;

/* ---- its hash ---- */

static const char *
hash_of(const struct conf *c, const uint8_t files[32])
{
	static char hex[65];
	struct buf b = { 0 };
	uint8_t hash[32];

	for (unsigned long i = 0; i < conf_key_count; i++) {
		char value[CONF_STR_SIZE];

		if (strcmp(conf_keys[i].section, "policy") != 0)
			continue;
		conf_value(c, &conf_keys[i], value);
		buf_put_str(&b, conf_keys[i].name);
		buf_put_str(&b, value);
	}
	buf_put(&b, files, 32);
	sha256(hash, b.data, b.size);
	hex_encode(hex, hash, sizeof hash);
	buf_clear(&b);
	return hex;
}

const char *
policy_hash(void)
{
	return hash_of(&conf, now.files);
}

static void
files_hash(const struct policy_texts *t, uint8_t out[32])
{
	uint8_t both[64];

	sha256(both, t->high_value.data, t->high_value.size);
	sha256(both + 32, t->limits.data, t->limits.size);
	sha256(out, both, sizeof both);
}

/* ---- the names that need two approvals ---- */

static int
names_read(const struct blob *text, struct domain_form **names, size_t *n,
    struct err *e)
{
	char line[DOMAIN_SIZE + 64];
	size_t at = 0;

	while (policy_line(text, &at, line, sizeof line)) {
		struct domain_form form;
		struct err why = { 0 };

		if (domain_parse(line, strlen(line), true, &form, &why) < 0)
			return err_set(e, ERR_BAD_INPUT, "policy-names",
			    "the file of policy.high_value: %.400s",
			    why.text);
		*names = list_grow(*names, n, sizeof **names);
		(*names)[*n - 1] = form;
	}
	return 0;
}

static bool
is_at_or_below(const char *parent, const char *domain)
{
	size_t p = strlen(parent), d = strlen(domain);

	return d >= p && strcmp(domain + d - p, parent) == 0 &&
	    (d == p || domain[d - p - 1] == '.');
}

bool
policy_is_high_value(const char *domain)
{
	if (is_at_or_below(conf.service_name, domain))
		return true;
	for (size_t i = 0; i < now.n_names; i++)
		if (is_at_or_below(now.names[i].ascii, domain))
			return true;
	return false;
}

bool
policy_looks_high_value(const char *domain, const char *skeleton,
    char other[254])
{
	for (size_t i = 0; i < now.n_names; i++) {
		char looks[LOOKALIKE_SIZE];

		if (strcmp(now.names[i].ascii, domain) == 0)
			continue;
		lookalike_skeleton(now.names[i].shown, looks);
		if (strcmp(looks, skeleton) == 0)
			return str_copy(other, 254, now.names[i].ascii);
	}
	return false;
}

int
policy_may_issue(struct err *e)
{
	if (now.limited.stop[0] == '\0')
		return 0;
	return err_set(e, ERR_UNAVAILABLE, "policy-limits",
	    "nothing is issued: %s; the operator settles it with the upstream",
	    now.limited.stop);
}

/* ---- change ---- */

static bool
same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Values that another process holds too, or that were read at the start. */
static int
restart_check(const struct conf *new, struct err *e)
{
	const char *what = NULL;

	if (!same(new->policy_oid, conf.policy_oid))
		what = "policy.oid is the signer's too";
	else if (!same(new->policy_cps_url, conf.policy_cps_url))
		what = "policy.cps_url is the signer's too";
	else if (!same(new->policy_signed_approvals,
	    conf.policy_signed_approvals) ||
	    new->policy_signed_approvals_verified !=
	    conf.policy_signed_approvals_verified)
		what = "policy.signed_approvals are the signer's too";
	else if (!same(conf.policy_signed_approvals, "no") &&
	    new->policy_approvals < signer_approvals)
		what = "policy.approvals are fewer than the signer counts";
	else if (new->policy_days > signer_days)
		what = "policy.days is longer than what the signer allows";
	else if (!same(new->policy_agreement, conf.policy_agreement) ||
	    !same(new->policy_agreement_version,
	    conf.policy_agreement_version))
		what = "the agreement is read at the start";
	else if (!same(new->policy_weak_keys, conf.policy_weak_keys))
		what = "the lists of weak keys are read at the start";
	if (what != NULL)
		return err_set(e, ERR_CONFLICT, "policy-restart",
		    "%s; restart xmpp-icad for this change, the old policy stays",
		    what);
	return 0;
}

static int
values_read(const struct policy_texts *t, struct conf *new, struct err *e)
{
	if (t->n_values == 0)
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "a policy without values is none");
	for (size_t i = 0; i < t->n_values; i++)
		if (conf_set(new, "policy", t->values[i].name,
		    t->values[i].value, e) < 0)
			return -1;
	return 0;
}

static void
next_drop(void)
{
	free(next.names);
	free(next_conf);
	memset(&next, 0, sizeof next);
	next_conf = NULL;
}

/* Read these texts as the next policy; nothing changes yet.  What the signer
 * holds as well (OID, practice statement, longer days) and what is read at the
 * start only (agreement, weak keys) needs a restart: policy-restart. */
static int
next_read(const struct policy_texts *t, struct err *e)
{
	next_drop();
	next_conf = xmalloc(sizeof *next_conf);
	*next_conf = conf;
	if (values_read(t, next_conf, e) < 0 ||
	    (signer_days > 0 && restart_check(next_conf, e) < 0) ||
	    policy_limit(next_conf, &t->limits, &next.limited, e) < 0 ||
	    names_read(&t->high_value, &next.names, &next.n_names, e) < 0) {
		next_drop();
		return -1;
	}
	files_hash(t, next.files);
	return 0;
}

void
policy_settle(bool committed)
{
	if (next_conf == NULL || !committed) {
		next_drop();
		return;
	}
	conf = *next_conf;
	free(now.names);
	now = next;
	next.names = NULL;
	next_drop();
	log_info("policy %.32s, sha256 %s, is in force",
	    conf.policy_version, policy_hash());
}

int
policy_load(struct err *e)
{
	struct policy_texts t = { 0 };
	int r = policy_texts_read(&conf, &t, e);

	signer_days = 0;
	if (r == 0 && (r = next_read(&t, e)) == 0) {
		signer_days = conf.policy_days;
		signer_approvals = conf.policy_approvals;
		policy_settle(true);
	}
	NOUN_CLEAR(policy_texts, &t);
	return r;
}

/* An entry, where this is not the hash that the last one has. */
static int
change_note(const char *version, const char *hash, struct err *e)
{
	char old[128];

	if (kept_text("policy", old, sizeof old, e) < 0)
		return -1;
	if (same(old, hash))
		return 0;
	if (kept_text_set("policy", hash, e) < 0)
		return -1;
	return audit_add(NULL, "policy.change", "policy", version,
	    OUTCOME_DONE, e, "sha256 %s, was %s", hash,
	    old[0] ? old : "none");
}

/* Two policies never have one hash, and the version is part of it. */
int
policy_of_hash(const char *begin, struct policy_name *out, struct err *e)
{
	const char *hash = policy_hash();
	struct query *q = NULL;
	int have;

	snprintf(out->version, sizeof out->version, "%.60s",
	    conf.policy_version);
	str_copy(out->hash, sizeof out->hash, hash);
	if (strncmp(hash, begin, strlen(begin)) == 0)
		return 0;
	str_copy(out->version, sizeof out->version, "unknown");
	str_copy(out->hash, sizeof out->hash, begin);
	q = db_query(policy_prepared[Q_OF_HASH]);
	q_str(q, 1, begin);
	if ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, out->version, sizeof out->version);
		q_col_str(q, 1, out->hash, sizeof out->hash);
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

int
policy_note(struct err *e)
{
	return change_note(conf.policy_version, policy_hash(), e);
}

int
serve_operator_policy(struct seat *s, const struct policy_texts *a,
    struct text *r, struct err *e)
{
	char old[65], hash[65], text[200];

	str_copy(old, sizeof old, policy_hash());
	if (next_read(a, e) < 0) {
		log_warn("policy: %s", e->text);
		audit_refusal(s, "policy.change", "policy",
		    conf.policy_version, "%s: %s", e->clause, e->text);
		return -1;
	}
	str_copy(hash, sizeof hash, hash_of(next_conf, next.files));
	if (change_note(next_conf->policy_version, hash, e) < 0) {
		next_drop();
		return -1;
	}
	snprintf(text, sizeof text, same(old, hash) ?
	    "policy %.32s, sha256 %s, is in force already" :
	    "policy %.32s, sha256 %s, is in force now",
	    next_conf->policy_version, hash);
	blob_set(&r->text, text, strlen(text));
	return 0;
}

void
policy_facts(struct fact_list *list)
{
	struct fact *f = LIST_ADD(list, rows);

	str_copy(f->what, sizeof f->what, "policy");
	f->good = now.limited.stop[0] == '\0';
	snprintf(f->text, sizeof f->text, "version %.32s, sha256 %.16s..., %zu high-value names%s%.60s",
	    conf.policy_version, policy_hash(), now.n_names,
	    f->good ? "" : "; nothing is issued: ", now.limited.stop);
	for (size_t i = 0; i < now.limited.n; i++) {
		f = LIST_ADD(list, rows);
		str_copy(f->what, sizeof f->what, "policy limit");
		f->good = true;
		str_copy(f->text, sizeof f->text, now.limited.lines[i]);
	}
}
