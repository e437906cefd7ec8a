/* pidfile.c - the lock and the number of the running master. */
#include "core/base/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

/* Is what we locked still what the name means?  A predecessor may have
 * removed it while we came. */
static bool
is_current(int fd, const char *path)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && stat(path, &named) == 0 &&
	    ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

int
pidfile_lock(const struct conf *c, struct err *e)
{
	char path[CONF_PATH_SIZE], pid[32] = { 0 };
	int fd;

	conf_path(c, path, FILE_PID);
	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0644);
		if (fd < 0)
			return err_set(e, ERR_UNAVAILABLE, "pid-file",
			    "%s: %s", path, strerror(errno));
		if (flock(fd, LOCK_EX | LOCK_NB) < 0)
			break;
		if (is_current(fd, path))
			return fd;
		close(fd);
	}
	if (read(fd, pid, sizeof pid - 1) < 0)
		pid[0] = '\0';
	pid[strcspn(pid, "\n")] = '\0';
	close(fd);
	return err_set(e, ERR_CONFLICT, "pid-file",
	    "xmpp-icad runs already for this folder, as process %s: stop it "
	    "first with kill %s", pid, pid);
}

int
pidfile_write(int fd, struct err *e)
{
	char line[32];
	int n = snprintf(line, sizeof line, "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    fd_write_all(fd, line, (size_t)n) < 0)
		return err_set(e, ERR_UNAVAILABLE, "pid-file", "%s: %s",
		    FILE_PID, strerror(errno));
	return 0;
}

void
pidfile_unlock(const struct conf *c, int fd)
{
	char path[CONF_PATH_SIZE];

	conf_path(c, path, FILE_PID);
	unlink(path);
	close(fd);
}

bool
pidfile_held(const struct conf *c)
{
	char path[CONF_PATH_SIZE];
	bool held;
	int fd;

	conf_path(c, path, FILE_PID);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	held = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	close(fd);
	return held;
}
