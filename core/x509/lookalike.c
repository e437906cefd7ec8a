/* lookalike.c - the skeleton of a name: what is left of it at a glance. */
#include "core/x509/lookalike.h"

#include <string.h>

#include "core/base/text.h"
#include "core/x509/idna.h"

static const struct {
	uint32_t c;
	const char *like;
} rows[] = {
#define LOOKS_LIKE(c, like) { c, like },
#include "core/x509/lookalike.def"
#undef LOOKS_LIKE
};

static const char *
like_find(uint32_t c)
{
	size_t low = 0, high = sizeof rows / sizeof *rows;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (rows[middle].c == c)
			return rows[middle].like;
		if (rows[middle].c < c)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void
lookalike_skeleton(const char *shown, char out[LOOKALIKE_SIZE])
{
	const uint8_t *p = (const uint8_t *)shown;
	size_t left = strlen(shown), done = 0, n;
	uint32_t c;

	for (; left > 0 && (n = utf8_decode(p, left, &c)) > 0;
	    p += n, left -= n) {
		const char *like = like_find(c);
		size_t size = like != NULL ? strlen(like) : 0;

		if (done + 8 > LOOKALIKE_SIZE)
			break;
		if (like == NULL)
			size = utf8_put(out + done, c);
		else
			memcpy(out + done, like, size);
		done += size;
	}
	out[done] = '\0';
}
