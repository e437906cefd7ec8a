/*
 * nouns.c - the field tables of nouns.def.
 *
 * A row of nouns.def does not name its noun, so each table stands in a
 * function of its own, where `this` is a typedef for the noun's struct.
 */
#include "core/model/nouns.h"

_Static_assert(sizeof(enum role) == sizeof(unsigned),
    "shape.c reads a WORD field as an unsigned");

#define FIELD(f, k, ...) { .name = #f, .kind = (k), \
	.offset = offsetof(this, f), __VA_ARGS__ },

#define NOUN(noun) \
static const struct field * \
noun##_fields(size_t *count) \
{ \
	typedef struct noun this; \
	static const struct field fields[] = {
#define I64(f) FIELD(f, FIELD_I64, .size = 8)
#define TIME(f) FIELD(f, FIELD_TIME, .size = 8)
#define BOOL(f) FIELD(f, FIELD_BOOL, .size = sizeof(bool))
#define WORD(f, set) FIELD(f, FIELD_WORD, .words = &set##_words)
#define STR(f, n) FIELD(f, FIELD_STR, .size = (n))
#define BYTES(f, n) FIELD(f, FIELD_BYTES, .size = (n))
#define BLOB(f) FIELD(f, FIELD_BLOB, .size = sizeof(struct blob))
#define LIST(f, noun) FIELD(f, FIELD_LIST, .shape = &noun##_shape, \
	.count_offset = offsetof(this, n_##f))
#define SUB(f, noun) FIELD(f, FIELD_SUB, .shape = &noun##_shape)
#define END(noun) \
	}; \
	*count = sizeof fields / sizeof fields[0]; \
	return fields; \
} \
const struct shape noun##_shape = { #noun, sizeof(struct noun), noun##_fields };
#include "core/model/nouns.def"
