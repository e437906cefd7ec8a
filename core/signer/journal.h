/*
 * journal.h - the signer's own memory: no signature without an earlier,
 * durable record of the intent (S5.7).
 *
 * Two append-only files in ca/.  `journal`: a head, then records of 80 bytes,
 * each with its position and a CRC-32C.  An intent {serial, request, time,
 * digest, policy} is on the disk before the key is touched; a signed record
 * {serial, where the DER lies, its SHA-256} follows, without a sync of its own.
 * `journal.der`: the certificates.  A serial that has only an intent when the
 * signer starts is burnt; so is one whose DER did not survive.  In memory: 12
 * bytes a slot, no more than 0.7 full.
 *
 * A torn end is cut off and kept beside in `journal.torn`; damage further
 * inside refuses the start.
 */
#ifndef SIGNER_JOURNAL_H
#define SIGNER_JOURNAL_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/model/nouns.h"

#define SERIAL_SIZE 17		/* lead 01..7f, then 16 random octets */

struct journal;

struct intent {
	uint8_t serial[SERIAL_SIZE];
	int64_t request;
	int64_t at;
	uint8_t digest[32];	/* that was approved */
	uint16_t issuer;	/* generation; INTENT_PERSON: of a personal one */
	uint64_t policy;	/* first octets of its hash; 0: not told */
};

#define INTENT_PERSON 0x8000u

enum serial_state { SERIAL_NEW, SERIAL_INTENDED, SERIAL_SIGNED };

/* Open, or make when create; for_each (may be NULL) sees each intent's time. */
struct journal *journal_open(const char *folder, bool create,
    void (*for_each)(void *user, int64_t at), void *user, struct err *e);
void journal_close(struct journal *j);

/* What is known of a serial; *intent (may be NULL) is filled unless new. */
enum serial_state journal_find(struct journal *j,
    const uint8_t serial[SERIAL_SIZE], struct intent *intent);

/* Before a batch: write what an earlier one could not (a full disk); -1: the
 * journal takes nothing now. */
int journal_ready(struct journal *j, struct err *e);
/* Queue an intent: from now on the serial is SERIAL_INTENDED. */
void journal_intend(struct journal *j, const struct intent *i);
/* All queued intents on the disk; on -1 nothing may be signed. */
int journal_intents_sync(struct journal *j, struct err *e);

/* Queue the certificate of an intended serial. */
void journal_signed(struct journal *j, const uint8_t serial[SERIAL_SIZE],
    const uint8_t *der, size_t size);
/* Write what journal_signed() queued (when that fails it stays queued);
 * journal_settle() makes it durable: call it when idle.  The next
 * journal_intents_sync() does so too, but for the certificates' bytes. */
int journal_signed_write(struct journal *j, struct err *e);
int journal_settle(struct journal *j, struct err *e);
bool journal_unsettled(const struct journal *j);

/* The same bytes again; -1 (clause serial-burnt) when they did not survive. */
int journal_certificate(struct journal *j,
    const uint8_t serial[SERIAL_SIZE], struct blob *der, struct err *e);

/* Entries with a greater number, at most 1000. */
int journal_page(struct journal *j, int64_t after, struct journal_page *out,
    struct err *e);

#endif
