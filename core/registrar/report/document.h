/* document.h - the documents that rule what is done here (G6, J7.2). */
#ifndef REGISTRAR_DOCUMENT_H
#define REGISTRAR_DOCUMENT_H

#include "core/registrar/registrar.h"

/* SHA-256, in hex, over those that rule now: it stands in the entry of each
 * issuance, and `documents` shows it. */
const char *documents_set(void);

/* One that was kept, with its text; without a version the one that rules.
 * 1 it is there, 0 not, -1; ERR_BROKEN when its file is gone or changed. */
int document_kept(enum document_kind kind, const char *version,
    struct document_text *r, struct err *e);
/* ---- document_live.c ---- */
/* Adds what the configuration has in force, and who said yes to it. */
int documents_live(struct seat *s, struct document_page *r, struct err *e);

#endif
