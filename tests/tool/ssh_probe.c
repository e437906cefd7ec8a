/*
 * ssh_probe.c - a client that does what ordinary clients do not, to see that
 * the gate refuses it.
 *
 *   ssh_probe attempts PORT            none and password, again and again
 *   ssh_probe victim   PORT USER PUBLIC OWN
 *                                      offer a key of the victim, sign with one's own
 *   ssh_probe rename   PORT USER OTHER KEY
 *                                      offer as USER, sign as OTHER
 *   ssh_probe channels PORT USER KEY   second channel, second pty, second exec
 *   ssh_probe window   PORT USER KEY COLS ROWS TERM COMMAND
 *   ssh_probe resize   PORT USER KEY COLS ROWS    change the window of a shell
 *   ssh_probe resizes  PORT USER KEY N COLS ROWS  N odd sizes in one burst to
 *                                       the console, then this one; stay
 *   ssh_probe garbage  PORT USER KEY BYTES  at the console: noise for packets,
 *                                       then stay
 * The last two stay until their standard input ends.
 *
 * Each prints what happened, one line a fact.
 */
#include <libssh/libssh.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssh_session
connect_to(const char *port, const char *user)
{
	unsigned int number = (unsigned int)strtoul(port, NULL, 10);
	ssh_session s = ssh_new();
	bool no = false;
	long timeout = 10;

	ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(s, SSH_OPTIONS_HOST, "127.0.0.1");
	ssh_options_set(s, SSH_OPTIONS_PORT, &number);
	ssh_options_set(s, SSH_OPTIONS_USER, user);
	ssh_options_set(s, SSH_OPTIONS_TIMEOUT, &timeout);
	if (ssh_connect(s) != SSH_OK) {
		printf("no connection: %s\n", ssh_get_error(s));
		exit(1);
	}
	return s;
}

static ssh_key
key_read(const char *file)
{
	ssh_key k = NULL;

	if (ssh_pki_import_privkey_file(file, NULL, NULL, NULL, &k) !=
	    SSH_OK) {
		printf("no key %s\n", file);
		exit(1);
	}
	return k;
}

static ssh_session
login(const char *port, const char *user, const char *key)
{
	ssh_session s = connect_to(port, user);

	if (ssh_userauth_publickey(s, NULL, key_read(key)) !=
	    SSH_AUTH_SUCCESS) {
		printf("no login: %s\n", ssh_get_error(s));
		exit(1);
	}
	return s;
}

static ssh_channel
session_open(ssh_session s)
{
	ssh_channel c = ssh_channel_new(s);

	if (ssh_channel_open_session(c) != SSH_OK) {
		printf("no channel: %s\n", ssh_get_error(s));
		exit(1);
	}
	return c;
}

static void
output_print(ssh_channel c)
{
	char b[4096];
	int n;

	while ((n = ssh_channel_read_timeout(c, b, sizeof b, 0, 5000)) > 0)
		fwrite(b, 1, (size_t)n, stdout);
	printf("status %d\n", ssh_channel_get_exit_status(c));
}

static int
attempts(const char *port)
{
	ssh_session s = connect_to(port, "alice");
	int answered = 0;

	for (int i = 0; i < 100; i++) {
		int r = i % 2 == 0 ? ssh_userauth_none(s, NULL) :
		    ssh_userauth_password(s, NULL, "secret");

		if (r == SSH_AUTH_SUCCESS) {
			printf("let in\n");
			return 1;
		}
		if (r == SSH_AUTH_ERROR || !ssh_is_connected(s))
			break;
		answered++;
	}
	printf("answered %d\n", answered);
	return 0;
}

static const char *
auth_word(int r)
{
	return r == SSH_AUTH_SUCCESS ? "accepted" : r == SSH_AUTH_DENIED ?
	    "denied" : "error";
}

static int
victim(const char *port, const char *user, const char *public,
    const char *own)
{
	ssh_session s = connect_to(port, user);
	ssh_key k = NULL;
	int r;

	if (ssh_pki_import_pubkey_file(public, &k) != SSH_OK)
		return 1;
	r = ssh_userauth_try_publickey(s, NULL, k);
	printf("probe %s\n", auth_word(r));
	r = ssh_userauth_publickey(s, NULL, key_read(own));
	printf("signature %s\n", auth_word(r));
	return 0;
}

static int
rename_between(const char *port, const char *user, const char *other,
    const char *key)
{
	ssh_session s = connect_to(port, user);
	ssh_key k = key_read(key);
	int r = ssh_userauth_try_publickey(s, user, k);

	printf("probe %s\n", auth_word(r));
	r = ssh_userauth_publickey(s, other, k);
	printf("signature %s\n", auth_word(r));
	return 0;
}

static const char *
ok_word(int r)
{
	return r == SSH_OK ? "granted" : "refused";
}

static int
channels(const char *port, const char *user, const char *key)
{
	ssh_session s = login(port, user, key);
	ssh_channel a = session_open(s), b = ssh_channel_new(s);

	printf("second channel %s\n", ok_word(ssh_channel_open_session(b)));
	printf("env LD_PRELOAD %s\n", ok_word(ssh_channel_request_env(a,
	    "LD_PRELOAD", "/tmp/x.so")));
	printf("env TERMINFO %s\n", ok_word(ssh_channel_request_env(a,
	    "TERMINFO", "/tmp")));
	printf("env TZ file %s\n", ok_word(ssh_channel_request_env(a, "TZ",
	    "../../tmp/x")));
	printf("env LANG %s\n", ok_word(ssh_channel_request_env(a, "LANG",
	    "C.UTF-8")));
	printf("subsystem %s\n", ok_word(ssh_channel_request_subsystem(a,
	    "sftp")));
	printf("pty %s\n", ok_word(ssh_channel_request_pty_size(a, "xterm",
	    80, 24)));
	printf("second pty %s\n", ok_word(ssh_channel_request_pty_size(a,
	    "xterm", 80, 24)));
	printf("exec %s\n", ok_word(ssh_channel_request_exec(a,
	    "env; sleep 1")));
	printf("second exec %s\n", ok_word(ssh_channel_request_exec(a,
	    "id")));
	printf("shell %s\n", ok_word(ssh_channel_request_shell(a)));
	output_print(a);
	return 0;
}

static int
window(char **v)
{
	ssh_session s = login(v[0], v[1], v[2]);
	ssh_channel c = session_open(s);

	printf("pty %s\n", ok_word(ssh_channel_request_pty_size(c, v[5],
	    (int)strtol(v[3], NULL, 10), (int)strtol(v[4], NULL, 10))));
	printf("exec %s\n", ok_word(ssh_channel_request_exec(c, v[6])));
	output_print(c);
	return 0;
}

static int
resize(char **v)
{
	ssh_session s = login(v[0], v[1], v[2]);
	ssh_channel c = session_open(s);

	ssh_channel_request_pty_size(c, "xterm", 80, 24);
	ssh_channel_request_exec(c, "sleep 1; stty size");
	for (int i = 0; i < 50; i++)
		ssh_channel_change_pty_size(c, 40 + i, 10 + i);
	ssh_channel_change_pty_size(c, (int)strtol(v[3], NULL, 10),
	    (int)strtol(v[4], NULL, 10));
	output_print(c);
	return 0;
}

/* Until the console has been quiet for so long; how many bytes it sent, -1
 * when it is gone. */
static long
quiet_wait(ssh_channel c, int ms)
{
	char b[16384];
	long sum = 0;
	int n;

	while ((n = ssh_channel_read_timeout(c, b, sizeof b, 0, ms)) > 0)
		sum += n;
	return n < 0 || ssh_channel_is_eof(c) ? -1 : sum;
}

static ssh_channel
console_open(ssh_session s)
{
	ssh_channel c = session_open(s);

	ssh_channel_request_pty_size(c, "xterm-256color", 80, 24);
	if (ssh_channel_request_shell(c) != SSH_OK || quiet_wait(c, 500) <= 0)
		printf("no console\n");
	return c;
}

static void
stay(void)
{
	char b[16];

	while (read(0, b, sizeof b) > 0)
		continue;
}

static int
resizes(char **v)
{
	ssh_session s = login(v[0], v[1], v[2]);
	ssh_channel c = console_open(s);
	long n = strtol(v[3], NULL, 10);

	for (long i = 0; i < n; i++)
		ssh_channel_change_pty_size(c, (int)(i * 7919 % 65536),
		    (int)(i * 104729 % 65536));
	ssh_channel_change_pty_size(c, (int)strtol(v[4], NULL, 10),
	    (int)strtol(v[5], NULL, 10));
	printf("bytes %ld\n", quiet_wait(c, 1000));
	stay();
	return 0;
}

static int
garbage(char **v)
{
	ssh_session s = login(v[0], v[1], v[2]);
	ssh_channel c = console_open(s);
	long n = strtol(v[3], NULL, 10);
	unsigned char b[1024];

	for (size_t i = 0; i < sizeof b; i++)
		b[i] = (unsigned char)(i * 151 + 7);
	for (long k; n > 0; n -= k) {
		k = n < (long)sizeof b ? n : (long)sizeof b;
		if (write(ssh_get_fd(s), b, (size_t)k) != k)
			break;		/* it has hung up already */
	}
	printf("%s\n", quiet_wait(c, 1000) < 0 ? "cut" : "still there");
	stay();
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(what, "attempts") == 0 && argc == 3)
		return attempts(argv[2]);
	if (strcmp(what, "victim") == 0 && argc == 6)
		return victim(argv[2], argv[3], argv[4], argv[5]);
	if (strcmp(what, "rename") == 0 && argc == 6)
		return rename_between(argv[2], argv[3], argv[4], argv[5]);
	if (strcmp(what, "channels") == 0 && argc == 5)
		return channels(argv[2], argv[3], argv[4]);
	if (strcmp(what, "window") == 0 && argc == 9)
		return window(argv + 2);
	if (strcmp(what, "resize") == 0 && argc == 7)
		return resize(argv + 2);
	signal(SIGPIPE, SIG_IGN);
	if (strcmp(what, "resizes") == 0 && argc == 8)
		return resizes(argv + 2);
	if (strcmp(what, "garbage") == 0 && argc == 6)
		return garbage(argv + 2);
	fputs("ssh_probe: see the head of ssh_probe.c\n", stderr);
	return 2;
}
