/* dispatch.c - a burst of questions: each in its savepoint, all in one
 * transaction, answered when that is on the disk. */
#define SERVE_REGISTRAR(x) x
#include "core/wire/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/asker.h"
#include "core/registrar/db.h"
#include "core/registrar/held.h"
#include "core/registrar/list/page.h"
#include "core/registrar/policy.h"
#include "core/registrar/registrar.h"

struct item {
	struct seat *seat;
	uint32_t sequence;
	enum op op;
	size_t mark;		/* of the seat's out, before the answer */
	struct request *later;	/* an answer that waits for the signer */
	bool put;
};

#define ITEMS_MAX 512
static struct item items[ITEMS_MAX];
static size_t n_items;
static bool begun;
static bool keep;		/* question_keep() was called */

void
question_keep(void)
{
	keep = true;
}

size_t
burst_size(void)
{
	return n_items;
}

static int
burst_begin(struct err *e)
{
	if (begun)
		return 0;
	if (db_begin(e) < 0)
		return -1;
	begun = true;
	return 0;
}

/* ---- refusals in the audit log ---- */

/* A dry run or a look that is refused is no deed. */
static bool
only_reads(enum op op)
{
	switch (op) {
	case OP_seat_check:
	case OP_whoami:
	case OP_agreement_get:
	case OP_key_list:
	case OP_domain_list:
	case OP_domain_get:
	case OP_request_check:
	case OP_operator_check_csr:
		return true;
	default:
		return false;
	}
}

/* "request_submit" is the action "request.submit" on a "request". */
static void
refusal_queue(const struct seat *s, const struct question *q,
    const struct err *e)
{
	static const char *const naming[] = { "ref", "number", "name" };
	const struct shape *shape = ops[q->op].argument;
	char action[48], noun[24], object[96] = "";
	char *underscore = NULL;

	str_copy(action, sizeof action, ops[q->op].name);
	if ((underscore = strchr(action, '_')) != NULL)
		*underscore = '\0';
	str_copy(noun, sizeof noun, action);
	if (underscore != NULL)
		*underscore = '.';
	for (size_t i = 0; i < 3 && object[0] == '\0'; i++) {
		const struct field *f = shape_field(shape, naming[i]);
		const char *at = NULL;

		if (f == NULL)
			continue;
		at = (const char *)q->argument + f->offset;
		if (f->kind == FIELD_STR)
			snprintf(object, sizeof object, "%.95s", at);
		else if (f->kind == FIELD_I64)
			snprintf(object, sizeof object, "%lld",
			    (long long)*(const int64_t *)(const void *)at);
	}
	audit_refusal(s, action, noun, object, "%s: %s", e->clause, e->text);
}

void
burst_hang_up(struct seat *s, const struct err *why)
{
	struct err e = { 0 };

	s->hang_up = true;
	log_warn("seat %lld (%s %s from %s) is hung up: %s",
	    (long long)s->number, word_of(&role_words, s->role),
	    s->account_name, s->source, why->text);
	if (burst_begin(&e) < 0 || audit_add(s, why->kind == ERR_REFUSED ?
	    "seat.denied" : "seat.malformed", "seat", s->account_name,
	    OUTCOME_REFUSED, &e, "%s", why->text) < 0)
		log_warn("audit: hanging up was not kept: %s", e.text);
}

/* ---- one question ---- */

/* A savepoint copies each page that the question changes.  One that refuses
 * before it writes anything goes without: only a fault of the database can
 * come after that, and then the whole burst is not kept. */
static int
question_run_bare(struct seat *s, const struct question *q, void *answer,
    struct err *e)
{
	int64_t before = db_total_changes();
	size_t pushed = changes_mark();
	int r;

	keep = false;
	r = serve_table[q->op](s, q->argument, answer, e);
	db_questions_end();
	if (r == 0)
		return 0;
	changes_undo(pushed);
	if (db_total_changes() != before)
		db_doom();
	return r;
}

/* In its savepoint; 0, or -1 with *e. */
static int
question_run(struct seat *s, const struct question *q, void *answer,
    struct err *e)
{
	size_t pushed = changes_mark();
	int r;

	if (q->op == OP_request_approve)
		return question_run_bare(s, q, answer, e);
	if (db_savepoint(e) < 0)
		return -1;
	keep = false;
	r = serve_table[q->op](s, q->argument, answer, e);
	db_questions_end();
	if (r == 0 || keep) {
		db_savepoint_release();
	} else {
		db_savepoint_undo();
		changes_undo(pushed);
	}
	return r;
}

static bool
answers_later(enum op op)
{
	return op == OP_request_submit || op == OP_request_approve;
}

static void
answer_put(struct item *it, void *answer)
{
	struct seat *s = it->seat;

	s->sequence = it->sequence;
	s->op = it->op;
	it->mark = seat_mark(s);
	it->put = true;
	seat_answer_put(s, answer);
	shape_clear(ops[it->op].answer, answer);
	free(answer);
}

static void
error_put(struct item *it, const struct err *e)
{
	struct seat *s = it->seat;

	s->sequence = it->sequence;
	s->op = it->op;
	it->mark = seat_mark(s);
	it->put = true;
	seat_error_put(s, e);
}

static void
failure_put(struct item *it, const struct question *q, bool audited,
    struct err *e)
{
	if (e->kind == ERR_NONE || e->kind > ERR_BROKEN)
		err_set(e, ERR_BROKEN, "registrar",
		    "%s failed without a reason", ops[q->op].name);
	if (e->kind == ERR_BROKEN)
		log_warn("%s: %s: %s", ops[q->op].name, e->clause, e->text);
	if (!audited && e->kind == ERR_REFUSED && !only_reads(q->op))
		refusal_queue(it->seat, q, e);
	error_put(it, e);
}

void
burst_serve(struct seat *s, const struct question *q)
{
	struct item *it = NULL;
	struct held h = held_begin();
	struct err e = { 0 };
	enum role born = s->role, role = born;
	void *answer = NULL;
	int r = -1;

	if (n_items == ITEMS_MAX)
		fatal("burst of more than %d questions", ITEMS_MAX);
	it = &items[n_items++];
	*it = (struct item){ .seat = s, .sequence = s->sequence,
		.op = q->op };
	answer = xcalloc(1, ops[q->op].answer->size);
	keep = false;
	if (burst_begin(&e) == 0 && asker_check(s, q->op, &role, &e) == 0 &&
	    asker_room(q->op, &e) == 0 &&
	    (ops[q->op].argument != &wish_shape ||
	    wish_check(q->op, q->argument, &e) == 0)) {
		s->role = role;
		r = question_run(s, q, answer, &e);
	}
	if (r == 0 && answers_later(q->op)) {
		it->later = answer;
	} else if (r == 0) {
		answer_put(it, answer);
	} else {
		shape_clear(ops[q->op].answer, answer);
		free(answer);
		failure_put(it, q, keep || audit_refusals_queued() > 0, &e);
	}
	if (begun)
		audit_refusals_write();
	s->role = born;
	held_end(&h, "question", ops[q->op].name);
}

/* ---- the end of a burst ---- */

static void
later_put(struct item *it)
{
	struct request *r = it->later;
	struct err e = { 0 };
	int64_t number = r->row.number;

	it->later = NULL;
	if (r->row.state != REQUEST_APPROVED) {
		answer_put(it, r);
		return;
	}
	if (request_reload(number, r, &e) == 0) {
		answer_put(it, r);
		return;
	}
	shape_clear(&request_shape, r);
	free(r);
	error_put(it, &e);
}

static void
approved_issue(void)
{
	bool any = false;

	for (size_t i = 0; i < n_items; i++)
		if (items[i].later != NULL &&
		    items[i].later->row.state == REQUEST_APPROVED)
			any = true;
	if (any && !db_doomed()) {
		issue_run();
		db_questions_end();
		audit_refusals_write();
	}
	for (size_t i = 0; i < n_items; i++)
		if (items[i].later != NULL)
			later_put(&items[i]);
}

/* Nothing of this burst is true: say so to each who asked. */
static void
answers_unmake(const struct err *e)
{
	for (size_t i = n_items; i-- > 0; )
		if (items[i].put)
			seat_rewind(items[i].seat, items[i].mark);
	for (size_t i = 0; i < n_items; i++) {
		struct seat *s = items[i].seat;

		if (items[i].op == OP_seat_open && s->pass_fd >= 0) {
			close(s->pass_fd);	/* the near end hears of it */
			s->pass_fd = -1;
		}
		error_put(&items[i], e);
	}
}

bool
burst_end(void)
{
	struct held h = { 0 };
	struct err e = { 0 };
	bool good;

	if (!begun) {
		n_items = 0;
		return false;
	}
	h = held_begin();
	approved_issue();
	begun = false;
	good = db_commit(&e) == 0;
	policy_settle(good);
	if (!good) {
		log_warn("commit of %zu questions failed: %s", n_items,
		    e.text);
		changes_undo(0);
		e.kind = ERR_UNAVAILABLE;
		answers_unmake(&e);
	}
	n_items = 0;
	held_end(&h, "commit", "");
	return good;
}
