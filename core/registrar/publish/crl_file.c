/* crl_file.c - the two files of a CRL: bytes in, DER and PEM out, swapped in
 * when both are whole on the disk. */
#include "core/registrar/publish/crl_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/registrar/publish/publish.h"

#define LINE 48			/* bytes in one line of PEM */
#define CRL_AHEAD_FOLDER "db/ahead"
#define BEHIND (8 << 20)	/* bytes that may wait for the disk */
#define PEM_LONGEST (1 << 20)	/* of DER: of longer ones the publisher makes
				 * PEM as it sends it (core/publisher/pem.c) */

struct one {
	int fd;
	char path[CONF_PATH_SIZE], beside[CONF_PATH_SIZE + 8];
	off_t written, synced;
};

struct crl_file {
	struct one der, pem;
	char folder[CONF_PATH_SIZE];
	uint8_t rest[LINE];		/* of a line of PEM */
	size_t n_rest;
	struct buf text;
};

static int
file_error(const struct one *o, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE, "crl", "%s: %s", o->beside,
	    strerror(errno));
}

void
crl_ahead_path(char dst[CONF_PATH_SIZE], const char *stem, int64_t number,
    const char *suffix)
{
	char name[160];

	snprintf(name, sizeof name, "%s/%s.%lld%s", CRL_AHEAD_FOLDER, stem,
	    (long long)number, suffix);
	conf_path(&conf, dst, name);
}

static int
one_open(struct one *o, const char *stem, int64_t number,
    const char *suffix, struct err *e)
{
	if (number > 0)
		crl_ahead_path(o->path, stem, number, suffix);
	else
		published_path(o->path, "crl", stem, suffix);
	snprintf(o->beside, sizeof o->beside, "%s.new", o->path);
	unlink(o->beside);
	o->fd = open(o->beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0644);
	if (o->fd < 0 || fchmod(o->fd, 0644) < 0)
		return file_error(o, e);
	return 0;
}

/* The disk is kept busy behind us, so that the last sync is a short one. */
static void
one_written(struct one *o, size_t size)
{
	o->written += (off_t)size;
	if (o->written - o->synced > BEHIND) {
		sync_file_range(o->fd, o->synced, BEHIND / 2,
		    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE);
		o->synced += BEHIND / 2;
	}
}

static int
one_put(struct one *o, const void *data, size_t size, struct err *e)
{
	if (fd_write_all(o->fd, data, size) < 0)
		return file_error(o, e);
	one_written(o, size);
	return 0;
}

struct crl_file *
crl_file_new(const char *stem, int64_t number, struct err *e)
{
	static const char first[] = "-----BEGIN X509 CRL-----\n";
	struct crl_file *f = xcalloc(1, sizeof *f);

	f->der.fd = f->pem.fd = -1;
	if (number > 0)
		conf_path(&conf, f->folder, CRL_AHEAD_FOLDER);
	else
		published_path(f->folder, "crl", "", "");
	if (folder_make(f->folder, number > 0 ? 0700 : 0755, e) == 0 &&
	    one_open(&f->der, stem, number, ".crl", e) == 0 &&
	    one_open(&f->pem, stem, number, ".pem", e) == 0 &&
	    one_put(&f->pem, first, sizeof first - 1, e) == 0)
		return f;
	crl_file_free(f);
	return NULL;
}

/* ---- base64, twelve bits at a time ---- */

static uint16_t pairs[4096];

static void
pairs_make(void)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (unsigned i = 0; pairs[4095] == 0 && i < 4096; i++) {
		const char two[2] = { letters[i >> 6], letters[i & 63] };

		memcpy(&pairs[i], two, 2);
	}
}

/* One line: 1 to 48 bytes. */
static void
line_put(struct buf *b, const uint8_t *p, size_t n)
{
	uint8_t *to;
	size_t i = 0;

	buf_reserve(b, LINE / 3 * 4 + 1);
	to = b->data + b->size;
	for (; i + 3 <= n; i += 3, to += 4) {
		unsigned v = (unsigned)p[i] << 16 | (unsigned)p[i + 1] << 8 |
		    p[i + 2];

		memcpy(to, &pairs[v >> 12], 2);
		memcpy(to + 2, &pairs[v & 4095], 2);
	}
	if (i < n) {
		unsigned v = (unsigned)p[i] << 16 |
		    (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0);

		memcpy(to, &pairs[v >> 12], 2);
		memcpy(to + 2, &pairs[v & 4095], 2);
		to[3] = '=';
		if (i + 1 == n)
			to[2] = '=';
		to += 4;
	}
	*to++ = '\n';
	b->size = (size_t)(to - b->data);
}

static void
pem_text(struct crl_file *f, const uint8_t *p, size_t size)
{
	pairs_make();
	buf_reserve(&f->text, size / LINE * 65 + 256);
	if (f->n_rest > 0) {
		size_t n = LINE - f->n_rest < size ? LINE - f->n_rest : size;

		memcpy(f->rest + f->n_rest, p, n);
		f->n_rest += n;
		p += n;
		size -= n;
		if (f->n_rest < LINE)
			return;
		line_put(&f->text, f->rest, LINE);
		f->n_rest = 0;
	}
	for (; size >= LINE; p += LINE, size -= LINE)
		line_put(&f->text, p, LINE);
	memcpy(f->rest, p, size);
	f->n_rest = size;
}

static void
pem_drop(struct crl_file *f)
{
	if (f->pem.fd < 0)
		return;
	close(f->pem.fd);
	unlink(f->pem.beside);
	f->pem.fd = -1;
}

int
crl_file_put(struct crl_file *f, const void *data, size_t size,
    struct err *e)
{
	if (one_put(&f->der, data, size, e) < 0)
		return -1;
	if (f->der.written > PEM_LONGEST)
		pem_drop(f);
	if (f->pem.fd < 0)
		return 0;
	f->text.size = 0;
	pem_text(f, data, size);
	return one_put(&f->pem, f->text.data, f->text.size, e);
}

/* PEM needs to see the bytes; what the kernel cannot copy by itself we do. */
ssize_t
crl_file_copy(struct crl_file *f, int from, int64_t offset, size_t size,
    struct err *e)
{
	off_t at = (off_t)offset;
	ssize_t n;

	if (f->pem.fd >= 0)
		return 0;
	n = copy_file_range(from, &at, f->der.fd, NULL, size, 0);
	if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO))
		return file_error(&f->der, e);
	if (n <= 0)
		return 0;
	one_written(&f->der, (size_t)n);
	return n;
}

static int
one_finish(struct one *o, struct err *e)
{
	if (rename(o->beside, o->path) < 0)
		return file_error(o, e);
	close(o->fd);
	o->fd = -1;
	return 0;
}

/* The last line of PEM; or, without PEM, that of the CRL before goes first:
 * the publisher makes it then, from whichever DER is there. */
static int
pem_finish(struct crl_file *f, struct err *e)
{
	static const char last[] = "-----END X509 CRL-----\n";

	if (f->pem.fd < 0) {
		if (unlink(f->pem.path) == 0 || errno == ENOENT)
			return 0;
		return file_error(&f->pem, e);
	}
	f->text.size = 0;
	if (f->n_rest > 0)
		line_put(&f->text, f->rest, f->n_rest);
	buf_put(&f->text, last, sizeof last - 1);
	if (one_put(&f->pem, f->text.data, f->text.size, e) < 0)
		return -1;
	return fsync(f->pem.fd) < 0 ? file_error(&f->pem, e) : 0;
}

int
crl_file_finish(struct crl_file *f, struct err *e)
{
	int folder, r;

	if (fsync(f->der.fd) < 0)
		return file_error(&f->der, e);
	if (pem_finish(f, e) < 0 || one_finish(&f->der, e) < 0 ||
	    (f->pem.fd >= 0 && one_finish(&f->pem, e) < 0))
		return -1;
	folder = open(f->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = folder < 0 || fsync(folder) < 0 ? err_set(e, ERR_UNAVAILABLE,
	    "crl", "%s: %s", f->folder, strerror(errno)) : 0;
	if (folder >= 0)
		close(folder);
	return r;
}

void
crl_file_free(struct crl_file *f)
{
	struct one *both[] = { &f->der, &f->pem };

	for (int i = 0; i < 2; i++) {
		if (both[i]->fd < 0)
			continue;
		close(both[i]->fd);
		unlink(both[i]->beside);
	}
	buf_clear(&f->text);
	free(f);
}
