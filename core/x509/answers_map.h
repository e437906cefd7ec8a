/* answers_map.h - the bytes of the answers file (core/x509/answers.h), and
 * what its reader and its writer share. */
#ifndef X509_ANSWERS_MAP_H
#define X509_ANSWERS_MAP_H

#include <sys/stat.h>

#include "core/x509/answers.h"

#define ANSWERS_MAGIC "ICAANSW1"
#define ANSWERS_VERSION 2u
#define ANSWERS_ISSUERS 64u
#define ANSWERS_SLOTS_LEAST 1024u
#define ANSWERS_SIGNATURE 72u	/* longest of P-256, DER */
#define RESPONDER_MAX 2048u

/* All little-endian; times in seconds since 1970, good to the year 2106.
 * Three cache lines. */
struct answer_slot {
	uint32_t sequence;		/* odd: being written */
	uint32_t crc;			/* CRC-32C of all that follows */
	uint8_t serial_size;		/* 0: free */
	uint8_t state, reason, issuer;
	uint8_t serial[SERIAL_MAX];
	uint32_t revoked, this_update, next_update;
	uint8_t signature_size[2];
	uint8_t last;
	uint8_t zero[1];
	uint8_t signature[2][ANSWERS_SIGNATURE];
};
_Static_assert(sizeof(struct answer_slot) == 192, "answer slot");

struct answer_issuer {
	char name[64];
	struct ocsp_issuer hashes;
	uint32_t responder_size;
	uint8_t responder[RESPONDER_MAX];
};
_Static_assert(sizeof(struct answer_issuer) == 64 + 124 + 4 + 2048,
    "answer issuer");

/*
 * A change is first written whole to `redo`, then to its slot: whoever finds
 * a slot half written (its writer was killed) has the whole there.  Issuer
 * rows never change in place: n_issuers only grows; a changed row is a new
 * file.
 */
struct answer_head {
	char magic[8];
	uint32_t version;
	uint32_t n_issuers;
	uint64_t n_slots;
	uint64_t used;
	uint64_t generation;		/* files made before this one */
	uint32_t retired;		/* 1: another file stands at the path */
	uint32_t redo_valid;
	uint64_t redo_slot;
	struct answer_slot redo;
	/* 0: all is on the disk; else in which life of the host it was not.
	 * After the machine was lost, answers may be old ones then. */
	uint64_t unsettled;
	struct answer_issuer issuers[ANSWERS_ISSUERS];
};
#define ANSWERS_HEAD_SIZE 147456u	/* whole pages; slots follow */
_Static_assert(sizeof(struct answer_head) <= ANSWERS_HEAD_SIZE,
    "answers head");

struct answers {
	char *path;
	int fd;
	bool writer;
	size_t size;
	struct answer_head *head;
	struct answer_slot *slots;
	dev_t device;
	ino_t inode;
	size_t lost;			/* writer: slots that were damaged */
	size_t reserved;		/* writer: as many will come */
	size_t settled;			/* writer: how far on the disk, */
	size_t since;			/* and how many were put meanwhile */
	/* of answers_health(), kept for a while; the look under way */
	int64_t health_at, health_next, health_pause, looking_least;
	uint64_t looking;
};

/* FNV-1a of the serial. */
uint64_t answers_home(const uint8_t *serial, size_t size);
uint32_t slot_crc(const struct answer_slot *s);
/* Map an open file and check its head. */
int answers_map(struct answers *a, struct err *e);
void answers_unmap(struct answers *a);
/* A consistent copy of slot i; false: free or damaged (*out is zero then). */
bool slot_read(const struct answers *a, uint64_t i, struct answer_slot *out);

#endif
