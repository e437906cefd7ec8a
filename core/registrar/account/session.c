/* session.c - one's own open sessions: which there are, ending one, and whether
 * they are to be by lines. */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/sitting.h"

enum { Q_KEY_NAME, Q_PLAIN_SET };
static const char *const sql[] = {
	[Q_KEY_NAME] = "SELECT name FROM ssh_key WHERE fingerprint = ?1"
	    " AND account = ?2 AND name <> ''",
	[Q_PLAIN_SET] = "UPDATE account SET plain = ?2 WHERE number = ?1",
};
DB_STATEMENTS(session, sql)

static bool
is_own(const struct seat *s, const struct seat *other)
{
	return other->fd >= 0 && !other->leaving && s->account != 0 &&
	    other->account == s->account;
}

/* A key without a name goes by its fingerprint, also one that was removed. */
static int
key_words(const struct seat *of, char *dst, size_t size, struct err *e)
{
	struct query *q = db_query(session_prepared[Q_KEY_NAME]);
	int r;

	str_copy(dst, size, of->fingerprint);
	q_str(q, 1, of->fingerprint);
	q_i64(q, 2, of->account);
	if ((r = q_next(q, e)) == 1)
		q_col_str(q, 0, dst, size);
	q_end(q);
	return r < 0 ? -1 : 0;
}

/* "request list" of request_list: the words of its command, or near to it. */
static void
doing_words(const struct seat *of, char *dst, size_t size)
{
	if (of->heard == 0)
		return;
	snprintf(dst, size, "%.*s", (int)size - 1, ops[of->op].name);
	for (char *p = dst; *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
}

int
serve_session_list(struct seat *s, const struct none *a,
    struct session_list *r, struct err *e)
{
	(void)a;
	for (size_t i = 0; i < n_seats; i++) {
		const struct seat *of = seats[i];
		struct session *row = NULL;

		if (!is_own(s, of))
			continue;
		row = LIST_ADD(r, rows);
		row->number = of->number;
		row->since = of->opened;
		row->heard = of->heard;
		row->here = of == s;
		str_copy(row->source, sizeof row->source, of->source);
		doing_words(of, row->doing, sizeof row->doing);
		if (key_words(of, row->key, sizeof row->key, e) < 0)
			return -1;
	}
	return 0;
}

int
serve_session_end(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct seat *of = NULL;
	int64_t number = 0;

	(void)r;
	number_parse(a->ref, INT64_MAX, &number);
	for (size_t i = 0; i < n_seats; i++)
		if (is_own(s, seats[i]) && seats[i]->number == number)
			of = seats[i];
	if (of == NULL)
		return err_set(e, ERR_NOT_FOUND, "session",
		    "No such session of yours is open; see: session list");
	seat_end(of, of == s ? "You ended this session." :
	    "You ended this session from another one.");
	return audit_add(s, "session.end", "account", s->account_name,
	    OUTCOME_DONE, e, "of %s, with %s, after %lld seconds", of->source,
	    of->fingerprint, (long long)(clock_now() - of->opened));
}

int
serve_plain_set(struct seat *s, const struct preference *a, struct none *r,
    struct err *e)
{
	struct query *q = db_query(session_prepared[Q_PLAIN_SET]);

	(void)r;
	q_i64(q, 1, s->account);
	q_i64(q, 2, a->plain);
	if (q_run(q, e) < 0)
		return -1;
	return audit_add(s, "plain.set", "account", s->account_name,
	    OUTCOME_DONE, e, "%s", a->plain ? "on" : "off");
}
