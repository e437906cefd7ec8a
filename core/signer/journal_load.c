/* journal_load.c - records as bytes, and reading the journal back at start. */
#include "core/signer/journal_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/crc.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/x509/hash.h"

#define CHUNK (RECORD_SIZE * 16384u)

static void
number_set(uint8_t *p, int n, uint64_t v)
{
	for (int i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * (n - 1 - i));
}

static uint64_t
number_get(const uint8_t *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static uint32_t
record_crc(const uint8_t bytes[RECORD_SIZE], uint64_t position)
{
	uint8_t place[8];

	number_set(place, 8, position);
	return crc32c(crc32c(0, place, 8), bytes, RECORD_SIZE - 4);
}

void
journal_record_put(struct buf *b, const struct record *r, uint64_t position)
{
	uint8_t p[RECORD_SIZE] = { 0 };

	p[0] = (uint8_t)r->kind;
	memcpy(p + 1, r->serial, SERIAL_SIZE);
	number_set(p + 18, 2, r->issuer);
	number_set(p + 20, 8, (uint64_t)r->request);
	number_set(p + 28, 8, (uint64_t)r->at);
	memcpy(p + 36, r->digest, 32);
	if (r->kind == RECORD_INTENT) {
		number_set(p + 68, 8, r->policy);
	} else {
		number_set(p + 68, 6, (uint64_t)r->offset);
		number_set(p + 74, 2, r->size);
	}
	number_set(p + 76, 4, record_crc(p, position));
	buf_put(b, p, sizeof p);
}

/* False (kind RECORD_VOID) when damaged or not written. */
static bool
journal_record_get(struct record *r, const uint8_t p[RECORD_SIZE],
    uint64_t position)
{
	if (number_get(p + 76, 4) != record_crc(p, position) ||
	    (p[0] != RECORD_INTENT && p[0] != RECORD_SIGNED)) {
		memset(r, 0, sizeof *r);
		return false;
	}
	r->kind = p[0];
	memcpy(r->serial, p + 1, SERIAL_SIZE);
	r->issuer = (uint16_t)number_get(p + 18, 2);
	r->request = (int64_t)number_get(p + 20, 8);
	r->at = (int64_t)number_get(p + 28, 8);
	memcpy(r->digest, p + 36, 32);
	r->policy = r->kind == RECORD_INTENT ? number_get(p + 68, 8) : 0;
	r->offset = r->kind == RECORD_SIGNED ?
	    (int64_t)number_get(p + 68, 6) : 0;
	r->size = r->kind == RECORD_SIGNED ?
	    (uint32_t)number_get(p + 74, 2) : 0;
	return true;
}

int
fd_pread_all(int fd, void *data, size_t size, off_t at)
{
	uint8_t *p = data;

	while (size > 0) {
		ssize_t n = pread(fd, p, size, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int
fd_pwrite_all(int fd, const void *data, size_t size, off_t at)
{
	const uint8_t *p = data;

	while (size > 0) {
		ssize_t n = pwrite(fd, p, size, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int
journal_record(struct journal *j, uint64_t position, struct record *r)
{
	uint8_t bytes[RECORD_SIZE];
	const uint8_t *at = bytes;

	memset(r, 0, sizeof *r);
	if (position >= j->count) {
		size_t ahead = (size_t)(position - j->count) * RECORD_SIZE;

		if (ahead + RECORD_SIZE > j->queue.size)
			return -1;
		at = j->queue.data + ahead;
	} else if (fd_pread_all(j->fd, bytes, sizeof bytes,
	    (off_t)(HEAD_SIZE + position * RECORD_SIZE)) < 0) {
		r->kind = RECORD_INTENT;	/* unreadable, not void */
		return -1;
	}
	return journal_record_get(r, at, position) ? 0 : -1;
}

struct loading {
	void (*for_each)(void *user, int64_t at);
	void *user;
	uint64_t position, good;	/* good: behind the last good one */
	uint64_t first_bad;		/* UINT64_MAX none */
};

static void
record_load(struct journal *j, struct loading *l, const uint8_t *bytes)
{
	struct record r;
	uint64_t at = l->position++;

	if (!journal_record_get(&r, bytes, at)) {
		if (l->first_bad == UINT64_MAX)
			l->first_bad = at;
		return;
	}
	l->good = at + 1;
	if (r.kind == RECORD_SIGNED) {
		journal_index_sign(j, r.serial, (uint32_t)r.request,
		    (uint32_t)(at + 1));
		return;
	}
	journal_index_add(j, r.serial, (uint32_t)(at + 1));
	if (l->for_each != NULL)
		l->for_each(l->user, r.at);
}

static int
records_load(struct journal *j, struct loading *l, uint64_t n, struct err *e)
{
	uint8_t *chunk = xmalloc(CHUNK);
	int r = 0;

	while (r == 0 && l->position < n) {
		size_t size = n - l->position < CHUNK / RECORD_SIZE ?
		    (size_t)(n - l->position) * RECORD_SIZE : CHUNK;

		if (fd_pread_all(j->fd, chunk, size, (off_t)(HEAD_SIZE +
		    l->position * RECORD_SIZE)) < 0)
			r = err_set(e, ERR_BROKEN, "signer-journal",
			    "the journal cannot be read: %s",
			    strerror(errno));
		for (size_t i = 0; r == 0 && i < size; i += RECORD_SIZE)
			record_load(j, l, chunk + i);
	}
	free(chunk);
	return r;
}

/* Keep a copy of what is cut off, for whoever wants to know what it was. */
static int
end_cut(struct journal *j, const char *folder, uint64_t from, uint64_t to,
    struct err *e)
{
	char path[PATH_MAX];
	uint8_t *bytes = xmalloc((size_t)(to - from));
	int fd = -1, r = -1;

	if (path_join(path, sizeof path, folder, "journal.torn") == 0)
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
		    O_NOFOLLOW, 0600);
	if (fd >= 0 && fd_pread_all(j->fd, bytes, (size_t)(to - from),
	    (off_t)from) == 0 &&
	    fd_write_all(fd, bytes, (size_t)(to - from)) == 0 &&
	    fsync(fd) == 0 && ftruncate(j->fd, (off_t)from) == 0 &&
	    fdatasync(j->fd) == 0)
		r = 0;
	if (r < 0)
		err_set(e, ERR_UNAVAILABLE, "signer-journal",
		    "the journal's torn end cannot be cut off: %s",
		    strerror(errno));
	else
		log_warn("journal: the last write was torn; %llu bytes are "
		    "moved to journal.torn", (unsigned long long)(to - from));
	if (fd >= 0)
		close(fd);
	free(bytes);
	return r;
}

static int
journal_load(struct journal *j, const char *folder, uint64_t size,
    struct loading *l, struct err *e)
{
	uint64_t n = (size - HEAD_SIZE) / RECORD_SIZE, end;

	if (n > UINT32_MAX - 1)
		return err_set(e, ERR_BROKEN, "signer-journal",
		    "the journal is too long");
	if (records_load(j, l, n, e) < 0)
		return -1;
	if (l->first_bad != UINT64_MAX && n - l->first_bad > TORN_RECORDS)
		return err_set(e, ERR_BROKEN, "signer-journal",
		    "journal record %llu of %llu is damaged, and no crash "
		    "explains that: restore the ca folder from a backup",
		    (unsigned long long)l->first_bad, (unsigned long long)n);
	j->count = l->good;
	end = HEAD_SIZE + j->count * RECORD_SIZE;
	return end == size ? 0 : end_cut(j, folder, end, size, e);
}

static int
head_write(struct journal *j, struct err *e)
{
	uint8_t head[HEAD_SIZE] = { 0 };

	memcpy(head, JOURNAL_MAGIC, 8);
	random_bytes(head + 8, 16);
	if (fd_pwrite_all(j->fd, head, sizeof head, 0) < 0 ||
	    fsync(j->fd) < 0 || fsync(j->der_fd) < 0)
		return err_set(e, ERR_UNAVAILABLE, "signer-journal",
		    "the journal cannot be made: %s", strerror(errno));
	return 0;
}

static int
file_open(const char *folder, const char *name, bool create, struct err *e)
{
	char path[PATH_MAX];
	int fd;

	if (path_join(path, sizeof path, folder, name) < 0)
		return err_set(e, ERR_BAD_INPUT, "path", "path too long");
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW |
	    (create ? O_CREAT | O_EXCL : 0), 0600);
	if (fd < 0)
		err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE,
		    "signer-journal", "%s: %s%s", path, strerror(errno),
		    errno == ENOENT ? "; make the authority with `xmpp-icactl "
		    "init`, or restore it from a backup" : "");
	return fd;
}

struct journal *
journal_open(const char *folder, bool create,
    void (*for_each)(void *user, int64_t at), void *user, struct err *e)
{
	struct loading l = { .for_each = for_each, .user = user,
		.first_bad = UINT64_MAX };
	struct journal *j = xcalloc(1, sizeof *j);
	struct stat st, der;
	char magic[8];

	j->der_fd = -1;
	if ((j->fd = file_open(folder, "journal", create, e)) < 0 ||
	    (j->der_fd = file_open(folder, "journal.der", create, e)) < 0)
		goto bad;
	if (flock(j->fd, LOCK_EX | LOCK_NB) < 0) {
		err_set(e, ERR_CONFLICT, "signer-journal",
		    "another signer has this journal open");
		goto bad;
	}
	if (create && head_write(j, e) < 0)
		goto bad;
	if (fstat(j->fd, &st) < 0 || fstat(j->der_fd, &der) < 0 ||
	    st.st_size < (off_t)HEAD_SIZE ||
	    fd_pread_all(j->fd, magic, 8, 0) < 0 ||
	    memcmp(magic, JOURNAL_MAGIC, 8) != 0) {
		err_set(e, ERR_BROKEN, "signer-journal",
		    "%s/journal is no journal of this version", folder);
		goto bad;
	}
	j->der_size = (uint64_t)der.st_size;
	if (journal_load(j, folder, (uint64_t)st.st_size, &l, e) < 0)
		goto bad;
	return j;
bad:
	journal_close(j);
	return NULL;
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	if (j->fd >= 0)
		close(j->fd);
	if (j->der_fd >= 0)
		close(j->der_fd);
	buf_clear(&j->queue);
	buf_clear(&j->der_queue);
	free(j->slots);
	free(j);
}
