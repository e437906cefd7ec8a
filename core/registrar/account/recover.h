/* recover.h - what recover.c (the guest's side) and recovery.c (time, the
 * owner's and the staff's side) share. */
#ifndef REGISTRAR_RECOVER_H
#define REGISTRAR_RECOVER_H

#include "core/registrar/registrar.h"

struct waiting_recovery {
	int64_t number, account, begun, due, approved_by;
	bool needs_approval;
	enum role role;
	char name[33], fingerprint[64], line[1024];
	uint8_t stop_hash[32];
};

/* The one that waits for this account: 1, 0 none, -1. */
int recovery_waiting_load(int64_t account, struct waiting_recovery *w,
    struct err *e);
int recovery_load(int64_t number, struct recovery *r, struct err *e);
/* It ends: 'done', 'stopped' or 'expired'; its alarm too, its secrets go. */
int recovery_end(const struct waiting_recovery *w, enum recovery_state how,
    struct err *e);
/* Stopped, by a key of the account, staff, or the code of a letter. */
int recovery_stopped(const struct seat *s, const struct waiting_recovery *w,
    const char *by, struct err *e);
/* When the new key opens this account; 0: nothing waits. */
int64_t recovery_due(int64_t account);

/* The timer: what is due begins to count, what nobody approved ends. */
void recovery_sweep(void);

#endif
