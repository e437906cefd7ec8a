/* words.c - the tables behind words.h. */
#include "core/model/words.h"

#include <stddef.h>
#include <string.h>

#define WORDS(set) static const char *const set##_list[] = {
#define W(enumerator, word) [enumerator] = word,
#define END(set) }; \
	const struct words set##_words = { #set, set##_list, \
	    sizeof set##_list / sizeof set##_list[0] };
#include "core/model/words.def"
#undef WORDS
#undef W
#undef END

const char *
word_of(const struct words *set, unsigned value)
{
	return value < set->count ? set->words[value] : "?";
}

int
word_parse(const struct words *set, const char *word)
{
	for (unsigned i = 0; i < set->count; i++)
		if (strcmp(set->words[i], word) == 0)
			return (int)i;
	return -1;
}
