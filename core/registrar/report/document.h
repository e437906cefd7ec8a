/* document.h - the documents that rule what is done here (G6, J7.2). */
#ifndef REGISTRAR_DOCUMENT_H
#define REGISTRAR_DOCUMENT_H

/* SHA-256, in hex, over those that rule now: it stands in the entry of each
 * issuance, and `documents` shows it. */
const char *documents_set(void);

#endif
