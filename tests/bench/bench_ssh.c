/*
 * bench_ssh.c - one SSH client for two servers, so that they are compared
 * by the same means (libssh, curve25519, ed25519).
 *
 *   bench_ssh rate  PORT USER KEY CLIENTS SECONDS COMMAND
 *   bench_ssh echo  PORT USER KEY KEYS READY [COMMAND [FIRST [TWO]]]
 *   bench_ssh first PORT USER KEY TIMES READY [COMMAND]
 *   bench_ssh hold  PORT USER KEY SESSIONS READY [COMMAND]
 *   bench_ssh load  PORT USER KEY SESSIONS READY SECONDS KEYS [COMMAND]
 *
 * rate: CLIENTS processes connect, log in, run COMMAND, disconnect, again and
 * again for SECONDS; prints connections per second.  echo: a session with a
 * pty; after READY was seen on it FIRST is typed, then one key at a time is
 * typed (`a` and Backspace by turns, or the two keys of TWO) and its echo
 * awaited; prints p50 and p99 in microseconds and bytes a key.  first: from
 * connect() to READY on the screen, median in ms.  hold: opens SESSIONS and
 * keeps them until its standard input ends.  load: in each of SESSIONS five
 * keys a second, out of KEYS one after the other, for SECONDS; prints p50, p99
 * and the longest time from key to screen in ms.  COMMAND "" means a shell.
 */
#include <libssh/libssh.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *user, *key_file;
static unsigned int port;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static _Noreturn void
die(const char *what, ssh_session s)
{
	fprintf(stderr, "bench_ssh: %s: %s\n", what,
	    s ? ssh_get_error(s) : "");
	exit(1);
}

static ssh_session
session_open(ssh_key key)
{
	ssh_session s = ssh_new();
	int nodelay = 1;
	bool no = false;

	ssh_options_set(s, SSH_OPTIONS_HOST, "127.0.0.1");
	ssh_options_set(s, SSH_OPTIONS_PORT, &port);
	ssh_options_set(s, SSH_OPTIONS_USER, user);
	ssh_options_set(s, SSH_OPTIONS_NODELAY, &nodelay);
	ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(s, SSH_OPTIONS_KEY_EXCHANGE, "curve25519-sha256");
	ssh_options_set(s, SSH_OPTIONS_HOSTKEYS, "ssh-ed25519");
	if (ssh_connect(s) != SSH_OK)
		die("connect", s);
	if (ssh_userauth_publickey(s, NULL, key) != SSH_AUTH_SUCCESS)
		die("login", s);
	return s;
}

static ssh_channel
channel_open(ssh_session s, const char *command, bool pty)
{
	ssh_channel c = ssh_channel_new(s);

	if (c == NULL || ssh_channel_open_session(c) != SSH_OK)
		die("channel", s);
	if (pty && ssh_channel_request_pty_size(c, "xterm-256color", 80, 24) !=
	    SSH_OK)
		die("pty", s);
	if ((command[0] == '\0' ? ssh_channel_request_shell(c) :
	    ssh_channel_request_exec(c, command)) != SSH_OK)
		die("command", s);
	return c;
}

static void
session_close(ssh_session s, ssh_channel c)
{
	ssh_channel_close(c);
	ssh_channel_free(c);
	ssh_disconnect(s);
	ssh_free(s);
}

static long
rate_client(ssh_key key, double seconds, const char *command)
{
	double until = now() + seconds;
	char b[4096];
	long n = 0;

	while (now() < until) {
		ssh_session s = session_open(key);
		ssh_channel c = channel_open(s, command, false);

		ssh_channel_send_eof(c);
		while (ssh_channel_read(c, b, sizeof b, 0) > 0)
			continue;
		session_close(s, c);
		n++;
	}
	return n;
}

static void
rate(ssh_key key, int clients, double seconds, const char *command)
{
	int fds[2];
	long sum = 0, one;
	double start = now();

	if (pipe(fds) < 0)
		die("pipe", NULL);
	for (int i = 0; i < clients; i++) {
		if (fork() == 0) {
			one = rate_client(key, seconds, command);
			_exit(write(fds[1], &one, sizeof one) != sizeof one);
		}
	}
	for (int i = 0; i < clients; i++)
		if (read(fds[0], &one, sizeof one) == sizeof one)
			sum += one;
	printf("connections %ld\nconnections_per_second %.1f\n", sum,
	    (double)sum / (now() - start));
	while (wait(NULL) > 0)
		continue;
}

/* Read until `ready` stands in the output; dies after 15 seconds. */
static void
await(ssh_channel c, ssh_session s, const char *ready)
{
	static char seen[1 << 20];
	size_t n = 0;
	double until = now() + 15;

	while (now() < until) {
		int k = ssh_channel_read_timeout(c, seen + n,
		    (uint32_t)(sizeof seen - n - 1), 0, 200);

		if (k < 0 || (k == 0 && ssh_channel_is_eof(c)))
			break;
		n += (size_t)(k > 0 ? k : 0);
		seen[n] = '\0';
		for (size_t i = 0; i < n; i++)
			if (seen[i] == '\0')
				seen[i] = ' ';
		if (strstr(seen, ready) != NULL)
			return;
	}
	fprintf(stderr, "bench_ssh: never saw '%s' in: %s\n", ready, seen);
	die("ready", s);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
quiet_read(ssh_channel c)
{
	char b[65536];

	while (ssh_channel_read_timeout(c, b, sizeof b, 0, 150) > 0)
		continue;
}

static void
echo(ssh_key key, int keys, const char *ready, const char *command,
    const char *typed, const char *two)
{
	ssh_session s = session_open(key);
	ssh_channel c = channel_open(s, command, true);
	double *took = calloc((size_t)keys, sizeof *took);
	long bytes = 0;
	char b[65536];

	await(c, s, ready);
	quiet_read(c);
	for (; *typed != '\0'; typed++) {
		ssh_channel_write(c, typed, 1);
		quiet_read(c);
	}
	for (int i = 0; i < keys; i++) {
		char letter = two[i % 2];
		double start = now();
		int k;

		ssh_channel_write(c, &letter, 1);
		k = ssh_channel_read_timeout(c, b, sizeof b, 0, 5000);
		if (k <= 0)
			die("no echo", s);
		took[i] = now() - start;
		bytes += k;
		while ((k = ssh_channel_read_nonblocking(c, b, sizeof b,
		    0)) > 0)
			bytes += k;
	}
	qsort(took, (size_t)keys, sizeof *took, compare);
	printf("echo_p50_us %.0f\necho_p99_us %.0f\necho_bytes %.1f\n",
	    took[keys / 2] * 1e6, took[keys * 99 / 100] * 1e6,
	    (double)bytes / keys);
	free(took);
	session_close(s, c);
}

static void
first(ssh_key key, int times, const char *ready, const char *command)
{
	double *took = calloc((size_t)times, sizeof *took);

	for (int i = 0; i < times; i++) {
		double start = now();
		ssh_session s = session_open(key);
		ssh_channel c = channel_open(s, command, true);

		await(c, s, ready);
		took[i] = now() - start;
		session_close(s, c);
	}
	qsort(took, (size_t)times, sizeof *took, compare);
	printf("first_screen_ms %.1f\n", took[times / 2] * 1e3);
	free(took);
}

static void
hold(ssh_key key, int sessions, const char *ready, const char *command)
{
	char b[16];

	for (int i = 0; i < sessions; i++) {
		ssh_session s = session_open(key);

		await(channel_open(s, command, true), s, ready);
	}
	printf("holding %d\n", sessions);
	fflush(stdout);
	while (read(0, b, sizeof b) > 0)
		continue;
}

/* ---- many sessions at once ---- */

#define EVERY 0.2		/* seconds between two keys of one session */

struct typist {
	ssh_session s;
	ssh_channel c;
	double due, sent;	/* sent: 0 when nothing is awaited */
	size_t n;
	long bytes;
};

/* What came on a session; the time that its key took, or -1. */
static double
typist_hear(struct typist *t)
{
	char b[65536];
	double took = -1;
	int n;

	while ((n = ssh_channel_read_nonblocking(t->c, b, sizeof b, 0)) > 0) {
		t->bytes += n;
		if (t->sent > 0)
			took = now() - t->sent;
		t->sent = 0;
	}
	return took;
}

static void
load(ssh_key key, int sessions, const char *ready, double seconds,
    const char *keys, const char *command)
{
	struct typist *all = calloc((size_t)sessions, sizeof *all);
	struct pollfd *p = calloc((size_t)sessions, sizeof *p);
	size_t room = (size_t)sessions * (size_t)(seconds / EVERY + 2);
	double *took = calloc(room, sizeof *took), start, one;
	size_t n = 0, lost = 0;
	long bytes = 0;

	for (int i = 0; i < sessions; i++) {
		all[i].s = session_open(key);
		all[i].c = channel_open(all[i].s, command, true);
		await(all[i].c, all[i].s, ready);
		p[i] = (struct pollfd){ ssh_get_fd(all[i].s), POLLIN, 0 };
	}
	printf("load_sessions %d\n", sessions);
	fflush(stdout);		/* from here on they type */
	start = now();
	for (int i = 0; i < sessions; i++)
		all[i].due = start + EVERY * i / sessions;
	while (now() < start + seconds) {
		for (int i = 0; i < sessions; i++) {
			struct typist *t = &all[i];

			if (t->due > now())
				continue;
			lost += t->sent > 0;	/* not there in time */
			ssh_channel_write(t->c,
			    keys + t->n++ % strlen(keys), 1);
			/* the oldest that waits is measured */
			t->sent = t->sent > 0 ? t->sent : now();
			t->due += EVERY;
		}
		poll(p, (nfds_t)sessions, 1);
		for (int i = 0; i < sessions; i++)
			if (p[i].revents != 0 && (one =
			    typist_hear(&all[i])) >= 0 && n < room)
				took[n++] = one;
	}
	for (int i = 0; i < sessions; i++)
		bytes += all[i].bytes;
	qsort(took, n, sizeof *took, compare);
	printf("load_bytes_per_key %.0f\n", n ? (double)bytes / (double)n : 0);
	printf("load_keys %zu\nload_late %zu\nload_p50_ms %.2f\n"
	    "load_p99_ms %.2f\nload_max_ms %.2f\n", n, lost,
	    n ? took[n / 2] * 1e3 : 0, n ? took[n * 99 / 100] * 1e3 : 0,
	    n ? took[n - 1] * 1e3 : 0);
}

int
main(int argc, char **argv)
{
	ssh_key key = NULL;

	if (argc < 7) {
		fprintf(stderr, "usage: see the head of bench_ssh.c\n");
		return 2;
	}
	port = (unsigned int)strtoul(argv[2], NULL, 10);
	user = argv[3];
	key_file = argv[4];
	ssh_init();
	if (ssh_pki_import_privkey_file(key_file, NULL, NULL, NULL, &key) !=
	    SSH_OK)
		die("key", NULL);
	if (strcmp(argv[1], "rate") == 0 && argc > 7)
		rate(key, (int)strtol(argv[5], NULL, 10),
		    strtod(argv[6], NULL), argv[7]);
	else if (strcmp(argv[1], "echo") == 0)
		echo(key, (int)strtol(argv[5], NULL, 10), argv[6],
		    argc > 7 ? argv[7] : "", argc > 8 ? argv[8] : "",
		    argc > 9 ? argv[9] : "a\177");
	else if (strcmp(argv[1], "first") == 0)
		first(key, (int)strtol(argv[5], NULL, 10), argv[6],
		    argc > 7 ? argv[7] : "");
	else if (strcmp(argv[1], "load") == 0 && argc > 8)
		load(key, (int)strtol(argv[5], NULL, 10), argv[6],
		    strtod(argv[7], NULL), argv[8],
		    argc > 9 ? argv[9] : "");
	else if (strcmp(argv[1], "hold") == 0)
		hold(key, (int)strtol(argv[5], NULL, 10), argv[6],
		    argc > 7 ? argv[7] : "");
	else
		return 2;
	return 0;
}
