/* report_child.c - the process that counts a report's figures: it reads orders
 * from a socket, opens the database to read, answers with CSV, and knows
 * nobody else. */
#include "core/registrar/report/report_job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/jail.h"
#include "core/base/log.h"
#include "core/registrar/db.h"

#define CHILD_FD 3
#define CHILD_NICE 5
#define ANSWER_MOST (64u << 20)
#define PATIENCE_MS 120000
#define PATIENCE_COPY_MS 3600000	/* gigabytes, on a slow disk */
#define GONE "their process is gone; the loop makes them until the next start"

struct head {
	int64_t bad, size;
};

static struct {
	pid_t pid;
	int fd;
	struct buf in;
	int64_t until;		/* how long the last order may take */
} child = { .fd = -1 };

/* ---- the child's side ---- */

static bool
whole_read(void *to, size_t size)
{
	for (size_t got = 0; got < size;) {
		ssize_t n = read(CHILD_FD, (uint8_t *)to + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

static bool
whole_write(const void *from, size_t size)
{
	for (size_t put = 0; put < size;) {
		ssize_t n = write(CHILD_FD, (const uint8_t *)from + put,
		    size - put);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		put += (size_t)n;
	}
	return true;
}

/* Opened for each order: statements that are not in use cost memory. */
static int
order_do(const struct order *o, struct buf *csv, struct err *e)
{
	char path[CONF_PATH_SIZE];
	int r = -1;

	conf_path(&conf, path, FILE_DATABASE);
	if (db_open_to_read(path, e) < 0)
		return -1;
	if (db_begin_to_read(e) == 0) {
		r = order_make(o, csv, e);
		db_rollback();
	}
	db_close();
	return r;
}

static bool
order_serve(void)
{
	struct order o;
	struct head h = { 0 };
	struct buf b = { 0 };
	struct err e = { 0 };
	bool good;

	if (!whole_read(&o, sizeof o))
		return false;
	if (order_do(&o, &b, &e) < 0) {
		b.size = 0;
		buf_printf(&b, "%s\n%s", e.clause, e.text);
		h.bad = 1;
	}
	h.size = (int64_t)b.size;
	good = whole_write(&h, sizeof h) && whole_write(b.data, b.size);
	buf_clear(&b);
	return good;
}

static void __attribute__((noreturn))
child_live(int fd, pid_t parent)
{
	char folder[CONF_PATH_SIZE];
	const char *const list[] = { folder, "r:/dev/urandom", NULL };
	struct err e = { 0 };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    getppid() != parent || (fd != CHILD_FD && dup2(fd, CHILD_FD) < 0))
		_exit(1);
	closefrom(CHILD_FD + 1);
	signal(SIGTERM, SIG_IGN);	/* its end is that of the socket */
	signal(SIGINT, SIG_IGN);
	setpriority(PRIO_PROCESS, 0, CHILD_NICE);
	conf_path(&conf, folder, "db");
	if (jail_enter(JAIL_REGISTRAR, list, &e) < 0) {
		log_warn("reports: %s: %s", e.clause, e.text);
		_exit(1);
	}
	while (order_serve())
		;
	_exit(0);
}

/* ---- the registrar's side ---- */

int
report_child_start(struct err *e)
{
	pid_t parent = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, ERR_BROKEN, "report", "socketpair: %s",
		    strerror(errno));
	if ((child.pid = fork()) < 0) {
		close(pair[0]);
		close(pair[1]);
		return err_set(e, ERR_BROKEN, "report", "fork: %s",
		    strerror(errno));
	}
	if (child.pid == 0)
		child_live(pair[1], parent);
	close(pair[1]);
	child.fd = pair[0];
	return fcntl(child.fd, F_SETFL, O_NONBLOCK);
}

bool
report_child_there(void)
{
	return child.fd >= 0;
}

void
report_child_end(void)
{
	if (child.fd < 0)
		return;
	close(child.fd);
	child.fd = -1;
	buf_clear(&child.in);
	kill(child.pid, SIGKILL);	/* it holds nothing that could be lost */
	waitpid(child.pid, NULL, 0);
}

int
report_child_order(const struct order *o)
{
	child.in.size = 0;
	child.until = clock_mono_ms() + (o->kind == JOB_COPY ?
	    PATIENCE_COPY_MS : PATIENCE_MS);
	if (child.fd >= 0 && send(child.fd, o, sizeof *o, MSG_NOSIGNAL) ==
	    (ssize_t)sizeof *o)
		return 0;
	if (child.fd >= 0)
		log_warn("reports: %s", GONE);
	report_child_end();
	return -1;
}

int
report_child_answer(struct buf *b, bool *bad)
{
	struct head h;
	uint8_t some[65536];
	ssize_t n = 0;

	while ((n = recv(child.fd, some, sizeof some, 0)) > 0 &&
	    child.in.size < ANSWER_MOST)
		buf_put(&child.in, some, (size_t)n);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ||
	    child.in.size >= ANSWER_MOST ||
	    clock_mono_ms() > child.until) {
		log_warn("reports: %s", GONE);
		report_child_end();
		return -1;
	}
	if (child.in.size < sizeof h)
		return 0;
	memcpy(&h, child.in.data, sizeof h);
	if ((int64_t)(child.in.size - sizeof h) < h.size)
		return 0;
	*bad = h.bad != 0;
	b->size = 0;
	buf_put(b, child.in.data + sizeof h, (size_t)h.size);
	buf_clear(&child.in);
	return 1;
}
