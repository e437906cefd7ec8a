/* publisher_test.c - what the world gets over HTTP: the right OCSP answer for
 * every state (S9.1), the right file with the right type (S8.3), and a clear
 * no for everything else. */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/publisher/publisher.h"
#include "core/x509/answers.h"
#include "core/x509/crl.h"
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

static _Noreturn void
server_run(int fd)
{
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *d;
	char answers[256];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(answers, sizeof answers, "%s", in_folder("answers.map"));
	files_init(judge_folder);
	d = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, http_handle, NULL,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_TIMEOUT, 5u,
	    MHD_OPTION_NOTIFY_COMPLETED, http_done, NULL, MHD_OPTION_END);
	info = MHD_get_daemon_info(d, MHD_DAEMON_INFO_EPOLL_FD);
	for (;;) {
		struct pollfd p = { .fd = info->epoll_fd, .events = POLLIN };

		poll(&p, 1, 100);
		answer_refresh(answers);
		MHD_run(d);
	}
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

static char response[1 << 20];

static void
ask_bytes(const void *bytes, size_t size)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t n = 0;
	ssize_t k;

	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	assert_int_equal(fd_write_all(fd, bytes, size), 0);
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
a_get_answer_may_be_cached_until_its_next_update(void **state)
{
	struct blob der = { 0 };
	char path[4096], header[256], *etag, *text;

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
	assert_true((etag = strcasestr(response, "etag: ")) != NULL);
	snprintf(header, sizeof header, "If-None-Match: %.18s\r\n", etag + 6);
	ask("GET", path, header);
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
}

static void
files_have_their_types_and_validators(void **state)
{
	char header[256], *etag;

	(void)state;
	ask("GET", "/crl/ica-server-1.crl", "");
	assert_true(status_is(200));
	assert_true(has("content-type: application/pkix-crl"));
	etag = strcasestr(response, "etag: ");
	assert_non_null(etag);
	snprintf(header, sizeof header, "If-None-Match: %.66s\r\n", etag + 6);
	ask("GET", "/crl/ica-server-1.crl", header);
	assert_true(status_is(304));
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
		"/answers.map", "/feed.json/x", "/feed.jsonx" };

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
	assert_true(has("allow: GET, HEAD, POST"));
	ask("DELETE", "/ocsp", "");
	assert_true(status_is(405));
	ask("POST", "/feed.json", "Content-Length: 0\r\n");
	assert_true(status_is(405));
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
	assert_true(has("OCSP answer is stale"));
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
	assert_true(has("xmpp_ica_crl_fresh 1\n"));
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
		cmocka_unit_test(files_have_their_types_and_validators),
		cmocka_unit_test(a_replaced_file_is_served_whole_and_new),
		cmocka_unit_test(
		    paths_outside_the_published_kinds_do_not_exist),
		cmocka_unit_test(other_methods_are_refused),
		cmocka_unit_test(health_is_bad_while_an_answer_is_stale),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
