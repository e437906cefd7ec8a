/*
 * nouns.h - the structs of nouns.def, and `NAME_shape` for each.
 * What each noun and field means stands in nouns.def.
 */
#ifndef MODEL_NOUNS_H
#define MODEL_NOUNS_H

#include "core/model/shape.h"

#define NOUN(noun) struct noun {
#define I64(f) int64_t f;
#define TIME(f) int64_t f;
#define BOOL(f) bool f;
#define WORD(f, set) enum set f;
#define STR(f, size) char f[size];
#define BYTES(f, size) uint8_t f[size];
#define BLOB(f) struct blob f;
#define LIST(f, noun) struct noun *f; size_t n_##f;
#define SUB(f, noun) struct noun f;
#define END(noun) }; extern const struct shape noun##_shape;
#include "core/model/nouns.def"
#undef NOUN
#undef I64
#undef TIME
#undef BOOL
#undef WORD
#undef STR
#undef BYTES
#undef BLOB
#undef LIST
#undef SUB
#undef END

/* Free what a noun owns: NOUN_CLEAR(request, &r). */
#define NOUN_CLEAR(noun, object) shape_clear(&noun##_shape, (object))

#endif
