/*
 * policy.h - the policy in force: the [policy] values, cut down by the
 * limits of an upstream, and the names that need two approvals.  It changes as
 * a whole, between two bursts, or not at all.
 */
#ifndef REGISTRAR_POLICY_H
#define REGISTRAR_POLICY_H

#include "core/registrar/registrar.h"

/* Read the files named by the configuration; before the jail is entered. */
int policy_load(struct err *e);
/* The burst in which serve_operator_policy() was asked has ended: what it read
 * comes into force, or is forgotten when the commit failed. */
void policy_settle(bool committed);
/* reload.c: as a messenger, hand the files' policy to the running registrar;
 * an exit status. */
int policy_send(void);
/* In the running transaction: an audit entry when the policy in force is not
 * the one that was noted last. */
int policy_note(struct err *e);
/* The policy in force when the signer signed: its hash begins so; "" is the one
 * in force now.  Of one that no entry names (any more) only that is known. */
struct policy_name {
	char version[64];
	char hash[65];
};
int policy_of_hash(const char *begin, struct policy_name *out, struct err *e);
/* For system_state: version, hash, and each value that a limit changed. */
void policy_facts(struct fact_list *list);

/* Does this domain, or one above it, need two approvals? */
bool policy_is_high_value(const char *domain);
/* Is there a high-value name of this skeleton (core/x509/lookalike.h), that
 * is not this one? */
bool policy_looks_high_value(const char *domain, const char *skeleton,
    char other[254]);
/* ERR_UNAVAILABLE policy-limits when the limits leave nothing to issue. */
int policy_may_issue(struct err *e);

/* policy_limits.c: make each value of *c at least as strict as the text says;
 * one line for each that changed; why nothing can be issued at all, or "". */
struct limited {
	char lines[16][160];
	size_t n;
	char stop[200];
};
int policy_limit(struct conf *c, const struct blob *text, struct limited *out,
    struct err *e);

#endif
