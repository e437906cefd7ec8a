/* signer_line.c - the one line to the signer: connected when it can be, not
 * asked for too often when it cannot, and left alone while it owes an answer. */
#include "core/registrar/registrar.h"

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/log.h"

#define ANSWER_MS SIGNER_PATIENCE_MS
#define WAIT_LEAST_MS 1000
#define AGAIN_MS 200		/* for a signer that ends because we asked */
#define WAIT_MOST_MS 60000
#define LIVED_MS 60000		/* a line that held so long was a good one */

static struct line line = { .fd = -1, .fd_received = -1 };
static bool is_new, said, was_late, none;
static int64_t opened, next_try, wait_ms = WAIT_LEAST_MS;

/* A signer whose socket connects but never answers (no passphrase yet) would
 * hold this process for ANSWER_MS each time: so the pauses grow. */
static void
line_lost(int64_t now)
{
	if (opened == 0)
		return;
	wait_ms = now - opened >= LIVED_MS ? WAIT_LEAST_MS : wait_ms * 2;
	if (wait_ms > WAIT_MOST_MS)
		wait_ms = WAIT_MOST_MS;
	next_try = now + wait_ms;
	opened = 0;
	log_warn("the line to the signer is lost; next try in %lld ms",
	    (long long)wait_ms);
}

/*
 * A signer that stands still (stopped, its disk hanging) has a question of ours
 * and will answer it one day: everybody here waited for it once, and nobody
 * waits again before that answer has come.  What it did meanwhile stands in its
 * journal, and comes again when it is asked again.
 */
static bool
is_late(void)
{
	bool late = line_late(&line);

	if (late && !was_late)
		log_warn("the signer does not answer; the rest goes on");
	if (!late && was_late && line.fd >= 0) {
		log_warn("the signer answers again");
		is_new = true;
		issue_again();
	}
	was_late = late;
	return late;
}

struct line *
signer_line(struct err *e)
{
	struct err why = { 0 };
	int64_t now = clock_mono_ms();
	int fd;

	if (line.fd >= 0 && !is_late())
		return &line;
	if (line.fd >= 0) {
		err_set(e, ERR_UNAVAILABLE, "signer",
		    "the signer is slow just now; what waits for it is kept and goes on by itself");
		return NULL;
	}
	line_lost(now);
	if (now < next_try || none) {
		err_set(e, ERR_UNAVAILABLE, "signer",
		    "the signer is not there just now; what waits for it is kept and goes on by itself");
		return NULL;
	}
	fd = child_connect(&conf, SOCKET_SIGNER, &why);
	if (fd < 0) {
		next_try = now + WAIT_LEAST_MS;
		if (!said)
			log_warn("no line to the signer: %s", why.text);
		said = true;
		err_set(e, ERR_UNAVAILABLE, "signer",
		    "the signer is not there just now; what waits for it is kept and goes on by itself");
		return NULL;
	}
	line_init(&line, fd);
	line.timeout_ms = ANSWER_MS;
	line.most_ms = SIGNER_PATIENCE_MS;
	line.keep_late = true;
	was_late = false;
	opened = now;
	is_new = true;
	said = false;
	return &line;
}

void
signer_line_none(void)
{
	none = true;
}

void
signer_line_again(void)
{
	line_close(&line);
	opened = 0;
	next_try = clock_mono_ms() + AGAIN_MS;
}

bool
signer_line_is_new(void)
{
	bool was = is_new;

	is_new = false;
	return was;
}
