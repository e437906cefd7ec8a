/* launch.c - fork, shuffle descriptors, drop privileges, execute. */
#include "core/base/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/user.h"

#define FIRST_FD 3
#define HIGH_FD 64		/* above every place that a descriptor goes to */
#define ARGUMENTS_MAX 12

/* First all out of the way, then each to its place: none is overwritten
 * before it was moved. */
static void
fds_place(const int *fds, size_t n)
{
	int high[HIGH_FD - FIRST_FD];

	for (size_t i = 0; i < n; i++) {
		high[i] = fcntl(fds[i], F_DUPFD, HIGH_FD);
		if (high[i] < 0)
			fatal("descriptor %d: %s", fds[i], strerror(errno));
	}
	for (size_t i = 0; i < n; i++)
		if (dup2(high[i], FIRST_FD + (int)i) < 0)
			fatal("descriptor %d: %s", fds[i], strerror(errno));
	if (close_range(FIRST_FD + (unsigned)n, ~0u, 0) < 0)
		fatal("descriptors cannot be closed: %s", strerror(errno));
}

static void
standard_fds(bool stdout_stays)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    (!stdout_stays && dup2(STDERR_FILENO, STDOUT_FILENO) < 0))
		fatal("/dev/null: %s", strerror(errno));
	if (null > STDERR_FILENO)
		close(null);
}

static void
signals_reset(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A child whose parent is gone before it could ask ends as well. */
static void
die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		fatal("death signal: %s", strerror(errno));
	if (getppid() != parent)
		_exit(0);
}

_Noreturn static void
child_run(const char *path, const char *const *argv, const struct launch *l,
    pid_t parent)
{
	signals_reset();
	setsid();
	umask(077);
	standard_fds(l->bare);
	fds_place(l->fds, l->n_fds);
	user_become(l->user);
	/* whatever it starts in its turn gains nothing either */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fatal("no_new_privs: %s", strerror(errno));
	die_with(parent);
	unsetenv("CREDENTIALS_DIRECTORY");
	execv(path, (char *const *)(uintptr_t)argv);
	log_warn("%s cannot be run: %s", path, strerror(errno));
	_exit(127);
}

pid_t
launch(const struct conf *c, const struct launch *l, struct err *e)
{
	char folder[CONF_PATH_SIZE], path[CONF_PATH_SIZE];
	const char *argv[ARGUMENTS_MAX] = { l->binary, "-c", c->file };
	pid_t parent = getpid(), pid;
	size_t n = l->bare ? 1 : 3;

	child_libexec(c, folder);
	if (path_join(path, sizeof path, folder, l->binary) < 0 ||
	    l->n_fds > HIGH_FD - FIRST_FD)
		return err_set(e, ERR_BROKEN, "launch", "%s: path too long",
		    folder);
	argv[n] = NULL;
	for (size_t i = 0; l->arguments != NULL && l->arguments[i] != NULL;
	    i++) {
		if (n + 1 >= ARGUMENTS_MAX)
			return err_set(e, ERR_BROKEN, "launch",
			    "too many arguments");
		argv[n++] = l->arguments[i];
		argv[n] = NULL;
	}
	pid = fork();
	if (pid < 0)
		return err_set(e, ERR_UNAVAILABLE, "launch", "fork: %s",
		    strerror(errno));
	if (pid == 0)
		child_run(path, argv, l, parent);
	return pid;
}
