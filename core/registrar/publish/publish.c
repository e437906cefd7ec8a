/* publish.c - the published set follows the rows: what is due is done after
 * the commit, and again until it works. */
#include "core/registrar/publish/publish.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/publish/crl_ahead.h"
#include "core/registrar/publish/crl_job.h"
#include "core/registrar/db.h"
#include "core/registrar/held.h"
#include "core/registrar/audit/log.h"

#define ROUND_MS 100		/* between two rounds of answers or CRLs */
#define IDLE_MS 1000
#define FRESH_MS 100		/* quiet, before new certificates get answers, */
#define FRESH_MAX_MS 1000	/* or so long at most */
#define BACK_OFF_MAX_MS 60000
#define SETTLE_MS 20		/* between two slices that come to the disk */
#define FEED_MS 60000
#define STATE_MS 15000
#define ROOT_MS 10000

enum { Q_DUE, Q_CRL, Q_SHARD };

static const char *const sql[] = {
	[Q_DUE] = "INSERT INTO answer_due (certificate, due) VALUES (?1, ?2)"
	    " ON CONFLICT (certificate) DO UPDATE SET due = excluded.due",
	[Q_CRL] = "UPDATE issuer SET crl_due = ?2 WHERE name ="
	    " (SELECT c.issuer FROM certificate c WHERE c.number = ?1)",
	[Q_SHARD] = "UPDATE crl_shard SET crl_due = ?2 WHERE (issuer, shard)"
	    " = (SELECT c.issuer, c.shard FROM certificate c"
	    " WHERE c.number = ?1 AND c.shard > 0)",
};
DB_STATEMENTS(publish, sql)

/* One kind of work, with its own patience. */
struct work {
	const char *name;
	int64_t next_ms;		/* clock_mono_ms(); 0 at once */
	int64_t back_off_ms;
	int64_t worked_ms;		/* when it last had anything to do */
	char why[256];			/* it failed; "" it did not */
};
static struct work starting = { .name = "published set" };
static struct work answering = { .name = "answers" };
static struct work settling = { .name = "answers to disk" };
static struct work listing = { .name = "CRL" };
static struct work releasing = { .name = "CRLs ahead" };
static struct work rooting = { .name = "root's CRL" };
static struct work feeding = { .name = "feed" };
static struct work stating = { .name = "state" };
static struct work heading = { .name = "head of the log" };
static bool started, feed_wanted = true;
static int64_t fresh_since;		/* clock_mono_ms(); 0 none waits */
static bool urgent;			/* a revocation waits for its answer */

/* Something is due: at once when it comes alone, else each ROUND_MS. */
static void
work_wake(struct work *w)
{
	if (w->back_off_ms == 0 && w->next_ms > w->worked_ms + ROUND_MS)
		w->next_ms = w->worked_ms + ROUND_MS;
}

const char *
publish_why(enum work_kind kind)
{
	switch (kind) {
	case WORK_ANSWERS:
		return answering.why;
	case WORK_CRL:
		return listing.why;
	case WORK_ROOT:
		break;
	}
	return rooting.why;
}

/* Answers of new certificates wait until approving pauses. */
static void
fresh_wake(void)
{
	int64_t now = clock_mono_ms(), next = now + FRESH_MS;

	if (urgent || answering.back_off_ms != 0)
		return;
	if (fresh_since == 0)
		fresh_since = now;
	if (next > fresh_since + FRESH_MAX_MS)
		next = fresh_since + FRESH_MAX_MS;
	answering.next_ms = next;
}

int
publish_due(int64_t certificate, bool crl, struct err *e)
{
	struct query *q = db_query(publish_prepared[Q_DUE]);

	q_i64(q, 1, certificate);
	/* a revocation goes before what is merely to be refreshed */
	q_i64(q, 2, crl ? 0 : clock_now());
	if (q_run(q, e) < 0)
		return -1;
	feed_wanted = true;
	log_wanted();
	if (!crl) {
		fresh_wake();
		return 0;
	}
	urgent = true;
	work_wake(&answering);
	work_wake(&listing);
	for (int k = Q_CRL; k <= Q_SHARD; k++) {
		q = db_query(publish_prepared[k]);
		q_i64(q, 1, certificate);
		q_i64(q, 2, clock_now());
		if (q_run(q, e) < 0)
			return -1;
	}
	return 0;
}

static bool
work_ready(const struct work *w)
{
	return clock_mono_ms() >= w->next_ms;
}

static void
work_done(struct work *w, int64_t pause_ms)
{
	w->back_off_ms = 0;
	w->why[0] = '\0';
	w->next_ms = clock_mono_ms() + pause_ms;
}

static void
work_failed(struct work *w, const struct err *e)
{
	w->back_off_ms = w->back_off_ms == 0 ? 1000 : w->back_off_ms * 2;
	if (w->back_off_ms > BACK_OFF_MAX_MS)
		w->back_off_ms = BACK_OFF_MAX_MS;
	w->next_ms = clock_mono_ms() + w->back_off_ms;
	str_copy(w->why, sizeof w->why, e->text);
	log_warn("%s: not published, again in %lld s: %s", w->name,
	    (long long)(w->back_off_ms / 1000), e->text);
}

/* What a look at the files and the rows finds missing is due. */
static int
start(struct err *e)
{
	if (publish_folders(e) < 0 || publish_chains(e) < 0 ||
	    db_begin(e) < 0)
		return -1;
	if (answers_requeue_if_lost(e) == 0 && crls_requeue_if_lost(e) == 0)
		return db_commit(e);
	db_rollback();
	return -1;
}

static void
start_try(void)
{
	struct err e = { 0 };

	if (start(&e) < 0) {
		work_failed(&starting, &e);
		return;
	}
	started = true;
}

static void
answers_try(void)
{
	struct err e = { 0 };
	bool more = false, worked = false;

	if (answers_round(&more, &worked, &e) < 0) {
		work_failed(&answering, &e);
		answers_withdraw();
	} else {
		work_done(&answering, more ? 0 : IDLE_MS);
	}
	if (worked)
		answering.worked_ms = clock_mono_ms();
	urgent = false;
	fresh_since = 0;
}

static void
settle_try(void)
{
	struct err e = { 0 };
	bool more = false;

	if (answers_settle_round(&more, &e) < 0)
		work_failed(&settling, &e);
	else
		work_done(&settling, more ? SETTLE_MS : IDLE_MS);
}

static void
crls_try(void)
{
	struct err e = { 0 };
	bool made = false, more = false;

	if (crls_round(&made, &more, &e) < 0)
		work_failed(&listing, &e);
	else
		work_done(&listing, more ? 0 : IDLE_MS);
	if (made)
		listing.worked_ms = clock_mono_ms();
	feed_wanted = feed_wanted || made;
}

/* Apart from the making, which fails while the signer is away. */
static void
ahead_try(void)
{
	struct err e = { 0 };
	bool made = false;

	if (crl_ahead_round(&made, &e) < 0)
		work_failed(&releasing, &e);
	else
		work_done(&releasing, IDLE_MS);
	feed_wanted = feed_wanted || made;
}

void
publish_roots_soon(void)
{
	root_crl_changed();
	rooting.back_off_ms = 0;
	rooting.next_ms = 0;
}

/* As if every pause were over: a test has moved the clock. */
void
publish_look_for_test(void)
{
	struct work *all[] = { &starting, &answering, &settling, &listing, &releasing,
		&rooting, &heading, &feeding, &stating };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		all[i]->back_off_ms = all[i]->next_ms = 0;
}

/* Something was planned: look at once. */
void
publish_soon(void)
{
	work_wake(&listing);
}

static void
root_try(void)
{
	struct err e = { 0 };

	if (signer_line(NULL) == NULL)
		work_done(&rooting, IDLE_MS);	/* others say it */
	else if (root_crl_round(&e) < 0)
		work_failed(&rooting, &e);
	else
		work_done(&rooting, ROOT_MS);
}

static void
feed_try(void)
{
	struct err e = { 0 };

	if (feed_write(&e) < 0) {
		work_failed(&feeding, &e);
		return;
	}
	feed_wanted = false;
	work_done(&feeding, FEED_MS);
}

static void
head_try(void)
{
	struct err e = { 0 };
	bool more = false;

	if (!log_due() || signer_line(NULL) == NULL)
		work_done(&heading, IDLE_MS);
	else if (log_round(&more, &e) < 0)
		work_failed(&heading, &e);
	else
		work_done(&heading, more ? 0 : IDLE_MS);
}

/* Numbers are not worth a word when they cannot be written. */
static void
state_try(void)
{
	state_write(NULL);
	work_done(&stating, STATE_MS);
}

static void
try(struct work *w, void (*run)(void))
{
	struct held h = { 0 };

	if (!work_ready(w))
		return;
	h = held_begin();
	run();
	held_end(&h, w->name, "");
}

void
publish_run(void)
{
	if (!started)
		try(&starting, start_try);
	if (!started)
		return;
	try(&answering, answers_try);
	try(&settling, settle_try);
	try(&listing, crls_try);
	try(&releasing, ahead_try);
	try(&rooting, root_try);
	try(&heading, head_try);
	if (feed_wanted)
		try(&feeding, feed_try);
	try(&stating, state_try);
}

int
publish_wait_ms(void)
{
	int64_t next = starting.next_ms, now = clock_mono_ms();

	if (started) {
		next = answering.next_ms < listing.next_ms ?
		    answering.next_ms : listing.next_ms;
		if (settling.next_ms < next)
			next = settling.next_ms;
		if (releasing.next_ms < next)
			next = releasing.next_ms;
		if (rooting.next_ms < next)
			next = rooting.next_ms;
		if (heading.next_ms < next)
			next = heading.next_ms;
		if (feed_wanted && feeding.next_ms < next)
			next = feeding.next_ms;
		if (stating.next_ms < next)
			next = stating.next_ms;
	}
	if (next <= now)
		return 0;
	return next - now < BACK_OFF_MAX_MS ? (int)(next - now) :
	    BACK_OFF_MAX_MS;
}

void
publish_close(void)
{
	answers_writer_close();
	crl_job_drop();
	root_crl_again();
	started = false;
	feed_wanted = true;
	starting.next_ms = answering.next_ms = settling.next_ms = listing.next_ms =
	    releasing.next_ms = rooting.next_ms = feeding.next_ms = heading.next_ms = 0;
}

void
publish_facts(struct fact_list *list)
{
	crl_facts(list);
	crl_ahead_facts(list);
	root_crl_fact(list);
	answers_fact(list);
	log_facts(list);
}
