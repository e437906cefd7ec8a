/*
 * person.h - personal certificates (G5): the holder of a domain agrees by
 * giving a code for one address; whoever gives it with a request for that
 * address gets the certificate in an account of his own, resting on the
 * holder's proof.
 */
#ifndef REGISTRAR_PERSON_H
#define REGISTRAR_PERSON_H

#include "core/registrar/registrar.h"

#define PERSON_PROFILE "xmpp-person"

struct invited {
	int64_t number;		/* 0: no such code counts */
	int64_t account;	/* who gave it */
	char jid[1024];
};

/* Whose code is this?  Not found is no error. */
int invitation_find(const char *typed, struct invited *out, struct err *e);
/* A request came with it: it counts no more.  number 0: nothing. */
int invitation_use(int64_t number, int64_t request, struct err *e);

#endif
