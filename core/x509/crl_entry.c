/* crl_entry.c - one line of a CRL: written by whoever keeps the list, read
 * strictly by whoever signs it (RFC 5280 5.1.2.6, 5.3.1). */
#include "core/x509/crl.h"

#include <string.h>

#include "core/base/text.h"
#include "core/x509/der.h"

#define SERIAL_LONGEST 20
/* SEQUENCE { OID 2.5.29.21, OCTET STRING { ENUMERATED n } } in a SEQUENCE */
static const uint8_t reason_head[] = { 0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03,
	0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01 };
#define REASON_SIZE (sizeof reason_head + 1)

/* A serial as an INTEGER's content: positive, and as short as can be. */
static bool
serial_ok(const uint8_t *p, size_t n)
{
	return n >= 1 && n <= SERIAL_LONGEST && p[0] <= 0x7f &&
	    !(n > 1 && p[0] == 0 && p[1] < 0x80);
}

static bool
reason_ok(int reason)
{
	return reason != REASON_UNUSED_7 && reason != REASON_REMOVE &&
	    reason >= 0 && reason <= REASON_PRIVILEGE_WITHDRAWN;
}

int
crl_entry_put(struct buf *b, const struct status *st, struct err *e)
{
	uint8_t serial[SERIAL_LONGEST];
	int n = hex_decode(serial, sizeof serial, st->serial);
	size_t with_reason = st->reason == REASON_UNSPECIFIED ? 0 :
	    REASON_SIZE;

	if (n < 1 || !serial_ok(serial, (size_t)n))
		return err_set(e, ERR_BAD_INPUT, "crl-serial",
		    "\"%s\" is no serial (RFC 5280 4.1.2.2)", st->serial);
	if (st->revoked <= 0 || st->revoked > 253402300799)
		return err_set(e, ERR_BAD_INPUT, "crl-date",
		    "serial %s has no date of revocation", st->serial);
	if (!reason_ok((int)st->reason))
		return err_set(e, ERR_BAD_INPUT, "crl-reason",
		    "reason %d cannot stand in a full CRL (RFC 5280 5.3.1)",
		    st->reason);
	der_put_head(b, DER_SEQUENCE, der_size((size_t)n) +
	    der_time_size(st->revoked) + with_reason);
	der_put(b, DER_INTEGER, serial, (size_t)n);
	der_put_time(b, st->revoked);
	if (with_reason > 0) {
		buf_put(b, reason_head, sizeof reason_head);
		buf_put_u8(b, (uint8_t)st->reason);
	}
	return 0;
}

static bool
two_digits(const uint8_t *p, int from, int to)
{
	int v = (p[0] - '0') * 10 + (p[1] - '0');

	return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' &&
	    v >= from && v <= to;
}

/* MMDDHHMMSSZ */
static bool
moment_ok(const uint8_t *p)
{
	return two_digits(p, 1, 12) && two_digits(p + 2, 1, 31) &&
	    two_digits(p + 4, 0, 23) && two_digits(p + 6, 0, 59) &&
	    two_digits(p + 8, 0, 59) && p[10] == 'Z';
}

static bool
date_take(struct der *d)
{
	struct der t;

	if (der_take(d, DER_UTC_TIME, &t))
		return t.left == 13 && two_digits(t.at, 0, 99) &&
		    moment_ok(t.at + 2);
	return der_take(d, DER_GENERAL_TIME, &t) && t.left == 15 &&
	    two_digits(t.at, 20, 99) && two_digits(t.at + 2, 0, 99) &&
	    moment_ok(t.at + 4);
}

static bool
entry_take(struct der *d)
{
	struct der entry, serial;

	if (!der_take(d, DER_SEQUENCE, &entry) ||
	    !der_take(&entry, DER_INTEGER, &serial) ||
	    !serial_ok(serial.at, serial.left) || !date_take(&entry))
		return false;
	if (entry.left == 0)
		return true;
	return entry.left == REASON_SIZE &&
	    memcmp(entry.at, reason_head, sizeof reason_head) == 0 &&
	    entry.at[REASON_SIZE - 1] != REASON_UNSPECIFIED &&
	    reason_ok(entry.at[REASON_SIZE - 1]);
}

int
crl_entries_check(const uint8_t *der, size_t size, int64_t *n, struct err *e)
{
	struct der d = { der, size };

	*n = 0;
	while (d.left > 0) {
		if (!entry_take(&d))
			return err_set(e, ERR_BAD_INPUT, "crl-entry",
			    "entry %lld of this part is no CRL entry",
			    (long long)*n + 1);
		++*n;
	}
	return 0;
}
