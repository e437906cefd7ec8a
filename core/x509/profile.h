/*
 * profile.h - what kinds of certificates there are: one const struct in
 * profile_NAME.c and one row in profiles.def each.  There is no field for
 * CA:TRUE, for free extensions or for other key uses: what is dangerous
 * cannot be said.
 */
#ifndef X509_PROFILE_H
#define X509_PROFILE_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/x509/names.h"

struct profile {
	const char *name;
	const char *purpose;		/* issuer that signs it: "server", "person" */
	const char *meaning;		/* a sentence for help and screens */
	const char *warning;		/* shown before submission; NULL none */
	bool dns_name;			/* a dNSName per domain */
	bool srv_server, srv_client;	/* SRVNames per domain */
	bool xmpp_addr;			/* an XmppAddr per domain */
	bool person;			/* one bare JID as XmppAddr, and nothing else */
	bool server_auth, client_auth;	/* EKU */
	int longest_days;		/* compiled ceiling */
};

/* NULL when there is none of that name. */
const struct profile *profile_find(const char *name);
const struct profile *profile_at(size_t i);	/* in order; NULL at the end */

/* The SAN for these domains, in order: all names of the first domain, then
 * of the second, ...  Names are appended to a zero list (*names, *n). */
void profile_names(const struct profile *p, const struct domain_form *domains,
    size_t n_domains, struct name **names, size_t *n);

/* Would this set of names, CN and dates be a certificate of the profile?
 * The signer's own check (clause profile-*). */
int profile_check(const struct profile *p, const char *subject_cn,
    const struct name *names, size_t n_names, int64_t not_before,
    int64_t not_after, struct err *e);

/* CN rule: first domain (of a person: the JID) when it has at most 64 octets, else "" (the subject
 * is then serialNumber = the certificate's serial). */
void profile_subject_cn(const char *first_domain, char out[65]);

#endif
