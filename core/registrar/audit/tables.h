/*
 * tables.h - the other tables held against the log while the authority runs:
 * in the registrar's child (report_job.h), a few questions at a time.
 */
#ifndef REGISTRAR_TABLES_H
#define REGISTRAR_TABLES_H

#include "core/base/buf.h"
#include "core/registrar/registrar.h"

/* In the child: from `step` on, for a while; what tables_go() reads. */
int tables_put(int64_t step, struct buf *b, struct err *e);

/* In the loop, after a good walk: from the first table on. */
void tables_begin(void);
/* 1: all were compared, *r is bad when one differs; 0: ask again; -1. */
int tables_go(struct audit_check *r, struct err *e);
/* All of them now: where nobody else waits. */
int tables_compare(struct audit_check *r, struct err *e);

#endif
