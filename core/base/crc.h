/* crc.h - CRC-32C (Castagnoli): has a record on the disk been torn? */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Start with 0; feed the result of one piece into the next. */
uint32_t crc32c(uint32_t crc, const void *data, size_t size);

#endif
