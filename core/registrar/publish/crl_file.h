/* crl_file.h - a CRL written beside the published one, DER and PEM together,
 * piece by piece. */
#ifndef REGISTRAR_CRL_FILE_H
#define REGISTRAR_CRL_FILE_H

#include <sys/types.h>

#include "core/registrar/registrar.h"

struct crl_file;

/* published/crl/STEM, or with a number above 0 db/ahead/STEM.NUMBER. */
struct crl_file *crl_file_new(const char *stem, int64_t number,
    struct err *e);
void crl_ahead_path(char dst[CONF_PATH_SIZE], const char *stem,
    int64_t number, const char *suffix);
int crl_file_put(struct crl_file *f, const void *data, size_t size,
    struct err *e);
/* The same from a file, as much of [offset, offset + size) as goes in one
 * piece; 0: it is to be read and put instead; -1. */
ssize_t crl_file_copy(struct crl_file *f, int from, int64_t offset,
    size_t size, struct err *e);
/* Durable, then both in place of the old ones. */
int crl_file_finish(struct crl_file *f, struct err *e);
/* Also drops what is not finished. */
void crl_file_free(struct crl_file *f);

#endif
