/* report_job.c - reports that are being made: one after the other, each asked
 * for again by its number until it is there. */
#include "core/registrar/report/report_job.h"

#include <string.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/registrar/audit/tables.h"
#include "core/registrar/db.h"
#include "core/registrar/registrar.h"

#define JOBS_MOST 8
#define TURN_MS 20

enum stage { FREE, QUEUED, RUNNING, DONE, FAILED };

static struct job {
	int64_t number;
	enum stage stage;
	struct order order;
	int64_t made;		/* when its snapshot was taken */
	struct buf csv;		/* or "CLAUSE\nTEXT" */
} jobs[JOBS_MOST];
static int64_t last_number;

/* ---- one of them ---- */

static int
copy_make(const struct order *o, struct err *e)
{
	char path[CONF_PATH_SIZE], folder[CONF_PATH_SIZE];

	conf_path(&conf, folder, "db");
	if (path_join(path, sizeof path, folder, o->copy) < 0)
		return err_set(e, ERR_BAD_INPUT, "backup",
		    "The path is too long.");
	return db_copy(path, e);
}

int
order_make(const struct order *o, struct buf *b, struct err *e)
{
	struct figures f = { 0 };
	int r;

	if (o->kind == JOB_TABLES)
		return tables_put(o->step, b, e);
	if (o->kind == JOB_COPY)
		return copy_make(o, e);
	r = o->kind == JOB_EXPERIENCE ?
	    figures_experience(o->period.quarter, &f, e) :
	    figures_of_tables(&o->period, &f, e);
	if (r == 0)
		figures_csv(b, &f);
	figures_clear(&f);
	return r;
}

/* In the loop: without a child there is nobody else. */
static void
job_do(struct job *j)
{
	struct err e = { 0 };
	int r;

	j->csv.size = 0;
	j->made = clock_now();
	if ((r = order_make(&j->order, &j->csv, &e)) < 0) {
		j->csv.size = 0;
		buf_printf(&j->csv, "%s\n%s", e.clause, e.text);
	}
	j->stage = r == 0 ? DONE : FAILED;
}

static struct job *
job_at(enum stage stage)
{
	struct job *first = NULL;

	for (int i = 0; i < JOBS_MOST; i++)
		if (jobs[i].stage == stage && (first == NULL ||
		    jobs[i].number < first->number))
			first = &jobs[i];
	return first;
}

static void
next_start(void)
{
	struct job *j = job_at(QUEUED);

	if (j == NULL || job_at(RUNNING) != NULL || !report_child_there())
		return;
	j->made = clock_now();
	if (report_child_order(&j->order) == 0)
		j->stage = RUNNING;
}

/* ---- asking ---- */

static struct job *
job_find(const struct order *o, int64_t number)
{
	for (int i = 0; i < JOBS_MOST; i++) {
		struct job *j = &jobs[i];

		if (j->stage == FREE || j->order.kind != o->kind ||
		    j->order.step != o->step ||
		    strcmp(j->order.copy, o->copy) != 0 ||
		    j->order.period.quarter != o->period.quarter)
			continue;
		/* one that has not begun sees what this asker sees */
		if (number > 0 ? j->number == number : j->stage == QUEUED ||
		    o->kind == JOB_COPY)
			return j;
	}
	return NULL;
}

/* A place: free, or that of the oldest which is made; who still wants that one
 * has it made again. */
static struct job *
job_new(const struct order *o)
{
	struct job *j = job_at(FREE), *done = job_at(DONE);

	if (j == NULL)
		j = job_at(FAILED);
	if (j == NULL)
		j = done;
	if (j == NULL)
		return NULL;
	buf_clear(&j->csv);
	*j = (struct job){ .number = ++last_number, .stage = QUEUED,
		.order = *o };
	return j;
}

static int
failure_tell(const struct job *j, struct err *e)
{
	char text[512];
	char *line = NULL;
	size_t n = j->csv.size < sizeof text ? j->csv.size : sizeof text - 1;

	memcpy(text, j->csv.data, n);
	text[n] = '\0';
	if ((line = strchr(text, '\n')) == NULL)
		return err_set(e, ERR_BROKEN, "report", "%s", text);
	*line = '\0';
	return err_set(e, ERR_UNAVAILABLE, text, "%s", line + 1);
}

int
report_job_get(const struct order *o, int64_t *number, int64_t *made,
    const struct buf **csv, struct err *e)
{
	struct job *j = job_find(o, *number);

	if (j == NULL && *number > 0)
		j = job_find(o, 0);	/* forgotten meanwhile: once more */
	if (j == NULL && (j = job_new(o)) == NULL)
		return err_set(e, ERR_UNAVAILABLE, "report-busy",
		    "%d other reports are being made; ask again in a minute",
		    JOBS_MOST);
	next_start();
	if (j->stage == QUEUED && !report_child_there())
		job_do(j);
	*number = j->number;
	*made = j->made;
	*csv = &j->csv;
	if (j->stage == FAILED) {
		j->stage = FREE;
		return failure_tell(j, e);
	}
	if (j->stage != DONE)
		return 0;
	if (o->kind == JOB_COPY)
		j->stage = FREE;	/* its name says which: told once */
	return 1;
}

/* ---- the loop ---- */

void
report_job_run(void)
{
	struct job *j = job_at(RUNNING);
	bool bad = false;
	int r;

	if (j == NULL)
		return;
	if ((r = report_child_answer(&j->csv, &bad)) > 0)
		j->stage = bad ? FAILED : DONE;
	else if (r < 0)
		j->stage = QUEUED;	/* done in the loop when it is asked for */
	next_start();
}

int
report_job_wait_ms(void)
{
	return job_at(RUNNING) != NULL ? TURN_MS : 60000;
}
