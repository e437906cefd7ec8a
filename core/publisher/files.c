/*
 * files.c - the published files: CRLs, chain, feed and log, from a fixed set
 * of folders, with ETag and Last-Modified.  A file is opened again when its
 * inode, size or time has changed; replacing it by rename is atomic for us.
 * What is long is sent from its descriptor and never read whole.
 */
#include "core/publisher/publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"

#define KEPT_MAX (1 << 20)	/* longer ones are not kept in memory */
#define ENDS (64 << 10)		/* of a long one: its ends name it */
#define CACHED 32		/* files kept; the oldest use goes first */
#define LOOK_MS 10		/* between two looks at the same file */

struct file {
	char path[256];			/* as asked: "/crl/ica-server-1.crl" */
	struct stat st;
	struct MHD_Response *response;	/* with all headers */
	char etag[68];
	uint64_t size;			/* of what is sent */
	int64_t modified;
	int64_t used, looked_at;
};

static char folder[CONF_PATH_SIZE];
static struct file cache[CACHED];

#define BRIEFLY "max-age=60, public, no-transform"
#define FOR_EVER "max-age=31536000, public, immutable, no-transform"
#define HARDLY "max-age=5, public, no-transform"

static const struct kind {
	const char *folder, *ending, *type, *cache;
	enum asked asked;
} kinds[] = {
	{ "/crl/", ".crl", "application/pkix-crl", BRIEFLY, ASKED_CRL },
	{ "/crl/", ".pem", "application/x-pem-file", BRIEFLY, ASKED_CRL },
	{ "/ca/", ".crt", "application/pkix-cert", BRIEFLY, ASKED_CA },
	{ "/ca/", ".pem", "application/x-pem-file", BRIEFLY, ASKED_CA },
	{ "/log/checkpoint", "", TEXT_PLAIN, HARDLY, ASKED_LOG },
	/* a tile that is not full yet is replaced by a longer one */
	{ "/log/tile/", ".p/", "application/octet-stream", BRIEFLY,
	    ASKED_LOG },
	{ "/log/tile/", "", "application/octet-stream", FOR_EVER, ASKED_LOG },
	{ "/log/", ".json", "application/json", BRIEFLY, ASKED_LOG },
	{ "/log/", "", TEXT_PLAIN, BRIEFLY, ASKED_LOG },
	{ "/feed.json", "", "application/json", BRIEFLY, ASKED_FEED },
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

/* An ending of ".p/" is looked for inside. */
static bool
kind_fits(const struct kind *k, const char *path, size_t n)
{
	size_t head = strlen(k->folder), tail = strlen(k->ending);

	if (n < head + tail || strncmp(path, k->folder, head) != 0)
		return false;
	if (k->folder[head - 1] != '/')
		return n == head;
	if (tail > 0 && k->ending[tail - 1] == '/')
		return strstr(path, k->ending) != NULL;
	return strcmp(path + n - tail, k->ending) == 0;
}

static const struct kind *
kind_of(const char *path)
{
	size_t n = strlen(path);

	if (n >= sizeof cache[0].path || path[0] != '/' ||
	    !name_plain(path + 1))
		return NULL;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kind_fits(&kinds[i], path, n))
			return &kinds[i];
	return NULL;
}

bool
files_known(const char *path, enum asked *asked)
{
	const struct kind *k = kind_of(path);

	if (k != NULL)
		*asked = k->asked;
	return k != NULL;
}

void
files_path(char dst[CONF_PATH_SIZE * 2], const char *name)
{
	snprintf(dst, CONF_PATH_SIZE * 2, "%s/%s", folder, name);
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
file_headers(struct file *f, const struct kind *k,
    const unsigned char digest[32])
{
	char date[32];

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
	    k->cache);
}

/* Into memory, whole; hashed whole. */
static struct MHD_Response *
short_make(int fd, size_t size, unsigned char digest[32])
{
	struct blob b = { 0 };

	if (fd_read_all(fd, KEPT_MAX, &b, NULL) < 0 || b.size != size) {
		blob_clear(&b);
		return NULL;
	}
	EVP_Digest(b.data, b.size, digest, NULL, EVP_sha256(), NULL);
	return MHD_create_response_from_buffer(b.size, b.data,
	    MHD_RESPMEM_MUST_FREE);
}

/*
 * From its descriptor, which the response takes over.  What is that long is a
 * CRL, and its end is a signature over all of it: both ends and the length
 * name it as surely as a hash of the whole would, without reading that.
 */
static struct MHD_Response *
long_make(int fd, size_t size, bool as_pem, unsigned char digest[32],
    uint64_t *sent)
{
	struct { uint64_t size, form; unsigned char ends[2][ENDS]; } *of =
	    xcalloc(1, sizeof *of);
	struct MHD_Response *r = NULL;
	int own = -1;

	*sent = of->size = size;
	of->form = as_pem;
	if (pread(fd, of->ends[0], ENDS, 0) == ENDS &&
	    pread(fd, of->ends[1], ENDS, (off_t)(size - ENDS)) == ENDS &&
	    (own = fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0) {
		EVP_Digest(of, sizeof *of, digest, NULL, EVP_sha256(), NULL);
		r = as_pem ? pem_response(own, size, sent) :
		    MHD_create_response_from_fd64(size, own);
	}
	if (r == NULL && own >= 0)
		close(own);
	free(of);
	return r;
}

/* What was opened is what is looked at: f gets it when it is a new one. */
static int
file_open(struct file *f, const struct kind *k, int fd, bool as_pem)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct MHD_Response *r = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	f->size = (uint64_t)st.st_size;
	r = st.st_size > KEPT_MAX || (as_pem && st.st_size >= ENDS) ?
	    long_make(fd, (size_t)st.st_size, as_pem, digest, &f->size) :
	    as_pem ? NULL : short_make(fd, (size_t)st.st_size, digest);
	if (r == NULL) {
		log_warn("published file %s cannot be read", f->path);
		return -1;
	}
	if (f->response != NULL)	/* those that get it now go on */
		MHD_destroy_response(f->response);
	f->response = r;
	f->st = st;
	file_headers(f, k, digest);
	return 0;
}

/* The file at f's path; a long CRL has no .pem: it is made of the .crl. */
static int
file_find(const struct file *f, char path[CONF_PATH_SIZE * 2],
    struct stat *st, bool *as_pem)
{
	size_t n;

	files_path(path, f->path + 1);
	*as_pem = false;
	if (lstat(path, st) < 0) {
		n = strlen(path);
		if (errno != ENOENT || strncmp(f->path, "/crl/", 5) != 0 ||
		    strcmp(path + n - 4, ".pem") != 0)
			return -1;
		memcpy(path + n - 4, ".crl", 4);
		*as_pem = true;
		if (lstat(path, st) < 0)
			return -1;
	}
	return S_ISREG(st->st_mode) ? 0 : -1;
}

/* Make sure that f holds what lies on the disk now; -1 when nothing does. */
static int
file_load(struct file *f, const struct kind *k)
{
	char path[CONF_PATH_SIZE * 2];
	struct stat st;
	bool as_pem;
	int fd, r;

	f->used = clock_mono_ms();
	if (f->response != NULL && f->used - f->looked_at < LOOK_MS)
		return 0;
	f->looked_at = f->used;
	if (file_find(f, path, &st, &as_pem) < 0)
		return -1;
	if (f->response != NULL && st.st_ino == f->st.st_ino &&
	    st.st_size == f->st.st_size &&
	    st.st_mtim.tv_sec == f->st.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == f->st.st_mtim.tv_nsec)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -1;
	r = file_open(f, k, fd, as_pem);
	close(fd);
	return r;
}

static enum MHD_Result
serve_not_modified(struct MHD_Connection *c, const struct file *f,
    const struct kind *k)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL,
	    MHD_RESPMEM_PERSISTENT);
	enum MHD_Result ok;

	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, f->etag);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, k->cache);
	ok = http_queue(c, MHD_HTTP_NOT_MODIFIED, r, 0);
	MHD_destroy_response(r);
	return ok;
}

enum MHD_Result
files_serve(struct MHD_Connection *c, const char *path)
{
	const struct kind *k = kind_of(path);
	struct file *f = file_slot(path);

	if (k == NULL || file_load(f, k) < 0) {
		file_forget(f);
		return http_text(c, MHD_HTTP_NOT_FOUND, TEXT_PLAIN,
		    "not published\n");
	}
	if (client_has_it(c, f->etag, f->modified))
		return serve_not_modified(c, f, k);
	return http_queue(c, MHD_HTTP_OK, f->response, f->size);
}
