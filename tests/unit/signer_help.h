/* signer_help.h - a signer in this process over a folder of its own, and
 * wishes that it grants. */
#ifndef UNIT_SIGNER_HELP_H
#define UNIT_SIGNER_HELP_H

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/signer/serve_parts.h"
#include "core/signer/signer.h"
#include "core/x509/hash.h"
#include "core/x509/profile.h"
#include "tests/unit/openssl_judge.h"

#define PASSPHRASE "correct horse battery staple"

static inline void
conf_write(const char *more)
{
	char text[1024];
	int n = snprintf(text, sizeof text, "[service]\ndir = .\n[http]\n"
	    "base_url = http://ca.example\n[policy]\nspecial_names = yes\n%s",
	    more);

	put_file("xmpp-ica.conf", text, (size_t)n);
}

static inline struct conf
conf_of_folder(void)
{
	struct conf c;
	struct err e = { 0 };

	if (conf_read(in_folder("xmpp-ica.conf"), &c, &e) < 0)
		fail_msg("%s", e.text);
	return c;
}

/* Load ca/ as main.c does. */
static inline void
signer_start(void)
{
	struct signer *s = &signer_self;
	struct err e = { 0 };

	memset(s, 0, sizeof *s);
	s->conf = conf_of_folder();
	conf_path(&s->conf, s->folder, "ca");
	sign_limits_init(&s->limits, s->conf.signer_per_hour,
	    s->conf.signer_per_day);
	if (sign_issuers_load(s, PASSPHRASE, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	s->journal = journal_open(s->folder, false, sign_limits_count,
	    &s->limits, &e);
	if (s->journal == NULL)
		fail_msg("%s: %s", e.clause, e.text);
}

static inline void
signer_stop(void)
{
	journal_close(signer_self.journal);
	signer_self.journal = NULL;
	sign_issuers_clear(&signer_self);
}

/* A fresh authority in an emptied folder. */
static inline void
signer_fresh(bool trial, const char *more)
{
	struct conf c;
	struct err e = { 0 };

	folder_wipe(judge_folder);
	if (mkdir(judge_folder, 0700) < 0)
		abort();
	conf_write(more);
	c = conf_of_folder();
	if (ceremony_init(&c, trial, PASSPHRASE, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	signer_start();
}

/* The digest that an approval of this wish would name. */
static inline void
wish_approve(struct sign_wish *w)
{
	uint8_t spki[32];

	sha256(spki, w->spki.data, w->spki.size);
	request_digest(w->digest, w->request, w->requester, w->profile,
	    w->subject_cn, w->names, w->n_names, spki, w->csr_sha256);
}

static inline void
wish_fill(struct sign_wish *w, int64_t request, const char *domain,
    EVP_PKEY *key)
{
	static struct domain_form form;
	EVP_PKEY *own = key ? key : EVP_EC_gen("P-256");
	uint8_t serial[SERIAL_SIZE], *spki = NULL;
	int64_t now = clock_now();
	int n = i2d_PUBKEY(own, &spki);

	random_bytes(serial, sizeof serial);
	serial[0] = (uint8_t)(1 + serial[0] % 0x7f);
	hex_encode(w->serial, serial, sizeof serial);
	w->request = request;
	str_copy(w->profile, sizeof w->profile, "xmpp-server");
	str_copy(w->subject_cn, sizeof w->subject_cn, domain);
	str_copy(form.ascii, sizeof form.ascii, domain);
	str_copy(form.shown, sizeof form.shown, domain);
	profile_names(profile_find(w->profile), &form, 1, &w->names,
	    &w->n_names);
	blob_set(&w->spki, spki, (size_t)n);
	w->not_before = now - 3600;
	w->not_after = w->not_before + 90 * 86400 - 1;
	str_copy(w->requester, sizeof w->requester, "juliet");
	str_copy(w->approver, sizeof w->approver, "staff");
	memset(w->csr_sha256, 0xc5, 32);
	wish_approve(w);
	OPENSSL_free(spki);
	if (key == NULL)
		EVP_PKEY_free(own);
}

static inline struct signed_batch
batch_ask(const struct sign_batch *b)
{
	struct signed_batch r = { 0 };
	struct err e = { 0 };

	if (serve_sign_certificates(NULL, b, &r, &e) < 0)
		fail_msg("%s: %s", e.clause, e.text);
	return r;
}

#endif
