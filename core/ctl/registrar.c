/* registrar.c - finding somebody who answers, and running offline modes. */
#include "core/ctl/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/base/launch.h"
#include "core/base/log.h"
#include "core/base/passphrase.h"
#include "core/base/pidfile.h"
#include "core/base/text.h"

#define ANCHOR_MAX (64u << 10)
#define PATIENCE_MS 120000	/* a long chain takes its time */

static struct line line = { .fd = -1 };

int
exit_of(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			fatal("process %d: %s", (int)pid, strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}

int
offline_run(const char *binary, const char *const *arguments,
    const char *user, bool passphrase)
{
	struct launch l = { .binary = binary, .arguments = arguments,
		.user = user };
	struct err e;
	pid_t pid;
	int fds[2];

	if (passphrase) {
		/* the passphrase is descriptor 4; 3 is not used */
		fds[0] = fds[1] = passphrase_pipe(&e);
		if (fds[1] < 0)
			return complain(&e);
		l.fds = fds;
		l.n_fds = 2;
	}
	pid = launch(&conf, &l, &e);
	if (passphrase)
		close(fds[1]);
	return pid < 0 ? complain(&e) : exit_of(pid);
}

/* The last "head NUMBER HASH" of a file. */
static int
anchor_read(const char *path, char number[24], char hash[65], struct err *e)
{
	struct blob b = { 0 };
	char *text, *at = NULL;
	int r;

	if (file_read(path, ANCHOR_MAX, &b, e) < 0)
		return -1;
	text = xcalloc(1, b.size + 1);
	if (b.size > 0)
		memcpy(text, b.data, b.size);
	for (char *p = text; (p = strstr(p, "head ")) != NULL; p++)
		at = p;
	r = at != NULL && sscanf(at, "head %23[0-9] %64[0-9a-f]", number,
	    hash) == 2 && strlen(hash) == 64 ? 0 :
	    err_set(e, ERR_BAD_INPUT, "anchor",
	    "%s holds no line with: head NUMBER HASH, as verify prints it",
	    path);
	free(text);
	blob_clear(&b);
	return r;
}

/* A signed head of the log (C2SP checkpoint) has an empty line and then
 * signatures, each behind an em dash. */
static bool
is_note(const char *path)
{
	struct blob b = { 0 };
	bool is;

	is = file_read(path, ANCHOR_MAX, &b, NULL) == 0 &&
	    memmem(b.data, b.size, "\n\n\xe2\x80\x94 ", 6) != NULL;
	blob_clear(&b);
	return is;
}

int
database_verify(const char *path, const char *anchor)
{
	char number[24], hash[65];
	const char *arguments[] = { "--verify", path,
		anchor != NULL ? number : NULL, hash, NULL };
	struct launch l = { .binary = BINARY_REGISTRAR,
		.arguments = arguments, .user = "", .bare = true };
	struct err e;
	pid_t pid;

	if (anchor != NULL && is_note(anchor)) {
		arguments[2] = "--note";
		arguments[3] = anchor;
	} else if (anchor != NULL && anchor_read(anchor, number, hash, &e) < 0)
		return complain(&e);
	fflush(stdout);
	pid = launch(&conf, &l, &e);
	return pid < 0 ? complain(&e) : exit_of(pid);
}

static pid_t offline_pid;

/* At exit: the next command must find the database free. */
static void
offline_leave(void)
{
	line_close(&line);
	if (offline_pid > 0)
		exit_of(offline_pid);
	offline_pid = 0;
}

static int
offline_open(void)
{
	const char *const arguments[] = { "--offline", NULL };
	struct launch l = { .binary = BINARY_REGISTRAR,
		.arguments = arguments, .n_fds = 1,
		.user = conf.users_registrar };
	static bool registered;
	struct err e;
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
		fatal("socketpair: %s", strerror(errno));
	l.fds = &sv[1];
	if (!registered)
		atexit(offline_leave);
	registered = true;
	offline_leave();		/* one that failed before */
	if ((offline_pid = launch(&conf, &l, &e)) < 0)
		exit(complain(&e));
	close(sv[1]);
	return sv[0];
}

bool
registrar_runs(void)
{
	return pidfile_held(&conf);
}

struct line *
registrar(void)
{
	struct err e;
	int fd;

	if (line.fd >= 0)
		return &line;
	if (!registrar_runs())
		fd = offline_open();
	else if ((fd = child_connect(&conf, SOCKET_CTL, &e)) < 0)
		exit(complain(&e));
	line_init(&line, fd);
	line.timeout_ms = PATIENCE_MS;
	return &line;
}

int
complain(const struct err *e)
{
	char text[ERR_TEXT_SIZE * 4], clause[ERR_CLAUSE_SIZE * 4];

	render_untrusted(text, sizeof text, e->text, strlen(e->text));
	render_untrusted(clause, sizeof clause, e->clause,
	    strlen(e->clause));
	fprintf(stderr, "xmpp-icactl: %s: %s\n", clause, text);
	return err_exit_status(e->kind);
}
