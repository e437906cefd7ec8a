/*
 * fuzz.h - what the fuzz targets share: a claim that aborts, the bound on what
 * one input may cost, and the test of a text that is to reach a screen.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/text.h"

#define FUZZ_CPU_MAX 5.0	/* seconds, sanitizers and all */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int fuzz_one(const uint8_t *data, size_t size);

#define CLAIM(fact) \
	do { \
		if (!(fact)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #fact); \
			abort(); \
		} \
	} while (0)

static inline double
fuzz_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* libFuzzer's own limit counts the clock, which says little beside other
 * work; this one counts what the input costs. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	double start = fuzz_cpu();
	int r = fuzz_one(data, size);

	CLAIM(fuzz_cpu() - start < FUZZ_CPU_MAX);
	return r;
}

#define LLVMFuzzerTestOneInput fuzz_one

/* No control character (C0, DEL, C1), and UTF-8 all along. */
static inline bool
is_showable(const char *s)
{
	size_t left = strlen(s), n;
	uint32_t c;

	for (; left > 0; s += n, left -= n) {
		n = utf8_decode((const uint8_t *)s, left, &c);
		if (n == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
			return false;
	}
	return true;
}

/* The next byte of the input, 0 at its end. */
static inline uint8_t
byte_take(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	--*size;
	return *(*data)++;
}

/* A copy with a NUL behind it; the caller frees. */
static inline char *
text_of(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	CLAIM(s != NULL);
	if (size > 0)
		memcpy(s, data, size);
	s[size] = '\0';
	return s;
}

#endif
