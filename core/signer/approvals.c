/* approvals.c - signed approvals, verified against pinned keys; each is used
 * once. */
#include "core/signer/approvals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/signing.h"
#include "core/signer/serve_parts.h"
#include "core/x509/hash.h"
#include "core/x509/sshsig.h"
#include "core/x509/statement.h"

#define SIGNATURES_MAX 8
#define RECORD 64			/* hash 32, serial 17, time 8, check 7 */

/* A statement that a serial was announced with. */
struct used {
	uint8_t hash[32], serial[SERIAL_SIZE];
};

static struct used *used;
static size_t n_used, room_used, n_written;
static uint32_t *slots;		/* 1 + its place in `used`, at its hash */
static size_t n_slots;
static struct buf queue;
static int used_fd = -1;
static size_t lacking;		/* bytes that had no room the last time */

/* ---- what was used ---- */

static size_t
slot_home(const uint8_t hash[32])
{
	uint32_t first;

	memcpy(&first, hash, sizeof first);
	return first & (n_slots - 1);
}

static void
slot_take(size_t place)
{
	size_t i = slot_home(used[place].hash);

	while (slots[i] != 0)
		i = (i + 1) & (n_slots - 1);
	slots[i] = (uint32_t)place + 1;
}

static void
slots_grow(void)
{
	n_slots = n_slots == 0 ? 256 : 2 * n_slots;
	free(slots);
	slots = xcalloc(n_slots, sizeof *slots);
	for (size_t i = 0; i < n_used; i++)
		slot_take(i);
}

static void
used_add(const uint8_t hash[32], const uint8_t serial[SERIAL_SIZE])
{
	if (n_used == room_used) {
		room_used = room_used == 0 ? 64 : 2 * room_used;
		used = xrealloc_array(used, room_used, sizeof *used);
	}
	memcpy(used[n_used].hash, hash, 32);
	memcpy(used[n_used].serial, serial, SERIAL_SIZE);
	n_used++;
	if (2 * n_used > n_slots)
		slots_grow();
	else
		slot_take(n_used - 1);
}

static void
record_put(struct buf *b, const uint8_t hash[32],
    const uint8_t serial[SERIAL_SIZE], int64_t at)
{
	size_t from = b->size;
	uint8_t check[32];

	buf_put(b, hash, 32);
	buf_put(b, serial, SERIAL_SIZE);
	buf_put_i64(b, at);
	sha256(check, b->data + from, 57);
	buf_put(b, check, 7);
}

/* Records that lost their end with the power were never signed for. */
static void
records_load(const struct blob *b)
{
	uint8_t check[32];

	for (size_t at = 0; at + RECORD <= b->size; at += RECORD) {
		sha256(check, b->data + at, 57);
		if (memcmp(check, b->data + at + 57, 7) == 0)
			used_add(b->data + at, b->data + at + 32);
	}
}

int
approvals_open(struct signer *s, struct err *e)
{
	char path[CONF_PATH_SIZE];
	struct blob b = { 0 };
	struct stat st;

	if (sign_path(s, path, "", "statements", "") < 0)
		return -1;
	used_fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (used_fd < 0 || fstat(used_fd, &st) < 0)
		return err_set(e, ERR_UNAVAILABLE, "ca-folder", "%s: %s",
		    path, strerror(errno));
	if (file_read(path, 1u << 30, &b, e) < 0)
		return -1;
	records_load(&b);
	blob_clear(&b);
	/* a torn end is written over */
	n_written = (size_t)st.st_size / RECORD;
	return 0;
}

void
approvals_close(void)
{
	free(used);
	free(slots);
	used = NULL;
	slots = NULL;
	n_slots = 0;
	n_used = room_used = n_written = lacking = 0;
	buf_clear(&queue);
	if (used_fd >= 0)
		close(used_fd);
	used_fd = -1;
}

static int
records_write(const void *data, size_t size, struct err *e)
{
	ssize_t n = used_fd < 0 ? 0 : pwrite(used_fd, data, size,
	    (off_t)(n_written * RECORD));

	if (n >= 0 && n < (ssize_t)size)
		errno = ENOSPC;		/* a part of it had room */
	else if (n == (ssize_t)size && fdatasync(used_fd) == 0)
		return 0;
	lacking = size;
	return err_set(e, ERR_UNAVAILABLE, "signer-journal",
	    "the signer cannot keep which approvals were used: %s",
	    strerror(errno));
}

int
approvals_ready(struct err *e)
{
	struct buf nothing = { 0 };
	int r = 0;

	if (lacking == 0)
		return 0;
	/* no records; the next ones are written over them */
	buf_reserve(&nothing, lacking);
	memset(nothing.data, 0, lacking);
	if ((r = records_write(nothing.data, lacking, e)) == 0)
		lacking = 0;
	buf_clear(&nothing);
	return r;
}

int
approvals_sync(struct err *e)
{
	if (queue.size == 0)
		return 0;
	if (records_write(queue.data, queue.size, e) < 0) {
		queue.size = 0;		/* nothing is signed: nothing is used */
		return -1;
	}
	n_written += queue.size / RECORD;
	queue.size = 0;
	return 0;
}

/* Used for a deed, or for a serial that was signed or may yet be: not again.  A
 * serial that was only announced is burnt, its approval free for another. */
static bool
is_used(struct signer *s, const uint8_t hash[32])
{
	static const uint8_t deed[SERIAL_SIZE];

	if (n_slots == 0)
		return false;
	for (size_t i = slot_home(hash); slots[i] != 0;
	    i = (i + 1) & (n_slots - 1)) {
		const struct used *u = &used[slots[i] - 1];

		if (memcmp(u->hash, hash, 32) == 0 &&
		    (memcmp(u->serial, deed, SERIAL_SIZE) == 0 ||
		    journal_find(s->journal, u->serial, NULL) ==
		    SERIAL_SIGNED))
			return true;
	}
	return false;
}

static bool
is_in_batch(const uint8_t hash[32])
{
	for (size_t at = 0; at + RECORD <= queue.size; at += RECORD)
		if (memcmp(queue.data + at, hash, 32) == 0)
			return true;
	return false;
}

static void
statement_hash(const struct signer *s, const struct sign_wish *w,
    const struct approval_signature *a, struct buf *text, uint8_t hash[32])
{
	text->size = 0;
	statement_approve(text, s->conf.service_name, w, a->approver, a->at);
	sha256(hash, text->data, text->size);
}

void
approvals_use(struct signer *s, const struct sign_wish *w, int64_t now)
{
	uint8_t hash[32], serial[SERIAL_SIZE];
	struct buf text = { 0 };

	if (!signing_for_profile(s->conf.policy_signed_approvals, w->profile) ||
	    sign_serial_read(serial, w->serial) < 0)
		return;
	for (size_t i = 0; i < w->n_approvals; i++) {
		statement_hash(s, w, &w->approvals[i], &text, hash);
		used_add(hash, serial);
		record_put(&queue, hash, serial, now);
	}
	buf_clear(&text);
}

/* ---- one signature ---- */

static int
time_check(const struct approval_signature *a, int64_t now, struct err *e)
{
	char when[TIME_TEXT_SIZE];

	if (a->at >= now - STATEMENT_SECONDS && a->at <= now +
	    STATEMENT_AHEAD)
		return 0;
	time_text(when, a->at);
	return err_set(e, ERR_REFUSED, "statement-time",
	    "the statement of %s was signed for %s: it counts for a day; sign a new one",
	    a->approver, when);
}

int
approvals_verify(struct signer *s, const struct buf *text,
    const struct approval_signature *a, const struct blob *pins,
    unsigned *roles, int64_t now, struct err *e)
{
	struct sshsig sig;
	uint8_t hash[32];

	if (time_check(a, now, e) < 0 || sshsig_parse(a->signature.data,
	    a->signature.size, &sig, e) < 0)
		return -1;
	sha256(hash, text->data, text->size);
	*roles &= pins_roles(pins, a->approver, &sig, now);
	if (*roles == 0)
		return err_set(e, ERR_REFUSED, "signed-approval",
		    "the key of this signature is not pinned for %s: `xmpp-icactl approver add %s < KEY.pub` on the host",
		    a->approver, a->approver);
	if (is_used(s, hash) || is_in_batch(hash))
		return err_set(e, ERR_REFUSED, "statement-used",
		    "this statement of %s was used before; sign a new one",
		    a->approver);
	return sshsig_verify(&sig, STATEMENT_SPACE, text->data, text->size,
	    s->conf.policy_signed_approvals_verified, e);
}

int
approvals_spend(const struct buf *text, int64_t now, struct err *e)
{
	static const uint8_t deed[SERIAL_SIZE];
	uint8_t hash[32];

	sha256(hash, text->data, text->size);
	record_put(&queue, hash, deed, now);
	if (approvals_sync(e) < 0)
		return -1;
	used_add(hash, deed);
	return 0;
}

static int
signature_check(struct signer *s, const struct sign_wish *w,
    const struct approval_signature *a, const struct blob *pinned,
    int64_t now, struct err *e)
{
	unsigned roles = ROLE_BIT(ROLE_STAFF);
	struct buf text = { 0 };
	int r = -1;

	if (strcmp(a->approver, w->requester) == 0)
		return err_set(e, ERR_REFUSED, "sign-approver",
		    "%s cannot approve an own request: somebody else must",
		    w->requester);
	statement_approve(&text, s->conf.service_name, w, a->approver, a->at);
	r = approvals_verify(s, &text, a, pinned, &roles, now, e);
	buf_clear(&text);
	return r;
}

/* Asked when an approval comes in, so that one that would not count is told to
 * its maker, and not to the member. */
int
serve_sign_approval_check(struct seat *seat, const struct sign_wish *a,
    struct none *r, struct err *e)
{
	struct signer *s = &signer_self;
	struct blob pinned = { 0 };
	int64_t now = clock_now();
	int done = pins_read(s, &pinned, e);

	(void)seat;
	(void)r;
	for (size_t i = 0; i < a->n_approvals && done == 0; i++)
		done = signature_check(s, a, &a->approvals[i], &pinned, now,
		    e);
	blob_clear(&pinned);
	return done;
}

bool
approvals_same_key(const struct approval_signature *a,
    const struct approval_signature *b)
{
	struct sshsig one, other;

	return sshsig_parse(a->signature.data, a->signature.size, &one,
	    NULL) == 0 && sshsig_parse(b->signature.data, b->signature.size,
	    &other, NULL) == 0 && one.key_size == other.key_size &&
	    memcmp(one.key, other.key, one.key_size) == 0;
}

/* Signatures of the same person, or by the same key, count once. */
static bool
is_first(const struct sign_wish *w, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(w->approvals[k].approver,
		    w->approvals[i].approver) == 0 ||
		    approvals_same_key(&w->approvals[k], &w->approvals[i]))
			return false;
	return true;
}

int
approvals_check(struct signer *s, const struct sign_wish *w, int64_t now,
    struct err *e)
{
	int64_t needed = s->conf.policy_approvals, good = 0;
	struct blob pinned = { 0 };
	int r = 0;

	if (!signing_for_profile(s->conf.policy_signed_approvals, w->profile))
		return 0;
	if (needed < 1)
		needed = 1;
	if (w->n_approvals > SIGNATURES_MAX)
		return err_set(e, ERR_REFUSED, "signed-approval",
		    "%zu signed approvals are too many", w->n_approvals);
	if (pins_read(s, &pinned, e) < 0)
		return -1;
	for (size_t i = 0; i < w->n_approvals && r == 0; i++)
		if (is_first(w, i) && (r = signature_check(s, w,
		    &w->approvals[i], &pinned, now, e)) == 0)
			good++;
	blob_clear(&pinned);
	if (r < 0 || good >= needed)
		return r;
	return err_set(e, ERR_REFUSED, "signed-approval",
	    "request %lld has %lld signed approvals, the policy asks for %lld: `approve %lld --statement | ssh-keygen -Y sign -n %s -f KEY | approve %lld --signed`",
	    (long long)w->request, (long long)good, (long long)needed,
	    (long long)w->request, STATEMENT_SPACE, (long long)w->request);
}
