/* crl_head.c - the beginning of a CRL: how long it is, and its dates. */
#include "core/x509/crl_head.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "core/x509/der.h"

/* Into a SEQUENCE whose content may reach beyond what is here; its length. */
static bool
enter(struct der *d, size_t *length)
{
	size_t n, bytes;

	if (d->left < 2 || d->at[0] != DER_SEQUENCE)
		return false;
	n = d->at[1];
	bytes = n < 0x80 ? 0 : n & 0x7f;
	if (n == 0x80 || bytes > 4 || d->left < 2 + bytes)
		return false;
	if (bytes > 0)
		n = 0;
	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | d->at[2 + i];
	d->at += 2 + bytes;
	d->left -= 2 + bytes;
	*length = n;
	return true;
}

static int
pair(const uint8_t *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* MMDDHHMMSSZ behind the year; -1. */
static int64_t
time_of(int year, const uint8_t *p)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = pair(p) - 1,
		.tm_mday = pair(p + 2), .tm_hour = pair(p + 4),
		.tm_min = pair(p + 6), .tm_sec = pair(p + 8) };

	if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour < 0 || tm.tm_hour > 23 ||
	    tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 ||
	    tm.tm_sec > 59 || p[10] != 'Z')
		return -1;
	return (int64_t)timegm(&tm);
}

static bool
date_take(struct der *d, int64_t *at)
{
	struct der t;
	int high, low;

	if (der_take(d, DER_UTC_TIME, &t)) {
		low = t.left == 13 ? pair(t.at) : -1;
		if (low < 0)
			return false;
		*at = time_of(low < 50 ? 2000 + low : 1900 + low, t.at + 2);
	} else if (der_take(d, DER_GENERAL_TIME, &t)) {
		high = t.left == 15 ? pair(t.at) : -1;
		low = t.left == 15 ? pair(t.at + 2) : -1;
		if (high < 0 || low < 0)
			return false;
		*at = time_of(high * 100 + low, t.at + 4);
	} else {
		return false;
	}
	return *at >= 0;
}

int
crl_head_read(const uint8_t *der, size_t size, size_t whole,
    int64_t *this_update, int64_t *next_update)
{
	struct der d = { der, size }, skipped;
	size_t length;

	if (size > whole || !enter(&d, &length) ||
	    (size_t)(d.at - der) + length != whole || !enter(&d, &length) ||
	    (size_t)(d.at - der) + length > whole)
		return -1;
	if (der_next_is(&d, DER_INTEGER) &&
	    !der_take(&d, DER_INTEGER, &skipped))
		return -1;
	if (!der_take(&d, DER_SEQUENCE, &skipped) ||	/* algorithm */
	    !der_take(&d, DER_SEQUENCE, &skipped) ||	/* issuer */
	    !date_take(&d, this_update) || !date_take(&d, next_update))
		return -1;
	return 0;
}
