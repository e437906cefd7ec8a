/* jail_seccomp.c - the rows of jail_calls.def as a filter of the kernel. */
#include "core/base/jail_parts.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/mem.h"

struct call {
	const char *name, *kinds;
	bool has_arg;
	unsigned arg;
	uint64_t mask, value;
};

static const struct call calls[] = {
#define CALL(n, k) { .name = #n, .kinds = k },
#define CALL_ARG(n, k, a, m, v) { .name = #n, .kinds = k, .has_arg = true, \
	.arg = a, .mask = m, .value = v },
#include "core/base/jail_calls.def"
#undef CALL
#undef CALL_ARG
};

static const char letters[JAIL_KINDS] = { 'T', 'C', 'S', 'R', 'P', 'D' };

/* Never, in any kind. */
static const char *const deadly[] = { "execve", "execveat", "ptrace",
	"process_vm_readv", "process_vm_writev", "bpf", "mount", "setns",
	"unshare", "init_module", "finit_module", "kexec_load" };

/* Libraries ask for these and go on without. */
static const char *const transport_refused[] = { "open", "openat",
	"newfstatat", "stat", "access", "readlink", "socket", "connect",
	"setsockopt", "getsockname", "getpeername", "sysinfo",
	"prlimit64", "getuid", "geteuid", "fstat", "sched_getaffinity" };

static struct sock_fprog filters[JAIL_KINDS];

static int
rule_add(scmp_filter_ctx ctx, uint32_t action, const struct call *c)
{
	int number = seccomp_syscall_resolve_name(c->name);
	struct scmp_arg_cmp cmp = SCMP_CMP(c->arg, SCMP_CMP_MASKED_EQ, c->mask,
	    c->value);
	int r;

	if (number == __NR_SCMP_ERROR)
		return 0;		/* a call this libseccomp never heard of */
	r = seccomp_rule_add_array(ctx, action, number, c->has_arg ? 1 : 0,
	    c->has_arg ? &cmp : NULL);
	return r == -EDOM ? 0 : r;
}

static int
names_add(scmp_filter_ctx ctx, uint32_t action, const char *const *names,
    size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		struct call c = { .name = names[i] };

		r = rule_add(ctx, action, &c);
	}
	return r;
}
#define NAMES_ADD(ctx, action, names) \
	names_add(ctx, action, names, sizeof names / sizeof names[0])

static int
allowed_add(scmp_filter_ctx ctx, enum jail_kind kind)
{
	int r = 0;

	for (size_t i = 0; i < sizeof calls / sizeof calls[0] && r == 0; i++)
		if (strchr(calls[i].kinds, letters[kind]) != NULL)
			r = rule_add(ctx, SCMP_ACT_ALLOW, &calls[i]);
	return r;
}

/* What a sanitizer can stand: everything but exec and new network sockets. */
static int
sanitized_add(scmp_filter_ctx ctx, enum jail_kind kind)
{
	static const char *const refused[] = { "execve", "execveat" };
	static const struct call net[] = {
		{ .name = "socket", .has_arg = true, .arg = 0,
		    .mask = 0xffffffff, .value = AF_INET },
		{ .name = "socket", .has_arg = true, .arg = 0,
		    .mask = 0xffffffff, .value = AF_INET6 },
	};
	int r = NAMES_ADD(ctx, SCMP_ACT_ERRNO(EPERM), refused);

	for (size_t i = 0; i < 2 && r == 0 && kind != JAIL_COURIER; i++)
		r = rule_add(ctx, SCMP_ACT_ERRNO(EPERM), &net[i]);
	return r;
}

/* IPPROTO_TCP stands in jail_calls.def: whether the client is still there. */
static int
transport_refuse(scmp_filter_ctx ctx)
{
	struct scmp_arg_cmp other = { .arg = 1, .op = SCMP_CMP_NE,
		.datum_a = IPPROTO_TCP, .datum_b = 0 };
	int r = NAMES_ADD(ctx, SCMP_ACT_ERRNO(EACCES), transport_refused);

	return r != 0 ? r : seccomp_rule_add_array(ctx,
	    SCMP_ACT_ERRNO(EACCES), SCMP_SYS(getsockopt), 1, &other);
}

static int
rules_add(scmp_filter_ctx ctx, enum jail_kind kind)
{
	static const struct call clone3 = { .name = "clone3" };
	int r;

	if (JAIL_SANITIZED)
		return sanitized_add(ctx, kind);
	r = allowed_add(ctx, kind);
	if (r == 0 && kind == JAIL_TRANSPORT)
		return transport_refuse(ctx);
	if (r == 0)
		r = NAMES_ADD(ctx, SCMP_ACT_KILL_PROCESS, deadly);
	/* its flags cannot be seen by a filter; glibc then takes clone */
	if (r == 0)
		r = rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), &clone3);
	return r;
}

/* The filter as an array of instructions, by way of an anonymous file. */
static int
filter_export(scmp_filter_ctx ctx, struct sock_fprog *to)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	struct stat st;
	int r = -1;

	if (fd < 0)
		return -1;
	if (seccomp_export_bpf(ctx, fd) == 0 && fstat(fd, &st) == 0 &&
	    st.st_size > 0) {
		to->filter = xmalloc((size_t)st.st_size);
		to->len = (unsigned short)((size_t)st.st_size /
		    sizeof *to->filter);
		if (pread(fd, to->filter, (size_t)st.st_size, 0) ==
		    st.st_size)
			r = 0;
	}
	close(fd);
	return r;
}

int
jail_filter_build(enum jail_kind kind, struct err *e)
{
	scmp_filter_ctx ctx = NULL;
	uint32_t otherwise = kind == JAIL_TRANSPORT ? SCMP_ACT_KILL_PROCESS :
	    SCMP_ACT_ERRNO(EPERM);
	int r;

	if (filters[kind].filter != NULL)
		return 0;
	ctx = seccomp_init(JAIL_SANITIZED ? SCMP_ACT_ALLOW : otherwise);
	if (ctx == NULL)
		return err_set(e, ERR_BROKEN, "jail", "seccomp_init failed");
	r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = rules_add(ctx, kind);
	if (r == 0)
		r = filter_export(ctx, &filters[kind]);
	seccomp_release(ctx);
	if (r != 0)
		return err_set(e, ERR_BROKEN, "jail",
		    "cannot build the seccomp filter: %s", strerror(-r));
	return 0;
}

int
jail_filter_load(enum jail_kind kind, struct err *e)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_TSYNC, &filters[kind]) != 0)
		return err_set(e, ERR_BROKEN, "jail",
		    "the kernel takes no seccomp filter: %s",
		    strerror(errno));
	return 0;
}
