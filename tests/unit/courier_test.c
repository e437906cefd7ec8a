/* courier_test.c - letters become messages, and reach a real SMTP server
 * with verified TLS, or wait, or fail for good (S6.2, S12.7). */
#include "tests/unit/check.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/courier/courier.h"

static char folder[64] = "/tmp/xmpp-ica-courier-XXXXXX";

static struct letter
letter_to(const char *to)
{
	struct letter l = { .number = 12, .created = 1795359845 };

	snprintf(l.from, sizeof l.from, "noreply@certs.example.org");
	snprintf(l.to, sizeof l.to, "%s", to);
	snprintf(l.subject, sizeof l.subject, "Your code");
	snprintf(l.message_id, sizeof l.message_id, "12.a@certs.example.org");
	blob_set(&l.body, "line one\n.dot\n", 14);
	return l;
}

static void
a_message_has_its_headers_and_line_ends(void **state)
{
	struct letter l = letter_to("bob@alpha.example");
	struct buf b = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(message_build(&b, &l, "\r\n", &e), 0);
	buf_put_u8(&b, 0);
	assert_non_null(strstr((char *)b.data, "To: <bob@alpha.example>\r\n"));
	assert_non_null(strstr((char *)b.data,
	    "Date: Sun, 22 Nov 2026 15:04:05 +0000\r\n"));
	assert_non_null(strstr((char *)b.data,
	    "Auto-Submitted: auto-generated\r\n"));
	assert_non_null(strstr((char *)b.data,
	    "\r\n\r\nline one\r\n.dot\r\n"));
	buf_clear(&b);
	blob_clear(&l.body);
}

static void
text_beyond_ascii_is_encoded(void **state)
{
	struct letter l = letter_to("bob@alpha.example");
	struct buf b = { 0 };
	struct err e;

	(void)state;
	snprintf(l.subject, sizeof l.subject, "gr\xc3\xbc\xc3\x9f" "e");
	blob_set(&l.body, "\xc3\xbc\n", 3);
	assert_int_equal(message_build(&b, &l, "\n", &e), 0);
	buf_put_u8(&b, 0);
	assert_non_null(strstr((char *)b.data,
	    "Subject: =?utf-8?B?Z3LDvMOfZQ==?=\n"));
	assert_non_null(strstr((char *)b.data,
	    "Content-Transfer-Encoding: base64\n\nw7wK\n"));
	buf_clear(&b);
	blob_clear(&l.body);
}

/* security.md finding 1: libcurl would let these through to the server. */
static void
an_address_that_carries_a_command_is_refused(void **state)
{
	static const char *const bad[] = {
		"x>\r\nRCPT TO:<evil@e", "a b@c", "a@b\n", "<a@b>", "a@b@c",
		"@b", "a@", "a,b@c", "\"a\"@b", "gr\xc3\xbc" "n@b", "",
	};
	struct buf b = { 0 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct letter l = letter_to(bad[i]);

		assert_int_equal(message_build(&b, &l, "\n", &e), -1);
		blob_clear(&l.body);
	}
	struct letter l = letter_to("a@b");

	snprintf(l.subject, sizeof l.subject, "x\r\nBcc: evil@e");
	assert_int_equal(message_build(&b, &l, "\n", &e), -1);
	blob_clear(&l.body);
	buf_clear(&b);
}

static void
a_second_delivery_of_a_letter_replaces_the_first(void **state)
{
	struct letter l = letter_to("bob@alpha.example");
	char dir[80], path[160];
	int files = 0;
	struct dirent *d;
	struct err e;
	DIR *list;

	(void)state;
	snprintf(dir, sizeof dir, "%s/mail", folder);
	assert_int_equal(maildir_deliver(dir, &l, &e), 0);
	assert_int_equal(maildir_deliver(dir, &l, &e), 0);
	snprintf(path, sizeof path, "%s/new", dir);
	list = opendir(path);
	assert_non_null(list);
	while ((d = readdir(list)) != NULL)
		files += d->d_name[0] != '.';
	closedir(list);
	assert_int_equal(files, 1);
	blob_clear(&l.body);
}

/* ---- with a real server ---- */

static struct delivery reports[8];
static int reported;

static void
on_report(void *user, const struct delivery *d)
{
	(void)user;
	reports[reported++] = *d;
}

static const struct delivery *
report_of(int64_t number)
{
	for (int i = 0; i < reported; i++)
		if (reports[i].number == number)
			return &reports[i];
	fail_msg("letter %d was not reported", (int)number);
	return NULL;
}

static pid_t
server_start(const char *cert, char port[16])
{
	char path[128];
	struct blob b = { 0 };
	int64_t until = clock_mono_ms() + 20000;
	pid_t pid;

	snprintf(path, sizeof path, "%s/port", folder);
	unlink(path);
	pid = fork();
	if (pid == 0) {
		char key[128], program[512];

		prctl(PR_SET_PDEATHSIG, SIGTERM);
		snprintf(key, sizeof key, "%s/key.pem", folder);
		snprintf(program, sizeof program,
		    "%s/tests/tool/smtp_server.py", SRCDIR);
		execl(program, program, folder, cert, key, (char *)NULL);
		_exit(127);
	}
	while (file_read(path, 15, &b, NULL) < 0) {
		assert_true(clock_mono_ms() < until);
		usleep(20000);
	}
	snprintf(port, 16, "%.*s", (int)b.size, (char *)b.data);
	blob_clear(&b);
	return pid;
}

static void
run(const char *const argv[])
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(126);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static void
certificate_make(void)
{
	char key[96], cert[96];
	const char *const argv[] = { "openssl", "req", "-x509", "-newkey",
		"ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
		"-keyout", key, "-out", cert, "-days", "2", "-subj",
		"/CN=localhost", "-addext",
		"subjectAltName=DNS:localhost,IP:127.0.0.1", NULL };

	snprintf(key, sizeof key, "%s/key.pem", folder);
	snprintf(cert, sizeof cert, "%s/cert.pem", folder);
	run(argv);
}

static void
deliver(struct conf *c, const char *const *to, size_t n)
{
	struct letter l[8];

	reported = 0;
	for (size_t i = 0; i < n; i++) {
		l[i] = letter_to(to[i]);
		l[i].number = (int64_t)i + 1;
	}
	smtp_init(c);
	smtp_deliver(l, n, on_report, NULL);
	smtp_close();
	for (size_t i = 0; i < n; i++)
		blob_clear(&l[i].body);
	assert_int_equal(reported, n);
}

static void
letters_are_sent_refused_or_wait_as_the_server_says(void **state)
{
	static const char *const to[] = { "bob@alpha.example",
		"perm@alpha.example", "temp@alpha.example",
		"drop@alpha.example", "eve>\r\nRCPT TO:<x@y", "kim@b.example" };
	static struct conf c;
	char cert[96], port[16], path[96];
	struct blob b = { 0 };
	pid_t pid;

	(void)state;
	certificate_make();
	snprintf(cert, sizeof cert, "%s/cert.pem", folder);
	pid = server_start(cert, port);
	memset(&c, 0, sizeof c);
	snprintf(c.service_dir, sizeof c.service_dir, "%s", folder);
	snprintf(c.mail_smtp_url, sizeof c.mail_smtp_url,
	    "smtp://localhost:%s", port);
	snprintf(c.mail_ca_file, sizeof c.mail_ca_file, "%s", cert);
	deliver(&c, to, 6);
	assert_int_equal(report_of(1)->state, NOTICE_SENT);
	assert_non_null(strstr(report_of(1)->reply, "queued as T1"));
	assert_int_equal(report_of(2)->state, NOTICE_FAILED);
	assert_non_null(strstr(report_of(2)->reply, "no such mailbox"));
	assert_int_equal(report_of(3)->state, NOTICE_WAITING);
	assert_int_equal(report_of(4)->state, NOTICE_WAITING);
	assert_int_equal(report_of(5)->state, NOTICE_FAILED);
	assert_int_equal(report_of(6)->state, NOTICE_SENT);
	snprintf(path, sizeof path, "%s/messages", folder);
	assert_int_equal(file_read(path, 65536, &b, NULL), 0);
	assert_null(memmem(b.data, b.size, "\"tls\": false", 12));
	assert_null(memmem(b.data, b.size, "x@y", 3));
	blob_clear(&b);

	/* the same server, but its certificate is not trusted: nothing leaves */
	c.mail_ca_file[0] = '\0';
	deliver(&c, to, 1);
	assert_int_equal(report_of(1)->state, NOTICE_WAITING);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);

	/* nobody listens any more */
	deliver(&c, to, 1);
	assert_int_equal(report_of(1)->state, NOTICE_WAITING);
}

static void
without_starttls_nothing_leaves_unless_loopback_is_allowed_to(void **state)
{
	static const char *const to[] = { "bob@alpha.example" };
	static struct conf c;
	char port[16];
	pid_t pid = server_start("-", port);

	(void)state;
	memset(&c, 0, sizeof c);
	snprintf(c.service_dir, sizeof c.service_dir, "%s", folder);
	snprintf(c.mail_smtp_url, sizeof c.mail_smtp_url,
	    "smtp://127.0.0.1:%s", port);
	deliver(&c, to, 1);
	assert_int_equal(report_of(1)->state, NOTICE_WAITING);
	c.mail_plain_loopback = true;
	deliver(&c, to, 1);
	assert_int_equal(report_of(1)->state, NOTICE_SENT);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

static int
folder_up(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int
folder_down(void **state)
{
	const char *const argv[] = { "rm", "-rf", folder, NULL };

	(void)state;
	run(argv);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_has_its_headers_and_line_ends),
		cmocka_unit_test(text_beyond_ascii_is_encoded),
		cmocka_unit_test(an_address_that_carries_a_command_is_refused),
		cmocka_unit_test(
		    a_second_delivery_of_a_letter_replaces_the_first),
		cmocka_unit_test(
		    letters_are_sent_refused_or_wait_as_the_server_says),
		cmocka_unit_test(
		    without_starttls_nothing_leaves_unless_loopback_is_allowed_to),
	};

	return cmocka_run_group_tests(tests, folder_up, folder_down);
}
