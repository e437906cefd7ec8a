/* backup.c - a copy of the database written, and put back. */
#include "core/ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/user.h"

static int
bytes_copy(int in, int out)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(in, bytes, sizeof bytes)) > 0)
		if (fd_write_all(out, bytes, (size_t)n) < 0)
			return -1;
	return n < 0 ? -1 : fsync(out);
}

/* To a new file, that only its owner may read. */
static int
file_copy(const char *from, const char *to, struct err *e)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, r = -1;

	if (in < 0)
		return err_set(e, ERR_NOT_FOUND, "file", "%s: %s", from,
		    strerror(errno));
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (out < 0 && errno == EEXIST) {
		err_set(e, ERR_CONFLICT, "file",
		    "%s exists: nothing is overwritten, name a new file", to);
	} else if (out < 0 || bytes_copy(in, out) < 0) {
		err_set(e, ERR_UNAVAILABLE, "file", "%s: %s", to,
		    strerror(errno));
		if (out >= 0)
			unlink(to);
	} else {
		r = 0;
	}
	close(in);
	if (out >= 0)
		close(out);
	return r;
}

/* It is made beside the registrar's loop: asked for until it is there. */
static int
copy_ask(const struct ref *r, struct err *e)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct none nothing = { 0 };
	int done;

	while ((done = ask_operator_backup(registrar(), r, &nothing, e)) < 0 &&
	    strcmp(e->clause, "backup-running") == 0) {
		err_clear(e);
		nanosleep(&pause, NULL);
	}
	return done;
}

/* The registrar's jail lets it write into db/ alone: it makes the copy there,
 * and we carry it to where it is wanted. */
int
ctl_backup(int argc, char **argv)
{
	char path[CONF_PATH_SIZE];
	struct ref r = { "" };
	struct err e = { 0 };
	int status;

	if (argc != 2)
		return usage_of("backup");
	if (access(argv[1], F_OK) == 0) {
		err_set(&e, ERR_CONFLICT, "file",
		    "%s exists: nothing is overwritten, name a new file",
		    argv[1]);
		return complain(&e);
	}
	snprintf(r.ref, sizeof r.ref, "backup-%lld-%ld.db",
	    (long long)clock_now(), (long)getpid());
	if (copy_ask(&r, &e) < 0)
		return complain(&e);
	snprintf(path, sizeof path, "%s/db/%s", conf.service_dir, r.ref);
	status = file_copy(path, argv[1], &e);
	unlink(path);
	if (status < 0)
		return complain(&e);
	printf("written: %s; it holds all but the keys in " FOLDER_CA
	    "/: keep a copy of that folder too\n", argv[1]);
	return 0;
}

/* The file and what SQLite keeps beside it get out of the way together. */
static int
database_move(const char *path, int64_t now, struct err *e)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char from[CONF_PATH_SIZE + 8], to[CONF_PATH_SIZE + 64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(from, sizeof from, "%s%s", path, ends[i]);
		snprintf(to, sizeof to, "%s.before-%lld%s", path,
		    (long long)now, ends[i]);
		if (access(from, F_OK) == 0 && rename(from, to) < 0)
			return err_set(e, ERR_UNAVAILABLE, "file", "%s: %s",
			    to, strerror(errno));
	}
	return 0;
}

static int
database_place(const char *from, struct err *e)
{
	char path[CONF_PATH_SIZE], fresh[CONF_PATH_SIZE + 8];
	uid_t uid;
	gid_t gid;

	conf_path(&conf, path, FILE_DATABASE);
	snprintf(fresh, sizeof fresh, "%s.new", path);
	unlink(fresh);
	if (folders_prepare(&conf, e) < 0 ||
	    user_ids(conf.users_registrar, &uid, &gid, e) < 0 ||
	    file_copy(from, fresh, e) < 0 ||
	    database_move(path, clock_now(), e) < 0)
		return -1;
	if ((geteuid() == 0 && lchown(fresh, uid, gid) < 0) ||
	    rename(fresh, path) < 0)
		return err_set(e, ERR_UNAVAILABLE, "file", "%s: %s", path,
		    strerror(errno));
	return 0;
}

/* The copy is verified before it takes the place; what stood there stays
 * beside it. */
int
ctl_restore(int argc, char **argv)
{
	struct err e;

	if (argc != 2)
		return usage_of("restore");
	if (registrar_runs()) {
		err_set(&e, ERR_CONFLICT, "xmpp-icactl(8)",
		    "the authority runs: stop xmpp-icad first");
		return complain(&e);
	}
	if (database_verify(argv[1], NULL) != 0) {
		err_set(&e, ERR_REFUSED, "audit",
		    "%s is no good database: nothing was changed", argv[1]);
		return complain(&e);
	}
	if (database_place(argv[1], &e) < 0)
		return complain(&e);
	printf("restored: %s; what stood there is kept beside it\n",
	    argv[1]);
	return 0;
}
