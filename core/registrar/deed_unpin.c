/* deed_unpin.c - whose role or key is gone signs nothing more: the signer is
 * told, again and again until it has heard. */
#include "core/registrar/deed.h"

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/wire/ask.h"

#define SIGNER_MS 5000

enum { Q_ADD, Q_NEXT, Q_DONE };
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO unpin (name, key) VALUES (?1, ?2)",
	[Q_NEXT] = "SELECT number, name, key FROM unpin"
	    " ORDER BY number LIMIT 1",
	[Q_DONE] = "DELETE FROM unpin WHERE number = ?1",
};
DB_STATEMENTS(unpin, sql)

int
unpin_add(const char *name, const char *key, struct err *e)
{
	struct query *q = db_query(unpin_prepared[Q_ADD]);

	q_str(q, 1, name);
	q_str(q, 2, key);
	return q_run(q, e);
}

/* The first that waits: its number, 0 none. */
static int64_t
next(struct pin_end *p)
{
	struct query *q = db_query(unpin_prepared[Q_NEXT]);
	int64_t number = 0;

	if (q_next(q, NULL) == 1) {
		number = q_col_i64(q, 0);
		q_col_str(q, 1, p->name, sizeof p->name);
		q_col_str(q, 2, p->key, sizeof p->key);
	}
	q_end(q);
	return number;
}

static void
unpin_sweep(void)
{
	struct none nothing = { 0 };
	struct pin_end p = { .name = "" };
	struct err e = { 0 };
	int64_t number;

	while ((number = next(&p)) != 0) {
		struct line *l = signer_line(&e);
		struct query *q = NULL;

		if (l == NULL)
			return;
		l->timeout_ms = SIGNER_MS;
		if (ask_sign_unpin(l, &p, &nothing, &e) < 0) {
			log_warn("a key of %s may still sign: %s", p.name,
			    e.text);
			return;
		}
		q = db_query(unpin_prepared[Q_DONE]);
		q_i64(q, 1, number);
		if (q_run(q, &e) < 0)
			return;
	}
}
LOOP_TIMER(unpin, 1, unpin_sweep)
