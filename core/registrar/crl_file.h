/* crl_file.h - a CRL written beside the published one, DER and PEM together,
 * piece by piece. */
#ifndef REGISTRAR_CRL_FILE_H
#define REGISTRAR_CRL_FILE_H

#include "core/registrar/registrar.h"

struct crl_file;

struct crl_file *crl_file_new(const char *issuer, struct err *e);
int crl_file_put(struct crl_file *f, const void *data, size_t size,
    struct err *e);
/* Durable, then both in place of the old ones. */
int crl_file_finish(struct crl_file *f, struct err *e);
/* Also drops what is not finished. */
void crl_file_free(struct crl_file *f);

#endif
