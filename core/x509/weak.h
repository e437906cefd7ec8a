/*
 * weak.h - keys whose private half is known to others: published ones
 * (published.def, compiled in, so that the signer has them too), and those of
 * the operator's lists (xmpp-ica.conf(5), policy.weak_keys).
 * A list is a text file as core/base/hash_list.h has it.
 */
#ifndef X509_WEAK_H
#define X509_WEAK_H

#include "core/x509/spki.h"

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
