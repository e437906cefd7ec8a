/* report_figures.c - a quarter's figures from the tables: each a count over an
 * index, so that a million certificates take no more than a moment. */
#include "core/registrar/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/money.h"
#include "core/registrar/report/cost.h"
#include "core/registrar/db.h"
#include "core/registrar/report/quarter.h"

#define LEAF_MOST (400 * INT64_C(86400))	/* no certificate counts for longer */
#define LINES_MOST 10000

enum { Q_ISSUED, Q_ACTIVE, Q_REVOKED, Q_EXPIRED, Q_SPANS, Q_DECIDED,
	Q_REQUESTS, Q_EFFECT, Q_CRLS, Q_LATE, Q_ALARMS, Q_RULES, Q_MAILBOX };

static const char *const sql[] = {
	[Q_ISSUED] = "SELECT count(*), coalesce(sum(renewal), 0)"
	    " FROM certificate WHERE issued >= ?1 AND issued < ?2"
	    " AND state <> 'burnt'",
	[Q_ACTIVE] = "SELECT count(*) FROM certificate WHERE issued >= ?1"
	    " AND issued < ?2 AND not_after >= ?2 AND state <> 'burnt'"
	    " AND NOT (state = 'revoked' AND revoked < ?2)",
	[Q_REVOKED] = "SELECT reason, count(*) FROM certificate"
	    " WHERE state = 'revoked' AND revoked >= ?1 AND revoked < ?2"
	    " GROUP BY reason",
	[Q_EXPIRED] = "SELECT (SELECT count(*) FROM certificate"
	    " WHERE state = 'good' AND not_after >= ?1 AND not_after < ?2) +"
	    " (SELECT count(*) FROM certificate WHERE state = 'revoked'"
	    " AND revoked >= ?1 AND not_after >= ?1 AND not_after < ?2"
	    " AND revoked > not_after)",
	[Q_SPANS] = "SELECT"
	    " (SELECT count(*) FROM span WHERE what = ?3 AND since < ?2"
	    "  AND until = 0) + (SELECT count(*) FROM span WHERE what = ?3"
	    "  AND since < ?2 AND until >= ?2),"
	    " (SELECT count(*) FROM span WHERE what = ?3 AND since >= ?1"
	    "  AND since < ?2),"
	    " (SELECT count(*) FROM span WHERE what = ?3 AND until >= ?1"
	    "  AND until < ?2)",
	[Q_DECIDED] = "SELECT decided - created FROM request"
	    " WHERE decided <> 0 AND decided >= ?1 AND decided < ?2"
	    " AND state <> 'withdrawn'",
	[Q_REQUESTS] = "SELECT"
	    " (SELECT count(*) FROM request WHERE decided <> 0"
	    "  AND decided >= ?1 AND decided < ?2 AND state = 'refused'),"
	    " (SELECT count(*) FROM request WHERE decided <> 0"
	    "  AND decided >= ?1 AND decided < ?2 AND state = 'withdrawn'),"
	    " (SELECT count(*) FROM request WHERE state = 'awaiting'"
	    "  AND created < ?2) + (SELECT count(*) FROM request"
	    "  WHERE decided <> 0 AND decided >= ?2 AND created < ?2)",
	[Q_EFFECT] = "SELECT effective - requested FROM revocation"
	    " WHERE effective >= ?1 AND effective < ?2",
	[Q_CRLS] = "SELECT object, at FROM audit WHERE noun = 'issuer'"
	    " AND action = 'crl.publish' AND outcome = 'done'"
	    " AND at >= ?1 AND at < ?2 ORDER BY object, number",
	[Q_LATE] = "SELECT coalesce(sum(min(CASE over WHEN 0 THEN ?2"
	    " ELSE over END, ?2) - max(raised, ?1)), 0) FROM alarm"
	    " WHERE kind = ?3 AND raised < ?2 AND (over = 0 OR over > ?1)",
	[Q_ALARMS] = "SELECT kind, count(*) FROM alarm WHERE raised >= ?1"
	    " AND raised < ?2 GROUP BY kind",
	[Q_RULES] = "SELECT object, count(*) FROM audit WHERE noun = 'rule'"
	    " AND at >= ?1 AND at < ?2 GROUP BY object",
	[Q_MAILBOX] = "SELECT object, action, count(*) FROM audit"
	    " WHERE noun = 'mailbox' AND at >= ?1 AND at < ?2"
	    " GROUP BY object, action",
};
DB_STATEMENTS(report_figures, sql)

static struct query *
query_of(int which, int64_t from, int64_t until)
{
	struct query *q = db_query(report_figures_prepared[which]);

	q_i64(q, 1, from);
	q_i64(q, 2, until);
	return q;
}

/* One row of up to three numbers. */
static int
numbers(struct query *q, int64_t *v, int n, struct err *e)
{
	int have = q_next(q, e);

	for (int i = 0; have == 1 && i < n; i++)
		v[i] = q_col_i64(q, i);
	q_end(q);
	return have < 0 ? -1 : 0;
}

static int
certificates(const struct period *p, struct figures *f, struct err *e)
{
	int64_t v[2] = { 0 }, active = 0, expired = 0, all = 0;
	struct query *q = NULL;
	int have;

	if (numbers(query_of(Q_ISSUED, p->from, p->until), v, 2, e) < 0 ||
	    numbers(query_of(Q_ACTIVE, p->until - LEAF_MOST, p->until),
	    &active, 1, e) < 0 ||
	    numbers(query_of(Q_EXPIRED, p->from, p->until), &expired, 1, e) <
	    0)
		return -1;
	figure_of(f, "", "issued")->value = v[0];
	figure_of(f, "", "issued.new")->value = v[0] - v[1];
	figure_of(f, "", "issued.renewed")->value = v[1];
	figure_of(f, "", "active")->value = active;
	figure_of(f, "", "expired")->value = expired;
	q = query_of(Q_REVOKED, p->from, p->until);
	while ((have = q_next(q, e)) == 1) {
		int64_t reason = q_col_i64(q, 0);

		figure_of(f, "", "revoked.%s", word_of(&reason_words,
		    (unsigned)reason))->value = q_col_i64(q, 1);
		all += q_col_i64(q, 1);
	}
	figure_of(f, "", "revoked")->value = all;
	return have;
}

static int
people(const struct period *p, struct figures *f, struct err *e)
{
	static const char *const what[] = { "member", "domain" };

	for (int i = 0; i < 2; i++) {
		struct query *q = query_of(Q_SPANS, p->from, p->until);
		int64_t v[3] = { 0 };

		q_str(q, 3, what[i]);
		if (numbers(q, v, 3, e) < 0)
			return -1;
		figure_of(f, "", "%ss", what[i])->value = v[0];
		if (i == 1)
			continue;
		figure_of(f, "", "members.joined")->value = v[1];
		figure_of(f, "", "members.left")->value = v[2];
	}
	return 0;
}

static int
waits_of(int which, const struct period *p, struct figures *f,
    const char *name, struct err *e)
{
	struct query *q = query_of(which, p->from, p->until);
	struct waits w = { 0 };
	int have;

	while ((have = q_next(q, e)) == 1)
		waits_add(&w, q_col_i64(q, 0));
	waits_figures(&w, f, name);
	return have;
}

static int
requests(const struct period *p, struct figures *f, struct err *e)
{
	int64_t v[3] = { 0 };

	if (numbers(query_of(Q_REQUESTS, p->from, p->until), v, 3, e) < 0)
		return -1;
	figure_of(f, "", "requests.refused")->value = v[0];
	figure_of(f, "", "requests.withdrawn")->value = v[1];
	figure_of(f, "", "pending")->value = v[2];
	return waits_of(Q_DECIDED, p, f, "service.decision", e) < 0 ? -1 :
	    waits_of(Q_EFFECT, p, f, "service.revocation", e);
}

/* ---- CRLs, answers, alarms ---- */

static int
crls(const struct period *p, struct figures *f, struct err *e)
{
	struct query *q = query_of(Q_CRLS, p->from, p->until);
	char before[96] = "", issuer[96];
	int64_t last = 0, longest = 0, n = 0;
	int have;

	while ((have = q_next(q, e)) == 1) {
		int64_t at = q_col_i64(q, 1);

		q_col_str(q, 0, issuer, sizeof issuer);
		if (strcmp(issuer, before) == 0 && at - last > longest)
			longest = at - last;
		str_copy(before, sizeof before, issuer);
		last = at;
		n++;
	}
	figure_of(f, "", "service.crl.published")->value = n;
	figure_of(f, "s", "service.crl.longest-gap")->value = longest;
	return have;
}

static int
alarms(const struct period *p, struct figures *f, struct err *e)
{
	static const struct { enum alarm_kind kind; const char *name; } late[]
	    = { { ALARM_LATE_CRL, "service.crl.late" },
		{ ALARM_STALE_ANSWERS, "service.answers.late" } };
	struct query *q = NULL;
	char kind[24];
	int have;

	for (int i = 0; i < 2; i++) {
		int64_t v = 0;

		q = query_of(Q_LATE, p->from, p->until);
		q_str(q, 3, word_of(&alarm_kind_words, late[i].kind));
		if (numbers(q, &v, 1, e) < 0)
			return -1;
		figure_of(f, "s", "%s", late[i].name)->value = v;
	}
	q = query_of(Q_ALARMS, p->from, p->until);
	while ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, kind, sizeof kind);
		figure_of(f, "", "alarms.%s", kind)->value = q_col_i64(q, 1);
	}
	return have;
}

/* ---- experience (R8.1) ---- */

static int
experience(const struct period *p, struct figures *f, struct err *e)
{
	struct query *q = query_of(Q_RULES, p->from, p->until);
	char object[96], action[48];
	int have;

	while ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, object, sizeof object);
		figure_of(f, "", "refused.%.50s", object)->value =
		    q_col_i64(q, 1);
	}
	if (have < 0)
		return -1;
	q = query_of(Q_MAILBOX, p->from, p->until);
	while ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, object, sizeof object);
		q_col_str(q, 1, action, sizeof action);
		figure_of(f, "", "mailbox.%.40s.%s", object,
		    strcmp(action, "proof.done") == 0 ? "proved" :
		    "sent")->value = q_col_i64(q, 2);
	}
	return have;
}

/* ---- money ---- */

static int
lines(const struct period *p, struct figures *f, struct err *e)
{
	struct ledger_row *rows = NULL;
	size_t n = 0;
	int r = ledger_rows(p->from, p->until, LINES_MOST, &rows, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct figure *g = figure_of(f, rows[i].currency,
		    "ledger.%06lld", (long long)rows[i].number);
		char day[TIME_TEXT_SIZE];

		time_text(day, rows[i].date);
		day[10] = '\0';
		g->value = rows[i].amount;
		snprintf(g->note, sizeof g->note, "%s %s, %.127s: %.255s",
		    day, word_of(&ledger_kind_words, rows[i].kind),
		    rows[i].payee, rows[i].text);
	}
	free(rows);
	return r;
}

static int
money(const struct period *p, struct figures *f, struct err *e)
{
	int64_t end = quarter_begin(p->quarter + 1);
	int64_t year = p->quarter / 4;
	struct money_facts m = { 0 };
	int r = ledger_sums(p->from, p->until, &m.sums, &m.n_sums, e);

	end = p->until < end ? p->until : end;
	if (r == 0 && (ledger_sums(year_begin(year), end, &m.year, &m.n_year,
	    e) < 0 || balances_at(end, &m.balances, &m.n_balances, e) < 0 ||
	    fees_due(p->from, end, &m.fees, &m.n_fees, e) < 0 ||
	    budgets_of(year, &m.budgets, &m.n_budgets, e) < 0))
		r = -1;
	m.issued = figure_find(f, "issued")->value;
	/* what is left at this quarter's end, not now */
	for (size_t i = 0; r == 0 && i < m.n_budgets; i++) {
		m.budgets[i].spent = 0;
		for (size_t k = 0; k < m.n_year; k++)
			if (strcmp(m.year[k].currency,
			    m.budgets[i].currency) == 0)
				m.budgets[i].spent = m.year[k].costs;
	}
	if (r == 0) {
		money_figures(&m, f);
		r = lines(p, f, e);
	}
	money_facts_clear(&m);
	return r;
}

int
figures_of_money(const struct period *p, int64_t issued, struct figures *f,
    struct err *e)
{
	figure_of(f, "", "issued")->value = issued;
	return money(p, f, e);
}

int
figures_of_tables(const struct period *p, struct figures *f, struct err *e)
{
	if (certificates(p, f, e) < 0 || people(p, f, e) < 0 ||
	    requests(p, f, e) < 0 || crls(p, f, e) < 0 ||
	    alarms(p, f, e) < 0 || experience(p, f, e) < 0 ||
	    money(p, f, e) < 0)
		return -1;
	figures_sort(f);
	return 0;
}

int
figures_experience(int64_t quarter, struct figures *f, struct err *e)
{
	struct period p = { .quarter = quarter,
		.from = quarter_begin(quarter),
		.until = quarter_begin(quarter + 1) };

	if (experience(&p, f, e) < 0 || waits_of(Q_DECIDED, &p, f,
	    "service.decision", e) < 0)
		return -1;
	figures_sort(f);
	return 0;
}
