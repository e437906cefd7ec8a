/* crc.c - CRC-32C with the processor's instruction where it has one. */
#include "core/base/crc.h"

#include <stdbool.h>
#include <string.h>

static uint32_t
crc_by_table(uint32_t crc, const uint8_t *p, size_t size)
{
	static uint32_t table[256];
	static bool ready;

	if (!ready) {
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = i;

			for (int k = 0; k < 8; k++)
				c = c & 1 ? c >> 1 ^ 0x82f63b78 : c >> 1;
			table[i] = c;
		}
		ready = true;
	}
	for (; size > 0; size--)
		crc = table[(crc ^ *p++) & 0xff] ^ crc >> 8;
	return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t
crc_by_cpu(uint32_t crc, const uint8_t *p, size_t size)
{
	uint64_t c = crc, word;

	for (; size >= 8; p += 8, size -= 8) {
		memcpy(&word, p, 8);
		c = __builtin_ia32_crc32di(c, word);
	}
	for (; size > 0; size--)
		c = __builtin_ia32_crc32qi((uint32_t)c, *p++);
	return (uint32_t)c;
}
#endif

uint32_t
crc32c(uint32_t crc, const void *data, size_t size)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		return ~crc_by_cpu(~crc, data, size);
#endif
	return ~crc_by_table(~crc, data, size);
}
