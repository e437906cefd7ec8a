/*
 * bench_revoke.c - from the question "revoke this" to the moment when the
 * world sees it (performance.md P5).
 *
 *   bench_revoke CONF MEMBER MEMBER.pub ISSUER.pem PORT SERIAL...
 *
 * Sits where the gate sits.  For each serial: asks for its revocation, then
 * asks the publisher on loopback, in turn and without a pause, for its OCSP
 * answer and its issuer's CRL.  Prints a line "committed OCSP CRL" in
 * milliseconds since the question.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/wire/ask.h"
#include "tests/tool/gate_seat.h"

static struct conf conf;
static int http = -1;
static uint8_t got[64 << 20];

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* ---- a client that keeps its connection ---- */

static void
dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	http = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(http, (struct sockaddr *)&to, sizeof to) < 0)
		fatal("port %d does not answer", port);
}

/* The body in got; its size. */
static size_t
exchange(const void *request, size_t size)
{
	size_t n = 0, want = 0;
	char *end = NULL, *at;

	if (fd_write_all(http, request, size) < 0)
		fatal("HTTP: cannot write");
	for (;;) {
		ssize_t r = read(http, got + n, sizeof got - 1 - n);

		if (r <= 0)
			fatal("HTTP: hung up");
		n += (size_t)r;
		if (end == NULL) {
			got[n] = '\0';
			end = strstr((char *)got, "\r\n\r\n");
			if (end == NULL)
				continue;
			at = strcasestr((char *)got, "\r\nContent-Length: ");
			want = at != NULL && at < end ?
			    strtoul(at + 18, NULL, 10) : 0;
		}
		if (n - (size_t)(end + 4 - (char *)got) >= want)
			break;
	}
	if (strncmp((char *)got + 9, "200", 3) != 0)
		want = 0;
	memmove(got, end + 4, want);
	return want;
}

/* ---- the two questions ---- */

static X509 *
issuer_read(const char *path)
{
	FILE *f = fopen(path, "r");
	X509 *x = f == NULL ? NULL : PEM_read_X509(f, NULL, NULL, NULL);

	if (x == NULL)
		fatal("%s: no certificate", path);
	fclose(f);
	return x;
}

static size_t
request_make(X509 *issuer, const char *hex, uint8_t out[1024])
{
	BIGNUM *n = NULL;
	ASN1_INTEGER *serial;
	OCSP_REQUEST *r = OCSP_REQUEST_new();
	uint8_t der[512], *p = der;
	int size;

	BN_hex2bn(&n, hex);
	serial = BN_to_ASN1_INTEGER(n, NULL);
	OCSP_request_add0_id(r, OCSP_cert_id_new(EVP_sha1(),
	    X509_get_subject_name(issuer), X509_get0_pubkey_bitstr(issuer),
	    serial));
	size = i2d_OCSP_REQUEST(r, &p);
	OCSP_REQUEST_free(r);
	ASN1_INTEGER_free(serial);
	BN_free(n);
	p = out + snprintf((char *)out, 256, "POST /ocsp HTTP/1.1\r\n"
	    "Host: a\r\nContent-Length: %d\r\n\r\n", size);
	memcpy(p, der, (size_t)size);
	return (size_t)(p - out) + (size_t)size;
}

static bool
ocsp_says_revoked(size_t size)
{
	const uint8_t *p = got;
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)size);
	OCSP_BASICRESP *b = r ? OCSP_response_get1_basic(r) : NULL;
	int status = -1;

	if (b != NULL)
		status = OCSP_single_get0_status(OCSP_resp_get0(b, 0), NULL,
		    NULL, NULL, NULL);
	OCSP_BASICRESP_free(b);
	OCSP_RESPONSE_free(r);
	return status == V_OCSP_CERTSTATUS_REVOKED;
}

static void
one(struct line *member, X509 *issuer, const char *hex)
{
	static const char crl[] = "GET /crl/ica-server-1.crl HTTP/1.1\r\n"
	    "Host: a\r\n\r\n";
	struct revocation_new w = { .reason = REASON_SUPERSEDED };
	struct revocation r = { 0 };
	uint8_t asks[1024], raw[64];
	size_t size = request_make(issuer, hex, asks);
	int n = hex_decode(raw, sizeof raw, hex);
	double start, done, ocsp = 0, listed = 0;
	struct err e;

	str_copy(w.ref, sizeof w.ref, hex);
	start = now_ms();
	if (n <= 0 || ask_revocation_add(member, &w, &r, &e) < 0)
		fatal("%s: %s", hex, e.text);
	done = now_ms();
	while ((ocsp == 0 || listed == 0) && now_ms() - start < 30000) {
		if (ocsp == 0 && ocsp_says_revoked(exchange(asks, size)))
			ocsp = now_ms();
		if (listed == 0 && memmem(got, exchange(crl, sizeof crl - 1),
		    raw, (size_t)n) != NULL)
			listed = now_ms();
	}
	if (ocsp == 0 || listed == 0)
		fatal("%s is not seen to be revoked", hex);
	printf("%.2f %.2f %.2f\n", done - start, ocsp - start,
	    listed - start);
}

int
main(int argc, char **argv)
{
	struct line member;
	X509 *issuer;
	struct err e;
	int fd;

	log_open("bench_revoke");
	if (argc < 7)
		fatal("usage: bench_revoke CONF MEMBER MEMBER.pub ISSUER.pem "
		    "PORT SERIAL...");
	if (conf_read(argv[1], &conf, &e) < 0 ||
	    (fd = child_connect(&conf, SOCKET_GATE, &e)) < 0)
		fatal("%s", e.text);
	line_init(&gate, fd);
	member = seat_for(argv[2], argv[3]);
	issuer = issuer_read(argv[4]);
	dial((int)strtol(argv[5], NULL, 10));
	for (int i = 6; i < argc; i++) {
		usleep(700000);		/* each alone */
		one(&member, issuer, argv[i]);
	}
	return 0;
}
