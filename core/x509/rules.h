/*
 * rules.h - the ids of rules.def.  Code refuses by an enumerator, so that no
 * rule can be said that the manual (xmpp-ica-rules(7)) does not have.
 */
#ifndef X509_RULES_H
#define X509_RULES_H

#include <stddef.h>

#include "core/base/err.h"

enum rule {
#define RULE(enumerator, id, meaning) RULE_##enumerator,
#include "core/x509/rules.def"
#undef RULE
	RULE_COUNT
};

/* "name-empty", ...: a constant; "?" for RULE_COUNT.  What a rule means is the
 * row's sentence, which xmpp-ica-rules(7) says word for word. */
const char *rule_id(enum rule rule);

/* err_set() with the rule's id as clause; returns -1. */
#define rule_broken(e, rule, ...) \
	err_set((e), ERR_REFUSED, rule_id(rule), __VA_ARGS__)

#endif
