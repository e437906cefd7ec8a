/*
 * der.h - writing and reading the few kinds of DER that CRLs and OCSP are
 * made of, as bytes: lengths are sums, so a writer counts first and then
 * writes; a reader is a window that only gets smaller.
 */
#ifndef X509_DER_H
#define X509_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTETS = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_SEQUENCE = 0x30,
	DER_UTC_TIME = 0x17,
	DER_GENERAL_TIME = 0x18,
	DER_CONTEXT = 0xa0,		/* constructed, + number */
};

/* Bytes of the tag and length before `content` bytes; and with them. */
size_t der_head_size(size_t content);
size_t der_size(size_t content);

/* Append tag and length; and with the content behind them. */
void der_put_head(struct buf *b, uint8_t tag, size_t content);
void der_put(struct buf *b, uint8_t tag, const void *content, size_t size);
/* INTEGER of a number >= 0; its whole size is der_number_size(). */
void der_put_number(struct buf *b, uint64_t v);
size_t der_number_size(uint64_t v);
/* RFC 5280 4.1.2.5: UTCTime to 2049, then GeneralizedTime. */
void der_put_time(struct buf *b, int64_t t);
size_t der_time_size(int64_t t);
/* GeneralizedTime always (17 bytes), as OCSP wants it. */
#define DER_GENERAL_TIME_SIZE 17
void der_put_general_time(struct buf *b, int64_t t);

struct der {
	const uint8_t *at;
	size_t left;
};

/*
 * Take the next value when it has this tag: *content is its inside, and d
 * moves behind it.  False (d unchanged) for another tag, an indefinite or
 * needlessly long length, or one that does not fit.
 */
bool der_take(struct der *d, uint8_t tag, struct der *content);
/* Is the next tag this one? */
bool der_next_is(const struct der *d, uint8_t tag);

#endif
