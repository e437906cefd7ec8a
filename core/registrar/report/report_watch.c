/* report_watch.c - the director is reminded of a quarter that ends; a report
 * that is not submitted in time raises an alarm (P5.5). */
#include "core/registrar/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/account/contact.h"
#include "core/registrar/db.h"
#include "core/registrar/kept.h"
#include "core/registrar/report/quarter.h"
#include "core/registrar/letter/tell.h"

#define DAY 86400
#define REMIND_DAYS 14
#define DIRECTORS_MOST 32

enum { Q_FIRST, Q_DIRECTORS, Q_OPEN };

static const char *const sql[] = {
	[Q_FIRST] = "SELECT at FROM audit WHERE number = 1",
	[Q_DIRECTORS] = "SELECT number FROM account"
	    " WHERE role = 'director' AND role <> 'member'"
	    " AND state = 'active' LIMIT 32",
	[Q_OPEN] = "SELECT object FROM alarm WHERE kind = 'report'"
	    " AND state <> 'over' LIMIT 400",
};
DB_STATEMENTS(report_watch, sql)

static const char reminded_name[] = "report.reminded";

int64_t
report_first_entry(void)
{
	struct query *q = db_query(report_watch_prepared[Q_FIRST]);
	int64_t at = clock_now();

	if (q_next(q, NULL) == 1)
		at = q_col_i64(q, 0);
	q_end(q);
	return at;
}

/* ---- the reminder ---- */

static bool
reminded(const char *quarter)
{
	char value[32];

	kept_text(reminded_name, value, sizeof value, NULL);
	return strcmp(value, quarter) == 0;
}

static int
directors_tell(const char *quarter, const char *end, const char *due,
    struct err *e)
{
	const struct blank blanks[] = {
		{ "QUARTER", quarter }, { "END", end }, { "DUE", due },
		{ "SSH", ssh_words() },
	};
	struct query *q = db_query(report_watch_prepared[Q_DIRECTORS]);
	int64_t list[DIRECTORS_MOST];
	size_t n = 0;
	int have;

	while ((have = q_next(q, e)) == 1)
		list[n++] = q_col_i64(q, 0);
	for (size_t i = 0; have == 0 && i < n; i++)
		have = account_tell("report-reminder", list[i], false, blanks,
		    sizeof blanks / sizeof blanks[0], e);
	return have;
}

/* Once for a quarter, in its last two weeks. */
static int
remind(struct err *e)
{
	int64_t quarter = quarter_of(clock_now());
	int64_t end = quarter_begin(quarter + 1);
	char name[QUARTER_SIZE], day[TIME_TEXT_SIZE], due[TIME_TEXT_SIZE];

	quarter_text(name, quarter);
	if (clock_now() < end - REMIND_DAYS * DAY || reminded(name))
		return 0;
	time_text(day, end - 1);
	time_text(due, end + conf.costs_report_days * DAY);
	day[10] = due[10] = '\0';
	if (directors_tell(name, day, due, e) < 0)
		return -1;
	return kept_text_set(reminded_name, name, e) < 0 ? -1 : audit_add(NULL, "report.remind",
	    "report", name, OUTCOME_DONE, e, "ends on %s", day);
}

/* ---- late ones ---- */

static int
late_raise(struct err *e)
{
	int64_t first = quarter_of(report_first_entry());
	struct report_page all = { 0 };
	int r = reports_load(&all, e);

	for (size_t i = 0; r == 0 && i < all.n_rows; i++) {
		const struct report_row *n = &all.rows[i];
		char due[TIME_TEXT_SIZE];

		if (strcmp(n->state, "late") != 0 || n->number < first)
			continue;
		time_text(due, n->due);
		due[10] = '\0';
		r = alarm_raise(ALARM_REPORT, n->quarter, e,
		    "the report of %s was due on %s; the director looks at it with `report %s` and submits it with `report submit %s`",
		    n->quarter, due, n->quarter, n->quarter);
	}
	NOUN_CLEAR(report_page, &all);
	return r;
}

/* A clock that was ahead has called reports late that are not due yet. */
static int
early_clear(struct err *e)
{
	struct query *q = db_query(report_watch_prepared[Q_OPEN]);
	char (*late)[96] = xcalloc(400, sizeof *late);
	int64_t quarter;
	size_t n = 0;
	int r;

	while ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, late[n], sizeof *late);
		if (quarter_parse(late[n], &quarter, NULL) == 0 &&
		    quarter_begin(quarter + 1) + conf.costs_report_days *
		    DAY > clock_now())
			n++;
	}
	for (size_t i = 0; r == 0 && i < n; i++)
		r = alarm_clear(ALARM_REPORT, late[i], e);
	free(late);
	return r;
}

void
report_watch_run(void)
{
	struct err e = { 0 };

	if (remind(&e) < 0 || late_raise(&e) < 0 || early_clear(&e) < 0)
		log_warn("report: %s", e.text);
}
LOOP_TIMER(report, 600, report_watch_run)
