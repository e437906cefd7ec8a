/*
 * caa.h - CAA records (RFC 8659) of the domains of a request: looked up by
 * the courier when it is submitted and again when that is too old, kept as
 * evidence, obeyed before issuance.
 */
#ifndef REGISTRAR_CAA_H
#define REGISTRAR_CAA_H

#include "core/registrar/request/request.h"

/* Does [policy] caa make sense?  At start. */
int caa_check(struct err *e);
/* Begin to look up all domains of a new request. */
int caa_ask(const struct request_head *h, struct err *e);
/* Does an answer that has just come stand against an approval?  Writes
 * nothing. */
int caa_approvable(int64_t request, struct err *e);
/* May it be issued now?  ERR_UNAVAILABLE caa-waiting while answers are missing
 * or too old (they are asked for), ERR_REFUSED caa-forbids. */
int caa_gate(const struct request_head *h, struct err *e);
/* Fill r->caa, and say in r->refusal when issuing waits for it. */
int caa_load(struct request *r, struct err *e);

/* The value of a CAA record that lets us issue, for this account alone where
 * [policy] says how accounts are called: `ca.example; accounturi=...`.  "" when
 * no name is configured. */
void caa_value(char *dst, size_t size, const char *account);

/* What the courier found (lookup.c). */
int caa_answer(int64_t request, const char *domain,
    const struct lookup_result *a, struct err *e);

#endif
