/*
 * crl_ahead.h - CRLs made while the signer is here, for the time when it is
 * away (S8.6).
 *
 * The rule: each has its number, thisUpdate and nextUpdate from the start.  It
 * is released when its thisUpdate has come, unless a CRL with a higher number
 * is out; every CRL that is made in the ordinary way has a higher number, so
 * from then on all that were kept are void.  A revocation that came meanwhile
 * is in none of them: they are released all the same, because a CRL that is
 * too old stops everybody who checks, and an alarm asks for the signer.
 */
#ifndef REGISTRAR_CRL_AHEAD_H
#define REGISTRAR_CRL_AHEAD_H

#include "core/registrar/registrar.h"

/* 1: *w is the next that was planned and is not made yet; 0, -1. */
int crl_ahead_next(struct crl_begin *w, struct err *e);
/* It lies in db/ahead now. */
int crl_ahead_store(const struct crl_begin *w, struct err *e);
/* A CRL with a higher number is out (in its transaction). */
int crl_ahead_void(const struct crl_begin *w, struct err *e);
/* Release what is due; *made: at least one was. */
int crl_ahead_round(bool *made, struct err *e);
/* How many are kept, and until when they last. */
void crl_ahead_facts(struct fact_list *list);

/* ---- publish_crl.c ---- */

/* Raise the number of a CRL to w->number; ERR_CONFLICT when it is as high. */
int crl_number_take(const struct crl_begin *w, struct err *e);

#endif
