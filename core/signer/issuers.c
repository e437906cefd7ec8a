/* issuers.c - the issuers of ca/: their keys, certificates and responders. */
#include "core/signer/signer.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <openssl/pem.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/x509/ca.h"

#define ROOTS_MAX (64u << 10)	/* bytes of NAME.root.pem */

static int
field(char *dst, size_t size, struct err *e, const char *url,
    const char *folder, const char *name, const char *behind)
{
	int n = snprintf(dst, size, "%s%s%s%s", url, folder, name, behind);

	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[http] base_url is too long");
	return 0;
}

/* What all its leaves have in common. */
static int
frame_fill(const struct conf *c, struct sign_issuer *i, struct err *e)
{
	struct cert_frame *f = &i->frame;
	char url[CONF_STR_SIZE];

	sign_base_url(c, url);
	f->issuer = i->certificate;
	f->key = i->key;
	if (!str_copy(f->policy_oid, sizeof f->policy_oid, c->policy_oid))
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[policy] oid = %s: too long", c->policy_oid);
	str_copy(f->cps_url, sizeof f->cps_url, c->policy_cps_url);
	if (field(f->ocsp_url, sizeof f->ocsp_url, e, url, "/ocsp", "",
	    "") < 0 || field(f->issuer_url, sizeof f->issuer_url, e, url,
	    "/ca/", i->name, ".crt") < 0)
		return -1;
	return field(f->crl_url, sizeof f->crl_url, e, url, "/crl/", i->name,
	    ".crl");
}

int
sign_issuer_certify(struct signer *s, struct sign_issuer *i, X509 *x,
    const struct blob *root, struct err *e)
{
	if (EVP_PKEY_eq(X509_get0_pubkey(x), i->key) != 1) {
		X509_free(x);
		return err_set(e, ERR_BROKEN, "ca-file",
		    "%s.crt is not for the key of %s.key", i->name, i->name);
	}
	X509_free(i->certificate);
	i->certificate = x;
	blob_set(&i->root, root->data, root->size);
	return frame_fill(&s->conf, i, e);
}

/* Certificates of NAME.root.pem: the one that the chain ends in, as DER. */
static int
root_read(const struct signer *s, X509 *ica, const char *name,
    struct blob *der, struct err *e)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	char path[CONF_PATH_SIZE];
	struct blob pem = { 0 };
	X509 *x, *root = NULL;
	BIO *in = NULL;
	int r = -1;

	if (sign_path(s, path, "", name, ".root.pem") < 0 ||
	    file_read(path, ROOTS_MAX, &pem, e) < 0)
		goto out;
	in = BIO_new_mem_buf(pem.data, (int)pem.size);
	while (in != NULL &&
	    (x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL)
		sk_X509_push(all, x);
	/* the ICA may have expired: then the first of the file */
	root = ca_chain_root(ica, all, clock_now());
	if (root == NULL)
		root = sk_X509_value(all, 0);
	if (root == NULL || ca_cert_der(root, der) < 0)
		err_set(e, ERR_BROKEN, "ca-file",
		    "%s holds no certificate: restore it from a backup", path);
	else
		r = 0;
out:
	BIO_free(in);
	blob_clear(&pem);
	sk_X509_pop_free(all, X509_free);
	return r;
}

/* ica-server-1 -> purpose and generation; false for any other name. */
static bool
name_read(const char *name, struct sign_issuer *i)
{
	static const char *const purposes[] = { "ica-server-", "ica-person-" };
	int64_t generation;

	for (int k = 0; k < 2; k++) {
		size_t n = strlen(purposes[k]);

		if (strncmp(name, purposes[k], n) != 0)
			continue;
		if (!number_parse(name + n, 9999, &generation) ||
		    generation < 1 || name[n] == '0')
			return false;
		i->person = k == 1;
		i->generation = (int)generation;
		return str_copy(i->name, sizeof i->name, name);
	}
	return false;
}

static int
responder_load(struct signer *s, struct sign_issuer *i,
    const char *passphrase, struct err *e)
{
	char path[CONF_PATH_SIZE];

	if (sign_path(s, path, "responder-", i->name, ".key") < 0 ||
	    (i->responder_key = key_read(path, passphrase, e)) == NULL)
		return -1;
	if (i->certificate == NULL)
		return 0;
	if (sign_path(s, path, "responder-", i->name, ".crt") < 0)
		return -1;
	i->responder = ca_cert_read(path, NULL);
	if (i->responder != NULL && ocsp_issuer_from(&i->ocsp, i->certificate,
	    i->responder, e) < 0)
		return -1;
	return 0;
}

static int
issuer_load(struct signer *s, const char *name, const char *passphrase,
    struct err *e)
{
	struct sign_issuer *i = &s->issuers[s->n_issuers];
	char path[CONF_PATH_SIZE];
	struct blob root = { 0 };
	X509 *x = NULL;
	int r = -1;

	if (!name_read(name, i))
		return 0;
	s->n_issuers++;
	if (sign_path(s, path, "", name, ".key") < 0 ||
	    (i->key = key_read(path, passphrase, e)) == NULL)
		return -1;
	if (sign_marks_load(s, i, e) < 0 ||
	    sign_path(s, path, "", name, ".crt") < 0)
		return -1;
	if (access(path, F_OK) == 0) {
		if ((x = ca_cert_read(path, e)) == NULL)
			return -1;
		if (root_read(s, x, name, &root, e) < 0) {
			X509_free(x);
			goto out;
		}
		if (sign_issuer_certify(s, i, x, &root, e) < 0)
			goto out;
	}
	r = responder_load(s, i, passphrase, e);
out:
	blob_clear(&root);
	return r;
}

static int
trial_root_load(const struct signer *s, const char *name,
    const char *passphrase, EVP_PKEY **key, X509 **root, struct err *e)
{
	char path[CONF_PATH_SIZE];

	if (sign_path(s, path, "", name, ".key") < 0 ||
	    access(path, F_OK) < 0)
		return 0;
	if ((*key = key_read(path, passphrase, e)) == NULL ||
	    sign_path(s, path, "", name, ".crt") < 0)
		return -1;
	*root = ca_cert_read(path, e);
	return *root != NULL ? 0 : -1;
}

int
sign_issuers_load(struct signer *s, const char *passphrase, struct err *e)
{
	struct dirent **found = NULL;
	int n = scandir(s->folder, &found, NULL, alphasort), r = 0;

	if (n < 0)
		return err_set(e, ERR_NOT_FOUND, "ca-folder",
		    "%s: %s; make the authority with `xmpp-icactl init`",
		    s->folder, strerror(errno));
	for (int k = 0; k < n; k++) {
		char *name = found[k]->d_name;
		size_t size = strlen(name);

		if (r == 0 && size > 4 && strcmp(name + size - 4,
		    ".key") == 0 && strncmp(name, "ica-", 4) == 0) {
			name[size - 4] = '\0';
			r = s->n_issuers == ISSUERS_MAX ?
			    err_set(e, ERR_REFUSED, "ca-folder",
			    "more than %d issuers in %s: move retired ones "
			    "away", ISSUERS_MAX, s->folder) :
			    issuer_load(s, name, passphrase, e);
		}
		free(found[k]);
	}
	free(found);
	if (r == 0 && s->n_issuers == 0)
		r = err_set(e, ERR_NOT_FOUND, "ca-folder",
		    "no issuer's key in %s: make the authority with "
		    "`xmpp-icactl init`", s->folder);
	if (r < 0 || sign_active_load(s, e) < 0 || trial_root_load(s,
	    ROOT_NAME, passphrase, &s->root_key, &s->root, e) < 0)
		return -1;
	return trial_root_load(s, ROOT_PERSON_NAME, passphrase,
	    &s->person_root_key, &s->person_root, e);
}

void
sign_issuers_clear(struct signer *s)
{
	for (size_t k = 0; k < s->n_issuers; k++) {
		struct sign_issuer *i = &s->issuers[k];

		EVP_PKEY_free(i->key);
		EVP_PKEY_free(i->responder_key);
		X509_free(i->certificate);
		X509_free(i->responder);
		blob_clear(&i->root);
	}
	EVP_PKEY_free(s->root_key);
	X509_free(s->root);
	EVP_PKEY_free(s->person_root_key);
	X509_free(s->person_root);
	s->root_key = s->person_root_key = NULL;
	s->root = s->person_root = NULL;
	memset(s->active, 0, sizeof s->active);
	memset(s->issuers, 0, sizeof s->issuers);
	s->n_issuers = 0;
}

struct sign_issuer *
sign_issuer_named(struct signer *s, const char *name)
{
	for (size_t k = 0; k < s->n_issuers; k++)
		if (strcmp(s->issuers[k].name, name) == 0)
			return &s->issuers[k];
	return NULL;
}

/* Whom the operator named, or the first generation that got a certificate: a
 * new one never issues by itself. */
static struct sign_issuer *
chosen(struct signer *s, bool person)
{
	struct sign_issuer *first = NULL;

	if (s->active[person][0] != '\0')
		return sign_issuer_named(s, s->active[person]);
	for (size_t k = 0; k < s->n_issuers; k++) {
		struct sign_issuer *i = &s->issuers[k];

		if (i->person == person && i->certificate != NULL &&
		    (first == NULL || i->generation < first->generation))
			first = i;
	}
	return first;
}

static bool
may_issue(const struct sign_issuer *i)
{
	return i->certificate != NULL && !i->revoked && !i->retired;
}

struct sign_issuer *
sign_issuer_active(struct signer *s, bool person)
{
	struct sign_issuer *i = chosen(s, person);

	return i != NULL && i->person == person && may_issue(i) ? i : NULL;
}

const char *
sign_issuer_state(struct signer *s, const struct sign_issuer *i)
{
	const struct sign_issuer *now = chosen(s, i->person);

	if (i->certificate == NULL)
		return "pending";
	if (i->revoked)
		return "revoked";
	if (i->retired)
		return "superseded";
	if (i == now)
		return "active";
	return now != NULL && i->generation < now->generation ?
	    "superseded" : "ready";
}

/* Seconds of life left, and the whole life. */
static void
life_of(X509 *x, int64_t now, int64_t *left, int64_t *whole)
{
	struct tm from = { 0 }, to = { 0 };

	*left = *whole = 0;
	if (ASN1_TIME_to_tm(X509_get0_notBefore(x), &from) == 1 &&
	    ASN1_TIME_to_tm(X509_get0_notAfter(x), &to) == 1) {
		*whole = (int64_t)timegm(&to) - (int64_t)timegm(&from);
		*left = (int64_t)timegm(&to) - now;
	}
}

int
sign_responder_renew(struct signer *s, struct sign_issuer *i,
    struct err *e)
{
	int64_t now = clock_now(), left, whole, ica_left;
	int64_t days = s->conf.publish_responder_days;
	char path[CONF_PATH_SIZE];
	X509 *x = NULL;

	if (i->certificate == NULL)
		return err_set(e, ERR_UNAVAILABLE, "import-pending",
		    "%s waits for its certificate: `xmpp-icactl import`",
		    i->name);
	if (i->responder != NULL) {
		life_of(i->responder, now, &left, &whole);
		if (left * 2 >= whole)
			return 0;
	}
	life_of(i->certificate, now, &ica_left, &whole);
	if (days > ica_left / 86400)
		days = ica_left / 86400;
	if (days < 1)
		return i->responder != NULL ? 0 : err_set(e, ERR_REFUSED,
		    "issuer-expired", "%s has expired", i->name);
	x = ca_responder_new(i->responder_key, i->certificate, i->key,
	    i->generation, (int)days, now, e);
	if (x == NULL || sign_path(s, path, "responder-", i->name,
	    ".crt") < 0 || ca_cert_write(path, x, e) < 0 ||
	    ocsp_issuer_from(&i->ocsp, i->certificate, x, e) < 0) {
		X509_free(x);
		return -1;
	}
	X509_free(i->responder);
	i->responder = x;
	log_info("responder renewed issuer=%s days=%lld", i->name,
	    (long long)days);
	return 0;
}
