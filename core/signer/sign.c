/* sign.c - certificates: check all, journal the intents with one sync, then
 * build, sign and read again one by one; verify together what was signed. */
#include "core/signer/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/signer/approvals.h"
#include "core/signer/serve_parts.h"
#include "core/x509/rules.h"

struct signer signer_self;

static void
item_refuse(struct signed_item *item, const struct err *e)
{
	blob_clear(&item->der);
	str_copy(item->clause, sizeof item->clause, e->clause);
	str_copy(item->text, sizeof item->text, e->text);
	log_info("refused serial=%s clause=%s", item->serial, e->clause);
}

/* The issuer whose name is in a certificate that was signed before. */
static void
issuer_find(struct signer *s, struct signed_item *item)
{
	const uint8_t *p = item->der.data;
	X509 *x = d2i_X509(NULL, &p, (long)item->der.size);

	for (size_t i = 0; x != NULL && i < s->n_issuers; i++)
		if (s->issuers[i].certificate != NULL && X509_verify(x,
		    s->issuers[i].key) == 1)
			str_copy(item->issuer, sizeof item->issuer,
			    s->issuers[i].name);
	X509_free(x);
}

/* A serial that is known: the same bytes again, or burnt, or misused. */
static int
repeat(struct signer *s, const struct sign_wish *w,
    const uint8_t serial[SERIAL_SIZE], enum serial_state state,
    const struct intent *before, struct signed_item *item, struct err *e)
{
	if (before->request != w->request ||
	    memcmp(before->digest, w->digest, 32) != 0)
		return err_set(e, ERR_CONFLICT, "serial-used",
		    "this serial was drawn for another request: draw a new "
		    "one");
	if (state == SERIAL_INTENDED)
		return err_set(e, ERR_CONFLICT, "serial-burnt",
		    "this serial was announced and not signed: it is never "
		    "signed, draw a new serial");
	if (journal_certificate(s->journal, serial, &item->der, e) < 0)
		return -1;
	issuer_find(s, item);
	if (before->policy != 0)
		snprintf(item->policy, sizeof item->policy, "%016llx",
		    (unsigned long long)before->policy);
	return 0;
}

/* The first octets of its hash: enough to tell it from others. */
static uint64_t
policy_of(const struct sign_wish *w)
{
	uint8_t hash[32] = { 0 };
	uint64_t first = 0;

	if (hex_decode(hash, sizeof hash, w->policy) != sizeof hash)
		return 0;
	for (int i = 0; i < 8; i++)
		first = first << 8 | hash[i];
	return first;
}

/* 1: an intent is queued, *by will sign; 0: answered already; -1: refused. */
static int
wish_take(struct signer *s, const struct sign_wish *w, int64_t now,
    struct sign_issuer **by, struct signed_item *item, struct err *e)
{
	struct intent i = { .request = w->request, .at = now }, before;
	enum serial_state state;

	if (sign_serial_read(i.serial, w->serial) < 0)
		return err_set(e, ERR_BAD_INPUT, "sign-serial",
		    "a serial has 17 octets in lower-case hex, the first from "
		    "01 to 7f");
	state = journal_find(s->journal, i.serial, &before);
	if (state != SERIAL_NEW)
		return repeat(s, w, i.serial, state, &before, item, e);
	if (sign_wish_check(s, w, now, by, e) < 0 ||
	    approvals_check(s, w, now, e) < 0)
		return -1;
	approvals_use(s, w, now);
	memcpy(i.digest, w->digest, 32);
	i.policy = policy_of(w);
	i.issuer = (uint16_t)((*by)->generation |
	    ((*by)->person ? INTENT_PERSON : 0));
	journal_intend(s->journal, &i);
	sign_limits_count(&s->limits, now);
	return 1;
}

/* Built, signed and read again; nobody sees it before batch_verify(). */
static void
wish_sign(const struct sign_wish *w, const struct sign_issuer *by,
    struct signed_item *item)
{
	struct err e = { 0 };

	if (cert_sign(&by->frame, w, &item->der, &e) < 0) {
		log_warn("not signed request=%lld clause=%s: %s",
		    (long long)w->request, e.clause, e.text);
		item_refuse(item, &e);
	}
}

/* A signature that does not verify stays here, wiped: the serial is burnt. */
static void
item_keep(struct signer *s, const struct sign_wish *w,
    const struct sign_issuer *by, struct signed_item *item, bool good)
{
	uint8_t serial[SERIAL_SIZE];
	struct err e = { 0 };

	if (!good) {
		cert_unmake(&item->der);
		log_warn("a signature of %s does not verify, request=%lld: "
		    "look at this machine's memory and processor", by->name,
		    (long long)w->request);
		err_set(&e, ERR_BROKEN, rule_id(RULE_LINT_SIGNATURE),
		    "the signature did not verify with the issuer's key and was thrown away");
		item_refuse(item, &e);
		return;
	}
	if (sign_serial_read(serial, w->serial) < 0)
		fatal("sign: a serial changed under way");
	journal_signed(s->journal, serial, item->der.data, item->der.size);
	str_copy(item->issuer, sizeof item->issuer, by->name);
}

/* What one issuer signed in this batch is verified together, then journalled;
 * what remains in the list of `by` is another issuer's. */
static size_t
batch_verify(struct signer *s, const struct sign_batch *a,
    struct sign_issuer **by, const struct sign_issuer *one,
    struct signed_batch *r)
{
	struct blob **ders = xcalloc(a->n_wishes, sizeof *ders);
	bool *good = xcalloc(a->n_wishes, sizeof *good);
	size_t n = 0, k = 0, done = 0;

	for (size_t i = 0; i < a->n_wishes; i++)
		if (by[i] == one && r->items[i].der.size > 0)
			ders[n++] = &r->items[i].der;
	certs_verify(&one->frame, ders, n, good);
	for (size_t i = 0; i < a->n_wishes; i++) {
		if (by[i] != one)
			continue;
		if (r->items[i].der.size > 0) {
			done += good[k];
			item_keep(s, &a->wishes[i], one, &r->items[i],
			    good[k++]);
		}
		by[i] = NULL;
	}
	free(ders);
	free(good);
	return done;
}

static int
batch_sign(struct signer *s, const struct sign_batch *a,
    struct sign_issuer **by, struct signed_batch *r, struct err *e)
{
	size_t queued = 0, done = 0;
	struct err why = { 0 };
	int64_t now = clock_now();

	for (size_t i = 0; i < a->n_wishes; i++) {
		struct signed_item *item = LIST_ADD(r, items);
		int taken;

		str_copy(item->serial, sizeof item->serial,
		    a->wishes[i].serial);
		err_clear(&why);
		taken = wish_take(s, &a->wishes[i], now, &by[i], item, &why);
		if (taken < 0)
			item_refuse(item, &why);
		if (taken <= 0)
			by[i] = NULL;
		queued += taken == 1;
	}
	if (queued > 0 && (approvals_sync(e) < 0 ||
	    journal_intents_sync(s->journal, e) < 0))
		return -1;
	for (size_t i = 0; i < a->n_wishes; i++)
		if (by[i] != NULL)
			wish_sign(&a->wishes[i], by[i], &r->items[i]);
	for (size_t i = 0; i < a->n_wishes; i++)
		if (by[i] != NULL)
			done += batch_verify(s, a, by, by[i], r);
	/* What is lost here burns its serial; the registrar holds the bytes */
	if (done > 0 && journal_signed_write(s->journal, &why) < 0)
		log_warn("signed, but not journalled yet: %s", why.text);
	log_info("batch wishes=%zu signed=%zu", a->n_wishes, done);
	return 0;
}

int
serve_sign_certificates(struct seat *seat, const struct sign_batch *a,
    struct signed_batch *r, struct err *e)
{
	struct sign_issuer **by = NULL;
	int done;

	(void)seat;
	if (journal_ready(signer_self.journal, e) < 0 ||
	    approvals_ready(e) < 0)
		return -1;
	by = xcalloc(a->n_wishes, sizeof *by);
	done = batch_sign(&signer_self, a, by, r, e);
	free(by);
	return done;
}
