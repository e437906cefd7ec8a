/*
 * crl_job.h - the making of one CRL, in slices of a few milliseconds between
 * two bursts of questions, so that nobody waits for a long list.
 */
#ifndef REGISTRAR_CRL_JOB_H
#define REGISTRAR_CRL_JOB_H

#include "core/registrar/registrar.h"

/* w: issuer, shard, number and dates.  Ahead: it is kept in db/ahead. */
void crl_job_start(const struct crl_begin *w, bool ahead);
bool crl_job_runs(void);
/* A few slices; *made when that was the last.  -1 ends the job: it is begun
 * again, with the next number, when the work is tried again. */
int crl_job_run(bool *made, struct err *e);
/* How far it has come; nothing when there is none. */
void crl_job_fact(struct fact_list *list);
void crl_job_drop(void);

#endif
