/* journal.c - appending intents and certificates, in the order that makes
 * a signature without a record impossible. */
#include "core/signer/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/signer/journal_parts.h"
#include "core/x509/hash.h"

#define PAGE_ROWS 1000
#define DER_MAX 65535u

enum serial_state
journal_find(struct journal *j, const uint8_t serial[SERIAL_SIZE],
    struct intent *intent)
{
	struct journal_slot *s = journal_index_find(j, serial);
	struct record r;

	if (s == NULL)
		return SERIAL_NEW;
	if (intent != NULL) {
		memset(intent, 0, sizeof *intent);
		memcpy(intent->serial, serial, SERIAL_SIZE);
		if (journal_record(j, s->intent - 1, &r) == 0) {
			intent->request = r.request;
			intent->at = r.at;
			memcpy(intent->digest, r.digest, 32);
			intent->policy = r.policy;
		}
	}
	return s->is_signed ? SERIAL_SIGNED : SERIAL_INTENDED;
}

void
journal_intend(struct journal *j, const struct intent *i)
{
	struct record r = { .kind = RECORD_INTENT, .request = i->request,
		.at = i->at, .issuer = i->issuer, .policy = i->policy };

	memcpy(r.serial, i->serial, SERIAL_SIZE);
	memcpy(r.digest, i->digest, 32);
	journal_record_put(&j->queue, &r, j->count + j->queue.size / RECORD_SIZE);
	journal_index_add(j, r.serial, (uint32_t)(j->count + j->queue.size /
	    RECORD_SIZE));
}

/*
 * Write both queues behind what is there, certificates first, so that a
 * signed record never points at nothing.  What a full disk refuses is taken
 * back and stays queued, in its place, for the next try; when even that fails
 * the files' ends are unknown, and nothing is signed until the next start.
 */
static int
queues_write(struct journal *j, struct err *e)
{
	off_t end = (off_t)(HEAD_SIZE + j->count * RECORD_SIZE);

	if (j->broken)
		return err_set(e, ERR_UNAVAILABLE, "signer-journal",
		    "the signer's journal failed before: look at its disk, "
		    "then restart the signer");
	if (fd_pwrite_all(j->der_fd, j->der_queue.data, j->der_queue.size,
	    (off_t)j->der_size) < 0 || fd_pwrite_all(j->fd, j->queue.data,
	    j->queue.size, end) < 0) {
		err_set(e, ERR_UNAVAILABLE, "signer-journal",
		    "the signer's journal cannot be written: %s",
		    strerror(errno));
		j->broken = ftruncate(j->fd, end) < 0 ||
		    ftruncate(j->der_fd, (off_t)j->der_size) < 0;
		return -1;
	}
	j->unsettled = j->unsettled || j->queue.size > 0;
	j->count += j->queue.size / RECORD_SIZE;
	j->der_size += j->der_queue.size;
	j->queue.size = j->der_queue.size = 0;
	return 0;
}

static int
records_sync(struct journal *j, struct err *e)
{
	if (fdatasync(j->fd) == 0)
		return 0;
	/* the kernel may have dropped the pages: only a new start knows what
	 * is there (fsync is not to be tried again) */
	j->broken = true;
	return err_set(e, ERR_UNAVAILABLE, "signer-journal",
	    "the signer's journal cannot be made durable: %s",
	    strerror(errno));
}

int
journal_ready(struct journal *j, struct err *e)
{
	if (j->count > UINT32_MAX - 2 * SHAPE_LIST_MAX)
		return err_set(e, ERR_UNAVAILABLE, "signer-journal",
		    "the signer's journal is full");
	return queues_write(j, e);
}

int
journal_intents_sync(struct journal *j, struct err *e)
{
	if (queues_write(j, e) < 0)
		return -1;
	return records_sync(j, e);
}

void
journal_signed(struct journal *j, const uint8_t serial[SERIAL_SIZE],
    const uint8_t *der, size_t size)
{
	struct record r = { .kind = RECORD_SIGNED, .at = clock_now(),
		.size = (uint32_t)size };
	struct journal_slot *s = journal_index_find(j, serial);

	if (s == NULL || s->is_signed || size > DER_MAX)
		fatal("journal: a signature without its intent");
	r.request = s->intent;
	memcpy(r.serial, serial, SERIAL_SIZE);
	r.offset = (int64_t)(j->der_size + j->der_queue.size);
	sha256(r.digest, der, size);
	journal_record_put(&j->queue, &r, j->count + j->queue.size / RECORD_SIZE);
	buf_put(&j->der_queue, der, size);
	s->is_signed = (uint32_t)(j->count + j->queue.size / RECORD_SIZE);
}

int
journal_signed_write(struct journal *j, struct err *e)
{
	return queues_write(j, e);
}

bool
journal_unsettled(const struct journal *j)
{
	return !j->broken && (j->unsettled || j->queue.size > 0);
}

int
journal_settle(struct journal *j, struct err *e)
{
	if (queues_write(j, e) < 0)
		return -1;
	if (!j->unsettled)
		return 0;
	j->unsettled = false;
	if (fdatasync(j->der_fd) < 0) {
		j->broken = true;
		return err_set(e, ERR_UNAVAILABLE, "signer-journal",
		    "the journalled certificates cannot be made durable: %s",
		    strerror(errno));
	}
	return records_sync(j, e);
}

int
journal_certificate(struct journal *j, const uint8_t serial[SERIAL_SIZE],
    struct blob *der, struct err *e)
{
	struct journal_slot *s = journal_index_find(j, serial);
	uint8_t *bytes = NULL, hash[32];
	struct record r;
	int ok = 0;

	if (s != NULL && s->is_signed &&
	    journal_record(j, s->is_signed - 1, &r) == 0 &&
	    r.size > 0 && r.size <= DER_MAX) {
		bytes = xmalloc(r.size);
		ok = fd_pread_all(j->der_fd, bytes, r.size,
		    (off_t)r.offset) == 0;
		if (ok) {
			sha256(hash, bytes, r.size);
			ok = memcmp(hash, r.digest, 32) == 0;
		}
	}
	if (ok)
		blob_set(der, bytes, r.size);
	free(bytes);
	if (ok)
		return 0;
	return err_set(e, ERR_CONFLICT, "serial-burnt",
	    "this serial's certificate did not survive a crash: it is never "
	    "signed again, draw a new serial");
}

static int
entry_fill(struct journal *j, const struct record *intent, uint32_t number,
    struct journal_entry *out)
{
	struct journal_slot *s = journal_index_find(j, intent->serial);
	struct record r;

	out->number = number;
	hex_encode(out->serial, intent->serial, SERIAL_SIZE);
	out->request = intent->request;
	out->at = intent->at;
	if (intent->policy != 0)
		snprintf(out->policy, sizeof out->policy, "%016llx",
		    (unsigned long long)intent->policy);
	if (intent->issuer != 0)
		snprintf(out->issuer, sizeof out->issuer, "ica-%s-%u",
		    intent->issuer & INTENT_PERSON ? "person" : "server",
		    intent->issuer & ~INTENT_PERSON);
	if (s == NULL || !s->is_signed)
		return 0;
	if (journal_record(j, s->is_signed - 1, &r) < 0)
		return -1;
	out->is_signed = true;
	memcpy(out->sha256, r.digest, 32);
	return 0;
}

int
journal_page(struct journal *j, int64_t after, struct journal_page *out,
    struct err *e)
{
	struct record r;

	for (uint64_t i = after < 0 ? 0 : (uint64_t)after; i < j->count; i++) {
		if (journal_record(j, i, &r) < 0) {
			if (r.kind == RECORD_VOID)
				continue;
			return err_set(e, ERR_BROKEN, "signer-journal",
			    "journal record %llu cannot be read",
			    (unsigned long long)i);
		}
		if (r.kind != RECORD_INTENT)
			continue;
		if (out->n_rows == PAGE_ROWS) {
			out->more = true;
			break;
		}
		if (entry_fill(j, &r, (uint32_t)i + 1,
		    LIST_ADD(out, rows)) < 0)
			return err_set(e, ERR_BROKEN, "signer-journal",
			    "journal record %llu cannot be read",
			    (unsigned long long)i);
	}
	return 0;
}
