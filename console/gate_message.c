/* gate_message.c - packets between the gate's parent and its transports. */
#include "console/gate_message.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/buf.h"

#define PACKET_MAX 16384

static bool
all_of(const char *s, const char *more)
{
	for (; *s != '\0'; s++)
		if (!isascii((unsigned char)*s) ||
		    (!isalnum((unsigned char)*s) && strchr(more, *s) == NULL))
			return false;
	return true;
}

bool
user_is_sane(const char *user)
{
	size_t n = strlen(user);

	return n >= 1 && n <= 32 && strchr("._-", user[0]) == NULL &&
	    strspn(user, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

bool
term_is_sane(const char *term)
{
	size_t n = strlen(term);

	return n >= 1 && n <= 64 && all_of(term, "._+-");
}

bool
env_is_sane(const char *name, const char *value)
{
	if (strlen(name) + strlen(value) + 2 > ENV_SIZE)
		return false;
	/* a zone by its name, not by a file of the caller's choice */
	if (strcmp(name, "TZ") == 0)
		return all_of(value, "_+-/,.") && value[0] != '/' &&
		    strstr(value, "..") == NULL;
	if (strcmp(name, "LANG") == 0 || (strncmp(name, "LC_", 3) == 0 &&
	    name[3] != '\0' && all_of(name + 3, "_")))
		return all_of(value, "._@-");
	return (strcmp(name, "NO_COLOR") == 0 ||
	    strcmp(name, "COLORTERM") == 0) && all_of(value, "._-");
}

static int
within(int n, int low, int high)
{
	return n < low ? low : n > high ? high : n;
}

void
window_clamp(int *cols, int *rows)
{
	if (*cols <= 0 && *rows <= 0) {
		*cols = 80;
		*rows = 24;
	}
	*cols = within(*cols, COLS_MIN, COLS_MAX);
	*rows = within(*rows, ROWS_MIN, ROWS_MAX);
}

static void
spawn_encode(struct buf *b, const struct message *m)
{
	buf_put_u8(b, m->pty);
	buf_put_u8(b, m->exec);
	buf_put_str(b, m->term);
	buf_put_u16(b, (uint16_t)m->cols);
	buf_put_u16(b, (uint16_t)m->rows);
	buf_put_str(b, m->command);
	buf_put_u8(b, (uint8_t)m->n_env);
	for (size_t i = 0; i < m->n_env; i++)
		buf_put_str(b, m->env[i]);
}

static void
message_encode(struct buf *b, const struct message *m)
{
	buf_put_u8(b, (uint8_t)m->kind);
	switch (m->kind) {
	case MESSAGE_KEY:
	case MESSAGE_OPEN:
		buf_put_str(b, m->user);
		buf_put_str(b, m->line);
		buf_put_str(b, m->fingerprint);
		break;
	case MESSAGE_SPAWN:
		spawn_encode(b, m);
		break;
	case MESSAGE_VERDICT:
		buf_put_u8(b, (uint8_t)m->verdict);
		buf_put_str(b, m->text);
		break;
	case MESSAGE_STARTED:
		buf_put_u8(b, (uint8_t)m->status);
		buf_put_str(b, m->text);
		break;
	case MESSAGE_EXIT:
		buf_put_u8(b, (uint8_t)m->status);
		buf_put_u8(b, (uint8_t)m->signal);
		break;
	case MESSAGE_QUIT:
	default:
		buf_put_str(b, m->text);
		break;
	}
}

static void
spawn_decode(struct reader *r, struct message *m)
{
	m->pty = reader_u8(r) != 0;
	m->exec = reader_u8(r) != 0;
	reader_str(r, m->term, sizeof m->term);
	m->cols = reader_u16(r);
	m->rows = reader_u16(r);
	window_clamp(&m->cols, &m->rows);
	reader_str(r, m->command, sizeof m->command);
	m->n_env = reader_u8(r);
	if (m->n_env > ENV_MAX || (m->term[0] != '\0' &&
	    !term_is_sane(m->term)))
		r->bad = true;
	for (size_t i = 0; i < m->n_env && !r->bad; i++) {
		char name[ENV_SIZE], *equals;

		reader_str(r, m->env[i], sizeof m->env[i]);
		snprintf(name, sizeof name, "%s", m->env[i]);
		equals = strchr(name, '=');
		if (equals == NULL)
			r->bad = true;
		else
			*equals = '\0';
		if (!r->bad && !env_is_sane(name, equals + 1))
			r->bad = true;
	}
}

static void
key_decode(struct reader *r, struct message *m)
{
	reader_str(r, m->user, sizeof m->user);
	reader_str(r, m->line, sizeof m->line);
	reader_str(r, m->fingerprint, sizeof m->fingerprint);
	if (!user_is_sane(m->user) || !all_of(m->line, " .+/=@-") ||
	    !all_of(m->fingerprint, ":+/="))
		r->bad = true;
}

static bool
message_decode(struct message *m, const uint8_t *data, size_t size)
{
	struct reader r;
	uint8_t kind;

	reader_init(&r, data, size);
	kind = reader_u8(&r);
	m->kind = kind;
	switch (kind) {
	case MESSAGE_KEY:
	case MESSAGE_OPEN:
		key_decode(&r, m);
		break;
	case MESSAGE_SPAWN:
		spawn_decode(&r, m);
		break;
	case MESSAGE_VERDICT:
		m->verdict = reader_u8(&r);
		reader_str(&r, m->text, sizeof m->text);
		break;
	case MESSAGE_STARTED:
		m->status = reader_u8(&r);
		reader_str(&r, m->text, sizeof m->text);
		break;
	case MESSAGE_EXIT:
		m->status = reader_u8(&r);
		m->signal = reader_u8(&r);
		break;
	case MESSAGE_QUIT:
		reader_str(&r, m->text, sizeof m->text);
		break;
	default:
		return false;
	}
	return reader_end(&r);
}

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(MESSAGE_FDS * sizeof(int))];
};

int
message_send(int sock, const struct message *m)
{
	union control control;
	struct buf b = { 0 };
	struct iovec iov;
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	message_encode(&b, m);
	iov.iov_base = b.data;
	iov.iov_len = b.size;
	if (m->n_fds > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof control);
		h.msg_control = &control;
		h.msg_controllen = CMSG_SPACE(m->n_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(m->n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), m->fds, m->n_fds * sizeof(int));
	}
	do
		n = sendmsg(sock, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	buf_clear(&b);
	return n < 0 ? -1 : 0;
}

static void
fds_take(struct message *m, struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL;
	    c = CMSG_NXTHDR(h, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n && m->n_fds < MESSAGE_FDS; i++)
			memcpy(&m->fds[m->n_fds++], CMSG_DATA(c) +
			    i * sizeof(int), sizeof(int));
	}
}

int
message_receive(int sock, struct message *m)
{
	union control control;
	uint8_t packet[PACKET_MAX];
	struct iovec iov = { .iov_base = packet, .iov_len = sizeof packet };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control };
	ssize_t n;
	bool good;

	memset(m, 0, sizeof *m);
	do
		n = recvmsg(sock, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return -1;
	fds_take(m, &h);
	good = message_decode(m, packet, (size_t)n) &&
	    (h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
	    (m->n_fds == 0 || m->kind == MESSAGE_STARTED);
	if (good)
		return 1;
	while (m->n_fds > 0)
		close(m->fds[--m->n_fds]);
	return -1;
}
