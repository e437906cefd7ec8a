/* lookup.c - the workers: each takes one question to the outside at a time
 * from the registrar, works it off, and reports; letters go on beside them. */
#include "core/courier/outside.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/wire/ask.h"

struct worker {
	pthread_t thread;
	const struct conf *conf;
	int stop_fd;
	struct line line;
	bool woken;		/* something was pushed while we worked */
	bool started;
};
static struct worker workers[LOOKUP_WORKERS];

static void
on_change(void *user, const struct change *c)
{
	struct worker *w = user;

	if (strcmp(c->noun, "lookup") == 0)
		w->woken = true;
}

/* True when all is to end, or the line has something; waits so long. */
static bool
stopped(const struct worker *w, int64_t ms)
{
	struct pollfd p[2] = { { .fd = w->stop_fd, .events = POLLIN },
		{ .fd = w->line.fd, .events = POLLIN } };

	poll(p, w->line.fd < 0 ? 1 : 2, (int)ms);
	return p[0].revents != 0;
}

static void
work(struct worker *w, const struct lookup *l)
{
	struct lookup_result out = { .number = l->number };
	struct none nothing = { 0 };
	struct resolver *r = NULL;
	struct err e = { 0 };
	int64_t began = clock_mono_ms();

	r = resolver_open(w->conf, w->stop_fd, &e);
	if (r == NULL) {
		log_warn("dns: %s", e.text);
		out.outcome = LOOKUP_TIMEOUT;
		str_copy(out.why, sizeof out.why,
		    "the resolver of this authority does not work; the operator's log says why");
	} else if (l->kind == LOOKUP_TXT) {
		txt_lookup(r, l->name, &out);
	} else if (l->kind == LOOKUP_CAA) {
		caa_lookup(r, l->name, &out);
	} else {
		live_lookup(w->conf, r, l->name, w->stop_fd, &out);
	}
	resolver_close(r);
	/* what was broken off is leased again later */
	if (!stopped(w, 0) &&
	    ask_lookup_done(&w->line, &out, &nothing, &e) < 0)
		log_warn("lookup=%lld could not be reported: %s",
		    (long long)l->number, e.text);
	else
		log_info("lookup=%lld kind=%s outcome=%s ms=%lld",
		    (long long)l->number,
		    word_of(&lookup_kind_words, l->kind),
		    word_of(&lookup_outcome_words, out.outcome),
		    (long long)(clock_mono_ms() - began));
	NOUN_CLEAR(lookup_result, &out);
}

/* One question, if there is one.  Milliseconds until the next look; -1 the
 * line is gone. */
static int64_t
round_once(struct worker *w)
{
	struct none nothing = { 0 };
	struct lookup_batch b = { 0 };
	int64_t wait = 60000;
	struct err e;

	w->woken = false;
	if (ask_lookup_take(&w->line, &nothing, &b, &e) < 0) {
		log_warn("lookups: %s", e.text);
		return w->line.fd < 0 ? -1 : 5000;
	}
	if (b.n_rows > 0) {
		work(w, &b.rows[0]);
		wait = 0;
	} else if (b.next != 0) {
		wait = (b.next - clock_now()) * 1000;
		wait = wait < 1000 ? 1000 : wait > 60000 ? 60000 : wait;
	}
	NOUN_CLEAR(lookup_batch, &b);
	return w->line.fd < 0 ? -1 : wait;
}

static void
serve_registrar(struct worker *w)
{
	while (w->line.fd >= 0) {
		int64_t wait = round_once(w), until;

		if (wait < 0)
			return;
		until = clock_mono_ms() + wait;
		do {
			wait = until - clock_mono_ms();
			if (stopped(w, w->woken || wait < 0 ? 0 : wait))
				return;
			if (line_poll(&w->line) < 0)
				return;
		} while (!w->woken && clock_mono_ms() < until);
	}
}

static void *
worker_run(void *arg)
{
	struct worker *w = arg;
	struct err e;
	int fd;

	while (!stopped(w, 0)) {
		if ((fd = child_connect(w->conf, SOCKET_COURIER, &e)) >= 0) {
			line_init(&w->line, fd);
			w->line.timeout_ms = 30000;
			w->line.on_change = on_change;
			w->line.user = w;
			serve_registrar(w);
			line_close(&w->line);
		}
		w->line.fd = -1;
		if (stopped(w, 500))
			break;
	}
	return NULL;
}

int
lookups_start(const struct conf *c, int stop_fd, struct err *e)
{
	sigset_t all, old;
	int r = 0;

	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (int i = 0; i < LOOKUP_WORKERS && r == 0; i++) {
		struct worker *w = &workers[i];

		w->conf = c;
		w->stop_fd = stop_fd;
		w->line.fd = -1;
		r = pthread_create(&w->thread, NULL, worker_run, w);
		w->started = r == 0;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return r == 0 ? 0 : err_set(e, ERR_BROKEN, "pthread_create(3)", "%s",
	    strerror(r));
}

void
lookups_join(void)
{
	for (int i = 0; i < LOOKUP_WORKERS; i++)
		if (workers[i].started)
			pthread_join(workers[i].thread, NULL);
}
