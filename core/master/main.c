/* main.c - xmpp-icad: reads the configuration, opens the ports, tends the
 * processes; it hears nobody. */
#include "core/master/master.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/hash_list.h"
#include "core/base/log.h"
#include "core/base/passphrase.h"
#include "core/base/pidfile.h"
#include "core/base/user.h"
#include "core/base/version.h"

static struct conf conf;
static struct sockets sockets;

/* No core file and no debugger: the passphrase of the CA keys lies here. */
static void
harden(void)
{
	struct rlimit none = { 0, 0 }, files;
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		fatal("dumpable: %s", strerror(errno));
#endif
	/* the signer locks all that it has; only root may permit that */
	if (geteuid() == 0)
		setrlimit(RLIMIT_MEMLOCK, &all);
	/* a session takes descriptors in the gate and in the registrar */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* Better said once here than again and again by the children. */
static int
authority_check(const struct conf *c, struct err *e)
{
	char database[CONF_PATH_SIZE], keys[CONF_PATH_SIZE];

	conf_path(c, database, FILE_DATABASE);
	conf_path(c, keys, FOLDER_CA);
	if (access(database, F_OK) < 0 || access(keys, F_OK) < 0)
		return err_set(e, ERR_NOT_FOUND, "xmpp-icactl(8)",
		    "there is no authority in %s yet; make one: "
		    "xmpp-icactl -c %s init --outside", c->service_dir,
		    c->file);
	return hash_lists_check(c, e);
}

static void
say_ready(void)
{
	log_info("ready ssh_port=%d http_port=%d", sockets.ssh_port,
	    sockets.http_port);
	detach_ready();
}

static int
run(bool detach, struct err *e)
{
	int lock;

	if (detach && detach_fork(e) < 0)
		return -1;
	if (authority_check(&conf, e) < 0)
		return -1;
	lock = pidfile_lock(&conf, e);
	if (lock < 0 || folders_prepare_master(&conf, e) < 0 ||
	    passphrase_get(&conf, false, e) < 0)
		return -1;
	tend_signals_block();
	if (sockets_open(&conf, &sockets, e) < 0 ||
	    (detach && detach_leave(&conf, e) < 0) ||
	    pidfile_write(lock, e) < 0)
		return -1;
	tend(&conf, &sockets, say_ready);
	sockets_unlink(&conf);
	pidfile_unlock(&conf, lock);
	return 0;
}

static int
usage(FILE *to)
{
	fputs("usage: xmpp-icad [-c CONF] [--detach]\n"
	    "  -c CONF    the configuration [" SYSCONFDIR
	    "/xmpp-ica/xmpp-ica.conf]\n"
	    "  --detach   go to the background once all processes are "
	    "started; log to log/xmpp-icad.log\n"
	    "See xmpp-icad(8).\n", to);
	return to == stdout ? 0 : 2;
}

int
main(int argc, char **argv)
{
	const char *file = SYSCONFDIR "/xmpp-ica/xmpp-ica.conf";
	bool detach = false;
	struct err e = { 0 };
	int r;

	log_open("master");
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
			file = argv[++i];
		else if (strcmp(argv[i], "--detach") == 0)
			detach = true;
		else if (strcmp(argv[i], "--version") == 0)
			return puts("xmpp-icad " XMPP_ICA_VERSION) < 0;
		else
			return usage(strcmp(argv[i], "--help") == 0 ?
			    stdout : stderr);
	}
	harden();
	r = conf_read(file, &conf, &e);
	if (r == 0)
		r = run(detach, &e);
	passphrase_forget();
	if (r == 0)
		return 0;
	log_warn("%s: %s", e.clause, e.text);
	return err_exit_status(e.kind);
}
