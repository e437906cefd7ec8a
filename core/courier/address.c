/* address.c - which addresses a stranger's DNS may send us to. */
#include "core/courier/outside.h"

#include <netinet/in.h>
#include <string.h>

static const struct {
	uint8_t bytes[4];
	int bits;
} closed4[] = {
	{ { 0 }, 8 }, { { 10 }, 8 }, { { 100, 64 }, 10 }, { { 127 }, 8 },
	{ { 169, 254 }, 16 }, { { 172, 16 }, 12 }, { { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 }, { { 192, 88, 99 }, 24 },
	{ { 192, 168 }, 16 }, { { 198, 18 }, 15 }, { { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 }, { { 224 }, 4 }, { { 240 }, 4 },
};

/* Within 2000::/3, outside of which nothing is public. */
static const struct {
	uint8_t bytes[4];
	int bits;
} closed6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },		/* IETF's, with Teredo */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },	/* documentation */
	{ { 0x20, 0x02 }, 16 },			/* 6to4: an IPv4 address inside */
	{ { 0x3f, 0xff }, 20 },			/* documentation */
};

static bool
is_within(const uint8_t *a, const uint8_t *net, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	if (memcmp(a, net, (size_t)whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ net[whole]) >> (8 - rest) == 0;
}

static bool
is_public4(const uint8_t *a)
{
	for (size_t i = 0; i < sizeof closed4 / sizeof closed4[0]; i++)
		if (is_within(a, closed4[i].bytes, closed4[i].bits))
			return false;
	return true;
}

static bool
is_public6(const uint8_t *a)
{
	if (a[0] >> 5 != 1)
		return false;
	for (size_t i = 0; i < sizeof closed6 / sizeof closed6[0]; i++)
		if (is_within(a, closed6[i].bytes, closed6[i].bits))
			return false;
	return true;
}

bool
address_is_public(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, a, sizeof in);
		return is_public4((const uint8_t *)&in.sin_addr);
	}
	if (a->sa_family == AF_INET6) {
		struct sockaddr_in6 in;

		memcpy(&in, a, sizeof in);
		return is_public6((const uint8_t *)&in.sin6_addr);
	}
	return false;
}
