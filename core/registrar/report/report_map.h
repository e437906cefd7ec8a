/* report_map.h - what a walk over the log remembers: two numbers by a name. */
#ifndef REGISTRAR_REPORT_MAP_H
#define REGISTRAR_REPORT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slot {
	uint64_t key;
	int64_t a, b;
	bool used;
};

struct map {
	struct slot *slots;
	size_t room, n;
};

/* Names are foreign text: their keys hang on a secret of this process, so that
 * nobody can choose two names with one key. */
uint64_t map_key(const char *kind, const char *name, size_t size);
uint64_t map_key_of(int64_t number);
/* NULL when there is none. */
struct slot *map_find(struct map *m, uint64_t key);
/* Made, with zeros, when there is none.  Good until the next is put. */
struct slot *map_put(struct map *m, uint64_t key);
void map_clear(struct map *m);

#endif
