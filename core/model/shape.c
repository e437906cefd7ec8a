/* shape.c - one codec for all structs of nouns.def. */
#include "core/model/shape.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"

static const void *
at(const void *object, size_t offset)
{
	return (const char *)object + offset;
}

static void *
at_mut(void *object, size_t offset)
{
	return (char *)object + offset;
}

static void
list_encode(const struct field *f, const void *object, struct buf *b)
{
	size_t n = *(const size_t *)at(object, f->count_offset);
	const char *items = *(void *const *)at(object, f->offset);

	if (n > SHAPE_LIST_MAX)
		fatal("list too long field=%s n=%zu", f->name, n);
	buf_put_u32(b, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		shape_encode(f->shape, items + i * f->shape->size, b);
}

void
shape_encode(const struct shape *s, const void *object, struct buf *b)
{
	size_t count;
	const struct field *fields = s->fields(&count);

	for (size_t i = 0; i < count; i++) {
		const struct field *f = &fields[i];
		const void *p = at(object, f->offset);

		switch (f->kind) {
		case FIELD_I64:
		case FIELD_TIME:
			buf_put_i64(b, *(const int64_t *)p);
			break;
		case FIELD_BOOL:
			buf_put_u8(b, *(const bool *)p);
			break;
		case FIELD_WORD:
			buf_put_u8(b, (uint8_t)*(const unsigned *)p);
			break;
		case FIELD_STR:
			buf_put_str(b, p);
			break;
		case FIELD_BYTES:
			buf_put(b, p, f->size);
			break;
		case FIELD_BLOB:
			buf_put_bytes(b, ((const struct blob *)p)->data,
			    ((const struct blob *)p)->size);
			break;
		case FIELD_LIST:
			list_encode(f, object, b);
			break;
		case FIELD_SUB:
			shape_encode(f->shape, p, b);
			break;
		}
	}
}

static void
bool_decode(bool *dst, struct reader *r)
{
	uint8_t v = reader_u8(r);

	if (v > 1)
		r->bad = true;
	*dst = v == 1;
}

static void
word_decode(const struct field *f, unsigned *dst, struct reader *r)
{
	uint8_t v = reader_u8(r);

	if (v >= f->words->count)
		r->bad = true;
	else
		*dst = v;
}

static void
bytes_decode(uint8_t *dst, size_t size, struct reader *r)
{
	for (size_t i = 0; i < size; i++)
		dst[i] = reader_u8(r);
}

static void
blob_decode(struct blob *dst, struct reader *r)
{
	size_t n;
	const uint8_t *p = reader_bytes(r, SHAPE_BLOB_MAX, &n);

	if (p != NULL)
		blob_set(dst, p, n);
}

static int fields_decode(const struct shape *s, void *object,
    struct reader *r);

/* Items are added one by one: a false count cannot make us allocate more
 * than the bytes that are there justify. */
static void
list_decode(const struct field *f, void *object, struct reader *r)
{
	uint32_t n = reader_u32(r);
	size_t *count = at_mut(object, f->count_offset);
	void **items = at_mut(object, f->offset);

	if (n > SHAPE_LIST_MAX)
		r->bad = true;
	for (uint32_t i = 0; i < n && !r->bad && r->left > 0; i++) {
		*items = list_grow(*items, count, f->shape->size);
		fields_decode(f->shape,
		    (char *)*items + i * f->shape->size, r);
	}
	if (*count != n)
		r->bad = true;
}

static int
fields_decode(const struct shape *s, void *object, struct reader *r)
{
	size_t count;
	const struct field *fields = s->fields(&count);

	for (size_t i = 0; i < count && !r->bad; i++) {
		const struct field *f = &fields[i];
		void *p = at_mut(object, f->offset);

		switch (f->kind) {
		case FIELD_I64:
		case FIELD_TIME:
			*(int64_t *)p = reader_i64(r);
			break;
		case FIELD_BOOL:
			bool_decode(p, r);
			break;
		case FIELD_WORD:
			word_decode(f, p, r);
			break;
		case FIELD_STR:
			reader_str(r, p, f->size);
			break;
		case FIELD_BYTES:
			bytes_decode(p, f->size, r);
			break;
		case FIELD_BLOB:
			blob_decode(p, r);
			break;
		case FIELD_LIST:
			list_decode(f, object, r);
			break;
		case FIELD_SUB:
			fields_decode(f->shape, p, r);
			break;
		}
	}
	return r->bad ? -1 : 0;
}

int
shape_decode(const struct shape *s, void *object, struct reader *r)
{
	if (fields_decode(s, object, r) == 0)
		return 0;
	shape_clear(s, object);
	return -1;
}

static void
fields_free(const struct shape *s, void *object, bool wipe)
{
	size_t count;
	const struct field *fields = s->fields(&count);

	for (size_t i = 0; i < count; i++) {
		const struct field *f = &fields[i];
		void *p = at_mut(object, f->offset);

		if (f->kind == FIELD_BLOB) {
			struct blob *b = p;

			if (wipe && b->size > 0)
				secret_wipe(b->data, b->size);
			blob_clear(b);
		} else if (f->kind == FIELD_SUB) {
			fields_free(f->shape, p, wipe);
		} else if (f->kind == FIELD_LIST) {
			char *items = *(void **)p;
			size_t n = *(size_t *)at_mut(object, f->count_offset);

			for (size_t k = 0; k < n; k++)
				fields_free(f->shape,
				    items + k * f->shape->size, wipe);
			if (wipe && n > 0)
				secret_wipe(items, n * f->shape->size);
			free(items);
		}
	}
}

void
shape_clear(const struct shape *s, void *object)
{
	fields_free(s, object, false);
	memset(object, 0, s->size);
}

void
shape_wipe(const struct shape *s, void *object)
{
	fields_free(s, object, true);
	secret_wipe(object, s->size);
}

void
shape_copy(const struct shape *s, void *dst, const void *src)
{
	struct buf b = { 0 };
	struct reader r;

	shape_encode(s, src, &b);
	reader_init(&r, b.data, b.size);
	if (shape_decode(s, dst, &r) < 0)
		fatal("struct %s cannot be copied", s->name);
	buf_clear(&b);
}

const struct field *
shape_field(const struct shape *s, const char *name)
{
	size_t count;
	const struct field *fields = s->fields(&count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

void *
list_grow(void *items, size_t *n, size_t item_size)
{
	if ((*n & (*n - 1)) == 0)	/* room is the next power of two */
		items = xrealloc_array(items, *n ? *n * 2 : 1, item_size);
	memset((char *)items + *n * item_size, 0, item_size);
	(*n)++;
	return items;
}
