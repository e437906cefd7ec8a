/* answer.c - published OCSP answers read back: one whole, and their health. */
#include "core/registrar/publish/publish.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/registrar/db.h"

#define LATE 120		/* overdue by so much is told */
#define RECOUNT_MS 5000
#define RECOUNT_SHARE 100	/* and so many times as long as it takes */
#define LATE_MOST 10000		/* counted so far: who asks waits for it */

enum { Q_OVERDUE };

static const char *const sql[] = {
	[Q_OVERDUE] = "SELECT count(*) FROM (SELECT 1 FROM answer_due"
	    " WHERE due <= ?1 LIMIT ?2)",
};

DB_STATEMENTS(answer, sql)

static int64_t
due_until(int64_t until, int64_t most)
{
	struct query *q = db_query(answer_prepared[Q_OVERDUE]);
	int64_t n = 0;

	q_i64(q, 1, until);
	q_i64(q, 2, most);
	if (q_next(q, NULL) == 1)
		n = q_col_i64(q, 0);
	q_end(q);
	return n;
}

int
answer_assemble(const char *serial, struct blob *out, struct err *e)
{
	struct answers *a = answers_writer(e);
	const struct ocsp_issuer *o = NULL;
	const uint8_t *responder = NULL;
	uint8_t bytes[SERIAL_MAX];
	size_t size = 0;
	struct answer x;
	struct buf b = { 0 };
	int n = hex_decode(bytes, sizeof bytes, serial);

	if (a == NULL)
		return -1;
	if (n <= 0 || answers_find(a, bytes, (size_t)n, &x) != 1 ||
	    x.signature_size[CERTID_SHA1] == 0 ||
	    (o = answers_issuer(a, x.issuer, &responder, &size)) == NULL)
		return err_set(e, ERR_UNAVAILABLE, "answers",
		    "there is no OCSP answer for %.41s yet; try again in a moment",
		    serial);
	ocsp_answer(&b, o, CERTID_SHA1, bytes, (size_t)n, &x.status,
	    x.this_update, x.next_update, x.signature[CERTID_SHA1],
	    x.signature_size[CERTID_SHA1], responder, size);
	blob_set(out, b.data, b.size);
	buf_clear(&b);
	return 0;
}

int64_t
answers_soonest(void)
{
	struct answers *a = answers_writer(NULL);
	int64_t soonest = 0;
	size_t used = 0;

	if (a != NULL)
		answers_health(a, &soonest, &used);
	return soonest;
}

/* Of how many in this run; screens ask often, and a million take a while to
 * count. */
static int64_t
total_of(int64_t made)
{
	static int64_t again_ms, total;
	int64_t now = clock_mono_ms();

	if (now >= again_ms || total < made) {
		total = made + due_until(clock_now(), INT64_MAX);
		again_ms = clock_mono_ms();
		again_ms += RECOUNT_MS + (again_ms - now) * RECOUNT_SHARE;
	}
	return total;
}

void
answers_fact(struct fact_list *list)
{
	struct fact *f = LIST_ADD(list, rows);
	struct answers *a = answers_writer(NULL);
	char when[TIME_TEXT_SIZE];
	int64_t late = due_until(clock_now() - LATE, LATE_MOST), soonest = 0;
	size_t used = 0;

	str_copy(f->what, sizeof f->what, "OCSP answers");
	if (a != NULL)
		answers_health(a, &soonest, &used);
	f->done = answers_made(&f->since);
	if (f->since != 0)
		f->total = total_of(f->done);
	f->good = a != NULL && late == 0 &&
	    (soonest == 0 || soonest > clock_now());
	time_text(when, soonest);
	snprintf(f->text, sizeof f->text, soonest == 0 ?
	    "%zu%s, %lld%s overdue" :
	    "%zu, the first ends at %s, %lld%s overdue",
	    used, soonest == 0 ? "" : when, (long long)late,
	    late == LATE_MOST ? " or more" : "");
}
