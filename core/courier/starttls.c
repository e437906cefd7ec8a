/* starttls.c - one XMPP port dialled: the stream opened, TLS begun, and the
 * certificate that is served taken down.  Nothing of it is trusted. */
#include "core/courier/outside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/base/clock.h"
#include "core/base/text.h"

#define STEP_MS 5000		/* for the whole of one port */
#define STREAM_MAX 16384	/* bytes read before TLS */
#define CHAIN_MAX 65536		/* bytes of the certificates that it sends */

struct dial {
	int fd, stop_fd;
	int64_t until;
	struct live_end *end;
};

static void why(struct live_end *end, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
why(struct live_end *end, const char *fmt, ...)
{
	char raw[200];
	va_list ap;

	if (end->why[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	render_untrusted(end->why, sizeof end->why, raw, strlen(raw));
}

/* True when the descriptor is ready in time. */
static bool
ready(struct dial *d, short events)
{
	struct pollfd p[2] = { { .fd = d->fd, .events = events },
		{ .fd = d->stop_fd, .events = POLLIN } };
	int64_t left;

	while ((left = d->until - clock_mono_ms()) > 0) {
		int n = poll(p, 2, (int)left);

		if (n < 0 && errno == EINTR)
			continue;
		return n > 0 && p[1].revents == 0;
	}
	return false;
}

static bool
connected(struct dial *d, const struct sockaddr *a, socklen_t size)
{
	socklen_t n = sizeof(int);
	int error = 0;

	d->fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (d->fd < 0) {
		why(d->end, "no socket: %s", strerror(errno));
		return false;
	}
	if (connect(d->fd, a, size) == 0)
		return true;
	error = errno;
	if (error == EINPROGRESS) {
		if (!ready(d, POLLOUT)) {
			why(d->end, "no answer in %d seconds", STEP_MS / 1000);
			return false;
		}
		getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	}
	if (error != 0)
		why(d->end, "%s", strerror(error));
	return error == 0;
}

static bool
say(struct dial *d, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t k = send(d->fd, text, n, MSG_NOSIGNAL);

		if (k > 0) {
			text += k;
			n -= (size_t)k;
		} else if (errno != EAGAIN || !ready(d, POLLOUT)) {
			why(d->end, "the connection broke off");
			return false;
		}
	}
	return true;
}

/* Has this text come, and its tag to the end?  An element that the text begins
 * ("<proceed") is there with its own end: what comes behind is TLS. */
static bool
came(const char *in, const char *text)
{
	const char *at = strstr(in, text), *end;

	if (at == NULL ||
	    (end = strchr(at + strlen(text) - 1, '>')) == NULL)
		return false;
	if (text[0] != '<' || text[1] == '/' || end[-1] == '/')
		return true;
	return (end = strstr(end, "</")) != NULL && strchr(end, '>') != NULL;
}

/* Read until one of two texts came whole: 1 the first, 2 the second, 0 neither. */
static int
hear(struct dial *d, const char *one, const char *two)
{
	char in[STREAM_MAX + 1];
	size_t n = 0;

	while (n < STREAM_MAX) {
		ssize_t k = recv(d->fd, in + n, STREAM_MAX - n, 0);

		if (k < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!ready(d, POLLIN)) {
				why(d->end, "it stopped in the middle of the stream");
				return 0;
			}
			continue;
		}
		if (k <= 0) {
			why(d->end, "it hung up before TLS");
			return 0;
		}
		for (ssize_t i = 0; i < k; i++)
			if (in[n + (size_t)i] == '\0')
				in[n + (size_t)i] = ' ';
		n += (size_t)k;
		in[n] = '\0';
		if (came(in, one))
			return 1;
		if (came(in, two))
			return 2;
	}
	why(d->end, "it says too much before TLS");
	return 0;
}

static bool
stream_open(struct dial *d, const char *domain, bool client)
{
	char text[600];

	snprintf(text, sizeof text,
	    "<?xml version='1.0'?><stream:stream xmlns='jabber:%s' "
	    "xmlns:stream='http://etherx.jabber.org/streams' to='%.253s' "
	    "version='1.0'>", client ? "client" : "server", domain);
	if (!say(d, text))
		return false;
	switch (hear(d, "urn:ietf:params:xml:ns:xmpp-tls",
	    "</stream:features>")) {
	case 1:
		break;
	case 2:
		why(d->end, "it speaks XMPP and offers no STARTTLS");
		return false;
	default:
		return false;
	}
	if (!say(d, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"))
		return false;
	if (hear(d, "<proceed", "<failure") == 1)
		return true;
	why(d->end, "it refused STARTTLS");
	return false;
}

/* ---- the certificate ---- */

static void
name_text(char dst[256], const X509_NAME *name)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *p = NULL;
	long n;

	dst[0] = '\0';
	if (out != NULL && X509_NAME_print_ex(out, name, 0,
	    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0 &&
	    (n = BIO_get_mem_data(out, &p)) > 0)
		render_untrusted(dst, 256, p, (size_t)(n > 1000 ? 1000 : n));
	BIO_free(out);
}

static void
names_take(const X509 *x, struct live_end *end)
{
	GENERAL_NAMES *list = X509_get_ext_d2i(x, NID_subject_alt_name, NULL,
	    NULL);
	size_t used = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(list, i);
		char one[260];
		size_t n;

		if (g->type != GEN_DNS)
			continue;
		n = render_untrusted(one, sizeof one,
		    ASN1_STRING_get0_data(g->d.dNSName),
		    (size_t)ASN1_STRING_length(g->d.dNSName));
		if (used + n + 2 > sizeof end->names) {
			end->more_names++;
			continue;
		}
		used += (size_t)snprintf(end->names + used,
		    sizeof end->names - used, "%s%s", used ? " " : "", one);
	}
	GENERAL_NAMES_free(list);
}

static int64_t
time_of(const ASN1_TIME *t)
{
	struct tm tm = { 0 };

	return t != NULL && ASN1_TIME_to_tm(t, &tm) == 1 ?
	    (int64_t)timegm(&tm) : 0;
}

static void
certificate_take(const X509 *x, struct live_end *end)
{
	unsigned n = sizeof end->sha256;

	name_text(end->subject, X509_get_subject_name(x));
	name_text(end->issuer, X509_get_issuer_name(x));
	end->not_before = time_of(X509_get0_notBefore(x));
	end->not_after = time_of(X509_get0_notAfter(x));
	X509_digest(x, EVP_sha256(), end->sha256, &n);
	names_take(x, end);
}

static SSL *
session_new(SSL_CTX *ctx, struct dial *d, const char *domain, bool client)
{
	static const unsigned char client_alpn[] = "\013xmpp-client";
	static const unsigned char server_alpn[] = "\013xmpp-server";
	SSL *ssl = SSL_new(ctx);

	if (ssl == NULL || SSL_set_fd(ssl, d->fd) != 1 ||
	    SSL_set_tlsext_host_name(ssl, domain) != 1 ||
	    SSL_set_alpn_protos(ssl, client ? client_alpn : server_alpn,
	    12) != 0) {
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

static void
tls_look(struct dial *d, const char *domain, bool client)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;
	X509 *x = NULL;
	int r = -1;

	if (ctx != NULL) {
		/* any certificate is looked at, none is relied upon */
		SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
		SSL_CTX_set_max_cert_list(ctx, CHAIN_MAX);
		ssl = session_new(ctx, d, domain, client);
	}
	while (ssl != NULL && (r = SSL_connect(ssl)) != 1) {
		int want = SSL_get_error(ssl, r);

		if ((want != SSL_ERROR_WANT_READ &&
		    want != SSL_ERROR_WANT_WRITE) ||
		    !ready(d, want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT))
			break;
	}
	if (r == 1 && (x = SSL_get1_peer_certificate(ssl)) != NULL) {
		d->end->reached = true;
		certificate_take(x, d->end);
	} else {
		why(d->end, "TLS did not come about");
	}
	X509_free(x);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void
address_text(const struct sockaddr *a, struct live_end *end)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	if (a->sa_family == AF_INET) {
		memcpy(&in4, a, sizeof in4);
		inet_ntop(AF_INET, &in4.sin_addr, end->address,
		    sizeof end->address);
	} else {
		memcpy(&in6, a, sizeof in6);
		inet_ntop(AF_INET6, &in6.sin6_addr, end->address,
		    sizeof end->address);
	}
}

void
starttls_look(const struct sockaddr *a, socklen_t size, const char *domain,
    bool at_once, int stop_fd, struct live_end *end)
{
	struct dial d = { .fd = -1, .stop_fd = stop_fd,
		.until = clock_mono_ms() + STEP_MS, .end = end };
	bool client = strstr(end->service, "client") != NULL;

	address_text(a, end);
	if (connected(&d, a, size) &&
	    (at_once || stream_open(&d, domain, client)))
		tls_look(&d, domain, client);
	if (d.fd >= 0)
		close(d.fd);
}
