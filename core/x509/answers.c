/* answers.c - reading the published answers: found by hash, copied under a
 * sequence lock, checked by CRC. */
#include "core/x509/answers.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/crc.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/x509/answers_map.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the answers file is little-endian: add conversions for this machine"
#endif

#define TRIES 64		/* to copy a slot between two changes, */
#define ROUNDS 64		/* and then to find its change in redo */
#define HEALTH_MS 1000		/* between two looks at all, */
#define HEALTH_SHARE 100	/* and so many times as long as one takes */
#define HEALTH_OLD_MS 300000	/* while nothing can have become stale */
#define HEALTH_SLICE 65536	/* slots: a few milliseconds */

uint64_t
answers_home(const uint8_t *serial, size_t size)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < size; i++)
		h = (h ^ serial[i]) * 0x100000001b3ull;
	return h ^ h >> 32;
}

uint32_t
slot_crc(const struct answer_slot *s)
{
	const size_t from = offsetof(struct answer_slot, serial_size);

	return crc32c(0, (const uint8_t *)s + from, sizeof *s - from);
}

static bool
slot_whole(const struct answer_slot *s)
{
	return s->crc == slot_crc(s) && s->serial_size <= SERIAL_MAX &&
	    s->signature_size[0] <= ANSWERS_SIGNATURE &&
	    s->signature_size[1] <= ANSWERS_SIGNATURE;
}

/* Copy a slot that a writer may change meanwhile. */
static bool
slot_copy(const struct answer_slot *s, struct answer_slot *out)
{
	for (int k = 0; k < TRIES; k++) {
		uint32_t before = __atomic_load_n(&s->sequence,
		    __ATOMIC_ACQUIRE);

		if ((before & 1) == 0) {
			memcpy(out, s, sizeof *out);
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
			if (__atomic_load_n(&s->sequence,
			    __ATOMIC_RELAXED) == before)
				return true;
		}
		if (k % 8 == 7)
			sched_yield();
	}
	return false;
}

/* A slot that stays odd was left by a writer that died, or waits for one that
 * does not run now: the whole change is in redo. */
static bool
redo_copy(const struct answers *a, uint64_t i, struct answer_slot *out)
{
	const struct answer_head *h = a->head;

	if (!__atomic_load_n(&h->redo_valid, __ATOMIC_ACQUIRE) ||
	    __atomic_load_n(&h->redo_slot, __ATOMIC_RELAXED) != i)
		return false;
	memcpy(out, &h->redo, sizeof *out);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return (__atomic_load_n(&a->slots[i].sequence,
	    __ATOMIC_RELAXED) & 1) != 0 && slot_whole(out);
}

bool
slot_read(const struct answers *a, uint64_t i, struct answer_slot *out)
{
	for (int k = 0; k < ROUNDS; k++) {
		if (slot_copy(&a->slots[i], out)) {
			if (out->serial_size > 0 && slot_whole(out))
				return true;
			break;		/* free, or damaged for good */
		}
		if (redo_copy(a, i, out))
			return true;
		sched_yield();
	}
	memset(out, 0, sizeof *out);
	return false;
}

static int
head_check(const struct answers *a, struct err *e)
{
	const struct answer_head *h = a->head;

	if (memcmp(h->magic, ANSWERS_MAGIC, 8) != 0 ||
	    h->version != ANSWERS_VERSION ||
	    h->n_issuers > ANSWERS_ISSUERS || h->n_slots == 0 ||
	    (h->n_slots & (h->n_slots - 1)) != 0 ||
	    h->n_slots > SIZE_MAX / 2 / sizeof(struct answer_slot) ||
	    a->size != ANSWERS_HEAD_SIZE +
	    h->n_slots * sizeof(struct answer_slot))
		return err_set(e, ERR_BROKEN, "answers",
		    "%s is no file of answers of this version", a->path);
	return 0;
}

int
answers_map(struct answers *a, struct err *e)
{
	struct stat st;
	void *p;

	if (fstat(a->fd, &st) < 0 || st.st_size < (off_t)ANSWERS_HEAD_SIZE)
		return err_set(e, ERR_BROKEN, "answers",
		    "%s is too short for a file of answers", a->path);
	p = mmap(NULL, (size_t)st.st_size,
	    a->writer ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
	    a->fd, 0);
	if (p == MAP_FAILED)
		return err_set(e, ERR_UNAVAILABLE, "answers", "%s: %s",
		    a->path, strerror(errno));
	a->size = (size_t)st.st_size;
	a->head = p;
	a->slots = (struct answer_slot *)((char *)p + ANSWERS_HEAD_SIZE);
	a->device = st.st_dev;
	a->inode = st.st_ino;
	return head_check(a, e);
}

void
answers_unmap(struct answers *a)
{
	if (a->head != NULL)
		munmap(a->head, a->size);
	a->head = NULL;
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

struct answers *
answers_open(const char *path, struct err *e)
{
	struct answers *a = xcalloc(1, sizeof *a);

	a->path = xstrdup(path);
	a->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (a->fd < 0)
		err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE,
		    "answers", "%s: %s", path, strerror(errno));
	if (a->fd >= 0 && answers_map(a, e) == 0)
		return a;
	answers_close(a);
	return NULL;
}

void
answers_close(struct answers *a)
{
	if (a == NULL)
		return;
	answers_unmap(a);
	free(a->path);
	free(a);
}

bool
answers_stale(const struct answers *a)
{
	struct stat st;

	if (__atomic_load_n(&a->head->retired, __ATOMIC_ACQUIRE))
		return true;
	return stat(a->path, &st) == 0 && (st.st_ino != a->inode ||
	    st.st_dev != a->device);
}

bool
answers_retired(const struct answers *a)
{
	return __atomic_load_n(&a->head->retired, __ATOMIC_ACQUIRE) != 0;
}

uint64_t
answers_generation(const struct answers *a)
{
	return a->head->generation;
}

static void
answer_fill(struct answer *out, const struct answer_slot *s)
{
	hex_encode(out->status.serial, s->serial, s->serial_size);
	out->status.state = s->state;
	out->status.reason = s->reason;
	out->status.revoked = s->revoked;
	out->issuer = s->issuer;
	out->last = s->last != 0;
	out->this_update = s->this_update;
	out->next_update = s->next_update;
	for (int k = 0; k < 2; k++) {
		out->signature_size[k] = s->signature_size[k];
		memcpy(out->signature[k], s->signature[k],
		    s->signature_size[k]);
	}
}

int
answers_find(const struct answers *a, const uint8_t *serial,
    size_t serial_size, struct answer *out)
{
	uint64_t mask = a->head->n_slots - 1;
	struct answer_slot s;

	memset(out, 0, sizeof *out);
	if (serial_size == 0 || serial_size > SERIAL_MAX)
		return 0;
	for (uint64_t i = answers_home(serial, serial_size), k = 0;
	    k <= mask; i++, k++) {
		if (slot_read(a, i & mask, &s)) {
			if (s.serial_size == serial_size &&
			    memcmp(s.serial, serial, serial_size) == 0) {
				answer_fill(out, &s);
				return 1;
			}
		} else if (__atomic_load_n(&a->slots[i & mask].serial_size,
		    __ATOMIC_RELAXED) == 0) {
			return 0;
		}	/* else damaged: what is behind stays found */
	}
	return 0;
}

size_t
answers_issuers(const struct answers *a)
{
	return __atomic_load_n(&a->head->n_issuers, __ATOMIC_ACQUIRE);
}

const struct ocsp_issuer *
answers_issuer(const struct answers *a, size_t i,
    const uint8_t **responder_der, size_t *responder_size)
{
	const struct answer_issuer *row;

	if (i >= answers_issuers(a) || i >= ANSWERS_ISSUERS)
		return NULL;
	row = &a->head->issuers[i];
	if (row->responder_size > RESPONDER_MAX)
		return NULL;
	if (responder_der != NULL)
		*responder_der = row->responder;
	if (responder_size != NULL)
		*responder_size = row->responder_size;
	return &row->hashes;
}

/* Answers of certificates that end before them are not made again: they may
 * end.  0: there is no other. */
static void
slice_look(struct answers *a)
{
	uint64_t end = a->head->n_slots - a->looking > HEALTH_SLICE ?
	    a->looking + HEALTH_SLICE : a->head->n_slots;

	if (a->looking == 0)
		a->looking_least = INT64_MAX;
	for (; a->looking < end; a->looking++) {
		const struct answer_slot *s = &a->slots[a->looking];

		if (s->serial_size != 0 && !s->last &&
		    s->next_update < a->looking_least)
			a->looking_least = s->next_update;
	}
}

/* Answers are only replaced by later ones: what is kept stays a lower bound,
 * and is good while it lies ahead. */
void
answers_health(const struct answers *a, int64_t *next_update, size_t *used)
{
	struct answers *kept = (struct answers *)a;
	int64_t now = clock_mono_ms(), age = now - kept->health_at;

	if (kept->health_at == 0 || kept->looking > 0 || age > HEALTH_OLD_MS ||
	    (kept->health_next <= clock_now() && age > kept->health_pause)) {
		int64_t least = 0;

		slice_look(kept);
		if (kept->looking_least != INT64_MAX)
			least = kept->looking_least;
		/* of the first look: as far as it has come */
		if (kept->looking == a->head->n_slots || kept->health_at == 0)
			kept->health_next = least;
		if (kept->looking == a->head->n_slots) {
			kept->looking = 0;
			kept->health_at = clock_mono_ms();
			kept->health_pause = HEALTH_MS +
			    (kept->health_at - now) * HEALTH_SHARE;
		}
	}
	*next_update = kept->health_next;
	*used = __atomic_load_n(&a->head->used, __ATOMIC_RELAXED);
}
