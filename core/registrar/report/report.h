/*
 * report.h - a quarter's figures: made from the tables, made again from the
 * audit log alone, and as CSV (P5.1 - P5.4, R8.1).
 */
#ifndef REGISTRAR_REPORT_H
#define REGISTRAR_REPORT_H

#include "core/base/buf.h"
#include "core/registrar/registrar.h"

/* What is counted: from .. until is the quarter, or as far as it has come. */
struct period {
	int64_t quarter;
	int64_t from, until;
};

/* Figures, in the order of their names. */
struct figures {
	struct figure *rows;
	size_t n_rows;
};
void figures_clear(struct figures *f);
/* The figure of that name, made (with 0) when there is none.  Good until the
 * next is made. */
struct figure *figure_of(struct figures *f, const char *unit,
    const char *name, ...) __attribute__((format(printf, 3, 4)));
/* NULL when there is none. */
const struct figure *figure_find(const struct figures *f, const char *name);
void figures_sort(struct figures *f);

/* Times that were waited: what half and nine tenths of them are below. */
struct waits {
	int64_t *seconds;
	size_t n, room;
};
void waits_add(struct waits *w, int64_t seconds);
/* NAME.count, NAME.p50, NAME.p90; empties it. */
void waits_figures(struct waits *w, struct figures *f, const char *name);

/* Sums of money and certificates into figures, the same from both roads:
 * cost.CUR.*, income, unit, fees, budget, balance. */
struct money_facts {
	struct ledger_sum *sums;	/* of the quarter */
	size_t n_sums;
	struct ledger_sum *year;	/* of the year until its end */
	size_t n_year;
	struct money *balances;		/* of all time until its end */
	size_t n_balances;
	struct money *fees;
	size_t n_fees;
	struct budget *budgets;		/* of its year */
	size_t n_budgets;
	int64_t issued;
};
void money_figures(const struct money_facts *m, struct figures *f);
void money_facts_clear(struct money_facts *m);

/* ---- report_figures.c: from the tables ---- */
int figures_of_tables(const struct period *p, struct figures *f,
    struct err *e);
/* Those of money alone, when so many were issued. */
int figures_of_money(const struct period *p, int64_t issued,
    struct figures *f, struct err *e);

/* The experience of a quarter so far alone (R8.1). */
int figures_experience(int64_t quarter, struct figures *f, struct err *e);
/* As lines for /metrics. */
void figures_metrics(struct buf *b, const struct figures *f);

/* ---- report_log.c: from the audit entries alone ---- */
/* Entries up to the one that submitted this quarter's report, or all;
 * *entries: how many were read; *erased: how many of those that count had no
 * detail any more; sha256: the hash that was submitted, zero when none was. */
int figures_of_log(const struct period *p, struct figures *f,
    int64_t *entries, int64_t *erased, uint8_t sha256[32], struct err *e);

/* ---- report_csv.c ---- */
void figures_csv(struct buf *b, const struct figures *f);
/* ERR_BROKEN when it is not what figures_csv() wrote. */
int figures_parse(const uint8_t *csv, size_t size, struct figures *f,
    struct err *e);

/* ---- report.c, report_watch.c ---- */

/* Every quarter since the log began, newest first. */
int reports_load(struct report_page *all, struct err *e);
/* When the log began. */
int64_t report_first_entry(void);
/* By the clock: the reminder, alarms of late reports. */
void report_watch_run(void);

/* ---- report_check.c: `xmpp-ica-registrar --report QUARTER DATABASE` ---- */
int report_check(const char *quarter, const char *path);

#endif
