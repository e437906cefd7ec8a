/* lookup.c - questions to the outside as rows: asked, leased to the courier,
 * answered, asked again when nobody answered. */
#include "core/registrar/domain/lookup.h"
#include "core/x509/names.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/domain/caa.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/domain/live.h"
#include "core/registrar/domain/proof.h"

#define LEASE_SECONDS 300
#define LIVES_AT_ONCE 2		/* they are slow, and decide nothing */
#define KEPT_SECONDS 3600	/* answers, for whoever still looks at them */
#define AGAIN_MAX 3600

enum { Q_ADD, Q_WAITS, Q_DROP, Q_DUE, Q_LEASE, Q_NEXT, Q_ONE, Q_AGAIN, Q_DONE,
	Q_ANSWER, Q_RELEASE, Q_SWEEP };

static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO lookup (kind, name, account, subject, state,"
	    " created, next) VALUES (?1, ?2, ?3, ?4, 'waiting', ?5, ?5)",
	[Q_WAITS] = "SELECT 1 FROM lookup WHERE kind = ?1 AND subject = ?2"
	    " AND name = ?3 AND state IN ('waiting', 'leased')",
	[Q_DROP] = "DELETE FROM lookup WHERE kind = ?1 AND subject = ?2"
	    " AND state IN ('waiting', 'leased')",
	/* short ones first; then whoever has the fewest in hand */
	[Q_DUE] = "SELECT l.number, l.kind, l.name FROM lookup l"
	    " WHERE l.state IN ('waiting', 'leased') AND l.next <= ?1"
	    " AND (l.kind <> 'live' OR (SELECT count(*) FROM lookup o"
	    " WHERE o.state = 'leased' AND o.kind = 'live'"
	    " AND o.next > ?1) < ?2)"
	    " ORDER BY l.kind = 'live', (SELECT count(*) FROM lookup o"
	    " WHERE o.state = 'leased' AND o.account = l.account"
	    " AND o.next > ?1), l.next, l.number LIMIT 1",
	[Q_LEASE] = "UPDATE lookup SET state = 'leased', next = ?2"
	    " WHERE number = ?1",
	[Q_NEXT] = "SELECT min(next) FROM lookup"
	    " WHERE state IN ('waiting', 'leased') AND next > ?1",
	[Q_ONE] = "SELECT kind, name, account, subject, attempts FROM lookup"
	    " WHERE number = ?1 AND state = 'leased'",
	[Q_AGAIN] = "UPDATE lookup SET state = 'waiting', next = ?2,"
	    " attempts = attempts + 1 WHERE number = ?1",
	[Q_DONE] = "UPDATE lookup SET state = 'done', ended = ?2,"
	    " attempts = attempts + 1, answer = ?3 WHERE number = ?1",
	[Q_ANSWER] = "SELECT answer, ended FROM lookup WHERE kind = ?1"
	    " AND name = ?2 AND state = 'done' AND answer IS NOT NULL"
	    " AND ended > ?3 ORDER BY number DESC LIMIT 1",
	[Q_RELEASE] = "UPDATE lookup SET state = 'waiting', next = ?1"
	    " WHERE state IN ('waiting', 'leased') AND state = 'leased'",
	[Q_SWEEP] = "DELETE FROM lookup WHERE state = 'done' AND ended <= ?1",
};
DB_STATEMENTS(lookup, sql)

/* ---- asking ---- */

int
lookup_waits(enum lookup_kind kind, const char *name, int64_t subject,
    struct err *e)
{
	struct query *q = db_query(lookup_prepared[Q_WAITS]);
	int r;

	q_str(q, 1, word_of(&lookup_kind_words, kind));
	q_i64(q, 2, subject);
	q_str(q, 3, name);
	r = q_next(q, e);
	q_end(q);
	return r;
}

int
lookup_ask(enum lookup_kind kind, const char *name, int64_t account,
    int64_t subject, struct err *e)
{
	struct query *q = NULL;
	int r = lookup_waits(kind, name, subject, e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	q = db_query(lookup_prepared[Q_ADD]);
	q_str(q, 1, word_of(&lookup_kind_words, kind));
	q_str(q, 2, name);
	q_i64(q, 3, account);
	q_i64(q, 4, subject);
	q_i64(q, 5, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	change_push("lookup", 0, 0, "");
	return 0;
}

int
lookup_drop(enum lookup_kind kind, int64_t subject, struct err *e)
{
	struct query *q = db_query(lookup_prepared[Q_DROP]);

	q_str(q, 1, word_of(&lookup_kind_words, kind));
	q_i64(q, 2, subject);
	return q_run(q, e);
}

bool
lookup_is_pointless(const char *name)
{
	struct domain_form f;
	struct err e = { 0 };

	return conf.dns_resolver[0] == '\0' &&
	    domain_parse(name, strlen(name), false, &f, &e) < 0 &&
	    strcmp(e.clause, "name-special-use") == 0;
}

int
lookup_answer(enum lookup_kind kind, const char *name,
    struct lookup_result *a, int64_t *at, struct err *e)
{
	struct query *q = db_query(lookup_prepared[Q_ANSWER]);
	const uint8_t *p = NULL;
	struct reader in;
	size_t size = 0;
	int r;

	q_str(q, 1, word_of(&lookup_kind_words, kind));
	q_str(q, 2, name);
	q_i64(q, 3, clock_now() - KEPT_SECONDS);
	if ((r = q_next(q, e)) != 1)
		return r;
	p = q_col_blob(q, 0, &size);
	*at = q_col_i64(q, 1);
	reader_init(&in, p, size);
	r = shape_decode(&lookup_result_shape, a, &in);
	q_end(q);
	return r < 0 ? err_set(e, ERR_BROKEN, "lookup",
	    "a kept answer cannot be read") : 1;
}

/* ---- the courier's side ---- */

void
lookups_release(void)
{
	struct query *q = db_query(lookup_prepared[Q_RELEASE]);

	q_i64(q, 1, clock_now());
	q_run(q, NULL);
}

static int
next_read(int64_t *next, struct err *e)
{
	struct query *q = db_query(lookup_prepared[Q_NEXT]);
	int have;

	q_i64(q, 1, clock_now());
	have = q_next(q, e);
	if (have == 1 && !q_col_null(q, 0))
		*next = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : 0;
}

int
serve_lookup_take(struct seat *s, const struct none *a,
    struct lookup_batch *r, struct err *e)
{
	struct query *q = db_query(lookup_prepared[Q_DUE]);
	struct lookup *l = NULL;
	int have;

	(void)s, (void)a;
	q_i64(q, 1, clock_now());
	q_i64(q, 2, LIVES_AT_ONCE);
	if ((have = q_next(q, e)) < 0)
		return -1;
	if (have == 1) {
		l = LIST_ADD(r, rows);
		l->number = q_col_i64(q, 0);
		l->kind = q_col_word(q, 1, &lookup_kind_words, LOOKUP_TXT);
		q_col_str(q, 2, l->name, sizeof l->name);
		q_end(q);
		q = db_query(lookup_prepared[Q_LEASE]);
		q_i64(q, 1, l->number);
		q_i64(q, 2, clock_now() + LEASE_SECONDS);
		if (q_run(q, e) < 0)
			return -1;
	}
	return next_read(&r->next, e);
}

struct leased {
	enum lookup_kind kind;
	char name[254];
	int64_t account, subject, attempts;
};

/* 1 and *l, 0 when it is not out any more, -1. */
static int
leased_load(int64_t number, struct leased *l, struct err *e)
{
	struct query *q = db_query(lookup_prepared[Q_ONE]);
	char word[16];
	int r;

	q_i64(q, 1, number);
	if ((r = q_next(q, e)) != 1)
		return r;
	q_col_str(q, 0, word, sizeof word);
	l->kind = (enum lookup_kind)word_parse(&lookup_kind_words, word);
	q_col_str(q, 1, l->name, sizeof l->name);
	l->account = q_col_i64(q, 2);
	l->subject = q_col_i64(q, 3);
	l->attempts = q_col_i64(q, 4);
	q_end(q);
	return 1;
}

/* Nobody answered: again in 20 s, then doubling.  A person waits for txt and
 * is told soon; a request waits for its CAA as long as it lives. */
static bool
is_last(const struct leased *l, const struct lookup_result *a)
{
	static const int64_t most[] = { [LOOKUP_TXT] = 3,
		[LOOKUP_CAA] = INT64_MAX, [LOOKUP_LIVE] = 1 };

	if (a->outcome != LOOKUP_TIMEOUT && (a->outcome != LOOKUP_FAILED ||
	    l->kind == LOOKUP_CAA))
		return true;
	return l->attempts + 1 >= most[l->kind];
}

static int
again(int64_t number, const struct leased *l, struct err *e)
{
	struct query *q = db_query(lookup_prepared[Q_AGAIN]);
	int64_t wait = l->attempts > 7 ? AGAIN_MAX : 20ll << l->attempts;

	q_i64(q, 1, number);
	q_i64(q, 2, clock_now() + (wait > AGAIN_MAX ? AGAIN_MAX : wait));
	return q_run(q, e);
}

static int
done(const struct lookup_result *a, const struct leased *l, struct err *e)
{
	struct query *q = NULL;
	struct buf b = { 0 };

	if (l->kind == LOOKUP_LIVE)
		shape_encode(&lookup_result_shape, a, &b);
	q = db_query(lookup_prepared[Q_DONE]);
	q_i64(q, 1, a->number);
	q_i64(q, 2, clock_now());
	if (l->kind == LOOKUP_LIVE)
		q_blob(q, 3, b.data, b.size);
	else
		q_null(q, 3);
	buf_clear(&b);
	return q_run(q, e);
}

int
serve_lookup_done(struct seat *s, const struct lookup_result *a,
    struct none *r, struct err *e)
{
	struct leased l = { 0 };
	int have = leased_load(a->number, &l, e);
	bool last;

	(void)s, (void)r;
	if (have != 1)		/* given out twice, and answered already */
		return have;
	last = is_last(&l, a);
	if ((last ? done(a, &l, e) : again(a->number, &l, e)) < 0)
		return -1;
	switch (l.kind) {
	case LOOKUP_TXT:
		return proof_dns_answer(l.subject, a, last, e);
	case LOOKUP_CAA:
		return caa_answer(l.subject, l.name, a, e);
	case LOOKUP_LIVE:
		return live_answer(l.subject, l.name, e);
	}
	return 0;
}

static void
lookup_sweep(void)
{
	struct query *q = db_query(lookup_prepared[Q_SWEEP]);

	q_i64(q, 1, clock_now() - KEPT_SECONDS);
	q_run(q, NULL);
}
LOOP_TIMER(lookup, 600, lookup_sweep)
