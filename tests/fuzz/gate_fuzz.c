/* gate_fuzz.c - what a transport that fell to a stranger may tell the gate's
 * parent, and what comes back. */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "console/gate_message.h"

/* What a good message of a transport has let through. */
static void
wish_claim(const struct message *m)
{
	if (m->kind == MESSAGE_KEY || m->kind == MESSAGE_OPEN) {
		CLAIM(user_is_sane(m->user));
		CLAIM(is_showable(m->line) && is_showable(m->fingerprint));
	}
	if (m->kind != MESSAGE_SPAWN)
		return;
	CLAIM(m->term[0] == '\0' || term_is_sane(m->term));
	CLAIM(m->cols >= COLS_MIN && m->cols <= COLS_MAX);
	CLAIM(m->rows >= ROWS_MIN && m->rows <= ROWS_MAX);
	CLAIM(m->n_env <= ENV_MAX);
	for (size_t i = 0; i < m->n_env; i++) {
		char name[ENV_SIZE], *value;

		snprintf(name, sizeof name, "%s", m->env[i]);
		CLAIM((value = strchr(name, '=')) != NULL);
		*value++ = '\0';
		CLAIM(env_is_sane(name, value));
		CLAIM(strcmp(name, "PATH") != 0 &&
		    strncmp(name, "LD_", 3) != 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct message m, again;
	int fds[2];

	CLAIM(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == 0);
	CLAIM(send(fds[1], data, size, 0) == (ssize_t)size);
	if (message_receive(fds[0], &m) == 1) {
		CLAIM(m.n_fds == 0);
		wish_claim(&m);
		if (message_send(fds[1], &m) == 0) {
			CLAIM(message_receive(fds[0], &again) == 1);
			CLAIM(again.kind == m.kind);
			CLAIM(strcmp(again.command, m.command) == 0);
			CLAIM(strcmp(again.text, m.text) == 0);
		}
	}
	close(fds[0]);
	close(fds[1]);
	return 0;
}
