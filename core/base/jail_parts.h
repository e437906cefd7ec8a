/* jail_parts.h - the two halves of jail.c that know the kernel closely. */
#ifndef BASE_JAIL_PARTS_H
#define BASE_JAIL_PARTS_H

#include <stdbool.h>

#include "core/base/jail.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define JAIL_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define JAIL_SANITIZED 1
#endif
#ifndef JAIL_SANITIZED
#define JAIL_SANITIZED 0
#endif

/* jail_seccomp.c: compile a filter (kept for this process), load it. */
int jail_filter_build(enum jail_kind kind, struct err *e);
int jail_filter_load(enum jail_kind kind, struct err *e);

/* jail_landlock.c: 0 restricted, 1 the kernel has no Landlock, -1 with *e. */
int jail_landlock(enum jail_kind kind, const char *const *folders,
    struct err *e);

#endif
