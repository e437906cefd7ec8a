/* report_log.c - a quarter's figures again, from the audit entries alone: no
 * other table is read, so that whoever holds the log can check a report. */
#include "core/registrar/report/report_log.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/registrar/db.h"

enum { Q_ENTRIES, Q_LAST };

static const char *const sql[] = {
	[Q_ENTRIES] = "SELECT noun, number, at, action, object,"
	    " outcome = 'done', detail FROM audit ORDER BY number",
	[Q_LAST] = "SELECT coalesce(max(number), 0) FROM audit",
};
DB_STATEMENTS(report_log, sql)

bool
entry_is(const struct entry *n, const char *action)
{
	return n->done && strcmp(n->action, action) == 0;
}

bool
walk_within(const struct walk *w, int64_t at)
{
	return at >= w->p->from && at < w->p->until;
}

uint64_t
object_key(const char *kind, const struct entry *n)
{
	return map_key(kind, n->object, n->object_size);
}

static void
report_take(struct walk *w, const struct entry *n)
{
	if (entry_is(n, "report.submit") && strncmp(n->object, w->q, 6) == 0 &&
	    n->object[6] == '-' &&
	    hex_decode(w->sha256, 32, n->object + 7) == 32)
		w->submitted = true;
}

/* What is not listed counts for nothing, and is not even read. */
static const struct taker {
	const char *noun;
	void (*take)(struct walk *w, const struct entry *n);
} takers[] = {
	{ "certificate", certificate_take }, { "request", request_take },
	{ "domain", domain_take }, { "account", account_take },
	{ "issuer", issuer_take }, { "alarm", alarm_take },
	{ "cost", ledger_take }, { "income", ledger_take },
	{ "fee", fee_take }, { "budget", budget_take },
	{ "rule", rule_take }, { "mailbox", mailbox_take },
	{ "report", report_take },
};

static const struct taker *
taker_of(struct query *q)
{
	size_t n = 0;
	const uint8_t *noun = q_col_blob(q, 0, &n);

	for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
		if (strlen(takers[i].noun) == n &&
		    memcmp(noun, takers[i].noun, n) == 0)
			return &takers[i];
	return NULL;
}

static void
entry_read(struct query *q, struct entry *n)
{
	n->number = q_col_i64(q, 1);
	n->at = q_col_i64(q, 2);
	q_col_str(q, 3, n->action, sizeof n->action);
	q_col_str(q, 4, n->object, sizeof n->object);
	n->object_size = strlen(n->object);
	n->done = q_col_i64(q, 5) != 0;
	n->detail[0] = '\0';
	if (!q_col_null(q, 6))		/* not erased */
		q_col_str(q, 6, n->detail, sizeof n->detail);
	n->detail_size = strlen(n->detail);
}

static void
walk_clear(struct walk *w)
{
	map_clear(&w->certificates);
	map_clear(&w->requests);
	map_clear(&w->members);
	map_clear(&w->domains);
	map_clear(&w->alarms);
	map_clear(&w->marks);
	free(w->decision.seconds);
	free(w->effect.seconds);
	free(w->issued_at);
	NOUN_CLEAR(fee_term_page, &w->terms);
	NOUN_CLEAR(budget_page, &w->budgets);
	money_facts_clear(&w->money);
}

static int
entries_walk(struct walk *w, struct err *e)
{
	struct entry *n = xcalloc(1, sizeof *n);
	struct query *q = db_query(report_log_prepared[Q_ENTRIES]);
	int have = 1;

	while (!w->submitted && (have = q_next(q, e)) == 1) {
		const struct taker *t = taker_of(q);

		if (t == NULL)
			continue;
		entry_read(q, n);
		t->take(w, n);
	}
	q_end(q);
	free(n);
	return have < 0 ? -1 : 0;
}

int
figures_of_log(const struct period *p, struct figures *f, int64_t *entries,
    int64_t *erased, uint8_t submitted[32], struct err *e)
{
	struct walk w = { .p = p, .f = f };
	struct query *q = db_query(report_log_prepared[Q_LAST]);
	int r = -1;

	quarter_text(w.q, p->quarter);
	if (q_next(q, e) == 1)
		*entries = q_col_i64(q, 0);
	q_end(q);
	if (entries_walk(&w, e) == 0) {
		issue_sum(&w);
		people_sum(&w);
		money_sum(&w);
		figures_sort(f);
		r = 0;
	}
	*erased = w.erased;
	memcpy(submitted, w.sha256, 32);
	walk_clear(&w);
	return r;
}
