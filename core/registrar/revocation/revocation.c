/* revocation.c - certificates taken back: asked for, effective, listed. */
#include "core/registrar/revocation/revocation.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/page.h"
#include "core/registrar/letter/tell.h"
#include "core/x509/rules.h"

#define OTHERS_COUNTED 100	/* a letter counts no further */

#define ROW \
	"SELECT v.number, c.request, c.serial, o.name, v.reason, v.state," \
	" v.requested, v.effective, b.name, v.role FROM revocation v" \
	" JOIN certificate c ON c.number = v.certificate" \
	" LEFT JOIN account o ON o.number = c.account" \
	" LEFT JOIN account b ON b.number = v.account "
#define TARGET \
	"SELECT number, request, serial, account, not_after, spki_sha256," \
	" state FROM certificate WHERE request IS NOT NULL AND "

enum { Q_REQUEST, Q_NUMBER, Q_SERIAL, Q_FIRST, Q_ADD, Q_REVOKE, Q_LIST,
	Q_TOTAL, Q_OTHERS, Q_SEEN, Q_SEEN_ALL };

static const char *const sql[] = {
	[Q_REQUEST] = TARGET "request = ?1",
	[Q_NUMBER] = TARGET "number = ?1",
	[Q_SERIAL] = TARGET "serial = ?1",
	[Q_FIRST] = ROW "WHERE v.certificate = ?1 AND v.state <> 'refused'"
	    " ORDER BY v.number LIMIT 1",
	[Q_ADD] = "INSERT INTO revocation (certificate, account, role,"
	    " reason, state, requested, effective) VALUES (?1, ?2, ?3, ?4,"
	    " 'effective', ?5, ?5)",
	[Q_REVOKE] = "UPDATE certificate SET state = 'revoked', revoked = ?2,"
	    " reason = ?3 WHERE number = ?1 AND state = 'good'",
	[Q_LIST] = ROW "WHERE v.number < ?1 AND (?2 = '' OR v.state = ?2)"
	    " AND (?3 = '' OR c.serial LIKE ?3 ESCAPE '!'"
	    " OR o.name LIKE ?3 ESCAPE '!'"
	    " OR EXISTS (SELECT 1 FROM request_domain d"
	    "  WHERE d.request = c.request AND d.domain LIKE ?3 ESCAPE '!'))"
	    " ORDER BY v.number DESC LIMIT ?4",
	[Q_TOTAL] = "SELECT coalesce(max(number), 0) FROM revocation",
	[Q_OTHERS] = "SELECT count(*) FROM (SELECT 1 FROM request r"
	    " JOIN certificate c ON c.request = r.number"
	    " WHERE r.spki_sha256 = ?1 AND c.number <> ?2"
	    " AND c.state = 'good' AND c.not_after > ?3 LIMIT ?4) AS counted",
	[Q_SEEN] = "UPDATE revocation_unseen SET count = count - ?2"
	    " WHERE account = ?1 AND count > ?2",
	[Q_SEEN_ALL] = "DELETE FROM revocation_unseen WHERE account = ?1"
	    " AND count <= ?2",
};
DB_STATEMENTS(revocation, sql)

/* ---- rows ---- */

static void
row_take(struct query *q, struct revocation *v)
{
	v->number = q_col_i64(q, 0);
	v->request = q_col_i64(q, 1);
	q_col_str(q, 2, v->serial, sizeof v->serial);
	q_col_str(q, 3, v->account, sizeof v->account);
	v->reason = (enum reason)q_col_i64(q, 4);
	v->state = q_col_word(q, 5, &revocation_state_words, 0);
	v->requested = q_col_i64(q, 6);
	v->effective = q_col_i64(q, 7);
	q_col_str(q, 8, v->by, sizeof v->by);
	v->by_role = q_col_word(q, 9, &role_words, 0);
}

int
revocation_first(int64_t certificate, struct revocation *r, struct err *e)
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

int
reason_check(bool staff, enum reason reason, struct err *e)
{
	char list[256] = "";
	size_t n = 0;

	if (reason_allowed(reason, staff))
		return 0;
	for (unsigned i = 0; i < reason_words.count && n < sizeof list; i++)
		if (reason_allowed((enum reason)i, staff))
			n += (size_t)snprintf(list + n, sizeof list - n,
			    "%s%s", n ? ", " : "",
			    word_of(&reason_words, i));
	return rule_broken(e, RULE_REASON_NOT_ALLOWED,
	    "%s is no reason that you can give; it is one of %s",
	    word_of(&reason_words, reason), list);
}

static int
target_take(struct query *q, struct target *t, struct err *e)
{
	char state[16];
	int have = q_next(q, e);

	if (have != 1)
		return have;
	t->number = q_col_i64(q, 0);
	t->request = q_col_i64(q, 1);
	q_col_str(q, 2, t->serial, sizeof t->serial);
	t->account = q_col_i64(q, 3);
	t->not_after = q_col_i64(q, 4);
	q_col_bytes(q, 5, t->spki_sha256, sizeof t->spki_sha256);
	q_col_str(q, 6, state, sizeof state);
	t->good = strcmp(state, "good") == 0;
	q_end(q);
	return 1;
}

int
target_load(int64_t certificate, struct target *t, struct err *e)
{
	struct query *q = db_query(revocation_prepared[Q_NUMBER]);

	q_i64(q, 1, certificate);
	return target_take(q, t, e);
}

int
target_load_by_serial(const char *serial, struct target *t, struct err *e)
{
	struct query *q = db_query(revocation_prepared[Q_SERIAL]);

	q_str(q, 1, serial);
	return target_take(q, t, e);
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
	q = db_query(revocation_prepared[Q_REQUEST]);
	q_i64(q, 1, request);
	if ((r = target_take(q, t, e)) == 0)
		return err_set(e, ERR_NOT_FOUND, "certificate",
		    "request %lld has no certificate to revoke; `withdraw` takes back a request that waits",
		    (long long)request);
	return r < 0 ? -1 : 0;
}

/* ---- the deed ---- */

static int
rows_revoke(const struct revoker *d, const struct target *t, struct err *e)
{
	struct query *q = db_query(revocation_prepared[Q_ADD]);
	int64_t now = clock_now();

	q_i64(q, 1, t->number);
	if (d->seat->account != 0)
		q_i64(q, 2, d->seat->account);
	else
		q_null(q, 2);
	q_str(q, 3, word_of(&role_words, d->as));
	q_i64(q, 4, d->reason);
	q_i64(q, 5, now);
	if (q_run(q, e) < 0)
		return -1;
	q = db_query(revocation_prepared[Q_REVOKE]);
	q_i64(q, 1, t->number);
	q_i64(q, 2, now);
	q_i64(q, 3, d->reason);
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
	q_i64(q, 4, OTHERS_COUNTED);
	if ((r = q_next(q, e)) == 1)
		*n = q_col_i64(q, 0);
	q_end(q);
	return r < 0 ? -1 : 0;
}

const char *
revoker_shown(const struct revoker *d)
{
	return d->as == ROLE_GUEST ? "the holder of its key" :
	    word_of(&role_words, d->as);
}

static int
revoked_tell(const struct revoker *d, const struct target *t, struct err *e)
{
	struct request_head h;
	char number[24], when[TIME_TEXT_SIZE], same_key[24];
	const struct blank blanks[] = {
		{ "NUMBER", number }, { "SERIAL", t->serial },
		{ "DOMAIN", h.first }, { "ACCOUNT", h.account_name },
		{ "REASON", word_of(&reason_words, d->reason) },
		{ "ROLE", revoker_shown(d) },
		{ "WHEN", when }, { "SAME_KEY", same_key },
	};
	int64_t others = 0;

	if (request_head_load(t->request, &h, e) < 0 ||
	    others_count(t, &others, e) < 0)
		return -1;
	snprintf(number, sizeof number, "%lld", (long long)t->request);
	snprintf(same_key, sizeof same_key, "%lld%s", (long long)others,
	    others == OTHERS_COUNTED ? " or more" : "");
	time_text(when, clock_now());
	return letters_send("revoked", &h, blanks,
	    sizeof blanks / sizeof blanks[0], e);
}

static int
entries_add(const struct revoker *d, const struct target *t, struct err *e)
{
	char plan[48] = "";

	if (d->plan != 0)
		snprintf(plan, sizeof plan, ", plan %lld",
		    (long long)d->plan);
	if (audit_add(d->seat, "revocation.request", "certificate", t->serial,
	    OUTCOME_DONE, e, "request %lld, reason %s%s",
	    (long long)t->request, word_of(&reason_words, d->reason),
	    plan) < 0)
		return -1;
	/* the authority's own entry: it stays whole when who asked is erased,
	 * so that report_log.c can count it */
	return audit_add(NULL, "revocation.effective", "certificate",
	    t->serial, OUTCOME_DONE, e, "reason %s, by %s%s, at %lld",
	    word_of(&reason_words, d->reason), revoker_shown(d), plan,
	    (long long)clock_now());
}

int
certificate_revoke(const struct revoker *d, const struct target *t,
    struct err *e)
{
	char text[128];

	if (rows_revoke(d, t, e) < 0 || entries_add(d, t, e) < 0)
		return -1;
	if (d->reason == REASON_KEY_COMPROMISE &&
	    key_block(t->spki_sha256, "reported as compromised", e) < 0)
		return -1;
	if (publish_due(t->number, d->plan == 0, e) < 0 ||
	    revoked_tell(d, t, e) < 0)
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
	const struct revoker d = { .seat = s, .as = s->role,
		.reason = a->reason };
	struct target t = { 0 };

	if (target_find(s, a->ref, &t, e) < 0)
		return -1;
	if (reason_check(s->role == ROLE_STAFF, a->reason, e) < 0) {
		if (!t.good)	/* asking again changes nothing */
			return revocation_first(t.number, r, e) < 0 ? -1 : 0;
		audit_refusal(s, "revocation.request", "certificate",
		    t.serial, "%s: %s", e->clause,
		    word_of(&reason_words, a->reason));
		return -1;
	}
	return certificate_take_back(&d, &t, a->all_with_key, r, e);
}

/* ---- told to the owner ---- */

int
serve_revocation_seen(struct seat *s, const struct seen *a, struct none *r,
    struct err *e)
{
	(void)r;
	for (int i = Q_SEEN; i <= Q_SEEN_ALL; i++) {
		struct query *q = db_query(revocation_prepared[i]);

		q_i64(q, 1, s->account);
		q_i64(q, 2, a->revoked);
		if (q_run(q, e) < 0)
			return -1;
		if (i == Q_SEEN && db_changes() > 0)
			break;
	}
	return 0;
}

/* ---- the list ---- */

int
serve_revocation_list(struct seat *s, const struct wish *a,
    struct revocation_page *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	(void)s;
	if (page_total(db_query(revocation_prepared[Q_TOTAL]), &r->total, e) < 0)
		return -1;
	q = db_query(revocation_prepared[Q_LIST]);
	page_bind(q, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}
