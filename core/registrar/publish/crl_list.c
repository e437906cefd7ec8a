/* crl_list.c - the encoded entries of a CRL, kept in a file: the next CRL
 * needs only what is new. */
#include "core/registrar/publish/crl_list.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/registrar/db.h"
#include "core/registrar/kept.h"
#include "core/x509/crl.h"
#include "core/x509/hash.h"

#define MAGIC "ICACRLE1"
#define SLICE 4000		/* rows: a few milliseconds */
#define RENEW (7 * 86400)	/* made anew so often in any case */
#define ENTRY_MAX 80

enum { Q_STATE_DROP, Q_ROWS, Q_NEW, Q_TAKEN };

static const char *const sql[] = {
	[Q_STATE_DROP] = "DELETE FROM setting WHERE name = ?1",
	/* all columns stand in the index certificate_listed */
	[Q_ROWS] = "SELECT number, serial, revoked, reason, not_after"
	    " FROM certificate WHERE issuer = ?1 AND number > ?2"
	    " AND state <> 'good' AND (?4 = 0 OR shard = ?4)"
	    " AND NOT EXISTS (SELECT 1 FROM crl_new n"
	    " WHERE n.certificate = certificate.number AND n.shard = ?4)"
	    " ORDER BY number LIMIT ?3",
	[Q_NEW] = "SELECT n.certificate, c.serial, c.revoked, c.reason,"
	    " c.not_after FROM crl_new n JOIN certificate c"
	    " ON c.number = n.certificate WHERE c.issuer = ?1"
	    " AND n.shard = ?3 ORDER BY n.certificate LIMIT ?2",
	[Q_TAKEN] = "DELETE FROM crl_new WHERE certificate = ?1"
	    " AND shard = ?2",
};
DB_STATEMENTS(crl_list, sql)

void
crl_stem(char dst[72], const char *issuer, int64_t shard)
{
	if (shard == 0)
		snprintf(dst, 72, "%s", issuer);
	else
		snprintf(dst, 72, "%s-%d", issuer, (int)shard);
}

static void
names_set(struct crl_list *l, const char *issuer, int64_t shard)
{
	str_copy(l->issuer, sizeof l->issuer, issuer);
	l->shard = shard;
	crl_stem(l->stem, issuer, shard);
}

static void
list_path(char dst[CONF_PATH_SIZE], const struct crl_list *l,
    const char *suffix)
{
	char name[128];

	snprintf(name, sizeof name, "db/crl-%s.entries%s", l->stem, suffix);
	conf_path(&conf, dst, name);
}

static int
file_error(const struct crl_list *l, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE, "crl", "db/crl-%s.entries: %s",
	    l->stem, strerror(errno));
}

static int
pwrite_all(const struct crl_list *l, const uint8_t *p, size_t size,
    int64_t at, struct err *e)
{
	while (size > 0) {
		ssize_t n = pwrite(l->fd, p, size, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_error(l, e);
		p += n;
		size -= (size_t)n;
		at += n;
	}
	return 0;
}

/* ---- its row ---- */

static int
state_load(struct crl_list *l, struct err *e)
{
	char name[80], value[160];
	int r;

	snprintf(name, sizeof name, "crl.%s", l->stem);
	if ((r = kept_text(name, value, sizeof value, e)) < 0)
		return -1;
	if (sscanf(value, "%16[0-9a-f] %" SCNd64 " %" SCNd64 " %" SCNd64
	    " %" SCNd64 " %" SCNd64, l->id, &l->size, &l->count, &l->least,
	    &l->made, &l->removed) != 6) {
		l->id[0] = '\0';
		l->removed = 0;
	}
	return 0;
}

static int
state_store(const struct crl_list *l, struct err *e)
{
	char name[80], value[160];

	snprintf(name, sizeof name, "crl.%s", l->stem);
	snprintf(value, sizeof value, "%s %lld %lld %lld %lld %lld", l->id,
	    (long long)l->size, (long long)l->count, (long long)l->least,
	    (long long)l->made, (long long)l->removed);
	return kept_text_set(name, value, e);
}

int
crl_list_told(const char *issuer, int64_t shard, struct err *e)
{
	struct crl_list l = { .fd = -1 };

	names_set(&l, issuer, shard);
	if (state_load(&l, e) < 0)
		return -1;
	if (l.id[0] == '\0' || l.removed == 0)
		return 0;
	l.removed = 0;
	return state_store(&l, e);
}

/* ---- opening ---- */

static bool
file_is(const struct crl_list *l)
{
	char head[CRL_LIST_HEAD], id[17];

	if (pread(l->fd, head, sizeof head, 0) != (ssize_t)sizeof head ||
	    memcmp(head, MAGIC, 8) != 0)
		return false;
	hex_encode(id, (const uint8_t *)head + 8, 8);
	return strcmp(id, l->id) == 0 &&
	    lseek(l->fd, 0, SEEK_END) >= CRL_LIST_HEAD + l->size;
}

int
crl_list_open(struct crl_list *l, const char *issuer, int64_t shard,
    int64_t expired, bool *anew, struct err *e)
{
	int64_t now = clock_now();
	char path[CONF_PATH_SIZE];

	memset(l, 0, sizeof *l);
	l->fd = -1;
	names_set(l, issuer, shard);
	if (state_load(l, e) < 0)
		return -1;
	list_path(path, l, "");
	l->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	*anew = l->fd < 0 || l->id[0] == '\0' || !file_is(l) ||
	    (l->count > 0 && l->least <= expired) || l->made > now ||
	    l->made + RENEW <= now;
	return 0;
}

void
crl_list_close(struct crl_list *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* ---- making it anew ---- */

int
crl_list_begin(struct crl_list *l, struct err *e)
{
	uint8_t head[CRL_LIST_HEAD] = MAGIC;
	char path[CONF_PATH_SIZE];

	crl_list_close(l);
	l->before = l->id[0] != '\0' ? l->count : 0;
	l->size = l->count = l->cursor = 0;
	l->least = INT64_MAX;
	l->made = clock_now();
	random_bytes(head + 8, 8);
	hex_encode(l->id, head + 8, 8);
	list_path(path, l, ".new");
	unlink(path);
	l->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (l->fd < 0)
		return file_error(l, e);
	return pwrite_all(l, head, sizeof head, 0, e);
}

/* The file takes its place before its row says so: between the two it is
 * made again. */
static int
anew_finish(struct crl_list *l, struct err *e)
{
	char from[CONF_PATH_SIZE], to[CONF_PATH_SIZE];

	list_path(from, l, ".new");
	list_path(to, l, "");
	if (fdatasync(l->fd) < 0 || rename(from, to) < 0)
		return file_error(l, e);
	if (l->before > l->count)
		l->removed += l->before - l->count;
	if (db_begin(e) < 0)
		return -1;
	if (state_store(l, e) == 0)
		return db_commit(e);
	db_rollback();
	return -1;
}

static int
row_put(struct crl_list *l, struct query *q, struct buf *b, struct err *e)
{
	struct status st = { .state = CERTIFICATE_REVOKED };
	int64_t not_after = q_col_i64(q, 4);

	q_col_str(q, 1, st.serial, sizeof st.serial);
	st.revoked = q_col_i64(q, 2);
	st.reason = (enum reason)q_col_i64(q, 3);
	if (crl_entry_put(b, &st, e) < 0)
		return -1;
	l->count++;
	if (not_after < l->least)
		l->least = not_after;
	return 0;
}

int
crl_list_slice(struct crl_list *l, int64_t expired, struct err *e)
{
	struct query *q = db_query(crl_list_prepared[Q_ROWS]);
	struct buf b = { 0 };
	int n = 0, r;

	buf_reserve(&b, SLICE * ENTRY_MAX);
	q_str(q, 1, l->issuer);
	q_i64(q, 2, l->cursor);
	q_i64(q, 3, SLICE);
	q_i64(q, 4, l->shard);
	while ((r = q_next(q, e)) == 1) {
		n++;
		l->cursor = q_col_i64(q, 0);
		if (q_col_i64(q, 4) > expired && row_put(l, q, &b, e) < 0) {
			q_end(q);
			r = -1;
			break;
		}
	}
	if (r == 0)
		r = pwrite_all(l, b.data, b.size, CRL_LIST_HEAD + l->size, e);
	l->size += (int64_t)b.size;
	buf_clear(&b);
	if (r < 0)
		return -1;
	return n == SLICE ? 1 : anew_finish(l, e);
}

/* ---- taking in what is new ---- */

static int
new_settle(struct crl_list *l, const int64_t *taken, int n, struct err *e)
{
	if (db_begin(e) < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		struct query *q = db_query(crl_list_prepared[Q_TAKEN]);

		q_i64(q, 1, taken[i]);
		q_i64(q, 2, l->shard);
		if (q_run(q, e) < 0)
			goto bad;
	}
	if (state_store(l, e) == 0)
		return db_commit(e);
bad:
	db_rollback();
	return -1;
}

int
crl_list_append(struct crl_list *l, struct err *e)
{
	struct query *q = db_query(crl_list_prepared[Q_NEW]);
	struct crl_list before = *l;
	int64_t taken[SLICE];
	struct buf b = { 0 };
	int n = 0, r;

	q_str(q, 1, l->issuer);
	q_i64(q, 2, SLICE);
	q_i64(q, 3, l->shard);
	while ((r = q_next(q, e)) == 1) {
		taken[n++] = q_col_i64(q, 0);
		if (row_put(l, q, &b, e) < 0) {
			q_end(q);
			r = -1;
			break;
		}
	}
	if (r == 0 && n > 0) {
		r = pwrite_all(l, b.data, b.size, CRL_LIST_HEAD + l->size, e);
		l->size += (int64_t)b.size;
		if (r == 0 && fdatasync(l->fd) < 0)
			r = file_error(l, e);
		if (r == 0)
			r = new_settle(l, taken, n, e);
	}
	buf_clear(&b);
	if (r < 0) {
		*l = before;
		return -1;
	}
	return n == SLICE;
}

/* ---- reading ---- */

ssize_t
crl_list_read(const struct crl_list *l, int64_t offset, uint8_t *dst,
    size_t size, struct err *e)
{
	size_t at = 0;
	ssize_t n;

	if (offset >= l->size)
		return 0;
	if ((int64_t)size > l->size - offset)
		size = (size_t)(l->size - offset);
	n = pread(l->fd, dst, size, (off_t)(CRL_LIST_HEAD + offset));
	if (n < 0)
		return file_error(l, e);
	/* every entry is shorter than 128 bytes: one length octet */
	while (at + 2 <= (size_t)n && at + 2 + dst[at + 1] <= (size_t)n)
		at += 2 + (size_t)dst[at + 1];
	if (at == 0)
		return err_set(e, ERR_BROKEN, "crl",
		    "db/crl-%s.entries is damaged: it is made again",
		    l->stem);
	return (ssize_t)at;
}
