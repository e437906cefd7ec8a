/* breach.c - whose data of which kind was held in a time range (J4.2): who
 * got at the database then may have seen it. */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"

enum { Q_ROWS };
#define HELD(table, time) "(SELECT count(*) FROM " table " x" \
    " WHERE x.account = a.number AND x." time " <= ?2)"
static const char *const sql[] = {
	/* what was there at the end of the range, and who was closed since its
	 * begin: his data was there too, and is erased now */
	[Q_ROWS] = "SELECT a.name, a.email, a.state <> 'closed', "
	    HELD("ssh_key", "added") ", " HELD("contact", "added") ", "
	    HELD("domain", "claimed") ", " HELD("request", "created") ", "
	    HELD("certificate", "issued") ","
	    " (SELECT count(*) FROM notice x WHERE x.account = a.number"
	    "  AND x.created <= ?2 AND x.recipient <> ''),"
	    " (SELECT count(*) FROM audit x WHERE x.actor = a.name"
	    "  AND x.at <= ?2) FROM account a WHERE a.created <= ?2"
	    " AND (a.state <> 'closed' OR EXISTS (SELECT 1 FROM audit x"
	    "  WHERE x.noun = 'account' AND x.object = a.name"
	    "  AND x.action = 'account.close' AND x.outcome = 'done'"
	    "  AND x.at >= ?1)) ORDER BY a.number",
};
DB_STATEMENTS(breach, sql)

static void
row_take(struct query *q, struct breach_row *r)
{
	q_col_str(q, 0, r->account, sizeof r->account);
	q_col_str(q, 1, r->email, sizeof r->email);
	r->account_data = q_col_i64(q, 2);
	r->keys = q_col_i64(q, 3);
	r->contacts = q_col_i64(q, 4);
	r->domains = q_col_i64(q, 5);
	r->requests = q_col_i64(q, 6);
	r->certificates = q_col_i64(q, 7);
	r->letters = q_col_i64(q, 8);
	r->entries = q_col_i64(q, 9);
}

static int
breach_make(const struct seat *s, const struct breach_wish *a,
    struct breach *r, struct err *e)
{
	struct query *q = NULL;
	char object[96], from[TIME_TEXT_SIZE], to[TIME_TEXT_SIZE];
	int have;

	r->since = a->since;
	r->until = a->until > 0 ? a->until : clock_now();
	if (a->since <= 0 || r->until < r->since)
		return err_set(e, ERR_BAD_INPUT, "breach",
		    "Say from when to when: breach --from 2026-11-01 --to 2026-11-03; the end is not before the begin.");
	q = db_query(breach_prepared[Q_ROWS]);
	q_i64(q, 1, r->since);
	q_i64(q, 2, r->until);
	while ((have = q_next(q, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	if (have < 0)
		return -1;
	time_text(from, r->since);
	time_text(to, r->until);
	snprintf(object, sizeof object, "%s/%s", from, to);
	return audit_add(s, "breach.report", "system", object, OUTCOME_DONE,
	    e, "%zu accounts", r->n_rows);
}

int
serve_breach_report(struct seat *s, const struct breach_wish *a,
    struct breach *r, struct err *e)
{
	return breach_make(s, a, r, e);
}

int
serve_operator_breach(struct seat *s, const struct breach_wish *a,
    struct breach *r, struct err *e)
{
	return breach_make(s, a, r, e);
}
