/*
 * words.h - enums whose values have one word each, made from words.def.
 * For a set `request_state` there is `enum request_state` and
 * `request_state_words`.
 */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H

#define WORDS(set) enum set {
#define W(enumerator, word) enumerator,
#define END(set) };
#include "core/model/words.def"
#undef WORDS
#undef W
#undef END

struct words {
	const char *set;
	const char *const *words;
	unsigned count;
};

#define WORDS(set) extern const struct words set##_words;
#define W(enumerator, word)
#define END(set)
#include "core/model/words.def"
#undef WORDS
#undef W
#undef END

/* The word of a value ("?" when out of range), and the value of a word (-1
 * when there is none). */
const char *word_of(const struct words *set, unsigned value);
int word_parse(const struct words *set, const char *word);

#endif
