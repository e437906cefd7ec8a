/*
 * key_known.h - what the registrar knows about a key besides its numbers:
 * the operator's lists of weak ones, the authority's own, the SSH keys of the
 * account.
 */
#ifndef REGISTRAR_KEY_KNOWN_H
#define REGISTRAR_KEY_KNOWN_H

#include "core/registrar/registrar.h"

/* Read the lists of policy.weak_keys; before the jail is entered. */
int weak_keys_load(struct err *e);
/* For system_state: how many keys are on the lists. */
void weak_keys_facts(struct fact_list *list);

/* Is it a key of an issuer or of its root?  1, 0, or -1. */
int key_is_authority(const struct blob *spki, struct err *e);
/* Does it open the account?  1 with its fingerprint, 0, or -1. */
int key_is_ssh(const struct blob *spki, int64_t account,
    char fingerprint[64], struct err *e);

#endif
