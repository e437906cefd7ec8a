/* document_show.h - a ruling document in words. */
#ifndef CONSOLE_DOCUMENT_SHOW_H
#define CONSOLE_DOCUMENT_SHOW_H

#include "core/model/nouns.h"

/* "acknowledged by NAME", "accepted by 12, you among them", or "". */
void document_yes(char *dst, size_t size, const struct document *d);

#endif
