/* json.c - the nouns as JSON; the shapes say how (share/doc/json.md). */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "console/command.h"
#include "core/base/text.h"

#define JSON_VERSION 1

static const void *
at(const void *object, size_t offset)
{
	return (const char *)object + offset;
}

/* A text as it is; one that is no UTF-8 with its false bytes as \xNN. */
static json_t *
text_value(const char *s)
{
	size_t room = strlen(s) * 10 + 1;
	json_t *v;
	char *safe;

	if (utf8_valid(s, strlen(s)) && (v = json_string(s)) != NULL)
		return v;
	safe = xmalloc(room);
	render_untrusted(safe, room, s, strlen(s));
	v = json_string(safe);
	free(safe);
	return v;
}

static json_t *
time_value(int64_t t)
{
	char text[TIME_RFC3339_SIZE];

	time_rfc3339(text, t);
	return text[0] ? json_string(text) : json_null();
}

static json_t *
bytes_value(const uint8_t *p, size_t size)
{
	char *hex = xmalloc(size * 2 + 1);
	json_t *v;

	hex_encode(hex, p, size);
	v = json_string(hex);
	free(hex);
	return v;
}

static bool
blob_is_text(const struct blob *b)
{
	for (size_t i = 0; i < b->size; i++)
		if ((b->data[i] < 0x20 && strchr("\t\n\r", b->data[i]) == NULL) ||
		    b->data[i] == 0 || b->data[i] == 0x7f)
			return false;
	return utf8_valid(b->data, b->size);
}

static json_t *
blob_value(const struct blob *b)
{
	json_t *v;
	char *coded;

	if (b->size == 0)		/* jansson has no string of NULL */
		return json_string("");
	if (blob_is_text(b))
		return json_stringn((const char *)b->data, b->size);
	coded = base64_encode(b->data, b->size);
	v = json_string(coded);
	free(coded);
	return v;
}

static void fields_put(json_t *to, const struct shape *s, const void *object);

static json_t *
list_value(const struct field *f, const void *object)
{
	size_t n = *(const size_t *)at(object, f->count_offset);
	const char *items = *(void *const *)at(object, f->offset);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *item = json_object();

		fields_put(item, f->shape, items + i * f->shape->size);
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *
field_value(const struct field *f, const void *object)
{
	const void *p = at(object, f->offset);
	json_t *inner;

	switch (f->kind) {
	case FIELD_I64:
		return json_integer(*(const int64_t *)p);
	case FIELD_TIME:
		return time_value(*(const int64_t *)p);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)p);
	case FIELD_WORD:
		return json_string(word_of(f->words, *(const unsigned *)p));
	case FIELD_STR:
		return text_value(p);
	case FIELD_BYTES:
		return bytes_value(p, f->size);
	case FIELD_BLOB:
		return blob_value(p);
	case FIELD_LIST:
		return list_value(f, object);
	case FIELD_SUB:
		inner = json_object();
		fields_put(inner, f->shape, p);
		return inner;
	}
	return json_null();
}

static void
fields_put(json_t *to, const struct shape *s, const void *object)
{
	size_t n;
	const struct field *fields = s->fields(&n);

	for (size_t i = 0; i < n; i++)
		json_object_set_new(to, fields[i].name,
		    field_value(&fields[i], object));
}

/* One line: ASCII alone, and DEL (which jansson lets through) escaped. */
static void
line_put(struct output *o, json_t *v)
{
	char *text = json_dumps(v, JSON_ENSURE_ASCII | JSON_COMPACT);
	const char *from = text, *del;

	if (text == NULL) {
		o->failed = true;
		json_decref(v);
		return;
	}
	while ((del = strchr(from, 0x7f)) != NULL) {
		out_bytes(o, from, (size_t)(del - from));
		out_bytes(o, "\\u007f", 6);
		from = del + 1;
	}
	out_bytes(o, from, strlen(from));
	out_bytes(o, "\n", 1);
	free(text);
	json_decref(v);
}

static json_t *
head(const char *command)
{
	json_t *v = json_object();

	json_object_set_new(v, "v", json_integer(JSON_VERSION));
	json_object_set_new(v, "command", text_value(command));
	return v;
}

void
json_answer(struct output *o, const char *command, const struct shape *shape,
    const void *object)
{
	json_t *v = head(command);

	if (shape == &none_shape)
		json_object_set_new(v, "done", json_true());
	else
		fields_put(v, shape, object);
	line_put(o, v);
}

void
json_error(struct output *o, const char *command, const struct err *e)
{
	json_t *v = head(command), *why = json_object();

	json_object_set_new(why, "kind", json_string(err_kind_word(e->kind)));
	json_object_set_new(why, "clause", text_value(e->clause));
	json_object_set_new(why, "text", text_value(e->text));
	json_object_set_new(v, "error", why);
	line_put(o, v);
}
