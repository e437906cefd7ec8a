/*
 * notice_text.h - the words of letters: what stands in the row until a letter
 * leaves is the values of its blanks alone, a quarter of the text.
 */
#ifndef REGISTRAR_NOTICE_TEXT_H
#define REGISTRAR_NOTICE_TEXT_H

#include "core/base/buf.h"
#include "core/registrar/registrar.h"

/* The subject, one rendered line. */
int letter_subject(const char *kind, const struct blank *blanks, size_t n,
    char subject[256], struct err *e);
/* The values, appended to out, for the column `blanks`. */
int letter_pack(struct buf *out, const char *kind, const struct blank *blanks,
    size_t n, struct err *e);
/* What the letter says, made of them by the template as it is now. */
int letter_body(const char *kind, const uint8_t *packed, size_t size,
    struct blob *out, struct err *e);

#endif
