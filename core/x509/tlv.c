/* tlv.c - DER values of any tag, nested writing, object identifiers. */
#include "core/x509/tlv.h"

#include <stdio.h>
#include <string.h>


bool
tlv_take(struct der *d, struct tlv *out)
{
	const uint8_t *start = d->at;

	if (d->left == 0 || (d->at[0] & 0x1f) == 0x1f)
		return false;
	out->tag = d->at[0];
	if (!der_take(d, out->tag, &out->content))
		return false;
	out->whole.at = start;
	out->whole.left = (size_t)(d->at - start);
	return true;
}

bool
tlv_take_tag(struct der *d, uint8_t tag, struct tlv *out)
{
	return der_next_is(d, tag) && tlv_take(d, out);
}

size_t
tlv_open(struct buf *b, uint8_t tag)
{
	buf_put_u8(b, tag);
	buf_put_u8(b, 0);
	return b->size;
}

void
tlv_close(struct buf *b, size_t mark)
{
	size_t content = b->size - mark, more = der_head_size(content) - 2;

	if (more > 0) {
		buf_reserve(b, more);
		memmove(b->data + mark + more, b->data + mark, content);
		b->size += more;
		for (size_t i = 0; i < more; i++)
			b->data[mark + i] =
			    (uint8_t)(content >> 8 * (more - 1 - i));
		b->data[mark - 1] = (uint8_t)(0x80 | more);
	} else {
		b->data[mark - 1] = (uint8_t)content;
	}
}

bool
der_is(const struct der *d, const void *bytes, size_t size)
{
	return d->left == size && (size == 0 ||
	    memcmp(d->at, bytes, size) == 0);
}

bool
oid_is(const struct der *d, const struct oid *oid)
{
	return der_is(d, oid->bytes, oid->size);
}

void
oid_put(struct buf *b, const struct oid *oid)
{
	der_put(b, DER_OID, oid->bytes, oid->size);
}

static size_t
oid_number(uint64_t v, uint8_t *out, size_t size)
{
	size_t n = 1;

	for (uint64_t rest = v >> 7; rest > 0; rest >>= 7)
		n++;
	if (n > size)
		return 0;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)((v >> 7 * (n - 1 - i) & 0x7f) |
		    (i + 1 < n ? 0x80 : 0));
	return n;
}

size_t
oid_parse(const char *text, uint8_t *out, size_t size)
{
	uint64_t first = 0;
	size_t done = 0, n;

	for (int arc = 0; ; arc++) {
		uint64_t v = 0;

		if (*text < '0' || *text > '9')
			return 0;
		while (*text >= '0' && *text <= '9' && v < UINT32_MAX)
			v = v * 10 + (uint64_t)(*text++ - '0');
		if (arc == 0 && v > 2)
			return 0;
		if (arc == 1 && first < 2 && v > 39)
			return 0;
		if (arc == 0) {
			first = v;
		} else {
			n = oid_number(arc == 1 ? first * 40 + v : v,
			    out + done, size - done);
			if (n == 0)
				return 0;
			done += n;
		}
		if (*text == '\0')
			return arc >= 1 ? done : 0;
		if (*text++ != '.')
			return 0;
	}
}

bool
oid_valid(const struct der *d)
{
	bool start = true;

	if (d->left == 0 || d->left > 64 || (d->at[d->left - 1] & 0x80) != 0)
		return false;
	for (size_t i = 0; i < d->left; i++) {
		if (start && d->at[i] == 0x80)
			return false;
		start = (d->at[i] & 0x80) == 0;
	}
	return true;
}

void
oid_text(const struct der *d, char *out, size_t size)
{
	size_t done = 0;
	uint64_t v = 0;
	bool first = true;

	snprintf(out, size, "?");
	if (!oid_valid(d))
		return;
	for (size_t i = 0; i < d->left; i++) {
		int n;

		if (v >> 56 != 0) {
			snprintf(out, size, "?");
			return;
		}
		v = v << 7 | (d->at[i] & 0x7f);
		if ((d->at[i] & 0x80) != 0)
			continue;
		if (first) {
			unsigned arc = v < 40 ? 0 : v < 80 ? 1 : 2;

			n = snprintf(out, size, "%u.%llu", arc,
			    (unsigned long long)(v - 40 * arc));
		} else {
			n = snprintf(out + done, size - done, ".%llu",
			    (unsigned long long)v);
		}
		if (n < 0 || (size_t)n >= size - done) {
			snprintf(out, size, "?");
			return;
		}
		done += (size_t)n;
		first = false;
		v = 0;
	}
}

#define OID(name, ...) \
	const struct oid name = { \
		sizeof (uint8_t[]){ __VA_ARGS__ }, { __VA_ARGS__ } }

OID(oid_cn, 0x55, 4, 3);
OID(oid_serial_number, 0x55, 4, 5);
OID(oid_rsa, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1);
OID(oid_sha256_rsa, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11);
OID(oid_sha384_rsa, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12);
OID(oid_sha512_rsa, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13);
OID(oid_ec, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1);
OID(oid_p256, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7);
OID(oid_p384, 0x2b, 0x81, 4, 0, 34);
OID(oid_ecdsa_sha256, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2);
OID(oid_ecdsa_sha384, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3);
OID(oid_ecdsa_sha512, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4);
OID(oid_extension_request, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14);
OID(oid_ms_extensions, 0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 1, 14);
OID(oid_ski, 0x55, 0x1d, 14);
OID(oid_key_usage, 0x55, 0x1d, 15);
OID(oid_san, 0x55, 0x1d, 17);
OID(oid_basic, 0x55, 0x1d, 19);
OID(oid_cdp, 0x55, 0x1d, 31);
OID(oid_policies, 0x55, 0x1d, 32);
OID(oid_aki, 0x55, 0x1d, 35);
OID(oid_eku, 0x55, 0x1d, 37);
OID(oid_any_eku, 0x55, 0x1d, 37, 0);
OID(oid_aia, 0x2b, 6, 1, 5, 5, 7, 1, 1);
OID(oid_cps, 0x2b, 6, 1, 5, 5, 7, 2, 1);
OID(oid_server_auth, 0x2b, 6, 1, 5, 5, 7, 3, 1);
OID(oid_client_auth, 0x2b, 6, 1, 5, 5, 7, 3, 2);
OID(oid_xmpp_addr, 0x2b, 6, 1, 5, 5, 7, 8, 5);
OID(oid_srv_name, 0x2b, 6, 1, 5, 5, 7, 8, 7);
OID(oid_ad_ocsp, 0x2b, 6, 1, 5, 5, 7, 0x30, 1);
OID(oid_ad_issuers, 0x2b, 6, 1, 5, 5, 7, 0x30, 2);
