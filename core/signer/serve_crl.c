/* serve_crl.c - CRLs: a short one at once, a long one in parts that pass
 * through the hash and are not kept. */
#include "core/signer/signer.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
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

static int
issuer_find(const char *name, X509 **issuer, EVP_PKEY **key, struct err *e)
{
	struct sign_issuer *i = sign_issuer_named(&signer_self, name);

	*issuer = i != NULL ? i->certificate : NULL;
	*key = i != NULL ? i->key : NULL;
	if (strcmp(name, ROOT_NAME) == 0) {
		*issuer = signer_self.root;
		*key = signer_self.root_key;
	}
	if (*issuer == NULL)
		return err_set(e, ERR_NOT_FOUND, "issuer-none",
		    "there is no issuer \"%s\" with a certificate", name);
	return 0;
}

int
serve_sign_crl(struct seat *seat, const struct crl_wish *a, struct text *r,
    struct err *e)
{
	EVP_PKEY *key = NULL;
	X509 *issuer = NULL;

	(void)seat;
	if (issuer_find(a->issuer, &issuer, &key, e) < 0 ||
	    sign_window_check(a->this_update, a->next_update,
	    signer_self.conf.publish_crl_days, e) < 0)
		return -1;
	return crl_build(issuer, key, a, &r->text, e);
}

int
serve_sign_crl_begin(struct seat *seat, const struct crl_begin *a,
    struct none *r, struct err *e)
{
	EVP_PKEY *key = NULL;
	X509 *issuer = NULL;

	(void)seat;
	(void)r;
	crl_stream_free(running);
	running = NULL;
	if (issuer_find(a->issuer, &issuer, &key, e) < 0 ||
	    sign_window_check(a->this_update, a->next_update,
	    signer_self.conf.publish_crl_days, e) < 0)
		return -1;
	running = crl_begin(issuer, key, a, e);
	if (running == NULL)
		return -1;
	log_debug("crl begun issuer=%s entries=%lld", a->issuer,
	    (long long)a->entries);
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
