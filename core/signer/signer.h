/*
 * signer.h - what the files of the signer share: the issuers whose keys it
 * holds, the journal, and the ceilings.  One process, one thread, one
 * registrar at a time.
 */
#ifndef SIGNER_SIGNER_H
#define SIGNER_SIGNER_H

#include <openssl/x509.h>

#include "core/base/conf.h"
#include "core/model/nouns.h"
#include "core/signer/journal.h"
#include "core/signer/limits.h"
#include "core/x509/cert.h"
#include "core/x509/ocsp.h"

#define ISSUERS_MAX 16
/* Of a trial: they sign their CRLs and new issuers, alone. */
#define ROOT_NAME "root"
#define ROOT_PERSON_NAME "root-person"

struct sign_issuer {
	char name[64];			/* "ica-server-1" */
	bool person;
	int generation;
	bool revoked;			/* ca/NAME.revoked exists */
	bool retired;			/* ca/NAME.retired exists */
	int64_t revoked_at;
	enum reason reason;
	EVP_PKEY *key;
	X509 *certificate;		/* NULL: pending */
	struct blob root;		/* DER of the root of its chain */
	EVP_PKEY *responder_key;
	X509 *responder;		/* NULL: none yet */
	struct ocsp_issuer ocsp;
	struct cert_frame frame;
};

struct signer {
	struct conf conf;
	char folder[CONF_PATH_SIZE];	/* ca/ */
	struct sign_issuer issuers[ISSUERS_MAX];
	size_t n_issuers;
	EVP_PKEY *root_key;		/* of a trial, or NULL */
	X509 *root;
	EVP_PKEY *person_root_key;	/* the same for personal certificates */
	X509 *person_root;
	char active[2][64];		/* [person]: ca/active-*; "" the first */
	bool ending;			/* asked to be started again */
	struct journal *journal;
	struct sign_limits limits;
	EVP_PKEY *log_key;		/* signs the heads of the log, nothing else */
	int64_t log_size;		/* of the last head; 0 none */
	uint8_t log_root[32];
	struct blob log_note;
};

/* The one of this process; the serve_ functions work on it. */
extern struct signer signer_self;

/* ---- issuers.c ---- */

/* Read every key of ca/ (opened by the passphrase) and the certificates. */
int sign_issuers_load(struct signer *s, const char *passphrase, struct err *e);
void sign_issuers_clear(struct signer *s);
struct sign_issuer *sign_issuer_named(struct signer *s, const char *name);
/* The one that the operator activated, else the first with a certificate;
 * NULL when that may not sign. */
struct sign_issuer *sign_issuer_active(struct signer *s, bool person);
/* "pending", "ready" (never activated), "active", "superseded", "revoked". */
const char *sign_issuer_state(struct signer *s, const struct sign_issuer *i);
/* S9.2: a responder certificate with half of its life left; makes a new one
 * for the same key when there is none. */
int sign_responder_renew(struct signer *s, struct sign_issuer *i,
    struct err *e);
/* Set certificate, root and frame of an issuer; takes x over. */
int sign_issuer_certify(struct signer *s, struct sign_issuer *i, X509 *x,
    const struct blob *root, struct err *e);

/* ---- checkpoint.c ---- */

/* ca/log.key and ca/log.head: read at start; a key is made when there was
 * neither. */
int sign_log_key_make(struct signer *s, const char *passphrase,
    struct err *e);
int sign_log_load(struct signer *s, const char *passphrase, struct err *e);
void sign_log_clear(struct signer *s);

/* ---- marks.c ---- */

/* NAME.retired, NAME.revoked; and active-server, active-person. */
int sign_marks_load(struct signer *s, struct sign_issuer *i, struct err *e);
int sign_active_load(struct signer *s, struct err *e);
/* Activate, retire, revoke: somebody asked who may. */
int sign_issuer_do(struct signer *s, const struct issuer_deed *a,
    struct err *e);

/* ---- deeds.c ---- */

/* May this be done without anybody's signature?  Clause signed-deed. */
int issuer_deed_unsigned(const struct signer *s, const struct issuer_deed *a,
    bool person, struct err *e);

/* ---- ca_files.c ---- */

/* ca/NAME with a prefix and a suffix: "responder-", "ica-server-1", ".key". */
int sign_path(const struct signer *s, char dst[CONF_PATH_SIZE],
    const char *before, const char *name, const char *behind);
/* [http] base_url, or http://LISTEN:PORT; without a slash at the end. */
void sign_base_url(const struct conf *c, char dst[CONF_STR_SIZE]);
int ca_cert_write(const char *path, X509 *x, struct err *e);
X509 *ca_cert_read(const char *path, struct err *e);
int ca_cert_der(X509 *x, struct blob *der);

/* ---- check.c ---- */

/* The signer's own look at a wish (S1.3, A1, G3, G4): clauses sign-*,
 * profile-*, signer-*.  *by is the issuer that would sign. */
int sign_wish_check(struct signer *s, const struct sign_wish *w, int64_t now,
    struct sign_issuer **by, struct err *e);
int sign_serial_read(uint8_t serial[SERIAL_SIZE], const char *hex);

/* ---- serve_crl.c ---- */

/* Times of a CRL or of answers: now, and for no longer than allowed. */
int sign_window_check(int64_t from, int64_t to, int64_t days, struct err *e);

/* ---- ceremony.c ---- */

/* `--init trial|outside`; `--next` and `--next-person`: the next generation
 * of the issuers for servers, or for people. */
int ceremony_init(const struct conf *c, bool trial, const char *passphrase,
    struct err *e);
int ceremony_next(const struct conf *c, bool person, bool trial,
    const char *passphrase, struct err *e);

/* ---- harden.c ---- */

/* No core, no ptrace, secrets in locked memory; before the first secret. */
void harden_early(void);
/* Lock the rest, best effort; after the keys are read. */
void harden_memory(void);
/* The passphrase from the descriptor to its end, one line end cut off; the
 * caller wipes it with secret_free(p, strlen(p)). */
char *passphrase_read(int fd, struct err *e);

#endif
