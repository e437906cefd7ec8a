/*
 * revocation.h - what the roads to a revocation share: the owner's and the
 * staff's request, the proof by the certified key, and the plans that take
 * many certificates back.
 */
#ifndef REGISTRAR_REVOCATION_H
#define REGISTRAR_REVOCATION_H

#include "core/registrar/registrar.h"

/* A certificate that may be taken back. */
struct target {
	int64_t number, request, account, not_after;
	char serial[42];
	bool good;
	uint8_t spki_sha256[32];
};

/* Who takes it back, and why. */
struct revoker {
	const struct seat *seat;
	enum role as;		/* ROLE_GUEST: by the key of the certificate */
	enum reason reason;
	int64_t plan;		/* 0 none; else the CRL waits for its end */
};

/* By number of certificate or by serial: 1 found, 0, -1. */
int target_load(int64_t certificate, struct target *t, struct err *e);
int target_load_by_serial(const char *serial, struct target *t,
    struct err *e);

/* S7.2; -1 with rule reason-not-allowed. */
int reason_check(bool staff, enum reason reason, struct err *e);

/* The revocation of a certificate that counts, the first: 1, 0 none, -1. */
int revocation_first(int64_t certificate, struct revocation *r,
    struct err *e);
/* "staff", "the holder of its key": for sentences. */
const char *revoker_shown(const struct revoker *d);

/* Rows, entries, blocked key, publishing, letters; of a good certificate. */
int certificate_revoke(const struct revoker *d, const struct target *t,
    struct err *e);
/* S7.3, S7.6: the same when it is good, nothing when it is revoked; but a key
 * is blocked again and again.  *r is the revocation that counts, with the
 * other good certificates of the key that the revoker's seat may see; with
 * `all` those are revoked too. */
int certificate_take_back(const struct revoker *d, const struct target *t,
    bool all, struct revocation *r, struct err *e);

#endif
