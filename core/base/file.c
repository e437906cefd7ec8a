/* file.c - whole small files. */
#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"

int
fd_read_all(int fd, size_t max, struct blob *out, struct err *e)
{
	struct buf b = { 0 };
	ssize_t n;

	for (;;) {
		buf_reserve(&b, 8192);
		n = read(fd, b.data + b.size, 8192);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		b.size += (size_t)n;
		if (b.size > max) {
			buf_clear(&b);
			return err_set(e, ERR_BAD_INPUT, "size",
			    "more than %zu bytes", max);
		}
	}
	if (n == 0)
		blob_set(out, b.data, b.size);
	buf_clear(&b);
	if (n < 0)
		return err_set(e, ERR_UNAVAILABLE, "read", "%s",
		    strerror(errno));
	return 0;
}

int
file_read(const char *path, size_t max, struct blob *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND :
		    ERR_UNAVAILABLE, "file", "%s: %s", path, strerror(errno));
	r = fd_read_all(fd, max, out, e);
	close(fd);
	return r;
}

int
fd_write_all(int fd, const void *data, size_t size)
{
	const uint8_t *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

static int
folder_sync(const char *path)
{
	char copy[PATH_MAX];
	int fd, r;

	if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
		return -1;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

int
file_replace(const char *path, const void *data, size_t size, mode_t mode,
    struct err *e)
{
	return file_replace_for(path, data, size, mode, (uid_t)-1, (gid_t)-1,
	    e);
}

int
file_replace_for(const char *path, const void *data, size_t size, mode_t mode,
    uid_t uid, gid_t gid, struct err *e)
{
	bool given = uid != (uid_t)-1 && geteuid() == 0;
	char beside[PATH_MAX];
	int fd;

	if (snprintf(beside, sizeof beside, "%s.new", path) >=
	    (int)sizeof beside)
		return err_set(e, ERR_BAD_INPUT, "path", "path too long");
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    mode);
	if (fd < 0)
		return err_set(e, ERR_UNAVAILABLE, "file", "%s: %s", beside,
		    strerror(errno));
	if (fchmod(fd, mode) < 0 || fd_write_all(fd, data, size) < 0 ||
	    (given && fchown(fd, uid, gid) < 0) || fsync(fd) < 0) {
		err_set(e, ERR_UNAVAILABLE, "file", "%s: %s", beside,
		    strerror(errno));
		close(fd);
		unlink(beside);
		return -1;
	}
	close(fd);
	if (rename(beside, path) < 0 || folder_sync(path) < 0) {
		err_set(e, ERR_UNAVAILABLE, "file", "%s: %s", path,
		    strerror(errno));
		unlink(beside);
		return -1;
	}
	return 0;
}

int
folder_make(const char *path, mode_t mode, struct err *e)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
		return err_set(e, ERR_BAD_INPUT, "path", "path too long");
	for (char *p = copy + 1; ; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return err_set(e, ERR_UNAVAILABLE, "folder", "%s: %s",
			    copy, strerror(errno));
		*p = c;
		if (c == '\0')
			return 0;
	}
}

int
path_join(char *dst, size_t size, const char *base, const char *name)
{
	int n = name[0] == '/' ? snprintf(dst, size, "%s", name) :
	    snprintf(dst, size, "%s/%s", base, name);

	return n < 0 || (size_t)n >= size ? -1 : 0;
}
