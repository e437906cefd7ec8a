/* gate_pty.c - starting a console on a pty or on pipes. */
#include "console/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/log.h"

#define SLAVE_SIZE 64

/* What the console gets as 0, 1, 2, and what the transport keeps. */
struct streams {
	int theirs[3];		/* pipes; with a pty none: it is opened by name */
	int ours[MESSAGE_FDS];
	size_t n_ours;
	char slave[SLAVE_SIZE];
};

static void
streams_close(struct streams *s, bool also_ours)
{
	for (int i = 0; i < 3; i++)
		if (s->theirs[i] >= 0)
			close(s->theirs[i]);
	for (size_t i = 0; i < s->n_ours && also_ours; i++)
		close(s->ours[i]);
}

/* Raw from the first moment: what is typed ahead must not come back. */
static int
pty_open(struct streams *s, const struct message *wish)
{
	struct winsize w = { .ws_col = (unsigned short)wish->cols,
		.ws_row = (unsigned short)wish->rows };
	struct termios t;
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	s->ours[s->n_ours++] = fd;
	if (grantpt(fd) < 0 || unlockpt(fd) < 0 ||
	    ptsname_r(fd, s->slave, sizeof s->slave) != 0 ||
	    tcgetattr(fd, &t) < 0)
		return -1;
	cfmakeraw(&t);
	t.c_iflag |= IUTF8;
	return tcsetattr(fd, TCSANOW, &t) < 0 ||
	    ioctl(fd, TIOCSWINSZ, &w) < 0 ? -1 : 0;
}

static int
pipes_open(struct streams *s)
{
	for (int i = 0; i < 3; i++) {
		int p[2];

		if (pipe2(p, O_CLOEXEC) < 0)
			return -1;
		s->theirs[i] = p[i == 0 ? 0 : 1];
		s->ours[s->n_ours++] = p[i == 0 ? 1 : 0];
	}
	return 0;
}

static int
actions_make(posix_spawn_file_actions_t *a, const struct streams *s, int seat)
{
	int r = 0;

	if (s->slave[0] != '\0') {
		/* a session leader's first terminal becomes its own */
		r |= posix_spawn_file_actions_addopen(a, 0, s->slave, O_RDWR,
		    0);
		r |= posix_spawn_file_actions_adddup2(a, 0, 1);
		r |= posix_spawn_file_actions_adddup2(a, 0, 2);
	} else {
		for (int i = 0; i < 3; i++)
			r |= posix_spawn_file_actions_adddup2(a, s->theirs[i],
			    i);
	}
	r |= posix_spawn_file_actions_adddup2(a, seat, CONSOLE_SEAT_FD);
	r |= posix_spawn_file_actions_addclosefrom_np(a, CONSOLE_SEAT_FD + 1);
	return r == 0 ? 0 : -1;
}

static int
attributes_make(posix_spawnattr_t *a)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	return posix_spawnattr_setsigmask(a, &none) == 0 &&
	    posix_spawnattr_setsigdefault(a, &all) == 0 &&
	    posix_spawnattr_setflags(a, POSIX_SPAWN_SETSID |
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0 ? 0 : -1;
}

static int
console_exec(const struct gate *g, const struct message *wish,
    const struct streams *s, int seat, int64_t idle_minutes, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char idle[24], term[TERM_SIZE + 8], path[] = "PATH=/usr/bin:/bin";
	char name[] = BINARY_CONSOLE, f_idle[] = "--idle", f_exec[] = "--exec";
	char command[sizeof CONSOLE_COMMAND "=" + COMMAND_SIZE];
	char *argv[5] = { name, f_idle, idle, NULL };
	char *env[ENV_MAX + 4] = { path, NULL };
	struct message copy = *wish;	/* argv and envp are not const */
	size_t n = 1;
	int r = -1;

	snprintf(idle, sizeof idle, "%lld", (long long)idle_minutes);
	snprintf(term, sizeof term, "TERM=%s", wish->term);
	if (wish->exec) {
		/* a command may hold a code, and everybody can read argv */
		argv[3] = f_exec;
		snprintf(command, sizeof command, CONSOLE_COMMAND "=%s",
		    copy.command);
		env[n++] = command;
	}
	if (wish->term[0] != '\0')
		env[n++] = term;
	for (size_t i = 0; i < copy.n_env; i++)
		env[n++] = copy.env[i];
	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	if (posix_spawnattr_init(&attributes) == 0) {
		if (actions_make(&actions, s, seat) == 0 &&
		    attributes_make(&attributes) == 0)
			r = posix_spawn(pid, g->console, &actions,
			    &attributes, argv, env);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	if (r > 0)
		errno = r;
	return r == 0 ? 0 : -1;
}

int
console_start(const struct gate *g, const struct message *wish, int seat,
    int64_t idle_minutes, pid_t *pid, struct message *reply, struct err *e)
{
	struct streams s = { .theirs = { -1, -1, -1 } };

	if ((wish->pty ? pty_open(&s, wish) : pipes_open(&s)) < 0 ||
	    console_exec(g, wish, &s, seat, idle_minutes, pid) < 0) {
		log_warn("console: %s: %s", g->console, strerror(errno));
		streams_close(&s, true);
		return err_set(e, ERR_UNAVAILABLE, "console",
		    "The console cannot be started just now; nothing was lost,"
		    " please try again in a moment.");
	}
	streams_close(&s, false);
	memcpy(reply->fds, s.ours, sizeof s.ours);
	reply->n_fds = s.n_ours;
	return 0;
}
