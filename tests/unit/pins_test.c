/* pins_test.c - the operator and the signer write the file of pinned keys at
 * the same time, and either may die at any moment: no line is lost, none is
 * torn, and the signer can always read it (S11.5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include "core/base/edit.h"
#include "core/signer/pins.h"
#include "tests/unit/signer_help.h"
#include "tests/unit/sshsig_make.h"

#define EACH 25
#define SOMEBODY 4711		/* the signer's user */

static EVP_PKEY *key;
static char *key_text;

static int
line_append(const struct blob *was, struct buf *now, void *arg, struct err *e)
{
	(void)e;
	buf_put(now, was->data, was->size);
	buf_printf(now, "%s staff %s\n", (const char *)arg, key_text);
	return 0;
}

/* As `xmpp-icactl approver` does. */
static int
operator_edits(file_change *change, char *name, struct err *e)
{
	struct file_edit f = { .path = in_folder("ca/approvers"),
		.max = 64 << 10, .wait_ms = 20000, .uid = SOMEBODY,
		.gid = SOMEBODY, .given = true };

	return file_edit(&f, change, name, e);
}

static void
operator_works(int who)
{
	struct err e = { 0 };
	char name[33];

	for (int i = 0; i < EACH; i++) {
		snprintf(name, sizeof name, "op%d-%d", who, i);
		if (operator_edits(line_append, name, &e) < 0)
			_exit(1);
	}
	_exit(0);
}

/* One that is pinned stays, one goes again. */
static void
signer_works(int who)
{
	const char *keys[] = { key_text };
	struct err e = { 0 };
	char name[33];

	for (int i = 0; i < EACH; i++) {
		snprintf(name, sizeof name, "sg%d-%d", who, i);
		/* held by another for long: asked again, as people do */
		while (pins_replace(&signer_self, name, ROLE_STAFF, 0, keys,
		    1, &e) < 0)
			if (e.kind != ERR_UNAVAILABLE)
				_exit(1);
		while (pins_replace(&signer_self, "guest", ROLE_STAFF, 0,
		    keys, 1, &e) < 0 || pins_remove(&signer_self, "guest",
		    key_text, &e) < 0)
			if (e.kind != ERR_UNAVAILABLE)
				_exit(1);
	}
	_exit(0);
}

static pid_t
work(void (*f)(int), int who)
{
	pid_t pid = fork();

	if (pid == 0)
		f(who);
	assert_true(pid > 0);
	return pid;
}

/* How many lines name `name`; every line is whole. */
static int
pinned(const char *name)
{
	struct blob b = { 0 };
	struct err e = { 0 };
	size_t n = strlen(name);
	char *text = NULL, *line = NULL, *rest = NULL;
	int found = 0;

	if (file_read(in_folder("ca/approvers"), 64 << 10, &b, &e) < 0)
		return 0;
	text = xcalloc(1, b.size + 1);
	memcpy(text, b.data, b.size);
	for (line = strtok_r(text, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest)) {
		assert_non_null(strstr(line, key_text));
		found += strncmp(line, name, n) == 0 && line[n] == ' ';
	}
	free(text);
	blob_clear(&b);
	return found;
}

static void
file_gone(void)
{
	unlink(in_folder("ca/approvers"));
}

static void
four_writers_lose_no_key(void **state)
{
	pid_t pids[4];
	char name[33];

	(void)state;
	file_gone();
	for (int i = 0; i < 4; i++)
		pids[i] = work(i < 2 ? operator_works : signer_works, i);
	for (int i = 0; i < 4; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < EACH; k++) {
			snprintf(name, sizeof name, "%s%d-%d",
			    i < 2 ? "op" : "sg", i, k);
			assert_int_equal(pinned(name), 1);
		}
	assert_int_equal(pinned("guest"), 0);
}

/* As `xmpp-icactl approver remove` does. */
static int
guests_drop(const struct blob *was, struct buf *now, void *arg, struct err *e)
{
	const char *p = (const char *)was->data;
	const char *end = p + was->size;

	(void)arg;
	(void)e;
	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));

		if (lf == NULL)
			break;
		if (strncmp(p, "guest ", 6) != 0)
			buf_put(now, p, (size_t)(lf + 1 - p));
		p = lf + 1;
	}
	return 0;
}

static void
operator_forever(int who)
{
	struct err e = { 0 };

	(void)who;
	while (operator_edits(line_append, (char[]){ "guest" }, &e) == 0 &&
	    operator_edits(guests_drop, NULL, &e) == 0)
		;
	_exit(1);
}

static void
signer_forever(int who)
{
	const char *keys[] = { key_text };
	struct err e = { 0 };

	(void)who;
	while (pins_replace(&signer_self, "guest", ROLE_STAFF, 0, keys, 1,
	    &e) == 0 && pins_remove(&signer_self, "guest", "", &e) == 0)
		;
	_exit(1);
}

/* At any moment: the lock goes with the process, the file is the old one or
 * the new one, and belongs to who must read it. */
static void
a_writer_that_is_killed_leaves_a_whole_file(void **state)
{
	struct stat st;
	char name[33];

	(void)state;
	file_gone();
	for (int i = 0; i < 20; i++) {
		struct err e = { 0 };
		pid_t pid = work(i % 2 ? signer_forever : operator_forever,
		    0);
		int status;

		usleep((useconds_t)(1000 + 1700 * i));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		/* the round before ended with the operator's: still his */
		if (i % 2 == 0 && geteuid() == 0 &&
		    stat(in_folder("ca/approvers"), &st) == 0)
			assert_int_equal(st.st_uid, SOMEBODY);
		snprintf(name, sizeof name, "op0-%d", i);
		assert_int_equal(operator_edits(line_append, name, &e), 0);
		assert_int_equal(stat(in_folder("ca/approvers"), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		if (geteuid() == 0)
			assert_int_equal(st.st_uid, SOMEBODY);
		for (int k = 0; k <= i; k++) {
			snprintf(name, sizeof name, "op0-%d", k);
			assert_int_equal(pinned(name), 1);
		}
	}
}

/* Somebody stands on the lock: the signer says so and does not wait long. */
static void
a_lock_that_is_held_is_told(void **state)
{
	const char *keys[] = { key_text };
	int64_t began = clock_mono_ms();
	struct err e = { 0 };
	int pipes[2], fd;
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	if ((pid = fork()) == 0) {
		fd = open(in_folder("ca"), O_RDONLY | O_DIRECTORY);
		if (fd < 0 || flock(fd, LOCK_EX) < 0 ||
		    write(pipes[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(pipes[0], &c, 1), 1);
	assert_int_equal(pins_replace(&signer_self, "late", ROLE_STAFF, 0,
	    keys, 1, &e), -1);
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_non_null(strstr(e.text, "try again"));
	assert_true(clock_mono_ms() - began < 20000);
	assert_int_equal(pinned("late"), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(pins_replace(&signer_self, "late", ROLE_STAFF, 0,
	    keys, 1, &e), 0);
	assert_int_equal(pinned("late"), 1);
	close(pipes[0]);
	close(pipes[1]);
}

/* A signer that was taken over owns the folder: root reads nothing for it. */
static void
a_link_is_not_followed(void **state)
{
	struct err e = { 0 };
	char secret[256];

	(void)state;
	file_gone();
	snprintf(secret, sizeof secret, "%s", in_folder("secret"));
	assert_int_equal(file_replace(secret, "hush\n", 5, 0600, &e), 0);
	assert_int_equal(symlink(secret, in_folder("ca/approvers")), 0);
	assert_int_equal(operator_edits(line_append, (char[]){ "op" },
	    &e), -1);
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	file_gone();
}

static int
begin(void **state)
{
	if (folder_begin(state) < 0)
		return -1;
	signer_fresh(true, "");
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	key_text = key_line(key, false);
	return 0;
}

static int
end(void **state)
{
	signer_stop();
	EVP_PKEY_free(key);
	free(key_text);
	return folder_end(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_writers_lose_no_key),
		cmocka_unit_test(a_writer_that_is_killed_leaves_a_whole_file),
		cmocka_unit_test(a_lock_that_is_held_is_told),
		cmocka_unit_test(a_link_is_not_followed),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
