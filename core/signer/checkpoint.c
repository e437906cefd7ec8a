/* checkpoint.c - the log's heads: one key signs each size once, and only what
 * continues the last one; no fork can be had from here. */
#include "core/signer/signer.h"

#include <string.h>
#include <unistd.h>
#include <openssl/evp.h>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/signer/serve_parts.h"
#include "core/x509/ca.h"
#include "core/x509/checkpoint.h"

#define LOG_KEY "log", ".key"
#define LOG_HEAD "log", ".head"	/* the last head, as a signed note */

/* ---- the key and the last head ---- */

int
sign_log_key_make(struct signer *s, const char *passphrase, struct err *e)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	char path[CONF_PATH_SIZE];
	int r;

	if (key == NULL)
		return err_set(e, ERR_BROKEN, "log-key",
		    "OpenSSL makes no Ed25519 key");
	r = sign_path(s, path, "", LOG_KEY) < 0 ? -1 :
	    key_write(path, key, passphrase, e);
	EVP_PKEY_free(key);
	return r;
}

static int
head_load(struct signer *s, struct err *e)
{
	char path[CONF_PATH_SIZE];
	struct checkpoint c;
	struct blob note = { 0 };
	struct vkey v;
	int r = -1;

	if (sign_path(s, path, "", LOG_HEAD) < 0)
		return -1;
	if (access(path, F_OK) < 0)
		return 0;
	if (file_read(path, NOTE_MAX, &note, e) < 0)
		return -1;
	if (checkpoint_parse(note.data, note.size, &c, e) == 0 &&
	    vkey_of(s->log_key, c.origin, &v, e) == 0 &&
	    note_verify(note.data, note.size, &v, NULL, NULL) == 1) {
		s->log_size = c.size;
		memcpy(s->log_root, c.root.bytes, 32);
		blob_set(&s->log_note, note.data, note.size);
		r = 0;
	} else {
		err_set(e, ERR_BROKEN, "log-head",
		    "%s is damaged: put back the head that was signed last; %s",
		    path, "published/log/checkpoint holds it");
	}
	blob_clear(&note);
	return r;
}

/* An authority of before there was a log gets its key now; one that has
 * signed a head never gets another. */
int
sign_log_load(struct signer *s, const char *passphrase, struct err *e)
{
	char path[CONF_PATH_SIZE], head[CONF_PATH_SIZE];

	if (sign_path(s, path, "", LOG_KEY) < 0 ||
	    sign_path(s, head, "", LOG_HEAD) < 0)
		return -1;
	if (access(path, F_OK) < 0 && access(head, F_OK) < 0 &&
	    sign_log_key_make(s, passphrase, e) < 0)
		return -1;
	if ((s->log_key = key_read(path, passphrase, e)) == NULL)
		return -1;
	return head_load(s, e);
}

void
sign_log_clear(struct signer *s)
{
	EVP_PKEY_free(s->log_key);
	s->log_key = NULL;
	s->log_size = 0;
	blob_clear(&s->log_note);
}

/* ---- answers ---- */

static int
head_tell(struct log_head *r, struct err *e)
{
	struct signer *s = &signer_self;
	struct vkey v;

	if (s->log_key == NULL)
		return err_set(e, ERR_UNAVAILABLE, "log-key",
		    "the signer holds no key for the log");
	if (vkey_of(s->log_key, s->conf.service_name, &v, e) < 0)
		return -1;
	vkey_text(&v, r->vkey);
	r->size = s->log_size;
	memcpy(r->root, s->log_root, 32);
	blob_set(&r->note, s->log_note.data, s->log_note.size);
	return 0;
}

int
serve_sign_log_head(struct seat *seat, const struct none *a,
    struct log_head *r, struct err *e)
{
	(void)seat;
	(void)a;
	return head_tell(r, e);
}

static int
fork_refuse(const struct signer *s, const struct checkpoint_wish *w,
    struct err *e)
{
	log_warn("head refused size=%lld last=%lld", (long long)w->size,
	    (long long)s->log_size);
	return err_set(e, ERR_REFUSED, "log-fork",
	    "a head of %lld entries does not continue the last one, of %lld: the log was cut or made anew",
	    (long long)w->size, (long long)s->log_size);
}

/* Does it continue what was signed last? */
static int
head_check(const struct signer *s, const struct checkpoint_wish *w,
    struct err *e)
{
	struct merkle_hash path[MERKLE_PROOF_MAX], old, root;

	if (w->size < 1 || w->n_proof > MERKLE_PROOF_MAX)
		return err_set(e, ERR_BAD_INPUT, "log-proof",
		    "a head has at least one entry, and a proof of at most %d hashes",
		    MERKLE_PROOF_MAX);
	if (s->log_size == 0)
		return 0;
	for (size_t i = 0; i < w->n_proof; i++)
		memcpy(path[i].bytes, w->proof[i].hash, 32);
	memcpy(old.bytes, s->log_root, 32);
	memcpy(root.bytes, w->root, 32);
	return merkle_consistency_check(s->log_size, &old, w->size, &root,
	    path, w->n_proof) == 0 ? 0 : fork_refuse(s, w, e);
}

/* Kept durably before it leaves: after a crash it is known here. */
static int
head_keep(struct signer *s, const struct checkpoint_wish *w,
    const struct buf *note, struct err *e)
{
	char path[CONF_PATH_SIZE];

	if (sign_path(s, path, "", LOG_HEAD) < 0 ||
	    file_replace(path, note->data, note->size, 0600, e) < 0)
		return -1;
	s->log_size = w->size;
	memcpy(s->log_root, w->root, 32);
	blob_set(&s->log_note, note->data, note->size);
	return 0;
}

int
serve_sign_checkpoint(struct seat *seat, const struct checkpoint_wish *a,
    struct log_head *r, struct err *e)
{
	struct signer *s = &signer_self;
	struct merkle_hash root;
	struct buf note = { 0 };
	int done = -1;

	(void)seat;
	if (s->log_key == NULL)
		return head_tell(r, e);
	if (head_check(s, a, e) < 0)
		return -1;
	memcpy(root.bytes, a->root, 32);
	if ((a->size == s->log_size || checkpoint_sign(&note, s->log_key,
	    s->conf.service_name, a->size, &root, e) == 0) &&
	    (note.size == 0 || head_keep(s, a, &note, e) == 0))
		done = head_tell(r, e);
	buf_clear(&note);
	return done;
}
