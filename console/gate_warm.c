/*
 * gate_warm.c - filling OpenSSL's caches before the first fork.
 *
 * OpenSSL 3 looks its algorithms up on first use and remembers them for the
 * process; a child that must look them up itself spends half its CPU on that.
 * A list of algorithms to fetch would go stale with the next libssh, so this
 * makes real connections to itself: one with each kind of cipher.
 */
#include "console/gate_host.h"

#include <libssh/callbacks.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/jail_parts.h"
#include "core/base/log.h"

#define WARM_MS 5000
#define HOLES_MOST (2u << 20)	/* bytes: the handshakes left far fewer */

struct warm {
	ssh_channel channel;
	bool done;
};

static int
on_pubkey(ssh_session s, const char *user, struct ssh_key_struct *key,
    char state, void *data)
{
	unsigned char *hash = NULL;
	char *base64 = NULL;
	size_t len;

	(void)s;
	(void)user;
	(void)state;
	(void)data;
	/* what a login does with a key is to be warm, too */
	if (ssh_pki_export_pubkey_base64(key, &base64) == SSH_OK)
		ssh_string_free_char(base64);
	if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash,
	    &len) == 0)
		ssh_clean_pubkey_hash(&hash);
	return SSH_AUTH_SUCCESS;
}

static ssh_channel
on_open(ssh_session s, void *data)
{
	struct warm *w = data;

	w->channel = ssh_channel_new(s);
	w->done = true;
	return w->channel;
}

/* The other end: a child that logs in with a key of its own. */
static _Noreturn void
client_run(int fd, const char *cipher)
{
	ssh_session s = ssh_new();
	ssh_key key = NULL;
	ssh_channel channel = NULL;
	bool no = false;

	alarm(WARM_MS / 1000);
	if (s == NULL || ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) !=
	    SSH_OK)
		_exit(1);
	ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(s, SSH_OPTIONS_SSH_DIR, "/nonexistent");
	ssh_options_set(s, SSH_OPTIONS_HOST, "localhost");
	ssh_options_set(s, SSH_OPTIONS_USER, "warm");
	ssh_options_set(s, SSH_OPTIONS_FD, &fd);
	ssh_options_set(s, SSH_OPTIONS_CIPHERS_C_S, cipher);
	ssh_options_set(s, SSH_OPTIONS_CIPHERS_S_C, cipher);
	if (ssh_connect(s) != SSH_OK ||
	    ssh_userauth_try_publickey(s, NULL, key) != SSH_AUTH_SUCCESS ||
	    ssh_userauth_publickey(s, NULL, key) != SSH_AUTH_SUCCESS ||
	    (channel = ssh_channel_new(s)) == NULL ||
	    ssh_channel_open_session(channel) != SSH_OK)
		_exit(1);
	_exit(0);
}

static int
serve(struct ssh_host *h, int fd)
{
	struct warm w = { 0 };
	struct ssh_server_callbacks_struct callbacks = { .userdata = &w,
		.auth_pubkey_function = on_pubkey,
		.channel_open_request_session_function = on_open };
	int64_t until = clock_mono_ms() + WARM_MS;
	ssh_session s = host_session();
	ssh_event event = ssh_event_new();

	if (s == NULL || event == NULL ||
	    ssh_bind_accept_fd(h->bind, s, fd) != SSH_OK)
		return -1;
	ssh_set_blocking(s, 0);
	ssh_callbacks_init(&callbacks);
	ssh_set_server_callbacks(s, &callbacks);
	ssh_set_auth_methods(s, SSH_AUTH_METHOD_PUBLICKEY);
	if (ssh_handle_key_exchange(s) != SSH_ERROR &&
	    ssh_event_add_session(event, s) == SSH_OK)
		while (!w.done && clock_mono_ms() < until &&
		    ssh_event_dopoll(event, 200) != SSH_ERROR)
			;
	ssh_event_remove_session(event, s);
	ssh_event_free(event);
	ssh_disconnect(s);
	ssh_free(s);
	return w.done ? 0 : -1;
}

static int
handshake(struct ssh_host *h, const char *cipher)
{
	int pair[2], status = 1, r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		client_run(pair[1], cipher);
	close(pair[1]);
	r = pid < 0 ? -1 : serve(h, pair[0]);
	if (pid > 0) {
		if (r < 0)
			kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return r;
}

/*
 * A child shares this process's memory until it writes there.  What the
 * handshakes gave back lies in holes between what stays, all over the heap:
 * each child would write into some, and have a page of its own for each.  So
 * the holes are filled here, for good, and children begin on fresh pages.
 */
static void
holes_fill(void)
{
	size_t rest, room = HOLES_MOST;

	for (size_t size = 65536; size >= 16;
	    size = size > 1024 ? size / 2 : size - 16) {
		void *p = NULL;

		/* the highest chunk shrinks: no hole was large enough */
		do {
			rest = mallinfo2().keepcost;
			p = room >= size ? malloc(size) : NULL;
			room -= p != NULL ? size : 0;
		} while (p != NULL && mallinfo2().keepcost == rest);
	}
}

int
host_warm(struct ssh_host *h, struct err *e)
{
	static const char *const kinds[] = { "chacha20-poly1305@openssh.com",
		"aes256-gcm@openssh.com", "aes128-ctr" };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (handshake(h, kinds[i]) < 0)
			return err_set(e, ERR_BROKEN, "libssh",
			    "a handshake of the gate with itself fails (%s)",
			    kinds[i]);
	if (!JAIL_SANITIZED)	/* whose malloc has no such holes */
		holes_fill();
	return 0;
}
