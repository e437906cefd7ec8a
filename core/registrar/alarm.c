/* alarm.c - alarms: raised once, told once, listed, looked after, over. */
#include "core/registrar/alarm.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/db_word.h"
#include "core/registrar/list/page.h"
#include "core/registrar/registrar.h"

/* An alarm that goes on is written down again this often, not each second. */
#define REFRESH_SECONDS 300

enum { Q_FIND, Q_ADD, Q_AGAIN, Q_OVER, Q_SEE, Q_OPEN, Q_LIST, Q_LAST, Q_GET };
#define ROW "a.number, a.kind, a.object, a.text, a.state, a.raised," \
    " a.last, a.over, coalesce(b.name, ''), a.seen FROM alarm a" \
    " LEFT JOIN account b ON b.number = a.seen_by"
static const char *const sql[] = {
	[Q_FIND] = "SELECT number, last, text, state FROM alarm WHERE kind = ?1"
	    " AND object = ?2 AND state <> 'over'",
	[Q_ADD] = "INSERT INTO alarm (kind, object, text, state, raised, last)"
	    " VALUES (?1, ?2, ?3, 'open', ?4, ?4)",
	[Q_AGAIN] = "UPDATE alarm SET text = ?2, last = ?3 WHERE number = ?1",
	[Q_OVER] = "UPDATE alarm SET state = 'over', over = ?2, last = ?2"
	    " WHERE number = ?1",
	[Q_SEE] = "UPDATE alarm SET state = 'seen', seen_by = ?2, seen = ?3"
	    " WHERE number = ?1 AND state = 'open'",
	[Q_OPEN] = "SELECT count(*) FROM alarm WHERE state <> 'over'",
	[Q_LIST] = "SELECT " ROW " WHERE a.number < ?1"
	    " AND (?2 = '' OR a.state = ?2) AND (?3 = ''"
	    " OR a.kind LIKE ?3 ESCAPE '!' OR a.object LIKE ?3 ESCAPE '!'"
	    " OR a.text LIKE ?3 ESCAPE '!') ORDER BY a.number DESC LIMIT ?4",
	[Q_LAST] = "SELECT coalesce(max(number), 0) FROM alarm",
	[Q_GET] = "SELECT " ROW " WHERE a.number = ?1",
};
DB_STATEMENTS(alarm, sql)

struct found {
	int64_t number;		/* 0: none is open */
	int64_t last;
	bool seen;
	char text[512];
};

static int
alarm_find(enum alarm_kind kind, const char *object, struct found *f,
    struct err *e)
{
	struct query *q = db_query(alarm_prepared[Q_FIND]);
	int have;

	memset(f, 0, sizeof *f);
	q_str(q, 1, word_of(&alarm_kind_words, kind));
	q_str(q, 2, object);
	if ((have = q_next(q, e)) == 1) {
		f->number = q_col_i64(q, 0);
		f->last = q_col_i64(q, 1);
		q_col_str(q, 2, f->text, sizeof f->text);
		f->seen = q_col_word(q, 3, &alarm_state_words,
		    ALARM_OPEN) == ALARM_SEEN;
	}
	q_end(q);
	return have < 0 ? -1 : 0;
}

int
alarm_is_seen(enum alarm_kind kind, const char *object, bool *seen,
    struct err *e)
{
	struct found f;

	if (alarm_find(kind, object, &f, e) < 0)
		return -1;
	*seen = f.seen;
	return 0;
}

/* The letter fails for want of a template or an address: that must not undo
 * what raised the alarm, which is in the log and on the screens all the same. */
static void
alarm_tell(const char *kind, const char *object, const char *text)
{
	struct err why = { 0 };
	const struct blank blanks[] = {
		{ "KIND", kind }, { "OBJECT", object[0] ? object : "-" },
		{ "TEXT", text }, { "SSH", ssh_words() },
	};

	if (!address_ok(conf.mail_staff_to))
		return;
	if (notice_add("alarm", 0, conf.mail_staff_to, 0, blanks,
	    sizeof blanks / sizeof blanks[0], &why) < 0)
		log_warn("alarm %s: no letter: %s", kind, why.text);
}

static int
alarm_add(enum alarm_kind kind, const char *object, const char *text,
    struct err *e)
{
	const char *word = word_of(&alarm_kind_words, kind);
	struct query *q = db_query(alarm_prepared[Q_ADD]);
	int64_t number;

	q_str(q, 1, word);
	q_str(q, 2, object);
	q_str(q, 3, text);
	q_i64(q, 4, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	number = db_last_number();
	if (audit_add(NULL, "alarm.raise", "alarm", word, OUTCOME_FAILED, e,
	    "%s%s%s", object, object[0] ? ": " : "", text) < 0)
		return -1;
	log_warn("alarm %s %s: %s", word, object, text);
	alarm_tell(word, object, text);
	change_push("alarm", number, 0, text);
	return 0;
}

int
alarm_raise(enum alarm_kind kind, const char *object, struct err *e,
    const char *fmt, ...)
{
	struct found f;
	struct query *q = NULL;
	char raw[512], text[512], name[96];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	render_untrusted(text, sizeof text, raw, strlen(raw));
	render_untrusted(name, sizeof name, object, strlen(object));
	if (alarm_find(kind, name, &f, e) < 0)
		return -1;
	if (f.number == 0)
		return alarm_add(kind, name, text, e);
	if (strcmp(f.text, text) == 0 &&
	    clock_now() - f.last < REFRESH_SECONDS)
		return 0;
	q = db_query(alarm_prepared[Q_AGAIN]);
	q_i64(q, 1, f.number);
	q_str(q, 2, text);
	q_i64(q, 3, clock_now());
	return q_run(q, e);
}

int
alarm_clear(enum alarm_kind kind, const char *object, struct err *e)
{
	struct found f;
	struct query *q = NULL;
	char name[96];

	render_untrusted(name, sizeof name, object, strlen(object));
	if (alarm_find(kind, name, &f, e) < 0)
		return -1;
	if (f.number == 0)
		return 0;
	q = db_query(alarm_prepared[Q_OVER]);
	q_i64(q, 1, f.number);
	q_i64(q, 2, clock_now());
	if (q_run(q, e) < 0)
		return -1;
	change_push("alarm", f.number, 0, "");
	return audit_add(NULL, "alarm.over", "alarm",
	    word_of(&alarm_kind_words, kind), OUTCOME_DONE, e, "%s%s%s",
	    name, name[0] ? ": " : "", f.text);
}

int64_t
alarms_open(void)
{
	struct query *q = db_query(alarm_prepared[Q_OPEN]);
	int64_t n = 0;

	if (q_next(q, NULL) == 1)
		n = q_col_i64(q, 0);
	q_end(q);
	return n;
}

/* ---- questions ---- */

static void
row_take(struct query *q, struct alarm *a)
{
	a->number = q_col_i64(q, 0);
	a->kind = q_col_word(q, 1, &alarm_kind_words, 0);
	q_col_str(q, 2, a->object, sizeof a->object);
	q_col_str(q, 3, a->text, sizeof a->text);
	a->state = q_col_word(q, 4, &alarm_state_words, 0);
	a->raised = q_col_i64(q, 5);
	a->last = q_col_i64(q, 6);
	a->over = q_col_i64(q, 7);
	q_col_str(q, 8, a->seen_by, sizeof a->seen_by);
	a->seen = q_col_i64(q, 9);
}

static int
alarm_load(int64_t number, struct alarm *a, struct err *e)
{
	struct query *q = db_query(alarm_prepared[Q_GET]);
	int have;

	q_i64(q, 1, number);
	if ((have = q_next(q, e)) == 1)
		row_take(q, a);
	q_end(q);
	return have == 1 ? 0 : have < 0 ? -1 : err_set(e, ERR_NOT_FOUND,
	    "alarm", "there is no alarm %lld; `alarms` lists them",
	    (long long)number);
}

int
serve_alarm_list(struct seat *s, const struct wish *a, struct alarm_page *r,
    struct err *e)
{
	struct query *q = NULL;
	int have;

	(void)s;
	if (page_total(db_query(alarm_prepared[Q_LAST]), &r->total, e) < 0)
		return -1;
	q = db_query(alarm_prepared[Q_LIST]);
	page_bind(q, a);
	while ((have = page_next(q, a, r->n_rows, &r->more, e)) == 1)
		row_take(q, LIST_ADD(r, rows));
	return have;
}

int
serve_alarm_see(struct seat *s, const struct ref *a, struct alarm *r,
    struct err *e)
{
	struct query *q = NULL;
	int64_t number = 0;

	if (!number_parse(a->ref, INT64_MAX, &number))
		return err_set(e, ERR_BAD_INPUT, "alarm",
		    "\"%s\" is not the number of an alarm", a->ref);
	if (alarm_load(number, r, e) < 0)
		return -1;
	if (r->state == ALARM_OVER)
		return err_set(e, ERR_CONFLICT, "alarm",
		    "alarm %lld is over already", (long long)r->number);
	if (r->state == ALARM_SEEN)
		return 0;	/* somebody does: asking again changes nothing */
	q = db_query(alarm_prepared[Q_SEE]);
	q_i64(q, 1, r->number);
	q_i64(q, 2, s->account);
	q_i64(q, 3, clock_now());
	if (q_run(q, e) < 0 || audit_add(s, "alarm.see", "alarm",
	    word_of(&alarm_kind_words, r->kind), OUTCOME_DONE, e, "%s",
	    r->object) < 0)
		return -1;
	change_push("alarm", r->number, 0, "");
	return alarm_load(number, r, e);
}
