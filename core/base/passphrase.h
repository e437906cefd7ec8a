/*
 * passphrase.h - the passphrase of the CA keys on its way from a file, a
 * systemd credential or the terminal to the signer.  It lies in locked memory
 * that no core file holds, and is wiped at the end.
 */
#ifndef BASE_PASSPHRASE_H
#define BASE_PASSPHRASE_H

#include <stdbool.h>

#include "core/base/conf.h"

#define PASSPHRASE_CREDENTIAL "xmpp-ica-passphrase"
#define PASSPHRASE_SIZE 1024

/* From [signer] passphrase_file, else $CREDENTIALS_DIRECTORY, else the
 * terminal (asked twice when it is a new one). */
int passphrase_get(const struct conf *c, bool is_new, struct err *e);
/* A pipe that holds it and then ends: the reading descriptor, or -1. */
int passphrase_pipe(struct err *e);
void passphrase_forget(void);

#endif
