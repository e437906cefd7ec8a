/* answers_make.c - a published set with N answers for measuring the publisher,
 * and a pass that judges every answer that it gives out.
 *
 * answers_make make FOLDER N ASKED: FOLDER/published/answers.map with N slots
 * (the first ASKED are signed, every seventh revoked; the others carry the
 * last signature), an index.txt for `openssl ocsp`, the keys, and asked.txt:
 * one GET path, request in hex and state a line.
 * answers_make check FOLDER PORT PREFIX: each line of asked.txt by GET and
 * POST over kept connections. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/x509/answers.h"
#include "core/x509/ca.h"
#include "core/x509/hash.h"

static const char *folder;

static FILE *
file_open(const char *name, const char *how)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if ((f = fopen(path, how)) == NULL)
		fatal("%s cannot be opened", path);
	return f;
}

static void
key_put(const char *name, EVP_PKEY *key)
{
	FILE *f = file_open(name, "w");

	if (PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) != 1)
		fatal("%s", name);
	fclose(f);
}

static void
certificate_put(const char *name, X509 *x)
{
	FILE *f = file_open(name, "w");

	if (PEM_write_X509(f, x) != 1)
		fatal("%s", name);
	fclose(f);
}

/* ---- make ---- */

static void
asked_put(FILE *f, X509 *ica, const uint8_t *serial, size_t n, bool revoked)
{
	ASN1_INTEGER *a = ASN1_INTEGER_new();
	OCSP_REQUEST *r = OCSP_REQUEST_new();
	BIGNUM *bn = BN_bin2bn(serial, (int)n, NULL);
	unsigned char *der = NULL;
	char hex[512], *text = NULL;
	int size;

	BN_to_ASN1_INTEGER(bn, a);
	OCSP_request_add0_id(r, OCSP_cert_id_new(EVP_sha1(),
	    X509_get_subject_name(ica), X509_get0_pubkey_bitstr(ica), a));
	size = i2d_OCSP_REQUEST(r, &der);
	if (size <= 0 || size > 255)
		fatal("request of %d bytes", size);
	text = base64_encode(der, (size_t)size);
	for (char *p = text; *p != '\0'; p++)
		fprintf(f, *p == '+' ? "%%2B" : *p == '/' ? "%%2F" :
		    *p == '=' ? "%%3D" : "%c", *p);
	hex_encode(hex, der, (size_t)size);
	fprintf(f, " %s %s\n", hex, revoked ? "revoked" : "good");
	free(text);
	OPENSSL_free(der);
	BN_free(bn);
	ASN1_INTEGER_free(a);
	OCSP_REQUEST_free(r);
}

static void
answers_make(long n, long asked)
{
	static const struct ca_names names = { "Bench", "Bench CA", "", "",
		"1.3.6.1.4.1.99999.1.1.1", 3650 };
	EVP_PKEY *root_key = responder_key_new(), *key = responder_key_new(),
	    *own = responder_key_new();
	int64_t now = clock_now();
	X509 *root = ca_root_new(root_key, &names, now, NULL), *ica =
	    ca_ica_new(key, root, root_key, false, &names, now, NULL),
	    *responder = ca_responder_new(own, ica, key, 1, 30, now, NULL);
	struct answer x = { .this_update = now,
		.next_update = now + 3 * 86400 };
	FILE *lines = file_open("asked.txt", "w");
	FILE *index = file_open("index.txt", "w");
	unsigned char *der = NULL;
	struct answers *a = NULL;
	struct ocsp_issuer o;
	struct err e = { 0 };
	char path[512];
	int size, row;

	snprintf(path, sizeof path, "%s/published/answers.map", folder);
	if ((a = answers_open_writer(path, &e)) == NULL ||
	    ocsp_issuer_from(&o, ica, responder, &e) < 0)
		fatal("%s", e.text);
	size = i2d_X509(responder, &der);
	row = answers_issuer_put(a, "bench.0", &o, der, (size_t)size, &e);
	x.issuer = (uint8_t)row;
	for (long i = 0; i < n; i++) {
		struct answer_item item = { 0 };
		uint8_t serial[17];
		bool revoked = i % 7 == 3;

		random_bytes(serial, sizeof serial);
		serial[0] = (uint8_t)(1 + serial[0] % 127);
		x.status.state = revoked ? CERTIFICATE_REVOKED :
		    CERTIFICATE_GOOD;
		x.status.revoked = revoked ? now - 3600 : 0;
		x.status.reason = revoked ? REASON_SUPERSEDED : 0;
		hex_encode(x.status.serial, serial, sizeof serial);
		if (i < asked) {
			if (ocsp_sign(&o, own, &x.status, x.this_update,
			    x.next_update, &item, &e) < 0)
				fatal("%s", e.text);
			x.signature_size[0] = (uint8_t)item.sha1.size;
			x.signature_size[1] = (uint8_t)item.sha256.size;
			memcpy(x.signature[0], item.sha1.data, item.sha1.size);
			memcpy(x.signature[1], item.sha256.data,
			    item.sha256.size);
			asked_put(lines, ica, serial, sizeof serial, revoked);
			for (char *p = x.status.serial; *p != '\0'; p++)
				if (*p >= 'a')
					*p = (char)(*p - 32);
			fprintf(index, "%c\t350101000000Z\t%s\t%s\tunknown\t"
			    "/CN=%ld\n", revoked ? 'R' : 'V',
			    revoked ? "260101000000Z,superseded" : "",
			    x.status.serial, i);
			NOUN_CLEAR(answer_item, &item);
		}
		if (answers_put(a, serial, sizeof serial, &x, &e) < 0)
			fatal("%s", e.text);
	}
	if (answers_sync(a, &e) < 0)
		fatal("%s", e.text);
	answers_close(a);
	fclose(lines);
	fclose(index);
	certificate_put("root.pem", root);
	certificate_put("ica.pem", ica);
	certificate_put("responder.pem", responder);
	key_put("responder.key", own);
}

/* ---- check ---- */

static int fd = -1;
static uint16_t port;

static void
dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	if (fd >= 0)
		close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		fatal("port %u does not answer", port);
}

/* The body of one answer; its length. */
static long
answer_read(uint8_t *body, size_t room, bool *closes)
{
	char head[8192];
	size_t n = 0;
	long want = -1, got;
	char *end = NULL, *at;

	for (;;) {
		ssize_t r = read(fd, head + n, sizeof head - 1 - n);

		if (r <= 0 && end == NULL)
			return -1;
		if (r <= 0)
			break;
		n += (size_t)r;
		head[n] = '\0';
		end = memmem(head, n, "\r\n\r\n", 4);
		if (end == NULL)
			continue;
		if (want < 0) {
			at = strcasestr(head, "\r\nContent-Length: ");
			want = at != NULL && at < end ? strtol(at + 18, NULL, 10) : 1 << 20;
		}
		if (n - (size_t)(end + 4 - head) >= (size_t)want)
			break;
	}
	*closes = want == 1 << 20 || strcasestr(head, "Connection: close");
	got = (long)(n - (size_t)(end + 4 - head));
	if (strncmp(head, "HTTP/1.", 7) != 0 || strncmp(head + 9, "200", 3) ||
	    (size_t)got > room)
		return -1;
	memcpy(body, end + 4, (size_t)got);
	return got;
}

static bool
judged(const uint8_t *der, long size, X509_STORE *store, X509 *ica,
    const uint8_t *request, size_t request_size, bool revoked)
{
	const uint8_t *p = der, *q = request;
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, size);
	OCSP_REQUEST *asked = d2i_OCSP_REQUEST(NULL, &q, (long)request_size);
	OCSP_BASICRESP *b = r ? OCSP_response_get1_basic(r) : NULL;
	OCSP_CERTID *id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(asked,
	    0));
	STACK_OF(X509) *extra = sk_X509_new_null();
	int status = -1;
	bool ok;

	sk_X509_push(extra, ica);
	ok = b != NULL && OCSP_resp_find_status(b, id, &status, NULL, NULL,
	    NULL, NULL) == 1 && status == (revoked ? V_OCSP_CERTSTATUS_REVOKED :
	    V_OCSP_CERTSTATUS_GOOD) &&
	    OCSP_basic_verify(b, extra, store, 0) == 1;
	sk_X509_free(extra);
	OCSP_BASICRESP_free(b);
	OCSP_RESPONSE_free(r);
	OCSP_REQUEST_free(asked);
	return ok;
}

static X509 *
certificate_get(const char *name)
{
	FILE *f = file_open(name, "r");
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);

	fclose(f);
	return x;
}

static int
check(const char *prefix)
{
	X509 *ica = certificate_get("ica.pem"), *root =
	    certificate_get("root.pem");
	X509_STORE *store = X509_STORE_new();
	FILE *f = file_open("asked.txt", "r");
	static char line[2048], path[1024], hex[600], state[16];
	long right = 0, wrong = 0;

	X509_STORE_add_cert(store, root);
	X509_STORE_add_cert(store, ica);
	dial();
	while (fgets(line, sizeof line, f) != NULL &&
	    sscanf(line, "%1023s %599s %15s", path, hex, state) == 3) {
		uint8_t request[256], body[4096];
		int n = hex_decode(request, sizeof request, hex);

		for (int post = 0; post < 2; post++) {
			char head[2048];
			bool closes = false;
			size_t at;
			long got;

			if (post)
				snprintf(head, sizeof head, "POST %s HTTP/1.1"
				    "\r\nHost: a\r\nContent-Type: application/"
				    "ocsp-request\r\nContent-Length: %d\r\n"
				    "\r\n", prefix, n);
			else
				snprintf(head, sizeof head, "GET %s/%s "
				    "HTTP/1.1\r\nHost: a\r\n\r\n",
				    strcmp(prefix, "/") == 0 ? "" : prefix,
				    path);
			memcpy(head + strlen(head) + 1, request, (size_t)n);
			at = strlen(head);
			if (post)	/* in one piece: no wait for an ACK */
				memmove(head + at, head + at + 1, (size_t)n);
			fd_write_all(fd, head, at + (post ? (size_t)n : 0));
			got = answer_read(body, sizeof body, &closes);
			if (got > 0 && judged(body, got, store, ica, request,
			    (size_t)n, strcmp(state, "revoked") == 0))
				right++;
			else
				wrong++;
			if (got < 0 || closes)
				dial();
		}
	}
	printf("%ld right, %ld wrong\n", right, wrong);
	return wrong != 0 || right == 0;
}

int
main(int argc, char **argv)
{
	folder = argc > 2 ? argv[2] : "";
	if (argc == 5 && strcmp(argv[1], "make") == 0) {
		answers_make(strtol(argv[3], NULL, 10),
		    strtol(argv[4], NULL, 10));
		return 0;
	}
	if (argc == 5 && strcmp(argv[1], "check") == 0) {
		port = (uint16_t)strtol(argv[3], NULL, 10);
		return check(argv[4]);
	}
	fprintf(stderr, "usage: answers_make make FOLDER N ASKED | check "
	    "FOLDER PORT PREFIX\n");
	return 2;
}
