/* draft.c - unsent forms of an account, kept for it. */
#include "core/registrar/request/draft.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/registrar.h"

enum { Q_PUT, Q_GET, Q_DROP, Q_MOST, Q_OLD };
static const char *const sql[] = {
	[Q_PUT] = "INSERT INTO draft (account, form, body, at)"
	    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account, form)"
	    " DO UPDATE SET body = ?3, at = ?4",
	[Q_GET] = "SELECT body, at FROM draft WHERE account = ?1"
	    " AND form = ?2 AND at > ?3",
	[Q_DROP] = "DELETE FROM draft WHERE account = ?1 AND form = ?2",
	[Q_MOST] = "DELETE FROM draft WHERE account = ?1 AND form NOT IN"
	    " (SELECT form FROM draft WHERE account = ?1"
	    " ORDER BY at DESC, form LIMIT ?2)",
	[Q_OLD] = "DELETE FROM draft WHERE at <= ?1",
};
DB_STATEMENTS(draft, sql)

static int64_t
too_old(void)
{
	return clock_now() - DRAFT_DAYS * 86400;
}

/* The name of a form: "request_new", "refuse:17". */
static int
form_check(const char *form, struct err *e)
{
	size_t good = strspn(form,
	    "abcdefghijklmnopqrstuvwxyz0123456789_:");

	if (form[0] != '\0' && form[good] == '\0')
		return 0;
	return err_set(e, ERR_BAD_INPUT, "draft-form",
	    "a draft needs the name of its form");
}

static bool
holds(const struct blob *b, const char *what)
{
	return b->size > 0 && memmem(b->data, b->size, what, strlen(what));
}

int
serve_draft_put(struct seat *s, const struct draft *a, struct none *r,
    struct err *e)
{
	struct query *q = NULL;

	(void)r;
	if (form_check(a->form, e) < 0)
		return -1;
	if (a->body.size == 0 || a->body.size > DRAFT_SIZE)
		return err_set(e, ERR_BAD_INPUT, "draft-size",
		    "a draft has 1 to %u bytes, not %zu", DRAFT_SIZE,
		    a->body.size);
	/* a secret that was pasted by mistake is never written down */
	if (holds(&a->body, "PRIVATE KEY-----"))
		return err_set(e, ERR_REFUSED, "csr-private-key",
		    "a private key is not kept; make a new one, this one has been shown");
	q = db_query(draft_prepared[Q_PUT]);
	q_i64(q, 1, s->account);
	q_str(q, 2, a->form);
	q_blob(q, 3, a->body.data, a->body.size);
	q_i64(q, 4, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	q = db_query(draft_prepared[Q_MOST]);
	q_i64(q, 1, s->account);
	q_i64(q, 2, DRAFT_FORMS);
	return q_run(q, e);
}

int
serve_draft_get(struct seat *s, const struct ref *a, struct draft *r,
    struct err *e)
{
	struct query *q = NULL;
	const uint8_t *body;
	size_t size;
	int have;

	if (form_check(a->ref, e) < 0)
		return -1;
	q = db_query(draft_prepared[Q_GET]);
	q_i64(q, 1, s->account);
	q_str(q, 2, a->ref);
	q_i64(q, 3, too_old());
	if ((have = q_next(q, e)) == 1) {
		body = q_col_blob(q, 0, &size);
		blob_set(&r->body, body, size);
		r->at = q_col_i64(q, 1);
	}
	q_end(q);
	if (have == 0)
		return err_set(e, ERR_NOT_FOUND, "draft", "nothing is kept");
	str_copy(r->form, sizeof r->form, a->ref);
	return have < 0 ? -1 : 0;
}

int
serve_draft_drop(struct seat *s, const struct ref *a, struct none *r,
    struct err *e)
{
	struct query *q = NULL;

	(void)r;
	if (form_check(a->ref, e) < 0)
		return -1;
	q = db_query(draft_prepared[Q_DROP]);
	q_i64(q, 1, s->account);
	q_str(q, 2, a->ref);
	return q_run(q, e);
}

static void
draft_sweep(void)
{
	struct query *q = db_query(draft_prepared[Q_OLD]);
	struct err e = { 0 };

	q_i64(q, 1, too_old());
	if (q_run(q, &e) < 0)
		log_warn("old drafts stay: %s", e.text);
}
LOOP_TIMER(draft, 3600, draft_sweep)
