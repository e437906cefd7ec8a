/* serve_crl.c - CRLs: a short one at once, a long one in parts that pass
 * through the hash and are not kept. */
#include "core/signer/signer.h"

#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/signer/serve_parts.h"
#include "core/x509/crl.h"

#define BACKDATED 3900
#define AHEAD 300

/* The one that is being hashed; a new beginning drops it. */
static struct crl_stream *running;

int
sign_window_check(int64_t from, int64_t to, int64_t days, struct err *e)
{
	int64_t now = clock_now();

	if (from < now - BACKDATED || from > now + AHEAD || to <= from ||
	    to - from > days * 86400 + BACKDATED)
		return err_set(e, ERR_REFUSED, "sign-dates",
		    "thisUpdate must be now and nextUpdate at most %lld days "
		    "later", (long long)days);
	return 0;
}

/*
 * A CRL begins now, or as far ahead as the operator allows for the time when
 * this process is away (S8.6).  The last one of an issuer that is retired may
 * count until the issuer ends: nothing comes after it.
 */
static int
dates_check(const struct sign_issuer *i, const struct crl_begin *w,
    struct err *e)
{
	const struct conf *c = &signer_self.conf;
	int64_t now = clock_now();
	struct tm tm = { 0 };

	if (w->last) {
		if (i == NULL || !i->retired || ASN1_TIME_to_tm(
		    X509_get0_notAfter(i->certificate), &tm) != 1)
			return err_set(e, ERR_REFUSED, "sign-dates",
			    "the last CRL is that of a retired issuer");
		if (w->next_update <= (int64_t)timegm(&tm) &&
		    w->this_update <= now + AHEAD &&
		    w->this_update >= now - BACKDATED)
			return 0;
	}
	if (w->this_update <= now + AHEAD || c->publish_crl_ahead_days == 0)
		return sign_window_check(w->this_update, w->next_update,
		    c->publish_crl_days, e);
	if (w->this_update > now + c->publish_crl_ahead_days * 86400 ||
	    w->next_update <= w->this_update || w->next_update -
	    w->this_update > c->publish_crl_days * 86400 + BACKDATED)
		return err_set(e, ERR_REFUSED, "sign-dates",
		    "a CRL may begin at most %lld days ahead ([publish] "
		    "crl_ahead_days)", (long long)c->publish_crl_ahead_days);
	return 0;
}

static int
issuer_find(const char *name, struct sign_issuer **i, struct err *e)
{
	*i = sign_issuer_named(&signer_self, name);
	if (*i == NULL || (*i)->certificate == NULL)
		return err_set(e, ERR_NOT_FOUND, "issuer-none",
		    "there is no issuer \"%s\" with a certificate", name);
	return 0;
}

/* ---- a trial's roots: what they list is our own memory ---- */

static bool
root_find(const char *name, X509 **root, EVP_PKEY **key, bool *person)
{
	*person = strcmp(name, ROOT_PERSON_NAME) == 0;
	if (!*person && strcmp(name, ROOT_NAME) != 0)
		return false;
	*root = *person ? signer_self.person_root : signer_self.root;
	*key = *person ? signer_self.person_root_key : signer_self.root_key;
	return true;
}

static int
revoked_add(struct crl_wish *w, const struct sign_issuer *i, X509 *root)
{
	struct status *st = NULL;
	uint8_t serial[64];
	BIGNUM *n = NULL;
	int size;

	if (!i->revoked || i->certificate == NULL ||
	    X509_verify(i->certificate, X509_get0_pubkey(root)) != 1)
		return 0;
	n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(i->certificate), NULL);
	size = n != NULL && BN_num_bytes(n) < (int)sizeof serial / 2 ?
	    BN_bn2bin(n, serial + 1) : -1;
	BN_free(n);
	if (size <= 0)
		return -1;
	st = LIST_ADD(w, entries);
	serial[0] = 0;
	if (serial[1] & 0x80)
		hex_encode(st->serial, serial, (size_t)size + 1);
	else
		hex_encode(st->serial, serial + 1, (size_t)size);
	st->state = CERTIFICATE_REVOKED;
	st->revoked = i->revoked_at;
	st->reason = i->reason;
	return 0;
}

static int
root_crl(const struct crl_wish *a, X509 *root, EVP_PKEY *key, bool person,
    struct text *r, struct err *e)
{
	struct crl_wish w = { .number = a->number,
		.this_update = a->this_update,
		.next_update = a->next_update };
	int done = 0;

	if (root == NULL || key == NULL)
		return err_set(e, ERR_NOT_FOUND, "issuer-none",
		    "the root \"%s\" is not ours", a->issuer);
	for (size_t k = 0; k < signer_self.n_issuers && done == 0; k++)
		if (signer_self.issuers[k].person == person)
			done = revoked_add(&w, &signer_self.issuers[k], root);
	if (done == 0)
		done = crl_build(root, key, &w, &r->text, e);
	else
		err_set(e, ERR_BROKEN, "ca-file",
		    "an issuer's serial cannot be read");
	NOUN_CLEAR(crl_wish, &w);
	return done;
}

int
serve_sign_crl(struct seat *seat, const struct crl_wish *a, struct text *r,
    struct err *e)
{
	struct crl_begin dates = { .this_update = a->this_update,
		.next_update = a->next_update };
	struct sign_issuer *i = NULL;
	EVP_PKEY *key = NULL;
	X509 *root = NULL;
	bool person = false;

	(void)seat;
	if (root_find(a->issuer, &root, &key, &person))
		return sign_window_check(a->this_update, a->next_update,
		    signer_self.conf.publish_crl_days, e) < 0 ? -1 :
		    root_crl(a, root, key, person, r, e);
	if (issuer_find(a->issuer, &i, e) < 0 ||
	    dates_check(i, &dates, e) < 0)
		return -1;
	return crl_build(i->certificate, i->key, a, &r->text, e);
}

int
serve_sign_crl_begin(struct seat *seat, const struct crl_begin *a,
    struct none *r, struct err *e)
{
	struct sign_issuer *i = NULL;
	char url[512];

	(void)seat;
	(void)r;
	crl_stream_free(running);
	running = NULL;
	if (issuer_find(a->issuer, &i, e) < 0 || dates_check(i, a, e) < 0 ||
	    cert_crl_url(&i->frame, a->shard, url, e) < 0)
		return -1;
	running = crl_begin(i->certificate, i->key, a, a->shard > 0 ? url :
	    NULL, e);
	if (running == NULL)
		return -1;
	log_debug("crl begun issuer=%s shard=%lld entries=%lld", a->issuer,
	    (long long)a->shard, (long long)a->entries);
	return 0;
}

static int
running_check(struct err *e)
{
	return running != NULL ? 0 : err_set(e, ERR_CONFLICT, "crl-begin",
	    "no CRL was begun here: begin it again");
}

int
serve_sign_crl_part(struct seat *seat, const struct text *a, struct none *r,
    struct err *e)
{
	(void)seat;
	(void)r;
	if (running_check(e) < 0)
		return -1;
	if (crl_part(running, a->text.data, a->text.size, e) == 0)
		return 0;
	crl_stream_free(running);
	running = NULL;
	return -1;
}

int
serve_sign_crl_end(struct seat *seat, const struct none *a,
    struct crl_signed *r, struct err *e)
{
	int done;

	(void)seat;
	(void)a;
	if (running_check(e) < 0)
		return -1;
	done = crl_end(running, r, e);
	crl_stream_free(running);
	running = NULL;
	return done;
}
