/* edit.c - changing a small file beside others who change it. */
#include "core/base/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"

#define TRY_MS 5

/* The lock is the folder's: it is there, it is its owner's, it is no file
 * that somebody could leave behind.  The descriptor, or -1. */
static int
folder_hold(const struct file_edit *f, struct err *e)
{
	int64_t until = clock_mono_ms() + f->wait_ms;
	char copy[PATH_MAX];
	int fd;

	if (snprintf(copy, sizeof copy, "%s", f->path) >= (int)sizeof copy)
		return err_set(e, ERR_BAD_INPUT, "path", "path too long");
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_UNAVAILABLE, "file", "%s: %s", copy,
		    strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int why = errno;

		if ((why == EWOULDBLOCK || why == EINTR) &&
		    clock_mono_ms() < until) {
			poll(NULL, 0, TRY_MS);
			continue;
		}
		close(fd);
		return err_set(e, ERR_UNAVAILABLE, "file",
		    "%s is being changed by another process (%s): try again",
		    f->path, strerror(why));
	}
	return fd;
}

/* The folder may be another user's: no link of his is followed. */
static int
bytes_read(const struct file_edit *f, struct blob *was, struct err *e)
{
	int fd = open(f->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_set(e, ERR_UNAVAILABLE,
		    "file", "%s: %s", f->path, strerror(errno));
	r = fd_read_all(fd, f->max, was, e);
	close(fd);
	return r;
}

static int
changed(const struct file_edit *f, file_change *change, void *arg,
    struct err *e)
{
	struct blob was = { 0 };
	struct buf now = { 0 };
	int r = bytes_read(f, &was, e);

	if (r == 0 && (r = change(&was, &now, arg, e)) == 0 &&
	    (now.size != was.size || (now.size > 0 &&
	    memcmp(now.data, was.data, now.size) != 0))) {
		if (now.size > f->max)
			r = err_set(e, ERR_REFUSED, "size",
			    "%s would have more than %zu bytes", f->path,
			    f->max);
		else
			r = file_replace_for(f->path, now.data, now.size,
			    0600, f->given ? f->uid : (uid_t)-1,
			    f->given ? f->gid : (gid_t)-1, e);
	}
	buf_clear(&now);
	blob_clear(&was);
	return r;
}

int
file_edit(const struct file_edit *f, file_change *change, void *arg,
    struct err *e)
{
	int fd = folder_hold(f, e), r;

	if (fd < 0)
		return -1;
	r = changed(f, change, arg, e);
	close(fd);
	return r;
}
