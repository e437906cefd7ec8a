/*
 * answers.h - the published answers: one flat file that is mapped, found in
 * by hash of the serial, changed in place by the registrar (one writer) and
 * read by the publisher on any host that has a copy.
 *
 * Layout (all numbers little-endian, fixed width): head {magic "ICAANSW1",
 * version, slot count, used, generation, issuers}; issuer rows {struct
 * ocsp_issuer, name, responder DER <= 2 KiB}; slots, a power of two, open
 * addressing, load <= 0.7, keyed by SipHash-free FNV of the random serial:
 * {serial, state, reason, issuer, times, two signatures <= 72 bytes (P-256),
 * a sequence number, a CRC}.  A writer makes a slot's sequence odd, changes
 * it, makes it even (seqlock); a reader copies the slot and retries while it
 * is odd or has moved.  Growing, compacting or changing an issuer row writes
 * a new file and renames; readers notice by inode.
 */
#ifndef X509_ANSWERS_H
#define X509_ANSWERS_H

#include "core/x509/ocsp.h"

struct answers;			/* opaque: a mapping */

struct answer {
	struct status status;	/* state, revoked, reason (serial in hex) */
	uint8_t issuer;		/* index of the issuer row */
	int64_t this_update, next_update;
	uint8_t signature[2][80];	/* by enum certid_hash */
	uint8_t signature_size[2];	/* 0: none of that kind */
	bool last;		/* its certificate ends before it: none follows */
};

/* Open for reading; ERR_NOT_FOUND when there is no file yet. */
struct answers *answers_open(const char *path, struct err *e);
/* Open for writing, making an empty one when there is none. */
struct answers *answers_open_writer(const char *path, struct err *e);
void answers_close(struct answers *a);

/* Reader: has the file been replaced since it was opened?  (stat; call at
 * most once a second.) */
bool answers_stale(const struct answers *a);
/* Its writer says so itself; costs nothing. */
bool answers_retired(const struct answers *a);
/* How often the file had been made anew. */
uint64_t answers_generation(const struct answers *a);
/* 1 found (*out is a consistent copy), 0 not there. */
int answers_find(const struct answers *a, const uint8_t *serial,
    size_t serial_size, struct answer *out);
size_t answers_issuers(const struct answers *a);
const struct ocsp_issuer *answers_issuer(const struct answers *a, size_t i,
    const uint8_t **responder_der, size_t *responder_size);
/* Smallest next_update of those that are followed by another, and number of
 * slots in use, for /healthz and /metrics.  A large file is looked through in
 * slices, one a call; meanwhile what the last look found is said. */
void answers_health(const struct answers *a, int64_t *next_update,
    size_t *used);

/* Writer: register or refresh an issuer; its index, -1 on error (64 at most). */
int answers_issuer_put(struct answers *a, const char *name,
    const struct ocsp_issuer *i, const uint8_t *responder_der, size_t size,
    struct err *e);
/* Writer: add or replace.  Grows the file (new + rename) when too full. */
int answers_put(struct answers *a, const uint8_t *serial, size_t serial_size,
    const struct answer *in, struct err *e);
/* Writer: room for so many in all, before they come: growing a large file
 * takes a while. */
int answers_reserve(struct answers *a, size_t n, struct err *e);
/* Writer: answers that a crash of the machine had damaged and that were
 * dropped when the file was opened, or that it may have lost; when > 0, put
 * all again. */
size_t answers_lost(const struct answers *a);
/*
 * Puts outlive this process at once, and the machine when they are settled:
 * until then the file says in which life of the host it was not, and who opens
 * it in another finds answers_lost().  A slice of it, so that nobody waits;
 * *more: there is another.
 */
int answers_settle(struct answers *a, bool *more, struct err *e);
bool answers_unsettled(const struct answers *a);
/* Writer: make all puts so far durable (msync). */
int answers_sync(struct answers *a, struct err *e);

#endif
