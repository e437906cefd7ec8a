/* jail_test.c - each kind of jail really takes away what it says. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/jail.h"
#include "core/base/jail_parts.h"
#include "core/base/log.h"

static char own[64];		/* a folder given to the jail */
static char other[64];		/* one that is not */

static const char *const kinds[JAIL_KINDS] = { "transport", "console",
	"signer", "registrar", "publisher", "courier" };

/* Status of a child that entered the jail and then did something: 0 it could,
 * an errno it could not, 200 + signal it was killed. */
static int
in_jail(enum jail_kind kind, int (*deed)(void), bool listed)
{
	const char *const plain[] = { own, NULL };
	const char *const with_read[] = { own, "r:/usr", NULL };
	struct err e = { 0 };
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int r;

		alarm(10);
		if (jail_enter(kind, listed ? with_read : plain, &e) < 0) {
			fprintf(stderr, "%s: %s\n", kinds[kind], e.text);
			_exit(250);
		}
		r = deed();
		_exit(r == 0 ? 0 : errno);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 200 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

static int
do_nothing(void)
{
	return 0;
}

static int
do_exec(void)
{
	char *argv[] = { (char *)(uintptr_t)"/bin/true", NULL };

	return execv(argv[0], argv);
}

static int
do_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? -1 : 0;
}

static int
do_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? -1 : 0;
}

static int
do_read_passwd(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 ? -1 : 0;
}

static int
do_read_terminfo(void)
{
	return open("/lib/terminfo", O_RDONLY | O_DIRECTORY) < 0 ? -1 : 0;
}

static int
do_write(const char *folder)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/file", folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	return fd < 0 || write(fd, "x", 1) != 1 || close(fd) < 0 ||
	    unlink(path) < 0 ? -1 : 0;
}

static int
do_write_own(void)
{
	return do_write(own);
}

static int
do_write_other(void)
{
	return do_write(other);
}

static int
do_read_other(void)
{
	return open(other, O_RDONLY | O_DIRECTORY) < 0 ? -1 : 0;
}

static int
do_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

static int
do_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int
do_type_ahead(void)
{
	char c = 'x';

	return ioctl(0, TIOCSTI, &c);
}

static int
do_core(void)
{
	struct rlimit l;

	return getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max == 0 ? 0 : -1;
}

static bool
landlock_works(void)
{
	struct err e = { 0 };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		const char *const folders[] = { own, NULL };

		_exit(jail_enter(JAIL_SIGNER, folders, &e) == 0 &&
		    do_write_other() < 0 && errno == EACCES ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
every_kind_can_be_entered(void **state)
{
	(void)state;
	for (int k = 0; k < JAIL_KINDS; k++) {
		assert_int_equal(in_jail(k, do_nothing, false), 0);
		assert_int_equal(in_jail(k, do_nothing, true), 0);
	}
}

static void
no_kind_may_exec(void **state)
{
	(void)state;
	for (int k = 0; k < JAIL_KINDS; k++)
		assert_int_equal(in_jail(k, do_exec, false),
		    JAIL_SANITIZED ? EPERM : 200 + SIGSYS);
}

static void
only_the_courier_gets_a_network_socket(void **state)
{
	(void)state;
	for (int k = 0; k < JAIL_KINDS; k++) {
		int r = in_jail(k, do_inet, false);

		if (k == JAIL_COURIER)
			assert_int_equal(r, 0);
		else
			assert_int_equal(r, k == JAIL_TRANSPORT &&
			    !JAIL_SANITIZED ? EACCES : EPERM);
	}
}

static void
only_registrar_and_courier_make_unix_sockets(void **state)
{
	(void)state;
	if (JAIL_SANITIZED)
		skip();
	for (int k = 0; k < JAIL_KINDS; k++)
		assert_int_equal(in_jail(k, do_unix, false) == 0,
		    k == JAIL_REGISTRAR || k == JAIL_COURIER);
}

static void
no_kind_makes_processes(void **state)
{
	(void)state;
	if (JAIL_SANITIZED)
		skip();
	for (int k = 0; k < JAIL_KINDS; k++)
		assert_int_equal(in_jail(k, do_fork, false),
		    k == JAIL_TRANSPORT ? 200 + SIGSYS : EPERM);
}

static void
no_kind_makes_code_but_the_courier(void **state)
{
	(void)state;
	if (JAIL_SANITIZED)
		skip();
	for (int k = 0; k < JAIL_KINDS; k++) {
		int r = in_jail(k, do_code, false);

		assert_int_equal(r, k == JAIL_COURIER ? 0 :
		    k == JAIL_TRANSPORT ? 200 + SIGSYS : EPERM);
	}
}

static void
no_kind_types_into_a_terminal(void **state)
{
	(void)state;
	if (JAIL_SANITIZED)
		skip();
	for (int k = 0; k < JAIL_KINDS; k++)
		assert_int_equal(in_jail(k, do_type_ahead, false),
		    k == JAIL_TRANSPORT ? 200 + SIGSYS : EPERM);
}

static void
no_kind_leaves_a_core(void **state)
{
	(void)state;
	for (int k = JAIL_CONSOLE; k < JAIL_KINDS; k++)
		assert_int_equal(in_jail(k, do_core, false), 0);
}

static void
transport_opens_no_file(void **state)
{
	(void)state;
	assert_int_not_equal(in_jail(JAIL_TRANSPORT, do_read_passwd, false),
	    0);
	assert_int_not_equal(in_jail(JAIL_TRANSPORT, do_write_other, false),
	    0);
}

static void
files_are_those_of_the_kind(void **state)
{
	(void)state;
	if (!landlock_works())
		skip();
	assert_int_equal(in_jail(JAIL_CONSOLE, do_read_passwd, false), EACCES);
	assert_int_equal(in_jail(JAIL_CONSOLE, do_read_terminfo, false), 0);
	assert_int_equal(in_jail(JAIL_SIGNER, do_read_other, false), EACCES);
	for (int k = JAIL_CONSOLE; k < JAIL_KINDS; k++)
		assert_int_equal(in_jail(k, do_write_other, false), EACCES);
	assert_int_equal(in_jail(JAIL_SIGNER, do_write_own, false), 0);
	assert_int_equal(in_jail(JAIL_REGISTRAR, do_write_own, false), 0);
	assert_int_equal(in_jail(JAIL_COURIER, do_write_own, false), 0);
	/* reads are free until the list says what may be read */
	assert_int_equal(in_jail(JAIL_PUBLISHER, do_read_other, false), 0);
	assert_int_equal(in_jail(JAIL_PUBLISHER, do_read_other, true), EACCES);
}

static void
a_prepared_filter_works_in_a_child(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(jail_prepare(JAIL_TRANSPORT, &e), 0);
	assert_int_equal(in_jail(JAIL_TRANSPORT, do_exec, false),
	    JAIL_SANITIZED ? EPERM : 200 + SIGSYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_can_be_entered),
		cmocka_unit_test(no_kind_may_exec),
		cmocka_unit_test(only_the_courier_gets_a_network_socket),
		cmocka_unit_test(only_registrar_and_courier_make_unix_sockets),
		cmocka_unit_test(no_kind_makes_processes),
		cmocka_unit_test(no_kind_makes_code_but_the_courier),
		cmocka_unit_test(no_kind_types_into_a_terminal),
		cmocka_unit_test(no_kind_leaves_a_core),
		cmocka_unit_test(transport_opens_no_file),
		cmocka_unit_test(files_are_those_of_the_kind),
		cmocka_unit_test(a_prepared_filter_works_in_a_child),
	};
	int failed;

	log_open("jail_test");
	log_level(0);
	snprintf(own, sizeof own, "/tmp/jail-own-XXXXXX");
	snprintf(other, sizeof other, "/tmp/jail-other-XXXXXX");
	if (mkdtemp(own) == NULL || mkdtemp(other) == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(own);
	rmdir(other);
	return failed;
}
