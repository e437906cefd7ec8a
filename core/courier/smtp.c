/* smtp.c - letters by SMTP with verified TLS, a few connections at once. */
#include "core/courier/courier.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"

/* One connection, and the letter that it carries. */
struct carrier {
	CURL *easy;
	const struct letter *letter;	/* NULL: free */
	struct curl_slist *recipients;
	struct buf message;
	size_t sent;
	char reply[256];		/* last line of the server */
};

static const struct conf *conf;
static struct carrier carriers[SMTP_PARALLEL];
static CURLM *multi;
static char password[256];

static size_t
message_read(char *to, size_t size, size_t n, void *user)
{
	struct carrier *k = user;
	size_t left = k->message.size - k->sent;
	size_t take = size * n < left ? size * n : left;

	memcpy(to, k->message.data + k->sent, take);
	k->sent += take;
	return take;
}

static size_t
reply_note(char *line, size_t size, size_t n, void *user)
{
	struct carrier *k = user;
	size_t len = size * n;

	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	if (len >= 3 && memcmp(line, "221", 3) == 0)
		return size * n;	/* its good-bye says nothing */
	render_untrusted(k->reply, sizeof k->reply, line, len);
	return size * n;
}

static void
password_read(void)
{
	struct blob b = { 0 };
	char path[CONF_PATH_SIZE];
	struct err e;
	size_t n;

	if (conf->mail_password_file[0] == '\0')
		return;
	conf_path(conf, path, conf->mail_password_file);
	if (file_read(path, sizeof password - 1, &b, &e) < 0)
		fatal("[mail] password_file: %s", e.text);
	for (n = b.size; n > 0 && (b.data[n - 1] == '\n' ||
	    b.data[n - 1] == '\r'); n--)
		continue;
	memcpy(password, b.data, n);
	secret_wipe(b.data, b.size);
	blob_clear(&b);
}

/* The host of an smtp URL is loopback by its literal form alone. */
static bool
url_is_loopback(const char *url)
{
	CURLU *u = curl_url();
	char *host = NULL;
	bool loopback = false;

	if (curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ==
	    CURLUE_OK && curl_url_get(u, CURLUPART_HOST, &host, 0) ==
	    CURLUE_OK)
		loopback = strncmp(host, "127.", 4) == 0 ||
		    strcmp(host, "[::1]") == 0 || strcmp(host, "localhost") == 0;
	curl_free(host);
	curl_url_cleanup(u);
	return loopback;
}

void
smtp_init(const struct conf *c)
{
	conf = c;
	if (strncmp(c->mail_smtp_url, "smtp://", 7) != 0 &&
	    strncmp(c->mail_smtp_url, "smtps://", 8) != 0)
		fatal("[mail] smtp_url = %s: wants smtp:// or smtps://",
		    c->mail_smtp_url);
	if (c->mail_plain_loopback && !url_is_loopback(c->mail_smtp_url))
		fatal("[mail] plain_loopback goes with a loopback address only, not with %s",
		    c->mail_smtp_url);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		fatal("libcurl does not start");
	password_read();
	multi = curl_multi_init();
	for (size_t i = 0; i < SMTP_PARALLEL; i++)
		if ((carriers[i].easy = curl_easy_init()) == NULL)
			fatal("no memory for libcurl");
}

/* TLS is demanded, with the server's certificate verified; without it only
 * towards loopback and only when the configuration says so (S12.7). */
static void
tls_set(CURL *h)
{
	curl_easy_setopt(h, CURLOPT_USE_SSL,
	    conf->mail_plain_loopback ? (long)CURLUSESSL_NONE :
	    (long)CURLUSESSL_ALL);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (conf->mail_ca_file[0] != '\0') {
		char path[CONF_PATH_SIZE];

		conf_path(conf, path, conf->mail_ca_file);
		curl_easy_setopt(h, CURLOPT_CAINFO, path);
	}
}

static void
carrier_options(struct carrier *k)
{
	CURL *h = k->easy;

	curl_easy_reset(h);	/* keeps the connection */
	curl_easy_setopt(h, CURLOPT_URL, conf->mail_smtp_url);
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, 15L);
	curl_easy_setopt(h, CURLOPT_TIMEOUT, 90L);
	tls_set(h);
	if (conf->mail_user[0] != '\0') {
		curl_easy_setopt(h, CURLOPT_USERNAME, conf->mail_user);
		curl_easy_setopt(h, CURLOPT_PASSWORD, password);
	}
	curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(h, CURLOPT_READFUNCTION, message_read);
	curl_easy_setopt(h, CURLOPT_READDATA, k);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, reply_note);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, k);
	curl_easy_setopt(h, CURLOPT_PRIVATE, k);
}

/* -1: the letter itself cannot be sent; *e says why. */
static int
carrier_start(struct carrier *k, const struct letter *l, struct err *e)
{
	char address[400];

	k->message.size = 0;
	k->sent = 0;
	k->reply[0] = '\0';
	if (message_build(&k->message, l, "\r\n", e) < 0)
		return -1;
	carrier_options(k);
	snprintf(address, sizeof address, "<%s>", l->from);
	curl_easy_setopt(k->easy, CURLOPT_MAIL_FROM, address);
	snprintf(address, sizeof address, "<%s>", l->to);
	curl_slist_free_all(k->recipients);
	k->recipients = curl_slist_append(NULL, address);
	curl_easy_setopt(k->easy, CURLOPT_MAIL_RCPT, k->recipients);
	k->letter = l;
	curl_multi_add_handle(multi, k->easy);
	return 0;
}

/* 5xx to MAIL, RCPT or DATA is for good; everything else may pass. */
static void
carrier_finish(struct carrier *k, CURLcode code, delivered_fn done,
    void *user)
{
	struct delivery d = { .number = k->letter->number };
	long reply = 0;

	curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &reply);
	if (code == CURLE_OK)
		d.state = NOTICE_SENT;
	else if (reply >= 550 && reply <= 559 &&
	    (code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY))
		d.state = NOTICE_FAILED;
	else
		d.state = NOTICE_WAITING;
	if (code == CURLE_OK || (reply >= 400 && k->reply[0] != '\0'))
		snprintf(d.reply, sizeof d.reply, "%s", k->reply);
	else
		snprintf(d.reply, sizeof d.reply, "%s",
		    curl_easy_strerror(code));
	curl_multi_remove_handle(multi, k->easy);
	k->letter = NULL;
	done(user, &d);
}

static void
finished_collect(size_t *busy, delivered_fn done, void *user)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(multi, &left)) != NULL) {
		char *p = NULL;
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &p);
		carrier_finish((struct carrier *)(void *)p, code, done, user);
		(*busy)--;
	}
}

void
smtp_deliver(const struct letter *letters, size_t n, delivered_fn done,
    void *user)
{
	size_t next = 0, busy = 0;
	int running;

	while (next < n || busy > 0) {
		for (size_t i = 0; i < SMTP_PARALLEL && next < n; i++) {
			struct err e;

			if (carriers[i].letter != NULL)
				continue;
			if (carrier_start(&carriers[i], &letters[next],
			    &e) < 0) {
				struct delivery d = {
					.number = letters[next].number,
					.state = NOTICE_FAILED };

				snprintf(d.reply, sizeof d.reply, "%.250s",
				    e.text);
				done(user, &d);
			} else {
				busy++;
			}
			next++;
		}
		curl_multi_perform(multi, &running);
		finished_collect(&busy, done, user);
		if (busy > 0 && running > 0)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
}

void
smtp_close(void)
{
	for (size_t i = 0; i < SMTP_PARALLEL; i++) {
		curl_easy_cleanup(carriers[i].easy);
		curl_slist_free_all(carriers[i].recipients);
		buf_clear(&carriers[i].message);
	}
	memset(carriers, 0, sizeof carriers);
	curl_multi_cleanup(multi);
	secret_wipe(password, sizeof password);
	curl_global_cleanup();
}
