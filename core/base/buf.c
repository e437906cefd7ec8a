/* buf.c - bytes out and bytes in, bounded. */
#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"

void
buf_clear(struct buf *b)
{
	secret_free(b->data, b->room);
	memset(b, 0, sizeof *b);
}

void
buf_reserve(struct buf *b, size_t more)
{
	size_t room = b->room ? b->room : 256;

	if (more > SIZE_MAX / 4 - b->size)
		fatal("buffer too large size=%zu more=%zu", b->size, more);
	while (room < b->size + more)
		room *= 2;
	if (room != b->room) {
		b->data = xrealloc_array(b->data, room, 1);
		b->room = room;
	}
}

void
buf_put(struct buf *b, const void *data, size_t size)
{
	if (size == 0)
		return;
	buf_reserve(b, size);
	memcpy(b->data + b->size, data, size);
	b->size += size;
}

void
buf_put_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

void
buf_put_u16(struct buf *b, uint16_t v)
{
	uint8_t p[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	buf_put(b, p, sizeof p);
}

void
buf_put_u32(struct buf *b, uint32_t v)
{
	uint8_t p[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };

	buf_put(b, p, sizeof p);
}

void
buf_put_i64(struct buf *b, int64_t v)
{
	buf_put_u32(b, (uint32_t)((uint64_t)v >> 32));
	buf_put_u32(b, (uint32_t)(uint64_t)v);
}

void
buf_put_bytes(struct buf *b, const void *data, size_t size)
{
	if (size > UINT32_MAX)
		fatal("field too large size=%zu", size);
	buf_put_u32(b, (uint32_t)size);
	buf_put(b, data, size);
}

void
buf_put_str(struct buf *b, const char *s)
{
	buf_put_bytes(b, s, strlen(s));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		fatal("bad format");
	buf_reserve(b, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf((char *)b->data + b->size, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->size += (size_t)n;
}

void
buf_consume(struct buf *b, size_t n)
{
	if (n > b->size)
		n = b->size;
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->size - n);
	b->size -= n;
}

void
reader_init(struct reader *r, const void *data, size_t size)
{
	r->at = data;
	r->left = size;
	r->bad = false;
}

static const uint8_t *
reader_take(struct reader *r, size_t n)
{
	const uint8_t *at = r->at;

	if (r->bad || r->left < n) {
		r->bad = true;
		return NULL;
	}
	r->at += n;
	r->left -= n;
	return at;
}

uint8_t
reader_u8(struct reader *r)
{
	const uint8_t *p = reader_take(r, 1);

	return p ? p[0] : 0;
}

uint16_t
reader_u16(struct reader *r)
{
	const uint8_t *p = reader_take(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

uint32_t
reader_u32(struct reader *r)
{
	const uint8_t *p = reader_take(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3] : 0;
}

int64_t
reader_i64(struct reader *r)
{
	uint64_t high = reader_u32(r);

	return (int64_t)(high << 32 | reader_u32(r));
}

const uint8_t *
reader_bytes(struct reader *r, size_t max, size_t *size)
{
	uint32_t n = reader_u32(r);

	*size = 0;
	if (n > max)
		r->bad = true;
	if (r->bad)
		return NULL;
	*size = n;
	return reader_take(r, n);
}

void
reader_str(struct reader *r, char *dst, size_t size)
{
	size_t n = 0;
	const uint8_t *p = reader_bytes(r, size - 1, &n);

	dst[0] = '\0';
	if (p == NULL)
		return;
	if (memchr(p, 0, n) != NULL) {
		r->bad = true;
		return;
	}
	memcpy(dst, p, n);
	dst[n] = '\0';
}

bool
reader_end(const struct reader *r)
{
	return !r->bad && r->left == 0;
}
