/* main.c - xmpp-ica-publisher: start, jail, one loop around libmicrohttpd. */
#include "core/publisher/publisher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/jail.h"
#include "core/base/log.h"

#define CONNECTIONS 2000
#define IDLE_SECONDS 10

struct tally tally;
static volatile sig_atomic_t stopping;

static void
on_signal(int sig)
{
	(void)sig;
	stopping = 1;
}

__attribute__((format(printf, 2, 0)))
static void
http_log(void *cls, const char *fmt, va_list ap)
{
	char line[512];
	size_t n;

	(void)cls;
	vsnprintf(line, sizeof line, fmt, ap);
	n = strcspn(line, "\n");
	line[n] = '\0';
	log_debug("http: %s", line);
}

static struct MHD_Daemon *
daemon_start(void)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG |
	    MHD_USE_TURBO, 0, NULL, NULL, http_handle, NULL,
	    MHD_OPTION_EXTERNAL_LOGGER, http_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, PUBLISHER_FD,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(16 << 10),
	    MHD_OPTION_NOTIFY_COMPLETED, http_done, NULL,
	    MHD_OPTION_END);
}

static void
loop(struct MHD_Daemon *d, const char *answers)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(d,
	    MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd p = { .fd = info->epoll_fd, .events = POLLIN };

	while (!stopping) {
		MHD_UNSIGNED_LONG_LONG wait = 1000;

		if (MHD_get_timeout(d, &wait) != MHD_YES || wait > 1000)
			wait = 1000;
		if (poll(&p, 1, (int)wait) < 0 && errno != EINTR)
			fatal("poll: %s", strerror(errno));
		answer_refresh(answers);
		if (MHD_run(d) != MHD_YES)
			fatal("the HTTP library gave up");
	}
}

int
main(int argc, char **argv)
{
	static struct conf conf;
	char published[CONF_PATH_SIZE], answers[CONF_PATH_SIZE];
	char readable[CONF_PATH_SIZE + 2];
	const char *const folders[] = { readable, NULL };
	struct sigaction act = { .sa_handler = on_signal };
	struct MHD_Daemon *d;
	struct err e;

	log_open("publisher");
	if (argc != 3 || strcmp(argv[1], "-c") != 0)
		fatal("usage: xmpp-ica-publisher -c CONF (started by xmpp-icad)");
	if (conf_read(argv[2], &conf, &e) < 0)
		fatal("%s", e.text);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	conf_path(&conf, published, FOLDER_PUBLISHED);
	conf_path(&conf, answers, FILE_ANSWERS);
	files_init(published);
	d = daemon_start();
	if (d == NULL)
		fatal("cannot serve HTTP on the socket that was handed over");
	snprintf(readable, sizeof readable, "r:%s", published);
	if (jail_enter(JAIL_PUBLISHER, folders, &e) < 0)
		fatal("jail: %s", e.text);
	log_info("ready");
	loop(d, answers);
	MHD_stop_daemon(d);
	return 0;
}
