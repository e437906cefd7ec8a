/* listen.c - every listening socket: UNIX ones in run/, SSH and HTTP. */
#include "core/master/master.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/base/user.h"

#define BACKLOG 1024
#define BIND_PATIENCE_MS 5000	/* a predecessor may still be leaving */

/* The socket file is made with no rights at all; then it is given to the one
 * who asks there, and to nobody else. */
static int
unix_listen(const struct conf *c, const char *name, const char *asker,
    struct err *e)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char path[CONF_PATH_SIZE];
	uid_t uid;
	gid_t gid;
	mode_t was;
	int fd, r;

	conf_path(c, path, name);
	if (!str_copy(sun.sun_path, sizeof sun.sun_path, path))
		return err_set(e, ERR_BAD_INPUT, "socket",
		    "%s: a socket's path has at most %zu bytes: put "
		    "[service] dir into a folder with a shorter name", path,
		    sizeof sun.sun_path - 1);
	if (user_ids(asker, &uid, &gid, e) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(path);
	was = umask(0777);
	r = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&sun, sizeof sun);
	umask(was);
	if (r < 0 || (geteuid() == 0 && lchown(path, uid, gid) < 0) ||
	    chmod(path, 0600) < 0 || listen(fd, BACKLOG) < 0) {
		err_set(e, ERR_UNAVAILABLE, "socket", "%s: %s", path,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* Errors here cost speed, nothing else. */
static void
tcp_options(int fd, int family)
{
	int yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
		    &(int){ 0 }, sizeof(int));
}

static int
tcp_try(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, ai->ai_protocol);
	int why;

	if (fd < 0)
		return -1;
	tcp_options(fd, ai->ai_family);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

static int
tcp_port_of(int fd)
{
	struct sockaddr_storage a = { 0 };
	socklen_t size = sizeof a;

	if (getsockname(fd, (struct sockaddr *)&a, &size) < 0)
		return 0;
	return ntohs(a.ss_family == AF_INET6 ?
	    ((struct sockaddr_in6 *)&a)->sin6_port :
	    ((struct sockaddr_in *)&a)->sin_port);
}

static int
tcp_listen(const char *section, const char *address, int64_t port,
    int *bound, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *ai = NULL;
	char digits[8];
	int64_t until = clock_mono_ms() + BIND_PATIENCE_MS;
	int fd, r;

	snprintf(digits, sizeof digits, "%d", (int)port);
	r = getaddrinfo(address, digits, &hints, &ai);
	if (r != 0)
		return err_set(e, ERR_BAD_INPUT, "xmpp-ica.conf(5)",
		    "[%s] listen = %s: wants a numeric IPv4 or IPv6 address "
		    "(%s)", section, address, gai_strerror(r));
	while ((fd = tcp_try(ai)) < 0 && errno == EADDRINUSE &&
	    clock_mono_ms() < until)
		poll(NULL, 0, 100);
	r = errno;
	freeaddrinfo(ai);
	if (fd < 0)
		return err_set(e, ERR_UNAVAILABLE, "socket",
		    "[%s] %s port %d: %s", section, address, (int)port,
		    strerror(r));
	*bound = tcp_port_of(fd);
	return fd;
}

static int
env_write(const struct conf *c, const struct sockets *s, struct err *e)
{
	char path[CONF_PATH_SIZE], text[128];
	int n = snprintf(text, sizeof text, "SSH_PORT=%d\nHTTP_PORT=%d\n",
	    s->ssh_port, s->http_port);

	conf_path(c, path, "env");
	return file_replace(path, text, (size_t)n, 0644, e);
}

int
sockets_open(const struct conf *c, struct sockets *s, struct err *e)
{
	/* who may connect to the signer is the registrar, and so on */
	if ((s->signer = unix_listen(c, SOCKET_SIGNER, c->users_registrar,
	    e)) < 0 ||
	    (s->gate = unix_listen(c, SOCKET_GATE, c->users_gate, e)) < 0 ||
	    (s->courier = unix_listen(c, SOCKET_COURIER, c->users_courier,
	    e)) < 0 ||
	    (s->ctl = unix_listen(c, SOCKET_CTL, "", e)) < 0 ||
	    (s->ssh = tcp_listen("ssh", c->ssh_listen, c->ssh_port,
	    &s->ssh_port, e)) < 0 ||
	    (s->http = tcp_listen("http", c->http_listen, c->http_port,
	    &s->http_port, e)) < 0)
		return -1;
	return env_write(c, s, e);
}

void
sockets_unlink(const struct conf *c)
{
	static const char *const names[] = { SOCKET_GATE, SOCKET_COURIER,
		SOCKET_CTL, SOCKET_SIGNER };
	char path[CONF_PATH_SIZE];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		conf_path(c, path, names[i]);
		unlink(path);
	}
}
