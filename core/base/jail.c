/* jail.c - entering a jail: limits, privileges, then Landlock and seccomp. */
#include "core/base/jail.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "core/base/jail_parts.h"
#include "core/base/log.h"

#define MIB (1024ul * 1024ul)
#define LEAVE ((rlim_t)-2)	/* as it was */

/* A process that needs more than this has gone wrong. */
static const struct {
	rlim_t core, fsize, nofile, nproc, as;
} limits[JAIL_KINDS] = {
	[JAIL_TRANSPORT] = { 0, 0, 64, 0, 128 * MIB },
	[JAIL_CONSOLE] = { 0, LEAVE, 64, 0, 1024 * MIB },
	[JAIL_SIGNER] = { 0, LEAVE, 256, 0, LEAVE },
	[JAIL_REGISTRAR] = { 0, LEAVE, LEAVE, 0, LEAVE },
	[JAIL_PUBLISHER] = { 0, LEAVE, LEAVE, LEAVE, LEAVE },
	[JAIL_COURIER] = { 0, LEAVE, LEAVE, LEAVE, LEAVE },
};

static int
limit_set(int resource, rlim_t most, struct err *e)
{
	struct rlimit now;

	if (most == LEAVE)
		return 0;
	if (getrlimit(resource, &now) < 0)
		return err_set(e, ERR_BROKEN, "jail", "getrlimit: %s",
		    strerror(errno));
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most)
		most = now.rlim_max;
	now.rlim_cur = now.rlim_max = most;
	if (setrlimit(resource, &now) < 0)
		return err_set(e, ERR_BROKEN, "jail", "setrlimit: %s",
		    strerror(errno));
	return 0;
}

static int
limits_set(enum jail_kind kind, struct err *e)
{
	if (limit_set(RLIMIT_CORE, limits[kind].core, e) < 0 ||
	    limit_set(RLIMIT_FSIZE, limits[kind].fsize, e) < 0 ||
	    limit_set(RLIMIT_NOFILE, limits[kind].nofile, e) < 0)
		return -1;
	if (JAIL_SANITIZED)	/* shadow memory is huge, leak check forks */
		return 0;
	if (limit_set(RLIMIT_NPROC, limits[kind].nproc, e) < 0)
		return -1;
	return limit_set(RLIMIT_AS, limits[kind].as, e);
}

#if JAIL_SANITIZED
/* Asked by the leak check at exit: a jail does not let it trace. */
int __lsan_is_turned_off(void);
static int jailed;

int
__lsan_is_turned_off(void)
{
	return jailed;
}
#endif

int
jail_prepare(enum jail_kind kind, struct err *e)
{
	return jail_filter_build(kind, e);
}

int
jail_enter(enum jail_kind kind, const char *const *folders, struct err *e)
{
	static bool said;
	int landlock;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
#if JAIL_SANITIZED
	jailed = 1;
#endif
	if (jail_filter_build(kind, e) < 0 || limits_set(kind, e) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(e, ERR_BROKEN, "jail", "no_new_privs: %s",
		    strerror(errno));
	if (!JAIL_SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(e, ERR_BROKEN, "jail", "dumpable: %s",
		    strerror(errno));
	landlock = jail_landlock(kind, folders, e);
	if (landlock < 0)
		return -1;
	if (!said && kind != JAIL_TRANSPORT && kind != JAIL_CONSOLE) {
		said = true;
		if (landlock == 1)
			log_warn("jail: this kernel has no Landlock; folders "
			    "are guarded by their permissions alone");
		if (JAIL_SANITIZED)
			log_warn("jail: built with a sanitizer: no limit on "
			    "memory, and a filter against exec and sockets only");
	}
	return jail_filter_load(kind, e);
}
