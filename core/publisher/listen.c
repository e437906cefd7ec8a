/* listen.c - the socket that the world comes to: handed over by xmpp-icad (or
 * by systemd, as the third descriptor), or opened here by a publisher that
 * serves a copy on a host of its own. */
#include "core/publisher/publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/child.h"

#define BACKLOG 1024

static bool
handed_over(void)
{
	int listens = 0;
	socklen_t size = sizeof listens;

	return getsockopt(PUBLISHER_FD, SOL_SOCKET, SO_ACCEPTCONN, &listens,
	    &size) == 0 && listens;
}

static int
listen_open(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC,
	    ai->ai_protocol), yes = 1, no = 0, why;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

static int
own_socket(const struct conf *conf, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *ai = NULL;
	char digits[8];
	int fd, r;

	snprintf(digits, sizeof digits, "%d", (int)conf->http_port);
	r = getaddrinfo(conf->http_listen, digits, &hints, &ai);
	if (r != 0)
		return err_set(e, ERR_BAD_INPUT, "socket",
		    "[http] listen = %.60s: %s", conf->http_listen,
		    gai_strerror(r));
	fd = listen_open(ai);
	if (fd < 0)
		err_set(e, ERR_UNAVAILABLE, "socket",
		    "[http] listen = %.60s, port = %s: %s", conf->http_listen,
		    digits, strerror(errno));
	freeaddrinfo(ai);
	return fd;
}

int
listen_take(const struct conf *conf, struct err *e)
{
	int fd = handed_over() ? PUBLISHER_FD : own_socket(conf, e), flags;

	/* who hangs up before he is accepted must not hold us up */
	if (fd >= 0 && ((flags = fcntl(fd, F_GETFL)) < 0 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
		return err_set(e, ERR_BROKEN, "socket", "%s", strerror(errno));
	return fd;
}
