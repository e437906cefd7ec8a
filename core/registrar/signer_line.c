/* signer_line.c - the one line to the signer: connected when it can be, and
 * not asked for too often when it cannot. */
#include "core/registrar/registrar.h"

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/log.h"

#define ANSWER_MS 10000
#define WAIT_LEAST_MS 1000
#define WAIT_MOST_MS 60000
#define LIVED_MS 60000		/* a line that held so long was a good one */

static struct line line = { .fd = -1, .fd_received = -1 };
static bool is_new, said;
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

struct line *
signer_line(struct err *e)
{
	struct err why = { 0 };
	int64_t now = clock_mono_ms();
	int fd;

	if (line.fd >= 0)
		return &line;
	line_lost(now);
	if (now < next_try) {
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
	opened = now;
	is_new = true;
	said = false;
	return &line;
}

bool
signer_line_is_new(void)
{
	bool was = is_new;

	is_new = false;
	return was;
}
