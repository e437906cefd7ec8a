/* report_check.c - does a report agree with the log?  The figures of the
 * report, or of the tables, against those made from the audit entries alone
 * (P5.3). */
#include "core/registrar/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/report/quarter.h"
#include "core/x509/hash.h"

/* A second may pass between a deed's row and its entry. */
#define TOLERANCE 1

enum { Q_REPORT, Q_LAST };
static const char *const sql[] = {
	[Q_REPORT] = "SELECT csv, sha256 FROM report WHERE quarter = ?1",
	[Q_LAST] = "SELECT at FROM audit ORDER BY number DESC LIMIT 1",
};
DB_STATEMENTS(report_check, sql)

struct told {
	struct figures figures;
	uint8_t sha256[32];
	bool submitted;
	bool damaged;		/* not what its own hash says */
};

/* 0, or -1.  What was submitted, if it was. */
static int
submitted_read(int64_t quarter, struct told *t, struct err *e)
{
	struct query *q = db_query(report_check_prepared[Q_REPORT]);
	const uint8_t *csv = NULL;
	uint8_t kept[32];
	size_t size = 0;
	int have;

	q_i64(q, 1, quarter);
	if ((have = q_next(q, e)) == 1) {
		csv = q_col_blob(q, 0, &size);
		q_col_bytes(q, 1, kept, sizeof kept);
		sha256(t->sha256, csv, size);
		t->submitted = true;
		t->damaged = memcmp(kept, t->sha256, 32) != 0;
		have = figures_parse(csv, size, &t->figures, e);
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* The last second that the database knows of. */
static int64_t
last_entry(void)
{
	struct query *q = db_query(report_check_prepared[Q_LAST]);
	int64_t at = 0;

	if (q_next(q, NULL) == 1)
		at = q_col_i64(q, 0);
	q_end(q);
	return at;
}

static bool
agrees(const struct figure *a, const struct figure *b)
{
	int64_t x = a == NULL ? 0 : a->value, y = b == NULL ? 0 : b->value;
	bool seconds = strcmp(a ? a->unit : b->unit, "s") == 0;

	return x == y || (seconds && x - y <= TOLERANCE &&
	    y - x <= TOLERANCE);
}

static int
difference(const struct figure *told, const struct figure *found)
{
	const char *name = told ? told->name : found->name;

	if (agrees(told, found))
		return 0;
	printf("differs: %s: the report says %lld, the log says %lld\n", name,
	    (long long)(told ? told->value : 0),
	    (long long)(found ? found->value : 0));
	return 1;
}

static int
compare(const struct figures *told, const struct figures *found)
{
	int n = 0;

	for (size_t i = 0; i < told->n_rows; i++)
		n += difference(&told->rows[i], figure_find(found,
		    told->rows[i].name));
	for (size_t i = 0; i < found->n_rows; i++)
		if (figure_find(told, found->rows[i].name) == NULL)
			n += difference(NULL, &found->rows[i]);
	return n;
}

/* The hash that the log says was submitted, and that of what is kept. */
static int
hashes_compare(const struct told *t, const uint8_t logged[32])
{
	static const uint8_t none[32];
	bool is_logged = memcmp(logged, none, 32) != 0;
	char hex[65];

	if (t->submitted && !t->damaged && is_logged &&
	    memcmp(logged, t->sha256, 32) == 0)
		return 0;
	if (!t->submitted && !is_logged)
		return 0;
	hex_encode(hex, logged, 32);
	printf("differs: sha256: %s\n", !t->submitted ?
	    "the log says that a report was submitted, the database has none" :
	    !is_logged ? "the log knows of no submission" :
	    t->damaged ? "the report is not what its own hash says" :
	    "the report is not the one that the log says was submitted");
	return 1;
}

static int
check(int64_t quarter, const char *name, struct err *e)
{
	struct period p = { .quarter = quarter,
		.from = quarter_begin(quarter),
		.until = quarter_begin(quarter + 1) };
	struct told t = { 0 };
	struct figures found = { 0 };
	int64_t entries = 0, erased = 0, last = last_entry();
	uint8_t logged[32] = { 0 };
	int64_t begun = clock_mono_ms(), middle = begun;
	int bad = -1;

	if (last < p.until)
		p.until = last + 1;	/* a draft: as far as the log goes */
	if (submitted_read(quarter, &t, e) == 0 && (t.submitted ||
	    figures_of_tables(&p, &t.figures, e) == 0) &&
	    (middle = clock_mono_ms()) >= 0 &&
	    figures_of_log(&p, &found, &entries, &erased, logged, e) == 0) {
		bad = compare(&t.figures, &found) +
		    hashes_compare(&t, logged);
		if (erased > 0)
			printf("differs: %lld entries of the log have lost what the figures are made of\n",
			    (long long)erased);
		bad += erased > 0;
		if (bad == 0)
			printf("good: %s: %zu figures agree with %lld entries of the log%s (%lld ms, the log %lld ms)\n",
			    name, found.n_rows, (long long)entries,
			    t.submitted ? "; as it was submitted" : "",
			    (long long)(middle - begun),
			    (long long)(clock_mono_ms() - middle));
	}
	figures_clear(&t.figures);
	figures_clear(&found);
	return bad;
}

int
report_check(const char *text, const char *path)
{
	struct err e = { 0 };
	char name[QUARTER_SIZE];
	int64_t quarter = 0;
	int bad = -1;

	if (quarter_parse(text, &quarter, &e) == 0 &&
	    db_open_to_read(path, &e) == 0) {
		quarter_text(name, quarter);
		bad = check(quarter, name, &e);
		db_close();
	}
	if (bad < 0)
		fprintf(stderr, "xmpp-ica-registrar: %s: %s\n", e.clause,
		    e.text);
	return bad < 0 ? 2 : bad > 0;
}
