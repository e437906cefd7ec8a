/*
 * jail_landlock.c - which files remain, by Landlock's system calls: glibc has
 * no names for them, and Debian 12's header ends at the second version.
 */
#include "core/base/jail_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define GET_VERSION 1u		/* flag of create_ruleset */
#define RULE_PATH 1		/* kind of rule: beneath a path */

/* Rights, as <linux/landlock.h> of newer kernels counts them. */
#define EXECUTE (1ull << 0)
#define WRITE_FILE (1ull << 1)
#define READ_FILE (1ull << 2)
#define READ_DIR (1ull << 3)
#define REMOVE (1ull << 4 | 1ull << 5)
#define MAKE_DEVICE (1ull << 6 | 1ull << 11)
#define MAKE_DIR (1ull << 7)
#define MAKE_REG (1ull << 8)
#define MAKE_SOCK (1ull << 9)
#define MAKE_FIFO (1ull << 10)
#define MAKE_SYM (1ull << 12)
#define REFER (1ull << 13)	/* version 2 */
#define TRUNCATE (1ull << 14)	/* version 3 */
#define NET_BIND_CONNECT 3ull	/* version 4 */
#define SCOPE_ALL 3ull		/* version 6: abstract sockets, signals */

#define READING (READ_FILE | READ_DIR)
#define MAKING (REMOVE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM)
#define OF_FILES (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE)

struct ruleset {
	uint64_t files, net, scoped;
};

struct rule_beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* What libraries read: terminals, locales, time zones, resolver, OpenSSL. */
static const char *const system_files[] = { "/usr", "/lib", "/lib64", "/etc",
	"/proc/self", "/sys/devices/system/cpu", "/dev/urandom", "/dev/random",
	"/run/systemd/resolve", "/run/resolvconf", NULL };
static const char *const console_files[] = { "/usr/share/terminfo",
	"/usr/lib/terminfo", "/lib/terminfo", "/etc/terminfo",
	"/usr/share/locale", "/usr/lib/locale", "/usr/share/zoneinfo",
	"/etc/localtime", "/etc/ld.so.cache", NULL };
static const char *const no_files[] = { NULL };

static bool
reads_are_listed(enum jail_kind kind, const char *const *folders)
{
	if (kind == JAIL_TRANSPORT || kind == JAIL_CONSOLE ||
	    kind == JAIL_SIGNER)
		return true;
	for (size_t i = 0; folders != NULL && folders[i] != NULL; i++)
		if (strncmp(folders[i], "r:", 2) == 0)
			return true;
	return false;
}

/* What is not there needs no rule. */
static int
rule_add(int ruleset, const char *path, uint64_t rights)
{
	struct rule_beneath rule = { .allowed = rights };
	struct stat st;
	int r;

	rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return 0;
	if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= OF_FILES;
	r = rule.allowed == 0 ? 0 : (int)syscall(SYS_landlock_add_rule,
	    ruleset, RULE_PATH, &rule, 0);
	close(rule.fd);
	return r;
}

static int
rules_add(int ruleset, enum jail_kind kind, const char *const *folders,
    uint64_t handled)
{
	const char *const *system = kind == JAIL_TRANSPORT ? no_files :
	    kind == JAIL_CONSOLE ? console_files : system_files;
	int r = 0;

	if ((handled & READING) != 0)
		for (size_t i = 0; system[i] != NULL && r == 0; i++)
			r = rule_add(ruleset, system[i], READING);
	if (r == 0 && kind != JAIL_TRANSPORT)
		r = rule_add(ruleset, "/dev/null", handled & (READ_FILE |
		    WRITE_FILE));
	for (size_t i = 0; folders != NULL && folders[i] != NULL && r == 0;
	    i++) {
		if (strncmp(folders[i], "r:", 2) == 0)
			r = rule_add(ruleset, folders[i] + 2,
			    handled & READING);
		else
			r = rule_add(ruleset, folders[i],
			    handled & ~(EXECUTE | MAKE_DEVICE));
	}
	return r;
}

int
jail_landlock(enum jail_kind kind, const char *const *folders, struct err *e)
{
	struct ruleset set = { 0 };
	size_t size = sizeof set.files;
	int version, fd, r;

	version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    GET_VERSION);
	if (version < 1)
		return 1;
	set.files = EXECUTE | WRITE_FILE | MAKING | MAKE_DEVICE;
	if (reads_are_listed(kind, folders))
		set.files |= READING;
	if (version >= 2)
		set.files |= REFER;
	if (version >= 3)
		set.files |= TRUNCATE;
	if (version >= 4) {
		set.net = kind == JAIL_COURIER ? 0 : NET_BIND_CONNECT;
		size = 2 * sizeof set.files;
	}
	if (version >= 6) {
		set.scoped = SCOPE_ALL;
		size = sizeof set;
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
	if (fd < 0)
		return err_set(e, ERR_BROKEN, "jail", "Landlock: %s",
		    strerror(errno));
	r = rules_add(fd, kind, folders, set.files);
	if (r == 0)
		r = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	if (r != 0)
		err_set(e, ERR_BROKEN, "jail", "Landlock: %s",
		    strerror(errno));
	close(fd);
	return r == 0 ? 0 : -1;
}
