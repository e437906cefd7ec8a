/*
 * files.c - the published files: CRLs, chain, feed and log, from a fixed set
 * of folders, with ETag and Last-Modified.  A file is read again when its
 * inode, size or time has changed; replacing it by rename is atomic for us.
 */
#include "core/publisher/publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"

#define FILE_MAX (256u << 20)
#define CACHED 32		/* files kept; the oldest use goes first */

struct file {
	char path[256];			/* as asked: "/crl/ica-server-1.crl" */
	struct stat st;
	struct MHD_Response *response;	/* with all headers */
	char etag[68];
	int64_t modified;
	int64_t used, looked_at;
};

static char folder[CONF_PATH_SIZE];
static struct file cache[CACHED];

static const struct kind {
	const char *folder, *ending, *type;
} kinds[] = {
	{ "/crl/", ".crl", "application/pkix-crl" },
	{ "/crl/", ".pem", "application/x-pem-file" },
	{ "/ca/", ".crt", "application/pkix-cert" },
	{ "/ca/", ".pem", "application/x-pem-file" },
	{ "/log/", "", "application/octet-stream" },
	{ "/feed.json", "", "application/json" },
};

void
files_init(const char *published)
{
	snprintf(folder, sizeof folder, "%s", published);
}

/* Names that we make ourselves: no dot at the start, nothing exotic. */
static bool
name_plain(const char *p)
{
	bool start = true;

	for (; *p != '\0'; p++) {
		if (*p == '/') {
			if (start)
				return false;
			start = true;
			continue;
		}
		if (start && *p == '.')
			return false;
		start = false;
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
		    *p == '-' || *p == '.' || *p == '_'))
			return false;
	}
	return !start;
}

static const struct kind *
kind_of(const char *path)
{
	size_t n = strlen(path);

	if (n >= sizeof cache[0].path || !name_plain(path + 1))
		return NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t head = strlen(kinds[i].folder);
		size_t tail = strlen(kinds[i].ending);

		if (strncmp(path, kinds[i].folder, head) == 0 &&
		    n >= head + tail &&
		    strcmp(path + n - tail, kinds[i].ending) == 0 &&
		    (kinds[i].folder[head - 1] == '/' || n == head))
			return &kinds[i];
	}
	return NULL;
}

bool
files_known(const char *path)
{
	return path[0] == '/' && kind_of(path) != NULL;
}

static void
file_forget(struct file *f)
{
	if (f->response != NULL)
		MHD_destroy_response(f->response);
	memset(f, 0, sizeof *f);
}

static struct file *
file_slot(const char *path)
{
	struct file *oldest = &cache[0];

	for (size_t i = 0; i < CACHED; i++) {
		if (strcmp(cache[i].path, path) == 0)
			return &cache[i];
		if (cache[i].used < oldest->used)
			oldest = &cache[i];
	}
	file_forget(oldest);
	snprintf(oldest->path, sizeof oldest->path, "%s", path);
	return oldest;
}

static void
file_headers(struct file *f, const struct kind *k, const struct blob *b)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	char date[32];

	EVP_Digest(b->data, b->size, digest, &n, EVP_sha256(), NULL);
	f->etag[0] = '"';
	hex_encode(f->etag + 1, digest, 32);
	memcpy(f->etag + 65, "\"", 2);
	f->modified = f->st.st_mtim.tv_sec;
	MHD_add_response_header(f->response, MHD_HTTP_HEADER_CONTENT_TYPE,
	    k->type);
	MHD_add_response_header(f->response, MHD_HTTP_HEADER_ETAG, f->etag);
	http_date(date, f->modified);
	MHD_add_response_header(f->response, MHD_HTTP_HEADER_LAST_MODIFIED,
	    date);
	MHD_add_response_header(f->response, MHD_HTTP_HEADER_CACHE_CONTROL,
	    "max-age=60, public, no-transform");
}

/* Make sure that f holds what lies on the disk now; -1 when nothing does. */
static int
file_load(struct file *f, const struct kind *k)
{
	char path[CONF_PATH_SIZE + 256];
	struct blob b = { 0 };
	struct stat st;
	struct err e;

	f->used = clock_mono_ms();
	if (f->response != NULL && f->used - f->looked_at < 100)
		return 0;
	f->looked_at = f->used;
	snprintf(path, sizeof path, "%s%s", folder, f->path);
	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	if (f->response != NULL && st.st_ino == f->st.st_ino &&
	    st.st_size == f->st.st_size &&
	    st.st_mtim.tv_sec == f->st.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == f->st.st_mtim.tv_nsec)
		return 0;
	if (file_read(path, FILE_MAX, &b, &e) < 0) {
		log_warn("published file: %s", e.text);
		return -1;
	}
	if (f->response != NULL)
		MHD_destroy_response(f->response);
	f->st = st;
	f->response = MHD_create_response_from_buffer(b.size, b.data,
	    MHD_RESPMEM_MUST_FREE);
	if (f->response == NULL)
		fatal("no memory for a response");
	file_headers(f, k, &b);
	return 0;
}

/* RFC 9110 13.1: If-None-Match decides; else If-Modified-Since. */
static bool
client_has_it(struct MHD_Connection *c, const struct file *f)
{
	const char *match = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_IF_NONE_MATCH);
	const char *since = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_IF_MODIFIED_SINCE);
	char date[32];

	if (match != NULL)
		return strstr(match, f->etag) != NULL ||
		    strcmp(match, "*") == 0;
	http_date(date, f->modified);
	return since != NULL && strcmp(since, date) == 0;
}

static enum MHD_Result
serve_not_modified(struct MHD_Connection *c, const struct file *f)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL,
	    MHD_RESPMEM_PERSISTENT);
	enum MHD_Result ok;

	MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, f->etag);
	ok = MHD_queue_response(c, MHD_HTTP_NOT_MODIFIED, r);
	MHD_destroy_response(r);
	tally.not_modified++;
	return ok;
}

enum MHD_Result
files_serve(struct MHD_Connection *c, const char *path)
{
	const struct kind *k = kind_of(path);
	struct file *f = file_slot(path);

	if (k == NULL || file_load(f, k) < 0) {
		file_forget(f);
		return http_text(c, MHD_HTTP_NOT_FOUND,
		    "text/plain; charset=utf-8", "not published\n");
	}
	if (client_has_it(c, f))
		return serve_not_modified(c, f);
	tally.files++;
	return MHD_queue_response(c, MHD_HTTP_OK, f->response);
}

/* nextUpdate of one CRL file. */
static bool
crl_fresh(const char *path, int64_t now)
{
	struct blob b = { 0 };
	const unsigned char *p;
	X509_CRL *crl = NULL;
	time_t at = (time_t)now;
	bool fresh = false;

	if (file_read(path, FILE_MAX, &b, NULL) < 0)
		return false;
	p = b.data;
	crl = d2i_X509_CRL(NULL, &p, (long)b.size);
	fresh = crl != NULL && X509_CRL_get0_nextUpdate(crl) != NULL &&
	    X509_cmp_time(X509_CRL_get0_nextUpdate(crl), &at) > 0;
	X509_CRL_free(crl);
	blob_clear(&b);
	return fresh;
}

/* Looked up at most once in ten seconds: a CRL can be large. */
bool
files_crls_fresh(int64_t now, char *text, size_t size)
{
	static int64_t looked_at;
	static bool fresh;
	static char last[256];
	char path[CONF_PATH_SIZE * 2];
	struct dirent *d;
	int found = 0;
	DIR *dir;

	if (looked_at == 0 || clock_mono_ms() - looked_at >= 10000) {
		looked_at = clock_mono_ms();
		fresh = true;
		last[0] = '\0';
		snprintf(path, sizeof path, "%s/crl", folder);
		dir = opendir(path);
		while (dir != NULL && (d = readdir(dir)) != NULL) {
			size_t n = strlen(d->d_name);

			if (n < 5 || strcmp(d->d_name + n - 4, ".crl") != 0)
				continue;
			found++;
			snprintf(path, sizeof path, "%s/crl/%s", folder,
			    d->d_name);
			if (!crl_fresh(path, now)) {
				fresh = false;
				snprintf(last, sizeof last, "stale: %.200s",
				    d->d_name);
			}
		}
		if (dir != NULL)
			closedir(dir);
		if (found == 0) {
			fresh = false;
			snprintf(last, sizeof last, "no CRL yet");
			looked_at = 0;	/* look again at once */
		}
	}
	snprintf(text, size, "%s", last);
	return fresh;
}
