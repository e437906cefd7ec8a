/*
 * publish.h - what the files that make the published set share.
 */
#ifndef REGISTRAR_PUBLISH_H
#define REGISTRAR_PUBLISH_H

#include "core/registrar/registrar.h"
#include "core/x509/answers.h"

#define SIGNER_PUBLISH_MS 5000

/* ---- publish_answers.c ---- */

/* Sign and put the answers that are due, at most 200 of one issuer; *more: at
 * once again. */
int answers_round(bool *more, struct err *e);
/* Everything again: the file is new or has lost some. */
int answers_requeue_if_lost(struct err *e);
/* The one writer of the file; opened when first needed. */
struct answers *answers_writer(struct err *e);
void answers_writer_close(void);

/* ---- answer.c ---- */

/* The whole OCSP answer of a serial, DER, from the published pieces. */
int answer_assemble(const char *serial, struct blob *out, struct err *e);
void answers_fact(struct fact_list *list);

/* ---- publish_crl.c ---- */

/* Go on with the CRL in hand, or with the next that is due; *more: at once
 * again. */
int crls_round(bool *made, bool *more, struct err *e);
/* How long a CRL counts, and how often there is a new one. */
int64_t crl_life(void);
int64_t crl_period(void);
/* A CRL stands: its row, and the audit log. */
int crl_done_store(const char *name, const struct crl_begin *w,
    int64_t removed, struct err *e);
/* A CRL whose file is gone is due now. */
int crls_requeue_if_lost(struct err *e);
void crl_facts(struct fact_list *list);

/* ---- publish_root.c ---- */

/* The trial root's CRL, when it is due; nothing with an outside root. */
int root_crl_round(struct err *e);
/* Look again: another signer may have come. */
void root_crl_again(void);
void root_crl_fact(struct fact_list *list);

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

#endif
