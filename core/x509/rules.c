/* rules.c - rules.def as two tables. */
#include "core/x509/rules.h"

static const struct {
	const char *id, *meaning;
} rules[] = {
#define RULE(enumerator, id, meaning) { id, meaning },
#include "core/x509/rules.def"
#undef RULE
};

const char *
rule_id(enum rule rule)
{
	return rule < RULE_COUNT ? rules[rule].id : "?";
}

const char *
rule_meaning(enum rule rule)
{
	return rule < RULE_COUNT ? rules[rule].meaning : "?";
}
