/*
 * buf.h - a growing byte buffer to write to, and a cursor to read from.
 *
 * All numbers are big-endian.  A reader that meets too few bytes, or a length
 * above its bound, becomes bad and stays so: read everything, then ask
 * reader_end() once.  Nothing read from a bad reader is to be used.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t size;		/* bytes in use */
	size_t room;		/* bytes allocated */
};

/* A buf starts as { 0 }; buf_clear() wipes and frees it. */
void buf_clear(struct buf *b);
void buf_reserve(struct buf *b, size_t more);
void buf_put(struct buf *b, const void *data, size_t size);
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u16(struct buf *b, uint16_t v);
void buf_put_u32(struct buf *b, uint32_t v);
void buf_put_i64(struct buf *b, int64_t v);
/* u32 length, then the bytes. */
void buf_put_bytes(struct buf *b, const void *data, size_t size);
void buf_put_str(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Drop the first n bytes, keep the rest. */
void buf_consume(struct buf *b, size_t n);

struct reader {
	const uint8_t *at;
	size_t left;
	bool bad;
};

/* Over borrowed bytes; what follows reads big-endian, 0 from a bad reader. */
void reader_init(struct reader *r, const void *data, size_t size);
uint8_t reader_u8(struct reader *r);
uint16_t reader_u16(struct reader *r);
uint32_t reader_u32(struct reader *r);
int64_t reader_i64(struct reader *r);
/* Borrowed bytes behind a u32 length of at most max; NULL when bad. */
const uint8_t *reader_bytes(struct reader *r, size_t max, size_t *size);
/* A string without NUL inside into dst[size]; bad when it does not fit. */
void reader_str(struct reader *r, char *dst, size_t size);
/* True when all was read, nothing is left and nothing was bad. */
bool reader_end(const struct reader *r);

#endif
