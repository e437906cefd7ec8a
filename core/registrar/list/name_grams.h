/*
 * name_grams.h - how common trigrams are, so that an index is asked for the
 * rare ones of a text; the common ones it would read for milliseconds.
 */
#ifndef REGISTRAR_NAME_GRAMS_H
#define REGISTRAR_NAME_GRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRAMS_SLOTS 32768
#define GRAMS_SAMPLE 2000	/* rows looked at when nothing is known yet */

struct grams {
	uint32_t rows;
	uint16_t seen[GRAMS_SLOTS];	/* rows with a trigram of this hash */
};

/* One more row with these names. */
void grams_count(struct grams *g, const char *text);
/* What to ask the index for a text: its rarest trigrams.  false: it has not
 * three letters.  *common: the newest rows have them, the index isn't needed. */
bool grams_match(const struct grams *g, const char *text, char *match,
    size_t size, bool *common);

#endif
