/* privacy.c - looks at members' records: each is an entry, and the member can
 * read them (S4.6); auditors see addresses when they say why (S4.2). */
#include "core/registrar/account/privacy.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/page.h"

enum { Q_LOOKS, Q_COUNT };
/* looks at the account, and at its requests with their evidence */
#define LOOKS(columns, more) \
    "SELECT " columns " FROM audit WHERE noun = 'account' AND object = ?5" \
    " AND action = 'account.view'" more " UNION ALL SELECT " columns \
    " FROM audit WHERE noun = 'request' AND action = 'request.view'" \
    " AND object IN (SELECT CAST(number AS TEXT) FROM request" \
    " WHERE account = ?6)" more
static const char *const sql[] = {
	[Q_LOOKS] = LOOKS("number, at, coalesce(actor, ''), role,"
	    " action, coalesce(detail, ''), object", " AND number < ?1")
	    " ORDER BY number DESC LIMIT ?4",
	[Q_COUNT] = PAGE_COUNT("FROM (" LOOKS("number", "") ")"),
};
DB_STATEMENTS(privacy, sql)

static bool
of_nobody(const char *local, size_t n)
{
	static const char *const ours[] = { "hostmaster", "postmaster",
		"webmaster", "noreply" };

	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (strlen(ours[i]) == n && memcmp(local, ours[i], n) == 0)
			return true;
	return false;
}

void
addresses_redact(char *text)
{
	static const char local[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-*";

	for (char *at = strchr(text, '@'); at != NULL;
	    at = strchr(at + 1, '@')) {
		char *from = at;

		while (from > text && strchr(local, from[-1]) != NULL)
			from--;
		if (of_nobody(from, (size_t)(at - from)))
			continue;
		/* enough to tell two apart, not enough to write to */
		for (char *p = from + (at - from > 1); p < at; p++)
			*p = '*';
	}
}

bool
reads_redacted(const struct seat *s)
{
	return s->role == ROLE_AUDITOR;
}

int
look_keep(const struct seat *s, const char *account, const char *what,
    const char *reason, struct err *e)
{
	return audit_add(s, "account.view", "account", account, OUTCOME_DONE,
	    e, "%s%s%s", what, what[0] && reason[0] ? ": " : "", reason);
}

static void
row_take(struct query *q, struct glance *l)
{
	l->number = q_col_i64(q, 0);
	l->at = q_col_i64(q, 1);
	q_col_str(q, 2, l->by, sizeof l->by);
	l->role = q_col_word(q, 3, &role_words, ROLE_SYSTEM);
	q_col_str(q, 4, l->what, sizeof l->what);
	q_col_str(q, 5, l->reason, sizeof l->reason);
	if (strcmp(l->what, "request.view") == 0) {
		char object[96];

		q_col_str(q, 6, object, sizeof object);
		snprintf(l->what, sizeof l->what, "request %.30s", object);
		l->reason[0] = '\0';
	} else {
		snprintf(l->what, sizeof l->what, "account");
	}
}

static struct query *
looks_query(int which, const struct seat *s, const struct wish *w)
{
	struct query *q = db_query(privacy_prepared[which]);

	page_bind(q, w);
	q_str(q, 5, s->account_name);
	q_i64(q, 6, s->account);
	return q;
}

int
serve_account_looks(struct seat *s, const struct wish *a,
    struct glance_page *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	if (page_total(looks_query(Q_COUNT, s, a), &r->total, e) < 0)
		return -1;
	q = looks_query(Q_LOOKS, s, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}
