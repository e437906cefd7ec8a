/* journal_index.c - serial to record: open addressing, 12 bytes a slot. */
#include "core/signer/journal_parts.h"

#include <stdlib.h>
#include <string.h>

#define FEWEST 1024

/* Serials are random: their own octets are the hash. */
static uint32_t
serial_tag(const uint8_t *serial)
{
	uint32_t tag;

	memcpy(&tag, serial + 1, sizeof tag);
	return tag;
}

static size_t
serial_home(uint32_t tag, size_t n_slots)
{
	return (size_t)(tag * 0x9e3779b97f4a7c15ull >> 20) & (n_slots - 1);
}

static bool
slot_is(struct journal *j, const struct journal_slot *s,
    const uint8_t serial[SERIAL_SIZE])
{
	struct record r;

	return journal_record(j, s->intent - 1, &r) == 0 &&
	    memcmp(r.serial, serial, SERIAL_SIZE) == 0;
}

struct journal_slot *
journal_index_find(struct journal *j, const uint8_t serial[SERIAL_SIZE])
{
	uint32_t tag = serial_tag(serial);

	if (j->n_slots == 0)
		return NULL;
	for (size_t i = serial_home(tag, j->n_slots); j->slots[i].intent != 0;
	    i = (i + 1) & (j->n_slots - 1))
		if (j->slots[i].tag == tag && slot_is(j, &j->slots[i], serial))
			return &j->slots[i];
	return NULL;
}

static struct journal_slot *
slot_free(struct journal_slot *slots, size_t n, uint32_t tag)
{
	size_t i = serial_home(tag, n);

	while (slots[i].intent != 0)
		i = (i + 1) & (n - 1);
	return &slots[i];
}

static void
journal_index_grow(struct journal *j)
{
	size_t n = j->n_slots ? j->n_slots * 2 : FEWEST;
	struct journal_slot *slots = xcalloc(n, sizeof *slots);

	for (size_t i = 0; i < j->n_slots; i++)
		if (j->slots[i].intent != 0)
			*slot_free(slots, n, j->slots[i].tag) = j->slots[i];
	free(j->slots);
	j->slots = slots;
	j->n_slots = n;
}

void
journal_index_add(struct journal *j, const uint8_t serial[SERIAL_SIZE],
    uint32_t intent)
{
	struct journal_slot *s;

	if ((j->used + 1) * 10 > j->n_slots * 7)
		journal_index_grow(j);
	s = slot_free(j->slots, j->n_slots, serial_tag(serial));
	s->intent = intent;
	s->is_signed = 0;
	s->tag = serial_tag(serial);
	j->used++;
}

void
journal_index_sign(struct journal *j, const uint8_t serial[SERIAL_SIZE],
    uint32_t intent, uint32_t is_signed)
{
	uint32_t tag = serial_tag(serial);

	if (j->n_slots == 0)
		return;
	for (size_t i = serial_home(tag, j->n_slots); j->slots[i].intent != 0;
	    i = (i + 1) & (j->n_slots - 1))
		if (j->slots[i].intent == intent) {
			j->slots[i].is_signed = is_signed;
			return;
		}
}
