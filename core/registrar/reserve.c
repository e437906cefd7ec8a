/* reserve.c - 32 MB that a full disk cannot take from us, until it must. */
#include "core/registrar/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"

#define RESERVE_SIZE (32u << 20)
#define PATH_SIZE 1024

static bool spent;

static bool
path_make(char dst[PATH_SIZE], const char *database)
{
	static const char name[] = "/reserve";
	char *slash = NULL;

	if (!str_copy(dst, PATH_SIZE, database) ||
	    (slash = strrchr(dst, '/')) == NULL ||
	    (size_t)(slash - dst) + sizeof name > PATH_SIZE)
		return false;
	memcpy(slash, name, sizeof name);
	return true;
}

void
reserve_spend(const char *database)
{
	char path[PATH_SIZE];

	if (spent)
		return;
	spent = true;
	if (path_make(path, database) && unlink(path) == 0)
		log_warn("disk full: the reserve of %u MB was given up, so that revocation goes on; make room now",
		    RESERVE_SIZE >> 20);
}

/* Really allocated: a file with holes would keep nothing. */
void
reserve_make(const char *database)
{
	char path[PATH_SIZE];
	int fd, r;

	if (!path_make(path, database))
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd < 0) {
		spent = errno != EEXIST;
		return;
	}
	r = posix_fallocate(fd, 0, RESERVE_SIZE);
	close(fd);
	spent = r != 0;
	if (r != 0)
		unlink(path);
	else
		log_debug("reserve of %u MB made", RESERVE_SIZE >> 20);
}

/* Not as soon as it just fits: that would take the room back from what the
 * reserve was given up for. */
void
reserve_make_again(const char *database)
{
	struct statvfs v;

	if (spent && statvfs(database, &v) == 0 &&
	    (uint64_t)v.f_bavail * v.f_frsize >= 2ull * RESERVE_SIZE)
		reserve_make(database);
}

bool
db_low(void)
{
	return spent;
}
