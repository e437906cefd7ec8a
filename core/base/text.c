/* text.c - rendering foreign text harmlessly; hex, base64 and times. */
#include "core/base/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "core/base/mem.h"

struct range {
	uint32_t first, last;
};

/* Invisible or direction-changing characters (Unicode 15: Cf, Zl, Zp, Co and
 * variation selectors), which could make one text look like another. */
static const struct range hidden[] = {
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x0600, 0x0605 },
	{ 0x061c, 0x061c }, { 0x06dd, 0x06dd }, { 0x070f, 0x070f },
	{ 0x0890, 0x0891 }, { 0x08e2, 0x08e2 }, { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200f },
	{ 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x2800, 0x2800 },
	{ 0x3000, 0x3000 }, { 0x3164, 0x3164 }, { 0xd800, 0xdfff },
	{ 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff },
	{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	{ 0xf0000, 0x10ffff },
};

static const struct range combining[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x064b, 0x065f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
	{ 0x20d0, 0x20ff }, { 0x302a, 0x302f }, { 0xfe20, 0xfe2f },
};

static bool
in_ranges(const struct range *r, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= r[i].first && c <= r[i].last)
			return true;
	return false;
}

size_t
utf8_decode(const uint8_t *s, size_t len, uint32_t *code_point)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n;
	uint32_t c;

	if (len == 0)
		return 0;
	if (s[0] < 0x80) {
		*code_point = s[0];
		return 1;
	}
	if ((s[0] & 0xe0) == 0xc0)
		n = 2, c = s[0] & 0x1f;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3, c = s[0] & 0x0f;
	else if ((s[0] & 0xf8) == 0xf0)
		n = 4, c = s[0] & 0x07;
	else
		return 0;
	if (n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code_point = c;
	return n;
}

size_t
utf8_put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

bool
utf8_valid(const void *s, size_t len)
{
	const uint8_t *p = s;
	uint32_t c;
	size_t n;

	for (; len > 0; p += n, len -= n)
		if ((n = utf8_decode(p, len, &c)) == 0)
			return false;
	return true;
}

/* What stands for one character of src at p: its own bytes, or an escape. */
static size_t
render_one(char out[16], const uint8_t *p, size_t len, bool keep_lf,
    int *marks, size_t *used)
{
	uint32_t c = 0;
	size_t n = utf8_decode(p, len, &c);

	*used = n ? n : 1;
	if (n == 1 && c == '\n' && keep_lf) {
		*marks = 0;
		memcpy(out, "\n", 2);
		return 1;
	}
	if (n == 0 || c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
		return (size_t)snprintf(out, 16, "\\x%02x",
		    n == 0 ? p[0] : (unsigned)c);
	*marks = in_ranges(combining, sizeof combining / sizeof *combining, c)
	    ? *marks + 1 : 0;
	if (*marks > 2 ||
	    in_ranges(hidden, sizeof hidden / sizeof *hidden, c))
		return (size_t)snprintf(out, 16, "\\u{%x}", (unsigned)c);
	memcpy(out, p, n);
	out[n] = '\0';
	return n;
}

static size_t
render(char *dst, size_t size, const void *src, size_t len, bool keep_lf)
{
	const uint8_t *p = src;
	size_t done = 0, used, n;
	char one[16];
	int marks = 0;

	if (size == 0)
		return 0;
	while (len > 0) {
		if (*p >= 0x20 && *p < 0x7f) {	/* most of it */
			if (done + 1 >= size)
				break;
			dst[done++] = (char)*p++;
			len--;
			marks = 0;
			continue;
		}
		n = render_one(one, p, len, keep_lf, &marks, &used);
		if (done + n >= size)
			break;
		memcpy(dst + done, one, n);
		done += n;
		p += used;
		len -= used;
	}
	dst[done] = '\0';
	return done;
}

size_t
render_untrusted(char *dst, size_t size, const void *src, size_t len)
{
	return render(dst, size, src, len, false);
}

size_t
render_untrusted_lines(char *dst, size_t size, const void *src, size_t len)
{
	return render(dst, size, src, len, true);
}

bool
str_copy(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src);

	if (n >= size) {
		if (size > 0)
			dst[0] = '\0';
		return false;
	}
	memcpy(dst, src, n + 1);
	return true;
}

void
hex_encode(char *dst, const void *src, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = src;

	for (size_t i = 0; i < len; i++) {
		dst[2 * i] = digits[p[i] >> 4];
		dst[2 * i + 1] = digits[p[i] & 15];
	}
	dst[2 * len] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_decode(uint8_t *dst, size_t size, const char *hex)
{
	size_t n = strlen(hex);

	if (n % 2 != 0 || n / 2 > size)
		return -1;
	for (size_t i = 0; i < n / 2; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		dst[i] = (uint8_t)(high << 4 | low);
	}
	return (int)(n / 2);
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode(const void *src, size_t len)
{
	const uint8_t *p = src;
	char *out = xmalloc((len + 2) / 3 * 4 + 1), *o = out;

	for (; len > 0; p += 3) {
		uint32_t v = (uint32_t)p[0] << 16 |
		    (len > 1 ? (uint32_t)p[1] << 8 : 0) | (len > 2 ? p[2] : 0);

		*o++ = base64_digits[v >> 18];
		*o++ = base64_digits[v >> 12 & 63];
		*o++ = len > 1 ? base64_digits[v >> 6 & 63] : '=';
		*o++ = len > 2 ? base64_digits[v & 63] : '=';
		len -= len > 3 ? 3 : len;
	}
	*o = '\0';
	return out;
}

static int
base64_value(char c)
{
	const char *at = c ? strchr(base64_digits, c) : NULL;

	return at ? (int)(at - base64_digits) : -1;
}

int
base64_decode(uint8_t *dst, size_t size, const char *src, size_t len)
{
	size_t done = 0, pad = 0;

	if (len % 4 != 0 || len > (size_t)INT32_MAX)
		return -1;
	if (len > 0 && src[len - 1] == '=')
		pad = src[len - 2] == '=' ? 2 : 1;
	if (len / 4 * 3 - pad > size)
		return -1;
	for (size_t i = 0; i < len; i += 4) {
		size_t keep = i + 4 == len ? 4 - pad : 4;
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			int d = k < keep ? base64_value(src[i + k]) : 0;

			if (d < 0)
				return -1;
			v = v << 6 | (uint32_t)d;
		}
		if ((keep == 2 && (v & 0xffff)) || (keep == 3 && (v & 0xff)))
			return -1;	/* bits behind the end: not canonical */
		for (size_t k = 0; k + 1 < keep; k++)
			dst[done++] = (uint8_t)(v >> (16 - 8 * k));
	}
	return (int)done;
}

void
time_text(char dst[TIME_TEXT_SIZE], int64_t unix_seconds)
{
	time_t t = (time_t)unix_seconds;
	struct tm tm;

	if (unix_seconds == 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(dst, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%SZ", &tm) == 0)
		memcpy(dst, "-", 2);
}

int
time_parse(const char *s, int64_t *unix_seconds)
{
	struct tm tm = { 0 };
	const char *rest = strptime(s, "%Y-%m-%d", &tm);
	const char *clock;
	int month, day;

	if (rest == NULL || rest - s != 10)
		return -1;
	if (*rest == 'T' || *rest == ' ') {
		if ((clock = strptime(rest + 1, "%H:%M:%S", &tm)) == NULL &&
		    (clock = strptime(rest + 1, "%H:%M", &tm)) == NULL)
			return -1;
		rest = *clock == 'Z' ? clock + 1 : clock;
	}
	if (*rest != '\0')
		return -1;
	month = tm.tm_mon;
	day = tm.tm_mday;
	*unix_seconds = (int64_t)timegm(&tm);
	/* there is no 30th of February, and it is not the 2nd of March */
	return tm.tm_mon == month && tm.tm_mday == day ? 0 : -1;
}

bool
number_parse(const char *s, int64_t max, int64_t *out)
{
	int64_t v = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || v > max / 10 ||
		    v * 10 > max - (*s - '0'))
			return false;
		v = v * 10 + (*s - '0');
	}
	*out = v;
	return true;
}
