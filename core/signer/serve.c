/* serve.c - the signer's other answers: issuers, OCSP answers, the journal, and the import of an ICA certificate. */
#include "core/signer/signer.h"

#include <string.h>
#include <time.h>
#include <openssl/pem.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/signer/serve_parts.h"
#include "core/x509/ca.h"
#include "core/x509/hash.h"

#define IMPORT_ROOTS 8		/* root, and what stands between */
/* OpenSSL would ask the terminal for one when the PEM says it is encrypted */
#define NO_PASSPHRASE ((void *)"")

static int64_t
time_of(const ASN1_TIME *t)
{
	struct tm tm = { 0 };

	return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static int
issuer_describe(struct signer *s, const struct sign_issuer *i,
    struct issuer *out, struct err *e)
{
	unsigned char *spki = NULL;
	int n = i2d_PUBKEY(i->key, &spki);

	str_copy(out->name, sizeof out->name, i->name);
	str_copy(out->purpose, sizeof out->purpose,
	    i->person ? "person" : "server");
	str_copy(out->state, sizeof out->state, sign_issuer_state(s, i));
	if (n > 0)
		sha256(out->spki_sha256, spki, (size_t)n);
	OPENSSL_free(spki);
	if (i->certificate == NULL)
		return 0;
	out->revoked = i->revoked_at;
	out->reason = i->reason;
	out->not_before = time_of(X509_get0_notBefore(i->certificate));
	out->not_after = time_of(X509_get0_notAfter(i->certificate));
	blob_set(&out->root, i->root.data, i->root.size);
	if (ca_cert_der(i->certificate, &out->der) < 0 ||
	    (i->responder != NULL &&
	    ca_cert_der(i->responder, &out->responder) < 0))
		return err_set(e, ERR_BROKEN, "ca-file",
		    "OpenSSL does not encode a certificate");
	return 0;
}

int
serve_sign_issuers(struct seat *seat, const struct none *a,
    struct issuer_list *r, struct err *e)
{
	(void)seat;
	(void)a;
	for (size_t k = 0; k < signer_self.n_issuers; k++)
		if (issuer_describe(&signer_self, &signer_self.issuers[k],
		    LIST_ADD(r, rows), e) < 0)
			return -1;
	return 0;
}

/* DigiNotar's lesson: `good` only for what this journal knows. */
static bool
status_believed(const struct status *st)
{
	uint8_t serial[SERIAL_SIZE];

	if (st->state == CERTIFICATE_REVOKED || st->state == CERTIFICATE_NONE)
		return true;
	return sign_serial_read(serial, st->serial) == 0 &&
	    journal_find(signer_self.journal, serial, NULL) != SERIAL_NEW;
}

int
serve_sign_answers(struct seat *seat, const struct answer_wish *a,
    struct answer_batch *r, struct err *e)
{
	struct sign_issuer *i = sign_issuer_named(&signer_self, a->issuer);
	struct err why = { 0 };

	(void)seat;
	if (i == NULL)
		return err_set(e, ERR_NOT_FOUND, "issuer-none",
		    "there is no issuer \"%s\"", a->issuer);
	if (sign_window_check(a->this_update, a->next_update,
	    signer_self.conf.publish_answer_days, e) < 0)
		return -1;
	if (sign_responder_renew(&signer_self, i, &why) < 0) {
		if (i->responder == NULL) {
			*e = why;
			return -1;
		}
		log_warn("responder not renewed issuer=%s: %s", i->name,
		    why.text);
	}
	for (size_t k = 0; k < a->n_entries; k++) {
		struct answer_item *item = LIST_ADD(r, items);

		str_copy(item->serial, sizeof item->serial,
		    a->entries[k].serial);
		if (!status_believed(&a->entries[k])) {
			log_warn("answer refused: serial=%s was never "
			    "announced here", a->entries[k].serial);
			continue;
		}
		if (ocsp_sign(&i->ocsp, i->responder_key, &a->entries[k],
		    a->this_update, a->next_update, item, e) < 0)
			return -1;
	}
	return ca_cert_der(i->responder, &r->responder);
}

int
serve_sign_journal(struct seat *seat, const struct journal_wish *a,
    struct journal_page *r, struct err *e)
{
	(void)seat;
	return journal_page(signer_self.journal, a->after, r, e);
}

static STACK_OF(X509) *
import_roots(const struct blob *pem)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	BIO *in = BIO_new_mem_buf(pem->data, (int)pem->size);
	X509 *x;

	while (in != NULL && sk_X509_num(all) < IMPORT_ROOTS &&
	    (x = PEM_read_bio_X509(in, NULL, NULL, NO_PASSPHRASE)) != NULL)
		sk_X509_push(all, x);
	BIO_free(in);
	return all;
}

/* The pending issuer whose key it is; else any pending one, for the error. */
static struct sign_issuer *
pending_for(struct signer *s, X509 *x)
{
	struct sign_issuer *any = NULL;

	for (size_t k = 0; k < s->n_issuers; k++) {
		struct sign_issuer *i = &s->issuers[k];

		if (i->certificate != NULL)
			continue;
		if (EVP_PKEY_eq(X509_get0_pubkey(x), i->key) == 1)
			return i;
		any = i;
	}
	return any;
}

/* Who asked and did not hear the answer asks again: the same changes nothing. */
static struct sign_issuer *
imported_as(struct signer *s, const X509 *x)
{
	for (size_t k = 0; k < s->n_issuers; k++)
		if (s->issuers[k].certificate != NULL &&
		    X509_cmp(s->issuers[k].certificate, x) == 0)
			return &s->issuers[k];
	return NULL;
}

/* Roots first: the certificate's file is what makes the issuer active. */
static int
import_store(struct signer *s, struct sign_issuer *i, X509 **x,
    STACK_OF(X509) *roots, struct err *e)
{
	X509 *root = ca_chain_root(*x, roots, clock_now()), *taken = *x;
	char path[CONF_PATH_SIZE];
	struct buf pem = { 0 };
	struct blob der = { 0 };
	int r = -1;

	for (int k = 0; k < sk_X509_num(roots); k++)
		if (ca_cert_der(sk_X509_value(roots, k), &der) == 0)
			cert_pem(&pem, der.data, der.size);
	if (root == NULL || ca_cert_der(root, &der) < 0 ||
	    sign_path(s, path, "", i->name, ".root.pem") < 0 ||
	    file_replace(path, pem.data, pem.size, 0644, e) < 0 ||
	    sign_path(s, path, "", i->name, ".crt") < 0 ||
	    ca_cert_write(path, *x, e) < 0)
		goto out;
	*x = NULL;
	if (sign_issuer_certify(s, i, taken, &der, e) == 0)
		r = sign_responder_renew(s, i, e);
out:
	blob_clear(&der);
	buf_clear(&pem);
	return r;
}

int
serve_sign_import(struct seat *seat, const struct import_wish *a,
    struct issuer *r, struct err *e)
{
	STACK_OF(X509) *roots = import_roots(&a->roots);
	X509 *x = ca_certificate_parse(&a->certificate);
	struct sign_issuer *i = NULL;
	int done = -1;

	(void)seat;
	if (x == NULL) {
		err_set(e, ERR_BAD_INPUT, "import-form",
		    "this is no certificate: give the signed ICA certificate "
		    "as PEM or DER");
		goto out;
	}
	if (sk_X509_num(roots) == 0) {
		err_set(e, ERR_BAD_INPUT, "import-chain",
		    "no root was given: give the root's certificate, and "
		    "what stands between, as PEM");
		goto out;
	}
	if ((i = imported_as(&signer_self, x)) != NULL) {
		done = issuer_describe(&signer_self, i, r, e);
		goto out;
	}
	if ((i = pending_for(&signer_self, x)) == NULL) {
		err_set(e, ERR_CONFLICT, "import-none",
		    "no issuer waits for a certificate");
		goto out;
	}
	if (ca_import_check(x, i->key, roots, i->person, clock_now(), e) < 0 ||
	    import_store(&signer_self, i, &x, roots, e) < 0)
		goto out;
	log_info("imported issuer=%s", i->name);
	done = issuer_describe(&signer_self, i, r, e);
out:
	X509_free(x);
	sk_X509_pop_free(roots, X509_free);
	return done;
}
