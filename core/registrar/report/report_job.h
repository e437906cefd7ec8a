/*
 * report_job.h - figures made, and tables compared with the log, beside the
 * loop: a child of the registrar, which was parted from it before the database
 * was opened, reads a snapshot of its own, and everybody else is answered
 * meanwhile.
 */
#ifndef REGISTRAR_REPORT_JOB_H
#define REGISTRAR_REPORT_JOB_H

#include "core/base/buf.h"
#include "core/registrar/report/report.h"

enum job_kind { JOB_REPORT, JOB_EXPERIENCE, JOB_TABLES, JOB_COPY };

/* What crosses to the child. */
struct order {
	struct period period;
	int64_t kind;
	int64_t step;		/* of JOB_TABLES: where to go on */
	char copy[64];		/* of JOB_COPY: the new file in db/ */
};
/* What an order asks for: CSV, or what tables_put() gives; nothing when it is
 * a copy. */
int order_make(const struct order *o, struct buf *b, struct err *e);

/* ---- report_child.c ---- */

/* Before the database is opened.  Without it, or when it has died, figures are
 * made in the loop, as in tests and offline. */
int report_child_start(struct err *e);
bool report_child_there(void);
int report_child_order(const struct order *o);
/* 1 the answer is whole (*bad: it is "CLAUSE\nTEXT"), 0 not yet, -1 the child
 * is gone. */
int report_child_answer(struct buf *b, bool *bad);
void report_child_end(void);

/* ---- report_job.c ---- */

/* 1: *csv holds what was counted at *made; borrowed, until the next call.
 * 0: it is being made; ask again with *job, which begins as 0. */
int report_job_get(const struct order *o, int64_t *job, int64_t *made,
    const struct buf **csv, struct err *e);
/* From the loop, at every turn; and when the next turn is wanted. */
void report_job_run(void);
int report_job_wait_ms(void);

#endif
