/* notice.c - letters: queued in the deed's transaction, listed for staff.  Their
 * words stand in notice_text.c, how they leave in letter.c. */
#include "core/registrar/registrar.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/letter/notice_text.h"
#include "core/registrar/list/page.h"
#include "core/registrar/account/privacy.h"

enum { Q_ADD, Q_LIST, Q_LAST };
static const char *const sql[] = {
	[Q_ADD] = "INSERT INTO notice (kind, account, recipient, subject,"
	    " blanks, challenge, state, created, next, calendar)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?7, ?8)",
	[Q_LIST] = "SELECT number, kind, recipient, subject, state, created,"
	    " next, sent, attempts, reply FROM notice WHERE number < ?1"
	    " AND (?2 = '' OR state = ?2) AND (?3 = '' OR kind LIKE ?3"
	    " ESCAPE '!' OR recipient LIKE ?3 ESCAPE '!'"
	    " OR subject LIKE ?3 ESCAPE '!')"
	    " ORDER BY number DESC LIMIT ?4",
	[Q_LAST] = "SELECT max(number) FROM notice",
};
DB_STATEMENTS(notice, sql)

/* ---- addresses ---- */

static bool
local_part_ok(const char *s, size_t n)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";

	if (n == 0 || n > 64 || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] == '\0' || strchr(good, s[i]) == NULL ||
		    (s[i] == '.' && s[i + 1] == '.'))
			return false;
	return true;
}

static bool
label_ok(const char *s, size_t n, bool *letters)
{
	*letters = false;
	if (n == 0 || n > 63 || s[0] == '-' || s[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++) {
		bool letter = s[i] >= 'a' && s[i] <= 'z';

		if (!letter && s[i] != '-' && (s[i] < '0' || s[i] > '9'))
			return false;
		*letters = *letters || letter;
	}
	return true;
}

/* At least two labels, the last one with a letter in it. */
static bool
host_ok(const char *s)
{
	bool letters = false;
	size_t labels = 0, n;

	if (strlen(s) > 253)
		return false;
	for (;;) {
		n = strcspn(s, ".");
		if (!label_ok(s, n, &letters))
			return false;
		labels++;
		if (s[n] == '\0')
			return labels >= 2 && letters;
		s += n + 1;
	}
}

bool
address_ok(const char *address)
{
	const char *at = strchr(address, '@');

	return at != NULL && strlen(address) <= 254 &&
	    local_part_ok(address, (size_t)(at - address)) && host_ok(at + 1);
}

/* ---- queueing ---- */

static int
row_add(const char *kind, int64_t account, const char *recipient,
    int64_t challenge, const char *subject, const struct buf *packed,
    const char *calendar, struct err *e)
{
	struct query *q = NULL;

	if (!address_ok(recipient))
		return err_set(e, ERR_BAD_INPUT, "address",
		    "no letter can go to an address of this form");
	q = db_query(notice_prepared[Q_ADD]);
	q_str_held(q, 1, kind);
	if (account != 0)
		q_i64(q, 2, account);
	q_str_held(q, 3, recipient);
	q_str_held(q, 4, subject);
	q_blob_held(q, 5, packed->data, packed->size);
	if (challenge != 0)
		q_i64(q, 6, challenge);
	q_i64(q, 7, clock_now());
	q_str_held(q, 8, calendar);
	if (q_run(q, e) < 0)
		return -1;
	change_push("notice", db_last_number(), 0, "");
	return 0;
}

static int
each_add(const char *kind, int64_t account, const char *const *recipients,
    size_t n_recipients, int64_t challenge, const struct blank *blanks,
    size_t n, const char *calendar, struct err *e)
{
	struct buf packed = { 0 };	/* may hold a code: wiped */
	char subject[256];
	int r = letter_subject(kind, blanks, n, subject, e);

	if (r == 0)
		r = letter_pack(&packed, kind, blanks, n, e);
	for (size_t i = 0; i < n_recipients && r == 0; i++)
		r = row_add(kind, account, recipients[i], challenge, subject,
		    &packed, calendar, e);
	buf_clear(&packed);
	return r;
}

static int
notice_add_each(const char *kind, int64_t account,
    const char *const *recipients, size_t n_recipients, int64_t challenge,
    const struct blank *blanks, size_t n, struct err *e)
{
	return each_add(kind, account, recipients, n_recipients, challenge,
	    blanks, n, "", e);
}

int
notice_add_calendar(const char *kind, int64_t account,
    const char *const *recipients, size_t n_recipients,
    const struct blank *blanks, size_t n, const char *calendar,
    struct err *e)
{
	return each_add(kind, account, recipients, n_recipients, 0, blanks,
	    n, calendar, e);
}

int
notice_add(const char *kind, int64_t account, const char *recipient,
    int64_t challenge, const struct blank *blanks, size_t n, struct err *e)
{
	return notice_add_each(kind, account, &recipient, 1, challenge,
	    blanks, n, e);
}

/* ---- what staff see ---- */

static void
row_take(struct query *q, struct notice *n)
{
	n->number = q_col_i64(q, 0);
	q_col_str(q, 1, n->kind, sizeof n->kind);
	q_col_str(q, 2, n->to, sizeof n->to);
	q_col_str(q, 3, n->subject, sizeof n->subject);
	n->state = q_col_word(q, 4, &notice_state_words, NOTICE_WAITING);
	n->created = q_col_i64(q, 5);
	n->next = q_col_i64(q, 6);
	n->sent = q_col_i64(q, 7);
	n->attempts = q_col_i64(q, 8);
	q_col_str(q, 9, n->reply, sizeof n->reply);
}

int
serve_notice_list(struct seat *s, const struct wish *a,
    struct notice_page *r, struct err *e)
{
	struct query *q = NULL;
	int have;

	if (page_total(db_query(notice_prepared[Q_LAST]), &r->total, e) < 0)
		return -1;
	q = db_query(notice_prepared[Q_LIST]);
	page_bind(q, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1) {
		row_take(q, LIST_ADD(r, rows));
		if (reads_redacted(s)) {
			addresses_redact(r->rows[r->n_rows - 1].to);
			addresses_redact(r->rows[r->n_rows - 1].reply);
		}
	}
	return have;
}
