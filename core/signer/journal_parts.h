/* journal_parts.h - what the files of the journal share. */
#ifndef SIGNER_JOURNAL_PARTS_H
#define SIGNER_JOURNAL_PARTS_H

#include <sys/types.h>

#include "core/base/buf.h"
#include "core/signer/journal.h"

#define JOURNAL_MAGIC "ICAJRN01"
#define RECORD_SIZE 80u
#define HEAD_SIZE RECORD_SIZE	/* magic, 16 random octets, zeros */
/* Records that can lie unsynced when the power goes: more than a batch. */
#define TORN_RECORDS 65536u

enum record_kind { RECORD_VOID, RECORD_INTENT, RECORD_SIGNED };

/*
 * On the disk, big-endian: kind 1, serial 17, issuer 2, number 8, time 8,
 * digest 32, offset 6, size 2, CRC 4 over the record's position
 * (8 octets) and all before.
 */
struct record {
	enum record_kind kind;
	uint8_t serial[SERIAL_SIZE];
	int64_t request;	/* signed: number of its intent */
	int64_t at;
	uint8_t digest[32];	/* signed: SHA-256 of the DER */
	uint64_t policy;	/* intent: as there */
	int64_t offset;		/* signed: in journal.der */
	uint32_t size;
	uint16_t issuer;	/* intent: as there; 0 unknown */
};

/* Positions of records + 1; intent 0: empty. */
struct journal_slot {
	uint32_t intent, is_signed;
	uint32_t tag;		/* of the serial: saves a look at the disk */
};

struct journal {
	int fd, der_fd;
	uint64_t count;		/* records on the disk */
	uint64_t der_size;
	struct buf queue, der_queue;	/* not yet written */
	bool unsettled;		/* written, not yet synced */
	bool broken;		/* what is on the disk is not known any more */
	struct journal_slot *slots;
	size_t n_slots, used;	/* n_slots: a power of two */
};

/* journal_index.c */
struct journal_slot *journal_index_find(struct journal *j,
    const uint8_t serial[SERIAL_SIZE]);
void journal_index_add(struct journal *j, const uint8_t serial[SERIAL_SIZE],
    uint32_t intent);
/* Mark intent number as signed by the record at position + 1. */
void journal_index_sign(struct journal *j, const uint8_t serial[SERIAL_SIZE],
    uint32_t intent, uint32_t is_signed);

/* journal_load.c */
void journal_record_put(struct buf *b, const struct record *r, uint64_t position);
/* From the disk or the queue; -1 when it cannot be read. */
int journal_record(struct journal *j, uint64_t position, struct record *r);
int fd_pread_all(int fd, void *data, size_t size, off_t at);
int fd_pwrite_all(int fd, const void *data, size_t size, off_t at);

#endif
