/* text_fuzz.c - foreign text made harmless, and the small conversions. */
#include "fuzz.h"

#include "core/base/err.h"
#include "core/x509/idna.h"

static void
render_claim(const uint8_t *data, size_t size, size_t room)
{
	char *dst = malloc(room), *lines = malloc(room);
	size_t n = render_untrusted(dst, room, data, size);

	CLAIM(n < room && strlen(dst) == n);
	CLAIM(is_showable(dst));
	for (const uint8_t *p = (uint8_t *)dst; *p != '\0'; ) {
		uint32_t c;

		p += utf8_decode(p, strlen((const char *)p), &c);
		CLAIM(!char_is_hidden(c));
	}
	n = render_untrusted_lines(lines, room, data, size);
	CLAIM(n < room && strlen(lines) == n);
	for (char *p = lines; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	CLAIM(is_showable(lines));
	free(dst);
	free(lines);
}

static void
round_trips_claim(const uint8_t *data, size_t size)
{
	char *hex = malloc(2 * size + 1), *base64 = base64_encode(data, size);
	uint8_t *back = malloc(size + 1);

	hex_encode(hex, data, size);
	CLAIM(hex_decode(back, size, hex) == (int)size);
	CLAIM(memcmp(back, data, size) == 0);
	CLAIM(base64_decode(back, size, base64, strlen(base64)) == (int)size);
	CLAIM(memcmp(back, data, size) == 0);
	free(hex);
	free(base64);
	free(back);
}

/* Only canonical forms are taken in. */
static void
decode_claim(const uint8_t *data, size_t size)
{
	char *s = text_of(data, size), *again;
	uint8_t *back = malloc(size + 1);
	int64_t v = 0;
	int n = base64_decode(back, size + 1, (const char *)data, size);

	if (n >= 0) {
		again = base64_encode(back, (size_t)n);
		CLAIM(strlen(again) == size && memcmp(again, data, size) == 0);
		free(again);
	}
	n = hex_decode(back, size + 1, s);
	CLAIM(n < 0 || (size_t)n == strlen(s) / 2);
	if (number_parse(s, 1000000, &v))
		CLAIM(v >= 0 && v <= 1000000);
	if (time_parse(s, &v) == 0) {
		char text[TIME_TEXT_SIZE];

		time_text(text, v);
		CLAIM(is_showable(text));
	}
	free(s);
	free(back);
}

static void
error_claim(const uint8_t *data, size_t size)
{
	char text[600];
	struct err e = { 0 };

	render_untrusted(text, sizeof text, data, size);
	err_set(&e, ERR_REFUSED, "x", "%s, %s", text, text);
	CLAIM(is_showable(e.text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t room = byte_take(&data, &size);

	if (size == 0)
		return 0;
	render_claim(data, size, (size_t)room + 1);
	render_claim(data, size, size * 10 + 1);
	round_trips_claim(data, size);
	decode_claim(data, size);
	error_claim(data, size);
	return 0;
}
