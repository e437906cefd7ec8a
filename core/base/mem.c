/* mem.c - allocation that does not fail, and wiping. */
#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"

void *
xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (p == NULL)
		fatal("out of memory size=%zu", size);
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (p == NULL)
		fatal("out of memory n=%zu size=%zu", n, size);
	return p;
}

void *
xrealloc_array(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n ? n : 1, size ? size : 1);

	if (p == NULL)
		fatal("out of memory n=%zu size=%zu", n, size);
	return p;
}

char *
xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xmalloc(n), s, n);
}

void
secret_wipe(void *p, size_t size)
{
	if (p != NULL)
		explicit_bzero(p, size);
}

void
secret_free(void *p, size_t size)
{
	secret_wipe(p, size);
	free(p);
}

void
blob_set(struct blob *b, const void *data, size_t size)
{
	uint8_t *copy = NULL;

	if (size > 0) {
		copy = xmalloc(size);
		memcpy(copy, data, size);
	}
	free(b->data);
	b->data = copy;
	b->size = size;
}

void
blob_clear(struct blob *b)
{
	free(b->data);
	b->data = NULL;
	b->size = 0;
}

int
bytes_equal_ct(const void *a, const void *b, size_t size)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t difference = 0;

	for (size_t i = 0; i < size; i++)
		difference |= x[i] ^ y[i];
	return difference == 0;
}
