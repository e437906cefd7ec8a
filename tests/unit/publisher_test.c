/* publisher_test.c - what the world gets over HTTP: the right OCSP answer for
 * every state (S9.1), the right file with the right type (S8.3), and a clear
 * no for everything else. */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/x509/hash.h"
#include "core/base/text.h"
#include "core/publisher/publisher.h"
#include "core/x509/answers.h"
#include "core/x509/crl.h"
#include "core/x509/crl_head.h"
#include "tests/unit/authority.h"

struct tally tally;		/* main.c's, which is not linked here */

static struct authority authority;
static uint16_t port;
static pid_t server;
static struct answers *writer;
static const char good[] = "0100000000000000000000000000000001";
static const char revoked[] = "0100000000000000000000000000000002";
static const char stale[] = "0100000000000000000000000000000003";

/* ---- a published set, and the publisher's own loop in a child ---- */

static void
answer_add(const struct ocsp_issuer *i, const char *serial,
    enum certificate_state state, int64_t next)
{
	struct status st = { .state = state };
	struct answer_item item = { 0 };
	struct answer a = { .this_update = clock_now() - 60,
		.next_update = next };
	uint8_t raw[SERIAL_MAX];
	struct err e;
	int n = hex_decode(raw, sizeof raw, serial);

	snprintf(st.serial, sizeof st.serial, "%s", serial);
	if (state == CERTIFICATE_REVOKED) {
		st.revoked = clock_now() - 120;
		st.reason = REASON_KEY_COMPROMISE;
	}
	assert_int_equal(ocsp_sign(i, authority.responder_key, &st,
	    a.this_update, next, &item, &e), 0);
	a.status = st;
	a.signature_size[0] = (uint8_t)item.sha1.size;
	a.signature_size[1] = (uint8_t)item.sha256.size;
	memcpy(a.signature[0], item.sha1.data, item.sha1.size);
	memcpy(a.signature[1], item.sha256.data, item.sha256.size);
	assert_int_equal(answers_put(writer, raw, (size_t)n, &a, &e), 0);
	NOUN_CLEAR(answer_item, &item);
}

static void
set_make(void)
{
	struct crl_wish w = { .number = 1, .this_update = clock_now() - 5,
		.next_update = clock_now() + 86400 };
	struct ocsp_issuer i;
	struct blob crl = { 0 };
	unsigned char *der = NULL;
	struct err e;
	int n = i2d_X509(authority.responder, &der);

	assert_int_equal(ocsp_issuer_from(&i, authority.ica,
	    authority.responder, &e), 0);
	writer = answers_open_writer(in_folder("answers.map"), &e);
	assert_non_null(writer);
	assert_true(answers_issuer_put(writer, "ica-server-1", &i, der,
	    (size_t)n, &e) >= 0);
	OPENSSL_free(der);
	answer_add(&i, good, CERTIFICATE_GOOD, clock_now() + 86400);
	answer_add(&i, revoked, CERTIFICATE_REVOKED, clock_now() + 86400);
	answer_add(&i, stale, CERTIFICATE_GOOD, clock_now() - 1);
	mkdir(in_folder("crl"), 0755);
	mkdir(in_folder("ca"), 0755);
	assert_int_equal(crl_build(authority.ica, authority.key, &w, &crl,
	    &e), 0);
	put_file("crl/ica-server-1.crl", crl.data, crl.size);
	blob_clear(&crl);
	put_file("feed.json", "{}", 2);
	put_file("secret.txt", "no", 2);
}

#define PLACES 20		/* connections of the server under test */

static _Noreturn void
server_run(int fd)
{
	static const int never;
	char answers[256];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(answers, sizeof answers, "%s", in_folder("answers.map"));
	files_init(judge_folder);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	door_serve(door_open(PLACES), fd, answers, &never);
	_exit(1);
}

static int
set_up(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (folder_begin(state) < 0 || bind(fd, (struct sockaddr *)&sin,
	    sizeof sin) < 0 || listen(fd, 64) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &n) < 0)
		return -1;
	port = ntohs(sin.sin_port);
	authority = authority_new(NULL);
	set_make();
	server = fork();
	if (server == 0)
		server_run(fd);
	close(fd);
	return 0;
}

static int
tear_down(void **state)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	answers_close(writer);
	authority_free(&authority);
	return folder_end(state);
}

/* ---- a client that sends exactly these bytes ---- */

static char response[4 << 20];

static int
connected(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	return fd;
}

static void
ask_bytes(const void *bytes, size_t size)
{
	int fd = connected();
	size_t n = 0;
	ssize_t k;

	/* it may be refused before it is read to its end */
	send(fd, bytes, size, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	while ((k = read(fd, response + n, sizeof response - 1 - n)) > 0)
		n += (size_t)k;
	response[n] = '\0';
	close(fd);
}

static void
ask(const char *method, const char *path, const char *headers)
{
	char text[8192];
	int n = snprintf(text, sizeof text,
	    "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", method,
	    path, headers);

	ask_bytes(text, (size_t)n);
}

static bool
status_is(int status)
{
	char want[32];

	snprintf(want, sizeof want, "HTTP/1.1 %d ", status);
	if (strncmp(response, want, strlen(want)) == 0)
		return true;
	fprintf(stderr, "wanted %d, got %.60s\n", status, response);
	return false;
}

static bool
has(const char *text)
{
	return strcasestr(response, text) != NULL;
}

/* The real openssl asks by POST and checks the signature. */
static void
openssl_asks(const char *serial, const char *digest, const char *wants)
{
	char url[64], hex[48];

	snprintf(url, sizeof url, "http://127.0.0.1:%d/ocsp", port);
	snprintf(hex, sizeof hex, "0x%s", serial);
	judge("ocsp", "-issuer", "ica.pem", digest, "-serial", hex, "-url", url,
	    "-CAfile", "root.pem", "-no_nonce", NULL);
	assert_true(judge_says(wants));
}

static void
good_and_revoked_are_told_and_verify_for_both_hashes(void **state)
{
	(void)state;
	openssl_asks(good, "-sha1", ": good");
	assert_true(judge_says("Response verify OK"));
	openssl_asks(good, "-sha256", ": good");
	openssl_asks(revoked, "-sha1", ": revoked");
	assert_true(judge_says("Reason: keyCompromise"));
	openssl_asks(revoked, "-sha256", ": revoked");
}

static void
what_we_did_not_issue_is_never_good(void **state)
{
	(void)state;
	openssl_asks("0100000000000000000000000000000009", "-sha1",
	    "unauthorized (6)");
	openssl_asks("01", "-sha256", "unauthorized (6)");
	openssl_asks(stale, "-sha1", "trylater (3)");
}

static void
a_changed_answer_is_seen_at_once(void **state)
{
	static const char serial[] = "0100000000000000000000000000000004";
	struct ocsp_issuer i;
	struct err e;

	(void)state;
	assert_int_equal(ocsp_issuer_from(&i, authority.ica,
	    authority.responder, &e), 0);
	answer_add(&i, serial, CERTIFICATE_GOOD, clock_now() + 86400);
	openssl_asks(serial, "-sha1", ": good");
	answer_add(&i, serial, CERTIFICATE_REVOKED, clock_now() + 86400);
	openssl_asks(serial, "-sha1", ": revoked");
}

static void
etag_take(char *dst, size_t size, int n)
{
	const char *etag = strcasestr(response, "etag: ");

	assert_non_null(etag);
	snprintf(dst, size, "%.*s", n, etag + 6);
}

static void
a_get_answer_may_be_cached_until_its_next_update(void **state)
{
	struct blob der = { 0 };
	char path[4096], header[256], etag[24], *text;

	(void)state;
	assert_int_equal(judge("ocsp", "-issuer", "ica.pem", "-serial",
	    "0x0100000000000000000000000000000001", "-no_nonce", "-reqout",
	    "req.der", NULL), 0);
	assert_int_equal(file_read(in_folder("req.der"), 4096, &der, NULL),
	    0);
	text = base64_encode(der.data, der.size);
	snprintf(path, sizeof path, "/ocsp/%s", text);
	free(text);
	blob_clear(&der);
	ask("GET", path, "");
	assert_true(status_is(200));
	assert_true(has("content-type: application/ocsp-response"));
	assert_true(has("cache-control: max-age="));
	assert_true(has("expires: "));
	etag_take(etag, sizeof etag, 18);
	snprintf(header, sizeof header, "If-None-Match: %s\r\n", etag);
	ask("GET", path, header);
	assert_true(status_is(304));
	snprintf(header, sizeof header,
	    "If-None-Match: \"x\", W/%s\r\n", etag);
	ask("GET", path, header);
	assert_true(status_is(304));
	ask("HEAD", path, "");
	assert_true(status_is(200));
	ask("GET", path, "If-Modified-Since: Thu, 01 Jan 2037 00:00:00"
	    " GMT\r\n");
	assert_true(status_is(304));
}

static void
malformed_requests_are_answered_as_such(void **state)
{
	char big[6000];

	(void)state;
	ask("GET", "/ocsp/AAAA", "");
	assert_true(status_is(200));
	assert_true(has("content-type: application/ocsp-response"));
	ask("GET", "/ocsp/%ff%00", "");
	assert_true(status_is(200) || status_is(400));
	memset(big, 'x', sizeof big);
	memcpy(big, "POST /ocsp HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	    "Content-Length: 5000\r\n\r\n", 74);
	ask_bytes(big, sizeof big);
	assert_true(status_is(413));
	ask("POST", "/ocsp", "Content-Length: 99999999999999999999\r\n");
	assert_true(status_is(413) || status_is(400));
	ask("POST", "/ocsp", "Content-Length: 0\r\n");
	assert_true(status_is(400));
	ask("POST", "/ocsp", "Content-Length: 5\r\nContent-Length: 9\r\n");
	assert_true(status_is(400));
	ask("GET", "/ocsp", "");
	assert_true(status_is(400));
	ask("GET", "/feed.json", "Content-Length: 9000\r\n");
	assert_true(status_is(413));
}

/* Chunked, so that no length was announced. */
static void
a_body_without_end_is_told_so(void **state)
{
	static char big[20000];
	size_t n = (size_t)snprintf(big, sizeof big, "POST /ocsp HTTP/1.1\r\n"
	    "Host: x\r\nConnection: close\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n");

	(void)state;
	for (int i = 0; i < 10; i++) {
		n += (size_t)snprintf(big + n, sizeof big - n, "3e8\r\n");
		memset(big + n, 'x', 1000);
		n += 1000;
		n += (size_t)snprintf(big + n, sizeof big - n, "\r\n");
	}
	n += (size_t)snprintf(big + n, sizeof big - n, "0\r\n\r\n");
	ask_bytes(big, n);
	assert_true(status_is(413));
}

static void
absurd_heads_are_answered(void **state)
{
	static char big[40000];
	size_t n;

	(void)state;
	n = (size_t)snprintf(big, sizeof big, "GET /");
	memset(big + n, 'a', 30000);
	snprintf(big + n + 30000, 64, " HTTP/1.1\r\nHost: x\r\n\r\n");
	ask_bytes(big, strlen(big));
	assert_true(status_is(414) || status_is(431));
	n = (size_t)snprintf(big, sizeof big,
	    "GET / HTTP/1.1\r\nHost: x\r\nX: ");
	memset(big + n, 'a', 30000);
	snprintf(big + n + 30000, 16, "\r\n\r\n");
	ask_bytes(big, strlen(big));
	assert_true(status_is(431));
	ask_bytes("\x16\x03\x01\x02\x00\x01", 6);	/* TLS */
	ask_bytes("HELO\r\n\r\n", 8);
	ask("GET", "/feed.json", "");
	assert_true(status_is(200));
}

static void
files_have_their_types_and_validators(void **state)
{
	char header[256], etag[80];

	(void)state;
	ask("GET", "/crl/ica-server-1.crl", "");
	assert_true(status_is(200));
	assert_true(has("content-type: application/pkix-crl"));
	etag_take(etag, sizeof etag, 66);
	snprintf(header, sizeof header, "If-None-Match: %s\r\n", etag);
	ask("GET", "/crl/ica-server-1.crl", header);
	assert_true(status_is(304));
	snprintf(header, sizeof header, "If-None-Match: \"a\" , W/%s\r\n",
	    etag);
	ask("GET", "/crl/ica-server-1.crl", header);
	assert_true(status_is(304));
	ask("GET", "/crl/ica-server-1.crl", "If-None-Match: *\r\n");
	assert_true(status_is(304));
	ask("GET", "/crl/ica-server-1.crl", "If-None-Match: \"other\"\r\n"
	    "If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT\r\n");
	assert_true(status_is(200));
	ask("GET", "/crl/ica-server-1.crl",
	    "If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT\r\n");
	assert_true(status_is(304));
	ask("GET", "/crl/ica-server-1.crl",
	    "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n");
	assert_true(status_is(200));
	ask("HEAD", "/crl/ica-server-1.crl", "");
	assert_true(status_is(200));
	assert_non_null(strstr(response, "\r\n\r\n"));
	assert_string_equal(strstr(response, "\r\n\r\n"), "\r\n\r\n");
}

static void
a_replaced_file_is_served_whole_and_new(void **state)
{
	(void)state;
	put_file("feed.json", "{\"v\":1}", 7);
	usleep(120000);		/* the publisher looks ten times a second */
	ask("GET", "/feed.json", "");
	assert_true(status_is(200));
	assert_true(has("{\"v\":1}"));
}

static void
paths_outside_the_published_kinds_do_not_exist(void **state)
{
	static const char *const paths[] = { "/", "/secret.txt",
		"/crl/../secret.txt", "/crl/..%2fsecret.txt", "/crl//x.crl",
		"/crl/.x.crl", "/crl/x.txt", "/crl/", "/log/", "/ca/x.crt/y",
		"/answers.map", "/state.prom", "/crl/ica-server-1.crl%00.crl",
		"/log/../feed.json", "/log/.hidden", "/log/a/", "/ocspx",
		"/crl/ica-server-1.crl%2f..%2fica-server-1.crl", "/feed.json/x", "/feed.jsonx" };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		ask("GET", paths[i], "");
		assert_true(status_is(404));
	}
}

static void
other_methods_are_refused(void **state)
{
	(void)state;
	ask("PUT", "/crl/ica-server-1.crl", "Content-Length: 0\r\n");
	assert_true(status_is(405));
	assert_true(has("allow: GET, HEAD\r\n"));
	ask("DELETE", "/ocsp", "");
	assert_true(status_is(405));
	assert_true(has("allow: GET, HEAD, POST\r\n"));
	ask("POST", "/feed.json", "Content-Length: 0\r\n");
	assert_true(status_is(405));
	/* with a body as well */
	ask("PUT", "/crl/ica-server-1.crl", "Content-Length: 1\r\n");
	assert_true(status_is(405));
	ask("PATCH", "/ocsp", "Transfer-Encoding: chunked\r\n");
	assert_true(status_is(405));
	ask("GET", "/healthz", "Content-Length: 1\r\n");
	assert_true(status_is(400));
}

static void
health_is_bad_while_an_answer_is_stale(void **state)
{
	int64_t until = clock_mono_ms() + 60000;
	struct ocsp_issuer i;
	struct err e;

	(void)state;
	ask("GET", "/healthz", "");
	assert_true(status_is(503));
	assert_true(has("OCSP: an answer is stale by "));
	assert_int_equal(ocsp_issuer_from(&i, authority.ica,
	    authority.responder, &e), 0);
	answer_add(&i, stale, CERTIFICATE_GOOD, clock_now() + 86400);
	do	/* the whole set is looked through only now and then */
		ask("GET", "/healthz", "");
	while (!strstr(response, "\r\n\r\nok\n") &&
	    clock_mono_ms() < until);
	assert_true(status_is(200));
	ask("GET", "/metrics", "");
	assert_true(has("xmpp_ica_ocsp_responses_total{status=\"late\"} 1\n"));
	assert_true(has("xmpp_ica_published_fresh 1\n"));
	assert_true(has("xmpp_ica_crl_age_seconds{issuer=\"ica-server-1\"} "));
	assert_true(has("xmpp_ica_http_responses_total{path=\"healthz\","
	    "status=\"503\"} "));
	assert_false(has("alarms"));
	put_file("state.prom", "# TYPE xmpp_ica_alarms_open gauge\n"
	    "xmpp_ica_alarms_open 2\n", 57);
	ask("GET", "/metrics", "");
	assert_true(has("\nxmpp_ica_alarms_open 2\n"));
	put_file("state.prom", "<script>\n", 9);
	ask("GET", "/metrics", "");
	assert_true(status_is(200));
	assert_false(has("script"));
	ask("GET", "/metrics", "X-Forwarded-For: 192.0.2.1\r\n");
	assert_true(status_is(404));
}

static void
health_names_the_crl_that_is_stale(void **state)
{
	struct crl_wish w = { .number = 2, .this_update = clock_now() - 5000,
		.next_update = clock_now() - 10 };
	struct blob crl = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(crl_build(authority.ica, authority.key, &w, &crl,
	    &e), 0);
	put_file("crl/ica-server-2.crl", crl.data, crl.size);
	blob_clear(&crl);
	usleep(1100000);
	ask("GET", "/healthz", "");
	assert_true(status_is(503));
	assert_true(has("ica-server-2.crl is stale by "));
	put_file("crl/ica-server-2.crl", "rubbish", 7);
	usleep(1100000);
	ask("GET", "/healthz", "");
	assert_true(has("ica-server-2.crl cannot be read"));
	unlink(in_folder("crl/ica-server-2.crl"));
	usleep(1100000);
	ask("GET", "/healthz", "");
	assert_true(status_is(200));
}

/* Not kept in memory, sent from the file; replaced while it is being sent. */
static void
a_long_crl_is_sent_from_its_file(void **state)
{
	const size_t size = 3 << 20;
	uint8_t *big = xmalloc(size);
	static const char wish[] = "GET /crl/big.crl HTTP/1.1\r\n"
	    "Host: x\r\nConnection: close\r\n\r\n";
	char etag[80];
	size_t n = 0;
	ssize_t k;
	int fd;

	(void)state;
	memset(big, 'a', size);
	put_file("crl/big.crl", big, size);
	fd = connected();
	assert_int_equal(fd_write_all(fd, wish, sizeof wish - 1), 0);
	assert_true((k = read(fd, response, 8192)) > 0);
	n = (size_t)k;
	response[k] = '\0';
	assert_true(status_is(200));
	etag_take(etag, sizeof etag, 66);
	memset(big, 'b', size);
	put_file("crl/big.crl", big, size);
	while ((k = read(fd, response, sizeof response - 1)) > 0) {
		assert_null(memchr(response, 'b', (size_t)k));
		n += (size_t)k;
	}
	close(fd);
	assert_true(n > size && n < size + 1000);
	usleep(120000);
	ask("HEAD", "/crl/big.crl", "");
	assert_true(status_is(200));
	assert_true(has("content-length: 3145728\r\n"));
	assert_false(has(etag));
	unlink(in_folder("crl/big.crl"));
	free(big);
}

/* There is no .pem of it: it is made while it is sent. */
static void
a_long_crl_is_sent_as_pem_too(void **state)
{
	static const size_t sizes[] = { 2 << 20, (2 << 20) + 1, 1500047,
		1500048, 1500049 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint8_t *big = xmalloc(sizes[i]), *der = NULL;
		char *name = NULL, *header = NULL, *body;
		BIO *bio = NULL;
		long n = 0;

		random_bytes(big, sizes[i]);
		put_file("crl/big.crl", big, sizes[i]);
		usleep(20000);
		ask("GET", "/crl/big.pem", "");
		assert_true(status_is(200));
		assert_true(has("content-type: application/x-pem-file"));
		assert_non_null(body = strstr(response, "\r\n\r\n"));
		assert_int_equal(strcspn(strchr(body + 4, '\n') + 1, "\n"),
		    64);
		bio = BIO_new_mem_buf(body + 4, -1);
		assert_int_equal(PEM_read_bio(bio, &name, &header, &der, &n),
		    1);
		assert_string_equal(name, "X509 CRL");
		assert_int_equal(n, sizes[i]);
		assert_memory_equal(der, big, sizes[i]);
		assert_int_equal(BIO_pending(bio), 0);
		BIO_free(bio);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
		free(big);
	}
	unlink(in_folder("crl/big.crl"));
	usleep(20000);
	ask("GET", "/crl/big.pem", "");
	assert_true(status_is(404));
}

/* The log's tiles: whole ones stay for ever, the head does not. */
static void
log_files_say_how_long_they_stay(void **state)
{
	static const struct { const char *path, *says; } files[] = {
		{ "log/checkpoint", "max-age=5," },
		{ "log/tile/0/x001/234", "immutable" },
		{ "log/tile/0/000.p/12", "max-age=60," },
		{ "log/key.txt", "text/plain" },
	};
	char path[64];

	(void)state;
	for (const char *p = "log\0log/tile\0log/tile/0\0log/tile/0/x001\0"
	    "log/tile/0/000.p\0"; *p != '\0'; p += strlen(p) + 1)
		mkdir(in_folder(p), 0755);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		put_file(files[i].path, "x", 1);
		snprintf(path, sizeof path, "/%s", files[i].path);
		ask("GET", path, "");
		assert_true(status_is(200));
		assert_true(has(files[i].says));
	}
	assert_int_equal(symlink("/etc/passwd", in_folder("log/link")), 0);
	ask("GET", "/log/link", "");
	assert_true(status_is(404));
	ask("GET", "/log/tile", "");
	assert_true(status_is(404));
}

/* When all places are taken, who has been idle for the longest makes room. */
static void
the_oldest_idle_connection_makes_room(void **state)
{
	int fds[3 * PLACES];
	char byte;

	(void)state;
	for (int i = 0; i < 3 * PLACES; i++) {
		fds[i] = connected();
		usleep(2000);
	}
	ask("GET", "/feed.json", "");
	assert_true(status_is(200));
	assert_int_equal(recv(fds[0], &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(recv(fds[3 * PLACES - 1], &byte, 1, MSG_DONTWAIT),
	    -1);
	for (int i = 0; i < 3 * PLACES; i++)
		close(fds[i]);
}

/* One byte each half second keeps nobody's place for ever. */
static void
who_drips_is_cut(void **state)
{
	int64_t start = clock_mono_ms();
	int fd = connected();

	(void)state;
	assert_int_equal(send(fd, "GET /feed", 9, MSG_NOSIGNAL), 9);
	while (clock_mono_ms() - start < 14000 &&
	    send(fd, "x", 1, MSG_NOSIGNAL) == 1)
		usleep(500000);
	close(fd);
	assert_true(clock_mono_ms() - start > 9000);
	assert_true(clock_mono_ms() - start < 13000);
}

/* Its first bytes are enough, however long it is; half of them are not. */
static void
the_head_of_a_crl_says_its_dates(void **state)
{
	struct crl_wish w = { .number = 1, .this_update = 1790000000,
		.next_update = 2600000000 };	/* GeneralizedTime */
	int64_t this_update = 0, next_update = 0;
	struct blob crl = { 0 };
	struct err e;
	size_t enough = 0;

	(void)state;
	assert_int_equal(crl_build(authority.ica, authority.key, &w, &crl,
	    &e), 0);
	assert_int_equal(crl_head_read(crl.data, crl.size, crl.size,
	    &this_update, &next_update), 0);
	assert_int_equal(this_update, 1790000000);
	assert_int_equal(next_update, 2600000000);
	for (size_t n = 0; n <= crl.size && enough == 0; n++)
		if (crl_head_read(crl.data, n, crl.size, &this_update,
		    &next_update) == 0)
			enough = n;
	assert_true(enough > 50 && enough < 200);
	assert_int_equal(crl_head_read(crl.data, crl.size, crl.size + 1,
	    &this_update, &next_update), -1);
	assert_int_equal(crl_head_read(crl.data, crl.size, crl.size - 1,
	    &this_update, &next_update), -1);
	blob_clear(&crl);
}

static void
dates_and_tags_are_read_as_written(void **state)
{
	(void)state;
	assert_int_equal(http_date_read("Sun, 06 Nov 1994 08:49:37 GMT"),
	    784111777);
	assert_int_equal(http_date_read("Sunday, 06-Nov-94 08:49:37 GMT"),
	    784111777);
	assert_int_equal(http_date_read("Sun Nov  6 08:49:37 1994"),
	    784111777);
	assert_int_equal(http_date_read("yesterday"), -1);
	assert_int_equal(http_date_read("Sun, 06 Nov 1994 08:49:37 GMT;"), -1);
	assert_true(etag_listed("*", "\"a\""));
	assert_true(etag_listed(" \"b\",W/\"a\"", "\"a\""));
	assert_true(etag_listed("\"x,\", \"a\"", "\"a\""));
	assert_false(etag_listed("\"aa\"", "\"a\""));
	assert_false(etag_listed("a", "\"a\""));
	assert_false(etag_listed("\"a", "\"a\""));
	assert_false(etag_listed("", "\"a\""));
	assert_false(etag_listed("** \"a\"", "\"a\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    good_and_revoked_are_told_and_verify_for_both_hashes),
		cmocka_unit_test(what_we_did_not_issue_is_never_good),
		cmocka_unit_test(a_changed_answer_is_seen_at_once),
		cmocka_unit_test(
		    a_get_answer_may_be_cached_until_its_next_update),
		cmocka_unit_test(malformed_requests_are_answered_as_such),
		cmocka_unit_test(a_body_without_end_is_told_so),
		cmocka_unit_test(absurd_heads_are_answered),
		cmocka_unit_test(dates_and_tags_are_read_as_written),
		cmocka_unit_test(the_head_of_a_crl_says_its_dates),
		cmocka_unit_test(files_have_their_types_and_validators),
		cmocka_unit_test(a_long_crl_is_sent_from_its_file),
		cmocka_unit_test(a_long_crl_is_sent_as_pem_too),
		cmocka_unit_test(log_files_say_how_long_they_stay),
		cmocka_unit_test(a_replaced_file_is_served_whole_and_new),
		cmocka_unit_test(
		    paths_outside_the_published_kinds_do_not_exist),
		cmocka_unit_test(other_methods_are_refused),
		cmocka_unit_test(health_is_bad_while_an_answer_is_stale),
		cmocka_unit_test(health_names_the_crl_that_is_stale),
		cmocka_unit_test(the_oldest_idle_connection_makes_room),
		cmocka_unit_test(who_drips_is_cut),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
