/*
 * gate_channel.c - the one session channel: what it may ask for, and the bytes
 * between it and the console.
 */
#include "console/gate_transport.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/text.h"

#define RESIZE_MS 100			/* at most ten a second */
#define ROUNDS 16			/* of one pump in one turn */
#define GOODBYE_MS 2000

static const struct {
	int number;
	const char *name;
} signal_names[] = { { 1, "HUP" }, { 2, "INT" }, { 3, "QUIT" }, { 4, "ILL" },
	{ 6, "ABRT" }, { 8, "FPE" }, { 9, "KILL" }, { 11, "SEGV" },
	{ 13, "PIPE" }, { 14, "ALRM" }, { 15, "TERM" } };

static int
on_pty(ssh_session session, ssh_channel channel, const char *term, int cols,
    int rows, int px, int py, void *data)
{
	struct transport *t = data;

	(void)session;
	(void)channel;
	(void)px;
	(void)py;
	if (t->wish.pty || t->started)
		return -1;
	t->wish.pty = true;
	/* an unusable name: the console falls back to plain text */
	if (term == NULL || !term_is_sane(term) ||
	    !str_copy(t->wish.term, sizeof t->wish.term, term))
		snprintf(t->wish.term, sizeof t->wish.term, "dumb");
	window_clamp(&cols, &rows);
	t->wish.cols = cols;
	t->wish.rows = rows;
	return 0;
}

static int
on_window(ssh_session session, ssh_channel channel, int cols, int rows,
    int px, int py, void *data)
{
	struct transport *t = data;

	(void)session;
	(void)channel;
	(void)px;
	(void)py;
	if (!t->wish.pty)
		return -1;
	window_clamp(&cols, &rows);
	t->wish.cols = cols;
	t->wish.rows = rows;
	t->resized = true;
	return 0;
}

static int
on_env(ssh_session session, ssh_channel channel, const char *name,
    const char *value, void *data)
{
	struct transport *t = data;

	(void)session;
	(void)channel;
	if (t->started || t->wish.n_env == ENV_MAX || name == NULL ||
	    value == NULL || !env_is_sane(name, value))
		return 1;
	snprintf(t->wish.env[t->wish.n_env++], ENV_SIZE, "%s=%s", name, value);
	return 0;
}

static void
adopt(struct transport *t, const struct message *m)
{
	for (size_t i = 0; i < m->n_fds; i++)
		fcntl(m->fds[i], F_SETFL, O_NONBLOCK);
	if (t->wish.pty && m->n_fds == 1) {
		t->in.fd = t->out.fd = m->fds[0];
		t->resized = true;	/* it may have changed meanwhile */
	} else if (m->n_fds == 3) {
		t->in.fd = m->fds[0];
		t->out.fd = m->fds[1];
		t->err.fd = m->fds[2];
	}
}

/* The client's request is granted in any case: a refusal is a sentence on
 * stderr and an exit status, which people and scripts both understand. */
static int
start(struct transport *t)
{
	struct message answer;

	if (t->started)
		return 1;
	t->started = true;
	t->wish.kind = MESSAGE_SPAWN;
	if (!transport_ask(t, &t->wish, MESSAGE_STARTED, &answer))
		return 1;
	if (answer.n_fds > 0) {
		adopt(t, &answer);
		return 0;
	}
	t->exited = true;
	t->status = answer.status;
	snprintf(t->last_words, sizeof t->last_words, "%s", answer.text);
	return 0;
}

static int
on_shell(ssh_session session, ssh_channel channel, void *data)
{
	(void)session;
	(void)channel;
	return start(data);
}

static int
on_exec(ssh_session session, ssh_channel channel, const char *command,
    void *data)
{
	struct transport *t = data;

	(void)session;
	(void)channel;
	if (t->started || command == NULL)
		return 1;
	if (!str_copy(t->wish.command, sizeof t->wish.command, command)) {
		t->started = t->exited = true;
		t->status = 2;
		snprintf(t->last_words, sizeof t->last_words,
		    "The command has %zu octets; it may have %d. What is long goes on standard input, as in: request < server.csr",
		    strlen(command), COMMAND_SIZE - 1);
		return 0;
	}
	t->wish.exec = true;
	return start(t);
}

ssh_channel
channel_open(ssh_session session, void *user)
{
	static struct ssh_channel_callbacks_struct callbacks;
	struct transport *t = user;

	if (!t->logged_in || t->dead || t->channel != NULL)
		return NULL;
	t->channel = ssh_channel_new(session);
	if (t->channel == NULL)
		return NULL;
	callbacks.userdata = t;
	callbacks.channel_pty_request_function = on_pty;
	callbacks.channel_pty_window_change_function = on_window;
	callbacks.channel_env_request_function = on_env;
	callbacks.channel_shell_request_function = on_shell;
	callbacks.channel_exec_request_function = on_exec;
	ssh_callbacks_init(&callbacks);
	ssh_set_channel_callbacks(t->channel, &callbacks);
	return t->channel;
}

void
channel_resize(struct transport *t, int64_t now_ms)
{
	struct winsize w = { .ws_col = (unsigned short)t->wish.cols,
		.ws_row = (unsigned short)t->wish.rows };

	if (!t->resized || t->out.fd < 0 || !t->wish.pty ||
	    now_ms - t->resized_ms < RESIZE_MS)
		return;
	t->resized = false;
	t->resized_ms = now_ms;
	if (ioctl(t->out.fd, TIOCSWINSZ, &w) < 0)
		return;		/* it is going away */
}

static void
pump_close(struct transport *t, struct pump *p)
{
	/* a pty is one descriptor in both directions */
	if (p->fd >= 0 && !(p == &t->in && p->fd == t->out.fd))
		close(p->fd);
	p->fd = -1;
}

/* More from the client into an empty pump; false when there is none now. */
static bool
pump_fill(struct transport *t)
{
	int n = t->in_ended ? SSH_EOF : ssh_channel_read_nonblocking(
	    t->channel, t->in.data, sizeof t->in.data, 0);

	if (n > 0) {
		t->in.at = 0;
		t->in.size = (size_t)n;
		t->in_all = (size_t)n < sizeof t->in.data &&
		    !ssh_channel_is_eof(t->channel);
		return true;
	}
	/* the end counts only when nothing is left to read */
	if ((n == 0 && ssh_channel_is_eof(t->channel)) ||
	    (n < 0 && n != SSH_AGAIN))
		t->in_ended = true;
	if (t->in_ended && !t->wish.pty)
		pump_close(t, &t->in);
	return false;
}

/* The client's bytes to the console.  What the console no longer takes is
 * read and dropped, so that the client can go on to hear the answer. */
static void
pump_in(struct transport *t)
{
	struct pump *p = &t->in;

	for (int i = 0; i < ROUNDS; i++) {
		ssize_t n;

		if (p->size == 0 && !pump_fill(t))
			return;
		n = p->fd < 0 ? (ssize_t)p->size :
		    write(p->fd, p->data + p->at, p->size);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			t->in_all = false;	/* more comes meanwhile */
			return;
		}
		if (n < 0) {
			pump_close(t, p);
			continue;
		}
		p->at += (size_t)n;
		p->size -= (size_t)n;
		if (p->size == 0 && t->in_all)
			return;		/* asking again would poll in vain */
	}
}

/* libssh holds bytes that the network did not take yet. */
static bool
ssh_is_full(struct transport *t)
{
	return (ssh_get_poll_flags(t->session) & SSH_WRITE_PENDING) != 0;
}

bool
channel_wants_out(struct transport *t, const struct pump *p)
{
	return p->fd >= 0 && p->size == 0 && !ssh_is_full(t) &&
	    ssh_channel_window_size(t->channel) > 0;
}

/* The console's bytes to the client; a short write keeps the rest. */
static void
pump_out(struct transport *t, struct pump *p)
{
	for (int i = 0; i < ROUNDS; i++) {
		int n;

		if (channel_wants_out(t, p)) {
			ssize_t got = read(p->fd, p->data, sizeof p->data);

			if (got < 0 && (errno == EAGAIN || errno == EINTR))
				return;
			if (got <= 0) {		/* EIO: the pty's last user left */
				if (p == &t->out && t->in.fd == p->fd)
					t->in.fd = -1;
				pump_close(t, p);
				return;
			}
			p->at = 0;
			p->size = (size_t)got;
		}
		if (p->size == 0 || ssh_is_full(t))
			return;
		n = p == &t->err ? ssh_channel_write_stderr(t->channel,
		    p->data + p->at, (uint32_t)p->size) :
		    ssh_channel_write(t->channel, p->data + p->at,
		    (uint32_t)p->size);
		if (n < 0) {
			t->dead = true;
			return;
		}
		if (n == 0)
			return;
		p->at += (size_t)n;
		p->size -= (size_t)n;
	}
}

void
channel_pump(struct transport *t, bool out, bool err)
{
	if (t->channel == NULL)
		return;
	/* after our own close the client hangs up: not we, before it heard */
	if (ssh_channel_is_closed(t->channel) && !t->closing) {
		t->dead = true;
		return;
	}
	if (!t->started || t->closing)
		return;
	pump_in(t);
	if (out || t->out.size > 0)
		pump_out(t, &t->out);
	if (err || t->err.size > 0)
		pump_out(t, &t->err);
	if (t->exited && t->out.fd < 0 && t->err.fd < 0 && t->out.size == 0 &&
	    t->err.size == 0)
		channel_finish(t);
}

static const char *
signal_name(int number)
{
	for (size_t i = 0; i < sizeof signal_names / sizeof signal_names[0];
	    i++)
		if (signal_names[i].number == number)
			return signal_names[i].name;
	return "KILL";
}

void
channel_finish(struct transport *t)
{
	char words[sizeof t->last_words + 8];
	int n;

	if (t->closing)
		return;
	if (t->last_words[0] != '\0') {
		n = snprintf(words, sizeof words, t->wish.pty ?
		    "\r\n%s\r\n" : "%s\n", t->last_words);
		ssh_channel_write_stderr(t->channel, words, (uint32_t)n);
	}
	if (t->signal != 0)
		ssh_channel_request_send_exit_signal(t->channel,
		    signal_name(t->signal), 0, "the console was ended", "en");
	else
		ssh_channel_request_send_exit_status(t->channel, t->status);
	ssh_channel_send_eof(t->channel);
	ssh_channel_close(t->channel);
	t->closing = true;
	t->leave_ms = clock_mono_ms() + GOODBYE_MS;
}
