/* letter.c - how letters leave: leased to the courier, tried again with
 * back-off, a code wiped once it is gone. */
#include "core/registrar/registrar.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/letter/notice_text.h"

#define BATCH 20
#define LEASE_SECONDS 300
#define GIVE_UP_SECONDS (5 * 86400)

enum { Q_DUE, Q_LEASE, Q_NEXT, Q_STATE, Q_SENT, Q_AGAIN, Q_FAILED, Q_WIPE,
	Q_CHALLENGE_SENT, Q_CHALLENGE_LOST, Q_REGISTER_SENT, Q_RELEASE,
	Q_UNMADE };
static const char *const sql[] = {
	[Q_DUE] = "SELECT number, recipient, subject, created, blanks, kind,"
	    " calendar"
	    " FROM notice WHERE state IN ('waiting', 'leased')"
	    " AND next <= ?1 ORDER BY next LIMIT ?2",
	[Q_LEASE] = "UPDATE notice SET state = 'leased', next = ?2"
	    " WHERE number = ?1",
	[Q_NEXT] = "SELECT min(next) FROM notice"
	    " WHERE state IN ('waiting', 'leased')",
	[Q_STATE] = "SELECT state, kind, account, challenge, attempts,"
	    " created, recipient FROM notice WHERE number = ?1",
	/* what it said is not kept: whoever got it has it */
	[Q_SENT] = "UPDATE notice SET state = 'sent', sent = ?2, reply = ?3,"
	    " blanks = x'', attempts = attempts + 1"
	    " WHERE number = ?1 AND state = 'leased'",
	[Q_AGAIN] = "UPDATE notice SET state = 'waiting', next = ?2,"
	    " reply = ?3, attempts = attempts + 1"
	    " WHERE number = ?1 AND state = 'leased'",
	[Q_FAILED] = "UPDATE notice SET state = 'failed', next = ?2,"
	    " reply = ?3, attempts = attempts + 1"
	    " WHERE number = ?1 AND state = 'leased'",
	[Q_WIPE] = "UPDATE notice SET blanks = x'' WHERE number = ?1",
	/* the time of a code runs from the mail server's acceptance */
	[Q_CHALLENGE_SENT] = "UPDATE challenge SET state = 'sent', sent = ?2,"
	    " expires = ?3 WHERE number = ?1 AND state = 'waiting'",
	[Q_CHALLENGE_LOST] = "UPDATE challenge SET state = 'expired',"
	    " ended = ?2 WHERE number = ?1 AND state = 'waiting'",
	[Q_REGISTER_SENT] = "UPDATE account SET code_expires = ?2"
	    " WHERE number = ?1 AND state = 'pending'",
	[Q_UNMADE] = "UPDATE notice SET state = 'failed', next = ?2, reply ="
	    " 'the template does not fit it; see the log' WHERE number = ?1",
	[Q_RELEASE] = "UPDATE notice SET state = 'waiting', next = ?1"
	    " WHERE state IN ('waiting', 'leased') AND state = 'leased'",
};
DB_STATEMENTS(letter, sql)

static void
sender(char *dst, size_t size)
{
	if (conf.mail_from[0] != '\0')
		snprintf(dst, size, "%.254s", conf.mail_from);
	else
		snprintf(dst, size, "noreply@%.240s", conf.service_name);
}

static int
due_read(struct letter_batch *r, struct err *e)
{
	struct query *q = db_query(letter_prepared[Q_DUE]);
	int have;

	q_i64(q, 1, clock_now());
	q_i64(q, 2, BATCH);
	while ((have = q_next(q, e)) == 1) {
		struct letter *l = LIST_ADD(r, letters);
		const uint8_t *packed = NULL;
		char kind[32];
		struct err why = { 0 };
		size_t n;

		l->number = q_col_i64(q, 0);
		sender(l->from, sizeof l->from);
		q_col_str(q, 1, l->to, sizeof l->to);
		q_col_str(q, 2, l->subject, sizeof l->subject);
		l->created = q_col_i64(q, 3);
		packed = q_col_blob(q, 4, &n);
		q_col_str(q, 5, kind, sizeof kind);
		if (letter_body(kind, packed, n, &l->body, &why) < 0)
			log_warn("letter %lld: %s", (long long)l->number,
			    why.text);
		packed = q_col_blob(q, 6, &n);
		blob_set(&l->calendar, packed, n);
		snprintf(l->message_id, sizeof l->message_id,
		    "notice-%lld.%lld@%.64s", (long long)l->number,
		    (long long)l->created, conf.service_name);
	}
	return have;
}

static int
next_read(struct letter_batch *r, struct err *e)
{
	struct query *q = db_query(letter_prepared[Q_NEXT]);
	int have = q_next(q, e);

	if (have == 1 && !q_col_null(q, 0))
		r->next = q_col_i64(q, 0);
	q_end(q);
	return have < 0 ? -1 : 0;
}

/* A letter that its template cannot say any more is not given to anybody. */
static int
unmade_drop(struct letter_batch *r, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n_letters; i++) {
		struct letter *l = &r->letters[i];
		struct query *q = NULL;

		if (l->body.size > 0) {
			if (kept != i) {
				r->letters[kept] = *l;
				memset(l, 0, sizeof *l);
			}
			kept++;
			continue;
		}
		q = db_query(letter_prepared[Q_UNMADE]);
		q_i64(q, 1, l->number);
		q_i64(q, 2, clock_now());
		if (q_run(q, e) < 0)
			return -1;
		change_push("notice", l->number, 0, "");
		NOUN_CLEAR(letter, l);
	}
	r->n_letters = kept;
	return 0;
}

int
serve_letter_take(struct seat *s, const struct none *a,
    struct letter_batch *r, struct err *e)
{
	(void)s;
	(void)a;
	if (due_read(r, e) < 0 || unmade_drop(r, e) < 0)
		return -1;
	for (size_t i = 0; i < r->n_letters; i++) {
		struct query *q = db_query(letter_prepared[Q_LEASE]);

		q_i64(q, 1, r->letters[i].number);
		q_i64(q, 2, clock_now() + LEASE_SECONDS);
		if (q_run(q, e) < 0)
			return -1;
	}
	return next_read(r, e);
}

/* A courier that has just connected holds nothing: leases of the one before
 * are given out again.  (Message-ID stays, receivers can tell.) */
void
letters_release(void)
{
	struct query *q = db_query(letter_prepared[Q_RELEASE]);

	q_i64(q, 1, clock_now());
	q_run(q, NULL);
}

/* ---- what became of it ---- */

struct leased {
	int64_t account, challenge, attempts, created;
	char state[16], kind[32], recipient[320];
};

static int
leased_load(int64_t number, struct leased *l, struct err *e)
{
	struct query *q = db_query(letter_prepared[Q_STATE]);
	int have;

	q_i64(q, 1, number);
	if ((have = q_next(q, e)) == 1) {
		q_col_str(q, 0, l->state, sizeof l->state);
		q_col_str(q, 1, l->kind, sizeof l->kind);
		l->account = q_col_i64(q, 2);
		l->challenge = q_col_i64(q, 3);
		l->attempts = q_col_i64(q, 4);
		l->created = q_col_i64(q, 5);
		q_col_str(q, 6, l->recipient, sizeof l->recipient);
	}
	q_end(q);
	if (have == 0)
		return err_set(e, ERR_NOT_FOUND, "notice",
		    "there is no such letter");
	return have < 0 ? -1 : 0;
}

static int
row_set(int which, int64_t number, int64_t time, const char *reply,
    struct err *e)
{
	struct query *q = db_query(letter_prepared[which]);

	q_i64(q, 1, number);
	q_i64(q, 2, time);
	if (reply != NULL)
		q_str(q, 3, reply);
	return q_run(q, e);
}

/* 1, 5, 15 minutes, 1 hour, then doubling to a day. */
static int64_t
back_off(int64_t attempts)
{
	static const int64_t minutes[] = { 1, 5, 15, 60, 120, 240, 480, 960,
		1440 };
	size_t n = sizeof minutes / sizeof minutes[0];

	return 60 * minutes[attempts < (int64_t)n ? (size_t)attempts : n - 1];
}

static bool
has_code(const struct leased *l)
{
	static const char *const kinds[] = { "register", "contact", "recover",
		"recovery-begun" };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(l->kind, kinds[i]) == 0)
			return true;
	return l->challenge != 0;
}

static int
code_wipe(int64_t number, struct err *e)
{
	struct query *q = db_query(letter_prepared[Q_WIPE]);

	q_i64(q, 1, number);
	return q_run(q, e);
}

static int
sent_keep(int64_t number, const struct leased *l, const char *reply,
    struct err *e)
{
	int64_t now = clock_now();
	int64_t expires = now + conf.policy_challenge_hours * 3600;
	struct query *q = NULL;

	if (row_set(Q_SENT, number, now, reply, e) < 0)
		return -1;
	if (l->challenge != 0) {
		q = db_query(letter_prepared[Q_CHALLENGE_SENT]);
		q_i64(q, 1, l->challenge);
		q_i64(q, 2, now);
		q_i64(q, 3, expires);
		if (q_run(q, e) < 0)
			return -1;
		change_push("domain", 0, l->account, "");
	} else if (strcmp(l->kind, "register") == 0) {
		if (row_set(Q_REGISTER_SENT, l->account, expires, NULL,
		    e) < 0)
			return -1;
	}
	return 0;
}

static int
failed_keep(int64_t number, const struct leased *l, const char *reply,
    struct err *e)
{
	if (row_set(Q_FAILED, number, clock_now(), reply, e) < 0)
		return -1;
	if (l->challenge != 0) {
		if (row_set(Q_CHALLENGE_LOST, l->challenge, clock_now(),
		    NULL, e) < 0)
			return -1;
		change_push("domain", 0, l->account,
		    "A letter with a code could not be delivered; see the domain.");
	}
	return has_code(l) ? code_wipe(number, e) : 0;
}

int
serve_letter_done(struct seat *s, const struct delivery *a, struct none *r,
    struct err *e)
{
	struct leased l = { 0 };
	bool again = a->state == NOTICE_WAITING;
	char object[24];

	(void)r;
	if (a->state == NOTICE_LEASED)
		return err_set(e, ERR_BAD_INPUT, "notice",
		    "say sent, failed or waiting");
	if (leased_load(a->number, &l, e) < 0)
		return -1;
	if (strcmp(l.state, "leased") != 0)
		return strcmp(l.state, word_of(&notice_state_words,
		    a->state)) == 0 ? 0 : err_set(e, ERR_CONFLICT, "notice",
		    "the letter is %s", l.state);
	change_push("notice", a->number, 0, "");
	if (again && clock_now() - l.created < GIVE_UP_SECONDS)
		return row_set(Q_AGAIN, a->number, clock_now() +
		    back_off(l.attempts), a->reply, e);
	if ((a->state == NOTICE_SENT ? sent_keep : failed_keep)(a->number, &l,
	    a->reply, e) < 0)
		return -1;
	snprintf(object, sizeof object, "%lld", (long long)a->number);
	return audit_add(s, a->state == NOTICE_SENT ? "letter.sent" :
	    "letter.failed", "notice", object, a->state == NOTICE_SENT ?
	    OUTCOME_DONE : OUTCOME_FAILED, e, "%s to %s: %s", l.kind,
	    l.recipient, a->reply);
}
