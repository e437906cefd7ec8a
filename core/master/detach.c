/* detach.c - into the background, once everything that can go wrong at once
 * has been said on the terminal. */
#include "core/master/master.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/log.h"

static int ready_fd = -1;

_Noreturn static void
parent_wait(pid_t child, int fd)
{
	int status = 0;
	ssize_t n;
	char c;

	while ((n = read(fd, &c, 1)) < 0 && errno == EINTR)
		;
	if (n == 1)
		_exit(0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ?
	    WEXITSTATUS(status) : 70);
}

int
detach_fork(struct err *e)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		return err_set(e, ERR_UNAVAILABLE, "detach", "%s",
		    strerror(errno));
	if (pid != 0) {
		close(ends[1]);
		parent_wait(pid, ends[0]);
	}
	close(ends[0]);
	ready_fd = ends[1];
	return 0;
}

int
detach_leave(const struct conf *c, struct err *e)
{
	char path[CONF_PATH_SIZE];
	int log_fd, null;

	conf_path(c, path, "log/xmpp-icad.log");
	log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (log_fd < 0 || null < 0)
		return err_set(e, ERR_UNAVAILABLE, "log", "%s: %s", path,
		    strerror(errno));
	if (setsid() < 0 || chdir("/") < 0 ||
	    dup2(null, STDIN_FILENO) < 0 ||
	    dup2(log_fd, STDOUT_FILENO) < 0 ||
	    dup2(log_fd, STDERR_FILENO) < 0)
		return err_set(e, ERR_BROKEN, "detach", "%s",
		    strerror(errno));
	close(log_fd);
	close(null);
	return 0;
}

void
detach_ready(void)
{
	if (ready_fd < 0)
		return;
	if (write(ready_fd, "", 1) != 1)
		log_warn("whoever started us is gone already");
	close(ready_fd);
	ready_fd = -1;
}
