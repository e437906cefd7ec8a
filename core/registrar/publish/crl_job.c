/* crl_job.c - one CRL on its way: list, hash, signature, files. */
#include "core/registrar/publish/crl_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/publish/crl_ahead.h"
#include "core/registrar/publish/crl_file.h"
#include "core/registrar/publish/crl_list.h"
#include "core/registrar/publish/publish.h"
#include "core/wire/ask.h"

#define RUN_MS 3		/* for one run, then others have their turn */
#define PART (256 << 10)
#define COPY (1 << 20)		/* from file to file, in one go */

enum step { STEP_NONE, STEP_OPEN, STEP_ANEW, STEP_NEW, STEP_BEGIN, STEP_HASH,
	STEP_WRITE, STEP_FINISH };

static struct {
	enum step step;
	struct crl_list list;
	struct crl_begin wish;
	bool ahead;
	char stem[72];
	struct crl_signed ends;
	struct crl_file *file;
	int64_t offset;		/* in the entries: hashed, or written */
	int64_t expired;	/* S8.4: certificates that ended before this go */
	int64_t began_ms;
	uint8_t *part;
} job = { .list.fd = -1 };

void
crl_job_start(const struct crl_begin *w, bool ahead)
{
	crl_job_drop();
	job.wish = *w;
	job.ahead = ahead;
	crl_stem(job.stem, w->issuer, w->shard);
	/* on one more CRL after it has expired */
	job.expired = clock_now() - crl_life();
	job.part = xmalloc(PART);
	job.began_ms = clock_mono_ms();
	job.step = STEP_OPEN;
}

bool
crl_job_runs(void)
{
	return job.step != STEP_NONE;
}

void
crl_job_drop(void)
{
	if (job.list.issuer[0] != '\0')
		crl_list_close(&job.list);
	if (job.file != NULL)
		crl_file_free(job.file);
	job.file = NULL;
	NOUN_CLEAR(crl_signed, &job.ends);
	free(job.part);
	job.part = NULL;
	job.step = STEP_NONE;
}

static struct line *
line_of(struct err *e)
{
	struct line *l = signer_line(e);

	if (l != NULL)
		l->timeout_ms = SIGNER_PUBLISH_MS;
	return l;
}

/* ---- the steps: each does one slice, and says which comes next ---- */

static int
step_open(struct err *e)
{
	bool anew = false;

	if (line_of(e) == NULL || crl_list_open(&job.list,
	    job.wish.issuer, job.wish.shard, job.expired, &anew, e) < 0)
		return -1;
	job.step = STEP_NEW;
	if (!anew)
		return 0;
	job.step = STEP_ANEW;
	return crl_list_begin(&job.list, e);
}

static int
step_list(struct err *e)
{
	int r = job.step == STEP_ANEW ?
	    crl_list_slice(&job.list, job.expired, e) :
	    crl_list_append(&job.list, e);

	if (r == 0)
		job.step = job.step == STEP_ANEW ? STEP_NEW : STEP_BEGIN;
	return r < 0 ? -1 : 0;
}

static int
step_begin(struct err *e)
{
	struct line *l = line_of(e);
	struct none nothing = { 0 };

	job.wish.entries = job.list.count;
	job.wish.size = job.list.size;
	job.offset = 0;
	job.step = STEP_HASH;
	return l == NULL ? -1 :
	    ask_sign_crl_begin(l, &job.wish, &nothing, e);
}

static int
step_hash(struct err *e)
{
	struct line *l = line_of(e);
	struct none nothing = { 0 };
	ssize_t n;

	if (l == NULL)
		return -1;
	n = crl_list_read(&job.list, job.offset, job.part, PART, e);
	if (n > 0) {
		struct text part = { .text = { job.part, (size_t)n } };

		job.offset += n;
		return ask_sign_crl_part(l, &part, &nothing, e);
	}
	if (n < 0 || ask_sign_crl_end(l, &nothing, &job.ends, e) < 0 ||
	    (job.file = crl_file_new(job.stem, job.ahead ?
	    job.wish.number : 0, e)) == NULL ||
	    crl_file_put(job.file, job.ends.head.data, job.ends.head.size,
	    e) < 0)
		return -1;
	job.offset = 0;
	job.step = STEP_WRITE;
	return 0;
}

static int
step_write(struct err *e)
{
	int64_t left = job.list.size - job.offset;
	ssize_t n = left <= 0 ? 0 : crl_file_copy(job.file, job.list.fd,
	    CRL_LIST_HEAD + job.offset, left < COPY ? (size_t)left : COPY, e);

	if (n == 0 && left > 0) {	/* not by itself: through our hands */
		n = pread(job.list.fd, job.part, left < PART ? (size_t)left :
		    PART, (off_t)(CRL_LIST_HEAD + job.offset));
		if (n <= 0)
			return err_set(e, ERR_BROKEN, "crl",
			    "db/crl-%s.entries cannot be read again",
			    job.stem);
		if (crl_file_put(job.file, job.part, (size_t)n, e) < 0)
			return -1;
	}
	if (n < 0)
		return -1;
	job.offset += n;
	if (n > 0)
		return 0;
	job.step = STEP_FINISH;
	return crl_file_put(job.file, job.ends.tail.data, job.ends.tail.size,
	    e);
}

static int
step_finish(struct err *e)
{
	if (crl_file_finish(job.file, e) < 0 || (job.ahead ?
	    crl_ahead_store(&job.wish, e) :
	    crl_done_store(&job.wish, job.list.removed, e)) < 0)
		return -1;
	log_info("crl issuer=%s%s number=%lld entries=%lld ms=%lld",
	    job.stem, job.ahead ? " ahead" : "", (long long)job.wish.number,
	    (long long)job.wish.entries,
	    (long long)(clock_mono_ms() - job.began_ms));
	crl_job_drop();
	return 0;
}

static int
step_do(struct err *e)
{
	switch (job.step) {
	case STEP_OPEN:
		return step_open(e);
	case STEP_ANEW:
	case STEP_NEW:
		return step_list(e);
	case STEP_BEGIN:
		return step_begin(e);
	case STEP_HASH:
		return step_hash(e);
	case STEP_WRITE:
		return step_write(e);
	case STEP_FINISH:
		return step_finish(e);
	case STEP_NONE:
		break;
	}
	return 0;
}

int
crl_job_run(bool *made, struct err *e)
{
	int64_t start = clock_mono_ms();

	while (job.step != STEP_NONE) {
		if (step_do(e) < 0) {
			crl_job_drop();
			return -1;
		}
		if (job.step == STEP_NONE)
			*made = true;
		else if (clock_mono_ms() - start >= RUN_MS)
			break;
	}
	return 0;
}

void
crl_job_fact(struct fact_list *list)
{
	static const char *const words[] = {
		[STEP_OPEN] = "begins", [STEP_ANEW] = "listing",
		[STEP_NEW] = "listing", [STEP_BEGIN] = "signing",
		[STEP_HASH] = "signing", [STEP_WRITE] = "writing",
		[STEP_FINISH] = "writing",
	};
	struct fact *f = NULL;

	if (job.step == STEP_NONE)
		return;
	f = LIST_ADD(list, rows);
	f->good = true;
	str_copy(f->what, sizeof f->what, "CRL in the making");
	snprintf(f->text, sizeof f->text,
	    "%s number %lld: %s, %lld of %lld entries, %lld s so far",
	    job.stem, (long long)job.wish.number, words[job.step],
	    (long long)(job.step < STEP_HASH || job.list.size == 0 ?
	    job.list.count :
	    job.list.count * job.offset / job.list.size),
	    (long long)job.list.count,
	    (long long)((clock_mono_ms() - job.began_ms) / 1000));
	if (job.step >= STEP_HASH && job.list.size > 0) {
		f->done = job.list.count * job.offset / job.list.size;
		f->total = job.list.count;
		f->since = clock_now() -
		    (clock_mono_ms() - job.began_ms) / 1000;
	}
}
