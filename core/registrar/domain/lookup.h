/*
 * lookup.h - questions to the DNS and to servers: rows that the courier
 * takes on lease, works off, and answers.  The registrar never waits.
 */
#ifndef REGISTRAR_LOOKUP_H
#define REGISTRAR_LOOKUP_H

#include "core/registrar/registrar.h"

/* Ask, in the running transaction; one that still waits for the same is
 * enough.  subject: see the table in schema.sql. */
int lookup_ask(enum lookup_kind kind, const char *name, int64_t account,
    int64_t subject, struct err *e);
/* Does one still wait (or is in hand)?  1, 0, -1. */
int lookup_waits(enum lookup_kind kind, const char *name, int64_t subject,
    struct err *e);
/* Nobody wants to know any more. */
int lookup_drop(enum lookup_kind kind, int64_t subject, struct err *e);
/* The newest answer that was kept (live), and when it came: 1, 0 none, -1.
 * *a is zero or whole. */
int lookup_answer(enum lookup_kind kind, const char *name,
    struct lookup_result *a, int64_t *at, struct err *e);
/* A courier has just connected: leases of the one before are given anew. */
void lookups_release(void);

/* A special-use name (.example, .test) that no public DNS knows, and no
 * resolver of our own is configured that may. */
bool lookup_is_pointless(const char *name);

/* Answers go to these: proof_dns_answer() (proof.h), caa_answer() (caa.h),
 * live_answer() (live.h).  last: it will not be asked again. */

#endif
