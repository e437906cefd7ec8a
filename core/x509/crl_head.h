/* crl_head.h - the two dates of a CRL, from its first bytes alone. */
#ifndef X509_CRL_HEAD_H
#define X509_CRL_HEAD_H

#include <stddef.h>
#include <stdint.h>

#define CRL_HEAD_MAX 4096	/* bytes that are enough for any of ours */

/*
 * Read thisUpdate and nextUpdate of a CRL of `whole` bytes of which the first
 * `size` are here; -1 when they are no CRL's, when its own length is another,
 * or when it has no nextUpdate.
 */
int crl_head_read(const uint8_t *der, size_t size, size_t whole,
    int64_t *this_update, int64_t *next_update);

#endif
