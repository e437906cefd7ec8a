/* main.c - xmpp-ica-publisher: its socket, its jail, then the loop. */
#include "core/publisher/publisher.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/child.h"
#include "core/base/jail.h"
#include "core/base/log.h"

#define CONNECTIONS 2000
#define OTHER_FILES 256		/* descriptors for all the rest */

struct tally tally;
static volatile int stopping;

static void
on_signal(int sig)
{
	(void)sig;
	stopping = 1;
}

/* As many as descriptors allow. */
static unsigned
connections_most(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return CONNECTIONS / 4;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur >= CONNECTIONS + OTHER_FILES)
		return CONNECTIONS;
	return files.rlim_cur > 2 * OTHER_FILES ?
	    (unsigned)(files.rlim_cur - OTHER_FILES) : OTHER_FILES / 2;
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
	struct err e = { 0 };
	int listening;

	log_open("publisher");
	if (argc != 3 || strcmp(argv[1], "-c") != 0)
		fatal("usage: xmpp-ica-publisher -c CONF");
	if (conf_read(argv[2], &conf, &e) < 0)
		fatal("%s", e.text);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	conf_path(&conf, published, FOLDER_PUBLISHED);
	conf_path(&conf, answers, FILE_ANSWERS);
	files_init(published);
	if ((listening = listen_take(&conf, &e)) < 0)
		fatal("%s", e.text);
	if ((d = door_open(connections_most())) == NULL)
		fatal("the HTTP library does not start");
	snprintf(readable, sizeof readable, "r:%s", published);
	if (jail_enter(JAIL_PUBLISHER, folders, &e) < 0)
		fatal("jail: %s", e.text);
	log_info("ready");
	door_serve(d, listening, answers, &stopping);
	MHD_stop_daemon(d);
	return 0;
}
