/* tables.c - the other tables held against the log beside the loop, and what
 * the child has found read back (S11.2). */
#include "core/registrar/audit/tables.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/audit/rows_check.h"
#include "core/registrar/report/report_job.h"

#define SLICE_MS 300		/* a snapshot is held no longer than needed */

static struct {
	int step;
	int64_t job;
} at;

/* ---- the child's side: "STEP ROW TEXT"; ROW 0 is good ---- */

int
tables_put(int64_t step, struct buf *b, struct err *e)
{
	struct audit_check r = { .good = true };
	int next = (int)step;

	if (audit_rows_go(&next, SLICE_MS, &r, e) < 0)
		return -1;
	buf_printf(b, "%d %lld %s", next, (long long)(r.good ? 0 :
	    r.bad_row), r.text);
	return 0;
}

/* ---- the loop's ---- */

void
tables_begin(void)
{
	memset(&at, 0, sizeof at);
}

static int
answer_read(const struct buf *b, struct audit_check *r, struct err *e)
{
	char text[512];
	long long row = 0;
	int step = 0, used = 0;
	size_t n = b->size < sizeof text ? b->size : sizeof text - 1;

	if (n > 0)
		memcpy(text, b->data, n);
	text[n] = '\0';
	if (sscanf(text, "%d %lld %n", &step, &row, &used) != 2 ||
	    used == 0 || step <= at.step)
		return err_set(e, ERR_BROKEN, "audit",
		    "what compares the tables with the log said something else");
	at.step = step;
	if (row != 0) {
		r->good = false;
		r->bad_row = row;
		snprintf(r->text, sizeof r->text, "%.255s", text + used);
	}
	return 0;
}

static void
progress_say(struct audit_check *r)
{
	if (at.step < audit_rows_steps)
		snprintf(r->text, sizeof r->text,
		    "the log is whole; comparing the tables with it, %d of %d",
		    at.step + 1, audit_rows_steps);
	else if (r->good)
		snprintf(r->text, sizeof r->text,
		    "%lld entries, the chain is whole, the tables agree",
		    (long long)r->entries);
}

int
tables_go(struct audit_check *r, struct err *e)
{
	const struct order o = { .kind = JOB_TABLES, .step = at.step };
	const struct buf *b = NULL;
	int64_t made;
	int done = report_job_get(&o, &at.job, &made, &b, e);

	if (done < 0)
		return -1;
	if (done == 1) {
		at.job = 0;
		if (answer_read(b, r, e) < 0)
			return -1;
	}
	progress_say(r);
	return at.step >= audit_rows_steps;
}

int
tables_compare(struct audit_check *r, struct err *e)
{
	for (at.step = 0; at.step < audit_rows_steps;)
		if (audit_rows_go(&at.step, SLICE_MS, r, e) < 0)
			return -1;
	progress_say(r);
	return 0;
}
