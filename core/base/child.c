/* child.c - finding the sibling binaries and sockets. */
#include "core/base/child.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"

void
child_libexec(const struct conf *c, char dst[CONF_PATH_SIZE])
{
	char self[PATH_MAX], beside[PATH_MAX + 32];
	const char *folder;
	ssize_t n;

	if (c->service_libexec[0] != '\0') {
		conf_path(c, dst, c->service_libexec);
		return;
	}
	n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n < 0)
		fatal("cannot find own binary: %s", strerror(errno));
	self[n] = '\0';
	folder = dirname(self);
	snprintf(beside, sizeof beside, "%s/" BINARY_REGISTRAR, folder);
	if (access(beside, X_OK) < 0)
		folder = PKGLIBEXECDIR;
	if (!str_copy(dst, CONF_PATH_SIZE, folder))
		fatal("path of the binaries is too long");
}

int
child_connect(const struct conf *c, const char *socket_name, struct err *e)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char path[CONF_PATH_SIZE];
	int fd;

	conf_path(c, path, socket_name);
	if (!str_copy(sun.sun_path, sizeof sun.sun_path, path))
		return err_set(e, ERR_BROKEN, "socket",
		    "%s: path longer than a socket allows", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, ERR_BROKEN, "socket", "%s",
		    strerror(errno));
	if (connect(fd, (struct sockaddr *)&sun, sizeof sun) < 0) {
		err_set(e, ERR_UNAVAILABLE, "socket", "%s: %s", socket_name,
		    strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}
