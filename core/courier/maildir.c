/* maildir.c - a letter into a Maildir: tmp, fsync, rename to new. */
#include "core/courier/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

static int
file_write(const char *path, const struct buf *b, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	int r = 0;

	if (fd < 0)
		return err_set(e, ERR_UNAVAILABLE, "maildir", "%s: %s", path,
		    strerror(errno));
	if (fd_write_all(fd, b->data, b->size) < 0 || fsync(fd) < 0)
		r = err_set(e, ERR_UNAVAILABLE, "maildir", "%s: %s", path,
		    strerror(errno));
	close(fd);
	return r;
}

int
maildir_deliver(const char *folder, const struct letter *l, struct err *e)
{
	static const char *const parts[] = { "tmp", "new", "cur" };
	char tmp[CONF_PATH_SIZE + 64], new[CONF_PATH_SIZE + 64];
	struct buf b = { 0 };
	int r;

	for (size_t i = 0; i < 3; i++) {
		snprintf(tmp, sizeof tmp, "%s/%s", folder, parts[i]);
		if (folder_make(tmp, 0700, e) < 0)
			return -1;
	}
	snprintf(tmp, sizeof tmp, "%s/tmp/%lld.xmpp-ica", folder,
	    (long long)l->number);
	snprintf(new, sizeof new, "%s/new/%lld.xmpp-ica", folder,
	    (long long)l->number);
	r = message_build(&b, l, "\n", e);
	if (r == 0)
		r = file_write(tmp, &b, e);
	if (r == 0 && rename(tmp, new) < 0)
		r = err_set(e, ERR_UNAVAILABLE, "maildir", "%s: %s", new,
		    strerror(errno));
	buf_clear(&b);
	return r;
}
