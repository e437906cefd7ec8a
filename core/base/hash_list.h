/*
 * hash_list.h - a text file of hashes of keys (xmpp-ica.conf(5),
 * policy.weak_keys).
 *
 * '#' begins a comment.  A line is either
 *   20 hex digits: the end of SHA-1("Modulus=HEX\n"), HEX the modulus in upper
 *     case, as in openssl-blacklist's lists of the keys that Debian's broken
 *     generator made (CVE-2008-0166), or
 *   64 hex digits: SHA-256 of a SubjectPublicKeyInfo (DER),
 * and a word or more behind it is not read.  A file that was cut short or
 * half written is refused as far as that can be seen: one without any hash,
 * with NULs, or that ends within a line.
 */
#ifndef BASE_HASH_LIST_H
#define BASE_HASH_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/conf.h"
#include "core/base/err.h"

#define HASH_LIST_MAX (64u << 20)	/* bytes of one file */
#define HASH_OF_MODULUS 10		/* octets */
#define HASH_OF_KEY 32

/* Each hash, in the order of the file; -1 with clause weak-list, which names
 * the line.  take may be NULL. */
int hash_list_read(const char *path, void (*take)(void *user,
    const uint8_t *hash, size_t size), void *user, struct err *e);
/* Of each list that policy.weak_keys names, its path; until one gives -1. */
int hash_lists_each(const struct conf *c, int (*each)(const char *path,
    struct err *e), struct err *e);
/* Are all of them whole?  For who hands a policy over: the lists themselves
 * are read when the registrar starts. */
int hash_lists_check(const struct conf *c, struct err *e);

#endif
