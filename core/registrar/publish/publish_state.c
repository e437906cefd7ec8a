/* publish_state.c - published/state.prom: how we are, as numbers for the
 * publisher's /metrics; nothing about people. */
#include "core/registrar/publish/publish.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/registrar/alarm.h"
#include "core/registrar/db.h"
#include "core/registrar/held.h"
#include "core/registrar/report/quarter.h"
#include "core/registrar/report/report.h"
#include "core/registrar/report/report_job.h"

#define EXPERIENCE_SECONDS 300
#define OVERDUE_MOST 100000	/* counted so far */

enum { Q_COUNTERS, Q_CRLS, Q_ALARMS };

static const char *const sql[] = {
	[Q_COUNTERS] = "SELECT"
	    " (SELECT count(*) FROM request WHERE state = 'awaiting'),"
	    " (SELECT count(*) FROM request WHERE state = 'approved'),"
	    " (SELECT count(*) FROM notice"
	    " WHERE state IN ('waiting', 'leased')),"
	    " (SELECT count(*) FROM notice WHERE state = 'failed'),"
	    " (SELECT coalesce(max(number), 0) FROM audit),"
	    " (SELECT coalesce(sum(good), 0) FROM certificate_day),"
	    " (SELECT count(*) FROM (SELECT 1 FROM answer_due"
	    " WHERE due <= ?1 LIMIT ?2)),"
	    " (SELECT count(*) FROM (SELECT 1 FROM crl_new LIMIT ?2))",
	[Q_CRLS] = "SELECT name, crl_number FROM issuer"
	    " WHERE state <> 'pending' ORDER BY name",
	[Q_ALARMS] = "SELECT kind, count(*) FROM alarm WHERE state <> 'over'"
	    " GROUP BY kind",
};
DB_STATEMENTS(publish_state, sql)

static void
value_put(struct buf *b, const char *name, const char *type, int64_t value)
{
	buf_printf(b, "# TYPE xmpp_ica_%s %s\nxmpp_ica_%s %lld\n", name, type,
	    name, (long long)value);
}

static int
counters_put(struct buf *b, struct err *e)
{
	static const struct { const char *name, *type; } rows[] = {
		{ "requests_awaiting", "gauge" },
		{ "requests_approved", "gauge" },
		{ "letters_waiting", "gauge" },
		{ "letters_failed_total", "counter" },
		{ "audit_last_entry", "counter" },
		{ "certificates_good", "gauge" },
		{ "answers_overdue", "gauge" },
		{ "crl_entries_waiting", "gauge" },
	};
	struct query *q = db_query(publish_state_prepared[Q_COUNTERS]);
	int r;

	q_i64(q, 1, clock_now());
	q_i64(q, 2, OVERDUE_MOST);
	if ((r = q_next(q, e)) == 1)
		for (int i = 0; i < 8; i++)
			value_put(b, rows[i].name, rows[i].type,
			    q_col_i64(q, i));
	q_end(q);
	return r < 0 ? -1 : 0;
}

static int
crls_put(struct buf *b, struct err *e)
{
	struct query *q = db_query(publish_state_prepared[Q_CRLS]);
	char name[64];
	int r;

	buf_printf(b, "# TYPE xmpp_ica_crl_number counter\n");
	while ((r = q_next(q, e)) == 1) {
		q_col_str(q, 0, name, sizeof name);
		buf_printf(b, "xmpp_ica_crl_number{issuer=\"%s\"} %lld\n",
		    name, (long long)q_col_i64(q, 1));
	}
	return r;
}

/* Every kind, so that a rule can be written before it ever happens. */
static int
alarms_put(struct buf *b, struct err *e)
{
	struct query *q = db_query(publish_state_prepared[Q_ALARMS]);
	int64_t open[64] = { 0 };
	char kind[32];
	int have, at;

	while ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, kind, sizeof kind);
		at = word_parse(&alarm_kind_words, kind);
		if (at >= 0 && at < 64)
			open[at] = q_col_i64(q, 1);
	}
	buf_printf(b, "# TYPE xmpp_ica_alarms gauge\n");
	for (at = 0; at < (int)alarm_kind_words.count && at < 64; at++)
		buf_printf(b, "xmpp_ica_alarms{kind=\"%s\"} %lld\n",
		    word_of(&alarm_kind_words, at), (long long)open[at]);
	return have;
}

/* R8.1: this quarter's refusals by rule, codes by mailbox and waits for a
 * decision.  Counted again every few minutes, beside the loop: they are for
 * curves.  Until the first are there, there are none. */
static void
experience_put(struct buf *b)
{
	static struct buf kept;
	static int64_t at, job;
	struct order o = { .kind = JOB_EXPERIENCE,
		.period.quarter = quarter_of(clock_now()) };
	const struct buf *csv = NULL;
	struct figures f = { 0 };
	int64_t made;
	int r = 0;

	if (kept.size == 0 || clock_now() - at >= EXPERIENCE_SECONDS ||
	    clock_now() < at)
		r = report_job_get(&o, &job, &made, &csv, NULL);
	if (r == 1 && (r = figures_parse(csv->data, csv->size, &f, NULL)) == 0) {
		buf_clear(&kept);
		figures_metrics(&kept, &f);
		at = clock_now();
		job = 0;
	}
	figures_clear(&f);
	buf_put(b, kept.data, kept.size);
}

int
state_write(struct err *e)
{
	char path[CONF_PATH_SIZE];
	struct buf b = { 0 };
	int r = -1;

	value_put(&b, "state_time_seconds", "gauge", clock_now());
	value_put(&b, "alarms_open", "gauge", alarms_open());
	value_put(&b, "disk_reserve_spent", "gauge", db_low());
	value_put(&b, "seats", "gauge", seats_of(-1));
	if (alarms_put(&b, e) == 0 && counters_put(&b, e) == 0 &&
	    crls_put(&b, e) == 0) {
		experience_put(&b);
		held_metrics(&b);
		published_path(path, "", "state", ".prom");
		r = file_replace(path, b.data, b.size, 0644, e);
	}
	buf_clear(&b);
	return r;
}
