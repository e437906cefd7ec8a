/*
 * contact.h - where letters for an account go: its own address, its confirmed
 * contacts, and, when all who answer for it are meant, the mailboxes that
 * proved its domains.
 */
#ifndef REGISTRAR_CONTACT_H
#define REGISTRAR_CONTACT_H

#include "core/registrar/registrar.h"

/* Addresses that a letter goes to, each once. */
struct addresses {
	char (*list)[320];
	size_t n;
};
void addresses_clear(struct addresses *a);
/* What is no address, or there already, is left out. */
void addresses_add(struct addresses *a, const char *address);
/* The account's own and its confirmed contacts. */
int addresses_of_account(struct addresses *a, int64_t account,
    struct err *e);
/* One letter to each; none is no error.  calendar: RFC 5545, or NULL. */
int addresses_tell(const struct addresses *a, const char *kind,
    int64_t account, const struct blank *blanks, size_t n,
    const char *calendar, struct err *e);
/* All three in one: to the account and its contacts, with `proofs` also to
 * the mailboxes. */
int account_tell(const char *kind, int64_t account, bool proofs,
    const struct blank *blanks, size_t n, struct err *e);

/* register.c: what counts as one mailbox: NAME+ANYTHING is NAME, no case. */
void address_bucket(char dst[255], const char *address);

/* reminder.c: does the account want letters of this kind ("issued",
 * "reminders")?  An engine that fails says yes. */
bool letter_wanted(int64_t account, const char *what);

#endif
