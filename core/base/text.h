/*
 * text.h - text from outside made harmless, and the small conversions that
 * everybody needs: hex, base64, base32, UTC times.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The one road of foreign text to any screen, stdout, log or mail.
 * Writes at most size - 1 bytes and a NUL to dst; returns the length.
 * Valid UTF-8 passes; C0, C1 and DEL become \xNN, invalid bytes \xNN; bidi
 * controls, zero-width, format, tag, variation-selector and private-use
 * characters become \u{N}; a run of more than two combining marks is escaped.
 * A backslash stays (the result is for reading, not for parsing back).
 */
size_t render_untrusted(char *dst, size_t size, const void *src, size_t len);

/* The same with line feeds kept, for mail bodies and notes of many lines. */
size_t render_untrusted_lines(char *dst, size_t size, const void *src,
    size_t len);

/* Decode one UTF-8 character: its length 1..4, or 0 when it is invalid. */
size_t utf8_decode(const uint8_t *s, size_t len, uint32_t *code_point);
/* The other way: 1..4 bytes to out, no NUL.  c is a code point. */
size_t utf8_put(char *out, uint32_t c);
bool utf8_valid(const void *s, size_t len);

/* Copy with an end always; false (and an empty dst) when it does not fit. */
bool str_copy(char *dst, size_t size, const char *src);

/* Lower-case hex; dst holds 2 * len + 1 bytes. */
void hex_encode(char *dst, const void *src, size_t len);
/* Number of bytes written, or -1 when it is no even hex or does not fit. */
int hex_decode(uint8_t *dst, size_t size, const char *hex);

/* Standard base64 with padding, no line ends; NUL-terminated, caller frees. */
char *base64_encode(const void *src, size_t len);
/* Strict: no white space, right padding.  Bytes written or -1. */
int base64_decode(uint8_t *dst, size_t size, const char *src, size_t len);

/* "2026-11-22 15:04:05Z" (21 bytes with NUL), or "-" for 0. */
#define TIME_TEXT_SIZE 21
void time_text(char dst[TIME_TEXT_SIZE], int64_t unix_seconds);
/* Parses YYYY-MM-DD, with optional T or space HH:MM[:SS][Z]; -1 if neither. */
int time_parse(const char *s, int64_t *unix_seconds);

/* Decimal without sign, at most max, nothing behind it; false otherwise. */
bool number_parse(const char *s, int64_t max, int64_t *out);

#endif
