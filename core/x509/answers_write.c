/* answers_write.c - the one writer of the published answers. */
#include "core/x509/answers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/x509/answers_map.h"

#define FORGOTTEN (90 * 86400)	/* overdue for so long: dropped when growing */
#define LOST 2u			/* no life of the host: those are odd */
#define SETTLE_BYTES (4u << 20)	/* at once: about 10 ms */
#define SETTLE_LAST 1000	/* so few pages are written in one go */

/* The slot of this serial, or the free one where it belongs; n_slots: none. */
static uint64_t
slot_for(const struct answers *a, const uint8_t *serial, size_t size,
    bool *found)
{
	uint64_t mask = a->head->n_slots - 1;

	*found = false;
	for (uint64_t i = answers_home(serial, size), k = 0; k <= mask;
	    i++, k++) {
		const struct answer_slot *s = &a->slots[i & mask];

		if (s->serial_size == 0)
			return i & mask;
		if (s->serial_size == size &&
		    memcmp(s->serial, serial, size) == 0) {
			*found = true;
			return i & mask;
		}
	}
	return a->head->n_slots;
}

/* Odd, change, even; the content must have been put into redo before. */
static void
slot_change(struct answer_slot *s, const struct answer_slot *new)
{
	uint32_t odd = s->sequence | 1;
	const size_t from = sizeof s->sequence;

	__atomic_store_n(&s->sequence, odd, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy((uint8_t *)s + from, (const uint8_t *)new + from,
	    sizeof *s - from);
	__atomic_store_n(&s->sequence, odd + 1, __ATOMIC_RELEASE);
}

static void
slot_put(struct answers *a, uint64_t i, const struct answer_slot *new,
    bool found)
{
	struct answer_head *h = a->head;

	memcpy(&h->redo, new, sizeof h->redo);
	h->redo_slot = i;
	__atomic_store_n(&h->redo_valid, 1, __ATOMIC_RELEASE);
	slot_change(&a->slots[i], new);
	__atomic_store_n(&h->redo_valid, 0, __ATOMIC_RELEASE);
	if (!found)
		__atomic_store_n(&h->used, h->used + 1, __ATOMIC_RELAXED);
}

static int
beside_path(const struct answers *a, char dst[PATH_MAX], struct err *e)
{
	if (snprintf(dst, PATH_MAX, "%s.new", a->path) >= PATH_MAX)
		return err_set(e, ERR_BAD_INPUT, "path", "path too long");
	return 0;
}

/* An empty file with its blocks reserved: writing to a mapping cannot be
 * refused later by a full disk. */
static int
file_new(struct answers *a, uint64_t n_slots, struct err *e)
{
	char path[PATH_MAX];
	off_t size = (off_t)(ANSWERS_HEAD_SIZE +
	    n_slots * sizeof(struct answer_slot));
	struct answer_head head = { .version = ANSWERS_VERSION,
		.n_slots = n_slots, .unsettled = clock_boot_id() };
	int why;

	if (beside_path(a, path, e) < 0)
		return -1;
	unlink(path);
	a->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0644);
	memcpy(head.magic, ANSWERS_MAGIC, sizeof head.magic);
	if (a->fd < 0 || fchmod(a->fd, 0644) < 0 ||
	    flock(a->fd, LOCK_EX | LOCK_NB) < 0)
		why = errno;
	else if ((why = posix_fallocate(a->fd, 0, size)) == 0 &&
	    (pwrite(a->fd, &head, sizeof head, 0) != (ssize_t)sizeof head ||
	    fdatasync(a->fd) < 0))
		why = errno;
	if (why == 0)
		return answers_map(a, e);
	unlink(path);
	return err_set(e, ERR_UNAVAILABLE, "answers", "%s: %s", path,
	    strerror(why));
}

static int
folder_sync(const char *path)
{
	char copy[PATH_MAX];
	int fd, r;

	if (!str_copy(copy, sizeof copy, path))
		return -1;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

/* The new file takes the place of the one in a; readers see `retired`. */
static int
file_swap(struct answers *a, struct answers *new, struct err *e)
{
	char path[PATH_MAX];

	if (beside_path(a, path, e) < 0)
		return -1;
	/* what is in it may come to the disk later: its head says so there */
	if (rename(path, a->path) < 0 || folder_sync(a->path) < 0)
		return err_set(e, ERR_UNAVAILABLE, "answers", "%s: %s",
		    a->path, strerror(errno));
	if (a->head != NULL)
		__atomic_store_n(&a->head->retired, 1, __ATOMIC_RELEASE);
	answers_unmap(a);
	a->fd = new->fd;
	a->head = new->head;
	a->slots = new->slots;
	a->size = new->size;
	a->device = new->device;
	a->inode = new->inode;
	a->health_at = 0;
	a->looking = a->settled = a->since = 0;
	new->fd = -1;
	new->head = NULL;
	return 0;
}

static uint64_t
slots_wanted(const struct answers *a, int64_t forget)
{
	uint64_t live = 1, n = ANSWERS_SLOTS_LEAST;

	while (a->reserved * 10 > n * 7)
		n *= 2;
	for (uint64_t i = 0; a->head != NULL && i < a->head->n_slots; i++)
		live += a->slots[i].serial_size > 0 &&
		    a->slots[i].next_update >= forget;
	while (live * 10 > n * 5)	/* room to grow again */
		n *= 2;
	return n;
}

/* Write everything that still matters to a new file, with one issuer row
 * replaced (row NULL: none). */
static int
file_rewrite(struct answers *a, size_t at, const struct answer_issuer *row,
    struct err *e)
{
	struct answers new = { .path = a->path, .fd = -1, .writer = true };
	int64_t forget = clock_now() - FORGOTTEN;
	struct answer_slot s;
	bool found;

	if (file_new(&new, slots_wanted(a, forget), e) < 0)
		goto bad;
	if (a->head != NULL) {
		new.head->generation = a->head->generation + 1;
		new.head->n_issuers = a->head->n_issuers;
		if (a->head->unsettled == LOST)
			new.head->unsettled = LOST;
		memcpy(new.head->issuers, a->head->issuers,
		    sizeof new.head->issuers);
	}
	if (row != NULL)
		new.head->issuers[at] = *row;
	for (uint64_t i = 0; a->head != NULL && i < a->head->n_slots; i++) {
		if (!slot_read(a, i, &s) || (int64_t)s.next_update < forget)
			continue;
		s.sequence = 0;
		memcpy(&new.slots[slot_for(&new, s.serial, s.serial_size,
		    &found)], &s, sizeof s);
		new.head->used++;
	}
	if (file_swap(a, &new, e) == 0)
		return 0;
bad:
	answers_unmap(&new);
	return -1;
}

/* After a kill the change in hand is made again, and all is as it was; after a
 * lost machine, slots whose CRC is wrong are emptied (in a new file) and
 * counted. */
static int
repair(struct answers *a, struct err *e)
{
	struct answer_head *h = a->head;
	struct answer_slot s;
	uint64_t used = 0, damaged = 0;

	if (h->redo_valid && h->redo_slot < h->n_slots &&
	    h->redo.crc == slot_crc(&h->redo))
		slot_change(&a->slots[h->redo_slot], &h->redo);
	h->redo_valid = 0;
	if (h->unsettled == 0 || h->unsettled == clock_boot_id())
		return 0;
	log_warn("answers: the machine ended before all were on the disk; all are made again");
	a->lost = 1;
	h->unsettled = LOST;		/* until the first is put again */
	for (uint64_t i = 0; i < h->n_slots; i++) {
		if (a->slots[i].serial_size == 0 &&
		    (a->slots[i].sequence & 1) == 0)
			continue;
		used++;
		damaged += !slot_read(a, i, &s);
	}
	h->used = used;
	if (damaged == 0)
		return 0;
	a->lost += damaged;
	log_warn("answers: %llu damaged slots dropped",
	    (unsigned long long)damaged);
	return file_rewrite(a, 0, NULL, e);
}

struct answers *
answers_open_writer(const char *path, struct err *e)
{
	struct answers *a = xcalloc(1, sizeof *a);

	a->path = xstrdup(path);
	a->writer = true;
	a->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (a->fd < 0 && errno != ENOENT) {
		err_set(e, ERR_UNAVAILABLE, "answers", "%s: %s", path,
		    strerror(errno));
		goto bad;
	}
	if (a->fd < 0 && file_rewrite(a, 0, NULL, e) < 0)
		goto bad;
	if (a->head != NULL)
		return a;
	if (flock(a->fd, LOCK_EX | LOCK_NB) < 0) {
		err_set(e, ERR_CONFLICT, "answers",
		    "%s is being written by another process", path);
		goto bad;
	}
	if (answers_map(a, e) < 0) {
		if (e->kind != ERR_BROKEN)
			goto bad;
		/* of another version, or damaged: all is signed again */
		log_warn("answers: %s; it is made anew", e->text);
		answers_unmap(a);
		if (file_rewrite(a, 0, NULL, e) < 0)
			goto bad;
		return a;
	}
	if (a->head->retired) {
		err_set(e, ERR_CONFLICT, "answers",
		    "%s was replaced meanwhile: try again", path);
		goto bad;
	}
	if (repair(a, e) == 0)
		return a;
bad:
	answers_close(a);
	return NULL;
}

size_t
answers_lost(const struct answers *a)
{
	return a->lost;
}

/* Before anything changes: the disk must say that it does not have it all. */
static int
unsettle(struct answers *a, struct err *e)
{
	a->since++;
	if (a->head->unsettled == clock_boot_id())
		return 0;
	a->head->unsettled = clock_boot_id();
	a->settled = a->since = 0;
	if (msync(a->head, ANSWERS_HEAD_SIZE, MS_SYNC) == 0)
		return 0;
	a->head->unsettled = 0;
	return err_set(e, ERR_UNAVAILABLE, "answers", "%s: %s", a->path,
	    strerror(errno));
}

int
answers_reserve(struct answers *a, size_t n, struct err *e)
{
	a->reserved = n;
	if (n * 10 <= a->head->n_slots * 7)
		return 0;
	if (file_rewrite(a, 0, NULL, e) == 0)
		return 0;
	a->reserved = 0;
	return -1;
}

int
answers_issuer_put(struct answers *a, const char *name,
    const struct ocsp_issuer *hashes, const uint8_t *responder_der,
    size_t size, struct err *e)
{
	struct answer_head *h = a->head;
	struct answer_issuer row = { .hashes = *hashes,
		.responder_size = (uint32_t)size };
	uint32_t n = h->n_issuers;

	if (size > RESPONDER_MAX || !str_copy(row.name, sizeof row.name, name))
		return err_set(e, ERR_BAD_INPUT, "answers",
		    "the responder's certificate has %zu bytes: %u at most",
		    size, RESPONDER_MAX);
	memcpy(row.responder, responder_der, size);
	for (uint32_t i = 0; i < n; i++) {
		if (strcmp(h->issuers[i].name, name) != 0)
			continue;
		if (memcmp(&h->issuers[i], &row, sizeof row) != 0 &&
		    file_rewrite(a, i, &row, e) < 0)
			return -1;
		return (int)i;
	}
	if (n == ANSWERS_ISSUERS)
		return err_set(e, ERR_REFUSED, "answers",
		    "no room for issuer %s: %u at most", name,
		    ANSWERS_ISSUERS);
	if (unsettle(a, e) < 0)
		return -1;
	h->issuers[n] = row;
	__atomic_store_n(&h->n_issuers, n + 1, __ATOMIC_RELEASE);
	return (int)n;
}

static int
slot_make(struct answer_slot *s, const uint8_t *serial, size_t serial_size,
    const struct answer *in, struct err *e)
{
	const int64_t times[] = { in->status.revoked, in->this_update,
		in->next_update };

	if (serial_size == 0 || serial_size > SERIAL_MAX)
		return err_set(e, ERR_BAD_INPUT, "answers",
		    "a serial of %zu octets", serial_size);
	for (int i = 0; i < 3; i++)
		if (times[i] < 0 || times[i] > UINT32_MAX)
			return err_set(e, ERR_BAD_INPUT, "answers",
			    "a time before 1970 or after 2106");
	s->serial_size = (uint8_t)serial_size;
	memcpy(s->serial, serial, serial_size);
	s->state = (uint8_t)in->status.state;
	s->reason = (uint8_t)in->status.reason;
	s->issuer = in->issuer;
	s->last = in->last;
	s->revoked = (uint32_t)in->status.revoked;
	s->this_update = (uint32_t)in->this_update;
	s->next_update = (uint32_t)in->next_update;
	for (int k = 0; k < 2; k++) {
		if (in->signature_size[k] > ANSWERS_SIGNATURE)
			return err_set(e, ERR_BAD_INPUT, "answers",
			    "a signature of %u bytes: %u at most",
			    in->signature_size[k], ANSWERS_SIGNATURE);
		s->signature_size[k] = in->signature_size[k];
		memcpy(s->signature[k], in->signature[k],
		    in->signature_size[k]);
	}
	s->crc = slot_crc(s);
	return 0;
}

int
answers_put(struct answers *a, const uint8_t *serial, size_t serial_size,
    const struct answer *in, struct err *e)
{
	struct answer_slot s = { 0 };
	uint64_t i;
	bool found;

	if (slot_make(&s, serial, serial_size, in, e) < 0 ||
	    unsettle(a, e) < 0)
		return -1;
	i = slot_for(a, serial, serial_size, &found);
	if (!found && (a->head->used + 1) * 10 > a->head->n_slots * 7) {
		if (file_rewrite(a, 0, NULL, e) < 0)
			return -1;
		i = slot_for(a, serial, serial_size, &found);
	}
	slot_put(a, i, &s, found);
	return 0;
}

/* All is on the disk; that it says so may come there when it likes. */
static int
settled_note(struct answers *a, struct err *e)
{
	a->settled = a->since = 0;
	a->head->unsettled = 0;
	if (msync(a->head, ANSWERS_HEAD_SIZE, MS_ASYNC) == 0)
		return 0;
	return err_set(e, ERR_UNAVAILABLE, "answers", "%s: %s", a->path,
	    strerror(errno));
}

bool
answers_unsettled(const struct answers *a)
{
	return a->head->unsettled != 0;
}

/* Slices from the beginning; then, when few came meanwhile, these too, with
 * nothing in between. */
int
answers_settle(struct answers *a, bool *more, struct err *e)
{
	size_t n = a->size - a->settled;

	*more = a->head->unsettled != 0;
	if (!*more)
		return 0;
	if (a->settled == 0)
		a->since = 0;
	if (n > SETTLE_BYTES)
		n = SETTLE_BYTES;
	if (n > 0) {
		if (msync((char *)a->head + a->settled, n, MS_SYNC) < 0)
			return err_set(e, ERR_UNAVAILABLE, "answers", "%s: %s",
			    a->path, strerror(errno));
		a->settled += n;
		if (a->settled < a->size)
			return 0;
	}
	if (a->since > SETTLE_LAST) {
		a->settled = 0;
		return 0;
	}
	*more = false;
	return a->since == 0 ? settled_note(a, e) : answers_sync(a, e);
}

int
answers_sync(struct answers *a, struct err *e)
{
	a->settled = 0;
	if (msync(a->head, a->size, MS_SYNC) == 0)
		return settled_note(a, e);
	return err_set(e, ERR_UNAVAILABLE, "answers", "%s: %s", a->path,
	    strerror(errno));
}
