/*
 * weak.h - keys whose private half is known to others: published ones
 * (published.def, compiled in, so that the signer has them too), and those of
 * the operator's lists (xmpp-ica.conf(5), policy.weak_keys).
 *
 * A list is a text file; '#' begins a comment.  A line is either
 *   20 hex digits: the end of SHA-1("Modulus=HEX\n"), HEX the modulus in upper
 *     case, as in openssl-blacklist's lists of the keys that Debian's broken
 *     generator made (CVE-2008-0166), or
 *   64 hex digits: SHA-256 of a SubjectPublicKeyInfo (DER),
 * and a word or more behind it is not read.
 */
#ifndef X509_WEAK_H
#define X509_WEAK_H

#include "core/x509/spki.h"

#define WEAK_LIST_MAX (64u << 20)	/* bytes of one file */

struct weak_count {
	size_t published;	/* compiled in */
	size_t keys;		/* of lists: SubjectPublicKeyInfo */
	size_t moduli;		/* of lists: Debian's */
};

/* Add the lines of a file to the lists; -1 with rule weak-list and the line
 * when one is malformed, and then nothing of the file counts. */
int weak_list_load(const char *path, struct err *e);
/* Forget what was loaded. */
void weak_list_clear(void);
void weak_count(struct weak_count *out);

/* Rule key-published, for the compiled-in ones. */
int weak_published_check(const struct spki *k, struct err *e);
/* Rules key-known and key-debian, for what was loaded. */
int weak_listed_check(const struct spki *k, struct err *e);

#endif
