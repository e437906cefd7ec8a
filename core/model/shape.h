/*
 * shape.h - structs that know their own fields.
 *
 * nouns.def lists each struct once; from it come the C struct (nouns.h), its
 * codec for the wire, and its --json.  A struct without BLOB or LIST fields
 * is flat and copied by =.  One with them owns heap memory: shape_clear()
 * frees it (and leaves zeros).  Every struct starts as { 0 }.
 *
 * On the wire fields follow each other in order: I64, TIME 8 bytes; BOOL,
 * WORD 1; STR, BLOB a u32 length and bytes; BYTES as they are; LIST a u32
 * count and the items; SUB the fields of the inner struct.
 */
#ifndef MODEL_SHAPE_H
#define MODEL_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/model/words.h"

enum field_kind {
	FIELD_I64, FIELD_TIME, FIELD_BOOL, FIELD_WORD, FIELD_STR, FIELD_BYTES,
	FIELD_BLOB, FIELD_LIST, FIELD_SUB,
};

#define SHAPE_LIST_MAX 20000	/* items in one list */
#define SHAPE_BLOB_MAX (4u << 20)

struct shape;

struct field {
	const char *name;
	enum field_kind kind;
	size_t offset;
	size_t size;			/* STR: with the NUL; BYTES: length */
	size_t count_offset;		/* LIST: of size_t n_NAME */
	const struct words *words;	/* WORD */
	const struct shape *shape;	/* LIST, SUB */
};

struct shape {
	const char *name;
	size_t size;			/* of the struct */
	const struct field *(*fields)(size_t *count);
};

/* Append the wire form. */
void shape_encode(const struct shape *s, const void *object, struct buf *b);
/* Object must be zero.  0, or -1 with the object cleared again. */
int shape_decode(const struct shape *s, void *object, struct reader *r);
void shape_clear(const struct shape *s, void *object);
/* The same for what may hold secrets: no byte of it stays in memory. */
void shape_wipe(const struct shape *s, void *object);
/* Dst must be zero; afterwards it holds copies of everything. */
void shape_copy(const struct shape *s, void *dst, const void *src);
const struct field *shape_field(const struct shape *s, const char *name);

/* Append a zero item to a LIST field's array: `p = LIST_ADD(x, names)`. */
#define LIST_ADD(object, list) \
	((object)->list = list_grow((object)->list, &(object)->n_##list, \
	    sizeof *(object)->list), \
	 &(object)->list[(object)->n_##list - 1])
void *list_grow(void *items, size_t *n, size_t item_size);

#endif
