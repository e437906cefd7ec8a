/* der.c - DER in small: heads, numbers and times out, windows in. */
#include "core/x509/der.h"

#include "core/base/log.h"

size_t
der_head_size(size_t content)
{
	size_t n = 2;

	if (content >= 0x80)
		for (size_t v = content; v > 0; v >>= 8)
			n++;
	return n;
}

size_t
der_size(size_t content)
{
	return der_head_size(content) + content;
}

void
der_put_head(struct buf *b, uint8_t tag, size_t content)
{
	uint8_t head[2 + sizeof(size_t)];
	size_t bytes = der_head_size(content) - 2;

	head[0] = tag;
	head[1] = bytes == 0 ? (uint8_t)content : (uint8_t)(0x80 | bytes);
	for (size_t i = 0; i < bytes; i++)
		head[2 + i] = (uint8_t)(content >> 8 * (bytes - 1 - i));
	buf_put(b, head, 2 + bytes);
}

void
der_put(struct buf *b, uint8_t tag, const void *content, size_t size)
{
	der_put_head(b, tag, size);
	buf_put(b, content, size);
}

static size_t
number_bytes(uint64_t v)
{
	size_t n = 1;

	while (n < 9 && (n < 8 ? v >> (8 * n - 1) : v >> 63) != 0)
		n++;
	return n;
}

size_t
der_number_size(uint64_t v)
{
	return 2 + number_bytes(v);
}

void
der_put_number(struct buf *b, uint64_t v)
{
	size_t n = number_bytes(v);

	der_put_head(b, DER_INTEGER, n);
	for (size_t i = n; i > 0; i--)
		buf_put_u8(b, i > 8 ? 0 : (uint8_t)(v >> 8 * (i - 1)));
}

static char *
two_digits(char *p, unsigned v)
{
	*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

/* YYYYMMDDHHMMSSZ in 15 bytes, by the calendar's own arithmetic (eras of 400
 * years that begin in March): a CRL has one for each entry. */
static void
time_digits(int64_t t, char out[15])
{
	int64_t day, second;
	unsigned era, doe, yoe, doy, mp, month, year;

	if (t < -62135596800 || t > 253402300799)
		fatal("time out of range unix=%lld", (long long)t);
	day = (t + 62167219200) / 86400 - 60;	/* since 0000-03-01 */
	second = (t + 62167219200) % 86400;
	era = (unsigned)(day / 146097);
	doe = (unsigned)(day % 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	month = mp < 10 ? mp + 3 : mp - 9;
	year = yoe + era * 400 + (month <= 2);
	out = two_digits(two_digits(out, year / 100), year % 100);
	out = two_digits(two_digits(out, month), doy - (153 * mp + 2) / 5 + 1);
	out = two_digits(out, (unsigned)(second / 3600));
	out = two_digits(out, (unsigned)(second / 60 % 60));
	out = two_digits(out, (unsigned)(second % 60));
	*out = 'Z';
}

static bool
time_is_utc(int64_t t)
{
	/* 1950-01-01 to 2049-12-31 23:59:59 */
	return t >= -631152000 && t < 2524608000;
}

size_t
der_time_size(int64_t t)
{
	return time_is_utc(t) ? 15 : DER_GENERAL_TIME_SIZE;
}

void
der_put_time(struct buf *b, int64_t t)
{
	char text[15];

	if (!time_is_utc(t)) {
		der_put_general_time(b, t);
		return;
	}
	time_digits(t, text);
	der_put(b, DER_UTC_TIME, text + 2, 13);
}

void
der_put_general_time(struct buf *b, int64_t t)
{
	char text[15];

	time_digits(t, text);
	der_put(b, DER_GENERAL_TIME, text, 15);
}

bool
der_next_is(const struct der *d, uint8_t tag)
{
	return d->left > 0 && d->at[0] == tag;
}

bool
der_take(struct der *d, uint8_t tag, struct der *content)
{
	size_t head = 2, size;

	if (!der_next_is(d, tag) || d->left < 2)
		return false;
	size = d->at[1];
	if (size >= 0x80) {
		size_t bytes = size & 0x7f;

		if (bytes == 0 || bytes > 4 || d->left < 2 + bytes ||
		    d->at[2] == 0)
			return false;
		for (size = 0; head < 2 + bytes; head++)
			size = size << 8 | d->at[head];
		if (size < 0x80)
			return false;
	}
	if (d->left - head < size)
		return false;
	content->at = d->at + head;
	content->left = size;
	d->at += head + size;
	d->left -= head + size;
	return true;
}
