/* publish.c - the published set follows the rows: what is due is done after
 * the commit, and again until it works. */
#include "core/registrar/publish.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/registrar/crl_job.h"
#include "core/registrar/db.h"

#define ROUND_MS 100		/* between two rounds of answers or CRLs */
#define IDLE_MS 1000
#define FRESH_MS 100		/* quiet, before new certificates get answers, */
#define FRESH_MAX_MS 1000	/* or so long at most */
#define BACK_OFF_MAX_MS 60000
#define FEED_MS 60000
#define ROOT_MS 10000

enum { Q_DUE, Q_CRL };

static const char *const sql[] = {
	[Q_DUE] = "INSERT INTO answer_due (certificate, due) VALUES (?1, ?2)"
	    " ON CONFLICT (certificate) DO UPDATE SET due = excluded.due",
	[Q_CRL] = "UPDATE issuer SET crl_due = ?2 WHERE name ="
	    " (SELECT c.issuer FROM certificate c WHERE c.number = ?1)",
};
DB_STATEMENTS(publish, sql)

/* One kind of work, with its own patience. */
struct work {
	const char *name;
	int64_t next_ms;		/* clock_mono_ms(); 0 at once */
	int64_t last_ms;
	int64_t back_off_ms;
};
static struct work starting = { .name = "published set" };
static struct work answering = { .name = "answers" };
static struct work listing = { .name = "CRL" };
static struct work rooting = { .name = "root's CRL" };
static struct work feeding = { .name = "feed" };
static bool started, feed_wanted = true;
static int64_t fresh_since;		/* clock_mono_ms(); 0 none waits */
static bool urgent;			/* a revocation waits for its answer */

/* Something is due: soon, but not more often than each ROUND_MS. */
static void
work_wake(struct work *w)
{
	if (w->back_off_ms == 0 && w->next_ms > w->last_ms + ROUND_MS)
		w->next_ms = w->last_ms + ROUND_MS;
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
	if (!crl) {
		fresh_wake();
		return 0;
	}
	urgent = true;
	work_wake(&answering);
	work_wake(&listing);
	q = db_query(publish_prepared[Q_CRL]);
	q_i64(q, 1, certificate);
	q_i64(q, 2, clock_now());
	return q_run(q, e);
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
	w->last_ms = clock_mono_ms();
	w->next_ms = w->last_ms + pause_ms;
}

static void
work_failed(struct work *w, const struct err *e)
{
	w->back_off_ms = w->back_off_ms == 0 ? 1000 : w->back_off_ms * 2;
	if (w->back_off_ms > BACK_OFF_MAX_MS)
		w->back_off_ms = BACK_OFF_MAX_MS;
	w->next_ms = clock_mono_ms() + w->back_off_ms;
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

	if (started || !work_ready(&starting))
		return;
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
	bool more = false;

	if (!work_ready(&answering))
		return;
	if (answers_round(&more, &e) < 0)
		work_failed(&answering, &e);
	else
		work_done(&answering, more ? 0 : IDLE_MS);
	urgent = false;
	fresh_since = 0;
}

static void
crls_try(void)
{
	struct err e = { 0 };
	bool made = false, more = false;

	if (!work_ready(&listing))
		return;
	if (crls_round(&made, &more, &e) < 0)
		work_failed(&listing, &e);
	else
		work_done(&listing, more ? 0 : IDLE_MS);
	feed_wanted = feed_wanted || made;
}

static void
root_try(void)
{
	struct err e = { 0 };

	if (!work_ready(&rooting))
		return;
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

	if (!feed_wanted || !work_ready(&feeding))
		return;
	if (feed_write(&e) < 0) {
		work_failed(&feeding, &e);
		return;
	}
	feed_wanted = false;
	work_done(&feeding, FEED_MS);
}

void
publish_run(void)
{
	start_try();
	if (!started)
		return;
	answers_try();
	crls_try();
	root_try();
	feed_try();
}

int
publish_wait_ms(void)
{
	int64_t next = starting.next_ms, now = clock_mono_ms();

	if (started) {
		next = answering.next_ms < listing.next_ms ?
		    answering.next_ms : listing.next_ms;
		if (rooting.next_ms < next)
			next = rooting.next_ms;
		if (feed_wanted && feeding.next_ms < next)
			next = feeding.next_ms;
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
	starting.next_ms = answering.next_ms = listing.next_ms =
	    rooting.next_ms = feeding.next_ms = 0;
}

void
publish_facts(struct fact_list *list)
{
	crl_facts(list);
	root_crl_fact(list);
	answers_fact(list);
}
