/* kept.c - responses that were made a moment ago, given out again: to put an
 * answer and its headers together costs more than all the rest. */
#include "core/publisher/publisher.h"

#include <string.h>

#include "core/base/clock.h"

#define SETS 4096
#define WAYS 4
#define KEEP_SECONDS 30		/* max-age in it is wrong by so much at most */

struct kept {
	struct answer_key key;
	int64_t until;
	struct MHD_Response *response;	/* NULL: free */
};
static struct kept table[SETS][WAYS];
static unsigned turn;

static struct kept *
set_of(const struct answer_key *k)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < sizeof k->serial; i++)
		h = (h ^ k->serial[i]) * 0x100000001b3ull;
	return table[(h ^ h >> 29 ^ k->kind) % SETS];
}

static void
kept_drop(struct kept *k)
{
	if (k->response != NULL)
		MHD_destroy_response(k->response);
	k->response = NULL;
}

struct MHD_Response *
kept_find(const struct answer_key *key)
{
	struct kept *set = set_of(key);

	for (int i = 0; i < WAYS; i++)
		if (set[i].response != NULL &&
		    memcmp(&set[i].key, key, sizeof *key) == 0) {
			if (set[i].until > clock_mono_ms())
				return set[i].response;
			kept_drop(&set[i]);
			return NULL;
		}
	return NULL;
}

void
kept_put(const struct answer_key *key, struct MHD_Response *r)
{
	struct kept *set = set_of(key), *to = &set[turn++ % WAYS];

	for (int i = 0; i < WAYS; i++)
		if (set[i].response == NULL)
			to = &set[i];
	kept_drop(to);
	to->key = *key;
	to->until = clock_mono_ms() + KEEP_SECONDS * 1000;
	to->response = r;
}

void
kept_clear(void)
{
	for (size_t i = 0; i < SETS; i++)
		for (size_t k = 0; k < WAYS; k++)
			kept_drop(&table[i][k]);
}
