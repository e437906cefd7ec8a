/* revocation.c - certificates taken back: asked for, effective, listed. */
#include "core/registrar/request.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/page.h"
#include "core/registrar/tell.h"

#define ROW \
	"SELECT v.number, c.request, c.serial, o.name, v.reason, v.state," \
	" v.requested, v.effective, b.name, v.role FROM revocation v" \
	" JOIN certificate c ON c.number = v.certificate" \
	" LEFT JOIN account o ON o.number = c.account" \
	" LEFT JOIN account b ON b.number = v.account "
#define FILTERED \
	" (?1 = '' OR v.state = ?1) AND (?2 = ''" \
	" OR c.serial LIKE ?2 ESCAPE '!' OR o.name LIKE ?2 ESCAPE '!'" \
	" OR EXISTS (SELECT 1 FROM request_domain d" \
	" WHERE d.request = c.request AND d.domain LIKE ?2 ESCAPE '!'))"

enum { Q_CERTIFICATE, Q_FIRST, Q_ADD, Q_REVOKE, Q_LIST, Q_TOTAL, Q_OTHERS };

static const char *const sql[] = {
	[Q_CERTIFICATE] = "SELECT number, serial, account, not_after,"
	    " spki_sha256 FROM certificate WHERE request = ?1",
	[Q_FIRST] = ROW "WHERE v.certificate = ?1 AND v.state <> 'refused'"
	    " ORDER BY v.number LIMIT 1",
	[Q_ADD] = "INSERT INTO revocation (certificate, account, role,"
	    " reason, state, requested, effective) VALUES (?1, ?2, ?3, ?4,"
	    " 'effective', ?5, ?5)",
	[Q_REVOKE] = "UPDATE certificate SET state = 'revoked', revoked = ?2,"
	    " reason = ?3 WHERE number = ?1 AND state = 'good'",
	[Q_LIST] = ROW "WHERE" FILTERED " AND (?3 = 0 OR v.number < ?3)"
	    " ORDER BY v.number DESC LIMIT ?4",
	[Q_TOTAL] = "SELECT count(*) FROM revocation",
	[Q_OTHERS] = "SELECT count(*) FROM certificate"
	    " WHERE spki_sha256 = ?1 AND number <> ?2 AND state = 'good'"
	    " AND not_after > ?3",
};
DB_STATEMENTS(revocation, sql)

struct target {
	int64_t number, request, account, not_after;
	char serial[42];
	uint8_t spki_sha256[32];
};

/* ---- rows ---- */

static int
word_column(struct query *q, int column, const struct words *set)
{
	char word[32];
	int v;

	q_col_str(q, column, word, sizeof word);
	v = word_parse(set, word);
	return v < 0 ? 0 : v;
}

static void
row_take(struct query *q, struct revocation *v)
{
	v->number = q_col_i64(q, 0);
	v->request = q_col_i64(q, 1);
	q_col_str(q, 2, v->serial, sizeof v->serial);
	q_col_str(q, 3, v->account, sizeof v->account);
	v->reason = (enum reason)q_col_i64(q, 4);
	v->state = (enum revocation_state)word_column(q, 5,
	    &revocation_state_words);
	v->requested = q_col_i64(q, 6);
	v->effective = q_col_i64(q, 7);
	q_col_str(q, 8, v->by, sizeof v->by);
	v->by_role = (enum role)word_column(q, 9, &role_words);
}

/* 1 there is one already, 0, -1. */
static int
first_load(int64_t certificate, struct revocation *r, struct err *e)
{
	struct query *q = db_query(revocation_prepared[Q_FIRST]);
	int have;

	q_i64(q, 1, certificate);
	if ((have = q_next(q, e)) == 1) {
		row_take(q, r);
		q_end(q);
	}
	return have;
}

/* ---- may it be? ---- */

static bool
reason_allowed(enum reason reason, bool staff)
{
	switch (reason) {
	case REASON_UNSPECIFIED:
	case REASON_KEY_COMPROMISE:
	case REASON_AFFILIATION_CHANGED:
	case REASON_SUPERSEDED:
	case REASON_CESSATION:
		return true;
	case REASON_PRIVILEGE_WITHDRAWN:
		return staff;
	default:
		return false;
	}
}

static int
reason_check(const struct seat *s, enum reason reason, struct err *e)
{
	char list[256] = "";
	size_t n = 0;
	bool staff = s->role == ROLE_STAFF;

	if (reason_allowed(reason, staff))
		return 0;
	for (unsigned i = 0; i < reason_words.count && n < sizeof list; i++)
		if (reason_allowed((enum reason)i, staff))
			n += (size_t)snprintf(list + n, sizeof list - n,
			    "%s%s", n ? ", " : "",
			    word_of(&reason_words, i));
	return err_set(e, ERR_REFUSED, "reason-not-allowed",
	    "%s is no reason that you can give; it is one of %s",
	    word_of(&reason_words, reason), list);
}

/* The certificate of a request that the seat may revoke: its own, or any for
 * staff.  Others hear what they would hear of nothing at all. */
static int
target_find(const struct seat *s, const char *ref, struct target *t,
    struct err *e)
{
	struct seat reader = *s;
	struct query *q = NULL;
	int64_t request = 0;
	int r;

	/* auditors and the director read all, and revoke only their own */
	if (s->role != ROLE_STAFF)
		reader.role = ROLE_MEMBER;
	if (request_find(&reader, ref, &request, e) < 0) {
		char shown[80];

		render_untrusted(shown, sizeof shown, ref, strlen(ref));
		audit_refusal(s, "revocation.request", "certificate", "",
		    "%s: none such, or not his", shown);
		return -1;
	}
	q = db_query(revocation_prepared[Q_CERTIFICATE]);
	q_i64(q, 1, request);
	if ((r = q_next(q, e)) < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_NOT_FOUND, "certificate",
		    "request %lld has no certificate to revoke; `withdraw` takes back a request that waits",
		    (long long)request);
	t->number = q_col_i64(q, 0);
	t->request = request;
	q_col_str(q, 1, t->serial, sizeof t->serial);
	t->account = q_col_i64(q, 2);
	t->not_after = q_col_i64(q, 3);
	q_col_bytes(q, 4, t->spki_sha256, sizeof t->spki_sha256);
	q_end(q);
	return 0;
}

/* ---- the deed ---- */

static int
rows_revoke(const struct seat *s, const struct target *t, enum reason reason,
    struct err *e)
{
	struct query *q = db_query(revocation_prepared[Q_ADD]);
	int64_t now = clock_now();

	q_i64(q, 1, t->number);
	if (s->account != 0)
		q_i64(q, 2, s->account);
	else
		q_null(q, 2);
	q_str(q, 3, word_of(&role_words, s->role));
	q_i64(q, 4, reason);
	q_i64(q, 5, now);
	if (q_run(q, e) < 0)
		return -1;
	q = db_query(revocation_prepared[Q_REVOKE]);
	q_i64(q, 1, t->number);
	q_i64(q, 2, now);
	q_i64(q, 3, reason);
	if (q_run(q, e) < 0)
		return -1;
	if (db_changes() != 1)
		return err_set(e, ERR_CONFLICT, "certificate-state",
		    "certificate %s is revoked already", t->serial);
	return 0;
}

/* S7.6: how many other good certificates have the same key. */
static int
others_count(const struct target *t, int64_t *n, struct err *e)
{
	struct query *q = db_query(revocation_prepared[Q_OTHERS]);
	int r;

	q_blob(q, 1, t->spki_sha256, sizeof t->spki_sha256);
	q_i64(q, 2, t->number);
	q_i64(q, 3, clock_now());
	if ((r = q_next(q, e)) == 1)
		*n = q_col_i64(q, 0);
	q_end(q);
	return r < 0 ? -1 : 0;
}

static int
revoked_tell(const struct seat *s, const struct target *t,
    enum reason reason, struct err *e)
{
	struct request_head h;
	char number[24], when[TIME_TEXT_SIZE], same_key[24];
	const struct blank blanks[] = {
		{ "NUMBER", number }, { "SERIAL", t->serial },
		{ "DOMAIN", h.first }, { "ACCOUNT", h.account_name },
		{ "REASON", word_of(&reason_words, reason) },
		{ "ROLE", word_of(&role_words, s->role) },
		{ "WHEN", when }, { "SAME_KEY", same_key },
	};
	int64_t others = 0;

	if (request_head_load(t->request, &h, e) < 0 ||
	    others_count(t, &others, e) < 0)
		return -1;
	snprintf(number, sizeof number, "%lld", (long long)t->request);
	snprintf(same_key, sizeof same_key, "%lld", (long long)others);
	time_text(when, clock_now());
	return letters_send("revoked", &h, blanks,
	    sizeof blanks / sizeof blanks[0], e);
}

static int
certificate_revoke(const struct seat *s, const struct target *t, enum reason reason,
    struct err *e)
{
	char text[128];

	if (rows_revoke(s, t, reason, e) < 0 ||
	    audit_add(s, "revocation.request", "certificate", t->serial,
	    OUTCOME_DONE, e, "request %lld, reason %s",
	    (long long)t->request, word_of(&reason_words, reason)) < 0)
		return -1;
	if (reason == REASON_KEY_COMPROMISE &&
	    key_block(t->spki_sha256, "reported as compromised", e) < 0)
		return -1;
	if (publish_due(t->number, true, e) < 0 ||
	    audit_add(s, "revocation.effective", "certificate", t->serial,
	    OUTCOME_DONE, e, "reason %s, by %s",
	    word_of(&reason_words, reason),
	    word_of(&role_words, s->role)) < 0 ||
	    revoked_tell(s, t, reason, e) < 0)
		return -1;
	snprintf(text, sizeof text, "Certificate of request %lld is revoked",
	    (long long)t->request);
	change_push("certificate", t->request, t->account, text);
	return 0;
}

int
serve_revocation_add(struct seat *s, const struct revocation_new *a,
    struct revocation *r, struct err *e)
{
	struct target t = { 0 };
	int have;

	if (target_find(s, a->ref, &t, e) < 0)
		return -1;
	if ((have = first_load(t.number, r, e)) != 0)
		return have < 0 ? -1 : 0;
	if (reason_check(s, a->reason, e) < 0) {
		audit_refusal(s, "revocation.request", "certificate",
		    t.serial, "%s: %s", e->clause,
		    word_of(&reason_words, a->reason));
		return -1;
	}
	if (certificate_revoke(s, &t, a->reason, e) < 0)
		return -1;
	return first_load(t.number, r, e) < 0 ? -1 : 0;
}

/* ---- the list ---- */

static int
list_total(int64_t *total, struct err *e)
{
	struct query *q = db_query(revocation_prepared[Q_TOTAL]);
	int r = q_next(q, e);

	if (r == 1)
		*total = q_col_i64(q, 0);
	q_end(q);
	return r < 0 ? -1 : 0;
}

int
serve_revocation_list(struct seat *s, const struct wish *a,
    struct revocation_page *r, struct err *e)
{
	char pattern[PATTERN_SIZE];
	int64_t limit = page_limit(a->limit);
	struct query *q = NULL;
	int have;

	(void)s;
	if (list_total(&r->total, e) < 0)
		return -1;
	page_pattern(pattern, a->filter);
	q = db_query(revocation_prepared[Q_LIST]);
	q_str(q, 1, a->state);
	q_str(q, 2, pattern);
	q_i64(q, 3, a->before);
	q_i64(q, 4, limit + 1);
	while ((have = q_next(q, e)) == 1) {
		if ((int64_t)r->n_rows == limit) {
			r->more = true;
			q_end(q);
			return 0;
		}
		row_take(q, LIST_ADD(r, rows));
	}
	return have;
}
