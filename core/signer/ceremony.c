/* ceremony.c - making an authority: keys, certificates, an empty journal. */
#include "core/signer/signer.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/x509/ca.h"

#define ROOT_DAYS 5479		/* 15 years */
#define ICA_DAYS 1826		/* 5 years */

struct ceremony {
	struct signer s;		/* its folder, configuration, root */
	const char *passphrase;
	bool trial, person;
	char name[64], issuer_cn[CONF_STR_SIZE + 64];
	char crl_url[CONF_STR_SIZE + 64], root_url[CONF_STR_SIZE + 64];
	int generation;
};

static struct ca_names
names_of(const struct ceremony *c)
{
	return (struct ca_names){ .organisation = c->s.conf.service_federation,
		.common_name = c->issuer_cn, .crl_url = c->crl_url,
		.issuer_url = c->root_url, .policy_oid = c->s.conf.policy_oid,
		.days = ICA_DAYS };
}

static const char *
root_name(const struct ceremony *c)
{
	return c->person ? ROOT_PERSON_NAME : ROOT_NAME;
}

/* Of this purpose: the trial's own root, its key. */
static X509 **
root_of(struct ceremony *c)
{
	return c->person ? &c->s.person_root : &c->s.root;
}

static EVP_PKEY **
root_key_of(struct ceremony *c)
{
	return c->person ? &c->s.person_root_key : &c->s.root_key;
}

static void
ceremony_name(struct ceremony *c, int generation)
{
	char url[CONF_STR_SIZE];

	sign_base_url(&c->s.conf, url);
	c->generation = generation;
	snprintf(c->name, sizeof c->name, "ica-%s-%d",
	    c->person ? "person" : "server", generation);
	snprintf(c->issuer_cn, sizeof c->issuer_cn, "%s %s ICA %d",
	    c->s.conf.service_federation, c->person ? "Personal" : "Server",
	    generation);
	snprintf(c->crl_url, sizeof c->crl_url, "%s/crl/%s.crl", url,
	    root_name(c));
	snprintf(c->root_url, sizeof c->root_url, "%s/ca/%s.crt", url,
	    root_name(c));
}

/* Started by root: the folder and what is in it become the signer's. */
static int
owner_set(const struct ceremony *c, struct err *e)
{
	struct dirent **found = NULL;
	struct passwd *p;
	int n, r = 0;

	if (geteuid() != 0 || c->s.conf.users_signer[0] == '\0')
		return 0;
	p = getpwnam(c->s.conf.users_signer);
	if (p == NULL)
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[users] signer = %s: there is no such user",
		    c->s.conf.users_signer);
	n = scandir(c->s.folder, &found, NULL, NULL);
	for (int i = 0; i < n; i++) {
		char path[CONF_PATH_SIZE];

		if (strcmp(found[i]->d_name, "..") != 0 &&
		    (sign_path(&c->s, path, "", found[i]->d_name, "") < 0 ||
		    lchown(path, p->pw_uid, p->pw_gid) < 0))
			r = -1;
		free(found[i]);
	}
	free(found);
	return n < 0 || r < 0 ? err_set(e, ERR_UNAVAILABLE, "ca-folder",
	    "%s cannot be given to %s: %s", c->s.folder,
	    c->s.conf.users_signer, strerror(errno)) : 0;
}

/* A key appears under its name whole and owned: a signer that starts at any
 * moment finds all that belongs to it, or nothing. */
static int
key_place(struct ceremony *c, const char *name, EVP_PKEY *key, struct err *e)
{
	char beside[CONF_PATH_SIZE], path[CONF_PATH_SIZE];

	if (sign_path(&c->s, beside, "", name, ".key.made") < 0 ||
	    sign_path(&c->s, path, "", name, ".key") < 0)
		return err_set(e, ERR_BAD_INPUT, "path", "path too long");
	if (key_write(beside, key, c->passphrase, e) < 0 ||
	    owner_set(c, e) < 0)
		return -1;
	return rename(beside, path) == 0 ? 0 : err_set(e, ERR_UNAVAILABLE,
	    "ca-folder", "%s: %s", path, strerror(errno));
}

static int
root_make(struct ceremony *c, int64_t now, struct err *e)
{
	char cn[CONF_STR_SIZE + 24], path[CONF_PATH_SIZE];
	struct ca_names n = names_of(c);

	snprintf(cn, sizeof cn, "%s %sRoot", c->s.conf.service_federation,
	    c->person ? "Personal " : "");
	n.common_name = cn;
	n.days = ROOT_DAYS;
	*root_key_of(c) = ca_key_new();
	*root_of(c) = ca_root_new(*root_key_of(c), &n, now, e);
	/* the key last: it makes the signer look for the rest */
	if (*root_of(c) == NULL ||
	    sign_path(&c->s, path, "", root_name(c), ".crt") < 0 ||
	    ca_cert_write(path, *root_of(c), e) < 0)
		return -1;
	return key_place(c, root_name(c), *root_key_of(c), e);
}

/* The keys, in memory, and the responder's on the disk. */
static int
keys_make(struct ceremony *c, struct sign_issuer *i, struct err *e)
{
	char path[CONF_PATH_SIZE];

	str_copy(i->name, sizeof i->name, c->name);
	i->generation = c->generation;
	i->person = c->person;
	i->key = ica_key_new(c->s.conf.signer_ica_key);
	if (i->key == NULL)
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[signer] ica_key = %s: wants P-384, P-256 or RSA-3072",
		    c->s.conf.signer_ica_key);
	i->responder_key = responder_key_new();
	if (sign_path(&c->s, path, "responder-", c->name, ".key") < 0)
		return -1;
	return key_write(path, i->responder_key, c->passphrase, e);
}

/* Trial: our own root signs at once. */
static int
ica_certify(struct ceremony *c, struct sign_issuer *i, int64_t now,
    struct err *e)
{
	struct ca_names n = names_of(c);
	char path[CONF_PATH_SIZE];
	struct blob root = { 0 };
	X509 *x = NULL;
	int r = -1;

	x = ca_ica_new(i->key, *root_of(c), *root_key_of(c), c->person, &n,
	    now, e);
	if (x == NULL || ca_cert_der(*root_of(c), &root) < 0 ||
	    sign_path(&c->s, path, "", c->name, ".root.pem") < 0 ||
	    ca_cert_write(path, *root_of(c), e) < 0 ||
	    sign_path(&c->s, path, "", c->name, ".crt") < 0 ||
	    ca_cert_write(path, x, e) < 0) {
		X509_free(x);
		goto out;
	}
	if (sign_issuer_certify(&c->s, i, x, &root, e) == 0)
		r = sign_responder_renew(&c->s, i, e);
out:
	blob_clear(&root);
	return r;
}

static int
out_path(const struct ceremony *c, char dst[CONF_PATH_SIZE],
    const char *name, struct err *e)
{
	struct stat st;

	conf_path(&c->s.conf, dst, name);
	if (lstat(dst, &st) == 0)
		return err_set(e, ERR_CONFLICT, "ca-exists",
		    "%s is there already: nothing is overwritten; move it "
		    "away first", dst);
	return 0;
}

/* ica.pem, ica-person.pem; later generations have their number. */
static const char *
out_name(const struct ceremony *c, char dst[96])
{
	if (c->generation == 1)
		return c->person ? "ica-person.pem" : "ica.pem";
	snprintf(dst, 96, "%s.pem", c->name);
	return dst;
}

/* What people outside get: DIR/root.pem and DIR/ica.pem, or the PKCS#10. */
static int
outputs_check(const struct ceremony *c, struct err *e)
{
	char path[CONF_PATH_SIZE], csr[96];

	snprintf(csr, sizeof csr, "%s.csr.pem", c->name);
	if (!c->trial)
		return out_path(c, path, csr, e);
	if (c->generation > 1)
		return out_path(c, path, out_name(c, csr), e);
	if (out_path(c, path, c->person ? "root-person.pem" : "root.pem",
	    e) < 0)
		return -1;
	return out_path(c, path, out_name(c, csr), e);
}

static int
outputs_write(struct ceremony *c, struct sign_issuer *i, struct err *e)
{
	struct ca_names n = names_of(c);
	char path[CONF_PATH_SIZE], csr[96];
	struct blob pem = { 0 };
	int r = -1;

	if (c->trial) {
		conf_path(&c->s.conf, path, c->person ? "root-person.pem" :
		    "root.pem");
		if (c->generation == 1 &&
		    ca_cert_write(path, *root_of(c), e) < 0)
			return -1;
		conf_path(&c->s.conf, path, out_name(c, csr));
		return ca_cert_write(path, i->certificate, e);
	}
	snprintf(csr, sizeof csr, "%s.csr.pem", c->name);
	conf_path(&c->s.conf, path, csr);
	if (ca_ica_csr(i->key, i->person, &n, &pem, e) == 0)
		r = file_replace(path, pem.data, pem.size, 0644, e);
	blob_clear(&pem);
	return r;
}

static int
issuer_make(struct ceremony *c, struct err *e)
{
	struct sign_issuer *i = &c->s.issuers[c->s.n_issuers++];
	int64_t now = clock_now();

	if (keys_make(c, i, e) < 0 ||
	    (c->trial && ica_certify(c, i, now, e) < 0))
		return -1;
	return key_place(c, i->name, i->key, e);
}

/* All is made in ca.new, which becomes ca in one step. */
static int
authority_make(struct ceremony *c, const char *final, struct err *e)
{
	struct journal *j;

	if (mkdir(c->s.folder, 0700) < 0)
		return err_set(e, ERR_CONFLICT, "ca-exists",
		    "%s: %s; it is left from an attempt that was stopped: "
		    "remove it", c->s.folder, strerror(errno));
	if ((c->trial && root_make(c, clock_now(), e) < 0) ||
	    issuer_make(c, e) < 0 ||
	    sign_log_key_make(&c->s, c->passphrase, e) < 0)
		return -1;
	j = journal_open(c->s.folder, true, NULL, NULL, e);
	if (j == NULL)
		return -1;
	journal_close(j);
	if (owner_set(c, e) < 0 ||
	    outputs_write(c, &c->s.issuers[c->s.n_issuers - 1], e) < 0)
		return -1;
	if (rename(c->s.folder, final) < 0)
		return err_set(e, ERR_CONFLICT, "ca-exists",
		    "%s: %s: an authority is there already, and nothing is "
		    "overwritten", final, strerror(errno));
	return 0;
}

static void
folder_remove(const char *folder)
{
	struct dirent **found = NULL;
	int n = scandir(folder, &found, NULL, NULL);

	for (int i = 0; i < n; i++) {
		char path[CONF_PATH_SIZE];

		if (path_join(path, sizeof path, folder,
		    found[i]->d_name) == 0)
			unlink(path);
		free(found[i]);
	}
	free(found);
	rmdir(folder);
}

/* Is there something in it?  An empty folder may have been made for us. */
static bool
folder_used(const char *folder)
{
	struct dirent **found = NULL;
	int n = scandir(folder, &found, NULL, NULL);

	for (int i = 0; i < n; i++)
		free(found[i]);
	free(found);
	return n > 2;
}

int
ceremony_init(const struct conf *conf, bool trial, const char *passphrase,
    struct err *e)
{
	struct ceremony *c = xcalloc(1, sizeof *c);
	char final[CONF_PATH_SIZE];
	int r = -1;

	c->s.conf = *conf;
	c->passphrase = passphrase;
	c->trial = trial;
	ceremony_name(c, 1);
	conf_path(conf, final, FOLDER_CA);
	conf_path(conf, c->s.folder, FOLDER_CA ".new");
	if (folder_used(final)) {
		err_set(e, ERR_CONFLICT, "ca-exists",
		    "%s holds an authority already: nothing is overwritten",
		    final);
		goto out;
	}
	if (outputs_check(c, e) < 0)
		goto out;
	r = authority_make(c, final, e);
	if (r < 0 && (e == NULL || strcmp(e->clause, "ca-exists") != 0))
		folder_remove(c->s.folder);
	else if (r == 0)
		log_info("authority made issuer=%s folder=%s %s", c->name,
		    final, trial ? "root=trial" : "waiting for import");
out:
	sign_issuers_clear(&c->s);
	free(c);
	return r;
}

static int
room_check(struct ceremony *c, struct err *e)
{
	if (c->s.n_issuers == ISSUERS_MAX)
		return err_set(e, ERR_REFUSED, "ca-folder",
		    "%d issuers are the most: move the files of a closed one "
		    "out of %s", ISSUERS_MAX, c->s.folder);
	/* the roots of a trial are made here; others are somebody else's */
	if (c->trial && c->s.root == NULL && c->s.person_root == NULL)
		return err_set(e, ERR_REFUSED, "ca-folder",
		    "the root is not ours: give --outside, and have it sign "
		    "the PKCS#10");
	return outputs_check(c, e);
}

/* The next generation (S1.4), beside those that are there.  The first one for
 * people gets a root of its own (G5). */
static int
next_make(struct ceremony *c, struct err *e)
{
	int newest = 0;

	for (size_t i = 0; i < c->s.n_issuers; i++)
		if (c->s.issuers[i].person == c->person &&
		    c->s.issuers[i].generation > newest)
			newest = c->s.issuers[i].generation;
	ceremony_name(c, newest + 1);
	if (room_check(c, e) < 0)
		return -1;
	if (c->trial && *root_of(c) == NULL &&
	    root_make(c, clock_now(), e) < 0)
		return -1;
	if (issuer_make(c, e) < 0)
		return -1;
	return outputs_write(c, &c->s.issuers[c->s.n_issuers - 1], e);
}

int
ceremony_next(const struct conf *conf, bool person, bool trial,
    const char *passphrase, struct err *e)
{
	struct ceremony *c = xcalloc(1, sizeof *c);
	int r = -1;

	c->s.conf = *conf;
	c->passphrase = passphrase;
	c->trial = trial;
	c->person = person;
	conf_path(conf, c->s.folder, FOLDER_CA);
	if (sign_issuers_load(&c->s, passphrase, e) == 0)
		r = next_make(c, e);
	if (r == 0) {
		log_info("issuer made name=%s %s", c->name, trial ?
		    "root=trial" : "waiting for import");
		printf("%s\n", c->name);
	}
	sign_issuers_clear(&c->s);
	free(c);
	return r;
}
