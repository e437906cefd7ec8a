/* main.c - xmpp-ica-courier: take what is due, deliver it, report. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/jail.h"
#include "core/base/log.h"
#include "core/courier/courier.h"
#include "core/courier/outside.h"
#include "core/wire/ask.h"

static struct conf conf;
static struct line line;
static volatile sig_atomic_t stopping;
static volatile sig_atomic_t may_cut;	/* waiting for letters only */
static bool woken;		/* a notice was pushed while we worked */
static int stop_pipe[2] = { -1, -1 };	/* the workers see its end */

static void
on_signal(int sig)
{
	(void)sig;
	stopping = 1;
	if (stop_pipe[1] >= 0) {
		close(stop_pipe[1]);
		stop_pipe[1] = -1;
	}
	/* letters that were given but did not come are given again; a report
	 * on its way must arrive */
	if (may_cut)
		shutdown(line.fd, SHUT_RDWR);
}

static void
on_change(void *user, const struct change *c)
{
	(void)user;
	if (strcmp(c->noun, "lookup") != 0)	/* that is the workers' */
		woken = true;
}

/* Report one letter; a registrar that is away gets it leased again later. */
static void
report(void *user, const struct delivery *d)
{
	struct none nothing = { 0 };
	struct err e;

	(void)user;
	if (ask_letter_done(&line, d, &nothing, &e) < 0)
		log_warn("letter=%lld could not be reported: %s",
		    (long long)d->number, e.text);
	else
		log_info("letter=%lld state=%s reply=%s",
		    (long long)d->number,
		    word_of(&notice_state_words, d->state), d->reply);
}

static void
maildir_deliver_all(const struct letter_batch *b)
{
	char folder[CONF_PATH_SIZE];

	conf_path(&conf, folder, conf.mail_maildir);
	for (size_t i = 0; i < b->n_letters; i++) {
		struct delivery d = { .number = b->letters[i].number,
			.state = NOTICE_SENT };
		struct err e;

		if (maildir_deliver(folder, &b->letters[i], &e) < 0) {
			d.state = e.kind == ERR_REFUSED ? NOTICE_FAILED :
			    NOTICE_WAITING;
			snprintf(d.reply, sizeof d.reply, "%.250s", e.text);
		} else {
			snprintf(d.reply, sizeof d.reply, "into the Maildir");
		}
		report(NULL, &d);
	}
}

/* Deliver what is due.  Seconds until the next look; -1 the line is gone. */
static int64_t
round_once(void)
{
	struct none nothing = { 0 };
	struct letter_batch b = { 0 };
	int64_t wait = 60;
	struct err e;
	int got;

	may_cut = 1;
	got = stopping ? -1 : ask_letter_take(&line, &nothing, &b, &e);
	may_cut = 0;
	if (stopping) {
		NOUN_CLEAR(letter_batch, &b);
		return -1;
	}
	if (got < 0) {
		log_warn("letters: %s", e.text);
		return line.fd < 0 ? -1 : 5;
	}
	if (b.n_letters > 0) {
		if (conf.mail_smtp_url[0] != '\0')
			smtp_deliver(b.letters, b.n_letters, report, NULL);
		else
			maildir_deliver_all(&b);
		wait = 0;
	} else if (b.next != 0) {
		wait = b.next - clock_now();
		wait = wait < 1 ? 1 : wait > 60 ? 60 : wait;
	}
	NOUN_CLEAR(letter_batch, &b);
	return line.fd < 0 ? -1 : wait;
}

static void
wait_for_push(int64_t seconds)
{
	struct pollfd p = { .fd = line.fd, .events = POLLIN };

	int64_t until = clock_mono_ms() + seconds * 1000, left;

	while (!woken && (left = until - clock_mono_ms()) > 0 &&
	    poll(&p, 1, (int)left) > 0 && line_poll(&line) == 0)
		;
	woken = false;
}

static void
serve_registrar(void)
{
	while (!stopping && line.fd >= 0) {
		int64_t wait = round_once();

		if (wait < 0)
			return;
		wait_for_push(wait);
	}
}

static void
connect_and_serve(void)
{
	struct err e;
	int fd = child_connect(&conf, SOCKET_COURIER, &e);

	if (fd < 0) {
		log_debug("registrar: %s", e.text);
		return;
	}
	line_init(&line, fd);
	line.timeout_ms = 30000;
	line.on_change = on_change;
	serve_registrar();
	line_close(&line);
}

int
main(int argc, char **argv)
{
	struct sigaction act = { .sa_handler = on_signal };
	char maildir[CONF_PATH_SIZE];
	char roots[CONF_PATH_SIZE + 2] = "r:";
	char anchor[CONF_PATH_SIZE + 2] = "r:";
	/* "r:" also ends the reading of anything else, such as db/ */
	const char *const folders[] = { maildir, roots, anchor, NULL };
	struct err e;

	log_open("courier");
	if (argc != 3 || strcmp(argv[1], "-c") != 0)
		fatal("usage: xmpp-ica-courier -c CONF (started by xmpp-icad)");
	if (conf_read(argv[2], &conf, &e) < 0)
		fatal("%s", e.text);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	conf_path(&conf, maildir, conf.mail_maildir);
	conf_path(&conf, roots + 2, conf.mail_ca_file[0] != '\0' ?
	    conf.mail_ca_file : "/etc/ssl");
	conf_path(&conf, anchor + 2, conf.dns_trust_anchor[0] != '\0' ?
	    conf.dns_trust_anchor : "/usr/share/dns");
	if (pipe2(stop_pipe, O_CLOEXEC) < 0)
		fatal("pipe: %s", strerror(errno));
	if (conf.mail_smtp_url[0] != '\0')
		smtp_init(&conf);
	else if (folder_make(maildir, 0700, &e) < 0)
		fatal("[mail] maildir: %s", e.text);
	if (jail_enter(JAIL_COURIER, folders, &e) < 0)
		fatal("jail: %s", e.text);
	if (lookups_start(&conf, stop_pipe[0], &e) < 0)
		fatal("%s", e.text);
	log_info("ready");
	while (!stopping) {
		connect_and_serve();
		if (!stopping)
			poll(NULL, 0, 500);
	}
	lookups_join();
	if (conf.mail_smtp_url[0] != '\0')
		smtp_close();
	return 0;
}
