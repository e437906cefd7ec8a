/* report.c - a quarter's report: made, signed, submitted to the Board once and
 * for all; what is to be corrected is added (P5.1, P5.2, P5.4, P5.5). */
#include "core/registrar/report/report.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/report/quarter.h"
#include "core/registrar/report/report_job.h"
#include "core/wire/ask.h"
#include "core/x509/hash.h"

enum { Q_GET, Q_ADDENDA, Q_SUBMIT, Q_ADDEND };

static const char *const sql[] = {
	[Q_GET] = "SELECT r.csv, r.sha256, r.note, r.entries, r.made, r.at,"
	    " a.name FROM report r JOIN account a ON a.number = r.account"
	    " WHERE r.quarter = ?1",
	[Q_ADDENDA] = "SELECT d.number, d.at, a.name, d.text"
	    " FROM report_addendum d JOIN account a ON a.number = d.account"
	    " WHERE d.quarter = ?1 ORDER BY d.number LIMIT 1000",
	[Q_SUBMIT] = "INSERT INTO report (quarter, csv, sha256, note, entries,"
	    " made, at, account) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[Q_ADDEND] = "INSERT INTO report_addendum (quarter, at, account, text)"
	    " VALUES (?1, ?2, ?3, ?4)",
};
DB_STATEMENTS(report, sql)

/* ---- a submitted one ---- */

static int
addenda_load(int64_t quarter, struct report *r, struct err *e)
{
	struct query *q = db_query(report_prepared[Q_ADDENDA]);
	int have;

	q_i64(q, 1, quarter);
	while ((have = q_next(q, e)) == 1) {
		struct addendum *a = LIST_ADD(r, addenda);

		a->number = q_col_i64(q, 0);
		a->at = q_col_i64(q, 1);
		q_col_str(q, 2, a->by, sizeof a->by);
		q_col_str(q, 3, a->text, sizeof a->text);
	}
	return have;
}

/* 1 it was submitted, 0 not, -1. */
static int
submitted_load(int64_t quarter, struct report *r, struct err *e)
{
	struct query *q = db_query(report_prepared[Q_GET]);
	struct figures f = { 0 };
	const uint8_t *at = NULL;
	size_t size = 0;
	int have;

	q_i64(q, 1, quarter);
	if ((have = q_next(q, e)) == 1) {
		at = q_col_blob(q, 0, &size);
		blob_set(&r->csv, at, size);
		q_col_bytes(q, 1, r->sha256, sizeof r->sha256);
		at = q_col_blob(q, 2, &size);
		blob_set(&r->note, at, size);
		r->entries = q_col_i64(q, 3);
		r->made = q_col_i64(q, 4);
		r->submitted = q_col_i64(q, 5);
		q_col_str(q, 6, r->submitted_by, sizeof r->submitted_by);
	}
	q_end(q);
	if (have != 1)
		return have;
	if (figures_parse(r->csv.data, r->csv.size, &f, e) < 0) {
		figures_clear(&f);
		return -1;
	}
	r->figures = f.rows;
	r->n_figures = f.n_rows;
	return addenda_load(quarter, r, e) < 0 ? -1 : 1;
}

/* ---- made now ---- */

/* The log's key signs, over the hash, a note of its own form, which names the
 * head that the report rests on (core/signer/report.c). */
static int
report_note(struct report *r, struct err *e)
{
	struct report_sign wish = { 0 };
	struct log_head h = { 0 };
	struct line *l = signer_line(e);
	int done = -1;

	str_copy(wish.quarter, sizeof wish.quarter, r->quarter);
	memcpy(wish.sha256, r->sha256, sizeof wish.sha256);
	if (l != NULL && ask_sign_report(l, &wish, &h, e) == 0) {
		blob_set(&r->note, h.note.data, h.note.size);
		r->entries = h.size;
		done = 0;
	}
	NOUN_CLEAR(log_head, &h);
	return done;
}

static void
csv_keep(struct report *r, const struct buf *csv)
{
	blob_set(&r->csv, csv->data, csv->size);
	sha256(r->sha256, csv->data, csv->size);
}

/* 1 made, 0 being made: the answer says under which number. */
static int
figures_make(const struct report_wish *a, int64_t quarter, struct report *r,
    struct err *e)
{
	struct order o = { .kind = JOB_REPORT, .period = { .quarter = quarter,
		.from = r->since, .until = r->until } };
	const struct buf *csv = NULL;
	struct figures f = { 0 };
	int64_t job = a->job;
	int have;

	if (clock_now() < o.period.until)
		o.period.until = clock_now() + 1;
	if ((have = report_job_get(&o, &job, &r->made, &csv, e)) <= 0) {
		r->job = have == 0 ? job : 0;
		return have;
	}
	csv_keep(r, csv);
	if (figures_parse(csv->data, csv->size, &f, e) < 0) {
		figures_clear(&f);
		return -1;
	}
	r->figures = f.rows;
	r->n_figures = f.n_rows;
	return 1;
}

static bool
is_money(const char *name)
{
	static const char *const of[] = { "cost.", "income.", "balance.",
		"fees.", "budget.", "ledger." };

	for (size_t i = 0; i < sizeof of / sizeof *of; i++)
		if (strncmp(name, of[i], strlen(of[i])) == 0)
			return true;
	return false;
}

/* What a quarter that is over may still change by, while its report was being
 * made, is a line of the ledger, a fee term, a budget. */
static int
ledger_check(int64_t quarter, const struct report *r, struct err *e)
{
	const struct period p = { .quarter = quarter, .from = r->since,
		.until = r->until };
	const struct figures told = { r->figures, r->n_figures };
	const struct figure *issued = figure_find(&told, "issued");
	struct figures now = { 0 };
	size_t n = 0, same = 0;
	int done = figures_of_money(&p, issued ? issued->value : 0, &now, e);

	figures_sort(&now);
	for (size_t i = 0, k = 0; i < told.n_rows; i++) {
		if (!is_money(told.rows[i].name))
			continue;
		n++;
		while (k < now.n_rows && strcmp(now.rows[k].name,
		    told.rows[i].name) < 0)
			k++;
		same += k < now.n_rows && strcmp(now.rows[k].name,
		    told.rows[i].name) == 0 &&
		    now.rows[k].value == told.rows[i].value;
	}
	if (done == 0 && (same != n || n + 1 != now.n_rows))
		done = err_set(e, ERR_CONFLICT, "report-digest",
		    "the ledger has changed while the report of %s was being made; look at it again: report %s",
		    r->quarter, r->quarter);
	figures_clear(&now);
	return done;
}

static int
over_check(const struct report *r, bool draft, struct err *e)
{
	char day[TIME_TEXT_SIZE];

	time_text(day, r->until);
	day[10] = '\0';
	if (r->since > clock_now())
		return err_set(e, ERR_REFUSED, "report-not-begun",
		    "%s has not begun", r->quarter);
	if (r->until > clock_now() && !draft)
		return err_set(e, ERR_REFUSED, "report-not-over",
		    "%s is over on %s; until then --draft shows how it stands",
		    r->quarter, day);
	return 0;
}

static int
report_begin(const struct report_wish *a, struct report *r, int64_t *quarter,
    struct err *e)
{
	if (quarter_parse(a->quarter, quarter, e) < 0)
		return -1;
	quarter_text(r->quarter, *quarter);
	r->since = quarter_begin(*quarter);
	r->until = quarter_begin(*quarter + 1);
	return 0;
}

int
serve_report_get(struct seat *s, const struct report_wish *a,
    struct report *r, struct err *e)
{
	struct err why = { 0 };
	int64_t quarter;
	int have;

	(void)s;
	if (report_begin(a, r, &quarter, e) < 0)
		return -1;
	if ((have = submitted_load(quarter, r, e)) != 0)
		return have < 0 ? -1 : 0;
	if (over_check(r, a->draft, e) < 0 ||
	    (have = figures_make(a, quarter, r, e)) < 0)
		return -1;
	if (have == 0)
		return 0;
	r->draft = r->until > clock_now();
	if (!r->draft && report_note(r, &why) < 0)
		log_warn("report %s: not signed: %s", r->quarter, why.text);
	return 0;
}

/* ---- submitting ---- */

static int
row_add(const struct seat *s, int64_t quarter, const struct report *r,
    struct err *e)
{
	struct query *q = db_query(report_prepared[Q_SUBMIT]);

	q_i64(q, 1, quarter);
	q_blob(q, 2, r->csv.data, r->csv.size);
	q_blob(q, 3, r->sha256, sizeof r->sha256);
	q_blob(q, 4, r->note.data, r->note.size);
	q_i64(q, 5, r->entries);
	q_i64(q, 6, r->made);
	q_i64(q, 7, clock_now());
	q_i64(q, 8, s->account);
	return q_run(q, e);
}

int
serve_report_submit(struct seat *s, const struct report_wish *a,
    struct report *r, struct err *e)
{
	char object[96], hex[65];
	int64_t quarter;
	int have;

	if (report_begin(a, r, &quarter, e) < 0 ||
	    (have = submitted_load(quarter, r, e)) < 0)
		return -1;
	if (have == 1)
		return err_set(e, ERR_CONFLICT, "report-submitted",
		    "%s was submitted by %s and stays as it is; report addend %s --text TEXT adds to it",
		    r->quarter, r->submitted_by, r->quarter);
	if (over_check(r, false, e) < 0 ||
	    (have = figures_make(a, quarter, r, e)) < 0)
		return -1;
	if (have == 0)
		return 0;
	hex_encode(hex, r->sha256, sizeof r->sha256);
	if (a->digest[0] != '\0' && strcmp(a->digest, hex) != 0)
		return err_set(e, ERR_CONFLICT, "report-digest",
		    "the figures of %s are not those that stood on your screen; look at them again: report %s",
		    r->quarter, r->quarter);
	if (ledger_check(quarter, r, e) < 0 || report_note(r, e) < 0)
		return -1;
	snprintf(object, sizeof object, "%s-%s", r->quarter, hex);
	if (row_add(s, quarter, r, e) < 0 || audit_add(s, "report.submit",
	    "report", object, OUTCOME_DONE, e, "%zu figures, head of %lld entries",
	    r->n_figures, (long long)r->entries) < 0 ||
	    alarm_clear(ALARM_REPORT, r->quarter, e) < 0)
		return -1;
	change_push("report", quarter, 0, "");
	r->submitted = clock_now();
	str_copy(r->submitted_by, sizeof r->submitted_by, s->account_name);
	return 0;
}

int
serve_report_addend(struct seat *s, const struct report_wish *a,
    struct report *r, struct err *e)
{
	struct query *q = NULL;
	int64_t quarter;
	int have;

	if (report_begin(a, r, &quarter, e) < 0 ||
	    (have = submitted_load(quarter, r, e)) < 0)
		return -1;
	if (have == 0)
		return err_set(e, ERR_CONFLICT, "report-open",
		    "%s was not submitted yet; what is in the ledger by then is in it",
		    r->quarter);
	if (a->text[strspn(a->text, " \t\r\n")] == '\0' ||
	    !utf8_valid(a->text, strlen(a->text)))
		return err_set(e, ERR_BAD_INPUT, "report-text",
		    "an addendum has a text of UTF-8: --text TEXT");
	q = db_query(report_prepared[Q_ADDEND]);
	q_i64(q, 1, quarter);
	q_i64(q, 2, clock_now());
	q_i64(q, 3, s->account);
	q_str(q, 4, a->text);
	if (q_run(q, e) < 0 || audit_add(s, "report.addend", "report",
	    r->quarter, OUTCOME_DONE, e, "%s", a->text) < 0)
		return -1;
	change_push("report", quarter, 0, "");
	NOUN_CLEAR(report, r);
	return report_begin(a, r, &quarter, e) < 0 ||
	    submitted_load(quarter, r, e) < 0 ? -1 : 0;
}
