/* report_map.c - a table of two numbers by the keyed hash of a name. */
#include "core/registrar/report/report_map.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/x509/hash.h"

/* ---- SipHash-2-4 ---- */

struct sip {
	uint64_t a, b, c, d;
};

static uint64_t
turn(uint64_t v, int by)
{
	return v << by | v >> (64 - by);
}

static void
sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = turn(s->b, 13) ^ s->a;
	s->a = turn(s->a, 32);
	s->c += s->d;
	s->d = turn(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = turn(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = turn(s->b, 17) ^ s->c;
	s->c = turn(s->c, 32);
}

static void
sip_word(struct sip *s, uint64_t word)
{
	s->d ^= word;
	sip_round(s);
	sip_round(s);
	s->a ^= word;
}

static uint64_t
word_at(const uint8_t *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)p[i] << (8 * i);
	return word;
}

static uint64_t
sip_of(const uint64_t key[2], const void *data, size_t size)
{
	struct sip s = { key[0] ^ UINT64_C(0x736f6d6570736575),
		key[1] ^ UINT64_C(0x646f72616e646f6d),
		key[0] ^ UINT64_C(0x6c7967656e657261),
		key[1] ^ UINT64_C(0x7465646279746573) };
	const uint8_t *p = data;
	size_t whole = size / 8;

	for (size_t i = 0; i < whole; i++)
		sip_word(&s, word_at(p + 8 * i, 8));
	sip_word(&s, word_at(p + 8 * whole, size % 8) |
	    (uint64_t)(size & 0xff) << 56);
	s.c ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

uint64_t
map_key(const char *kind, const char *name, size_t size)
{
	static uint64_t secret[2];
	char text[256];
	size_t n = strlen(kind) + 1;

	if (secret[0] == 0)
		random_bytes(secret, sizeof secret);
	if (size > sizeof text - n)
		size = sizeof text - n;
	memcpy(text, kind, n);
	memcpy(text + n, name, size);
	return sip_of(secret, text, n + size);
}

uint64_t
map_key_of(int64_t number)
{
	return (uint64_t)number * UINT64_C(0x9e3779b97f4a7c15);
}

/* ---- the table ---- */

static struct slot *
place(struct slot *slots, size_t room, uint64_t key)
{
	size_t i = (size_t)(key >> 20) & (room - 1);

	while (slots[i].used && slots[i].key != key)
		i = (i + 1) & (room - 1);
	return &slots[i];
}

struct slot *
map_find(struct map *m, uint64_t key)
{
	struct slot *s = m->room == 0 ? NULL : place(m->slots, m->room, key);

	return s != NULL && s->used ? s : NULL;
}

static void
map_grow(struct map *m)
{
	size_t room = m->room ? m->room * 2 : 4096;
	struct slot *slots = xcalloc(room, sizeof *slots);

	for (size_t i = 0; i < m->room; i++)
		if (m->slots[i].used)
			*place(slots, room, m->slots[i].key) = m->slots[i];
	free(m->slots);
	m->slots = slots;
	m->room = room;
}

struct slot *
map_put(struct map *m, uint64_t key)
{
	struct slot *s = NULL;

	if (m->n * 2 >= m->room)
		map_grow(m);
	s = place(m->slots, m->room, key);
	if (!s->used) {
		m->n++;
		*s = (struct slot){ .key = key, .used = true };
	}
	return s;
}

void
map_clear(struct map *m)
{
	free(m->slots);
	*m = (struct map){ 0 };
}
