/*
 * publish.h - what the files that make the published set share.
 */
#ifndef REGISTRAR_PUBLISH_H
#define REGISTRAR_PUBLISH_H

#include "core/registrar/registrar.h"
#include "core/x509/answers.h"

#define SIGNER_PUBLISH_MS 5000

/* ---- publish.c ---- */

enum work_kind { WORK_ANSWERS, WORK_CRL, WORK_ROOT };
/* Why the last try failed; "" when it did not, or none was made. */
const char *publish_why(enum work_kind kind);

/* ---- publish_watch.c ---- */

/* Alarms for what is late; by a timer, in a transaction. */
void publish_watch(void);

/* ---- publish_state.c ---- */

/* published/state.prom: numbers for the publisher's /metrics. */
int state_write(struct err *e);

/* ---- publish_answers.c ---- */

/* For how long an answer counts. */
int64_t answers_life(void);

/* How many answers were made since there was none to make, and since when;
 * 0 and 0 when none is due. */
int64_t answers_made(int64_t *since);
/* Sign and put the answers that are due, at most 200 of one issuer; *more: at
 * once again; *worked: there were some. */
int answers_round(bool *more, bool *worked, struct err *e);
/* A slice of what was put comes to the disk for certain, unless more is being
 * made; *more: there is another. */
int answers_settle_round(bool *more, struct err *e);
/* The signer is away: answers that say "good" of what is revoked by now end. */
void answers_withdraw(void);
/* Everything again: the file is new or has lost some. */
int answers_requeue_if_lost(struct err *e);
/* The one writer of the file; opened when first needed. */
struct answers *answers_writer(struct err *e);
void answers_writer_close(void);

/* ---- publish.c ---- */

/* A CRL was planned (crl_ahead.c): look at once. */
void publish_soon(void);
/* The roots' CRLs must be made anew. */
void publish_roots_soon(void);

/* ---- answer.c ---- */

/* The whole OCSP answer of a serial, DER, from the published pieces. */
int answer_assemble(const char *serial, struct blob *out, struct err *e);
void answers_fact(struct fact_list *list);
/* When the first published answer ends; 0: there is none. */
int64_t answers_soonest(void);

/* ---- publish_crl.c ---- */

/* Go on with the CRL in hand, or with the next that is due; *more: at once
 * again. */
int crls_round(bool *made, bool *more, struct err *e);
/* How long a CRL counts, and how often there is a new one. */
int64_t crl_life(void);
int64_t crl_period(void);
/* A CRL stands: its row, and the audit log. */
int crl_done_store(const struct crl_begin *w, int64_t removed,
    struct err *e);
/* One that was made ahead is out: its row, and the audit log. */
int crl_released_store(const struct crl_begin *w, struct err *e);
/* The rows of the shards that [publish] crl_shards asks for. */
int crl_shards_make(const char *issuer, struct err *e);
/* A CRL whose file is gone is due now. */
int crls_requeue_if_lost(struct err *e);
void crl_facts(struct fact_list *list);

/* ---- publish_root.c ---- */

/* The trial root's CRL, when it is due; nothing with an outside root. */
int root_crl_round(struct err *e);
/* Look again: another signer may have come. */
void root_crl_again(void);
/* An issuer was revoked: the roots' lists are made anew. */
void root_crl_changed(void);
void root_crl_fact(struct fact_list *list);
/* The i-th root's CRL: when it was made and is to be made again, both 0 when
 * that root is not here; false: there is no i-th. */
bool root_crl_times(size_t i, const char **name, int64_t *at,
    int64_t *renew);

/* ---- publish_files.c ---- */

/* published/FOLDER/NAME.SUFFIX (folder "" for the set's own). */
void published_path(char dst[CONF_PATH_SIZE], const char *folder,
    const char *name, const char *suffix);
int publish_folders(struct err *e);
int publish_chains(struct err *e);

/* ---- feed.c ---- */

/* published/feed.json: counters, issuers, CRLs, policy, head of the audit log;
 * nothing about people. */
int feed_write(struct err *e);

/* The clock has moved: look at everything at once. */
void publish_look_for_test(void);

#endif
