/*
 * checkpoint.h - signed heads of the log: C2SP signed-note, tlog-checkpoint,
 * verifier keys, and cosignatures of witnesses (tlog-cosignature).
 */
#ifndef X509_CHECKPOINT_H
#define X509_CHECKPOINT_H

#include <openssl/evp.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/x509/merkle.h"

#define ORIGIN_SIZE 256		/* of a log or the name of a witness */
#define VKEY_SIZE 352		/* NAME+HASH+KEY */
#define NOTE_MAX 16384
#define NOTE_LINES 64		/* signatures that are looked at */

enum note_kind { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

/* A verifier key: name, key ID, kind and Ed25519 key. */
struct vkey {
	char name[ORIGIN_SIZE];
	uint8_t id[4];
	uint8_t kind;			/* enum note_kind */
	uint8_t key[32];
};

struct checkpoint {
	char origin[ORIGIN_SIZE];
	int64_t size;
	struct merkle_hash root;
	size_t body;			/* bytes of the note's text */
};

/* "NAME+HASH+KEY" (C2SP signed-note) read, its hash checked; and written. */
int vkey_parse(const char *text, struct vkey *v, struct err *e);
void vkey_text(const struct vkey *v, char dst[VKEY_SIZE]);
/* Of a private key that signs checkpoints under this name. */
int vkey_of(EVP_PKEY *key, const char *name, struct vkey *v, struct err *e);
/* No space, control character or plus in it. */
int note_name_check(const char *name, struct err *e);

/* Sign the text in *b, which ends with a line feed, as a note. */
int note_sign(struct buf *b, EVP_PKEY *key, const char *origin,
    struct err *e);
/* The whole note, signed. */
int checkpoint_sign(struct buf *b, EVP_PKEY *key, const char *origin,
    int64_t size, const struct merkle_hash *root, struct err *e);
/* Read the form of a note; no signature is looked at. */
int checkpoint_parse(const uint8_t *note, size_t size, struct checkpoint *c,
    struct err *e);
/*
 * Is there a good signature (kind 1) or cosignature (kind 4) by this key?
 * 1 yes (*line, when given, is its line, *at a cosignature's time), 0 none by
 * that key, -1 one that is wrong.
 */
int note_verify(const uint8_t *note, size_t size, const struct vkey *v,
    struct blob *line, int64_t *at);

#endif
