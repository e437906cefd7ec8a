/* issue_store.c - what the signer gave, into rows: certificate, letters,
 * audit entry, all in one transaction. */
#include "core/registrar/request/issue.h"

#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/policy.h"
#include "core/registrar/report/document.h"
#include "core/registrar/issuer/issuer.h"
#include "core/registrar/letter/tell.h"
#include "core/x509/cert.h"
#include "core/x509/hash.h"

#define LIMIT_SECONDS 60	/* until a limited signer is asked again */

enum { Q_CERTIFICATE, Q_SHARD, Q_DER };

static const char *const sql[] = {
	[Q_CERTIFICATE] = "INSERT INTO certificate (request, account, serial,"
	    " issuer, state, not_before, not_after, issued, sha256,"
	    " spki_sha256, policy, shard, renewal) VALUES (?1, ?2, ?3, ?4,"
	    " 'good', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[Q_SHARD] = "INSERT OR IGNORE INTO crl_shard (issuer, shard)"
	    " VALUES (?1, ?2)",
	[Q_DER] = "INSERT INTO certificate_der (certificate, der)"
	    " VALUES (?1, ?2)",
};
DB_STATEMENTS(issue_store, sql)

/* ---- is it what was asked for? ---- */

static int
names_compare(const struct sign_wish *w, const struct certificate *c)
{
	if (w->n_names != c->n_names)
		return -1;
	for (size_t i = 0; i < w->n_names; i++)
		if (w->names[i].kind != c->names[i].kind ||
		    strcmp(w->names[i].value, c->names[i].value) != 0)
			return -1;
	return 0;
}

static int
certificate_compare(const struct sign_wish *w, const struct signed_item *item,
    struct certificate *c, struct err *e)
{
	if (cert_describe(item->der.data, item->der.size, c, e) < 0)
		return -1;
	if (strcmp(c->serial, w->serial) != 0 || names_compare(w, c) < 0 ||
	    strcmp(c->subject_cn, w->subject_cn) != 0)
		return err_set(e, ERR_REFUSED, "issue-compare",
		    "the signer gave another certificate than was asked for; the operator's log has more");
	return 0;
}

/* ---- letters ---- */

static int
issued_tell(const struct request_head *h, const struct certificate *c,
    struct err *e)
{
	char number[24], from[TIME_TEXT_SIZE], until[TIME_TEXT_SIZE];
	struct buf names = { 0 };
	struct blank blanks[] = {
		{ "NUMBER", number }, { "DOMAIN", h->first },
		{ "ACCOUNT", h->account_name }, { "SERIAL", c->serial },
		{ "PROFILE", h->profile }, { "FROM", from },
		{ "UNTIL", until }, { "FINGERPRINT", c->fingerprint },
		{ "KEY", c->key }, { "NAMES_LINES", NULL },
	};
	size_t n = sizeof blanks / sizeof blanks[0];
	int r;

	snprintf(number, sizeof number, "%lld", (long long)h->number);
	time_text(from, c->not_before);
	time_text(until, c->not_after);
	names_print(&names, c->names, c->n_names);
	blanks[n - 1].value = (const char *)names.data;
	r = letters_send("issued", h, blanks, n, e);
	buf_clear(&names);
	return r;
}

/* ---- rows ---- */

static int
rows_add(const struct request_head *h, const struct signed_item *item,
    const struct certificate *c, const char *policy, int64_t now,
    int64_t *number, struct err *e)
{
	uint8_t hash[32];
	struct query *q = db_query(issue_store_prepared[Q_CERTIFICATE]);

	sha256(hash, item->der.data, item->der.size);
	q_i64(q, 1, h->number);
	q_i64(q, 2, h->account);
	q_str_held(q, 3, h->serial);
	q_str_held(q, 4, item->issuer);
	q_i64(q, 5, c->not_before);
	q_i64(q, 6, c->not_after);
	q_i64(q, 7, now);
	q_blob_held(q, 8, hash, sizeof hash);
	q_blob_held(q, 9, h->spki_sha256, sizeof h->spki_sha256);
	q_str_held(q, 10, policy);
	q_i64(q, 11, h->shard);
	q_i64(q, 12, h->renews[0] != '\0');
	if (q_run(q, e) < 0)
		return -1;
	*number = db_last_number();
	if (h->shard > 0) {
		q = db_query(issue_store_prepared[Q_SHARD]);
		q_str_held(q, 1, item->issuer);
		q_i64(q, 2, h->shard);
		if (q_run(q, e) < 0)
			return -1;
	}
	q = db_query(issue_store_prepared[Q_DER]);
	q_i64(q, 1, *number);
	q_blob_held(q, 2, item->der.data, item->der.size);
	return q_run(q, e);
}

static int
issued(const struct request_head *h, const struct signed_item *item,
    const struct certificate *c, struct err *e)
{
	char digest[65], text[128];
	int64_t number, now = clock_now();
	struct policy_name policy;

	hex_encode(digest, h->digest, sizeof h->digest);
	if (policy_of_hash(item->policy, &policy, e) < 0 ||
	    request_move(h->number, REQUEST_APPROVED, REQUEST_ISSUED, e) < 0 ||
	    rows_add(h, item, c, policy.version, now, &number, e) < 0 ||
	    publish_due(number, false, e) < 0 ||
	    audit_add(NULL, "certificate.issue", "certificate", h->serial,
	    OUTCOME_DONE, e,
	    "request %lld, digest %s, certificate %s, issuer %s, policy %.60s %s,"
	    " documents %s,"
	    /* what a report is made of again: report_log.c reads it */
	    " renewal %d, asked %lld, decided %lld, issued %lld, until %lld",
	    (long long)h->number, digest, c->fingerprint, item->issuer,
	    policy.version, policy.hash, documents_set(),
	    h->renews[0] != '\0',
	    (long long)h->created, (long long)now, (long long)now,
	    (long long)c->not_after) < 0 ||
	    issued_tell(h, c, e) < 0)
		return -1;
	snprintf(text, sizeof text, "Request %lld: the certificate is issued",
	    (long long)h->number);
	change_push("request", h->number, h->account, text);
	return 0;
}

int
issue_refuse(const struct request_head *h, const char *clause,
    const char *text, struct err *e)
{
	char object[24], why[720];

	log_warn("not issued request=%lld clause=%s: %s",
	    (long long)h->number, clause, text);
	snprintf(object, sizeof object, "%lld", (long long)h->number);
	snprintf(why, sizeof why, "%s: %s", clause, text);
	if (audit_add(NULL, "certificate.issue", "request", object,
	    OUTCOME_FAILED, e, "%s", why) < 0)
		return -1;
	return request_refused(h->number, why, e);
}

/* ---- one item ---- */

static bool
passes_by_itself(const char *clause)
{
	return strncmp(clause, "signer-", 7) == 0 ||
	    strcmp(clause, "issuer-none") == 0 ||
	    strcmp(clause, "issuer-expired") == 0;
}

/* The signer's own checks found what the registrar's should have: somebody
 * has to look (S5.6). */
static int
lint_alarm(const struct request_head *h, const struct signed_item *item,
    struct err *e)
{
	static const char *const kinds[] = { "lint-", "profile-", "cert-",
		"name-", "key-" };
	char object[24];

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strncmp(item->clause, kinds[i], strlen(kinds[i])) == 0) {
			snprintf(object, sizeof object, "%lld",
			    (long long)h->number);
			return alarm_raise(ALARM_LINT, object, e,
			    "request %s was approved, and the signer refused to sign it: %.40s: %.300s",
			    object, item->clause, item->text);
		}
	return 0;
}

static int
item_not_signed(const struct request_head *h, const struct signed_item *item,
    struct err *e)
{
	bool burnt = strcmp(item->clause, "serial-burnt") == 0;

	if (burnt || strcmp(item->clause, "serial-used") == 0) {
		if ((burnt && serial_burn(h->serial, item->issuer, h->number,
		    item->policy, "announced to the signer, never signed", e) < 0) ||
		    serial_draw(h->number, clock_now(), e) < 0)
			return -1;
		return 1;
	}
	if (passes_by_itself(item->clause)) {
		log_warn("signer: %s: %s", item->clause, item->text);
		return issue_postpone(h->number, LIMIT_SECONDS, e);
	}
	if (lint_alarm(h, item, e) < 0)
		return -1;
	return issue_refuse(h, item->clause, item->text, e);
}

int
issue_item(const struct request_head *h, const struct sign_wish *w,
    const struct signed_item *item, struct err *e)
{
	struct certificate c = { 0 };
	struct err why = { 0 };
	int r;

	if (strcmp(item->serial, w->serial) != 0)
		return err_set(e, ERR_BROKEN, "signer",
		    "the signer answered for serial %.41s, not %s",
		    item->serial, w->serial);
	if (item->der.size == 0)
		return item_not_signed(h, item, e);
	if (certificate_compare(w, item, &c, &why) < 0) {
		r = serial_burn(h->serial, item->issuer, h->number,
		    item->policy, "signed with other content than was asked for", e);
		if (r == 0)
			r = issue_refuse(h, why.clause, why.text, e);
	} else {
		r = issued(h, item, &c, e);
	}
	NOUN_CLEAR(certificate, &c);
	return r;
}
