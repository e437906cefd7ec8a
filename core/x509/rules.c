/* rules.c - the ids of rules.def as a table. */
#include "core/x509/rules.h"

static const char *const ids[] = {
#define RULE(enumerator, id, meaning) id,
#include "core/x509/rules.def"
#undef RULE
};

const char *
rule_id(enum rule rule)
{
	return rule < RULE_COUNT ? ids[rule] : "?";
}
