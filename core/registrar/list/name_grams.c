/* name_grams.c - how common the trigrams of names are, and the rare ones of a
 * text as a question to the trigram index. */
#include "core/registrar/list/name_grams.h"

#include <string.h>

#define ASKED 3			/* trigrams; more would find hardly less */
#define ROWS_MOST 20000		/* then the past counts half */
#define COMMON 20		/* one row of so many: the newest rows have it */
#define DENSE 50		/* costs the index more than it excludes */

/* Bytes of the character at s, which is UTF-8 or bytes that count as one. */
static size_t
step(const char *s)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return i;
	return n;
}

/* Bytes of the trigram at s; 0: there are not three characters. */
static size_t
gram_size(const char *s)
{
	size_t n = 0;

	for (int i = 0; i < 3; i++) {
		if (s[n] == '\0')
			return 0;
		n += step(s + n);
	}
	return n;
}

static unsigned
slot(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		h = (h ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * 16777619u;
	}
	return (h ^ h >> 15) % GRAMS_SLOTS;
}

void
grams_count(struct grams *g, const char *text)
{
	size_t n;

	if (g->rows >= ROWS_MOST) {
		g->rows /= 2;
		for (size_t i = 0; i < GRAMS_SLOTS; i++)
			g->seen[i] /= 2;
	}
	g->rows++;
	/* a trigram twice in a row counts twice: it only looks more common */
	for (; (n = gram_size(text)) > 0; text += step(text))
		if (g->seen[slot(text, n)] < UINT16_MAX)
			g->seen[slot(text, n)]++;
}

struct gram {
	const char *at;
	size_t size;
	unsigned seen;
};

/* The rarest first, ASKED at most, none twice. */
static size_t
rarest(const struct grams *g, const char *text, struct gram best[ASKED])
{
	size_t n = 0, size;

	for (; (size = gram_size(text)) > 0; text += step(text)) {
		struct gram new = { text, size, g->seen[slot(text, size)] };
		size_t i;

		for (i = 0; i < n; i++)
			if (best[i].size == size &&
			    memcmp(best[i].at, text, size) == 0)
				break;
		if (i < n || (n == ASKED && new.seen >= best[n - 1].seen))
			continue;
		i = n < ASKED ? n++ : n - 1;
		for (; i > 0 && best[i - 1].seen > new.seen; i--)
			best[i] = best[i - 1];
		best[i] = new;
	}
	return n;
}

bool
grams_match(const struct grams *g, const char *text, char *match, size_t size,
    bool *common)
{
	struct gram best[ASKED];
	size_t n = rarest(g, text, best), used = 0;
	static const char and[] = " AND ";

	match[0] = '\0';
	*common = n > 0 && best[0].seen * COMMON >= g->rows;
	for (size_t i = 0; i < n; i++) {
		/* quotes and doubled quotes: 2 * 12 + 2 + 5 bytes at most */
		if (used + 2 * best[i].size + 8 > size ||
		    (i > 0 && !*common && best[i].seen * DENSE >= g->rows))
			break;
		if (i > 0) {
			memcpy(match + used, and, sizeof and - 1);
			used += sizeof and - 1;
		}
		match[used++] = '"';
		for (size_t k = 0; k < best[i].size; k++) {
			if (best[i].at[k] == '"')
				match[used++] = '"';
			match[used++] = best[i].at[k];
		}
		match[used++] = '"';
		match[used] = '\0';
	}
	return n > 0;
}
