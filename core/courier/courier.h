/*
 * courier.h - what the files of the courier share.
 *
 * The courier alone dials out.  It takes due letters from the registrar
 * (leased, so that a crash brings them back), delivers each by SMTP or into
 * the Maildir, and reports what became of it.
 */
#ifndef COURIER_COURIER_H
#define COURIER_COURIER_H

#include "core/base/conf.h"
#include "core/base/err.h"
#include "core/model/nouns.h"

/* ---- message.c ---- */

/* RFC 5322 message of a letter, appended; lines end in `eol` ("\n" in a
 * Maildir, "\r\n" on the wire).  Refuses addresses and subjects with control
 * characters, blanks or angle brackets: libcurl lets CR LF through (security.md
 * finding 1), so this check stands in front of it. */
int message_build(struct buf *b, const struct letter *l, const char *eol,
    struct err *e);

/* ---- maildir.c ---- */

/* Deliver into the Maildir (made when missing).  The file's name is the
 * letter's number, so a second delivery after a crash replaces the first. */
int maildir_deliver(const char *folder, const struct letter *l,
    struct err *e);

/* ---- smtp.c ---- */

/* Called with what became of each letter. */
typedef void (*delivered_fn)(void *user, const struct delivery *d);

/* Read the password file, set up libcurl; dies on nonsense. */
void smtp_init(const struct conf *c);
/* Deliver all, SMTP_PARALLEL connections at once, kept open for the next
 * batch; returns when each letter was reported. */
#define SMTP_PARALLEL 4
void smtp_deliver(const struct letter *letters, size_t n, delivered_fn done,
    void *user);
void smtp_close(void);

#endif
