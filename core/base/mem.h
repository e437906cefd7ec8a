/*
 * mem.h - memory that is there or the process is not, and secrets that are
 * wiped.  Frames and fields are bounded, so running out means a fault of ours
 * or a machine in need: the process ends, the master starts it again.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that vary in number, owned by whoever holds the struct around them. */
struct blob {
	uint8_t *data;		/* NULL when size is 0 */
	size_t size;
};

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc_array(void *old, size_t n, size_t size);
char *xstrdup(const char *s);

/* Wipe without being optimised away, then free; NULL is fine. */
void secret_wipe(void *p, size_t size);
void secret_free(void *p, size_t size);

/* Make *b a copy of the bytes, freeing what it held. */
void blob_set(struct blob *b, const void *data, size_t size);
void blob_clear(struct blob *b);

/* True when both are equal; takes the same time wherever they differ. */
int bytes_equal_ct(const void *a, const void *b, size_t size);

#endif
